// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// A result's tree, built apart from the contract: from the root down, each node's left half the largest power of two below.

uint256 constant CHUNK = 4096;

/// @notice Bytes that repeat nowhere.
function someBytes(uint256 length, uint256 seed) pure returns (bytes memory data) {
    data = new bytes(length);
    for (uint256 i; i < length; i += 32) {
        assembly ("memory-safe") {
            mstore(0, seed)
            mstore(0x20, i)
            mstore(add(add(data, 0x20), i), keccak256(0, 0x40))
        }
    }
}

/// @notice The result of a task that is played: of one chunk, so that it is all chunks.
function playedResult(uint256 taskId) pure returns (bytes memory) {
    return abi.encode("result", taskId);
}

function chunkCount(uint256 length) pure returns (uint256) {
    return length == 0 ? 0 : (length - 1) / CHUNK + 1;
}

function chunkAt(bytes memory data, uint256 place) pure returns (bytes memory chunk) {
    uint256 start = place * CHUNK;
    uint256 size = data.length - start < CHUNK ? data.length - start : CHUNK;
    chunk = new bytes(size);
    assembly ("memory-safe") {
        mcopy(add(chunk, 0x20), add(add(data, 0x20), start), size)
    }
}

function leavesOf(bytes memory data) pure returns (bytes32[] memory leaves) {
    leaves = new bytes32[](chunkCount(data.length));
    for (uint256 i; i < leaves.length; ++i) leaves[i] = keccak256(bytes.concat(hex"00", chunkAt(data, i)));
}

function rootBetween(bytes32[] memory leaves, uint256 from, uint256 to) pure returns (bytes32) {
    if (to - from == 1) return leaves[from];
    uint256 middle = from + halfOf(to - from);
    return keccak256(bytes.concat(hex"01", rootBetween(leaves, from, middle), rootBetween(leaves, middle, to)));
}

/// @notice The largest power of two below a count of two or more.
function halfOf(uint256 count) pure returns (uint256 half) {
    half = 1;
    while (2 * half < count) half *= 2;
}

function resultHashOf(bytes memory data) pure returns (bytes32) {
    bytes32[] memory leaves = leavesOf(data);
    return keccak256(bytes.concat(hex"02", bytes8(uint64(data.length)), rootBetween(leaves, 0, leaves.length)));
}

/// @notice The hashes beside the way from a leaf to the root, from the leaf on.
function proofOf(bytes memory data, uint256 place) pure returns (bytes32[] memory proof) {
    bytes32[] memory leaves = leavesOf(data);
    bytes32[] memory down = new bytes32[](64);
    uint256 depth;
    (uint256 from, uint256 to) = (0, leaves.length);
    while (to - from > 1) {
        uint256 middle = from + halfOf(to - from);
        if (place < middle) {
            down[depth++] = rootBetween(leaves, middle, to);
            to = middle;
        } else {
            down[depth++] = rootBetween(leaves, from, middle);
            from = middle;
        }
    }
    proof = new bytes32[](depth);
    for (uint256 i; i < depth; ++i) proof[i] = down[depth - 1 - i];
}
