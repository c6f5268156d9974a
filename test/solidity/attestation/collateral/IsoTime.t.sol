// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IsoTime} from "../../../../contracts/attestation/collateral/IsoTime.sol";
import {Test} from "../../utils/Test.sol";
import {CalendarHarness} from "./CalendarHarness.sol";

/// @notice Dates in Intel's one form.
contract IsoTimeTest is Test {
    bytes20 private constant GOOD = "2025-08-15T05:08:18Z";

    CalendarHarness private _calendar;

    function setUp() public {
        _calendar = CalendarHarness(deploy("CalendarHarness.sol:CalendarHarness", ""));
    }

    function test_KnownDates() external view {
        assertEq(_calendar.secondsOf(GOOD), 1_755_234_498, "a date of Intel's");
        assertEq(_calendar.secondsOf("1970-01-01T00:00:00Z"), 0, "the epoch");
        assertEq(_calendar.secondsOf("1970-01-01T00:00:01Z"), 1, "a second on");
        assertEq(_calendar.secondsOf("2000-02-29T23:59:59Z"), 951_868_799, "leap day");
        assertEq(_calendar.secondsOf("2038-01-19T03:14:08Z"), 2 ** 31, "beyond 31 bits");
        assertEq(_calendar.secondsOf("9999-12-31T23:59:59Z"), 253_402_300_799, "the last");
    }

    function test_DatesBeforeTheEpochAreZero() external view {
        assertEq(_calendar.secondsOf("1969-12-31T23:59:59Z"), 0, "the second before");
        assertEq(_calendar.secondsOf("0000-01-01T00:00:00Z"), 0, "the first");
    }

    function test_RevertWhen_NoSuchTimeExists() external {
        refuse("2025-02-29T00:00:00Z");
        refuse("1900-02-29T00:00:00Z");
        refuse("0001-02-29T00:00:00Z");
        refuse("2025-04-31T00:00:00Z");
        refuse("2025-00-01T00:00:00Z");
        refuse("2025-13-01T00:00:00Z");
        refuse("2025-01-00T00:00:00Z");
        refuse("2025-01-01T24:00:00Z");
        refuse("2025-01-01T23:60:00Z");
        refuse("2016-12-31T23:59:60Z");
    }

    function test_RevertWhen_TheFormIsAnother() external {
        refuse("2025-08-15 05:08:18Z");
        refuse("2025-08-15T05:08:18z");
        refuse("2025-08-15T05:08:18+");
        refuse("2025/08/15T05:08:18Z");
        refuse("+025-08-15T05:08:18Z");
        refuse("2025-8-015T05:08:18Z");
        refuse(bytes20(0));
        refuse(bytes20(type(uint160).max));
    }

    /// @notice Any single byte at any place: only digits and what stands there already can be a date.
    function test_RevertWhen_AnyOtherCharacterStandsAnywhere() external {
        for (uint256 place = 0; place < 20; ++place) this.refuseEveryByteAt(place);
    }

    /// @notice A call of its own, so that its memory does not add up to more than there is.
    function refuseEveryByteAt(uint256 place) external {
        for (uint256 character = 0; character < 256; ++character) {
            bool isDigit = character >= 0x30 && character <= 0x39;
            if (isDigit || uint8(GOOD[place]) == character) continue;
            uint256 shift = 8 * (19 - place);
            refuse(bytes20(uint160((uint160(GOOD) & ~(uint256(0xff) << shift)) | (character << shift))));
        }
    }

    function testFuzz_ReadsWhatIsWritten(uint256 time) external view {
        time = bound(time, 0, 253_402_300_799);
        (uint256 year, uint256 month, uint256 day) = dateOf(time / 86_400);
        bytes memory text = abi.encodePacked(
            bytes.concat(two(year / 100), two(year % 100), "-", two(month), "-", two(day), "T"),
            bytes.concat(two((time / 3600) % 24), ":", two((time / 60) % 60), ":", two(time % 60), "Z")
        );
        assertEq(_calendar.secondsOf(bytes20(text)), time, "seconds");
    }

    function testFuzz_AnyBytesAreRefusedByName(bytes20 text) external view {
        try _calendar.secondsOf(text) {} catch (bytes memory reason) {
            assertEq(keccak256(reason), keccak256(refusal(text)), "error");
        }
    }

    function refuse(bytes20 text) private {
        vm.expectRevert(refusal(text));
        _calendar.secondsOf(text);
    }

    function refusal(bytes20 text) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IsoTime.IsoTimeInvalid.selector, text);
    }

    function two(uint256 value) private pure returns (bytes memory) {
        return abi.encodePacked(bytes1(uint8(0x30 + value / 10)), bytes1(uint8(0x30 + (value % 10))));
    }

    /// @notice The plain way: years and months are taken off one by one.
    function dateOf(uint256 days_) private pure returns (uint256 year, uint256 month, uint256 day) {
        year = 1970 + 400 * (days_ / 146_097);
        days_ %= 146_097;
        while (days_ >= lengthOf(year)) days_ -= lengthOf(year++);
        uint8[12] memory lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        if (lengthOf(year) == 366) lengths[1] = 29;
        while (days_ >= lengths[month]) days_ -= lengths[month++];
        return (year, month + 1, days_ + 1);
    }

    function lengthOf(uint256 year) private pure returns (uint256) {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
    }
}
