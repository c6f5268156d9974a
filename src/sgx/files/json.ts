import { countBytes, isQuote, type Found, type Other } from "./found.ts";

/** Shorter values hold no quote. */
const LEAST_LENGTH = 64;

/** Deeper documents are looked through no further. */
const MAX_DEPTH = 32;

/** A value of a document and the names of the fields on the way to it. */
interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** The values of a list of bytes, or of a `Uint8Array` as JSON.stringify writes it. */
export function bytesOfValues(value: object): Uint8Array | undefined {
  const isList = Array.isArray(value) || Object.keys(value).every((key, i) => key === String(i));
  const numbers: unknown[] = isList ? Object.values(value) : [];
  const isBytes =
    numbers.length >= LEAST_LENGTH &&
    numbers.every((each) => typeof each === "number" && Number.isInteger(each) && each >= 0 && each < 256);
  return isBytes ? Uint8Array.from(numbers as number[]) : undefined;
}

/** Readers of what a document can hold. */
interface Readers {
  readonly text: (text: string) => Found;
  readonly bytes: (bytes: Uint8Array) => Found;
}

/** What a value is that is a text or bytes; nothing for another. */
function readValue(value: unknown, read: Readers): Found | undefined {
  if (typeof value === "string") return value.length < LEAST_LENGTH ? undefined : read.text(value);
  const bytes = typeof value === "object" && value !== null ? bytesOfValues(value) : undefined;
  return bytes === undefined ? undefined : read.bytes(bytes);
}

/** Everything in a document that could be evidence, by its place. */
function* lookThrough({ path, value }: Place, read: Readers, depth = 0): Generator<readonly [string, Found]> {
  const found = readValue(value, read);
  if (found !== undefined) {
    yield [path, found];
    return;
  }
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* lookThrough({ path: path === "" ? key : `${path}.${key}`, value: inner }, read, depth + 1);
  }
}

const placeOf = (path: string): string => (path === "" ? "" : ` in "${path.slice(0, 80)}"`);

/** What there is of evidence, with its place. */
type Candidates = readonly (readonly [path: string, found: Found])[];

/** Enough of a quote to tell it from others: all that is signed, and its signature. */
const TELLING_SIZE = 500;

/** The different quotes among what was found, each at its last place. */
function quotesAmong(candidates: Candidates): (readonly [path: string, quote: Uint8Array])[] {
  const quotes = new Map<string, readonly [string, Uint8Array]>();
  for (const [path, found] of candidates) {
    if (!isQuote(found)) continue;
    quotes.set(Buffer.from(found.quote.subarray(0, TELLING_SIZE)).toString("hex"), [path, found.quote]);
  }
  return [...quotes.values()];
}

/** The first evidence of another kind. */
function otherEvidence(candidates: Candidates, where: string): Other | undefined {
  for (const [path, found] of candidates) {
    if (isQuote(found) || found.isEvidence !== true) continue;
    return { ...found, what: `${where} with ${found.what}${placeOf(path)}` };
  }
  return undefined;
}

/**
 * The one quote among what was found; or what evidence there is else, or that there is too much; nothing where there is none.
 *
 * @param where What it was found in, such as "JSON".
 */
export function chooseQuote(candidates: Candidates, where: string): Found | undefined {
  const [first, ...more] = quotesAmong(candidates);
  if (first === undefined) return otherEvidence(candidates, where);
  if (more.length === 0) return { quote: first[1] };
  const places = [first, ...more].map(([path, quote]) => `${countBytes(quote.length)}${placeOf(path)}`);
  return {
    what: `${where} with ${places.length} different quotes: ${places.join(", ")}`,
    remedy: "Write the one that you mean into a file of its own.",
    isEvidence: true,
  };
}

function describeFields(value: unknown): Other {
  const names = typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const fields = names.slice(0, 6).map((name) => JSON.stringify(name.slice(0, 40)));
  return { what: fields.length === 0 ? "JSON without fields" : `JSON with the fields ${fields.join(", ")}` };
}

/** The one quote in a JSON document, in whatever field it stands and however it is spelled there. */
export function recogniseJson(value: unknown, read: Readers): Found {
  return chooseQuote([...lookThrough({ path: "", value }, read)], "JSON") ?? describeFields(value);
}
