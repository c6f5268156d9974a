// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice Where an order is in its life.
/// - `Requested`: escrowed, waits for the provider.
/// - `Active`: streams, or has stopped in fact and nobody has recorded it yet (see {IOrderEscrow-stopTimeOf}).
/// - `Stopped`: its deposit is used up; its units are free; a top-up restarts it, a close ends it.
/// - `Closing`: over; its last epoch is not final yet, and the stake lock and the undecided money wait for it.
/// - `Closed`: over and paid out to the ledger.
/// - `Cancelled`: a request that was never accepted; the deposit is back on the user's ledger.
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
/// - `Depleted`: the deposit would be used up if the running epoch counted in full.
/// - `UserClosed`, `ProviderClosed`: somebody closed it.
/// - `Faults`: the node missed three challenged epochs in a row.
/// - `NodeEnded`: the node exited, was revoked, disproven, withheld, taken over or delisted.
enum StopReason {
    None,
    Depleted,
    UserClosed,
    ProviderClosed,
    Faults,
    NodeEnded
}

/// @notice A provider's signed offer. EIP-712 type of the same name and fields, in the escrow's domain.
/// @param provider The signer: an account or an ERC-1271 contract; must own the node.
/// @param nodeId The node offered.
/// @param token The token of the price; must be the escrow's.
/// @param units Units that one order takes.
/// @param ratePerSecond Price of one order: token base units per second with 12 extra decimals.
/// @param stakeLock Token base units of the provider's stake locked behind each order.
/// @param maxFeeBps The highest protocol fee, in basis points of what is paid, that the provider accepts.
/// @param mrEnclave The measurement that the node must run.
/// @param expiry Unix seconds; the offer can be taken before it.
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
    uint16 maxFeeBps;
    bytes32 mrEnclave;
    uint40 expiry;
    uint32 volume;
    address taker;
    uint256 salt;
}

/// @notice What a user asks of a provider without an offer.
/// @param nodeId The node wanted.
/// @param units Units wanted.
/// @param ratePerSecond Price proposed for them together: token base units per second with 12 extra decimals.
/// @param stakeLock Token base units of stake that the provider must lock behind the order.
/// @param mrEnclave The measurement that the node must run.
/// @param onChainOnly Whether only a node whose quote the chain itself verified will do.
/// @param acceptBy Unix seconds; the provider can accept before it.
struct OrderRequest {
    uint256 nodeId;
    uint16 units;
    uint128 ratePerSecond;
    uint96 stakeLock;
    bytes32 mrEnclave;
    bool onChainOnly;
    uint40 acceptBy;
}

/// @notice What an order fixes at its opening; nothing changes it afterwards. One storage slot, filled to the last bit.
/// @param nodeId The node. Ids count up from 1 and every node is declared by a transaction of its own, so 48 bits never run out.
/// @param ratePerSecond Token base units per second with 12 extra decimals.
/// @param feeBps Protocol fee in basis points of what is paid.
/// @param units Units taken.
/// @param onChainOnly Whether the user asked for a node whose quote the chain itself verified; checked when the order opens.
/// @param acceptBy Unix seconds before which the provider could accept the request; 0 for an order opened by an offer.
struct FixedTerms {
    uint48 nodeId;
    uint128 ratePerSecond;
    uint16 feeBps;
    uint16 units;
    bool onChainOnly;
    uint40 acceptBy;
}

/// @notice How far an order has come. One storage slot, so that settling writes one.
/// @param cursor Unix seconds: everything before is decided and counted in `payableSeconds`.
/// @param payableSeconds Seconds of service covered by proofs; `floor(rate * payableSeconds / 1e12)` has been paid.
/// @param stopAt Unix seconds at which the order stopped or, by a provider's close, will; 0 while open-ended.
/// @param deposited Token base units put in and not refunded.
/// @param missRun Challenged epochs missed in a row, up to the cursor.
/// @param faults Misses from the second in a row on; each slashes a quarter of the lock. Stays at 255.
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
/// @param terms What was fixed at opening.
/// @param progress How far it has come.
/// @param user Who pays and gets refunds. Fixed.
/// @param stakeLock Token base units of the provider's stake behind the order at opening. Fixed.
/// @param compensated Token base units of slashed stake that went to the user.
struct Order {
    FixedTerms terms;
    Progress progress;
    address user;
    uint96 stakeLock;
    uint128 compensated;
}
