// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {AttestationDemands} from "../../../contracts/libraries/AttestationDemands.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";

/// @notice {AttestationDemands} as it is shipped.
contract AttestationDemandsHarness {
    /// @notice {AttestationDemands-isMet}.
    function isMet(
        AttestationDemand demand,
        INodeRegistry registry,
        uint256 nodeId,
        VerifierKind kind,
        uint256 finalityPeriod
    ) external view returns (bool) {
        return AttestationDemands.isMet(demand, registry, nodeId, kind, finalityPeriod);
    }
}
