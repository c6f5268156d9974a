// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title PackedBytes
/// @notice Bytes whose length is not known in advance, built at the end of memory without ever being moved.
/// @dev Between {start} and {finish} nothing else may allocate memory.
library PackedBytes {
    /// @notice Begins.
    /// @return packed The bytes, which become valid with {finish}.
    function start() internal pure returns (bytes memory packed) {
        assembly ("memory-safe") {
            packed := mload(0x40)
            mstore(0x40, add(packed, 0x20))
        }
    }

    /// @notice Appends the first bytes of a word.
    /// @param word The bytes, left-aligned, followed by zeros.
    /// @param size How many bytes, at most 32.
    function append(uint256 word, uint256 size) internal pure {
        assembly ("memory-safe") {
            let end := mload(0x40)
            mstore(end, word)
            mstore(0x40, add(end, size))
        }
    }

    /// @notice Ends.
    /// @param packed The bytes that {start} returned.
    function finish(bytes memory packed) internal pure {
        assembly ("memory-safe") {
            let end := mload(0x40)
            mstore(packed, sub(sub(end, packed), 0x20))
            mstore(0x40, and(add(end, 0x1f), not(0x1f)))
        }
    }
}
