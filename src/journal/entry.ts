import { keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";

import type { Claim, Fields, Signer } from "./claims.ts";
import { forms } from "../forms.ts";
import { toJson } from "../json.ts";

const fields = z.record(z.string(), z.string());

/** A claim and whose it is, as it stands in a journal or an exported one. */
export const entryForm = z.strictObject({
  chainId: z.string().regex(/^\d+$/, "not a chain id"),
  contract: forms.address,
  validator: forms.address,
  kind: z.enum(["verdict", "registration", "quote", "judgement", "view"]),
  about: fields,
  says: fields,
  /** When it was written down for the first time, before anything was signed. */
  since: z.iso.datetime(),
});

/** See {@link entryForm}. */
export type Entry = Signer & Claim & { readonly since: string };

const sorted = (values: Fields): Fields =>
  Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether two claims about the same thing say the same. */
export function agrees(a: Fields, b: Fields): boolean {
  return toJson(sorted(a)) === toJson(sorted(b));
}

/** The hash of an entry in one form, so that a damaged file does not pass for another claim. */
function checksumOf({ chainId, contract, validator, kind, about, says, since }: Entry): string {
  const values = [chainId, contract, validator, kind, sorted(about), sorted(says), since];
  return keccak256(toUtf8Bytes(toJson(values, 0)));
}

/** The name of the only file that can hold a claim of this kind about this. */
export function fileNameOf({ kind, about }: Pick<Claim, "kind" | "about">): string {
  return `${kind}-${keccak256(toUtf8Bytes(toJson(sorted(about), 0))).slice(2, 34)}.json`;
}

/** An entry as its file has it. */
export function writeEntry(entry: Entry): string {
  return `${toJson({ ...entry, checksum: checksumOf(entry) })}\n`;
}

/** Reads an entry's file; nothing where it is not as it was written. */
export function readEntry(text: string): Entry | undefined {
  try {
    const { checksum, ...entry } = entryForm.extend({ checksum: forms.bytes32 }).parse(JSON.parse(text));
    return checksumOf(entry) === checksum ? entry : undefined;
  } catch {
    return undefined;
  }
}
