// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title CalldataAbi
/// @notice Checks ABI-encoded bytes before a calldata struct is pointed at them, so that malformed input reverts with a
/// reason.
/// @dev The compiler answers a bad offset, length or value with an empty revert, and checks it against the end of the
/// whole calldata. Here everything is checked against the end of the bytes themselves. Positions are absolute in
/// calldata. The encoding is that of the Contract ABI Specification, "Formal Specification of the Encoding".
library CalldataAbi {
    /// @notice The bytes are not the expected encoding.
    /// @param position Where in the calldata they are wrong.
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
    /// @param base The position that the offset counts from.
    /// @param pointer Where the offset is; the caller has checked that it lies before `end`.
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
    /// @param base The position that the offset counts from.
    /// @param pointer Where the offset is; the caller has checked that it lies before `end`.
    /// @param end Where the encoding ends.
    /// @param unit Bytes of an element, or of its offset if elements are dynamic.
    /// @return first Where the first element is.
    /// @return count How many elements there are.
    function followArray(
        uint256 base,
        uint256 pointer,
        uint256 end,
        uint256 unit
    ) internal pure returns (uint256 first, uint256 count) {
        uint256 position = follow(base, pointer, end, 0x20);
        count = load(position);
        // As in {follow}; dividing instead of multiplying keeps a huge count from overflowing.
        unchecked {
            first = position + 0x20;
            if (count > (end - first) / unit) revert CalldataAbiMalformed(position);
        }
    }

    /// @notice Checks that a word is a number of at most `maximum`.
    /// @dev Errors: {CalldataAbiMalformed}.
    /// @param position Where the word is.
    /// @param maximum The largest number that is accepted.
    function checkAtMost(uint256 position, uint256 maximum) internal pure {
        if (load(position) > maximum) revert CalldataAbiMalformed(position);
    }

    /// @notice Checks that a word holds a left-aligned value of `size` bytes, followed by zeros.
    /// @dev Errors: {CalldataAbiMalformed}.
    /// @param position Where the word is.
    /// @param size The value's size in bytes, 1 to 31.
    function checkLeftAligned(uint256 position, uint256 size) internal pure {
        if (load(position) << (size * 8) != 0) revert CalldataAbiMalformed(position);
    }

    /// @notice Returns the word at a position.
    /// @param position The position, absolute in calldata.
    /// @return word The 32 bytes that begin there; zeros beyond the calldata.
    function load(uint256 position) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }
}
