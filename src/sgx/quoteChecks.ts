import { createHash } from "node:crypto";

import { concatBytes, fromHex, isZero, sameBytes, toHex, type Hex } from "./bytes.ts";
import { fail } from "./errors.ts";
import { INTEL_QE_VENDOR, type ParsedQuote } from "./quote.ts";
import type { ReportBody } from "./reportBody.ts";

/** The quoting enclave must be Intel's. */
export function checkVendor(quote: ParsedQuote): void {
  const vendor = toHex(quote.qeVendorId).slice(2);
  if (vendor !== INTEL_QE_VENDOR)
    fail("QeVendor", `the QE's vendor id is ${vendor} instead of Intel's ${INTEL_QE_VENDOR}`);
}

/** The QE's report must be about the attestation key that the quote carries. */
export function checkQeReportData(quote: ParsedQuote): void {
  const digest = createHash("sha256").update(quote.attestationKey).update(quote.qeAuthData).digest();
  const expected = concatBytes(digest, new Uint8Array(32));
  if (!sameBytes(quote.qeReport.reportData, expected)) {
    const found = toHex(quote.qeReport.reportData);
    fail("QeReportData", `the QE's report data ${found} does not vouch for the attestation key and auth data`);
  }
}

/** Nothing that a host can choose by key separation and sharing; the QE has none, and the chain puts zeros there. */
export function checkKss(report: ReportBody, whose: string): void {
  const { isvExtProdId, configId, configSvn, isvFamilyId } = report;
  if (configSvn !== 0 || ![isvExtProdId, configId, isvFamilyId].every(isZero)) {
    const found = `ISVEXTPRODID ${toHex(isvExtProdId)}, CONFIGID ${toHex(configId)}, CONFIGSVN ${configSvn}, ISVFAMILYID ${toHex(isvFamilyId)}`;
    fail("KssFields", `${whose}'s KSS fields are not zero: ${found}`);
  }
}

/** The second half of the enclave's report data, which must be zeros. */
export function checkPadding(reportData: Uint8Array): void {
  const padding = reportData.subarray(32);
  if (!isZero(padding)) fail("ReportDataPadding", `the report data ends with ${toHex(padding)} instead of zeros`);
}

/** The enclave's report data must be these 32 bytes and zeros. */
export function checkReportData(reportData: Uint8Array, expected: Hex): void {
  const bytes = fromHex(expected);
  if (bytes?.length !== 32) fail("ReportDataForm", `the expected report data ${expected} is not 32 bytes`);
  const found = reportData.subarray(0, 32);
  if (!sameBytes(found, bytes))
    fail("ReportDataMismatch", `the report data begins with ${toHex(found)} instead of ${toHex(bytes)}`);
  checkPadding(reportData);
}
