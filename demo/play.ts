import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";
import { rmSync } from "node:fs";

import { attestOnChain, declareNode, renewOnChain, type NodeMachine, type Verified } from "./acts/attesting.ts";
import { findAnswer, issueChallenge, prove } from "./acts/challenging.ts";
import { tryCheating, type Refused } from "./acts/cheating.ts";
import {
  accountFor,
  closeOrder,
  finalizeOrder,
  withdrawEarnings,
  withdrawRefunds,
  withdrawStake,
  type OrderAccount,
} from "./acts/closing.ts";
import { deployAll } from "./acts/deploying.ts";
import { slashLiars } from "./acts/lying.ts";
import { openOrder } from "./acts/ordering.ts";
import { payValidators } from "./acts/rewarding.ts";
import { joinValidators } from "./acts/staking.ts";
import { settleEarned, settleFault, settleMissed, tellStream, topUp, type Settlement } from "./acts/streaming.ts";
import { supplyCollateral, type SimulatedIntel } from "./acts/supplying.ts";
import { attestByQuorum, type Vouched } from "./acts/vouching.ts";
import { validatorAt } from "./actors.ts";
import { checkSums, readBalances, type Balances } from "./balances.ts";
import { playAct, type Act, type Narrator } from "./narrator.ts";
import type { Performance } from "./performance.ts";
import { TaskPlay } from "./taskPlay.ts";
import { Unmet } from "./unmet.ts";
import type { World } from "./world.ts";
import { runWork, type Work } from "../tasks/support/progress.ts";
import { parseAmount, parseRate } from "../src/amounts.ts";
import { LOCAL_CHAIN } from "../src/localChain.ts";

/** The amounts of the play, in tokens. */
const UNITS = 2n;
const PRICE_PER_UNIT = "3.6/h";
const NODE_STAKE = "1500";
const STAKE_LOCK = "200";
const DEPOSIT = "22";
const TOP_UP = "14.4";

/** The story, step by step. */
class Play {
  readonly #hre: HardhatRuntimeEnvironment;
  readonly #connection: NetworkConnection;
  readonly #acts: Act[] = [];
  #world: World | undefined;
  #before: Balances | undefined;
  #intel: SimulatedIntel | undefined;
  #node: NodeMachine | undefined;
  #verified: Verified[] = [];
  #copy: { readonly node: NodeMachine; readonly vouched: Vouched } | undefined;
  #orderId = 0n;
  #challenges = 0;
  #refused: Refused[] = [];
  #missed: Settlement | undefined;
  #fault: Required<Settlement> | undefined;
  #account: OrderAccount | undefined;
  #disputes: Performance["disputes"] | undefined;
  readonly #tasks = new TaskPlay({ world: () => this.#on, otherNode: () => this.#theNode });

  constructor(hre: HardhatRuntimeEnvironment, connection: NetworkConnection) {
    this.#hre = hre;
    this.#connection = connection;
  }

  get acts(): Work[] {
    return [
      this.#act("Deploy the platform", async (narrator) => {
        this.#world = await deployAll(this.#hre, this.#connection, narrator);
        this.#before = await readBalances(this.#world);
      }),
      this.#act("Five validators stake and join", async (narrator) => joinValidators(this.#on, narrator)),
      this.#act("Anyone brings the collateral that quotes are judged by", async (narrator) => {
        this.#intel = await supplyCollateral(this.#on, narrator);
      }),
      this.#act("Two nodes attested: one on chain, one by quorum", async (narrator) => this.#attest(narrator)),
      this.#act("The user takes the provider's signed offer", async (narrator) => this.#open(narrator)),
      this.#act("A challenge: cheating is refused, work is accepted", async (narrator) => this.#firstProof(narrator)),
      this.#act("An epoch proven and paid", async (narrator) => this.#secondProof(narrator)),
      this.#act("An epoch missed: unpaid, not slashed", async (narrator) => this.#miss(narrator)),
      this.#act("Back at work, and a top-up", async (narrator) => this.#recover(narrator)),
      this.#act("Two epochs missed in a row: slashed", async (narrator) => this.#missTwice(narrator)),
      this.#act("Close, settle and withdraw", async (narrator) => this.#close(narrator)),
      this.#act("The validators are paid", async (narrator) => payValidators(this.#on, this.#theNode, narrator)),
      ...this.#tasks.acts.map(({ title, play }) => this.#act(title, play)),
      this.#act("A quorum that lies is slashed", async (narrator) => this.#dispute(narrator)),
    ];
  }

  async #attest(narrator: Narrator): Promise<void> {
    const { token } = this.#on;
    const declaration = {
      stake: parseAmount(NODE_STAKE, token.decimals),
      units: UNITS,
      ratePerUnit: parseRate(PRICE_PER_UNIT, token.decimals),
    };
    const [world, intel, { provider, copycat }] = [this.#on, this.#theIntel, this.#on.actors];
    const first = { ...declaration, url: "https://node-1.example" };
    this.#node = await declareNode(world, intel, provider, first, narrator);
    this.#verified.push(await attestOnChain(world, this.#node, narrator));

    const second = { ...declaration, url: "https://node-2.example" };
    const quiet = { ...narrator, say: () => undefined };
    const node = await declareNode(world, intel, copycat, second, quiet);
    narrator.say(`another provider, the ${copycat.name}, declares node ${node.nodeId.toString()}, another machine`);
    this.#copy = { node, vouched: await attestByQuorum(world, intel, node, narrator) };
  }

  async #open(narrator: Narrator): Promise<void> {
    const { decimals } = this.#on.token;
    this.#orderId = await openOrder(
      this.#on,
      this.#theNode,
      {
        units: UNITS,
        ratePerSecond: parseRate(PRICE_PER_UNIT, decimals) * UNITS,
        stakeLock: parseAmount(STAKE_LOCK, decimals),
        deposit: parseAmount(DEPOSIT, decimals),
      },
      narrator,
    );
  }

  async #firstProof(narrator: Narrator): Promise<void> {
    await this.#challenge(narrator);
    const answer = await findAnswer(this.#on, this.#theNode, narrator);
    narrator.say(`before node ${this.#theNode.nodeId.toString()} hands its answer in, some try without the work:`);
    this.#refused = await tryCheating(this.#on, { node: this.#theNode, copy: this.#theCopy.node, answer }, narrator);
    await prove(this.#on, this.#theNode, answer, narrator);
    await this.#nextEpoch();
    await settleEarned(this.#on, this.#orderId, narrator);
  }

  async #secondProof(narrator: Narrator): Promise<void> {
    await this.#challengeAndProve(narrator);
    await tellStream(this.#on, this.#orderId, narrator);
    await this.#nextEpoch();
    await settleEarned(this.#on, this.#orderId, narrator);
  }

  async #miss(narrator: Narrator): Promise<void> {
    await this.#challengeAndMiss(narrator);
    this.#missed = await settleMissed(this.#on, this.#orderId, narrator);
  }

  async #recover(narrator: Narrator): Promise<void> {
    this.#verified.push(await renewOnChain(this.#on, this.#theNode, narrator));
    await this.#challengeAndProve(narrator);
    await topUp(this.#on, this.#orderId, parseAmount(TOP_UP, this.#on.token.decimals), narrator);
    await this.#nextEpoch();
    await settleEarned(this.#on, this.#orderId, narrator);
  }

  async #missTwice(narrator: Narrator): Promise<void> {
    await this.#challengeAndMiss(narrator);
    await this.#challengeAndMiss(narrator);
    this.#fault = await settleFault(this.#on, this.#orderId, narrator);
  }

  async #close(narrator: Narrator): Promise<void> {
    const { provider, user } = this.#on.actors;
    await this.#challengeAndProve(narrator);
    await closeOrder(this.#on, this.#orderId, narrator);
    await this.#nextEpoch();
    await finalizeOrder(this.#on, this.#orderId, narrator);
    this.#account = await accountFor(this.#on, this.#orderId, narrator);
    await withdrawEarnings(this.#on, this.#theNode, narrator);
    await withdrawRefunds(this.#on, user, narrator);
    await withdrawStake(this.#on, provider, narrator);
  }

  async #dispute(narrator: Narrator): Promise<void> {
    const { node, vouched } = this.#theCopy;
    this.#disputes = await slashLiars(this.#on, this.#theIntel, node, vouched, narrator);
  }

  async #challengeAndProve(narrator: Narrator): Promise<void> {
    await this.#challenge(narrator);
    await prove(this.#on, this.#theNode, await findAnswer(this.#on, this.#theNode, narrator), narrator);
  }

  async #challengeAndMiss(narrator: Narrator): Promise<void> {
    await this.#challenge(narrator);
    // Only where somebody answers was it possible to.
    const { node } = this.#theCopy;
    await prove(this.#on, node, await findAnswer(this.#on, node, narrator), narrator);
    await this.#nextEpoch();
    narrator.say(
      `node ${this.#theNode.nodeId.toString()} says nothing, and the epoch ends`,
      await this.#on.clock.stamp(),
    );
  }

  /** The validators take turns. */
  async #challenge(narrator: Narrator): Promise<void> {
    this.#challenges += 1;
    await issueChallenge(this.#on, validatorAt(this.#on.actors, this.#challenges), narrator);
  }

  async #nextEpoch(): Promise<void> {
    await this.#on.clock.travelToNextEpoch();
  }

  #act(title: string, play: (narrator: Narrator) => Promise<void>): Work {
    return {
      title,
      run: async (tell) => {
        this.#acts.push(await playAct(title, tell, play));
      },
    };
  }

  get #on(): World {
    if (this.#world === undefined) throw new Unmet("The platform is not deployed");
    return this.#world;
  }

  get #theIntel(): SimulatedIntel {
    if (this.#intel === undefined) throw new Unmet("There is no collateral");
    return this.#intel;
  }

  get #theCopy(): { readonly node: NodeMachine; readonly vouched: Vouched } {
    if (this.#copy === undefined) throw new Unmet("There is no second node");
    return this.#copy;
  }

  get #theNode(): NodeMachine {
    if (this.#node === undefined) throw new Unmet("There is no node");
    return this.#node;
  }

  /** What came of it, once all is played. */
  async outcome(): Promise<Performance> {
    const { token, sender, effort, chainId } = this.#on;
    const [before, missed, fault] = [this.#before, this.#missed, this.#fault];
    const [account, disputes] = [this.#account, this.#disputes];
    if (!before || !missed || !fault || !account || !disputes) {
      throw new Unmet("The play ended too soon");
    }
    const after = await readBalances(this.#on);
    checkSums(after);
    return {
      acts: this.#acts,
      chainId,
      token,
      before,
      after,
      gas: sender.gas,
      hashes: effort.hashes,
      rate: effort.rate,
      machine: await effort.machine(),
      intel: this.#theIntel,
      verified: this.#verified,
      refused: this.#refused,
      missed,
      fault,
      account,
      tasks: this.#tasks.outcome(),
      disputes,
    };
  }

  async end(): Promise<void> {
    await Promise.all([this.#tasks.end(), this.#world?.effort.stop()]);
    if (this.#world !== undefined) rmSync(this.#world.journal.root, { recursive: true, force: true });
  }
}

/**
 * Plays one order from its providers' stake to the last withdrawal, then tasks over private data, on a chain of its own.
 *
 * @throws {Unmet} When anything is not as it must be.
 */
export async function play(hre: HardhatRuntimeEnvironment, silent: boolean): Promise<Performance> {
  const connection = await hre.network.create({ network: "default", override: LOCAL_CHAIN });
  const story = new Play(hre, connection);
  try {
    await runWork(story.acts, silent);
    return await story.outcome();
  } finally {
    await story.end();
    await connection.close();
  }
}
