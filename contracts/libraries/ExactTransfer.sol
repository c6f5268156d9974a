// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title ExactTransfer
/// @notice Takes tokens and returns how many really arrived, for tokens that take a fee on transfer or rebase.
library ExactTransfer {
    using SafeERC20 for IERC20;

    /// @notice Takes tokens from the caller of the contract that uses this library.
    /// @param token The token.
    /// @param amount Token base units to take from `msg.sender`.
    /// @return received Token base units by which the contract's balance grew; 0 if it did not grow.
    /// @return balance The contract's balance afterwards, in token base units.
    function pull(IERC20 token, uint256 amount) internal returns (uint256 received, uint256 balance) {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        balance = token.balanceOf(address(this));
        received = Math.saturatingSub(balance, before);
    }
}
