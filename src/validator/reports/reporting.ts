import { decideReports, type FalseReports } from "./decide.ts";
import { sendReport, type Report } from "./sending.ts";
import { findBound, type Bound } from "../disputes/look.ts";
import type { Duty } from "../duty.ts";
import type { WatchingParts } from "../parts.ts";
import type { VerdictStore } from "../store/verdicts.ts";
import { Turns } from "../watch/turns.ts";
import { enumName } from "../../enums.ts";

/** What false verdicts are reported with. */
export interface ReportingParts extends WatchingParts {
  readonly verdicts: Pick<VerdictStore, "of">;
}

/** So many of the newest disproven quotes are looked at. */
const MOST = 64;

/** A result that rests on a quote that was disproven. */
interface FalseTask {
  readonly taskId: bigint;
  readonly bound: Bound;
}

/** Reports the validators that signed `Valid` on results whose quotes were disproven since. */
export class FalseReporting implements Duty {
  readonly name = "reports";
  readonly #parts: ReportingParts;
  readonly #turns: Turns;

  constructor(parts: ReportingParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { feed, attestations, confirmations } = this.#parts;
    await feed.sync(signal);
    attestations.refresh();
    const judged = feed.events({ contract: "quorumVerifier", name: "QuoteJudged" }, { confirmations });
    const disproven = judged.filter(({ args }) => enumName("Standing", args.standing) === "Disproven");
    for (const { args } of disproven.slice(-MOST)) {
      for (const task of await this.#tasksOn(args.quoteHash, args.reportData)) {
        if (signal.aborted) return;
        await this.#report(task);
      }
    }
  }

  /** The results that rest on a quote: those of its node, submitted on that attestation. */
  async #tasksOn(quoteHash: string, reportData: string): Promise<FalseTask[]> {
    const { chain, feed, attestations, confirmations } = this.#parts;
    const results = feed.events({ contract: "taskEscrow", name: "ResultSubmitted" }, { confirmations });
    const ids = [...new Set(results.map(({ args }) => args.taskId))];
    return chain.readAgreed("results on a disproven quote", async (protocol, block) => {
      const bound = await findBound(protocol, attestations, { quoteHash, reportData }, block);
      if (bound === undefined) return [];
      const tag = { blockTag: block.number };
      const tasks = await Promise.all(ids.map(async (id) => protocol.taskEscrow.getTask(id, tag)));
      const { nodeId, count } = bound.attested;
      return ids
        .filter((_, i) => tasks[i]?.nodeId === nodeId && tasks[i].vouchedAttestation === count)
        .map((taskId) => ({ taskId, bound }));
    });
  }

  #decide(taskId: bigint): FalseReports {
    const { feed, verdicts, own } = this.#parts;
    const given = feed.events({ contract: "taskEscrow", name: "VerdictGiven" }, { confirmations: 0 });
    const ended = given.find(({ args }) => args.taskId === taskId && enumName("TaskStatus", args.verdict) === "Valid");
    const slashed = feed.events({ contract: "taskEscrow", name: "VerdictSlashed" }, { confirmations: 0 });
    const valid = verdicts.of(taskId).filter(({ verdict }) => verdict === "Valid");
    return decideReports({
      ending: [...(ended?.args.signers ?? [])],
      signed: valid.map(({ validator, signature }) => ({ validator, signature })),
      slashed: new Set(slashed.filter(({ args }) => args.taskId === taskId).map(({ args }) => args.validator)),
      own,
    });
  }

  async #report({ taskId, bound }: FalseTask): Promise<void> {
    const { isDry, log } = this.#parts;
    const { signers, signatures } = this.#decide(taskId);
    const whom = [...signers, ...signatures.map(({ validator }) => validator)];
    const id = taskId.toString();
    if (whom.length === 0) return;
    const seats = [...(await this.#parts.stakes()).keys()];
    if (this.#turns.wait(taskId, seats) > 0) return;
    const signBy = this.#turns.endOf(taskId, seats);
    if (isDry) {
      log.info({ task: id, whom, isDry }, "a verdict on a false quote is reported");
      return;
    }
    const facts = [taskId, bound.attested.quoteHash, bound.binding] as const;
    if (signers.length > 0) {
      await this.#send(`false signers ${id}`, signers, {
        signBy,
        amount: async ({ taskEscrow }, blockTag) =>
          taskEscrow.reportFalseSigners.staticCall(...facts, [...signers], { blockTag }),
        call: async ({ taskEscrow }) => taskEscrow.reportFalseSigners.populateTransaction(...facts, [...signers]),
      });
    }
    for (const each of signatures) {
      await this.#send(`false verdict ${id} ${each.validator}`, [each.validator], {
        signBy,
        amount: async ({ taskEscrow }, blockTag) =>
          taskEscrow.reportFalseVerdict.staticCall(...facts, [each], { blockTag }),
        call: async ({ taskEscrow }) => taskEscrow.reportFalseVerdict.populateTransaction(...facts, [each]),
      });
    }
  }

  async #send(key: string, whom: readonly string[], trial: Pick<Report, "amount" | "call" | "signBy">): Promise<void> {
    const names = whom.join(", ");
    const purpose = `report ${names}, who signed \`Valid\` on a false quote`;
    const parts = { ...this.#parts, turns: this.#turns };
    if ((await sendReport(parts, { key, purpose, ...trial })) !== "reported") return;
    this.#parts.alarms.tell({
      ...{ code: "false-verdict-reported", severity: "critical", about: key },
      problem: `${names} signed \`Valid\` on a result whose quote was disproven, and lost stake for it`,
      remedy: "Ask their operators how it came to that.",
    });
  }
}
