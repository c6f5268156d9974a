import { everybody } from "./actors.ts";
import { mustEqual } from "./unmet.ts";
import type { World } from "./world.ts";
import { costOf } from "../../src/amounts.ts";

/** What somebody has, in base units. */
export interface Holding {
  readonly name: string;
  readonly wallet: bigint;
  /** In the stake vault, locked or not. */
  readonly stake: bigint;
  /** The part of the stake that a module holds locked. */
  readonly locked: bigint;
  /** On the order escrow's ledger. */
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
  const { token, stakeVault, orderEscrow } = protocol;
  const holdings = await Promise.all(
    everybody(actors).map(async ({ name, signer }) => {
      const [wallet, { stake, locked }, ledger] = await Promise.all([
        token.balanceOf(signer),
        stakeVault.stakeOf(signer),
        orderEscrow.balanceOf(signer),
      ]);
      return { name, wallet, stake, locked, ledger };
    }),
  );
  return { holdings, custodians: await readCustodians(world, holdings), totalSupply: await token.totalSupply() };
}

async function readCustodians(world: World, holdings: readonly Holding[]): Promise<Custodian[]> {
  const { token, stakeVault, orderEscrow, validatorRewards } = world.protocol;
  const [vault, escrow, rewards] = await Promise.all(
    [stakeVault, orderEscrow, validatorRewards].map(async (contract) => token.balanceOf(contract)),
  );
  const ledgers = sum(holdings.map(({ ledger }) => ledger));
  return [
    { name: "stake vault", holds: vault ?? 0n, owes: sum(holdings.map(({ stake }) => stake)) },
    { name: "order escrow", holds: escrow ?? 0n, owes: ledgers + (await heldForOrders(world)) },
    { name: "validator rewards", holds: rewards ?? 0n, owes: await pots(world) },
  ];
}

/** Deposits not yet spent or refunded, and fees not yet collected. */
async function heldForOrders({ protocol, actors }: World): Promise<bigint> {
  const { orderEscrow } = protocol;
  const fees = await Promise.all(
    [actors.provider, actors.copycat].map(async ({ signer }) => orderEscrow.feesOf(signer)),
  );
  const orders = await Promise.all(
    Array.from({ length: Number(await orderEscrow.orderCount()) }, async (_, i) => orderEscrow.getOrder(i + 1)),
  );
  const unspent = orders.map(({ terms, progress }) => progress.deposited - costOf(terms.ratePerSecond, progress.payableSeconds));
  return sum([...fees, ...unspent]);
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
