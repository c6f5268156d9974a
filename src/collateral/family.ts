import { PckCa, parseLeaf } from "../dcap/leaf.ts";
import { InputError } from "../inputError.ts";
import { fromHex, toHex, type Hex } from "../sgx/bytes.ts";
import { findLeafDer } from "../sgx/chain.ts";
import type { PckCaKind } from "../sgx/names.ts";
import { parseQuote } from "../sgx/quote.ts";

/** Platforms that Intel judges by the same documents. */
export interface PlatformFamily {
  /** Who issues their PCK certificates. */
  readonly ca: PckCaKind;
  /** Family, model, stepping, platform type and custom SKU, 6 bytes. */
  readonly fmspc: Hex;
  /** The provisioning certification enclave's id, 2 bytes. */
  readonly pceId: Hex;
}

/**
 * The family of a PCK certificate.
 *
 * @throws {SgxVerificationError} where the bytes are not one.
 */
function familyOfLeaf(der: Uint8Array): PlatformFamily {
  const { ca, fmspc, pceId } = parseLeaf(der);
  return { ca: ca === PckCa.Processor ? "processor" : "platform", fmspc, pceId };
}

/**
 * The family of the platform that made a quote, by the PCK certificate in it; nothing is verified.
 *
 * @throws {SgxVerificationError} where the bytes are not an SGX quote of version 3 with such a certificate.
 */
export function familyOfQuote(quote: Uint8Array): PlatformFamily {
  return familyOfLeaf(findLeafDer(parseQuote(quote)));
}

/** The number of a family's CA, as contracts take it. */
export function caNumberOf({ ca }: PlatformFamily): PckCa {
  return ca === "platform" ? PckCa.Platform : PckCa.Processor;
}

/**
 * Reads a family from what people type.
 *
 * @param ca `platform` or `processor`.
 * @param fmspc 12 hexadecimal digits, with or without 0x.
 * @param pceId 4 hexadecimal digits.
 * @throws {InputError} For anything else.
 */
export function parseFamily(ca: string, fmspc: string, pceId = "0000"): PlatformFamily {
  if (ca !== "platform" && ca !== "processor") {
    throw new InputError(`"${ca}" is not a CA of Intel's that issues PCK certificates`, "Give platform or processor.");
  }
  return { ca, fmspc: parseHex(fmspc, 6, "FMSPC"), pceId: parseHex(pceId, 2, "PCE id") };
}

function parseHex(text: string, length: number, what: string): Hex {
  const bytes = fromHex(text);
  if (bytes?.length === length) return toHex(bytes);
  const remedy = `Give ${(2 * length).toString()} hexadecimal digits, or the quote itself.`;
  throw new InputError(`"${text}" is not a valid ${what}`, remedy);
}

/** A family in words. */
export function describeFamily({ ca, fmspc, pceId }: PlatformFamily): string {
  return `FMSPC ${fmspc.slice(2)}, PCE id ${pceId.slice(2)}, ${ca} CA`;
}
