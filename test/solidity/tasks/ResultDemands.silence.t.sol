// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {ResultFixture} from "./ResultFixture.sol";

/// @notice What becomes of a result of which nobody says anything: it pays the node only if it was shown.
/// hardhat-config: fuzz.runs = 100
contract ResultDemandsSilenceTest is ResultFixture {
    function setUp() public {
        deployWithResults();
    }

    /// @notice A node names no place for its result and shows it to nobody, and over a third of the stake is silent.
    function testFuzz_SilenceAloneNeverPaysTheNode(uint256 wait) external {
        uint256 taskId = submitted();
        uint256 before = wealthOf(provider);
        vm.warp(VERDICT_BY + 1 + bound(wait, 0, 999 days));
        vm.expectRevert(_notShown(taskId));
        vm.prank(provider);
        escrow.expire(taskId);
        assertStatus(taskId, TaskStatus.Submitted);
        assertEq(wealthOf(provider), before, "provider");
        assertEq(lockedOf(provider), STAKE_LOCK, "lock");
    }

    /// @notice Anybody ends it by a demand: who has nothing to show is at fault, however late it is asked.
    function testFuzz_WhatIsMissingIsInvalidHoweverLateItIsDemanded(uint256 wait) external {
        uint256 taskId = submitted();
        uint256 node = wealthOf(provider);
        uint256 spent = wealthOf(requester);
        vm.warp(VERDICT_BY + 1 + bound(wait, 0, 999 days));
        demandAs(demander, taskId, 3);
        uint256 until = block.timestamp + ANSWER_TIME + VERDICT_TIME;
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNotOverdue.selector, taskId, until));
        escrow.expire(taskId);
        vm.warp(block.timestamp + ANSWER_TIME + 1);
        demands.close(taskId, 3);
        assertStatus(taskId, TaskStatus.Invalid);
        assertEq(wealthOf(provider), node - STAKE_LOCK, "provider");
        assertEq(wealthOf(requester), spent + ESCROWED, "requester");
        assertEq(bondsOf(demander), 0, "bond");
    }

    /// @notice A node that has its result needs nobody's consent to be paid, and no more than its bond, which it gets back.
    function testFuzz_ANodeThatShowsItsResultIsPaid(uint256 wait) external {
        uint256 taskId = submitted();
        uint256 before = wealthOf(provider);
        vm.warp(VERDICT_BY + 1 + bound(wait, 0, 999 days));
        demandAs(provider, taskId, 2);
        answerAs(provider, taskId, 2);
        uint256 until = block.timestamp + ANSWER_TIME + VERDICT_TIME;
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNotOverdue.selector, taskId, until));
        escrow.expire(taskId);
        expireAt(taskId, until + 1);
        assertStatus(taskId, TaskStatus.Unjudged);
        assertEq(wealthOf(provider), before + NODE_FEE, "provider");
        assertEq(lockedOf(provider), 0, "lock");
    }

    /// @notice The answer lies open before it is in a block: who copies it out of there does the node's work for nothing.
    function test_NobodyTakesTheBondOfANodeThatShowsItsOwnResult() external {
        uint256 taskId = submitted();
        uint256 before = wealthOf(provider);
        uint256 thief = wealthOf(stranger);
        vm.warp(VERDICT_BY + 1);
        demandAs(provider, taskId, 2);
        answerAs(stranger, taskId, 2);
        assertEq(wealthOf(stranger), thief, "thief");
        assertEq(wealthOf(provider), before, "provider");
        expireAt(taskId, block.timestamp + ANSWER_TIME + VERDICT_TIME + 1);
        assertStatus(taskId, TaskStatus.Unjudged);
        assertEq(wealthOf(provider), before + NODE_FEE, "paid");
    }

    /// @notice A node that demands of itself and stays silent loses its lock to others.
    function test_ANodeGainsNothingByItsOwnSilence() external {
        uint256 before = wealthOf(provider);
        uint256 taskId = submitted();
        demandAs(provider, taskId, 0);
        vm.warp(block.timestamp + ANSWER_TIME + 1);
        vm.prank(provider);
        demands.close(taskId, 0);
        assertEq(wealthOf(provider), before - STAKE_LOCK, "node");
    }

    /// @notice A node that sees its requester's demand come, and takes the number first, has to show that very chunk itself.
    function test_ANodeThatDemandsBeforeItsRequesterHasToShowTheSame() external {
        uint256 taskId = submitted();
        uint256 before = wealthOf(provider);
        vm.warp(VERDICT_BY);
        demandAs(provider, taskId, 0);
        answerAs(provider, taskId, 0);
        demandAs(provider, taskId, 3);
        bytes32 terms = fixedNameOf(taskId);
        uint256 answerBy = block.timestamp + ANSWER_TIME;
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsOpen.selector, taskId, 3, answerBy));
        vm.prank(requester);
        demands.demand(taskId, terms, resultHash, 3);
        expireAt(taskId, answerBy + VERDICT_TIME + 1);
        assertStatus(taskId, TaskStatus.Invalid);
        assertEq(wealthOf(provider), before - STAKE_LOCK, "provider");
    }

    /// @notice One late demand is what it takes, so nobody puts the end off by a second.
    function test_RevertWhen_ASecondDemandIsLate() external {
        uint256 taskId = submitted();
        vm.warp(VERDICT_BY + 1);
        demandAs(demander, taskId, 0);
        bytes32 terms = fixedNameOf(taskId);
        bytes memory refusal = abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, taskId, VERDICT_BY);
        vm.expectRevert(refusal);
        vm.prank(requester);
        demands.demand(taskId, terms, resultHash, 1);
        answerAs(provider, taskId, 0);
        vm.expectRevert(refusal);
        vm.prank(requester);
        demands.demand(taskId, terms, resultHash, 1);
    }

    /// @notice Verdicts have their time after a late demand as after any other, as long as those who left still answer for theirs.
    function testFuzz_ALateDemandLeavesTimeForVerdictsForAsLongAsTheyCost(uint256 wait) external {
        uint256 taskId = submitted();
        uint256 asked = VERDICT_BY + 1 + bound(wait, 0, 4 days);
        vm.warp(asked);
        demandAs(provider, taskId, 0);
        answerAs(provider, taskId, 0);
        uint256 until = asked + ANSWER_TIME + VERDICT_TIME;
        uint256 latest = VERDICT_BY + REVOCATION_DELAY + ANSWER_TIME + VERDICT_TIME;
        if (latest < until) until = latest;
        ValidatorSignature[] memory signed = judgedOf(taskId, TaskStatus.Valid);
        uint256 before = vm.snapshotState();
        vm.warp((until < asked ? asked : until) + 1);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, taskId, VERDICT_BY));
        escrow.finalize(taskId, TaskStatus.Valid, signed);
        vm.revertToState(before);
        if (until < asked) return;
        vm.warp(until);
        escrow.finalize(taskId, TaskStatus.Valid, signed);
        assertStatus(taskId, TaskStatus.Valid);
    }

    /// @notice Signatures that come when those who gave them may be gone count for nothing, whoever asks for the result.
    function test_RevertWhen_AVerdictComesAfterThatThoughTheResultWasDemandedLate() external {
        uint256 taskId = submitted();
        ValidatorSignature[] memory signed = judgedOf(taskId, TaskStatus.Invalid);
        vm.warp(VERDICT_BY + EXIT_DELAY);
        demandAs(requester, taskId, 0);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, taskId, VERDICT_BY));
        escrow.finalize(taskId, TaskStatus.Invalid, signed);
    }

    function test_PauseKeepsNobodyFromTheLateDemand() external {
        uint256 taskId = submitted();
        escrow.setPaused(true);
        vm.warp(VERDICT_BY + 1);
        demandAs(provider, taskId, 0);
        answerAs(provider, taskId, 0);
        expireAt(taskId, block.timestamp + ANSWER_TIME + VERDICT_TIME + 1);
        assertStatus(taskId, TaskStatus.Unjudged);
    }

    function _notShown(uint256 taskId) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowResultNotShown.selector, taskId);
    }
}
