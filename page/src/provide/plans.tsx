import type { NodeView } from "../../../src/facts/node.ts";
import { isUnbounded, type StakeLock } from "../../../src/facts/stake.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { Amount, Foreign, Hex, Rate } from "../parts/values.tsx";
import type { Plan } from "../wallet/plan.ts";
import type { OwnNode } from "./warnings.ts";

/** Takes out what nodes have earned. */
export function withdrawEarningsPlan(nodes: readonly OwnNode[], to: string): Plan {
  const earning = nodes.filter(({ earned }) => earned > 0n);
  const ids = earning.map(({ view }) => view.nodeId);
  return {
    account: to,
    title: "Withdraw earnings",
    facts: [
      ["Of nodes", ids.join(", ")],
      ["Comes to your account", <Amount of={earning.reduce((sum, { earned }) => sum + earned, 0n)} />],
      ["To", <Hex of={to} label="receiver" />],
    ],
    transaction: async ({ orderEscrow }) => orderEscrow.withdrawEarnings.populateTransaction(ids, to),
  };
}

/** Adds to an account's stake. */
export function depositPlan({ config }: ChainContext, amount: bigint): Plan {
  return {
    title: "Deposit stake",
    facts: [["Added to your stake", <Amount of={amount} />]],
    warning: "It stays yours. What modules lock of it answers for your promises, and can be slashed.",
    spends: {
      amount,
      spender: config.book.contracts.stakeVault,
      withPermit: async ({ stakeVault }, permit) => stakeVault.depositWithPermit.populateTransaction(amount, permit),
    },
    transaction: async ({ stakeVault }) => stakeVault.deposit.populateTransaction(amount),
  };
}

/** Takes free stake out. */
export function withdrawStakePlan(amount: bigint, to: string): Plan {
  return {
    account: to,
    title: "Withdraw stake",
    facts: [
      ["Comes to your account", <Amount of={amount} />],
      ["To", <Hex of={to} label="receiver" />],
    ],
    warning: "Without free stake nobody can open an order that locks some.",
    transaction: async ({ stakeVault }) => stakeVault.withdraw.populateTransaction(amount, to),
  };
}

/** A cap above all that there can be. */
export const EVERYTHING = 2n ** 128n - 1n;

/** Lets a module lock stake up to a cap. */
export function allowPlan({ module, address, locked }: StakeLock, cap: bigint): Plan {
  return {
    title: `Let ${module} lock stake`,
    facts: [
      ["May lock in all", isUnbounded(cap) ? "everything" : <Amount of={cap} />],
      ["Has locked", <Amount of={locked} />],
      ["Contract", <Hex of={address} label="contract" />],
    ],
    warning: "What it locks it can slash, by the rules of its contract. Existing locks stay, whatever the cap.",
    transaction: async ({ stakeVault }) => stakeVault.allow.populateTransaction(address, cap),
  };
}

/** Changes a node's listed price. */
export function pricePlan({ nodeId, enclaveKey, ratePerUnit }: NodeView, rate: bigint): Plan {
  return {
    title: `Change the price of node ${nodeId.toString()}`,
    facts: [
      ["Price of a unit until now", <Rate of={ratePerUnit} />],
      ["From now on", <Rate of={rate} />],
    ],
    warning: "Open orders keep their price, and so do offers that are signed already: let the gateway sign new ones.",
    transaction: async ({ nodeRegistry }) => nodeRegistry.setRate.populateTransaction(nodeId, enclaveKey, rate),
  };
}

/** Changes where a node's gateway answers. */
export function urlPlan({ nodeId, enclaveKey, url: old }: NodeView, url: string): Plan {
  return {
    title: `Change the gateway's URL of node ${nodeId.toString()}`,
    facts: [
      ["URL until now", <Foreign text={old} />],
      ["From now on", <Foreign text={url} />],
    ],
    warning: "Users reach their applications there at once: have the gateway answer there first.",
    transaction: async ({ nodeRegistry }) => nodeRegistry.setUrl.populateTransaction(nodeId, enclaveKey, url),
  };
}
