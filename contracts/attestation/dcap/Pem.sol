// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Pem
/// @notice Reads the certificate chain of a quote: three PEM blocks, one after the other, with only line ends between
/// them, and possibly one NUL byte at the very end, which quoting libraries leave there. It accepts what
/// `certificatesOfPem` in src/sgx/pem.ts accepts.
/// @dev Positions are absolute in calldata. A line ends with a line feed, before which there may be a carriage return.
library Pem {
    uint256 private constant BEGIN = uint256(bytes32("-----BEGIN CERTIFICATE-----"));
    uint256 private constant BEGIN_SIZE = 27;
    uint256 private constant END = uint256(bytes32("-----END CERTIFICATE-----"));
    uint256 private constant END_SIZE = 25;

    uint256 private constant LINE_FEED = 0x0a;
    uint256 private constant CARRIAGE_RETURN = 0x0d;

    /// @dev What each character of ASCII means in base64: its six bits, or 0xff.
    bytes32 private constant VALUES_0 = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    bytes32 private constant VALUES_1 = 0xffffffffffffffffffffff3effffff3f3435363738393a3b3c3dffffffffffff;
    bytes32 private constant VALUES_2 = 0xff000102030405060708090a0b0c0d0e0f10111213141516171819ffffffffff;
    bytes32 private constant VALUES_3 = 0xff1a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233ffffffffff;

    /// @notice The text is not a chain of three certificates.
    /// @param position Where in the calldata it is wrong.
    error PemMalformed(uint256 position);

    /// @notice Reads three certificates.
    /// @dev Errors: {PemMalformed}.
    /// @param text The PEM text.
    /// @return leaf DER of the first.
    /// @return ca DER of the second.
    /// @return root DER of the third.
    function readChain(
        bytes calldata text
    ) internal pure returns (bytes memory leaf, bytes memory ca, bytes memory root) {
        uint256 position;
        assembly ("memory-safe") {
            position := text.offset
        }
        uint256 end = position + text.length;
        if (position < end && _byteAt(end - 1) == 0) --end;
        (leaf, position) = _readBlock(position, end);
        (ca, position) = _readBlock(_lineEnd(position, end), end);
        (root, position) = _readBlock(_lineEnd(position, end), end);
        while (position < end) position = _lineEnd(position, end);
    }

    /// @dev Reads a block. Returns where it ends, before its last line's end.
    function _readBlock(uint256 position, uint256 end) private pure returns (bytes memory der, uint256 next) {
        position = _lineEnd(_literal(position, end, BEGIN, BEGIN_SIZE), end);
        uint256 digits;
        uint256 padding;
        uint256 rest;
        (der, next, digits, padding, rest) = _decode(position, end);
        // Base64 is unambiguous only if it is padded to whole groups of four and the bits left over are zero.
        if (padding > 2 || (digits + padding) & 3 != 0 || rest & ((1 << (2 * padding)) - 1) != 0) {
            revert PemMalformed(next);
        }
        // The decoder must have stopped at the beginning of the last line.
        if (_byteAt(next - 1) != LINE_FEED) revert PemMalformed(next);
        next = _literal(next, end, END, END_SIZE);
    }

    /// @dev Decodes base64 across line ends, up to the first character that belongs to neither. Returns the whole
    /// bytes, where it stopped, how many characters there were, how many `=` followed them, and the bits of the last
    /// group if that was incomplete.
    function _decode(
        uint256 position,
        uint256 end
    ) private pure returns (bytes memory der, uint256 next, uint256 digits, uint256 padding, uint256 rest) {
        assembly ("memory-safe") {
            // The table lies behind the output, whose size is bounded by that of the input.
            der := mload(0x40)
            let out := add(der, 0x20)
            let table := add(out, add(sub(end, position), 0x20))
            mstore(table, VALUES_0)
            mstore(add(table, 0x20), VALUES_1)
            mstore(add(table, 0x40), VALUES_2)
            mstore(add(table, 0x60), VALUES_3)
            next := position
            for {} lt(next, end) {
                next := add(next, 1)
            } {
                let character := byte(0, calldataload(next))
                switch character
                case 0x0a {}
                case 0x0d {
                    if iszero(eq(byte(1, calldataload(next)), 0x0a)) {
                        break
                    }
                }
                case 0x3d {
                    padding := add(padding, 1)
                }
                default {
                    let value := 0xff
                    if lt(character, 0x80) {
                        value := byte(0, mload(add(table, character)))
                    }
                    if or(eq(value, 0xff), padding) {
                        break
                    }
                    rest := or(shl(6, rest), value)
                    digits := add(digits, 1)
                    if iszero(and(digits, 3)) {
                        mstore(out, shl(232, rest))
                        out := add(out, 3)
                        rest := 0
                    }
                }
            }
            // Two characters left over make one whole byte, three make two.
            switch and(digits, 3)
            case 2 {
                mstore8(out, shr(4, rest))
                out := add(out, 1)
            }
            case 3 {
                mstore(out, shl(240, shr(2, rest)))
                out := add(out, 2)
            }
            mstore(der, sub(out, add(der, 0x20)))
            mstore(0x40, and(add(out, 0x1f), not(0x1f)))
        }
    }

    /// @dev Passes one line end.
    function _lineEnd(uint256 position, uint256 end) private pure returns (uint256 next) {
        next = position < end && _byteAt(position) == CARRIAGE_RETURN ? position + 1 : position;
        if (next >= end || _byteAt(next) != LINE_FEED) revert PemMalformed(position);
        ++next;
    }

    /// @dev Passes exactly these characters.
    function _literal(
        uint256 position,
        uint256 end,
        uint256 literal,
        uint256 size
    ) private pure returns (uint256 next) {
        uint256 word;
        assembly ("memory-safe") {
            word := calldataload(position)
        }
        next = position + size;
        if (next > end || (word ^ literal) >> (256 - 8 * size) != 0) revert PemMalformed(position);
    }

    function _byteAt(uint256 position) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, calldataload(position))
        }
    }
}
