import { fromHex, sameBytes, utf8, type Hex } from "./bytes.ts";
import { parseCertificate, type Certificate } from "./certificate.ts";
import type { Collateral } from "./collateral.ts";
import type { Crl } from "./crl.ts";
import { fail, guard } from "./errors.ts";
import { IntelName, type PckCaKind } from "./names.ts";
import { parsePublicKey, verifyP256 } from "./p256.ts";
import type { Policy } from "./policy.ts";
import { parseQeIdentity, type QeIdentity } from "./qeIdentity.ts";
import type { SignedDocument } from "./signedJson.ts";
import { parseTcbInfo, type TcbInfo } from "./tcbInfo.ts";
import {
  checkCertificate,
  checkCrl,
  checkNotRevoked,
  checkValidity,
  moment,
  type CertificateRole,
  type Signer,
} from "./x509Checks.ts";

/** Collateral of which every document has been verified. */
export interface VerifiedCollateral {
  readonly root: Signer;
  readonly ca: PckCaKind;
  readonly pckCa: Certificate;
  readonly rootCrl: Crl;
  readonly pckCrl: Crl;
  readonly tcbInfo: TcbInfo;
  readonly qeIdentity: QeIdentity;
  /** Unix seconds of the soonest end among its documents; still valid at that second. */
  readonly validUntil: bigint;
}

/** A root as the signer at the top: Intel's name for it and the key that the caller trusts. */
function rootSigner(root: Hex): Signer {
  const publicKey = fromHex(root);
  if (publicKey === undefined || parsePublicKey(publicKey) === undefined) {
    fail("RootKey", `the root's key ${root} is not a point on P-256`);
  }
  return { name: IntelName.root, publicKey };
}

/** A certificate as the signer of what stands below it. */
export function signerOf(certificate: Certificate): Signer {
  return { name: certificate.subject, publicKey: certificate.publicKey };
}

/** Which CA a certificate is made out to; one that is made out to neither is refused later, as a Platform CA. */
function parseCaKind(der: Uint8Array): PckCaKind {
  const { subject } = guard("CaEncoding", "the PCK CA's certificate cannot be read", () => parseCertificate(der));
  return sameBytes(subject, IntelName.processorCa) ? "processor" : "platform";
}

/** What the certificates of the two PCK CAs are for. */
export const CA_ROLES: Readonly<Record<PckCaKind, CertificateRole>> = {
  platform: { code: "Ca", label: "the PCK Platform CA's certificate", subject: IntelName.platformCa, isCa: true },
  processor: { code: "Ca", label: "the PCK Processor CA's certificate", subject: IntelName.processorCa, isCa: true },
};

/** What the TCB Signing certificate is for. */
export const TCB_SIGNING: CertificateRole = {
  code: "Ca",
  label: "the TCB Signing certificate",
  subject: IntelName.tcbSigning,
  isCa: false,
};

function checkSignature(
  code: "TcbInfoSignature" | "QeIdentitySignature",
  label: string,
  { text, signature }: SignedDocument,
  signer: Certificate,
): void {
  const bytes = fromHex(signature);
  if (bytes === undefined || !verifyP256(signer.publicKey, utf8(text), bytes)) {
    fail(code, `the TCB Signing key with serial ${signer.serial} did not sign ${label}`);
  }
}

/** The rule against rollback: what the policy calls too old is refused, though it is still in date. */
function checkAge(code: "TcbInfoTooOld" | "QeIdentityTooOld", what: string, issueDate: bigint, policy: Policy): void {
  const least = policy.minIssueDate ?? 0n;
  if (issueDate < least) {
    fail(code, `${what} is of ${moment(issueDate)}, the policy asks for ${moment(least)} or later`);
  }
}

function checkTcbInfo(document: SignedDocument, signer: Certificate, time: bigint, policy: Policy): TcbInfo {
  checkSignature("TcbInfoSignature", "the TCB info", document, signer);
  const info = parseTcbInfo(document.text);
  checkValidity("TcbInfo", "the TCB info", [info.issueDate, info.nextUpdate], time);
  checkAge("TcbInfoTooOld", "the TCB info", info.issueDate, policy);
  return info;
}

function checkQeIdentity(document: SignedDocument, signer: Certificate, time: bigint, policy: Policy): QeIdentity {
  checkSignature("QeIdentitySignature", "the QE identity", document, signer);
  const identity = parseQeIdentity(document.text);
  checkValidity("QeIdentity", "the QE identity", [identity.issueDate, identity.nextUpdate], time);
  checkAge("QeIdentityTooOld", "the QE identity", identity.issueDate, policy);
  return identity;
}

function checkEvaluationNumbers(info: TcbInfo, identity: QeIdentity, policy: Policy): void {
  const [ofInfo, ofIdentity] = [info.evaluationDataNumber, identity.evaluationDataNumber];
  if (ofInfo !== ofIdentity) {
    fail(
      "EvaluationNumberMismatch",
      `the TCB info has tcbEvaluationDataNumber ${ofInfo}, the QE identity ${ofIdentity}`,
    );
  }
  const least = policy.minEvaluationDataNumber ?? 0;
  if (ofInfo < least)
    fail("EvaluationNumberTooLow", `tcbEvaluationDataNumber ${ofInfo} is below the policy's ${least}`);
}

function soonest(...moments: readonly bigint[]): bigint {
  return moments.reduce((a, b) => (a < b ? a : b));
}

/**
 * Verifies collateral as a whole: the first five checks of {@link verifyQuote}.
 *
 * @param time Unix seconds at which it must hold.
 * @param passed Is given the name of each check that has passed.
 * @throws {SgxVerificationError} for the first check that fails.
 */
export function verifyCollateral(
  collateral: Collateral,
  rootKey: Hex,
  time: bigint,
  policy: Policy = {},
  passed: (check: "root" | "issuers" | "crls" | "tcbInfo" | "qeIdentity") => void = () => undefined,
): VerifiedCollateral {
  const root = rootSigner(rootKey);
  passed("root");

  // The Root CRL comes first, because the issuers are looked up in it.
  const rootCrl = checkCrl(collateral.rootCrl, "the Root CA's revocation list", root, time);
  const ca = parseCaKind(collateral.pckCa);
  const pckCa = checkCertificate(collateral.pckCa, CA_ROLES[ca], root, time);
  const tcbSigning = checkCertificate(collateral.tcbSigning, TCB_SIGNING, root, time);
  checkNotRevoked(pckCa, CA_ROLES[ca], rootCrl);
  checkNotRevoked(tcbSigning, TCB_SIGNING, rootCrl);
  passed("issuers");

  const pckCrl = checkCrl(collateral.pckCrl, "the PCK CA's revocation list", signerOf(pckCa), time);
  passed("crls");

  const tcbInfo = checkTcbInfo(collateral.tcbInfo, tcbSigning, time, policy);
  passed("tcbInfo");

  const qeIdentity = checkQeIdentity(collateral.qeIdentity, tcbSigning, time, policy);
  checkEvaluationNumbers(tcbInfo, qeIdentity, policy);
  passed("qeIdentity");

  const validUntil = soonest(
    rootCrl.nextUpdate,
    pckCa.notAfter,
    tcbSigning.notAfter,
    pckCrl.nextUpdate,
    tcbInfo.nextUpdate,
    qeIdentity.nextUpdate,
  );
  return { root, ca, pckCa, rootCrl, pckCrl, tcbInfo, qeIdentity, validUntil };
}

/** Whether a certificate has another's name and key: the same issuer, perhaps in a certificate that was issued again. */
export function isSameSigner(a: Signer, b: Signer): boolean {
  return sameBytes(a.name, b.name) && sameBytes(a.publicKey, b.publicKey);
}
