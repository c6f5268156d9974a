// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {DatasetUse, Task, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskModel} from "./TaskModel.sol";
import {TaskWorld} from "./TaskWorld.sol";

/// @notice Who plays against an escrow of tasks, the model beside it, and what was seen of it so far: measured on the contracts themselves.
/// @dev A surprise reverts: the test that plays this fails on reverts.
abstract contract TaskWatch is TaskWorld {
    /// @notice What came in and went out for one task, as measured around each call.
    struct Tally {
        uint256 escrowed;
        uint256 credited;
        uint256 locked;
        uint256 unlocked;
        uint256 slashed;
    }

    /// @dev Sums over everybody.
    struct Sums {
        uint256 ledger;
        uint256 locked;
        uint256 slashed;
    }

    /// @notice The first two own datasets and do nothing else; the next three request, and own, too; the fourth to sixth have nodes; the
    /// last five are validators. The treasury and a stranger are counted with them.
    uint256 public constant PLAYERS = 9;
    uint256 public constant PURE_OWNERS = 2;
    uint256 public constant FIRST_REQUESTER = 2;
    uint256 public constant FIRST_PROVIDER = 3;
    uint256 public constant FIRST_VALIDATOR = 4;

    TaskModel public model;

    /// @notice Tokens that came in by publishing, that were paid out, and that somebody gave away.
    uint256 public paidIn;
    uint256 public paidOut;
    uint256 public donated;
    /// @notice What an owner was paid out of the ledger, and what its accepted tasks that are over were to bring it.
    mapping(address account => uint256) public taken;
    mapping(address owner => uint256) public earned;
    /// @notice The task that the last action accepted; 0 when it accepted none.
    uint256 public lastAccepted;
    /// @notice How often an action went through, and how often one was rightly refused.
    mapping(string action => uint256) public done;
    uint256 public succeeded;
    uint256 public refused;
    /// @notice How often each error was met.
    mapping(bytes4 selector => uint256) public refusedBy;

    address[] internal players;
    uint256[] internal keys;
    mapping(uint256 taskId => Tally) private _tallies;
    mapping(uint256 taskId => TaskStatus) private _lastStatus;
    mapping(uint256 taskId => bytes32) private _terms;
    /// @notice What a task looked like when it ended; zero before.
    mapping(uint256 taskId => bytes32) public endedAs;

    error Surprise(string action, bool happened);
    error UntypedRefusal(string action, bytes reason);
    error WrongStep(uint256 taskId, TaskStatus from, TaskStatus to);
    error TermsChanged(uint256 taskId);

    /// @notice The contracts that this plays with.
    function parts() external view returns (ITaskEscrow, IStakeVault) {
        return (escrow, vault);
    }

    /// @notice The stake that every player begins with.
    function ownStake() external pure returns (uint256) {
        return FREE_STAKE;
    }

    function tallyOf(uint256 taskId) external view returns (Tally memory) {
        return _tallies[taskId];
    }

    /// @notice Everybody whose money counts.
    function accounts() public view returns (address[] memory everybody) {
        everybody = new address[](PLAYERS + 2);
        for (uint256 i; i < PLAYERS; ++i) everybody[i] = players[i];
        (everybody[PLAYERS], everybody[PLAYERS + 1]) = (treasury, stranger);
    }

    /// @notice A hash of all that is stored of a task.
    function imageOf(uint256 taskId) public view returns (bytes32) {
        return keccak256(abi.encode(escrow.getTask(taskId), escrow.datasetsOf(taskId)));
    }

    /// @dev An action went through; the model must have said so.
    function _went(string memory action, bool allowed) internal {
        if (!allowed) revert Surprise(action, true);
        ++done[action];
        ++succeeded;
    }

    /// @dev An action was refused; the model must have said so, and the contract why.
    function _was(string memory action, bool allowed, bytes memory reason) internal {
        if (allowed) revert Surprise(action, false);
        // Nothing, a panic and a message are no typed errors.
        if (reason.length < 4 || bytes4(reason) == 0x4e487b71 || bytes4(reason) == 0x08c379a0) {
            revert UntypedRefusal(action, reason);
        }
        ++refused;
        ++refusedBy[bytes4(reason)];
    }

    function _sums() internal view returns (Sums memory sums) {
        address[] memory everybody = accounts();
        for (uint256 i; i < everybody.length; ++i) {
            sums.ledger += escrow.balanceOf(everybody[i]);
            (, uint256 locked) = vault.allowanceOf(everybody[i], address(escrow));
            sums.locked += locked;
        }
        sums.slashed = vault.totalSlashed();
    }

    /// @dev Counts what a call about a task has moved since `before`.
    function _count(uint256 taskId, Sums memory before) internal {
        Sums memory current = _sums();
        Tally storage tally = _tallies[taskId];
        tally.credited += current.ledger - before.ledger;
        if (current.locked > before.locked) tally.locked += current.locked - before.locked;
        else tally.unlocked += before.locked - current.locked;
        tally.slashed += current.slashed - before.slashed;
    }

    function _published(uint256 taskId, uint256 escrowed) internal {
        paidIn += escrowed;
        _tallies[taskId].escrowed = escrowed;
        _terms[taskId] = _termsOf(taskId);
    }

    /// @dev Looks at every task that was not over: where it went since the last look, and that its terms are what they were.
    function _look() internal {
        uint256 count = escrow.taskCount();
        for (uint256 taskId = 1; taskId <= count; ++taskId) {
            if (endedAs[taskId] != 0) continue;
            (TaskStatus from, TaskStatus to) = (_lastStatus[taskId], escrow.getTask(taskId).status);
            if (_termsOf(taskId) != _terms[taskId]) revert TermsChanged(taskId);
            if (from == to) continue;
            if (!_isStep(from, to)) revert WrongStep(taskId, from, to);
            _lastStatus[taskId] = to;
            if (to >= TaskStatus.Valid) _noteEnd(taskId, to);
        }
    }

    function _noteEnd(uint256 taskId, TaskStatus status) private {
        endedAs[taskId] = imageOf(taskId);
        if (status == TaskStatus.Cancelled) return;
        DatasetUse[] memory uses = escrow.datasetsOf(taskId);
        for (uint256 i; i < uses.length; ++i) earned[grants.getDataset(uses[i].datasetId).owner] += uses[i].price;
    }

    /// @dev What never changes: all but the progress and what the uses cost.
    function _termsOf(uint256 taskId) private view returns (bytes32) {
        Task memory task = escrow.getTask(taskId);
        (task.status, task.acceptedAt, task.vouchedAttestation, task.resultHash) = (TaskStatus.None, 0, 0, 0);
        DatasetUse[] memory uses = escrow.datasetsOf(taskId);
        for (uint256 i; i < uses.length; ++i) uses[i].price = 0;
        return keccak256(abi.encode(task, uses));
    }

    function _isStep(TaskStatus from, TaskStatus to) private pure returns (bool) {
        if (from == TaskStatus.None) return to == TaskStatus.Published;
        if (from == TaskStatus.Published) return to == TaskStatus.Accepted || to == TaskStatus.Cancelled;
        if (from == TaskStatus.Accepted) {
            return to == TaskStatus.Submitted || to == TaskStatus.Late || to == TaskStatus.Aborted;
        }
        if (from != TaskStatus.Submitted) return false;
        return to == TaskStatus.Valid || to == TaskStatus.Unjudged || to == TaskStatus.Invalid;
    }
}
