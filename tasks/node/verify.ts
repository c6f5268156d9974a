import { offlineAction } from "../support/action.ts";
import { collateralForQuote } from "../support/collateral.ts";
import { isFile, needed, readBytes } from "../support/inputs.ts";
import type { Outcome } from "../support/outcome.ts";
import { besideQuote, isQuoteDocument, readQuoteBytes, readQuoteDocument } from "../support/quoteFile.ts";
import { failedStep, stepTable } from "./verification.ts";
import { formatTime } from "../../src/amounts.ts";
import { DOCUMENT_NAMES, documentTitles, validityOf } from "../../src/collateral/documents.ts";
import { describeFamily, familyOfQuote } from "../../src/collateral/family.ts";
import { familyOfCollateral } from "../../src/collateral/source.ts";
import { onChainQuoteHash } from "../../src/dcap/evidence.ts";
import { parseLeaf } from "../../src/dcap/leaf.ts";
import { forms } from "../../src/forms.ts";
import { InputError } from "../../src/inputError.ts";
import { toHex } from "../../src/sgx/bytes.ts";
import { findLeafDer } from "../../src/sgx/chain.ts";
import {
  DEFAULT_ACCEPTED_STATUSES,
  INTEL_ROOT_KEY,
  parseQuote,
  SgxVerificationError,
  tcbStatusName,
  verifyQuote,
  type CheckName,
  type Collateral,
  type Hex,
  type ParsedQuote,
  type QuoteReport,
  type SgxFaultCode,
  type TcbStatus,
} from "../../src/sgx/index.ts";

interface Arguments {
  readonly quote: string | undefined;
  readonly collateral: string | undefined;
  readonly root: string | undefined;
  readonly reportData: string | undefined;
  readonly time: string | undefined;
  readonly accept: string | undefined;
}

/** The root that is trusted, and whether it is Intel's. */
interface TrustedRoot {
  readonly key: Hex;
  readonly isIntel: boolean;
  readonly origin: string;
}

function parseRoot(text: string | undefined): TrustedRoot {
  if (text === undefined) return { key: INTEL_ROOT_KEY, isIntel: true, origin: "Intel's" };
  const value = isFile(text) ? readBytes(text).toString("utf8").trim() : text;
  if (!/^0x[0-9a-fA-F]{128}$/.test(value)) {
    throw new InputError(
      `"${text}" is neither a root key nor a file with one`,
      "Give 0x and 128 hexadecimal digits, or a file that has them.",
    );
  }
  const isIntel = value.toLowerCase() === INTEL_ROOT_KEY;
  return { key: value as Hex, isIntel, origin: isIntel ? "Intel's" : `NOT Intel's: ${text}` };
}

function parseTime(text: string | undefined): bigint {
  if (text === undefined) return BigInt(Math.floor(Date.now() / 1000));
  if (/^\d{1,12}$/.test(text)) return BigInt(text);
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return BigInt(Math.floor(milliseconds / 1000));
  throw new InputError(`"${text}" is not a time`, "Give Unix seconds, or a date such as 2025-08-15T06:00:00Z.");
}

function parseExpected(quote: string, reportData: string | undefined): { expectedReportData?: Hex } {
  if (reportData !== undefined) {
    const result = forms.bytes32.safeParse(reportData);
    if (result.success) return { expectedReportData: reportData as Hex };
    throw new InputError(`"${reportData}" is not 32 bytes of report data`, "Give 0x and 64 hexadecimal digits.");
  }
  return isQuoteDocument(quote) ? { expectedReportData: readQuoteDocument(quote).reportData } : {};
}

/** The statuses to accept, out of a list such as `UpToDate,SWHardeningNeeded`. */
function parseAccepted(text: string | undefined): readonly TcbStatus[] {
  if (text === undefined) return DEFAULT_ACCEPTED_STATUSES;
  const known = DEFAULT_ACCEPTED_STATUSES.map((status) => [tcbStatusName(status), status] as const);
  const names = text.split(/[\s,]+/).filter((name) => name !== "");
  const accepted = names.map((name) => {
    const [, status] = known.find(([each]) => each.toLowerCase() === name.toLowerCase()) ?? [];
    if (status !== undefined) return status;
    const problem = /^revoked$/i.test(name)
      ? "A revoked platform is never accepted"
      : `"${name}" is no TCB status of Intel's`;
    throw new InputError(problem, `Give some of ${known.map(([each]) => each).join(", ")}, separated by commas.`);
  });
  if (accepted.length > 0) return accepted;
  throw new InputError("--accept names no status", "Leave it out to accept every status but Revoked.");
}

/** What can be read; the check that fails reports the rest. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SgxVerificationError) return undefined;
    throw error;
  }
}

/** What was looked at, and how. */
interface Looked {
  readonly quoteFile: string;
  readonly quote: Uint8Array;
  readonly collateral: Collateral;
  readonly root: TrustedRoot;
  readonly time: bigint;
  readonly accepted: readonly TcbStatus[];
}

/** The names of the accepted statuses. */
const namesOf = ({ accepted }: Looked): string[] => accepted.map(tcbStatusName);

type Rows = readonly (readonly [string, string])[];

/** The platform by its certificate in the quote, its family else by the collateral. */
function describePlatform({ quote, collateral }: Looked, parsed: ParsedQuote) {
  const leaf = readable(() => parseLeaf(findLeafDer(parsed)));
  const family = readable(() => familyOfQuote(quote)) ?? readable(() => familyOfCollateral(collateral));
  const parts = [leaf?.platformId, family === undefined ? undefined : describeFamily(family)];
  return { family, described: parts.filter((part) => part !== undefined).join(", ") || "cannot be read" };
}

/** What the quote says of itself, verified or not. */
function describeQuote(looked: Looked): { data: Record<string, unknown>; rows: Rows } {
  const { quote } = looked;
  const parsed = readable(() => parseQuote(quote));
  if (parsed === undefined) return { data: {}, rows: [] };
  const { report, quoteHash } = parsed;
  const { family, described } = describePlatform(looked, parsed);
  const [mrEnclave, mrSigner, reportData] = [report.mrEnclave, report.mrSigner, report.reportData].map(toHex);
  const [miscSelect, attributes] = [report.miscSelect, report.attributes].map(toHex);
  const { isvProdId, isvSvn } = report;
  const signedHash = onChainQuoteHash(quote);
  return {
    data: {
      ...{ mrEnclave, mrSigner, isvProdId, isvSvn, miscSelect, attributes, reportData },
      hashes: { wholeQuote: quoteHash, signedBytes: signedHash },
      ...(family === undefined ? {} : { family }),
    },
    rows: [
      ["Enclave", `MRENCLAVE ${mrEnclave ?? ""}`],
      ["Signer", `MRSIGNER ${mrSigner ?? ""}, product ${isvProdId.toString()}, SVN ${isvSvn.toString()}`],
      ["Launch", `MISCSELECT ${miscSelect ?? ""}, ATTRIBUTES ${attributes ?? ""}`],
      ["Report data", reportData ?? ""],
      ["Platform", described],
      ["Hash of the whole quote", `${quoteHash} (${quote.length.toString()} bytes; a quorum's name for it)`],
      ["Hash of its signed bytes", `${signedHash} (the first 432; the chain's name for it)`],
    ],
  };
}

function describeDocuments({ collateral }: Looked): { data: Record<string, unknown>; rows: Rows } {
  const documents = DOCUMENT_NAMES.map((name) => [name, readable(() => validityOf(name, collateral))] as const);
  return {
    data: { documents: Object.fromEntries(documents) },
    rows: documents.map(([name, validity]) => {
      const dates =
        validity === undefined ? "cannot be read" : `${formatTime(validity.from)} to ${formatTime(validity.until)}`;
      return [documentTitles[name], dates];
    }),
  };
}

function reportOf(report: QuoteReport, looked: Looked): Outcome {
  const { attestation, advisoryIds, platformStatus, qeStatus, tcbDate, tcbEvaluationDataNumber } = report;
  const { root, time } = looked;
  const [quote, documents] = [describeQuote(looked), describeDocuments(looked)];
  const [status, ofPlatform, ofQe] = [attestation.tcbStatus, platformStatus, qeStatus].map(tcbStatusName);
  return {
    data: {
      ...{ holds: true, ...quote.data, ...report, time },
      ...{ status, platformStatus: ofPlatform, qeStatus: ofQe, accepted: namesOf(looked) },
      trustedRoot: { isIntel: root.isIntel, key: root.key },
      ...documents.data,
    },
    rows: [
      ["Verdict", `the quote holds at ${formatTime(time)}`],
      ["Trusted root", root.origin],
      ["Status", `${status ?? ""} (platform ${ofPlatform ?? ""}, quoting enclave ${ofQe ?? ""})`],
      ["Accepted statuses", namesOf(looked).join(", ")],
      ["Advisories", advisoryIds.join(", ") || "none"],
      ["TCB date", formatTime(tcbDate)],
      ["Valid until", formatTime(attestation.validUntil)],
      ...quote.rows,
      ["Evaluation number", tcbEvaluationDataNumber.toString()],
      ...documents.rows,
    ],
    table: stepTable(report.checks, root.isIntel),
  };
}

/** Faults that a simulator's quote or collateral shows under Intel's root. */
const OTHER_ROOT: readonly SgxFaultCode[] = ["CrlSignature", "CaSignature", "QuoteRoot"];

/** What can be done, with the options of this task that bear on it. */
function remedyOf({ code, remedy }: SgxVerificationError, { quoteFile, root }: Looked): string {
  if (root.isIntel && OTHER_ROOT.includes(code)) {
    const beside = besideQuote(quoteFile, "root.txt");
    const file = isFile(beside) ? beside : "FILE";
    return `${remedy} If a simulator made it, name the simulator's root with \`--root ${file}\`.`;
  }
  if (code === "StatusNotAccepted") return `${remedy} Or accept this status too, with \`--accept\`.`;
  const isOfDates = code.endsWith("Expired") || code.endsWith("NotYetValid");
  return isOfDates ? `${remedy} To judge at another time, give \`--time\`; the dates are listed below.` : remedy;
}

function failureOf(error: SgxVerificationError, checks: readonly CheckName[], looked: Looked): Outcome {
  const { code, check, timeless } = error;
  const { root, time } = looked;
  const [quote, documents] = [describeQuote(looked), describeDocuments(looked)];
  const cause = error.message.slice(code.length + 2, -error.remedy.length).trimEnd();
  const remedy = remedyOf(error, looked);
  const { step, place } = failedStep(checks, check);
  return {
    data: {
      ...{ holds: false, failed: check, step, code, cause, remedy, timeless, checks, time },
      accepted: namesOf(looked),
      trustedRoot: { isIntel: root.isIntel, key: root.key },
      ...quote.data,
      ...documents.data,
    },
    rows: [
      ["Verdict", `the quote does not hold at ${formatTime(time)}: step ${place.toString()}, ${step}, fails`],
      ["Trusted root", root.origin],
      ["Fault", code],
      ["Cause", cause],
      ["Remedy", remedy],
      ["Fails at any time", timeless ? "yes, with this collateral the quote never holds" : "no, this may pass"],
      ...quote.rows,
      ...documents.rows,
    ],
    table: stepTable(checks, root.isIntel, step),
    exitCode: 1,
  };
}

export default offlineAction(async (args: Arguments): Promise<Outcome> => {
  const quoteFile = needed(args.quote, "quote");
  const quote = readQuoteBytes(quoteFile);
  const collateral = await collateralForQuote(quote, args.collateral, besideQuote(quoteFile, "collateral.json"));
  const asked = { root: parseRoot(args.root), time: parseTime(args.time), accepted: parseAccepted(args.accept) };
  const looked: Looked = { quoteFile, quote, collateral, ...asked };
  const checks: CheckName[] = [];
  const onPassed = (check: CheckName): void => void checks.push(check);
  const { root, time, accepted } = asked;
  const policy = { acceptedStatuses: accepted };
  const expected = parseExpected(quoteFile, args.reportData);
  try {
    const report = verifyQuote({ quote, collateral, root: root.key, time, policy, ...expected, onPassed });
    return reportOf(report, looked);
  } catch (error) {
    if (error instanceof SgxVerificationError) return failureOf(error, checks, looked);
    throw error;
  }
});
