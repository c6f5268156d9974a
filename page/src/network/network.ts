import { readEvents } from "../../../src/chain/history.ts";
import { readScheduled, type Scheduled } from "../../../src/facts/scheduled.ts";
import { callOf } from "../chain/calls.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";

/** The whole network in numbers. */
export interface NetworkFigures {
  readonly nodes: bigint;
  readonly orders: bigint;
  readonly tasks: bigint;
  readonly datasets: bigint;
  readonly validators: number;
  /** Token base units. */
  readonly activeStake: bigint;
  readonly slashed: bigint;
  /** All that lies in the vault, and all fees of orders that the treasury got. */
  readonly stake: bigint;
  readonly fees: bigint;
  /** Basis points. */
  readonly feeBps: bigint;
  readonly epoch: bigint;
  readonly epochEnds: bigint;
  /** Unix seconds of the running epoch's challenge; undefined where it has none yet. */
  readonly challengedAt: bigint | undefined;
  readonly paused: readonly string[];
}

export async function readFigures({ config, protocol, history }: ChainContext): Promise<NetworkFigures> {
  const { nodeRegistry, orderEscrow, taskEscrow, dataGrants, validatorSet, stakeVault, challengeManager, token } =
    protocol;
  const [nodes, orders, tasks, datasets, validators, activeStake, slashed, feeBps] = await Promise.all([
    nodeRegistry.nodeCount(),
    orderEscrow.orderCount(),
    taskEscrow.taskCount(),
    dataGrants.datasetCount(),
    validatorSet.activeValidators(),
    validatorSet.activeStake(),
    stakeVault.totalSlashed(),
    orderEscrow.feeBps(),
  ]);
  const [epoch, length, challenge, policy, ordersPaused, tasksPaused, stake, collected] = await Promise.all([
    challengeManager.currentEpoch(),
    challengeManager.epochLength(),
    challengeManager.getChallenge(),
    nodeRegistry.policy(),
    orderEscrow.paused(),
    taskEscrow.paused(),
    token.balanceOf(config.book.contracts.stakeVault),
    readEvents(history, orderEscrow, orderEscrow.filters.FeesCollected()),
  ]);
  const pausing = { nodes: policy.paused, orders: ordersPaused, tasks: tasksPaused };
  const isChallenged = challenge.issuedAt !== 0n && challenge.epoch === epoch;
  return {
    ...{ nodes, orders, tasks, datasets, validators: validators.length, activeStake, slashed, feeBps, epoch, stake },
    fees: collected.reduce((sum, { args }) => sum + args.amount, 0n),
    epochEnds: (epoch + 1n) * length,
    challengedAt: isChallenged ? challenge.issuedAt : undefined,
    paused: Object.entries(pausing).flatMap(([name, isPaused]) => (isPaused ? [name] : [])),
  };
}

/** Power that was proven in an epoch, by all nodes together. */
export interface ProvenEpoch {
  readonly epoch: bigint;
  /** Unix seconds. */
  readonly start: bigint;
  /** Hashes per second. */
  readonly rate: bigint;
  readonly nodes: number;
}

/** Reads what all nodes together have proven, epoch by epoch, the oldest first. */
export async function readProvenPower({ protocol, history }: ChainContext): Promise<readonly ProvenEpoch[]> {
  const { challengeManager } = protocol;
  const [length, events] = await Promise.all([
    challengeManager.epochLength(),
    readEvents(history, challengeManager, challengeManager.filters.EpochProven()),
  ]);
  const sums = new Map<bigint, { rate: bigint; nodes: number }>();
  for (const { args } of events) {
    const known = sums.get(args.epoch) ?? { rate: 0n, nodes: 0 };
    sums.set(args.epoch, { rate: known.rate + args.hashRate, nodes: known.nodes + 1 });
  }
  return [...sums]
    .map(([epoch, sum]) => ({ epoch, start: epoch * length, ...sum }))
    .sort((a, b) => (a.epoch < b.epoch ? -1 : 1));
}

/** A scheduled change, in words. */
export interface Change extends Scheduled {
  readonly words: string;
}

/** What a call does, by the contract's own name for it. */
function wordsOf({ config }: ChainContext, { target, data }: Scheduled): string {
  const { contract, name, args } = callOf(config, { to: target, data });
  if (contract === undefined) return `a call to ${target}, which is no contract of the platform`;
  const values = args.map(([param, value]) => `${param.replace(/_$/, "")}: ${value}`).join(", ");
  return name === undefined ? `a call to ${contract}` : `${contract}.${name}(${values})`;
}

/** Reads what governance has scheduled, the newest first. */
export async function readChanges(chain: ChainContext): Promise<readonly Change[]> {
  const scheduled = await readScheduled(chain, chainNow());
  return scheduled.reverse().map((each) => ({ ...each, words: wordsOf(chain, each) }));
}
