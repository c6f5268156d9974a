import { formatEther, parseEther } from "ethers";

import { providerOf } from "./providerOf.ts";
import type { Duty } from "./duty.ts";
import type { SigningGate } from "./guard/gate.ts";
import type { Peers } from "./peers.ts";
import type { Stakes } from "./quorum.ts";
import { formatAmount, parseAmount } from "../amounts.ts";
import { ChainUnreachableError, type ChainAccess } from "../chain/access.ts";
import type { Protocol } from "../protocol.ts";
import type { ChainClock } from "../chain/clock.ts";
import { clockAlarms } from "../service/clockAlarms.ts";
import type { Alarm, Alarms } from "../service/alarms.ts";

/** What is looked after. */
export interface HealthParts {
  readonly chain: ChainAccess;
  readonly peers: Peers;
  readonly gate: Pick<SigningGate, "fault">;
  readonly stakes: () => Promise<Stakes>;
  /** Observes every new block. */
  readonly clock: Pick<ChainClock, "ahead">;
  readonly own: string;
  /** The address of the key that the seat signs with. */
  readonly signingKey: string;
  readonly alarms: Alarms;
  /** Coins of the chain below which they run out, in decimal. */
  readonly alarmBelowCoins: string;
  /** Tokens of stake below which somebody is told, in decimal; what a seat needs when left out. */
  readonly alarmBelowStake?: string | undefined;
}

/** What is seen of the service's surroundings. */
export interface HealthView {
  readonly hasSeat: boolean;
  /** The address of the key that the seat signs with, and of the one whose signatures count. */
  readonly signingKey: string;
  readonly registeredKey: string;
  /** Why the last signature was not made; undefined where it was. */
  readonly signingFault: string | undefined;
  /** Wei. */
  readonly coins: bigint;
  readonly leastCoins: bigint;
  /** Base units of stake that count. */
  readonly stake: bigint;
  readonly leastStake: bigint;
  readonly decimals: number;
  /** URLs of peers that do not answer. */
  readonly gone: readonly string[];
  readonly canReachQuorum: boolean;
  /** Milliseconds by which this machine's clock is ahead of the chain's. */
  readonly ahead: number;
  readonly blockMilliseconds: number;
}

/** What is wrong with what a validator needs; every kind that is not wrong is named, too, so that it can be cleared. */
export function healthOf(view: HealthView): { readonly wrong: readonly Alarm[]; readonly well: readonly string[] } {
  const found: readonly (readonly [boolean, Omit<Alarm, "about">])[] = [
    [
      !view.hasSeat,
      {
        ...{
          code: "seat-inactive",
          severity: "critical",
          problem: "The account has no seat: it signs nothing and earns nothing",
        },
        remedy: "`validator show` says why; join again, add stake, or activate what waits: `validator activate`.",
      },
    ],
    [
      view.signingKey !== view.registeredKey,
      {
        ...{ code: "signing-key-differs", severity: "critical" },
        problem: `The service signs with the key ${view.signingKey}, and ValidatorSet takes the signatures of ${view.registeredKey}: none counts`,
        remedy: "Name that key as `signingKey` and start again, or register this one: `validator set-key`.",
      },
    ],
    [
      view.signingFault !== undefined,
      {
        ...{ code: "signing-fails", severity: "critical" },
        problem: `Nothing can be signed: ${view.signingFault ?? ""}`,
        remedy: "Look at the disk of the journal, or at the remote signer.",
      },
    ],
    [
      view.hasSeat && view.stake < view.leastStake,
      {
        ...{ code: "stake-low", severity: "warning" },
        problem: `${formatAmount(view.stake, view.decimals)} tokens of stake count, less than ${formatAmount(view.leastStake, view.decimals)}`,
        remedy: "`validator show` says whether it was slashed; add to it: `validator join`.",
      },
    ],
    [
      view.coins < view.leastCoins,
      {
        ...{ code: "coin-low", severity: "warning" },
        problem: `The account has ${formatEther(view.coins)} of the chain's coin, less than ${formatEther(view.leastCoins)}`,
        remedy: "Send it some: without it no challenge is issued and no task is ended.",
      },
    ],
    [
      view.gone.length > 0,
      {
        code: "peers-unreachable",
        severity: view.canReachQuorum ? "warning" : "critical",
        problem: `${String(view.gone.length)} validators do not answer (${view.gone.join(", ")})${view.canReachQuorum ? "" : ", and the others are no quorum"}`,
        remedy: "Ask their operators, and check their URLs in `peers`.",
      },
    ],
  ];
  const clock = clockAlarms(view.ahead, view.blockMilliseconds);
  const wrong = found.filter(([isWrong]) => isWrong).map(([, alarm]) => ({ ...alarm, about: "" }));
  const well = found.filter(([isWrong]) => !isWrong).map(([, { code }]) => code);
  return { wrong: [...wrong, ...clock], well: clock.length === 0 ? [...well, "clock-off"] : well };
}

/** What the chain says of a validator's account. */
type Account = Pick<HealthView, "registeredKey" | "coins" | "stake" | "leastStake" | "decimals" | "blockMilliseconds">;

/** Looks after the chain, the seat, its stake, the coin, the peers and the clock. */
export class Health implements Duty {
  readonly name = "health";
  readonly #parts: HealthParts;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { chain, peers, gate, own, signingKey, alarms, clock, alarmBelowCoins, alarmBelowStake } = this.#parts;
    if (!(await this.#isThere())) return;
    const stakes = await this.#parts.stakes();
    const account = await chain.read("the account", async (protocol, { number }) => readAccount(protocol, own, number));
    const { wrong, well } = healthOf({
      ...{ ...account, signingKey, hasSeat: stakes.has(own), leastCoins: parseEther(alarmBelowCoins) },
      leastStake: alarmBelowStake === undefined ? account.leastStake : parseAmount(alarmBelowStake, account.decimals),
      signingFault: gate.fault,
      gone: peers.gone().map(({ url }) => url),
      canReachQuorum: peers.canReachQuorum(own, stakes),
      ahead: clock.ahead,
    });
    for (const alarm of wrong) alarms.raise(alarm);
    for (const code of well) alarms.clear(code, "");
  }

  /** Whether the chain can be reached; says so where it cannot. */
  async #isThere(): Promise<boolean> {
    const { chain, alarms } = this.#parts;
    try {
      await chain.head();
    } catch (error) {
      if (!(error instanceof ChainUnreachableError)) throw error;
      const remedy = "Look at the endpoints in `chain.rpc`, and add one of another operator.";
      const about = { code: "chain-unreachable", severity: "critical", about: "" } as const;
      alarms.raise({ ...about, problem: error.message, remedy });
      return false;
    }
    alarms.clear("chain-unreachable", "");
    return true;
  }
}

async function readAccount(
  { validatorSet, challengeManager, nodeRegistry, token }: Protocol,
  own: string,
  number: number,
): Promise<Account> {
  const tag = { blockTag: number };
  const [{ stake }, registeredKey, leastStake, decimals, blockMilliseconds, coins] = await Promise.all([
    validatorSet.getValidator(own, tag),
    validatorSet.signingKeyOf(own, tag),
    validatorSet.minimumStake(tag),
    token.decimals(tag),
    challengeManager.blockMilliseconds(tag),
    providerOf(nodeRegistry).getBalance(own, number),
  ]);
  return {
    ...{ registeredKey, coins, stake, leastStake },
    ...{ decimals: Number(decimals), blockMilliseconds: Number(blockMilliseconds) },
  };
}
