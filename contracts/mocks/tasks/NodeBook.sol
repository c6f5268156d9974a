// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VerifierKind} from "../../types/Node.sol";

/// @notice What is true of a node of {NodeBook}.
/// @param provider The account that owns it.
/// @param enclaveKey Address of its enclave key.
/// @param mrEnclave The measurement that it was first attested with; 0 before.
/// @param kind What kind of verifier judged its newest attestation.
/// @param attestations How many attestations it has.
/// @param attestedAt Unix seconds of the first one; 0 before.
/// @param validUntil Unix seconds at which the newest one lapses.
/// @param end Unix seconds at which it ends or ended; {NodeBook-NO_END} while no end is set.
/// @param open Whether it wants anything new.
/// @param discredited Whether it ended because its quote was false.
struct NodeFacts {
    address provider;
    address enclaveKey;
    bytes32 mrEnclave;
    VerifierKind kind;
    uint256 attestations;
    uint256 attestedAt;
    uint256 validUntil;
    uint256 end;
    bool open;
    bool discredited;
}

/// @title NodeBook
/// @notice What the model of tasks knows of nodes, settable. As in the registry, measurement and enclave key stay as
/// first attested, a node verified on chain never goes back to a quorum, and an end that has come never changes.
contract NodeBook {
    /// @notice The end of a node for which no end is set.
    uint256 public constant NO_END = type(uint256).max;

    mapping(uint256 nodeId => NodeFacts) private _facts;

    /// @notice There is no node with this id.
    /// @param nodeId The unknown id.
    error NodeBookUnknownNode(uint256 nodeId);

    /// @dev Refuses ids that no node has.
    modifier known(uint256 nodeId) {
        if (_facts[nodeId].provider == address(0)) revert NodeBookUnknownNode(nodeId);
        _;
    }

    /// @notice Adds a node that was never attested.
    /// @param nodeId Its id.
    /// @param provider The account that owns it.
    /// @param enclaveKey Address of its enclave key.
    function addNode(uint256 nodeId, address provider, address enclaveKey) external {
        NodeFacts storage node = _facts[nodeId];
        (node.provider, node.enclaveKey, node.end, node.open) = (provider, enclaveKey, NO_END, true);
    }

    /// @notice Attests a node, first or again.
    /// @param nodeId The node.
    /// @param mrEnclave The measurement, which counts the first time.
    /// @param kind What kind of verifier judges the quote.
    /// @param validUntil Unix seconds at which the attestation lapses.
    function attest(uint256 nodeId, bytes32 mrEnclave, VerifierKind kind, uint256 validUntil) external known(nodeId) {
        NodeFacts storage node = _facts[nodeId];
        if (node.attestations++ == 0) (node.mrEnclave, node.attestedAt) = (mrEnclave, block.timestamp);
        if (node.kind != VerifierKind.OnChain) node.kind = kind;
        node.validUntil = validUntil;
    }

    /// @notice Sets whether a node wants anything new.
    /// @param nodeId The node.
    /// @param isOpen Whether it does.
    function setOpen(uint256 nodeId, bool isOpen) external known(nodeId) {
        _facts[nodeId].open = isOpen;
    }

    /// @notice Sets an end that has not come yet, now at the earliest.
    /// @param nodeId The node.
    /// @param end Unix seconds at which it ends.
    function setEnd(uint256 nodeId, uint256 end) external known(nodeId) {
        if (_facts[nodeId].end > block.timestamp) _facts[nodeId].end = end < block.timestamp ? block.timestamp : end;
    }

    /// @notice Ends a node that has not ended yet at once, for a quote that was false.
    /// @param nodeId The node.
    function discredit(uint256 nodeId) external known(nodeId) {
        if (_facts[nodeId].end <= block.timestamp) return;
        (_facts[nodeId].end, _facts[nodeId].discredited) = (block.timestamp, true);
    }

    /// @notice Returns what is true of a node.
    /// @param nodeId The node.
    /// @return The facts.
    function factsOf(uint256 nodeId) public view known(nodeId) returns (NodeFacts memory) {
        return _facts[nodeId];
    }

    /// @notice Returns whether a node's attestation holds and its end has not come.
    /// @param nodeId The node.
    /// @return Whether it is live.
    function isLive(uint256 nodeId) public view known(nodeId) returns (bool) {
        NodeFacts storage node = _facts[nodeId];
        return block.timestamp < node.validUntil && block.timestamp < node.end;
    }
}
