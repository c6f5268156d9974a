// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IAttestationVerifier} from "./interfaces/IAttestationVerifier.sol";
import {IDataGrants} from "./interfaces/IDataGrants.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {AttestationDemands} from "./grants/AttestationDemands.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {AttestationDemand, Dataset, Grant, GrantTerms} from "./types/Dataset.sol";
import {EnclaveTerms} from "./types/Node.sol";

/// @title DataGrants
/// @notice See {IDataGrants}.
/// @dev Nobody but a dataset's owner has power over it: there is no role, no pause, and nothing to withdraw.
contract DataGrants is IDataGrants, EIP712 {
    using AttestationDemands for AttestationDemand;

    bytes32 private constant GRANT_TYPEHASH = keccak256(
        "Grant(uint256 datasetId,uint256 nodeId,bytes32 mrEnclave,address enclaveKey,uint40 until,uint8 demand,bool free,bytes32 contentHash,uint256 nonce,uint256 deadline)"
    );
    uint256 private constant MAX_URI_LENGTH = 256;
    uint256 private constant MAX_FINALITY_PERIOD = 365 days;

    /// @inheritdoc IDataGrants
    INodeRegistry public immutable registry;
    /// @inheritdoc IDataGrants
    uint256 public immutable finalityPeriod;

    /// @inheritdoc IDataGrants
    uint256 public datasetCount;

    mapping(uint256 datasetId => Dataset) private _datasets;
    mapping(uint256 datasetId => string) private _uris;
    mapping(uint256 datasetId => mapping(uint256 nodeId => Grant)) private _grants;
    mapping(uint256 datasetId => mapping(uint256 nodeId => mapping(uint256 era => uint256))) private _eraEnds;

    /// @notice Binds datasets to the nodes of one registry, for good.
    /// @dev Errors: {DataGrantsInvalidParameter}.
    /// @param registry_ The registry of nodes.
    /// @param quorumVerifier The verifier whose vouchings become final, after 1 second to 365 days.
    constructor(INodeRegistry registry_, IAttestationVerifier quorumVerifier) EIP712("ComputingPower.DataGrants", "1") {
        uint256 period = quorumVerifier.disputeTime();
        if (period == 0) revert DataGrantsInvalidParameter(0, 1);
        if (period > MAX_FINALITY_PERIOD) revert DataGrantsInvalidParameter(period, MAX_FINALITY_PERIOD);
        (registry, finalityPeriod) = (registry_, period);
    }

    /// @inheritdoc IDataGrants
    function getDataset(uint256 datasetId) external view returns (Dataset memory) {
        return _existing(datasetId);
    }

    /// @inheritdoc IDataGrants
    function uriOf(uint256 datasetId) external view returns (string memory) {
        _existing(datasetId);
        return _uris[datasetId];
    }

    /// @inheritdoc IDataGrants
    function getGrant(uint256 datasetId, uint256 nodeId) external view returns (Grant memory) {
        return _grants[datasetId][nodeId];
    }

    /// @inheritdoc IDataGrants
    function eraEndedIn(uint256 datasetId, uint256 nodeId, uint256 era) external view returns (uint256) {
        return _eraEnds[datasetId][nodeId][era];
    }

    /// @inheritdoc IDataGrants
    function isGranted(uint256 datasetId, uint256 nodeId) external view returns (bool) {
        Grant memory grant_ = _grants[datasetId][nodeId];
        // There are no grants to unknown nodes, so the registry is never asked about one.
        if (grant_.until == 0) return false;
        (bool isLive, AttestationDemand met) = _qualityOf(nodeId);
        return isLive && _holds(grant_, met);
    }

    /// @inheritdoc IDataGrants
    function ownerOf(uint256 datasetId) external view returns (address) {
        return _existing(datasetId).owner;
    }

    /// @inheritdoc IDataGrants
    function datasetsFor(
        uint256 nodeId,
        AttestationDemand demand,
        uint256[] calldata datasetIds
    ) external view returns (Dataset[] memory datasets) {
        (bool isLive, AttestationDemand met) = _qualityOf(nodeId);
        if (!isLive || !demand.isMetBy(met)) revert DataGrantsUnmetDemand(nodeId, demand);
        datasets = new Dataset[](datasetIds.length);
        for (uint256 i; i < datasetIds.length; ++i) {
            uint256 datasetId = datasetIds[i];
            Dataset memory dataset = _existing(datasetId);
            Grant memory grant_ = _grants[datasetId][nodeId];
            if (!_holds(grant_, met)) revert DataGrantsNotGranted(datasetId, nodeId);
            if (grant_.free) dataset.price = 0;
            datasets[i] = dataset;
        }
    }

    /// @inheritdoc IDataGrants
    function register(bytes32 contentHash, uint96 price, string calldata uri) external returns (uint256 datasetId) {
        if (contentHash == 0) revert DataGrantsInvalidContent();
        _checkUri(uri);
        datasetId = ++datasetCount;
        _datasets[datasetId] = Dataset({owner: msg.sender, price: price, contentHash: contentHash});
        _uris[datasetId] = uri;
        emit DatasetRegistered(datasetId, msg.sender, contentHash, price, uri);
    }

    /// @inheritdoc IDataGrants
    function setPrice(uint256 datasetId, bytes32 contentHash, uint96 price) external {
        _owned(datasetId, contentHash).price = price;
        emit PriceSet(datasetId, price);
    }

    /// @inheritdoc IDataGrants
    function setUri(uint256 datasetId, bytes32 contentHash, string calldata uri) external {
        _owned(datasetId, contentHash);
        _checkUri(uri);
        _uris[datasetId] = uri;
        emit UriSet(datasetId, uri);
    }

    /// @inheritdoc IDataGrants
    function grant(GrantTerms calldata terms, bytes32 contentHash) external {
        _grant(_owned(terms.datasetId, contentHash).owner, terms);
    }

    /// @inheritdoc IDataGrants
    function grantFor(GrantTerms calldata terms, uint256 deadline, bytes calldata signature) external {
        address owner = _existing(terms.datasetId).owner;
        uint256 nonce = _grants[terms.datasetId][terms.nodeId].nonce;
        if (block.timestamp > deadline) revert DataGrantsExpiredSignature(deadline);
        if (!Signatures.isValid(owner, hashGrant(terms, nonce, deadline), signature)) {
            revert DataGrantsInvalidSignature(owner, nonce);
        }
        _grant(owner, terms);
    }

    /// @inheritdoc IDataGrants
    function revoke(uint256 datasetId, bytes32 contentHash, uint256 nodeId, address enclaveKey) external {
        _owned(datasetId, contentHash);
        // What was signed for a node that does not exist yet, or has no key yet, can be revoked, too: by the key that was
        // signed, so that no provider dodges a revocation by attesting just before it. Naming none could be dodged.
        address actualKey;
        if (nodeId <= registry.nodeCount()) (, actualKey) = registry.identityOf(nodeId);
        if (enclaveKey == address(0)) revert DataGrantsWrongEnclaveKey(nodeId, enclaveKey, actualKey);
        if (actualKey != address(0)) _checkKey(nodeId, enclaveKey, actualKey);
        uint64 nonce = (_grants[datasetId][nodeId].nonce | type(uint32).max) + 1;
        _eraEnds[datasetId][nodeId][(nonce >> 32) - 1] = block.number;
        _grants[datasetId][nodeId] = Grant({until: 0, demand: AttestationDemand.Final, free: false, nonce: nonce});
        emit Revoked(datasetId, nodeId, nonce);
    }

    /// @inheritdoc IDataGrants
    function hashGrant(GrantTerms calldata terms, uint256 nonce, uint256 deadline) public view returns (bytes32) {
        bytes32 contentHash = _existing(terms.datasetId).contentHash;
        return _hashTypedDataV4(keccak256(abi.encode(GRANT_TYPEHASH, terms, contentHash, nonce, deadline)));
    }

    /// @dev Checks a grant and stores it. Its nonce moves on, so that no earlier signature counts any longer.
    function _grant(address owner, GrantTerms calldata terms) private {
        (uint256 datasetId, uint256 nodeId) = (terms.datasetId, terms.nodeId);
        (bytes32 mrEnclave, address enclaveKey) = registry.identityOf(nodeId);
        if (mrEnclave == 0 || mrEnclave != terms.mrEnclave) {
            revert DataGrantsWrongMeasurement(nodeId, terms.mrEnclave, mrEnclave);
        }
        _checkKey(nodeId, terms.enclaveKey, enclaveKey);
        if (terms.until <= block.timestamp) revert DataGrantsInvalidExpiry(terms.until);
        if (terms.free && registry.providerOf(nodeId) != owner) revert DataGrantsNotOwnNode(datasetId, nodeId);
        uint64 nonce = _grants[datasetId][nodeId].nonce + 1;
        _grants[datasetId][nodeId] = Grant({until: terms.until, demand: terms.demand, free: terms.free, nonce: nonce});
        emit Granted(datasetId, nodeId, terms, nonce);
    }

    /// @dev Whether a node is live, and the strongest demand that its attestation then meets.
    function _qualityOf(uint256 nodeId) private view returns (bool isLive, AttestationDemand met) {
        EnclaveTerms memory node = registry.enclaveTermsOf(nodeId);
        isLive = node.enclaveKey != address(0);
        if (isLive) met = AttestationDemands.strongest(registry, nodeId, node.verifierKind, finalityPeriod);
    }

    /// @dev Whether a grant holds for a live node whose attestation meets a demand. That the node runs the granted
    /// measurement was checked when the grant was made.
    function _holds(Grant memory grant_, AttestationDemand met) private view returns (bool) {
        return grant_.until > block.timestamp && grant_.demand.isMetBy(met);
    }

    function _existing(uint256 datasetId) private view returns (Dataset storage dataset) {
        dataset = _datasets[datasetId];
        if (dataset.owner == address(0)) revert DataGrantsUnknownDataset(datasetId);
    }

    /// @dev Returns a dataset, which must belong to the caller and have the content that the caller names. After a
    /// reorganisation of the chain another may have its number.
    function _owned(uint256 datasetId, bytes32 contentHash) private view returns (Dataset storage dataset) {
        dataset = _existing(datasetId);
        if (dataset.owner != msg.sender) revert DataGrantsUnauthorized(datasetId, msg.sender);
        bytes32 actual = dataset.contentHash;
        if (contentHash != actual) revert DataGrantsWrongContent(datasetId, contentHash, actual);
    }

    /// @dev Checks that a node is the one that is meant.
    function _checkKey(uint256 nodeId, address expected, address actual) private pure {
        if (expected != actual) revert DataGrantsWrongEnclaveKey(nodeId, expected, actual);
    }

    function _checkUri(string calldata uri) private pure {
        uint256 length = bytes(uri).length;
        if (length > MAX_URI_LENGTH) revert DataGrantsInvalidUri(length);
    }
}
