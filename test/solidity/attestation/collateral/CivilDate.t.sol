// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CivilDate} from "../../../../contracts/attestation/collateral/CivilDate.sol";
import {Test} from "../../utils/Test.sol";
import {CalendarHarness} from "./CalendarHarness.sol";

/// @notice CivilDate against known days and against counting day by day.
contract CivilDateTest is Test {
    CalendarHarness private _calendar;

    function setUp() public {
        _calendar = CalendarHarness(deploy("CalendarHarness.sol:CalendarHarness", ""));
    }

    function test_KnownDays() external view {
        check(1970, 1, 1, 0);
        check(1969, 12, 31, -1);
        check(1970, 3, 1, 59);
        check(1972, 2, 29, 789);
        check(2000, 2, 29, 11_016);
        check(2000, 3, 1, 11_017);
        check(2025, 8, 15, 20_315);
        check(2049, 12, 31, 29_219);
        check(9999, 12, 31, 2_932_896);
        check(0, 1, 1, -719_528);
        check(0, 3, 1, -719_468);
    }

    function test_EachDayFollowsTheOneBefore() external view {
        (uint256 year, uint256 month, uint256 day) = (1895, 1, 1);
        int256 expected = -27_393;
        while (year < 2105) {
            assertTrue(_calendar.exists(year, month, day), "exists");
            check(year, month, day, expected);
            ++expected;
            ++day;
            if (!_calendar.exists(year, month, day)) (month, day) = (month + 1, 1);
            if (month == 13) (year, month) = (year + 1, 1);
        }
        check(2105, 1, 1, expected);
    }

    function test_RevertWhen_ThereIsNoSuchDay() external {
        refuse(2025, 2, 29);
        refuse(1900, 2, 29);
        refuse(2100, 2, 29);
        refuse(2024, 2, 30);
        refuse(2024, 4, 31);
        refuse(2024, 12, 32);
        refuse(2024, 1, 0);
        refuse(2024, 0, 1);
        refuse(2024, 13, 1);
        refuse(2024, 32, 1);
        refuse(2024, type(uint256).max, type(uint256).max);
    }

    function testFuzz_ExistsAsTheRulesSay(uint256 year, uint256 month, uint256 day) external view {
        year = bound(year, 0, 9999);
        month = bound(month, 0, 40);
        day = bound(day, 0, 40);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        uint256 length = 31;
        if (month == 4 || month == 6 || month == 9 || month == 11) length = 30;
        if (month == 2) length = leap ? 29 : 28;
        bool real = month >= 1 && month <= 12 && day >= 1 && day <= length;
        assertTrue(_calendar.exists(year, month, day) == real, "exists");
    }

    /// @notice 400 years have always the same number of days.
    function testFuzz_CyclesAreAlike(uint256 year, uint256 month, uint256 day) external view {
        year = bound(year, 0, 9599);
        month = bound(month, 1, 12);
        day = bound(day, 1, 28);
        check(year + 400, month, day, _calendar.daysOf(year, month, day) + 146_097);
    }

    function refuse(uint256 year, uint256 month, uint256 day) private {
        vm.expectRevert(abi.encodeWithSelector(CivilDate.CivilDateNonexistent.selector, year, month, day));
        _calendar.daysOf(year, month, day);
    }

    function check(uint256 year, uint256 month, uint256 day, int256 expected) private view {
        assertEq(uint256(_calendar.daysOf(year, month, day)), uint256(expected), "days");
    }
}
