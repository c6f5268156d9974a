import wabt from "wabt";

import type { KernelVariant } from "../../src/pow/kernel/compile.ts";
import { kernelText } from "./wat.ts";

/** Assembles the search kernel into a WebAssembly binary. The same variant always gives the same bytes. */
export async function assembleKernel(variant: KernelVariant): Promise<Uint8Array> {
  const assembler = await wabt();
  const parsed = assembler.parseWat(`${variant}.wat`, kernelText(variant), { simd: variant === "simd" });
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}
