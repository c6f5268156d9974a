// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title CivilDate
/// @notice Days of the Gregorian calendar, as ISO 8601 counts it back beyond its beginning: from the year 0 on.
library CivilDate {
    /// @notice There is no such day.
    error CivilDateNonexistent(uint256 year, uint256 month, uint256 day);

    /// @dev A byte a month: how many days it has at most.
    uint256 private constant MONTH_LENGTHS = 0x001f1d1f1e1f1e1f1f1e1f1e1f00000000000000000000000000000000000000;

    /// @dev Days from 0000-03-01 to 1970-01-01.
    uint256 private constant EPOCH = 719_468;

    /// @notice Whether a day exists.
    /// @param year Any year from 0 on.
    /// @param month January is 1.
    /// @param day The first is 1.
    function exists(uint256 year, uint256 month, uint256 day) internal pure returns (bool real) {
        assembly ("memory-safe") {
            // No month but 1 to 12 has a length; day 0 wraps to a number beyond all of them.
            real := lt(sub(day, 1), byte(month, MONTH_LENGTHS))
        }
        if (real && month == 2 && day == 29) return isLeap(year);
    }

    /// @notice Whether a year has a February 29.
    function isLeap(uint256 year) internal pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    /// @notice Days from 1970-01-01 to a day, negative for earlier ones.
    /// @dev Errors: {CivilDateNonexistent}. The year is taken to begin in March, so that the leap day is its last; the days before a
    /// month are then a straight line, rounded.
    /// @param year 0 to 9999.
    /// @param month January is 1.
    /// @param day The first is 1.
    function daysOf(uint256 year, uint256 month, uint256 day) internal pure returns (int256) {
        if (!exists(year, month, day)) revert CivilDateNonexistent(year, month, day);
        // Nothing overflows with years of four digits; January and February of the year 0 lie before 0000-03-01, and below zero
        // only in the last, signed subtraction, since a whole cycle of 400 years is added before.
        unchecked {
            bool early = month < 3;
            uint256 marchYear = year + 400 - (early ? 1 : 0);
            uint256 dayOfYear = (153 * (early ? month + 9 : month - 3) + 2) / 5 + day - 1;
            uint256 dayOfEra = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear;
            return int256(dayOfEra) - int256(EPOCH + 146_097);
        }
    }
}
