// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {EndReason} from "../../../contracts/types/Node.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskFixture} from "./TaskFixture.sol";

/// @title TaskEscrowSuspendedTest
/// @notice A suspended node's word counts in neither direction: its tasks wait, and end without anybody's gain if that does not help.
contract TaskEscrowSuspendedTest is TaskFixture {
    uint256 private _taskId;

    function setUp() public {
        deployTasks();
    }

    /// @dev Suspends the node now, after it has been suspended for `before` seconds in all.
    function _suspend(uint256 before) private {
        nodes.setSuspension(NODE, block.timestamp, before);
    }

    function _lift(uint256 duration) private {
        nodes.setSuspension(NODE, 0, duration);
    }

    // What a suspended node cannot do

    function test_ItTakesNoTask() external {
        _taskId = publish(aRequest());
        _suspend(0);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNodeNotOpen.selector, NODE));
        acceptAs(provider, _taskId);
    }

    function test_ItBringsNoResult() external {
        _taskId = reach(TaskStatus.Accepted);
        vm.warp(START + LEAST_DURATION);
        _suspend(0);
        bytes memory signed = resultSignature(_taskId);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNodeNotLive.selector, NODE));
        submitAs(provider, _taskId, signed);
    }

    /// @notice Giving up would let its host keep the lock, and the owner's fee if it is the owner.
    function test_ItsEnclaveCannotGiveUp() external {
        _taskId = reach(TaskStatus.Accepted);
        bytes memory word = signature(enclaveKey, abortDigest(_taskId));
        _suspend(0);
        vm.expectRevert(_suspended());
        escrow.abort(_taskId, word);
        _lift(0);
        escrow.abort(_taskId, word);
        assertStatus(_taskId, TaskStatus.Aborted);
    }

    function test_ItsResultIsNotCalledValidMeanwhile() external {
        _taskId = reach(TaskStatus.Submitted);
        ValidatorSignature[] memory valid = verdictOf(_taskId, TaskStatus.Valid);
        _suspend(0);
        vm.expectRevert(_suspended());
        escrow.finalize(_taskId, TaskStatus.Valid, valid);
        _lift(0);
        escrow.finalize(_taskId, TaskStatus.Valid, valid);
        assertStatus(_taskId, TaskStatus.Valid);
    }

    /// @notice That a result is bad is the validators' word, not the node's.
    function test_ItsResultMayBeCalledInvalid() external {
        _taskId = reach(TaskStatus.Submitted);
        _suspend(0);
        finalize(_taskId, TaskStatus.Invalid);
        assertStatus(_taskId, TaskStatus.Invalid);
    }

    // Deadlines wait

    function testFuzz_AResultMayComeAsMuchLaterAsTheNodeWasSuspended(uint256 duration) external {
        duration = bound(duration, 0, 2 days);
        _taskId = reach(TaskStatus.Accepted);
        _lift(duration);
        vm.warp(RESULT_BY + duration);
        _expectNotOverdue(RESULT_BY + duration);
        escrow.expire(_taskId);
        uint256 before = vm.snapshotState();
        submit(_taskId);
        vm.revertToState(before);
        vm.warp(RESULT_BY + duration + 1);
        bytes memory signed = resultSignature(_taskId);
        vm.expectRevert(_tooLate(RESULT_BY + duration));
        submitAs(provider, _taskId, signed);
        vm.expectRevert(_tooLate(RESULT_BY + duration));
        escrow.abort(_taskId, "");
        escrow.expire(_taskId);
        assertStatus(_taskId, TaskStatus.Late);
    }

    function testFuzz_SoMayAVerdict(uint256 duration) external {
        duration = bound(duration, 0, 2 days);
        _taskId = reach(TaskStatus.Submitted);
        _lift(duration);
        ValidatorSignature[] memory valid = verdictOf(_taskId, TaskStatus.Valid);
        vm.warp(VERDICT_BY + duration);
        _expectNotOverdue(VERDICT_BY + duration);
        escrow.expire(_taskId);
        uint256 before = vm.snapshotState();
        escrow.finalize(_taskId, TaskStatus.Valid, valid);
        vm.revertToState(before);
        vm.warp(VERDICT_BY + duration + 1);
        vm.expectRevert(_tooLate(VERDICT_BY + duration));
        escrow.finalize(_taskId, TaskStatus.Valid, valid);
        escrow.expire(_taskId);
        assertStatus(_taskId, TaskStatus.Unjudged);
    }

    // When waiting does not help

    function test_WithoutAResultNobodyIsPaidAndNobodySlashed() external {
        _taskId = reach(TaskStatus.Accepted);
        _suspend(1 days);
        expireAt(_taskId, RESULT_BY + 1 days + 1);
        _assertInDoubt();
    }

    function test_WithoutAVerdictNobodyIsPaidAndNobodySlashed() external {
        _taskId = reach(TaskStatus.Submitted);
        _suspend(1 days);
        expireAt(_taskId, VERDICT_BY + 1 days + 1);
        _assertInDoubt();
    }

    /// @notice Not even if the suspension is lifted once it has ended the node.
    function test_SoItIsForANodeThatEndedAsRevoked() external {
        _taskId = reach(TaskStatus.Accepted);
        nodes.setEndReason(NODE, EndReason.Revoked);
        expireAt(_taskId, RESULT_BY + 1);
        _assertInDoubt();
    }

    /// @notice Nor does an exit, or any other end without a fault, hide that a node is suspended.
    function test_AnExitDoesNotHideIt() external {
        _taskId = reach(TaskStatus.Submitted);
        nodes.setEndReason(NODE, EndReason.Exited);
        _suspend(0);
        expireAt(_taskId, VERDICT_BY + 1);
        _assertInDoubt();
    }

    /// @notice A false quote is a fault, suspended or not.
    function test_ADiscreditedNodeIsNotInDoubt() external {
        _taskId = reach(TaskStatus.Accepted);
        nodes.setEndReason(NODE, EndReason.Withheld);
        _suspend(0);
        expireAt(_taskId, RESULT_BY + 1);
        assertStatus(_taskId, TaskStatus.Late);
    }

    function _assertInDoubt() private view {
        assertStatus(_taskId, TaskStatus.Suspended);
        assertEq(escrow.balanceOf(requester), ESCROWED, "requester");
        assertEq(escrow.balanceOf(owner) + escrow.balanceOf(otherOwner) + escrow.balanceOf(provider), 0, "others");
        assertEq(escrow.escrowOf(_taskId), 0, "escrow");
        assertEq(lockedOf(provider), 0, "lock");
        assertEq(vault.freeStakeOf(provider), PROVIDER_STAKE, "provider's stake");
        assertEq(vault.totalSlashed(), 0, "slashed");
    }

    function _expectNotOverdue(uint256 deadline) private {
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNotOverdue.selector, _taskId, deadline));
    }

    function _tooLate(uint256 deadline) private view returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, _taskId, deadline);
    }

    function _suspended() private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowNodeSuspended.selector, NODE);
    }
}
