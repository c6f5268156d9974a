// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AttestationDemand} from "./Dataset.sol";

/// @notice Where a task is in its life. From `Valid` on it is over, and all its money is on ledgers.
/// - `Published`: escrowed, waits for the node.
/// - `Accepted`: the node has inputs and keys, its stake is locked, the owners' fees are due.
/// - `Submitted`: the enclave's result is on chain, waits for the validators.
/// - `Valid`: a quorum found the result good.
/// - `Unjudged`: no quorum spoke in time; what the contract checked itself stands.
/// - `Invalid`: a quorum found the result bad, or said nothing in time on one of a node that was discredited.
/// - `Late`: no result came in time.
/// - `Aborted`: the enclave gave up.
/// - `Cancelled`: never accepted.
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
    Cancelled
}

/// @notice A dataset that a task uses.
/// @param datasetId The dataset.
/// @param price Token base units: before acceptance the most that the requester pays for the use, after it what the use costs.
struct DatasetUse {
    uint64 datasetId;
    uint96 price;
}

/// @notice What a requester asks for.
/// @param nodeId The node that is to do the task.
/// @param mrEnclave The measurement that the node runs.
/// @param enclaveKey Address of the node's enclave key, to which the inputs are sealed.
/// @param demand What is asked of the node's attestation.
/// @param datasets The datasets, at most 16, by strictly ascending id, each with the most that the requester pays for its use.
/// @param inputHash keccak256 of the sealed inputs. They name the key that the result is to be sealed to, so that it is fixed with them.
/// @param inputUri Where the sealed inputs are, at most 256 bytes; told in the event only.
/// @param nodeFee Token base units for the node.
/// @param validatorFee Token base units for the signers of the verdict together.
/// @param stakeLock Token base units of its stake that the provider must lock, at least the owners' and the validators' fees.
/// @param acceptBy Unix seconds; the node can accept before it.
/// @param resultBy Unix seconds of the last second in which the result counts.
/// @param verdictBy Unix seconds of the last second in which a verdict counts.
/// @param leastDuration Seconds from acceptance before which no result is taken. A node that accepts last has an hour more at least.
struct TaskRequest {
    uint256 nodeId;
    bytes32 mrEnclave;
    address enclaveKey;
    AttestationDemand demand;
    DatasetUse[] datasets;
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

/// @notice A task as stored, without its datasets. What changes stands in one slot with what is read beside it.
/// @param requester Who pays and gets refunds. Fixed, as all that {TaskRequest} explains.
/// @param acceptedAt Unix seconds of the acceptance; 0 before.
/// @param vouchedAttestation Which of the node's attestations, counted from 1, the result rests on, if a quorum vouched for its quote; 0
/// if the chain verified it, and before the result.
/// @param datasetCount How many datasets it uses.
/// @param resultHash keccak256 of the sealed result, as the enclave signed it; 0 before.
struct Task {
    // slot 0
    address requester;
    uint64 nodeId;
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
    bytes32 inputHash;
    bytes32 resultHash;
}
