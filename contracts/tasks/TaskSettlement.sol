// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../interfaces/ITaskEscrow.sol";
import {DatasetUse, Task, TaskStatus} from "../types/Task.sol";
import {TaskState} from "./TaskState.sol";
import {TaskLedger} from "./TaskLedger.sol";

/// @title TaskSettlement
/// @notice Who gets what when a task ends: out of its escrow by the ledger, and out of the provider's lock in the
/// vault.
abstract contract TaskSettlement is TaskState, TaskLedger {
    /// @inheritdoc ITaskEscrow
    IStakeVault public immutable vault;
    /// @inheritdoc ITaskEscrow
    address public immutable treasury;

    /// @notice Binds settlements to the vault, for good.
    /// @dev Errors: {TaskEscrowInvalidReceiver}.
    /// @param vault_ The vault that holds the providers' stake.
    /// @param treasury_ The account that gets what owners and validators leave of a lock.
    constructor(IStakeVault vault_, address treasury_) {
        // The vault refuses to credit these two, and without its slash a task could not end.
        if (treasury_ == address(0) || treasury_ == address(vault_)) revert TaskEscrowInvalidReceiver(treasury_);
        vault = vault_;
        treasury = treasury_;
    }

    /// @dev Ends a task and credits the requester with `refunded`, what is left of its escrow.
    function _end(uint256 taskId, Task storage task, TaskStatus status, uint256 refunded) internal {
        task.status = status;
        _refund(task.requester, refunded);
        emit TaskEnded(taskId, status, refunded);
    }

    /// @dev Pays the owners out of the escrow.
    function _payOwners(uint256 taskId, Task storage task) internal {
        DatasetUse[] memory uses = _usesOf(taskId, task);
        for (uint256 i; i < uses.length; ++i) {
            if (uses[i].price != 0) _pay(taskId, grants.ownerOf(uses[i].datasetId), uses[i].price);
        }
    }

    /// @dev Pays the node out of the escrow, and releases the lock.
    function _payNode(uint256 taskId, Task storage task, address provider) internal {
        _pay(taskId, provider, task.nodeFee);
        vault.unlock(provider, task.stakeLock);
    }

    /// @dev Ends a task of which nobody knows whether the node could be believed: all of the escrow goes back, and the
    /// lock pays the owners, whose data was opened, and is released. So no revoked node gains by it or uses data for
    /// nothing.
    function _endInDoubt(uint256 taskId, Task storage task, address provider) internal {
        vault.unlock(provider, _endAtNodesCost(taskId, task, TaskStatus.Suspended, provider));
    }

    /// @dev Ends a task by the node's fault: all of the escrow goes back, and the lock pays the owners, the signers
    /// and, with what is left, the treasury. The lock is never less than the fees of owners and signers.
    function _endInFault(
        uint256 taskId,
        Task storage task,
        TaskStatus status,
        address provider,
        address[] memory signers,
        uint256[] memory shares
    ) internal {
        uint256 rest = _endAtNodesCost(taskId, task, status, provider);
        for (uint256 i; i < signers.length; ++i) {
            rest -= shares[i];
            vault.slash(provider, shares[i], signers[i]);
        }
        vault.slash(provider, rest, treasury);
    }

    /// @dev Ends a task by the node's fault that no signers were needed to see.
    function _endAlone(uint256 taskId, Task storage task, TaskStatus status, address provider) internal {
        _endInFault(taskId, task, status, provider, new address[](0), new uint256[](0));
    }

    /// @dev Ends a task, gives back all of its escrow, and pays the owners out of the lock. Returns what is left of it.
    function _endAtNodesCost(
        uint256 taskId,
        Task storage task,
        TaskStatus status,
        address provider
    ) private returns (uint256 rest) {
        DatasetUse[] memory uses = _usesOf(taskId, task);
        _end(taskId, task, status, _sum(uses) + task.nodeFee + task.validatorFee);

        rest = task.stakeLock;
        for (uint256 i; i < uses.length; ++i) {
            uint256 price = uses[i].price;
            if (price == 0) continue;
            rest -= price;
            address owner = grants.ownerOf(uses[i].datasetId);
            emit OwnerCompensated(taskId, owner, price);
            vault.slash(provider, price, owner);
        }
    }
}
