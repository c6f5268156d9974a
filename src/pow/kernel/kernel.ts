import { type SearchKernel } from "../searchKernel.ts";
import { HITS_OFFSET, MASK_OFFSET, MAX_CHUNK, PREFIX_OFFSET, TARGET_OFFSET } from "./layout.ts";
import { instantiateKernel, type KernelExports, type KernelModule } from "./webassembly.ts";

/** An instantiated WebAssembly kernel. */
export class Kernel implements SearchKernel {
  readonly #kernel: KernelExports;
  readonly #view: DataView;

  constructor(module: KernelModule) {
    this.#kernel = instantiateKernel(module);
    this.#view = new DataView(this.#kernel.memory.buffer);
  }

  setPrefix(prefix: Uint8Array): void {
    new Uint8Array(this.#kernel.memory.buffer).set(prefix, PREFIX_OFFSET);
  }

  setTargetTop(bits: bigint): void {
    this.#view.setBigUint64(TARGET_OFFSET, bits, true);
    // The kernel's first test is on the hash's bytes as they lie in memory, so the mask is stored in their order.
    const zeros = 64 - (bits === 0n ? 0 : bits.toString(2).length);
    this.#view.setBigUint64(MASK_OFFSET, ((1n << BigInt(zeros)) - 1n) << BigInt(64 - zeros));
  }

  search(first: bigint, count: number): bigint[] {
    if (!(count >= 1 && count <= MAX_CHUNK)) throw new RangeError(`A kernel cannot try ${count} nonces in one call`);
    // Two nonces are tried at a time, so an odd range is tried one too far.
    const stored = this.#kernel.search(first, count + (count % 2));
    const end = first + BigInt(count);
    return Array.from({ length: stored }, (_, index) => this.#view.getBigUint64(HITS_OFFSET + 8 * index, true)).filter(
      (nonce) => nonce < end,
    );
  }
}
