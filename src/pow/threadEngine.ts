import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { Worker } from "node:worker_threads";

import { topBits } from "./bytes.ts";
import { courtesyOf } from "./courtesy.ts";
import { READY, SearchControl, type WorkerJob, type WorkerReport, type WorkerStart } from "./control.ts";
import { type Engine, type EngineReport, type EngineRequest, type EngineSearch, LAST_NONCE_END } from "./engine.ts";
import { type EngineOptions } from "./engineKind.ts";
import { messageOf, ProofSearchError } from "./errors.ts";
import { type KernelSource } from "./searchKernel.ts";

/** Source files start the worker's source, compiled files its compiled form. */
const WORKER_FILE = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

/** What threads search with. */
export interface ThreadEngineParts {
  /** The engine's name. */
  readonly name: string;
  readonly kernel: KernelSource;
  /** Where the worker's file is, for bundlers that move it. */
  readonly workerFile?: URL | undefined;
}

/**
 * Makes an engine of worker threads, each with a kernel of its own. They start with {@link Engine.prepare} or the first
 * search and stay for the next. Idle threads do not keep the process alive.
 *
 * @throws {ProofSearchError} With code INVALID_OPTION when an option makes no sense.
 */
export function createThreadEngine(parts: ThreadEngineParts, options: EngineOptions): Engine {
  const { threads = availableParallelism() } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ProofSearchError("INVALID_OPTION", `An engine needs a positive number of threads, not ${threads}`);
  }
  return new ThreadEngine(parts, threads, { kernel: parts.kernel, ...courtesyOf(options) });
}

/** The processor's model, as its maker writes it. */
function processor(): string {
  return cpus()[0]?.model.trim() ?? process.arch;
}

class ThreadEngine implements Engine {
  readonly name: string;
  readonly device = processor();
  readonly threads: number;
  readonly #workerStart: WorkerStart;
  readonly #workerFile: URL;
  readonly #ready = new WeakSet<Worker>();
  #workers: Worker[] = [];
  #fail: ((cause: unknown) => void) | undefined;

  constructor({ name, workerFile = WORKER_FILE }: ThreadEngineParts, threads: number, workerStart: WorkerStart) {
    this.name = name;
    this.threads = threads;
    this.#workerStart = workerStart;
    this.#workerFile = workerFile;
  }

  async prepare(): Promise<void> {
    this.#requireIdle();
    await this.#run(async () => {
      const workers = this.#started().filter((worker) => !this.#ready.has(worker));
      await Promise.all(workers.map((worker) => once(worker, "message")));
      for (const worker of workers) worker.unref();
    });
  }

  search(request: EngineRequest, onReport: (report: EngineReport) => void): EngineSearch {
    this.#requireIdle();
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
      finished: this.#run(
        () => Promise.all(this.#started().map((worker) => runJob(worker, job, onReport))),
        () => {
          control.stop();
        },
      ),
    };
  }

  async close(): Promise<void> {
    this.#fail?.(new Error("The engine was closed"));
    await this.#terminate();
  }

  #requireIdle(): void {
    if (this.#fail !== undefined) throw new ProofSearchError("BUSY", "The engine is already searching");
  }

  /** Has all workers do something. When one fails, or the engine is closed, they are all ended. */
  async #run(work: () => Promise<unknown>, stop?: () => void): Promise<void> {
    try {
      await Promise.race([work(), this.#failure()]);
    } catch (cause) {
      stop?.();
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

  /** All workers; those that are missing are started. */
  #started(): readonly Worker[] {
    while (this.#workers.length < this.threads) this.#workers.push(this.#startOne());
    return this.#workers;
  }

  #startOne(): Worker {
    const worker = new Worker(this.#workerFile, {
      workerData: this.#workerStart,
      // Whatever loaders the main thread was started with, the worker needs none.
      execArgv: [],
    });
    worker.on("error", (cause) => this.#fail?.(cause));
    worker.on("messageerror", (cause) => this.#fail?.(cause));
    worker.on("exit", (code) => {
      this.#workers = this.#workers.filter((other) => other !== worker);
      this.#fail?.(new Error(`The thread ended with code ${code}`));
    });
    // Its first message says that its kernel is ready.
    worker.once("message", () => this.#ready.add(worker));
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
    const listen = (report: WorkerReport | typeof READY): void => {
      if (report === READY) return;
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
