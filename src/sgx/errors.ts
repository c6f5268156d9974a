/** The checks of a verification, in the order in which they are made. */
export const CHECKS = [
  "root",
  "issuers",
  "crls",
  "tcbInfo",
  "qeIdentity",
  "header",
  "pck",
  "sgxExtension",
  "platform",
  "qeReportSignature",
  "qeReportData",
  "qeReport",
  "isvSignature",
  "tcbLevel",
  "status",
  "enclavePolicy",
  "reportData",
] as const;

export type CheckName = (typeof CHECKS)[number];

interface Fault {
  /** The check that finds it. */
  readonly check: CheckName;
  /** Whether the quote stays false under this collateral whatever the time; see {@link SgxVerificationError}. */
  readonly timeless: boolean;
  /** What a person can do about it. */
  readonly remedy: string;
}

const NEW_QUOTE = "Make a new quote on the platform.";
const WHOLE_QUOTE = "Give the quote's bytes as the quoting library returned them.";
const ECDSA_QUOTE = "Quote with Intel's ECDSA quoting enclave for SGX (DCAP, quote version 3).";
const FETCH = "Fetch the collateral again from Intel's PCS or a PCCS.";
const PLATFORM_COLLATERAL = "Fetch the collateral of this quote's own platform.";
const CLOCK = "Check the clock, or wait until the document is valid.";
const UPDATE_TCB = "Update the platform's BIOS, microcode and SGX software, and quote again.";
const UPDATE_QE = "Update the platform's quoting enclave, and quote again.";
const REBUILD = "Build and sign the enclave as a production enclave without this, and quote again.";
const NO_REMEDY = "The platform can no longer attest; use another one.";
const POLICY = "Fetch newer collateral, or relax the policy.";

const faultOf =
  (check: CheckName, timeless: boolean) =>
  (remedy: string): Fault => ({ check, timeless, remedy });

const issuer = faultOf("issuers", false);
const crl = faultOf("crls", false);
const tcbInfo = faultOf("tcbInfo", false);
const qeIdentity = faultOf("qeIdentity", false);
const header = faultOf("header", true);
const pck = faultOf("pck", true);
const qeReport = faultOf("qeReport", true);
const enclave = faultOf("enclavePolicy", true);

/** Every way in which a verification fails. */
const FAULTS = {
  RootKey: faultOf("root", false)("Give the root's public key as 64 bytes x and y of a point on P-256."),
  TimeInvalid: faultOf("root", false)("Give the time in Unix seconds."),

  CollateralForm: issuer(FETCH),
  CaEncoding: issuer(FETCH),
  CaIssuer: issuer(FETCH),
  CaSubject: issuer(FETCH),
  CaUsage: issuer(FETCH),
  CaSignature: issuer("Fetch the collateral again, or name the root that it really comes from."),
  CaNotYetValid: issuer(CLOCK),
  CaExpired: issuer(FETCH),
  CaRevoked: issuer(FETCH),

  CrlEncoding: crl(FETCH),
  CrlIssuer: crl(FETCH),
  CrlSignature: crl(FETCH),
  CrlNotYetValid: crl(CLOCK),
  CrlExpired: crl(FETCH),

  TcbInfoSignature: tcbInfo(FETCH),
  TcbInfoId: tcbInfo("Fetch the TCB info of SGX, not of TDX."),
  TcbInfoVersion: tcbInfo("Fetch TCB info version 3 (Intel's PCS API version 4)."),
  TcbInfoEncoding: tcbInfo(FETCH),
  TcbInfoOrder: tcbInfo(FETCH),
  TcbInfoNotYetValid: tcbInfo(CLOCK),
  TcbInfoExpired: tcbInfo(FETCH),
  TcbInfoTooOld: tcbInfo(POLICY),

  QeIdentitySignature: qeIdentity(FETCH),
  QeIdentityId: qeIdentity("Fetch the identity of the SGX quoting enclave (QE)."),
  QeIdentityVersion: qeIdentity("Fetch QE identity version 2 (Intel's PCS API version 3 or 4)."),
  QeIdentityEncoding: qeIdentity(FETCH),
  QeIdentityOrder: qeIdentity(FETCH),
  QeIdentityNotYetValid: qeIdentity(CLOCK),
  QeIdentityExpired: qeIdentity(FETCH),
  QeIdentityTooOld: qeIdentity(POLICY),
  EvaluationNumberMismatch: qeIdentity("Fetch TCB info and QE identity with the same tcbEvaluationDataNumber."),
  EvaluationNumberTooLow: qeIdentity(POLICY),

  QuoteTruncated: header(WHOLE_QUOTE),
  QuoteOversized: header(WHOLE_QUOTE),
  QuoteTrailingBytes: header("Cut the quote with trimQuote, or give exactly its own bytes."),
  QuoteLength: header(WHOLE_QUOTE),
  QuoteVersion: header(ECDSA_QUOTE),
  AttestationKeyType: header(ECDSA_QUOTE),
  TeeType: header(ECDSA_QUOTE),
  QeVendor: header(ECDSA_QUOTE),
  ReportReserved: header(WHOLE_QUOTE),
  CertificationType: header("Quote with the PCK certificate chain inside (certification data type 5)."),

  CertificationData: pck(NEW_QUOTE),
  QuoteRoot: pck("Name the root that the quote really comes from: Intel's, or that of its simulator."),
  QuoteCa: faultOf("pck", false)(PLATFORM_COLLATERAL),
  PckEncoding: pck(NEW_QUOTE),
  PckIssuer: pck(NEW_QUOTE),
  PckSubject: pck(NEW_QUOTE),
  PckUsage: pck(NEW_QUOTE),
  PckSignature: pck(NEW_QUOTE),
  PckNotYetValid: faultOf("pck", false)(CLOCK),
  PckExpired: faultOf("pck", false)("Fetch a new PCK certificate for the platform, and quote again."),
  PckRevoked: pck(NO_REMEDY),

  SgxExtension: faultOf("sgxExtension", true)(NEW_QUOTE),
  FmspcMismatch: faultOf("platform", false)(PLATFORM_COLLATERAL),
  PceIdMismatch: faultOf("platform", false)(PLATFORM_COLLATERAL),
  QeReportSignature: faultOf("qeReportSignature", true)(NEW_QUOTE),
  QeReportData: faultOf("qeReportData", true)(NEW_QUOTE),
  QeMiscSelect: qeReport(UPDATE_QE),
  QeAttributes: qeReport(UPDATE_QE),
  QeMrSigner: qeReport("Quote with the quoting enclave that Intel signed."),
  QeIsvProdId: qeReport("Quote with the quoting enclave that Intel signed."),
  QeTcbUnsupported: qeReport(UPDATE_QE),
  IsvSignature: faultOf("isvSignature", true)(NEW_QUOTE),
  TcbUnsupported: faultOf("tcbLevel", true)(UPDATE_TCB),
  TcbRevoked: faultOf("status", true)(UPDATE_TCB),
  QeRevoked: faultOf("status", true)(UPDATE_QE),
  StatusNotAccepted: faultOf("status", true)(UPDATE_TCB),
  Debug: enclave(REBUILD),
  ProvisionKey: enclave(REBUILD),
  Launch: enclave(REBUILD),
  KssFields: enclave(REBUILD),
  ReportDataForm: faultOf("reportData", false)("Give the expected report data as 32 bytes."),
  ReportDataMismatch: faultOf("reportData", true)("Quote again with the report data of this registration."),
  ReportDataPadding: faultOf("reportData", true)("Quote again with zeros in the last 32 bytes of the report data."),
} as const satisfies Record<string, Fault>;

/** Stable name of a way to fail; one per fault. */
export type SgxFaultCode = keyof typeof FAULTS;

/** Every fault code, in the order of the checks. */
export const SGX_FAULT_CODES = Object.keys(FAULTS) as readonly SgxFaultCode[];

/**
 * A quote or a piece of collateral that does not hold. `code` is stable and is what programs should look at; the
 * message says the values and what to do.
 *
 * `timeless` says that under the same collateral the quote stays false whatever the time: its hash, signatures, fields
 * or status are wrong. Otherwise only collateral or a certificate is missing, lapsed, not yet valid or of another
 * platform, and nothing is said against the quote itself.
 */
export class SgxVerificationError extends Error {
  override readonly name = "SgxVerificationError";
  readonly code: SgxFaultCode;
  readonly check: CheckName;
  readonly timeless: boolean;
  readonly remedy: string;

  constructor(code: SgxFaultCode, what: string, options?: ErrorOptions) {
    const fault: Fault = FAULTS[code];
    super(`${code}: ${what}. ${fault.remedy}`, options);
    this.code = code;
    this.check = fault.check;
    this.timeless = fault.timeless;
    this.remedy = fault.remedy;
  }
}

/** Throws a {@link SgxVerificationError}; `what` is a sentence with the values, without its full stop. */
export function fail(code: SgxFaultCode, what: string): never {
  throw new SgxVerificationError(code, what);
}

/** Runs a reader and turns whatever it throws, apart from our own errors, into one of the given code. */
export function guard<T>(code: SgxFaultCode, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SgxVerificationError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw new SgxVerificationError(code, `${what}: ${cause}`, { cause: error });
  }
}
