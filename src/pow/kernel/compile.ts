import { searchKernels } from "../../../types/searchKernels.ts";
import { compileModule, type KernelModule } from "./webassembly.ts";

/** `simd` computes two hashes at a time in the halves of 128-bit registers. */
export type KernelVariant = "simd" | "scalar";

/** A kernel ready to be instantiated in any thread. */
export interface CompiledKernel {
  readonly variant: KernelVariant;
  readonly module: KernelModule;
}

/** The kernel as a WebAssembly binary. `npm run build` assembles it from the text of scripts/kernel/wat.ts. */
export function kernelBinary(variant: KernelVariant): Uint8Array {
  return new Uint8Array(Buffer.from(searchKernels[variant], "base64"));
}

/**
 * Compiles the kernel.
 *
 * @param choice With `auto`, SIMD where the runtime supports it, else scalar.
 * @param compile How a binary is compiled; tests refuse SIMD with it.
 * @throws What `compile` throws, for a variant that the runtime does not support.
 */
export async function compileKernel(
  choice: KernelVariant | "auto",
  compile: (binary: Uint8Array) => Promise<KernelModule> = compileModule,
): Promise<CompiledKernel> {
  if (choice !== "auto") return { variant: choice, module: await compile(kernelBinary(choice)) };
  try {
    return await compileKernel("simd", compile);
  } catch {
    return compileKernel("scalar", compile);
  }
}
