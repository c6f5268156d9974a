// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CivilDate} from "./CivilDate.sol";

/// @title IsoTime
/// @notice Reads a date in the one form that Intel's signed documents use, `YYYY-MM-DDTHH:MM:SSZ`.
library IsoTime {
    /// @notice The text does not have that form, or the time does not exist. 24:00 and leap seconds do not.
    /// @param text The 20 characters.
    error IsoTimeInvalid(bytes20 text);

    /// @dev The form; every digit is written as `0`.
    uint256 private constant FORM = uint256(bytes32("0000-00-00T00:00:00Z"));

    /// @dev What sets a byte's high bit if it differs from {FORM}: for a digit by more than 9, for any other character
    /// by anything.
    uint256 private constant LIMITS = 0x767676767f76767f76767f76767f76767f76767f000000000000000000000000;

    uint256 private constant HIGH_BITS = 0x8080808080808080808080808080808080808080000000000000000000000000;

    /// @notice Reads a date.
    /// @dev Errors: {IsoTimeInvalid}.
    /// @param text The 20 characters.
    /// @return Unix seconds; 0 for a date before 1970, which no document here can have.
    function secondsOf(bytes20 text) internal pure returns (uint64) {
        // Digits stay below 10 and pairs of them below 100, so no lane runs into the next, and no product overflows.
        unchecked {
            uint256 digits = uint256(bytes32(text)) ^ FORM;
            // A byte that already has its high bit may carry into the one before it, but is refused itself.
            if (((digits + LIMITS) | digits) & HIGH_BITS != 0) revert IsoTimeInvalid(text);
            // Each byte becomes the number of two digits that begins there.
            uint256 pairs = digits * 10 + (digits << 8);
            uint256 year = _byte(pairs, 0) * 100 + _byte(pairs, 2);
            (uint256 month, uint256 day) = (_byte(pairs, 5), _byte(pairs, 8));
            (uint256 hour, uint256 minute, uint256 second) = (_byte(pairs, 11), _byte(pairs, 14), _byte(pairs, 17));
            if (hour > 23 || minute > 59 || second > 59) revert IsoTimeInvalid(text);
            if (!CivilDate.exists(year, month, day)) revert IsoTimeInvalid(text);
            if (year < 1970) return 0;
            return uint64(uint256(CivilDate.daysOf(year, month, day)) * 86_400 + hour * 3600 + minute * 60 + second);
        }
    }

    function _byte(uint256 word, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(index, word)
        }
    }
}
