// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {Task, TaskStatus} from "../../../contracts/types/Task.sol";
import {Test} from "../utils/Test.sol";
import {playedResult} from "./ChunkedResult.sol";
import {Play, PURE_OWNERS} from "./TaskPlay.sol";
import {TaskStage} from "./TaskStage.sol";

/// @notice Plays demands to see chunks of results, their answers and their ends, beside what {TaskHandler} plays.
abstract contract TaskDemanders is Test {
    uint256 private constant MAX_DEMANDS = 120;

    Play private play;

    modifier acts(uint256 seed) {
        play.start(seed);
        _;
        play.finish();
    }

    constructor(TaskStage stage) {
        play.begin(stage);
    }

    /// @notice Somebody demands a chunk, mostly of a result that waits for its verdict, and once in a while many at once.
    function demand(uint256 seed) external acts(seed) {
        uint256 taskId = play.rarely() ? 1 + play.roll(60) : play.pick(TaskStatus.Submitted, TaskStatus.Submitted);
        if (taskId == 0 || taskId > play.escrow.taskCount()) return;
        play.approach(play.escrow.getTask(taskId).verdictBy);
        uint256 times = play.rarely() ? 17 : 1;
        for (uint256 i; i < times && play.stage.wanted().length < MAX_DEMANDS; ++i) _demand(taskId);
    }

    /// @notice Somebody shows a chunk that is demanded, or something else.
    function answer(uint256 seed) external acts(seed) {
        (uint256 taskId, uint256 chunk) = _pick();
        if (taskId == 0) return;
        IResultDemands demands = play.escrow.resultDemands();
        play.approach(demands.getDemand(taskId, chunk).answerBy);
        address caller = _somebody();
        bool isRight = !play.rarely();
        bytes memory data = playedResult(isRight ? taskId : taskId + 1);
        bool allowed = play.model.answer(taskId, chunk, isRight);
        vm.prank(caller);
        try demands.answer(taskId, chunk, uint64(data.length), data, new bytes32[](0)) {
            play.went("answer", allowed);
        } catch (bytes memory reason) {
            play.was("answer", allowed, reason);
        }
    }

    /// @notice Somebody closes a demand, perhaps when it is too late to answer it.
    function close(uint256 seed) external acts(seed) {
        (uint256 taskId, uint256 chunk) = _pick();
        if (taskId == 0) return;
        IResultDemands demands = play.escrow.resultDemands();
        uint256 answerBy = demands.getDemand(taskId, chunk).answerBy;
        if (answerBy != 0 && play.roll(2) == 0) play.comeTo(answerBy);
        bool allowed = play.model.close(taskId, chunk);
        TaskStage.Sums memory before = play.stage.sums();
        try demands.close(taskId, chunk) {
            play.went("close", allowed);
            play.stage.count(taskId, before);
        } catch (bytes memory reason) {
            play.was("close", allowed, reason);
        }
    }

    function _demand(uint256 taskId) private {
        Task memory task = play.escrow.getTask(taskId);
        bytes32 terms = play.rarely() ? keccak256("other terms") : task.fixedTermsHash;
        bytes32 resultHash = play.rarely() ? keccak256("another result") : task.resultHash;
        uint256 chunk = play.roll(30);
        address caller = play.roll(2) == 0 ? task.requester : _somebody();
        bool allowed = play.model.demand(
            caller,
            taskId,
            chunk,
            terms == task.fixedTermsHash,
            resultHash == task.resultHash
        );
        IResultDemands demands = play.escrow.resultDemands();
        vm.prank(caller);
        try demands.demand(taskId, terms, resultHash, chunk) {
            play.went("demand", allowed);
            play.stage.noteDemand(taskId, chunk);
        } catch (bytes memory reason) {
            play.was("demand", allowed, reason);
        }
    }

    /// @dev Anybody but those who are to own datasets and do nothing else.
    function _somebody() private returns (address) {
        return play.players[PURE_OWNERS + play.roll(play.players.length - PURE_OWNERS)];
    }

    /// @dev Something that was demanded once, mostly what is demanded still; nothing before the first demand.
    function _pick() private returns (uint256 taskId, uint256 chunk) {
        TaskStage.Wanted[] memory wanted = play.stage.wanted();
        if (wanted.length == 0) return (0, 0);
        uint256 offset = play.roll(wanted.length);
        bool isAny = play.rarely();
        for (uint256 i; i < wanted.length; ++i) {
            TaskStage.Wanted memory each = wanted[(offset + i) % wanted.length];
            bool isOpen = play.escrow.resultDemands().getDemand(each.taskId, each.chunk).demander != address(0);
            if (isAny || isOpen) return (each.taskId, each.chunk);
        }
    }
}
