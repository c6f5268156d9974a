// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {EnclaveTerms, EndReason, OrderTerms, VerifierKind} from "../../../contracts/types/Node.sol";

/// @notice What grants and tasks ask of the registry, settable.
contract TaskNodesStandIn {
    /// @notice A node as it is set here. Closed: live, and takes nothing new.
    struct Settable {
        address provider;
        address enclaveKey;
        bytes32 mrEnclave;
        VerifierKind kind;
        uint40 attestedAt;
        uint40 disputeTime;
        uint16 attestations;
        bool isLive;
        bool isClosed;
    }

    /// @notice A suspension as it is set here, how long earlier ones lasted, when that was set; and why and when the node ended.
    struct Doubt {
        uint256 since;
        uint256 duration;
        uint256 setAt;
        EndReason reason;
        uint256 endedAt;
    }

    uint256 public constant releaseDelay = 30 days;
    uint256 public constant revocationDelay = 2 days;
    uint256 public constant nodeCount = 100;

    IStakeVault public immutable vault;

    mapping(uint256 nodeId => Settable) private _settable;
    mapping(uint256 nodeId => Doubt) private _doubts;

    error UnknownNode(uint256 nodeId);

    constructor(IStakeVault vault_) {
        vault = vault_;
    }

    /// @notice A live node that the chain verified now, for the third time.
    function addNode(uint256 nodeId, address provider, address enclaveKey, bytes32 mrEnclave) external {
        _settable[nodeId] = Settable({
            provider: provider,
            enclaveKey: enclaveKey,
            mrEnclave: mrEnclave,
            kind: VerifierKind.OnChain,
            attestedAt: uint40(block.timestamp),
            disputeTime: 0,
            attestations: 3,
            isLive: true,
            isClosed: false
        });
    }

    function setNode(uint256 nodeId, Settable calldata node) external {
        _settable[nodeId] = node;
    }

    function setLive(uint256 nodeId, bool isLive_) external {
        _settable[nodeId].isLive = isLive_;
    }

    function setClosed(uint256 nodeId, bool isClosed) external {
        _settable[nodeId].isClosed = isClosed;
    }

    function setAttested(uint256 nodeId, VerifierKind kind, uint256 attestedAt, uint16 attestations) external {
        Settable storage node = _settable[nodeId];
        (node.kind, node.attestedAt, node.attestations) = (kind, uint40(attestedAt), attestations);
    }

    /// @notice Sets for how long the quotes of a node's verifiers can be disputed.
    function setDisputeTime(uint256 nodeId, uint40 disputeTime) external {
        _settable[nodeId].disputeTime = disputeTime;
    }

    function setMeasurement(uint256 nodeId, bytes32 mrEnclave) external {
        _settable[nodeId].mrEnclave = mrEnclave;
    }

    /// @notice Sets since when a node is suspended, 0 for not at all, and for how long it was before, up to now.
    function setSuspension(uint256 nodeId, uint256 since, uint256 duration) external {
        Doubt storage doubt = _doubts[nodeId];
        (doubt.since, doubt.duration, doubt.setAt) = (since, duration, block.timestamp);
        _settable[nodeId].isLive = since == 0;
    }

    function setEndReason(uint256 nodeId, EndReason reason) external {
        (_doubts[nodeId].reason, _doubts[nodeId].endedAt) = (reason, block.timestamp);
        _settable[nodeId].isLive = false;
    }

    function suspendedSeconds(uint256 nodeId, uint256 from) external view returns (uint256 duration) {
        Doubt storage doubt = _doubts[nodeId];
        uint256 since = doubt.since;
        if (from <= doubt.setAt && (since == 0 || from < since)) duration = doubt.duration;
        if (since == 0) return duration;
        uint256 until = block.timestamp < since + revocationDelay ? block.timestamp : since + revocationDelay;
        if (from > since) since = from;
        if (until > since) duration += until - since;
    }

    function endOf(uint256 nodeId) external view returns (uint256) {
        return _doubts[nodeId].endedAt;
    }

    function identityOf(uint256 nodeId) external view returns (bytes32 mrEnclave, address enclaveKey) {
        Settable storage node = _existing(nodeId);
        return (node.mrEnclave, node.enclaveKey);
    }

    function providerOf(uint256 nodeId) external view returns (address) {
        return _existing(nodeId).provider;
    }

    function standingOf(
        uint256 nodeId
    ) external view returns (address provider, EndReason endReason, uint256 suspendedSince) {
        provider = _existing(nodeId).provider;
        (endReason, suspendedSince) = (_doubts[nodeId].reason, _doubts[nodeId].since);
    }

    function enclaveTermsOf(uint256 nodeId) external view returns (EnclaveTerms memory) {
        Settable storage node = _existing(nodeId);
        return EnclaveTerms(node.provider, node.isLive ? node.enclaveKey : address(0), node.kind, node.attestations);
    }

    function orderTermsOf(uint256 nodeId) external view returns (OrderTerms memory) {
        Settable storage node = _existing(nodeId);
        return OrderTerms(node.provider, 1, node.kind, node.enclaveKey, node.isLive && !node.isClosed);
    }

    function disputeTermsOf(uint256 nodeId) external view returns (uint256 attestedAt, uint256 disputeTime) {
        Settable storage node = _existing(nodeId);
        return (node.attestedAt, node.disputeTime);
    }

    function _existing(uint256 nodeId) private view returns (Settable storage node) {
        node = _settable[nodeId];
        if (node.provider == address(0)) revert UnknownNode(nodeId);
    }
}
