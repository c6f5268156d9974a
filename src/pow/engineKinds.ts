import { type EngineKind } from "./engineKind.ts";
import { nativeKind } from "./native/kind.ts";
import { remoteKind } from "./remote/kind.ts";
import { wasmKind } from "./wasmEngine.ts";
import { softwareGpuKind, webGpuKind } from "./webgpu/kind.ts";

/** The engines that are built in. The last one runs everywhere. */
export const ENGINE_KINDS: readonly EngineKind[] = [nativeKind, webGpuKind, softwareGpuKind, remoteKind, wasmKind];
