import { setTimeout as pause } from "node:timers/promises";

import { readFile } from "node:fs/promises";
import type { ContractTransaction } from "ethers";
import type { Logger } from "pino";

import { writeDurably, type Blobs } from "./blobs.ts";
import type { HandedResults } from "./handedResults.ts";
import { KeptFiles } from "./keptFiles.ts";
import { resultName, statementName } from "./names.ts";
import { OpenTasks, type OpenTask } from "./openTasks.ts";
import { ProgressBoard, type NamedTask, type TaskProgress } from "./taskProgress.ts";
import { NO_INPUTS, TaskChecks } from "./taskChecks.ts";
import { refusalsOf, type TaskLimits } from "./taskPolicy.ts";
import type { TaskTransactions } from "./taskTransactions.ts";
import type { AgreedReader } from "../chain/agreed.ts";
import { RevertedError } from "../../chain/sending/errors.ts";
import { statementDocument, type StatementDocument } from "../../documents/tasks.ts";
import type { EnclaveClient } from "../../enclave/client.ts";
import type { TaskEvidenceSource } from "../../enclave/taskEvidence.ts";
import { decodeRevert } from "../../errors.ts";
import { toJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";

/** What tasks are run with. */
export interface TaskRunnerParts {
  readonly reader: AgreedReader;
  /** What transactions are made with; asks nobody. */
  readonly taskEscrow: Pick<Protocol["taskEscrow"], "accept" | "submit" | "abort">;
  /** The provider's. */
  readonly transactions: Pick<TaskTransactions, "settle" | "tryOut" | "send" | "minedIn">;
  readonly chainId: bigint;
  readonly node: number;
  readonly blobs: Blobs;
  readonly limits: TaskLimits;
  /** Where another service finds the results as well; nowhere where it is undefined. */
  readonly handed?: Pick<HandedResults, "bring"> | undefined;
  readonly enclave: Pick<EnclaveClient, "check" | "run">;
  /** What shows the enclave that a task was accepted, where it believes the chain alone. */
  readonly evidence: Pick<TaskEvidenceSource, "of">;
  /** The platform's addresses. */
  readonly escrow: string;
  readonly grants: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  /** Milliseconds between two looks; 5,000 by default. */
  readonly interval?: number;
}

const INTERVAL = 5_000;
/**
 * Seconds for which a task is left alone: whose outcome's transaction was paid for and did nothing, since an endpoint may lie about it; and
 * which the chain refuses to have accepted, since many such ones would take the time of others.
 */
const [AFTER_REVERT, AFTER_REFUSAL] = [300n, 60n];
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
  readonly #checks: TaskChecks;
  /** Until when tasks are left alone, in Unix seconds of the chain, by their numbers. */
  readonly #later = new Map<bigint, bigint>();

  constructor(parts: TaskRunnerParts) {
    this.#parts = parts;
    this.#tasks = new OpenTasks(parts);
    this.#kept = new KeptFiles(parts.blobs);
    this.#checks = new TaskChecks({ ...parts, files: this.#kept });
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
   * Does what is next: delivers what was accepted, and accepts another task only when nothing is left to deliver. The enclave checks one task
   * at most, so that what comes meanwhile has its turn. Never fails.
   *
   * @returns Whether it did something that took its time, so that the next look is due at once.
   */
  async once(): Promise<boolean> {
    try {
      await this.#parts.transactions.settle();
      const open = await this.#read();
      const due = open.filter(({ status, now, resultDue }) => status === "Accepted" && now <= resultDue);
      const published = open.filter(({ status }) => status === "Published");
      if (due.length === 0) return await this.#acceptNext(published);
      this.#queue(published);
      let hasDone = false;
      for (const each of due)
        hasDone = ((await this.#safely(each, async () => this.#deliver(each))) ?? false) || hasDone;
      return hasDone;
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the node's tasks cannot be read");
    }
    return false;
  }

  /** Accepts the first task that is welcome; whether it did, or had the enclave check one. */
  async #acceptNext(published: readonly OpenTask[]): Promise<boolean> {
    for (const each of await this.#inTurn(published)) {
      const found = await this.#safely(each, async () => this.#judge(each));
      // Whatever comes of it, another task is accepted only once it is known.
      if (found === "welcome") return (await this.#safely(each, async () => this.#accept(each))) ?? false;
      if (found === "checked") return true;
    }
    return false;
  }

  /**
   * The node's open tasks. Where endpoints contradict each other or are too few, or say nothing of what was just mined, the accepted one alone:
   * nothing new is begun then, but it is not late either.
   */
  async #read(): Promise<readonly OpenTask[]> {
    try {
      const { block, tasks } = await this.#tasks.read();
      if (block >= this.#parts.transactions.minedIn) {
        this.#forgetAllBut(tasks);
        return tasks;
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the node's tasks cannot be read; what was accepted is delivered");
    }
    return this.#tasks.readAccepted();
  }

  /** Published tasks in the order in which they are looked at; the one that was about to be accepted is the first. */
  async #inTurn(published: readonly OpenTask[]): Promise<OpenTask[]> {
    const begun = (await this.#tasks.remembered())?.taskId;
    const [first, others] = [published.filter(({ id }) => id === begun), published.filter(({ id }) => id !== begun)];
    return [...first, ...this.#checks.inTurn(others)];
  }

  #forgetAllBut(open: readonly OpenTask[]): void {
    this.#progress.keepOnly(open);
    this.#checks.keepOnly(open);
    const kept = new Set(open.map(({ id }) => id));
    for (const id of this.#later.keys()) if (!kept.has(id)) this.#later.delete(id);
  }

  /** What the work gives; undefined where it fails, which is told. */
  async #safely<T>(open: OpenTask, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const refusal = decodeRevert(error, this.#parts.limits.decimals);
      const isPublished = open.status === "Published";
      if (error instanceof RevertedError) this.#later.set(open.id, open.now + AFTER_REVERT);
      else if (refusal !== undefined && isPublished) this.#later.set(open.id, open.now + AFTER_REFUSAL);
      this.#tellOf(open, error, refusal?.cause);
      return undefined;
    }
  }

  /** Tells why a task could not be worked on; its requester hears the chain's refusal, and nothing of any other error. */
  #tellOf(open: OpenTask, error: unknown, refusal: string | undefined): void {
    const isRefused = refusal !== undefined;
    if (!isRefused) this.#parts.log.warn({ err: error, task: open.id.toString() }, "a task has failed");
    const stage = open.status === "Accepted" ? "delivering" : isRefused ? "refused" : "waiting";
    const detail = refusal ?? "the gateway could not work on it just now, and tries again";
    this.#progress.set(open, stage, [{ subject: isRefused ? "chain" : "gateway", detail }]);
  }

  #isLeftAlone({ id, now }: OpenTask): boolean {
    return now < (this.#later.get(id) ?? 0n);
  }

  #queue(published: readonly OpenTask[]): void {
    for (const open of published) {
      const refusals = refusalsOf(open.task, this.#parts.limits, open.now);
      if (refusals.length > 0) this.#progress.set(open, "refused", refusals);
      else this.#progress.set(open, "queued", [{ subject: "node", detail: "another task comes first" }]);
    }
  }

  /** Whether a task is welcome and its files are all here; else it was passed over, or checked by the enclave, which took its time. */
  async #judge(open: OpenTask): Promise<"welcome" | "passed" | "checked"> {
    const { limits, transactions } = this.#parts;
    if (this.#isLeftAlone(open)) return "passed";
    const refusals = refusalsOf(open.task, limits, open.now);
    if (refusals.length > 0) {
      this.#progress.set(open, "refused", refusals);
      return "passed";
    }
    const terms = this.#tasks.termsOf(open);
    const known = await this.#checks.remembered(open, terms);
    if (known !== undefined) {
      this.#progress.set(open, "waiting", known);
      return "passed";
    }
    // The chain's own refusal, such as that a grant is missing, comes before the enclave's work.
    await transactions.tryOut(await this.#acceptanceOf(open));
    const { lacks, isNew } = await this.#checks.check(open, terms);
    if (lacks.length === 0) return "welcome";
    this.#progress.set(open, "waiting", lacks);
    return isNew ? "checked" : "passed";
  }

  async #acceptanceOf({ id, termsHash, enclaveKey }: OpenTask): Promise<ContractTransaction> {
    return this.#parts.taskEscrow.accept.populateTransaction(id, termsHash, enclaveKey);
  }

  async #accept(open: OpenTask): Promise<boolean> {
    const { transactions, log } = this.#parts;
    const task = open.id.toString();
    this.#progress.set(open, "accepting");
    await this.#tasks.remember(open);
    await transactions.send(`accept task ${task}`, await this.#acceptanceOf(open));
    log.info({ task }, "accepted a task");
    return true;
  }

  /** Runs an accepted task unless its statement is there, then brings the statement to the chain; whether it did. */
  async #deliver(open: OpenTask): Promise<boolean> {
    const { transactions, log } = this.#parts;
    if (this.#isLeftAlone(open)) return false;
    const statement = (await this.#keptStatement(open)) ?? (await this.#runTask(open));
    if (statement === undefined) {
      this.#progress.set(open, "waiting", [NO_INPUTS]);
      return false;
    }
    const { id, now, task } = open;
    const isResult = statement.kind === "task-result";
    this.#progress.set(open, "delivering");
    // No result is taken before the time that the requester leaves at least; the next look comes soon.
    if (isResult && now < task.acceptedAt + task.leastDuration) return false;
    const transaction = await this.#outcomeOf(id, statement);
    await transactions.send(`${isResult ? "submit the result of" : "abort"} task ${id.toString()}`, transaction);
    log.info({ task: id.toString(), outcome: statement.kind }, "brought a task's outcome to the chain");
    return true;
  }

  /** What brings a statement to the chain; a result is handed over before, since parts of it may be demanded from its submission on. */
  async #outcomeOf(id: bigint, statement: StatementDocument): Promise<ContractTransaction> {
    const { taskEscrow, handed } = this.#parts;
    if (statement.kind !== "task-result") return taskEscrow.abort.populateTransaction(id, statement.signature);
    await handed?.bring();
    return taskEscrow.submit.populateTransaction(id, statement.resultHash, "", statement.signature);
  }

  async #keptStatement({ id, inputHash }: OpenTask): Promise<StatementDocument | undefined> {
    const file = await this.#parts.blobs.find(statementName(Number(id), inputHash));
    return file === undefined ? undefined : statementDocument.parse(JSON.parse(await readFile(file, "utf8")));
  }

  async #runTask(open: OpenTask): Promise<StatementDocument | undefined> {
    const { blobs, enclave, evidence, chainId, escrow } = this.#parts;
    const terms = this.#tasks.termsOf(open);
    const { taskId, inputHash } = terms;
    const isOurs = (await this.#tasks.remembered())?.taskId === taskId && (await this.#kept.has(terms));
    // One that was accepted by hand has its files as they are now.
    if (!isOurs && !(await this.#kept.keep(terms, open.enclaveKey))) return undefined;
    this.#progress.set(open, "running");
    const files = await this.#kept.files(terms);
    // A run that was broken off has left a result that nobody signed for.
    await blobs.remove(resultName(Number(taskId), inputHash));
    const out = blobs.pathOf(resultName(Number(taskId), inputHash));
    const shown = await evidence.of(taskId);
    const { outcome, signature, ...said } = await enclave.run(terms, files, out, shown);
    const place = { chainId: Number(chainId), escrow, taskId: taskId.toString(), inputHash };
    const text = toJson({ kind: `task-${outcome}`, ...place, ...said, signature });
    await writeDurably(blobs.pathOf(statementName(Number(taskId), inputHash)), Buffer.from(text));
    return statementDocument.parse(JSON.parse(text));
  }
}
