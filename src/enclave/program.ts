import { computeAddress, SigningKey, type TypedDataDomain } from "ethers";

import { DataError } from "../data/errors.ts";
import { enclaveKeyOf, publicKeyOf, type PrivateKey } from "../data/keys.ts";
import type { SecretUse } from "../data/contexts.ts";
import { sealResult } from "../data/results.ts";
import { openSecret } from "../data/secrets.ts";
import { abortDigest, domainOf, resultDigest } from "../eip712/index.ts";
import { toJson } from "../json.ts";
import { bytesOfDigits, toHex, utf8, type Hex } from "../sgx/bytes.ts";
import { createSimulator } from "../sgx/simulator/simulator.ts";
import { EnclaveError } from "./errors.ts";
import { writeSealed } from "./files.ts";
import { freshReportDataOf, type FreshQuoteTerms } from "./freshQuote.ts";
import { train } from "./logistic.ts";
import { openTaskDataset, openTaskInputs, type OpenedInputs } from "./opening.ts";
import {
  ABORT_REASONS,
  type AbortReason,
  type CheckAnswer,
  type FreshQuoteAnswer,
  type Identity,
  type QuoteAnswer,
  type Request,
  type RunAnswer,
  type TaskFiles,
  type TaskTerms,
} from "./protocol.ts";
import { reportDataOf, type Registration } from "./registration.ts";
import { joinTables, wipeTable, type Table } from "./table.ts";
import { Workload } from "./workload.ts";

/** What is simulated, in one paragraph. */
export const SIMULATED =
  "This sample runs as a plain process, not in an SGX enclave: nothing protects its memory, so whoever runs this machine can read " +
  "its key and the data. Its quotes come from the simulator and prove nothing about hardware.";

/** How the simulator makes quotes. */
export interface QuotingOptions {
  readonly seed?: string | undefined;
  /** The simulated platform's name. */
  readonly platform?: string | undefined;
}

/** What was signed for a task, and on which terms. */
interface Statement {
  readonly terms: string;
  readonly answer: RunAnswer;
  readonly sealed?: Uint8Array;
}

/** The warning, before a task is accepted, of what the enclave would give it up for. */
function warningOf(reason: AbortReason): NonNullable<CheckAnswer["inputs"]> {
  const remedy = "Do not accept the task: its requester has to publish another one.";
  return { code: reason, problem: ABORT_REASONS[reason].replace(/\.$/, ""), remedy };
}

/** What is disclosed of an error: what the typed ones say, and nothing of any other. */
export function problemOf(error: unknown): {
  code: DataError["code"] | EnclaveError["code"];
  problem: string;
  remedy: string;
} {
  const disclosed =
    error instanceof DataError || error instanceof EnclaveError
      ? error
      : new EnclaveError("INTERNAL", "The program failed at this request");
  return { code: disclosed.code, problem: disclosed.problem, remedy: disclosed.remedy };
}

/**
 * The sample enclave program: trains a logistic regression on datasets that only it can read, and signs what it did.
 *
 * It does not see the chain. Whoever runs it can give it tasks that do not exist, over data that was granted to this enclave, and
 * gets a model sealed to a key of his own. So its measurement promises only this: nothing of the data gets out but such
 * models. Whether a task exists, was accepted and is paid for is up to the contracts, which accept its signature only for the
 * task whose inputs it names.
 */
export class EnclaveProgram {
  readonly #key: PrivateKey;
  readonly #signer: SigningKey;
  readonly #quoting: QuotingOptions;
  readonly #statements = new Map<string, Statement>();

  constructor(key: PrivateKey, quoting: QuotingOptions = {}) {
    this.#key = key;
    this.#signer = new SigningKey(key.key);
    this.#quoting = quoting;
  }

  /**
   * Answers a request.
   *
   * @throws {EnclaveError | DataError} As their codes say; see {@link problemOf} for all others.
   */
  answer(request: Request): unknown {
    switch (request.request) {
      case "identify":
        return this.#identify();
      case "quote":
        return this.#quote(request.registration);
      case "freshQuote":
        return this.#freshQuote(request.terms);
      case "check":
        return this.#check(request.task, request.files);
      case "run":
        return this.#run(request.task, request.files, request.out);
      case "openSecret":
        return this.#openSecret(request.use, request.sealed);
    }
  }

  #identify(): Identity {
    const publicKey = publicKeyOf(this.#key);
    return { enclaveKey: enclaveKeyOf(publicKey), publicKey, simulated: SIMULATED };
  }

  #quote(registration: Registration): QuoteAnswer {
    const enclaveKey = computeAddress(this.#signer);
    const reportData = reportDataOf(registration, enclaveKey);
    return { enclaveKey, reportData, quote: this.#quoteOver(reportData) };
  }

  #freshQuote(terms: FreshQuoteTerms): FreshQuoteAnswer {
    const enclaveKey = computeAddress(this.#signer);
    return { enclaveKey, quote: this.#quoteOver(freshReportDataOf(terms, enclaveKey)) };
  }

  #quoteOver(reportData: Hex): Hex {
    const { seed, platform } = this.#quoting;
    // A quote is dated by nothing; only collateral is.
    const simulator = createSimulator({ time: 0n, ...(seed === undefined ? {} : { seed }) });
    return toHex(simulator.platform(platform === undefined ? {} : { name: platform }).quote({ reportData }));
  }

  /** Opens what was sealed as a secret of an application, and nothing else: data keys and inputs are sealed for other purposes. */
  #openSecret(use: Omit<SecretUse, "enclaveKey">, sealed: string): { value: string } {
    const value = openSecret(this.#key, use, bytesOfDigits(sealed));
    try {
      return { value: toHex(value) };
    } finally {
      value.fill(0);
    }
  }

  #check(task: TaskTerms, files: TaskFiles): CheckAnswer {
    const { problem, workload } = this.#checkInputs(task, files);
    const datasets = this.#checkDatasets(task, files, workload);
    const inputs = workload?.isTooMuch === true ? warningOf("TOO_MUCH_WORK") : problem;
    const ready = inputs === undefined && datasets.length === 0;
    return { ready, ...(inputs === undefined ? {} : { inputs }), datasets };
  }

  /** What is wrong with a task's inputs, or else the work that they ask for, still without its datasets. */
  #checkInputs(task: TaskTerms, files: TaskFiles): { problem?: CheckAnswer["inputs"]; workload?: Workload } {
    try {
      const opened = openTaskInputs(this.#key, task, files);
      if (!opened.usable) return { problem: warningOf(opened.reason) };
      return { workload: new Workload(opened.parameters.epochs) };
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  /** What is wrong with a task's datasets or their keys. Adds those that can be read to the workload. */
  #checkDatasets(task: TaskTerms, files: TaskFiles, workload: Workload | undefined): CheckAnswer["datasets"] {
    const problems: CheckAnswer["datasets"] = [];
    let features: number | undefined;
    for (const dataset of task.datasets) {
      try {
        const table = openTaskDataset(this.#key, task, files, dataset);
        wipeTable(table);
        workload?.add(table);
        features ??= table.features;
        if (table.features !== features) {
          const what = `Dataset ${dataset.datasetId.toString()} differs from the first one in its features`;
          throw new EnclaveError("DATASET_FORMAT", what);
        }
      } catch (error) {
        problems.push({ datasetId: dataset.datasetId, ...problemOf(error) });
      }
    }
    return problems;
  }

  /**
   * Whether a task ends in a Result or an Abort follows from what its inputs' hash stands for: the inputs name each dataset by its
   * content's hash, which commits to the data key. So never both are signed for one, not even by programs that were given the same
   * key. Within one, the first answer is kept and given again; nothing here waits, so no second request comes in between.
   */
  #run(task: TaskTerms, files: TaskFiles, out: string): RunAnswer {
    const name = [task.chainId, task.escrow, task.taskId].join();
    const terms = toJson(task, 0);
    const known = this.#statements.get(name);
    if (known !== undefined) {
      if (known.terms !== terms) {
        throw new EnclaveError("ALREADY_ANSWERED", `Task ${task.taskId.toString()} was answered on other terms`);
      }
      if (known.sealed !== undefined) writeSealed(out, known.sealed);
      return known.answer;
    }
    const opened = openTaskInputs(this.#key, task, files);
    const statement = opened.usable ? this.#result(task, files, out, opened) : this.#abort(task, opened.reason);
    this.#statements.set(name, { terms, ...statement });
    return statement.answer;
  }

  #abort(task: TaskTerms, reason: AbortReason): Omit<Statement, "terms"> {
    const signature = this.#sign(abortDigest(escrowDomain(task), task));
    return { answer: { outcome: "abort", reason, explanation: ABORT_REASONS[reason], signature } };
  }

  #result(
    task: TaskTerms,
    files: TaskFiles,
    out: string,
    { inputs, parameters }: OpenedInputs & { usable: true },
  ): Omit<Statement, "terms"> {
    const tables: Table[] = [];
    let content: Uint8Array;
    try {
      const workload = new Workload(parameters.epochs);
      for (const dataset of task.datasets) {
        const table = openTaskDataset(this.#key, task, files, dataset);
        tables.push(table);
        workload.add(table);
        if (workload.isTooMuch) return this.#abort(task, "TOO_MUCH_WORK");
      }
      const joined = joinTables(tables);
      tables.push(joined);
      const model = train(joined, parameters);
      content = utf8(toJson({ parameters, datasets: task.datasets, ...model }, 0));
    } finally {
      tables.forEach(wipeTable);
    }
    const { sealed, resultHash } = sealResult(inputs.resultKey, task, content);
    writeSealed(out, sealed);
    const signature = this.#sign(resultDigest(escrowDomain(task), { ...task, resultHash }));
    return { answer: { outcome: "result", resultHash, signature }, sealed };
  }

  #sign(digest: string): string {
    return this.#signer.sign(digest).serialized;
  }
}

function escrowDomain({ chainId, escrow }: TaskTerms): TypedDataDomain {
  return domainOf("TaskEscrow", chainId, escrow);
}
