import { everybody } from "./actors.ts";
import { mustEqual } from "./unmet.ts";
import type { World } from "./world.ts";
import { costOf } from "../src/amounts.ts";

/** What somebody has, in base units. */
export interface Holding {
  readonly name: string;
  readonly wallet: bigint;
  /** In the stake vault, locked or not. */
  readonly stake: bigint;
  /** The part of the stake that a module holds locked. */
  readonly locked: bigint;
  /** On the escrows' ledgers: refunds, fees, and what its nodes earned. */
  readonly ledger: bigint;
}

/** What a contract holds for others, and what it owes them. */
export interface Custodian {
  readonly name: string;
  readonly holds: bigint;
  readonly owes: bigint;
}

/** Who has what, everywhere. */
export interface Balances {
  readonly holdings: readonly Holding[];
  readonly custodians: readonly Custodian[];
  readonly totalSupply: bigint;
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** All that somebody has. */
export function wealthOf({ wallet, stake, ledger }: Holding): bigint {
  return wallet + stake + ledger;
}

/** Reads who has what from the contracts. */
export async function readBalances(world: World): Promise<Balances> {
  const { protocol, actors } = world;
  const { token, stakeVault, orderEscrow, taskEscrow } = protocol;
  const nodes = await readNodes(world);
  const accounts = await Promise.all(
    everybody(actors).map(async ({ name, signer }) => {
      const [wallet, { stake, locked }, refunds, ofTasks] = await Promise.all([
        token.balanceOf(signer),
        stakeVault.stakeOf(signer),
        orderEscrow.balanceOf(signer),
        taskEscrow.balanceOf(signer),
      ]);
      const earned = sum(nodes.filter(({ provider }) => provider === signer.address).map(({ balance }) => balance));
      const ofOrders = refunds + earned;
      return { holding: { name, wallet, stake, locked, ledger: ofOrders + ofTasks }, ofOrders, ofTasks };
    }),
  );
  const holdings = accounts.map(({ holding }) => holding);
  const ledgers = {
    orders: sum(accounts.map(({ ofOrders }) => ofOrders)) + sum(nodes.map(({ fees }) => fees)),
    tasks: sum(accounts.map(({ ofTasks }) => ofTasks)),
  };
  const custodians = await readCustodians(world, holdings, ledgers);
  return { holdings, custodians, totalSupply: await token.totalSupply() };
}

/** What each node has earned for its provider, and the fees beside it. */
async function readNodes({ protocol }: World) {
  const { nodeRegistry, orderEscrow } = protocol;
  const count = Number(await nodeRegistry.nodeCount());
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const [{ provider }, { balance, fees }] = await Promise.all([
        nodeRegistry.getNode(i + 1),
        orderEscrow.earningsOf(i + 1),
      ]);
      return { provider, balance, fees };
    }),
  );
}

async function readCustodians(
  world: World,
  holdings: readonly Holding[],
  ledgers: { readonly orders: bigint; readonly tasks: bigint },
): Promise<Custodian[]> {
  const { token, stakeVault, orderEscrow, taskEscrow, validatorRewards } = world.protocol;
  const [vault, orders, tasks, rewards] = await Promise.all(
    [stakeVault, orderEscrow, taskEscrow, validatorRewards].map(async (contract) => token.balanceOf(contract)),
  );
  return [
    { name: "stake vault", holds: vault ?? 0n, owes: sum(holdings.map(({ stake }) => stake)) },
    { name: "order escrow", holds: orders ?? 0n, owes: ledgers.orders + (await unspentDeposits(world)) },
    { name: "task escrow", holds: tasks ?? 0n, owes: ledgers.tasks + (await runningTasks(world)) },
    { name: "validator rewards", holds: rewards ?? 0n, owes: await pots(world) },
  ];
}

/** Deposits not yet spent or refunded. */
async function unspentDeposits({ protocol }: World): Promise<bigint> {
  const { orderEscrow } = protocol;
  const orders = await Promise.all(
    Array.from({ length: Number(await orderEscrow.orderCount()) }, async (_, i) => orderEscrow.getOrder(i + 1)),
  );
  return sum(
    orders.map(({ terms, progress }) => progress.deposited - costOf(terms.ratePerSecond, progress.payableSeconds)),
  );
}

/** What tasks that are not over hold in escrow. */
async function runningTasks({ protocol }: World): Promise<bigint> {
  const { taskEscrow } = protocol;
  const count = Number(await taskEscrow.taskCount());
  return sum(await Promise.all(Array.from({ length: count }, async (_, i) => taskEscrow.escrowOf(i + 1))));
}

/** What is in the pots of this reward period and the one before. */
async function pots({ protocol }: World): Promise<bigint> {
  const { validatorRewards, challengeManager } = protocol;
  const period = await challengeManager.currentPeriod();
  return sum(await Promise.all([period - 1n, period].map(async (each) => validatorRewards.potOf(each))));
}

/**
 * Makes sure that every custodian holds what it owes, and that all there is belongs to somebody, to the unit.
 *
 * @throws {Unmet} When it does not.
 */
export function checkSums({ holdings, custodians, totalSupply }: Balances): void {
  for (const { name, holds, owes } of custodians) mustEqual(`What the ${name} holds for what it owes`, holds, owes);
  const held = sum([...holdings.map(({ wallet }) => wallet), ...custodians.map(({ holds }) => holds)]);
  mustEqual("All wallets and custodians together, the token's supply", held, totalSupply);
}
