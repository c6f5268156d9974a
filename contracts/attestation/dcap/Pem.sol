// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CalldataBytes} from "./CalldataBytes.sol";

/// @title Pem
/// @notice Finds the certificates in the text of a quote, whatever stands around them: `parsePem` in src/sgx/pem.ts finds
/// the same. Nobody has signed this text, so nothing is refused: what is not a certificate's block is passed over.
/// @dev A block is the line of its beginning, base64 with white space anywhere (space, tab, line feed, carriage return),
/// padded to whole groups with no bits left over, and the line of its end. The lines need not be lines of their own.
library Pem {
    uint256 private constant BEGIN = uint256(bytes32("-----BEGIN CERTIFICATE-----"));
    uint256 private constant BEGIN_SIZE = 27;
    uint256 private constant END = uint256(bytes32("-----END CERTIFICATE-----"));
    uint256 private constant END_SIZE = 25;
    /// @dev The least that a block takes: both lines and one group of base64.
    uint256 private constant MIN_BLOCK_SIZE = BEGIN_SIZE + 4 + END_SIZE;

    /// @dev By its code, whether a character is a space, a tab, a line feed, a carriage return, or `=`.
    uint256 private constant PASSED = 0x2000000100002600;

    /// @dev In each byte of a word: 1.
    uint256 private constant ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;

    /// @notice Finds the certificates.
    /// @param text The text.
    /// @return found The DER of each, in the order in which they stand.
    function certificatesIn(bytes calldata text) internal pure returns (bytes[] memory found) {
        uint256 position;
        assembly ("memory-safe") {
            position := text.offset
        }
        // Positions lie in calldata, so nothing overflows.
        unchecked {
            uint256 ones = _ones();
            uint256 end = position + text.length;
            found = new bytes[](text.length / MIN_BLOCK_SIZE);
            uint256 count;
            while (position + MIN_BLOCK_SIZE <= end) {
                position = _hyphenFrom(position, end, ones);
                if (position + MIN_BLOCK_SIZE > end) break;
                if (!_isAt(position, BEGIN, BEGIN_SIZE)) {
                    ++position;
                    continue;
                }
                bytes memory der;
                bool isWhole;
                // No character of base64 is a hyphen, so no block begins before the place where this one stopped.
                (der, position, isWhole) = _decode(position + BEGIN_SIZE, end, ones);
                if (!isWhole || position + END_SIZE > end || !_isAt(position, END, END_SIZE)) continue;
                found[count++] = der;
                position += END_SIZE;
            }
            assembly ("memory-safe") {
                mstore(found, count)
            }
        }
    }

    /// @dev Decodes base64 up to the first character that belongs neither to it nor to white space. Returns the whole
    /// bytes, where it stopped, and whether there is something and no part of a group is left over. Without that nothing
    /// is allocated.
    function _decode(
        uint256 position,
        uint256 end,
        uint256 ones
    ) private pure returns (bytes memory der, uint256 next, bool isWhole) {
        uint256 out;
        assembly ("memory-safe") {
            der := mload(0x40)
            out := add(der, 0x20)
        }
        uint256 digits;
        uint256 padding;
        uint256 rest;
        next = position;
        // Positions lie in calldata and memory, so nothing overflows.
        unchecked {
            while (next < end) {
                uint256 word = uint256(CalldataBytes.wordAt(next));
                uint256 character = word >> 248;
                if ((PASSED >> character) & 1 != 0) {
                    // One for `=`, the greatest of these characters.
                    padding += character / 0x3d;
                    ++next;
                    continue;
                }
                (uint256 count, uint256 values) = _valuesOf(word, ones);
                if (count > end - next) count = end - next;
                if (count == 0 || padding != 0) break;
                if (digits & 3 == 0 && count > 3) {
                    count &= 0x3c;
                    _write(out, _packed(values & ~(type(uint256).max >> (8 * count)), ones));
                    out += (count >> 2) * 3;
                } else {
                    count = 1;
                    rest = (rest << 6) | (values >> 248);
                    if (digits & 3 == 3) {
                        _write(out, rest << 232);
                        (out, rest) = (out + 3, 0);
                    }
                }
                (digits, next) = (digits + count, next + count);
            }
            isWhole = _isWhole(digits, padding, rest);
            // Two characters left over make one whole byte, three make two.
            if (padding != 0) _write(out, rest << (padding == 1 ? 238 : 244));
            if (isWhole) _allocate(der, out + ((3 - padding) % 3));
        }
    }

    /// @dev Whether there is something, and that unambiguous: padded to whole groups of four, the bits left over zero.
    function _isWhole(uint256 digits, uint256 padding, uint256 rest) private pure returns (bool) {
        unchecked {
            if (digits == 0 || padding > 2) return false;
            return (digits + padding) & 3 == 0 && rest & ((1 << (2 * padding)) - 1) == 0;
        }
    }

    /// @dev Returns how many characters at a word's beginning are of base64 without a break, and the values of these, a
    /// byte each, with zeros after them.
    ///
    /// For each threshold, one subtraction says of all characters whether they reach it: a byte's highest bit survives
    /// only if they do. Of the thresholds that a character reaches, an odd number means that it is one of base64; and
    /// each adds what separates the characters above it from their values.
    function _valuesOf(uint256 word, uint256 ones) private pure returns (uint256 count, uint256 values) {
        assembly ("memory-safe") {
            let highest := mul(ones, 0x80)
            let high := or(word, highest)
            let slash := and(sub(high, mul(ones, 0x2f)), highest)
            let capital := and(sub(high, mul(ones, 0x41)), highest)
            let small := and(sub(high, mul(ones, 0x61)), highest)
            // From `+` to before `,`; from `/` to before `:`; the two ranges of letters.
            let valid := xor(xor(sub(high, mul(ones, 0x2b)), sub(high, mul(ones, 0x2c))), slash)
            valid := xor(xor(valid, sub(high, mul(ones, 0x3a))), capital)
            valid := xor(xor(valid, sub(high, mul(ones, 0x5b))), small)
            valid := and(and(xor(valid, sub(high, mul(ones, 0x7b))), highest), not(word))
            count := shr(3, clz(xor(valid, highest)))

            // `+` lacks 19 to its value, 62.
            let mask := not(shr(shl(3, count), not(0)))
            let digit := and(sub(high, mul(ones, 0x30)), highest)
            let less := add(mul(shr(7, slash), 3), mul(shr(7, digit), 12))
            less := add(less, add(mul(shr(7, capital), 69), mul(shr(7, small), 6)))
            values := sub(add(and(word, mask), and(mul(ones, 19), mask)), and(less, mask))
        }
    }

    /// @dev Packs 32 values of 6 bits, a byte each, into 24 bytes at the beginning of a word: bytes to lanes of two, these
    /// to lanes of four, and so on. The mask is always that of the second lane of each pair.
    function _packed(uint256 values, uint256 ones) private pure returns (uint256 packed) {
        assembly ("memory-safe") {
            let sixteen := shr(128, mul(ones, 0xff))
            let eight := xor(sixteen, shl(64, sixteen))
            let four := xor(eight, shl(32, eight))
            let two := xor(four, shl(16, four))
            let second := and(values, xor(two, shl(8, two)))
            values := or(second, shr(2, xor(values, second)))
            second := and(values, two)
            values := or(second, shr(4, xor(values, second)))
            second := and(values, four)
            values := or(second, shr(8, xor(values, second)))
            second := and(values, eight)
            values := or(second, shr(16, xor(values, second)))
            second := and(values, sixteen)
            packed := shl(64, or(second, shr(32, xor(values, second))))
        }
    }

    /// @dev Writes a word behind what is allocated.
    function _write(uint256 out, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(out, word)
        }
    }

    /// @dev Allocates bytes that have been written up to a place.
    function _allocate(bytes memory data, uint256 last) private pure {
        assembly ("memory-safe") {
            mstore(data, sub(last, add(data, 0x20)))
            mstore(0x40, and(add(last, 0x1f), not(0x1f)))
        }
    }

    /// @dev Returns the first position from the given one on at which there may be a hyphen, with which every line of a
    /// block's beginning begins.
    function _hyphenFrom(uint256 position, uint256 end, uint256 ones) private pure returns (uint256 next) {
        assembly ("memory-safe") {
            next := position
            for {} lt(next, end) {} {
                // A byte is zero here if it is a hyphen. Then the subtraction borrows, which sets its highest bit.
                let word := xor(calldataload(next), mul(ones, 0x2d))
                let found := and(and(sub(word, ones), not(word)), mul(ones, 0x80))
                if found {
                    next := add(next, shr(3, clz(found)))
                    break
                }
                next := add(next, 32)
            }
        }
    }

    /// @dev {ONES}, in a way in which the compiler does not see a constant: else each multiple would be 33 bytes of code,
    /// and the verifier would not fit into the limits of EIP-170 and EIP-3860.
    function _ones() private pure returns (uint256 ones) {
        assembly ("memory-safe") {
            ones := or(ONES, iszero(calldatasize()))
        }
    }

    /// @dev Whether these characters stand at a position.
    function _isAt(uint256 position, uint256 characters, uint256 size) private pure returns (bool isThere) {
        assembly ("memory-safe") {
            isThere := iszero(shr(sub(256, shl(3, size)), xor(calldataload(position), characters)))
        }
    }
}
