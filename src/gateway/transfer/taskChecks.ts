import type { KeptFiles } from "./keptFiles.ts";
import type { TaskLimits } from "./taskPolicy.ts";
import type { NamedTask, Reason } from "./taskProgress.ts";
import { formatDuration } from "../../amounts.ts";
import type { EnclaveClient } from "../../enclave/client.ts";
import type { CheckAnswer, TaskTerms } from "../../enclave/protocol.ts";

/** What checks are made with. */
export interface TaskChecksParts {
  readonly files: KeptFiles;
  readonly enclave: Pick<EnclaveClient, "check">;
  readonly limits: Pick<TaskLimits, "maxBytes" | "checkTime" | "programs">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** A task whose files are looked at. */
export interface CheckedTask extends NamedTask {
  readonly task: { readonly requester: string };
  readonly enclaveKey: string;
  /** Those of its datasets' grants to the node, in their order, as the chain has them. */
  readonly grantNonces: readonly bigint[];
}

/** What was found of a task's files. */
export interface Finding {
  /** Why the task cannot be done with them; none where it can. */
  readonly lacks: readonly Reason[];
  /** Whether the enclave was asked, which takes time. */
  readonly isNew: boolean;
}

/** Milliseconds for which what a requester's checks took is counted. */
const WINDOW = 3_600_000;
const MEBIBYTE = 2 ** 20;

/**
 * Looks whether tasks can be done with the files that are here. What was found of the same files is remembered, and what the enclave's checks
 * take is counted for each requester: tasks that are never ready cost nobody else more than their turn.
 */
export class TaskChecks {
  readonly #parts: TaskChecksParts;
  /** With which files and grants a task could not be done, and why, by its number. */
  readonly #known = new Map<bigint, { readonly subject: string; readonly lacks: readonly Reason[] }>();
  /** What checks have taken, in milliseconds. */
  #taken: readonly { readonly requester: string; readonly at: number; readonly time: number }[] = [];

  constructor(parts: TaskChecksParts) {
    this.#parts = parts;
  }

  /** Tasks in fair order: every requester's oldest first, then every one's second; among these, of those first whose checks took least. */
  inTurn<T extends CheckedTask>(tasks: readonly T[]): T[] {
    const turns = new Map<string, number>();
    const placed = tasks.map((each) => {
      const { requester } = each.task;
      const turn = turns.get(requester) ?? 0;
      turns.set(requester, turn + 1);
      return { each, turn, taken: this.#takenBy(requester) };
    });
    return placed.sort((a, b) => a.turn - b.turn || a.taken - b.taken).map(({ each }) => each);
  }

  /** What was found of the very files and grants that are here now; undefined where they are others, or were not looked at. */
  async remembered(open: CheckedTask, terms: TaskTerms): Promise<readonly Reason[] | undefined> {
    const known = this.#known.get(open.id);
    if (known === undefined) return undefined;
    return known.subject === (await this.#subjectOf(open, terms)) ? known.lacks : undefined;
  }

  /** Keeps the task's files as they are now, and has the enclave look at them where its requester's time allows it. */
  async check(open: CheckedTask, terms: TaskTerms): Promise<Finding> {
    const { files, limits } = this.#parts;
    if (this.#takenBy(open.task.requester) >= limits.checkTime * 1000)
      return { lacks: [tooOften(limits)], isNew: false };
    const subject = await this.#subjectOf(open, terms);
    const hasInputs = await files.keep(terms, open.enclaveKey);
    const size = await files.sizeOf(terms);
    const isAsked = hasInputs && size <= limits.maxBytes;
    const lacks = isAsked ? await this.#ask(open, terms) : [hasInputs ? tooLarge(size, limits) : NO_INPUTS];
    if (lacks.length > 0) this.#known.set(open.id, { subject, lacks });
    return { lacks, isNew: isAsked };
  }

  /** Forgets what was found of all others. */
  keepOnly(tasks: readonly NamedTask[]): void {
    const kept = new Set(tasks.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!kept.has(id)) this.#known.delete(id);
  }

  /** What is looked at of a task: what was found of the same still holds. */
  async #subjectOf({ enclaveKey, grantNonces }: CheckedTask, terms: TaskTerms): Promise<string> {
    return `${await this.#parts.files.fingerprint(terms, enclaveKey)} ${grantNonces.join()}`;
  }

  async #ask({ task: { requester }, grantNonces }: CheckedTask, terms: TaskTerms): Promise<readonly Reason[]> {
    const { enclave, files, limits, now } = this.#parts;
    const at = now();
    try {
      return lacksOf(await enclave.check(terms, await files.files(terms), grantNonces, limits.programs));
    } finally {
      const time = now() - at;
      this.#taken = [...this.#taken.filter((each) => now() - each.at < WINDOW), { requester, at, time }];
    }
  }

  #takenBy(requester: string): number {
    const since = this.#parts.now() - WINDOW;
    return this.#taken.reduce(
      (sum, each) => sum + (each.requester === requester && each.at > since ? each.time : 0),
      0,
    );
  }
}

/** What a task waits for whose sealed inputs are not here. */
export const NO_INPUTS: Reason = { subject: "inputs", detail: "its sealed inputs are not here: `task send`" };

const tooLarge = (size: number, { maxBytes }: Pick<TaskLimits, "maxBytes">): Reason => ({
  subject: "files",
  detail: `its files have ${mebibytes(size)} MiB, and the provider takes ${mebibytes(maxBytes)} MiB of a task at most`,
});

const mebibytes = (bytes: number): string => (bytes / MEBIBYTE).toFixed(1);

const tooOften = ({ checkTime }: Pick<TaskLimits, "checkTime">): Reason => ({
  subject: "requester",
  detail: `checks of its requester's tasks have taken ${formatDuration(BigInt(checkTime))} within an hour, all that the provider gives; it goes on by itself`,
});

/** Problems that name the files of this machine, which requesters are not told. */
const ABOUT_FILES: ReadonlySet<string> = new Set(["FILE_UNREADABLE", "DOCUMENT_FORMAT"]);

const told = ({ code, problem }: { readonly code: string; readonly problem: string }): string =>
  ABOUT_FILES.has(code) ? "what was sent cannot be read" : problem;

/** What a task waits for, by the enclave's answer. */
function lacksOf({ ready, inputs, datasets }: CheckAnswer): Reason[] {
  if (ready) return [];
  const lacks = [
    ...(inputs === undefined ? [] : [{ subject: "inputs", detail: told(inputs) }]),
    ...datasets.map((each) => ({ subject: `dataset ${each.datasetId.toString()}`, detail: told(each) })),
  ];
  return lacks.length > 0 ? lacks : [{ subject: "enclave", detail: "it does not say why it cannot do the task" }];
}
