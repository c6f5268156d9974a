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

    /// @notice Wires the book for good.
    /// @param challenges_ Where proofs are kept.
    constructor(IChallengeManager challenges_) {
        challenges = challenges_;
        _epochLength = challenges_.epochLength();
    }

    /// @inheritdoc IOrderEscrow
    function getOrder(uint256 orderId) external view returns (Order memory) {
        _existing(orderId);
        return _orders[orderId];
    }

    /// @inheritdoc IOrderEscrow
    function statusOf(uint256 orderId) external view returns (OrderStatus status, StopReason reason) {
        (Progress memory progress, OrderStream.Stream memory s) = _standing(orderId);
        (status, reason) = (progress.status, progress.reason);
        if (!s.stopped || !_streams(status)) return (status, reason);
        if (status == OrderStatus.Active && _isRestartable(progress, s.reason)) return (OrderStatus.Stopped, s.reason);
        if (status == OrderStatus.Stopped) return (status, reason);
        return (s.cursor == s.limit ? OrderStatus.Closed : OrderStatus.Closing, s.reason);
    }

    /// @inheritdoc IOrderEscrow
    function stopTimeOf(uint256 orderId) external view returns (uint256) {
        (, OrderStream.Stream memory s) = _standing(orderId);
        OrderStream.learnEnd(s);
        return s.limit;
    }

    /// @inheritdoc IOrderEscrow
    function depletionTimeOf(uint256 orderId) public view returns (uint256) {
        (, OrderStream.Stream memory s) = _standing(orderId);
        return s.stopped ? s.limit : s.cursor + (s.covered - s.payableSeconds);
    }

    /// @inheritdoc IOrderEscrow
    function runwayOf(uint256 orderId) external view returns (uint256) {
        uint256 depletion = depletionTimeOf(orderId);
        return depletion > block.timestamp && depletion != OrderStream.NEVER ? depletion - block.timestamp : 0;
    }

    /// @inheritdoc IOrderEscrow
    function accruedOf(uint256 orderId) external view returns (uint256) {
        (Progress memory progress, OrderStream.Stream memory s) = _standing(orderId);
        return StreamMath.cost(s.rate, s.payableSeconds) - StreamMath.cost(s.rate, progress.payableSeconds);
    }

    /// @inheritdoc IOrderEscrow
    function undecidedOf(uint256 orderId) external view returns (uint256) {
        (, OrderStream.Stream memory s) = _standing(orderId);
        return _undecided(s);
    }

    /// @inheritdoc IOrderEscrow
    function surplusOf(uint256 orderId) external view returns (uint256) {
        (Progress memory progress, OrderStream.Stream memory s) = _standing(orderId);
        return progress.deposited - StreamMath.cost(s.rate, s.payableSeconds) - _undecided(s);
    }

    /// @dev An order and where it stands now. What does not stream (a request, one that is over) stands where it is for good.
    function _standing(uint256 orderId) private view returns (Progress memory progress, OrderStream.Stream memory s) {
        progress = _existing(orderId);
        if (_streams(progress.status)) {
            s = _project(orderId, progress, 0);
        } else {
            s.rate = _orders[orderId].terms.ratePerSecond;
            s.cursor = progress.status == OrderStatus.Closed ? progress.stopAt : block.timestamp;
            s.payableSeconds = progress.payableSeconds;
            s.stopped = true;
            s.limit = progress.status == OrderStatus.Closed ? progress.stopAt : OrderStream.NEVER;
        }
    }

    /// @dev An order's progress, after checking that there is such an order.
    function _existing(uint256 orderId) internal view returns (Progress memory progress) {
        progress = _orders[orderId].progress;
        if (progress.status == OrderStatus.None) revert OrderEscrowUnknownOrder(orderId);
    }

    /// @dev Where an order stands now, or before `untilEpoch` if that is not 0 and sooner. Writes nothing.
    function _project(
        uint256 orderId,
        Progress memory progress,
        uint256 untilEpoch
    ) internal view returns (OrderStream.Stream memory s) {
        Order storage order = _orders[orderId];
        s.challenges = challenges;
        s.registry = registry;
        s.epochLength = _epochLength;
        s.nodeId = order.terms.nodeId;
        s.rate = order.terms.ratePerSecond;
        s.cursor = progress.cursor;
        s.payableSeconds = progress.payableSeconds;
        s.covered = StreamMath.covered(progress.deposited, s.rate);
        s.limit = progress.stopAt == 0 ? OrderStream.NEVER : progress.stopAt;
        s.reason = progress.reason;
        s.stopped = progress.status != OrderStatus.Active;
        s.missRun = progress.missRun;
        s.faults = progress.faults;

        uint256 running = block.timestamp - (block.timestamp % _epochLength);
        uint256 until = untilEpoch == 0 || untilEpoch > running / _epochLength ? running : untilEpoch * _epochLength;
        OrderStream.advance(s, order, until);
        if (until == running || s.cursor == s.limit) OrderStream.stopBy(s, block.timestamp);
    }

    /// @dev What the seconds between the cursor and now, or the stop, would cost if their epoch were proven.
    function _undecided(OrderStream.Stream memory s) internal view returns (uint256) {
        uint256 end = s.limit < block.timestamp ? s.limit : block.timestamp;
        return StreamMath.cost(s.rate, s.payableSeconds + (end - s.cursor)) - StreamMath.cost(s.rate, s.payableSeconds);
    }

    /// @dev Whether an order in this status has seconds to count or to wait for.
    function _streams(OrderStatus status) internal pure returns (bool) {
        return status == OrderStatus.Active || status == OrderStatus.Stopped || status == OrderStatus.Closing;
    }

    /// @dev Only depletion leaves the order to a top-up, unless its provider had asked for the end.
    function _isRestartable(Progress memory progress, StopReason reason) internal pure returns (bool) {
        return reason == StopReason.Depleted && progress.reason != StopReason.ProviderClosed;
    }
}
