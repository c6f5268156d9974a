import { type Engine } from "./engine.ts";
import { type EngineKind, type EngineOptions, EngineUnusableError } from "./engineKind.ts";
import { compileKernel, type KernelVariant } from "./kernel/compile.ts";
import { createThreadEngine } from "./threadEngine.ts";

export interface WasmEngineOptions extends EngineOptions {
  /** `auto`, the default, takes SIMD where the runtime knows it. */
  readonly variant?: KernelVariant | "auto" | undefined;
  /** Where the worker's file is, for bundlers that move it. */
  readonly workerFile?: URL | undefined;
}

/**
 * Makes the portable engine: generated WebAssembly in worker threads.
 *
 * @throws {ProofSearchError} With code INVALID_OPTION when an option makes no sense.
 */
export async function createWasmEngine({
  variant = "auto",
  workerFile,
  ...options
}: WasmEngineOptions = {}): Promise<Engine> {
  const kernel = await compileKernel(variant);
  const source = { kind: "wasm", module: kernel.module } as const;
  return createThreadEngine({ name: `wasm-${kernel.variant}`, kernel: source, workerFile }, options);
}

const VARIANTS: readonly KernelVariant[] = ["simd", "scalar"];

/** WebAssembly, which runs wherever Node does. */
export const wasmKind: EngineKind = {
  name: "wasm",
  unit: "CpuCore",
  variants: VARIANTS,
  async create(options, name) {
    const variant = VARIANTS.find((each) => each === name) ?? "auto";
    try {
      return await createWasmEngine({ ...options, variant });
    } catch (cause) {
      // What the runtime does not know cannot be compiled.
      if (cause instanceof Error && cause.name === "CompileError") {
        throw new EngineUnusableError(`This runtime does not know WebAssembly's ${variant}`, "Choose wasm-scalar.", {
          cause,
        });
      }
      throw cause;
    }
  },
};
