import { parentPort, workerData } from "node:worker_threads";

import { SearchControl, type WorkerJob, type WorkerReport, type WorkerStart } from "./control.ts";
import { Kernel } from "./kernel/kernel.ts";
import { MAX_CHUNK } from "./kernel/layout.ts";

/** Hits that a chunk should bring at most, about: easy targets are searched in small steps. */
const HITS_PER_CHUNK = 256;

/** How long a thread that finds nothing stays silent. */
const REPORT_MILLISECONDS = 100;

const kernel = new Kernel((workerData as WorkerStart).module);

parentPort?.on("message", (job: WorkerJob) => {
  search(job, (report) => {
    parentPort?.postMessage(report);
  });
});

function search({ prefix, end, control: memory }: WorkerJob, report: (report: WorkerReport) => void): void {
  const control = new SearchControl(memory);
  kernel.setPrefix(prefix);
  let hashes = 0;
  let reportedAt = performance.now();
  while (!control.stopped) {
    const targetTop = control.targetTop;
    const chunk = chunkSize(targetTop);
    const first = control.take(chunk);
    if (first >= end) break;
    const count = Math.min(chunk, Number(end - first));
    kernel.setTargetTop(targetTop);
    const nonces = kernel.search(first, count);
    hashes += count;
    if (nonces.length > 0 || performance.now() - reportedAt > REPORT_MILLISECONDS) {
      report({ hashes, nonces, finished: false });
      hashes = 0;
      reportedAt = performance.now();
    }
  }
  report({ hashes, nonces: [], finished: true });
}

function chunkSize(targetTop: bigint): number {
  const attemptsPerHit = 2 ** 64 / (Number(targetTop) + 1);
  return Math.min(MAX_CHUNK, 2 * Math.ceil((HITS_PER_CHUNK * attemptsPerHit) / 2));
}
