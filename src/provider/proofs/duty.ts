import { hexlify } from "ethers";

import { Answers, type AnswerName } from "./answers.ts";
import {
  decideProofs,
  inOrder,
  lateNodes,
  mustProve,
  timesOf,
  type ProofStep,
  type ReadyAnswer,
  type RoundTimes,
} from "./decide.ts";
import { readProofConstants, readRound, termsName, type NodeTerms, type ProofConstants, type Round } from "./round.ts";
import { claimOf, isOutnumbered, roundsOf, type Claim } from "./rounds.ts";
import { Searches } from "./searches.ts";
import { refusalsIn } from "./refusals.ts";
import { formatTime } from "../../amounts.ts";
import type { Read } from "../../chain/access.ts";
import type { Intention } from "../../chain/sending/sender.ts";
import { toJson } from "../../json.ts";
import type { Protocol } from "../../protocol.ts";
import { callsOf } from "../calls.ts";
import type { Action, Duty } from "../duty.ts";
import type { OwnNode, ProviderParts } from "../parts.ts";

type Submission = Extract<ProofStep, { kind: "submit" }>;

/** A challenge, and when its searches end. */
interface TimedRound {
  readonly round: Round;
  readonly times: RoundTimes;
}

/** Answers challenges: searches, has the enclaves sign, and brings the answers to the chain in time. */
export class ProofDuty implements Duty {
  readonly name = "proofs";
  readonly every = 0;
  readonly #parts: ProviderParts;
  readonly #answers: Answers;
  readonly #searches: Searches;
  readonly #calls: Protocol;
  #constants: ProofConstants | undefined;
  /** What every endpoint said of the challenge when they were last asked. */
  #said: readonly (Round | undefined)[] = [];
  #isAsking = false;
  /** The challenges that are open, by what was read last. */
  #rounds: readonly TimedRound[] = [];

  constructor(parts: ProviderParts) {
    this.#parts = parts;
    this.#answers = new Answers(parts.database);
    this.#searches = new Searches(parts, this.#answers);
    this.#calls = callsOf(parts.chain.book);
  }

  async look(): Promise<readonly Action[]> {
    const { chain } = this.#parts;
    const own = this.#parts.nodes.filter(({ prover }) => prover !== undefined);
    if (own.length === 0) return [];
    this.#constants ??= await chain.readAgreed("the challenges' windows", readProofConstants);
    const constants = this.#constants;
    const question = { book: chain.book, nodeIds: own.map(({ id }) => id), constants };
    const read: Read<Round | undefined> = async (protocol, block) => readRound(protocol, block, question);
    // One endpoint is not waited for longer than another: what all of them say is there at the next look.
    const first = await chain.read("the challenge", read);
    if (chain.providers.length > 1) void this.#askEach(read);
    const rounds = roundsOf(
      first,
      this.#said.filter((round) => round === undefined || this.#isOpen(round)),
    );
    this.#rounds = rounds.map((round) => ({ round, times: timesOf(round, constants, this.#parts.config.proofs) }));
    this.#endSearches();
    this.#tellLate();
    return this.#decided();
  }

  /** Ends the searches that are of no use any more. */
  #endSearches(): void {
    const { providers } = this.#parts.chain;
    // That a challenge is no more is not told by one endpoint's word.
    if (providers.length <= 1 || this.#said.length > 1) {
      this.#searches.keepTo(this.#rounds.flatMap(({ round }) => round.nodes.map((node) => claimOf(round, node))));
    }
    this.#searches.giveWayTo(this.#wanted());
  }

  /** What is to be found, by all that is said. */
  #wanted(): Claim[] {
    const { proofs } = this.#parts.config;
    return this.#rounds.flatMap(({ round }) => {
      const known = this.#answers.of(round.epoch, round.seed).filter(({ failure }) => failure !== undefined);
      const failed = new Set(known.map(({ terms }) => terms));
      const nodes = round.nodes.filter((node) => mustProve(node, proofs) && !failed.has(termsName(node)));
      return nodes.map((node) => claimOf(round, node));
    });
  }

  #isOpen(round: Round | undefined): boolean {
    return round !== undefined && this.#parts.clock.now() < Number(round.answerBy) * 1000;
  }

  /** Asks every endpoint for the challenge, and has the duty look again where they say something new. Never fails. */
  async #askEach(read: Read<Round | undefined>): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const said = await this.#parts.chain.readEach(read);
      const isNew = toJson(said) !== toJson(this.#said);
      this.#said = said;
      if (isNew) this.#parts.wake();
    } catch (error) {
      this.#parts.log.warn({ err: error }, "the endpoints could not all be asked for the challenge");
    } finally {
      this.#isAsking = false;
    }
  }

  #decided(): Action[] {
    const { config, clock } = this.#parts;
    const wanted = this.#wanted();
    return this.#rounds.flatMap(({ round, times }) => {
      const state = { known: this.#answers.of(round.epoch, round.seed), now: clock.now() };
      const nodes = inOrder(round.nodes, this.#answers.withoutAnswer(round.epoch));
      return decideProofs({ ...round, nodes }, state, config.proofs, times).flatMap((step) =>
        this.#action({ round, times }, step, wanted),
      );
    });
  }

  /** Ends the searches that are under way. */
  close(): void {
    this.#searches.keepTo([]);
  }

  /** Says whose answers are late, in whichever of the challenges. */
  #tellLate(): void {
    const { nodes, alarms, config, clock } = this.#parts;
    const late = new Map<bigint, Round>();
    for (const { round, times } of this.#rounds) {
      const state = { known: this.#answers.of(round.epoch, round.seed), now: clock.now() };
      for (const id of lateNodes(round, state, config.proofs, times)) late.set(id, round);
    }
    for (const { id } of nodes) {
      const about = `node ${id.toString()}`;
      const round = late.get(id);
      if (round === undefined) {
        alarms.clear("answer-late", about);
        continue;
      }
      alarms.raise({
        ...{ code: "answer-late", severity: "critical", about },
        problem: `Its answer for epoch ${round.epoch.toString()} was sent and is in no block, and is taken until ${formatTime(round.answerBy)}`,
        remedy: "See what a unit of gas costs, raise `fees.most`, and give answers more time with `proofs.margin`.",
      });
    }
  }

  #action(timed: TimedRound, step: ProofStep, wanted: readonly Claim[]): Action[] {
    const { round } = timed;
    if (step.kind === "submit") return [this.#submitting(round, step)];
    const node = this.#parts.nodes.find(({ id }) => id === step.node.nodeId);
    if (node === undefined) return [];
    const claim = claimOf(round, step.node);
    const [epoch, id] = [round.epoch.toString(), step.node.nodeId.toString()];
    const key = `${step.kind} ${claim.name}`;
    if (step.kind === "sign") {
      const [what, reason] = [`have the enclave of node ${id} sign its answer for epoch ${epoch}`, "it was found"];
      const act = async (): Promise<void> => {
        await this.#sign(round, step.node, node, step.nonces);
        this.#goOn();
      };
      return [{ key, what, reason, act }];
    }
    if (isOutnumbered(claim, wanted)) return [];
    const use = step.node.unitsInUse === 0n ? "the configuration has idle nodes prove" : "orders use it";
    const reason = `node ${id} has not proven epoch ${epoch}, and ${use}`;
    const users = this.#parts.nodes.filter(({ prover }) => prover === node.prover);
    const isShared = users.length > 1 || wanted.some(({ name, nodeId }) => nodeId === node.id && name !== claim.name);
    const act = async (): Promise<void> => {
      await this.#searches.search(round, step.node, { prover: node.prover, isShared }, timed.times);
      this.#goOn();
    };
    return [{ key, what: `search an answer for node ${id}, epoch ${epoch}`, reason, act }];
  }

  async #sign(round: Round, terms: NodeTerms, node: OwnNode, nonces: Uint8Array): Promise<void> {
    if (node.enclave === undefined) return;
    const { book } = this.#parts.chain;
    const { epoch, seed } = round;
    const { nodeId } = terms;
    const place = { chainId: BigInt(book.chainId), challengeManager: book.contracts.challengeManager };
    const signature = await node.enclave.signAnswer({ ...place, seed, nodeId, epoch, nonces });
    this.#answers.signed({ epoch, seed, nodeId, terms: termsName(terms) }, signature);
  }

  /** Goes on by what was read last, and has the duty look again besides. */
  #goOn(): void {
    this.#rounds = this.#rounds.filter(({ round }) => this.#isOpen(round));
    this.#parts.begin(this.name, this.#decided());
    this.#parts.wake();
  }

  #submitting(round: Round, { key, answers, again }: Submission): Action {
    const nodes = answers.map(({ nodeId }) => nodeId.toString()).join(", ");
    return {
      key,
      what: `prove epoch ${round.epoch.toString()} for node ${nodes}`,
      reason: again ? "it was begun and is not proven yet" : "the answer is there",
      isUrgent: true,
      act: async () => this.#submit(round, key, answers),
    };
  }

  async #submit({ epoch, seed, answerBy }: Round, key: string, answers: readonly ReadyAnswer[]): Promise<void> {
    const names = answers.map(({ nodeId, terms }): AnswerName => ({ epoch, seed, nodeId, terms }));
    this.#answers.given(names, key);
    const nodes = answers.map(({ nodeId }) => nodeId.toString()).join(", ");
    const intention: Intention = {
      key,
      purpose: `prove epoch ${epoch.toString()} for node ${nodes}`,
      transaction: await this.#proving(answers),
      deadline: Number(answerBy),
      isUrgent: true,
    };
    const outcome = await this.#parts.sender.send(intention);
    if (outcome.kind !== "mined") {
      this.#answers.cameBack(names);
      return;
    }
    for (const { nodeId, reason } of refusalsIn(this.#calls, outcome.receipt)) {
      for (const name of names) if (name.nodeId === nodeId) this.#answers.failed(name, reason);
      this.#parts.alarms.tell({
        code: "answer-refused",
        severity: "critical",
        about: `node ${nodeId.toString()}`,
        problem: `The chain refused the answer for epoch ${epoch.toString()}: ${reason}`,
        remedy: "Run `computing-power provider doctor`; where it finds nothing, report this with the log.",
      });
    }
  }

  async #proving(answers: readonly ReadyAnswer[]) {
    const { challengeManager } = this.#calls;
    const [first] = answers;
    if (first !== undefined && answers.length === 1) {
      return challengeManager.prove.populateTransaction(first.nodeId, first.nonces, first.signature);
    }
    const many = answers.map(({ nodeId, nonces, signature }) => ({ nodeId, nonces: hexlify(nonces), signature }));
    return challengeManager.proveMany.populateTransaction(many);
  }
}
