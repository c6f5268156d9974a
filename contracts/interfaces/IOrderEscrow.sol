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
/// @notice Users' money, streamed by the second to providers, and only for seconds that correct proofs cover.
///
/// @dev Amounts are base units of {token}; rates are base units per second with 12 extra decimals; times are Unix
/// seconds.
///
/// **What is paid.** A second is payable if and only if its epoch is final, the node has proven that epoch, and the
/// second lies between the order's start and its stop. An order has paid `floor(rate * payableSeconds / 1e12)` in all.
/// Because this amount is cumulative, it does not matter how often and by whom the order is settled. The provider's
/// share is that amount less `floor(paid * feeBps / 10_000)`. Both round down.
///
/// **When it stops.** The order stops by itself at the second at which its deposit would be used up if the running
/// epoch counted in full; at a close; when three answered epochs in a row were missed; or when its node ended (with
/// the end of that epoch, if the node had proven it before it ended). That second is a pure function of proofs,
/// deposits, closes and the node's end, whoever records it and whenever ({stopTimeOf}). What missed epochs leave over
/// is surplus. A depleted order restarts only by a top-up of at least an epoch's cost, from then on and only as long as
/// its terms can be taken (`termsUntil`); the gap is never billed.
///
/// **What a miss costs.** A miss is an epoch, wholly inside the order, that the node did not prove although some node
/// did; it is not paid, and its price stays the user's. From the second miss in a row on, each slashes a quarter of the
/// order's stake lock (rounded up, at most what is left of it), for the treasury. The user gets nothing of it, so that
/// nobody can earn by stopping a node. An epoch that nobody proved neither counts as a miss nor ends a run of misses:
/// perhaps nobody could.
///
/// **What secures it.** An order takes units of its node, and a lock of its provider's stake. Both are free again as
/// soon as the order's stop is recorded, since no miss can follow. Of an order that has paid for an epoch or more the stake
/// stays locked in the vault, idle, for the node's next order or a restart, until the provider takes it out
/// ({releaseIdle}); otherwise it is free stake at once, so that nobody ties up a provider's stake for nothing.
///
/// **Which order is meant.** After a reorganisation of the chain another order may have the same number. Whatever
/// commits money or stake, or ends an order, therefore names a hash of its terms and its user ({termsHashOf}); offers
/// and requests name their node by its enclave and the enclave's key.
///
/// **Where the money is.** On a ledger: {withdraw} pays out refunds, {withdrawEarnings} what nodes have earned. An
/// order's unspent deposit returns to the user's ledger at the close, less the seconds that are still undecided; those
/// follow when their epoch is final. Anyone may settle; nobody can strand or freeze anything.
///
/// Functions that move tokens cannot be re-entered (`ReentrancyGuardReentrantCall`).
interface IOrderEscrow {
    /// @notice An order was opened and streams. {getOrder} returns its terms, which never change.
    /// @param orderId The new order's id, from 1.
    /// @param nodeId The node that serves it.
    /// @param user The account that pays and gets refunds.
    /// @param offerHash The EIP-712 hash of the offer that was taken.
    /// @param deposit Token base units put in.
    event OrderOpened(
        uint256 indexed orderId,
        uint256 indexed nodeId,
        address indexed user,
        bytes32 offerHash,
        uint256 deposit
    );
    /// @notice An order was requested and waits for the provider. {getOrder} returns its terms, which never change.
    /// @param orderId The new order's id, from 1.
    /// @param nodeId The node that is asked for.
    /// @param user The account that pays and gets refunds.
    /// @param acceptBy Unix seconds before which the provider can accept.
    /// @param deposit Token base units put in.
    event OrderRequested(
        uint256 indexed orderId,
        uint256 indexed nodeId,
        address indexed user,
        uint256 acceptBy,
        uint256 deposit
    );
    /// @notice The provider accepted a request; the order streams.
    /// @param orderId The order.
    /// @param provider The node's provider.
    event OrderAccepted(uint256 indexed orderId, address indexed provider);
    /// @notice A request was cancelled, and its deposit went back to the user's ledger.
    /// @param orderId The order.
    /// @param by The caller.
    /// @param refunded Token base units credited to the user.
    event OrderCancelled(uint256 indexed orderId, address indexed by, uint256 refunded);
    /// @notice An order's deposit grew.
    /// @param orderId The order.
    /// @param payer The account that paid.
    /// @param amount Token base units added.
    /// @param restarted Whether a depleted order streams again.
    event OrderToppedUp(uint256 indexed orderId, address indexed payer, uint256 amount, bool restarted);
    /// @notice Decided seconds were paid to the ledger.
    /// @param orderId The order.
    /// @param cursor Unix seconds before which everything is decided now.
    /// @param payableSeconds Seconds of the order that proofs cover so far.
    /// @param amount Token base units paid by this settlement, fee included.
    /// @param fee The part of `amount` that is the protocol fee.
    event OrderSettled(uint256 indexed orderId, uint256 cursor, uint256 payableSeconds, uint256 amount, uint256 fee);
    /// @notice Misses in a row slashed the order's stake lock.
    /// @param orderId The order.
    /// @param faults The order's faults so far.
    /// @param amount Token base units that went to the treasury's free stake.
    event OrderSlashed(uint256 indexed orderId, uint256 faults, uint256 amount);
    /// @notice The provider closed an order, which runs on until the close takes effect.
    /// @param orderId The order.
    /// @param stopsAt Unix seconds at which the order stops at the latest.
    event OrderCloseScheduled(uint256 indexed orderId, uint256 stopsAt);
    /// @notice An order was depleted. Its units and its stake lock are free, and a top-up restarts it.
    /// @param orderId The order.
    /// @param reason Why it stopped: `Depleted`.
    /// @param stoppedAt Unix seconds at which it stopped.
    event OrderStopped(uint256 indexed orderId, StopReason reason, uint256 stoppedAt);
    /// @notice An order is over, and its units and its stake lock are free.
    /// @param orderId The order.
    /// @param reason Why it stopped.
    /// @param stoppedAt Unix seconds at which it stopped.
    /// @param refunded Token base units that went to the user's ledger.
    /// @param undecided Token base units that wait until the order's last epoch is final.
    event OrderClosed(
        uint256 indexed orderId,
        StopReason reason,
        uint256 stoppedAt,
        uint256 refunded,
        uint256 undecided
    );
    /// @notice An order's last epoch is final, and all of it is paid.
    /// @param orderId The order.
    /// @param refunded Token base units of what was undecided that went to the user's ledger.
    event OrderFinalized(uint256 indexed orderId, uint256 refunded);
    /// @notice Stake that no order of a node needs was unlocked.
    /// @param nodeId The node.
    /// @param amount Token base units that are the provider's free stake again.
    event IdleLockReleased(uint256 indexed nodeId, uint256 amount);
    /// @notice A provider cancelled an offer.
    /// @param provider The provider.
    /// @param offerHash The offer's EIP-712 hash.
    event OfferCancelled(address indexed provider, bytes32 indexed offerHash);
    /// @notice The ledger paid out an account's refunds.
    /// @param account The account.
    /// @param to The receiver.
    /// @param amount Token base units paid.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice The ledger paid out a node's earnings.
    /// @param nodeId The node.
    /// @param to The receiver.
    /// @param amount Token base units paid.
    event EarningsWithdrawn(uint256 indexed nodeId, address indexed to, uint256 amount);
    /// @notice Protocol fees were handed to the validators' rewards.
    /// @param amount Token base units handed over.
    event FeesCollected(uint256 amount);
    /// @notice Governance set the protocol fee of future orders.
    /// @param feeBps The fee in basis points of what is paid.
    event FeeSet(uint16 feeBps);
    /// @notice New commitments were paused or resumed.
    /// @param paused Whether they are paused now.
    event PausedSet(bool paused);

    /// @notice There is no order with this id.
    /// @param orderId The unknown id.
    error OrderEscrowUnknownOrder(uint256 orderId);
    /// @notice The order's status does not allow the call.
    /// @param orderId The order.
    /// @param status Its status.
    error OrderEscrowInvalidStatus(uint256 orderId, OrderStatus status);
    /// @notice The order has other terms, or another user, than the caller names.
    /// @param orderId The order.
    /// @param expected The hash of its terms; see {termsHashOf}.
    /// @param actual The hash that the caller names.
    error OrderEscrowWrongTerms(uint256 orderId, bytes32 expected, bytes32 actual);
    /// @notice The terms cannot be taken any more: the request's deadline has come, or the order cannot be restarted.
    /// @param orderId The order.
    /// @param termsUntil Unix seconds before which they could.
    error OrderEscrowTermsExpired(uint256 orderId, uint256 termsUntil);
    /// @notice The caller may not do this, or not yet.
    /// @param orderId The order.
    /// @param caller The caller.
    error OrderEscrowUnauthorized(uint256 orderId, address caller);
    /// @notice New commitments are paused.
    error OrderEscrowPaused();
    /// @notice The offer has expired.
    /// @param expiry Unix seconds before which the offer could be taken.
    error OrderEscrowOfferExpired(uint256 expiry);
    /// @notice The offer was cancelled, or taken as often as it allows.
    /// @param offerHash The offer's EIP-712 hash.
    /// @param volume How many orders the offer allows.
    error OrderEscrowOfferExhausted(bytes32 offerHash, uint256 volume);
    /// @notice The offer is for another account.
    /// @param expected The account that may take the offer.
    /// @param caller The caller.
    error OrderEscrowWrongTaker(address expected, address caller);
    /// @notice The offer is in another token.
    /// @param expected The escrow's token.
    /// @param actual The offer's token.
    error OrderEscrowWrongToken(address expected, address actual);
    /// @notice The node does not belong to the offer's provider.
    /// @param expected The node's provider.
    /// @param actual The offer's provider.
    error OrderEscrowWrongProvider(address expected, address actual);
    /// @notice The node runs another measurement, or was never attested.
    /// @param expected The measurement in the offer or the request.
    /// @param actual The node's measurement; zero before its first attestation.
    error OrderEscrowWrongMeasurement(bytes32 expected, bytes32 actual);
    /// @notice The node is another one than is meant: its enclave has another key.
    /// @param expected The enclave key in the offer or the request, or that the provider names.
    /// @param actual The node's enclave key.
    error OrderEscrowWrongEnclaveKey(address expected, address actual);
    /// @notice The node was declared with other hardware.
    /// @param expected The hardware model in the offer or the request.
    /// @param actual The node's hardware model.
    error OrderEscrowWrongModel(uint256 expected, uint256 actual);
    /// @notice The protocol fee is higher than the provider accepts.
    /// @param feeBps The protocol fee in basis points.
    /// @param maximum The highest fee that the offer accepts, in basis points.
    error OrderEscrowFeeTooHigh(uint256 feeBps, uint256 maximum);
    /// @notice The signature is not the provider's signature over this offer.
    /// @param provider The offer's provider.
    /// @param offerHash The offer's EIP-712 hash.
    error OrderEscrowInvalidSignature(address provider, bytes32 offerHash);
    /// @notice The node takes no new orders: it is not live, its end is set, its enclave was delisted, or its TCB
    /// status is not accepted.
    /// @param nodeId The node.
    error OrderEscrowNodeNotOpen(uint256 nodeId);
    /// @notice The user wants a node whose quote the chain verified itself, but a quorum vouched for this one.
    /// @param nodeId The node.
    error OrderEscrowNotVerifiedOnChain(uint256 nodeId);
    /// @notice The number of units is zero, or more than the node has free.
    /// @param nodeId The node.
    /// @param free The node's free units; 0 for a request of zero units.
    /// @param needed The units asked for.
    error OrderEscrowInsufficientUnits(uint256 nodeId, uint256 free, uint256 needed);
    /// @notice The rate is zero.
    /// @param ratePerSecond The rate given: 0.
    error OrderEscrowInvalidRate(uint256 ratePerSecond);
    /// @notice The deposit is less than two epochs cost, or than the provider takes, or the top-up of a depleted order
    /// less than one epoch costs; or the order's deposit would exceed 2^104-1.
    /// @param amount Token base units given.
    /// @param minimum The least that is needed, in token base units; 0 if a top-up is too large.
    error OrderEscrowInvalidDeposit(uint256 amount, uint256 minimum);
    /// @notice The amount is zero.
    /// @param amount The amount given: 0.
    error OrderEscrowInvalidAmount(uint256 amount);
    /// @notice The deadline has passed, or lies more than 30 days ahead.
    /// @param deadline The deadline in Unix seconds.
    error OrderEscrowInvalidDeadline(uint256 deadline);
    /// @notice The stop is final: only a depleted order can be topped up and restarted.
    /// @param orderId The order.
    /// @param reason Why it stopped.
    error OrderEscrowNotRestartable(uint256 orderId, StopReason reason);
    /// @notice The order's provider has scheduled a close already.
    /// @param orderId The order.
    /// @param stopsAt Unix seconds at which the close takes effect.
    error OrderEscrowCloseScheduled(uint256 orderId, uint256 stopsAt);
    /// @notice The receiver is the zero address or the escrow itself; or the treasury is the zero address or the vault.
    /// @param receiver The address given.
    error OrderEscrowInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked for: it takes a fee on transfer, or rebases.
    /// @param expected Token base units asked for.
    /// @param received Token base units that arrived.
    error OrderEscrowUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice The caller is not the node's provider.
    /// @param nodeId The node.
    /// @param caller The caller.
    error OrderEscrowNotProvider(uint256 nodeId, address caller);
    /// @notice The ledger owes nothing to the account, or for the nodes that it named.
    /// @param account The account.
    error OrderEscrowNothingToWithdraw(address account);
    /// @notice None of the named nodes has an idle lock.
    /// @param account The caller.
    error OrderEscrowNothingToRelease(address account);
    /// @notice No fees are held back on the named nodes.
    error OrderEscrowNoFees();
    /// @notice The protocol fee is above {MAX_FEE_BPS}.
    /// @param value The fee given, in basis points.
    /// @param limit The highest fee, in basis points.
    error OrderEscrowInvalidParameter(uint256 value, uint256 limit);
    /// @notice The contracts given at deployment do not belong together: the nodes' stake is in another vault, or the
    /// rewards are of another token or other challenges.
    /// @param expected The contract that was given.
    /// @param actual The contract that the other one names.
    error OrderEscrowMismatch(address expected, address actual);

    /// @notice Returns the token of all prices. Immutable.
    /// @return The token.
    function token() external view returns (IERC20);

    /// @notice Returns the vault that locks providers' stake. Immutable.
    /// @return The vault.
    function vault() external view returns (IStakeVault);

    /// @notice Returns the registry of nodes. Immutable.
    /// @return The registry.
    function registry() external view returns (INodeRegistry);

    /// @notice Returns the contract that keeps proofs. Immutable.
    /// @return The challenge manager.
    function challenges() external view returns (IChallengeManager);

    /// @notice Returns the contract that gets the protocol fees. Immutable.
    /// @return The validators' rewards.
    function rewards() external view returns (IValidatorRewards);

    /// @notice Returns the account that gets slashed stake. Immutable.
    /// @return The treasury; neither the zero address nor the vault.
    function treasury() external view returns (address);

    /// @notice Returns the highest protocol fee that governance can set.
    /// @return Basis points: 1,000.
    function MAX_FEE_BPS() external view returns (uint256);

    /// @notice Returns the protocol fee of new orders.
    /// @return Basis points of what is paid, 0 to 1,000.
    function feeBps() external view returns (uint256);

    /// @notice Returns whether new commitments are paused.
    /// @return Whether they are paused.
    function paused() external view returns (bool);

    /// @notice Returns how many orders were opened or requested.
    /// @return The number of orders; ids run from 1 to this.
    function orderCount() external view returns (uint256);

    /// @notice Returns an order as it is stored.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return The order.
    function getOrder(uint256 orderId) external view returns (Order memory);

    /// @notice Returns what names an order's terms and user: `keccak256(abi.encodePacked(termsUntil, onChainOnly, units,
    /// feeBps, ratePerSecond, nodeId, stakeLock, user))` of what {getOrder} returns, each in the width of its type. It
    /// never changes.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return The hash.
    function termsHashOf(uint256 orderId) external view returns (bytes32);

    /// @notice Returns where an order stands now, as {settle} would leave it.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return status The order's status.
    /// @return reason Why it stopped; `ProviderClosed` already while a provider's close waits for its time; else
    /// `None`.
    function statusOf(uint256 orderId) external view returns (OrderStatus status, StopReason reason);

    /// @notice Returns when an order stopped or is set to stop.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return Unix seconds; the largest uint256 while nothing has stopped the order, no close is scheduled and the
    /// node has no end, and for requests.
    function stopTimeOf(uint256 orderId) external view returns (uint256);

    /// @notice Returns when an order's deposit runs out if every epoch from now on is proven.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return Unix seconds; for a stopped order its stop; for a request, open or cancelled, the largest uint256.
    function depletionTimeOf(uint256 orderId) external view returns (uint256);

    /// @notice Returns how long an order's deposit lasts if every epoch from now on is proven.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return Seconds until {depletionTimeOf}; 0 for an order that does not stream.
    function runwayOf(uint256 orderId) external view returns (uint256);

    /// @notice Returns what {settle} would pay now: what is decided and not settled yet.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return Token base units, fee included.
    function accruedOf(uint256 orderId) external view returns (uint256);

    /// @notice Returns the part of the deposit that waits for the running epoch. It becomes payable if the node proves
    /// that epoch.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return Token base units.
    function undecidedOf(uint256 orderId) external view returns (uint256);

    /// @notice Returns what the user would get back at once by closing or cancelling now.
    /// @dev Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// @param orderId The order's id, from 1.
    /// @return Token base units.
    function surplusOf(uint256 orderId) external view returns (uint256);

    /// @notice Returns how many of a node's units orders have taken, as recorded. A stopped order keeps its units until
    /// somebody settles it.
    /// @param nodeId Any node id.
    /// @return Units.
    function unitsInUse(uint256 nodeId) external view returns (uint256);

    /// @notice Returns how much stake the vault holds locked for a node that no order needs, as recorded. The node's next
    /// order takes it, or its provider with {releaseIdle}.
    /// @param nodeId Any node id.
    /// @return Token base units.
    function idleLockOf(uint256 nodeId) external view returns (uint256);

    /// @notice Returns how often an offer was taken.
    /// @param provider The offer's provider.
    /// @param offerHash The offer's EIP-712 hash.
    /// @return The number of orders opened with it; the largest uint256 once it was cancelled.
    function takenOf(address provider, bytes32 offerHash) external view returns (uint256);

    /// @notice Returns the EIP-712 hash of an offer, which its provider signs.
    /// @param offer The offer; not checked here.
    /// @return The hash.
    function hashOffer(Offer calldata offer) external view returns (bytes32);

    /// @notice Returns the refunds that an account can {withdraw}.
    /// @param account Any account.
    /// @return Token base units.
    function balanceOf(address account) external view returns (uint256);

    /// @notice Returns what the ledger holds for a node.
    /// @param nodeId Any node id.
    /// @return balance Token base units that the node's provider can take out with {withdrawEarnings}.
    /// @return fees Token base units of protocol fees held back beside it that {collectFees} can hand over.
    function earningsOf(uint256 nodeId) external view returns (uint256 balance, uint256 fees);

    /// @notice Opens an order by taking a provider's signed offer. Takes the deposit from the caller and locks the
    /// provider's stake; the order streams from now on.
    /// @dev Emits {OrderOpened}.
    ///
    /// Requirements:
    /// - The node exists ({INodeRegistry-NodeRegistryUnknownNode}).
    /// - New commitments are not paused ({OrderEscrowPaused}).
    /// - The node belongs to the offer's provider ({OrderEscrowWrongProvider}).
    /// - The node takes new orders ({OrderEscrowNodeNotOpen}).
    /// - The chain verified the node's newest quote itself, if `onChainOnly` ({OrderEscrowNotVerifiedOnChain}).
    /// - The offer has not expired ({OrderEscrowOfferExpired}).
    /// - The offer is for the caller or for anyone ({OrderEscrowWrongTaker}).
    /// - The offer is in the escrow's token ({OrderEscrowWrongToken}).
    /// - The offer accepts the protocol fee ({OrderEscrowFeeTooHigh}).
    /// - The offer was neither cancelled nor taken as often as it allows ({OrderEscrowOfferExhausted}).
    /// - The signature is the provider's over the offer ({OrderEscrowInvalidSignature}).
    /// - The node runs the offer's measurement, which is not zero ({OrderEscrowWrongMeasurement}).
    /// - The node's enclave has the offer's key ({OrderEscrowWrongEnclaveKey}).
    /// - The node is of the offer's hardware model ({OrderEscrowWrongModel}).
    /// - The offer's rate is greater than zero ({OrderEscrowInvalidRate}).
    /// - The deposit covers two epochs, is at least the offer's minimum and at most 2^104-1
    ///   ({OrderEscrowInvalidDeposit}).
    /// - The offer takes at least one unit, and the node has as many free ({OrderEscrowInsufficientUnits}).
    /// - The provider's cap for the escrow leaves room for the part of the lock that the node does not hold idle
    ///   ({IStakeVault-StakeVaultCapExceeded}).
    /// - The provider has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// - The caller has the deposit and approved the escrow for it (the token's errors).
    /// - The token moves exactly the deposit ({OrderEscrowUnexpectedAmount}).
    /// @param offer The offer.
    /// @param signature The provider's signature: 65 bytes `r ‖ s ‖ v`, or the bytes that its ERC-1271 contract
    /// expects.
    /// @param deposit Token base units, at least the cost of two epochs and the offer's minimum.
    /// @param onChainOnly Whether the node's newest quote must have been verified by the chain itself.
    /// @return orderId The new order's id, from 1.
    function open(
        Offer calldata offer,
        bytes calldata signature,
        uint256 deposit,
        bool onChainOnly
    ) external returns (uint256 orderId);

    /// @notice Does the same as {open}, with an ERC-2612 permit for the deposit in the same transaction.
    /// @dev Emits {OrderOpened}.
    ///
    /// Requirements:
    /// - Those of {open}.
    /// - The permit holds, or the caller approved the escrow before (the token's errors). A permit that somebody has
    ///   submitted already does no harm.
    /// @param offer The offer.
    /// @param signature The provider's signature: 65 bytes `r ‖ s ‖ v`, or the bytes that its ERC-1271 contract
    /// expects.
    /// @param deposit Token base units, at least the cost of two epochs and the offer's minimum.
    /// @param onChainOnly Whether the node's newest quote must have been verified by the chain itself.
    /// @param permit The caller's permit for exactly `deposit`.
    /// @return orderId The new order's id, from 1.
    function openWithPermit(
        Offer calldata offer,
        bytes calldata signature,
        uint256 deposit,
        bool onChainOnly,
        Permit calldata permit
    ) external returns (uint256 orderId);

    /// @notice Escrows a deposit and asks a provider to accept an order. Whether the node takes orders and has the
    /// units is checked at the acceptance; until then the user can take the deposit back at any time.
    /// @dev Emits {OrderRequested}.
    ///
    /// Requirements:
    /// - New commitments are not paused ({OrderEscrowPaused}).
    /// - `acceptBy` lies ahead, by at most 30 days ({OrderEscrowInvalidDeadline}).
    /// - The node exists ({INodeRegistry-NodeRegistryUnknownNode}).
    /// - The node runs the requested measurement, which is not zero ({OrderEscrowWrongMeasurement}).
    /// - The node's enclave has the requested key ({OrderEscrowWrongEnclaveKey}).
    /// - The node is of the requested hardware model ({OrderEscrowWrongModel}).
    /// - At least one unit is requested ({OrderEscrowInsufficientUnits}).
    /// - The rate is greater than zero ({OrderEscrowInvalidRate}).
    /// - The deposit covers two epochs and is at most 2^104-1 ({OrderEscrowInvalidDeposit}).
    /// - The caller has the deposit and approved the escrow for it (the token's errors).
    /// - The token moves exactly the deposit ({OrderEscrowUnexpectedAmount}).
    /// @param request_ What the user asks for.
    /// @param deposit Token base units, at least the cost of two epochs.
    /// @return orderId The new order's id, from 1.
    function request(OrderRequest calldata request_, uint256 deposit) external returns (uint256 orderId);

    /// @notice Does the same as {request}, with an ERC-2612 permit for the deposit in the same transaction.
    /// @dev Emits {OrderRequested}.
    ///
    /// Requirements:
    /// - Those of {request}.
    /// - The permit holds, or the caller approved the escrow before (the token's errors). A permit that somebody has
    ///   submitted already does no harm.
    /// @param request_ What the user asks for.
    /// @param deposit Token base units, at least the cost of two epochs.
    /// @param permit The caller's permit for exactly `deposit`.
    /// @return orderId The new order's id, from 1.
    function requestWithPermit(
        OrderRequest calldata request_,
        uint256 deposit,
        Permit calldata permit
    ) external returns (uint256 orderId);

    /// @notice Accepts a request. The provider's stake is locked, and the order streams from now on. Only the node's
    /// provider can.
    /// @dev Emits {OrderAccepted}.
    ///
    /// Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// - It has the terms that the caller names ({OrderEscrowWrongTerms}).
    /// - New commitments are not paused ({OrderEscrowPaused}).
    /// - The order is `Requested` ({OrderEscrowInvalidStatus}).
    /// - The caller is the node's provider ({OrderEscrowUnauthorized}).
    /// - The node's enclave has the key that the caller names ({OrderEscrowWrongEnclaveKey}).
    /// - The request's deadline has not come ({OrderEscrowTermsExpired}).
    /// - The deposit is at least `minDeposit` ({OrderEscrowInvalidDeposit}).
    /// - The node takes new orders ({OrderEscrowNodeNotOpen}).
    /// - The chain verified the node's newest quote itself, if the user asked for that
    ///   ({OrderEscrowNotVerifiedOnChain}).
    /// - The node has the requested units free ({OrderEscrowInsufficientUnits}).
    /// - The provider's cap for the escrow leaves room for the part of the lock that the node does not hold idle
    ///   ({IStakeVault-StakeVaultCapExceeded}).
    /// - The provider has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// @param orderId The order's id, from 1.
    /// @param termsHash The hash of its terms; see {termsHashOf}.
    /// @param enclaveKey Address of the node's enclave key, which says what node is meant.
    /// @param minDeposit Token base units of deposit that the caller takes at the least.
    function accept(uint256 orderId, bytes32 termsHash, address enclaveKey, uint256 minDeposit) external;

    /// @notice Cancels a request: its user at any time, anyone from its deadline on. The deposit goes to the user's
    /// ledger.
    /// @dev Emits {OrderCancelled}.
    ///
    /// Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// - It has the terms that the caller names ({OrderEscrowWrongTerms}).
    /// - The order is `Requested` ({OrderEscrowInvalidStatus}).
    /// - The caller is the user, or the deadline has come ({OrderEscrowUnauthorized}).
    /// @param orderId The order's id, from 1.
    /// @param termsHash The hash of its terms; see {termsHashOf}.
    function cancelRequest(uint256 orderId, bytes32 termsHash) external;

    /// @notice Cancels an offer of the caller, so that nobody can take it again, whoever has its signature.
    /// @dev Emits {OfferCancelled}.
    /// @param offerHash The offer's EIP-712 hash; see {hashOffer}.
    function cancelOffer(bytes32 offerHash) external;

    /// @notice Adds to an order's deposit. Anyone may add to an order that streams. Only its user can restart a
    /// depleted one, with at least an epoch's cost, from now on and with what is left of its lock, as long as its terms
    /// can be taken.
    /// @dev Emits {OrderToppedUp}, and for a depleted order what {settle} emits.
    ///
    /// Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// - It has the terms that the caller names ({OrderEscrowWrongTerms}).
    /// - The order is `Active` or `Stopped` ({OrderEscrowInvalidStatus}).
    /// - `amount` is greater than zero ({OrderEscrowInvalidAmount}).
    /// - The order's deposit stays at or below 2^104-1 ({OrderEscrowInvalidDeposit}).
    /// - If the order has stopped, the reason is depletion before the terms were over, and its provider had not closed it
    ///   ({OrderEscrowNotRestartable}).
    /// - If it has stopped, new commitments are not paused ({OrderEscrowPaused}).
    /// - If it has stopped, the caller is its user ({OrderEscrowUnauthorized}).
    /// - If it has stopped, its terms are not over ({OrderEscrowTermsExpired}).
    /// - If it has stopped, `amount` covers an epoch ({OrderEscrowInvalidDeposit}).
    /// - If it has stopped, the node takes new orders ({OrderEscrowNodeNotOpen}).
    /// - If it has stopped, the node is verified as the user wanted ({OrderEscrowNotVerifiedOnChain}).
    /// - If it has stopped, the node has the order's units free ({OrderEscrowInsufficientUnits}).
    /// - If it has stopped, the provider's cap for the escrow leaves room for the part of the lock that the node does not
    ///   hold idle ({IStakeVault-StakeVaultCapExceeded}).
    /// - If it has stopped, the provider has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// - The caller has the amount and approved the escrow for it (the token's errors).
    /// - The token moves exactly the amount ({OrderEscrowUnexpectedAmount}).
    /// @param orderId The order's id, from 1.
    /// @param termsHash The hash of its terms; see {termsHashOf}.
    /// @param amount Token base units, at least 1.
    function topUp(uint256 orderId, bytes32 termsHash, uint256 amount) external;

    /// @notice Does the same as {topUp}, with an ERC-2612 permit for the amount in the same transaction.
    /// @dev Emits what {topUp} emits.
    ///
    /// Requirements:
    /// - Those of {topUp}.
    /// - The permit holds, or the caller approved the escrow before (the token's errors). A permit that somebody has
    ///   submitted already does no harm.
    /// @param orderId The order's id, from 1.
    /// @param termsHash The hash of its terms; see {termsHashOf}.
    /// @param amount Token base units, at least 1.
    /// @param permit The caller's permit for exactly `amount`.
    function topUpWithPermit(uint256 orderId, bytes32 termsHash, uint256 amount, Permit calldata permit) external;

    /// @notice Settles an order: pays its decided seconds to the ledger, slashes for misses in a row, records a stop,
    /// frees units and stake lock, and pays out what is over. Anyone may call. An order that is `Closed` stays as it is.
    /// @dev Emits {OrderSettled}, {OrderSlashed}, {OrderStopped}, {OrderClosed} and {OrderFinalized}, each if it
    /// happened.
    ///
    /// Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// - The order is neither `Requested` nor `Cancelled` ({OrderEscrowInvalidStatus}).
    /// @param orderId The order's id, from 1.
    /// @param untilEpoch The epoch before which to stop, to bound the work; 0, or an epoch after the running one,
    /// settles everything that is decided.
    function settle(uint256 orderId, uint256 untilEpoch) external;

    /// @notice Settles many orders. Duplicates are paid once; ids that cannot be settled are skipped. Anyone may call.
    /// @dev Emits what {settle} emits, for each order.
    /// @param orderIds The orders' ids.
    /// @param untilEpoch As in {settle}, for all of them.
    function settleMany(uint256[] calldata orderIds, uint256 untilEpoch) external;

    /// @notice Closes an order. The user closes it at once and gets the rest back, less the undecided seconds. The
    /// provider's close takes effect at the end of the next epoch, or at once if the order is depleted. Anyone can close
    /// a depleted order that nothing can restart, because its terms are over.
    /// @dev Emits what {settle} emits, and {OrderClosed} or {OrderCloseScheduled}.
    ///
    /// Requirements:
    /// - The order exists ({OrderEscrowUnknownOrder}).
    /// - It has the terms that the caller names ({OrderEscrowWrongTerms}).
    /// - The order is `Active` or `Stopped` ({OrderEscrowInvalidStatus}).
    /// - The caller is the user or the provider; or the order is depleted and its terms are over
    ///   ({OrderEscrowUnauthorized}).
    /// - If the caller is the provider of an order that streams, no close is scheduled yet
    ///   ({OrderEscrowCloseScheduled}).
    /// @param orderId The order's id, from 1.
    /// @param termsHash The hash of its terms; see {termsHashOf}.
    function close(uint256 orderId, bytes32 termsHash) external;

    /// @notice Pays out the caller's refunds.
    /// @dev Emits {Withdrawn}.
    ///
    /// Requirements:
    /// - `to` is neither the zero address nor the escrow ({OrderEscrowInvalidReceiver}).
    /// - The ledger owes the caller something ({OrderEscrowNothingToWithdraw}).
    /// @param to The receiver.
    /// @return amount Token base units paid.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Pays out the earnings of the caller's nodes.
    /// @dev Emits {EarningsWithdrawn} for each node that has earned something.
    ///
    /// Requirements:
    /// - `to` is neither the zero address nor the escrow ({OrderEscrowInvalidReceiver}).
    /// - Every node exists ({INodeRegistry-NodeRegistryUnknownNode}).
    /// - The caller is the provider of every node ({OrderEscrowNotProvider}).
    /// - The ledger owes something for one of the nodes ({OrderEscrowNothingToWithdraw}).
    /// @param nodeIds The nodes' ids; they may have ended.
    /// @param to The receiver.
    /// @return amount Token base units paid in all.
    function withdrawEarnings(uint256[] calldata nodeIds, address to) external returns (uint256 amount);

    /// @notice Unlocks the stake that no order of the caller's nodes needs, for good or until the next order locks it.
    /// @dev Emits {IdleLockReleased} for each node that has an idle lock.
    ///
    /// Requirements:
    /// - Every node exists ({INodeRegistry-NodeRegistryUnknownNode}).
    /// - The caller is the provider of every node ({OrderEscrowNotProvider}).
    /// - One of the nodes has an idle lock ({OrderEscrowNothingToRelease}).
    /// @param nodeIds The nodes' ids; they may have ended.
    /// @return amount Token base units unlocked in all.
    function releaseIdle(uint256[] calldata nodeIds) external returns (uint256 amount);

    /// @notice Hands the protocol fees held back from nodes' earnings to the validators' rewards. Anyone may call.
    /// @dev Emits {FeesCollected}.
    ///
    /// Requirements:
    /// - Fees are held back on one of the nodes ({OrderEscrowNoFees}).
    /// @param nodeIds The nodes' ids.
    /// @return amount Token base units handed over.
    function collectFees(uint256[] calldata nodeIds) external returns (uint256 amount);

    /// @notice Sets the protocol fee of future orders. Governed.
    /// @dev Emits {FeeSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - `feeBps_` is at most {MAX_FEE_BPS} ({OrderEscrowInvalidParameter}).
    /// @param feeBps_ The fee in basis points of what is paid, 0 to 1,000.
    function setFee(uint16 feeBps_) external;

    /// @notice Pauses or resumes new commitments: opening, requesting, accepting and restarting. Nothing else is ever
    /// paused. Guarded, without delay.
    /// @dev Emits {PausedSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`).
    /// @param paused_ Whether they are paused from now on.
    function setPaused(bool paused_) external;
}
