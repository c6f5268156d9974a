// SPDX-License-Identifier: MIT
pragma solidity ^0.8.31;

/// @title EpochBitmap
/// @notice Counts and finds bits in a word of epochs, of up to 256 bits. Bit 0 is the least significant one.
/// @dev Needs the opcode CLZ (EIP-7939, Osaka).
library EpochBitmap {
    /// @notice Epochs in a word of the challenge manager's bitmaps. The other 64 bits of a node's slot hold its proven
    /// rate.
    uint256 internal constant EPOCHS_PER_WORD = 192;

    /// @notice What the search functions return if there is no such bit.
    uint256 internal constant NONE = 256;

    uint256 private constant EVERY_2ND_BIT = 0x5555555555555555555555555555555555555555555555555555555555555555;
    uint256 private constant EVERY_2ND_PAIR = 0x3333333333333333333333333333333333333333333333333333333333333333;
    uint256 private constant EVERY_2ND_NIBBLE = 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    uint256 private constant EVERY_2ND_BYTE = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant ONE_A_LANE = 0x0001000100010001000100010001000100010001000100010001000100010001;

    /// @notice Counts the bits that are set.
    /// @param bits The word.
    /// @return Their number, 0 to 256.
    function popcount(uint256 bits) internal pure returns (uint256) {
        unchecked {
            bits -= (bits >> 1) & EVERY_2ND_BIT;
            bits = (bits & EVERY_2ND_PAIR) + ((bits >> 2) & EVERY_2ND_PAIR);
            bits = (bits + (bits >> 4)) & EVERY_2ND_NIBBLE;
            // Lanes of 16 bits from here on: a sum of 256 does not fit in 8.
            bits = (bits & EVERY_2ND_BYTE) + ((bits >> 8) & EVERY_2ND_BYTE);
            return (bits * ONE_A_LANE) >> 240;
        }
    }

    /// @notice Finds the `n`-th set bit, counted from the least significant one.
    /// @param bits The word.
    /// @param n Which one, from 1.
    /// @return index Its index, 0 to 255; {NONE} if `n` is zero or fewer bits are set.
    function nthSetBit(uint256 bits, uint256 n) internal pure returns (uint256 index) {
        if (n == 0 || n > popcount(bits)) return NONE;
        unchecked {
            // Halve the range that holds the bit until a single bit is left.
            for (uint256 width = 128; width != 0; width >>= 1) {
                uint256 below = popcount(bits & ((1 << width) - 1));
                if (n > below) {
                    n -= below;
                    index += width;
                    bits >>= width;
                }
            }
        }
    }

    /// @notice Returns a word with the bits `from` to `to - 1` set.
    /// @param from The lowest bit that is set, 0 to 256; at most `to`, which the caller makes sure of.
    /// @param to The bit after the highest that is set, at most 256.
    /// @return The word.
    function mask(uint256 from, uint256 to) internal pure returns (uint256) {
        unchecked {
            // Shifting by 256 gives zero, so `to = 256` borrows and sets all bits up to the top.
            return (1 << to) - (1 << from);
        }
    }

    /// @notice Finds the least significant set bit.
    /// @param bits The word.
    /// @return Its index, 0 to 255; {NONE} if no bit is set.
    function lowestSetBit(uint256 bits) internal pure returns (uint256) {
        unchecked {
            return highestSetBit(bits & (0 - bits));
        }
    }

    /// @notice Finds the most significant set bit.
    /// @param bits The word.
    /// @return index Its index, 0 to 255; {NONE} if no bit is set.
    function highestSetBit(uint256 bits) internal pure returns (uint256 index) {
        if (bits == 0) return NONE;
        assembly ("memory-safe") {
            index := sub(255, clz(bits))
        }
    }
}
