// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {TcbStatus} from "../types/Attestation.sol";
import {EnclaveTerms, EndReason, Node, OrderTerms, VerifierKind} from "../types/Node.sol";
import {EnclaveList} from "./EnclaveList.sol";

/// @title NodeRecords
/// @notice The nodes as stored, and what follows from it: whether a node is live, when it ends, and on what terms it
/// serves.
/// @dev Nothing here depends on anybody calling in time. The views on hot paths read as few slots as their answers
/// need.
abstract contract NodeRecords is EnclaveList {
    uint256 private constant NO_END = type(uint256).max;

    /// @inheritdoc INodeRegistry
    uint256 public override nodeCount;

    mapping(uint256 nodeId => Node) internal _nodes;
    mapping(uint256 nodeId => string) internal _urls;

    /// @inheritdoc INodeRegistry
    function getNode(uint256 nodeId) external view override returns (Node memory) {
        return _existing(nodeId);
    }

    /// @inheritdoc INodeRegistry
    function urlOf(uint256 nodeId) external view override returns (string memory) {
        _existing(nodeId);
        return _urls[nodeId];
    }

    /// @inheritdoc INodeRegistry
    function verifierOf(uint256 nodeId) external view override returns (address verifier, VerifierKind kind) {
        uint256 verifierId = _existing(nodeId).verifierId;
        return (_verifierAt(verifierId), _kindOf(verifierId));
    }

    /// @inheritdoc INodeRegistry
    function isLive(uint256 nodeId) external view override returns (bool) {
        return _isLive(_nodes[nodeId]);
    }

    /// @inheritdoc INodeRegistry
    function endOf(uint256 nodeId) external view override returns (uint256) {
        return _endOf(_nodes[nodeId]);
    }

    /// @inheritdoc INodeRegistry
    function proofTermsOf(uint256 nodeId) external view override returns (address enclaveKey, uint256 requiredRate) {
        Node storage node = _nodes[nodeId];
        if (_isLive(node)) enclaveKey = node.enclaveKey;
        requiredRate = node.requiredRate;
    }

    /// @inheritdoc INodeRegistry
    function modelOf(uint256 nodeId) external view override returns (uint32) {
        return _existing(nodeId).modelId;
    }

    /// @inheritdoc INodeRegistry
    function providerOf(uint256 nodeId) external view override returns (address) {
        return _existing(nodeId).provider;
    }

    /// @inheritdoc INodeRegistry
    function enclaveTermsOf(uint256 nodeId) external view override returns (EnclaveTerms memory) {
        Node storage node = _existing(nodeId);
        return
            EnclaveTerms({
                provider: node.provider,
                enclaveKey: _isLive(node) ? node.enclaveKey : address(0),
                verifierKind: _kindOf(node.verifierId),
                attestations: node.attestations
            });
    }

    /// @inheritdoc INodeRegistry
    function identityOf(uint256 nodeId) external view override returns (bytes32 mrEnclave, address enclaveKey) {
        Node storage node = _nodes[nodeId];
        (mrEnclave, enclaveKey) = (node.mrEnclave, node.enclaveKey);
        // Who was attested exists, so most callers need not read the provider's slot.
        if (enclaveKey == address(0)) _existing(nodeId);
    }

    /// @inheritdoc INodeRegistry
    function disputeTermsOf(uint256 nodeId) external view override returns (uint256 attestedAt, uint256 disputeTime) {
        Node storage node = _existing(nodeId);
        return (node.attestedAt, node.disputeTime);
    }

    /// @inheritdoc INodeRegistry
    function orderTermsOf(uint256 nodeId) external view override returns (OrderTerms memory) {
        Node storage node = _existing(nodeId);
        uint256 packed = _packedPolicy();
        return
            OrderTerms({
                provider: node.provider,
                units: node.units,
                verifierKind: _kindOf(node.verifierId),
                enclaveKey: node.enclaveKey,
                open: _isLive(node) &&
                    node.endedAt == 0 &&
                    _isAccepted(packed, node.tcbStatus) &&
                    _removedAt(packed, node.enclaveId) == 0
            });
    }

    /// @dev Sets a node's end and its reason. Callers never move an end that has passed.
    function _end(uint256 nodeId, EndReason reason, uint256 endsAt) internal {
        Node storage node = _nodes[nodeId];
        node.endedAt = _clamp(endsAt);
        node.endReason = reason;
        emit NodeEnded(nodeId, reason, endsAt);
    }

    /// @dev Sees to it that a node's time of disputes is no shorter than that of a verifier's.
    function _extendDisputes(Node storage node, uint24 disputeTime) internal {
        if (node.disputeTime < disputeTime) node.disputeTime = disputeTime;
    }

    /// @dev A time in the 32 bits that a node has for it.
    function _clamp(uint256 time) internal pure returns (uint32) {
        return uint32(Math.min(time, type(uint32).max));
    }

    function _existing(uint256 nodeId) internal view returns (Node storage node) {
        node = _nodes[nodeId];
        if (node.provider == address(0)) revert NodeRegistryUnknownNode(nodeId);
    }

    /// @dev Returns a node, which must belong to the caller and be the one that the enclave key names.
    function _owned(uint256 nodeId, address enclaveKey) internal view returns (Node storage node) {
        node = _existing(nodeId);
        if (node.provider != msg.sender) revert NodeRegistryUnauthorized(nodeId, msg.sender);
        address actual = node.enclaveKey;
        if (actual != enclaveKey) revert NodeRegistryWrongEnclaveKey(nodeId, actual, enclaveKey);
    }

    function _hasEnded(Node storage node) internal view returns (bool) {
        return _endOf(node) <= block.timestamp;
    }

    /// @dev The stored end, or the end that the removal of the allow-list entry brings, whichever is sooner. Reads slot
    /// 1 only if the entry was removed.
    function _endOf(Node storage node) internal view returns (uint256 end) {
        end = node.endedAt;
        if (end == 0) end = NO_END;

        uint256 enclaveId = node.enclaveId;
        if (enclaveId == 0) return end;
        uint256 removedAt = _removedAt(_packedPolicy(), enclaveId);
        if (removedAt == 0) return end;
        return Math.min(end, Math.max(node.validUntil, removedAt));
    }

    /// @dev A removed allow-list entry does not matter here: the node stays live for as long as its attestation holds.
    /// The TCB status `Revoked` marks a suspended node.
    function _isLive(Node storage node) private view returns (bool) {
        uint256 endedAt = node.endedAt;
        return
            node.validUntil > block.timestamp &&
            node.tcbStatus != TcbStatus.Revoked &&
            (endedAt == 0 || endedAt > block.timestamp) &&
            (!node.isChallenger || node.liveFrom <= block.timestamp);
    }
}
