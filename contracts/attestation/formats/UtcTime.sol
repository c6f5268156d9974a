// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title UtcTime
/// @notice Reads DER's UTCTime in the one form of RFC 5280 (4.1.2.5.1): `YYMMDDHHMMSSZ`, years 1950 to 2049.
library UtcTime {
    /// @notice Bytes of the whole element: tag, length, twelve digits and `Z`.
    uint256 internal constant SIZE = 15;

    /// @dev For the months 1 to 12, in bytes 1 to 12: their days outside leap years.
    uint256 private constant DAYS_OF = 0x00_1f1c1f1e1f1e_1f1f1e1f1e1f << 152;

    /// @dev For the months 1 to 12, 16 bits each from bit 16 on: the days before them.
    uint256 private constant DAYS_BEFORE = 0x014e_0130_0111_00f3_00d4_00b5_0097_0078_005a_003b_001f_0000_0000;

    /// @dev The bit 0x80 of each of 12 bytes, and what leaves that bit clear when it is added to a digit.
    uint256 private constant HIGH_BITS = 0x80_80_80_80_80_80_80_80_80_80_80_80;
    uint256 private constant BELOW_TEN = 0x76_76_76_76_76_76_76_76_76_76_76_76;

    /// @dev From 1948-01-01, the start of a leap year, to 1970-01-01.
    uint256 private constant DAYS_TO_1970 = 8_036;

    /// @notice The element is not a UTCTime with seconds, or the time does not exist.
    /// @param position Where in the calldata the element begins.
    error UtcTimeInvalid(uint256 position);

    /// @notice Reads the time at a position.
    /// @dev The caller checks that there are {SIZE} bytes. Errors: {UtcTimeInvalid}.
    /// @param position Where the element begins, absolute in calldata.
    /// @return Unix seconds; 0 for a time before 1970.
    function read(uint256 position) internal pure returns (uint64) {
        uint256 day1948;
        uint256 time;
        bool isValid;
        assembly ("memory-safe") {
            let element := shr(136, calldataload(position))
            // Tag, length and `Z`; then twelve digits as numbers, each in its byte.
            isValid := eq(or(and(element, 0xff), shl(8, shr(104, element))), 0x170d5a)
            let digits := and(xor(shr(8, element), 0x303030303030303030303030), 0xffffffffffffffffffffffff)
            isValid := and(isValid, iszero(and(or(digits, add(digits, BELOW_TEN)), HIGH_BITS)))

            // Six numbers of two digits, 16 bits each; a pair of digits a and b is 256a + b, and 10a + b is 246a less.
            let pairs := sub(digits, mul(and(shr(8, digits), 0x00ff00ff00ff00ff00ff00ff), 246))
            let year := shr(80, pairs)
            let month := and(shr(64, pairs), 0xff)
            let day := sub(and(shr(48, pairs), 0xff), 1)
            let hour := and(shr(32, pairs), 0xff)
            let minute := and(shr(16, pairs), 0xff)
            let second := and(pairs, 0xff)
            // 1900, the one year divisible by 4 without a leap day, is out of reach. A month that does not exist has no
            // days.
            let leapDay := iszero(and(year, 3))
            isValid := and(isValid, lt(day, add(byte(month, DAYS_OF), and(leapDay, eq(month, 2)))))
            isValid := and(isValid, and(lt(hour, 24), and(lt(minute, 60), lt(second, 60))))

            // Years since 1948: 2000 is 52 of them, 1950 two.
            year := add(year, sub(52, mul(100, gt(year, 49))))
            day1948 := add(add(mul(year, 365), shr(2, add(year, 3))), day)
            day1948 := add(day1948, and(shr(shl(4, month), DAYS_BEFORE), 0xffff))
            day1948 := add(day1948, and(leapDay, gt(month, 2)))
            time := add(add(mul(hour, 3600), mul(minute, 60)), second)
        }
        if (!isValid) revert UtcTimeInvalid(position);
        unchecked {
            return day1948 < DAYS_TO_1970 ? 0 : uint64((day1948 - DAYS_TO_1970) * 86_400 + time);
        }
    }
}
