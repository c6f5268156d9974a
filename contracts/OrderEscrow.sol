// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {NodeCommitments} from "./orders/NodeCommitments.sol";
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
contract OrderEscrow is OrderState, NodeCommitments, SignedOffers, AccessManaged {
    using SafePermit for IERC20;

    /// @dev What every opening reads and writes, in one slot.
    struct Config {
        uint64 orderCount;
        uint16 feeBps;
        bool paused;
    }

    /// @inheritdoc IOrderEscrow
    uint256 public constant MAX_FEE_BPS = 1_000;

    uint256 private constant MAX_ACCEPT_TIME = 30 days;

    /// @inheritdoc IOrderEscrow
    address public immutable treasury;

    Config private _config;

    /// @notice Wires the escrow for good.
    /// @dev Errors: {OrderEscrowInvalidReceiver}, {OrderEscrowInvalidParameter}, {OrderEscrowMismatch}.
    /// @param vault_ The vault that holds the providers' stake; its token is the token of all prices.
    /// @param challenges_ The challenge manager, which keeps proofs; its registry has the nodes.
    /// @param rewards_ The contract that gets the protocol fees.
    /// @param authority The access manager.
    /// @param treasury_ The account that gets slashed stake.
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
        NodeCommitments(vault_)
        AccessManaged(authority)
    {
        // The vault refuses to credit these two, and without its slash a fault could not be settled.
        if (treasury_ == address(0) || treasury_ == address(vault_)) revert OrderEscrowInvalidReceiver(treasury_);
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
    function accept(uint256 orderId, bytes32 termsHash, address enclaveKey, uint256 minDeposit) external {
        (Order storage order, Progress memory progress) = _named(orderId, termsHash);
        FixedTerms memory terms = order.terms;
        OrderTerms memory node = registry.orderTermsOf(terms.nodeId);

        // Check: it is a request to this provider, and still in time.
        if (_config.paused) revert OrderEscrowPaused();
        if (progress.status != OrderStatus.Requested) revert OrderEscrowInvalidStatus(orderId, progress.status);
        if (msg.sender != node.provider) revert OrderEscrowUnauthorized(orderId, msg.sender);
        _checkKey(enclaveKey, node.enclaveKey);
        if (block.timestamp >= terms.termsUntil) revert OrderEscrowTermsExpired(orderId, terms.termsUntil);
        if (progress.deposited < minDeposit) revert OrderEscrowInvalidDeposit(progress.deposited, minDeposit);

        // Effects: stream from now.
        progress.status = OrderStatus.Active;
        progress.cursor = uint40(block.timestamp);
        _store(order, progress);
        emit OrderAccepted(orderId, msg.sender);
        _engage(terms, node, order.stakeLock);
    }

    /// @inheritdoc IOrderEscrow
    function cancelRequest(uint256 orderId, bytes32 termsHash) external {
        (Order storage order, Progress memory progress) = _named(orderId, termsHash);
        address user = order.user;
        if (progress.status != OrderStatus.Requested) revert OrderEscrowInvalidStatus(orderId, progress.status);
        if (msg.sender != user && block.timestamp < order.terms.termsUntil) {
            revert OrderEscrowUnauthorized(orderId, msg.sender);
        }

        uint256 refunded = progress.deposited;
        progress.deposited = 0;
        progress.status = OrderStatus.Cancelled;
        _store(order, progress);
        _credit(user, refunded);
        emit OrderCancelled(orderId, msg.sender, refunded);
    }

    /// @inheritdoc IOrderEscrow
    function topUp(uint256 orderId, bytes32 termsHash, uint256 amount) external nonReentrant {
        _topUp(orderId, termsHash, amount);
    }

    /// @inheritdoc IOrderEscrow
    function topUpWithPermit(
        uint256 orderId,
        bytes32 termsHash,
        uint256 amount,
        Permit calldata permit
    ) external nonReentrant {
        token.tryPermit(msg.sender, amount, permit);
        _topUp(orderId, termsHash, amount);
    }

    /// @inheritdoc IOrderEscrow
    function settle(uint256 orderId, uint256 untilEpoch) external {
        OrderStatus status = _settle(orderId, untilEpoch);
        _checkKnown(orderId, status);
        if (status == OrderStatus.Requested || status == OrderStatus.Cancelled) {
            revert OrderEscrowInvalidStatus(orderId, status);
        }
    }

    /// @inheritdoc IOrderEscrow
    function settleMany(uint256[] calldata orderIds, uint256 untilEpoch) external {
        for (uint256 i; i < orderIds.length; ++i) _settle(orderIds[i], untilEpoch);
    }

    /// @inheritdoc IOrderEscrow
    function close(uint256 orderId, bytes32 termsHash) external {
        (Order storage order, Progress memory progress) = _running(orderId, termsHash);
        bool byUser = msg.sender == order.user;
        (OrderStream.Terms memory terms, OrderStream.State memory state) = _project(order, progress, 0);
        _record(orderId, order, progress, terms, state);

        if (progress.status == OrderStatus.Stopped) {
            // Once the terms are over nothing can restart the order, so anyone may end it.
            if (!byUser && block.timestamp < order.terms.termsUntil) _checkProvider(orderId, terms.nodeId);
            _finish(orderId, order, progress, terms, state);
        } else if (progress.status == OrderStatus.Active) {
            if (byUser) {
                (state.limit, state.reason, state.stopped) = (block.timestamp, StopReason.UserClosed, true);
                _recordStop(order, progress, terms, state);
                _finish(orderId, order, progress, terms, state);
            } else {
                _checkProvider(orderId, terms.nodeId);
                _scheduleClose(orderId, order, progress);
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
        (bytes32 offerHash, uint256 taken) = _take(offer, signature, address(token), config.feeBps);
        // What a node is never changes and the offer says it in its hash, so comparing at the first taking is enough.
        if (taken == 0) _checkIdentity(offer.nodeId, offer.mrEnclave, offer.enclaveKey, offer.modelId);

        // Effects: the order streams from now.
        FixedTerms memory terms = FixedTerms({
            // The registry knows the node, so its id fits; see {FixedTerms}.
            nodeId: uint48(offer.nodeId),
            ratePerSecond: offer.ratePerSecond,
            feeBps: config.feeBps,
            units: offer.units,
            onChainOnly: onChainOnly,
            termsUntil: offer.expiry
        });
        orderId = _create(terms, deposit, offer.minDeposit, offer.stakeLock, OrderStatus.Active);
        emit OrderOpened(orderId, offer.nodeId, msg.sender, offerHash, deposit);

        // Interactions: the vault, which calls nobody, then the token.
        _engage(terms, node, offer.stakeLock);
        _pull(deposit);
    }

    function _request(OrderRequest calldata request_, uint256 deposit) private returns (uint256 orderId) {
        Config memory config = _config;

        // Check: the user names the node's enclave, its key and its hardware, and the deadline lies ahead, but not too far.
        if (config.paused) revert OrderEscrowPaused();
        if (request_.acceptBy <= block.timestamp || request_.acceptBy > block.timestamp + MAX_ACCEPT_TIME) {
            revert OrderEscrowInvalidDeadline(request_.acceptBy);
        }
        _checkIdentity(request_.nodeId, request_.mrEnclave, request_.enclaveKey, request_.modelId);
        if (request_.units == 0) revert OrderEscrowInsufficientUnits(request_.nodeId, 0, 0);

        // Effects: the deposit waits for the provider.
        FixedTerms memory terms = FixedTerms({
            // The registry knows the node, so its id fits; see {FixedTerms}.
            nodeId: uint48(request_.nodeId),
            ratePerSecond: request_.ratePerSecond,
            feeBps: config.feeBps,
            units: request_.units,
            onChainOnly: request_.onChainOnly,
            termsUntil: request_.acceptBy
        });
        orderId = _create(terms, deposit, 0, request_.stakeLock, OrderStatus.Requested);
        emit OrderRequested(orderId, request_.nodeId, msg.sender, request_.acceptBy, deposit);

        // Interaction.
        _pull(deposit);
    }

    /// @dev Stores a new order of the caller.
    function _create(
        FixedTerms memory terms,
        uint256 deposit,
        uint256 minimum,
        uint96 stakeLock,
        OrderStatus status
    ) private returns (uint256 orderId) {
        if (terms.ratePerSecond == 0) revert OrderEscrowInvalidRate(0);
        uint256 twoEpochs = StreamMath.costUp(terms.ratePerSecond, 2 * _epochLength);
        if (minimum < twoEpochs) minimum = twoEpochs;
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

    /// @dev Checks that the node is the one that is meant: after a reorganisation another may have its number.
    function _checkIdentity(uint256 nodeId, bytes32 mrEnclave, address enclaveKey, uint256 modelId) private view {
        (bytes32 actual, address actualKey) = registry.identityOf(nodeId);
        if (actual != mrEnclave || actual == 0) revert OrderEscrowWrongMeasurement(mrEnclave, actual);
        _checkKey(enclaveKey, actualKey);
        uint256 actualModel = registry.modelOf(nodeId);
        if (actualModel != modelId) revert OrderEscrowWrongModel(modelId, actualModel);
    }

    function _checkKey(address expected, address actual) private pure {
        if (expected != actual) revert OrderEscrowWrongEnclaveKey(expected, actual);
    }

    /// @dev Takes units and a lock of a node that takes orders and is attested the way the user wants. The vault calls
    /// nobody.
    function _engage(FixedTerms memory terms, OrderTerms memory node, uint256 stakeLock) private {
        if (!node.open) revert OrderEscrowNodeNotOpen(terms.nodeId);
        if (terms.onChainOnly && node.verifierKind != VerifierKind.OnChain) {
            revert OrderEscrowNotVerifiedOnChain(terms.nodeId);
        }
        uint256 missing = _commit(terms.nodeId, terms.units, node.units, stakeLock);
        if (missing != 0) vault.lock(node.provider, missing);
    }

    /* RUNNING */

    function _topUp(uint256 orderId, bytes32 termsHash, uint256 amount) private {
        (Order storage order, Progress memory progress) = _running(orderId, termsHash);
        if (amount == 0) revert OrderEscrowInvalidAmount(amount);
        uint256 room = type(uint104).max - progress.deposited;
        if (amount > room) revert OrderEscrowInvalidDeposit(amount, 0);

        (OrderStream.Terms memory terms, OrderStream.State memory state) = _project(order, progress, 0);
        bool restarted = state.stopped;
        if (restarted) {
            _record(orderId, order, progress, terms, state);
            _restart(orderId, order, progress, state, amount);
        }
        // The amount is at most the room that is left.
        unchecked {
            order.progress.deposited = progress.deposited + uint104(amount);
        }
        emit OrderToppedUp(orderId, msg.sender, amount, restarted);

        _pull(amount);
    }

    /// @dev Returns the order that the caller means, which must be `Active` or `Stopped`.
    function _running(
        uint256 orderId,
        bytes32 termsHash
    ) private view returns (Order storage order, Progress memory progress) {
        (order, progress) = _named(orderId, termsHash);
        if (progress.status != OrderStatus.Active && progress.status != OrderStatus.Stopped) {
            revert OrderEscrowInvalidStatus(orderId, progress.status);
        }
    }

    /// @dev Lets a depleted order stream again from now on, with what is left of its lock. It starts earlier by as many
    /// seconds as are still undecided, which keeps them: they lie in the same epoch, so the same proof decides them.
    function _restart(
        uint256 orderId,
        Order storage order,
        Progress memory progress,
        OrderStream.State memory state,
        uint256 amount
    ) private {
        if (progress.status != OrderStatus.Stopped) revert OrderEscrowNotRestartable(orderId, state.reason);
        if (_config.paused) revert OrderEscrowPaused();
        if (msg.sender != order.user) revert OrderEscrowUnauthorized(orderId, msg.sender);
        FixedTerms memory terms = order.terms;
        if (block.timestamp >= terms.termsUntil) revert OrderEscrowTermsExpired(orderId, terms.termsUntil);
        uint256 minimum = StreamMath.costUp(terms.ratePerSecond, _epochLength);
        if (amount < minimum) revert OrderEscrowInvalidDeposit(amount, minimum);

        progress.status = OrderStatus.Active;
        progress.reason = StopReason.None;
        progress.cursor = uint40(block.timestamp - (state.limit - state.cursor));
        progress.stopAt = 0;
        progress.missRun = 0;
        _store(order, progress);
        _engage(terms, registry.orderTermsOf(terms.nodeId), _lockOf(order, state.faults));
    }

    function _checkProvider(uint256 orderId, uint256 nodeId) private view {
        if (msg.sender != registry.providerOf(nodeId)) revert OrderEscrowUnauthorized(orderId, msg.sender);
    }

    /// @dev Schedules the provider's close, which takes effect at the end of the next epoch.
    function _scheduleClose(uint256 orderId, Order storage order, Progress memory progress) private {
        if (progress.stopAt != 0) revert OrderEscrowCloseScheduled(orderId, progress.stopAt);
        progress.stopAt = uint40((block.timestamp / _epochLength + 2) * _epochLength);
        progress.reason = StopReason.ProviderClosed;
        _store(order, progress);
        emit OrderCloseScheduled(orderId, progress.stopAt);
    }

    /* SETTLING */

    /// @dev Moves an order forward to now, or to an earlier epoch, and records where it stands; one that does not stream
    /// stays where it is. Returns the status that it had.
    function _settle(uint256 orderId, uint256 untilEpoch) private returns (OrderStatus status) {
        Order storage order = _orders[orderId];
        Progress memory progress = order.progress;
        status = progress.status;
        if (!_streams(status)) return status;
        (OrderStream.Terms memory terms, OrderStream.State memory state) = _project(order, progress, untilEpoch);
        _record(orderId, order, progress, terms, state);
    }

    /// @dev Records where an order stands: pays, slashes, stops and finishes it. `progress` is brought up to date.
    function _record(
        uint256 orderId,
        Order storage order,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        uint256 faultsBefore = progress.faults;
        if (state.cursor != progress.cursor) _pay(orderId, order, progress, terms, state);
        if (state.faults != faultsBefore) _slash(orderId, order, terms.nodeId, faultsBefore, state.faults);

        if (state.stopped && progress.status == OrderStatus.Active) {
            bool restartable = _isRestartable(order, progress, state);
            progress.status = OrderStatus.Stopped;
            _recordStop(order, progress, terms, state);
            if (restartable) {
                _store(order, progress);
                emit OrderStopped(orderId, state.reason, state.limit);
            } else {
                _finish(orderId, order, progress, terms, state);
            }
        } else if (progress.status == OrderStatus.Closing && state.cursor == state.limit) {
            _finalize(orderId, order, progress, terms, state);
        }
    }

    /// @dev Credits what has become payable since the last time. It subtracts cumulative amounts, so rounding loses
    /// nothing.
    function _pay(
        uint256 orderId,
        Order storage order,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        uint256 bps = order.terms.feeBps;
        uint256 paid = StreamMath.cost(terms.rate, progress.payableSeconds);
        uint256 due = StreamMath.cost(terms.rate, state.payableSeconds);
        uint256 fee = StreamMath.share(due, bps) - StreamMath.share(paid, bps);

        progress.cursor = uint40(state.cursor);
        progress.payableSeconds = uint40(state.payableSeconds);
        progress.missRun = uint8(state.missRun);
        progress.faults = uint8(state.faults);
        _store(order, progress);
        if (due != paid) _earn(terms.nodeId, due - paid - fee, fee);
        emit OrderSettled(orderId, state.cursor, state.payableSeconds, due - paid, fee);
    }

    /// @dev Slashes for faults. All of it goes to the treasury: whoever can stop a node must not gain by it.
    function _slash(
        uint256 orderId,
        Order storage order,
        uint256 nodeId,
        uint256 faultsBefore,
        uint256 faults
    ) private {
        uint256 amount = _lockOf(order, faultsBefore) - _lockOf(order, faults);
        if (amount == 0) return;
        emit OrderSlashed(orderId, faults, amount);
        vault.slash(registry.providerOf(nodeId), amount, treasury);
    }

    /// @dev What is left of an order's lock after so many faults.
    function _lockOf(Order storage order, uint256 faults) private view returns (uint256) {
        uint256 stakeLock = order.stakeLock;
        return stakeLock - OrderStream.slashed(stakeLock, faults);
    }

    /// @dev Records that the order no longer streams, and frees its units and its lock: the seconds that are still
    /// undecided are part of an epoch, so no miss can come any more. Only an order that has paid for an epoch leaves its
    /// lock at the node: otherwise whoever opens orders and closes them at once would tie up the provider's stake for
    /// nothing. The vault calls nobody.
    function _recordStop(
        Order storage order,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        progress.stopAt = uint40(state.limit);
        progress.reason = state.reason;
        uint256 left = _lockOf(order, state.faults);
        bool staysIdle = state.payableSeconds >= terms.epochLength;
        _uncommit(terms.nodeId, order.terms.units, staysIdle ? left : 0);
        if (!staysIdle) vault.unlock(registry.providerOf(terms.nodeId), left);
    }

    /// @dev Refunds what a stopped order can no longer cost; the rest waits for its last epoch.
    function _finish(
        uint256 orderId,
        Order storage order,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        uint256 undecided = _undecided(terms.rate, state);
        uint256 kept = StreamMath.cost(terms.rate, state.payableSeconds) + undecided;
        uint256 refunded = _refund(order, progress, kept, OrderStatus.Closing);
        emit OrderClosed(orderId, state.reason, state.limit, refunded, undecided);

        if (state.cursor == state.limit) _finalize(orderId, order, progress, terms, state);
    }

    /// @dev Once the last epoch is final, returns what it left over to the user.
    function _finalize(
        uint256 orderId,
        Order storage order,
        Progress memory progress,
        OrderStream.Terms memory terms,
        OrderStream.State memory state
    ) private {
        uint256 spent = StreamMath.cost(terms.rate, state.payableSeconds);
        emit OrderFinalized(orderId, _refund(order, progress, spent, OrderStatus.Closed));
    }

    function _store(Order storage order, Progress memory progress) private {
        order.progress = progress;
    }

    /// @dev Gives an order a status and credits its user with what its deposit has above `kept`, which is returned.
    function _refund(
        Order storage order,
        Progress memory progress,
        uint256 kept,
        OrderStatus status
    ) private returns (uint256 refunded) {
        refunded = progress.deposited - kept;
        progress.deposited = uint104(kept);
        progress.status = status;
        _store(order, progress);
        if (refunded != 0) _credit(order.user, refunded);
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
