import type { Attestation } from "./attestation.ts";
import { basisOf, type CollateralBasis } from "./basis.ts";
import { keccak256, sameBytes, toHex, type Hex } from "./bytes.ts";
import { collateralHash, type Collateral } from "./collateral.ts";
import { fail, type CheckName } from "./errors.ts";
import { checkLaunch, launchOf } from "./launch.ts";
import { verifyP256 } from "./p256.ts";
import { DEFAULT_ACCEPTED_STATUSES, type Policy } from "./policy.ts";
import { matchQeLevel, type QeIdentity, type QeLevel } from "./qeIdentity.ts";
import { parseQuote } from "./quote.ts";
import { checkKss, checkQeReportData, checkReportData, checkVendor } from "./quoteChecks.ts";
import type { ReportBody } from "./reportBody.ts";
import type { SgxExtension } from "./sgxExtension.ts";
import { matchTcbLevel, type TcbInfo, type TcbLevel } from "./tcbInfo.ts";
import { convergeStatus, TcbStatus, tcbStatusName } from "./tcbStatus.ts";
import { INTEL_ROOT_KEY } from "./intelRoot.ts";
import { verifyCollateral, type VerifiedCollateral } from "./verifyCollateral.ts";
import { verifyPlatform, verifyPck } from "./verifyPck.ts";

/** What {@link verifyQuote} needs. */
export interface VerifyQuoteParameters {
  /** Exactly the quote's bytes; see {@link trimQuote} for those with zeros behind. */
  readonly quote: Uint8Array;
  readonly collateral: Collateral;
  /** The trusted root's public key, x and y, 64 bytes; Intel's by default. */
  readonly root?: Hex;
  /** Unix seconds at which all must hold. */
  readonly time: bigint;
  readonly policy?: Policy;
  /** 32 bytes that the report data must begin with; 32 zeros must follow. Not looked at unless given. */
  readonly expectedReportData?: Hex;
  /** Called with the name of each check that has passed, in order, which shows how far a failed verification came. */
  readonly onPassed?: (check: CheckName) => void;
}

/** What a verified quote says, and how it was found. */
export interface QuoteReport {
  readonly attestation: Attestation;
  /** All 64 bytes. */
  readonly reportData: Hex;
  /** Advisories of the platform's and the QE's level, each once. */
  readonly advisoryIds: readonly string[];
  /** Unix seconds of the platform's TCB level. */
  readonly tcbDate: bigint;
  /** Before converging with the QE's. */
  readonly platformStatus: TcbStatus;
  readonly qeStatus: TcbStatus;
  readonly tcbEvaluationDataNumber: number;
  readonly collateralHash: Hex;
  /** What a validator says of the collateral that it used. */
  readonly basis: CollateralBasis;
  /** The checks that passed, in order: all of them, apart from the report data where none was expected. */
  readonly checks: readonly CheckName[];
}

function checkPlatform(platform: SgxExtension, info: TcbInfo): void {
  const [fmspc, pceId] = [toHex(platform.fmspc), toHex(platform.pceId)];
  if (fmspc !== info.fmspc) fail("FmspcMismatch", `the platform has FMSPC ${fmspc}, the TCB info is for ${info.fmspc}`);
  if (pceId !== info.pceId) fail("PceIdMismatch", `the platform has PCEID ${pceId}, the TCB info is for ${info.pceId}`);
}

/** Whether masked bytes equal the expected ones (Intel QVL 4.1.2.9.5 and .6). */
function matchesMasked(value: Uint8Array, mask: Uint8Array, expected: Uint8Array): boolean {
  return value.every((byte, i) => (byte & (mask[i] ?? 0)) === expected[i]);
}

function checkQeReport(report: ReportBody, identity: QeIdentity): QeLevel {
  checkKss(report, "the QE");
  if (!matchesMasked(report.miscSelect, identity.miscSelectMask, identity.miscSelect)) {
    fail(
      "QeMiscSelect",
      `the QE's MISCSELECT ${toHex(report.miscSelect)} is not ${toHex(identity.miscSelect)} under its mask`,
    );
  }
  if (!matchesMasked(report.attributes, identity.attributesMask, identity.attributes)) {
    fail(
      "QeAttributes",
      `the QE's attributes ${toHex(report.attributes)} are not ${toHex(identity.attributes)} under their mask`,
    );
  }
  if (!sameBytes(report.mrSigner, identity.mrSigner)) {
    fail("QeMrSigner", `the QE's MRSIGNER is ${toHex(report.mrSigner)} instead of ${toHex(identity.mrSigner)}`);
  }
  if (report.isvProdId !== identity.isvProdId) {
    fail("QeIsvProdId", `the QE's ISVPRODID is ${report.isvProdId} instead of ${identity.isvProdId}`);
  }
  const level = matchQeLevel(identity, report.isvSvn);
  return level ?? fail("QeTcbUnsupported", `the QE's ISVSVN ${report.isvSvn} is below every level of the QE identity`);
}

function matchPlatform(platform: SgxExtension, info: TcbInfo): TcbLevel {
  const level = matchTcbLevel(info, platform.tcb);
  if (level !== undefined) return level;
  const { components, pceSvn } = platform.tcb;
  return fail(
    "TcbUnsupported",
    `the platform's SVNs ${components.join(",")} and PCESVN ${pceSvn} reach no level of the TCB info`,
  );
}

function checkStatus(level: TcbLevel, qeLevel: QeLevel, policy: Policy): TcbStatus {
  if (level.status === TcbStatus.Revoked) fail("TcbRevoked", "the platform's TCB level is Revoked");
  if (qeLevel.status === TcbStatus.Revoked)
    fail("QeRevoked", `the quoting enclave with ISVSVN level ${qeLevel.isvSvn} is Revoked`);
  const status = convergeStatus(level.status, qeLevel.status);
  const accepted = policy.acceptedStatuses ?? DEFAULT_ACCEPTED_STATUSES;
  if (!accepted.includes(status)) {
    const names = accepted.map(tcbStatusName).join(", ");
    fail(
      "StatusNotAccepted",
      `the platform's status is ${tcbStatusName(status)}, the policy accepts ${names || "none"}`,
    );
  }
  return status;
}

/** What Intel leaves to the relying party: a production launch, and nothing that a host can choose by KSS. */
function checkEnclave(report: ReportBody): void {
  checkLaunch(report);
  checkKss(report, "the enclave");
}

function checkTime(time: bigint): void {
  if (time < 0n || time > 253_402_300_799n) fail("TimeInvalid", `${time} is not a time in Unix seconds`);
}

/** Checks 6 to 17, on collateral that holds. */
function judge(parameters: VerifyQuoteParameters, collateral: VerifiedCollateral, passed: (check: CheckName) => void) {
  const { time, policy = {} } = parameters;
  const quote = parseQuote(parameters.quote);
  checkVendor(quote);
  passed("header");

  const leaf = verifyPck(quote, collateral, time);
  passed("pck");
  const platform = verifyPlatform(leaf, collateral);
  passed("sgxExtension");
  checkPlatform(platform, collateral.tcbInfo);
  passed("platform");

  if (!verifyP256(leaf.publicKey, quote.qeReportBytes, quote.qeReportSignature)) {
    fail("QeReportSignature", `the PCK key with serial ${leaf.serial} did not sign the QE's report`);
  }
  passed("qeReportSignature");
  checkQeReportData(quote);
  passed("qeReportData");
  const qeLevel = checkQeReport(quote.qeReport, collateral.qeIdentity);
  passed("qeReport");

  if (!verifyP256(quote.attestationKey, quote.signedBytes, quote.isvSignature)) {
    fail("IsvSignature", "the attestation key did not sign the quote's header and report");
  }
  passed("isvSignature");
  const level = matchPlatform(platform, collateral.tcbInfo);
  passed("tcbLevel");
  const tcbStatus = checkStatus(level, qeLevel, policy);
  passed("status");

  checkEnclave(quote.report);
  passed("enclavePolicy");
  if (parameters.expectedReportData !== undefined) {
    checkReportData(quote.report.reportData, parameters.expectedReportData);
    passed("reportData");
  }
  return { quote, leaf, platform, level, qeLevel, tcbStatus };
}

/**
 * Verifies an SGX quote of version 3 against collateral, a root and a time, making every check that Intel's quote
 * verification library makes, and those that it leaves to the relying party, in the order of {@link CHECKS}:
 *
 * 1. the root is the caller's, never the input's; 2. PCK CA and TCB Signing certificates; 3. revocation lists; 4. TCB
 * info; 5. QE identity; 6. header; 7. PCK leaf; 8. SGX extension; 9. FMSPC and PCEID; 10. signature of the QE report;
 * 11. its report data; 12. QE identity; 13. the quote's signature; 14. TCB level; 15. converged status and policy;
 * 16. launch and KSS; 17. report data.
 *
 * @throws {SgxVerificationError} for the first check that fails.
 */
export function verifyQuote(parameters: VerifyQuoteParameters): QuoteReport {
  const { collateral: documents, root = INTEL_ROOT_KEY, time, policy } = parameters;
  const checks: CheckName[] = [];
  const passed = (check: CheckName): void => {
    checks.push(check);
    parameters.onPassed?.(check);
  };
  checkTime(time);
  const collateral = verifyCollateral(documents, root, time, policy, passed);
  const { quote, leaf, platform, level, qeLevel, tcbStatus } = judge(parameters, collateral, passed);
  return {
    attestation: {
      quoteHash: quote.quoteHash,
      mrEnclave: toHex(quote.report.mrEnclave),
      mrSigner: toHex(quote.report.mrSigner),
      isvProdId: quote.report.isvProdId,
      isvSvn: quote.report.isvSvn,
      platformId: keccak256(platform.ppid),
      fmspc: toHex(platform.fmspc),
      tcbStatus,
      validUntil: leaf.notAfter < collateral.validUntil ? leaf.notAfter : collateral.validUntil,
      launch: toHex(launchOf(quote.report)),
    },
    reportData: toHex(quote.report.reportData),
    advisoryIds: [...new Set([...level.advisoryIds, ...qeLevel.advisoryIds])],
    tcbDate: level.tcbDate,
    platformStatus: level.status,
    qeStatus: qeLevel.status,
    tcbEvaluationDataNumber: collateral.tcbInfo.evaluationDataNumber,
    collateralHash: collateralHash(documents),
    basis: basisOf(documents, collateral),
    checks,
  };
}
