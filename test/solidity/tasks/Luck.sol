// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Random numbers that a seed decides, each drawn from the one before.
struct Luck {
    uint256 state;
}

using {seed, roll} for Luck global;

/// @dev Starts from a seed.
function seed(Luck storage luck, uint256 value) {
    luck.state = value;
}

/// @dev The next random number below `size`.
function roll(Luck storage luck, uint256 size) returns (uint256) {
    luck.state = uint256(keccak256(abi.encode(luck.state)));
    return luck.state % size;
}
