import type { Answers } from "./answers.ts";
import type { RoundTimes } from "./decide.ts";
import { termsName, type NodeTerms, type Round } from "./round.ts";
import { claimOf, isOutnumbered, rivalsOf, type Claim } from "./rounds.ts";
import { Turns } from "../../turns.ts";
import {
  MU_THOUSANDTHS,
  PROOF_COUNT,
  ProofSearchError,
  type Prover,
  type Solution,
  type SolveOptions,
} from "../../pow/index.ts";
import type { OwnNode, ProviderParts } from "../parts.ts";

/** Hashes a second that find an answer all but surely in so many seconds. */
const rateFor = (target: bigint, seconds: number): number =>
  Number((((2n ** 256n - 1n) / target) * MU_THOUSANDTHS) / 1000n) / Math.max(1, seconds);

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** What to do where a prover has made no hash at all. */
const NOTHING_SEARCHED =
  "Nothing was searched: see whether the node's workers run, and reach the NATS server that `prover.workers` names; the log has news of them.";
/** What to do where a prover has made too few. */
const TOO_LITTLE_SEARCHED =
  "See what else runs on the machine, and in the log what became of workers; add workers, or declare a node that claims less: `proof bench` says how much.";

/** What searches for one node. */
type Searcher = Pick<Prover, "solve">;

/** The searches that are under way. One whose challenge is no more, because of a reorganisation, ends at once. */
export class Searches {
  readonly #parts: Pick<ProviderParts, "clock" | "config" | "now" | "alarms" | "log">;
  readonly #answers: Answers;
  readonly #running = new Map<AbortController, { readonly claim: Claim; readonly improves: boolean }>();
  /** A prover searches for one node after the other, in the order in which they come. */
  readonly #turns = new Map<Searcher, Turns>();

  constructor(parts: Pick<ProviderParts, "clock" | "config" | "now" | "alarms" | "log">, answers: Answers) {
    this.#parts = parts;
    this.#answers = answers;
  }

  /** Ends every search that is none of these. */
  keepTo(asked: readonly Claim[]): void {
    for (const [controller, { claim }] of this.#running) {
      if (!asked.some(({ name }) => name === claim.name)) controller.abort();
    }
  }

  /**
   * Ends the searches that another one for the same node waits for in vain: those of which fewer endpoints speak than of the other, and where as many
   * do, those that go on beyond an answer.
   */
  giveWayTo(claims: readonly Claim[]): void {
    for (const [controller, { claim, improves }] of this.#running) {
      const now = claims.find(({ name }) => name === claim.name);
      if (now === undefined) continue;
      if (isOutnumbered(now, claims) || (improves && rivalsOf(now, claims).length > 0)) controller.abort();
    }
  }

  /**
   * Searches a node's answer and keeps it, or why there is none. A prover that several nodes share stops as soon as there is an answer: smaller
   * hashes of one would be paid for with another's epoch.
   *
   * @throws {ProofSearchError} When the prover fails; not when time is over, nor when the challenge is no more.
   */
  async search(
    round: Round,
    terms: NodeTerms,
    { prover, isShared }: { readonly prover: OwnNode["prover"]; readonly isShared: boolean },
    times: RoundTimes,
  ): Promise<void> {
    if (prover === undefined) return;
    const { epoch, seed } = round;
    const name = { epoch, seed, nodeId: terms.nodeId, terms: termsName(terms) };
    const { clock, config, log } = this.#parts;
    const mayImprove = config.proofs.search === "window" && !isShared;
    const stopping = new AbortController();
    this.#running.set(stopping, { claim: claimOf(round, terms), improves: mayImprove });
    try {
      const { nonces, hashes, seconds, rate } = await this.#solve(prover, {
        prefix: terms.prefix,
        target: terms.target,
        improveUntil: mayImprove ? clock.locally(times.gatherUntil) : undefined,
        deadline: clock.locally(times.searchBy),
        signal: stopping.signal,
      });
      this.#answers.found(name, nonces);
      log.info({ node: Number(terms.nodeId), epoch: Number(epoch), hashes, seconds, rate }, "an answer was found");
      this.#compare(terms, rate);
    } catch (error) {
      if (!(error instanceof ProofSearchError)) throw error;
      if (error.code === "DEADLINE") this.#tooSlow(round, terms, error);
      else if (error.code !== "ABORTED") throw error;
    } finally {
      this.#running.delete(stopping);
    }
  }

  /** Says whether the prover is as fast as what the node claims. */
  #compare({ nodeId, requiredRate }: NodeTerms, rate: number): void {
    const about = `node ${nodeId.toString()}`;
    const { alarms } = this.#parts;
    // What takes no time says nothing of a rate.
    if (rate === 0 || rate >= Number(requiredRate)) {
      alarms.clear("prover-slow", about);
      return;
    }
    alarms.raise({
      ...{ code: "prover-slow", severity: "warning", about },
      problem: `The prover made ${whole(rate)} hashes a second, and the node claims ${whole(Number(requiredRate))}: it will miss epochs`,
      remedy: "See what else runs on the machine, or add workers: docs/proof-of-work.md says how often what passes.",
    });
  }

  async #solve(prover: Searcher, options: SolveOptions): Promise<Solution> {
    const turns = this.#turns.get(prover) ?? new Turns();
    this.#turns.set(prover, turns);
    return turns.take(async () => prover.solve(options));
  }

  #tooSlow({ epoch, seed }: Round, terms: NodeTerms, { progress }: ProofSearchError): void {
    const { nodeId, target } = terms;
    const { found = 0, hashes = 0, rate = 0, seconds = 0 } = progress ?? {};
    const needed = rateFor(target, seconds);
    const problem =
      `The window of epoch ${epoch.toString()} closed with ${String(found)} of ${String(PROOF_COUNT)} hashes found: ` +
      `the prover made ${whole(rate)} hashes a second for ${seconds.toFixed(0)} s, and ${whole(needed)} would have done`;
    this.#answers.failed({ epoch, seed, nodeId, terms: termsName(terms) }, "no answer was found in time");
    this.#parts.alarms.tell({
      code: "prover-too-slow",
      severity: "critical",
      about: `node ${nodeId.toString()}`,
      problem,
      remedy: hashes === 0 ? NOTHING_SEARCHED : TOO_LITTLE_SEARCHED,
    });
  }
}
