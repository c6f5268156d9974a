// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochBitmap} from "../../../contracts/libraries/EpochBitmap.sol";

/// @notice {EpochBitmap} as it is shipped.
contract EpochBitmapHarness {
    /// @notice {EpochBitmap-popcount}.
    function popcount(uint256 bits) external pure returns (uint256) {
        return EpochBitmap.popcount(bits);
    }

    /// @notice {EpochBitmap-nthSetBit}.
    function nthSetBit(uint256 bits, uint256 n) external pure returns (uint256) {
        return EpochBitmap.nthSetBit(bits, n);
    }

    /// @notice {EpochBitmap-mask}.
    function mask(uint256 from, uint256 to) external pure returns (uint256) {
        return EpochBitmap.mask(from, to);
    }

    /// @notice {EpochBitmap-lowestSetBit}.
    function lowestSetBit(uint256 bits) external pure returns (uint256) {
        return EpochBitmap.lowestSetBit(bits);
    }

    /// @notice {EpochBitmap-highestSetBit}.
    function highestSetBit(uint256 bits) external pure returns (uint256) {
        return EpochBitmap.highestSetBit(bits);
    }
}
