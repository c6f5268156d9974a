import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { attestNode, type NodeMachine } from "./acts/attesting.ts";
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
import { openOrder } from "./acts/ordering.ts";
import { payValidators } from "./acts/rewarding.ts";
import { joinValidators } from "./acts/staking.ts";
import { settleEarned, settleFault, settleMissed, tellStream, topUp, type Settlement } from "./acts/streaming.ts";
import { validatorAt } from "./actors.ts";
import { checkSums, readBalances, type Balances } from "./balances.ts";
import { playAct, type Act, type Narrator } from "./narrator.ts";
import type { GasUse } from "./sender.ts";
import { Unmet } from "./unmet.ts";
import type { World } from "./world.ts";
import { runWork, type Work } from "../support/progress.ts";
import { parseAmount, parseRate } from "../../src/amounts.ts";

/** What was played, and what came of it. */
export interface Performance {
  readonly acts: readonly Act[];
  readonly chainId: bigint;
  readonly token: { readonly symbol: string; readonly decimals: number };
  /** Everybody's, before the first stake was deposited. */
  readonly before: Balances;
  readonly after: Balances;
  readonly gas: readonly GasUse[];
  readonly hashes: number;
  /** Hashes a second, while searching. */
  readonly rate: number;
  readonly machine: { readonly engine: string; readonly threads: number };
  readonly refused: readonly Refused[];
  readonly missed: Settlement;
  readonly fault: Required<Settlement>;
  readonly account: OrderAccount;
}

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
  #node: NodeMachine | undefined;
  #copy: NodeMachine | undefined;
  #orderId = 0n;
  #challenges = 0;
  #refused: Refused[] = [];
  #missed: Settlement | undefined;
  #fault: Required<Settlement> | undefined;
  #account: OrderAccount | undefined;

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
      this.#act("Two providers stake and have a node attested", async (narrator) => this.#attest(narrator)),
      this.#act("The user takes the provider's signed offer", async (narrator) => this.#open(narrator)),
      this.#act("A challenge: cheating is refused, work is accepted", async (narrator) => this.#firstProof(narrator)),
      this.#act("An epoch proven and paid", async (narrator) => this.#secondProof(narrator)),
      this.#act("An epoch missed: unpaid, not slashed", async (narrator) => this.#miss(narrator)),
      this.#act("Back at work, and a top-up", async (narrator) => this.#recover(narrator)),
      this.#act("Two epochs missed in a row: slashed", async (narrator) => this.#missTwice(narrator)),
      this.#act("Close, settle and withdraw", async (narrator) => this.#close(narrator)),
      this.#act("The validators are paid", async (narrator) => payValidators(this.#on, this.#theNode, narrator)),
    ];
  }

  async #attest(narrator: Narrator): Promise<void> {
    const { actors, token } = this.#on;
    const declaration = {
      stake: parseAmount(NODE_STAKE, token.decimals),
      units: UNITS,
      ratePerUnit: parseRate(PRICE_PER_UNIT, token.decimals),
    };
    this.#node = await attestNode(
      this.#on,
      actors.provider,
      { ...declaration, url: "https://node-1.example" },
      narrator,
    );
    const quiet = { ...narrator, say: () => undefined };
    this.#copy = await attestNode(this.#on, actors.copycat, { ...declaration, url: "https://node-2.example" }, quiet);
    const { name } = actors.copycat;
    narrator.say(
      `another provider, the ${name}, does the same on another machine: node ${this.#copy.nodeId.toString()}`,
    );
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
    if (this.#copy === undefined) throw new Unmet("There is no second node");
    this.#refused = await tryCheating(this.#on, { node: this.#theNode, copy: this.#copy, answer }, narrator);
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
    await withdrawStake(this.#on, user, narrator);
    await withdrawStake(this.#on, provider, narrator);
  }

  async #challengeAndProve(narrator: Narrator): Promise<void> {
    await this.#challenge(narrator);
    await prove(this.#on, this.#theNode, await findAnswer(this.#on, this.#theNode, narrator), narrator);
  }

  async #challengeAndMiss(narrator: Narrator): Promise<void> {
    await this.#challenge(narrator);
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

  get #theNode(): NodeMachine {
    if (this.#node === undefined) throw new Unmet("There is no node");
    return this.#node;
  }

  /** What came of it, once all is played. */
  async outcome(): Promise<Performance> {
    const { token, sender, effort, chainId } = this.#on;
    const [before, missed, fault, account] = [this.#before, this.#missed, this.#fault, this.#account];
    if (before === undefined || missed === undefined || fault === undefined || account === undefined) {
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
      refused: this.#refused,
      missed,
      fault,
      account,
    };
  }

  async end(): Promise<void> {
    await this.#world?.effort.stop();
  }
}

/**
 * Plays one order from its providers' stake to the last withdrawal, on a chain of its own.
 *
 * @throws {Unmet} When anything is not as it must be.
 */
export async function play(hre: HardhatRuntimeEnvironment, silent: boolean): Promise<Performance> {
  const connection = await hre.network.create({ network: "default" });
  const story = new Play(hre, connection);
  try {
    await runWork(story.acts, silent);
    return await story.outcome();
  } finally {
    await story.end();
    await connection.close();
  }
}
