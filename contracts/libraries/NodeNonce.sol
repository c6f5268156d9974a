// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title NodeNonce
/// @notice The layout of the nonces that quotes name: a node's id, followed by 32 bits with the number of its earlier
/// attestations.
library NodeNonce {
    uint256 private constant COUNT_BITS = 32;

    /// @notice Returns the nonce of a node's next quote.
    /// @param nodeId The node.
    /// @param attestations How many of its attestations were accepted so far, less than 2^32.
    /// @return The nonce.
    function encode(uint256 nodeId, uint256 attestations) internal pure returns (uint256) {
        return (nodeId << COUNT_BITS) | attestations;
    }

    /// @notice Returns the node that a nonce belongs to.
    /// @param nonce The nonce.
    /// @return The node's id; 0 is no node.
    function nodeIdOf(uint256 nonce) internal pure returns (uint256) {
        return nonce >> COUNT_BITS;
    }
}
