// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {playedResult, resultHashOf} from "./ChunkedResult.sol";
import {TaskDealFixture} from "./TaskDealFixture.sol";
import {ENCLAVE_SECRET} from "./TaskStage.sol";

/// @notice Which deadlines a task may have, and that each step counts up to its own.
/// hardhat-config: fuzz.runs = 150
contract TaskEscrowDeadlinesTest is TaskDealFixture {
    /// @notice A second before each deadline, in it, and a second after it.
    /// hardhat-config: fuzz.runs = 500
    function testFuzz_EachStepCountsUpToItsDeadline(uint256 seed) external {
        publish(seed);
        bytes32 name = play.escrow.termsHashOf(task);
        bool isInTime = _comeTo(terms.acceptBy) < terms.acceptBy;
        _expectInTime(isInTime, terms.acceptBy);
        vm.prank(provider);
        play.escrow.accept(task, name, vm.addr(ENCLAVE_SECRET));
        if (!isInTime) return;

        isInTime = _comeTo(terms.resultBy) <= terms.resultBy;
        uint256 kind = play.roll(3);
        if (kind == 2) return _expire(!isInTime, terms.resultBy);
        bytes32 resultHash = resultHashOf(playedResult(task));
        bytes32 digest = kind == 0 ? play.escrow.hashResult(task, resultHash) : play.escrow.hashAbort(task);
        bytes memory word = signature(ENCLAVE_SECRET, digest);
        _expectInTime(isInTime, terms.resultBy);
        vm.prank(provider);
        if (kind == 0) play.escrow.submit(task, resultHash, "", word);
        else play.escrow.abort(task, word);
        if (!isInTime || kind == 1) return;

        uint40 verdictBy = play.escrow.getTask(task).verdictBy;
        uint256 latest = block.timestamp + 7 days;
        assertEq(verdictBy, terms.verdictBy < latest ? terms.verdictBy : latest, "last second for a verdict");
        if (play.roll(2) == 0) {
            showResult();
            uint256 end = block.timestamp + 25 hours;
            if (end < verdictBy) end = verdictBy;
            return _expire(_comeTo(end) > end, end);
        }
        isInTime = _comeTo(verdictBy) <= verdictBy;
        ValidatorSignature[] memory signatures = joinAndSign(TaskStatus.Valid);
        _expectInTime(isInTime, verdictBy);
        play.escrow.finalize(task, TaskStatus.Valid, signatures);
    }

    /// @notice A second before any of the grants is over, as it is over, and a second later.
    function testFuzz_ANodeAcceptsWhileEveryGrantHolds(uint256 seed) external {
        publish(seed);
        uint256 count = prices.length;
        if (count == 0) return;
        uint256 index = play.roll(count);
        uint40 until = uint40(block.timestamp + 1 + play.roll(23 hours));
        grant(index, until);
        bytes32 name = play.escrow.termsHashOf(task);
        bool holds = _comeTo(until) < until;
        if (!holds) {
            vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsNotGranted.selector, index + 1, NODE));
        }
        vm.prank(provider);
        play.escrow.accept(task, name, vm.addr(ENCLAVE_SECRET));
        TaskStatus expected = holds ? TaskStatus.Accepted : TaskStatus.Published;
        assertEq(uint256(play.escrow.getTask(task).status), uint256(expected), "status");
    }

    /// @notice Just outside, at and just inside of every bound, and anywhere between.
    /// hardhat-config: fuzz.runs = 1500
    function testFuzz_PublishTakesExactlyTheDeadlinesAllowed(uint256 seed) external {
        play.luck.seed(seed);
        TaskRequest memory request = plainRequest();
        uint256 least = play.roll(3) == 0 ? play.roll(2 ** 24) : play.roll(2 days);
        uint256 time = block.timestamp;
        uint256 acceptBy = _near(time + 1, time + 30 days);
        uint256 resultBy = _near(acceptBy + least + 1 hours, acceptBy + 90 days);
        uint256 verdictBy = _near(resultBy + 1 hours, resultBy + 7 days);
        request.leastDuration = uint24(least);
        (request.acceptBy, request.resultBy, request.verdictBy) = (
            uint40(acceptBy),
            uint40(resultBy),
            uint40(verdictBy)
        );
        bytes memory refusal = _refusalOf(acceptBy, time + 1, time + 30 days);
        if (refusal.length == 0) refusal = _refusalOf(resultBy, acceptBy + least + 1 hours, acceptBy + 90 days);
        if (refusal.length == 0) refusal = _refusalOf(verdictBy, resultBy + 1 hours, resultBy + 7 days);
        if (refusal.length != 0) vm.expectRevert(refusal);
        vm.prank(requester);
        play.escrow.publish(request);
        assertEq(play.escrow.taskCount(), refusal.length == 0 ? 1 : 0, "published");
    }

    function _expire(bool isOverdue, uint256 deadline) private {
        if (!isOverdue) {
            vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNotOverdue.selector, task, deadline));
        }
        play.escrow.expire(task);
        assertTrue((play.escrow.escrowOf(task) == 0) == (isOverdue || escrowed == saved), "over");
    }

    function _expectInTime(bool isInTime, uint256 deadline) private {
        if (isInTime) return;
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, task, deadline));
    }

    function _comeTo(uint256 deadline) private returns (uint256 time) {
        time = deadline - 1 + play.roll(3);
        vm.warp(time);
    }

    function _near(uint256 earliest, uint256 latest) private returns (uint256) {
        uint256 kind = play.roll(8);
        if (kind < 3) return earliest + kind - 1;
        if (kind < 6) return latest + kind - 4;
        return latest < earliest ? play.roll(2 ** 32) : earliest + play.roll(latest - earliest + 1);
    }

    function _refusalOf(uint256 deadline, uint256 earliest, uint256 latest) private pure returns (bytes memory) {
        if (deadline >= earliest && deadline <= latest) return "";
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidDeadline.selector, deadline, earliest, latest);
    }
}
