// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What is asked of a node's attestation beyond that it is live.
/// - `Final`: the chain verified the quote itself, or a quorum vouched for the node's first one so long ago that its signers can
/// no longer be disputed for it (see {IDataGrants-finalityPeriod}).
/// - `OnChain`: the chain verified the quote itself.
/// - `Live`: nothing more.
enum AttestationDemand {
    Final,
    OnChain,
    Live
}

/// @notice A registered dataset.
/// @param owner Who registered it; grants it and is paid for its uses. Never changes.
/// @param price Token base units for each use by a task, for tasks to come.
/// @param contentHash keccak256 of the encrypted file's bytes. Never changes: other content is another dataset.
struct Dataset {
    address owner;
    uint96 price;
    bytes32 contentHash;
}

/// @notice What an owner grants. EIP-712 type `Grant` of the same fields, followed by `bytes32 contentHash,uint256 nonce,uint256
/// deadline`.
/// @param datasetId The dataset.
/// @param nodeId The node that may use it; attested before, so that its enclave key is fixed.
/// @param mrEnclave The measurement that the node runs; a node's never changes.
/// @param enclaveKey Address of the node's enclave key; a node's never changes.
/// @param until Unix seconds; the grant holds before it.
/// @param demand What is asked of the node's attestation.
/// @param free Whether uses under this grant cost nothing; for the owner's own node only, its personal proxy.
struct GrantTerms {
    uint256 datasetId;
    uint256 nodeId;
    bytes32 mrEnclave;
    address enclaveKey;
    uint40 until;
    AttestationDemand demand;
    bool free;
}

/// @notice A grant as stored, one for each dataset and node.
/// @param until Unix seconds; the grant holds before it. 0: none, or revoked.
/// @param demand What is asked of the node's attestation.
/// @param free Whether uses cost nothing.
/// @param nonce What the next signed grant must carry. One more with each grant; revoking moves it to the next multiple of 2^32, past all
/// that was signed ahead.
struct Grant {
    uint40 until;
    AttestationDemand demand;
    bool free;
    uint64 nonce;
}
