import { Worker } from "node:worker_threads";

import type { TaskRequest } from "./requests.ts";
import type { TaskOutcome, TaskWork } from "./taskWorker.ts";
import { EnclaveError } from "../errors.ts";
import { Turns } from "../../turns.ts";

/** Source files start the worker's source, compiled files its compiled form. */
const WORKER_FILE = new URL(import.meta.url.endsWith(".ts") ? "./taskWorker.ts" : "./taskWorker.js", import.meta.url);

/** Does tasks one after the other on a thread that starts with the first one, and again after it has failed. */
export class TaskThread {
  readonly #work: TaskWork;
  readonly #turns = new Turns();
  #worker: Worker | undefined;
  #isClosed = false;

  constructor(work: TaskWork) {
    this.#work = work;
  }

  /** How many tasks run or wait. */
  get pending(): number {
    return this.#turns.count;
  }

  /**
   * Does a task when those before it are done.
   *
   * @param isWanted Asked when its turn has come: whether anybody still waits for the answer.
   * @throws {EnclaveError | DataError} What the program refuses; INTERNAL when the thread fails; CLOSED when it is not wanted.
   */
  async answer(request: TaskRequest, isWanted: () => boolean): Promise<unknown> {
    return this.#turns.take(async () => {
      if (this.#isClosed || !isWanted()) throw new EnclaveError("CLOSED", "Nobody waits for the answer any more");
      return this.#do(request);
    });
  }

  /** Ends the thread, whatever it does. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  async #do(request: TaskRequest): Promise<unknown> {
    this.#worker ??= new Worker(WORKER_FILE, { workerData: this.#work });
    const outcome = await outcomeOf(this.#worker, request);
    if (outcome === undefined) {
      this.#worker = undefined;
      throw new EnclaveError("INTERNAL", "The program failed at this request");
    }
    if ("answer" in outcome) return outcome.answer;
    const { code, problem, remedy } = outcome.error;
    throw new EnclaveError(code, problem, { remedy });
  }
}

/** What comes of a request; undefined where the thread ends instead. What ended it could say anything, so nobody hears of it. */
async function outcomeOf(worker: Worker, request: TaskRequest): Promise<TaskOutcome | undefined> {
  const { promise, resolve } = Promise.withResolvers<TaskOutcome | undefined>();
  const onEnd = (): void => {
    resolve(undefined);
  };
  worker.once("message", resolve).once("exit", onEnd);
  worker.removeAllListeners("error").on("error", () => undefined);
  worker.postMessage(request);
  try {
    return await promise;
  } finally {
    worker.off("message", resolve).off("exit", onEnd);
  }
}
