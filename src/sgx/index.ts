/** SGX quotes, Intel's collateral and their strict verification off chain. */

export type { Attestation } from "./attestation.ts";
export { basisOf, type CollateralBasis } from "./basis.ts";
export type { Hex } from "./bytes.ts";
export { collateralHash, parseCollateral, serializeCollateral, type Collateral } from "./collateral.ts";
export { collateralFromPcs, readCollateralFolder, type PcsResponses } from "./collateralSources.ts";
export { CHECKS, SGX_FAULT_CODES, SgxVerificationError, type CheckName, type SgxFaultCode } from "./errors.ts";
export { isPossibleLaunch, launchOf } from "./launch.ts";
export type { PckCaKind } from "./names.ts";
export { DEFAULT_ACCEPTED_STATUSES, type Policy } from "./policy.ts";
export { parseQeIdentity, type QeIdentity, type QeLevel } from "./qeIdentity.ts";
export { buildQuote, MAX_QUOTE_SIZE, parseQuote, trimQuote, type ParsedQuote, type Quote } from "./quote.ts";
export { collateralIn } from "./files/collateralFile.ts";
export { quoteIn } from "./files/quoteFile.ts";
export type { ReportBody } from "./reportBody.ts";
export type { Tcb } from "./sgxExtension.ts";
export type { SignedDocument } from "./signedJson.ts";
export { parseTcbInfo, type TcbInfo, type TcbLevel } from "./tcbInfo.ts";
export {
  convergeStatus,
  TCB_STATUS_NAMES,
  TcbStatus,
  tcbStatusName,
  type QeStatus,
  type TcbStatusName,
} from "./tcbStatus.ts";
export { INTEL_ROOT_KEY } from "./intelRoot.ts";
export { verifyCollateral, type VerifiedCollateral } from "./verifyCollateral.ts";
export { verifyQuote, type QuoteReport, type VerifyQuoteParameters } from "./verifyQuote.ts";
