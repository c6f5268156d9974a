// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What a validator says of the chain. The EIP-712 type `ChainView` has the same fields.
/// @param number A block's number.
/// @param blockHash The hash of the block that has this number.
struct ChainView {
    uint64 number;
    bytes32 blockHash;
}
