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

/** A counter's increase: where it is lower than before, its containers began again, and all that it says is new. */
function increase(last: bigint | undefined, now: bigint): bigint {
  return last === undefined || now < last ? now : now - last;
}

function addKnown(total: bigint | undefined, last: bigint | undefined, now: bigint | undefined): bigint | undefined {
  return now === undefined ? total : (total ?? 0n) + increase(last, now);
}

/**
 * Adds a sample to totals. What is known only as it is now, memory and GPU, counts for the time since the last sample.
 *
 * @param before Undefined before the first sample.
 * @param now Unix milliseconds.
 */
export function addSample(before: Totals | undefined, usage: Usage, now: number): Totals {
  const { cpuNanoseconds, memory, received, sent, gpu } = usage;
  const gap = before === undefined ? 0 : Math.min(LONGEST_GAP, Math.max(0, now - before.sampledAt));
  const gpuUsed = gpu === undefined ? undefined : BigInt(Math.round(gpu * gap));
  return {
    sampledAt: Math.max(now, before?.sampledAt ?? 0),
    cpuNanoseconds: (before?.cpuNanoseconds ?? 0n) + increase(before?.lastCpu, cpuNanoseconds),
    received: addKnown(before?.received, before?.lastReceived, received),
    sent: addKnown(before?.sent, before?.lastSent, sent),
    memoryByteSeconds: (before?.memoryByteSeconds ?? 0n) + (BigInt(memory) * BigInt(gap)) / 1000n,
    gpuMilliseconds: gpuUsed === undefined ? before?.gpuMilliseconds : (before?.gpuMilliseconds ?? 0n) + gpuUsed,
    lastCpu: cpuNanoseconds,
    lastReceived: received ?? before?.lastReceived,
    lastSent: sent ?? before?.lastSent,
  };
}
