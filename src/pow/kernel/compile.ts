import wabt from "wabt";

import { type KernelVariant, kernelText } from "./wat.ts";
import { compileModule, type KernelModule } from "./webassembly.ts";

/** A kernel ready to be instantiated in any thread. */
export interface CompiledKernel {
  readonly variant: KernelVariant;
  readonly module: KernelModule;
}

/** Assembles the kernel's text into a WebAssembly binary. The same variant always gives the same bytes. */
export async function assembleKernel(variant: KernelVariant): Promise<Uint8Array> {
  const assembler = await wabt();
  const parsed = assembler.parseWat(`${variant}.wat`, kernelText(variant), { simd: variant === "simd" });
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}

/**
 * Compiles the kernel.
 *
 * @param choice With `auto`, SIMD where the runtime takes it, else scalar.
 * @param compile How a binary is compiled; tests refuse SIMD with it.
 */
export async function compileKernel(
  choice: KernelVariant | "auto",
  compile: (binary: Uint8Array) => Promise<KernelModule> = compileModule,
): Promise<CompiledKernel> {
  if (choice !== "auto") return { variant: choice, module: await compile(await assembleKernel(choice)) };
  try {
    return await compileKernel("simd", compile);
  } catch {
    return compileKernel("scalar", compile);
  }
}
