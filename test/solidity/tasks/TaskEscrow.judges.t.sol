// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {joinSet} from "../validators/ValidatorStaking.sol";
import {TaskFixture} from "./TaskFixture.sol";

/// @notice Nobody buys the judges of a task that goes on already.
contract TaskEscrowJudgesTest is TaskFixture {
    uint256 private _taskId;
    uint256 private _published;

    /// @dev A task whose result takes so long that stake which comes after the acceptance counts before the result.
    function setUp() public {
        deployTasks();
        _published = block.number + 10;
        vm.roll(_published);
        TaskRequest memory request = aRequest();
        request.resultBy += 40 days;
        request.verdictBy += 40 days;
        _taskId = publish(request);
        acceptAs(provider, _taskId);
        vm.roll(_published + 100);
    }

    /// @notice A requester with twice the active stake calls its result bad, to keep it and get its fees back.
    function test_RevertWhen_TheRequesterJoinedAfterTheAcceptance() external {
        (address buyer, uint256 key) = makeAccount("buyer");
        joinSet(validators, buyer, 2 * validators.activeStake());
        _submit();
        ValidatorSignature[] memory signed = new ValidatorSignature[](1);
        signed[0] = ValidatorSignature(buyer, signature(key, escrow.hashVerdict(_taskId, TaskStatus.Invalid)));
        bytes4 selector = IValidatorSet.ValidatorSetTooYoung.selector;
        bytes memory refusal = abi.encodeWithSelector(selector, buyer, _published + 100, _published);
        vm.expectRevert(refusal);
        escrow.finalize(_taskId, TaskStatus.Invalid, signed);
        // Nor does it keep the others from judging.
        signed = _signed(TaskStatus.Valid);
        escrow.finalize(_taskId, TaskStatus.Valid, signed);
        assertStatus(_taskId, TaskStatus.Valid);
    }

    /// @notice A validator with little stake adds much.
    function test_RevertWhen_AJudgeAddedStakeAfterTheAcceptance() external {
        uint256 total = validators.activeStake();
        joinSet(validators, validatorAt(1), 10 * total);
        _submit();
        ValidatorSignature[] memory signed = new ValidatorSignature[](1);
        signed[0] = _signed(TaskStatus.Invalid)[0];
        bytes memory refusal = abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, stakeAt(1), total);
        vm.expectRevert(refusal);
        escrow.finalize(_taskId, TaskStatus.Invalid, signed);
        uint256 before = escrow.balanceOf(validatorAt(1));
        escrow.finalize(_taskId, TaskStatus.Valid, _signed(TaskStatus.Valid));
        uint256 voted = stakeAt(1) + stakeAt(2) + stakeAt(3) + stakeAt(4);
        uint256 share = (uint256(VALIDATOR_FEE) * stakeAt(1)) / voted;
        assertEq(escrow.balanceOf(validatorAt(1)) - before, share, "its share is by the stake that judged");
    }

    function _submit() private {
        vm.warp(START + 20 days);
        submit(_taskId);
    }

    function _signed(TaskStatus verdict) private view returns (ValidatorSignature[] memory signed) {
        bytes32 digest = escrow.hashVerdict(_taskId, verdict);
        signed = new ValidatorSignature[](4);
        for (uint256 i; i < 4; ++i) signed[i] = ValidatorSignature(validatorAt(i + 1), signature(keys[i + 1], digest));
    }
}
