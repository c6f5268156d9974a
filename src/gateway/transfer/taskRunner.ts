import { setTimeout as pause } from "node:timers/promises";

import type { ContractTransactionResponse } from "ethers";
import { readFile } from "node:fs/promises";
import type { Logger } from "pino";

import { writeDurably, type Blobs } from "./blobs.ts";
import {
  ACCEPTED_NAME,
  datasetName,
  inputsName,
  keptDatasetName,
  keptInputsName,
  resultName,
  sealedKeyName,
  statementName,
} from "./names.ts";
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
  /** For reading. */
  readonly protocol: Protocol;
  /** Bound to the provider's account. */
  readonly signing: Pick<Protocol, "taskEscrow">;
  readonly chainId: bigint;
  readonly node: number;
  readonly blobs: Blobs;
  readonly limits: TaskLimits;
  readonly enclave: Pick<EnclaveClient, "check" | "run">;
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
/** So many of the newest tasks, of all nodes, are looked at for new ones. */
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
 * Accepts, runs and submits the node's tasks in its provider's name, one after the other: whatever is accepted has the whole of its time. The
 * files of an accepted task are those that were checked before, whatever is sent later. Where a task stands is on the chain and in files, so
 * the gateway can be killed at any point: what was signed is submitted again, what was not is run again, and what was accepted is remembered
 * however many tasks follow.
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
      await this.once();
      // Being told to stop is no failure.
      await pause(this.#parts.interval ?? INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Does what is next: delivers what was accepted, and accepts another task only when nothing is left to deliver. Never fails. */
  async once(): Promise<void> {
    try {
      const open = await this.#openTasks();
      const due = open.filter(({ status, now, task }) => status === "Accepted" && now < task.resultBy);
      for (const each of due) await this.#safely(each, async () => this.#deliver(each));
      if (due.length > 0) return;
      for (const each of open.filter(({ status }) => status === "Published")) {
        if (await this.#safely(each, async () => this.#accept(each))) return;
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the node's tasks cannot be read");
    }
  }

  /** What the work gives; undefined where it fails, which is logged. */
  async #safely<T>({ id }: OpenTask, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#parts.log.warn({ err: error, task: id.toString() }, "a task cannot be worked on now");
      return undefined;
    }
  }

  async #openTasks(): Promise<OpenTask[]> {
    const { protocol, node } = this.#parts;
    const { taskEscrow, nodeRegistry } = protocol;
    const block = await taskEscrow.runner?.provider?.getBlock("latest");
    if (block == null) throw new Error("The network does not give its newest block");
    const at = { blockTag: block.number };
    const [count, { enclaveKey }] = await Promise.all([taskEscrow.taskCount(at), nodeRegistry.getNode(node, at)]);
    const tasks = await Promise.all(
      (await this.#candidates(count)).map(async (id) => ({ id, task: await taskEscrow.getTask(id, at) })),
    );
    const open: OpenTask[] = [];
    for (const { id, task } of tasks) {
      const status = enumName("TaskStatus", task.status);
      if (task.nodeId !== BigInt(node) || !OPEN.has(status)) continue;
      const termsHash = status === "Published" ? await taskEscrow.termsHashOf(id, at) : "";
      open.push({ id, task, status, termsHash, enclaveKey, now: BigInt(block.timestamp) });
    }
    return open;
  }

  /** The newest tasks, and the one that was accepted last, however old it is. */
  async #candidates(count: bigint): Promise<bigint[]> {
    const first = count > WINDOW ? count - WINDOW + 1n : 1n;
    const newest = Array.from({ length: Number(count - first + 1n) }, (_, i) => first + BigInt(i));
    const accepted = await this.#accepted();
    return accepted === undefined || accepted >= first || accepted > count ? newest : [accepted, ...newest];
  }

  async #accepted(): Promise<bigint | undefined> {
    const file = await this.#parts.blobs.find(ACCEPTED_NAME);
    if (file === undefined) return undefined;
    const { taskId } = JSON.parse(await readFile(file, "utf8")) as { taskId: string };
    return BigInt(taskId);
  }

  /** Accepts a task that is welcome and whose files are all here; whether it did. */
  async #accept(open: OpenTask): Promise<boolean> {
    const { limits, enclave, signing, blobs, log } = this.#parts;
    if (!isWelcome(open.task, limits, open.now)) return false;
    const terms = await this.#termsOf(open);
    const isComplete = await this.#keepFiles(open, terms);
    const answer = isComplete ? await enclave.check(terms, await this.#keptFiles(terms)) : undefined;
    if (answer?.ready !== true) {
      this.#tellOnce(open, answer);
      return false;
    }
    await blobs.write(ACCEPTED_NAME, Buffer.from(JSON.stringify({ taskId: open.id.toString() })));
    await this.#mined(await signing.taskEscrow.accept(open.id, open.termsHash, open.enclaveKey));
    log.info({ task: open.id.toString() }, "accepted a task");
    return true;
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

  /** Keeps the task's files as they are now; whether its inputs are here. The enclave says what else is missing. */
  async #keepFiles({ enclaveKey }: OpenTask, { taskId, inputHash, datasets }: TaskTerms): Promise<boolean> {
    const { blobs } = this.#parts;
    const task = Number(taskId);
    const keep = async (name: string, kept: string): Promise<boolean> => {
      await blobs.remove(kept);
      if ((await blobs.find(name)) === undefined) return false;
      await blobs.keepAs(name, kept);
      return true;
    };
    for (const { datasetId, contentHash } of datasets) {
      await keep(datasetName(contentHash), keptDatasetName(task, inputHash, datasetId, "file"));
      await keep(sealedKeyName(Number(datasetId), enclaveKey), keptDatasetName(task, inputHash, datasetId, "key"));
    }
    return keep(inputsName(task, inputHash), keptInputsName(task, inputHash));
  }

  /** The task's files as they were kept. */
  async #keptFiles({ taskId, inputHash, datasets }: TaskTerms): Promise<TaskFiles> {
    const { blobs } = this.#parts;
    const task = Number(taskId);
    const found: TaskFiles["datasets"] = [];
    for (const { datasetId } of datasets) {
      const file = await blobs.find(keptDatasetName(task, inputHash, datasetId, "file"));
      const sealedKey = await blobs.find(keptDatasetName(task, inputHash, datasetId, "key"));
      if (file !== undefined && sealedKey !== undefined) found.push({ datasetId, file, sealedKey });
    }
    return { inputs: blobs.pathOf(keptInputsName(task, inputHash)), datasets: found };
  }

  /** Runs an accepted task unless its statement is there, then brings the statement to the chain. */
  async #deliver(open: OpenTask): Promise<void> {
    const { signing, log } = this.#parts;
    const statement = (await this.#keptStatement(open)) ?? (await this.#runTask(open));
    if (statement === undefined) {
      this.#tellOnce(open, undefined);
      return;
    }
    const { taskEscrow } = signing;
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
    const { taskId, inputHash } = terms;
    const isKept = (await blobs.find(keptInputsName(Number(taskId), inputHash))) !== undefined;
    // One that was accepted by hand has its files as they are now.
    if (!isKept && !(await this.#keepFiles(open, terms))) return undefined;
    const files = await this.#keptFiles(terms);
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
