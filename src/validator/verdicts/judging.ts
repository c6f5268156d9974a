import type { Logger } from "pino";
import { z } from "zod";

import { callTo } from "../../calldata.ts";
import type { ChainAccess } from "../../chain/access.ts";
import { transactionOf } from "../../chain/history.ts";
import { judgedTimeOf } from "../../chain/judgedTime.ts";
import { parseForm } from "../../documents/parse.ts";
import { domainOf } from "../../eip712/domain.ts";
import { enumName, type EnumValue } from "../../enums.ts";
import { forms } from "../../forms.ts";
import { InputError } from "../../inputError.ts";
import type { Protocol } from "../../protocol.ts";
import type { Alarms } from "../../service/alarms.ts";
import { providerOf } from "../providerOf.ts";
import { isRevert } from "../../revertData.ts";
import type { Evidence } from "../disputes/evidence.ts";
import type { Duty } from "../duty.ts";
import { GateClosedError, type SigningGate } from "../guard/gate.ts";
import { taskVerdictOf } from "../guard/ownStatements.ts";
import type { NodeGateways } from "../nodeGateway.ts";
import { lastAttestation, vouchingOf } from "../quotes/attestations.ts";
import { askJudge } from "../quotes/verification.ts";
import type { Stakes } from "../quorum.ts";
import type { Case, CaseStore } from "../store/cases.ts";
import type { VerdictStatement, VerdictStore } from "../store/verdicts.ts";
import { openFrom, type Events } from "../watch/feed.ts";
import type { Demanding } from "./demanding.ts";
import { judgeBy, type Found, type ResultCheck, type SubmittedTask } from "./judge.ts";

/** What results are judged with. */
export interface JudgingParts {
  readonly chain: ChainAccess;
  readonly feed: Events;
  readonly gate: SigningGate;
  readonly cases: CaseStore;
  readonly verdicts: VerdictStore;
  readonly evidence: Evidence;
  readonly gateways: Pick<NodeGateways, "result">;
  readonly checks: readonly ResultCheck[];
  /** Told of each result that nobody gives. */
  readonly demanding: Pick<Demanding, "miss">;
  readonly stakes: () => Promise<Stakes>;
  readonly own: string;
  readonly confirmations: number;
  readonly isDry: boolean;
  readonly alarms: Alarms;
  readonly log: Logger;
}

const submitted = z.object({
  taskId: forms.uint,
  resultHash: forms.hash,
  resultUri: z.string(),
  transactionHash: forms.hash,
});

/** So many results are judged in one go. */
const AT_ONCE = 4;
/** Seconds before the last in which a verdict counts, from which on one that is still unknown is told of. */
const LATE = 6 * 3_600;

/** Judges the results of tasks, and signs what is known about them. */
export class Judging implements Duty {
  readonly name = "verdicts";
  readonly #parts: JudgingParts;

  constructor(parts: JudgingParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { cases, gate, isDry, feed } = this.#parts;
    await feed.sync(signal);
    openFrom(this.#parts, { contract: "taskEscrow", name: "ResultSubmitted" }, ({ args, transactionHash }) => {
      const { taskId, resultHash, resultUri } = args;
      const facts = { taskId, resultHash, resultUri, transactionHash };
      cases.open(`task ${taskId.toString()} ${resultHash}`, "task", facts);
    });
    if (!gate.isOpen && !isDry) return;
    // Side by side, so that a result that comes slowly holds up no other.
    const due = cases.due("task", AT_ONCE);
    const judged = await Promise.allSettled(due.map(async (found) => this.#judgeOne(found, signal)));
    const failed = judged.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  async #judgeOne(found: Case, signal: AbortSignal): Promise<void> {
    const { cases, log } = this.#parts;
    try {
      await this.#judge(found, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof GateClosedError) throw error;
      log.warn({ err: error, case: found.key }, "a result cannot be judged now");
      cases.putOff(found, error instanceof InputError ? error.problem : "it cannot be judged now");
    }
  }

  async #judge(found: Case, signal: AbortSignal): Promise<void> {
    const { cases, own } = this.#parts;
    const facts = parseForm(found.facts, submitted, "a kept result", "a result");
    const { task, now } = await this.#read(facts);
    if (task === undefined || !waits(task, facts.resultHash)) {
      this.#settle(found, "it waits for no verdict any more");
      return;
    }
    if (now > task.judgedUntil) {
      this.#settle(found, "the time for verdicts is over");
      return;
    }
    if (!(await this.#parts.stakes()).has(own)) {
      cases.putOff(found, "this validator has no seat");
      return;
    }
    const verdict = await this.#find(task, facts.transactionHash, signal);
    if (verdict.kind === "unknown" || verdict.kind === "doubtful") {
      this.#tellUnknown(task, now, verdict.reason);
      const isMissed = verdict.kind === "unknown" && verdict.isUnseen === true;
      const wait = isMissed ? await this.#parts.demanding.miss(task, now) : undefined;
      cases.putOff(found, verdict.reason, wait);
      return;
    }
    await this.#sign(task, verdict);
    this.#settle(found, verdict.grounds);
  }

  #settle(found: Case, reason: string): void {
    const { cases, alarms } = this.#parts;
    cases.settle(found.key, reason);
    alarms.clear("verdict-unknown", `task ${found.key.split(" ")[1] ?? ""}`);
  }

  #tellUnknown(task: SubmittedTask, now: bigint, reason: string): void {
    const { taskId, judgedUntil: until } = task;
    if (until - now > LATE) return;
    this.#parts.alarms.raise({
      code: "verdict-unknown",
      severity: "warning",
      about: `task ${taskId.toString()}`,
      problem: `No verdict on task ${taskId.toString()} is known, and it counts for ${(until - now).toString()} s more: ${reason}`,
      remedy:
        "Fetch the result by hand and sign what you find, `task verdict`, or demand it: `task demand`. Without it this validator abstains.",
    });
  }

  /** The task as two endpoints have it; undefined where there is none. */
  async #read({
    taskId,
    resultUri,
  }: z.infer<typeof submitted>): Promise<{ readonly task: SubmittedTask | undefined; readonly now: bigint }> {
    const { chain, confirmations } = this.#parts;
    return chain.readAgreed(
      "a task",
      async (protocol, { number, time }) => {
        try {
          return { task: await readTask(protocol, taskId, resultUri, number), now: BigInt(time) };
        } catch (error) {
          if (isRevert(error)) return { task: undefined, now: BigInt(time) };
          throw error;
        }
      },
      confirmations,
    );
  }

  /** Finds out what can be known of a result. */
  async #find(task: SubmittedTask, transactionHash: string, signal: AbortSignal): Promise<Found> {
    const { chain, gateways, checks } = this.#parts;
    const { chainId, contracts } = chain.book;
    const url = await chain.read("a node's URL", async ({ nodeRegistry }, { number }) =>
      nodeRegistry.urlOf(task.nodeId, { blockTag: number }),
    );
    const [sealed, signature, standing] = await Promise.all([
      gateways.result(url, task.nodeId, task.taskId, signal),
      this.#signatureIn(transactionHash),
      this.#standing(task, url),
    ]);
    const domain = domainOf("TaskEscrow", BigInt(chainId), contracts.taskEscrow);
    return judgeBy(checks, { task, domain, sealed, signature, standing });
  }

  /** The enclave's signature, as the transaction carried it that submitted the result. */
  async #signatureIn(transactionHash: string): Promise<string | undefined> {
    return this.#parts.chain.read("a result's transaction", async ({ taskEscrow }) => {
      const call = await callTo(taskEscrow, await transactionOf(taskEscrow, { transactionHash }));
      return call?.name === "submit" ? (call.args.getValue("signature") as string) : undefined;
    });
  }

  /** What the judge says of the quote under a result. Whatever cannot be had of it leaves that unknown. */
  async #standing(task: SubmittedTask, url: string): Promise<EnumValue<"Standing"> | "unknown"> {
    if (task.vouchedAttestation === 0n) return "Holds";
    const { chain, evidence } = this.#parts;
    const { book } = chain;
    const said = await chain.read("the quote under a result", async (protocol) => {
      const history = { fromBlock: book.fromBlock };
      const provider = providerOf(protocol.nodeRegistry);
      const last = await lastAttestation({ protocol, history, provider }, task.nodeId, task.vouchedAttestation);
      return { last, vouching: await vouchingOf({ protocol, history, book }, last.quoteHash) };
    });
    const { quoteHash, binding } = said.last;
    const where = async (): Promise<string> => Promise.resolve(url);
    const quote = await evidence.quote({ nodeId: task.nodeId, quoteHash }, where);
    const collateral = await evidence.collateral(said.vouching.basis.collateralHash, where);
    return chain.readAgreed("the judge's word", async ({ nodeRegistry, quorumVerifier }, { number }) => {
      const tag = { blockTag: number };
      const { provider, enclaveKey } = await nodeRegistry.getNode(task.nodeId, tag);
      const reportData = await nodeRegistry.reportDataOf(provider, enclaveKey, binding, tag);
      const { standing } = await quorumVerifier.getRecord(book.contracts.nodeRegistry, quoteHash, reportData, tag);
      const recorded = enumName("Standing", standing) as EnumValue<"Standing">;
      if (recorded === "Disproven" || recorded === "Withheld") return recorded;
      if (quote === undefined || collateral === undefined) return "unknown";
      const { attestation, basis } = said.vouching;
      const claim = {
        ...{ quote, reportData, collateral },
        ...{ attestation: plainAttestation(attestation), basis: plainBasis(basis) },
      };
      return askJudge({ quorumVerifier }, claim, number);
    });
  }

  async #sign(task: SubmittedTask, { kind, grounds }: Extract<Found, { grounds: string }>): Promise<void> {
    const { gate, verdicts, own, isDry, log } = this.#parts;
    const verdict = kind === "valid" ? "Valid" : "Invalid";
    log.info({ task: task.taskId.toString(), verdict, grounds, isDry }, "a result is judged");
    if (isDry) return;
    const statement = {
      taskId: task.taskId,
      termsHash: task.termsHash as `0x${string}`,
      resultHash: task.resultHash as `0x${string}`,
      vouchedAttestation: task.vouchedAttestation,
      verdict,
      deadline: task.verdictBy,
    } satisfies VerdictStatement;
    const signature = await gate.judge(taskVerdictOf(statement));
    verdicts.add({ ...statement, validator: own, signature });
  }
}

/** Whether a task waits for a verdict on the result of a hash. */
const waits = ({ status, resultHash }: SubmittedTask, hash: string): boolean =>
  status === "Submitted" && resultHash === hash;

type Vouching = Awaited<ReturnType<typeof vouchingOf>>;

/** What an event gives has numbers as big integers; what is signed has them as numbers. */
export function plainAttestation(attestation: Vouching["attestation"]) {
  const { isvProdId, isvSvn, tcbStatus, ...rest } = attestation;
  return {
    ...rest,
    isvProdId: Number(isvProdId),
    isvSvn: Number(isvSvn),
    tcbStatus: Number(tcbStatus),
  } as unknown as Parameters<typeof askJudge>[1]["attestation"];
}

/** See {@link plainAttestation}. */
export function plainBasis(basis: Vouching["basis"]) {
  const { evaluationNumber, ca, ...rest } = basis;
  return { ...rest, evaluationNumber: Number(evaluationNumber), ca: Number(ca) } as unknown as Parameters<
    typeof askJudge
  >[1]["basis"];
}

async function readTask(protocol: Protocol, taskId: bigint, resultUri: string, number: number): Promise<SubmittedTask> {
  const { taskEscrow, nodeRegistry } = protocol;
  const tag = { blockTag: number };
  const task = await taskEscrow.getTask(taskId, tag);
  const { enclaveKey } = await nodeRegistry.getNode(task.nodeId, tag);
  return {
    taskId,
    status: enumName("TaskStatus", task.status) as EnumValue<"TaskStatus">,
    nodeId: task.nodeId,
    enclaveKey,
    termsHash: await taskEscrow.fixedTermsHashOf(taskId, tag),
    resultHash: task.resultHash,
    resultUri,
    vouchedAttestation: task.vouchedAttestation,
    verdictBy: task.verdictBy,
    judgedUntil: (await judgedTimeOf(protocol, taskId, task, tag)).until,
  };
}
