// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title StreamMath
/// @notice The arithmetic of money over time. Rates are token base units per second with 12 extra decimals.
/// @dev No product here can overflow: rates are below 2^128, seconds below 2^40, amounts below 2^128.
library StreamMath {
    /// @notice The extra decimals of a rate.
    uint256 internal constant RATE_SCALE = 1e12;

    /// @notice One whole in basis points.
    uint256 internal constant BPS = 10_000;

    /// @notice The longest time that a stream can count, in seconds.
    uint256 internal constant MAX_SECONDS = type(uint40).max;

    /// @notice Returns what `secs` seconds cost, rounded down.
    /// @param rate Token base units per second with 12 extra decimals.
    /// @param secs Seconds.
    /// @return Token base units.
    function cost(uint256 rate, uint256 secs) internal pure returns (uint256) {
        unchecked {
            return (rate * secs) / RATE_SCALE;
        }
    }

    /// @notice Returns what `secs` seconds cost, rounded up: the least deposit that covers them.
    /// @param rate Token base units per second with 12 extra decimals.
    /// @param secs Seconds.
    /// @return Token base units.
    function costUp(uint256 rate, uint256 secs) internal pure returns (uint256) {
        unchecked {
            return (rate * secs + RATE_SCALE - 1) / RATE_SCALE;
        }
    }

    /// @notice Returns the whole seconds that a deposit covers: the largest `s` with `costUp(rate, s) <= amount`, at
    /// most {MAX_SECONDS}.
    /// @param amount Token base units.
    /// @param rate Token base units per second with 12 extra decimals, not zero.
    /// @return Seconds.
    function covered(uint256 amount, uint256 rate) internal pure returns (uint256) {
        uint256 secs;
        unchecked {
            secs = (amount * RATE_SCALE) / rate;
        }
        return secs < MAX_SECONDS ? secs : MAX_SECONDS;
    }

    /// @notice Returns a share of an amount, rounded down.
    /// @param amount Token base units.
    /// @param bps Basis points.
    /// @return Token base units.
    function share(uint256 amount, uint256 bps) internal pure returns (uint256) {
        unchecked {
            return (amount * bps) / BPS;
        }
    }
}
