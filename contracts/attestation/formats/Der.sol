// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Der
/// @notice Strict reader of DER (X.690) over calldata: whatever has another encoding that means the same is refused.
/// @dev Elements are read where they stand, one behind the other. A position is absolute in calldata. Every element names the tag that it
/// must have, so long tags never pass; lengths are definite, minimal and of at most 3 octets; nothing reaches beyond the `end` of what it
/// lies in. That nothing is left behind the last element of a content is the caller's check, with {only} or {finish}.
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

    /// @notice The bytes are not the encoding expected: what is wrong stands at this position of the calldata.
    error DerMalformed(uint256 position);

    /// @notice Where bytes begin and end.
    function bounds(bytes calldata der) internal pure returns (uint256 position, uint256 end) {
        assembly ("memory-safe") {
            position := der.offset
            end := add(position, der.length)
        }
    }

    /// @notice Enters an element (X.690, 8.1.3 and 10.1).
    /// @dev Errors: {DerMalformed}.
    /// @param position Where it begins.
    /// @param end Where that ends in which it lies.
    /// @param tag The tag that it must have, one byte.
    /// @return start Where its content begins.
    /// @return next Where its content, and so the element, ends.
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
                // None is the indefinite form; it wraps here and so is more than three. A minimal length needs all its octets.
                isBad := or(isBad, gt(sub(octets, 1), 2))
                isBad := or(isBad, or(lt(length, 0x80), iszero(shr(sub(shl(3, octets), 8), length))))
                start := add(start, octets)
            }
            next := add(start, length)
            // This also catches an element whose head lies behind the end, wherever the bytes read came from.
            isBad := iszero(iszero(or(isBad, gt(next, end))))
        }
        if (isBad) revert DerMalformed(position);
    }

    /// @notice Enters an element that must reach exactly to the end of what it lies in.
    /// @dev Errors: {DerMalformed}.
    /// @return start Where its content begins; it ends at `end`.
    function only(uint256 position, uint256 end, uint256 tag) internal pure returns (uint256 start) {
        uint256 stop;
        (start, stop) = enter(position, end, tag);
        if (stop != end) revert DerMalformed(stop);
    }

    /// @notice Checks that a content has been read to its end.
    /// @dev Errors: {DerMalformed}.
    function finish(uint256 position, uint256 end) internal pure {
        if (position != end) revert DerMalformed(position);
    }

    /// @notice Reads bytes of which only one spelling is allowed.
    /// @dev Errors: {DerMalformed}.
    /// @param size How many, 1 to 32.
    /// @param literal What they must be, right-aligned.
    /// @return Where they end.
    function expect(uint256 position, uint256 end, uint256 size, uint256 literal) internal pure returns (uint256) {
        unchecked {
            if (position + size > end || load(position) >> (256 - 8 * size) != literal) revert DerMalformed(position);
            return position + size;
        }
    }

    /// @notice Reads an INTEGER that is positive or zero and minimal (X.690, 8.3.2).
    /// @dev Errors: {DerMalformed}.
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
            // A zero byte in front is there exactly if the next would make the number negative.
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
    /// @return id Its content, left-aligned, and its size in the last byte: two are the same exactly if they are the same OID.
    /// @return stop Where the element ends.
    function oid(uint256 position, uint256 end) internal pure returns (uint256 id, uint256 stop) {
        uint256 start;
        (start, stop) = enter(position, end, OBJECT_IDENTIFIER);
        unchecked {
            uint256 size = stop - start;
            if (size - 1 > 30) revert DerMalformed(position);
            id = (load(start) >> (256 - 8 * size)) << (256 - 8 * size);
            // Of each byte at once: a set high bit says that the number goes on in the next. No number begins with 0x80, and the
            // last byte ends one.
            uint256 goesOn = id & HIGH_BITS;
            uint256 isOnlyHigh = goesOn & ~((id & ~HIGH_BITS) + ~HIGH_BITS);
            bool hasLongNumber = isOnlyHigh & ~(goesOn >> 8) != 0;
            if (hasLongNumber || (goesOn << (8 * size - 8)) != 0) revert DerMalformed(position);
            id |= size;
        }
    }

    /// @notice The word at a position.
    function load(uint256 position) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(position)
        }
    }
}
