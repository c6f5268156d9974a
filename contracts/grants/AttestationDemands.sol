// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {AttestationDemand} from "../types/Dataset.sol";
import {VerifierKind} from "../types/Node.sol";

/// @title AttestationDemands
/// @notice Says whether a node's attestation is as a data owner or a requester demands.
library AttestationDemands {
    /// @notice Returns the strongest demand that a node's attestation meets: `OnChain`, else `Final`, else `Live`. A node
    /// verified on chain never goes back to a quorum, and one that is final stays so unless it is attested again by a
    /// verifier whose quotes can be disputed for longer.
    /// @param registry The registry that has the node.
    /// @param nodeId The node.
    /// @param kind What kind of verifier judged its newest attestation.
    /// @param finalityPeriod Seconds after a node's first attestation for which a quorum that vouched for it answers for
    /// it at the least; its own verifier's time of disputes counts where that is longer. After them the node is final.
    /// @return The demand.
    function strongest(
        INodeRegistry registry,
        uint256 nodeId,
        VerifierKind kind,
        uint256 finalityPeriod
    ) internal view returns (AttestationDemand) {
        if (kind == VerifierKind.OnChain) return AttestationDemand.OnChain;
        if (kind == VerifierKind.None) return AttestationDemand.Live;
        (uint256 attestedAt, uint256 disputeTime) = registry.disputeTermsOf(nodeId);
        uint256 last = attestedAt + (disputeTime > finalityPeriod ? disputeTime : finalityPeriod);
        return last < block.timestamp ? AttestationDemand.Final : AttestationDemand.Live;
    }

    /// @notice Returns whether an attestation that meets one demand meets another.
    /// @param demand What is demanded.
    /// @param met The strongest demand that the attestation meets; see {strongest}.
    /// @return Whether it does.
    function isMetBy(AttestationDemand demand, AttestationDemand met) internal pure returns (bool) {
        return demand == AttestationDemand.Live || met == AttestationDemand.OnChain || demand == met;
    }
}
