import { getPriority, setPriority } from "node:os";

import { messageOf } from "../errors.ts";
import { listAdapters } from "./adapters.ts";
import { type WebGpuModule } from "./api.ts";
import { GpuDevice } from "./device.ts";
import { hasLibrary } from "./library.ts";
import { type Answer, type Envelope, type Reply, type Request } from "./messages.ts";

/** Whether Vulkan's drivers can be found at all. Elsewhere than on Linux the operating system has its own way to a GPU. */
function hasLoader(): boolean {
  return process.platform !== "linux" || hasLibrary("libvulkan.so.1");
}

/** How a device is opened, and what it then does. */
export type OpenDevice = (...args: Parameters<typeof GpuDevice.open>) => Promise<Pick<GpuDevice, "batch" | "search">>;

/**
 * Answers what the parent process asks, until that ends. The driver runs in this process alone, so that one which crashes or hangs
 * takes nothing else along.
 *
 * @param open Opens a device; tests open one that fails.
 */
export function serve(open: OpenDevice = (...args) => GpuDevice.open(...args)): void {
  let device: Awaited<ReturnType<OpenDevice>> | undefined;
  const reply = (message: Reply): void => {
    process.send?.(message);
  };
  const answer = async (request: Request): Promise<Answer> => {
    if (request.kind === "list") {
      return { kind: "adapters", adapters: await listAdapters(await load(request.module)), hasLoader: hasLoader() };
    }
    if (request.kind === "open") {
      // Threads of a software adapter inherit it. A process that gives way more already goes on doing so.
      if (request.niceness > getPriority()) setPriority(request.niceness);
      device = await open(await load(request.module), request, (failure) => {
        reply({ id: undefined, failure });
      });
      return { kind: "opened", batch: device.batch };
    }
    if (device === undefined) throw new Error("no device was opened");
    return { kind: "found", nonces: await device.search(request.job), batch: device.batch };
  };
  process.on("message", ({ id, request }: Envelope) => {
    answer(request).then(
      (answered) => {
        reply({ id, answer: answered });
      },
      (error: unknown) => {
        reply({ id, failure: messageOf(error) });
      },
    );
  });
  process.on("disconnect", () => {
    process.exit();
  });
  // A terminal's interrupt reaches this process too; what comes of it, the parent decides.
  process.on("SIGINT", () => undefined);
}

async function load(module: string): Promise<WebGpuModule> {
  return (await import(module)) as WebGpuModule;
}
