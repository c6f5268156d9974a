import { setTimeout as pause } from "node:timers/promises";

import type { ContractTransactionResponse } from "ethers";
import { readFile } from "node:fs/promises";
import type { Logger } from "pino";

import { writeDurably, type Blobs } from "./blobs.ts";
import { datasetName, inputsName, resultName, sealedKeyName, statementName } from "./names.ts";
import { isWelcome, type TaskLimits } from "./taskPolicy.ts";
import { statementDocument, type StatementDocument } from "../../documents/tasks.ts";
import type { EnclaveClient } from "../../enclave/client.ts";
import type { TaskFiles, TaskTerms } from "../../enclave/protocol.ts";
import { enumName } from "../../enums.ts";
import { toJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";
import type { Hex } from "../../sgx/bytes.ts";

/** What tasks are run with. */
export interface TaskRunnerParts {
  /** Bound to the provider's account. */
  readonly protocol: Protocol;
  readonly chainId: bigint;
  readonly node: number;
  readonly blobs: Blobs;
  readonly limits: TaskLimits;
  readonly enclave: Pick<EnclaveClient, "check" | "run" | "identify">;
  /** The platform's addresses. */
  readonly escrow: string;
  readonly grants: string;
  readonly log: Logger;
  /** Milliseconds between two looks; 5,000 by default. */
  readonly interval?: number;
  /** Milliseconds to wait for a transaction. */
  readonly patience?: number;
}

const INTERVAL = 5_000;
const PATIENCE = 120_000;
/** So many of the newest tasks are looked at: a task of another node says nothing about ours. */
const WINDOW = 2_000n;
const OPEN: ReadonlySet<string> = new Set(["Published", "Accepted"]);

type Task = Awaited<ReturnType<Protocol["taskEscrow"]["getTask"]>>;

/** A task of the node that is neither done nor lost. */
interface OpenTask {
  readonly id: bigint;
  readonly task: Task;
  readonly status: string;
  /** Of the terms, as the chain had them in the same block. */
  readonly termsHash: string;
  readonly enclaveKey: string;
  /** Unix seconds. */
  readonly now: bigint;
}

/**
 * Accepts, runs and submits the node's tasks in its provider's name. Where each stands is on the chain and in files of its own, so it can be
 * killed at any point: what was signed is submitted again, what was not is run again, and what was submitted is never run twice.
 */
export class TaskRunner {
  readonly #parts: TaskRunnerParts;
  /** Tasks whose files lacked something: told once. */
  readonly #told = new Set<string>();

  constructor(parts: TaskRunnerParts) {
    this.#parts = parts;
  }

  /** Looks again and again until the signal aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.once(signal);
      // Being told to stop is no failure.
      await pause(this.#parts.interval ?? INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Does what is next for every open task, one after the other. Never fails. */
  async once(signal: AbortSignal): Promise<void> {
    try {
      for (const open of await this.#openTasks()) {
        if (signal.aborted) return;
        await this.#work(open).catch((error: unknown) => {
          this.#parts.log.warn({ err: error, task: open.id.toString() }, "a task cannot be worked on now");
        });
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the node's tasks cannot be read");
    }
  }

  async #openTasks(): Promise<OpenTask[]> {
    const { protocol, node } = this.#parts;
    const { taskEscrow, nodeRegistry } = protocol;
    const block = await taskEscrow.runner?.provider?.getBlock("latest");
    if (block == null) throw new Error("The network does not give its newest block");
    const at = { blockTag: block.number };
    const [count, { enclaveKey }] = await Promise.all([taskEscrow.taskCount(at), nodeRegistry.getNode(node, at)]);
    const first = count > WINDOW ? count - WINDOW + 1n : 1n;
    const ids = Array.from({ length: Number(count - first + 1n) }, (_, i) => first + BigInt(i));
    const open: OpenTask[] = [];
    for (const id of ids) {
      const task = await taskEscrow.getTask(id, at);
      const status = enumName("TaskStatus", task.status);
      if (task.nodeId !== BigInt(node) || !OPEN.has(status)) continue;
      const termsHash = status === "Published" ? await taskEscrow.termsHashOf(id, at) : "";
      open.push({ id, task, status, termsHash, enclaveKey, now: BigInt(block.timestamp) });
    }
    return open;
  }

  async #work(open: OpenTask): Promise<void> {
    if (open.status === "Accepted") {
      if (open.now < open.task.resultBy) await this.#deliver(open);
      return;
    }
    if (!isWelcome(open.task, this.#parts.limits, open.now)) return;
    const terms = await this.#termsOf(open);
    const files = await this.#filesOf(open, terms);
    const answer = files && (await this.#parts.enclave.check(terms, files));
    if (answer?.ready !== true) {
      this.#tellOnce(open, answer);
      return;
    }
    const { taskEscrow } = this.#parts.protocol;
    await this.#mined(await taskEscrow.accept(open.id, open.termsHash, open.enclaveKey));
    this.#parts.log.info({ task: open.id.toString() }, "accepted a task");
  }

  #tellOnce({ id, termsHash }: OpenTask, answer: object | undefined): void {
    const key = `${id.toString()} ${termsHash}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#parts.log.info({ task: id.toString(), lacks: answer ?? "inputs" }, "a task waits for its files");
  }

  async #termsOf({ id, task }: OpenTask): Promise<TaskTerms> {
    const { protocol, chainId, node, escrow, grants } = this.#parts;
    const uses = await protocol.taskEscrow.datasetsOf(id);
    const datasets = await Promise.all(
      uses.map(async ({ datasetId }) => {
        const { owner, contentHash } = await protocol.dataGrants.getDataset(datasetId);
        return { datasetId, owner, contentHash: contentHash.toLowerCase() as Hex };
      }),
    );
    const inputHash = task.inputHash.toLowerCase() as Hex;
    return { chainId, escrow, grants, taskId: id, nodeId: BigInt(node), inputHash, datasets };
  }

  /** The task's files; undefined as long as its inputs are not here. The enclave says what else is missing. */
  async #filesOf({ enclaveKey }: OpenTask, { taskId, inputHash, datasets }: TaskTerms): Promise<TaskFiles | undefined> {
    const { blobs } = this.#parts;
    const inputs = await blobs.find(inputsName(Number(taskId), inputHash));
    if (inputs === undefined) return undefined;
    const found: TaskFiles["datasets"] = [];
    for (const { datasetId, contentHash } of datasets) {
      const file = await blobs.find(datasetName(contentHash));
      const sealedKey = await blobs.find(sealedKeyName(Number(datasetId), enclaveKey));
      if (file !== undefined && sealedKey !== undefined) found.push({ datasetId, file, sealedKey });
    }
    return { inputs, datasets: found };
  }

  /** Runs an accepted task unless its statement is there, then brings the statement to the chain. */
  async #deliver(open: OpenTask): Promise<void> {
    const { protocol, log } = this.#parts;
    const statement = (await this.#keptStatement(open)) ?? (await this.#runTask(open));
    if (statement === undefined) {
      this.#tellOnce(open, undefined);
      return;
    }
    const { taskEscrow } = protocol;
    const { signature } = statement;
    await this.#mined(
      statement.kind === "task-result"
        ? await taskEscrow.submit(open.id, statement.resultHash, "", signature)
        : await taskEscrow.abort(open.id, signature),
    );
    log.info({ task: open.id.toString(), outcome: statement.kind }, "brought a task's outcome to the chain");
  }

  async #keptStatement({ id, task }: OpenTask): Promise<StatementDocument | undefined> {
    const file = await this.#parts.blobs.find(statementName(Number(id), task.inputHash));
    return file === undefined ? undefined : statementDocument.parse(JSON.parse(await readFile(file, "utf8")));
  }

  async #runTask(open: OpenTask): Promise<StatementDocument | undefined> {
    const { blobs, enclave, chainId, escrow } = this.#parts;
    const terms = await this.#termsOf(open);
    const files = await this.#filesOf(open, terms);
    if (files === undefined) return undefined;
    const { taskId, inputHash } = terms;
    // A run that was broken off has left a result that nobody signed for.
    await blobs.remove(resultName(Number(taskId), inputHash));
    const out = blobs.pathOf(resultName(Number(taskId), inputHash));
    const { outcome, signature, ...said } = await enclave.run(terms, files, out);
    const place = { chainId: Number(chainId), escrow, taskId: taskId.toString(), inputHash };
    const text = toJson({ kind: `task-${outcome}`, ...place, ...said, signature });
    await writeDurably(blobs.pathOf(statementName(Number(taskId), inputHash)), Buffer.from(text));
    return statementDocument.parse(JSON.parse(text));
  }

  async #mined(sent: ContractTransactionResponse): Promise<void> {
    const receipt = await sent.wait(1, this.#parts.patience ?? PATIENCE);
    if (receipt?.status !== 1) throw new Error(`The transaction ${sent.hash} was not mined in time`);
  }
}
