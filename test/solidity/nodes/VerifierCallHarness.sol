// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VerifierCall} from "../../../contracts/nodes/VerifierCall.sol";
import {Attestation} from "../../../contracts/types/Attestation.sol";

/// @notice {VerifierCall} as it is shipped.
contract VerifierCallHarness {
    /// @notice {VerifierCall-verify}.
    function verify(
        address verifier,
        bytes calldata evidence,
        bytes32 reportData
    ) external returns (Attestation memory, bytes32) {
        return VerifierCall.verify(verifier, evidence, reportData);
    }
}
