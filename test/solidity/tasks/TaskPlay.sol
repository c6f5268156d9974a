// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {TaskModel} from "../../../contracts/mocks/tasks/TaskModel.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {Luck} from "./Luck.sol";
import {CHEATCODES} from "../utils/Test.sol";
import {QuotesStandIn, ModelNodesStandIn} from "./TaskModelStandIns.sol";
import {TaskStage} from "./TaskStage.sol";

/// @notice What a contract that plays on a {TaskStage} holds: the stage, its contracts and players, and luck of its own.
struct Play {
    TaskStage stage;
    TaskModel model;
    ITaskEscrow escrow;
    IStakeVault vault;
    IERC20 token;
    IValidatorSet validators;
    IDataGrants grants;
    ModelNodesStandIn nodes;
    QuotesStandIn quotes;
    address[] players;
    uint256[] keys;
    Luck luck;
}

/// @dev The players who own datasets and do nothing else come first.
uint256 constant PURE_OWNERS = 2;
/// @dev The first players who request, who have nodes, and who validate.
uint256 constant FIRST_REQUESTER = 2;
uint256 constant FIRST_PROVIDER = 3;
uint256 constant FIRST_VALIDATOR = 4;
uint256 constant VALIDATORS = 5;
/// @dev Nodes, by ids from 1 on.
uint256 constant NODES = 5;

using {begin, start, finish, went, was, roll, rarely, amount, approach, comeTo, pick} for Play global;

/// @dev Comes onto a stage.
function begin(Play storage play, TaskStage stage) {
    (play.stage, play.model) = (stage, stage.model());
    (play.escrow, play.vault) = stage.parts();
    (play.token, play.validators, play.grants) = (play.escrow.token(), play.escrow.validators(), play.escrow.grants());
    (play.nodes, play.quotes) = stage.standIns();
    (play.players, play.keys) = stage.playersAndKeys();
}

/// @dev Before every action: luck of its own, so that no two calls with one seed are alike, and a block of its own now and then.
function start(Play storage play, uint256 seed) {
    play.luck.seed(uint256(keccak256(abi.encode(seed, play.luck.state))));
    CHEATCODES.roll(block.number + play.roll(2));
    play.stage.noteAccepted(0);
}

/// @dev After every action: a look at all tasks.
function finish(Play storage play) {
    play.stage.look();
}

/// @dev An action went through; the model must have said so.
function went(Play storage play, string memory action, bool allowed) {
    play.stage.went(action, allowed);
}

/// @dev An action was refused; the model must have said so, and named the error that the contract gave.
function was(Play storage play, string memory action, bool allowed, bytes memory reason) {
    play.stage.was(action, allowed, reason);
}

/// @dev The next random number below `size`.
function roll(Play storage play, uint256 size) returns (uint256) {
    return play.luck.roll(size);
}

function rarely(Play storage play) returns (bool) {
    return play.luck.roll(32) == 0;
}

/// @dev Zero, some units, or up to a million tokens.
function amount(Play storage play) returns (uint256) {
    uint256 digits = play.luck.roll(25);
    return play.luck.roll(10 ** digits);
}

/// @dev Comes to a deadline that is near, now and then.
function approach(Play storage play, uint256 deadline) {
    if (deadline > block.timestamp && deadline < block.timestamp + 1 days && play.luck.roll(4) == 0) {
        play.comeTo(deadline);
    }
}

/// @dev Comes to the second before a deadline, to it, or to the one after it, if it has not passed.
function comeTo(Play storage play, uint256 deadline) {
    uint256 time = deadline - 1 + play.luck.roll(3);
    if (time > block.timestamp) CHEATCODES.warp(time);
}

/// @dev A task in one of the statuses from `first` to `last`; 0 when there is none.
function pick(Play storage play, TaskStatus first, TaskStatus last) returns (uint256) {
    uint256 count = play.escrow.taskCount();
    uint256 offset = play.luck.roll(count + 1);
    for (uint256 i; i < count; ++i) {
        uint256 taskId = ((offset + i) % count) + 1;
        TaskStatus status = play.escrow.getTask(taskId).status;
        if (status >= first && status <= last) return taskId;
    }
    return 0;
}
