import { performance } from "node:perf_hooks";

import { waitAfter } from "../service/backoff.ts";
import { EnclaveError } from "./errors.ts";

/** Milliseconds after which a program that ends is one that had been well. */
const SETTLED = 60_000;

/** When a program that ended may be started again: at once, then after a second and each time twice as long, unless it had been well for a minute. */
export class Restarts {
  #failures = 0;
  #failure: EnclaveError | undefined;
  #notBefore = 0;
  #begun: number | undefined;

  /** Why the program ended, or did not start, the last time. */
  get failure(): EnclaveError | undefined {
    return this.#failure;
  }

  /** Milliseconds until it may be started again. */
  get wait(): number {
    return Math.max(0, Math.ceil(this.#notBefore - performance.now()));
  }

  /** That the program has started. */
  begin(): void {
    this.#begun = performance.now();
  }

  /** That the program has ended, or did not start. */
  fail(reason: EnclaveError): void {
    const now = performance.now();
    const wasWell = this.#begun !== undefined && now - this.#begun >= SETTLED;
    this.#begun = undefined;
    this.#failure = reason;
    this.#failures = wasWell ? 1 : this.#failures + 1;
    this.#notBefore = this.#failures === 1 ? now : now + waitAfter(this.#failures - 2);
  }

  /** @throws {EnclaveError} The last failure, while it is too early to start again. */
  requireTurn(): void {
    const [reason, { wait }] = [this.#failure, this];
    if (reason === undefined || wait === 0) return;
    const problem = `${reason.problem}; it is tried again in ${String(Math.ceil(wait / 1000))} s`;
    throw new EnclaveError(reason.code, problem, { remedy: reason.remedy, cause: reason });
  }
}
