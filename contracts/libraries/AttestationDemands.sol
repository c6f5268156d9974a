// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {AttestationDemand} from "../types/Dataset.sol";
import {VerifierKind} from "../types/Node.sol";

/// @title AttestationDemands
/// @notice Whether a node's attestation is as a data owner or a requester demands.
library AttestationDemands {
    /// @notice Whether the demand is met. What was met stays so: a node verified on chain never goes back to a quorum.
    /// @param demand What is asked.
    /// @param registry Where the node is.
    /// @param nodeId The node.
    /// @param kind What kind of verifier judged its last attestation.
    /// @param finalityPeriod Seconds after its first attestation in which a quorum that vouched for a node answers for it; after
    /// them the node is final.
    function isMet(
        AttestationDemand demand,
        INodeRegistry registry,
        uint256 nodeId,
        VerifierKind kind,
        uint256 finalityPeriod
    ) internal view returns (bool) {
        if (demand == AttestationDemand.Live || kind == VerifierKind.OnChain) return true;
        if (kind == VerifierKind.None || demand == AttestationDemand.OnChain) return false;
        return registry.attestedAtOf(nodeId) + finalityPeriod < block.timestamp;
    }
}
