// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title CalldataAbi
/// @notice Checks ABI-encoded bytes before a calldata struct is pointed at them, so that garbled input reverts with a reason.
/// @dev The compiler answers a bad offset, length or value with an empty revert, and bounds it by the end of the whole calldata.
/// These checks are bounded by the end of the bytes themselves. Positions are absolute in calldata. Encoding: Contract ABI
/// Specification, "Formal Specification of the Encoding".
library CalldataAbi {
    /// @notice The bytes are not the encoding expected: what is wrong stands at this position of the calldata.
    error CalldataAbiMalformed(uint256 position);

    /// @notice Enters the encoding of one dynamic tuple.
    /// @dev Errors: {CalldataAbiMalformed}.
    /// @param data The encoding.
    /// @param headSize Bytes of the tuple's head.
    /// @return head Where the tuple begins.
    /// @return end Where the encoding ends.
    function enter(bytes calldata data, uint256 headSize) internal pure returns (uint256 head, uint256 end) {
        uint256 start;
        assembly ("memory-safe") {
            start := data.offset
        }
        end = start + data.length;
        if (data.length < 0x20) revert CalldataAbiMalformed(start);
        head = follow(start, start, end, headSize);
    }

    /// @notice Follows the offset to a dynamic member.
    /// @dev Errors: {CalldataAbiMalformed}.
    /// @param base What the offset counts from.
    /// @param pointer Where the offset stands; the caller has checked that it lies before `end`.
    /// @param end Where the encoding ends.
    /// @param size How many bytes the member has at least.
    /// @return position Where the member begins.
    function follow(uint256 base, uint256 pointer, uint256 end, uint256 size) internal pure returns (uint256 position) {
        uint256 offset = load(pointer);
        // Nothing here can overflow: `base` and `end` lie in calldata, and `offset` is compared before it is added.
        unchecked {
            if (offset > end - base) revert CalldataAbiMalformed(pointer);
            position = base + offset;
            if (size > end - position) revert CalldataAbiMalformed(pointer);
        }
    }

    /// @notice Follows the offset to an array or to bytes.
    /// @dev Errors: {CalldataAbiMalformed}.
    /// @param base What the offset counts from.
    /// @param pointer Where the offset stands; the caller has checked that it lies before `end`.
    /// @param end Where the encoding ends.
    /// @param unit Bytes of an element, or of its offset where elements are dynamic.
    /// @return first Where the first element stands.
    /// @return count How many there are.
    function followArray(
        uint256 base,
        uint256 pointer,
        uint256 end,
        uint256 unit
    ) internal pure returns (uint256 first, uint256 count) {
        uint256 position = follow(base, pointer, end, 0x20);
        count = load(position);
        // As in {follow}; a division instead of a product keeps a huge count from wrapping.
        unchecked {
            first = position + 0x20;
            if (count > (end - first) / unit) revert CalldataAbiMalformed(position);
        }
    }

    /// @notice Checks that a word is a number of at most `maximum`.
    /// @dev Errors: {CalldataAbiMalformed}.
    function checkAtMost(uint256 position, uint256 maximum) internal pure {
        if (load(position) > maximum) revert CalldataAbiMalformed(position);
    }

    /// @notice Checks that a word holds a left-aligned value of `size` bytes, 1 to 31, and zeros after it.
    /// @dev Errors: {CalldataAbiMalformed}.
    function checkLeftAligned(uint256 position, uint256 size) internal pure {
        if (load(position) << (size * 8) != 0) revert CalldataAbiMalformed(position);
    }

    /// @notice The word at a position.
    function load(uint256 position) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }
}
