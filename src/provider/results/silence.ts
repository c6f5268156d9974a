import type { ContractTransaction } from "ethers";

import { keptResult } from "./kept.ts";
import { OwnTasks, type OwnTask } from "./ownTasks.ts";
import { anyChunk } from "../../chain/anyChunk.ts";
import { isPaidUnjudged } from "../../chain/unjudged.ts";
import { judgedTimeOf } from "../../chain/judgedTime.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import { Numbered } from "../numbered.ts";
import type { ProviderParts } from "../parts.ts";

/** A task of an own node with a result on which nobody has spoken in time. */
export interface SilentTask {
  readonly task: OwnTask;
  readonly fixedTermsHash: string;
  readonly resultHash: string;
  /** Whether anything of the result was ever demanded. */
  readonly isDemanded: boolean;
  /** Demands that nobody has answered. */
  readonly openDemands: bigint;
}

/** What is done about a task on which nobody has spoken. */
export type Step = "demand" | "expire" | "nothing";

/**
 * What is done: without a verdict a node is paid only for a result of which something was demanded and shown, so where nobody has demanded
 * anything the provider does, of what it can show.
 */
export function stepOf({ isDemanded, openDemands }: SilentTask, isKept: boolean): Step {
  if (isDemanded) return openDemands === 0n ? "expire" : "nothing";
  return isKept ? "demand" : "nothing";
}

/** Has tasks end on which nobody gives a verdict: their node is paid, and its stake free again. */
export class SilenceDuty implements Duty {
  readonly name = "unjudged-results";
  readonly every = 60;
  readonly #parts: ProviderParts;
  readonly #tasks: OwnTasks;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    const ids = parts.nodes.map(({ id }) => id);
    this.#tasks = new OwnTasks(ids, parts.config.chain.confirmations);
  }

  async look(): Promise<readonly Action[]> {
    const { chain, alarms } = this.#parts;
    const tasks = await this.#tasks.sync(chain);
    const { number, silent } = await chain.readAgreed("tasks without a verdict", async (protocol, block) => {
      const found = await Promise.all(tasks.map(async (task) => silentOf(protocol, task, block)));
      return { number: block.number, silent: found.filter((each) => each !== undefined) };
    });
    const made = await Promise.all(silent.map(async (each) => this.#caringFor(each, number)));
    const lost = new Set(made.flatMap(({ lost }) => lost));
    for (const { code, about } of alarms.standing()) {
      if (code === "result-unjudged" && !lost.has(about)) alarms.clear(code, about);
    }
    return made.flatMap(({ actions }) => actions);
  }

  async #caringFor(silent: SilentTask, block: number): Promise<{ actions: readonly Action[]; lost: string[] }> {
    const { task, resultHash, isDemanded } = silent;
    const folder = this.#parts.nodes.find(({ id }) => id === task.nodeId)?.results ?? "";
    const isKept = isDemanded || (await keptResult(folder, task.id, resultHash)) !== undefined;
    const step = stepOf(silent, isKept);
    if (step === "demand") return { actions: this.#demanding(silent, block), lost: [] };
    if (step === "expire") return { actions: this.#expiring(silent, block), lost: [] };
    return { actions: [], lost: isKept ? [] : [this.#alarm(task, folder)] };
  }

  #alarm({ id }: OwnTask, folder: string): string {
    const about = `task ${id.toString()}`;
    this.#parts.alarms.raise({
      code: "result-unjudged",
      severity: "warning",
      about,
      problem: `Nobody has judged the result of task ${id.toString()} or demanded it, and ${folder} does not have it: silence alone does not pay the node, and the stake behind the task stays locked`,
      remedy: `Bring the sealed result into that folder: the service then shows a part of it on chain. Or run \`task demand\` and \`task answer\` with it by hand.`,
    });
    return about;
  }

  #demanding({ task, fixedTermsHash, resultHash }: SilentTask, block: number): Action[] {
    const id = task.id.toString();
    const reason = "nobody has judged it or demanded it, and silence alone does not pay the node";
    return this.#numbered(`demand own result ${id} ${resultHash}`, block, {
      what: `demand a chunk of the own result of task ${id}`,
      reason,
      tx: async () => {
        await this.#allowBond(id);
        const call = [task.id, fixedTermsHash, resultHash, anyChunk()] as const;
        return this.#tried(async ({ resultDemands }, at) => {
          await resultDemands.demand.staticCall(...call, at);
          return resultDemands.demand.populateTransaction(...call);
        });
      },
    });
  }

  #expiring({ task }: SilentTask, block: number): Action[] {
    const id = task.id.toString();
    return this.#numbered(`end ${id}`, block, {
      what: `end task ${id}, on which nobody gave a verdict`,
      reason: "its result was shown when it was demanded, and its time is over",
      tx: async () =>
        this.#tried(async ({ taskEscrow }, at) => {
          await taskEscrow.expire.staticCall(task.id, at);
          return taskEscrow.expire.populateTransaction(task.id);
        }),
    });
  }

  /** Lets one more bond be locked, where what was allowed does not leave room for it. */
  async #allowBond(id: string): Promise<void> {
    const { chain, provider, sender } = this.#parts;
    const { resultDemands } = chain.book.contracts;
    const [cap, needed] = await chain.readAgreed("what demands may lock", async (protocol, { number: blockTag }) => {
      const allowed = await protocol.stakeVault.allowanceOf(provider, resultDemands, { blockTag });
      return [allowed.cap, allowed.locked + (await protocol.resultDemands.bond({ blockTag }))] as const;
    });
    if (cap >= needed) return;
    const transaction = await callsOf(chain.book).stakeVault.allow.populateTransaction(resultDemands, needed);
    await sender.send({
      key: `allow bond ${id} ${needed.toString()}`,
      purpose: `let the bond of a demand for the result of task ${id} be locked`,
      transaction,
    });
  }

  /** A transaction that the chain takes from the provider now. */
  async #tried(
    make: (protocol: Protocol, at: { from: string; blockTag: number }) => Promise<ContractTransaction>,
  ): Promise<ContractTransaction> {
    const { chain, provider } = this.#parts;
    return chain.readAgreed("a transaction, tried", async (protocol, { number }) =>
      make(protocol, { from: provider, blockTag: number }),
    );
  }

  #numbered(
    name: string,
    block: number,
    {
      what,
      reason,
      tx,
    }: { readonly what: string; readonly reason: string; readonly tx: () => Promise<ContractTransaction> },
  ): Action[] {
    const numbered = new Numbered(this.#parts.database, name);
    if (numbered.isBehind(BigInt(block))) return [];
    const { key } = numbered;
    const act = async (): Promise<void> => {
      numbered.ended(await this.#parts.sender.send({ key, purpose: what, transaction: await tx() }));
    };
    return [{ key, what, reason, act }];
  }
}

/** A task on whose result nobody has spoken until its time was over, and that can end so that its node is paid; undefined for any other. */
async function silentOf(
  protocol: Protocol,
  task: OwnTask,
  { number: blockTag, time }: { readonly number: number; readonly time: number },
): Promise<SilentTask | undefined> {
  const at = { blockTag };
  const kept = await protocol.taskEscrow.getTask(task.id, at);
  if (enumName("TaskStatus", kept.status) !== "Submitted") return undefined;
  const { openDemands, over } = await judgedTimeOf(protocol, task.id, kept, at);
  if (BigInt(time) <= over || !(await isPaidUnjudged(protocol, kept, at))) return undefined;
  const { fixedTermsHash, resultHash, demanded: isDemanded } = kept;
  return { task, fixedTermsHash, resultHash, isDemanded, openDemands };
}
