import { getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";

import { READY, SearchControl, type WorkerJob, type WorkerReport, type WorkerStart } from "./control.ts";
import { Kernel } from "./kernel/kernel.ts";
import { MAX_CHUNK } from "./kernel/layout.ts";
import { loadAddon } from "./native/addon.ts";
import { NativeKernel } from "./native/kernel.ts";
import { Pace } from "./pace.ts";
import { type KernelSource, type SearchKernel } from "./searchKernel.ts";

/** Hits that a chunk should bring at most, about: easy targets are searched in small steps. */
const HITS_PER_CHUNK = 256;

/** Chunks are multiples of this, so that the lanes of vectors are full. */
const WIDEST_VECTOR = 8;

/** How long a thread that finds nothing stays silent. */
const REPORT_MILLISECONDS = 100;

const { kernel: source, niceness, cpuShare } = workerData as WorkerStart;
// On Linux this is the calling thread's alone. A process that gives way more already goes on doing so.
if (niceness > getPriority()) setPriority(niceness);
const kernel = kernelOf(source);

parentPort?.on("message", (job: WorkerJob) => {
  search(job, (report) => {
    parentPort?.postMessage(report);
  });
});
parentPort?.postMessage(READY);

function kernelOf(made: KernelSource): SearchKernel {
  return made.kind === "wasm" ? new Kernel(made.module) : new NativeKernel(loadAddon(made.file), made.instructionSet);
}

function search({ prefix, end, control: memory }: WorkerJob, report: (report: WorkerReport) => void): void {
  const control = new SearchControl(memory);
  const pace = new Pace(cpuShare);
  kernel.setPrefix(prefix);
  let hashes = 0;
  let reportedAt = performance.now();
  while (!control.stopped) {
    const targetTop = control.targetTop;
    const chunk = chunkSize(targetTop);
    const first = control.take(chunk);
    if (first >= end) break;
    const count = Math.min(chunk, Number(end - first));
    const startedAt = performance.now();
    kernel.setTargetTop(targetTop);
    const nonces = kernel.search(first, count);
    hashes += count;
    const now = performance.now();
    if (nonces.length > 0 || now - reportedAt > REPORT_MILLISECONDS) {
      report({ hashes, nonces, finished: false });
      hashes = 0;
      reportedAt = now;
    }
    const rest = pace.restAfter(now - startedAt);
    if (rest > 0) control.sleep(rest);
  }
  report({ hashes, nonces: [], finished: true });
}

function chunkSize(targetTop: bigint): number {
  const attemptsPerHit = 2 ** 64 / (Number(targetTop) + 1);
  return Math.min(MAX_CHUNK, WIDEST_VECTOR * Math.ceil((HITS_PER_CHUNK * attemptsPerHit) / WIDEST_VECTOR));
}
