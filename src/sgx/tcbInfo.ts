import { z } from "zod";

import type { Hex } from "./bytes.ts";
import { fail } from "./errors.ts";
import type { Tcb } from "./sgxExtension.ts";
import { date, field, peek, parseCanonical } from "./signedJson.ts";
import { TcbStatus } from "./tcbStatus.ts";

/** One row of TCB info: the least SVNs for a status. */
export interface TcbLevel {
  readonly tcb: Tcb;
  /** Unix seconds. */
  readonly tcbDate: bigint;
  readonly status: TcbStatus;
  /** Like `INTEL-SA-00615`. */
  readonly advisoryIds: readonly string[];
}

/** TCB info version 3 for SGX. Its levels stand from best to worst. */
export interface TcbInfo {
  /** Unix seconds, inclusive on both ends. */
  readonly issueDate: bigint;
  readonly nextUpdate: bigint;
  readonly fmspc: Hex;
  readonly pceId: Hex;
  /** 1 to 65,535. */
  readonly evaluationDataNumber: number;
  readonly levels: readonly TcbLevel[];
}

const component = z.strictObject({
  svn: field.byte,
  category: field.text.exactOptional(),
  type: field.text.exactOptional(),
});

/** The keys stand in Intel's order, which is part of the form. */
const schema = z.strictObject({
  id: z.literal("SGX"),
  version: z.literal(3),
  issueDate: field.date,
  nextUpdate: field.date,
  fmspc: field.hex(6),
  pceId: field.hex(2),
  tcbType: z.literal(0),
  tcbEvaluationDataNumber: field.evaluationNumber,
  tcbLevels: z
    .array(
      z.strictObject({
        tcb: z.strictObject({ sgxtcbcomponents: z.array(component).length(16), pcesvn: field.uint16 }),
        tcbDate: field.date,
        tcbStatus: field.status,
        advisoryIDs: field.advisories,
      }),
    )
    .min(1),
});

/** Order of levels: by the components from the first on, then by PCESVN. */
function compareTcb(a: Tcb, b: Tcb): number {
  const rest = b.components.map((svn, i) => (a.components[i] ?? 0) - svn);
  return [...rest, a.pceSvn - b.pceSvn].find((difference) => difference !== 0) ?? 0;
}

function checkOrder(levels: readonly TcbLevel[]): void {
  levels.reduce((above, below, i) => {
    if (compareTcb(above.tcb, below.tcb) <= 0) {
      fail("TcbInfoOrder", `level ${i} of the TCB info is not strictly below level ${i - 1}`);
    }
    return below;
  });
}

/**
 * Reads TCB info from the exact text that Intel signed. Its signature and dates are not judged here.
 *
 * @throws {SgxVerificationError} for another version or id, any other form, or levels not strictly descending.
 */
export function parseTcbInfo(text: string): TcbInfo {
  const { id, version } = peek("TcbInfoEncoding", "the TCB info", text);
  if (version !== 3) fail("TcbInfoVersion", `the TCB info has version ${JSON.stringify(version)} instead of 3`);
  if (id !== "SGX") fail("TcbInfoId", `the TCB info has id ${JSON.stringify(id)} instead of "SGX"`);
  const read = parseCanonical("TcbInfoEncoding", "the TCB info", text, schema);
  const levels = read.tcbLevels.map((level) => ({
    tcb: { components: level.tcb.sgxtcbcomponents.map(({ svn }) => svn), pceSvn: level.tcb.pcesvn },
    tcbDate: date(level.tcbDate),
    status: TcbStatus[level.tcbStatus],
    advisoryIds: level.advisoryIDs ?? [],
  }));
  checkOrder(levels);
  return {
    issueDate: date(read.issueDate),
    nextUpdate: date(read.nextUpdate),
    fmspc: `0x${read.fmspc.toLowerCase()}`,
    pceId: `0x${read.pceId.toLowerCase()}`,
    evaluationDataNumber: read.tcbEvaluationDataNumber,
    levels,
  };
}

/** The first level that a platform's SVNs all reach; nothing where they reach none (Intel QVL 4.1.2.4.17). */
export function matchTcbLevel(info: TcbInfo, platform: Tcb): TcbLevel | undefined {
  return info.levels.find(
    ({ tcb }) =>
      tcb.components.every((svn, i) => (platform.components[i] ?? 0) >= svn) && platform.pceSvn >= tcb.pceSvn,
  );
}
