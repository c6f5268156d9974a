import type { Duty } from "../duty.ts";
import type { ActingParts } from "../parts.ts";
import { Contradictions } from "../reports/contradictions.ts";
import type { Case, CaseStore } from "../store/cases.ts";
import type { ViewConflict, ViewStore } from "../store/views.ts";
import type { ChainViewMessage } from "../../eip712/view.ts";
import type { Protocol } from "../../protocol.ts";

/** What validators are reported with that signed two blocks of one height. */
export interface ViewReportingParts extends ActingParts {
  readonly views: Pick<ViewStore, "conflicts">;
  readonly cases: CaseStore;
  /** Address of ViewJudge. */
  readonly judge: string;
}

/** So many conflicts of the newest heights are looked at. */
const MOST = 64;

/** Reports validators to ViewJudge that signed two blocks of one height, with both signatures, which were checked when they came. */
export class ViewReporting implements Duty {
  readonly name = "view-reports";
  readonly #parts: ViewReportingParts;
  readonly #contradictions: Contradictions;

  constructor(parts: ViewReportingParts) {
    this.#parts = parts;
    this.#contradictions = new Contradictions(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { views, cases } = this.#parts;
    const conflicts = new Map(views.conflicts(MOST).map((conflict) => [keyOf(conflict), conflict]));
    for (const [key, { number, validator }] of conflicts) cases.open(key, "views", { number, validator });
    for (const found of cases.due("views", MOST)) {
      const conflict = conflicts.get(found.key);
      if (signal.aborted) return;
      if (conflict !== undefined) await this.#report(found, conflict);
    }
  }

  async #report({ key }: Case, { number, validator, first, second }: ViewConflict): Promise<void> {
    const { judge } = this.#parts;
    const viewOf = ({ blockHash }: ViewConflict["first"]): ChainViewMessage => ({ number: BigInt(number), blockHash });
    const facts = [validator, viewOf(first), first.signature, viewOf(second), second.signature] as const;
    const judgeIn = ({ viewJudge }: Protocol): Protocol["viewJudge"] => viewJudge.attach(judge) as typeof viewJudge;
    await this.#contradictions.report({
      ...{ key, code: "view-conflict-reported", validator, matter: BigInt(number) },
      signed: `two blocks of height ${String(number)}`,
      amount: async (protocol, blockTag) => judgeIn(protocol).reportConflict.staticCall(...facts, { blockTag }),
      call: async (protocol) => judgeIn(protocol).reportConflict.populateTransaction(...facts),
    });
  }
}

const keyOf = ({ number, validator }: ViewConflict): string => `views ${String(number)} ${validator}`;
