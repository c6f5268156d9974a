// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title CalldataBytes
/// @notice Reads calldata by position. A position is absolute, and the caller has checked that what is read lies inside; behind the end
/// of calldata there are zeros.
library CalldataBytes {
    /// @notice Where bytes begin.
    function startOf(bytes calldata data) internal pure returns (uint256 start) {
        assembly ("memory-safe") {
            start := data.offset
        }
    }

    /// @notice The bytes at a position.
    function slice(uint256 position, uint256 size) internal pure returns (bytes calldata data) {
        assembly ("memory-safe") {
            data.offset := position
            data.length := size
        }
    }

    /// @notice keccak256 of the bytes at a position.
    function hashAt(uint256 position, uint256 size) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, position, size)
            hash := keccak256(free, size)
        }
    }

    /// @notice The word at a position.
    function wordAt(uint256 position) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }

    /// @notice The big-endian number of two bytes at a position.
    function uint16At(uint256 position) internal pure returns (uint16) {
        return uint16(bytes2(wordAt(position)));
    }

    /// @notice The byte at a position.
    function uint8At(uint256 position) internal pure returns (uint8) {
        return uint8(bytes1(wordAt(position)));
    }
}
