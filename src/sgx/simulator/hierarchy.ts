import { toHex, type Hex } from "../bytes.ts";
import { IntelName, type PckCaKind } from "../names.ts";
import { deriveBytes, deriveKey, type SimulatorKey } from "./keys.ts";
import { certificateExtensions, writeCertificate, type CertificateFields } from "./x509.ts";

/** Somebody in the simulated hierarchy: a name, a key and the certificate for them. */
export interface Party {
  readonly key: SimulatorKey;
  /** 20 bytes, which are its serial number too, as Intel does it. */
  readonly keyId: Uint8Array;
  readonly certificate: CertificateFields;
}

/** The simulated counterpart of Intel's SGX certificate hierarchy. */
export interface Hierarchy {
  readonly root: Party;
  readonly cas: Readonly<Record<PckCaKind, Party>>;
  readonly tcbSigning: Party;
}

/** When simulated certificates hold unless a test asks otherwise: 2018-05-21 to the last second of 2049. */
export const VALID_FROM = 1_526_899_510n;
export const VALID_UNTIL = 2_524_607_999n;

const ROOT_CRL_URL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

/** Address in PCK certificates of the list of a CA. */
export const pckCrlUrl = (ca: PckCaKind): string =>
  `https://api.trustedservices.intel.com/sgx/certification/v3/pckcrl?ca=${ca}&encoding=der`;

/** A serial number of 20 bytes, never zero. */
export function serialFor(seed: string, label: string): Uint8Array {
  const serial = deriveBytes(seed, `serial:${label}`, 20);
  serial[0] = (serial[0] ?? 0) | 1;
  return serial;
}

function party(
  seed: string,
  label: string,
  subject: Uint8Array,
  pathLength: number | undefined,
  issuer?: Party,
): Party {
  const key = deriveKey(seed, label);
  const keyId = serialFor(seed, label);
  const certificate: CertificateFields = {
    serial: keyId,
    issuer: IntelName.root,
    subject,
    notBefore: VALID_FROM,
    notAfter: VALID_UNTIL,
    publicKey: key.publicKey,
    extensions: certificateExtensions({ issuerKeyId: issuer?.keyId ?? keyId, keyId, crlUrl: ROOT_CRL_URL, pathLength }),
    signer: issuer?.key ?? key,
  };
  return { key, keyId, certificate };
}

/** Everybody whom a seed decides. */
export function createHierarchy(seed: string): Hierarchy {
  const root = party(seed, "root", IntelName.root, 1);
  return {
    root,
    cas: {
      platform: party(seed, "platform-ca", IntelName.platformCa, 0, root),
      processor: party(seed, "processor-ca", IntelName.processorCa, 0, root),
    },
    tcbSigning: party(seed, "tcb-signing", IntelName.tcbSigning, undefined, root),
  };
}

/** DER of a party's certificate. */
export const certificateOfParty = ({ certificate }: Party): Uint8Array => writeCertificate(certificate);

/** A party's public key, x and y. */
export const publicKeyOfParty = ({ key }: Party): Hex => toHex(key.publicKey);
