// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice The challenge that holds for every node in one epoch.
/// @param seed Hash that follows from the block that issued the challenge: 20 bytes, and 12 zero bytes; zero where the
/// chain does not provide that block's hash.
/// @param epoch The epoch: Unix seconds divided by the epoch length.
/// @param issuedAt Unix seconds at which it was issued; answers are taken before `issuedAt + responseWindow`.
/// @param blockNumber The block that issued the challenge, and whose hash makes the seed.
struct Challenge {
    bytes32 seed;
    uint64 epoch;
    uint64 issuedAt;
    uint64 blockNumber;
}

/// @notice The rate that a node has proven last.
/// @param hashRate Lower-bound estimate `(k-1) * 2^256 / (U * T)` in hashes per second: k nonces, U the largest hash of
/// the answer, T the effective window.
/// @param epoch The epoch of that answer.
struct ProvenRate {
    uint128 hashRate;
    uint64 epoch;
}

/// @notice An answer to a challenge.
/// @param nodeId The node that answers.
/// @param nonces 128 nonces of 8 bytes, big-endian, in the order of their hashes, which increase strictly.
/// @param signature The enclave key's signature over the EIP-712 `Answer`, 65 bytes.
struct Answer {
    uint256 nodeId;
    bytes nonces;
    bytes signature;
}
