import { readFile } from "node:fs/promises";

import type { Blobs } from "./blobs.ts";
import { ACCEPTED_NAME } from "./names.ts";
import type { NamedTask } from "./taskProgress.ts";
import type { TaskTerms } from "../../enclave/protocol.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import type { Hex } from "../../sgx/bytes.ts";

/** Whose tasks are read, and where. */
export interface OpenTasksParts {
  readonly protocol: Protocol;
  readonly chainId: bigint;
  readonly node: number;
  /** The platform's addresses. */
  readonly escrow: string;
  readonly grants: string;
  readonly blobs: Blobs;
}

/** So many of the newest tasks, of all nodes, are looked at for new ones. */
const WINDOW = 2_000n;
/** Seconds for which a task that is over, or another node's, is not looked at again: a reorganisation may put another in its place. */
const CLOSED_FOR = 300n;
const OPEN: ReadonlySet<string> = new Set(["Published", "Accepted"]);

type Task = Awaited<ReturnType<Protocol["taskEscrow"]["getTask"]>>;

/** A task of the node that is neither done nor lost. */
export interface OpenTask extends NamedTask {
  readonly task: Task;
  readonly status: string;
  /** Of the terms, as the chain had them in the same block. */
  readonly termsHash: string;
  readonly enclaveKey: string;
  /** Until when its result counts, in Unix seconds: a suspension of the node has put it off. */
  readonly resultDue: bigint;
  /** Unix seconds of the chain. */
  readonly now: bigint;
}

/** Reads the node's open tasks, all at one block. */
export class OpenTasks {
  readonly #parts: OpenTasksParts;
  /** Tasks that are over or another node's, and since when of the chain's time these are known. */
  readonly #closed = new Set<bigint>();
  #since = 0n;

  constructor(parts: OpenTasksParts) {
    this.#parts = parts;
  }

  async read(): Promise<OpenTask[]> {
    const { protocol, node } = this.#parts;
    const { taskEscrow, nodeRegistry } = protocol;
    const block = await taskEscrow.runner?.provider?.getBlock("latest");
    if (block == null) throw new Error("The network does not give its newest block");
    const at = { blockTag: block.number };
    const [count, { enclaveKey }] = await Promise.all([taskEscrow.taskCount(at), nodeRegistry.getNode(node, at)]);
    const now = BigInt(block.timestamp);
    this.#forgetClosed(now);
    const tasks = await Promise.all(
      (await this.#candidates(count)).map(async (id) => ({ id, task: await taskEscrow.getTask(id, at) })),
    );
    const open: OpenTask[] = [];
    for (const { id, task } of tasks) {
      const status = enumName("TaskStatus", task.status);
      if (task.nodeId !== BigInt(node) || !OPEN.has(status)) {
        this.#closed.add(id);
        continue;
      }
      const isPublished = status === "Published";
      const termsHash = isPublished ? await taskEscrow.termsHashOf(id, at) : "";
      const putOff = isPublished ? 0n : await nodeRegistry.suspendedSeconds(node, task.acceptedAt, at);
      const times = { resultDue: task.resultBy + putOff, now };
      open.push({ id, inputHash: task.inputHash.toLowerCase(), task, status, termsHash, enclaveKey, ...times });
    }
    return open;
  }

  /** A task as the enclave is told of it. */
  async termsOf({ id, inputHash }: OpenTask): Promise<TaskTerms> {
    const { protocol, chainId, node, escrow, grants } = this.#parts;
    const uses = await protocol.taskEscrow.datasetsOf(id);
    const datasets = await Promise.all(
      uses.map(async ({ datasetId }) => {
        const { owner, contentHash } = await protocol.dataGrants.getDataset(datasetId);
        return { datasetId, owner, contentHash: contentHash.toLowerCase() as Hex };
      }),
    );
    return { chainId, escrow, grants, taskId: id, nodeId: BigInt(node), inputHash: inputHash as Hex, datasets };
  }

  /** Remembers the task that is about to be accepted, however many follow. */
  async remember({ id }: OpenTask): Promise<void> {
    await this.#parts.blobs.write(ACCEPTED_NAME, Buffer.from(JSON.stringify({ taskId: id.toString() })));
  }

  /** The task that was accepted last, or was about to be. */
  async remembered(): Promise<bigint | undefined> {
    const file = await this.#parts.blobs.find(ACCEPTED_NAME);
    if (file === undefined) return undefined;
    const { taskId } = JSON.parse(await readFile(file, "utf8")) as { taskId: string };
    return BigInt(taskId);
  }

  #forgetClosed(now: bigint): void {
    if (now - this.#since < CLOSED_FOR && now >= this.#since) return;
    this.#closed.clear();
    this.#since = now;
  }

  /** The newest tasks, without those that are known to be closed, and always the one that was accepted last. */
  async #candidates(count: bigint): Promise<bigint[]> {
    const first = count > WINDOW ? count - WINDOW + 1n : 1n;
    const all = Array.from({ length: Number(count - first + 1n) }, (_, i) => first + BigInt(i));
    const newest = all.filter((id) => !this.#closed.has(id));
    const accepted = await this.remembered();
    return accepted === undefined || accepted > count || newest.includes(accepted) ? newest : [accepted, ...newest];
  }
}
