import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

import { topBits } from "./bytes.ts";
import { SearchControl, type WorkerJob, type WorkerReport, type WorkerStart } from "./control.ts";
import { type Engine, type EngineReport, type EngineRequest, type EngineSearch, LAST_NONCE_END } from "./engine.ts";
import { ProofSearchError } from "./errors.ts";
import { type CompiledKernel, compileKernel, type KernelVariant } from "./kernel/compile.ts";

/** Source files start the worker's source, compiled files its compiled form. */
const WORKER_FILE = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

export interface WasmEngineOptions {
  /** Worker threads; as many as the machine runs at once by default. */
  readonly threads?: number | undefined;
  /** `auto`, the default, takes SIMD where the runtime knows it. */
  readonly variant?: KernelVariant | "auto" | undefined;
  /** Where the worker's file is, for bundlers that move it. */
  readonly workerFile?: URL | undefined;
}

/**
 * Makes the portable engine: generated WebAssembly in worker threads, which start with the first search and stay for
 * the next. Idle threads do not keep the process alive.
 *
 * @throws {ProofSearchError} With code INVALID_OPTION when `threads` is not a positive whole number.
 */
export async function createWasmEngine({
  threads = availableParallelism(),
  variant = "auto",
  workerFile = WORKER_FILE,
}: WasmEngineOptions = {}): Promise<Engine> {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ProofSearchError("INVALID_OPTION", `An engine needs a positive number of threads, not ${threads}`);
  }
  return new WasmEngine(await compileKernel(variant), threads, workerFile);
}

class WasmEngine implements Engine {
  readonly name: string;
  readonly threads: number;
  readonly #kernel: CompiledKernel;
  readonly #workerFile: URL;
  #workers: Worker[] = [];
  #fail: ((cause: unknown) => void) | undefined;

  constructor(kernel: CompiledKernel, threads: number, workerFile: URL) {
    this.name = `wasm-${kernel.variant}`;
    this.threads = threads;
    this.#kernel = kernel;
    this.#workerFile = workerFile;
  }

  search(request: EngineRequest, onReport: (report: EngineReport) => void): EngineSearch {
    if (this.#fail !== undefined) throw new ProofSearchError("BUSY", "The engine is already searching");
    const control = new SearchControl();
    control.nextNonce = request.first ?? 0n;
    control.targetTop = topBits(request.target);
    const job: WorkerJob = { prefix: request.prefix, end: request.end ?? LAST_NONCE_END, control: control.memory };
    return {
      tighten(target) {
        control.targetTop = topBits(target);
      },
      stop() {
        control.stop();
      },
      // eslint-disable-next-line local/kept-promises -- whoever asks for a search awaits its end at once
      finished: this.#run(job, control, onReport),
    };
  }

  async close(): Promise<void> {
    this.#fail?.(new Error("The engine was closed"));
    await this.#terminate();
  }

  /** Gives the job to every worker and waits for the last report of each. */
  async #run(job: WorkerJob, control: SearchControl, onReport: (report: EngineReport) => void): Promise<void> {
    try {
      while (this.#workers.length < this.threads) this.#workers.push(this.#start());
      await Promise.race([Promise.all(this.#workers.map((worker) => runJob(worker, job, onReport))), this.#failure()]);
    } catch (cause) {
      control.stop();
      await this.#terminate();
      throw new ProofSearchError("WORKER_FAILED", `A worker thread failed: ${messageOf(cause)}`, { cause });
    } finally {
      this.#fail = undefined;
    }
  }

  /** Fails when a worker does, or when the engine is closed. */
  #failure(): Promise<never> {
    return new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile, {
      workerData: { module: this.#kernel.module } satisfies WorkerStart,
      // Whatever loaders the main thread was started with, the worker needs none.
      execArgv: [],
    });
    worker.on("error", (cause) => this.#fail?.(cause));
    worker.on("messageerror", (cause) => this.#fail?.(cause));
    worker.on("exit", (code) => {
      this.#workers = this.#workers.filter((other) => other !== worker);
      this.#fail?.(new Error(`The thread ended with code ${code}`));
    });
    return worker;
  }

  async #terminate(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Resolves after the worker's last report of the job. */
async function runJob(worker: Worker, job: WorkerJob, onReport: (report: EngineReport) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const listen = (report: WorkerReport): void => {
      onReport(report);
      if (!report.finished) return;
      worker.off("message", listen);
      worker.unref();
      resolve();
    };
    worker.on("message", listen);
    worker.ref();
    worker.postMessage(job);
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
