// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OrderStream} from "../../../contracts/orders/OrderStream.sol";
import {StreamMath} from "../../../contracts/orders/StreamMath.sol";

/// @notice {StreamMath} as it is shipped, and the arithmetic of slashes.
contract StreamMathHarness {
    /// @notice {StreamMath-cost}.
    function cost(uint256 rate, uint256 secs) external pure returns (uint256) {
        return StreamMath.cost(rate, secs);
    }

    /// @notice {StreamMath-costUp}.
    function costUp(uint256 rate, uint256 secs) external pure returns (uint256) {
        return StreamMath.costUp(rate, secs);
    }

    /// @notice {StreamMath-covered}.
    function covered(uint256 amount, uint256 rate) external pure returns (uint256) {
        return StreamMath.covered(amount, rate);
    }

    /// @notice {StreamMath-share}.
    function share(uint256 amount, uint256 bps) external pure returns (uint256) {
        return StreamMath.share(amount, bps);
    }

    /// @notice {OrderStream-slashed}.
    function slashed(uint256 stakeLock, uint256 faults) external pure returns (uint256) {
        return OrderStream.slashed(stakeLock, faults);
    }
}
