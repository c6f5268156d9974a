// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title CivilDate
/// @notice Days of the Gregorian calendar, extended back to the year 0 as in ISO 8601.
library CivilDate {
    /// @notice There is no such day.
    /// @param year The year given.
    /// @param month The month given; January is 1.
    /// @param day The day given; the first of a month is 1.
    error CivilDateNonexistent(uint256 year, uint256 month, uint256 day);

    /// @dev One byte per month: how many days it has at most.
    uint256 private constant MONTH_LENGTHS = 0x001f1d1f1e1f1e1f1f1e1f1e1f00000000000000000000000000000000000000;

    /// @dev Days from 0000-03-01 to 1970-01-01.
    uint256 private constant EPOCH = 719_468;

    /// @notice Returns whether a day exists.
    /// @param year Any year from 0 on.
    /// @param month The month; January is 1.
    /// @param day The day; the first of a month is 1.
    /// @return real Whether it exists.
    function exists(uint256 year, uint256 month, uint256 day) internal pure returns (bool real) {
        assembly ("memory-safe") {
            // No month but 1 to 12 has a length; day 0 wraps to a number beyond all of them.
            real := lt(sub(day, 1), byte(month, MONTH_LENGTHS))
        }
        if (real && month == 2 && day == 29) return isLeap(year);
    }

    /// @notice Returns whether a year has a February 29.
    /// @param year Any year from 0 on.
    /// @return Whether it is a leap year.
    function isLeap(uint256 year) internal pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    /// @notice Returns the days from 1970-01-01 to a day.
    /// @dev The year is taken to begin in March, so that the leap day is its last day; the days before a month are then
    /// a straight line, rounded. Errors: {CivilDateNonexistent}.
    /// @param year 0 to 9999.
    /// @param month The month; January is 1.
    /// @param day The day; the first of a month is 1.
    /// @return Days, negative for a day before 1970-01-01.
    function daysOf(uint256 year, uint256 month, uint256 day) internal pure returns (int256) {
        if (!exists(year, month, day)) revert CivilDateNonexistent(year, month, day);
        // Nothing overflows with years of four digits; January and February of the year 0 lie before 0000-03-01, and
        // below zero only in the last, signed subtraction, since a whole cycle of 400 years is added before.
        unchecked {
            bool early = month < 3;
            uint256 marchYear = year + 400 - (early ? 1 : 0);
            uint256 dayOfYear = (153 * (early ? month + 9 : month - 3) + 2) / 5 + day - 1;
            uint256 dayOfEra = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear;
            return int256(dayOfEra) - int256(EPOCH + 146_097);
        }
    }
}
