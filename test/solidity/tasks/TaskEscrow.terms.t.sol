// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {DatasetRequest, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {fixedName} from "./TaskNames.sol";
import {abortStruct, resultStruct, verdictStruct} from "./TaskSigning.sol";

/// @notice What enclave and validators sign holds for the task that they saw: the same terms, inputs and datasets, and no others, whatever
/// the host told the enclave or a reorganisation put behind the number.
contract TaskEscrowTermsTest is TaskFixture {
    uint256 private _taskId;

    function setUp() public {
        deployTasks();
        _taskId = reach(TaskStatus.Accepted);
        vm.warp(START + LEAST_DURATION);
    }

    /// @notice Prices fall, and the result moves the time for verdicts.
    function test_NameStaysFromThePublicationOn() external {
        vm.warp(START);
        TaskRequest memory request = aRequest();
        (request.acceptBy, request.resultBy) = (request.acceptBy + 20 days, request.resultBy + 20 days);
        request.verdictBy += 20 days;
        request.datasets[0].price = PRICE + 5;
        request.stakeLock += 5;
        bytes32 name = fixedName(requester, request);
        _taskId = publish(request);
        assertEq(escrow.fixedTermsHashOf(_taskId), name, "published");
        bytes32 before = escrow.termsHashOf(_taskId);
        acceptAs(provider, _taskId);
        assertEq(escrow.fixedTermsHashOf(_taskId), name, "accepted");
        assertTrue(escrow.termsHashOf(_taskId) != before, "a price has fallen");
        vm.warp(START + LEAST_DURATION);
        submit(_taskId);
        assertTrue(escrow.getTask(_taskId).verdictBy != request.verdictBy, "the time for verdicts has moved");
        assertEq(escrow.fixedTermsHashOf(_taskId), name, "submitted");
        expireShown(_taskId, START + 30 days);
        assertEq(escrow.fixedTermsHashOf(_taskId), name, "over");
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnknownTask.selector, _taskId + 1));
        escrow.fixedTermsHashOf(_taskId + 1);
    }

    function test_RevertWhen_EnclaveUsedOtherTerms() external {
        bytes memory refusal = abi.encodeWithSelector(
            ITaskEscrow.TaskEscrowInvalidEnclaveSignature.selector,
            _taskId,
            enclave
        );
        bytes32[] memory names = _others();
        for (uint256 i; i < names.length; ++i) {
            bytes memory result = signature(enclaveKey, digestOf(resultStruct(_taskId, names[i], RESULT_HASH)));
            vm.expectRevert(refusal);
            submitAs(provider, _taskId, result);
            bytes memory abort = signature(enclaveKey, digestOf(abortStruct(_taskId, names[i])));
            vm.expectRevert(refusal);
            escrow.abort(_taskId, abort);
        }
        submit(_taskId);
    }

    function test_RevertWhen_ValidatorsJudgedOtherTerms() external {
        submit(_taskId);
        bytes32[] memory names = _others();
        for (uint256 i; i < names.length; ++i) {
            for (uint256 j; j < 2; ++j) {
                TaskStatus verdict = j == 0 ? TaskStatus.Valid : TaskStatus.Invalid;
                bytes32 digest = digestOf(verdictStruct(_taskId, names[i], RESULT_HASH, 0, verdict, VERDICT_BY));
                ValidatorSignature[] memory signed = signaturesOf(keys, 1, 4, digest);
                bytes4 selector = IValidatorSet.ValidatorSetInvalidSignature.selector;
                vm.expectRevert(abi.encodeWithSelector(selector, signed[0].validator));
                escrow.finalize(_taskId, verdict, signed);
            }
        }
        finalize(_taskId, TaskStatus.Valid);
    }

    /// @notice A validator that judged two tasks of one number on two branches has not contradicted itself.
    function test_RevertWhen_VerdictsAreOnOtherTerms() external {
        submit(_taskId);
        bytes memory valid = signature(keys[1], verdictDigest(_taskId, 0, TaskStatus.Valid));
        bytes32[] memory names = _others();
        for (uint256 i; i < names.length; ++i) {
            bytes32 digest = digestOf(verdictStruct(_taskId, names[i], RESULT_HASH, 0, TaskStatus.Invalid, VERDICT_BY));
            bytes memory invalid = signature(keys[1], digest);
            bytes4 selector = ITaskEscrow.TaskEscrowInvalidVerdictSignature.selector;
            vm.expectRevert(abi.encodeWithSelector(selector, validatorAt(1), TaskStatus.Invalid));
            escrow.reportContradiction(_taskId, validatorAt(1), valid, invalid);
        }
    }

    /// @dev What names tasks that differ from the scene's in one fixed term each: the datasets first.
    function _others() private view returns (bytes32[] memory names) {
        TaskRequest[14] memory others;
        for (uint256 i; i < others.length; ++i) others[i] = aRequest();
        others[0].datasets = new DatasetRequest[](0);
        others[1].datasets = new DatasetRequest[](1);
        others[1].datasets[0] = useOf(2, OTHER_PRICE);
        others[2].datasets[1].datasetId = 3;
        others[3].datasets[1].owner = stranger;
        others[4].datasets[1].contentHash = "other content";
        others[5].inputHash = "other inputs";
        ++others[6].nodeId;
        --others[7].nodeFee;
        --others[8].validatorFee;
        ++others[9].stakeLock;
        ++others[10].acceptBy;
        ++others[11].resultBy;
        ++others[12].leastDuration;
        others[13].demand = AttestationDemand.OnChain;
        names = new bytes32[](others.length + 1);
        for (uint256 i; i < others.length; ++i) names[i] = fixedName(requester, others[i]);
        names[others.length] = fixedName(stranger, aRequest());
    }
}
