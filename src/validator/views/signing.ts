import type { Logger } from "pino";

import { ValidatorError } from "../client.ts";
import type { Duty } from "../duty.ts";
import type { SigningGate } from "../guard/gate.ts";
import type { Peers } from "../peers.ts";
import type { ViewStore } from "../store/views.ts";
import type { ViewDesk } from "./desk.ts";
import { ContradictionError } from "../../journal/index.ts";
import type { Alarms } from "../../service/alarms.ts";

/** What the chain is signed with every so many blocks. */
export interface ViewSigningParts {
  readonly desk: ViewDesk;
  readonly views: ViewStore;
  readonly gate: Pick<SigningGate, "isOpen">;
  readonly peers: Peers;
  /** Blocks. */
  readonly every: number;
  readonly own: string;
  readonly alarms: Alarms;
  readonly log: Logger;
}

/** So many heights that no quorum has signed yet are exchanged; older ones are of use to nobody. */
const MOST = 16;
/** So many of the newest heights are exchanged until all validators have signed them. */
const NEWEST = 2;

/** Signs the chain every so many blocks, and fetches the other validators' signatures, so that any of them can give what a quorum has signed. */
export class ViewSigning implements Duty {
  readonly name = "views";
  readonly #parts: ViewSigningParts;

  constructor(parts: ViewSigningParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { views, own, gate } = this.#parts;
    if (gate.isOpen) await this.#sign();
    for (const height of new Set([...views.unfinished(own, MOST), ...this.#incomplete()])) {
      if (signal.aborted) return;
      await this.#exchange(height, signal);
    }
  }

  /** The newest heights that some validator has not signed yet: who has left is needed by those who knew it. */
  #incomplete(): number[] {
    const { views, own, peers } = this.#parts;
    return views.newestOf(own, NEWEST).filter((height) => views.at(height).length <= peers.count);
  }

  async #sign(): Promise<void> {
    const { desk, every, views, own, alarms, log } = this.#parts;
    const height = Math.floor((await desk.confirmed()) / every) * every;
    if (height <= (views.newestOf(own, 1)[0] ?? 0)) return;
    try {
      if (!(await desk.sign(height))) return;
      log.info({ height }, "the chain is signed");
      alarms.clear("view-contradicted", "");
    } catch (error) {
      if (!(error instanceof ContradictionError)) throw error;
      this.#reorganised(error);
    }
  }

  /** Stays with what was signed, and has a person look. */
  #reorganised({ problem }: ContradictionError): void {
    const { alarms } = this.#parts;
    const remedy =
      "Nothing else is signed for that height. Raise `chain.confirmations` above the depth of such reorganisations, and see whether the endpoints are of one chain.";
    alarms.raise({ code: "view-contradicted", severity: "critical", about: "", problem, remedy });
  }

  async #exchange(height: number, signal: AbortSignal): Promise<void> {
    const { peers, desk } = this.#parts;
    const answers = await peers.askAll(async (client, until) => {
      try {
        return await client.view(BigInt(height), until);
      } catch (error) {
        // That it has not signed this height says nothing about it.
        if (error instanceof ValidatorError && error.status === 404) return undefined;
        throw error;
      }
    }, signal);
    for (const { answer } of answers) {
      if (answer === undefined || answer.number !== BigInt(height)) continue;
      for (const other of await desk.take(answer)) this.#conflicting(height, other);
    }
  }

  #conflicting(height: number, other: string): void {
    const { alarms } = this.#parts;
    const problem = `${other} has signed another block ${String(height)} than this validator`;
    const remedy = "See whether both are of one chain: whoever signs two blocks of one height loses stake.";
    alarms.tell({ code: "view-conflict", severity: "critical", about: other, problem, remedy });
  }
}
