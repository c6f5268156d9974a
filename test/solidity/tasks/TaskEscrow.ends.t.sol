// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {Vm} from "../utils/Test.sol";

/// @notice Who has how much after each end, to the unit.
contract TaskEscrowEndsTest is TaskFixture {
    uint256 private _taskId;
    uint256[4] private _shares;

    function setUp() public {
        deployTasks();
        // The signers are the second to the fifth; each share is rounded down, the last takes the rest.
        uint256 signedStake = stakeAt(1) + stakeAt(2) + stakeAt(3) + stakeAt(4);
        uint256 rest = VALIDATOR_FEE;
        for (uint256 i; i < 3; ++i) {
            _shares[i] = (uint256(VALIDATOR_FEE) * stakeAt(i + 1)) / signedStake;
            rest -= _shares[i];
        }
        _shares[3] = rest;
        assertTrue((VALIDATOR_FEE * stakeAt(4)) / signedStake != rest, "rounding left nothing");
    }

    function test_ValidPaysAllThreeOutOfTheEscrow() external {
        _taskId = reach(TaskStatus.Submitted);
        _expectVerdict(TaskStatus.Valid);
        _expectFeesOfOwners();
        _expectFee(provider, NODE_FEE);
        vm.recordLogs();
        vm.prank(stranger);
        finalize(_taskId, TaskStatus.Valid);
        // Verdict, end, two owners and the provider: no share is emitted twice.
        _assertEvents(5);

        _assertEnded(TaskStatus.Valid, 0);
        _assertLedger(owner, PRICE);
        _assertLedger(otherOwner, OTHER_PRICE);
        _assertLedger(provider, NODE_FEE);
        for (uint256 i; i < 4; ++i) _assertLedger(validatorAt(i + 1), _shares[i]);
        _assertLedger(validatorAt(0), 0);
        _assertLockReleased();
    }

    function test_UnjudgedPaysOwnersAndNodeAndReturnsTheValidatorsFee() external {
        _taskId = reach(TaskStatus.Submitted);
        showResult(_taskId);
        vm.warp(VERDICT_BY + 1);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskEnded(_taskId, TaskStatus.Unjudged, VALIDATOR_FEE);
        _expectFeesOfOwners();
        _expectFee(provider, NODE_FEE);
        vm.prank(stranger);
        escrow.expire(_taskId);

        _assertEnded(TaskStatus.Unjudged, VALIDATOR_FEE);
        _assertLedger(owner, PRICE);
        _assertLedger(otherOwner, OTHER_PRICE);
        _assertLedger(provider, NODE_FEE);
        _assertLockReleased();
    }

    function test_InvalidPaysOwnersAndSignersOutOfTheLock() external {
        _taskId = reach(TaskStatus.Submitted);
        _expectVerdict(TaskStatus.Invalid);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskEnded(_taskId, TaskStatus.Invalid, ESCROWED);
        _expectCompensationOfOwners();
        vm.recordLogs();
        vm.prank(stranger);
        finalize(_taskId, TaskStatus.Invalid);
        _assertEvents(4);

        _assertEnded(TaskStatus.Invalid, ESCROWED);
        _assertLockSlashed(REST);
        for (uint256 i; i < 4; ++i) assertEq(vault.freeStakeOf(validatorAt(i + 1)), _shares[i], "validator's stake");
        assertEq(vault.freeStakeOf(validatorAt(0)), 0, "who did not sign");
    }

    function test_LatePaysOwnersOutOfTheLock() external {
        _taskId = reach(TaskStatus.Accepted);
        vm.warp(RESULT_BY + 1);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskEnded(_taskId, TaskStatus.Late, ESCROWED);
        _expectCompensationOfOwners();
        vm.prank(stranger);
        escrow.expire(_taskId);

        _assertEnded(TaskStatus.Late, ESCROWED);
        _assertLockSlashed(uint256(REST) + VALIDATOR_FEE);
    }

    function test_AbortedPaysOwnersAndReturnsTheRest() external {
        _taskId = reach(TaskStatus.Accepted);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskEnded(_taskId, TaskStatus.Aborted, ESCROWED - OWNERS_FEE);
        _expectFeesOfOwners();
        escrow.abort(_taskId, signature(enclaveKey, abortDigest(_taskId)));

        _assertEnded(TaskStatus.Aborted, ESCROWED - OWNERS_FEE);
        _assertLedger(owner, PRICE);
        _assertLedger(otherOwner, OTHER_PRICE);
        _assertLockReleased();
    }

    function test_CancelledReturnsAll() external {
        _taskId = publish(aRequest());
        vm.warp(ACCEPT_BY);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskEnded(_taskId, TaskStatus.Cancelled, ESCROWED);
        cancelAs(stranger, _taskId);
        _assertEnded(TaskStatus.Cancelled, ESCROWED);
        _assertLockReleased();
    }

    // Locks without a rest, fees of nothing, and many tasks

    function test_LeastLockIsUsedUp() external {
        TaskRequest memory request = aRequest();
        request.stakeLock = OWNERS_FEE + VALIDATOR_FEE;
        _taskId = _publishAndAccept(request);
        reachResult(_taskId, TaskStatus.Invalid);
        _assertEnded(TaskStatus.Invalid, ESCROWED);
        _assertLockSlashed(0);
    }

    function test_NoFeesNoPayments() external {
        TaskRequest memory request = aRequest();
        (request.nodeFee, request.validatorFee) = (0, 0);
        (request.datasets[0].price, request.datasets[1].price) = (0, 0);
        vm.prank(owner);
        grants.setPrice(1, contentOf(1), 0);
        vm.prank(otherOwner);
        grants.setPrice(2, contentOf(2), 0);
        TaskStatus[2] memory verdicts = [TaskStatus.Valid, TaskStatus.Invalid];
        for (uint256 i; i < verdicts.length; ++i) {
            vm.warp(START);
            _taskId = _publishAndAccept(request);
            vm.recordLogs();
            reachResult(_taskId, verdicts[i]);
            for (uint256 j; j < 5; ++j) assertEq(wealthOf(validatorAt(j)), stakeAt(j), "validator's wealth");
            assertEq(escrow.escrowOf(_taskId), 0, "escrow");
        }
        assertEq(vault.freeStakeOf(treasury), STAKE_LOCK, "treasury");
        assertEq(vault.freeStakeOf(owner), 0, "owner's stake");
        // Result, verdict, end, and the vault's: the second time the whole lock goes in one slash.
        assertEq(vm.getRecordedLogs().length, 4, "events");
    }

    /// @notice Tasks of the same node and requester do not touch each other's escrow and lock.
    function test_EndsOfSeveralTasksAddUp() external {
        reach(TaskStatus.Cancelled);
        reach(TaskStatus.Aborted);
        uint256 open = reach(TaskStatus.Accepted);
        reach(TaskStatus.Invalid);
        vm.warp(START);
        reach(TaskStatus.Valid);
        vm.warp(START);
        reach(TaskStatus.Unjudged);
        assertEq(lockedOf(provider), STAKE_LOCK, "lock");
        assertEq(escrow.escrowOf(open), ESCROWED, "escrow");
        _assertLedger(requester, 3 * uint256(ESCROWED) - OWNERS_FEE + VALIDATOR_FEE);
        _assertLedger(owner, 3 * uint256(PRICE));
        _assertLedger(provider, 2 * uint256(NODE_FEE));
        escrow.expire(open);
        assertEq(lockedOf(provider), 0, "lock");
        (uint256 stake, ) = vault.stakeOf(provider);
        assertEq(stake, PROVIDER_STAKE - 2 * uint256(STAKE_LOCK), "stake");
        uint256 owed = escrow.balanceOf(requester) + escrow.balanceOf(owner) + escrow.balanceOf(otherOwner);
        owed += escrow.balanceOf(provider) + VALIDATOR_FEE;
        assertEq(token.balanceOf(address(escrow)), owed, "balance");
    }

    function _publishAndAccept(TaskRequest memory request) private returns (uint256 taskId) {
        taskId = publish(request);
        acceptAs(provider, taskId);
    }

    function _expectFeesOfOwners() private {
        _expectFee(owner, PRICE);
        _expectFee(otherOwner, OTHER_PRICE);
    }

    function _expectFee(address account, uint256 amount) private {
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.FeeCredited(_taskId, account, amount);
    }

    function _expectCompensationOfOwners() private {
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.OwnerCompensated(_taskId, owner, PRICE);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.OwnerCompensated(_taskId, otherOwner, OTHER_PRICE);
    }

    function _expectVerdict(TaskStatus verdict) private {
        address[] memory signers = new address[](4);
        uint256[] memory shares = new uint256[](4);
        for (uint256 i; i < 4; ++i) (signers[i], shares[i]) = (validatorAt(i + 1), _shares[i]);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.VerdictGiven(_taskId, verdict, signers, shares);
    }

    /// @dev How many events of the escrow were recorded.
    function _assertEvents(uint256 expected) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == address(escrow)) ++count;
        }
        assertEq(count, expected, "events");
    }

    function _assertLedger(address account, uint256 amount) private view {
        assertEq(escrow.balanceOf(account), amount, "ledger");
    }

    function _assertEnded(TaskStatus status, uint256 refunded) private view {
        assertStatus(_taskId, status);
        assertEq(escrow.escrowOf(_taskId), 0, "escrow");
        _assertLedger(requester, refunded);
        assertEq(lockedOf(provider), 0, "lock");
    }

    function _assertLockReleased() private view {
        assertEq(vault.freeStakeOf(provider), PROVIDER_STAKE, "provider's stake");
        // What was demanded and shown has moved its bond.
        uint256 shown = escrow.getTask(_taskId).demanded ? RESULT_BOND : 0;
        assertEq(vault.totalSlashed(), shown, "slashed");
        uint256 owed = escrow.balanceOf(requester) + escrow.balanceOf(owner) + escrow.balanceOf(otherOwner);
        owed += escrow.balanceOf(provider);
        for (uint256 i; i < 5; ++i) owed += escrow.balanceOf(validatorAt(i));
        assertEq(owed, ESCROWED, "owed");
        assertEq(token.balanceOf(address(escrow)), ESCROWED, "balance");
    }

    /// @dev After a task that ended by the node's fault, the only one.
    function _assertLockSlashed(uint256 toTreasury) private view {
        uint256 lock = escrow.getTask(_taskId).stakeLock;
        assertEq(vault.freeStakeOf(owner), PRICE, "owner's stake");
        assertEq(vault.freeStakeOf(otherOwner), OTHER_PRICE, "other owner's stake");
        assertEq(vault.freeStakeOf(treasury), toTreasury, "treasury");
        assertEq(vault.freeStakeOf(provider), PROVIDER_STAKE - lock, "provider's stake");
        assertEq(vault.totalSlashed(), lock, "slashed");
        address[4] memory accounts = [owner, otherOwner, provider, treasury];
        for (uint256 i; i < accounts.length; ++i) _assertLedger(accounts[i], 0);
        for (uint256 i; i < 5; ++i) _assertLedger(validatorAt(i), 0);
    }
}
