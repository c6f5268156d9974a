import { sameBytes, toHex } from "../sgx/bytes.ts";
import { parseCertificate } from "../sgx/certificate.ts";
import { parseCrl } from "../sgx/crl.ts";
import { SgxVerificationError } from "../sgx/errors.ts";
import { describeFile } from "../sgx/files/quoteFile.ts";
import { IntelName } from "../sgx/names.ts";
import { parseQeIdentity } from "../sgx/qeIdentity.ts";
import { parseSignedDocument } from "../sgx/signedJson.ts";
import { parseTcbInfo } from "../sgx/tcbInfo.ts";
import { INTEL_ROOT_KEY } from "../sgx/intelRoot.ts";
import { CollateralFetchError } from "./errors.ts";
import type { PlatformFamily } from "./family.ts";
import type { Answer } from "./http.ts";
import type { CollateralTrack } from "./pcs.ts";
import { showUrl } from "./access.ts";

/** A document as it came, and from where. */
export interface Got extends Answer {
  readonly url: string;
}

const OTHER_SERVER = "Name a PCS or PCCS of API version 4.";
const NO_NUMBERS =
  "Leave the number out, or name a server that has it: Intel's reference PCCS does not heed the number.";

/** An answer with status 200 that is not what was asked for. */
export function wrongAnswer(url: string, what: string, remedy = OTHER_SERVER): CollateralFetchError {
  return new CollateralFetchError("ANSWER", { url: showUrl(url), status: 200 }, what, remedy);
}

/** What a reader says is wrong, without its code and its remedy. */
function saidBy(error: unknown): string {
  if (!(error instanceof SgxVerificationError)) return error instanceof Error ? error.message : String(error);
  return error.message
    .slice(error.code.length + 2, -error.remedy.length)
    .trim()
    .replace(/\.$/, "");
}

/** Reads an answer, and says what it is instead where it cannot be read. */
export function readAnswer<T>(url: string, title: string, body: Uint8Array, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw wrongAnswer(url, `The server was asked for the ${title} and gave ${describeFile(body)}: ${saidBy(error)}`);
  }
}

/** Puts a set together, of answers that can be read one by one. */
export function putTogether<T>(url: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw wrongAnswer(url, `The server's answers do not belong together: ${saidBy(error)}`);
  }
}

/** Refuses TCB info that is of another family or number than was asked for. */
export function checkTcbInfo({ url, body }: Got, text: string, family: PlatformFamily, track: CollateralTrack): void {
  const info = readAnswer(url, "TCB info", body, () => parseTcbInfo(text));
  for (const [name, asked, given] of [
    ["FMSPC", family.fmspc, info.fmspc],
    ["PCE id", family.pceId, info.pceId],
  ] as const) {
    if (asked.toLowerCase() === given) continue;
    const what = `The server was asked for TCB info of ${name} ${asked.slice(2)} and gave that of ${given.slice(2)}`;
    throw wrongAnswer(url, what, `Check the ${name}, or name another server.`);
  }
  const { evaluationDataNumber: number } = info;
  if (typeof track !== "number" || number === track) return;
  const what = `The server was asked for TCB info with tcbEvaluationDataNumber ${track} and gave that with ${number}`;
  throw wrongAnswer(url, what, NO_NUMBERS);
}

/** The tcbEvaluationDataNumber of a QE identity, which must be one of SGX. */
export function numberOfIdentity(got: Got): number {
  const read = () =>
    parseQeIdentity(parseSignedDocument(Buffer.from(got.body).toString("utf8"), "enclaveIdentity").text);
  return readAnswer(got.url, "QE identity", got.body, read).evaluationDataNumber;
}

/** Refuses a QE identity of another number than that of the TCB info, which was asked for. */
export function checkIdentity(got: Got, number: number): void {
  const given = numberOfIdentity(got);
  if (given === number) return;
  const what = `The server was asked for the QE identity with tcbEvaluationDataNumber ${number}, that of its TCB info, and gave that with ${given}`;
  throw wrongAnswer(got.url, what, NO_NUMBERS);
}

/** The name of a family's PCK CA. */
export const nameOfCa = ({ ca }: PlatformFamily): Uint8Array =>
  ca === "platform" ? IntelName.platformCa : IntelName.processorCa;

/** Refuses what is no revocation list, or one of another issuer. */
export function checkList({ url, body }: Got, title: string, issuer: Uint8Array): void {
  const crl = readAnswer(url, title, body, () => parseCrl(body));
  if (sameBytes(crl.issuer, issuer)) return;
  throw wrongAnswer(url, `The server's ${title} is a list of "${crl.issuerText}"`, "Name another server.");
}

/** Refuses the certificate of another CA than was asked for. */
export function checkCa({ url }: Got, pckCa: Uint8Array, family: PlatformFamily): void {
  const { subject, subjectText } = readAnswer(url, "PCK CA certificate", pckCa, () => parseCertificate(pckCa));
  if (sameBytes(subject, nameOfCa(family))) return;
  const what = `The server was asked for the PCK ${family.ca} CA and gave the certificate of "${subjectText}"`;
  throw wrongAnswer(url, what, "Name another server.");
}

/** Whether a certificate is one of Intel's root, by its key. */
export function isIntelRoot(der: Uint8Array): boolean {
  try {
    return toHex(parseCertificate(der).publicKey) === INTEL_ROOT_KEY;
  } catch {
    return false;
  }
}
