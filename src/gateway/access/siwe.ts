import { getAddress, isAddress } from "ethers";

/** What a message of Sign-In with Ethereum (EIP-4361) says. */
export interface SiweMessage {
  /** Undefined where the message names none. */
  readonly scheme: string | undefined;
  /** Host, with its port where it has one. */
  readonly domain: string;
  readonly address: string;
  readonly statement: string | undefined;
  readonly uri: string;
  readonly chainId: number;
  readonly nonce: string;
  /** Unix milliseconds, as the other times. */
  readonly issuedAt: number;
  readonly expiresAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly requestId: string | undefined;
  readonly resources: readonly string[];
}

/** Why a text is no such message, in a sentence with the line. */
export class SiweFault extends Error {
  override readonly name = "SiweFault";
  /** Line from 1. */
  readonly line: number;

  constructor(line: number, detail: string) {
    super(`line ${String(line)}: ${detail}`);
    this.line = line;
  }
}

/** Characters of a URI (RFC 3986). */
const URI_CHARACTERS = String.raw`[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]`;
const HEADER = new RegExp(
  String.raw`^(?:([A-Za-z][A-Za-z0-9+.-]*)://)?((?:[A-Za-z0-9\-._~%!$&'()*+,;=:]*@)?[A-Za-z0-9\-._~%[\]:]+) wants you to sign in with your Ethereum account:$`,
);
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
/** Reserved and unreserved characters, and spaces. */
const STATEMENT = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;= ]+$/;
const URI = new RegExp(String.raw`^[A-Za-z][A-Za-z0-9+.-]*:${URI_CHARACTERS}*$`);
const REQUEST_ID = /^[A-Za-z0-9\-._~!$&'()*+,;=:@%]*$/;
const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Reads a message line by line. */
class Lines {
  readonly #lines: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#lines = text.split("\n");
  }

  get number(): number {
    return this.#next;
  }

  get isAtEnd(): boolean {
    return this.#next === this.#lines.length;
  }

  peek(): string | undefined {
    return this.#lines[this.#next];
  }

  take(what: string): string {
    const line = this.#lines[this.#next];
    this.#next += 1;
    if (line === undefined) throw new SiweFault(this.#next, `${what} is missing`);
    return line;
  }

  /** The rest of a line that begins so. */
  field(label: string, form: RegExp): string {
    const line = this.take(label);
    const value = line.startsWith(`${label}: `) ? line.slice(label.length + 2) : undefined;
    if (value === undefined || !form.test(value))
      throw new SiweFault(this.#next, `it is not "${label}: ..." as EIP-4361 has it`);
    return value;
  }

  optional(label: string, form: RegExp): string | undefined {
    return this.peek()?.startsWith(`${label}: `) === true ? this.field(label, form) : undefined;
  }
}

function readHeader(lines: Lines): Pick<SiweMessage, "scheme" | "domain"> {
  const match = HEADER.exec(lines.take("the first line"));
  if (match === null) throw new SiweFault(1, 'it is not "<domain> wants you to sign in with your Ethereum account:"');
  return { scheme: match[1], domain: match[2] ?? "" };
}

function readAddress(lines: Lines): string {
  const text = lines.take("the address");
  if (!ADDRESS.test(text) || !isAddress(text) || getAddress(text) !== text) {
    throw new SiweFault(lines.number, "it is not an address with the checksum of EIP-55");
  }
  return text;
}

function readBlank(lines: Lines): void {
  if (lines.take("an empty line") !== "") throw new SiweFault(lines.number, "it should be empty");
}

function readStatement(lines: Lines): string | undefined {
  readBlank(lines);
  if (lines.peek() === "") {
    readBlank(lines);
    return undefined;
  }
  const statement = lines.take("the statement");
  if (!STATEMENT.test(statement))
    throw new SiweFault(lines.number, "the statement has characters that EIP-4361 does not allow");
  readBlank(lines);
  return statement;
}

/** Unix milliseconds of an RFC 3339 time; nothing for a day or an hour that there is not. */
function timeOf(text: string): number | undefined {
  const written = text.slice(0, 19).toUpperCase();
  const read = new Date(`${written}Z`);
  // The 30th of February is read as a day of March.
  if (Number.isNaN(read.getTime()) || read.toISOString().slice(0, 19) !== written) return undefined;
  const time = Date.parse(text.toUpperCase());
  return Number.isNaN(time) ? undefined : time;
}

function readTime(lines: Lines, text: string): number {
  const time = timeOf(text);
  if (time === undefined) throw new SiweFault(lines.number, `${text} is no time of RFC 3339`);
  return time;
}

function readOptionalTime(lines: Lines, label: string): number | undefined {
  const text = lines.optional(label, TIME);
  return text === undefined ? undefined : readTime(lines, text);
}

function readResources(lines: Lines): string[] {
  if (lines.peek() !== "Resources:") return [];
  lines.take("Resources:");
  const resources: string[] = [];
  while (!lines.isAtEnd) {
    const line = lines.take("a resource");
    const uri = line.slice(2);
    if (!line.startsWith("- ") || !URI.test(uri)) throw new SiweFault(lines.number, 'it is not "- " and a URI');
    resources.push(uri);
  }
  return resources;
}

/**
 * Reads a message by the grammar of EIP-4361, and nothing else: what two readers could read in two ways is refused.
 *
 * @throws {SiweFault} With the line that is wrong.
 */
export function parseSiwe(text: string): SiweMessage {
  const lines = new Lines(text);
  const header = readHeader(lines);
  const address = readAddress(lines);
  const statement = readStatement(lines);
  const uri = lines.field("URI", URI);
  lines.field("Version", /^1$/);
  const chainId = Number(lines.field("Chain ID", /^(0|[1-9]\d{0,15})$/));
  const nonce = lines.field("Nonce", /^[A-Za-z0-9]{8,}$/);
  const issuedAt = readTime(lines, lines.field("Issued At", TIME));
  const expiresAt = readOptionalTime(lines, "Expiration Time");
  const notBefore = readOptionalTime(lines, "Not Before");
  const requestId = lines.optional("Request ID", REQUEST_ID);
  const resources = readResources(lines);
  if (!lines.isAtEnd) throw new SiweFault(lines.number + 1, "nothing should follow");
  return { ...header, address, statement, uri, chainId, nonce, issuedAt, expiresAt, notBefore, requestId, resources };
}
