// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {OrderLedger} from "./orders/OrderLedger.sol";
import {SignedOffers} from "./orders/SignedOffers.sol";
import {OrderState} from "./orders/OrderState.sol";
import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {IOrderEscrow} from "./interfaces/IOrderEscrow.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {IValidatorRewards} from "./interfaces/IValidatorRewards.sol";
import {OrderStream} from "./orders/OrderStream.sol";
import {SafePermit} from "./libraries/SafePermit.sol";
import {StreamMath} from "./orders/StreamMath.sol";
import {OrderTerms, VerifierKind} from "./types/Node.sol";
import {FixedTerms, Offer, Order, OrderRequest, OrderStatus, Progress, StopReason} from "./types/Order.sol";
import {Permit} from "./types/Permit.sol";

/// @title OrderEscrow
/// @notice See {IOrderEscrow}.
/// @dev Always true: the token balance covers the ledger and, for each order, `deposited - cost(payableSeconds)`.
/// {OrderStream} alone decides what is paid, what is slashed and when an order stops; this contract only records it.
contract OrderEscrow is OrderState, SignedOffers, AccessManaged {
    using SafePermit for IERC20;

    /// @dev What every opening reads and writes, in one slot.
    struct Config {
        uint64 orderCount;
        uint16 feeBps;
        bool paused;
    }

    /// @inheritdoc IOrderEscrow
    uint256 public constant GRACE = 3 days;

    /// @inheritdoc IOrderEscrow
    uint256 public constant MAX_FEE_BPS = 1_000;

    uint256 private constant MAX_ACCEPT_TIME = 30 days;

    /// @inheritdoc IOrderEscrow
    IStakeVault public immutable vault;

    /// @inheritdoc IOrderEscrow
    address public immutable treasury;

    Config private _config;

    /// @inheritdoc IOrderEscrow
    mapping(uint256 nodeId => uint256) public unitsInUse;

    /// @notice Wires the escrow for good.
    /// @dev Errors: {OrderEscrowInvalidReceiver}, {OrderEscrowInvalidParameter}, {OrderEscrowMismatch}.
    /// @param vault_ The vault that holds the providers' stake; its token is the token of all prices.
    /// @param challenges_ The challenge manager, which keeps proofs; its registry has the nodes.
    /// @param rewards_ The contract that gets the protocol fees.
    /// @param authority The access manager.
    /// @param treasury_ The account that gets slashed stake beyond compensations.
    /// @param feeBps_ The protocol fee to begin with, in basis points.
    constructor(
        IStakeVault vault_,
        IChallengeManager challenges_,
        IValidatorRewards rewards_,
        address authority,
        address treasury_,
        uint16 feeBps_
    )
        OrderLedger(vault_.token(), rewards_, challenges_.registry())
        EIP712("ComputingPower.OrderEscrow", "1")
        OrderState(challenges_)
        AccessManaged(authority)
    {
        // The vault refuses to credit these two, and without its slash a fault could not be settled.
        if (treasury_ == address(0) || treasury_ == address(vault_)) revert OrderEscrowInvalidReceiver(treasury_);
        vault = vault_;
        treasury = treasury_;
        _setFee(feeBps_);
        // A slash reaches the stake that the nodes' provider locked, and the rewards take what was held back for them.
        _requireSame(address(vault_), address(challenges_.registry().vault()));
        _requireSame(address(vault_.token()), address(rewards_.token()));
        _requireSame(address(challenges_), address(rewards_.challenges()));
    }

    /// @inheritdoc IOrderEscrow
    function feeBps() external view returns (uint256) {
        return _config.feeBps;
    }

    /// @inheritdoc IOrderEscrow
    function paused() external view returns (bool) {
        return _config.paused;
    }

    /// @inheritdoc IOrderEscrow
    function orderCount() external view returns (uint256) {
        return _config.orderCount;
    }

    /// @inheritdoc IOrderEscrow
    function open(
        Offer calldata offer,
        bytes calldata signature,
        uint256 deposit,
        bool onChainOnly
    ) external nonReentrant returns (uint256) {
        return _open(offer, signature, deposit, onChainOnly);
    }

    /// @inheritdoc IOrderEscrow
    function openWithPermit(
        Offer calldata offer,
        bytes calldata signature,
        uint256 deposit,
        bool onChainOnly,
        Permit calldata permit
    ) external nonReentrant returns (uint256) {
        token.tryPermit(msg.sender, deposit, permit);
        return _open(offer, signature, deposit, onChainOnly);
    }

    /// @inheritdoc IOrderEscrow
    function request(OrderRequest calldata request_, uint256 deposit) external nonReentrant returns (uint256) {
        return _request(request_, deposit);
    }

    /// @inheritdoc IOrderEscrow
    function requestWithPermit(
        OrderRequest calldata request_,
        uint256 deposit,
        Permit calldata permit
    ) external nonReentrant returns (uint256) {
        token.tryPermit(msg.sender, deposit, permit);
        return _request(request_, deposit);
    }

    /// @inheritdoc IOrderEscrow
    function accept(uint256 orderId) external {
        Order storage order = _orders[orderId];
        Progress memory progress = order.progress;
        _checkKnown(orderId, progress.status);
        FixedTerms memory terms = order.terms;
        OrderTerms memory node = registry.orderTermsOf(terms.nodeId);

        // Check: it is a request to this provider, and still in time.
        if (_config.paused) revert OrderEscrowPaused();
        if (progress.status != OrderStatus.Requested) revert OrderEscrowInvalidStatus(orderId, progress.status);
        if (msg.sender != node.provider) revert OrderEscrowUnauthorized(orderId, msg.sender);
        if (block.timestamp >= terms.acceptBy) revert OrderEscrowInvalidDeadline(terms.acceptBy);
        _requireOpen(terms.nodeId, node, terms.onChainOnly);

        // Effects: stream from now.
        progress.status = OrderStatus.Active;
        progress.cursor = uint40(block.timestamp);
        _store(orderId, progress);
        _takeUnits(terms.nodeId, terms.units, node.units);
        emit OrderAccepted(orderId, msg.sender);

        // Interaction: the vault, which calls nobody.
        vault.lock(msg.sender, order.stakeLock);
    }

    /// @inheritdoc IOrderEscrow
    function cancelRequest(uint256 orderId) external {
        Order storage order = _orders[orderId];
        Progress memory progress = order.progress;
        _checkKnown(orderId, progress.status);
        address user = order.user;
        if (progress.status != OrderStatus.Requested) revert OrderEscrowInvalidStatus(orderId, progress.status);
        if (msg.sender != user && block.timestamp < order.terms.acceptBy) {
            revert OrderEscrowUnauthorized(orderId, msg.sender);
        }

        uint256 refunded = progress.deposited;
        progress.deposited = 0;
        progress.status = OrderStatus.Cancelled;
        _store(orderId, progress);
        _credit(user, refunded);
        emit OrderCancelled(orderId, msg.sender, refunded);
    }

    /// @inheritdoc IOrderEscrow
    function topUp(uint256 orderId, uint256 amount) external nonReentrant {
        _topUp(orderId, amount);
    }

    /// @inheritdoc IOrderEscrow
    function topUpWithPermit(uint256 orderId, uint256 amount, Permit calldata permit) external nonReentrant {
        token.tryPermit(msg.sender, amount, permit);
        _topUp(orderId, amount);
    }

    /// @inheritdoc IOrderEscrow
    function settle(uint256 orderId, uint256 untilEpoch) external {
        Progress memory progress = _orders[orderId].progress;
        _checkKnown(orderId, progress.status);
        if (progress.status == OrderStatus.Requested || progress.status == OrderStatus.Cancelled) {
            revert OrderEscrowInvalidStatus(orderId, progress.status);
        }
        if (progress.status != OrderStatus.Closed) _settle(orderId, progress, untilEpoch);
    }

    /// @inheritdoc IOrderEscrow
    function settleMany(uint256[] calldata orderIds, uint256 untilEpoch) external {
        for (uint256 i; i < orderIds.length; ++i) {
            Progress memory progress = _orders[orderIds[i]].progress;
            if (_streams(progress.status)) _settle(orderIds[i], progress, untilEpoch);
        }
    }

    /// @inheritdoc IOrderEscrow
    function close(uint256 orderId) external {
        Order storage order = _orders[orderId];
        Progress memory progress = order.progress;
        _checkKnown(orderId, progress.status);
        if (progress.status != OrderStatus.Active && progress.status != OrderStatus.Stopped) {
            revert OrderEscrowInvalidStatus(orderId, progress.status);
        }
        bool byUser = msg.sender == order.user;
        (OrderStream.Terms memory terms, OrderStream.State memory state, OrderStream.Result memory result) = _project(
            orderId,
            progress,
            0
        );
        _record(orderId, progress, terms, state, result);

        if (progress.status == OrderStatus.Stopped) {
            // After a depletion the user has a while to top up.
            if (!byUser && block.timestamp < state.limit + GRACE) revert OrderEscrowUnauthorized(orderId, msg.sender);
            _finish(orderId, progress, terms, state);
        } else if (progress.status == OrderStatus.Active) {
            if (byUser) {
                (state.limit, state.reason, state.stopped) = (block.timestamp, StopReason.UserClosed, true);
                _recordStop(orderId, progress, terms, state);
                _finish(orderId, progress, terms, state);
            } else {
                _scheduleClose(orderId, progress, terms.nodeId);
            }
        }
        // Otherwise settling found that the order was over already, and closed it.
    }

    /// @inheritdoc IOrderEscrow
    function setFee(uint16 feeBps_) external restricted {
        _setFee(feeBps_);
    }

    /// @inheritdoc IOrderEscrow
    function setPaused(bool paused_) external restricted {
        _config.paused = paused_;
        emit PausedSet(paused_);
    }

    /* OPENING */

    function _open(
        Offer calldata offer,
        bytes calldata signature,
        uint256 deposit,
        bool onChainOnly
    ) private returns (uint256 orderId) {
        OrderTerms memory node = registry.orderTermsOf(offer.nodeId);
        Config memory config = _config;

        // Check: the offer, and the node behind it.
        if (config.paused) revert OrderEscrowPaused();
        if (node.provider != offer.provider) revert OrderEscrowWrongProvider(node.provider, offer.provider);
        _requireOpen(offer.nodeId, node, onChainOnly);
        (bytes32 offerHash, uint256 taken) = _take(offer, signature, address(token), config.feeBps);
        // A node's measurement never changes and the offer's is in its hash, so comparing them at the first taking is
        // enough.
        if (taken == 0) _checkMeasurement(offer.nodeId, offer.mrEnclave);

        // Effects: the order streams from now.
        FixedTerms memory terms = FixedTerms({
            // The registry knows the node, so its id fits; see {FixedTerms}.
            nodeId: uint48(offer.nodeId),
            ratePerSecond: offer.ratePerSecond,
            feeBps: config.feeBps,
            units: offer.units,
            onChainOnly: onChainOnly,
            acceptBy: 0
        });
        orderId = _create(terms, deposit, offer.stakeLock, OrderStatus.Active);
        _takeUnits(offer.nodeId, offer.units, node.units);
        emit OrderOpened(orderId, offer.nodeId, msg.sender, offerHash, deposit);

        // Interactions.
        vault.lock(offer.provider, offer.stakeLock);
        _pull(deposit);
    }

    function _request(OrderRequest calldata request_, uint256 deposit) private returns (uint256 orderId) {
        Config memory config = _config;

        // Check: the user names the node's enclave, and the deadline lies ahead, but not too far.
        if (config.paused) revert OrderEscrowPaused();
        if (request_.acceptBy <= block.timestamp || request_.acceptBy > block.timestamp + MAX_ACCEPT_TIME) {
            revert OrderEscrowInvalidDeadline(request_.acceptBy);
        }
        _checkMeasurement(request_.nodeId, request_.mrEnclave);
        if (request_.units == 0) revert OrderEscrowInsufficientUnits(request_.nodeId, 0, 0);

        // Effects: the deposit waits for the provider.
        FixedTerms memory terms = FixedTerms({
            // The registry knows the node, so its id fits; see {FixedTerms}.
            nodeId: uint48(request_.nodeId),
            ratePerSecond: request_.ratePerSecond,
            feeBps: config.feeBps,
            units: request_.units,
            onChainOnly: request_.onChainOnly,
            acceptBy: request_.acceptBy
        });
        orderId = _create(terms, deposit, request_.stakeLock, OrderStatus.Requested);
        emit OrderRequested(orderId, request_.nodeId, msg.sender, request_.acceptBy, deposit);

        // Interaction.
        _pull(deposit);
    }

    /// @dev Stores a new order of the caller.
    function _create(
        FixedTerms memory terms,
        uint256 deposit,
        uint96 stakeLock,
        OrderStatus status
    ) private returns (uint256 orderId) {
        if (terms.ratePerSecond == 0) revert OrderEscrowInvalidRate(0);
        uint256 minimum = StreamMath.costUp(terms.ratePerSecond, 2 * _epochLength);
        if (deposit < minimum || deposit > type(uint104).max) revert OrderEscrowInvalidDeposit(deposit, minimum);

        orderId = ++_config.orderCount;
        Order storage order = _orders[orderId];
        order.terms = terms;
        order.progress = Progress({
            cursor: uint40(block.timestamp),
            payableSeconds: 0,
            stopAt: 0,
            deposited: uint104(deposit),
            missRun: 0,
            faults: 0,
            status: status,
            reason: StopReason.None
        });
        // One write for `user` and `stakeLock`, which share a slot; the compiler would make two.
        assembly ("memory-safe") {
            sstore(add(order.slot, 2), or(shl(160, stakeLock), caller()))
        }
    }

    function _checkMeasurement(uint256 nodeId, bytes32 expected) private view {
        bytes32 actual = registry.measurementOf(nodeId);
        if (actual != expected || actual == 0) revert OrderEscrowWrongMeasurement(expected, actual);
    }

    /// @dev Checks that the node takes orders, and is attested the way the user wants.
    function _requireOpen(uint256 nodeId, OrderTerms memory node, bool onChainOnly) private pure {
        if (!node.open) revert OrderEscrowNodeNotOpen(nodeId);
        if (onChainOnly && node.verifierKind != VerifierKind.OnChain) revert OrderEscrowNotVerifiedOnChain(nodeId);
    }

    function _takeUnits(uint256 nodeId, uint256 units, uint256 offered) private {
        uint256 used = unitsInUse[nodeId];
        uint256 free = offered > used ? offered - used : 0;
        if (units == 0 || units > free) revert OrderEscrowInsufficientUnits(nodeId, free, units);
        unitsInUse[nodeId] = used + units;
    }

    /* RUNNING */

    function _topUp(uint256 orderId, uint256 amount) private {
        Progress memory progress = _orders[orderId].progress;
        _checkKnown(orderId, progress.status);
        if (progress.status != OrderStatus.Active && progress.status != OrderStatus.Stopped) {
            revert OrderEscrowInvalidStatus(orderId, progress.status);
        }
        if (amount == 0) revert OrderEscrowInvalidAmount(amount);
        uint256 room = type(uint104).max - progress.deposited;
        if (amount > room) revert OrderEscrowInvalidDeposit(amount, 0);

        (OrderStream.Terms memory terms, OrderStream.State memory state, OrderStream.Result memory result) = _project(
            orderId,
            progress,
            0
        );
        bool restarted = state.stopped;
        if (restarted) {
            _record(orderId, progress, terms, state, result);
            _restart(orderId, progress, state, amount);
        }
        // The amount is at most the room that is left.
        unchecked {
            progress.deposited += uint104(amount);
        }
        _store(orderId, progress);
        emit OrderToppedUp(orderId, msg.sender, amount, restarted);

        _pull(amount);
    }

    /// @dev Lets a depleted order stream again from now on. It starts earlier by as many seconds as are still
    /// undecided, which keeps them: they lie in the same epoch, so the same proof decides them.
    function _restart(
        uint256 orderId,
        Progress memory progress,
        OrderStream.State memory state,
        uint256 amount
    ) private {
        if (progress.status != OrderStatus.Stopped) revert OrderEscrowNotRestartable(orderId, state.reason);
        if (_config.paused) revert OrderEscrowPaused();
        if (msg.sender != _orders[orderId].user) revert OrderEscrowUnauthorized(orderId, msg.sender);
        FixedTerms memory terms = _orders[orderId].terms;
        uint256 minimum = StreamMath.costUp(terms.ratePerSecond, _epochLength);
        if (amount < minimum) revert OrderEscrowInvalidDeposit(amount, minimum);

        OrderTerms memory node = registry.orderTermsOf(terms.nodeId);
        _requireOpen(terms.nodeId, node, terms.onChainOnly);
        _takeUnits(terms.nodeId, terms.units, node.units);

        progress.status = OrderStatus.Active;
        progress.reason = StopReason.None;
        progress.cursor = uint40(block.timestamp - (state.limit - state.cursor));
        progress.stopAt = 0;
        progress.missRun = 0;
    }

    /// @dev Schedules the provider's close, which takes effect at the end of the next epoch.
    function _scheduleClose(uint256 orderId, Progress memory progress, uint256 nodeId) private {
        if (msg.sender != registry.providerOf(nodeId)) revert OrderEscrowUnauthorized(orderId, msg.sender);
        if (progress.stopAt != 0) revert OrderEscrowCloseScheduled(orderId, progress.stopAt);
        progress.stopAt = uint40((block.timestamp / _epochLength + 2) * _epochLength);
        progress.reason = StopReason.ProviderClosed;
        _store(orderId, progress);
        emit OrderCloseScheduled(orderId, progress.stopAt);
    }

    /* SETTLING */

    /// @dev Moves an order forward to now, or to an earlier epoch, and records where it stands.
    function _settle(uint256 orderId, Progress memory progress, uint256 untilEpoch) private {
        (OrderStream.Terms memory terms, OrderStream.State memory state, OrderStream.Result memory result) = _project(
            orderId,
            progress,
            untilEpoch
        );
        _record(orderId, progress, terms, state, result);
    }

    /// @dev Records where an order stands: pays, slashes, stops and finishes it. `progress` is brought up to date.
    function _record(
        uint256 orderId,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state,
        OrderStream.Result memory result
    ) private {
        bool restartable = _isRestartable(progress, state.reason);

        if (state.cursor != progress.cursor) _pay(orderId, progress, terms, state);
        if (result.toUser + result.toTreasury != 0) _slash(orderId, terms, state, result);

        if (state.stopped && progress.status == OrderStatus.Active) {
            progress.status = OrderStatus.Stopped;
            _recordStop(orderId, progress, terms, state);
            if (restartable) {
                _store(orderId, progress);
                emit OrderStopped(orderId, state.reason, state.limit);
            } else {
                _finish(orderId, progress, terms, state);
            }
        } else if (progress.status == OrderStatus.Closing && state.cursor == state.limit) {
            _finalize(orderId, progress, terms, state);
        }
    }

    /// @dev Credits what has become payable since the last time. It subtracts cumulative amounts, so rounding loses
    /// nothing.
    function _pay(
        uint256 orderId,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        uint256 bps = _orders[orderId].terms.feeBps;
        uint256 paid = StreamMath.cost(terms.rate, progress.payableSeconds);
        uint256 due = StreamMath.cost(terms.rate, state.payableSeconds);
        uint256 fee = StreamMath.share(due, bps) - StreamMath.share(paid, bps);

        progress.cursor = uint40(state.cursor);
        progress.payableSeconds = uint40(state.payableSeconds);
        progress.missRun = uint8(state.missRun);
        progress.faults = uint8(state.faults);
        _store(orderId, progress);
        if (due != paid) _earn(terms.nodeId, due - paid - fee, fee);
        emit OrderSettled(orderId, state.cursor, state.payableSeconds, due - paid, fee);
    }

    function _slash(
        uint256 orderId,
        OrderStream.Terms memory terms,
        OrderStream.State memory state,
        OrderStream.Result memory result
    ) private {
        Order storage order = _orders[orderId];
        address provider = registry.providerOf(terms.nodeId);
        (uint256 toUser, uint256 toTreasury) = (result.toUser, result.toTreasury);
        if (toUser != 0) order.compensated += uint128(toUser);
        emit OrderSlashed(orderId, state.faults, toUser, toTreasury);
        if (toUser != 0) vault.slash(provider, toUser, order.user);
        if (toTreasury != 0) vault.slash(provider, toTreasury, treasury);
    }

    /// @dev Records that the order no longer streams, and frees its units.
    function _recordStop(
        uint256 orderId,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        progress.stopAt = uint40(state.limit);
        progress.reason = state.reason;
        unitsInUse[terms.nodeId] -= _orders[orderId].terms.units;
    }

    /// @dev Refunds what a stopped order can no longer cost; the rest waits for its last epoch.
    function _finish(
        uint256 orderId,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        uint256 undecided = _undecided(terms.rate, state);
        uint256 kept = StreamMath.cost(terms.rate, state.payableSeconds) + undecided;
        uint256 refunded = progress.deposited - kept;
        progress.deposited = uint104(kept);
        progress.status = OrderStatus.Closing;
        _store(orderId, progress);
        if (refunded != 0) _credit(_orders[orderId].user, refunded);
        emit OrderClosed(orderId, state.reason, state.limit, refunded, undecided);

        if (state.cursor == state.limit) _finalize(orderId, progress, terms, state);
    }

    /// @dev Once the last epoch is final, returns what it left over to the user, and the stake lock to the provider.
    function _finalize(
        uint256 orderId,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        Order storage order = _orders[orderId];
        uint256 spent = StreamMath.cost(terms.rate, state.payableSeconds);
        uint256 refunded = progress.deposited - spent;
        uint256 released = order.stakeLock - OrderStream.slashed(order.stakeLock, state.faults);
        progress.deposited = uint104(spent);
        progress.status = OrderStatus.Closed;
        _store(orderId, progress);
        if (refunded != 0) _credit(order.user, refunded);
        emit OrderFinalized(orderId, refunded, released);
        vault.unlock(registry.providerOf(terms.nodeId), released);
    }

    function _store(uint256 orderId, Progress memory progress) private {
        _orders[orderId].progress = progress;
    }

    function _setFee(uint16 feeBps_) private {
        if (feeBps_ > MAX_FEE_BPS) revert OrderEscrowInvalidParameter(feeBps_, MAX_FEE_BPS);
        _config.feeBps = feeBps_;
        emit FeeSet(feeBps_);
    }

    function _requireSame(address expected, address actual) private pure {
        if (expected != actual) revert OrderEscrowMismatch(expected, actual);
    }
}
