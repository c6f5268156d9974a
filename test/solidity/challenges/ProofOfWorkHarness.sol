// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProofOfWork} from "../../../contracts/challenges/ProofOfWork.sol";

/// @notice {ProofOfWork} as it is shipped.
contract ProofOfWorkHarness {
    /// @notice {ProofOfWork-prefixOf}.
    function prefixOf(bytes32 seed, uint256 nodeId, address enclaveKey) external view returns (bytes32) {
        return ProofOfWork.prefixOf(seed, nodeId, enclaveKey);
    }

    /// @notice {ProofOfWork-targetOf}.
    function targetOf(uint256 requiredRate, uint256 window) external pure returns (uint256) {
        return ProofOfWork.targetOf(requiredRate, window);
    }

    /// @notice {ProofOfWork-provenRateOf}.
    function provenRateOf(uint256 largestHash, uint256 window) external pure returns (uint64) {
        return ProofOfWork.provenRateOf(largestHash, window);
    }

    /// @notice {ProofOfWork-check}.
    function check(bytes32 prefix, bytes calldata nonces) external pure returns (bool, uint256) {
        return ProofOfWork.check(prefix, nonces);
    }

    /// @notice {ProofOfWork-hashOf}.
    function hashOf(bytes calldata nonces) external pure returns (bytes32) {
        return ProofOfWork.hashOf(nonces);
    }
}
