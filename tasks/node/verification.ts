import { CHECKS, type CheckName } from "../../src/sgx/index.ts";

/** A step of a verification, as people are shown it: a check, of which that of the revocation lists is made in two goes. */
export type Step = Exclude<CheckName, "crls"> | "rootCrl" | "pckCrl";

/** The steps in the order in which they are made: the Root CRL before the certificates, which are looked up in it. */
const STEPS: readonly Step[] = CHECKS.flatMap((check): Step[] => {
  if (check === "issuers") return ["rootCrl", "issuers"];
  return [check === "crls" ? "pckCrl" : check];
});

/** What each step looks at. */
function whatOf(step: Step, isIntel: boolean): string {
  const what: Readonly<Record<Step, string>> = {
    root: "the trusted root is a key on P-256",
    rootCrl: "the Root CA's revocation list: form, signature, dates",
    issuers: "PCK CA and TCB Signing certificates: form, names, signatures, dates, not revoked",
    pckCrl: "the PCK CA's revocation list: form, signature, dates",
    tcbInfo: "TCB info: signature, form, dates",
    qeIdentity: "QE identity: signature, form, dates, same evaluation number",
    header: "the quote's header, lengths and reserved bytes; the quoting enclave's vendor id",
    pck: "PCK certificate: form, issuer, signature, dates, not revoked",
    sgxExtension: "the SGX extension in it",
    platform: "FMSPC and PCE id are those of the TCB info",
    qeReportSignature: "the PCK key signed the quoting enclave's report",
    qeReportData: "that report vouches for the attestation key",
    qeReport: isIntel
      ? "the quoting enclave is Intel's"
      : "the quoting enclave is that of the QE identity, not Intel's",
    isvSignature: "the attestation key signed the quote",
    tcbLevel: "the platform's SVNs reach a TCB level",
    status: "its status is not Revoked",
    enclavePolicy: "no DEBUG, no provisioning key, KSS fields zero",
    reportData: "the report data is the expected one",
  };
  return what[step];
}

/**
 * The step at which a verification ended: the first that was not passed.
 *
 * @param passed The checks that were passed.
 * @param failed The check whose fault was found.
 */
export function failedStep(passed: readonly CheckName[], failed: CheckName): { step: Step; place: number } {
  // The Root CRL has no check of its own: its fault is one of the lists, found before the certificates are through.
  const isRootCrl = failed === "crls" && !passed.includes("issuers");
  const next = CHECKS.find((check) => !passed.includes(check)) ?? failed;
  const step: Step = isRootCrl ? "rootCrl" : next === "crls" ? "pckCrl" : next;
  return { step, place: STEPS.indexOf(step) + 1 };
}

/** How far a verification came, its head first. A step that was not made stands below the one that failed, or was not asked for. */
export function stepTable(passed: readonly CheckName[], isIntel: boolean, failed?: Step): string[][] {
  const count = failed === undefined ? STEPS.length : STEPS.indexOf(failed);
  const resultOf = (step: Step, i: number): string => {
    if (step === failed) return "FAILS";
    if (failed !== undefined) return i < count ? "holds" : "not made";
    return step === "reportData" && !passed.includes(step) ? "not made" : "holds";
  };
  return [
    ["Step", "", "", ""],
    ...STEPS.map((step, i) => [(i + 1).toString(), step, resultOf(step, i), whatOf(step, isIntel)]),
  ];
}
