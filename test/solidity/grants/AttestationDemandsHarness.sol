// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {AttestationDemands} from "../../../contracts/grants/AttestationDemands.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";

/// @notice {AttestationDemands} as it is shipped.
contract AttestationDemandsHarness {
    /// @notice {AttestationDemands-strongest}.
    function strongest(
        INodeRegistry registry,
        uint256 nodeId,
        VerifierKind kind,
        uint256 finalityPeriod
    ) external view returns (AttestationDemand) {
        return AttestationDemands.strongest(registry, nodeId, kind, finalityPeriod);
    }

    /// @notice {AttestationDemands-isMetBy}.
    function isMetBy(AttestationDemand demand, AttestationDemand met) external pure returns (bool) {
        return AttestationDemands.isMetBy(demand, met);
    }
}
