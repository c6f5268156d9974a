import { hexlify } from "ethers";

import { Answers, type AnswerName } from "./answers.ts";
import {
  decideProofs,
  inOrder,
  lateNodes,
  timesOf,
  type ProofStep,
  type ReadyAnswer,
  type RoundTimes,
} from "./decide.ts";
import { readProofConstants, readRound, type NodeTerms, type ProofConstants, type Round } from "./round.ts";
import { roundsOf } from "./rounds.ts";
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
    const rounds = roundsOf([first, ...this.#said.filter((round) => this.#isOpen(round))]);
    this.#searches.keepTo(rounds.map(({ seed }) => seed));
    if (rounds.length === 0) this.#tellLate([], undefined);
    return rounds.flatMap((round) => this.#decide(round, constants, rounds.length === 1));
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

  #decide(round: Round, constants: ProofConstants, isOnly: boolean): Action[] {
    const { config, clock } = this.#parts;
    const times = timesOf(round, constants, config.proofs);
    const state = { known: this.#answers.of(round.epoch, round.seed), now: clock.now() };
    this.#tellLate(lateNodes(round, state, config.proofs, times), round);
    return this.#decided(round, times, isOnly);
  }

  #decided(round: Round, times: RoundTimes, isOnly: boolean): Action[] {
    const { config, clock } = this.#parts;
    const state = { known: this.#answers.of(round.epoch, round.seed), now: clock.now() };
    const nodes = inOrder(round.nodes, this.#answers.withoutAnswer(round.epoch));
    return decideProofs({ ...round, nodes }, state, config.proofs, times).flatMap((step) =>
      this.#action(round, times, step, isOnly),
    );
  }

  /** Ends the searches that are under way. */
  close(): void {
    this.#searches.keepTo([]);
  }

  #tellLate(late: readonly bigint[], round: Round | undefined): void {
    const { nodes, alarms } = this.#parts;
    for (const { id } of nodes) {
      const about = `node ${id.toString()}`;
      if (round === undefined || !late.includes(id)) {
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

  #action(round: Round, times: RoundTimes, step: ProofStep, isOnly: boolean): Action[] {
    if (step.kind === "submit") return [this.#submitting(round, step)];
    const node = this.#parts.nodes.find(({ id }) => id === step.node.nodeId);
    if (node === undefined) return [];
    const { kind } = step;
    const [epoch, id] = [round.epoch.toString(), step.node.nodeId.toString()];
    const key = `${kind} ${epoch} ${round.seed} ${id}`;
    const goOn = (): void => {
      this.#goOn(round, times, isOnly);
    };
    if (kind === "sign") {
      const [what, reason] = [`have the enclave of node ${id} sign its answer for epoch ${epoch}`, "it was found"];
      const act = async (): Promise<void> => {
        await this.#sign(round, step.node, node, step.nonces);
        goOn();
      };
      return [{ key, what, reason, act }];
    }
    const use = step.node.unitsInUse === 0n ? "the configuration has idle nodes prove" : "orders use it";
    const reason = `node ${id} has not proven epoch ${epoch}, and ${use}`;
    const isShared = !isOnly || this.#parts.nodes.filter(({ prover }) => prover === node.prover).length > 1;
    const act = async (): Promise<void> => {
      await this.#searches.search(round, step.node, { prover: node.prover, isShared }, times);
      goOn();
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
    this.#answers.signed({ epoch, seed, nodeId }, signature);
  }

  /** Goes on with a round by what was read of it, and has the duty look again besides. */
  #goOn(round: Round, times: RoundTimes, isOnly: boolean): void {
    if (this.#isOpen(round)) this.#parts.begin(this.name, this.#decided(round, times, isOnly));
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
    const names = answers.map(({ nodeId }): AnswerName => ({ epoch, seed, nodeId }));
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
      this.#answers.failed({ epoch, seed, nodeId }, reason);
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
