import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "pino";

import type { BelieveAnswer } from "./protocol.ts";
import { InputError } from "../inputError.ts";
import type { Protocol } from "../protocol.ts";
import { collectTaskEvidence, collectViews, type ViewSource } from "../view/collect.ts";
import { ViewError } from "../view/errors.ts";
import type { Deal, SignedView, TaskEvidence } from "../view/forms.ts";
import type { ProofNetwork } from "../view/network.ts";

/** What shows an enclave program that a task was accepted is collected with. */
export interface TaskEvidenceParts {
  readonly enclave: { believe(views?: readonly SignedView[]): Promise<BelieveAnswer> };
  /** A network that gives proofs. */
  readonly network: ProofNetwork;
  readonly taskEscrow: Pick<Protocol["taskEscrow"], "getTask" | "datasetsOf" | "grants">;
  /** The validators that are asked. */
  readonly validators: readonly ViewSource[];
}

/** So many tasks are remembered as seen accepted. */
const MOST_SEEN = 1_000;
/** Milliseconds between two looks for a newer block: half of what networks keep the state of, at 12 seconds a block. */
const KEEP_UP = 600_000;

/** Collects what shows the node's enclave program that tasks were accepted, if it believes nobody but the chain. */
export class TaskEvidenceSource {
  readonly #parts: TaskEvidenceParts;
  /** The height at which each task was accepted, or later. */
  readonly #seen = new Map<bigint, bigint>();

  constructor(parts: TaskEvidenceParts) {
    this.#parts = parts;
  }

  /**
   * What shows that a task was accepted; nothing where the program believes whoever runs it.
   *
   * @throws {ViewError} UNDER_SIGNED until validators have signed a block that has the acceptance, for which it needs its confirmations; and what
   * is wrong with what the network gives.
   * @throws {InputError} Where no validators are named.
   */
  async of(taskId: bigint, signal?: AbortSignal): Promise<TaskEvidence | undefined> {
    const { enclave, network, taskEscrow, validators } = this.#parts;
    const { trust, belief } = await enclave.believe();
    if (trust === null || belief === null) return undefined;
    if (validators.length === 0) {
      const problem = "The enclave program believes the chain alone, and no validators are named that show it";
      throw new InputError(problem, "Name the URLs of the validators' APIs.");
    }
    const parts = { network, sources: validators, trust, belief };
    const [task, uses, grants] = await Promise.all([
      taskEscrow.getTask(taskId),
      taskEscrow.datasetsOf(taskId),
      taskEscrow.grants(),
    ]);
    const height = await this.#heightOf(taskId);
    const datasetIds = uses.map(({ datasetId }) => datasetId);
    return collectTaskEvidence(parts, { taskId, deal: dealOf(task), grants, datasetIds, height }, signal);
  }

  /**
   * Shows the program a newer block until the signal aborts, every so often that it never needs the state of blocks that networks have forgotten,
   * however the validators change meanwhile. Never fails.
   *
   * @param every Milliseconds.
   */
  async keepUp(signal: AbortSignal, log: Logger, every = KEEP_UP): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#showNewer(signal);
      } catch (err) {
        log.warn({ err }, "the enclave could not be shown a newer block of the chain");
      }
      await pause(every, undefined, { signal }).catch(() => undefined);
    }
  }

  async #showNewer(signal: AbortSignal): Promise<void> {
    const { enclave, network, validators } = this.#parts;
    const { trust, belief } = await enclave.believe();
    if (trust === null || belief === null) return;
    const parts = { network, sources: validators, trust, belief };
    await enclave.believe(await collectViews(parts, belief.newest?.number ?? trust.height, signal));
  }

  /** A height at which the task is accepted: the newest when it is first asked for. */
  async #heightOf(taskId: bigint): Promise<bigint> {
    const known = this.#seen.get(taskId);
    if (known !== undefined) return known;
    const newest = BigInt(String(await this.#parts.network.send("eth_blockNumber", [])));
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.set(taskId, newest);
    return newest;
  }
}

/** Whether evidence lacks nothing but that validators have not signed the block yet. */
export const isNotSignedYet = (error: unknown): boolean => error instanceof ViewError && error.code === "UNDER_SIGNED";

/** What requester and node agreed on, of a task as the chain gives it. */
export function dealOf(task: Deal): Deal {
  const { requester, nodeId, nodeFee, validatorFee, stakeLock, acceptBy, leastDuration, resultBy, demand } = task;
  return { requester, nodeId, nodeFee, validatorFee, stakeLock, acceptBy, leastDuration, resultBy, demand };
}
