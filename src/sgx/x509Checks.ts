import { sameBytes } from "./bytes.ts";
import { parseCertificate, type Certificate } from "./certificate.ts";
import { parseCrl, type Crl } from "./crl.ts";
import { fail, guard } from "./errors.ts";
import { ExtensionOid, type Extension } from "./extensions.ts";
import { verifyP256 } from "./p256.ts";

/** Who signs: the name, as DER, and the key, 64 bytes. */
export interface Signer {
  readonly name: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** What a certificate is for, which decides its name, its usage and the words of its faults. */
export interface CertificateRole {
  /** Begins the fault codes: `Ca` for those in the collateral, `Pck` for the quote's leaf. */
  readonly code: "Ca" | "Pck";
  readonly label: string;
  readonly subject: Uint8Array;
  readonly isCa: boolean;
}

/** A moment in words, for messages. */
export function moment(seconds: bigint): string {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? `second ${seconds}` : time.toISOString().replace(".000Z", "Z");
}

/** Refuses a time before or after a document's validity; both ends are inclusive. */
export function checkValidity(
  code: "Ca" | "Pck" | "Crl" | "TcbInfo" | "QeIdentity",
  label: string,
  [from, to]: readonly [from: bigint, to: bigint],
  time: bigint,
): void {
  if (time < from) fail(`${code}NotYetValid`, `${label} is valid from ${moment(from)}, the time is ${moment(time)}`);
  if (time > to) fail(`${code}Expired`, `${label} was valid until ${moment(to)}, the time is ${moment(time)}`);
}

/** The one encoding of key usage and basic constraints that each kind of certificate has, in hexadecimal. */
const USAGE = {
  /** keyCertSign and cRLSign; a CA with no CA below it. */
  ca: { [ExtensionOid.keyUsage]: "03020106", [ExtensionOid.basicConstraints]: "30060101ff020100" },
  /** digitalSignature and nonRepudiation; no CA. */
  signing: { [ExtensionOid.keyUsage]: "030206c0", [ExtensionOid.basicConstraints]: "3000" },
} as const;

/** In words, what is wrong with a certificate's key usage and basic constraints; nothing where they are as they must be. */
function wrongUsageOf(certificate: Certificate, isCa: boolean): string | undefined {
  for (const [id, expected] of Object.entries(USAGE[isCa ? "ca" : "signing"])) {
    const [found, wanted] = [describeExtension(certificate.extensions.get(id)), `${expected}, critical`];
    if (found !== wanted) return `extension ${id} = ${found}, instead of ${wanted}`;
  }
  return undefined;
}

/** An extension's value in hexadecimal digits, and whether it is critical. */
function describeExtension(extension: Extension | undefined): string {
  const { value, critical } = extension ?? { value: new Uint8Array(), critical: false };
  return `${Buffer.from(value).toString("hex")}, ${critical ? "critical" : "not critical"}`;
}

function checkUsage(certificate: Certificate, role: CertificateRole): void {
  const wrong = wrongUsageOf(certificate, role.isCa);
  if (wrong !== undefined) fail(`${role.code}Usage`, `${role.label} has ${wrong}`);
}

/** Whether an issuer made a CA's certificate, whatever the time. */
export function isCaOf(certificate: Certificate, issuer: Signer): boolean {
  return (
    sameBytes(certificate.issuer, issuer.name) &&
    wrongUsageOf(certificate, true) === undefined &&
    verifyP256(issuer.publicKey, certificate.tbs, certificate.signature)
  );
}

/**
 * Reads a certificate and checks all that it can show by itself: form, exact names, usage, its issuer's signature and
 * its validity. Names and signatures bind it to the issuer; key ids are only hints and decide nothing.
 */
export function checkCertificate(der: Uint8Array, role: CertificateRole, issuer: Signer, time: bigint): Certificate {
  const { code, label } = role;
  const certificate = guard(`${code}Encoding`, `${label} cannot be read`, () => parseCertificate(der));
  if (!sameBytes(certificate.issuer, issuer.name))
    fail(`${code}Issuer`, `${label} is issued by "${certificate.issuerText}"`);
  if (!sameBytes(certificate.subject, role.subject)) {
    fail(`${code}Subject`, `${label} is made out to "${certificate.subjectText}"`);
  }
  checkUsage(certificate, role);
  if (!verifyP256(issuer.publicKey, certificate.tbs, certificate.signature)) {
    fail(`${code}Signature`, `the issuer's key did not sign ${label} with serial ${certificate.serial}`);
  }
  checkValidity(code, label, [certificate.notBefore, certificate.notAfter], time);
  return certificate;
}

/** Refuses a certificate whose serial number its issuer's revocation list holds. */
export function checkNotRevoked(certificate: Certificate, role: CertificateRole, crl: Crl): void {
  if (crl.revoked.has(certificate.serial)) {
    fail(`${role.code}Revoked`, `${role.label} with serial ${certificate.serial} is revoked by its issuer`);
  }
}

/** Reads a revocation list and checks its form, its issuer's exact name and signature, and its dates. */
export function checkCrl(der: Uint8Array, label: string, issuer: Signer, time: bigint): Crl {
  const crl = guard("CrlEncoding", `${label} cannot be read`, () => parseCrl(der));
  if (!sameBytes(crl.issuer, issuer.name)) fail("CrlIssuer", `${label} is issued by "${crl.issuerText}"`);
  if (!verifyP256(issuer.publicKey, crl.tbs, crl.signature))
    fail("CrlSignature", `the issuer's key did not sign ${label}`);
  checkValidity("Crl", label, [crl.thisUpdate, crl.nextUpdate], time);
  return crl;
}
