// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title ResultTree
/// @notice What the hash of a result commits to: the length of its bytes, and a Merkle tree over chunks of them.
/// @dev Chunks have {CHUNK_SIZE} bytes, but for the last, which has the rest. A leaf is keccak256 of a zero byte and a chunk,
/// a node keccak256 of a byte 1 and its two children. On each level neighbours are joined from the left, and one that is left
/// over moves up as it is. The hash is keccak256 of a byte 2, the length in eight bytes, big-endian, and the root. So nothing
/// that is hashed at one place can stand at another.
library ResultTree {
    /// @dev Bytes of a chunk. What the chain charges for so many is small beside a block, and the smallest result has a few.
    uint256 internal constant CHUNK_SIZE = 4096;

    /// @notice The length is zero.
    error ResultTreeEmpty();
    /// @notice The chunk has another length than one at this place has.
    /// @param expected Bytes that it should have.
    /// @param actual Bytes that it has.
    error ResultTreeWrongChunkSize(uint256 expected, uint256 actual);
    /// @notice The proof has another length than one for this place has.
    /// @param expected Hashes that it should have.
    /// @param actual Hashes that it has.
    error ResultTreeWrongProofLength(uint256 expected, uint256 actual);

    /// @notice Returns the hash of the result that has a chunk at a place.
    /// @param length Bytes of the whole result.
    /// @param number The chunk's number, counted from 0; beyond the last it begins again with the first.
    /// @param chunk The chunk.
    /// @param proof The hashes beside the way to the root, from the leaf on.
    /// @return The result's hash.
    function hashOf(
        uint64 length,
        uint256 number,
        bytes calldata chunk,
        bytes32[] calldata proof
    ) internal pure returns (bytes32) {
        if (length == 0) revert ResultTreeEmpty();
        uint256 count = (uint256(length) + CHUNK_SIZE - 1) / CHUNK_SIZE;
        uint256 place = number % count;
        uint256 size = place + 1 == count ? length - place * CHUNK_SIZE : CHUNK_SIZE;
        if (chunk.length != size) revert ResultTreeWrongChunkSize(size, chunk.length);
        bytes32 root = _rootOf(place, count, keccak256(abi.encodePacked(bytes1(0), chunk)), proof);
        return keccak256(abi.encodePacked(bytes1(0x02), length, root));
    }

    /// @dev Walks from a leaf to the root.
    function _rootOf(
        uint256 place,
        uint256 count,
        bytes32 hash,
        bytes32[] calldata proof
    ) private pure returns (bytes32) {
        uint256 used;
        for (; count > 1; count = (count + 1) / 2) {
            bool isLeft = place % 2 == 0;
            // The last of an odd level has nobody beside it.
            if (!isLeft || place + 1 != count) {
                if (used == proof.length) revert ResultTreeWrongProofLength(used + 1, used);
                bytes32 other = proof[used++];
                hash = isLeft ? _join(hash, other) : _join(other, hash);
            }
            place /= 2;
        }
        if (used != proof.length) revert ResultTreeWrongProofLength(used, proof.length);
        return hash;
    }

    function _join(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
