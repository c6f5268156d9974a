import { MAX_CHUNK } from "../kernel/layout.ts";
import { type SearchKernel } from "../searchKernel.ts";
import { type Addon } from "./addon.ts";

/** A native kernel with one instruction set. */
export class NativeKernel implements SearchKernel {
  readonly #addon: Addon;
  readonly #instructionSet: string;
  readonly #prefix = new Uint8Array(32);
  readonly #hits = new BigUint64Array(MAX_CHUNK);
  #targetTop = 0n;

  constructor(addon: Addon, instructionSet: string) {
    this.#addon = addon;
    this.#instructionSet = instructionSet;
  }

  setPrefix(prefix: Uint8Array): void {
    this.#prefix.set(prefix);
  }

  setTargetTop(bits: bigint): void {
    this.#targetTop = bits;
  }

  search(first: bigint, count: number): bigint[] {
    if (!(count >= 1 && count <= MAX_CHUNK)) throw new RangeError(`A kernel cannot try ${count} nonces in one call`);
    const stored = this.#addon.search(this.#instructionSet, this.#prefix, first, count, this.#targetTop, this.#hits);
    return [...this.#hits.subarray(0, stored)];
  }
}
