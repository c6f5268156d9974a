// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {INodeRegistry} from "./INodeRegistry.sol";
import {Dataset, Grant, GrantTerms} from "../types/Dataset.sol";

/// @title IDataGrants
/// @notice Datasets, and which node may use them until when.
/// @dev A grant names a node, the measurement that it runs and its enclave key. A node's are fixed by its first attestation, so both are
/// compared once, when the grant is made, and hold ever after. A grant says who may; that the data's key reaches nobody
/// else is its owner's doing, who seals it to the enclave key. A grant holds only while the node is live. Revoking works at
/// once, for tasks that are not accepted yet.
interface IDataGrants {
    /// @notice A dataset was registered.
    event DatasetRegistered(
        uint256 indexed datasetId,
        address indexed owner,
        bytes32 indexed contentHash,
        uint96 price,
        string uri
    );
    /// @notice A dataset's price changed, for tasks to come.
    event PriceSet(uint256 indexed datasetId, uint96 price);
    /// @notice A dataset's URI changed.
    event UriSet(uint256 indexed datasetId, string uri);
    /// @notice A dataset was granted to a node; `nonce` is the next that a signed grant must carry.
    event Granted(uint256 indexed datasetId, uint256 indexed nodeId, GrantTerms terms, uint64 nonce);
    /// @notice A grant was revoked, and every signed one that nobody has carried yet with it.
    event Revoked(uint256 indexed datasetId, uint256 indexed nodeId, uint64 nonce);

    /// @notice The id names no dataset.
    error DataGrantsUnknownDataset(uint256 datasetId);
    /// @notice The caller is not the dataset's owner.
    error DataGrantsUnauthorized(uint256 datasetId, address caller);
    /// @notice A content commitment of zero.
    error DataGrantsInvalidContent();
    /// @notice A URI longer than 256 bytes.
    error DataGrantsInvalidUri(uint256 length);
    /// @notice The node runs another measurement, or was never attested.
    error DataGrantsWrongMeasurement(uint256 nodeId, bytes32 expected, bytes32 actual);
    /// @notice The node's enclave key is another.
    error DataGrantsWrongEnclaveKey(uint256 nodeId, address expected, address actual);
    /// @notice The grant would be over already.
    error DataGrantsInvalidExpiry(uint256 until);
    /// @notice A grant for nothing to a node that is not the owner's own.
    error DataGrantsNotOwnNode(uint256 datasetId, uint256 nodeId);
    /// @notice The signature's deadline has passed.
    error DataGrantsExpiredSignature(uint256 deadline);
    /// @notice The signature is not the owner's over these terms, nonce and deadline; or the nonce is used.
    error DataGrantsInvalidSignature(address owner, uint256 nonce);
    /// @notice The node may not use the dataset now: no grant, one that is over, or an attestation that does not do.
    error DataGrantsNotGranted(uint256 datasetId, uint256 nodeId);
    /// @notice A finality period of zero or above 365 days.
    error DataGrantsInvalidParameter(uint256 value, uint256 limit);

    /// @notice The nodes. Immutable.
    function registry() external view returns (INodeRegistry);

    /// @notice Seconds after its first attestation, the last one included, in which a node that a quorum vouched for is not `Final` yet.
    /// Immutable; the dispute period of the quorum's verifier, to whose last second its signers can be slashed.
    function finalityPeriod() external view returns (uint256);

    /// @notice How many datasets were registered; ids run from 1 to this.
    function datasetCount() external view returns (uint256);

    /// @notice A dataset as stored.
    /// @dev Errors: {DataGrantsUnknownDataset}.
    function getDataset(uint256 datasetId) external view returns (Dataset memory);

    /// @notice Where the encrypted dataset is.
    /// @dev Errors: {DataGrantsUnknownDataset}.
    function uriOf(uint256 datasetId) external view returns (string memory);

    /// @notice A grant as stored; all zero but the nonce where there is none.
    function getGrant(uint256 datasetId, uint256 nodeId) external view returns (Grant memory);

    /// @notice Whether a node may use a dataset now: granted, not over, the node live with the granted measurement, and its attestation
    /// as the grant demands.
    function isGranted(uint256 datasetId, uint256 nodeId) external view returns (bool);

    /// @notice The datasets' owners.
    /// @dev Errors: {DataGrantsUnknownDataset}.
    function ownersOf(uint256[] calldata datasetIds) external view returns (address[] memory owners);

    /// @notice What each dataset costs a use by a node that may use them all now; 0 under a free grant.
    /// @dev Errors: {DataGrantsUnknownDataset}, {DataGrantsNotGranted}, and the registry's for an unknown node.
    function usePricesOf(uint256 nodeId, uint256[] calldata datasetIds) external view returns (uint96[] memory prices);

    /// @notice The EIP-712 hash that an owner signs: `Grant(uint256 datasetId,uint256 nodeId,bytes32 mrEnclave,address enclaveKey,uint40
    /// until,uint8 demand,bool free,bytes32 contentHash,uint256 nonce,uint256 deadline)` with the dataset's `contentHash`.
    /// @dev Errors: {DataGrantsUnknownDataset}.
    /// @param nonce The grant's nonce (see {getGrant}).
    /// @param deadline Unix seconds of the last second in which it can be carried.
    function hashGrant(GrantTerms calldata terms, uint256 nonce, uint256 deadline) external view returns (bytes32);

    /// @notice Registers a dataset of the caller's.
    /// @dev Emits {DatasetRegistered}. Errors: {DataGrantsInvalidContent}, {DataGrantsInvalidUri}.
    /// @param contentHash keccak256 of the encrypted file's bytes.
    /// @param price Token base units for each use.
    /// @param uri Where the encrypted file is, at most 256 bytes; may be empty.
    /// @return datasetId The new dataset's id, from 1.
    function register(bytes32 contentHash, uint96 price, string calldata uri) external returns (uint256 datasetId);

    /// @notice Changes a dataset's price, for tasks that are not accepted yet. A requester never pays more than it offered. Only the owner.
    /// @dev Emits {PriceSet}. Errors: {DataGrantsUnknownDataset}, {DataGrantsUnauthorized}.
    function setPrice(uint256 datasetId, uint96 price) external;

    /// @notice Changes where the encrypted file is. Only the owner.
    /// @dev Emits {UriSet}. Errors: {DataGrantsUnknownDataset}, {DataGrantsUnauthorized}, {DataGrantsInvalidUri}.
    function setUri(uint256 datasetId, string calldata uri) external;

    /// @notice Grants a dataset to a node, or replaces the grant. Only the owner.
    /// @dev Emits {Granted}. Errors: {DataGrantsUnknownDataset}, {DataGrantsUnauthorized}, {DataGrantsWrongMeasurement}, {DataGrantsWrongEnclaveKey},
    /// {DataGrantsInvalidExpiry}, {DataGrantsNotOwnNode}, and the registry's for an unknown node.
    function grant(GrantTerms calldata terms) external;

    /// @notice As {grant}, by the owner's EIP-712 signature; anyone may carry it, once. ERC-1271 too.
    /// @dev Emits {Granted}. Errors: those of {grant} but for the caller's, {DataGrantsExpiredSignature}, {DataGrantsInvalidSignature}.
    /// @param deadline Unix seconds of the last second in which it can be carried.
    /// @param signature 65 bytes `r ‖ s ‖ v`, or what the owner's contract understands.
    function grantFor(GrantTerms calldata terms, uint256 deadline, bytes calldata signature) external;

    /// @notice Revokes a node's grant at once, and every one that was signed with a nonce below the next multiple of 2^32, which is where the
    /// nonce goes on. Only the owner. Tasks accepted before go on.
    /// @dev Emits {Revoked}. Errors: {DataGrantsUnknownDataset}, {DataGrantsUnauthorized}.
    function revoke(uint256 datasetId, uint256 nodeId) external;
}
