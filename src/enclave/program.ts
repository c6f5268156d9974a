import { computeAddress, SigningKey, type TypedDataDomain } from "ethers";

import { enclaveKeyOf, publicKeyOf, type PrivateKey } from "../data/keys.ts";
import type { SecretUse } from "../data/contexts.ts";
import type { SealedDataKey } from "../data/documents.ts";
import { sealResult } from "../data/results.ts";
import { openSecret } from "../data/secrets.ts";
import { abortDigest, domainOf, resultDigest, type TaskAbort } from "../eip712/index.ts";
import { toJson } from "../json.ts";
import { answerDigest } from "../pow/answer.ts";
import { bytesOfDigits, toHex } from "../sgx/bytes.ts";
import { requireAnswer } from "./answer.ts";
import { checkDatasets, compute, foreseen, weightsOf } from "./computing.ts";
import type { SeenOfChain } from "./conditions.ts";
import { EnclaveError, problemOf } from "./errors.ts";
import { writeSealed } from "./files.ts";
import { freshReportDataOf, type FreshQuoteTerms } from "./freshQuote.ts";
import { migrateKey, type ShownMigration } from "./migration.ts";
import type { OpenedWeights } from "./weights.ts";
import { openTaskInputs, requireTaken, type UsableInputs } from "./opening.ts";
import { platformOf, type EnclavePlatform, type QuotingOptions } from "./platform/platform.ts";
import {
  ABORT_REASONS,
  type AbortReason,
  type AnswerRequest,
  type CheckAnswer,
  type FreshQuoteAnswer,
  type Identity,
  type MigrateRequest,
  type QuoteAnswer,
  type Request,
  type RunAnswer,
  type SignedAnswer,
  type TaskFiles,
  type TaskTerms,
} from "./protocol.ts";
import { fixedTermsHash } from "../terms.ts";
import { reportDataOf, type Registration } from "./registration.ts";

/** What the program answers from what it knows; only whoever runs it knows how it is. */
export type ProgramRequest = Exclude<Request, { request: "status" | "believe" | "migrate" }>;

type CheckRequest = Extract<Request, { request: "check" }>;

/** What was signed for a task, and on which terms. */
interface Statement {
  readonly terms: string;
  readonly answer: RunAnswer;
  readonly sealed?: Uint8Array;
}

/** The warning, before a task is accepted, of what the enclave would give it up for. */
export function warningOf(reason: AbortReason): NonNullable<CheckAnswer["inputs"]> {
  const remedy = "Do not accept the task: its requester has to publish another one.";
  return { code: reason, problem: ABORT_REASONS[reason].replace(/\.$/, ""), remedy };
}

/** What a task that could be done will be given up for; undefined where nothing is foreseen. */
function problemForeseen(
  opened: UsableInputs,
  shapes: Parameters<typeof foreseen>[1],
  weights: OpenedWeights | undefined,
): CheckAnswer["inputs"] {
  try {
    const reason = foreseen(opened, shapes, weights);
    return reason === undefined ? undefined : warningOf(reason);
  } catch (error) {
    return problemOf(error);
  }
}

/**
 * The sample enclave program: runs requesters' programs on datasets that only it can read, and signs what it did.
 *
 * It does not see the chain: whether a task was accepted is for {@link TaskGate} to say, by which alone it is asked for tasks. Its
 * signature is accepted by the contracts only for the task whose inputs it names.
 */
export class EnclaveProgram {
  readonly #key: PrivateKey;
  readonly #signer: SigningKey;
  readonly #platform: EnclavePlatform;
  readonly #statements = new Map<string, Statement>();

  constructor(key: PrivateKey, quoting: QuotingOptions = {}) {
    this.#key = key;
    this.#signer = new SigningKey(key.key);
    this.#platform = platformOf(quoting);
  }

  /**
   * Answers a request.
   *
   * @param seen What was shown of the chain, for a run by a program that believes it alone.
   * @throws {EnclaveError | DataError} As their codes say; see {@link problemOf} for all others.
   */
  answer(request: ProgramRequest, seen?: SeenOfChain): unknown {
    switch (request.request) {
      case "identify":
        return this.identify();
      case "signAnswer":
        return this.#signAnswer(request.answer);
      case "quote":
        return this.#quote(request.registration);
      case "freshQuote":
        return this.#freshQuote(request.terms);
      case "check":
        return this.#check(request);
      case "run":
        return this.#run(request, seen);
      case "openSecret":
        return this.#openSecret(request.use, request.sealed);
    }
  }

  /**
   * Who the program is.
   *
   * @throws {EnclaveError} NO_QUOTE where its platform cannot be asked.
   */
  identify(): Identity {
    const publicKey = publicKeyOf(this.#key);
    return { enclaveKey: enclaveKeyOf(publicKey), publicKey, simulated: this.#platform.simulated };
  }

  /**
   * Seals a data key to another enclave, if its owner and what was shown of the chain allow it; see {@link migrateKey}.
   *
   * @throws {EnclaveError | DataError} As {@link migrateKey}.
   */
  migrate(request: MigrateRequest, shown: ShownMigration): SealedDataKey {
    return migrateKey({ key: this.#key, root: this.#platform.root }, request, shown);
  }

  /** Signs what ChallengeManager takes for an answer of this enclave's key, and nothing else. */
  #signAnswer(answer: AnswerRequest): SignedAnswer {
    const enclaveKey = computeAddress(this.#signer);
    const content = { ...answer, enclaveKey, nonces: bytesOfDigits(answer.nonces) };
    requireAnswer(content);
    return { enclaveKey, signature: this.#sign(answerDigest(content)) };
  }

  #quote(registration: Registration): QuoteAnswer {
    const enclaveKey = computeAddress(this.#signer);
    const reportData = reportDataOf(registration, enclaveKey);
    return { enclaveKey, reportData, quote: toHex(this.#platform.quote(reportData)) };
  }

  #freshQuote(terms: FreshQuoteTerms): FreshQuoteAnswer {
    const enclaveKey = computeAddress(this.#signer);
    return { enclaveKey, quote: toHex(this.#platform.quote(freshReportDataOf(terms, enclaveKey))) };
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

  #check({ task, files, programs }: CheckRequest): CheckAnswer {
    const { problem, opened, weights } = this.#checkInputs(task, files, programs);
    const { problems: datasets, shapes } = checkDatasets({ key: this.#key, task, files }, opened);
    const inputs = opened === undefined || datasets.length > 0 ? problem : problemForeseen(opened, shapes, weights);
    const ready = inputs === undefined && datasets.length === 0;
    return { ready, ...(inputs === undefined ? {} : { inputs }), datasets };
  }

  /** What is wrong with a task's inputs, or else what they say. */
  #checkInputs(
    task: TaskTerms,
    files: TaskFiles,
    programs: CheckRequest["programs"],
  ): { problem?: CheckAnswer["inputs"]; opened?: UsableInputs; weights?: OpenedWeights | undefined } {
    try {
      const opened = openTaskInputs(this.#key, task, files);
      if (!opened.usable) return { problem: warningOf(opened.reason) };
      requireTaken(opened, programs);
      return { opened, weights: weightsOf(opened, files) };
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  /**
   * Whether a task ends in a Result or an Abort follows from what its inputs' hash stands for: the inputs name each dataset by its
   * content's hash, which commits to the data key. So never both are signed for one, not even by programs that were given the same
   * key. Within one, the first answer is kept and given again; nothing here waits, so no second request comes in between.
   */
  #run({ task, files, out }: Extract<Request, { request: "run" }>, seen: SeenOfChain | undefined): RunAnswer {
    const name = nameOf(task);
    const terms = toJson(task, 0);
    const known = this.#statements.get(name);
    if (known !== undefined) {
      if (known.terms !== terms) {
        throw new EnclaveError("ALREADY_ANSWERED", `Task ${task.taskId.toString()} was answered on other terms`);
      }
      if (known.sealed !== undefined) writeSealed(out, known.sealed);
      return known.answer;
    }
    const opened = openTaskInputs(this.#key, task, files, seen);
    const statement = opened.usable ? this.#result(task, files, out, opened) : this.#abort(task, opened.reason);
    this.#statements.set(name, { terms, ...statement });
    return statement.answer;
  }

  /**
   * Gives up a task over datasets that were opened for it and are no tables that go together. What is in them follows from the hashes that its
   * inputs name, so that no program signs a result for it as well.
   */
  giveUpOn(task: TaskTerms): RunAnswer {
    const statement = this.#abort(task, "NO_TABLES");
    this.#statements.set(nameOf(task), { terms: toJson(task, 0), ...statement });
    return statement.answer;
  }

  #abort(task: TaskTerms, reason: AbortReason): Omit<Statement, "terms"> {
    const signature = this.#sign(abortDigest(escrowDomain(task), signedTaskOf(task)));
    return { answer: { outcome: "abort", reason, explanation: ABORT_REASONS[reason], signature } };
  }

  #result(task: TaskTerms, files: TaskFiles, out: string, opened: UsableInputs): Omit<Statement, "terms"> {
    const computed = compute({ key: this.#key, task, files }, opened);
    if (typeof computed === "string") return this.#abort(task, computed);
    const { content, mostBytes } = computed;
    const { sealed, resultHash } = sealResult(opened.inputs.resultKey, task, content, mostBytes);
    writeSealed(out, sealed);
    const signature = this.#sign(resultDigest(escrowDomain(task), { ...signedTaskOf(task), resultHash }));
    return { answer: { outcome: "result", resultHash, signature }, sealed };
  }

  #sign(digest: string): string {
    return this.#signer.sign(digest).serialized;
  }
}

const nameOf = ({ chainId, escrow, taskId }: TaskTerms): string => [chainId, escrow, taskId].join();

/** What is signed names the datasets that were used: the chain takes it for no task over others. */
function signedTaskOf(task: TaskTerms): TaskAbort {
  return { taskId: task.taskId, termsHash: fixedTermsHash(task) };
}

function escrowDomain({ chainId, escrow }: TaskTerms): TypedDataDomain {
  return domainOf("TaskEscrow", chainId, escrow);
}
