// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ITaskEscrow} from "../interfaces/ITaskEscrow.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";

/// @title TaskLedger
/// @notice The tasks' pull payments: what is owed to whom, and the only places where tokens come in or go out.
abstract contract TaskLedger is ITaskEscrow, ReentrancyGuardTransient {
    using ExactTransfer for IERC20;
    using SafeERC20 for IERC20;

    /// @inheritdoc ITaskEscrow
    IERC20 public immutable token;

    /// @inheritdoc ITaskEscrow
    mapping(address account => uint256) public balanceOf;

    /// @notice Binds the ledger to a token, for good.
    /// @param token_ The token of all fees.
    constructor(IERC20 token_) {
        token = token_;
    }

    /// @inheritdoc ITaskEscrow
    function withdraw(address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0) || to == address(this)) revert TaskEscrowInvalidReceiver(to);
        amount = balanceOf[msg.sender];
        if (amount == 0) revert TaskEscrowNothingToWithdraw(msg.sender);
        balanceOf[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @dev Credits an account with a fee for its part in a task.
    function _pay(uint256 taskId, address account, uint256 amount) internal {
        if (amount == 0) return;
        _credit(account, amount);
        emit FeeCredited(taskId, account, amount);
    }

    /// @dev Credits a requester with what it gets back. The task's event says how much.
    function _refund(address requester, uint256 amount) internal {
        if (amount != 0) _credit(requester, amount);
    }

    /// @dev Credits an account with what an event tells.
    function _credit(address account, uint256 amount) internal {
        // There are fewer than 2^64 tasks, and none escrows as much as 2^128.
        unchecked {
            balanceOf[account] += amount;
        }
    }

    /// @dev Takes exactly `amount` from the caller. Must be the last thing that a function does.
    function _pull(uint256 amount) internal {
        if (amount == 0) return;
        (uint256 received, ) = token.pull(amount);
        if (received != amount) revert TaskEscrowUnexpectedAmount(amount, received);
    }
}
