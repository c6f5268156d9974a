// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {IOrderEscrow} from "../interfaces/IOrderEscrow.sol";
import {IValidatorRewards} from "../interfaces/IValidatorRewards.sol";
import {ExactTransfer} from "../libraries/ExactTransfer.sol";

/// @title OrderLedger
/// @notice The escrow's pull payments: what it owes to whom, and the only places where its tokens come in or go out.
abstract contract OrderLedger is IOrderEscrow, ReentrancyGuardTransient {
    using ExactTransfer for IERC20;
    using SafeERC20 for IERC20;

    /// @dev What a node has earned and the fees held back from it. They share a slot, so that settling writes one.
    struct Earnings {
        uint128 balance;
        uint128 fees;
    }

    /// @inheritdoc IOrderEscrow
    IERC20 public immutable token;

    /// @inheritdoc IOrderEscrow
    IValidatorRewards public immutable rewards;

    /// @inheritdoc IOrderEscrow
    INodeRegistry public immutable registry;

    mapping(address account => uint256) private _balances;
    mapping(uint256 nodeId => Earnings) private _earnings;

    /// @notice Wires the ledger for good.
    /// @param token_ The token of all prices.
    /// @param rewards_ The contract that gets the protocol fees.
    /// @param registry_ The registry of nodes.
    constructor(IERC20 token_, IValidatorRewards rewards_, INodeRegistry registry_) {
        token = token_;
        registry = registry_;
        rewards = rewards_;
    }

    /// @inheritdoc IOrderEscrow
    function balanceOf(address account) external view returns (uint256) {
        return _balances[account];
    }

    /// @inheritdoc IOrderEscrow
    function earningsOf(uint256 nodeId) external view returns (uint256 balance, uint256 fees) {
        Earnings memory earned = _earnings[nodeId];
        return (earned.balance, earned.fees);
    }

    /// @inheritdoc IOrderEscrow
    function withdraw(address to) external nonReentrant returns (uint256 amount) {
        _checkReceiver(to);
        amount = _balances[msg.sender];
        _balances[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        _payOut(to, amount);
    }

    /// @inheritdoc IOrderEscrow
    function withdrawEarnings(uint256[] calldata nodeIds, address to) external nonReentrant returns (uint256 amount) {
        _checkReceiver(to);
        for (uint256 i; i < nodeIds.length; ++i) {
            uint256 nodeId = _ownNode(nodeIds, i);
            uint256 earned = _earnings[nodeId].balance;
            if (earned == 0) continue;
            _earnings[nodeId].balance = 0;
            amount += earned;
            emit EarningsWithdrawn(nodeId, to, earned);
        }
        _payOut(to, amount);
    }

    /// @inheritdoc IOrderEscrow
    function collectFees(uint256[] calldata nodeIds) external nonReentrant returns (uint256 amount) {
        // Effects.
        for (uint256 i; i < nodeIds.length; ++i) {
            amount += _earnings[nodeIds[i]].fees;
            _earnings[nodeIds[i]].fees = 0;
        }
        if (amount == 0) revert OrderEscrowNoFees();
        emit FeesCollected(amount);

        // Interaction.
        token.forceApprove(address(rewards), amount);
        rewards.fund(amount);
    }

    /// @dev Credits an account.
    function _credit(address account, uint256 amount) internal {
        _balances[account] += amount;
    }

    /// @dev Credits a node with earnings, and with fees for the rewards. Both come out of deposits, which are below
    /// 2^104 each.
    function _earn(uint256 nodeId, uint256 amount, uint256 fees) internal {
        Earnings memory earned = _earnings[nodeId];
        earned.balance += uint128(amount);
        earned.fees += uint128(fees);
        _earnings[nodeId] = earned;
    }

    /// @dev Returns one of some nodes, which must be the caller's.
    function _ownNode(uint256[] calldata nodeIds, uint256 index) internal view returns (uint256 nodeId) {
        nodeId = nodeIds[index];
        if (registry.providerOf(nodeId) != msg.sender) revert OrderEscrowNotProvider(nodeId, msg.sender);
    }

    /// @dev Takes exactly `amount` from the caller. Must be the last thing that a function does.
    function _pull(uint256 amount) internal {
        (uint256 received, ) = token.pull(amount);
        if (received != amount) revert OrderEscrowUnexpectedAmount(amount, received);
    }

    /// @dev Pays out what was owed. Must be the last thing that a function does.
    function _payOut(address to, uint256 amount) private {
        if (amount == 0) revert OrderEscrowNothingToWithdraw(msg.sender);
        token.safeTransfer(to, amount);
    }

    function _checkReceiver(address to) private view {
        if (to == address(0) || to == address(this)) revert OrderEscrowInvalidReceiver(to);
    }
}
