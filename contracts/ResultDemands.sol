// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IResultDemands} from "./interfaces/IResultDemands.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ITaskEscrow} from "./interfaces/ITaskEscrow.sol";
import {ResultTree} from "./tasks/ResultTree.sol";
import {Task, TaskStatus} from "./types/Task.sol";

/// @title ResultDemands
/// @notice See {IResultDemands}.
/// @dev It calls its escrow, the registry and the vault alone, and none calls anybody that could call back.
contract ResultDemands is IResultDemands {
    /// @dev How demands bear on a task's end, in one slot.
    struct Standing {
        uint40 verdictsBy;
        uint8 ofRequester;
        uint8 ofOthers;
    }

    uint256 private constant ANSWER_TIME = 1 days;
    uint256 private constant VERDICT_TIME = 1 hours;

    /// @inheritdoc IResultDemands
    uint256 public constant CHUNK_SIZE = ResultTree.CHUNK_SIZE;
    /// @inheritdoc IResultDemands
    uint256 public constant MAX_OPEN = 16;

    /// @inheritdoc IResultDemands
    ITaskEscrow public immutable escrow;
    /// @inheritdoc IResultDemands
    IStakeVault public immutable vault;
    /// @inheritdoc IResultDemands
    uint256 public immutable bond;

    /// @dev The escrow's, which cannot be asked before it is there.
    INodeRegistry private immutable _registry;

    mapping(uint256 taskId => Standing) private _standings;
    mapping(uint256 taskId => mapping(uint256 chunk => Demand)) private _demands;

    /// @notice Binds demands to the escrow that deploys this contract, and to its vault, for good.
    /// @dev Errors: {ResultDemandsInvalidBond}.
    /// @param vault_ The vault that holds the bonds.
    /// @param registry The nodes whose providers are paid for what is shown.
    /// @param bond_ Token base units that a demand locks, 1 to 2^128-1.
    constructor(IStakeVault vault_, INodeRegistry registry, uint128 bond_) {
        if (bond_ == 0) revert ResultDemandsInvalidBond();
        escrow = ITaskEscrow(msg.sender);
        vault = vault_;
        _registry = registry;
        bond = bond_;
    }

    /// @inheritdoc IResultDemands
    function answerTime() external pure returns (uint256) {
        return ANSWER_TIME;
    }

    /// @inheritdoc IResultDemands
    function verdictTime() external pure returns (uint256) {
        return VERDICT_TIME;
    }

    /// @inheritdoc IResultDemands
    function getDemand(uint256 taskId, uint256 chunk) external view returns (Demand memory) {
        return _demands[taskId][chunk];
    }

    /// @inheritdoc IResultDemands
    function standingOf(uint256 taskId) external view returns (uint256 open, uint256 verdictsBy) {
        Standing memory standing = _standings[taskId];
        return (uint256(standing.ofRequester) + standing.ofOthers, standing.verdictsBy);
    }

    /// @inheritdoc IResultDemands
    function demand(uint256 taskId, bytes32 termsHash, bytes32 resultHash, uint256 chunk) external {
        Demand storage wanted = _demands[taskId][chunk];
        bool ofRequester = msg.sender == escrow.noteDemand(taskId, termsHash, resultHash);
        if (wanted.shown) revert ResultDemandsAlreadyShown(taskId, chunk);
        if (wanted.demander != address(0)) revert ResultDemandsOpen(taskId, chunk, wanted.answerBy);
        Standing memory standing = _standings[taskId];
        uint256 open = ofRequester ? standing.ofRequester : standing.ofOthers;
        if (open == MAX_OPEN) revert ResultDemandsTooMany(taskId, MAX_OPEN);

        uint256 answerBy = block.timestamp + ANSWER_TIME;
        standing.verdictsBy = uint40(answerBy + VERDICT_TIME);
        if (ofRequester) ++standing.ofRequester;
        else ++standing.ofOthers;
        _standings[taskId] = standing;
        (wanted.demander, wanted.answerBy, wanted.ofRequester) = (msg.sender, uint40(answerBy), ofRequester);
        emit ChunkDemanded(taskId, chunk, msg.sender, answerBy);
        vault.lock(msg.sender, bond);
    }

    /// @inheritdoc IResultDemands
    function answer(
        uint256 taskId,
        uint256 chunk,
        uint64 length,
        bytes calldata data,
        bytes32[] calldata proof
    ) external {
        Demand memory wanted = _openDemand(taskId, chunk);
        if (block.timestamp > wanted.answerBy) revert ResultDemandsAnswerTooLate(wanted.answerBy);
        Task memory task = escrow.getTask(taskId);
        if (task.status != TaskStatus.Submitted) revert ResultDemandsTaskOver(taskId, task.status);
        bytes32 resultHash = ResultTree.hashOf(length, chunk, data, proof);
        if (resultHash != task.resultHash) revert ResultDemandsWrongChunk(task.resultHash, resultHash);

        _end(taskId, chunk, wanted.ofRequester);
        _demands[taskId][chunk].shown = true;
        emit ChunkShown(taskId, chunk, msg.sender, length, data);
        vault.slash(wanted.demander, bond, _registry.providerOf(task.nodeId));
    }

    /// @inheritdoc IResultDemands
    function close(uint256 taskId, uint256 chunk) external {
        Demand memory wanted = _openDemand(taskId, chunk);
        bool goesOn = escrow.getTask(taskId).status == TaskStatus.Submitted;
        if (goesOn && block.timestamp <= wanted.answerBy) revert ResultDemandsOpen(taskId, chunk, wanted.answerBy);

        _end(taskId, chunk, wanted.ofRequester);
        emit DemandClosed(taskId, chunk, wanted.demander, goesOn);
        if (goesOn) escrow.endWithheld(taskId);
        vault.unlock(wanted.demander, bond);
    }

    /// @dev Takes an open demand away.
    function _end(uint256 taskId, uint256 chunk, bool ofRequester) private {
        delete _demands[taskId][chunk];
        if (ofRequester) --_standings[taskId].ofRequester;
        else --_standings[taskId].ofOthers;
    }

    function _openDemand(uint256 taskId, uint256 chunk) private view returns (Demand memory wanted) {
        wanted = _demands[taskId][chunk];
        if (wanted.demander == address(0)) revert ResultDemandsNone(taskId, chunk);
    }
}
