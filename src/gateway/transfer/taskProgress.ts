/**
 * How far the gateway is with a task.
 *
 * - `unattended`: it accepts no tasks by itself; its provider may.
 * - `unseen`: it has not looked at the task yet.
 * - `refused`: the provider's policy or the chain forbids accepting it.
 * - `waiting`: files are missing, or the enclave cannot use them.
 * - `queued`: another task comes first.
 * - `accepting`, `running`, `delivering`: what it does.
 * - `over`: there is nothing left to do.
 */
export type Stage =
  "unattended" | "unseen" | "refused" | "waiting" | "queued" | "accepting" | "running" | "delivering" | "over";

/** Why a task is where it is. */
export interface Reason {
  /** What it is about, such as "inputs" or "stake". */
  readonly subject: string;
  /** In one sentence with the values; nothing internal and nothing secret, since requesters are told. */
  readonly detail: string;
}

/** How far a gateway is with a task. */
export interface TaskProgress {
  readonly stage: Stage;
  readonly reasons: readonly Reason[];
}

/** What names a task: after a reorganisation another one may have its number. */
export interface NamedTask {
  readonly id: bigint;
  /** Hash of its sealed inputs. */
  readonly inputHash: string;
}

const keyOf = ({ id, inputHash }: NamedTask): string => `${id.toString()} ${inputHash.toLowerCase()}`;

/** What is told of the tasks that are open, each change once. */
export class ProgressBoard {
  readonly #known = new Map<string, TaskProgress>();
  readonly #changed: (task: NamedTask, progress: TaskProgress) => void;

  /** @param changed Is told of every change. */
  constructor(changed: (task: NamedTask, progress: TaskProgress) => void) {
    this.#changed = changed;
  }

  of(task: NamedTask): TaskProgress | undefined {
    return this.#known.get(keyOf(task));
  }

  set(task: NamedTask, stage: Stage, reasons: readonly Reason[] = []): void {
    const progress = { stage, reasons };
    if (JSON.stringify(this.of(task)) === JSON.stringify(progress)) return;
    this.#known.set(keyOf(task), progress);
    this.#changed(task, progress);
  }

  /** Forgets all others. */
  keepOnly(tasks: readonly NamedTask[]): void {
    const kept = new Set(tasks.map(keyOf));
    for (const key of this.#known.keys()) if (!kept.has(key)) this.#known.delete(key);
  }
}
