import type { ChainAccess } from "../../chain/access.ts";
import { enumName } from "../../enums.ts";

/** A task of an own node. */
export interface OwnTask {
  readonly id: bigint;
  readonly nodeId: bigint;
}

/** So many of the platform's tasks are looked through in one request. */
const PORTION = 200;
/** Tasks that last until somebody ends them. */
const UNDER_WAY: ReadonlySet<string> = new Set(["Accepted", "Submitted"]);

/** The tasks of the own nodes that are not over, found by looking through all of the platform's, each once. */
export class OwnTasks {
  readonly #nodeIds: ReadonlySet<bigint>;
  readonly #confirmations: number;
  /** The last one that was looked through. */
  #seen = 0n;
  #tasks: readonly OwnTask[] = [];

  /** @param confirmations Blocks behind the newest: which node a task is of can change with a reorganisation until then. */
  constructor(nodeIds: readonly bigint[], confirmations: number) {
    [this.#nodeIds, this.#confirmations] = [new Set(nodeIds), confirmations];
  }

  /** Looks through the tasks that are new, and forgets those that are over. */
  async sync(chain: ChainAccess): Promise<readonly OwnTask[]> {
    let count = await this.#portion(chain, this.#tasks);
    while (this.#seen < count) count = await this.#portion(chain, []);
    return this.#tasks;
  }

  /**
   * Looks through a portion of the new tasks; how many there are.
   *
   * @param again Those that are known, or none of them: to look at all with every portion would take who begins anew longer with each that strangers publish.
   */
  async #portion(chain: ChainAccess, again: readonly OwnTask[]): Promise<bigint> {
    const [seen, known] = [this.#seen, again.map(({ id }) => id)];
    const { count, last, found } = await chain.readAgreed(
      "the tasks of the nodes",
      async ({ taskEscrow }, { number: blockTag, time }) => {
        const count = await taskEscrow.taskCount({ blockTag });
        const length = Math.max(0, Math.min(PORTION, Number(count - seen)));
        const fresh = Array.from({ length }, (_, i) => seen + 1n + BigInt(i));
        const found = await Promise.all(
          [...known.filter((id) => id <= count), ...fresh].map(async (id) => {
            const { nodeId, status, acceptBy } = await taskEscrow.getTask(id, { blockTag });
            const name = enumName("TaskStatus", status);
            return { id, nodeId, goesOn: UNDER_WAY.has(name) || (name === "Published" && BigInt(time) < acceptBy) };
          }),
        );
        return { count, last: seen + BigInt(length), found };
      },
      this.#confirmations,
    );
    const kept = this.#tasks.filter((task) => !again.includes(task));
    this.#tasks = [...kept, ...found.filter(({ nodeId, goesOn }) => goesOn && this.#nodeIds.has(nodeId))];
    this.#seen = last;
    return count;
  }
}
