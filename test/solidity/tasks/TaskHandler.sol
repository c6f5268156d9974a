// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {DatasetRequest, DatasetUse, Task, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {Test} from "../utils/Test.sol";
import {playedResult, resultHashOf} from "./ChunkedResult.sol";
import {FIRST_REQUESTER, NODES, Play} from "./TaskPlay.sol";
import {ENCLAVE_SECRET, MR_ENCLAVE, STRANGER, TaskStage} from "./TaskStage.sol";

/// @notice Plays tasks from publication to their end, in any order, beside what {TaskActors} and {TaskVerdicts} play. Each action looks for
/// a task that it can be done to, comes just before, at or after a deadline now and then, and is sometimes wrong on purpose.
abstract contract TaskHandler is Test {
    uint256 private constant MAX_TASKS = 60;

    /// @dev Who alone may end everything; the fuzzer may not.
    address private immutable test = msg.sender;

    Play private play;

    modifier acts(uint256 seed) {
        play.start(seed);
        _;
        play.finish();
    }

    constructor(TaskStage stage) {
        play.begin(stage);
    }

    function publish(uint256 seed) external acts(seed) {
        if (play.escrow.taskCount() == MAX_TASKS) return;
        TaskRequest memory request = _request();
        address requester = play.players[FIRST_REQUESTER + play.roll(3)];
        bool allowed = play.model.publish(requester, request);
        uint256 before = play.token.balanceOf(address(play.escrow));
        vm.prank(requester);
        try play.escrow.publish(request) returns (uint256 taskId) {
            play.went("publish", allowed);
            play.stage.notePublished(taskId, play.token.balanceOf(address(play.escrow)) - before);
        } catch (bytes memory reason) {
            play.was("publish", allowed, reason);
        }
    }

    function accept(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Published, TaskStatus.Published);
        if (taskId == 0) return;
        play.approach(play.roll(2) == 0 ? play.escrow.getTask(taskId).acceptBy : _grantedUntil(taskId));
        address caller = play.rarely() ? play.players[play.roll(play.players.length)] : play.model.providerOf(taskId);
        address key = play.rarely() ? STRANGER : vm.addr(ENCLAVE_SECRET);
        bool allowed = play.model.accept(caller, taskId, key);
        TaskStage.Sums memory before = play.stage.sums();
        bytes32 name = play.escrow.termsHashOf(taskId);
        vm.prank(caller);
        try play.escrow.accept(taskId, name, key) {
            play.went("accept", allowed);
            play.stage.count(taskId, before);
            play.stage.noteAccepted(taskId);
        } catch (bytes memory reason) {
            play.was("accept", allowed, reason);
        }
    }

    function submit(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Accepted, TaskStatus.Accepted);
        if (taskId == 0) return;
        Task memory task = play.escrow.getTask(taskId);
        play.approach(play.roll(2) == 0 ? task.resultBy : uint256(task.acceptedAt) + task.leastDuration);
        bytes32 resultHash = play.rarely() ? bytes32(0) : resultHashOf(playedResult(taskId));
        bool isSigned = !play.rarely();
        bytes32 digest = isSigned ? play.escrow.hashResult(taskId, resultHash) : keccak256("another digest");
        bytes memory word = signature(ENCLAVE_SECRET, digest);
        address caller = play.rarely() ? STRANGER : play.model.providerOf(taskId);
        bool allowed = play.model.submit(caller, taskId, resultHash, isSigned);
        vm.prank(caller);
        try play.escrow.submit(taskId, resultHash, "ipfs://result", word) {
            play.went("submit", allowed);
        } catch (bytes memory reason) {
            play.was("submit", allowed, reason);
        }
    }

    function abort(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Accepted, TaskStatus.Accepted);
        if (taskId == 0 || play.roll(3) != 0) return;
        play.approach(play.escrow.getTask(taskId).resultBy);
        bool isSigned = !play.rarely();
        bytes memory word = signature(
            ENCLAVE_SECRET,
            isSigned ? play.escrow.hashAbort(taskId) : keccak256("another digest")
        );
        bool allowed = play.model.abort(taskId, isSigned);
        TaskStage.Sums memory before = play.stage.sums();
        vm.prank(STRANGER);
        try play.escrow.abort(taskId, word) {
            play.went("abort", allowed);
            play.stage.count(taskId, before);
        } catch (bytes memory reason) {
            play.was("abort", allowed, reason);
        }
    }

    function expire(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Accepted, TaskStatus.Submitted);
        if (taskId != 0) _expire(taskId, play.roll(3) == 0);
    }

    /// @notice The node of a running task is suspended, and now and then nothing lifts that in time.
    function suspend(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Accepted, TaskStatus.Submitted);
        if (taskId == 0) return;
        play.nodes.suspend(play.escrow.getTask(taskId).nodeId);
        play.stage.noteDone("suspend");
        if (play.roll(2) == 0) _expire(taskId, true);
    }

    function cancel(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Published, TaskStatus.Published);
        if (taskId == 0) return;
        Task memory task = play.escrow.getTask(taskId);
        if (block.timestamp < task.acceptBy && play.roll(6) != 0) return;
        play.approach(task.acceptBy);
        address caller = play.roll(2) == 0 ? task.requester : STRANGER;
        bool allowed = play.model.cancel(caller, taskId);
        TaskStage.Sums memory before = play.stage.sums();
        bytes32 name = play.escrow.termsHashOf(taskId);
        vm.prank(caller);
        try play.escrow.cancel(taskId, name) {
            play.went(caller == STRANGER ? "cancelByAnyone" : "cancelByRequester", allowed);
            play.stage.count(taskId, before);
        } catch (bytes memory reason) {
            play.was("cancel", allowed, reason);
        }
    }

    /// @notice Any call about any task at all, mostly where it has no business.
    function meddle(uint256 seed) external acts(seed) {
        uint256 taskId = play.roll(play.escrow.taskCount() + 2);
        uint256 kind = play.roll(3);
        address caller = play.players[play.roll(play.players.length)];
        bool allowed =
            kind == 0
                ? play.model.accept(caller, taskId, vm.addr(ENCLAVE_SECRET))
                : kind == 1
                    ? play.model.expire(taskId)
                    : play.model.cancel(caller, taskId);
        TaskStage.Sums memory before = play.stage.sums();
        bool exists = taskId != 0 && taskId <= play.escrow.taskCount();
        bytes32 name = exists ? play.escrow.termsHashOf(taskId) : bytes32(0);
        bytes memory call =
            kind == 0
                ? abi.encodeCall(play.escrow.accept, (taskId, name, vm.addr(ENCLAVE_SECRET)))
                : kind == 1
                    ? abi.encodeCall(play.escrow.expire, (taskId))
                    : abi.encodeCall(play.escrow.cancel, (taskId, name));
        vm.prank(caller);
        (bool success, bytes memory reason) = address(play.escrow).call(call);
        if (!success) return play.was("meddle", allowed, reason);
        play.went("meddle", allowed);
        play.stage.count(taskId, before);
        if (kind == 0) play.stage.noteAccepted(taskId);
    }

    /// @notice Somebody is paid out, or somebody to whom nothing is owed tries.
    function withdraw(uint256 seed) external acts(seed) {
        address account = play.players[play.roll(play.players.length)];
        address to = play.roll(2) == 0 ? account : play.players[play.roll(play.players.length)];
        if (play.rarely()) to = play.roll(2) == 0 ? address(0) : address(play.escrow);
        bool isReceiver = to != address(0) && to != address(play.escrow);
        (bool allowed, uint256 expected) = play.model.withdraw(account, to, isReceiver);
        vm.prank(account);
        try play.escrow.withdraw(to) returns (uint256 amount) {
            play.went("withdraw", allowed);
            _paid(account, amount, expected);
        } catch (bytes memory reason) {
            play.was("withdraw", allowed, reason);
        }
    }

    /// @notice All deadlines pass, new commitments are paused, a stranger demands results that nobody has asked for and ends every task, and everybody is paid out and takes what stake is
    /// free. What the escrow holds then belongs to nobody.
    function emptyEverything() external {
        if (msg.sender != test) return;
        play.stage.noteAccepted(0);
        play.stage.setPaused(true);
        vm.warp(block.timestamp + 200 days);
        vm.startPrank(STRANGER);
        for (uint256 taskId = 1; taskId <= play.escrow.taskCount(); ++taskId) _demandByStranger(taskId);
        vm.warp(block.timestamp + 2 days);
        for (uint256 taskId = 1; taskId <= play.escrow.taskCount(); ++taskId) _endByStranger(taskId);
        TaskStage.Wanted[] memory wanted = play.stage.wanted();
        for (uint256 i; i < wanted.length; ++i) _closeByStranger(wanted[i].taskId, wanted[i].chunk);
        vm.stopPrank();
        address[] memory everybody = play.stage.accounts();
        for (uint256 i; i < everybody.length; ++i) {
            if (play.escrow.balanceOf(everybody[i]) == 0) continue;
            (, uint256 expected) = play.model.withdraw(everybody[i], everybody[i], true);
            vm.prank(everybody[i]);
            _paid(everybody[i], play.escrow.withdraw(everybody[i]), expected);
        }
        play.stage.look();
    }

    /// @dev Tries to end a task by time, perhaps when its time is over.
    function _expire(uint256 taskId, bool comes) private {
        Task memory task = play.escrow.getTask(taskId);
        bool hasResult = task.status == TaskStatus.Submitted;
        (, uint256 verdictsBy) = play.escrow.resultDemands().standingOf(taskId);
        uint256 over = _overAt(task, hasResult ? task.verdictBy : task.resultBy);
        if (comes) play.comeTo(verdictsBy > over ? verdictsBy : over);
        bool allowed = play.model.expire(taskId);
        TaskStage.Sums memory before = play.stage.sums();
        vm.prank(STRANGER);
        try play.escrow.expire(taskId) {
            TaskStatus status = play.escrow.getTask(taskId).status;
            if (status == TaskStatus.Suspended) play.went("expireSuspended", allowed);
            else if (status == TaskStatus.Invalid) play.went("expireInvalid", allowed);
            else play.went(hasResult ? "expireUnjudged" : "expireLate", allowed);
            play.stage.count(taskId, before);
        } catch (bytes memory reason) {
            play.was("expire", allowed, reason);
        }
    }

    /// @dev When a deadline passes at the latest, even if the node's suspension is not lifted.
    function _overAt(Task memory task, uint256 deadline) private view returns (uint256) {
        (uint256 since, uint256 endableAt) = play.nodes.suspensionOf(task.nodeId);
        if (since == 0) return deadline;
        return deadline + play.nodes.suspendedSeconds(task.nodeId, task.acceptedAt) + endableAt - since;
    }

    /// @dev When the grant of a task's first dataset is over; 0 without one.
    function _grantedUntil(uint256 taskId) private view returns (uint256) {
        DatasetUse[] memory uses = play.escrow.datasetsOf(taskId);
        return uses.length == 0 ? 0 : play.grants.getGrant(uses[0].datasetId, play.escrow.getTask(taskId).nodeId).until;
    }

    function _endByStranger(uint256 taskId) private {
        TaskStage.Sums memory before = play.stage.sums();
        TaskStatus status = play.escrow.getTask(taskId).status;
        if (status >= TaskStatus.Valid) return;
        if (status == TaskStatus.Published) {
            assertTrue(play.model.cancel(STRANGER, taskId), "anyone can cancel");
            play.escrow.cancel(taskId, play.escrow.termsHashOf(taskId));
        } else {
            assertTrue(play.model.expire(taskId), "anyone can expire");
            play.escrow.expire(taskId);
        }
        play.stage.count(taskId, before);
    }

    /// @dev However late. Every other result is shown.
    function _demandByStranger(uint256 taskId) private {
        Task memory task = play.escrow.getTask(taskId);
        if (task.status != TaskStatus.Submitted || task.demanded) return;
        IResultDemands demands = play.escrow.resultDemands();
        assertTrue(play.model.demand(STRANGER, taskId, 0, true, true), "anyone can demand");
        demands.demand(taskId, task.fixedTermsHash, task.resultHash, 0);
        play.stage.noteDemand(taskId, 0);
        if (taskId % 2 == 0) return;
        bytes memory result = playedResult(taskId);
        assertTrue(play.model.answer(taskId, 0, true), "anyone can show it");
        demands.answer(taskId, 0, uint64(result.length), result, new bytes32[](0));
    }

    function _closeByStranger(uint256 taskId, uint256 chunk) private {
        if (play.escrow.resultDemands().getDemand(taskId, chunk).demander == address(0)) return;
        assertTrue(play.model.close(taskId, chunk), "anyone can close");
        play.escrow.resultDemands().close(taskId, chunk);
    }

    function _paid(address account, uint256 amount, uint256 expected) private {
        assertEq(amount, expected, "paid out");
        play.stage.notePayout(account, amount);
    }

    function _request() private returns (TaskRequest memory request) {
        request.nodeId = 1 + play.roll(NODES);
        if (!play.nodes.orderTermsOf(request.nodeId).open) request.nodeId = 1 + play.roll(NODES);
        request.enclaveKey = play.rarely() ? STRANGER : vm.addr(ENCLAVE_SECRET);
        request.mrEnclave = play.rarely() ? keccak256("another enclave") : MR_ENCLAVE;
        request.demand = play.roll(4) != 0 ? AttestationDemand.Live : AttestationDemand(play.roll(3));
        uint256 least;
        (request.datasets, least) = _someDatasets(request.nodeId);
        request.inputHash = play.rarely() ? bytes32(0) : keccak256(abi.encode("inputs", play.roll(100)));
        request.inputUri = string(new bytes(play.rarely() ? 257 : play.roll(257)));
        (request.nodeFee, request.validatorFee) = (uint96(play.amount()), uint96(play.amount()));
        least += request.validatorFee;
        request.stakeLock = uint96(
            play.rarely() && least != 0 ? least - 1 : least + (play.roll(2) == 0 ? 0 : play.amount())
        );
        // Mostly in time, and a second too early or too late now and then.
        request.leastDuration = uint24(play.roll(2) == 0 ? 0 : play.roll(6 hours));
        uint256 acceptBy =
            play.rarely() ? block.timestamp + 30 days + play.roll(2) : block.timestamp + play.roll(4 days);
        uint256 resultBy =
            acceptBy + (play.rarely() ? 90 days + play.roll(2) : request.leastDuration + 1 hours + play.roll(4 days));
        uint256 verdictBy = resultBy + (play.rarely() ? 7 days + play.roll(2) : 1 hours + play.roll(3 days));
        if (play.rarely()) resultBy = acceptBy + request.leastDuration + 1 hours - 1;
        if (play.rarely()) verdictBy = resultBy + 1 hours - 1;
        (request.acceptBy, request.resultBy, request.verdictBy) = (
            uint40(acceptBy),
            uint40(resultBy),
            uint40(verdictBy)
        );
    }

    /// @dev Datasets for a task on a node, mostly granted, in order and offered at least what they cost; and what is offered in all.
    function _someDatasets(uint256 nodeId) internal returns (DatasetRequest[] memory uses, uint256 sum) {
        uint256 count = play.grants.datasetCount();
        uint256 odds = play.roll(8);
        uint256[] memory picked = new uint256[](count + 1);
        uint256 length;
        for (uint256 id = 1; id <= count + 1; ++id) {
            if (id > count ? !play.rarely() : !play.model.holds(id, nodeId) && play.roll(16) != 0) continue;
            if (odds > 1 && (odds == 2 || play.roll(3) == 0)) picked[length++] = id;
        }
        if (length > 1 && play.rarely()) picked[1] = picked[0];
        uses = new DatasetRequest[](length);
        for (uint256 i; i < length; ++i) {
            uint256 price = play.model.priceOf(picked[i], nodeId);
            if (play.roll(4) == 0) price += play.amount();
            else if (play.rarely() && price != 0) --price;
            bytes32 contentHash = play.rarely() ? keccak256("other data") : play.model.contentOf(picked[i]);
            address owner = play.rarely() ? STRANGER : play.model.ownerOf(picked[i]);
            uses[i] = DatasetRequest(uint64(picked[i]), uint96(price), owner, contentHash);
            sum += price;
        }
    }
}
