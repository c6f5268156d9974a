// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";

/// @notice Every function in every status, by everybody, before and after every deadline: what comes of it, or the error.
contract TaskEscrowStatesTest is TaskFixture {
    enum Act {
        Publish,
        Accept,
        Submit,
        Abort,
        FinalizeValid,
        FinalizeInvalid,
        Expire,
        Cancel
    }

    /// @dev What a function does where it does anything: it leads to `next` from `from` until `until`. Until `onlyBefore`, for one caller.
    /// Who calls is looked at before the time, or after it.
    struct Rule {
        TaskStatus next;
        address only;
        uint256 onlyBefore;
        bool callerLast;
        uint256 from;
        bytes4 tooEarly;
        uint256 until;
        bytes4 tooLate;
        uint256 deadline;
    }

    error Unexpected(TaskStatus status, Act act, address caller, uint256 time, bytes answer, bytes expected);
    error UnexpectedStatus(
        TaskStatus status,
        Act act,
        address caller,
        uint256 time,
        TaskStatus actual,
        TaskStatus next
    );

    uint256 private constant ACTS = uint256(type(Act).max) + 1;
    uint256 private constant NEVER = type(uint256).max;

    /// @dev A row for each status, a letter for each function: `?` the task is unknown, `-` the status forbids it, else a rule's.
    bytes8[] private _table;
    mapping(bytes1 letter => Rule) private _rules;

    function setUp() public {
        deployTasks();
        fundRequester(provider);
        fundRequester(owner);
        fundRequester(stranger);
        fundRequester(validatorAt(0));

        _table.push("P???????"); // None
        _table.push("PA-----C"); // Published
        _table.push("P-SB--L-"); // Accepted
        _table.push("P---VIU-"); // Submitted
        _table.push("P-------"); // Valid
        _table.push("P-------"); // Unjudged
        _table.push("P-------"); // Invalid
        _table.push("P-------"); // Late
        _table.push("P-------"); // Aborted
        _table.push("P-------"); // Cancelled
        _table.push("P-------"); // Suspended

        bytes4 early = ITaskEscrow.TaskEscrowTooEarly.selector;
        bytes4 late = ITaskEscrow.TaskEscrowTooLate.selector;
        bytes4 notOverdue = ITaskEscrow.TaskEscrowNotOverdue.selector;
        uint256 earliest = START + LEAST_DURATION;
        _rules["A"] = Rule(TaskStatus.Accepted, provider, NEVER, false, 0, 0, ACCEPT_BY - 1, late, ACCEPT_BY);
        _rules["S"] = Rule(TaskStatus.Submitted, provider, NEVER, true, earliest, early, RESULT_BY, late, RESULT_BY);
        _rules["B"] = Rule(TaskStatus.Aborted, address(0), 0, false, 0, 0, RESULT_BY, late, RESULT_BY);
        _rules["V"] = Rule(TaskStatus.Valid, address(0), 0, false, 0, 0, VERDICT_BY, late, VERDICT_BY);
        _rules["I"] = Rule(TaskStatus.Invalid, address(0), 0, false, 0, 0, VERDICT_BY, late, VERDICT_BY);
        _rules["L"] = Rule(TaskStatus.Late, address(0), 0, false, RESULT_BY + 1, notOverdue, NEVER, 0, RESULT_BY);
        _rules["U"] = Rule(TaskStatus.Unjudged, address(0), 0, false, VERDICT_BY + 1, notOverdue, NEVER, 0, VERDICT_BY);
        _rules["C"] = Rule(TaskStatus.Cancelled, requester, ACCEPT_BY, false, 0, 0, NEVER, 0, 0);
    }

    function test_TableHasARowForEveryStatus() external view {
        assertEq(_table.length, uint256(type(TaskStatus).max) + 1, "rows");
    }

    function test_EveryFunctionInEveryStatus() external {
        uint256 tried;
        for (uint256 i; i < _table.length; ++i) {
            TaskStatus status = TaskStatus(i);
            uint256 before = vm.snapshotState();
            uint256 taskId = status == TaskStatus.None ? 1 : reach(status);
            if (status != TaskStatus.None) assertStatus(taskId, status);
            if (status == TaskStatus.Submitted) showResult(taskId);
            tried += _tryAll(taskId, status);
            vm.revertToState(before);
        }
        // Nine seconds for each of the 8 functions and 5 callers; of those statuses that come late, only the seconds after.
        uint256 seconds_ = 3 * 9 + 7 + 7 + 1 + 7 + 3 + 9 + 9 + 2;
        assertEq(tried, seconds_ * ACTS * 5, "tries");
    }

    function _tryAll(uint256 taskId, TaskStatus status) private returns (uint256 tried) {
        uint256[9] memory times = [
            START,
            START + LEAST_DURATION - 1,
            START + LEAST_DURATION,
            ACCEPT_BY - 1,
            ACCEPT_BY,
            RESULT_BY,
            RESULT_BY + 1,
            VERDICT_BY,
            VERDICT_BY + 1
        ];
        address[5] memory callers = [requester, provider, owner, validatorAt(0), stranger];
        uint256 reachedAt = block.timestamp;
        for (uint256 act; act < ACTS; ++act) {
            for (uint256 i; i < callers.length; ++i) {
                for (uint256 j; j < times.length; ++j) {
                    uint256 time = times[j];
                    if (time < reachedAt) continue;
                    uint256 before = vm.snapshotState();
                    vm.warp(time);
                    _try(taskId, status, Act(act), callers[i], time);
                    vm.revertToState(before);
                    ++tried;
                }
            }
        }
    }

    function _try(uint256 taskId, TaskStatus status, Act act, address caller, uint256 time) private {
        (bytes memory refusal, TaskStatus next) = _expected(taskId, status, act, caller, time);
        bytes memory call_ =
            act == Act.Publish ? abi.encodeCall(escrow.publish, (_requestAt(time))) : _encode(taskId, act);
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = address(escrow).call(call_);
        if (success != (refusal.length == 0) || (!success && keccak256(answer) != keccak256(refusal))) {
            revert Unexpected(status, act, caller, time, answer, refusal);
        }
        TaskStatus actual = taskId > escrow.taskCount() ? TaskStatus.None : escrow.getTask(taskId).status;
        if (actual != next) revert UnexpectedStatus(status, act, caller, time, actual, next);
    }

    function _expected(
        uint256 taskId,
        TaskStatus status,
        Act act,
        address caller,
        uint256 time
    ) private view returns (bytes memory refusal, TaskStatus next) {
        bytes1 letter = _table[uint256(status)][uint256(act)];
        if (letter == "?") return (abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnknownTask.selector, taskId), status);
        if (letter == "-")
            return (_refusal(ITaskEscrow.TaskEscrowInvalidStatus.selector, taskId, uint8(status)), status);
        // A new task leaves the old ones as they are.
        if (letter == "P") return ("", status == TaskStatus.None ? TaskStatus.Published : status);
        Rule memory rule = _rules[letter];
        bool isOther = caller != rule.only && time < rule.onlyBefore;
        bytes memory unauthorized = _refusal(ITaskEscrow.TaskEscrowUnauthorized.selector, taskId, uint160(caller));
        if (isOther && !rule.callerLast) return (unauthorized, status);
        if (time < rule.from) return (_refusal(rule.tooEarly, taskId, _limitOf(rule)), status);
        if (time > rule.until) return (_refusal(rule.tooLate, taskId, rule.deadline), status);
        return isOther ? (unauthorized, status) : (bytes(""), rule.next);
    }

    /// @dev Too early names the first second that is not, not overdue the last second that is in time.
    function _limitOf(Rule memory rule) private pure returns (uint256) {
        return rule.tooEarly == ITaskEscrow.TaskEscrowTooEarly.selector ? rule.from : rule.deadline;
    }

    function _refusal(bytes4 selector, uint256 taskId, uint256 value) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, taskId, value);
    }

    function _encode(uint256 taskId, Act act) private view returns (bytes memory) {
        bytes32 name = taskId == 0 || taskId > escrow.taskCount() ? bytes32(0) : escrow.termsHashOf(taskId);
        if (act == Act.Accept) return abi.encodeCall(escrow.accept, (taskId, name, enclave));
        if (act == Act.Submit) {
            return abi.encodeCall(escrow.submit, (taskId, RESULT_HASH, RESULT_URI, resultSignature(taskId)));
        }
        if (act == Act.Abort) {
            return abi.encodeCall(escrow.abort, (taskId, signature(enclaveKey, abortDigest(taskId))));
        }
        if (act == Act.Expire) return abi.encodeCall(escrow.expire, (taskId));
        if (act == Act.Cancel) return abi.encodeCall(escrow.cancel, (taskId, name));
        TaskStatus verdict = act == Act.FinalizeValid ? TaskStatus.Valid : TaskStatus.Invalid;
        return abi.encodeCall(escrow.finalize, (taskId, verdict, verdictOf(taskId, verdict)));
    }

    function _requestAt(uint256 time) private view returns (TaskRequest memory request) {
        request = aRequest();
        (request.acceptBy, request.resultBy) = (uint40(time + 1 days), uint40(time + 2 days));
        request.verdictBy = uint40(time + 3 days);
    }
}
