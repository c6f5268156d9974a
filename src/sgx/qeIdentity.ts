import { z } from "zod";

import { bytesOfDigits } from "./bytes.ts";
import { fail } from "./errors.ts";
import { date, field, peek, parseCanonical } from "./signedJson.ts";
import { TcbStatus, type QeStatus } from "./tcbStatus.ts";

/** One row of a QE identity: the least ISVSVN for a status. */
export interface QeLevel {
  readonly isvSvn: number;
  /** Unix seconds. */
  readonly tcbDate: bigint;
  readonly status: QeStatus;
  readonly advisoryIds: readonly string[];
}

/** QE identity version 2. Its levels stand from best to worst. */
export interface QeIdentity {
  /** Unix seconds, inclusive on both ends. */
  readonly issueDate: bigint;
  readonly nextUpdate: bigint;
  /** 1 to 65,535. */
  readonly evaluationDataNumber: number;
  /** 4 bytes as they stand in the report, like all below. */
  readonly miscSelect: Uint8Array;
  readonly miscSelectMask: Uint8Array;
  /** 16 bytes. */
  readonly attributes: Uint8Array;
  readonly attributesMask: Uint8Array;
  /** 32 bytes. */
  readonly mrSigner: Uint8Array;
  readonly isvProdId: number;
  readonly levels: readonly QeLevel[];
}

/** The keys stand in Intel's order, which is part of the form. */
const schema = z.strictObject({
  id: z.literal("QE"),
  version: z.literal(2),
  issueDate: field.date,
  nextUpdate: field.date,
  tcbEvaluationDataNumber: field.evaluationNumber,
  miscselect: field.hex(4),
  miscselectMask: field.hex(4),
  attributes: field.hex(16),
  attributesMask: field.hex(16),
  mrsigner: field.hex(32),
  isvprodid: field.uint16,
  tcbLevels: z
    .array(
      z.strictObject({
        tcb: z.strictObject({ isvsvn: field.uint16 }),
        tcbDate: field.date,
        tcbStatus: z.enum(["UpToDate", "OutOfDate", "Revoked"]),
        advisoryIDs: field.advisories,
      }),
    )
    .min(1),
});

/**
 * Reads a QE identity from the exact text that Intel signed. Its signature and dates are not judged here.
 *
 * @throws {SgxVerificationError} for another version or id, any other form, or levels not strictly descending.
 */
export function parseQeIdentity(text: string): QeIdentity {
  const { id, version } = peek("QeIdentityEncoding", "the QE identity", text);
  if (version !== 2) fail("QeIdentityVersion", `the QE identity has version ${JSON.stringify(version)} instead of 2`);
  if (id !== "QE") fail("QeIdentityId", `the QE identity has id ${JSON.stringify(id)} instead of "QE"`);
  const read = parseCanonical("QeIdentityEncoding", "the QE identity", text, schema);
  const levels = read.tcbLevels.map((level) => ({
    isvSvn: level.tcb.isvsvn,
    tcbDate: date(level.tcbDate),
    status: TcbStatus[level.tcbStatus],
    advisoryIds: level.advisoryIDs ?? [],
  }));
  levels.reduce((above, below, i) => {
    if (above.isvSvn <= below.isvSvn)
      fail("QeIdentityOrder", `level ${i} of the QE identity is not strictly below level ${i - 1}`);
    return below;
  });
  return {
    issueDate: date(read.issueDate),
    nextUpdate: date(read.nextUpdate),
    evaluationDataNumber: read.tcbEvaluationDataNumber,
    miscSelect: bytesOfDigits(read.miscselect),
    miscSelectMask: bytesOfDigits(read.miscselectMask),
    attributes: bytesOfDigits(read.attributes),
    attributesMask: bytesOfDigits(read.attributesMask),
    mrSigner: bytesOfDigits(read.mrsigner),
    isvProdId: read.isvprodid,
    levels,
  };
}

/** The first level that the QE's ISVSVN reaches; nothing where it reaches none (Intel QVL 4.1.2.9.11). */
export function matchQeLevel(identity: QeIdentity, isvSvn: number): QeLevel | undefined {
  return identity.levels.find((level) => isvSvn >= level.isvSvn);
}
