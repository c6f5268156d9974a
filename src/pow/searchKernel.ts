import { type KernelModule } from "./kernel/webassembly.ts";

/** One thread's share of a search: it works in the thread that calls it. */
export interface SearchKernel {
  /** Sets the 32 bytes that every attempt starts with. */
  setPrefix(prefix: Uint8Array): void;
  /** Sets the target by its top 64 bits. */
  setTargetTop(bits: bigint): void;
  /**
   * Tries `count` nonces from `first` up.
   *
   * @param count 1 to MAX_CHUNK of kernel/layout.ts.
   * @returns The nonces whose hash's top 64 bits are at most the target's, ascending.
   */
  search(first: bigint, count: number): bigint[];
}

/** What a thread makes its kernel of. */
export type KernelSource =
  | { readonly kind: "wasm"; readonly module: KernelModule }
  | { readonly kind: "native"; readonly file: string; readonly instructionSet: string };
