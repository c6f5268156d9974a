import { fromHex, sameBytes, toHex, type Hex } from "../sgx/bytes.ts";
import { readCertificate, type Certificate } from "../sgx/certificate.ts";
import { fail, guard } from "../sgx/errors.ts";
import { ExtensionOid } from "../sgx/extensions.ts";
import { InputError } from "../inputError.ts";
import { IntelName, type PckCaKind } from "../sgx/names.ts";
import { certificatesOfPem } from "../sgx/pem.ts";
import { parseQuote } from "../sgx/quote.ts";
import { readSgxExtension, type SgxExtension } from "../sgx/sgxExtension.ts";

/** Platforms that Intel judges by the same documents. */
export interface PlatformFamily {
  /** Who issues their PCK certificates. */
  readonly ca: PckCaKind;
  /** Family, model, stepping, platform type and custom SKU, 6 bytes. */
  readonly fmspc: Hex;
  /** The provisioning certification enclave's id, 2 bytes. */
  readonly pceId: Hex;
}

/** A platform's PCK certificate and what it says. */
export interface PckLeaf {
  readonly certificate: Certificate;
  readonly platform: SgxExtension;
  readonly family: PlatformFamily;
}

/**
 * Reads a PCK certificate; nothing is verified.
 *
 * @throws {SgxVerificationError} `PckEncoding`, `PckIssuer` or `SgxExtension` where it is none of Intel's form.
 */
export function readPckLeaf(der: Uint8Array): PckLeaf {
  const certificate = guard("PckEncoding", "the PCK certificate cannot be read", () => readCertificate(der));
  const isPlatform = sameBytes(certificate.issuer, IntelName.platformCa);
  if (!isPlatform && !sameBytes(certificate.issuer, IntelName.processorCa)) {
    fail("PckIssuer", `the PCK certificate is issued by "${certificate.issuerText}"`);
  }
  const extension = certificate.extensions.get(ExtensionOid.sgx);
  if (extension === undefined) fail("SgxExtension", "the PCK certificate has no SGX extension");
  const platform = guard("SgxExtension", "the SGX extension cannot be read", () => readSgxExtension(extension.value));
  const family = {
    ca: isPlatform ? ("platform" as const) : ("processor" as const),
    fmspc: toHex(platform.fmspc),
    pceId: toHex(platform.pceId),
  };
  return { certificate, platform, family };
}

/**
 * Reads the PCK certificate that a quote carries; nothing is verified.
 *
 * @throws {SgxVerificationError} for what is no SGX quote of version 3 with such a certificate.
 */
export function pckLeafOf(quote: Uint8Array): PckLeaf {
  const { certificationData } = parseQuote(quote);
  const [leaf] = guard("CertificationData", "the quote's certificate chain cannot be read", () =>
    certificatesOfPem(Buffer.from(certificationData).toString("latin1")),
  );
  return readPckLeaf(leaf ?? fail("CertificationData", "the quote carries no certificate"));
}

/**
 * Reads a family from what people type.
 *
 * @param ca `platform` or `processor`.
 * @param fmspc 12 hexadecimal digits, with or without 0x.
 * @param pceId 4 hexadecimal digits.
 * @throws {InputError} For anything else.
 */
export function familyOf(ca: string, fmspc: string, pceId = "0000"): PlatformFamily {
  if (ca !== "platform" && ca !== "processor") {
    throw new InputError(`"${ca}" is no CA of Intel's that issues PCK certificates`, "Give platform or processor.");
  }
  return { ca, fmspc: hexOf(fmspc, 6, "FMSPC"), pceId: hexOf(pceId, 2, "PCE id") };
}

function hexOf(text: string, length: number, what: string): Hex {
  const bytes = fromHex(text);
  if (bytes?.length === length) return toHex(bytes);
  const remedy = `Give ${(2 * length).toString()} hexadecimal digits, or the quote itself.`;
  throw new InputError(`"${text}" is no ${what}`, remedy);
}

/** A family in words. */
export function describeFamily({ ca, fmspc, pceId }: PlatformFamily): string {
  return `FMSPC ${fmspc.slice(2)}, PCE id ${pceId.slice(2)}, ${ca} CA`;
}
