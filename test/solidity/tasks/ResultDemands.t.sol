// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {CHUNK, chunkAt, proofOf, someBytes} from "./ChunkedResult.sol";
import {ResultFixture} from "./ResultFixture.sol";

/// @notice Demands, their answers and their refusals.
contract ResultDemandsTest is ResultFixture {
    function setUp() public {
        deployWithResults();
    }

    /// @notice Deploys in a call of its own, so that a constructor's revert can be expected.
    function deployArtifact(string calldata artifact, bytes calldata arguments) external returns (address) {
        return deploy(artifact, arguments);
    }

    function test_TellsWhatItIsMadeOf() external view {
        assertEq(address(demands.escrow()), address(escrow), "escrow");
        assertEq(address(demands.vault()), address(vault), "vault");
        assertEq(demands.bond(), RESULT_BOND, "bond");
        assertEq(demands.CHUNK_SIZE(), CHUNK, "chunk");
        assertEq(demands.MAX_OPEN(), 16, "open");
        assertEq(demands.answerTime(), ANSWER_TIME, "answer");
        assertEq(demands.verdictTime(), VERDICT_TIME, "verdict");
    }

    function test_RevertWhen_TheBondIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsInvalidBond.selector));
        this.deployArtifact("ResultDemands.sol:ResultDemands", abi.encode(vault, nodes, uint128(0)));
    }

    function test_ADemandIsKeptAndLocksTheBond() external {
        uint256 taskId = submitted();
        uint256 answerBy = block.timestamp + ANSWER_TIME;
        bytes32 terms = fixedNameOf(taskId);
        vm.expectEmit(address(demands));
        emit IResultDemands.ChunkDemanded(taskId, 3, demander, answerBy);
        vm.prank(demander);
        demands.demand(taskId, terms, resultHash, 3);
        IResultDemands.Demand memory kept = demands.getDemand(taskId, 3);
        assertEq(kept.demander, demander, "demander");
        assertEq(kept.answerBy, answerBy, "answer by");
        assertTrue(!kept.ofRequester && !kept.shown, "of another");
        assertEq(bondsOf(demander), RESULT_BOND, "bond");
        assertTrue(escrow.getTask(taskId).demanded, "demanded");
        (uint256 open, uint256 verdictsBy) = demands.standingOf(taskId);
        assertEq(open, 1, "open");
        assertEq(verdictsBy, answerBy + VERDICT_TIME, "verdicts by");
        demandAs(requester, taskId, 4);
        assertTrue(demands.getDemand(taskId, 4).ofRequester, "of the requester");
    }

    function test_AnAnswerShowsTheChunkAndPaysTheNodeWhoeverShowsIt() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 2);
        uint256 before = vault.freeStakeOf(provider);
        bytes memory data = chunkAt(result, 2);
        vm.expectEmit(address(demands));
        emit IResultDemands.ChunkShown(taskId, 2, stranger, uint64(result.length), data);
        answerAs(stranger, taskId, 2);
        assertEq(vault.freeStakeOf(provider), before + RESULT_BOND, "paid");
        assertEq(vault.freeStakeOf(stranger), 0, "stranger");
        assertEq(bondsOf(demander), 0, "bond");
        assertEq(openOf(taskId), 0, "open");
        assertTrue(demands.getDemand(taskId, 2).shown, "shown");
        judgeAs(taskId, TaskStatus.Valid);
        assertStatus(taskId, TaskStatus.Valid);
    }

    /// @notice In the very last second, too.
    function test_EveryChunkCanBeShownAlone() external {
        uint256 taskId = submitted();
        for (uint256 i; i < CHUNKS; ++i) demandAs(requester, taskId, i);
        demandAs(demander, taskId, CHUNKS + 1);
        vm.warp(block.timestamp + ANSWER_TIME);
        for (uint256 i = CHUNKS; i != 0; --i) answerAs(provider, taskId, i - 1);
        assertEq(openOf(taskId), 1, "open");
        answerAs(provider, taskId, CHUNKS + 1);
        assertEq(openOf(taskId), 0, "open");
    }

    function test_RevertWhen_TheTaskIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnknownTask.selector, 9));
        demands.demand(9, 0, resultHash, 0);
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsNone.selector, 9, 0));
        demands.close(9, 0);
    }

    function test_RevertGiven_TheTaskHasNoResultOrIsOver() external {
        for (uint256 i = 1; i <= uint256(type(TaskStatus).max); ++i) {
            if (TaskStatus(i) == TaskStatus.Submitted) continue;
            uint256 before = vm.snapshotState();
            uint256 taskId = reach(TaskStatus(i));
            bytes32 terms = fixedNameOf(taskId);
            vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidStatus.selector, taskId, i));
            vm.prank(requester);
            demands.demand(taskId, terms, RESULT_HASH, 0);
            vm.revertToState(before);
        }
    }

    function test_RevertWhen_OtherTermsAreMeant() external {
        uint256 taskId = submitted();
        bytes32 terms = fixedNameOf(taskId);
        bytes4 selector = ITaskEscrow.TaskEscrowWrongTerms.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, taskId, terms, keccak256("other")));
        vm.prank(requester);
        demands.demand(taskId, keccak256("other"), resultHash, 0);
    }

    /// @notice After a reorganisation the same enclave may have sealed the result anew.
    function test_RevertWhen_AnotherResultIsMeant() external {
        uint256 taskId = reach(TaskStatus.Accepted);
        vm.warp(START + LEAST_DURATION);
        submitResult(taskId, keccak256("sealed anew"));
        bytes32 terms = fixedNameOf(taskId);
        bytes4 selector = ITaskEscrow.TaskEscrowWrongResult.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, taskId, keccak256("sealed anew"), resultHash));
        vm.prank(requester);
        demands.demand(taskId, terms, resultHash, 0);
    }

    function test_RevertWhen_VerdictsCountNoMore() external {
        uint256 taskId = submitted();
        vm.warp(VERDICT_BY);
        demandAs(demander, taskId, 0);
        vm.warp(VERDICT_BY + 1);
        bytes32 terms = fixedNameOf(taskId);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, taskId, VERDICT_BY));
        vm.prank(demander);
        demands.demand(taskId, terms, resultHash, 1);
    }

    function test_RevertGiven_TheChunkIsDemandedOrWasShown() external {
        uint256 taskId = submitted();
        bytes32 terms = fixedNameOf(taskId);
        demandAs(demander, taskId, 1);
        uint256 answerBy = block.timestamp + ANSWER_TIME;
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsOpen.selector, taskId, 1, answerBy));
        vm.prank(requester);
        demands.demand(taskId, terms, resultHash, 1);
        answerAs(provider, taskId, 1);
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsAlreadyShown.selector, taskId, 1));
        vm.prank(requester);
        demands.demand(taskId, terms, resultHash, 1);
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsNone.selector, taskId, 1));
        demands.close(taskId, 1);
    }

    /// @notice Nobody takes the requester's places, nor does it take others'.
    function test_RevertGiven_AsManyAreOpenAsThereCanBe() external {
        uint256 taskId = submitted();
        bytes32 terms = fixedNameOf(taskId);
        bytes memory refusal = abi.encodeWithSelector(IResultDemands.ResultDemandsTooMany.selector, taskId, 16);
        address[2] memory all = [demander, requester];
        for (uint256 i; i < all.length; ++i) {
            for (uint256 j; j < 16; ++j) demandAs(all[i], taskId, 100 * i + j);
            vm.expectRevert(refusal);
            vm.prank(all[i]);
            demands.demand(taskId, terms, resultHash, 999);
        }
        vm.expectRevert(refusal);
        vm.prank(provider);
        demands.demand(taskId, terms, resultHash, 999);
        answerAs(provider, taskId, 7);
        demandAs(demander, taskId, 999);
        assertEq(openOf(taskId), 32, "open");
    }

    function test_RevertWhen_TheBondCannotBeLocked() external {
        uint256 taskId = submitted();
        bytes32 terms = fixedNameOf(taskId);
        bytes4 selector = IStakeVault.StakeVaultCapExceeded.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, stranger, address(demands), 0, 0, RESULT_BOND));
        vm.prank(stranger);
        demands.demand(taskId, terms, resultHash, 0);
        vm.prank(stranger);
        vault.allow(address(demands), RESULT_BOND);
        selector = IStakeVault.StakeVaultInsufficientFreeStake.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, stranger, 0, RESULT_BOND));
        vm.prank(stranger);
        demands.demand(taskId, terms, resultHash, 0);
        assertTrue(!escrow.getTask(taskId).demanded, "demanded");
    }

    function test_RevertWhen_NothingIsDemanded() external {
        uint256 taskId = submitted();
        bytes memory data = chunkAt(result, 0);
        bytes32[] memory proof = proofOf(result, 0);
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsNone.selector, taskId, 0));
        demands.answer(taskId, 0, uint64(result.length), data, proof);
    }

    function test_RevertWhen_TheAnswerComesTooLate() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 0);
        uint256 answerBy = block.timestamp + ANSWER_TIME;
        vm.warp(answerBy + 1);
        bytes memory data = chunkAt(result, 0);
        bytes32[] memory proof = proofOf(result, 0);
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsAnswerTooLate.selector, answerBy));
        vm.prank(provider);
        demands.answer(taskId, 0, uint64(result.length), data, proof);
    }

    function test_RevertWhen_TheTaskWasFoundInvalidMeanwhile() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 0);
        judgeAs(taskId, TaskStatus.Invalid);
        bytes memory data = chunkAt(result, 0);
        bytes32[] memory proof = proofOf(result, 0);
        bytes4 selector = IResultDemands.ResultDemandsTaskOver.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, taskId, TaskStatus.Invalid));
        vm.prank(provider);
        demands.answer(taskId, 0, uint64(result.length), data, proof);
    }

    function test_RevertWhen_SomethingElseIsShown() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 0);
        bytes memory other = someBytes(result.length, 2);
        bytes32[] memory proof = proofOf(other, 0);
        bytes memory data = chunkAt(other, 0);
        bytes4 selector = IResultDemands.ResultDemandsWrongChunk.selector;
        bytes32 otherHash = _hashOf(other);
        vm.expectRevert(abi.encodeWithSelector(selector, resultHash, otherHash));
        vm.prank(provider);
        demands.answer(taskId, 0, uint64(other.length), data, proof);
        assertEq(openOf(taskId), 1, "open");
    }

    function test_RevertWhen_ADemandIsClosedInTime() external {
        uint256 taskId = submitted();
        demandAs(demander, taskId, 0);
        uint256 answerBy = block.timestamp + ANSWER_TIME;
        vm.warp(answerBy);
        vm.expectRevert(abi.encodeWithSelector(IResultDemands.ResultDemandsOpen.selector, taskId, 0, answerBy));
        demands.close(taskId, 0);
    }

    function test_RevertWhen_SomebodyElseSpeaksForDemands() external {
        uint256 taskId = submitted();
        bytes32 terms = fixedNameOf(taskId);
        bytes memory refusal = abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnauthorized.selector, taskId, governance);
        vm.startPrank(governance);
        vm.expectRevert(refusal);
        escrow.noteDemand(taskId, terms, resultHash);
        vm.expectRevert(refusal);
        escrow.endWithheld(taskId);
        vm.stopPrank();
    }

    function _hashOf(bytes memory data) private pure returns (bytes32) {
        bytes32[] memory proof = proofOf(data, 0);
        bytes32 hash = keccak256(bytes.concat(hex"00", chunkAt(data, 0)));
        for (uint256 i; i < proof.length; ++i) hash = keccak256(bytes.concat(hex"01", hash, proof[i]));
        return keccak256(bytes.concat(hex"02", bytes8(uint64(data.length)), hash));
    }
}
