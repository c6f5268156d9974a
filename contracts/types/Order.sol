// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice Where an order is in its life.
/// - `None`: there is no such order.
/// - `Requested`: its deposit is escrowed, and it waits for the provider.
/// - `Active`: it streams, or has stopped in fact and nobody has recorded it yet (see {IOrderEscrow-stopTimeOf}).
/// - `Stopped`: its deposit is used up, and its units and stake lock are free; a top-up restarts it, a close ends it.
/// - `Closing`: it is over; its last epoch is not final yet, and the undecided money waits for that.
/// - `Closed`: it is over and paid out to the ledger.
/// - `Cancelled`: a request that was never accepted; its deposit is back on the user's ledger.
enum OrderStatus {
    None,
    Requested,
    Active,
    Stopped,
    Closing,
    Closed,
    Cancelled
}

/// @notice Why an order stopped streaming.
/// - `None`: it has not stopped, and no close is scheduled.
/// - `Depleted`: its deposit would be used up if the running epoch counted in full.
/// - `UserClosed`: its user closed it.
/// - `ProviderClosed`: its provider closed it, with effect at the end of the next epoch.
/// - `Faults`: its node missed three answered epochs in a row.
/// - `NodeEnded`: its node exited, was revoked, disproven, withheld, taken over or delisted.
enum StopReason {
    None,
    Depleted,
    UserClosed,
    ProviderClosed,
    Faults,
    NodeEnded
}

/// @notice A provider's signed offer. The EIP-712 type has the same name and fields, in the escrow's domain.
/// @param provider The signer: an account or an ERC-1271 contract; it must own the node.
/// @param nodeId The node that is offered.
/// @param token The token of the price; it must be the escrow's.
/// @param units How many units one order takes, at least 1.
/// @param ratePerSecond The price of one order: token base units per second with 12 extra decimals, at least 1.
/// @param stakeLock Token base units of the provider's stake that each order locks.
/// @param minDeposit Token base units that an order must be opened with at the least; two epochs' cost where that is
/// more.
/// @param maxFeeBps The highest protocol fee, in basis points of what is paid, that the provider accepts.
/// @param mrEnclave The measurement that the node must run.
/// @param enclaveKey Address of the node's enclave key. No other live node has it, whatever number it has.
/// @param modelId The node's hardware model in the catalog: what the node was declared with says how much power it proves.
/// @param expiry Unix seconds before which the offer can be taken, and an order opened with it can be restarted.
/// @param volume How many orders may be opened with this offer.
/// @param taker The only account that may take it; zero for anyone.
/// @param salt Makes two otherwise equal offers distinct.
struct Offer {
    address provider;
    uint256 nodeId;
    address token;
    uint16 units;
    uint128 ratePerSecond;
    uint96 stakeLock;
    uint104 minDeposit;
    uint16 maxFeeBps;
    bytes32 mrEnclave;
    address enclaveKey;
    uint32 modelId;
    uint40 expiry;
    uint32 volume;
    address taker;
    uint256 salt;
}

/// @notice What a user asks of a provider without an offer.
/// @param nodeId The node that the user wants.
/// @param units How many units the user wants, at least 1.
/// @param ratePerSecond The price that the user proposes for them together: token base units per second with 12 extra
/// decimals, at least 1.
/// @param stakeLock Token base units of stake that the provider must lock for the order.
/// @param mrEnclave The measurement that the node must run.
/// @param enclaveKey Address of the node's enclave key. No other live node has it, whatever number it has.
/// @param modelId The node's hardware model in the catalog: what the node was declared with says how much power it proves.
/// @param onChainOnly Whether the node's newest quote must have been verified by the chain itself.
/// @param acceptBy Unix seconds before which the provider can accept, and the order can be restarted.
struct OrderRequest {
    uint256 nodeId;
    uint16 units;
    uint128 ratePerSecond;
    uint96 stakeLock;
    bytes32 mrEnclave;
    address enclaveKey;
    uint32 modelId;
    bool onChainOnly;
    uint40 acceptBy;
}

/// @notice What an order fixes at its opening; nothing changes it afterwards. One storage slot, filled to the last bit.
/// @param nodeId The node. Ids count up from 1 and every node is declared by a transaction of its own, so 48 bits never
/// run out.
/// @param ratePerSecond Token base units per second with 12 extra decimals.
/// @param feeBps The protocol fee in basis points of what is paid.
/// @param units How many units the order takes.
/// @param onChainOnly Whether the user asked for a node whose quote the chain verified itself; checked when the order
/// opens and when it restarts.
/// @param termsUntil Unix seconds before which the terms can be taken, at the opening or at a restart: the expiry of the
/// offer, or the deadline of the request.
struct FixedTerms {
    uint48 nodeId;
    uint128 ratePerSecond;
    uint16 feeBps;
    uint16 units;
    bool onChainOnly;
    uint40 termsUntil;
}

/// @notice How far an order has come. One storage slot, so that settling writes one.
/// @param cursor Unix seconds before which everything is decided and counted in `payableSeconds`.
/// @param payableSeconds Seconds of the order that proofs cover; `floor(rate * payableSeconds / 1e12)` has been paid.
/// @param stopAt Unix seconds at which the order stopped or, by a provider's close, will stop; 0 while neither is
/// recorded.
/// @param deposited Token base units put in and not refunded.
/// @param missRun Challenged epochs missed in a row, up to the cursor.
/// @param faults Misses from the second in a row on, each of which slashes a quarter of the lock; at most 255 are
/// counted.
/// @param status Where the order is in its life.
/// @param reason Why it stopped; `ProviderClosed` already while a provider's close waits for its time.
struct Progress {
    uint40 cursor;
    uint40 payableSeconds;
    uint40 stopAt;
    uint104 deposited;
    uint8 missRun;
    uint8 faults;
    OrderStatus status;
    StopReason reason;
}

/// @notice An order: units of a node over time, paid by the second.
/// @param terms What was fixed at its opening.
/// @param progress How far it has come.
/// @param user The account that pays and gets refunds. Never changes.
/// @param stakeLock Token base units of the provider's stake that its opening locked: the most that it can lose by this
/// order. Never changes.
struct Order {
    FixedTerms terms;
    Progress progress;
    address user;
    uint96 stakeLock;
}
