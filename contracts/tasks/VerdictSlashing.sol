// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";
import {ITaskEscrow} from "../interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../interfaces/IValidatorSet.sol";
import {NodeNonce} from "../libraries/NodeNonce.sol";
import {QuoteBinding} from "../types/Node.sol";
import {Task, TaskStatus} from "../types/Task.sol";
import {ValidatorSignature} from "../types/Validator.sol";
import {TaskState} from "./TaskState.sol";

/// @title VerdictSlashing
/// @notice What validators lose stake for: verdicts that contradict each other, and verdicts that rest on a false
/// quote.
abstract contract VerdictSlashing is TaskState {
    /// @inheritdoc ITaskEscrow
    IValidatorSet public immutable validators;
    /// @inheritdoc ITaskEscrow
    IQuorumVerifier public immutable quorumVerifier;

    /// @dev Hash of the validators whose `Valid` ended a task that rests on a quorum's word, so that nobody needs their
    /// signatures again.
    mapping(uint256 taskId => bytes32) private _signers;
    mapping(uint256 taskId => mapping(address validator => bool)) private _isSlashed;

    /// @notice Binds verdicts to the validators who give them and to the verifier that knows false quotes, for good.
    /// @dev Errors: {TaskEscrowMismatch}.
    /// @param validators_ The validators.
    /// @param quorumVerifier_ The verifier that keeps the vouchings for quotes.
    constructor(IValidatorSet validators_, IQuorumVerifier quorumVerifier_) {
        if (address(quorumVerifier_.validators()) != address(validators_)) {
            revert TaskEscrowMismatch(address(validators_), address(quorumVerifier_.validators()));
        }
        validators = validators_;
        quorumVerifier = quorumVerifier_;
    }

    /// @inheritdoc ITaskEscrow
    function reportContradiction(
        uint256 taskId,
        address validator,
        bytes calldata validSignature,
        bytes calldata invalidSignature
    ) external returns (uint256 amount) {
        Task storage task = _withResult(taskId);
        if (_isSlashed[taskId][validator]) revert TaskEscrowAlreadySlashed(taskId, validator);
        bytes32 valid = _verdictDigest(taskId, task, TaskStatus.Valid);
        _checkSigned(task, valid, TaskStatus.Valid, validator, validSignature);
        bytes32 invalid = _verdictDigest(taskId, task, TaskStatus.Invalid);
        _checkSigned(task, invalid, TaskStatus.Invalid, validator, invalidSignature);
        return _slash(taskId, validator);
    }

    /// @inheritdoc ITaskEscrow
    function reportFalseVerdict(
        uint256 taskId,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        ValidatorSignature[] calldata signatures
    ) external returns (uint256 amount) {
        Task storage task = _restingOnFalse(taskId, quoteHash, binding);
        bytes32 digest = _verdictDigest(taskId, task, TaskStatus.Valid);
        for (uint256 i; i < signatures.length; ++i) {
            address validator = signatures[i].validator;
            _checkSigned(task, digest, TaskStatus.Valid, validator, signatures[i].signature);
            // Somebody may have reported some of them first, which does not spare the others.
            if (!_isSlashed[taskId][validator]) amount += _slash(taskId, validator);
        }
    }

    /// @inheritdoc ITaskEscrow
    function reportFalseSigners(
        uint256 taskId,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        address[] calldata signers
    ) external returns (uint256 amount) {
        _restingOnFalse(taskId, quoteHash, binding);
        if (keccak256(abi.encodePacked(signers)) != _signers[taskId]) revert TaskEscrowWrongSigners(taskId);
        for (uint256 i; i < signers.length; ++i) {
            if (!_isSlashed[taskId][signers[i]]) amount += _slash(taskId, signers[i]);
        }
    }

    /// @dev Records the validators whose `Valid` ends a task.
    function _recordSigners(uint256 taskId, address[] memory signers) internal {
        bytes32 hash;
        // As of `abi.encodePacked`: of the elements, a word each.
        assembly ("memory-safe") {
            hash := keccak256(add(signers, 0x20), shl(5, mload(signers)))
        }
        _signers[taskId] = hash;
    }

    /// @dev Returns a task, which must have a result that rests on this quote: a quorum vouched for it, it was the
    /// node's newest at the submission, and it was disproven since.
    function _restingOnFalse(
        uint256 taskId,
        bytes32 quoteHash,
        QuoteBinding calldata binding
    ) private view returns (Task storage task) {
        task = _withResult(taskId);
        uint256 nodeId = task.nodeId;
        uint256 attestation = task.vouchedAttestation;
        bool isThat = attestation != 0 && binding.nonce == NodeNonce.encode(nodeId, attestation - 1);
        if (!isThat || !_isDisproven(nodeId, quoteHash, binding)) revert TaskEscrowNotDisproven(taskId, quoteHash);
    }

    function _isDisproven(
        uint256 nodeId,
        bytes32 quoteHash,
        QuoteBinding calldata binding
    ) private view returns (bool) {
        (, address enclaveKey) = registry.identityOf(nodeId);
        bytes32 reportData = registry.reportDataOf(registry.providerOf(nodeId), enclaveKey, binding);
        return quorumVerifier.getRecord(address(registry), quoteHash, reportData).disproven;
    }

    /// @dev By any key that was the validator's when there was a result, so that none can be given up to disown a
    /// verdict. A key that was given up longer ago than an exit takes counts for nothing, or whoever finds it could make
    /// a contradiction about any task of the past; no verdict that can still count is so old.
    function _checkSigned(
        Task storage task,
        bytes32 digest,
        TaskStatus verdict,
        address validator,
        bytes calldata signature
    ) private view {
        uint256 time = Math.max(task.acceptedAt, block.timestamp - validators.exitDelay());
        if (!validators.isSignedBy(validator, digest, signature, time)) {
            revert TaskEscrowInvalidVerdictSignature(validator, verdict);
        }
    }

    /// @dev Slashes a validator once per task, whatever it did in it. A validator without stake does not count as
    /// slashed: otherwise it could be reported before it joins, and then sign whatever it likes on the task.
    function _slash(uint256 taskId, address validator) private returns (uint256 amount) {
        amount = validators.slash(validator);
        if (amount == 0) return 0;
        _isSlashed[taskId][validator] = true;
        emit VerdictSlashed(taskId, validator, msg.sender, amount);
    }
}
