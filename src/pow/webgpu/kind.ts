import { availableParallelism } from "node:os";

import { courtesyOf } from "../courtesy.ts";
import { type EngineKind } from "../engineKind.ts";
import { WebGpuEngine } from "./engine.ts";
import { findAdapters } from "./found.ts";

/** GPUs, by npm's `webgpu`. */
export const webGpuKind: EngineKind = {
  name: "webgpu",
  unit: "Gpu",
  variants: [],
  async create(options) {
    const { niceness } = courtesyOf(options);
    const found = await findAdapters(false, options.webgpu);
    return new WebGpuEngine({ name: "webgpu", niceness, threads: found.adapters.length, ...found });
  },
};

/**
 * A processor that pretends to be a GPU, such as Mesa's lavapipe: to try things out with, and never the claim of a GPU. The other
 * engines for processors do the same work without a driver between, so it is chosen by its name alone.
 */
export const softwareGpuKind: EngineKind = {
  name: "webgpu-software",
  unit: "CpuCore",
  variants: [],
  isOffered: () => false,
  async create(options) {
    const { niceness } = courtesyOf(options);
    const found = await findAdapters(true, options.webgpu);
    return new WebGpuEngine({ name: "webgpu-software", niceness, threads: availableParallelism(), ...found });
  },
};
