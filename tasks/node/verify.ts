import { offlineAction } from "../support/action.ts";
import { collateralForQuote } from "../support/collateral.ts";
import { quoteDocument } from "../support/documents.ts";
import { forms, isFile, needed, readBytes, readDocument } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { besideQuote, readQuoteBytes } from "../support/quoteFile.ts";
import { formatTime } from "../../src/amounts.ts";
import { DOCUMENT_NAMES, documentTitles, validitiesOf } from "../../src/collateral/documents.ts";
import { describeFamily } from "../../src/collateral/family.ts";
import { familyOfCollateral } from "../../src/collateral/source.ts";
import { InputError } from "../../src/inputError.ts";
import {
  CHECKS,
  SgxVerificationError,
  tcbStatusName,
  verifyQuote,
  type CheckName,
  type Collateral,
  type Hex,
  type QuoteReport,
} from "../../src/sgx/index.ts";

interface Arguments {
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
  readonly root: string | undefined;
  readonly reportData: string | undefined;
  readonly time: string | undefined;
}

/** What each check looks at. */
const WHAT: Readonly<Record<CheckName, string>> = {
  root: "the trusted root is a key on P-256",
  issuers: "PCK CA and TCB Signing certificates: form, names, signatures, dates, not revoked",
  crls: "revocation lists: form, signatures, dates",
  tcbInfo: "TCB info: signature, form, dates",
  qeIdentity: "QE identity: signature, form, dates, same evaluation number",
  header: "the quote's header, lengths and reserved bytes; Intel's quoting enclave",
  pck: "PCK certificate: form, issuer, signature, dates, not revoked",
  sgxExtension: "Intel's SGX extension in it",
  platform: "FMSPC and PCE id are those of the TCB info",
  qeReportSignature: "the PCK key signed the quoting enclave's report",
  qeReportData: "that report vouches for the attestation key",
  qeReport: "the quoting enclave is Intel's",
  isvSignature: "the attestation key signed the quote",
  tcbLevel: "the platform's SVNs reach a TCB level",
  status: "its status is not Revoked",
  enclavePolicy: "no DEBUG, no provisioning key, KSS fields zero",
  reportData: "the report data is the expected one",
};

function rootOf(text: string): Hex {
  const value = isFile(text) ? readBytes(text).toString("utf8").trim() : text;
  if (/^0x[0-9a-fA-F]{128}$/.test(value)) return value as Hex;
  throw new InputError(`"${text}" names no root key`, "Give a file with 0x and 128 hexadecimal digits, or those.");
}

function timeOf(text: string | undefined): bigint {
  if (text === undefined) return BigInt(Math.floor(Date.now() / 1000));
  if (/^\d{1,12}$/.test(text)) return BigInt(text);
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return BigInt(Math.floor(milliseconds / 1000));
  throw new InputError(`"${text}" is no time`, "Give Unix seconds, or a date such as 2025-08-15T06:00:00Z.");
}

function expectedOf(quote: string, reportData: string | undefined): { expectedReportData?: Hex } {
  if (reportData !== undefined) {
    const result = forms.bytes32.safeParse(reportData);
    if (result.success) return { expectedReportData: reportData as Hex };
    throw new InputError(`"${reportData}" is no report data`, "Give 0x and 64 hexadecimal digits.");
  }
  // The document of `node quote` says what the quote was made for; of bare bytes nobody knows.
  const isDocument = readBytes(quote)[0] === "{".charCodeAt(0);
  return isDocument ? { expectedReportData: readDocument(quote, quoteDocument, "a quote").reportData } : {};
}

/** How far a verification came. */
function checkTable(passed: readonly CheckName[], failed?: CheckName): string[][] {
  return [
    ["Check", "", "", ""],
    ...CHECKS.map((check, i) => {
      const result = check === failed ? "FAILS" : passed.includes(check) ? "holds" : "not made";
      return [(i + 1).toString(), check, result, WHAT[check]];
    }),
  ];
}

function aboutCollateral(collateral: Collateral): Record<string, unknown> {
  try {
    return { family: familyOfCollateral(collateral), documents: validitiesOf(collateral) };
  } catch (error) {
    // What cannot be read is told by the check that finds it.
    if (error instanceof SgxVerificationError) return {};
    throw error;
  }
}

function tellReport(report: QuoteReport, collateral: Collateral, time: bigint): Outcome {
  const { attestation, advisoryIds, platformStatus, qeStatus, tcbDate, tcbEvaluationDataNumber } = report;
  const { family, documents } = { family: familyOfCollateral(collateral), documents: validitiesOf(collateral) };
  const [status, ofPlatform, ofQe] = [attestation.tcbStatus, platformStatus, qeStatus].map(tcbStatusName);
  return {
    data: { holds: true, ...report, time, status, platformStatus: ofPlatform, qeStatus: ofQe, family, documents },
    rows: [
      ["Verdict", `the quote holds at ${formatTime(time)}`],
      ["Status", `${status ?? ""} (platform ${ofPlatform ?? ""}, quoting enclave ${ofQe ?? ""})`],
      ["Advisories", advisoryIds.join(", ") || "none"],
      ["TCB date", formatTime(tcbDate)],
      ["Valid until", formatTime(attestation.validUntil)],
      ["Enclave", `MRENCLAVE ${attestation.mrEnclave}`],
      ["Signer", `MRSIGNER ${attestation.mrSigner}, product ${attestation.isvProdId}, SVN ${attestation.isvSvn}`],
      ["Report data", report.reportData],
      ["Platform", `${attestation.platformId}, ${describeFamily(family)}`],
      ["Quote hash", attestation.quoteHash],
      ["Evaluation number", tcbEvaluationDataNumber.toString()],
      ...DOCUMENT_NAMES.map(
        (name) =>
          [
            documentTitles[name],
            `${formatTime(documents[name].from)} to ${formatTime(documents[name].until)}`,
          ] as const,
      ),
    ],
    table: checkTable(report.checks),
  };
}

function tellFailure(
  error: SgxVerificationError,
  checks: readonly CheckName[],
  collateral: Collateral,
  time: bigint,
): Outcome {
  const { code, check, timeless, remedy } = error;
  const cause = error.message.slice(code.length + 2, -remedy.length).trimEnd();
  const place = (CHECKS.indexOf(check) + 1).toString();
  return {
    data: {
      holds: false,
      failed: check,
      ...{ code, cause, remedy, timeless, checks, time },
      ...aboutCollateral(collateral),
    },
    rows: [
      ["Verdict", `the quote does not hold at ${formatTime(time)}: check ${place}, ${check}, fails`],
      ["Fault", code],
      ["Cause", cause],
      ["Remedy", remedy],
      ["Whatever the time", timeless ? "yes, under this collateral it never holds" : "no, this may pass"],
    ],
    table: checkTable(checks, check),
    exitCode: 1,
  };
}

export default offlineAction(async (args: Arguments): Promise<Outcome> => {
  const file = needed(args.quote, "quote");
  const quote = readQuoteBytes(file);
  const collateral = await collateralForQuote(quote, args.collateral, besideQuote(file, "collateral.json"));
  const time = timeOf(args.time);
  const root = args.root === undefined ? {} : { root: rootOf(args.root) };
  const checks: CheckName[] = [];
  const onPassed = (check: CheckName): void => void checks.push(check);
  try {
    const report = verifyQuote({ quote, collateral, ...root, time, ...expectedOf(file, args.reportData), onPassed });
    return tellReport(report, collateral, time);
  } catch (error) {
    if (error instanceof SgxVerificationError) return tellFailure(error, checks, collateral, time);
    throw error;
  }
});
