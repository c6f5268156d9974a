import { textOf } from "../../fileText.ts";
import { InputError } from "../../inputError.ts";
import { trimQuote } from "../quote.ts";
import { bytesOfBase64, firstBlock } from "./base64.ts";
import { recogniseBytes } from "./binary.ts";
import { bytesOfHexText, digitsIn } from "./digits.ts";
import { countBytes, isQuote, type Found, type Other } from "./found.ts";
import { chooseQuote, recogniseJson } from "./json.ts";

/** More than any file with a quote in it has. */
const MAX_SIZE = 4 << 20;

/** How often what was read is read again: a text in base64 may hold digits, or JSON. */
const MAX_DEPTH = 4;

/** Where a text has a quote among other words, it stands there without a gap. */
const LEAST_TOKEN = 576;

function recognise(bytes: Uint8Array, depth: number): Found {
  const found = recogniseBytes(bytes);
  if (found !== undefined) return found;
  const text = depth > 0 ? textOf(bytes) : undefined;
  if (text !== undefined) return recogniseText(text, depth);
  const start = Buffer.from(bytes.subarray(0, 8)).toString("hex");
  return { what: `${countBytes(bytes.length)} that begin with 0x${start}, as no quote does`, isUnknown: true };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return /^[[{"]/.test(text) ? { value: JSON.parse(text) as unknown } : undefined;
  } catch {
    return undefined;
  }
}

/** What a block between lines of dashes holds, by its label or by its bytes. */
function recogniseBlock(text: string, depth: number): Found | undefined {
  const block = firstBlock(text);
  if (block === undefined) return undefined;
  const { label, bytes } = block;
  if (label.includes("CERTIFICATE")) return { what: "a PEM certificate" };
  if (label.endsWith("CRL")) return { what: "a revocation list in PEM" };
  if (label.endsWith("PRIVATE KEY"))
    return { what: "a private key in PEM", remedy: "Keep it secret, and give the quote." };
  const found = bytes === undefined ? undefined : recognise(bytes, depth - 1);
  const shown = JSON.stringify(label.slice(0, 40));
  const isMeant = found !== undefined && (isQuote(found) || found.isEvidence === true);
  return isMeant ? found : { what: `a PEM block ${shown}` };
}

/** Texts that are known by how they begin. */
function recogniseStart(text: string): Other | undefined {
  if (/^<(!doctype html|html)/i.test(text)) {
    const remedy = "A server has answered with a page instead of the quote: look at it, and download the quote again.";
    return { what: "an HTML page", remedy };
  }
  if (text.startsWith("<")) return { what: "XML" };
  if (!/^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) return undefined;
  const remedy = "It says what a service found of a quote; give the quote itself.";
  return { what: "a JSON Web Token, such as an attestation service answers", remedy };
}

/** What the longest unbroken runs of a text are: a line of a log, or a value of YAML. */
function recogniseTokens(text: string, depth: number): Found | undefined {
  const tokens = text.match(new RegExp(`[0-9A-Za-z+/_-]{${LEAST_TOKEN},}={0,2}`, "g")) ?? [];
  if (depth === 0 || tokens[0]?.length === text.length) return undefined;
  return chooseQuote(
    tokens.map((token) => ["", recogniseText(token, depth - 1)]),
    "text",
  );
}

const readersAt = (depth: number) => ({
  text: (text: string): Found => (depth > 0 ? recogniseText(text, depth - 1) : { what: "text" }),
  bytes: (bytes: Uint8Array): Found => recognise(bytes, depth - 1),
});

/** What bytes are that a text spells; nothing where they mean nothing, so that the text may be something else. */
function recogniseSpelled(bytes: Uint8Array | undefined, depth: number): Found | undefined {
  const found = bytes === undefined ? undefined : recognise(bytes, depth - 1);
  return found !== undefined && (isQuote(found) || found.isUnknown !== true) ? found : undefined;
}

function describeText(text: string): Other {
  if (/^\s*\*\s*$/m.test(text) && digitsIn(text.replaceAll("*", "")) !== undefined) {
    const what = "a dump without offsets in which rows are left out";
    return { what, remedy: "Write it with `xxd`, or with `od -v`, which leaves nothing out.", isEvidence: true };
  }
  const digits = digitsIn(text);
  if (digits !== undefined && digits.length > LEAST_TOKEN) {
    const count = `${digits.length.toLocaleString("en-US")} hexadecimal digits`;
    return { what: digits.length % 2 === 1 ? `${count}, an odd number: one is lacking` : `${count} that are no quote` };
  }
  return { what: `text that begins ${JSON.stringify(text.slice(0, 40))}`, isUnknown: true };
}

function recogniseText(untrimmed: string, depth: number): Found {
  const text = untrimmed.trim();
  if (text === "") return { what: "an empty file" };
  const json = parseJson(text);
  if (json !== undefined) return recogniseJson(json.value, readersAt(depth));
  return (
    recogniseStart(text) ??
    recogniseBlock(text, depth) ??
    recogniseSpelled(bytesOfHexText(text), depth) ??
    recogniseSpelled(bytesOfBase64(text.replace(/^data:[^,]*;base64,/, "")), depth) ??
    recogniseTokens(text, depth) ??
    describeText(text)
  );
}

function foundIn(content: Uint8Array): Found {
  if (content.length > MAX_SIZE) return { what: `${countBytes(content.length)} long, more than any file with a quote` };
  return recognise(content, MAX_DEPTH);
}

/** What a file is, in words, for whoever expected something else. */
export function describeFile(content: Uint8Array): string {
  const found = foundIn(content);
  return isQuote(found) ? "an SGX quote" : found.what;
}

const USUAL_REMEDY =
  "Give the quote as the quoting library returned it: its bytes, or these in hexadecimal digits, base64 or JSON.";

/**
 * The SGX quote in a file as tools write it: the bytes themselves, behind a header of Open Enclave or not; hexadecimal digits, bare,
 * spaced or as `xxd` and its like write them; base64 of either alphabet, in lines or in a PEM block; JSON with the quote in any field;
 * or a text in which one of these stands. A byte order mark, UTF-16 and what follows a quote do not matter.
 *
 * @param content The file.
 * @param name What to call it in messages.
 * @returns The quote alone, its signatures not verified.
 * @throws {InputError} Which says what the file is instead.
 * @throws {SgxVerificationError} `QuoteTruncated` where the quote is cut off.
 */
export function quoteIn(content: Uint8Array, name = "The file"): Uint8Array {
  const found = foundIn(content);
  if (isQuote(found)) return trimQuote(found.quote);
  throw new InputError(`${name} is no SGX quote that can be judged: it is ${found.what}`, found.remedy ?? USUAL_REMEDY);
}
