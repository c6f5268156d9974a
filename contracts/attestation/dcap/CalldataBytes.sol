// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title CalldataBytes
/// @notice Reads calldata by position. A position is absolute, and the caller has checked that what is read lies
/// inside; beyond the end of calldata there are zeros.
library CalldataBytes {
    /// @notice Returns where bytes begin.
    /// @param data The bytes.
    /// @return start Their position.
    function startOf(bytes calldata data) internal pure returns (uint256 start) {
        assembly ("memory-safe") {
            start := data.offset
        }
    }

    /// @notice Returns the bytes at a position.
    /// @param position Where they begin.
    /// @param size How many there are.
    /// @return data The bytes.
    function slice(uint256 position, uint256 size) internal pure returns (bytes calldata data) {
        assembly ("memory-safe") {
            data.offset := position
            data.length := size
        }
    }

    /// @notice Returns keccak256 of the bytes at a position.
    /// @param position Where they begin.
    /// @param size How many there are.
    /// @return hash Their hash.
    function hashAt(uint256 position, uint256 size) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, position, size)
            hash := keccak256(free, size)
        }
    }

    /// @notice Returns the word at a position.
    /// @param position Where it begins.
    /// @return word The 32 bytes.
    function wordAt(uint256 position) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }

    /// @notice Returns the big-endian number of two bytes at a position.
    /// @param position Where they begin.
    /// @return The number.
    function uint16At(uint256 position) internal pure returns (uint16) {
        return uint16(bytes2(wordAt(position)));
    }

    /// @notice Returns the byte at a position.
    /// @param position Where it is.
    /// @return The byte.
    function uint8At(uint256 position) internal pure returns (uint8) {
        return uint8(bytes1(wordAt(position)));
    }
}
