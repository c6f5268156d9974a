import { performance } from "node:perf_hooks";

import type { TaskRequest } from "./requests.ts";
import { TaskThread } from "./taskThread.ts";
import type { PrivateKey } from "../../data/keys.ts";
import { packageVersion } from "../../packageRoot.ts";
import type { QuotingOptions } from "../platform/platform.ts";
import { EnclaveProgram } from "../program.ts";
import type { Identity, Request, StatusAnswer } from "../protocol.ts";
import type { Believed } from "../taskGate.ts";

/** An enclave program for any number of clients: tasks are done one after the other on a thread of their own, all else at once. */
export class EnclaveService {
  readonly identity: Identity;
  readonly #program: EnclaveProgram;
  readonly #tasks: TaskThread;
  readonly #started = performance.now();
  #quoted: StatusAnswer["quoted"] = null;

  /** @param believed Whom it believes that a task was accepted. */
  constructor(key: PrivateKey, believed: Believed, quoting: QuotingOptions = {}) {
    this.#program = new EnclaveProgram(key, quoting);
    this.#tasks = new TaskThread({ key, quoting, believed });
    this.identity = this.#program.identify();
  }

  /**
   * Answers a request that takes milliseconds.
   *
   * @throws {EnclaveError | DataError} As {@link EnclaveProgram.answer}.
   */
  answer(request: Exclude<Request, TaskRequest>): unknown {
    if (request.request === "status") return this.#status();
    const answer = this.#program.answer(request);
    if (request.request === "quote") this.#quoted = request.registration;
    return answer;
  }

  /**
   * Answers a request that may take minutes, after those of its kind that were asked before.
   *
   * @param isWanted Asked when its turn has come: whether anybody still waits for the answer.
   * @throws {EnclaveError | DataError} As {@link EnclaveProgram.answer}; INTERNAL when its thread fails.
   */
  async task(request: TaskRequest, isWanted: () => boolean): Promise<unknown> {
    return this.#tasks.answer(request, isWanted);
  }

  /** Ends whatever task runs. */
  async close(): Promise<void> {
    await this.#tasks.close();
  }

  #status(): StatusAnswer {
    return {
      enclaveKey: this.identity.enclaveKey,
      version: packageVersion(),
      uptime: Math.floor((performance.now() - this.#started) / 1000),
      tasks: this.#tasks.pending,
      quoted: this.#quoted,
    };
  }
}
