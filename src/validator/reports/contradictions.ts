import { sendReport, type Report } from "./sending.ts";
import type { ActingParts } from "../parts.ts";
import type { CaseStore } from "../store/cases.ts";
import { Turns } from "../watch/turns.ts";
import type { Alarm } from "../../service/alarms.ts";

/** A validator that has signed two things of which one contradicts the other. */
export interface Contradiction extends Omit<Report, "purpose" | "signBy">, Pick<Alarm, "code"> {
  readonly validator: string;
  /** What it has signed, in words. */
  readonly signed: string;
  /** A number by which the turns of those who report are in one order for all. */
  readonly matter: bigint;
}

/** What contradictions are reported with. */
export interface ContradictionParts extends ActingParts {
  readonly cases: Pick<CaseStore, "settle">;
}

/** Reports validators that contradict themselves, each contradiction once among all validators, and tells of it. */
export class Contradictions {
  readonly #parts: ContradictionParts;
  readonly #turns: Turns;

  constructor(parts: ContradictionParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  /** Reports one where it is this validator's turn; the case of its key is settled once nothing is left to do. */
  async report(found: Contradiction): Promise<void> {
    const { own, isDry, stakes } = this.#parts;
    const { validator, signed, matter } = found;
    // Whoever reports itself helps nobody that could not do it.
    if (validator === own || isDry) {
      this.#settle(found, "told");
      return;
    }
    const others = [...(await stakes()).keys()].filter((each) => each !== validator);
    if (this.#turns.wait(matter, others) > 0) return;
    const signBy = this.#turns.endOf(matter, others);
    const purpose = `report ${validator}, which signed ${signed}`;
    const reported = await sendReport({ ...this.#parts, turns: this.#turns }, { ...found, purpose, signBy });
    if (reported === "reported") this.#settle(found, "reported");
    else if (reported === "needless") this.#settle(found, "somebody else has reported it, or no stake is left");
  }

  #settle({ key, code, validator, signed }: Contradiction, reason: string): void {
    const { alarms, cases, own } = this.#parts;
    cases.settle(key, reason);
    alarms.tell({
      ...{ code, severity: "critical", about: validator },
      problem: `${validator} has signed ${signed}: ${reason}`,
      remedy: validator === own ? "Somebody else has this validator's key: leave the set." : "There is nothing to do.",
    });
  }
}
