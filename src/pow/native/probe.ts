/**
 * Loads an addon and tests each of its instruction sets, in a process of its own: code that is damaged, or made for another
 * processor, may end it. Prints a {@link ProbeReport}.
 *
 * Usage: node probe.js FILE
 */
import { topBits } from "../bytes.ts";
import { makeSelfTest, type SelfTest } from "../selfTest.ts";
import { loadAddon } from "./addon.ts";
import { NativeKernel } from "./kernel.ts";
import { type ProbeReport } from "./probed.ts";

/** Whether a kernel finds what @noble/hashes finds, in pieces whose length is no multiple of a vector's. */
function isRight(kernel: NativeKernel, { prefix, ranges }: SelfTest): boolean {
  kernel.setPrefix(prefix);
  const piece = 331;
  return ranges.every(({ first, end, target, hits }) => {
    kernel.setTargetTop(topBits(target));
    const found: bigint[] = [];
    for (let nonce = first; nonce < end; nonce += BigInt(piece)) {
      found.push(...kernel.search(nonce, Math.min(piece, Number(end - nonce))));
    }
    return found.length === hits.length && found.every((nonce, i) => nonce === hits[i]);
  });
}

const [file = ""] = process.argv.slice(2);
const addon = loadAddon(file);
const test = makeSelfTest();
const sets = addon.instructionSets();
const wrong = sets.filter((set) => !isRight(new NativeKernel(addon, set), test));
process.stdout.write(JSON.stringify({ usable: sets, wrong } satisfies ProbeReport));
