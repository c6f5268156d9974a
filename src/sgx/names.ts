import { utf8 } from "./bytes.ts";
import { Tag } from "./der.ts";
import { der, objectIdentifier, sequence } from "./derWriter.ts";

/** OIDs as the hexadecimal digits of their DER content. */
const Attribute = {
  commonName: "550403",
  organization: "55040a",
  locality: "550407",
  state: "550408",
  country: "550406",
};

const attribute = (type: string, stringTag: number, value: string): Uint8Array =>
  der(Tag.Set, sequence(objectIdentifier(type), der(stringTag, utf8(value))));

/**
 * DER of the distinguished name that Intel gives a certificate of its SGX hierarchy: only the common name differs
 * ("Intel SGX PCK Certificate and Certificate Revocation List Profile", 1.5).
 */
export function intelName(commonName: string): Uint8Array {
  return sequence(
    attribute(Attribute.commonName, Tag.Utf8String, commonName),
    attribute(Attribute.organization, Tag.Utf8String, "Intel Corporation"),
    attribute(Attribute.locality, Tag.Utf8String, "Santa Clara"),
    attribute(Attribute.state, Tag.Utf8String, "CA"),
    attribute(Attribute.country, Tag.PrintableString, "US"),
  );
}

/** The names of Intel's SGX hierarchy. They are compared as raw bytes, so no two spellings are one name. */
export const IntelName = {
  root: intelName("Intel SGX Root CA"),
  platformCa: intelName("Intel SGX PCK Platform CA"),
  processorCa: intelName("Intel SGX PCK Processor CA"),
  tcbSigning: intelName("Intel SGX TCB Signing"),
  pck: intelName("Intel SGX PCK Certificate"),
} as const;

/** Which of the two CAs issues a platform's PCK certificates. */
export type PckCaKind = "platform" | "processor";
