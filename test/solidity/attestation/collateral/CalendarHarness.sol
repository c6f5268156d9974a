// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CivilDate} from "../../../../contracts/attestation/collateral/CivilDate.sol";
import {IsoTime} from "../../../../contracts/attestation/collateral/IsoTime.sol";

/// @notice {CivilDate} and {IsoTime} as they are shipped.
contract CalendarHarness {
    /// @notice {CivilDate-daysOf}.
    function daysOf(uint256 year, uint256 month, uint256 day) external pure returns (int256) {
        return CivilDate.daysOf(year, month, day);
    }

    /// @notice {CivilDate-exists}.
    function exists(uint256 year, uint256 month, uint256 day) external pure returns (bool) {
        return CivilDate.exists(year, month, day);
    }

    /// @notice {IsoTime-secondsOf}.
    function secondsOf(bytes20 text) external pure returns (uint64) {
        return IsoTime.secondsOf(text);
    }
}
