import type { ErrorTable } from "./table.ts";

export const orderEscrowErrors: ErrorTable = {
  OrderEscrowMismatch: [
    "The contracts do not belong together: one names {actual} instead of {expected}.",
    "Deploy with the module, which wires one platform.",
  ],
  OrderEscrowUnknownOrder: ["There is no order {orderId}.", "Look up the id with `order list`."],
  OrderEscrowInvalidStatus: [
    "Order {orderId} is {status:OrderStatus}, which does not allow this.",
    "See what it allows with `order show {orderId}`.",
  ],
  OrderEscrowUnauthorized: [
    "{caller} may not do this to order {orderId}, or not yet.",
    "Use the account of the order's user or provider (`--account`), or wait until the order's terms are over (`order show {orderId}`).",
  ],
  OrderEscrowWrongTerms: [
    "Order {orderId} has other terms or another user than the transaction names: {expected} instead of {actual}.",
    "The chain may have been reorganised. Look at the order again, `order show {orderId}`, and find yours with `order list`.",
  ],
  OrderEscrowTermsExpired: [
    "The terms of order {orderId} could be taken until {termsUntil:time}.",
    "Open a new order by an offer or request of today.",
  ],
  OrderEscrowNotProvider: [
    "{caller} is not the provider of node {nodeId}.",
    "Use the account that declared the node (`--account`).",
  ],
  OrderEscrowPaused: [
    "New commitments are paused.",
    "Wait until the guardian resumes them; settling, closing and withdrawing work meanwhile.",
  ],
  OrderEscrowOfferExpired: ["The offer expired on {expiry:time}.", "Ask the provider for a new offer."],
  OrderEscrowOfferExhausted: [
    "The offer {offerHash} was cancelled, or has been taken {volume} times already, which is all it allows.",
    "Ask the provider for a new offer.",
  ],
  OrderEscrowWrongTaker: [
    "The offer is for {expected} alone, not for {caller}.",
    "Use that account, or ask the provider for an offer to yours.",
  ],
  OrderEscrowWrongToken: [
    "The offer is in the token {actual}; this escrow takes {expected}.",
    "Ask for an offer made for this escrow.",
  ],
  OrderEscrowWrongProvider: [
    "The offer is signed by {actual}, but the node belongs to {expected}.",
    "Take only offers of the node's own provider.",
  ],
  OrderEscrowWrongMeasurement: [
    "The node runs the enclave {actual} instead of {expected}.",
    "Ask for the measurement that the node runs, if you trust that code; see `node show`.",
  ],
  OrderEscrowWrongEnclaveKey: [
    "The node has the enclave key {actual} instead of {expected}.",
    "It is another node than was meant: look at it with `node show`, and ask for a new offer or make a new request.",
  ],
  OrderEscrowWrongModel: [
    "The node was declared with the hardware model {actual} instead of {expected}.",
    "It is another node than was meant, or was declared anew: look at it with `node show`, and ask for a new offer or make a new request.",
  ],
  OrderEscrowFeeTooHigh: [
    "The protocol fee is {feeBps} basis points; the provider accepts {maximum}.",
    "Ask the provider to sign an offer that accepts the current fee.",
  ],
  OrderEscrowInvalidSignature: [
    "The signature on the offer {offerHash} is not {provider}'s for this chain and escrow.",
    "Take the file as the provider signed it, on the network that it was signed for.",
  ],
  OrderEscrowNodeNotOpen: [
    "Node {nodeId} takes no orders: it is not live, about to end, delisted, or its TCB status is not accepted.",
    "See why with `node show {nodeId}`; its provider may have to `node renew` it.",
  ],
  OrderEscrowNotVerifiedOnChain: [
    "Node {nodeId} was vouched for by a validator quorum; its quote was not verified on chain.",
    "Choose another node, or accept a quorum by leaving `--on-chain-only` out.",
  ],
  OrderEscrowInsufficientUnits: [
    "Node {nodeId} has {free} units free, and {needed} are needed (an order takes at least one).",
    "Ask for fewer units, or settle stopped orders of the node, which frees theirs.",
  ],
  OrderEscrowInvalidRate: ["The rate must be greater than zero, not {ratePerSecond}.", "Give a price above zero."],
  OrderEscrowInvalidDeposit: [
    "A deposit of {amount:tokens} tokens is not possible; the minimum here is {minimum:tokens}.",
    "Give at least that: two epochs' cost and what the offer demands to begin with, an epoch's cost to restart.",
  ],
  OrderEscrowInvalidAmount: [
    "The amount must be greater than zero, not {amount:tokens} tokens.",
    "Give an amount above zero.",
  ],
  OrderEscrowInvalidDeadline: [
    "The deadline {deadline:time} has passed, or lies more than 30 days ahead.",
    "Make a request with a deadline within the next 30 days.",
  ],
  OrderEscrowNotRestartable: [
    "Order {orderId} stopped for good: {reason:StopReason}.",
    "Open a new order; only one whose deposit ran out before its terms were over can be topped up again.",
  ],
  OrderEscrowCloseScheduled: [
    "Order {orderId} already ends on {stopsAt:time}.",
    "There is nothing left to do until then.",
  ],
  OrderEscrowInvalidReceiver: ["{receiver} cannot receive tokens.", "Give an account other than zero and the escrow."],
  OrderEscrowUnexpectedAmount: [
    "The token moved {received:tokens} instead of {expected:tokens}.",
    "The platform takes no tokens that charge a fee on transfer or rebase.",
  ],
  OrderEscrowNothingToWithdraw: [
    "The ledger has nothing for {account}, or for the nodes that it named.",
    "Settle or close an order first: `order settle`, `order close`.",
  ],
  OrderEscrowNothingToRelease: [
    "No node that was named has stake of {account} locked that no order needs.",
    "Settle stopped orders of the nodes first: `order settle`.",
  ],
  OrderEscrowNoFees: ["No fees are held back on the nodes that were named.", "Settle orders of a node first."],
  OrderEscrowInvalidParameter: ["The value {value} is outside its bound {limit}.", "Give a value within the bound."],
};
