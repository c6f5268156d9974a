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
        uint256 before = _balance(token);
        token.safeTransferFrom(msg.sender, address(this), amount);
        balance = _balance(token);
        received = Math.saturatingSub(balance, before);
    }

    /// @dev This contract's balance. Without the compiler's coding, since every payment asks twice.
    function _balance(IERC20 token) private view returns (uint256 held) {
        bytes4 selector = IERC20.balanceOf.selector;
        assembly ("memory-safe") {
            mstore(0, selector)
            mstore(4, address())
            // The call is made before the size of its answer is looked at.
            if iszero(and(gt(returndatasize(), 0x1f), staticcall(gas(), token, 0, 0x24, 0, 0x20))) {
                let data := mload(0x40)
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
            held := mload(0)
        }
    }
}
