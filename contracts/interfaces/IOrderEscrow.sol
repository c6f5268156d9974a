// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IChallengeManager} from "./IChallengeManager.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {IValidatorRewards} from "./IValidatorRewards.sol";
import {Offer, Order, OrderRequest, OrderStatus, StopReason} from "../types/Order.sol";
import {Permit} from "../types/Permit.sol";

/// @title IOrderEscrow
/// @notice Users' money, streamed by the second to providers, and only for seconds covered by correct proofs.
///
/// @dev Amounts are base units of {token}; rates are base units per second with 12 extra decimals; times are Unix seconds.
///
/// **What is paid.** A second is payable iff its epoch is final, the node has proven it, and the second lies between the order's
/// start and its stop. What an order has paid is `floor(rate * payableSeconds / 1e12)`, cumulative, so that how often and by whom
/// it is settled changes nothing. The provider's share is that less `floor(paid * feeBps / 10_000)`. Both round down.
///
/// **When it stops.** The order stops by itself at the second at which its deposit would be used up if the running epoch
/// counted in full; at a close; when three challenged epochs in a row were missed; or when its node ended, or with the epoch in
/// which its node ended if the node had proven that epoch before. That second is a pure function of proofs, deposits, closes and the
/// node's end, whoever records it and whenever ({stopTimeOf}). What missed epochs leave over is surplus. A depleted order restarts only by a top-up of at least an epoch, from then on; the gap is never billed.
///
/// **What a miss costs.** A challenged epoch, wholly inside the order, that the node did not prove is a miss, and unpaid. From the
/// second miss in a row on, each slashes a quarter of the order's stake lock (rounded up, at most what is left of it): to the user
/// as long as the compensation is at most half of what the order has paid, the rest to the treasury. Epochs without a challenge
/// count neither way.
///
/// **Where the money is.** On a ledger: {withdraw} pays refunds out, {withdrawEarnings} what nodes earned. An order's unspent deposit returns to the user's ledger at the close, less the
/// seconds still undecided; those follow when their epoch is final. Anyone may settle; nobody can strand or freeze anything.
interface IOrderEscrow {
    /// @notice An order was opened and streams. {getOrder} tells its terms, which never change.
    event OrderOpened(
        uint256 indexed orderId,
        uint256 indexed nodeId,
        address indexed user,
        bytes32 offerHash,
        uint256 deposit
    );
    /// @notice An order was requested and waits for the provider. {getOrder} tells its terms, which never change.
    event OrderRequested(
        uint256 indexed orderId,
        uint256 indexed nodeId,
        address indexed user,
        uint256 acceptBy,
        uint256 deposit
    );
    /// @notice The provider accepted a request; the order streams.
    event OrderAccepted(uint256 indexed orderId, address indexed provider);
    /// @notice A request was cancelled and refunded to the user's ledger.
    event OrderCancelled(uint256 indexed orderId, address indexed by, uint256 refunded);
    /// @notice A deposit grew. `restarted` says whether a depleted order streams again.
    event OrderToppedUp(uint256 indexed orderId, address indexed payer, uint256 amount, bool restarted);
    /// @notice Decided seconds were paid to the ledger: `amount` in all, `fee` of it as protocol fee.
    event OrderSettled(uint256 indexed orderId, uint256 cursor, uint256 payableSeconds, uint256 amount, uint256 fee);
    /// @notice Misses in a row slashed the order's stake lock.
    event OrderSlashed(uint256 indexed orderId, uint256 faults, uint256 toUser, uint256 toTreasury);
    /// @notice The provider's close was set; the order runs until `stopsAt`.
    event OrderCloseScheduled(uint256 indexed orderId, uint256 stopsAt);
    /// @notice An order was depleted at `stoppedAt`; its units are free, and a top-up restarts it.
    event OrderStopped(uint256 indexed orderId, StopReason reason, uint256 stoppedAt);
    /// @notice An order is over since `stoppedAt`; its units are free, `refunded` went to the user's ledger, `undecided` waits for its
    /// last epoch.
    event OrderClosed(
        uint256 indexed orderId,
        StopReason reason,
        uint256 stoppedAt,
        uint256 refunded,
        uint256 undecided
    );
    /// @notice An order's last epoch is final: `refunded` of the undecided went to the user, the stake lock was released.
    event OrderFinalized(uint256 indexed orderId, uint256 refunded, uint256 stakeReleased);
    /// @notice A provider cancelled an offer.
    event OfferCancelled(address indexed provider, bytes32 indexed offerHash);
    /// @notice An account's money left the ledger.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A node's earnings left the ledger.
    event EarningsWithdrawn(uint256 indexed nodeId, address indexed to, uint256 amount);
    /// @notice Fees were handed to the validators' rewards.
    event FeesCollected(uint256 amount);
    /// @notice Governance set the protocol fee of orders to come.
    event FeeSet(uint16 feeBps);
    /// @notice New commitments were paused or resumed.
    event PausedSet(bool paused);

    /// @notice The id names no order.
    error OrderEscrowUnknownOrder(uint256 orderId);
    /// @notice The order's status does not allow it.
    error OrderEscrowInvalidStatus(uint256 orderId, OrderStatus status);
    /// @notice The caller is neither who may do this nor late enough to do it for everybody.
    error OrderEscrowUnauthorized(uint256 orderId, address caller);
    /// @notice New commitments are paused.
    error OrderEscrowPaused();
    /// @notice The offer's expiry has passed.
    error OrderEscrowOfferExpired(uint256 expiry);
    /// @notice The offer was cancelled, or taken as often as it allows.
    error OrderEscrowOfferExhausted(bytes32 offerHash, uint256 volume);
    /// @notice The offer is for somebody else.
    error OrderEscrowWrongTaker(address expected, address caller);
    /// @notice The offer is in another token.
    error OrderEscrowWrongToken(address expected, address actual);
    /// @notice The node is not the offering provider's.
    error OrderEscrowWrongProvider(address expected, address actual);
    /// @notice The node runs another measurement.
    error OrderEscrowWrongMeasurement(bytes32 expected, bytes32 actual);
    /// @notice The protocol fee is higher than the provider accepts.
    error OrderEscrowFeeTooHigh(uint256 feeBps, uint256 maximum);
    /// @notice The signature is not the provider's over this offer.
    error OrderEscrowInvalidSignature(address provider, bytes32 offerHash);
    /// @notice The node takes no orders: not live, about to end, delisted, or of a status that is not accepted.
    error OrderEscrowNodeNotOpen(uint256 nodeId);
    /// @notice The user wants a node whose quote the chain verified itself; this one was vouched for by a quorum.
    error OrderEscrowNotVerifiedOnChain(uint256 nodeId);
    /// @notice Units of zero, or more than the node has free.
    error OrderEscrowInsufficientUnits(uint256 nodeId, uint256 free, uint256 needed);
    /// @notice A rate of zero.
    error OrderEscrowInvalidRate(uint256 ratePerSecond);
    /// @notice The deposit is less than two epochs cost, or the top-up less than one where it must restart; or beyond 2^104-1.
    error OrderEscrowInvalidDeposit(uint256 amount, uint256 minimum);
    /// @notice An amount of zero.
    error OrderEscrowInvalidAmount(uint256 amount);
    /// @notice The deadline has passed, or lies more than 30 days ahead.
    error OrderEscrowInvalidDeadline(uint256 deadline);
    /// @notice The stop is final: only depletion can be topped up.
    error OrderEscrowNotRestartable(uint256 orderId, StopReason reason);
    /// @notice A close is scheduled already.
    error OrderEscrowCloseScheduled(uint256 orderId, uint256 stopsAt);
    /// @notice A receiver that is the zero address or the escrow itself; a treasury that is the zero address or the vault.
    error OrderEscrowInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked (it takes a fee on transfer, or rebases).
    error OrderEscrowUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice The caller is not the node's provider.
    error OrderEscrowNotProvider(uint256 nodeId, address caller);
    /// @notice Nothing on the ledger for the account, or for the nodes it named.
    error OrderEscrowNothingToWithdraw(address account);
    /// @notice No fees held back on the nodes named.
    error OrderEscrowNoFees();
    /// @notice A parameter breaks its bound.
    error OrderEscrowInvalidParameter(uint256 value, uint256 limit);

    /// @notice The token of all prices. Immutable.
    function token() external view returns (IERC20);

    /// @notice The vault that locks providers' stake. Immutable.
    function vault() external view returns (IStakeVault);

    /// @notice The nodes. Immutable.
    function registry() external view returns (INodeRegistry);

    /// @notice The proofs. Immutable.
    function challenges() external view returns (IChallengeManager);

    /// @notice Where protocol fees go. Immutable.
    function rewards() external view returns (IValidatorRewards);

    /// @notice Where slashed stake goes beyond compensations. Immutable.
    function treasury() external view returns (address);

    /// @notice Seconds after a depletion before anyone may close the order: three days. Immutable.
    function GRACE() external view returns (uint256);

    /// @notice The highest protocol fee that governance can set: 1,000 basis points.
    function MAX_FEE_BPS() external view returns (uint256);

    /// @notice The protocol fee of new orders, in basis points of what is paid.
    function feeBps() external view returns (uint256);

    /// @notice Whether new commitments are paused.
    function paused() external view returns (bool);

    /// @notice How many orders there are; ids run from 1 to this.
    function orderCount() external view returns (uint256);

    /// @notice An order as stored.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function getOrder(uint256 orderId) external view returns (Order memory);

    /// @notice Where an order stands now: status and reason as {settle} would leave them.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function statusOf(uint256 orderId) external view returns (OrderStatus status, StopReason reason);

    /// @notice Unix seconds at which the order stopped or is set to stop; the largest uint256 while nothing has stopped it, no close
    /// is scheduled and the node has no end.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function stopTimeOf(uint256 orderId) external view returns (uint256);

    /// @notice Unix seconds at which the deposit runs out if every epoch from now on is proven; for a stopped order, its stop.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function depletionTimeOf(uint256 orderId) external view returns (uint256);

    /// @notice Seconds until {depletionTimeOf}; 0 for an order that does not stream.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function runwayOf(uint256 orderId) external view returns (uint256);

    /// @notice Decided and not yet settled: what {settle} would pay now, fee included.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function accruedOf(uint256 orderId) external view returns (uint256);

    /// @notice The part of the deposit that waits for the running epoch: payable if the node proves it.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function undecidedOf(uint256 orderId) external view returns (uint256);

    /// @notice What the user would get back by closing now.
    /// @dev Errors: {OrderEscrowUnknownOrder}.
    function surplusOf(uint256 orderId) external view returns (uint256);

    /// @notice Units of a node taken by orders, as recorded; a stopped order holds its units until somebody settles it.
    function unitsInUse(uint256 nodeId) external view returns (uint256);

    /// @notice How often an offer was taken; the largest uint256 once cancelled.
    function takenOf(address provider, bytes32 offerHash) external view returns (uint256);

    /// @notice The EIP-712 hash that a provider signs.
    function hashOffer(Offer calldata offer) external view returns (bytes32);

    /// @notice What an account can {withdraw}: refunds.
    function balanceOf(address account) external view returns (uint256);

    /// @notice What a node's provider can withdraw with {withdrawEarnings}, and the protocol fees held back beside it that nobody has
    /// collected yet.
    function earningsOf(uint256 nodeId) external view returns (uint256 balance, uint256 fees);

    /// @notice Takes a provider's signed offer: escrowed, active, streaming, the provider's stake locked.
    /// @dev Emits {OrderOpened}. Errors: {OrderEscrowPaused}, {OrderEscrowOfferExpired}, {OrderEscrowWrongTaker},
    /// {OrderEscrowWrongToken}, {OrderEscrowFeeTooHigh}, {OrderEscrowOfferExhausted}, {OrderEscrowInvalidSignature},
    /// {OrderEscrowWrongProvider}, {OrderEscrowWrongMeasurement}, {OrderEscrowNodeNotOpen}, {OrderEscrowNotVerifiedOnChain},
    /// {OrderEscrowInsufficientUnits}, {OrderEscrowInvalidRate}, {OrderEscrowInvalidDeposit}, {OrderEscrowUnexpectedAmount}, the vault's
    /// and the token's.
    /// @param offer The offer.
    /// @param signature The provider's: 65 bytes `r ‖ s ‖ v`, or what its ERC-1271 contract understands.
    /// @param deposit Token base units, at least two epochs' cost.
    /// @param onChainOnly Whether only a node whose quote the chain itself verified will do.
    /// @return orderId The new order's id, from 1.
    function open(
        Offer calldata offer,
        bytes calldata signature,
        uint256 deposit,
        bool onChainOnly
    ) external returns (uint256 orderId);

    /// @notice As {open}, with an ERC-2612 permit for the deposit in the same transaction.
    /// @dev A permit that somebody else has carried to the token before is no failure if the allowance is there.
    function openWithPermit(
        Offer calldata offer,
        bytes calldata signature,
        uint256 deposit,
        bool onChainOnly,
        Permit calldata permit
    ) external returns (uint256 orderId);

    /// @notice Escrows a deposit and asks the provider to accept. Whether the node takes orders and has the units is looked at when it
    /// does; until then the user may take the deposit back at any time.
    /// @dev Emits {OrderRequested}. Errors: {OrderEscrowPaused}, {OrderEscrowInvalidDeadline}, {OrderEscrowWrongMeasurement} (also
    /// for the zero measurement), {OrderEscrowInsufficientUnits} for none, {OrderEscrowInvalidRate}, {OrderEscrowInvalidDeposit},
    /// {OrderEscrowUnexpectedAmount}, the registry's for an unknown node, and the token's.
    /// @return orderId The new order's id, from 1.
    function request(OrderRequest calldata request_, uint256 deposit) external returns (uint256 orderId);

    /// @notice As {request}, with an ERC-2612 permit for the deposit.
    function requestWithPermit(
        OrderRequest calldata request_,
        uint256 deposit,
        Permit calldata permit
    ) external returns (uint256 orderId);

    /// @notice Accepts a request: the provider's stake is locked and the order streams from now. Only the node's provider.
    /// @dev Emits {OrderAccepted}. Errors: {OrderEscrowUnknownOrder}, {OrderEscrowPaused}, {OrderEscrowInvalidStatus},
    /// {OrderEscrowUnauthorized}, {OrderEscrowInvalidDeadline}, {OrderEscrowNodeNotOpen}, {OrderEscrowNotVerifiedOnChain},
    /// {OrderEscrowInsufficientUnits}, and the vault's.
    function accept(uint256 orderId) external;

    /// @notice Takes a request back: the user at any time, anyone after its deadline. The deposit goes to the user's ledger.
    /// @dev Emits {OrderCancelled}. Errors: {OrderEscrowUnknownOrder}, {OrderEscrowInvalidStatus}, {OrderEscrowUnauthorized}.
    function cancelRequest(uint256 orderId) external;

    /// @notice Cancels an offer of the caller, whoever holds its signature.
    /// @dev Emits {OfferCancelled}.
    function cancelOffer(bytes32 offerHash) external;

    /// @notice Adds to an order's deposit. Anyone may add to one that streams; only its user restarts a depleted one, with at
    /// least an epoch's cost, from now.
    /// @dev Emits {OrderToppedUp}, and what {settle} emits. Errors: {OrderEscrowUnknownOrder}, {OrderEscrowInvalidStatus},
    /// {OrderEscrowInvalidAmount}, {OrderEscrowInvalidDeposit}, {OrderEscrowUnexpectedAmount}; restarting also: {OrderEscrowPaused},
    /// {OrderEscrowUnauthorized}, {OrderEscrowNotRestartable}, {OrderEscrowNodeNotOpen}, {OrderEscrowNotVerifiedOnChain},
    /// {OrderEscrowInsufficientUnits}.
    function topUp(uint256 orderId, uint256 amount) external;

    /// @notice As {topUp}, with an ERC-2612 permit for the amount.
    function topUpWithPermit(uint256 orderId, uint256 amount, Permit calldata permit) external;

    /// @notice Pays an order's decided seconds to the ledger, slashes for misses in a row, records a stop, frees its units, and pays
    /// out what is over. Anyone may call.
    /// @dev Emits {OrderSettled}, {OrderSlashed}, {OrderStopped}, {OrderClosed}, {OrderFinalized}, each when there is something to
    /// tell. Errors: {OrderEscrowUnknownOrder}, {OrderEscrowInvalidStatus} for a request or a cancelled one.
    /// @param orderId The order.
    /// @param untilEpoch Stop before this epoch, to bound the work; 0 or beyond now: everything decided.
    function settle(uint256 orderId, uint256 untilEpoch) external;

    /// @notice Settles many orders. Duplicates pay once; ids that are not settleable are passed over.
    function settleMany(uint256[] calldata orderIds, uint256 untilEpoch) external;

    /// @notice Closes an order. The user: at once, and gets the rest back, less the undecided seconds. The provider: with the end of the
    /// next epoch. Anyone: a depleted one, after {GRACE}.
    /// @dev Emits {OrderClosed} or {OrderCloseScheduled}, and what {settle} emits. Errors: {OrderEscrowUnknownOrder},
    /// {OrderEscrowInvalidStatus}, {OrderEscrowUnauthorized}, {OrderEscrowCloseScheduled}.
    function close(uint256 orderId) external;

    /// @notice Pays the caller's refunds out to `to`.
    /// @dev Emits {Withdrawn}. Errors: {OrderEscrowInvalidReceiver}, {OrderEscrowNothingToWithdraw}.
    /// @return amount Token base units paid.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Pays the earnings of the caller's nodes out to `to`.
    /// @dev Emits {EarningsWithdrawn} for each. Errors: {OrderEscrowInvalidReceiver}, {OrderEscrowNotProvider},
    /// {OrderEscrowNothingToWithdraw}.
    /// @param nodeIds The nodes; ended ones too.
    /// @param to Who receives.
    /// @return amount Token base units paid in all.
    function withdrawEarnings(uint256[] calldata nodeIds, address to) external returns (uint256 amount);

    /// @notice Hands the fees held back from nodes' earnings to the validators' rewards. Anyone may call.
    /// @dev Emits {FeesCollected}. Errors: {OrderEscrowNoFees}.
    /// @param nodeIds The nodes whose fees to collect.
    function collectFees(uint256[] calldata nodeIds) external returns (uint256 amount);

    /// @notice Sets the protocol fee of orders to come. Governed.
    /// @dev Emits {FeeSet}. Errors: {OrderEscrowInvalidParameter} above {MAX_FEE_BPS}.
    function setFee(uint16 feeBps_) external;

    /// @notice Pauses or resumes new commitments: opening, requesting, accepting, restarting. Nothing else. Guarded, without delay.
    /// @dev Emits {PausedSet}.
    function setPaused(bool paused_) external;
}
