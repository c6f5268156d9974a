// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FeeShares} from "../../../contracts/tasks/FeeShares.sol";

/// @notice {FeeShares} as it is shipped.
contract FeeSharesHarness {
    /// @notice {FeeShares-split}.
    /// @return shares What it gives.
    /// @return stakes The stakes as it leaves them in memory.
    function split(
        uint256 fee,
        uint256[] memory stakes
    ) external pure returns (uint256[] memory shares, uint256[] memory) {
        shares = FeeShares.split(fee, stakes);
        return (shares, stakes);
    }
}
