import type { PageFile, PageFiles } from "./files.ts";
import { CACHE, PAGE_HEADERS } from "./headers.ts";

/** What is asked for. */
export interface PageRequest {
  readonly method: string;
  /** What follows the page's folder in the URL, as it was sent, without a query: "" for the page itself. */
  readonly path: string;
  /** The value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
}

/** What is answered. */
export interface PageAnswer {
  readonly status: 200 | 304 | 404 | 405;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const EMPTY = Buffer.alloc(0);

function refusal(status: 404 | 405, text: string, more: Readonly<Record<string, string>> = {}): PageAnswer {
  const body = Buffer.from(`${text}\n`);
  const type = { "content-type": "text/plain; charset=utf-8", "content-length": String(body.length) };
  return { status, headers: { ...PAGE_HEADERS, "cache-control": "no-store", ...type, ...more }, body };
}

/** Whether a client takes gzip: RFC 9110, section 12.5.3. */
function takesGzip(accepted = ""): boolean {
  const codings = accepted.split(",").map((part) => part.split(";").map((word) => word.trim().toLowerCase()));
  const named = codings.find(([name]) => name === "gzip") ?? codings.find(([name]) => name === "*");
  return named !== undefined && !/^q=0(\.0{0,3})?$/.test(named[1] ?? "");
}

/** Whether a client has one of these already: RFC 9110, section 13.1.2. */
function hasOne(tags: readonly string[], ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const known = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes("*") || tags.some((tag) => known.includes(tag));
}

function fileAnswer(
  { type, body, gzipped, tag, isNamedByContent }: PageFile,
  header: PageRequest["header"],
): PageAnswer {
  const [plain, packed] = [`"${tag}"`, `"${tag}-gzip"`];
  const chosen = gzipped !== undefined && takesGzip(header("accept-encoding")) ? gzipped : undefined;
  const headers = {
    ...PAGE_HEADERS,
    "cache-control": isNamedByContent ? CACHE.named : CACHE.other,
    etag: chosen === undefined ? plain : packed,
    vary: "accept-encoding",
  };
  if (hasOne([plain, packed], header("if-none-match"))) return { status: 304, headers, body: EMPTY };
  const sent = chosen ?? body;
  const encoding = chosen === undefined ? {} : { "content-encoding": "gzip" };
  const content = { "content-type": type, "content-length": String(sent.length), ...encoding };
  return { status: 200, headers: { ...headers, ...content }, body: sent };
}

/**
 * Answers a request for a file of the page. Only the very paths of its files are known: there are no others to reach, whatever a path
 * says, and no lists of folders.
 *
 * @returns What is to be sent; its body is empty for HEAD.
 */
export function answerPage(files: PageFiles, { method, path, header }: PageRequest): PageAnswer {
  if (method !== "GET" && method !== "HEAD")
    return refusal(405, "Only GET and HEAD are answered", { allow: "GET, HEAD" });
  const file = files.get(path === "" ? "index.html" : path);
  const answer = file === undefined ? refusal(404, "The page has no such file") : fileAnswer(file, header);
  return method === "HEAD" ? { ...answer, body: EMPTY } : answer;
}
