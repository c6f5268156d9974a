// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";

/// @notice {UtcTime} as it is shipped.
contract UtcTimeHarness {
    /// @notice {UtcTime-read} at the first byte.
    function readUtcTime(bytes calldata der) external pure returns (uint64) {
        uint256 position;
        assembly ("memory-safe") {
            position := der.offset
        }
        return UtcTime.read(position);
    }
}
