// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";
import {Test} from "../../utils/Test.sol";
import {UtcTimeHarness} from "./UtcTimeHarness.sol";
import {BYTES_POSITION, changed, typedCall} from "./DerWriting.sol";

/// @notice UTCTime against a calendar that is counted day by day.
contract UtcTimeTest is Test {
    UtcTimeHarness private _harness;

    function setUp() public {
        _harness = UtcTimeHarness(deploy("UtcTimeHarness.sol:UtcTimeHarness", ""));
    }

    function test_ReadsKnownTimes() external view {
        assertEq(_read("700101000000Z"), 0, "1970");
        assertEq(_read("700101000001Z"), 1, "a second later");
        assertEq(_read("240229000000Z"), 1_709_164_800, "leap day");
        assertEq(_read("000229235959Z"), 951_868_799, "leap day of 2000");
        assertEq(_read("491231235959Z"), 2_524_607_999, "the last");
        assertEq(_read("260716081709Z"), 1_784_189_829, "a list of Intel's");
    }

    function test_TimesBefore1970AreZero() external view {
        assertEq(_read("500101000000Z"), 0, "the first");
        assertEq(_read("691231235959Z"), 0, "the last before 1970");
    }

    function test_RevertWhen_TimeDoesNotExist() external {
        string[14] memory times = [
            "250100000000Z",
            "250132000000Z",
            "250229000000Z",
            "240230000000Z",
            "500229000000Z",
            "250431000000Z",
            "251131000000Z",
            "250001000000Z",
            "251301000000Z",
            "251401000000Z",
            "259901000000Z",
            "250101240000Z",
            "250101006000Z",
            "250101000060Z"
        ];
        for (uint256 i; i < times.length; i++) _refused(bytes.concat(hex"170d", bytes(times[i])));
    }

    function test_RevertWhen_FormIsAnother() external {
        _refused("");
        _refused(bytes.concat(hex"180d", "250101000000Z"));
        _refused(bytes.concat(hex"170b", "2501010000Z"));
        _refused(bytes.concat(hex"170e", "250101000000ZZ"));
        _refused(bytes.concat(hex"170d", "250101000000z"));
        _refused(bytes.concat(hex"170d", "2501010000+00"));
        _refused(bytes.concat(hex"170d", "25010100000:Z"));
        _refused(bytes.concat(hex"170d", "25010100000/Z"));
        _refused(bytes.concat(hex"170d", hex"b2", "50101000000Z"));
    }

    /// hardhat-config: fuzz.runs = 4000
    function testFuzz_Numbers(uint256 noise) external {
        // Each number at most a little beyond its range, so that both verdicts come up.
        uint256 year = noise % 100;
        uint256 month = (noise >> 16) % 14;
        uint256 day = (noise >> 32) % 33;
        uint256 hour = (noise >> 48) % 26;
        uint256 minute = (noise >> 64) % 62;
        uint256 second = (noise >> 80) % 62;
        bytes memory text = bytes.concat(_two(year), _two(month), _two(day), _two(hour), _two(minute), _two(second));
        bytes memory element = bytes.concat(hex"170d", text, "Z");

        bool exists = month >= 1 && month <= 12 && hour < 24 && minute < 60 && second < 60;
        if (exists) exists = day >= 1 && day <= _daysIn(_fullYear(year), month);
        if (!exists) return _refused(element);
        assertEq(_harness.readUtcTime(element), _seconds(_fullYear(year), month, day, hour, minute, second), "time");
    }

    function testFuzz_AnyBytesGiveATimeOrATypedError(bytes15 noise) external {
        typedCall(address(_harness), abi.encodeCall(_harness.readUtcTime, (bytes.concat(noise))));
    }

    /// @dev A byte of a time that exists changed into any other.
    function testFuzz_ChangedBytes(uint256 place, uint8 by) external {
        bytes memory element = changed(bytes.concat(hex"170d", "251231235959Z"), place, by);
        (bool isRead, ) = typedCall(address(_harness), abi.encodeCall(_harness.readUtcTime, (element)));
        bytes1 value = element[place % 15];
        bool isDigit = place % 15 > 1 && place % 15 < 14 && value >= "0" && value <= "9";
        assertTrue(!isRead || by == 0 || isDigit, "only another digit does");
    }

    function _fullYear(uint256 year) private pure returns (uint256) {
        return year < 50 ? 2000 + year : 1900 + year;
    }

    function _isLeap(uint256 year) private pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    function _daysIn(uint256 year, uint256 month) private pure returns (uint256) {
        if (month == 2) return _isLeap(year) ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    function _seconds(
        uint256 year,
        uint256 month,
        uint256 day,
        uint256 hour,
        uint256 minute,
        uint256 second
    ) private pure returns (uint256) {
        if (year < 1970) return 0;
        uint256 dayCount = day - 1;
        for (uint256 y = 1970; y < year; y++) dayCount += _isLeap(y) ? 366 : 365;
        for (uint256 m = 1; m < month; m++) dayCount += _daysIn(year, m);
        return ((dayCount * 24 + hour) * 60 + minute) * 60 + second;
    }

    function _two(uint256 number) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(48 + number / 10), uint8(48 + (number % 10)));
    }

    function _read(string memory text) private view returns (uint256) {
        return _harness.readUtcTime(bytes.concat(hex"170d", bytes(text)));
    }

    function _refused(bytes memory element) private {
        vm.expectRevert(abi.encodeWithSelector(UtcTime.UtcTimeInvalid.selector, BYTES_POSITION));
        _harness.readUtcTime(element);
    }
}
