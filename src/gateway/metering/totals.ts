import type { Usage } from "../orchestrator/orchestrator.ts";

/** What an order's containers have used in all. Counters never go backward. */
export interface Totals {
  /** Unix milliseconds of the last sample. */
  readonly sampledAt: number;
  readonly cpuNanoseconds: bigint;
  /** Bytes; undefined where the driver has never known. */
  readonly received: bigint | undefined;
  readonly sent: bigint | undefined;
  /** Bytes of memory in use, times seconds. */
  readonly memoryByteSeconds: bigint;
  /** Milliseconds of whole GPUs; undefined where the driver has never known. */
  readonly gpuMilliseconds: bigint | undefined;
  /** The driver's counters at the last sample. */
  readonly lastCpu: bigint;
  readonly lastReceived: bigint | undefined;
  readonly lastSent: bigint | undefined;
}

/** Milliseconds between two samples beyond which memory and GPU are not taken to have been as they were at the end. */
const LONGEST_GAP = 300_000;

/** A counter that begins again when containers do, added up. */
interface Counter {
  readonly total: bigint;
  readonly last: bigint;
}

/** Adds a reading: where it is lower than before, the containers began again, and all that it says is new. */
function count(before: Counter | undefined, now: bigint): Counter {
  if (before === undefined) return { total: now, last: now };
  return { total: before.total + (now < before.last ? now : now - before.last), last: now };
}

/** Adds a reading where there is one. */
function countKnown(before: Counter | undefined, now: bigint | undefined): Counter | undefined {
  return now === undefined ? before : count(before, now);
}

const counterOf = (total: bigint | undefined, last: bigint | undefined): Counter | undefined =>
  total === undefined || last === undefined ? undefined : { total, last };

/** Where the totals of an order begin. */
const nothingAt = (now: number): Totals => ({
  ...{ sampledAt: now, cpuNanoseconds: 0n, memoryByteSeconds: 0n, lastCpu: 0n },
  ...{ received: undefined, sent: undefined, gpuMilliseconds: undefined, lastReceived: undefined, lastSent: undefined },
});

/**
 * Adds a sample to totals. What is known only as it is now, memory and GPU, counts for the time since the last sample.
 *
 * @param before Undefined before the first sample.
 * @param now Unix milliseconds.
 */
export function addSample(before: Totals | undefined, usage: Usage, now: number): Totals {
  const old = before ?? nothingAt(now);
  const gap = Math.min(LONGEST_GAP, Math.max(0, now - old.sampledAt));
  const cpu = count({ total: old.cpuNanoseconds, last: old.lastCpu }, usage.cpuNanoseconds);
  const received = countKnown(counterOf(old.received, old.lastReceived), usage.received);
  const sent = countKnown(counterOf(old.sent, old.lastSent), usage.sent);
  return {
    sampledAt: Math.max(now, old.sampledAt),
    cpuNanoseconds: cpu.total,
    received: received?.total,
    sent: sent?.total,
    memoryByteSeconds: old.memoryByteSeconds + (BigInt(usage.memory) * BigInt(gap)) / 1000n,
    gpuMilliseconds: addGpu(old.gpuMilliseconds, usage.gpu, gap),
    lastCpu: cpu.last,
    lastReceived: received?.last,
    lastSent: sent?.last,
  };
}

function addGpu(total: bigint | undefined, gpu: number | undefined, gap: number): bigint | undefined {
  return gpu === undefined ? total : (total ?? 0n) + BigInt(Math.round(gpu * gap));
}
