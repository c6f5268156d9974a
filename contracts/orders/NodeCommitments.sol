// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {OrderLedger} from "./OrderLedger.sol";

/// @title NodeCommitments
/// @notice What orders take of their nodes and give back: units, and locked stake.
/// @dev Both leave an order together, when its stop is recorded. The stake of an order that has paid for an epoch then
/// stays locked in the vault, idle, for the node's next order, until its provider releases it. So an opening or a close
/// need not call the vault.
///
/// Always true: what the vault holds locked for the escrow of a provider is what its orders that stream have left of
/// their locks, and what its nodes hold idle.
abstract contract NodeCommitments is OrderLedger {
    /// @dev One slot. Idle locks are part of what the vault holds locked, which is below 2^128.
    struct Commitments {
        uint128 idle;
        uint16 unitsInUse;
    }

    /// @inheritdoc IOrderEscrow
    IStakeVault public immutable vault;

    mapping(uint256 nodeId => Commitments) private _commitments;

    /// @notice Ties the escrow to a vault for good.
    /// @param vault_ The vault that holds the providers' stake.
    constructor(IStakeVault vault_) {
        vault = vault_;
    }

    /// @inheritdoc IOrderEscrow
    function unitsInUse(uint256 nodeId) external view returns (uint256) {
        return _commitments[nodeId].unitsInUse;
    }

    /// @inheritdoc IOrderEscrow
    function idleLockOf(uint256 nodeId) external view returns (uint256) {
        return _commitments[nodeId].idle;
    }

    /// @inheritdoc IOrderEscrow
    function releaseIdle(uint256[] calldata nodeIds) external returns (uint256 amount) {
        for (uint256 i; i < nodeIds.length; ++i) {
            uint256 nodeId = _ownNode(nodeIds, i);
            uint256 idle = _commitments[nodeId].idle;
            if (idle == 0) continue;
            _commitments[nodeId].idle = 0;
            amount += idle;
            emit IdleLockReleased(nodeId, idle);
        }
        if (amount == 0) revert OrderEscrowNothingToRelease(msg.sender);
        vault.unlock(msg.sender, amount);
    }

    /// @dev Takes units and a lock of a node. Returns how much of the lock the node does not hold idle, and the vault
    /// has to lock.
    function _commit(
        uint256 nodeId,
        uint256 units,
        uint256 offered,
        uint256 stakeLock
    ) internal returns (uint256 missing) {
        Commitments memory held = _commitments[nodeId];
        uint256 free = offered > held.unitsInUse ? offered - held.unitsInUse : 0;
        if (units == 0 || units > free) revert OrderEscrowInsufficientUnits(nodeId, free, units);
        // Units in use are at most those offered, and the idle lock only shrinks.
        unchecked {
            held.unitsInUse += uint16(units);
            uint256 taken = stakeLock < held.idle ? stakeLock : held.idle;
            held.idle -= uint128(taken);
            missing = stakeLock - taken;
        }
        _commitments[nodeId] = held;
    }

    /// @dev Gives units and what is left of a lock back to a node.
    function _uncommit(uint256 nodeId, uint256 units, uint256 stakeLock) internal {
        Commitments memory held = _commitments[nodeId];
        held.unitsInUse -= uint16(units);
        held.idle += uint128(stakeLock);
        _commitments[nodeId] = held;
    }
}
