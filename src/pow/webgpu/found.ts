import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { EngineUnusableError } from "../engineKind.ts";
import { messageOf } from "../errors.ts";
import { type AdapterDescription } from "./adapters.ts";
import { DeviceProcess } from "./deviceProcess.ts";
import { type Answer } from "./messages.ts";
import { type WebGpuOptions } from "./options.ts";

/** Drivers of several devices take a second or two. */
const PATIENCE = 20_000;

/** How a GPU comes to be usable, for people. */
const DRIVERS = "Install the driver of the device; in a container, NVIDIA's needs the capability `graphics`.";

/** The package, and the adapters that it offers. */
export interface FoundAdapters {
  /** Its file as a URL. */
  readonly module: string;
  readonly adapters: readonly AdapterDescription[];
}

/**
 * Finds the adapters of this machine.
 *
 * @param isSoftware Whether those that a processor pretends to be are asked for, or real ones.
 * @throws {EngineUnusableError} When there is none, or no way to reach it. It says why.
 */
export async function findAdapters(isSoftware: boolean, options: WebGpuOptions = {}): Promise<FoundAdapters> {
  const module = moduleFile(options.module);
  const { adapters: all, hasLoader } = await listed(module);
  if (!hasLoader) {
    throw new EngineUnusableError("There is no Vulkan loader (libvulkan.so.1), so no GPU can be reached", DRIVERS);
  }
  if (all.length === 0) {
    throw new EngineUnusableError("No driver of this machine offers a GPU that WebGPU can use", DRIVERS);
  }
  const adapters = all.filter((adapter) => adapter.isSoftware === isSoftware && isWanted(adapter, options.adapters));
  if (adapters.length === 0) throw noneFits(isSoftware, all, options.adapters);
  return { module, adapters };
}

function isWanted({ name, description }: AdapterDescription, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.some((part) => name.includes(part) || description.includes(part));
}

function noneFits(
  isSoftware: boolean,
  all: readonly AdapterDescription[],
  wanted: readonly string[] | undefined,
): EngineUnusableError {
  const there = all.map(({ name, isSoftware: each }) => (each ? `${name}, which is software` : name)).join("; ");
  const asked = wanted === undefined ? "" : ` named ${wanted.join(" or ")}`;
  return new EngineUnusableError(
    `There is no ${isSoftware ? "software adapter" : "GPU"}${asked} here, only ${there}`,
    isSoftware ? "Choose webgpu." : "Choose webgpu-software, or another engine.",
  );
}

function moduleFile(module = "webgpu"): string {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(module)).href;
  } catch (cause) {
    throw new EngineUnusableError(
      module === "webgpu" ? "The npm package webgpu is not installed" : `The npm package webgpu is not in "${module}"`,
      "Run `npm install webgpu`, or choose another engine.",
      { cause },
    );
  }
}

async function listed(module: string): Promise<Extract<Answer, { kind: "adapters" }>> {
  const lister = new DeviceProcess();
  try {
    const answer = await lister.ask({ kind: "list", module }, PATIENCE);
    if (answer.kind !== "adapters") throw new Error("it gave another answer than it was asked for");
    return answer;
  } catch (cause) {
    throw new EngineUnusableError(
      `The npm package webgpu does not run here: ${messageOf(cause)}`,
      "Install a version that is made for this machine, or choose another engine.",
      { cause },
    );
  } finally {
    await lister.close();
  }
}
