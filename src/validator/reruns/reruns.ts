import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";

import { runProgram, type RunOutcome } from "./child.ts";
import type { ProgramConfig } from "./config.ts";
import { openPublicDataset, type DatasetParts } from "./datasets.ts";
import { EVERYBODYS_KEY } from "./publicKey.ts";
import type { RerunQuestion } from "./question.ts";
import type { Found, JudgeQuestion } from "../verdicts/judge.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { readTask } from "../../chain/taskTerms.ts";
import { DataError } from "../../data/errors.ts";
import { openResult } from "../../data/results.ts";
import { Turns } from "../../turns.ts";
import { InputError } from "../../inputError.ts";
import { toJson } from "../../json.ts";
import type { Alarms } from "../../service/alarms.ts";
import { sameBytes } from "../../sgx/bytes.ts";

/** What programs are run again with. */
export interface RerunParts extends DatasetParts {
  readonly programs: readonly ProgramConfig[];
  readonly alarms: Alarms;
  readonly log: Logger;
}

/** A sealed result, and the hash of the inputs that it is of. */
interface Sealed {
  readonly sealed: Uint8Array;
  readonly inputHash: string;
}

/** A task that can be done again. */
interface Repeatable {
  readonly program: ProgramConfig;
  readonly inputs: { readonly datasetId: bigint; readonly owner: string; readonly contentHash: string }[];
  /** What the enclave has sealed. */
  readonly content: Uint8Array;
}

/** So many tasks are done again or wait for that at once, and of so many it is remembered what came of it. */
const [MOST_WAITING, MOST_KNOWN] = [16, 256] as const;

const doubtful = (reason: string): Extract<Found, { kind: "doubtful" }> => ({ kind: "doubtful", reason });
const UNDER_WAY = doubtful("the program is being run again");

/**
 * Does tasks again whose program the configuration names, whose datasets it has the keys of, and whose result is sealed for everybody. Runs are made
 * one at a time beside everything else, so that a long one holds up no other verdict: until it is over, nothing is known of its task.
 */
export class Reruns {
  readonly #parts: RerunParts;
  readonly #turns = new Turns();
  readonly #ending = new AbortController();
  readonly #known = new Map<string, Found>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: RerunParts) {
    this.#parts = parts;
  }

  /** What is known of a result by having done its task again; `unknown` where it is none of those. */
  readonly check = async (question: JudgeQuestion): Promise<Found> => {
    const { task } = question;
    const key = `${task.taskId.toString()} ${task.termsHash} ${task.resultHash}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      // What has failed may succeed the next time.
      if (known.kind === "doubtful" && !known.isFinal) this.#known.delete(key);
      return known;
    }
    if (this.#running.has(key)) return UNDER_WAY;
    const found = await this.#repeatable(question);
    if ("kind" in found) return found;
    if (this.#running.size < MOST_WAITING) this.#start(key, question, found);
    return UNDER_WAY;
  };

  /** Ends what runs, and starts nothing more. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running.values());
  }

  /** The task, where it can be done again; what is known of it where it cannot. */
  async #repeatable({ task, domain, sealed }: JudgeQuestion): Promise<Repeatable | Found> {
    const { chain, programs } = this.#parts;
    if (programs.length === 0 || sealed === undefined) return { kind: "unknown", reason: "no program is named" };
    const facts = await readFacts(chain, task);
    const program = programs.find(({ measurement }) => measurement === facts.mrEnclave.toLowerCase());
    if (program === undefined) return { kind: "unknown", reason: "no such program is named" };
    const isPublic = facts.inputs.every((each) => keyOf(program, each) !== undefined);
    if (!isPublic) return { kind: "unknown", reason: "not all of its datasets are public" };
    return this.#opened({ task, domain, sealed, inputHash: facts.inputHash }, { program, inputs: facts.inputs });
  }

  /** The task with what the enclave has sealed, where everybody can open that. */
  #opened(
    { task, domain, sealed, inputHash }: Pick<JudgeQuestion, "task" | "domain"> & Sealed,
    known: Omit<Repeatable, "content">,
  ): Repeatable | Found {
    const place = { chainId: BigInt(domain.chainId ?? 0), escrow: domain.verifyingContract ?? "" };
    const { taskId, resultHash } = task;
    try {
      return { ...known, content: openResult(EVERYBODYS_KEY, sealed, { ...place, taskId, inputHash, resultHash }) };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      if (error.code === "NOT_OPENED") return { kind: "unknown", reason: "the result is not sealed for everybody" };
      return doubtful(`the result that is sealed for everybody is not one: ${error.problem}`);
    }
  }

  #start(key: string, question: JudgeQuestion, repeatable: Repeatable): void {
    // eslint-disable-next-line local/kept-promises -- it is never rejected
    const run = this.#inTurn(question, repeatable).then((found) => {
      this.#running.delete(key);
      this.#known.set(key, found);
      const [oldest] = this.#known.keys();
      if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    });
    this.#running.set(key, run);
  }

  async #inTurn(question: JudgeQuestion, repeatable: Repeatable): Promise<Found> {
    const { log } = this.#parts;
    try {
      return await this.#turns.take(async () => this.#repeat(question, repeatable));
    } catch (error) {
      log.warn({ err: error, task: question.task.taskId.toString() }, "a task cannot be done again now");
      const why = error instanceof InputError || error instanceof DataError ? error.problem : "see the log";
      return doubtful(`it cannot be done again: ${why}`);
    }
  }

  async #repeat({ task, domain }: JudgeQuestion, { program, inputs, content }: Repeatable): Promise<Found> {
    const { signal } = this.#ending;
    const folder = await mkdtemp(join(tmpdir(), "rerun-"));
    try {
      await writeFile(join(folder, "result"), content);
      const datasets: RerunQuestion["datasets"] = [];
      for (const input of inputs) {
        const { datasetId, owner, contentHash } = input;
        const known = keyOf(program, input);
        if (known === undefined) continue;
        const file = `dataset-${datasetId.toString()}`;
        await writeFile(join(folder, file), await openPublicDataset(this.#parts, datasetId, known, signal));
        datasets.push({ datasetId: datasetId.toString(), owner, contentHash, file, output: known.output });
      }
      const place = { chainId: String(domain.chainId), escrow: domain.verifyingContract ?? "" };
      const asked: RerunQuestion = { ...place, taskId: task.taskId.toString(), result: "result", datasets };
      const outcome = await runProgram({ program, folder, input: toJson(asked, 0) }, signal);
      return this.#compare(task.taskId, program, content, outcome);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #compare(taskId: bigint, { differing }: ProgramConfig, content: Uint8Array, outcome: RunOutcome): Found {
    if ("failure" in outcome) return doubtful(`the program cannot be run again: ${outcome.failure}`);
    if (sameBytes(outcome.output, content)) {
      return { kind: "valid", grounds: "the program gives the same when it is run again over the same datasets" };
    }
    const reason = "run again over the same datasets, the program gives something else than what the enclave signed";
    this.#parts.alarms.tell({
      ...{ code: "result-differs", severity: "critical", about: `task ${taskId.toString()}` },
      problem: `Task ${taskId.toString()}: ${reason}`,
      remedy: "Run it again on another machine, and look at the node and at the program.",
    });
    return differing === "invalid" ? { kind: "invalid", grounds: reason } : { ...doubtful(reason), isFinal: true };
  }
}

/** What is known of a task's dataset: nothing of a copy that another owner has registered. */
function keyOf(
  { datasets }: ProgramConfig,
  { owner, contentHash }: Omit<Repeatable["inputs"][number], "datasetId">,
): ProgramConfig["datasets"][number] | undefined {
  return datasets.find((each) => each.contentHash === contentHash.toLowerCase() && each.owner === owner);
}

/** What two endpoints have about a task. */
async function readFacts(chain: ChainAccess, { taskId, nodeId }: JudgeQuestion["task"]) {
  return chain.readAgreed("a task's inputs", async (protocol, { number }) => {
    const tag = { blockTag: number };
    const [{ datasets, inputHash }, { mrEnclave }] = await Promise.all([
      readTask(protocol, taskId, tag),
      protocol.nodeRegistry.getNode(nodeId, tag),
    ]);
    return { mrEnclave, inputHash, inputs: datasets };
  });
}
