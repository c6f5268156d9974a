// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {TcbStatus} from "./Attestation.sol";

/// @notice What kind of evidence a verifier judges that the registry lists.
/// - `None`: the address is not listed.
/// - `Quorum`: a quorum of validators vouches for a quote hash; anyone may dispute it.
/// - `OnChain`: the chain verifies the quote itself.
enum VerifierKind {
    None,
    Quorum,
    OnChain
}

/// @notice Why a node ended.
/// - `None`: no end is recorded.
/// - `Exited`: its provider ended it.
/// - `Revoked`: Intel revoked its platform, CA, TCB level or quoting enclave, and after the revocation delay still did.
/// - `Disproven`: its quote was never what was claimed.
/// - `Withheld`: nobody showed its quote when it was demanded.
/// - `TakenOver`: another node attested its platform.
/// - `Delisted`: its enclave was removed from the allow-list.
enum EndReason {
    None,
    Exited,
    Revoked,
    Disproven,
    Withheld,
    TakenOver,
    Delisted
}

/// @notice A node: one attested enclave platform of a provider.
/// @dev Re-attesting writes, and proving reads, the first two slots only; opening an order reads the first three. The
/// exception is a platform's challenger, whose `liveFrom` counts, too. As long as the tag stays the same, re-attesting
/// reads only the last slot in addition.
/// @param provider The account that owns the node. Never changes.
/// @param endedAt Unix seconds at which the node ends or ended; 0 while no end is set. Like all times here it has 32
/// bits and stays at the last second that they can name, in 2106.
/// @param enclaveId The allow-list entry under which it was last attested; 0 before the first attestation.
/// @param attestations How many attestations were accepted, at most 65,535; it makes the next nonce.
/// @param quoteBlock The last 16 bits of the number of the block that the newest quote names.
/// @param isChallenger Whether the node took over its platform, or is about to, from `liveFrom` on.
/// @param verifierId The listing of the verifier that judged the last attestation (see {INodeRegistry-verifierOf}).
/// @param enclaveKey Address of the secp256k1 key that was created inside the enclave. The first attestation fixes it.
/// @param validUntil Unix seconds at which the attestation lapses.
/// @param requiredRate Hashes per second that the node must prove in a challenge. Its declaration fixes it.
/// @param tcbStatus The platform's TCB status, as last judged; `Revoked` while the node is suspended.
/// @param units How many units of its hardware model the node offers. Its declaration fixes them.
/// @param mrEnclave The enclave's measurement. The first attestation fixes it.
/// @param ratePerUnit The listed price of one unit: token base units per second with 12 extra decimals.
/// @param liveFrom Unix seconds from which a challenger's attestation counts.
/// @param attestedAt Unix seconds of the first attestation; 0 before.
/// @param modelId The hardware model's id in the catalog.
/// @param endReason Why the node ends.
/// @param disputeTime Seconds for which the quotes of its verifiers can be disputed, of all that it was ever attested by the
/// longest.
/// @param stake Token base units of the provider's stake that the registry holds locked for this node.
/// @param tag First 16 bytes of `keccak256(abi.encode(mrEnclave, platformId, subject, launch))` of the newest
/// attestation.
/// @param bySigner Whether `enclaveId` allows by signer, so that the signer of every quote matters.
struct Node {
    // slot 0
    address provider;
    uint32 endedAt;
    uint16 enclaveId;
    uint16 attestations;
    uint16 quoteBlock;
    bool isChallenger;
    uint8 verifierId;
    // slot 1
    address enclaveKey;
    uint32 validUntil;
    uint40 requiredRate;
    TcbStatus tcbStatus;
    uint16 units;
    // slot 2
    bytes32 mrEnclave;
    // slot 3
    uint128 ratePerUnit;
    uint32 liveFrom;
    uint32 attestedAt;
    uint32 modelId;
    EndReason endReason;
    uint24 disputeTime;
    // slot 4
    uint96 stake;
    bytes16 tag;
    bool bySigner;
}

/// @notice What binds a quote to one registration; it is hashed into the quote's report data.
/// @param nonce The node's nonce at that time (see {INodeRegistry-nonceOf}).
/// @param blockNumber The recent block that proves the quote fresh.
/// @param blockHash That block's hash.
struct QuoteBinding {
    uint256 nonce;
    uint256 blockNumber;
    bytes32 blockHash;
}

/// @notice An entry of the enclave allow-list.
/// @param measurement MRENCLAVE, or MRSIGNER if `bySigner`.
/// @param bySigner Whether the entry allows every enclave of a signer's product from a security version on, rather than
/// one measurement.
/// @param isvProdId The product, if `bySigner`; else 0.
/// @param minIsvSvn The least security version, if `bySigner`; else 0.
/// @param removedAt Unix seconds of the removal; 0 while the entry is listed.
/// @param launch How the enclave must be launched, as `Attestation.launch` has it, where `launchMask` has a bit set; 0
/// elsewhere.
/// @param launchMask Which bits of the launch count, as in the masks of Intel's enclave identities.
struct Enclave {
    bytes32 measurement;
    bool bySigner;
    uint16 isvProdId;
    uint16 minIsvSvn;
    uint40 removedAt;
    bytes20 launch;
    bytes20 launchMask;
}

/// @notice Who holds a platform, and who is about to.
/// @param nodeId The node that holds the platform; the incumbent while a takeover runs.
/// @param challengerId The node that takes over at `takeoverAt`; 0 if no takeover runs.
/// @param takeoverAt Unix seconds at which the challenger becomes the holder, unless the incumbent re-attests before; 0
/// if no takeover runs.
/// @param lastTakeoverAt Unix seconds at which the last takeover was opened; 0 before the first one.
/// @param verifierId The listing of the verifier by which the challenger opened the takeover; 0 if no takeover runs.
struct Platform {
    uint64 nodeId;
    uint64 challengerId;
    uint40 takeoverAt;
    uint40 lastTakeoverAt;
    uint8 verifierId;
}

/// @notice What a node's enclave can answer for now.
/// @param provider The node's owner.
/// @param enclaveKey Address of the enclave key; zero while the node is not live.
/// @param verifierKind What kind of verifier judged the newest attestation.
/// @param attestations How many attestations were accepted.
struct EnclaveTerms {
    address provider;
    address enclaveKey;
    VerifierKind verifierKind;
    uint16 attestations;
}

/// @notice What an order needs to know about a node when it opens.
/// @param provider The node's owner.
/// @param units How many units the node offers in all.
/// @param verifierKind What kind of verifier judged the newest attestation.
/// @param enclaveKey Address of the enclave key, which says what node it is; zero before the first attestation.
/// @param open Whether the node takes new orders: it is live, which a suspended node is not, no end is set, its enclave is allowed, and its TCB status
/// is accepted.
struct OrderTerms {
    address provider;
    uint16 units;
    VerifierKind verifierKind;
    address enclaveKey;
    bool open;
}
