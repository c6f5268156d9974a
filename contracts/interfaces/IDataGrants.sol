// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {INodeRegistry} from "./INodeRegistry.sol";
import {AttestationDemand, Dataset, Grant, GrantTerms} from "../types/Dataset.sol";

/// @title IDataGrants
/// @notice Datasets, and which nodes may use them until when.
///
/// @dev A grant names a node, the measurement that it runs, and its enclave key. A node's first attestation fixes both,
/// so they are compared once, when the grant is made, and hold ever after. A grant only says who may use the data. That
/// the data key reaches nobody else is up to the owner, who seals it to the enclave key. A grant holds only while the
/// node is live. Revoking takes effect at once, for tasks that are not accepted yet.
interface IDataGrants {
    /// @notice A dataset was registered.
    /// @param datasetId The new dataset's id, from 1.
    /// @param owner Its owner.
    /// @param contentHash keccak256 of the encrypted file's bytes.
    /// @param price Token base units for each use.
    /// @param uri Where the encrypted file is, at most 256 bytes.
    event DatasetRegistered(
        uint256 indexed datasetId,
        address indexed owner,
        bytes32 indexed contentHash,
        uint96 price,
        string uri
    );
    /// @notice A dataset's price changed, for tasks that are not accepted yet.
    /// @param datasetId The dataset.
    /// @param price Token base units for each use from now on.
    event PriceSet(uint256 indexed datasetId, uint96 price);
    /// @notice A dataset's URI changed.
    /// @param datasetId The dataset.
    /// @param uri Where the encrypted file is now, at most 256 bytes.
    event UriSet(uint256 indexed datasetId, string uri);
    /// @notice A dataset was granted to a node.
    /// @param datasetId The dataset.
    /// @param nodeId The node.
    /// @param terms The grant.
    /// @param nonce The nonce that the next signed grant must carry.
    event Granted(uint256 indexed datasetId, uint256 indexed nodeId, GrantTerms terms, uint64 nonce);
    /// @notice A grant was revoked, and with it every signed grant that nobody has submitted yet.
    /// @param datasetId The dataset.
    /// @param nodeId The node.
    /// @param nonce The nonce that the next signed grant must carry.
    event Revoked(uint256 indexed datasetId, uint256 indexed nodeId, uint64 nonce);

    /// @notice There is no dataset with this id.
    /// @param datasetId The unknown id.
    error DataGrantsUnknownDataset(uint256 datasetId);
    /// @notice The caller is not the dataset's owner.
    /// @param datasetId The dataset.
    /// @param caller The caller.
    error DataGrantsUnauthorized(uint256 datasetId, address caller);
    /// @notice The content hash is zero.
    error DataGrantsInvalidContent();
    /// @notice The URI is longer than 256 bytes.
    /// @param length The URI's length in bytes.
    error DataGrantsInvalidUri(uint256 length);
    /// @notice The node runs another measurement, or was never attested.
    /// @param nodeId The node.
    /// @param expected The measurement in the grant.
    /// @param actual The node's measurement; zero before its first attestation.
    error DataGrantsWrongMeasurement(uint256 nodeId, bytes32 expected, bytes32 actual);
    /// @notice The node has another enclave key.
    /// @param nodeId The node.
    /// @param expected The enclave key in the call.
    /// @param actual The node's enclave key; zero before its first attestation.
    error DataGrantsWrongEnclaveKey(uint256 nodeId, address expected, address actual);
    /// @notice The dataset has another content than the caller names.
    /// @param datasetId The dataset.
    /// @param expected The content hash in the call.
    /// @param actual The dataset's content hash.
    error DataGrantsWrongContent(uint256 datasetId, bytes32 expected, bytes32 actual);
    /// @notice The grant would be over already.
    /// @param until Unix seconds before which the grant would hold.
    error DataGrantsInvalidExpiry(uint256 until);
    /// @notice A free grant is possible only for a node of the owner's own.
    /// @param datasetId The dataset.
    /// @param nodeId The node, which has another provider.
    error DataGrantsNotOwnNode(uint256 datasetId, uint256 nodeId);
    /// @notice The signature's deadline has passed.
    /// @param deadline The deadline in Unix seconds.
    error DataGrantsExpiredSignature(uint256 deadline);
    /// @notice The signature is not the owner's signature over these terms, the next nonce and the deadline.
    /// @param owner The dataset's owner.
    /// @param nonce The nonce that the signature must carry.
    error DataGrantsInvalidSignature(address owner, uint256 nonce);
    /// @notice The node may not use the dataset now: there is no grant, it is over, the node is not live, or its
    /// attestation does not meet the grant's demand.
    /// @param datasetId The dataset.
    /// @param nodeId The node.
    error DataGrantsNotGranted(uint256 datasetId, uint256 nodeId);
    /// @notice The node is not live, or its attestation does not meet the demand.
    /// @param nodeId The node.
    /// @param demand What is demanded of its attestation.
    error DataGrantsUnmetDemand(uint256 nodeId, AttestationDemand demand);
    /// @notice The verifier's quotes cannot be disputed, or for more than 365 days.
    /// @param value How long they can be, in seconds.
    /// @param limit The bound that it breaks, in seconds.
    error DataGrantsInvalidParameter(uint256 value, uint256 limit);

    /// @notice Returns the registry of nodes. Immutable.
    /// @return The registry.
    function registry() external view returns (INodeRegistry);

    /// @notice Returns how long after its first attestation, the last second included, a node that a quorum vouched for
    /// is not `Final` yet at the least. Immutable. This is how long the quorum's verifier says that a quote can be disputed
    /// ({IAttestationVerifier-disputeTime}): in it the signers can be slashed, and after it a demanded quote has been shown
    /// or found withheld. For a node of a verifier that says more, that counts ({INodeRegistry-disputeTermsOf}).
    /// @return Seconds, 1 to 365 days.
    function finalityPeriod() external view returns (uint256);

    /// @notice Returns how many datasets were registered.
    /// @return The number of datasets; ids run from 1 to this.
    function datasetCount() external view returns (uint256);

    /// @notice Returns a dataset as it is stored.
    /// @dev Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// @param datasetId The dataset's id, from 1.
    /// @return The dataset.
    function getDataset(uint256 datasetId) external view returns (Dataset memory);

    /// @notice Returns where an encrypted dataset is.
    /// @dev Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// @param datasetId The dataset's id, from 1.
    /// @return The URI, at most 256 bytes; it may be empty.
    function uriOf(uint256 datasetId) external view returns (string memory);

    /// @notice Returns a grant as it is stored.
    /// @param datasetId Any dataset id.
    /// @param nodeId Any node id.
    /// @return The grant; if there is none, all but its nonce is zero.
    function getGrant(uint256 datasetId, uint256 nodeId) external view returns (Grant memory);

    /// @notice Returns in which block an era of a node's grants ended. Each revocation ends one: a grant's era is its nonce
    /// divided by 2^32, rounded down. Programs that believe the chain alone open a dataset by a data key of an era for no task
    /// that was published after it.
    /// @param datasetId Any dataset id.
    /// @param nodeId Any node id.
    /// @param era Any number; eras run from 0.
    /// @return Number of the block; 0 for the era that lasts, and for those to come.
    function eraEndedIn(uint256 datasetId, uint256 nodeId, uint256 era) external view returns (uint256);

    /// @notice Returns whether a node may use a dataset now: it is granted, the grant is not over, the node is live,
    /// and its attestation meets the grant's demand.
    /// @param datasetId Any dataset id.
    /// @param nodeId Any node id.
    /// @return Whether it may.
    function isGranted(uint256 datasetId, uint256 nodeId) external view returns (bool);

    /// @notice Returns a dataset's owner, which never changes.
    /// @dev Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// @param datasetId The dataset's id, from 1.
    /// @return Its owner.
    function ownerOf(uint256 datasetId) external view returns (address);

    /// @notice Returns datasets that a node may all use now, with what a use of each costs it.
    /// @dev Requirements:
    /// - The node exists ({INodeRegistry-NodeRegistryUnknownNode}).
    /// - The node is live, and its attestation meets the demand ({DataGrantsUnmetDemand}).
    /// - Every dataset exists ({DataGrantsUnknownDataset}).
    /// - The node may use every dataset now ({DataGrantsNotGranted}).
    /// @param nodeId The node's id, from 1.
    /// @param demand What is demanded of the node's attestation, besides what the grants demand.
    /// @param datasetIds The datasets' ids, in any order.
    /// @return datasets The datasets, in the same order; under a free grant the price is 0.
    function datasetsFor(
        uint256 nodeId,
        AttestationDemand demand,
        uint256[] calldata datasetIds
    ) external view returns (Dataset[] memory datasets);

    /// @notice Returns the EIP-712 hash that an owner signs to grant a dataset: `Grant(uint256 datasetId,uint256
    /// nodeId,bytes32 mrEnclave,address enclaveKey,uint40 until,uint8 demand,bool free,bytes32 contentHash,uint256
    /// nonce,uint256 deadline)` with the dataset's `contentHash`.
    /// @dev Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// @param terms The grant; not checked here.
    /// @param nonce The grant's nonce (see {getGrant}).
    /// @param deadline Unix seconds of the last second in which the signature counts.
    /// @return The hash.
    function hashGrant(GrantTerms calldata terms, uint256 nonce, uint256 deadline) external view returns (bytes32);

    /// @notice Registers a dataset, whose owner is the caller.
    /// @dev Emits {DatasetRegistered}.
    ///
    /// Requirements:
    /// - `contentHash` is not zero ({DataGrantsInvalidContent}).
    /// - `uri` has at most 256 bytes ({DataGrantsInvalidUri}).
    /// @param contentHash keccak256 of the encrypted file's bytes.
    /// @param price Token base units for each use.
    /// @param uri Where the encrypted file is; it may be empty.
    /// @return datasetId The new dataset's id, from 1.
    function register(bytes32 contentHash, uint96 price, string calldata uri) external returns (uint256 datasetId);

    /// @notice Changes a dataset's price, for tasks that are not accepted yet. A requester never pays more than it
    /// offered. Only the owner can.
    /// @dev Emits {PriceSet}.
    ///
    /// Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// - The caller is its owner ({DataGrantsUnauthorized}).
    /// - It has the content that the caller names ({DataGrantsWrongContent}).
    /// @param datasetId The dataset's id, from 1.
    /// @param contentHash Its content hash, which says what dataset is meant.
    /// @param price Token base units for each use from now on.
    function setPrice(uint256 datasetId, bytes32 contentHash, uint96 price) external;

    /// @notice Changes where the encrypted file is. Only the owner can.
    /// @dev Emits {UriSet}.
    ///
    /// Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// - The caller is its owner ({DataGrantsUnauthorized}).
    /// - It has the content that the caller names ({DataGrantsWrongContent}).
    /// - `uri` has at most 256 bytes ({DataGrantsInvalidUri}).
    /// @param datasetId The dataset's id, from 1.
    /// @param contentHash Its content hash, which says what dataset is meant.
    /// @param uri Where the encrypted file is; it may be empty.
    function setUri(uint256 datasetId, bytes32 contentHash, string calldata uri) external;

    /// @notice Grants a dataset to a node, or replaces the grant. Only the owner can.
    /// @dev Emits {Granted}.
    ///
    /// Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// - The caller is its owner ({DataGrantsUnauthorized}).
    /// - It has the content that the caller names ({DataGrantsWrongContent}).
    /// - The node exists ({INodeRegistry-NodeRegistryUnknownNode}).
    /// - The node runs the granted measurement, which is not zero ({DataGrantsWrongMeasurement}).
    /// - The node has the granted enclave key ({DataGrantsWrongEnclaveKey}).
    /// - `until` lies ahead ({DataGrantsInvalidExpiry}).
    /// - If the grant is free, the owner is the node's provider ({DataGrantsNotOwnNode}).
    /// @param terms The grant.
    /// @param contentHash The dataset's content hash, which says what dataset is meant.
    function grant(GrantTerms calldata terms, bytes32 contentHash) external;

    /// @notice Grants a dataset by its owner's EIP-712 signature. Anyone may submit it, once.
    /// @dev Emits {Granted}.
    ///
    /// Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// - The deadline has not passed ({DataGrantsExpiredSignature}).
    /// - The signature is the owner's over {hashGrant} with the grant's nonce ({DataGrantsInvalidSignature}).
    /// - Those of {grant} about the terms.
    /// @param terms The grant.
    /// @param deadline Unix seconds of the last second in which the signature counts.
    /// @param signature 65 bytes `r ‖ s ‖ v` with a low s, or the bytes that the owner's ERC-1271 contract expects.
    function grantFor(GrantTerms calldata terms, uint256 deadline, bytes calldata signature) external;

    /// @notice Revokes a node's grant at once. The nonce moves on to the next multiple of 2^32, which revokes every
    /// grant signed with a lower nonce, too, and ends an era ({eraEndedIn}). Tasks that were accepted before go on. Only the
    /// owner can.
    /// @dev Emits {Revoked}.
    ///
    /// Requirements:
    /// - The dataset exists ({DataGrantsUnknownDataset}).
    /// - The caller is its owner ({DataGrantsUnauthorized}).
    /// - It has the content that the caller names ({DataGrantsWrongContent}).
    /// - The caller names an enclave key, and the node has it or was never attested ({DataGrantsWrongEnclaveKey}).
    /// - The node's id is not zero ({INodeRegistry-NodeRegistryUnknownNode}).
    /// @param datasetId The dataset's id, from 1.
    /// @param contentHash Its content hash, which says what dataset is meant.
    /// @param nodeId The node's id, from 1; it may not exist yet.
    /// @param enclaveKey Address of the node's enclave key, which says what node is meant. For a node that was never attested
    /// the one that the signed grant names, since the node may be attested first; the contract does not know what was
    /// signed, so it takes any but zero then.
    function revoke(uint256 datasetId, bytes32 contentHash, uint256 nodeId, address enclaveKey) external;
}
