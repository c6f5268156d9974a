import type { VerdictList } from "../api/forms.ts";
import { Refusal } from "../api/problems.ts";
import { taskVerdictOf } from "../guard/ownStatements.ts";
import { signingKeyIn, type Stakes } from "../quorum.ts";
import type { SignedVerdict, VerdictStore } from "../store/verdicts.ts";
import type { ChainAccess } from "../../chain/access.ts";
import type { VerdictsDocument } from "../../documents/tasks.ts";
import { domainOf } from "../../eip712/domain.ts";
import { signatureBy } from "../../eip712/signatureForm.ts";
import { verdictDigest } from "../../eip712/task.ts";
import type { Notice } from "../../service/notice.ts";
import { isRevert } from "../../revertData.ts";

/** What verdicts are taken in with. */
export interface VerdictDeskParts {
  readonly chain: ChainAccess;
  readonly verdicts: VerdictStore;
  readonly stakes: () => Promise<Stakes>;
  /** Given when there is a new verdict. */
  readonly notice: Notice;
}

/** Takes in the verdicts of other validators: only those on a result that the chain has, with true signatures of active validators. */
export class VerdictDesk {
  readonly #parts: VerdictDeskParts;

  constructor(parts: VerdictDeskParts) {
    this.#parts = parts;
  }

  /** All verdicts on a task, by result. */
  list(taskId: bigint): VerdictList {
    return { kind: "verdict-list", documents: this.documents(taskId) };
  }

  /** The documents of a task's verdicts, one for each result and deadline. */
  documents(taskId: bigint): VerdictsDocument[] {
    const { chainId, contracts } = this.#parts.chain.book;
    const byResult = new Map<string, VerdictsDocument>();
    for (const { resultHash, deadline, verdict, validator, signature } of this.#parts.verdicts.of(taskId)) {
      const key = `${resultHash} ${deadline.toString()}`;
      const before = byResult.get(key);
      byResult.set(key, {
        ...{ kind: "task-verdicts", chainId, escrow: contracts.taskEscrow, taskId, resultHash, deadline },
        verdicts: [...(before?.verdicts ?? []), { validator, verdict, signature }],
      });
    }
    return [...byResult.values()];
  }

  /**
   * Takes verdicts in.
   *
   * @throws {Refusal} For what is of another place, or on no result that the chain has.
   */
  async take(document: VerdictsDocument): Promise<VerdictList> {
    const { verdicts, notice } = this.#parts;
    let isNew = false;
    for (const verdict of await this.#checked(document)) isNew = verdicts.add(verdict) || isNew;
    if (isNew) notice.give();
    return this.list(document.taskId);
  }

  async #checked({ chainId, escrow, taskId, resultHash, verdicts }: VerdictsDocument): Promise<SignedVerdict[]> {
    const { chain, stakes } = this.#parts;
    const { contracts } = chain.book;
    if (chainId !== chain.book.chainId || escrow !== contracts.taskEscrow) {
      throw new Refusal("wrong-place", "The verdicts are for another chain or deployment");
    }
    const task = await this.#task(taskId);
    if (task.resultHash !== resultHash) {
      throw new Refusal("not-bound", `The result of task ${taskId.toString()} is ${task.resultHash} on the chain`);
    }
    const seats = await stakes();
    const domain = domainOf("TaskEscrow", BigInt(chainId), escrow);
    return verdicts.flatMap(({ validator, verdict, signature: text }) => {
      const statement = { ...task, taskId, verdict } as const;
      const digest = verdictDigest(domain, taskVerdictOf(statement));
      const signature = seats.has(validator) ? signatureBy(signingKeyIn(seats, validator), digest, text) : undefined;
      return signature === undefined ? [] : [{ ...statement, validator, signature }];
    });
  }

  /** What verdicts on a task are signed over, as the chain has it. */
  async #task(taskId: bigint): Promise<Omit<SignedVerdict, "taskId" | "verdict" | "validator" | "signature">> {
    try {
      const [task, termsHash] = await this.#parts.chain.read("a task", async ({ taskEscrow }, { number }) =>
        Promise.all([
          taskEscrow.getTask(taskId, { blockTag: number }),
          taskEscrow.fixedTermsHashOf(taskId, { blockTag: number }),
        ]),
      );
      const { resultHash, vouchedAttestation, verdictBy: deadline } = task;
      return {
        termsHash: termsHash as `0x${string}`,
        resultHash: resultHash as `0x${string}`,
        ...{ vouchedAttestation, deadline },
      };
    } catch (error) {
      if (isRevert(error))
        throw new Refusal("not-bound", `The chain has no task ${taskId.toString()}`, { cause: error });
      throw error;
    }
  }
}
