import { createRequire } from "node:module";

/** What the addon offers; c/addon.c describes it. */
export interface Addon {
  /** The instruction sets that this machine has, the widest first. */
  instructionSets(): string[];
  /** Throws a RangeError at arguments that do not fit. */
  search(
    instructionSet: string,
    prefix: Uint8Array,
    first: bigint,
    count: number,
    targetTop: bigint,
    hits: BigUint64Array,
  ): number;
}

/** The version of Node-API that the addon is written for. Every later Node has it. */
export const NODE_API_VERSION = 8;

/**
 * Loads a compiled addon into this process. Code that is no addon, or a damaged one, may crash it: see probe.ts.
 *
 * @param file An absolute path.
 * @throws {Error} Of the operating system's loader.
 */
export function loadAddon(file: string): Addon {
  return createRequire(import.meta.url)(file) as Addon;
}
