// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice The caller's ERC-2612 permit for exactly the amount that the call moves.
/// @param deadline Unix seconds of the last second at which the permit holds.
/// @param v Recovery id of the signature.
/// @param r First half of the signature.
/// @param s Second half of the signature.
struct Permit {
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}
