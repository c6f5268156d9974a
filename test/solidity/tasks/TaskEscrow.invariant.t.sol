// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {Books} from "../../../contracts/mocks/tasks/MoneyModel.sol";
import {TaskImage, TaskModel} from "../../../contracts/mocks/tasks/TaskModel.sol";
import {DatasetUse, Task, TaskStatus} from "../../../contracts/types/Task.sol";
import {taskActions} from "./TaskActions.sol";
import {TaskActors} from "./TaskActors.sol";
import {TaskBranches} from "./TaskBranches.sol";
import {TaskDemanders} from "./TaskDemanders.sol";
import {TaskHandler} from "./TaskHandler.sol";
import {NODES, PURE_OWNERS} from "./TaskPlay.sol";
import {TaskStage} from "./TaskStage.sol";
import {TaskVerdicts} from "./TaskVerdicts.sol";
import {Test} from "../utils/Test.sol";

// Whom the fuzzer plays, where it finds them: in the file of the test.

contract TaskAround is TaskActors {
    constructor(TaskStage stage) TaskActors(stage) {}
}

contract TaskPlayers is TaskHandler {
    constructor(TaskStage stage) TaskHandler(stage) {}
}

contract TaskChunks is TaskDemanders {
    constructor(TaskStage stage) TaskDemanders(stage) {}
}

contract TaskValidators is TaskVerdicts {
    constructor(TaskStage stage) TaskVerdicts(stage) {}
}

contract TaskReorganisations is TaskBranches {
    constructor(TaskStage stage, TaskHandler handler) TaskBranches(stage, handler) {}
}

/// @notice What is always true of tasks, whatever requesters, owners, providers, nodes and validators do. Their calls fail where a
/// model of its own says otherwise, and no call may fail.
/// hardhat-config: invariant.runs = 8
/// hardhat-config: invariant.depth = 200
/// hardhat-config: invariant.failOnRevert = true
contract TaskEscrowInvariantTest is Test {
    TaskStage private _stage;
    TaskActors private _actors;
    TaskHandler private _handler;
    TaskVerdicts private _verdicts;
    TaskBranches private _branches;
    TaskDemanders private _demanders;
    TaskModel private _model;
    ITaskEscrow private _escrow;
    IStakeVault private _vault;
    IDataGrants private _grants;
    IERC20 private _token;

    function setUp() public {
        _stage = new TaskStage();
        _actors = new TaskAround(_stage);
        _handler = new TaskPlayers(_stage);
        _verdicts = new TaskValidators(_stage);
        _branches = new TaskReorganisations(_stage, _handler);
        _demanders = new TaskChunks(_stage);
        _model = _stage.model();
        (_escrow, _vault) = _stage.parts();
        (_grants, _token) = (_escrow.grants(), _escrow.token());
    }

    /// @notice The fuzzer plays these alone.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](5);
        (targets[0], targets[1], targets[2]) = (address(_actors), address(_handler), address(_verdicts));
        (targets[3], targets[4]) = (address(_branches), address(_demanders));
    }

    /// @notice After every campaign: a stranger ends every task once its deadlines have passed, everybody is paid out, and what was given
    /// away is all that is left. No lock stays.
    function afterInvariant() external {
        _empty();
    }

    /// @notice All actions do go through, each of them, and so are refused; and all invariants hold after each.
    /// @dev Played from the beginning several times, since nodes and grants end in time: as often as TASK_MODEL_SCENES says, from the scene
    /// TASK_MODEL_SCENE on.
    function test_HandlerActs() external {
        string[30] memory actions = taskActions();
        uint256[30] memory done;
        (uint256 succeeded, uint256 refused) = (0, 0);
        uint256 scenes = vm.envOr("TASK_MODEL_SCENES", uint256(8));
        uint256 first = vm.envOr("TASK_MODEL_SCENE", uint256(0));
        for (uint256 scene; scene < scenes; ++scene) {
            uint256 beginning = vm.snapshotState();
            this.playScene(first + scene);
            for (uint256 i; i < actions.length; ++i) done[i] += _stage.done(actions[i]);
            (succeeded, refused) = (succeeded + _stage.succeeded(), refused + _stage.refused());
            assertTrue(vm.revertToState(beginning), "from the beginning");
        }
        for (uint256 i; i < actions.length; ++i) assertGe(done[i], 1, actions[i]);
        assertGe(refused, 50, "refused");
        assertGe(2 * succeeded, refused, "a third goes through");
    }

    /// @notice Plays one scene: in a call of its own, since what a call has in memory is not given back before it ends.
    function playScene(uint256 scene) external {
        for (uint256 i; i < 600; ++i) {
            _act(uint256(keccak256(abi.encode(scene, i))));
            this.invariant_DatasetsAreUsedUnderGrantsOnly();
            if (i % 4 == 0) this.invariant_EverybodyHasWhatTheModelSays();
        }
        _checkAll();
        _empty();
    }

    /// @notice What was published is what was withdrawn and what is held; and what is held, gifts apart, is what the ledger owes and what
    /// tasks have not paid yet. To the unit.
    function invariant_TaskEscrowHoldsWhatItOwes() public view {
        uint256 held = _token.balanceOf(address(_escrow)) - _stage.donated();
        assertEq(held, _stage.paidIn() - _stage.paidOut(), "came in and went out");
        uint256 owed;
        address[] memory accounts = _stage.accounts();
        for (uint256 i; i < accounts.length; ++i) owed += _escrow.balanceOf(accounts[i]);
        for (uint256 id = 1; id <= _escrow.taskCount(); ++id) owed += _escrow.escrowOf(id);
        assertEq(held, owed, "owed");
    }

    /// @notice A task pays out exactly what was escrowed for it, and nothing is left behind.
    function invariant_ATaskPaysOutWhatWasEscrowed() public view {
        for (uint256 id = 1; id <= _escrow.taskCount(); ++id) {
            TaskStage.Tally memory tally = _stage.tallyOf(id);
            assertEq(tally.credited + _escrow.escrowOf(id), tally.escrowed, "paid and held");
            if (_escrow.getTask(id).status >= TaskStatus.Valid) assertEq(tally.credited, tally.escrowed, "paid");
        }
    }

    /// @notice A lock leaves whole: released, by the node's fault shared out to the unit, or released but for what owners get.
    function invariant_ALockLeavesWhole() public view {
        for (uint256 id = 1; id <= _escrow.taskCount(); ++id) {
            TaskStage.Tally memory tally = _stage.tallyOf(id);
            Task memory task = _escrow.getTask(id);
            bool isFault = task.status == TaskStatus.Invalid || task.status == TaskStatus.Late;
            bool isOver = task.status >= TaskStatus.Valid;
            assertEq(tally.locked, task.acceptedAt == 0 ? 0 : task.stakeLock, "locked");
            assertEq(tally.unlocked, isOver ? tally.locked : 0, "unlocked");
            uint256 taken = isFault ? tally.locked : 0;
            if (task.status == TaskStatus.Suspended) {
                DatasetUse[] memory uses = _escrow.datasetsOf(id);
                for (uint256 i; i < uses.length; ++i) taken += uses[i].price;
            }
            assertEq(tally.slashed, taken, "slashed");
        }
    }

    function invariant_LocksMatchRunningTasks() public view {
        address[] memory accounts = _stage.accounts();
        for (uint256 i; i < accounts.length; ++i) {
            uint256 locks;
            for (uint256 id = 1; id <= _escrow.taskCount(); ++id) {
                Task memory task = _escrow.getTask(id);
                bool runs = task.status == TaskStatus.Accepted || task.status == TaskStatus.Submitted;
                if (runs && _model.providerOf(id) == accounts[i]) locks += task.stakeLock;
            }
            (, uint256 locked) = _vault.allowanceOf(accounts[i], address(_escrow));
            assertEq(locked, locks, "locked");
        }
    }

    /// @notice Each open demand has its bond, each task knows how many there are, and none is open on a result that was paid for.
    function invariant_BondsMatchOpenDemands() public view {
        IResultDemands demands = _escrow.resultDemands();
        TaskStage.Wanted[] memory wanted = _stage.wanted();
        address[] memory accounts = _stage.accounts();
        for (uint256 i; i < accounts.length; ++i) {
            uint256 open;
            for (uint256 j; j < wanted.length; ++j) {
                if (demands.getDemand(wanted[j].taskId, wanted[j].chunk).demander == accounts[i]) ++open;
            }
            (, uint256 locked) = _vault.allowanceOf(accounts[i], address(demands));
            assertEq(locked, open * demands.bond(), "bonds");
        }
        for (uint256 id = 1; id <= _escrow.taskCount(); ++id) {
            (uint256 open, uint256 verdictsBy) = demands.standingOf(id);
            assertEq(open, _model.openOf(id), "open");
            Task memory task = _escrow.getTask(id);
            assertTrue(task.demanded == (verdictsBy != 0), "the task knows");
            bool isPaid = task.status == TaskStatus.Valid || task.status == TaskStatus.Unjudged;
            assertTrue(!isPaid || open == 0, "paid for");
        }
    }

    /// @notice That a status only moves forward is looked at after each action.
    function invariant_ATaskThatIsOverNeverChanges() public view {
        for (uint256 id = 1; id <= _escrow.taskCount(); ++id) {
            bytes32 ended = _stage.endedAs(id);
            bool isOver = _escrow.getTask(id).status >= TaskStatus.Valid;
            assertTrue((ended != 0) == isOver, "its end was seen");
            if (ended != 0) assertEq(_stage.imageOf(id), ended, "what it looked like");
        }
    }

    /// @notice Looks at every task right after the action that accepted it.
    function invariant_DatasetsAreUsedUnderGrantsOnly() public view {
        uint256 id = _stage.lastAccepted();
        if (id == 0) return;
        uint256 nodeId = _escrow.getTask(id).nodeId;
        DatasetUse[] memory uses = _escrow.datasetsOf(id);
        for (uint256 i; i < uses.length; ++i) {
            uint256 datasetId = uses[i].datasetId;
            bool free = _grants.getGrant(datasetId, nodeId).free;
            assertTrue(_model.holds(datasetId, nodeId) && _grants.isGranted(datasetId, nodeId), "granted");
            assertEq(uses[i].price, free ? 0 : _grants.getDataset(datasetId).price, "price");
        }
    }

    /// @notice Of owners who do nothing else, so that all they have comes of uses.
    function invariant_OwnersGetTheirPricesForEveryAcceptedTask() public view {
        address[] memory accounts = _stage.accounts();
        for (uint256 i; i < PURE_OWNERS; ++i) {
            address owner = accounts[i];
            (uint256 stake, ) = _vault.stakeOf(owner);
            uint256 fromLocks = stake - _stage.ownStake();
            assertEq(_escrow.balanceOf(owner) + _stage.taken(owner) + fromLocks, _stage.earned(owner), "earned");
        }
    }

    /// @notice Wallets, ledger, stake and locks of everybody, each task, and which node may use what, against a model that knows nothing of
    /// the contracts.
    function invariant_EverybodyHasWhatTheModelSays() public view {
        address[] memory accounts = _stage.accounts();
        Books[] memory books = _model.booksOf(accounts);
        for (uint256 i; i < accounts.length; ++i) {
            address account = accounts[i];
            (uint256 stake, uint256 locked) = _vault.stakeOf(account);
            (, uint256 taskLock) = _vault.allowanceOf(account, address(_escrow));
            assertEq(_token.balanceOf(account), books[i].wallet, "wallet");
            assertEq(_escrow.balanceOf(account), books[i].ledger, "ledger");
            assertEq(stake, books[i].stake, "stake");
            assertEq(locked, books[i].locked, "locked");
            assertEq(taskLock, books[i].taskLock, "locked for tasks");
        }
        assertEq(_escrow.taskCount(), _model.taskCount(), "tasks");
        for (uint256 id = 1; id <= _escrow.taskCount(); ++id) _checkTask(id);
        for (uint256 nodeId = 1; nodeId <= NODES; ++nodeId) {
            bool[] memory held = _model.grantsOf(nodeId);
            assertEq(_grants.datasetCount(), held.length, "datasets");
            for (uint256 i; i < held.length; ++i) assertTrue(_grants.isGranted(i + 1, nodeId) == held[i], "granted");
        }
    }

    function _checkTask(uint256 id) private view {
        Task memory task = _escrow.getTask(id);
        DatasetUse[] memory uses = _escrow.datasetsOf(id);
        TaskImage memory image = _model.imageOf(id);
        assertEq(uint256(task.status), uint256(image.status), "status");
        assertTrue(task.requester == image.requester, "requester");
        assertEq(task.acceptedAt, image.acceptedAt, "accepted at");
        assertEq(_escrow.escrowOf(id), image.escrowed, "escrow");
        assertEq(uses.length, image.prices.length, "uses");
        for (uint256 i; i < uses.length; ++i) assertEq(uses[i].price, image.prices[i], "price");
    }

    function _checkAll() private view {
        invariant_TaskEscrowHoldsWhatItOwes();
        invariant_ATaskPaysOutWhatWasEscrowed();
        invariant_ALockLeavesWhole();
        invariant_LocksMatchRunningTasks();
        invariant_BondsMatchOpenDemands();
        invariant_ATaskThatIsOverNeverChanges();
        invariant_DatasetsAreUsedUnderGrantsOnly();
        invariant_OwnersGetTheirPricesForEveryAcceptedTask();
        invariant_EverybodyHasWhatTheModelSays();
    }

    function _empty() private {
        _handler.emptyEverything();
        assertEq(_token.balanceOf(address(_escrow)), _stage.donated(), "left in the escrow");
        address[] memory accounts = _stage.accounts();
        for (uint256 i; i < accounts.length; ++i) {
            (, uint256 locked) = _vault.allowanceOf(accounts[i], address(_escrow));
            assertEq(locked, 0, "left locked");
        }
        _checkAll();
    }

    /// @dev One action; those that move tasks on come more often.
    function _act(uint256 seed) private {
        (uint256 kind, uint256 more) = (seed % 29, seed >> 8);
        if (_model.paused() && more % 5 == 0) _actors.pause(seed);
        if (kind < 2) _handler.publish(seed);
        else if (kind < 6) _handler.accept(seed);
        else if (kind < 9) _handler.submit(seed);
        else if (kind < 12) _verdicts.finalize(seed);
        else if (kind == 12) _handler.expire(seed);
        else if (kind == 13) _handler.cancel(seed);
        else if (kind == 14) _handler.meddle(seed);
        else if (kind == 15) _handler.withdraw(seed);
        else if (kind == 16) _actors.pass(seed);
        else if (kind == 17) _actRarely(more);
        else if (kind == 18) _branches.reorganise(more);
        else if (kind == 19) _demanders.demand(seed);
        else if (kind < 22) _demanders.answer(seed);
        else if (kind == 22) _demanders.close(seed);
        else _actAround(more);
    }

    function _actRarely(uint256 seed) private {
        if (seed % 4 == 0) _verdicts.reportContradiction(seed);
        else if (seed % 4 == 1) _verdicts.reportFalseVerdict(seed);
        else if (seed % 4 == 2) _handler.suspend(seed);
        else _handler.abort(seed);
    }

    function _actAround(uint256 seed) private {
        uint256 kind = seed % 10;
        if (kind == 0) _actors.register(seed);
        else if (kind == 1) _actors.setPrice(seed);
        else if (kind < 4) _actors.grant(seed);
        else if (kind == 4) _actors.revoke(seed);
        else if (kind == 5) _actors.changeNode(seed);
        else if (kind == 6) _actors.changeStake(seed);
        else if (kind == 7) _actors.changeValidator(seed);
        else if (kind == 8) _actors.pause(seed);
        else _actors.donate(seed);
    }
}
