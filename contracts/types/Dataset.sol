// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What is demanded of a node's attestation, beyond the node being live.
/// - `Final`: the chain verified the quote itself, or a quorum vouched for the node's first quote so long ago that its
///   signers can no longer be slashed for it, nor a demand for it be open (see {IDataGrants-finalityPeriod}).
/// - `OnChain`: the chain verified the quote itself.
/// - `Live`: nothing more.
enum AttestationDemand {
    Final,
    OnChain,
    Live
}

/// @notice A registered dataset.
/// @param owner The account that registered it, grants it, and is paid for its uses. Never changes.
/// @param price Token base units for each use by a task that is not accepted yet.
/// @param contentHash keccak256 of the encrypted file's bytes. Never changes: other content is another dataset.
struct Dataset {
    address owner;
    uint96 price;
    bytes32 contentHash;
}

/// @notice What an owner grants. The EIP-712 type `Grant` has the same fields, followed by
/// `bytes32 contentHash,uint256 nonce,uint256 deadline`.
/// @param datasetId The dataset.
/// @param nodeId The node that may use it; it was attested before, so that its enclave key is fixed.
/// @param mrEnclave The measurement that the node runs; a node's measurement never changes.
/// @param enclaveKey Address of the node's enclave key; a node's enclave key never changes.
/// @param until Unix seconds before which the grant holds.
/// @param demand What is demanded of the node's attestation.
/// @param free Whether uses under this grant cost nothing; for a node of the owner's own only, its personal proxy.
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
/// @param until Unix seconds before which the grant holds; 0 if there is none, or if it was revoked.
/// @param demand What is demanded of the node's attestation.
/// @param free Whether uses cost nothing.
/// @param nonce The nonce that the next signed grant must carry. Each grant adds one; revoking moves it to the next
/// multiple of 2^32, beyond all that was signed in advance.
struct Grant {
    uint40 until;
    AttestationDemand demand;
    bool free;
    uint64 nonce;
}
