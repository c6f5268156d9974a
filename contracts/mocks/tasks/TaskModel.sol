// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IDataGrants} from "../../interfaces/IDataGrants.sol";
import {IResultDemands} from "../../interfaces/IResultDemands.sol";
import {ITaskEscrow} from "../../interfaces/ITaskEscrow.sol";
import {AttestationDemand} from "../../types/Dataset.sol";
import {VerifierKind} from "../../types/Node.sol";
import {DatasetRequest, TaskRequest, TaskStatus} from "../../types/Task.sol";
import {DemandModel} from "./DemandModel.sol";
import {GrantModel} from "./GrantModel.sol";
import {MoneyModel} from "./MoneyModel.sol";
import {NodeFacts, NodeBook, Standing} from "./NodeBook.sol";

/// @notice What anybody can see of a task of {TaskModel}.
/// @param status Where it is in its life.
/// @param requester The account that pays and gets refunds.
/// @param acceptedAt Unix seconds of the acceptance, or of the result once there is one; 0 before.
/// @param escrowed Token base units that it holds in escrow.
/// @param prices What each of its uses costs: before the acceptance what is offered for it.
struct TaskImage {
    TaskStatus status;
    address requester;
    uint256 acceptedAt;
    uint256 escrowed;
    uint256[] prices;
}

/// @title TaskModel
/// @notice An independent model of grants, tasks and all money that they move, for tests. Slow and plain on purpose.
/// Each call says whether it is allowed, and does it in the books if so; {reasons} has every reason against it. The
/// model knows the nodes and the time, and nothing of the contracts.
contract TaskModel is GrantModel, DemandModel {
    /// @dev A task, without its uses.
    struct ModelTask {
        TaskStatus status;
        address requester;
        uint256 nodeId;
        AttestationDemand demand;
        uint256 nodeFee;
        uint256 validatorFee;
        uint256 stakeLock;
        uint256 acceptBy;
        uint256 resultBy;
        uint256 verdictBy;
        uint256 leastDuration;
        uint256 acceptedAt;
        uint256 publishedIn;
        uint256 vouchedAttestation;
        bool hasResult;
    }

    /// @dev A dataset that a task uses, and what that costs.
    struct ModelUse {
        uint256 datasetId;
        uint256 price;
    }

    /// @notice Whether new commitments are paused.
    bool public paused;
    /// @notice How many tasks there are.
    uint256 public taskCount;

    mapping(uint256 taskId => ModelTask) private _tasks;
    mapping(uint256 taskId => ModelUse[]) private _uses;
    mapping(uint256 taskId => mapping(address validator => bool)) private _isSlashed;

    /// @notice Fixes what the contracts fix at deployment.
    /// @param nodes_ What is true of nodes.
    /// @param treasury_ The account that gets what a fault costs and nobody else gets.
    /// @param finalityPeriod_ Seconds after which a node that a quorum vouched for is final.
    /// @param exitDelay_ Seconds between a validator's exit and its release.
    /// @param slashBps_ The share of its stake that a validator loses at a time, in basis points.
    /// @param minimumStake_ The least stake to join with.
    /// @param bond_ What a demand to see a chunk of a result locks.
    constructor(
        NodeBook nodes_,
        address treasury_,
        uint256 finalityPeriod_,
        uint256 exitDelay_,
        uint256 slashBps_,
        uint256 minimumStake_,
        uint256 bond_
    )
        GrantModel(nodes_, finalityPeriod_)
        MoneyModel(treasury_, exitDelay_, slashBps_, minimumStake_)
        DemandModel(bond_)
    {}

    /* TASKS */

    /// @notice Pauses new commitments, or resumes them.
    /// @param paused_ Whether they are paused now.
    function setPaused(bool paused_) external judged {
        paused = paused_;
    }

    /// @notice Publishes a task.
    /// @param requester Who tries.
    /// @param request What it asks for.
    /// @return Whether it is allowed, and was done.
    function publish(address requester, TaskRequest calldata request) external judged returns (bool) {
        NodeFacts memory node = _node(request.nodeId);
        bool runsIt = node.attestations != 0 && node.mrEnclave == request.mrEnclave;
        _refuseIf(paused, ITaskEscrow.TaskEscrowPaused.selector);
        _refuseIf(!runsIt, ITaskEscrow.TaskEscrowWrongMeasurement.selector);
        _refuseIf(node.enclaveKey != request.enclaveKey, ITaskEscrow.TaskEscrowWrongEnclaveKey.selector);
        _refuseIf(request.inputHash == 0, ITaskEscrow.TaskEscrowInvalidCommitment.selector);
        _refuseIf(bytes(request.inputUri).length > 256, ITaskEscrow.TaskEscrowInvalidUri.selector);
        _refuseIf(!_isTimely(request), ITaskEscrow.TaskEscrowInvalidDeadline.selector);
        _checkUses(request.datasets);
        uint256 ownersFee;
        for (uint256 i; i < request.datasets.length; ++i) ownersFee += request.datasets[i].price;
        uint256 escrowed = ownersFee + request.nodeFee + request.validatorFee;
        bool isTooSmall = request.stakeLock < ownersFee + request.validatorFee;
        _refuseIf(isTooSmall, ITaskEscrow.TaskEscrowLockTooSmall.selector);
        _refuseIf(books[requester].wallet < escrowed, IERC20Errors.ERC20InsufficientBalance.selector);
        if (!_isAllowed()) return false;

        books[requester].wallet -= escrowed;
        ModelTask storage task = _tasks[++taskCount];
        (task.status, task.requester, task.nodeId) = (TaskStatus.Published, requester, request.nodeId);
        (task.nodeFee, task.validatorFee) = (request.nodeFee, request.validatorFee);
        (task.stakeLock, task.demand) = (request.stakeLock, request.demand);
        (task.acceptBy, task.resultBy, task.verdictBy) = (request.acceptBy, request.resultBy, request.verdictBy);
        (task.leastDuration, task.publishedIn) = (request.leastDuration, block.number);
        for (uint256 i; i < request.datasets.length; ++i) {
            _uses[taskCount].push(ModelUse(request.datasets[i].datasetId, request.datasets[i].price));
        }
        return true;
    }

    /// @notice Accepts a task.
    /// @param caller Who tries.
    /// @param taskId The task.
    /// @param enclaveKey The node that the caller means.
    /// @return Whether it is allowed, and was done.
    function accept(address caller, uint256 taskId, address enclaveKey) external judged returns (bool) {
        if (!_isIn(taskId, TaskStatus.Published)) return false;
        ModelTask storage task = _tasks[taskId];
        NodeFacts memory node = _node(task.nodeId);
        bool isOpen = node.open && _isLive(node) && node.end == type(uint256).max;
        bool isAsDemanded = _isLive(node) && _meets(node, task.demand);
        _refuseIf(paused, ITaskEscrow.TaskEscrowPaused.selector);
        _refuseIf(caller != node.provider, ITaskEscrow.TaskEscrowUnauthorized.selector);
        _refuseIf(node.enclaveKey != enclaveKey, ITaskEscrow.TaskEscrowWrongEnclaveKey.selector);
        _refuseIf(block.timestamp >= task.acceptBy, ITaskEscrow.TaskEscrowTooLate.selector);
        _refuseIf(!isOpen, ITaskEscrow.TaskEscrowNodeNotOpen.selector);
        _refuseIf(!isAsDemanded, IDataGrants.DataGrantsUnmetDemand.selector);
        _checkPrices(taskId, task.nodeId);
        _checkLock(caller, task.stakeLock);
        if (!_isAllowed()) return false;

        _lockForTask(caller, task.stakeLock);
        (task.status, task.acceptedAt) = (TaskStatus.Accepted, block.timestamp);
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) {
            uint256 price = priceOf(uses[i].datasetId, task.nodeId);
            books[task.requester].ledger += uses[i].price - price;
            uses[i].price = price;
        }
        return true;
    }

    /// @notice Submits a result.
    /// @param caller Who tries.
    /// @param taskId The task.
    /// @param resultHash The result's hash.
    /// @param isSigned Whether the node's enclave signed it.
    /// @return Whether it is allowed, and was done.
    function submit(address caller, uint256 taskId, bytes32 resultHash, bool isSigned) external judged returns (bool) {
        if (!_isIn(taskId, TaskStatus.Accepted)) return false;
        ModelTask storage task = _tasks[taskId];
        NodeFacts memory node = _node(task.nodeId);
        bool isTooEarly = block.timestamp < task.acceptedAt + task.leastDuration;
        _refuseIf(isTooEarly, ITaskEscrow.TaskEscrowTooEarly.selector);
        _refuseIf(_standing(task).isPast, ITaskEscrow.TaskEscrowTooLate.selector);
        _refuseIf(resultHash == 0, ITaskEscrow.TaskEscrowInvalidCommitment.selector);
        _refuseIf(caller != node.provider, ITaskEscrow.TaskEscrowUnauthorized.selector);
        _refuseIf(!_isLive(node), ITaskEscrow.TaskEscrowNodeNotLive.selector);
        _refuseIf(!isSigned, ITaskEscrow.TaskEscrowInvalidEnclaveSignature.selector);
        if (!_isAllowed()) return false;
        (task.status, task.hasResult) = (TaskStatus.Submitted, true);
        if (block.timestamp > task.resultBy) task.verdictBy += nodes.suspendedSeconds(task.nodeId, task.acceptedAt);
        uint256 latest = block.timestamp + 7 days;
        if (task.verdictBy > latest) task.verdictBy = latest;
        task.acceptedAt = block.timestamp;
        if (node.kind != VerifierKind.OnChain) task.vouchedAttestation = node.attestations;
        return true;
    }

    /// @notice Ends a task that the enclave gives up.
    /// @param taskId The task.
    /// @param isSigned Whether the node's enclave signed that it gives up.
    /// @return Whether it is allowed, and was done.
    function abort(uint256 taskId, bool isSigned) external judged returns (bool) {
        if (!_isIn(taskId, TaskStatus.Accepted)) return false;
        ModelTask storage task = _tasks[taskId];
        Standing memory standing = _standing(task);
        _refuseIf(standing.isPast, ITaskEscrow.TaskEscrowTooLate.selector);
        _refuseIf(standing.isSuspended, ITaskEscrow.TaskEscrowNodeSuspended.selector);
        _refuseIf(standing.isDiscredited, ITaskEscrow.TaskEscrowNodeDiscredited.selector);
        _refuseIf(!isSigned, ITaskEscrow.TaskEscrowInvalidEnclaveSignature.selector);
        if (!_isAllowed()) return false;
        task.status = TaskStatus.Aborted;
        books[task.requester].ledger += task.nodeFee + task.validatorFee;
        _payOwners(taskId);
        _release(taskId);
        return true;
    }

    /// @notice Ends a task by a verdict.
    /// @param taskId The task.
    /// @param verdict The verdict.
    /// @param signers Who signed it, in the order given.
    /// @param areSigned Whether all these signatures are right.
    /// @return Whether it is allowed, and was done.
    function finalize(
        uint256 taskId,
        TaskStatus verdict,
        address[] calldata signers,
        bool areSigned
    ) external judged returns (bool) {
        if (!_isIn(taskId, TaskStatus.Submitted)) return false;
        ModelTask storage task = _tasks[taskId];
        bool isGood = verdict == TaskStatus.Valid;
        Standing memory standing = _standing(task);
        _refuseIf(!isGood && verdict != TaskStatus.Invalid, ITaskEscrow.TaskEscrowInvalidVerdict.selector);
        _refuseIf(standing.isPast && !_isPutOff(taskId), ITaskEscrow.TaskEscrowTooLate.selector);
        _refuseIf(isGood && openOf(taskId) != 0, ITaskEscrow.TaskEscrowResultDemanded.selector);
        _refuseIf(isGood && standing.isSuspended, ITaskEscrow.TaskEscrowNodeSuspended.selector);
        bool isFalse = standing.isDiscredited && task.vouchedAttestation != 0;
        _refuseIf(isGood && isFalse, ITaskEscrow.TaskEscrowNodeDiscredited.selector);
        _checkQuorum(signers, areSigned, task.publishedIn);
        if (!_isAllowed()) return false;
        task.status = verdict;
        uint256[] memory shares = _sharesOf(task.validatorFee, signers, task.publishedIn);
        if (isGood) {
            for (uint256 i; i < signers.length; ++i) books[signers[i]].ledger += shares[i];
            _payOwnersAndNode(taskId);
        } else {
            uint256 rest = _giveBackAndCompensate(taskId);
            for (uint256 i; i < signers.length; ++i) _moveLock(providerOf(taskId), signers[i], shares[i]);
            _moveLock(providerOf(taskId), treasury, rest - task.validatorFee);
        }
        return true;
    }

    /// @notice Ends a task whose result or verdict did not come in time.
    /// @param taskId The task.
    /// @return Whether it is allowed, and was done.
    function expire(uint256 taskId) external judged returns (bool) {
        ModelTask storage task = _tasks[taskId];
        bool hasResult = task.status == TaskStatus.Submitted;
        if (!hasResult && !_isIn(taskId, TaskStatus.Accepted)) return false;
        Standing memory standing = _standing(task);
        bool isOver = standing.isOver && block.timestamp > verdictsBy[taskId];
        _refuseIf(!isOver, ITaskEscrow.TaskEscrowNotOverdue.selector);
        bool isFalse = standing.isDiscredited && task.vouchedAttestation != 0;
        bool isUnjudged = hasResult && !isFalse && !standing.isInDoubt;
        _refuseIf(isUnjudged && verdictsBy[taskId] == 0, ITaskEscrow.TaskEscrowResultNotShown.selector);
        if (!_isAllowed()) return false;
        if (openOf(taskId) != 0) {
            _endWithheld(taskId);
        } else if (standing.isInDoubt) {
            task.status = TaskStatus.Suspended;
            uint256 rest = _giveBackAndCompensate(taskId);
            _unlockFromTask(providerOf(taskId), rest);
        } else if (isUnjudged) {
            task.status = TaskStatus.Unjudged;
            books[task.requester].ledger += task.validatorFee;
            _payOwnersAndNode(taskId);
        } else {
            task.status = hasResult ? TaskStatus.Invalid : TaskStatus.Late;
            uint256 rest = _giveBackAndCompensate(taskId);
            _moveLock(providerOf(taskId), treasury, rest);
        }
        return true;
    }

    /// @notice Demands to see a chunk of a result.
    /// @param caller Who tries.
    /// @param taskId The task.
    /// @param chunk The chunk.
    /// @param termsAreMeant Whether the caller names the task's terms.
    /// @param resultIsMeant Whether the caller names the task's result.
    /// @return Whether it is allowed, and was done.
    function demand(
        address caller,
        uint256 taskId,
        uint256 chunk,
        bool termsAreMeant,
        bool resultIsMeant
    ) external judged returns (bool) {
        if (!_isIn(taskId, TaskStatus.Submitted)) return false;
        ModelTask storage task = _tasks[taskId];
        _refuseIf(!termsAreMeant, ITaskEscrow.TaskEscrowWrongTerms.selector);
        _refuseIf(!resultIsMeant, ITaskEscrow.TaskEscrowWrongResult.selector);
        bool isFirst = verdictsBy[taskId] == 0;
        _refuseIf(!isFirst && _standing(task).isPast, ITaskEscrow.TaskEscrowTooLate.selector);
        _checkDemand(caller, taskId, chunk, caller == task.requester);
        if (!_isAllowed()) return false;
        _demand(caller, taskId, chunk, caller == task.requester);
        return true;
    }

    /// @notice Shows a chunk that is demanded. Who does makes no difference.
    /// @param taskId The task.
    /// @param chunk The chunk.
    /// @param isRight Whether what is shown is the chunk.
    /// @return Whether it is allowed, and was done.
    function answer(uint256 taskId, uint256 chunk, bool isRight) external judged returns (bool) {
        (bool isOpen, uint256 answerBy) = _isOpen(taskId, chunk);
        if (!isOpen) return false;
        bool goesOn = _tasks[taskId].status == TaskStatus.Submitted;
        _refuseIf(block.timestamp > answerBy, IResultDemands.ResultDemandsAnswerTooLate.selector);
        _refuseIf(!goesOn, IResultDemands.ResultDemandsTaskOver.selector);
        _refuseIf(!isRight, IResultDemands.ResultDemandsWrongChunk.selector);
        if (!_isAllowed()) return false;
        _endDemand(taskId, chunk, providerOf(taskId));
        return true;
    }

    /// @notice Closes a demand that nobody answered in time, or whose task is over.
    /// @param taskId The task.
    /// @param chunk The chunk.
    /// @return Whether it is allowed, and was done.
    function close(uint256 taskId, uint256 chunk) external judged returns (bool) {
        (bool isOpen, uint256 answerBy) = _isOpen(taskId, chunk);
        if (!isOpen) return false;
        bool goesOn = _tasks[taskId].status == TaskStatus.Submitted;
        _refuseIf(goesOn && block.timestamp <= answerBy, IResultDemands.ResultDemandsOpen.selector);
        if (!_isAllowed()) return false;
        _endDemand(taskId, chunk, address(0));
        if (goesOn) _endWithheld(taskId);
        return true;
    }

    /// @notice Cancels a task that was not accepted.
    /// @param caller Who tries.
    /// @param taskId The task.
    /// @return Whether it is allowed, and was done.
    function cancel(address caller, uint256 taskId) external judged returns (bool) {
        if (!_isIn(taskId, TaskStatus.Published)) return false;
        ModelTask storage task = _tasks[taskId];
        bool isTooEarly = caller != task.requester && block.timestamp < task.acceptBy;
        _refuseIf(isTooEarly, ITaskEscrow.TaskEscrowUnauthorized.selector);
        if (!_isAllowed()) return false;
        task.status = TaskStatus.Cancelled;
        _giveBack(taskId);
        return true;
    }

    /* VALIDATORS' FAULTS */

    /// @notice Who signed both verdicts pays, once a task.
    /// @param taskId The task.
    /// @param validator The validator.
    /// @param isSigned Whether it signed both.
    /// @return allowed Whether the report is allowed, and was acted on.
    /// @return amount What the validator loses.
    function contradict(
        uint256 taskId,
        address validator,
        bool isSigned
    ) external judged returns (bool allowed, uint256 amount) {
        _refuseIf(!_tasks[taskId].hasResult, ITaskEscrow.TaskEscrowInvalidStatus.selector);
        _refuseIf(!isSigned, ITaskEscrow.TaskEscrowInvalidVerdictSignature.selector);
        _refuseIf(_isSlashed[taskId][validator], ITaskEscrow.TaskEscrowAlreadySlashed.selector);
        if (!_isAllowed()) return (false, 0);
        return (true, _slashOnce(taskId, validator));
    }

    /// @notice Who signed `Valid` on a quote that was disproven pays, once a task.
    /// @param taskId The task.
    /// @param attestation Which of the node's attestations is reported, counted from 0.
    /// @param isDisproven Whether its quote was disproven.
    /// @param signers Who is reported.
    /// @param areSigned Whether all of them signed `Valid`.
    /// @return allowed Whether the report is allowed, and was acted on.
    /// @return amount What the validators lose together.
    function falsify(
        uint256 taskId,
        uint256 attestation,
        bool isDisproven,
        address[] calldata signers,
        bool areSigned
    ) external judged returns (bool allowed, uint256 amount) {
        bool isThat = isDisproven && _tasks[taskId].vouchedAttestation == attestation + 1;
        _refuseIf(!_tasks[taskId].hasResult, ITaskEscrow.TaskEscrowInvalidStatus.selector);
        _refuseIf(!isThat, ITaskEscrow.TaskEscrowNotDisproven.selector);
        _refuseIf(!areSigned, ITaskEscrow.TaskEscrowInvalidVerdictSignature.selector);
        if (!_isAllowed()) return (false, 0);
        for (uint256 i; i < signers.length; ++i) {
            if (!_isSlashed[taskId][signers[i]]) amount += _slashOnce(taskId, signers[i]);
        }
        return (true, amount);
    }

    /* VIEWS */

    /// @notice Returns what anybody can see of a task.
    /// @param taskId The task.
    /// @return image What is to be seen.
    function imageOf(uint256 taskId) external view returns (TaskImage memory image) {
        ModelTask storage task = _tasks[taskId];
        ModelUse[] storage uses = _uses[taskId];
        (image.status, image.requester, image.acceptedAt) = (task.status, task.requester, task.acceptedAt);
        image.escrowed = task.status >= TaskStatus.Valid ? 0 : _escrowed(taskId);
        image.prices = new uint256[](uses.length);
        for (uint256 i; i < uses.length; ++i) image.prices[i] = uses[i].price;
    }

    /// @notice Returns what all tasks hold in escrow.
    /// @return held The sum.
    function totalEscrowed() external view returns (uint256 held) {
        for (uint256 id = 1; id <= taskCount; ++id) {
            if (_tasks[id].status < TaskStatus.Valid) held += _escrowed(id);
        }
    }

    /// @notice Returns who has the node of a task.
    /// @param taskId The task.
    /// @return The node's provider.
    function providerOf(uint256 taskId) public view returns (address) {
        return _node(_tasks[taskId].nodeId).provider;
    }

    /* PARTS */

    function _endWithheld(uint256 taskId) private {
        _tasks[taskId].status = TaskStatus.Invalid;
        uint256 rest = _giveBackAndCompensate(taskId);
        _moveLock(providerOf(taskId), treasury, rest);
    }

    function _payOwners(uint256 taskId) private {
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) books[ownerOf(uses[i].datasetId)].ledger += uses[i].price;
    }

    function _payOwnersAndNode(uint256 taskId) private {
        _payOwners(taskId);
        books[providerOf(taskId)].ledger += _tasks[taskId].nodeFee;
        _release(taskId);
    }

    /// @dev Gives back the escrow, pays the owners out of the lock, and returns what is left of it.
    function _giveBackAndCompensate(uint256 taskId) private returns (uint256 rest) {
        _giveBack(taskId);
        rest = _tasks[taskId].stakeLock;
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) {
            _moveLock(providerOf(taskId), ownerOf(uses[i].datasetId), uses[i].price);
            rest -= uses[i].price;
        }
    }

    function _release(uint256 taskId) private {
        _unlockFromTask(providerOf(taskId), _tasks[taskId].stakeLock);
    }

    function _giveBack(uint256 taskId) private {
        books[_tasks[taskId].requester].ledger += _escrowed(taskId);
    }

    function _slashOnce(uint256 taskId, address validator) private returns (uint256) {
        uint256 amount = slashSeat(validator);
        if (amount != 0) _isSlashed[taskId][validator] = true;
        return amount;
    }

    /// @dev Returns whether a task is in a status, and refuses if it is not.
    function _isIn(uint256 taskId, TaskStatus needed) private returns (bool) {
        TaskStatus status = _tasks[taskId].status;
        bool isKnown = status != TaskStatus.None;
        _refuseIf(!isKnown, ITaskEscrow.TaskEscrowUnknownTask.selector);
        _refuseIf(isKnown && status != needed, ITaskEscrow.TaskEscrowInvalidStatus.selector);
        return status == needed;
    }

    function _checkUses(DatasetRequest[] calldata uses) private {
        bool isOrdered = true;
        bool areKnown = true;
        bool areMeant = true;
        bool areTheirs = true;
        uint256 last;
        for (uint256 i; i < uses.length; ++i) {
            if (uses[i].datasetId <= last) isOrdered = false;
            if (uses[i].datasetId > datasetCount) {
                areKnown = false;
            } else {
                if (uses[i].contentHash != contentOf(uses[i].datasetId)) areMeant = false;
                if (uses[i].owner != ownerOf(uses[i].datasetId)) areTheirs = false;
            }
            last = uses[i].datasetId;
        }
        _refuseIf(uses.length > 16, ITaskEscrow.TaskEscrowTooManyDatasets.selector);
        _refuseIf(!isOrdered, ITaskEscrow.TaskEscrowUnorderedDatasets.selector);
        _refuseIf(!areKnown, IDataGrants.DataGrantsUnknownDataset.selector);
        _refuseIf(!areMeant, ITaskEscrow.TaskEscrowWrongContent.selector);
        _refuseIf(!areTheirs, ITaskEscrow.TaskEscrowWrongOwner.selector);
    }

    /// @dev Every dataset must be granted, and cost no more than is offered for it.
    function _checkPrices(uint256 taskId, uint256 nodeId) private {
        bool areGranted = true;
        bool areAffordable = true;
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) {
            if (!holds(uses[i].datasetId, nodeId)) areGranted = false;
            if (priceOf(uses[i].datasetId, nodeId) > uses[i].price) areAffordable = false;
        }
        _refuseIf(!areGranted, IDataGrants.DataGrantsNotGranted.selector);
        _refuseIf(!areAffordable, ITaskEscrow.TaskEscrowPriceTooHigh.selector);
    }

    /// @dev What a task that is not over holds in escrow.
    function _escrowed(uint256 taskId) private view returns (uint256 held) {
        held = _tasks[taskId].nodeFee + _tasks[taskId].validatorFee;
        for (uint256 i; i < _uses[taskId].length; ++i) held += _uses[taskId][i].price;
    }

    function _standing(ModelTask storage task) private view returns (Standing memory) {
        uint256 deadline = task.hasResult ? task.verdictBy : task.resultBy;
        return nodes.standingOf(task.nodeId, task.acceptedAt, deadline, task.hasResult);
    }

    /// @dev Whether verdicts count because of demands. A first demand can be late, but those who have left judge no more.
    function _isPutOff(uint256 taskId) private view returns (bool) {
        uint256 latest = _tasks[taskId].verdictBy + nodes.REVOCATION_DELAY() + 1 days + 1 hours;
        return block.timestamp <= verdictsBy[taskId] && block.timestamp <= latest;
    }

    function _isTimely(TaskRequest calldata request) private view returns (bool) {
        (uint256 acceptBy, uint256 resultBy) = (request.acceptBy, request.resultBy);
        if (acceptBy <= block.timestamp || acceptBy > block.timestamp + 30 days) return false;
        if (resultBy < acceptBy + request.leastDuration + 1 hours || resultBy > acceptBy + 90 days) return false;
        return request.verdictBy >= resultBy + 1 hours && request.verdictBy <= resultBy + 7 days;
    }
}
