// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallengeManager} from "../interfaces/IChallengeManager.sol";
import {IOrderEscrow} from "../interfaces/IOrderEscrow.sol";
import {OrderStream} from "./OrderStream.sol";
import {StreamMath} from "./StreamMath.sol";
import {Order, OrderStatus, Progress, StopReason} from "../types/Order.sol";
import {OrderLedger} from "./OrderLedger.sol";

/// @title OrderState
/// @notice The orders, and where each stands now.
abstract contract OrderState is OrderLedger {
    /// @inheritdoc IOrderEscrow
    IChallengeManager public immutable challenges;

    uint256 internal immutable _epochLength;

    mapping(uint256 orderId => Order) internal _orders;

    /// @notice Ties the orders to the proofs for good.
    /// @param challenges_ The challenge manager, which keeps proofs.
    constructor(IChallengeManager challenges_) {
        challenges = challenges_;
        _epochLength = challenges_.epochLength();
    }

    /// @inheritdoc IOrderEscrow
    function getOrder(uint256 orderId) external view returns (Order memory order) {
        order = _orders[orderId];
        _checkKnown(orderId, order.progress.status);
    }

    /// @inheritdoc IOrderEscrow
    function termsHashOf(uint256 orderId) external view returns (bytes32) {
        Order storage order = _orders[orderId];
        _checkKnown(orderId, order.progress.status);
        return _termsHash(order);
    }

    /// @inheritdoc IOrderEscrow
    function statusOf(uint256 orderId) external view returns (OrderStatus status, StopReason reason) {
        (Progress memory progress, , OrderStream.State memory state) = _standing(orderId);
        (status, reason) = (progress.status, progress.reason);
        if (!state.stopped || !_streams(status)) return (status, reason);
        if (status == OrderStatus.Active && _isRestartable(_orders[orderId], progress, state)) {
            return (OrderStatus.Stopped, state.reason);
        }
        if (status == OrderStatus.Stopped) return (status, reason);
        return (state.cursor == state.limit ? OrderStatus.Closed : OrderStatus.Closing, state.reason);
    }

    /// @inheritdoc IOrderEscrow
    function stopTimeOf(uint256 orderId) external view returns (uint256) {
        (, OrderStream.Terms memory terms, OrderStream.State memory state) = _standing(orderId);
        OrderStream.learnEnd(terms, state);
        return state.limit;
    }

    /// @inheritdoc IOrderEscrow
    function depletionTimeOf(uint256 orderId) public view returns (uint256) {
        (, OrderStream.Terms memory terms, OrderStream.State memory state) = _standing(orderId);
        return state.stopped ? state.limit : OrderStream.depletionOf(terms, state);
    }

    /// @inheritdoc IOrderEscrow
    function runwayOf(uint256 orderId) external view returns (uint256) {
        uint256 depletion = depletionTimeOf(orderId);
        return depletion > block.timestamp && depletion != OrderStream.NEVER ? depletion - block.timestamp : 0;
    }

    /// @inheritdoc IOrderEscrow
    function accruedOf(uint256 orderId) external view returns (uint256) {
        (Progress memory progress, OrderStream.Terms memory terms, OrderStream.State memory state) = _standing(orderId);
        return StreamMath.cost(terms.rate, state.payableSeconds) - StreamMath.cost(terms.rate, progress.payableSeconds);
    }

    /// @inheritdoc IOrderEscrow
    function undecidedOf(uint256 orderId) external view returns (uint256) {
        (, OrderStream.Terms memory terms, OrderStream.State memory state) = _standing(orderId);
        return _undecided(terms.rate, state);
    }

    /// @inheritdoc IOrderEscrow
    function surplusOf(uint256 orderId) external view returns (uint256) {
        (Progress memory progress, OrderStream.Terms memory terms, OrderStream.State memory state) = _standing(orderId);
        return progress.deposited - StreamMath.cost(terms.rate, state.payableSeconds) - _undecided(terms.rate, state);
    }

    /// @dev Returns an order and where it stands now. An order that does not stream (a request, or one that is over)
    /// stays where it is.
    function _standing(
        uint256 orderId
    ) private view returns (Progress memory progress, OrderStream.Terms memory terms, OrderStream.State memory state) {
        Order storage order = _orders[orderId];
        progress = order.progress;
        _checkKnown(orderId, progress.status);
        if (_streams(progress.status)) {
            (terms, state) = _project(order, progress, 0);
        } else {
            bool closed = progress.status == OrderStatus.Closed;
            terms.rate = order.terms.ratePerSecond;
            state.cursor = closed ? progress.stopAt : block.timestamp;
            state.payableSeconds = progress.payableSeconds;
            state.stopped = true;
            state.limit = closed ? progress.stopAt : OrderStream.NEVER;
        }
    }

    /// @notice Returns where an order stands now, or stood before an earlier epoch. Writes nothing.
    /// @param order The order, which streams.
    /// @param progress Its progress as it was recorded last.
    /// @param untilEpoch The epoch before which to stop if the running one is later; 0 for now.
    /// @return terms Its terms.
    /// @return state Where it stands.
    function _project(
        Order storage order,
        Progress memory progress,
        uint256 untilEpoch
    ) internal view returns (OrderStream.Terms memory terms, OrderStream.State memory state) {
        terms.challenges = challenges;
        terms.registry = registry;
        terms.epochLength = _epochLength;
        terms.nodeId = order.terms.nodeId;
        terms.rate = order.terms.ratePerSecond;
        terms.covered = StreamMath.covered(progress.deposited, terms.rate);
        state.cursor = progress.cursor;
        state.payableSeconds = progress.payableSeconds;
        state.limit = progress.stopAt == 0 ? OrderStream.NEVER : progress.stopAt;
        state.reason = progress.reason;
        state.stopped = progress.status != OrderStatus.Active;
        state.missRun = progress.missRun;
        state.faults = progress.faults;

        uint256 until;
        bool isNow;
        // The product is at most `block.timestamp`.
        unchecked {
            uint256 running = block.timestamp / _epochLength;
            isNow = untilEpoch == 0 || untilEpoch >= running;
            until = (isNow ? running : untilEpoch) * _epochLength;
        }
        OrderStream.advance(terms, state, until);
        if (isNow || state.cursor == state.limit) OrderStream.stopBy(terms, state, block.timestamp);
    }

    /// @notice Returns what the seconds from the cursor to now, or to the stop, would cost if their epoch were proven.
    /// @param rate The order's rate: token base units per second with 12 extra decimals.
    /// @param state Where the order stands now.
    /// @return Token base units.
    function _undecided(uint256 rate, OrderStream.State memory state) internal view returns (uint256) {
        uint256 end = state.limit < block.timestamp ? state.limit : block.timestamp;
        uint256 proven = StreamMath.cost(rate, state.payableSeconds);
        return StreamMath.cost(rate, state.payableSeconds + (end - state.cursor)) - proven;
    }

    /// @notice Checks that an order exists.
    /// @dev Errors: {IOrderEscrow-OrderEscrowUnknownOrder}.
    /// @param orderId The order.
    /// @param status The status that is stored for it.
    function _checkKnown(uint256 orderId, OrderStatus status) internal pure {
        if (status == OrderStatus.None) revert OrderEscrowUnknownOrder(orderId);
    }

    /// @notice Returns whether an order in this status has seconds to count or to wait for.
    /// @param status The status.
    /// @return Whether it does.
    function _streams(OrderStatus status) internal pure returns (bool) {
        return status == OrderStatus.Active || status == OrderStatus.Stopped || status == OrderStatus.Closing;
    }

    /// @notice Returns the order that the caller means: its terms and its user are those that the caller names. After a reorganisation of the chain another order may have the number.
    /// @dev Errors: {IOrderEscrow-OrderEscrowUnknownOrder}, {IOrderEscrow-OrderEscrowWrongTerms}.
    /// @param orderId The order.
    /// @param termsHash What the caller names; see {IOrderEscrow-termsHashOf}.
    /// @return order The order.
    /// @return progress Its progress as it was recorded last.
    function _named(
        uint256 orderId,
        bytes32 termsHash
    ) internal view returns (Order storage order, Progress memory progress) {
        order = _orders[orderId];
        progress = order.progress;
        _checkKnown(orderId, progress.status);
        bytes32 actual = _termsHash(order);
        if (termsHash != actual) revert OrderEscrowWrongTerms(orderId, actual, termsHash);
    }

    /// @notice Returns whether a top-up can restart a stopped order: its deposit ran out while its terms still held, and
    /// its provider had not scheduled a close.
    /// @param order The order.
    /// @param progress The order's progress before the stop was recorded.
    /// @param state Where it stands: stopped.
    /// @return Whether it can.
    function _isRestartable(
        Order storage order,
        Progress memory progress,
        OrderStream.State memory state
    ) internal view returns (bool) {
        return
            state.reason == StopReason.Depleted &&
            progress.reason != StopReason.ProviderClosed &&
            state.limit < order.terms.termsUntil;
    }

    /// @dev The hash of the two slots that never change: `terms`, and `user` with `stakeLock`.
    function _termsHash(Order storage order) private view returns (bytes32 termsHash) {
        assembly ("memory-safe") {
            mstore(0, sload(order.slot))
            mstore(0x20, sload(add(order.slot, 2)))
            termsHash := keccak256(0, 0x40)
        }
    }
}
