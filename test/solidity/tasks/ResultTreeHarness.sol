// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ResultTree} from "../../../contracts/tasks/ResultTree.sol";

/// @notice {ResultTree} as it is shipped.
contract ResultTreeHarness {
    function hashOf(
        uint64 length,
        uint256 number,
        bytes calldata chunk,
        bytes32[] calldata proof
    ) external pure returns (bytes32) {
        return ResultTree.hashOf(length, number, chunk, proof);
    }
}
