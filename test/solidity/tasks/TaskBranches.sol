// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {Test} from "../utils/Test.sol";
import {TaskHandler} from "./TaskHandler.sol";
import {Play} from "./TaskPlay.sol";
import {ENCLAVE_SECRET, TaskStage} from "./TaskStage.sol";

/// @notice Plays reorganisations: what was signed about a task on one branch of the chain is carried to another branch, on which another task
/// may have its number, or none.
abstract contract TaskBranches is Test {
    /// @dev What was signed about the task that a number names: by the provider, who means the task's terms, and by the enclave.
    struct Carried {
        uint256 taskId;
        bytes32 name;
        bytes32 fixedTermsHash;
        bytes result;
        bytes aborting;
    }

    bytes32 private constant RESULT = keccak256("result");

    TaskHandler private immutable handler;
    Play private play;

    modifier acts(uint256 seed) {
        play.start(seed);
        _;
        play.finish();
    }

    constructor(TaskStage stage, TaskHandler handler_) {
        handler = handler_;
        play.begin(stage);
    }

    function reorganise(uint256 seed) external acts(seed) {
        uint256 count = play.escrow.taskCount();
        uint256 fork = vm.snapshotState();
        handler.publish(uint256(keccak256(abi.encode(seed, "one branch"))));
        if (play.escrow.taskCount() == count) return;
        Carried memory carried = _signed(count + 1);
        assertTrue(vm.revertToState(fork), "back at the fork");
        play.luck.seed(uint256(keccak256(abi.encode(seed, "the other branch"))));
        handler.publish(play.luck.roll(type(uint256).max));
        if (!_isRefused(carried) || play.escrow.taskCount() == count || !_accept(carried.taskId)) return;
        if (play.roll(2) == 0) _submit(carried);
        else _abort(carried);
        play.stage.noteDone("reorganise");
    }

    function _signed(uint256 taskId) private view returns (Carried memory carried) {
        (carried.taskId, carried.name) = (taskId, play.escrow.termsHashOf(taskId));
        carried.fixedTermsHash = play.escrow.fixedTermsHashOf(taskId);
        carried.result = signature(ENCLAVE_SECRET, play.escrow.hashResult(taskId, RESULT));
        carried.aborting = signature(ENCLAVE_SECRET, play.escrow.hashAbort(taskId));
    }

    /// @dev Neither the acceptance nor the cancellation of the one task is that of another. Returns whether it is another.
    function _isRefused(Carried memory carried) private returns (bool) {
        bool exists = carried.taskId <= play.escrow.taskCount();
        if (exists && play.escrow.termsHashOf(carried.taskId) == carried.name) return false;
        bytes4 expected =
            exists ? ITaskEscrow.TaskEscrowWrongTerms.selector : ITaskEscrow.TaskEscrowUnknownTask.selector;
        address provider = exists ? play.model.providerOf(carried.taskId) : play.players[0];
        vm.prank(provider);
        try play.escrow.accept(carried.taskId, carried.name, vm.addr(ENCLAVE_SECRET)) {
            assertTrue(false, "accepted");
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(expected), "acceptance");
        }
        vm.prank(exists ? play.escrow.getTask(carried.taskId).requester : provider);
        try play.escrow.cancel(carried.taskId, carried.name) {
            assertTrue(false, "cancelled");
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(expected), "cancellation");
        }
        return true;
    }

    function _accept(uint256 taskId) private returns (bool allowed) {
        (address provider, address key) = (play.model.providerOf(taskId), vm.addr(ENCLAVE_SECRET));
        allowed = play.model.accept(provider, taskId, key);
        TaskStage.Sums memory before = play.stage.sums();
        bytes32 name = play.escrow.termsHashOf(taskId);
        vm.prank(provider);
        try play.escrow.accept(taskId, name, key) {
            play.went("accept", allowed);
            play.stage.count(taskId, before);
            play.stage.noteAccepted(taskId);
        } catch (bytes memory reason) {
            play.was("accept", allowed, reason);
        }
    }

    function _submit(Carried memory carried) private {
        address provider = play.model.providerOf(carried.taskId);
        bool allowed = play.model.submit(provider, carried.taskId, RESULT, _isOf(carried));
        vm.prank(provider);
        try play.escrow.submit(carried.taskId, RESULT, "ipfs://result", carried.result) {
            play.went("submit", allowed);
        } catch (bytes memory reason) {
            play.was("submit", allowed, reason);
        }
    }

    function _abort(Carried memory carried) private {
        bool allowed = play.model.abort(carried.taskId, _isOf(carried));
        TaskStage.Sums memory before = play.stage.sums();
        try play.escrow.abort(carried.taskId, carried.aborting) {
            play.went("abort", allowed);
            play.stage.count(carried.taskId, before);
        } catch (bytes memory reason) {
            play.was("abort", allowed, reason);
        }
    }

    /// @dev Whether what the enclave signed is about the task that has the number now.
    function _isOf(Carried memory carried) private view returns (bool) {
        return play.escrow.fixedTermsHashOf(carried.taskId) == carried.fixedTermsHash;
    }
}
