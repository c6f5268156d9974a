import type { OrderView } from "../../../src/facts/order.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { Amount, Hex, Rate, Time } from "../parts/values.tsx";
import type { Plan } from "../wallet/plan.ts";

const nameOf = ({ orderId }: OrderView): string => `order ${orderId.toString()}`;

/** Adds to an order's deposit; a dry one streams again by it. */
export function topUpPlan({ config }: ChainContext, order: OrderView, amount: bigint): Plan {
  const { orderId, termsHash, status } = order;
  return {
    title: `Top up ${nameOf(order)}`,
    facts: [["Added to the deposit", <Amount of={amount} />]],
    ...(status === "Stopped" ? { warning: "It ran dry, and streams again from now on." } : {}),
    spends: {
      amount,
      spender: config.book.contracts.orderEscrow,
      withPermit: async ({ orderEscrow }, permit) =>
        orderEscrow.topUpWithPermit.populateTransaction(orderId, termsHash, amount, permit),
    },
    transaction: async ({ orderEscrow }) => orderEscrow.topUp.populateTransaction(orderId, termsHash, amount),
  };
}

const BY_USER = "It ends now and cannot be opened again. Withdraw what comes back afterwards.";
const BY_PROVIDER = "A provider's close takes effect when the running epochs are over, as its terms say.";

/** Ends an order, by its user or its provider; which of them it is may not be known yet. */
export function closePlan(order: OrderView, account: string | undefined): Plan {
  const { orderId, termsHash, surplus, undecided, user } = order;
  const known = account === user ? BY_USER : BY_PROVIDER;
  return {
    title: `Close ${nameOf(order)}`,
    facts: [
      ["Back to the user's ledger at once", <Amount of={surplus} />],
      ["Waits for the running epoch's proof", <Amount of={undecided} />],
    ],
    warning: account === undefined ? `As its user: ${BY_USER} ${BY_PROVIDER}` : known,
    transaction: async ({ orderEscrow }) => orderEscrow.close.populateTransaction(orderId, termsHash),
  };
}

/** Takes back a request that nobody has accepted. */
export function cancelPlan(order: OrderView): Plan {
  const { orderId, termsHash, surplus } = order;
  return {
    title: `Take back request ${orderId.toString()}`,
    facts: [["Back to your ledger", <Amount of={surplus} />]],
    transaction: async ({ orderEscrow }) => orderEscrow.cancelRequest.populateTransaction(orderId, termsHash),
  };
}

/** Accepts a request, by the node's provider. */
export function acceptPlan(order: OrderView, enclaveKey: string): Plan {
  const { orderId, termsHash, stakeLock, deposited, user, units, ratePerSecond, termsUntil } = order;
  return {
    title: `Accept ${nameOf(order)}`,
    facts: [
      ["User", <Hex of={user} label="user" />],
      ["Units", units.toString()],
      ["Price", <Rate of={ratePerSecond} />],
      ["Can be restarted until", <Time at={termsUntil} />],
      ["Enclave key of the node", <Hex of={enclaveKey} label="enclave key" />],
      ["Deposit", <Amount of={deposited} />],
      ["Stake of yours that is locked", <Amount of={stakeLock} />],
    ],
    warning: "Missed proofs cost stake from now on.",
    transaction: async ({ orderEscrow }) =>
      orderEscrow.accept.populateTransaction(orderId, termsHash, enclaveKey, deposited),
  };
}

/** Pays what is decided. Anybody can. */
export function settlePlan(order: OrderView): Plan {
  const { orderId, accrued } = order;
  return {
    title: `Settle ${nameOf(order)}`,
    facts: [["Decided, and paid now", <Amount of={accrued} />]],
    transaction: async ({ orderEscrow }) => orderEscrow.settle.populateTransaction(orderId, 0n),
  };
}

/** Takes an account's refunds out of the escrow. */
export function withdrawPlan(amount: bigint, to: string): Plan {
  return {
    account: to,
    title: "Withdraw your refunds",
    facts: [
      ["Comes to your account", <Amount of={amount} />],
      ["To", <Hex of={to} label="receiver" />],
    ],
    transaction: async ({ orderEscrow }) => orderEscrow.withdraw.populateTransaction(to),
  };
}
