// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IDataGrants} from "../interfaces/IDataGrants.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {ITaskEscrow} from "../interfaces/ITaskEscrow.sol";
import {DatasetRequest, DatasetUse, Task, TaskStatus} from "../types/Task.sol";

/// @title TaskState
/// @notice The tasks as stored, and what is signed about them.
abstract contract TaskState is ITaskEscrow, EIP712 {
    bytes32 private constant RESULT_TYPEHASH = keccak256("Result(uint256 taskId,bytes32 termsHash,bytes32 resultHash)");
    bytes32 private constant ABORT_TYPEHASH = keccak256("Abort(uint256 taskId,bytes32 termsHash)");
    bytes32 private constant VERDICT_TYPEHASH = keccak256(
        "Verdict(uint256 taskId,bytes32 termsHash,bytes32 resultHash,uint256 vouchedAttestation,uint8 verdict,uint256 deadline)"
    );

    /// @inheritdoc ITaskEscrow
    INodeRegistry public immutable registry;
    /// @inheritdoc ITaskEscrow
    IDataGrants public immutable grants;

    mapping(uint256 taskId => Task) internal _tasks;

    /// @dev Not an array, because the task has their number, in a slot that is read anyway.
    mapping(uint256 taskId => mapping(uint256 index => DatasetUse)) internal _uses;

    /// @notice Binds tasks to the datasets and the nodes that these are granted to, for good.
    /// @param grants_ The datasets and grants; its registry has the nodes.
    constructor(IDataGrants grants_) {
        grants = grants_;
        registry = grants_.registry();
    }

    /// @inheritdoc ITaskEscrow
    function getTask(uint256 taskId) external view returns (Task memory) {
        return _existing(taskId);
    }

    /// @inheritdoc ITaskEscrow
    function datasetsOf(uint256 taskId) external view returns (DatasetUse[] memory uses) {
        uses = _usesOf(taskId, _existing(taskId));
    }

    /// @inheritdoc ITaskEscrow
    function termsHashOf(uint256 taskId) external view returns (bytes32) {
        Task storage task = _existing(taskId);
        return _termsHash(task, _usesOf(taskId, task));
    }

    /// @inheritdoc ITaskEscrow
    function fixedTermsHashOf(uint256 taskId) external view returns (bytes32) {
        return _existing(taskId).fixedTermsHash;
    }

    /// @inheritdoc ITaskEscrow
    function escrowOf(uint256 taskId) external view returns (uint256) {
        Task storage task = _existing(taskId);
        return task.status >= TaskStatus.Valid ? 0 : _escrowed(taskId, task);
    }

    /// @inheritdoc ITaskEscrow
    function hashResult(uint256 taskId, bytes32 resultHash) external view returns (bytes32) {
        return _resultDigest(taskId, _existing(taskId), resultHash);
    }

    /// @inheritdoc ITaskEscrow
    function hashAbort(uint256 taskId) external view returns (bytes32) {
        return _abortDigest(taskId, _existing(taskId));
    }

    /// @inheritdoc ITaskEscrow
    function hashVerdict(uint256 taskId, TaskStatus verdict) external view returns (bytes32) {
        Task storage task = _withResult(taskId);
        _checkVerdict(verdict);
        return _verdictDigest(taskId, task, verdict);
    }

    function _existing(uint256 taskId) internal view returns (Task storage task) {
        task = _tasks[taskId];
        if (task.status == TaskStatus.None) revert TaskEscrowUnknownTask(taskId);
    }

    /// @dev Returns a task, which must have the given status.
    function _inStatus(uint256 taskId, TaskStatus status) internal view returns (Task storage task) {
        task = _existing(taskId);
        if (task.status != status) revert TaskEscrowInvalidStatus(taskId, task.status);
    }

    /// @dev Checks that the caller means this task. After a reorganisation of the chain another may have the number.
    function _checkTerms(uint256 taskId, Task storage task, DatasetUse[] memory uses, bytes32 termsHash) internal view {
        bytes32 actual = _termsHash(task, uses);
        if (termsHash != actual) revert TaskEscrowWrongTerms(taskId, actual, termsHash);
    }

    /// @dev Returns a task, which must have a result, whatever became of it.
    function _withResult(uint256 taskId) internal view returns (Task storage task) {
        task = _existing(taskId);
        if (task.resultHash == 0) revert TaskEscrowInvalidStatus(taskId, task.status);
    }

    /// @dev Returns what a task uses.
    function _usesOf(uint256 taskId, Task storage task) internal view returns (DatasetUse[] memory uses) {
        uint256 count = task.datasetCount;
        uses = new DatasetUse[](count);
        for (uint256 i; i < count; ++i) uses[i] = _uses[taskId][i];
    }

    /// @dev What all uses cost.
    function _sum(DatasetUse[] memory uses) internal pure returns (uint256 total) {
        // Sixteen prices of 96 bits at most.
        unchecked {
            for (uint256 i; i < uses.length; ++i) total += uses[i].price;
        }
    }

    /// @dev What a task that is not over holds in escrow.
    function _escrowed(uint256 taskId, Task storage task) internal view returns (uint256) {
        return _sum(_usesOf(taskId, task)) + task.nodeFee + task.validatorFee;
    }

    /// @dev The hash of the fixed terms and of what acceptance and result may change: the prices and the time for verdicts.
    function _termsHash(Task storage task, DatasetUse[] memory uses) private view returns (bytes32) {
        return keccak256(abi.encode(task.fixedTermsHash, task.verdictBy, uses));
    }

    /// @dev The hash of the terms that never change, of a task that is stored but for it. First the hash of the slots of the
    /// deal, without what changes later and the block; then that with the inputs and, for each dataset, its number, whose it
    /// is and what it is, as the caller has checked them. Whoever names the hash means these and no others that have got
    /// their numbers.
    function _fixedTermsHash(
        Task storage task,
        bytes32 inputHash,
        DatasetRequest[] calldata datasets
    ) internal view returns (bytes32 termsHash) {
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, and(sload(task.slot), shr(48, not(0))))
            mstore(add(start, 0x20), sload(add(task.slot, 1)))
            // Without the time for verdicts, acceptance, attestation and status.
            mstore(add(start, 0x40), and(sload(add(task.slot, 2)), not(shl(136, 0xffffffffffffffffffffffffff))))
            mstore(start, keccak256(start, 0x60))
            mstore(add(start, 0x20), inputHash)
            let end := add(start, 0x40)
            let dataset := datasets.offset
            for {
                let last := add(dataset, shl(7, datasets.length))
            } lt(dataset, last) {
                dataset := add(dataset, 0x80)
            } {
                mstore(end, calldataload(dataset))
                // Past the price, which may change.
                calldatacopy(add(end, 0x20), add(dataset, 0x40), 0x40)
                end := add(end, 0x60)
            }
            termsHash := keccak256(start, sub(end, start))
        }
    }

    function _checkVerdict(TaskStatus verdict) internal pure {
        if (verdict != TaskStatus.Valid && verdict != TaskStatus.Invalid) revert TaskEscrowInvalidVerdict(verdict);
    }

    /// @dev Includes the terms, so that an enclave's word counts for no task with other inputs or datasets than it used,
    /// whatever its host said, and whatever task a chain reorganisation puts behind the same id.
    function _resultDigest(uint256 taskId, Task storage task, bytes32 resultHash) internal view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RESULT_TYPEHASH, taskId, task.fixedTermsHash, resultHash)));
    }

    function _abortDigest(uint256 taskId, Task storage task) internal view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ABORT_TYPEHASH, taskId, task.fixedTermsHash)));
    }

    /// @dev Names what was judged: terms, result and, if a quorum vouched for the node, which of its attestations.
    function _verdictDigest(uint256 taskId, Task storage task, TaskStatus verdict) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                VERDICT_TYPEHASH,
                taskId,
                task.fixedTermsHash,
                task.resultHash,
                uint256(task.vouchedAttestation),
                verdict,
                uint256(task.verdictBy)
            )
        );
        return _hashTypedDataV4(structHash);
    }
}
