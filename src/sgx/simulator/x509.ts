import { utf8 } from "../bytes.ts";
import { Tag } from "../der.ts";
import {
  bitString,
  bool,
  der,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
  utcTimeOf,
} from "../derWriter.ts";
import { ExtensionOid } from "../extensions.ts";
import { SPKI_PREFIX } from "../p256.ts";
import { derSignature, signP256, type SimulatorKey } from "./keys.ts";

/** What a simulated certificate is written from. */
export interface CertificateFields {
  readonly serial: Uint8Array;
  /** DER of the names. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Unix seconds. */
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  /** x and y, 64 bytes. */
  readonly publicKey: Uint8Array;
  /** Each extension's DER. */
  readonly extensions: readonly Uint8Array[];
  readonly signer: SimulatorKey;
}

/** What a simulated revocation list is written from. */
export interface CrlFields {
  /** DER of the name. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: bigint;
  readonly nextUpdate: bigint;
  /** Serial numbers, big-endian. */
  readonly revoked: readonly Uint8Array[];
  /** Each extension's DER. */
  readonly extensions: readonly Uint8Array[];
  readonly signer: SimulatorKey;
}

const ALGORITHM = sequence(objectIdentifier("2a8648ce3d040302"));

/** DER of one extension. */
export function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(id), ...(critical ? [bool(true)] : []), octetString(value));
}

/** The authority key id, as every certificate and list of Intel's begins its extensions or ends them. */
export function authorityKeyId(keyId: Uint8Array): Uint8Array {
  return extension(ExtensionOid.authorityKeyId, false, sequence(der(0x80, keyId)));
}

/** The extensions of Intel's certificates, in Intel's order, without the SGX extension. */
export function certificateExtensions(options: {
  readonly issuerKeyId: Uint8Array;
  readonly keyId: Uint8Array;
  readonly crlUrl: string;
  /** Path length of a CA; nothing for a certificate that is not a CA's. */
  readonly pathLength?: number | undefined;
}): Uint8Array[] {
  const { issuerKeyId, keyId, crlUrl, pathLength } = options;
  const point = sequence(sequence(der(0xa0, der(0xa0, der(0x86, utf8(crlUrl))))));
  // keyCertSign and cRLSign (1 unused bit), or digitalSignature and nonRepudiation (6 unused bits).
  const usage = pathLength === undefined ? Uint8Array.of(6, 0xc0) : Uint8Array.of(1, 0x06);
  const constraints = pathLength === undefined ? sequence() : sequence(bool(true), smallInteger(pathLength));
  return [
    authorityKeyId(issuerKeyId),
    extension(ExtensionOid.crlDistributionPoints, false, point),
    extension(ExtensionOid.subjectKeyId, false, octetString(keyId)),
    extension(ExtensionOid.keyUsage, true, der(Tag.BitString, usage)),
    extension(ExtensionOid.basicConstraints, true, constraints),
  ];
}

function signed(tbs: Uint8Array, signer: SimulatorKey): Uint8Array {
  return sequence(tbs, ALGORITHM, bitString(derSignature(signP256(signer, tbs))));
}

/** DER of a certificate in Intel's form. */
export function writeCertificate(fields: CertificateFields): Uint8Array {
  const tbs = sequence(
    der(Tag.Context0, smallInteger(2)),
    integer(fields.serial),
    ALGORITHM,
    fields.issuer,
    sequence(utcTimeOf(fields.notBefore), utcTimeOf(fields.notAfter)),
    fields.subject,
    new Uint8Array(Buffer.concat([SPKI_PREFIX, fields.publicKey])),
    der(Tag.Context3, sequence(...fields.extensions)),
  );
  return signed(tbs, fields.signer);
}

/** DER of a revocation list in Intel's form: every entry dated like the list, for key compromise. */
export function writeCrl(fields: CrlFields): Uint8Array {
  const reason = sequence(extension(ExtensionOid.reasonCode, false, der(Tag.Enumerated, Uint8Array.of(1))));
  const date = utcTimeOf(fields.thisUpdate);
  const entries = fields.revoked.map((serial) => sequence(integer(serial), date, reason));
  const tbs = sequence(
    smallInteger(1),
    ALGORITHM,
    fields.issuer,
    date,
    utcTimeOf(fields.nextUpdate),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    der(Tag.Context0, sequence(...fields.extensions)),
  );
  return signed(tbs, fields.signer);
}

/** The extensions of Intel's revocation lists; the CRL number was 1 in every list seen. */
export function crlExtensions(keyId: Uint8Array): Uint8Array[] {
  return [extension(ExtensionOid.crlNumber, false, smallInteger(1)), authorityKeyId(keyId)];
}
