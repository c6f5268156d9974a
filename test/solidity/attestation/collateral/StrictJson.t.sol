// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IsoTime} from "../../../../contracts/attestation/collateral/IsoTime.sol";
import {StrictJson} from "../../../../contracts/attestation/collateral/StrictJson.sol";
import {Test} from "../../utils/Test.sol";
import {StrictJsonHarness} from "./StrictJsonHarness.sol";

/// @notice StrictJson's pieces against reading character by character.
contract StrictJsonTest is Test {
    StrictJsonHarness private _json;

    function setUp() public {
        _json = StrictJsonHarness(deploy("StrictJsonHarness.sol:StrictJsonHarness", ""));
    }

    function test_Literals() external {
        assertEq(_json.literal('{"svn":1', '{"svn":', 7), 7, "passed");
        assertEq(
            _json.literal("12345678901234567890123456789012", "12345678901234567890123456789012", 32),
            32,
            "a word"
        );
        refuse(6);
        _json.literal('{"svn" :', '{"svn":', 7);
        refuse(0);
        _json.literal('["svn":', '{"svn":', 7);
        refuse(3);
        _json.literal("abc", "abcd", 4);
    }

    function test_Numbers() external view {
        checkNumber("0", 0, 1);
        checkNumber("0}", 0, 1);
        checkNumber("9,", 9, 1);
        checkNumber("65535]", 65_535, 5);
        checkNumber("256 ", 256, 3);
        // What follows a 0 is not read: whoever reads on refuses it.
        checkNumber("01", 0, 1);
        checkNumber("1e2", 1, 1);
        checkNumber("1.0", 1, 1);
    }

    function test_RevertWhen_ThereIsNoNumber() external {
        bytes[6] memory texts = [bytes("-1"), "+1", " 1", "", '"1"', "/"];
        for (uint256 i = 0; i < texts.length; ++i) {
            refuse(0);
            _json.number(texts[i], 100);
        }
    }

    function test_RevertWhen_ANumberIsTooLarge() external {
        refuse(0);
        _json.number("65536", 65_535);
        refuse(0);
        _json.number("9", 8);
        refuse(0);
        _json.number("115792089237316195423570985008687907853269984665640564039457584007913129639936", 65_535);
        (, uint256 most) = _json.number("9", 9);
        assertEq(most, 9, "the most");
    }

    function testFuzz_Numbers(uint256 value, uint256 maximum) external view {
        maximum = bound(maximum, 0, 1e30);
        value = bound(value, 0, 2e30);
        bytes memory text = decimal(value);
        try _json.number(text, maximum) returns (uint256 count, uint256 read) {
            assertLe(value, maximum, "accepted");
            assertEq(read, value, "value");
            assertEq(count, text.length, "length");
        } catch (bytes memory reason) {
            assertGe(value, maximum + 1, "refused");
            assertEq(keccak256(reason), keccak256(unexpected(0)), "error");
        }
    }

    function test_QuotedTexts() external {
        assertEq(_json.quoted('"'), 1, "empty");
        assertEq(_json.quoted('BIOS","type'), 5, "short");
        assertEq(_json.quoted('1234567890123456789012345678901"'), 32, "to the end of a word");
        assertEq(_json.quoted('12345678901234567890123456789012"'), 33, "beyond a word");
        assertEq(_json.quoted(bytes.concat(new bytes(0), repeat("~", 100), '"')), 101, "of several words");
        refuse(4);
        _json.quoted("BIOS");
    }

    /// @notice Every byte at every place of a word, and in the word after it.
    function test_QuotedTextsHoldPlainCharactersOnly() external {
        for (uint256 place = 0; place < 40; ++place) this.quoteEveryByteAt(place);
    }

    /// @notice A call of its own, so that its memory does not add up to more than there is.
    function quoteEveryByteAt(uint256 place) external {
        for (uint256 character = 0; character < 256; ++character) {
            bytes memory text = bytes.concat(repeat("a", 40), '"');
            text[place] = bytes1(uint8(character));
            bool plain = character >= 0x20 && character < 0x7f && character != 0x5c;
            if (!plain) refuse(place);
            uint256 count = _json.quoted(text);
            if (plain) assertEq(count, character == 0x22 ? place + 1 : 41, "count");
        }
    }

    function testFuzz_QuotedTexts(bytes calldata text) external view {
        uint256 count = 0;
        while (count < text.length && isPlain(uint8(text[count]))) ++count;
        try _json.quoted(text) returns (uint256 passed_) {
            assertEq(uint8(text[count]), 0x22, "closed");
            assertEq(passed_, count + 1, "count");
        } catch (bytes memory reason) {
            assertTrue(count == text.length || text[count] != 0x22, "refused");
            assertEq(keccak256(reason), keccak256(unexpected(count)), "error");
        }
    }

    function test_Hexadecimal() external view {
        assertEq(_json.hexadecimal("00", 1), 0, "zero");
        assertEq(_json.hexadecimal("fF", 1), 255, "both cases");
        assertEq(_json.hexadecimal("00606a000000", 6), 0x00606a000000, "FMSPC");
        assertEq(
            _json.hexadecimal("0123456789abcdefABCDEF9876543210", 16),
            0x0123456789abcdefabcdef9876543210,
            "16 bytes"
        );
    }

    /// @notice Every byte at every place.
    function test_RevertWhen_ADigitIsNotHexadecimal() external {
        for (uint256 place = 0; place < 32; ++place) this.putEveryByteAt(place);
    }

    /// @notice A call of its own, so that its memory does not add up to more than there is.
    function putEveryByteAt(uint256 place) external {
        for (uint256 character = 0; character < 256; ++character) {
            bytes memory text = repeat("7", 32);
            text[place] = bytes1(uint8(character));
            uint256 digit = digitOf(character);
            if (digit > 15) refuse(place);
            uint256 value = _json.hexadecimal(text, 16);
            uint256 shift = 4 * (31 - place);
            uint256 sevens = uint256(0x77777777777777777777777777777777) & ~(uint256(15) << shift);
            if (digit < 16) assertEq(value, sevens | (digit << shift), "value");
        }
    }

    function test_RevertWhen_HexadecimalEndsTooEarly() external {
        refuse(11);
        _json.hexadecimal("00606a00000", 6);
        refuse(12);
        _json.hexadecimal("00606a0000000", 6);
    }

    function testFuzz_Hexadecimal(uint128 value, uint256 size, bool upper) external view {
        size = bound(size, 1, 16);
        uint256 expected = value >> (128 - 8 * size);
        bytes16 digits = upper ? bytes16("0123456789ABCDEF") : bytes16("0123456789abcdef");
        bytes memory text = new bytes(2 * size);
        for (uint256 i = 0; i < text.length; ++i) text[i] = digits[(expected >> (4 * (text.length - 1 - i))) & 15];
        assertEq(_json.hexadecimal(text, size), expected, "value");
    }

    function test_Dates() external {
        assertEq(_json.date("2025-08-15T05:08:18Z"), 1_755_234_498, "seconds");
        vm.expectRevert(abi.encodeWithSelector(IsoTime.IsoTimeInvalid.selector, bytes20("2025-08-15T05:08:18")));
        _json.date("2025-08-15T05:08:18");
    }

    function test_RevertWhen_TheTextDoesNotEndHere() external {
        _json.closedAfter("abc", 3);
        refuse(2);
        _json.closedAfter("abc", 2);
        // Beyond the end; the offset is the text's length.
        refuse(3);
        _json.closedAfter("abc", 4);
    }

    function test_RevertWhen_TheTextIsTooLong() external {
        _json.closedAfter(new bytes(65_536), 65_536);
        vm.expectRevert(abi.encodeWithSelector(StrictJson.StrictJsonTooLong.selector, 65_537, 65_536));
        _json.closedAfter(new bytes(65_537), 65_537);
    }

    function checkNumber(bytes memory text, uint256 expected, uint256 expectedCount) private view {
        (uint256 count, uint256 value) = _json.number(text, 65_535);
        assertEq(value, expected, "value");
        assertEq(count, expectedCount, "count");
    }

    function refuse(uint256 offset) private {
        vm.expectRevert(unexpected(offset));
    }

    function unexpected(uint256 offset) private pure returns (bytes memory) {
        return abi.encodeWithSelector(StrictJson.StrictJsonUnexpected.selector, offset);
    }

    function isPlain(uint256 character) private pure returns (bool) {
        return character >= 0x20 && character < 0x7f && character != 0x22 && character != 0x5c;
    }

    function digitOf(uint256 character) private pure returns (uint256) {
        if (character >= 0x30 && character <= 0x39) return character - 0x30;
        if (character >= 0x41 && character <= 0x46) return character - 0x37;
        if (character >= 0x61 && character <= 0x66) return character - 0x57;
        return 16;
    }

    function repeat(bytes1 character, uint256 count) private pure returns (bytes memory text) {
        text = new bytes(count);
        for (uint256 i = 0; i < count; ++i) text[i] = character;
    }

    function decimal(uint256 value) private pure returns (bytes memory text) {
        do {
            text = bytes.concat(bytes1(uint8(0x30 + (value % 10))), text);
            value /= 10;
        } while (value != 0);
    }
}
