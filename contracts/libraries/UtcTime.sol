// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title UtcTime
/// @notice Reads DER's UTCTime in the one form of RFC 5280 (4.1.2.5.1): `YYMMDDHHMMSSZ`, years 1950 to 2049.
library UtcTime {
    /// @notice Bytes of the whole element: tag, length, twelve digits and `Z`.
    uint256 internal constant SIZE = 15;

    /// @notice Days before each month, 16 bits a month from January at bit 16, and those of the year at 13; no leap day.
    uint256 private constant DAYS_BEFORE = 0x016d_014e_0130_0111_00f3_00d4_00b5_0097_0078_005a_003b_001f_0000_0000;

    /// @dev A value in each of 12 bytes, or of 6 pairs of bytes.
    uint256 private constant EACH = 0x01_01_01_01_01_01_01_01_01_01_01_01;
    uint256 private constant LOW_OF_EACH_PAIR = 0x00ff_00ff_00ff_00ff_00ff_00ff;

    /// @dev From 1948-01-01, the start of a leap year, to 1970-01-01.
    uint256 private constant DAYS_TO_1970 = 8_036;

    /// @notice The element at this position of the calldata is no UTCTime in seconds, or the time does not exist.
    error UtcTimeInvalid(uint256 position);

    /// @notice Unix seconds of the element at a position; 0 for any time before 1970.
    /// @dev The caller checks that {SIZE} bytes lie there. Errors: {UtcTimeInvalid}.
    /// @param position Where the element begins, absolute in calldata.
    function read(uint256 position) internal pure returns (uint64) {
        uint256 element;
        assembly ("memory-safe") {
            element := shr(136, calldataload(position))
        }
        unchecked {
            // Twelve digits: as numbers, each must be at most 9, so that adding 118 leaves the high bit clear.
            uint256 digits = ((element >> 8) & (type(uint96).max)) ^ (0x30 * EACH);
            bool hasDigits = ((digits | (digits + 0x76 * EACH)) & (0x80 * EACH)) == 0;
            if (element >> 104 != 0x170d || element & 0xff != 0x5a || !hasDigits) revert UtcTimeInvalid(position);

            // Six numbers of two digits, 16 bits apart.
            uint256 pairs = ((digits >> 8) & LOW_OF_EACH_PAIR) * 10 + (digits & LOW_OF_EACH_PAIR);
            uint256 year = pairs >> 80;
            uint256 month = (pairs >> 64) & 0xff;
            uint256 day = (pairs >> 48) & 0xff;
            uint256 time = ((pairs >> 32) & 0xff) * 3600 + ((pairs >> 16) & 0xff) * 60 + (pairs & 0xff);
            // 1900, the one year divisible by 4 without a leap day, is out of reach.
            uint256 leapDay = year & 3 == 0 ? 1 : 0;
            uint256 daysBefore = (DAYS_BEFORE >> (16 * month)) & 0xffff;
            uint256 length = ((DAYS_BEFORE >> (16 * month + 16)) & 0xffff) - daysBefore + (month == 2 ? leapDay : 0);
            if (
                month - 1 > 11 ||
                day - 1 >= length ||
                (pairs >> 32) & 0xff > 23 ||
                (pairs >> 16) & 0xff > 59 ||
                pairs & 0xff > 59
            ) revert UtcTimeInvalid(position);

            // Years since 1948: 2000 is 52 of them, 1950 two.
            year = year < 50 ? year + 52 : year - 48;
            uint256 day1948 = year * 365 + (year + 3) / 4 + daysBefore + (month > 2 ? leapDay : 0) + day - 1;
            return day1948 < DAYS_TO_1970 ? 0 : uint64((day1948 - DAYS_TO_1970) * 86_400 + time);
        }
    }
}
