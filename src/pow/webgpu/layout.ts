/** What the kernel for GPUs is given and gives back, in 32-bit words: shared by the generator of its text, scripts/kernel/wgsl.ts, and whoever runs it. */

/** Words of a job. */
export const JOB_WORDS = 16;
/** Words before the hits: how many hits there were, and how many nonces were tried. */
export const FOUND_HEADER_WORDS = 2;
/** Rounds between the first and the last. */
export const MIDDLE_ROUNDS = 22;
/** Hits that one run of the kernel has room for, unless a test takes less. */
export const HIT_CAPACITY = 16_384;
/** Most nonces that one run may try: what it counts in stays far below 2^32. */
export const MAX_COUNT = 2 ** 31;

/** What one run of the kernel tries. */
export interface Job {
  /** 32 bytes. */
  readonly prefix: Uint8Array;
  readonly first: bigint;
  /** 1 to MAX_COUNT. */
  readonly count: number;
  /** The target's top 64 bits. */
  readonly targetTop: bigint;
}

/** The words of a job: `Job` of the kernel. */
export function jobWords({ prefix, first, count, targetTop }: Job, stride: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(JOB_WORDS);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  for (let word = 0; word < 8; word++) words[word] = view.getUint32(4 * word, true);
  words.set([...halves(first), ...halves(targetTop), count, stride, MIDDLE_ROUNDS], 8);
  return words;
}

/** The low and the high half of 64 bits. */
function halves(value: bigint): [low: number, high: number] {
  return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
}
