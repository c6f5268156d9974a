import { Problem } from "../problems/problem.ts";

/** What a request asks for, in origin-form: nothing in it leads above where it begins. */
export interface RequestTarget {
  /** Begins with a slash; percent-encoded as it came. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly query: string;
}

/** What RFC 3986 allows in a path, and what browsers send though it does not. */
const PATH = /^\/(?:[!$&-;=@-[\]^_a-z|~"<>`{}']|%[0-9A-Fa-f]{2})*$/;
const QUERY = /^[\x21\x22\x24-\x7e]*$/;
/** A server behind this one may decode more than once; nobody has reason to encode so often. */
const MAX_DECODINGS = 4;

const refused = (detail: string): Problem => new Problem("invalid-request", detail);

function decodedOnce(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Whether a path as some server may read it has a part that leads upwards, or a character that ends it. */
function isTreacherous(path: string): boolean {
  const parts = path.split(/[/\\]/).map((part) => part.split(";", 1)[0]?.trim());
  return path.includes("\0") || parts.some((part) => part === "." || part === "..");
}

/**
 * Reads the target of a request. Paths with `.` or `..`, however they are encoded, are refused rather than resolved: two servers that resolve
 * them differently are how requests leave the place that they were let into.
 *
 * @param url The target as it stands in the request line.
 * @throws {Problem} `invalid-request`.
 */
export function parseTarget(url: string): RequestTarget {
  if (!url.startsWith("/")) throw refused("The request's target must be a path, not a URL, a host or an asterisk");
  const at = url.indexOf("?");
  const [path, query] = at === -1 ? [url, ""] : [url.slice(0, at), url.slice(at)];
  if (path.includes("\\")) throw refused("The request's path has a backslash");
  if (!PATH.test(path) || !QUERY.test(query)) throw refused("The request's target has characters that no URL has");
  checkDecodings(path);
  return { path, query };
}

/** Looks at a path as each server may read it that decodes it once more. */
function checkDecodings(path: string): void {
  let decoded = path;
  for (let decodings = 0; ; decodings++) {
    if (isTreacherous(decoded)) throw refused('The request\'s path has a part "." or "..", or a zero byte');
    const next = decodedOnce(decoded);
    if (next === decoded) return;
    if (decodings === MAX_DECODINGS) throw refused("The request's path is encoded too often");
    decoded = next;
  }
}
