import { concatBytes } from "../bytes.ts";
import { bool, sequence } from "../derWriter.ts";
import { ExtensionOid } from "../extensions.ts";
import { IntelName, intelName } from "../names.ts";
import type { FlawContext } from "./edits.ts";
import { VALID_FROM, VALID_UNTIL } from "./hierarchy.ts";
import { extension, type CertificateFields } from "./x509.ts";

type PckEdit = (fields: CertificateFields, context: FlawContext) => CertificateFields;

const withExtensions =
  (edit: (extensions: readonly Uint8Array[]) => readonly Uint8Array[]): PckEdit =>
  (fields) => ({ ...fields, extensions: edit(fields.extensions) });

const PCK_FLAWS = {
  pckIssuer: (fields) => ({ ...fields, issuer: intelName("Intel SGX PCK Other CA") }),
  pckSubject: (fields) => ({ ...fields, subject: IntelName.tcbSigning }),
  pckSignature: (fields, { strangerKey }) => ({ ...fields, signer: strangerKey }),
  pckExpired: (fields, { time }) => ({ ...fields, notAfter: time - 1n }),
  pckNotYetValid: (fields, { time }) => ({ ...fields, notBefore: time + 1n }),
  /** A leaf that claims to be a CA. */
  pckUsage: withExtensions((extensions) => [
    ...extensions.slice(0, 4),
    extension(ExtensionOid.basicConstraints, true, sequence(bool(true))),
    ...extensions.slice(5),
  ]),
  pckLongSerial: (fields) => ({ ...fields, serial: concatBytes(Uint8Array.of(1), fields.serial) }),
  pckZeroSerial: (fields) => ({ ...fields, serial: Uint8Array.of(0) }),
  pckDuplicateExtension: withExtensions((extensions) => [...extensions, ...extensions.slice(-1)]),
  pckUnknownCritical: withExtensions((extensions) => [...extensions, extension("550401", true, sequence())]),
  pckNoKeyUsage: withExtensions((extensions) => extensions.filter((_, i) => i !== 3)),
  pckNoSgxExtension: withExtensions((extensions) => extensions.slice(0, 5)),
  pckEmptySgxExtension: withExtensions((extensions) => [
    ...extensions.slice(0, 5),
    extension(ExtensionOid.sgx, false, sequence()),
  ]),
  /** Its end before its beginning. */
  pckReversedValidity: (fields) => ({ ...fields, notBefore: VALID_UNTIL, notAfter: VALID_FROM }),
} as const satisfies Record<string, PckEdit>;

/** A way in which a simulated PCK certificate can be wrong. */
export type PckFlaw = keyof typeof PCK_FLAWS;

/** Every flaw that a simulated PCK certificate can have. */
export const PCK_FLAW_NAMES = Object.keys(PCK_FLAWS) as readonly PckFlaw[];

/** The certificate's fields with a flaw. */
export function flawPck(fields: CertificateFields, flaw: PckFlaw | undefined, context: FlawContext): CertificateFields {
  return flaw === undefined ? fields : PCK_FLAWS[flaw](fields, context);
}
