import { z } from "zod";

import { fail, guard, type SgxFaultCode } from "./errors.ts";
import { TCB_STATUS_NAMES } from "./tcbStatus.ts";

/** A JSON document as Intel signs it: the signature covers exactly this text. */
export interface SignedDocument {
  readonly text: string;
  /** r and s in 128 hexadecimal digits. */
  readonly signature: string;
}

/** No TCB info or QE identity comes near this size. */
const MAX_TEXT_SIZE = 1 << 16;

/** Printable ASCII without backslash: Intel writes no escapes, and the on-chain reader knows none. */
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;

const unsigned = (max: number) => z.int().min(0).max(max);

/** Pieces from which the schemas of both documents are made. */
export const field = {
  byte: unsigned(0xff),
  uint16: unsigned(0xffff),
  /** A tcbEvaluationDataNumber; the on-chain reader keeps 16 bits and takes 0 for none. */
  evaluationNumber: z.int().min(1).max(0xffff),
  text: z.string(),
  hex: (bytes: number) =>
    z.string().regex(new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`), `not ${bytes} bytes in hexadecimal`),
  date: z.string().refine((text) => parseSeconds(text) !== undefined, "not a date such as 2025-08-15T05:08:18Z"),
  status: z.enum(TCB_STATUS_NAMES),
  advisories: z.array(z.string()).exactOptional(),
} as const;

/** Unix seconds of a date in Intel's one form, `YYYY-MM-DDTHH:MM:SSZ`; nothing where it is another or does not exist. */
export function parseSeconds(text: string): bigint | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== text.replace("Z", ".000Z")) return undefined;
  return BigInt(time.getTime() / 1000);
}

/** Unix seconds of a date that a schema has already accepted. */
export function date(text: string): bigint {
  return BigInt(Date.parse(text) / 1000);
}

/** The values of a document's first fields, which say whether its form is known at all. */
export function peek(code: SgxFaultCode, label: string, text: string): { id: unknown; version: unknown } {
  if (text.length > MAX_TEXT_SIZE) fail(code, `${label} has ${text.length} characters, more than ${MAX_TEXT_SIZE}`);
  const value = guard(code, `${label} is not JSON`, (): unknown => JSON.parse(text));
  if (typeof value !== "object" || value === null) fail(code, `${label} is not a JSON object`);
  return { id: "id" in value ? value.id : undefined, version: "version" in value ? value.version : undefined };
}

/**
 * Reads a document in the one form in which Intel signs it: every known key in Intel's order and no other, no white
 * space, no escapes, no key twice. Writing the values again by the schema must give the very same text.
 */
export function parseCanonical<T>(code: SgxFaultCode, label: string, text: string, schema: z.ZodType<T>): T {
  if (!PLAIN.test(text)) fail(code, `${label} holds characters that Intel's documents never hold`);
  const result = schema.safeParse(guard(code, `${label} is not JSON`, (): unknown => JSON.parse(text)));
  if (!result.success) {
    const [issue] = result.error.issues;
    fail(code, `${label} is not as expected at "${issue?.path.join(".") ?? ""}": ${issue?.message ?? "unknown"}`);
  }
  const again = JSON.stringify(result.data);
  if (again !== text) {
    let at = 0;
    while (again[at] === text[at]) at++;
    fail(code, `${label} departs from Intel's form at character ${at}: "${text.slice(at, at + 24)}"`);
  }
  return result.data;
}

/**
 * Takes the signed text out of a response of Intel's PCS, `{"<name>":<text>,"signature":"<128 digits>"}`, without
 * touching a character of it.
 */
export function parseSignedDocument(body: string, name: "tcbInfo" | "enclaveIdentity"): SignedDocument {
  const head = `{"${name}":`;
  const tail = /,"signature":"([0-9a-fA-F]{128})"\}\s*$/.exec(body.slice(-256));
  const signature = tail?.[1];
  if (!body.startsWith(head) || tail === null || signature === undefined) {
    fail("CollateralForm", `the document is not the {"${name}":...,"signature":"..."} of Intel's PCS`);
  }
  const end = body.length - body.slice(-256).length + tail.index;
  return { text: body.slice(head.length, end), signature };
}
