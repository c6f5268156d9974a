// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {AttestationDemand} from "../types/Dataset.sol";
import {VerifierKind} from "../types/Node.sol";

/// @title AttestationDemands
/// @notice Says whether a node's attestation is as a data owner or a requester demands.
library AttestationDemands {
    /// @notice Returns whether the demand is met. A demand that was met stays met: a node verified on chain never goes
    /// back to a quorum.
    /// @param demand What is demanded.
    /// @param registry The registry that has the node.
    /// @param nodeId The node.
    /// @param kind What kind of verifier judged its newest attestation.
    /// @param finalityPeriod Seconds after a node's first attestation in which a quorum that vouched for it answers for
    /// it; after them the node is final.
    /// @return Whether it is met.
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
