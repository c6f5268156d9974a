// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {Permit} from "../types/Permit.sol";

/// @title SafePermit
/// @notice Uses an ERC-2612 permit in a way that nobody can spoil by submitting it to the token first.
library SafePermit {
    /// @notice Tries the permit. If it fails, the transfer that follows decides: it succeeds if the allowance is there.
    /// @param token The token.
    /// @param owner The account that signed.
    /// @param value Token base units permitted to the calling contract.
    /// @param permit The rest of the permit.
    function tryPermit(IERC20 token, address owner, uint256 value, Permit calldata permit) internal {
        try
            IERC20Permit(address(token)).permit(
                owner,
                address(this),
                value,
                permit.deadline,
                permit.v,
                permit.r,
                permit.s
            )
        {} catch {}
    }
}
