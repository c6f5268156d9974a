// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {TaskModel} from "../../../contracts/mocks/tasks/TaskModel.sol";
import {DatasetUse, Task, TaskStatus} from "../../../contracts/types/Task.sol";
import {Test} from "../utils/Test.sol";
import {QuotesStandIn, ModelNodesStandIn} from "./TaskModelStandIns.sol";

uint256 constant START = 2_000_000_000;
uint40 constant EXIT_DELAY = 14 days;
uint40 constant ACTIVATION_DELAY = 10 days;
uint40 constant FINALITY_PERIOD = 8 days;
uint16 constant SLASH_BPS = 3_333;
uint128 constant MINIMUM_STAKE = 1_000;
uint128 constant RESULT_BOND = 777;
/// @dev What {TaskStage-fund} gives.
uint256 constant WALLET = 1e33;
uint256 constant FREE_STAKE = 1e28;
bytes32 constant MR_ENCLAVE = keccak256("enclave");
/// @dev The key that all enclaves have.
uint256 constant ENCLAVE_SECRET = uint256(keccak256("enclave key"));
address constant TREASURY = address(0x7EA5);
address constant STRANGER = address(0x5A5A);

/// @notice An escrow of tasks over the real vault, validator set, grants and token, which this contract governs, with stand-ins for nodes
/// and quotes; who plays against it, the model beside it, and what was seen of it so far: measured on the contracts themselves. One is
/// deployed for all contracts that play on it.
/// @dev A surprise reverts: the test that plays this fails on reverts.
contract TaskStage is Test {
    /// @notice What came in and went out for one task, as measured around each call.
    struct Tally {
        uint256 escrowed;
        uint256 credited;
        uint256 locked;
        uint256 unlocked;
        uint256 slashed;
    }

    /// @notice A chunk that was demanded.
    struct Wanted {
        uint256 taskId;
        uint256 chunk;
    }

    /// @notice Sums over everybody.
    struct Sums {
        uint256 ledger;
        uint256 locked;
        uint256 slashed;
    }

    /// @notice The first two own datasets and do nothing else; the next three request, and own, too; the fourth to sixth have nodes; the
    /// last five are validators. The treasury and a stranger are counted with them.
    uint256 public constant PLAYERS = 9;

    TaskModel public immutable model;

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
    /// @notice What a task looked like when it ended; zero before.
    mapping(uint256 taskId => bytes32) public endedAs;

    IERC20 private token;
    IStakeVault private vault;
    IValidatorSet private validators;
    ModelNodesStandIn private nodes;
    QuotesStandIn private quotes;
    IDataGrants private grants;
    ITaskEscrow private escrow;

    address[] private _players;
    uint256[] private _keys;
    Wanted[] private _wanted;
    mapping(uint256 taskId => Tally) private _tallies;
    mapping(uint256 taskId => TaskStatus) private _lastStatus;
    mapping(uint256 taskId => bytes32) private _terms;

    error Surprise(string action, bool happened);
    error WrongRefusal(string action, bytes reason);
    error WrongStep(uint256 taskId, TaskStatus from, TaskStatus to);
    error TermsChanged(uint256 taskId);

    constructor() {
        _deploy();
        model = TaskModel(
            deploy(
                "TaskModel.sol:TaskModel",
                abi.encode(nodes, TREASURY, FINALITY_PERIOD, EXIT_DELAY, SLASH_BPS, MINIMUM_STAKE, RESULT_BOND)
            )
        );
        for (uint256 i; i < PLAYERS; ++i) {
            (address player, uint256 key) = makeAccount(string(abi.encodePacked("player ", bytes1(uint8(0x30 + i)))));
            (_players.push(), _keys.push()) = (player, key);
            fund(player, FREE_STAKE);
            model.fund(player, WALLET, FREE_STAKE);
        }
        fund(STRANGER, FREE_STAKE);
        model.fund(STRANGER, WALLET, FREE_STAKE);
    }

    /// @notice An action went through; the model must have said so.
    function went(string calldata action, bool allowed) external {
        if (!allowed) revert Surprise(action, true);
        ++done[action];
        ++succeeded;
    }

    /// @notice An action was refused; the model must have said so, and named the error that the contract gave.
    function was(string calldata action, bool allowed, bytes calldata reason) external {
        if (allowed) revert Surprise(action, false);
        if (!model.isReason(bytes4(reason))) revert WrongRefusal(action, reason);
        ++refused;
        ++refusedBy[bytes4(reason)];
    }

    /// @notice Something went through that the model has nothing to say about.
    function noteDone(string calldata action) external {
        ++done[action];
    }

    function noteDemand(uint256 taskId, uint256 chunk) external {
        _wanted.push(Wanted(taskId, chunk));
    }

    function noteDonation(uint256 amount) external {
        donated += amount;
    }

    /// @notice A task was accepted, or with 0 none was.
    function noteAccepted(uint256 taskId) external {
        lastAccepted = taskId;
    }

    function notePayout(address account, uint256 amount) external {
        paidOut += amount;
        taken[account] += amount;
    }

    function notePublished(uint256 taskId, uint256 escrowed) external {
        paidIn += escrowed;
        _tallies[taskId].escrowed = escrowed;
        _terms[taskId] = _termsOf(taskId);
    }

    /// @notice Counts what a call about a task has moved since `before`.
    function count(uint256 taskId, Sums calldata before) external {
        Sums memory current = sums();
        Tally storage tally = _tallies[taskId];
        tally.credited += current.ledger - before.ledger;
        if (current.locked > before.locked) tally.locked += current.locked - before.locked;
        else tally.unlocked += before.locked - current.locked;
        tally.slashed += current.slashed - before.slashed;
    }

    /// @notice Looks at every task that was not over: where it went since the last look, and that its terms are what they were.
    function look() external {
        uint256 tasks = escrow.taskCount();
        for (uint256 taskId = 1; taskId <= tasks; ++taskId) {
            if (endedAs[taskId] != 0) continue;
            (TaskStatus from, TaskStatus to) = (_lastStatus[taskId], escrow.getTask(taskId).status);
            if (_termsOf(taskId) != _terms[taskId]) revert TermsChanged(taskId);
            if (from == to) continue;
            if (!_isStep(from, to)) revert WrongStep(taskId, from, to);
            _lastStatus[taskId] = to;
            if (to >= TaskStatus.Valid) _noteEnd(taskId, to);
        }
    }

    /// @notice Pauses the escrow, which this contract governs, and the model.
    function setPaused(bool paused) external {
        model.setPaused(paused);
        escrow.setPaused(paused);
    }

    /// @notice The contracts that this plays with.
    function parts() external view returns (ITaskEscrow, IStakeVault) {
        return (escrow, vault);
    }

    /// @notice What stands in for nodes and quotes.
    function standIns() external view returns (ModelNodesStandIn, QuotesStandIn) {
        return (nodes, quotes);
    }

    /// @notice Those that play, and their keys.
    function playersAndKeys() external view returns (address[] memory, uint256[] memory) {
        return (_players, _keys);
    }

    /// @notice The stake that every player begins with.
    function ownStake() external pure returns (uint256) {
        return FREE_STAKE;
    }

    /// @notice All that was ever demanded.
    function wanted() external view returns (Wanted[] memory) {
        return _wanted;
    }

    function tallyOf(uint256 taskId) external view returns (Tally memory) {
        return _tallies[taskId];
    }

    /// @notice Gives an account tokens that escrow and vault may take, and free stake that escrow and validator set may lock.
    function fund(address account, uint256 stake) public {
        token.transfer(account, WALLET);
        token.approve(address(vault), stake);
        vault.depositFor(account, stake);
        vm.startPrank(account);
        token.approve(address(escrow), type(uint256).max);
        token.approve(address(vault), type(uint256).max);
        vault.allow(address(escrow), type(uint128).max);
        vault.allow(address(validators), type(uint128).max);
        vault.allow(address(escrow.resultDemands()), type(uint128).max);
        vm.stopPrank();
    }

    /// @notice Everybody whose money counts.
    function accounts() public view returns (address[] memory everybody) {
        everybody = new address[](PLAYERS + 2);
        for (uint256 i; i < PLAYERS; ++i) everybody[i] = _players[i];
        (everybody[PLAYERS], everybody[PLAYERS + 1]) = (TREASURY, STRANGER);
    }

    /// @notice A hash of all that is stored of a task.
    function imageOf(uint256 taskId) public view returns (bytes32) {
        return keccak256(abi.encode(escrow.getTask(taskId), escrow.datasetsOf(taskId)));
    }

    function sums() public view returns (Sums memory current) {
        address[] memory everybody = accounts();
        for (uint256 i; i < everybody.length; ++i) {
            current.ledger += escrow.balanceOf(everybody[i]);
            (, uint256 locked) = vault.allowanceOf(everybody[i], address(escrow));
            current.locked += locked;
        }
        current.slashed = vault.totalSlashed();
    }

    function _deploy() private {
        vm.warp(START);
        address governance = deploy("Governance.sol:Governance", abi.encode(address(this)));
        token = IERC20(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36)));
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        validators = IValidatorSet(
            deploy(
                "ValidatorSet.sol:ValidatorSet",
                abi.encode(vault, governance, TREASURY, EXIT_DELAY, ACTIVATION_DELAY, SLASH_BPS, MINIMUM_STAKE)
            )
        );
        nodes = new ModelNodesStandIn(vault);
        quotes = new QuotesStandIn(validators);
        grants = IDataGrants(deploy("DataGrants.sol:DataGrants", abi.encode(nodes, quotes)));
        escrow = ITaskEscrow(
            deploy(
                "TaskEscrow.sol:TaskEscrow",
                abi.encode(vault, grants, validators, quotes, governance, TREASURY, RESULT_BOND)
            )
        );
        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(escrow), address(quotes));
        validators.setSlashers(slashers, new address[](0));
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
        // It moves with the time of the result.
        (task.verdictBy, task.demanded) = (0, false);
        DatasetUse[] memory uses = escrow.datasetsOf(taskId);
        for (uint256 i; i < uses.length; ++i) uses[i].price = 0;
        return keccak256(abi.encode(task, uses));
    }

    function _isStep(TaskStatus from, TaskStatus to) private pure returns (bool) {
        if (from == TaskStatus.None) return to == TaskStatus.Published;
        if (from == TaskStatus.Published) return to == TaskStatus.Accepted || to == TaskStatus.Cancelled;
        if (from == TaskStatus.Accepted) {
            if (to == TaskStatus.Suspended) return true;
            return to == TaskStatus.Submitted || to == TaskStatus.Late || to == TaskStatus.Aborted;
        }
        if (from != TaskStatus.Submitted) return false;
        if (to == TaskStatus.Suspended) return true;
        return to == TaskStatus.Valid || to == TaskStatus.Unjudged || to == TaskStatus.Invalid;
    }
}
