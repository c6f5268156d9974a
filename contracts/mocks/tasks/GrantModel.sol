// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../interfaces/IDataGrants.sol";
import {AttestationDemand, GrantTerms} from "../../types/Dataset.sol";
import {VerifierKind} from "../../types/Node.sol";
import {NodeFacts, NodeBook} from "./NodeBook.sol";
import {Refusals} from "./Refusals.sol";

/// @title GrantModel
/// @notice Datasets and grants in plain books: which node may use what, and for how much.
abstract contract GrantModel is Refusals {
    /// @dev A dataset.
    struct ModelSet {
        address owner;
        uint256 price;
        bytes32 contentHash;
    }

    /// @dev What its owner granted to a node.
    struct ModelGrant {
        uint256 until;
        AttestationDemand demand;
        bool free;
    }

    NodeBook internal immutable nodes;
    uint256 private immutable finalityPeriod;

    /// @notice How many datasets there are.
    uint256 public datasetCount;

    mapping(uint256 datasetId => ModelSet) private _sets;
    mapping(uint256 datasetId => mapping(uint256 nodeId => ModelGrant)) private _grants;

    /// @notice Binds the model to its nodes.
    /// @param nodes_ What is true of nodes.
    /// @param finalityPeriod_ Seconds after which a node that a quorum vouched for is final.
    constructor(NodeBook nodes_, uint256 finalityPeriod_) {
        (nodes, finalityPeriod) = (nodes_, finalityPeriod_);
    }

    /// @notice Registers a dataset, which is always allowed.
    /// @param owner Its owner.
    /// @param contentHash What names its content.
    /// @param price What each use of it costs.
    function register(address owner, bytes32 contentHash, uint256 price) external judged {
        _sets[++datasetCount] = ModelSet(owner, price, contentHash);
    }

    /// @notice Changes what a dataset costs.
    /// @param caller Who tries.
    /// @param datasetId The dataset.
    /// @param contentHash The content that the caller means.
    /// @param price What each use of it costs from now on.
    /// @return Whether it is allowed, and was done.
    function setPrice(
        address caller,
        uint256 datasetId,
        bytes32 contentHash,
        uint256 price
    ) external judged returns (bool) {
        _checkOwner(caller, datasetId, contentHash);
        if (!_isAllowed()) return false;
        _sets[datasetId].price = price;
        return true;
    }

    /// @notice Grants a dataset to a node.
    /// @param caller Who tries.
    /// @param terms What is granted.
    /// @param contentHash The content that the caller means.
    /// @return Whether it is allowed, and was done.
    function grant(address caller, GrantTerms calldata terms, bytes32 contentHash) external judged returns (bool) {
        NodeFacts memory node = _node(terms.nodeId);
        bool runsIt = node.attestations != 0 && node.mrEnclave == terms.mrEnclave;
        _checkOwner(caller, terms.datasetId, contentHash);
        _refuseIf(terms.until <= block.timestamp, IDataGrants.DataGrantsInvalidExpiry.selector);
        _refuseIf(!runsIt, IDataGrants.DataGrantsWrongMeasurement.selector);
        _refuseIf(node.enclaveKey != terms.enclaveKey, IDataGrants.DataGrantsWrongEnclaveKey.selector);
        _refuseIf(terms.free && node.provider != caller, IDataGrants.DataGrantsNotOwnNode.selector);
        if (!_isAllowed()) return false;
        _grants[terms.datasetId][terms.nodeId] = ModelGrant(terms.until, terms.demand, terms.free);
        return true;
    }

    /// @notice Revokes what was granted to a node, if anything was.
    /// @param caller Who tries.
    /// @param datasetId The dataset.
    /// @param contentHash The content that the caller means.
    /// @param nodeId The node.
    /// @param enclaveKey The node that the caller means.
    /// @return Whether it is allowed, and was done.
    function revoke(
        address caller,
        uint256 datasetId,
        bytes32 contentHash,
        uint256 nodeId,
        address enclaveKey
    ) external judged returns (bool) {
        NodeFacts memory node = _node(nodeId);
        address actual = node.attestations == 0 ? address(0) : node.enclaveKey;
        _checkOwner(caller, datasetId, contentHash);
        bool isNamed = enclaveKey != address(0) && (actual == address(0) || actual == enclaveKey);
        _refuseIf(!isNamed, IDataGrants.DataGrantsWrongEnclaveKey.selector);
        if (!_isAllowed()) return false;
        delete _grants[datasetId][nodeId];
        return true;
    }

    /// @notice Returns, for each dataset in the order of their ids, whether a node may use it.
    /// @param nodeId The node.
    /// @return held Whether it holds a grant of each.
    function grantsOf(uint256 nodeId) external view returns (bool[] memory held) {
        held = new bool[](datasetCount);
        for (uint256 i; i < held.length; ++i) held[i] = holds(i + 1, nodeId);
    }

    /// @notice Returns whether a node may use a dataset.
    /// @param datasetId The dataset.
    /// @param nodeId The node.
    /// @return Whether it holds a grant that counts now.
    function holds(uint256 datasetId, uint256 nodeId) public view returns (bool) {
        ModelGrant storage given = _grants[datasetId][nodeId];
        NodeFacts memory node = _node(nodeId);
        return block.timestamp < given.until && _isLive(node) && _meets(node, given.demand);
    }

    /// @notice Returns what the next use of a dataset by a node costs.
    /// @param datasetId The dataset.
    /// @param nodeId The node.
    /// @return The price.
    function priceOf(uint256 datasetId, uint256 nodeId) public view returns (uint256) {
        return _grants[datasetId][nodeId].free ? 0 : _sets[datasetId].price;
    }

    /// @notice Returns who owns a dataset.
    /// @param datasetId The dataset.
    /// @return The owner; the zero address if there is no such dataset.
    function ownerOf(uint256 datasetId) public view returns (address) {
        return _sets[datasetId].owner;
    }

    function _node(uint256 nodeId) internal view returns (NodeFacts memory) {
        return nodes.factsOf(nodeId);
    }

    /// @notice Returns what names a dataset's content.
    /// @param datasetId The dataset.
    /// @return The hash; zero if there is no such dataset.
    function contentOf(uint256 datasetId) public view returns (bytes32) {
        return _sets[datasetId].contentHash;
    }

    function _checkOwner(address caller, uint256 datasetId, bytes32 contentHash) private {
        _refuseIf(_sets[datasetId].owner != caller, IDataGrants.DataGrantsUnauthorized.selector);
        _refuseIf(contentOf(datasetId) != contentHash, IDataGrants.DataGrantsWrongContent.selector);
    }

    function _isLive(NodeFacts memory node) internal view returns (bool) {
        return block.timestamp < node.validUntil && block.timestamp < node.end && node.suspendedSince == 0;
    }

    function _meets(NodeFacts memory node, AttestationDemand demand) internal view returns (bool) {
        if (demand == AttestationDemand.Live || node.kind == VerifierKind.OnChain) return true;
        return demand == AttestationDemand.Final && block.timestamp > node.attestedAt + finalityPeriod;
    }
}
