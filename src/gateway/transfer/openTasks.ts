import { readFile } from "node:fs/promises";
import { z } from "zod";

import type { Blobs } from "./blobs.ts";
import { ACCEPTED_NAME } from "./names.ts";
import type { NamedTask } from "./taskProgress.ts";
import type { AgreedReader } from "../chain/agreed.ts";
import { taskHashes, usedDatasets } from "../../chain/taskTerms.ts";
import { datasetsForm, type DatasetContent } from "../../data/documents.ts";
import type { TaskTerms } from "../../enclave/protocol.ts";
import { enumName } from "../../enums.ts";
import { forms } from "../../forms.ts";
import { parsedJson, toJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";
import type { Hex } from "../../sgx/bytes.ts";
import { taskTermsHash } from "../../terms.ts";
import type { Block } from "../../chain/block.ts";

/** Whose tasks are read, and where. */
export interface OpenTasksParts {
  readonly reader: AgreedReader;
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

/** What is looked at of a task, as the chain has it: base units, and Unix seconds. */
export interface TaskRecord {
  readonly requester: string;
  readonly nodeFee: bigint;
  readonly stakeLock: bigint;
  readonly acceptBy: bigint;
  readonly leastDuration: bigint;
  readonly resultBy: bigint;
  readonly acceptedAt: bigint;
}

/** A task of the node that is neither done nor lost. */
export interface OpenTask extends NamedTask {
  readonly task: TaskRecord;
  readonly status: string;
  /** Of the terms that are here, by which the task is accepted; made from them, never read. */
  readonly termsHash: string;
  /** Of the deal that is here; see `taskDealHash`. */
  readonly dealHash: string;
  readonly enclaveKey: string;
  readonly datasets: readonly DatasetContent[];
  /** Those of the datasets' grants to the node, in their order; none of a task that was accepted. */
  readonly grantNonces: readonly bigint[];
  /** Until when its result counts, in Unix seconds: a suspension of the node has put it off. */
  readonly resultDue: bigint;
  /** Unix seconds of the chain. */
  readonly now: bigint;
}

/** The node's open tasks at one block. */
export interface OpenTasksView {
  readonly block: number;
  readonly tasks: readonly OpenTask[];
}

const acceptedForm = z.object({ taskId: forms.uint, inputHash: forms.hash, datasets: datasetsForm });
/** A task that was accepted, as it was judged. */
type Accepted = z.infer<typeof acceptedForm>;

/** Reads the node's open tasks, all at one block, as two endpoints agree; what was accepted, from any endpoint. */
export class OpenTasks {
  readonly #parts: OpenTasksParts;
  /** Tasks that are over or another node's, and since when of the chain's time these are known. */
  readonly #closed = new Set<bigint>();
  #since = 0n;

  constructor(parts: OpenTasksParts) {
    this.#parts = parts;
  }

  /** @throws {Problem} `chain-unreachable`, also when two endpoints contradict each other. */
  async read(): Promise<OpenTasksView> {
    const accepted = (await this.remembered())?.taskId;
    const { number, time, tasks } = await this.#parts.reader.readAgreed("the node's tasks", async (protocol, block) => {
      const count = await protocol.taskEscrow.taskCount({ blockTag: block.number });
      const ids = this.#candidates(count, accepted, BigInt(block.time));
      const found = await Promise.all(ids.map(async (id) => ({ id, open: await this.#readOne(protocol, id, block) })));
      return { number: block.number, time: BigInt(block.time), tasks: found };
    });
    if (this.#isForgetting(time)) {
      this.#closed.clear();
      this.#since = time;
    }
    for (const { id, open } of tasks) if (open === undefined) this.#closed.add(id);
    return { block: number, tasks: tasks.flatMap(({ open }) => (open === undefined ? [] : [open])) };
  }

  /**
   * The task that was accepted last, where any endpoint says that its result is awaited: it is delivered though the others do not answer, or
   * lie. Its datasets are those that were judged then.
   */
  async readAccepted(): Promise<OpenTask[]> {
    const accepted = await this.remembered();
    if (accepted === undefined) return [];
    const { taskId, inputHash, datasets } = accepted;
    const found = await this.#parts.reader.readEach(async (protocol, block) => this.#readOne(protocol, taskId, block));
    const mine = found.filter((open) => open?.status === "Accepted" && open.inputHash === inputHash);
    return mine.flatMap((open) => (open === undefined ? [] : [{ ...open, datasets }])).slice(0, 1);
  }

  /** An open task of the node; undefined for any other. */
  async #readOne(protocol: Protocol, id: bigint, block: Block): Promise<OpenTask | undefined> {
    const { taskEscrow, nodeRegistry, dataGrants } = protocol;
    const at = { blockTag: block.number };
    const node = BigInt(this.#parts.node);
    const task = await taskEscrow.getTask(id, at);
    const status = enumName("TaskStatus", task.status);
    if (task.nodeId !== node || !OPEN.has(status)) return undefined;
    const isPublished = status === "Published";
    const [{ enclaveKey }, uses, putOff] = await Promise.all([
      nodeRegistry.getNode(node, at),
      taskEscrow.datasetsOf(id, at),
      isPublished ? 0n : nodeRegistry.suspendedSeconds(node, task.acceptedAt, at),
    ]);
    const used = await usedDatasets(protocol, uses, at);
    const asked = isPublished ? uses : [];
    const grants = await Promise.all(asked.map(async ({ datasetId }) => dataGrants.getGrant(datasetId, node, at)));
    const { dealHash, inputHash } = await taskHashes(protocol, id, task, used);
    const { requester, nodeFee, stakeLock, acceptBy, leastDuration, resultBy, acceptedAt } = task;
    return {
      ...{ id, status, enclaveKey, resultDue: resultBy + putOff, now: BigInt(block.time) },
      inputHash,
      task: { requester, nodeFee, stakeLock, acceptBy, leastDuration, resultBy, acceptedAt },
      termsHash: isPublished ? taskTermsHash(task.fixedTermsHash, task.verdictBy, used) : "",
      dealHash,
      grantNonces: grants.map(({ nonce }) => nonce),
      datasets: used.map(({ datasetId, owner, contentHash }) => ({
        ...{ datasetId, owner, contentHash: contentHash.toLowerCase() as Hex },
      })),
    };
  }

  /** A task as the enclave is told of it. */
  termsOf({ id, inputHash, dealHash, datasets }: OpenTask): TaskTerms {
    const { chainId, node, escrow, grants } = this.#parts;
    return {
      ...{ chainId, escrow, grants, taskId: id, nodeId: BigInt(node), inputHash: inputHash as Hex },
      ...{ dealHash: dealHash as Hex, datasets: [...datasets] },
    };
  }

  /** Remembers the task that is about to be accepted, as it was judged, however many follow. */
  async remember({ id, inputHash, datasets }: OpenTask): Promise<void> {
    await this.#parts.blobs.write(ACCEPTED_NAME, Buffer.from(toJson({ taskId: id, inputHash, datasets })));
  }

  /** The task that was accepted last, or was about to be. */
  async remembered(): Promise<Accepted | undefined> {
    const file = await this.#parts.blobs.find(ACCEPTED_NAME);
    if (file === undefined) return undefined;
    return acceptedForm.safeParse(parsedJson(await readFile(file, "utf8"))).data;
  }

  #isForgetting(now: bigint): boolean {
    return now - this.#since >= CLOSED_FOR || now < this.#since;
  }

  /** The newest tasks, without those that are known to be closed, and always the one that was accepted last. */
  #candidates(count: bigint, accepted: bigint | undefined, now: bigint): bigint[] {
    const first = count > WINDOW ? count - WINDOW + 1n : 1n;
    const all = Array.from({ length: Number(count - first + 1n) }, (_, i) => first + BigInt(i));
    const newest = this.#isForgetting(now) ? all : all.filter((id) => !this.#closed.has(id));
    return accepted === undefined || accepted > count || newest.includes(accepted) ? newest : [accepted, ...newest];
  }
}
