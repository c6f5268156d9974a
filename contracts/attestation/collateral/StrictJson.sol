// SPDX-License-Identifier: MIT
// Assembly knows the opcode CLZ from this version on.
pragma solidity ^0.8.31;

import {IsoTime} from "./IsoTime.sol";

/// @notice A place in a text in calldata: the text's beginning, its end, and the next character, as absolute positions
/// of 64 bits each.
type Cursor is uint256;

/// @title StrictJson
/// @notice Reads JSON of a known form from calldata, character by character. There is no white space and no escape, and
/// there is one way to write each value.
/// @dev A cursor may run past the text's end: calldata goes on there, or is zero, and nothing here accepts zeros for
/// ever. A reader must therefore end with {close}, which refuses a cursor that has run past the end. Checking each step
/// would cost more.
library StrictJson {
    using StrictJson for Cursor;

    /// @notice The text differs from its form.
    /// @param offset The first character that differs, counted from 0; the text's length if it ends too early.
    error StrictJsonUnexpected(uint256 offset);
    /// @notice The text is longer than any that Intel signs.
    /// @param length Its length in characters.
    /// @param maximum The longest that is read, in characters.
    error StrictJsonTooLong(uint256 length, uint256 maximum);

    /// @notice The longest text that is read; the same in src/sgx/signedJson.ts.
    uint256 internal constant MAX_LENGTH = 1 << 16;

    uint256 private constant POSITION = 0xffffffffffffffff;

    uint256 private constant ONES = type(uint256).max / 255;
    uint256 private constant HIGH_BITS = ONES * 0x80;
    uint256 private constant LOW_BITS = ONES * 0x7f;

    /// @notice Returns the cursor at a text's first character.
    /// @dev Errors: {StrictJsonTooLong}.
    /// @param text The text, at most {MAX_LENGTH} characters.
    /// @return start The cursor.
    function open(bytes calldata text) internal pure returns (Cursor start) {
        if (text.length > MAX_LENGTH) revert StrictJsonTooLong(text.length, MAX_LENGTH);
        assembly ("memory-safe") {
            start := or(or(shl(128, text.offset), shl(64, add(text.offset, text.length))), text.offset)
        }
    }

    /// @notice Checks that the text ends exactly here.
    /// @dev Errors: {StrictJsonUnexpected}.
    /// @param here The cursor.
    function close(Cursor here) internal pure {
        if (here.position() != (Cursor.unwrap(here) >> 64) & POSITION) here.fail();
    }

    /// @notice Refuses the text because of the character here.
    /// @dev Always reverts. Errors: {StrictJsonUnexpected}.
    /// @param here The cursor.
    function fail(Cursor here) internal pure {
        uint256 begin = Cursor.unwrap(here) >> 128;
        uint256 end = (Cursor.unwrap(here) >> 64) & POSITION;
        uint256 reached = here.position();
        // The text begins before it ends, and the cursor never lies before its beginning.
        unchecked {
            revert StrictJsonUnexpected((reached < end ? reached : end) - begin);
        }
    }

    /// @notice Returns the cursor's position.
    /// @param here The cursor.
    /// @return The position, absolute in calldata.
    function position(Cursor here) internal pure returns (uint256) {
        return Cursor.unwrap(here) & POSITION;
    }

    /// @notice Returns the next 32 characters.
    /// @param here The cursor.
    /// @return characters The characters, the first in the highest byte.
    function word(Cursor here) internal pure returns (uint256 characters) {
        assembly ("memory-safe") {
            characters := calldataload(and(here, POSITION))
        }
    }

    /// @notice Moves the cursor on.
    /// @param here The cursor.
    /// @param count By how many characters.
    /// @return The cursor there.
    function skip(Cursor here, uint256 count) internal pure returns (Cursor) {
        // Texts are short, and calldata is far shorter than 2^64.
        unchecked {
            return Cursor.wrap(Cursor.unwrap(here) + count);
        }
    }

    /// @notice Returns whether characters begin with a literal.
    /// @param characters The characters, as {word} returns them.
    /// @param literal The literal, left-aligned.
    /// @param length The literal's length in characters, at most 32.
    /// @return Whether they do.
    function begins(uint256 characters, bytes32 literal, uint256 length) internal pure returns (bool) {
        unchecked {
            return (characters ^ uint256(literal)) >> (256 - 8 * length) == 0;
        }
    }

    /// @notice Passes a literal that must be here.
    /// @dev Errors: {StrictJsonUnexpected} with the first character that differs.
    /// @param here The cursor.
    /// @param literal The literal, left-aligned.
    /// @param length The literal's length in characters, at most 32.
    /// @return The cursor after it.
    function expect(Cursor here, bytes32 literal, uint256 length) internal pure returns (Cursor) {
        uint256 difference = here.word() ^ uint256(literal);
        unchecked {
            if (difference >> (256 - 8 * length) != 0) here.skip(_leadingZeros(difference) >> 3).fail();
        }
        return here.skip(length);
    }

    /// @notice Reads a whole number as JSON writes it, without sign, fraction, exponent or leading zero.
    /// @dev A number ends after a leading 0, so that a digit there is refused by whatever must follow. Errors:
    /// {StrictJsonUnexpected}.
    /// @param here The first digit.
    /// @param maximum The largest number that is accepted, below 10^30.
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

    /// @notice Passes a text and the quotation mark that closes it: printable ASCII without quotation mark and
    /// backslash.
    /// @dev Errors: {StrictJsonUnexpected} with the first other character.
    /// @param here The first character after the mark that opens the text.
    /// @return The cursor after the mark that closes it.
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

    /// @notice Reads bytes in hexadecimal, two digits each, in upper or lower case.
    /// @dev Errors: {StrictJsonUnexpected} with the first character that is not a digit.
    /// @param here The first digit.
    /// @param size How many bytes, 1 to 16.
    /// @return next What follows the digits.
    /// @return value The bytes as a number, the first byte the highest.
    function hexadecimal(Cursor here, uint256 size) internal pure returns (Cursor next, uint256 value) {
        unchecked {
            uint256 unread = 256 - 16 * size;
            uint256 digits = (here.word() >> unread) << unread;
            uint256 unreadZeros = (ONES * 0x30) & ((1 << unread) - 1);
            digits |= unreadZeros;
            uint256 letters = (digits >> 6) & ONES;
            value = (digits & (ONES * 0x0f)) + letters * 9;
            // Written again in lower case, they must be the same; there is no digit for 16 and more.
            uint256 again = value + ONES * 0x30 + (((value + ONES * 6) >> 4) & ONES) * 0x27;
            uint256 difference = (again ^ (digits | (letters << 5))) | (value & (ONES * 0xf0));
            if (difference != 0) here.skip(_leadingZeros(difference) >> 3).fail();
            value = _packed(value) >> (unread >> 1);
        }
        next = here.skip(2 * size);
    }

    /// @notice Reads a date, `YYYY-MM-DDTHH:MM:SSZ`.
    /// @dev Errors: {IsoTime-IsoTimeInvalid}.
    /// @param here The first digit of the year.
    /// @return next What follows the date.
    /// @return time Unix seconds; see {IsoTime}.
    function date(Cursor here) internal pure returns (Cursor next, uint64 time) {
        return (here.skip(20), IsoTime.secondsOf(bytes20(bytes32(here.word()))));
    }

    /// @dev Sets the high bit of each byte that cannot be part of a text; the quotation mark that ends it is among
    /// them.
    function _others(uint256 characters) private pure returns (uint256) {
        // Each sum stays within its byte, because the high bits are left out; a byte with a high bit is not ASCII.
        unchecked {
            uint256 low = characters & LOW_BITS;
            uint256 plain =
                (low + ONES * 0x60) & ((low ^ (ONES * 0x22)) + LOW_BITS) & ((low ^ (ONES * 0x5c)) + LOW_BITS);
            return (~plain | (low + ONES) | characters) & HIGH_BITS;
        }
    }

    /// @dev Packs 32 half bytes, one in each byte, into the 16 lower bytes.
    function _packed(uint256 halves) private pure returns (uint256 packed) {
        packed = (halves | (halves >> 4)) & ((type(uint256).max / 0xffff) * 0xff);
        packed = (packed | (packed >> 8)) & ((type(uint256).max / 0xffffffff) * 0xffff);
        packed = (packed | (packed >> 16)) & ((type(uint256).max / type(uint64).max) * 0xffffffff);
        packed = (packed | (packed >> 32)) & ((type(uint256).max / type(uint128).max) * type(uint64).max);
        packed = (packed | (packed >> 64)) & type(uint128).max;
    }

    /// @dev The value of a character as a digit; more than 9 if it is not a digit.
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
