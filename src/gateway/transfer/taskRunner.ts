import { setTimeout as pause } from "node:timers/promises";

import { readFile } from "node:fs/promises";
import type { Logger } from "pino";

import { writeDurably, type Blobs } from "./blobs.ts";
import { KeptFiles } from "./keptFiles.ts";
import { resultName, statementName } from "./names.ts";
import { OpenTasks, type OpenTask } from "./openTasks.ts";
import { ProgressBoard, type NamedTask, type Reason, type TaskProgress } from "./taskProgress.ts";
import { refusalsOf, type TaskLimits } from "./taskPolicy.ts";
import type { Transactions } from "./transactions.ts";
import { statementDocument, type StatementDocument } from "../../documents/tasks.ts";
import type { EnclaveClient } from "../../enclave/client.ts";
import type { CheckAnswer } from "../../enclave/protocol.ts";
import { decodeRevert } from "../../errors.ts";
import { toJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";

/** What tasks are run with. */
export interface TaskRunnerParts {
  /** For reading. */
  readonly protocol: Protocol;
  /** Bound to the provider's account. */
  readonly signing: Pick<Protocol, "taskEscrow">;
  /** The provider's. */
  readonly transactions: Pick<Transactions, "settle" | "send">;
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
}

const INTERVAL = 5_000;
/** The longest wait of a timer, in milliseconds. */
const FOREVER = 2 ** 31 - 1;

/**
 * Accepts, runs and submits the node's tasks in its provider's name, one after the other: whatever is accepted has the whole of its time. The
 * files of an accepted task are those that were checked before, whatever is sent later. Where a task stands is on the chain and in files, so
 * the gateway can be killed at any point: what was sent to the chain is sent again as it was, what was signed is submitted again, what was
 * not is run again, and what was accepted is remembered however many tasks follow.
 */
export class TaskRunner {
  readonly #parts: TaskRunnerParts;
  readonly #tasks: OpenTasks;
  readonly #kept: KeptFiles;
  readonly #progress: ProgressBoard;
  /** With which files the enclave could not do a task, by its number: asking again about the same ones changes nothing. */
  readonly #lacking = new Map<bigint, string>();

  constructor(parts: TaskRunnerParts) {
    this.#parts = parts;
    this.#tasks = new OpenTasks(parts);
    this.#kept = new KeptFiles(parts.blobs);
    this.#progress = new ProgressBoard(({ id }, { stage, reasons }) => {
      parts.log.info({ task: id.toString(), stage, reasons }, "a task has moved on");
    });
  }

  /** Looks again and again until the signal aborts; what is under way then goes on when the gateway is back. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#onceUnless(signal)) continue;
      // Being told to stop is no failure.
      await pause(this.#parts.interval ?? INTERVAL, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Does what is next, but waits for it no longer than until the signal aborts. */
  async #onceUnless(signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    const ends = { signal: AbortSignal.any([signal, over.signal]) };
    try {
      return await Promise.race([this.once(), pause(FOREVER, false, ends).catch(() => false)]);
    } finally {
      over.abort();
    }
  }

  /** How far the gateway is with an open task. */
  progressOf(task: NamedTask): TaskProgress {
    return this.#progress.of(task) ?? { stage: "unseen", reasons: [] };
  }

  /**
   * Does what is next: delivers what was accepted, and accepts another task only when nothing is left to deliver. Never fails.
   *
   * @returns Whether it brought something to the chain.
   */
  async once(): Promise<boolean> {
    try {
      await this.#parts.transactions.settle();
      const open = await this.#tasks.read();
      this.#forgetAllBut(open);
      const due = open.filter(({ status, now, resultDue }) => status === "Accepted" && now <= resultDue);
      const published = open.filter(({ status }) => status === "Published");
      if (due.length > 0) this.#queue(published);
      let hasDone = false;
      for (const each of due) hasDone = (await this.#safely(each, async () => this.#deliver(each))) || hasDone;
      if (due.length > 0) return hasDone;
      for (const each of published) {
        if (await this.#safely(each, async () => this.#accept(each))) return true;
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the node's tasks cannot be read");
    }
    return false;
  }

  #forgetAllBut(open: readonly OpenTask[]): void {
    this.#progress.keepOnly(open);
    const kept = new Set(open.map(({ id }) => id));
    for (const id of this.#lacking.keys()) if (!kept.has(id)) this.#lacking.delete(id);
  }

  /** What the work gives; false where it fails, which is told. */
  async #safely(open: OpenTask, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      const refusal = decodeRevert(error, this.#parts.limits.decimals);
      const stage = open.status === "Accepted" ? "delivering" : refusal === undefined ? "waiting" : "refused";
      if (refusal === undefined) this.#parts.log.warn({ err: error, task: open.id.toString() }, "a task has failed");
      const detail = refusal?.cause ?? "the gateway could not work on it just now, and tries again";
      this.#progress.set(open, stage, [{ subject: refusal === undefined ? "gateway" : "chain", detail }]);
      return false;
    }
  }

  #queue(published: readonly OpenTask[]): void {
    for (const open of published) {
      const refusals = refusalsOf(open.task, this.#parts.limits, open.now);
      if (refusals.length > 0) this.#progress.set(open, "refused", refusals);
      else this.#progress.set(open, "queued", [{ subject: "node", detail: "another task comes first" }]);
    }
  }

  /** Accepts a task that is welcome and whose files are all here; whether it did. */
  async #accept(open: OpenTask): Promise<boolean> {
    const { limits, signing, transactions, log } = this.#parts;
    const { id, termsHash, enclaveKey } = open;
    const refusals = refusalsOf(open.task, limits, open.now);
    if (refusals.length > 0) {
      this.#progress.set(open, "refused", refusals);
      return false;
    }
    // The chain's own refusal, such as that a grant is missing, comes before the enclave's work.
    await signing.taskEscrow.accept.staticCall(id, termsHash, enclaveKey);
    if (!(await this.#isComplete(open))) return false;
    this.#progress.set(open, "accepting");
    await this.#tasks.remember(open);
    const accept = await signing.taskEscrow.accept.populateTransaction(id, termsHash, enclaveKey);
    await transactions.send(`accept task ${id.toString()}`, accept);
    log.info({ task: id.toString() }, "accepted a task");
    return true;
  }

  /** Keeps the task's files and has the enclave look at them; whether it can do the task with them. */
  async #isComplete(open: OpenTask): Promise<boolean> {
    const terms = await this.#tasks.termsOf(open);
    const files = await this.#kept.fingerprint(terms, open.enclaveKey);
    if (this.#lacking.get(open.id) === files && this.progressOf(open).stage === "waiting") return false;
    const hasInputs = await this.#kept.keep(terms, open.enclaveKey);
    const answer = hasInputs ? await this.#parts.enclave.check(terms, await this.#kept.files(terms)) : undefined;
    if (answer?.ready === true) return true;
    this.#lacking.set(open.id, files);
    this.#progress.set(open, "waiting", lacksOf(answer));
    return false;
  }

  /** Runs an accepted task unless its statement is there, then brings the statement to the chain; whether it did. */
  async #deliver(open: OpenTask): Promise<boolean> {
    const { signing, transactions, log } = this.#parts;
    const statement = (await this.#keptStatement(open)) ?? (await this.#runTask(open));
    if (statement === undefined) {
      this.#progress.set(open, "waiting", lacksOf(undefined));
      return false;
    }
    const { id, now, task } = open;
    const { taskEscrow } = signing;
    const { signature } = statement;
    const isResult = statement.kind === "task-result";
    this.#progress.set(open, "delivering");
    // No result is taken before the time that the requester leaves at least; the next look comes soon.
    if (isResult && now < task.acceptedAt + task.leastDuration) return false;
    const transaction = isResult
      ? await taskEscrow.submit.populateTransaction(id, statement.resultHash, "", signature)
      : await taskEscrow.abort.populateTransaction(id, signature);
    await transactions.send(`${isResult ? "submit the result of" : "abort"} task ${id.toString()}`, transaction);
    log.info({ task: id.toString(), outcome: statement.kind }, "brought a task's outcome to the chain");
    return true;
  }

  async #keptStatement({ id, inputHash }: OpenTask): Promise<StatementDocument | undefined> {
    const file = await this.#parts.blobs.find(statementName(Number(id), inputHash));
    return file === undefined ? undefined : statementDocument.parse(JSON.parse(await readFile(file, "utf8")));
  }

  async #runTask(open: OpenTask): Promise<StatementDocument | undefined> {
    const { blobs, enclave, chainId, escrow } = this.#parts;
    const terms = await this.#tasks.termsOf(open);
    const { taskId, inputHash } = terms;
    const isOurs = (await this.#tasks.remembered()) === taskId && (await this.#kept.has(terms));
    // One that was accepted by hand has its files as they are now.
    if (!isOurs && !(await this.#kept.keep(terms, open.enclaveKey))) return undefined;
    this.#progress.set(open, "running");
    const files = await this.#kept.files(terms);
    // A run that was broken off has left a result that nobody signed for.
    await blobs.remove(resultName(Number(taskId), inputHash));
    const out = blobs.pathOf(resultName(Number(taskId), inputHash));
    const { outcome, signature, ...said } = await enclave.run(terms, files, out);
    const place = { chainId: Number(chainId), escrow, taskId: taskId.toString(), inputHash };
    const text = toJson({ kind: `task-${outcome}`, ...place, ...said, signature });
    await writeDurably(blobs.pathOf(statementName(Number(taskId), inputHash)), Buffer.from(text));
    return statementDocument.parse(JSON.parse(text));
  }
}

/** Problems that name the files of this machine, which requesters are not told. */
const ABOUT_FILES: ReadonlySet<string> = new Set(["FILE_UNREADABLE", "DOCUMENT_FORMAT"]);

const told = ({ code, problem }: { readonly code: string; readonly problem: string }): string =>
  ABOUT_FILES.has(code) ? "what was sent cannot be read" : problem;

/** What a task waits for, by the enclave's answer; its inputs where it was not asked. */
function lacksOf(answer: CheckAnswer | undefined): Reason[] {
  if (answer === undefined) return [{ subject: "inputs", detail: "its sealed inputs are not here: `task send`" }];
  const { inputs, datasets } = answer;
  return [
    ...(inputs === undefined ? [] : [{ subject: "inputs", detail: told(inputs) }]),
    ...datasets.map((each) => ({ subject: `dataset ${each.datasetId.toString()}`, detail: told(each) })),
  ];
}
