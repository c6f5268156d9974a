import { formatTime } from "../../amounts.ts";
import type { Read } from "../../chain/access.ts";
import { openDemands, type ResultDemand } from "../../chain/resultDemands.ts";
import type { ShownChunk } from "../../data/chunks.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import type { ProviderParts } from "../parts.ts";
import { saidByAny } from "../saidByAny.ts";
import { keptResult } from "./kept.ts";
import { OwnTasks, type OwnTask } from "./ownTasks.ts";

/** A task of an own node whose result waits for its verdict. */
interface Judged {
  readonly task: OwnTask;
  readonly resultHash: string;
}

/** What is demanded of a result. */
interface DemandedChunk extends Judged {
  readonly demand: ResultDemand;
}

/** A result with all that is demanded of it. */
interface Demanded extends Judged {
  readonly demands: readonly ResultDemand[];
}

/** What is to be done by a time, in Unix seconds. */
interface Due {
  readonly answerBy: bigint;
  readonly action: Action;
}

/** Shows chunks of results that are demanded: a task whose result nobody shows in time ends, and its node loses the lock. */
export class ResultDuty implements Duty {
  readonly name = "results";
  readonly every = 60;
  readonly #parts: ProviderParts;
  readonly #tasks: OwnTasks;
  /** Chunks that are demanded, by {@link nameOf}: of a large result it takes seconds to make them. */
  #shown: ReadonlyMap<string, ShownChunk> = new Map();

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    const ids = parts.nodes.map(({ id }) => id);
    this.#tasks = new OwnTasks(ids, parts.config.chain.confirmations);
  }

  async look(): Promise<readonly Action[]> {
    const { chain, alarms } = this.#parts;
    const tasks = await this.#tasks.sync(chain);
    const read: Read<DemandedChunk[]> = async (protocol, { number, time }) => {
      const at = { number, time: BigInt(time) };
      return (await Promise.all(tasks.map(async (task) => demandedOf(protocol, task, at)))).flat();
    };
    const open = byResult(await saidByAny(chain, "which results are demanded", read, claimOf));
    const about = new Set(open.map(({ task }) => aboutOf(task)));
    for (const each of alarms.standing()) {
      if (each.code === "result-demanded" && !about.has(each.about)) alarms.clear("result-demanded", each.about);
    }
    const shown = new Map<string, ShownChunk>();
    for (const demanded of open) for (const [name, chunk] of await this.#chunksOf(demanded)) shown.set(name, chunk);
    this.#shown = shown;
    // Only so many are under way at once: who demands again as soon as one is shown must keep no other task's from its turn.
    const due = open.flatMap((demanded) => this.#showing(demanded)).sort((a, b) => (a.answerBy < b.answerBy ? -1 : 1));
    return due.map(({ action }) => action);
  }

  /** Those of the chunks that are demanded of a result, by their names; none where it is not kept. */
  async #chunksOf({ task, resultHash, demands }: Demanded): Promise<(readonly [name: string, chunk: ShownChunk])[]> {
    const names = demands.map(({ chunk }) => [nameOf(resultHash, chunk), chunk] as const);
    const isMade = names.every(([name]) => this.#shown.has(name));
    const result = isMade ? undefined : await keptResult(this.#folderOf(task), task.id, resultHash);
    return names.flatMap(([name, chunk]) => {
      const shown = this.#shown.get(name) ?? result?.show(chunk);
      return shown === undefined ? [] : [[name, shown] as const];
    });
  }

  #showing({ task, resultHash, demands }: Demanded): Due[] {
    const id = task.id.toString();
    const [first] = [...demands].sort((a, b) => (a.answerBy < b.answerBy ? -1 : 1));
    if (first === undefined) return [];
    const reason = `${String(demands.length)} of its chunks are demanded, the first to be shown by ${formatTime(first.answerBy)}`;
    this.#alarm({ task, resultHash, demands }, first, reason);
    return demands.flatMap((demand) => {
      const { chunk, answerBy } = demand;
      const shown = this.#shown.get(nameOf(resultHash, chunk));
      if (shown === undefined) return [];
      const what = `show chunk ${chunk.toString()} of the result of task ${id}`;
      const key = keyOf({ task, resultHash, demand });
      const act = async (): Promise<void> => {
        const { resultDemands } = callsOf(this.#parts.chain.book);
        const { length, data, proof } = shown;
        const transaction = await resultDemands.answer.populateTransaction(task.id, chunk, length, data, [...proof]);
        await this.#parts.sender.send({ key, purpose: what, transaction, deadline: Number(answerBy), isUrgent: true });
      };
      return [{ answerBy, action: { key, what, reason, isUrgent: true, act } }];
    });
  }

  #alarm({ task, resultHash, demands }: Demanded, { chunk }: ResultDemand, reason: string): void {
    const { alarms, provider } = this.#parts;
    const isThere = this.#shown.has(nameOf(resultHash, chunk));
    // What the provider demands of itself, to be paid without a verdict, is shown at once.
    if (isThere && demands.every(({ demander }) => demander === provider)) return;
    alarms.raise({
      code: "result-demanded",
      severity: "critical",
      about: aboutOf(task),
      problem: `The result of task ${task.id.toString()} is demanded${isThere ? "" : `, and ${this.#folderOf(task)} does not have it`}: ${reason}`,
      remedy: isThere
        ? "The service shows it by itself; should this stay, run `task answer` by hand in time, with the sealed result."
        : "Bring the sealed result into that folder or run `task answer` with it, in time: otherwise the node loses its lock.",
    });
  }

  #folderOf({ nodeId }: OwnTask): string {
    return this.#parts.nodes.find(({ id }) => id === nodeId)?.results ?? "";
  }
}

const nameOf = (resultHash: string, chunk: bigint): string => `${resultHash} ${chunk.toString()}`;

/** What tells one demand from another. */
const keyOf = ({ task, demand: { chunk, answerBy } }: DemandedChunk): string =>
  `show result ${task.id.toString()} ${chunk.toString()} ${answerBy.toString()}`;

/** What tells apart what endpoints say: one may speak of a demand truly, and of the result falsely. */
const claimOf = (demanded: DemandedChunk): string => `${keyOf(demanded)} ${demanded.resultHash}`;

function byResult(demanded: readonly DemandedChunk[]): Demanded[] {
  const groups = Map.groupBy(demanded, ({ task, resultHash }) => `${task.id.toString()} ${resultHash}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, demands: group.map(({ demand }) => demand) }];
  });
}

const aboutOf = ({ id }: OwnTask): string => `task ${id.toString()}`;

async function demandedOf(
  protocol: Protocol,
  task: OwnTask,
  { number: blockTag, time }: { readonly number: number; readonly time: bigint },
): Promise<DemandedChunk[]> {
  const { status, demanded, resultHash, publishedIn } = await protocol.taskEscrow.getTask(task.id, { blockTag });
  if (!demanded || enumName("TaskStatus", status) !== "Submitted") return [];
  const open = await openDemands(protocol, { fromBlock: Number(publishedIn) }, task.id, { blockTag });
  return open.filter(({ answerBy }) => answerBy >= time).map((demand) => ({ task, resultHash, demand }));
}
