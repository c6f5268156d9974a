// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Der
/// @notice Strict reader of DER (X.690) over calldata: whatever has another encoding with the same meaning is refused.
/// @dev Elements are read where they are, one after the other. A position is absolute in calldata. Every element is
/// read with the tag that it must have, so long tags never pass. Lengths are definite, minimal and of at most 3 octets;
/// nothing reaches beyond the `end` of what it lies in. The caller checks with {only} or {finish} that nothing follows
/// the last element of a content.
///
/// Nothing here can overflow: positions lie in calldata and lengths are below 2^24, hence `unchecked`.
library Der {
    uint256 internal constant BOOLEAN = 0x01;
    uint256 internal constant INTEGER = 0x02;
    uint256 internal constant BIT_STRING = 0x03;
    uint256 internal constant OCTET_STRING = 0x04;
    uint256 internal constant OBJECT_IDENTIFIER = 0x06;
    uint256 internal constant SEQUENCE = 0x30;
    uint256 internal constant CONTEXT_0 = 0xa0;
    uint256 internal constant CONTEXT_3 = 0xa3;

    /// @dev The high bit of each byte.
    uint256 private constant HIGH_BITS = 0x8080808080808080808080808080808080808080808080808080808080808080;

    /// @notice The bytes are not the expected encoding.
    /// @param position Where in the calldata they are wrong.
    error DerMalformed(uint256 position);

    /// @notice Returns where bytes begin and end.
    /// @param der The bytes.
    /// @return position Where they begin, absolute in calldata.
    /// @return end Where they end: the position after the last byte.
    function bounds(bytes calldata der) internal pure returns (uint256 position, uint256 end) {
        assembly ("memory-safe") {
            position := der.offset
            end := add(position, der.length)
        }
    }

    /// @notice Enters an element (X.690, 8.1.3 and 10.1).
    /// @dev Errors: {DerMalformed}.
    /// @param position Where the element begins.
    /// @param end Where the content that it lies in ends.
    /// @param tag The tag that the element must have, one byte.
    /// @return start Where the element's content begins.
    /// @return next Where the content, and so the element, ends.
    function enter(uint256 position, uint256 end, uint256 tag) internal pure returns (uint256 start, uint256 next) {
        bool isBad;
        assembly ("memory-safe") {
            let head := calldataload(position)
            isBad := xor(byte(0, head), tag)
            let length := byte(1, head)
            start := add(position, 2)
            if gt(length, 0x7f) {
                let octets := sub(length, 0x80)
                length := shr(sub(256, shl(3, octets)), shl(16, head))
                // No octets mean the indefinite form; 0 wraps here and so is more than three. A minimal length needs
                // all its octets.
                isBad := or(isBad, gt(sub(octets, 1), 2))
                isBad := or(isBad, or(lt(length, 0x80), iszero(shr(sub(shl(3, octets), 8), length))))
                start := add(start, octets)
            }
            next := add(start, length)
            // This also catches an element whose head lies beyond the end, wherever the bytes that were read come from.
            isBad := iszero(iszero(or(isBad, gt(next, end))))
        }
        if (isBad) revert DerMalformed(position);
    }

    /// @notice Enters an element that must reach exactly to the end of what it lies in.
    /// @dev Errors: {DerMalformed}.
    /// @param position Where the element begins.
    /// @param end Where the content that it lies in ends.
    /// @param tag The tag that the element must have, one byte.
    /// @return start Where the element's content begins; it ends at `end`.
    function only(uint256 position, uint256 end, uint256 tag) internal pure returns (uint256 start) {
        uint256 stop;
        (start, stop) = enter(position, end, tag);
        if (stop != end) revert DerMalformed(stop);
    }

    /// @notice Checks that a content has been read to its end.
    /// @dev Errors: {DerMalformed}.
    /// @param position Where reading has come to.
    /// @param end Where the content ends.
    function finish(uint256 position, uint256 end) internal pure {
        if (position != end) revert DerMalformed(position);
    }

    /// @notice Reads bytes that can be written in one way only.
    /// @dev Errors: {DerMalformed}.
    /// @param position Where they begin.
    /// @param end Where the content that they lie in ends.
    /// @param size How many there are, 1 to 32.
    /// @param literal What they must be, right-aligned.
    /// @return Where they end.
    function expect(uint256 position, uint256 end, uint256 size, uint256 literal) internal pure returns (uint256) {
        unchecked {
            if (position + size > end || load(position) >> (256 - 8 * size) != literal) revert DerMalformed(position);
            return position + size;
        }
    }

    /// @notice Reads an INTEGER that is positive or zero, and minimal (X.690, 8.3.2).
    /// @dev Errors: {DerMalformed}.
    /// @param position Where the element begins.
    /// @param end Where the content that it lies in ends.
    /// @param maxSize The most bytes that its magnitude may have, at most 32.
    /// @return value The number.
    /// @return stop Where the element ends.
    function unsigned(
        uint256 position,
        uint256 end,
        uint256 maxSize
    ) internal pure returns (uint256 value, uint256 stop) {
        uint256 start;
        (start, stop) = enter(position, end, INTEGER);
        unchecked {
            uint256 size = stop - start;
            value = load(start);
            // A zero byte comes first if and only if the next byte would make the number negative.
            bool isPadded = size > 1 && value >> 248 == 0;
            if (size == 0 || value >> 255 != 0 || (isPadded && (value >> 247) & 1 == 0)) revert DerMalformed(position);
            if (isPadded) {
                size--;
                value = load(start + 1);
            }
            if (size > maxSize) revert DerMalformed(position);
            value >>= 256 - 8 * size;
        }
    }

    /// @notice Reads a minimal OBJECT IDENTIFIER (X.690, 8.19.2) of at most 31 bytes.
    /// @dev Errors: {DerMalformed}.
    /// @param position Where the element begins.
    /// @param end Where the content that it lies in ends.
    /// @return id Its content, left-aligned, and its size in the last byte: two are equal if and only if the OIDs are.
    /// @return stop Where the element ends.
    function oid(uint256 position, uint256 end) internal pure returns (uint256 id, uint256 stop) {
        uint256 start;
        (start, stop) = enter(position, end, OBJECT_IDENTIFIER);
        unchecked {
            uint256 size = stop - start;
            if (size - 1 > 30) revert DerMalformed(position);
            id = (load(start) >> (256 - 8 * size)) << (256 - 8 * size);
            // For all bytes at once: a set high bit says that the number goes on in the next byte. No number begins
            // with 0x80, and the last byte ends a number.
            uint256 goesOn = id & HIGH_BITS;
            uint256 isOnlyHigh = goesOn & ~((id & ~HIGH_BITS) + ~HIGH_BITS);
            bool hasLongNumber = isOnlyHigh & ~(goesOn >> 8) != 0;
            if (hasLongNumber || (goesOn << (8 * size - 8)) != 0) revert DerMalformed(position);
            id |= size;
        }
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
