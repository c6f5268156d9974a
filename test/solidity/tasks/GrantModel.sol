// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {NodeFacts, ModelNodesStandIn} from "./TaskModelStandIns.sol";

/// @notice Datasets and grants in plain books: which node may use what, and for how much.
abstract contract GrantModel {
    struct ModelSet {
        address owner;
        uint256 price;
    }

    struct ModelGrant {
        uint256 until;
        AttestationDemand demand;
        bool free;
    }

    ModelNodesStandIn internal immutable nodes;
    uint256 private immutable finalityPeriod;

    uint256 public datasetCount;

    mapping(uint256 datasetId => ModelSet) private _sets;
    mapping(uint256 datasetId => mapping(uint256 nodeId => ModelGrant)) private _grants;

    constructor(ModelNodesStandIn nodes_, uint256 finalityPeriod_) {
        (nodes, finalityPeriod) = (nodes_, finalityPeriod_);
    }

    function register(address owner, uint256 price) external {
        _sets[++datasetCount] = ModelSet(owner, price);
    }

    function setPrice(address caller, uint256 datasetId, uint256 price) external returns (bool) {
        if (_sets[datasetId].owner != caller) return false;
        _sets[datasetId].price = price;
        return true;
    }

    function grant(address caller, GrantTerms calldata terms) external returns (bool) {
        NodeFacts memory node = nodes.factsOf(terms.nodeId);
        if (_sets[terms.datasetId].owner != caller || terms.until <= block.timestamp) return false;
        if (node.attestations == 0 || node.mrEnclave != terms.mrEnclave) return false;
        if (node.enclaveKey != terms.enclaveKey) return false;
        if (terms.free && node.provider != caller) return false;
        _grants[terms.datasetId][terms.nodeId] = ModelGrant(terms.until, terms.demand, terms.free);
        return true;
    }

    function revoke(address caller, uint256 datasetId, uint256 nodeId) external returns (bool) {
        if (_sets[datasetId].owner != caller) return false;
        delete _grants[datasetId][nodeId];
        return true;
    }

    function holds(uint256 datasetId, uint256 nodeId) public view returns (bool) {
        ModelGrant storage given = _grants[datasetId][nodeId];
        NodeFacts memory node = nodes.factsOf(nodeId);
        return block.timestamp < given.until && _isLive(node) && _meets(node, given.demand);
    }

    /// @notice What the next use of a dataset by a node costs.
    function priceOf(uint256 datasetId, uint256 nodeId) public view returns (uint256) {
        return _grants[datasetId][nodeId].free ? 0 : _sets[datasetId].price;
    }

    function ownerOf(uint256 datasetId) public view returns (address) {
        return _sets[datasetId].owner;
    }

    function _isLive(NodeFacts memory node) internal view returns (bool) {
        return block.timestamp < node.validUntil && block.timestamp < node.end;
    }

    function _meets(NodeFacts memory node, AttestationDemand demand) internal view returns (bool) {
        if (demand == AttestationDemand.Live || node.kind == VerifierKind.OnChain) return true;
        return demand == AttestationDemand.Final && block.timestamp > node.attestedAt + finalityPeriod;
    }
}
