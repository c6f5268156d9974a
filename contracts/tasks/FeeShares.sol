// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title FeeShares
/// @notice Splits a fee by stake.
library FeeShares {
    /// @notice Splits a fee. Each share is `floor(fee * stake / total)`, and the last one takes what rounding left, so
    /// that they sum to the fee.
    /// @param fee Token base units, below 2^128.
    /// @param stakes Token base units of stake: at least one entry, not all zero, each below 2^128.
    /// @return shares Token base units, in the order of the stakes.
    function split(uint256 fee, uint256[] memory stakes) internal pure returns (uint256[] memory shares) {
        uint256 count = stakes.length;
        shares = new uint256[](count);
        uint256 rest = fee;
        // Fee and stakes are below 2^128, so neither a product overflows nor the sum; the shares sum to the fee at most.
        unchecked {
            uint256 total;
            for (uint256 i; i < count; ++i) total += stakes[i];
            for (uint256 i; i + 1 < count; ++i) {
                uint256 share = (fee * stakes[i]) / total;
                shares[i] = share;
                rest -= share;
            }
        }
        shares[count - 1] = rest;
    }
}
