// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IOrderEscrow} from "../interfaces/IOrderEscrow.sol";
import {IValidatorRewards} from "../interfaces/IValidatorRewards.sol";

/// @title Ledger
/// @notice The escrow's pull payments: what it owes to whom, and the only places where its tokens come in or go out.
abstract contract Ledger is IOrderEscrow, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev A provider's earnings and the fees held back from them share a slot, so that settling writes one.
    struct Account {
        uint128 balance;
        uint128 fees;
    }

    /// @inheritdoc IOrderEscrow
    IERC20 public immutable token;

    /// @inheritdoc IOrderEscrow
    IValidatorRewards public immutable rewards;

    mapping(address account => Account) private _accounts;

    /// @notice Wires the ledger for good.
    /// @param token_ The token of all prices.
    /// @param rewards_ Where protocol fees go.
    constructor(IERC20 token_, IValidatorRewards rewards_) {
        token = token_;
        rewards = rewards_;
    }

    /// @inheritdoc IOrderEscrow
    function balanceOf(address account) external view returns (uint256) {
        return _accounts[account].balance;
    }

    /// @inheritdoc IOrderEscrow
    function feesOf(address provider) external view returns (uint256) {
        return _accounts[provider].fees;
    }

    /// @inheritdoc IOrderEscrow
    function withdraw(address to) external nonReentrant returns (uint256 amount) {
        // Check: the receiver can do something with it, and there is something.
        if (to == address(0) || to == address(this)) revert OrderEscrowInvalidReceiver(to);
        amount = _accounts[msg.sender].balance;
        if (amount == 0) revert OrderEscrowNothingToWithdraw(msg.sender);

        // Effects.
        _accounts[msg.sender].balance = 0;
        emit Withdrawn(msg.sender, to, amount);

        // Interaction.
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IOrderEscrow
    function collectFees(address[] calldata providers) external nonReentrant returns (uint256 amount) {
        // Effects.
        for (uint256 i; i < providers.length; ++i) {
            amount += _accounts[providers[i]].fees;
            _accounts[providers[i]].fees = 0;
        }
        if (amount == 0) revert OrderEscrowNoFees();
        emit FeesCollected(amount);

        // Interaction.
        token.forceApprove(address(rewards), amount);
        rewards.fund(amount);
    }

    /// @dev Owes `amount` more to an account, and `fees` to the rewards. Both come out of deposits, which are below 2^104 each.
    function _credit(address account, uint256 amount, uint256 fees) internal {
        Account memory owed = _accounts[account];
        owed.balance += uint128(amount);
        owed.fees += uint128(fees);
        _accounts[account] = owed;
    }

    /// @dev Takes exactly `amount` from the caller. The last thing that a function does.
    function _pull(uint256 amount) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert OrderEscrowUnexpectedAmount(amount, received);
    }
}
