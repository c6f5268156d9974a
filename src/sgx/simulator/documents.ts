import type { Tcb } from "../sgxExtension.ts";
import { TcbStatus, tcbStatusName, type QeStatus } from "../tcbStatus.ts";

/** A simulated TCB level. */
export interface SimulatedTcbLevel {
  readonly tcb: Tcb;
  /** Unix seconds. */
  readonly tcbDate: bigint;
  readonly status: TcbStatus;
  readonly advisoryIds: readonly string[];
}

/** A simulated level of the quoting enclave. */
export interface SimulatedQeLevel {
  readonly isvSvn: number;
  /** Unix seconds. */
  readonly tcbDate: bigint;
  readonly status: QeStatus;
  readonly advisoryIds: readonly string[];
}

/** What both documents say about themselves. */
export interface DocumentFrame {
  /** Unix seconds. */
  readonly issueDate: bigint;
  readonly nextUpdate: bigint;
  readonly evaluationDataNumber: number;
}

const DAY = 86_400n;
const NEWEST_TCB = 1_710_288_000n;

/** The statuses of the usual levels, best first; each status that there is occurs. */
const LEVEL_STATUSES = [
  TcbStatus.UpToDate,
  TcbStatus.SWHardeningNeeded,
  TcbStatus.ConfigurationNeeded,
  TcbStatus.ConfigurationAndSWHardeningNeeded,
  TcbStatus.OutOfDate,
  TcbStatus.OutOfDateConfigurationNeeded,
  TcbStatus.OutOfDate,
  TcbStatus.OutOfDateConfigurationNeeded,
  TcbStatus.OutOfDate,
  TcbStatus.OutOfDate,
  TcbStatus.Revoked,
] as const;

/** Advisories of a level: none for the best, more the older it is. The numbers are made up. */
const advisories = (age: number): string[] =>
  Array.from({ length: (age * (age + 6) + 7) >> 3 }, (_, i) => `INTEL-SA-${String(90_000 + age * 31 + i * 7)}`);

/** Eleven levels, as large in text as those of a real platform. */
export const USUAL_TCB_LEVELS: readonly SimulatedTcbLevel[] = LEVEL_STATUSES.map((status, age) => ({
  tcb: {
    components: [24 - 2 * age, 24 - 2 * age, 3, 3, 255, 255, age === 0 ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    pceSvn: age < 8 ? 13 : 18 - age,
  },
  tcbDate: NEWEST_TCB - BigInt(age) * 182n * DAY,
  status,
  advisoryIds: advisories(age),
}));

/** Levels of the quoting enclave: up to date, out of date, and one that is revoked. */
export const USUAL_QE_LEVELS: readonly SimulatedQeLevel[] = [8, 6, 5, 4, 2, 1].map((isvSvn, age) => ({
  isvSvn,
  tcbDate: NEWEST_TCB - BigInt(age) * 364n * DAY,
  status: isvSvn === 8 ? TcbStatus.UpToDate : isvSvn === 1 ? TcbStatus.Revoked : TcbStatus.OutOfDate,
  advisoryIds: advisories(age),
}));

/** A date as Intel writes it. */
export function dateText(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z");
}

const levelEnd = ({ tcbDate, status, advisoryIds }: Omit<SimulatedTcbLevel, "tcb">) => ({
  tcbDate: dateText(tcbDate),
  tcbStatus: tcbStatusName(status),
  ...(advisoryIds.length > 0 ? { advisoryIDs: advisoryIds } : {}),
});

/** What Intel says about the first components of a scalable platform. */
const COMPONENT_NOTES = [
  { category: "BIOS", type: "Early Microcode Update" },
  { category: "OS/VMM", type: "SGX Late Microcode Update" },
  { category: "OS/VMM", type: "TXT SINIT" },
  { category: "BIOS" },
];

/** Text of TCB info version 3 for SGX, key by key as Intel signs it. */
export function writeTcbInfo(
  frame: DocumentFrame & {
    readonly fmspc: string;
    readonly pceId: string;
    readonly levels: readonly SimulatedTcbLevel[];
  },
): string {
  return JSON.stringify({
    id: "SGX",
    version: 3,
    issueDate: dateText(frame.issueDate),
    nextUpdate: dateText(frame.nextUpdate),
    fmspc: frame.fmspc,
    pceId: frame.pceId,
    tcbType: 0,
    tcbEvaluationDataNumber: frame.evaluationDataNumber,
    tcbLevels: frame.levels.map((level) => ({
      tcb: {
        sgxtcbcomponents: level.tcb.components.map((svn, i) => ({ svn, ...COMPONENT_NOTES[i] })),
        pcesvn: level.tcb.pceSvn,
      },
      ...levelEnd(level),
    })),
  });
}

/** Text of QE identity version 2, key by key as Intel signs it; masks and values like those of Intel's QE. */
export function writeQeIdentity(
  frame: DocumentFrame & {
    readonly mrSigner: string;
    readonly isvProdId: number;
    readonly levels: readonly SimulatedQeLevel[];
  },
): string {
  return JSON.stringify({
    id: "QE",
    version: 2,
    issueDate: dateText(frame.issueDate),
    nextUpdate: dateText(frame.nextUpdate),
    tcbEvaluationDataNumber: frame.evaluationDataNumber,
    miscselect: "00000000",
    miscselectMask: "FFFFFFFF",
    attributes: "11000000000000000000000000000000",
    attributesMask: "FBFFFFFFFFFFFFFF0000000000000000",
    mrsigner: frame.mrSigner.toUpperCase(),
    isvprodid: frame.isvProdId,
    tcbLevels: frame.levels.map((level) => ({ tcb: { isvsvn: level.isvSvn }, ...levelEnd(level) })),
  });
}
