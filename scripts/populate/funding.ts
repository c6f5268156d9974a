import { MaxUint256, type Wallet } from "ethers";

import type { World } from "./world.ts";
import type { ContractName } from "../../src/deployments.ts";

/** Somebody who gets tokens, and what they are for. */
export interface Grantee {
  readonly account: Wallet;
  /** Token base units. */
  readonly amount: bigint;
  /** Contracts that may take them. */
  readonly spenders: readonly ContractName[];
}

/** Gives accounts coins and tokens, and has them allow contracts to take the tokens. */
export async function fund(world: World, grantees: readonly Grantee[]): Promise<void> {
  const { chain, sender, people, protocol, book } = world;
  const { token } = protocol;
  await chain.enrich([people.bank.address, ...grantees.map(({ account }) => account.address)]);
  await sender.send(
    grantees.map(({ account, amount }) => ({
      by: people.bank,
      tx: token.transfer.populateTransaction(account.address, amount),
      what: "hand out tokens",
    })),
  );
  await sender.send(
    grantees.flatMap(({ account, spenders }) =>
      spenders.map((spender) => ({
        by: account,
        tx: token.approve.populateTransaction(book.contracts[spender], MaxUint256),
        what: `let the ${spender} take tokens`,
      })),
    ),
  );
}

/** Somebody's stake, and which modules may lock it. */
export interface Staking {
  readonly account: Wallet;
  /** Token base units. */
  readonly amount: bigint;
  readonly modules: readonly ContractName[];
}

/** Deposits stake that was given by {@link fund}, and lets modules lock all of it. */
export async function stake(world: World, stakings: readonly Staking[]): Promise<void> {
  const { sender, protocol, book } = world;
  const { stakeVault } = protocol;
  await sender.send(
    stakings.flatMap(({ account, amount, modules }) => [
      { by: account, tx: stakeVault.deposit.populateTransaction(amount), what: "deposit stake" },
      ...modules.map((module) => ({
        by: account,
        tx: stakeVault.allow.populateTransaction(book.contracts[module], (1n << 128n) - 1n),
        what: `let the ${module} lock stake`,
      })),
    ]),
  );
}
