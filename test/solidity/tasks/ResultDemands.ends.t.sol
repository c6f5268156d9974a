// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {EndReason} from "../../../contracts/types/Node.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {ResultFixture} from "./ResultFixture.sol";

/// @notice How demands bear on the end of a task, and who pays what.
/// hardhat-config: fuzz.runs = 100
contract ResultDemandsEndsTest is ResultFixture {
    uint256 private constant ENOUGH = 100 * uint256(RESULT_BOND);

    function setUp() public {
        deployWithResults();
    }

    /// @notice Nobody shows the chunk: the end is that of a verdict without signers, and the demander has all that it had.
    function test_SilenceEndsATaskAsInvalid() external {
        address[6] memory all = [requester, provider, owner, otherOwner, treasury, demander];
        uint256[6] memory before;
        for (uint256 i; i < all.length; ++i) before[i] = wealthOf(all[i]);
        uint256 taskId = submitted();
        demandAs(demander, taskId, 1);
        vm.warp(block.timestamp + ANSWER_TIME + 1);
        vm.expectEmit(address(demands));
        emit IResultDemands.DemandClosed(taskId, 1, demander, true);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskEnded(taskId, TaskStatus.Invalid, ESCROWED);
        vm.prank(stranger);
        demands.close(taskId, 1);
        assertStatus(taskId, TaskStatus.Invalid);
        assertEq(wealthOf(requester), before[0], "requester");
        assertEq(wealthOf(provider), before[1] - STAKE_LOCK, "provider");
        assertEq(wealthOf(owner), before[2] + PRICE, "owner");
        assertEq(wealthOf(otherOwner), before[3] + OTHER_PRICE, "other owner");
        assertEq(wealthOf(treasury), before[4] + REST + VALIDATOR_FEE, "treasury");
        assertEq(vault.freeStakeOf(demander), ENOUGH, "bond");
        assertEq(bondsOf(demander), 0, "locked");
        assertEq(lockedOf(provider), 0, "provider's lock");
    }

    /// @notice With nobody's verdict, and whoever calls first.
    function test_SilenceNeverPaysTheNode() external {
        uint256 taskId = submitted();
        vm.warp(VERDICT_BY);
        demandAs(requester, taskId, 1);
        uint256 until = VERDICT_BY + ANSWER_TIME + VERDICT_TIME;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNotOverdue.selector, taskId, until));
        escrow.expire(taskId);
        vm.warp(until + 1);
        uint256 before = wealthOf(provider);
        escrow.expire(taskId);
        assertStatus(taskId, TaskStatus.Invalid);
        assertEq(wealthOf(provider), before - STAKE_LOCK, "provider");
        vm.expectEmit(address(demands));
        emit IResultDemands.DemandClosed(taskId, 1, requester, false);
        demands.close(taskId, 1);
        assertEq(bondsOf(requester), 0, "bond");
    }

    /// @notice The quorum's word waits for the answer, and counts after it, though `verdictBy` has passed meanwhile.
    function test_ADemandAtTheLastSecondCostsNobodyTheVerdict() external {
        uint256 taskId = submitted();
        ValidatorSignature[] memory signed = judgedOf(taskId, TaskStatus.Valid);
        vm.warp(VERDICT_BY);
        demandAs(requester, taskId, 1);
        bytes memory refusal = abi.encodeWithSelector(ITaskEscrow.TaskEscrowResultDemanded.selector, taskId, 1);
        vm.expectRevert(refusal);
        escrow.finalize(taskId, TaskStatus.Valid, signed);
        vm.warp(VERDICT_BY + ANSWER_TIME);
        vm.expectRevert(refusal);
        escrow.finalize(taskId, TaskStatus.Valid, signed);
        answerAs(provider, taskId, 1);
        vm.warp(VERDICT_BY + ANSWER_TIME + VERDICT_TIME);
        escrow.finalize(taskId, TaskStatus.Valid, signed);
        assertStatus(taskId, TaskStatus.Valid);
    }

    /// @notice The last demand counts, whatever was demanded before: verdicts and its own answer have their time.
    function test_EachDemandPutsTheEndOffByItsOwnTime() external {
        uint256 taskId = submitted();
        vm.warp(VERDICT_BY - 12 hours);
        demandAs(demander, taskId, 0);
        uint256 first = block.timestamp + ANSWER_TIME + VERDICT_TIME;
        vm.warp(VERDICT_BY);
        demandAs(requester, taskId, 1);
        answerAs(provider, taskId, 0);
        uint256 until = VERDICT_BY + ANSWER_TIME + VERDICT_TIME;
        vm.warp(first + 1);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNotOverdue.selector, taskId, until));
        escrow.expire(taskId);
        answerAs(provider, taskId, 1);
        vm.warp(until);
        judgeAs(taskId, TaskStatus.Valid);
        assertStatus(taskId, TaskStatus.Valid);
    }

    function test_RevertWhen_TheVerdictComesAfterTheTimeForIt() external {
        uint256 taskId = submitted();
        vm.warp(VERDICT_BY);
        demandAs(requester, taskId, 1);
        answerAs(provider, taskId, 1);
        vm.warp(VERDICT_BY + ANSWER_TIME + VERDICT_TIME + 1);
        ValidatorSignature[] memory signed = judgedOf(taskId, TaskStatus.Valid);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, taskId, VERDICT_BY));
        escrow.finalize(taskId, TaskStatus.Valid, signed);
        escrow.expire(taskId);
        assertStatus(taskId, TaskStatus.Unjudged);
    }

    /// @notice Early demands take no time from verdicts, and late ones put the end off by one answer and its verdicts at most.
    function testFuzz_NoDemandPutsTheEndOffForLong(uint256 seed) external {
        uint256 taskId = submitted();
        uint256 latest = VERDICT_BY;
        for (uint256 i; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.warp(block.timestamp + 1 + (seed % 12 hours));
            if (block.timestamp <= VERDICT_BY) {
                demandAs(seed % 2 == 0 ? requester : demander, taskId, i);
                uint256 until = block.timestamp + ANSWER_TIME + VERDICT_TIME;
                if (until > latest) latest = until;
            }
            for (uint256 j; j <= i; ++j) {
                IResultDemands.Demand memory wanted = demands.getDemand(taskId, j);
                bool isUrgent = wanted.answerBy < block.timestamp + 12 hours;
                if (wanted.demander != address(0) && isUrgent) answerAs(provider, taskId, j);
            }
        }
        assertLe(latest, VERDICT_BY + ANSWER_TIME + VERDICT_TIME, "latest");
        for (uint256 i; i < 12; ++i) if (_isOpen(taskId, i)) answerAs(provider, taskId, i);
        expireAt(taskId, latest + 1);
        assertStatus(taskId, TaskStatus.Unjudged);
    }

    /// @notice A quorum that finds a result bad waits for nobody.
    function test_InvalidByAQuorumReturnsTheBond() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 0);
        demandAs(requester, taskId, 1);
        judgeAs(taskId, TaskStatus.Invalid);
        demands.close(taskId, 0);
        demands.close(taskId, 1);
        assertEq(bondsOf(demander) + bondsOf(requester), 0, "bonds");
        assertEq(openOf(taskId), 0, "open");
    }

    /// @notice One silence ends the task; every other bond comes back by itself.
    function test_SeveralDemandsAtOnce() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 0);
        vm.warp(block.timestamp + 1 hours);
        demandAs(requester, taskId, 1);
        demandAs(demander, taskId, 2);
        vm.warp(block.timestamp + ANSWER_TIME - 1 hours + 1);
        answerAs(provider, taskId, 2);
        demands.close(taskId, 0);
        assertStatus(taskId, TaskStatus.Invalid);
        vm.expectEmit(address(demands));
        emit IResultDemands.DemandClosed(taskId, 1, requester, false);
        demands.close(taskId, 1);
        assertEq(bondsOf(demander) + bondsOf(requester), 0, "bonds");
        assertEq(vault.freeStakeOf(demander), ENOUGH - RESULT_BOND, "the one that was answered");
    }

    /// @notice One task's demands are nobody else's.
    function test_ManyTasksEndEachByItsOwnDemands() external {
        uint256[4] memory tasks;
        for (uint256 i; i < tasks.length; ++i) {
            vm.warp(START);
            tasks[i] = submitted();
        }
        for (uint256 i; i < 3; ++i) demandAs(demander, tasks[i], 0);
        answerAs(provider, tasks[1], 0);
        judgeAs(tasks[1], TaskStatus.Valid);
        judgeAs(tasks[3], TaskStatus.Valid);
        vm.warp(block.timestamp + ANSWER_TIME + 1);
        demands.close(tasks[0], 0);
        assertStatus(tasks[0], TaskStatus.Invalid);
        assertStatus(tasks[2], TaskStatus.Submitted);
        assertEq(bondsOf(demander), RESULT_BOND, "the third");
        demands.close(tasks[2], 0);
        assertStatus(tasks[2], TaskStatus.Invalid);
    }

    /// @notice Nothing is demanded of what a quorum has found good and the chain has paid.
    function test_RevertGiven_TheTaskWasFoundValid() external {
        uint256 taskId = submitted();
        judgeAs(taskId, TaskStatus.Valid);
        bytes32 terms = fixedNameOf(taskId);
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidStatus.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, taskId, TaskStatus.Valid));
        vm.prank(requester);
        demands.demand(taskId, terms, resultHash, 0);
    }

    /// @notice No pause keeps anybody from demanding, answering or closing.
    function test_PauseBlocksNoDemand() external {
        uint256 taskId = submitted();
        escrow.setPaused(true);
        demandAs(demander, taskId, 0);
        demandAs(requester, taskId, 1);
        answerAs(provider, taskId, 0);
        vm.warp(block.timestamp + ANSWER_TIME + 1);
        demands.close(taskId, 1);
        assertStatus(taskId, TaskStatus.Invalid);
    }

    /// @notice A suspended node has its result or not: what it does not show ends its task though nobody knows whose word it was.
    function test_ASuspendedNodeHasToShowItsResult() external {
        uint256 taskId = submitted();
        nodes.setSuspension(NODE, block.timestamp + 1, 0);
        demandAs(demander, taskId, 0);
        demandAs(demander, taskId, 1);
        answerAs(provider, taskId, 0);
        vm.warp(VERDICT_BY + REVOCATION_DELAY + 1);
        demands.close(taskId, 1);
        assertStatus(taskId, TaskStatus.Invalid);
    }

    /// @notice While the deadline waits for a suspension, demands can still be made, and no longer.
    function test_DemandsWaitWithTheDeadline() external {
        uint256 taskId = submitted();
        nodes.setSuspension(NODE, block.timestamp + 1, 0);
        vm.warp(VERDICT_BY + REVOCATION_DELAY);
        demandAs(demander, taskId, 0);
        vm.warp(VERDICT_BY + REVOCATION_DELAY + 1);
        bytes32 terms = fixedNameOf(taskId);
        bytes memory refusal = abi.encodeWithSelector(
            ITaskEscrow.TaskEscrowTooLate.selector,
            taskId,
            VERDICT_BY + REVOCATION_DELAY
        );
        vm.expectRevert(refusal);
        vm.prank(demander);
        demands.demand(taskId, terms, resultHash, 1);
    }

    function test_ADiscreditedNodesTaskEndsAsBefore() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 0);
        answerAs(provider, taskId, 0);
        nodes.setEndReason(NODE, EndReason.Revoked);
        expireAt(taskId, VERDICT_BY + 1);
        assertStatus(taskId, TaskStatus.Suspended);
    }

    /// @notice Whoever demands what is shown has paid the node for it, however often, and whoever shows it.
    function testFuzz_NobodyGainsByDemanding(uint256 seed) external {
        uint256 taskId = submitted();
        uint256 wealth = wealthOf(requester) + wealthOf(demander);
        uint256 nodes_ = wealthOf(provider);
        uint256 shown;
        for (uint256 i; i < 10; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            demandAs(seed % 2 == 0 ? requester : demander, taskId, i);
            if ((seed >> 8) % 3 == 0) continue;
            answerAs((seed >> 16) % 2 == 0 ? provider : demander, taskId, i);
            ++shown;
        }
        bool isSilent = openOf(taskId) != 0;
        vm.warp(block.timestamp + ANSWER_TIME + 1);
        for (uint256 i; i < 10; ++i) if (_isOpen(taskId, i)) demands.close(taskId, i);
        if (!isSilent) judgeAs(taskId, TaskStatus.Valid);
        assertStatus(taskId, isSilent ? TaskStatus.Invalid : TaskStatus.Valid);
        uint256 paid = shown * uint256(RESULT_BOND);
        uint256 refund = isSilent ? ESCROWED : 0;
        assertEq(wealthOf(requester) + wealthOf(demander), wealth + refund - paid, "demanders");
        uint256 fee = isSilent ? 0 : NODE_FEE;
        assertEq(wealthOf(provider), nodes_ + paid + fee - (isSilent ? STAKE_LOCK : 0), "node");
        assertEq(bondsOf(requester) + bondsOf(demander), 0, "bonds");
    }

    /// @notice Whoever copies an answer, the demander or a stranger, has paid for bringing it, and the node has the bond.
    function test_CopyingAnAnswerGainsNothing() external {
        uint256 taskId = submitted();
        (uint256 before, uint256 node, uint256 other) = (wealthOf(demander), wealthOf(provider), wealthOf(stranger));
        demandAs(demander, taskId, 0);
        demandAs(demander, taskId, 1);
        answerAs(demander, taskId, 0);
        answerAs(stranger, taskId, 1);
        assertEq(wealthOf(demander), before - 2 * RESULT_BOND, "demander");
        assertEq(wealthOf(provider), node + 2 * RESULT_BOND, "node");
        assertEq(wealthOf(stranger), other, "stranger");
        assertTrue(demands.getDemand(taskId, 0).shown, "shown");
        judgeAs(taskId, TaskStatus.Valid);
        assertStatus(taskId, TaskStatus.Valid);
    }

    function _isOpen(uint256 taskId, uint256 chunk) private view returns (bool) {
        return demands.getDemand(taskId, chunk).demander != address(0);
    }
}
