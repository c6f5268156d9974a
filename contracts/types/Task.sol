// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AttestationDemand} from "./Dataset.sol";

/// @notice Where a task is in its life. From `Valid` on it is over, and all its money is on ledgers.
/// - `None`: there is no such task.
/// - `Published`: its fees are escrowed, and it waits for the node.
/// - `Accepted`: the node has inputs and keys, its provider's stake is locked, and the owners' fees are due.
/// - `Submitted`: the enclave's result is on chain and waits for the validators.
/// - `Valid`: a quorum found the result good.
/// - `Unjudged`: there was no verdict in time; the result was shown when it was demanded, and what the contract itself
/// checked stands.
/// - `Invalid`: a quorum found the result bad, a chunk of it was demanded and not shown, or there was no verdict in time on
/// the result of a discredited node.
/// - `Late`: there was no result in time.
/// - `Aborted`: the enclave gave up.
/// - `Cancelled`: the task was never accepted.
/// - `Suspended`: its time ran out while its node was suspended, or after it had ended as revoked.
enum TaskStatus {
    None,
    Published,
    Accepted,
    Submitted,
    Valid,
    Unjudged,
    Invalid,
    Late,
    Aborted,
    Cancelled,
    Suspended
}

/// @notice A dataset that a requester wants used.
/// @param datasetId The dataset.
/// @param price Token base units: the most that the requester pays for the use.
/// @param owner Its owner, who is paid. Whoever registers the same content is another one.
/// @param contentHash Its content hash. No other content has it, whatever number it has.
struct DatasetRequest {
    uint64 datasetId;
    uint96 price;
    address owner;
    bytes32 contentHash;
}

/// @notice A dataset that a task uses.
/// @param datasetId The dataset.
/// @param price Token base units: before acceptance the most that the requester pays for the use, afterwards what the
/// use costs.
struct DatasetUse {
    uint64 datasetId;
    uint96 price;
}

/// @notice What a requester asks for.
/// @param nodeId The node that is to do the task.
/// @param mrEnclave The measurement that the node runs.
/// @param enclaveKey Address of the node's enclave key, to which the inputs are sealed.
/// @param demand What is demanded of the node's attestation.
/// @param datasets The datasets, at most 16, in strictly ascending order of their ids, each with the most that the
/// requester pays for its use.
/// @param inputHash keccak256 of the sealed inputs, kept in the event and in the hash of the terms. The inputs name the key
/// to which the result is to be sealed, so this fixes that key, too.
/// @param inputUri Where the sealed inputs are, at most 256 bytes; it is kept in the event only.
/// @param nodeFee Token base units for the node.
/// @param validatorFee Token base units for the signers of the verdict together.
/// @param stakeLock Token base units of stake that the provider must lock, at least the owners' and the validators'
/// fees together.
/// @param acceptBy Unix seconds before which the node can accept.
/// @param resultBy Unix seconds of the last second in which a result counts.
/// @param verdictBy Unix seconds of the last second in which a verdict counts.
/// @param leastDuration Seconds after the acceptance before which no result is taken. A node that accepts last has at
/// least an hour more.
struct TaskRequest {
    uint256 nodeId;
    bytes32 mrEnclave;
    address enclaveKey;
    AttestationDemand demand;
    DatasetRequest[] datasets;
    bytes32 inputHash;
    string inputUri;
    uint96 nodeFee;
    uint96 validatorFee;
    uint96 stakeLock;
    uint40 acceptBy;
    uint40 resultBy;
    uint40 verdictBy;
    uint24 leastDuration;
}

/// @notice A task as stored, without its datasets. What changes shares a slot with what is read together with it.
/// @param requester The account that pays and gets refunds. It never changes, and neither do the fields that
/// {TaskRequest} explains.
/// @param nodeId The node that is to do the task.
/// @param publishedIn Number of the block that published it, whose log has what is kept in the event only.
/// @param demanded Whether a chunk of its result was ever demanded, so that {IResultDemands} has a say in its end.
/// @param nodeFee Token base units for the node.
/// @param validatorFee Token base units for the signers of the verdict together.
/// @param acceptBy Unix seconds before which the node can accept.
/// @param leastDuration Seconds after the acceptance before which no result is taken.
/// @param stakeLock Token base units of stake that the provider must lock.
/// @param resultBy Unix seconds of the last second in which a result counts; the time for which the node is suspended
/// comes on top.
/// @param verdictBy Unix seconds of the last second in which a verdict counts. A result after `resultBy` puts it off by the
/// time for which the node was suspended since the acceptance, and any moves it to seven days later at most; the time for
/// which the node is suspended after the result comes on top, one revocation delay at most. Where a chunk of the result is
/// demanded, verdicts may count for longer ({IResultDemands-standingOf}).
/// @param acceptedAt Unix seconds of the acceptance, and from the result on, of the result: suspensions since then put
/// deadlines off, and nothing else needs the acceptance any more. 0 before.
/// @param vouchedAttestation Which of the node's attestations, counted from 1, the result rests on, if a quorum vouched
/// for its quote; 0 if the chain verified the quote, and before the result.
/// @param status Where the task is in its life.
/// @param demand What is demanded of the node's attestation.
/// @param datasetCount How many datasets it uses, at most 16.
/// @param fixedTermsHash Hash of all that never changes of it: deal, inputs and datasets. A proof of this slot and of the one
/// before tells all that is signed about a task; see {ITaskEscrow-fixedTermsHashOf}.
/// @param resultHash The hash of the sealed result, as the enclave signed it, which commits to its chunks
/// ({IResultDemands}); 0 before the result.
struct Task {
    // slot 0
    address requester;
    uint48 nodeId;
    uint40 publishedIn;
    bool demanded;
    // slot 1
    uint96 nodeFee;
    uint96 validatorFee;
    uint40 acceptBy;
    uint24 leastDuration;
    // slot 2
    uint96 stakeLock;
    uint40 resultBy;
    uint40 verdictBy;
    uint40 acceptedAt;
    uint16 vouchedAttestation;
    TaskStatus status;
    AttestationDemand demand;
    uint8 datasetCount;
    // slots 3 and 4
    bytes32 fixedTermsHash;
    bytes32 resultHash;
}
