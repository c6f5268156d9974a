// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {EndReason} from "../../../contracts/types/Node.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskFixture} from "./TaskFixture.sol";

/// @title TaskEscrowSuspendedTest
/// @notice A suspended node's word counts in neither direction: its tasks wait, and end at the node's cost alone if that does not help.
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
        AttestationDemand demand = aRequest().demand;
        vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsUnmetDemand.selector, NODE, demand));
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

    /// @notice Whatever is lifted once the suspension has ended the node: nobody ever knew.
    function test_RevertGiven_TheNodeEndedAsRevoked() external {
        TaskStatus[2] memory from = [TaskStatus.Accepted, TaskStatus.Submitted];
        for (uint256 i; i < from.length; ++i) {
            uint256 before = vm.snapshotState();
            _taskId = reach(from[i]);
            bytes memory word = signature(enclaveKey, abortDigest(_taskId));
            ValidatorSignature[] memory valid = verdictOf(_taskId, TaskStatus.Valid);
            nodes.setEndReason(NODE, EndReason.Revoked);
            _lift(REVOCATION_DELAY);
            vm.expectRevert(_suspended());
            if (i == 0) escrow.abort(_taskId, word);
            else escrow.finalize(_taskId, TaskStatus.Valid, valid);
            vm.revertToState(before);
        }
        _taskId = reach(TaskStatus.Submitted);
        nodes.setEndReason(NODE, EndReason.Revoked);
        finalize(_taskId, TaskStatus.Invalid);
        assertStatus(_taskId, TaskStatus.Invalid);
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
        duration = bound(duration, 0, REVOCATION_DELAY);
        _taskId = reach(TaskStatus.Submitted);
        showResult(_taskId);
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

    /// @notice Stake that comes after the result must not count in time, however often the node is suspended.
    function test_AVerdictWaitsForOneRevocationDelayAtMost() external {
        _taskId = reach(TaskStatus.Submitted);
        showResult(_taskId);
        _lift(5 days);
        ValidatorSignature[] memory valid = verdictOf(_taskId, TaskStatus.Valid);
        vm.warp(VERDICT_BY + REVOCATION_DELAY + 1);
        vm.expectRevert(_tooLate(VERDICT_BY + REVOCATION_DELAY));
        escrow.finalize(_taskId, TaskStatus.Valid, valid);
        _expectNotOverdue(VERDICT_BY + 5 days);
        escrow.expire(_taskId);
        expireAt(_taskId, VERDICT_BY + 5 days + 1);
        assertStatus(_taskId, TaskStatus.Unjudged);
    }

    function test_AResultThatSuspensionsPutOffLeavesTheTimeForVerdicts() external {
        _taskId = reach(TaskStatus.Accepted);
        _lift(3 days);
        vm.warp(RESULT_BY + 1);
        submit(_taskId);
        assertEq(escrow.getTask(_taskId).verdictBy, VERDICT_BY + 3 days, "verdict by");
        // What came before the result does not count twice.
        vm.warp(VERDICT_BY + 3 days + 1);
        vm.expectRevert(_tooLate(VERDICT_BY + 3 days));
        escrow.finalize(_taskId, TaskStatus.Valid, new ValidatorSignature[](0));
    }

    function test_SuspensionsLeaveNoMoreThanAWeekForVerdicts() external {
        _taskId = reach(TaskStatus.Accepted);
        _lift(8 days);
        vm.warp(RESULT_BY + 1);
        submit(_taskId);
        assertEq(escrow.getTask(_taskId).verdictBy, RESULT_BY + 1 + 7 days, "verdict by");
    }

    function test_AResultInTimeDoesNotMoveVerdicts() external {
        _taskId = reach(TaskStatus.Accepted);
        _lift(3 days);
        vm.warp(RESULT_BY);
        submit(_taskId);
        assertEq(escrow.getTask(_taskId).verdictBy, VERDICT_BY, "verdict by");
    }

    // When waiting does not help

    function test_WithoutAResultTheNodePaysTheOwnersAlone() external {
        _taskId = reach(TaskStatus.Accepted);
        _suspendAt(START + 1 hours, 1 days);
        expireAt(_taskId, RESULT_BY + 1 days + REVOCATION_DELAY + 1);
        _assertInDoubt();
    }

    function test_SoItDoesWithoutAVerdict() external {
        _taskId = reach(TaskStatus.Submitted);
        _suspendAt(START + 1 hours, 1 days);
        expireAt(_taskId, VERDICT_BY + 1 days + REVOCATION_DELAY + 1);
        _assertInDoubt();
    }

    /// @notice The last second counts, earlier suspensions included, and leaves all of the delay to lift the suspension.
    function test_ASuspensionInTheLastSecondCounts() external {
        _taskId = reach(TaskStatus.Submitted);
        _suspendAt(VERDICT_BY + 1 hours, 1 hours);
        uint256 last = VERDICT_BY + 1 hours + REVOCATION_DELAY;
        vm.warp(last);
        _expectNotOverdue(last);
        escrow.expire(_taskId);
        expireAt(_taskId, last + 1);
        _assertInDoubt();
    }

    /// @notice Whoever holds a list that names the node cannot take back what its delivered result earns.
    function test_ASuspensionAfterTheVerdictTimeChangesNothing() external {
        _taskId = reach(TaskStatus.Submitted);
        showResult(_taskId);
        _suspendAt(VERDICT_BY + 1, 0);
        escrow.expire(_taskId);
        assertStatus(_taskId, TaskStatus.Unjudged);
    }

    /// @notice Nor does such a list save a provider that is late.
    function test_ASuspensionAfterTheResultTimeChangesNothing() external {
        _taskId = reach(TaskStatus.Accepted);
        _suspendAt(RESULT_BY + 1, 0);
        escrow.expire(_taskId);
        assertStatus(_taskId, TaskStatus.Late);
    }

    /// @notice However long nobody ends the task.
    function testFuzz_NorDoesTimeMakeItCount(uint256 earlier, uint256 wait) external {
        earlier = bound(earlier, 0, 5 days);
        _taskId = reach(TaskStatus.Submitted);
        showResult(_taskId);
        _suspendAt(VERDICT_BY + (earlier < REVOCATION_DELAY ? earlier : REVOCATION_DELAY) + 1, earlier);
        expireAt(_taskId, VERDICT_BY + earlier + REVOCATION_DELAY + 1 + bound(wait, 0, 99 days));
        assertStatus(_taskId, TaskStatus.Unjudged);
    }

    /// @notice Not even if the suspension is lifted once it has ended the node.
    function test_SoItIsForANodeThatEndedAsRevoked() external {
        _taskId = reach(TaskStatus.Accepted);
        vm.warp(RESULT_BY + REVOCATION_DELAY);
        nodes.setEndReason(NODE, EndReason.Revoked);
        _lift(REVOCATION_DELAY);
        expireAt(_taskId, RESULT_BY + REVOCATION_DELAY + 1);
        _assertInDoubt();
    }

    function test_AnEndAsRevokedAfterTheTimeChangesNothing() external {
        TaskStatus[2] memory from = [TaskStatus.Accepted, TaskStatus.Submitted];
        for (uint256 i; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            _taskId = reach(from[i]);
            if (i == 1) showResult(_taskId);
            uint256 deadline = i == 0 ? RESULT_BY : VERDICT_BY;
            vm.warp(deadline + 1 + REVOCATION_DELAY);
            nodes.setEndReason(NODE, EndReason.Revoked);
            nodes.setSuspension(NODE, deadline + 1, 0);
            uint256 running = vm.snapshotState();
            escrow.expire(_taskId);
            assertStatus(_taskId, i == 0 ? TaskStatus.Late : TaskStatus.Unjudged);
            vm.revertToState(running);
            vm.warp(block.timestamp + 9 days);
            nodes.setSuspension(NODE, 0, 0);
            escrow.expire(_taskId);
            assertStatus(_taskId, i == 0 ? TaskStatus.Late : TaskStatus.Unjudged);
            vm.revertToState(before);
        }
    }

    /// @notice Nor does an exit, or any other end without a fault, hide that a node is suspended.
    function test_AnExitDoesNotHideIt() external {
        _taskId = reach(TaskStatus.Submitted);
        nodes.setEndReason(NODE, EndReason.Exited);
        _suspend(0);
        expireAt(_taskId, VERDICT_BY + REVOCATION_DELAY + 1);
        _assertInDoubt();
    }

    /// @notice A false quote is a fault, suspended or not.
    function test_ADiscreditedNodeIsNotInDoubt() external {
        _taskId = reach(TaskStatus.Accepted);
        nodes.setEndReason(NODE, EndReason.Withheld);
        _suspend(0);
        expireAt(_taskId, RESULT_BY + REVOCATION_DELAY + 1);
        assertStatus(_taskId, TaskStatus.Late);
    }

    /// @dev Suspends the node at a second ahead, after it has been suspended for `before` seconds in all.
    function _suspendAt(uint256 time, uint256 before) private {
        vm.warp(time);
        _suspend(before);
    }

    function _assertInDoubt() private view {
        assertStatus(_taskId, TaskStatus.Suspended);
        assertEq(escrow.balanceOf(requester), ESCROWED, "requester");
        assertEq(escrow.balanceOf(owner) + escrow.balanceOf(otherOwner) + escrow.balanceOf(provider), 0, "ledger");
        assertEq(vault.freeStakeOf(owner), PRICE, "owner");
        assertEq(vault.freeStakeOf(otherOwner), OTHER_PRICE, "other owner");
        assertEq(escrow.escrowOf(_taskId), 0, "escrow");
        assertEq(lockedOf(provider), 0, "lock");
        assertEq(vault.freeStakeOf(provider), PROVIDER_STAKE - OWNERS_FEE, "provider's stake");
        assertEq(vault.totalSlashed(), OWNERS_FEE, "slashed");
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
