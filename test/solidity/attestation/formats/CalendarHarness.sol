// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CivilDate} from "../../../../contracts/attestation/collateral/CivilDate.sol";
import {IsoTime} from "../../../../contracts/attestation/collateral/IsoTime.sol";
import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";

/// @notice {CivilDate}, {IsoTime} and {UtcTime} as they are shipped.
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

    /// @notice {UtcTime-read} at the first byte.
    function readUtcTime(bytes calldata der) external pure returns (uint64) {
        uint256 position;
        assembly ("memory-safe") {
            position := der.offset
        }
        return UtcTime.read(position);
    }
}
