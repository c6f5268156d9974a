// SPDX-License-Identifier: MIT
// The opcode CLZ is known to assembly from this version on.
pragma solidity ^0.8.31;

import {IsoTime} from "./IsoTime.sol";

/// @notice A place in a text in calldata: where the text begins and ends, and the next character, 64 bits each, absolute.
type Cursor is uint256;

/// @title StrictJson
/// @notice Reads JSON of a known form from calldata, character by character as it must stand: there is no white space, no escape, and
/// one way to write each value.
/// @dev A cursor may run past the text's end: calldata goes on there, or is zero, which nothing here accepts for ever. A reader must
/// therefore end with {close}, which nothing passes that has run past the end. Checking each step would cost more.
library StrictJson {
    using StrictJson for Cursor;

    /// @notice The text departs from its form at this character, counted from 0; at its length where it ends too early.
    error StrictJsonUnexpected(uint256 offset);
    /// @notice The text is longer than any that Intel signs, in characters.
    error StrictJsonTooLong(uint256 length, uint256 maximum);

    /// @notice The longest text that is read; the same in src/sgx/signedJson.ts.
    uint256 internal constant MAX_LENGTH = 1 << 16;

    uint256 private constant POSITION = 0xffffffffffffffff;

    uint256 private constant ONES = type(uint256).max / 255;
    uint256 private constant HIGH_BITS = ONES * 0x80;
    uint256 private constant LOW_BITS = ONES * 0x7f;

    /// @notice The cursor at a text's first character.
    /// @dev Errors: {StrictJsonTooLong}.
    function open(bytes calldata text) internal pure returns (Cursor start) {
        if (text.length > MAX_LENGTH) revert StrictJsonTooLong(text.length, MAX_LENGTH);
        assembly ("memory-safe") {
            start := or(or(shl(128, text.offset), shl(64, add(text.offset, text.length))), text.offset)
        }
    }

    /// @notice Checks that the text ends exactly here.
    /// @dev Errors: {StrictJsonUnexpected}.
    function close(Cursor here) internal pure {
        if (here.position() != (Cursor.unwrap(here) >> 64) & POSITION) here.fail();
    }

    /// @notice Refuses the text for what stands here.
    function fail(Cursor here) internal pure {
        uint256 begin = Cursor.unwrap(here) >> 128;
        uint256 end = (Cursor.unwrap(here) >> 64) & POSITION;
        uint256 reached = here.position();
        // The text begins before it ends, and the cursor never lies before its beginning.
        unchecked {
            revert StrictJsonUnexpected((reached < end ? reached : end) - begin);
        }
    }

    /// @notice The cursor's absolute position in calldata.
    function position(Cursor here) internal pure returns (uint256) {
        return Cursor.unwrap(here) & POSITION;
    }

    /// @notice The 32 characters that stand here, the first in the highest byte.
    function word(Cursor here) internal pure returns (uint256 characters) {
        assembly ("memory-safe") {
            characters := calldataload(and(here, POSITION))
        }
    }

    /// @notice The cursor that many characters on.
    function skip(Cursor here, uint256 count) internal pure returns (Cursor) {
        // Texts are short, and calldata is far shorter than 2^64.
        unchecked {
            return Cursor.wrap(Cursor.unwrap(here) + count);
        }
    }

    /// @notice Whether these characters begin with a literal.
    /// @param characters What {word} gave.
    /// @param literal The literal, left-aligned.
    /// @param length Its characters, at most 32.
    function begins(uint256 characters, bytes32 literal, uint256 length) internal pure returns (bool) {
        unchecked {
            return (characters ^ uint256(literal)) >> (256 - 8 * length) == 0;
        }
    }

    /// @notice Passes a literal, which must stand here.
    /// @dev Errors: {StrictJsonUnexpected} with the first character that differs.
    /// @param literal The literal, left-aligned.
    /// @param length Its characters, at most 32.
    function expect(Cursor here, bytes32 literal, uint256 length) internal pure returns (Cursor) {
        uint256 difference = here.word() ^ uint256(literal);
        unchecked {
            if (difference >> (256 - 8 * length) != 0) here.skip(_leadingZeros(difference) >> 3).fail();
        }
        return here.skip(length);
    }

    /// @notice Reads a whole number as JSON writes it, without sign, fraction, exponent or leading zero.
    /// @dev After a 0 the number is over, so that a digit there is refused by whatever must follow. Errors: {StrictJsonUnexpected}.
    /// @param maximum The most that it may be, below 10^30.
    /// @return next What follows.
    /// @return value The number.
    function number(Cursor here, uint256 maximum) internal pure returns (Cursor next, uint256 value) {
        uint256 characters = here.word();
        value = _digit(characters, 0);
        if (value > 9) here.fail();
        uint256 count = 1;
        // No overflow: the value stops at `maximum`.
        unchecked {
            if (value != 0) {
                for (uint256 digit = _digit(characters, 1); digit < 10; digit = _digit(characters, ++count)) {
                    value = value * 10 + digit;
                    if (value > maximum) here.fail();
                }
            }
        }
        if (value > maximum) here.fail();
        next = here.skip(count);
    }

    /// @notice Passes a text and the quotation mark that closes it: printable ASCII without quotation mark and backslash.
    /// @dev Errors: {StrictJsonUnexpected} with the first other character.
    /// @param here The first character after the mark that opens it.
    function passText(Cursor here) internal pure returns (Cursor) {
        uint256 characters = here.word();
        uint256 others = _others(characters);
        while (others == 0) {
            here = here.skip(32);
            characters = here.word();
            others = _others(characters);
        }
        uint256 count = _leadingZeros(others) >> 3;
        here = here.skip(count);
        if (_byte(characters, count) != 0x22) here.fail();
        return here.skip(1);
    }

    /// @notice Reads bytes in hexadecimal, two digits each in either case.
    /// @dev Errors: {StrictJsonUnexpected} with the first character that is no such digit.
    /// @param here The first digit.
    /// @param size How many bytes, 1 to 16.
    /// @return next What follows the digits.
    /// @return value The bytes as a number, the first the highest.
    function hexadecimal(Cursor here, uint256 size) internal pure returns (Cursor next, uint256 value) {
        unchecked {
            uint256 unread = 256 - 16 * size;
            uint256 digits = (here.word() >> unread) << unread;
            uint256 unreadZeros = (ONES * 0x30) & ((1 << unread) - 1);
            digits |= unreadZeros;
            uint256 letters = (digits >> 6) & ONES;
            value = (digits & (ONES * 0x0f)) + letters * 9;
            // Written again, in lower case, they must be the same; 16 and more have no digit.
            uint256 again = value + ONES * 0x30 + (((value + ONES * 6) >> 4) & ONES) * 0x27;
            uint256 difference = (again ^ (digits | (letters << 5))) | (value & (ONES * 0xf0));
            if (difference != 0) here.skip(_leadingZeros(difference) >> 3).fail();
            value = _packed(value) >> (unread >> 1);
        }
        next = here.skip(2 * size);
    }

    /// @notice Reads a date, `YYYY-MM-DDTHH:MM:SSZ`.
    /// @dev Errors: {IsoTime-IsoTimeInvalid}.
    /// @return next What follows it.
    /// @return time Unix seconds, see {IsoTime}.
    function date(Cursor here) internal pure returns (Cursor next, uint64 time) {
        return (here.skip(20), IsoTime.secondsOf(bytes20(bytes32(here.word()))));
    }

    /// @dev The high bit of each byte that cannot stand within a text: the quotation mark that ends it among them.
    function _others(uint256 characters) private pure returns (uint256) {
        // Each sum stays within its byte, the high bits being left out; a byte that has one is no ASCII.
        unchecked {
            uint256 low = characters & LOW_BITS;
            uint256 plain =
                (low + ONES * 0x60) & ((low ^ (ONES * 0x22)) + LOW_BITS) & ((low ^ (ONES * 0x5c)) + LOW_BITS);
            return (~plain | (low + ONES) | characters) & HIGH_BITS;
        }
    }

    /// @dev Moves 32 half bytes, one in each byte, together into the 16 lower bytes.
    function _packed(uint256 halves) private pure returns (uint256 packed) {
        packed = (halves | (halves >> 4)) & ((type(uint256).max / 0xffff) * 0xff);
        packed = (packed | (packed >> 8)) & ((type(uint256).max / 0xffffffff) * 0xffff);
        packed = (packed | (packed >> 16)) & ((type(uint256).max / type(uint64).max) * 0xffffffff);
        packed = (packed | (packed >> 32)) & ((type(uint256).max / type(uint128).max) * type(uint64).max);
        packed = (packed | (packed >> 64)) & type(uint128).max;
    }

    /// @dev What a character is as a digit; more than 9 if it is none.
    function _digit(uint256 characters, uint256 index) private pure returns (uint256) {
        return _byte(characters, index) ^ 0x30;
    }

    function _byte(uint256 characters, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(index, characters)
        }
    }

    function _leadingZeros(uint256 value) private pure returns (uint256 count) {
        assembly ("memory-safe") {
            count := clz(value)
        }
    }
}
