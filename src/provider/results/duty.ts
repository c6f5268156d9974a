import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { formatTime } from "../../amounts.ts";
import { openDemands, type OpenDemand } from "../../chain/resultDemands.ts";
import { resultHashOf, showChunk } from "../../data/chunks.ts";
import { enumName } from "../../enums.ts";
import type { Protocol } from "../../protocol.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import type { OwnNode, ProviderParts } from "../parts.ts";

/** A task of an own node whose result waits for its verdict, with what is demanded of it. */
interface Demanded {
  readonly node: OwnNode;
  readonly taskId: bigint;
  readonly resultHash: string;
  readonly demands: readonly OpenDemand[];
}

/** So many of a node's newest results are looked at: of older ones nothing can be demanded any more. */
const LOOKED_AT = 64;
/** The files that gateways and `task run` keep results in. */
const RESULT = /^task-(\d+)(?:-[0-9a-f]{16})?\.result\.sealed$/;

/** Shows chunks of results that are demanded: a task whose result nobody shows in time ends, and its node loses the lock. */
export class ResultDuty implements Duty {
  readonly name = "results";
  readonly every = 60;
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  async look(): Promise<readonly Action[]> {
    const { chain, nodes, alarms } = this.#parts;
    const kept = nodes.flatMap((node) => tasksIn(node.results).map((taskId) => ({ node, taskId })));
    if (kept.length === 0) return [];
    const found = await chain.read("the demands to see results", async (protocol, { number, time }) =>
      Promise.all(
        kept.map(async (each) =>
          demandedOf(protocol, each, { number, time: BigInt(time), fromBlock: chain.book.fromBlock }),
        ),
      ),
    );
    const open = found.flat();
    const about = new Set(open.map(({ taskId }) => taskId));
    for (const { taskId } of kept) {
      if (!about.has(taskId)) alarms.clear("result-demanded", `task ${taskId.toString()}`);
    }
    return open.flatMap((task) => this.#showing(task));
  }

  #showing({ node, taskId, resultHash, demands }: Demanded): Action[] {
    const id = taskId.toString();
    const [first] = [...demands].sort((a, b) => (a.answerBy < b.answerBy ? -1 : 1));
    if (first === undefined) return [];
    const reason = `${String(demands.length)} of its chunks are demanded, the first to be shown by ${formatTime(first.answerBy)}`;
    this.#parts.alarms.raise({
      code: "result-demanded",
      severity: "critical",
      about: `task ${id}`,
      problem: `The result of task ${id} is demanded: ${reason}`,
      remedy:
        "The service shows it by itself; should this stay, run `task answer` by hand in time, with the sealed result.",
    });
    const sealed = keptResult(node.results, taskId, resultHash);
    if (sealed === undefined) return [];
    return demands.map(({ chunk, answerBy }) => {
      const what = `show chunk ${chunk.toString()} of the result of task ${id}`;
      const key = `show result ${id} ${chunk.toString()} ${answerBy.toString()}`;
      const act = async (): Promise<void> => {
        const { resultDemands } = callsOf(this.#parts.chain.book);
        const { length, data, proof } = showChunk(sealed, chunk);
        const transaction = await resultDemands.answer.populateTransaction(taskId, chunk, length, data, [...proof]);
        await this.#parts.sender.send({ key, purpose: what, transaction, deadline: Number(answerBy), isUrgent: true });
      };
      return { key, what, reason, isUrgent: true, act };
    });
  }
}

/** The newest tasks whose results are in a folder, by number. */
function tasksIn(folder: string): bigint[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const ids = names.flatMap((name) => RESULT.exec(name)?.[1] ?? []).map(BigInt);
  return [...new Set(ids)].sort((a, b) => (a < b ? 1 : -1)).slice(0, LOOKED_AT);
}

/** The result of a hash in a folder; undefined where it is not there. */
function keptResult(folder: string, taskId: bigint, resultHash: string): Uint8Array | undefined {
  for (const name of readdirSync(folder)) {
    if (RESULT.exec(name)?.[1] !== taskId.toString()) continue;
    const sealed = readFileSync(join(folder, name));
    if (sealed.length > 0 && resultHashOf(sealed) === resultHash) return sealed;
  }
  return undefined;
}

async function demandedOf(
  protocol: Protocol,
  { node, taskId }: Pick<Demanded, "node" | "taskId">,
  { number, time, fromBlock }: { readonly number: number; readonly time: bigint; readonly fromBlock: number },
): Promise<Demanded[]> {
  const { taskEscrow } = protocol;
  if (taskId < 1n || taskId > (await taskEscrow.taskCount({ blockTag: number }))) return [];
  const { nodeId, status, demanded, resultHash } = await taskEscrow.getTask(taskId, { blockTag: number });
  if (nodeId !== node.id || !demanded || enumName("TaskStatus", status) !== "Submitted") return [];
  const demands = (await openDemands(protocol, { fromBlock }, taskId)).filter(({ answerBy }) => answerBy >= time);
  return demands.length === 0 ? [] : [{ node, taskId, resultHash, demands }];
}
