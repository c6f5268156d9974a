// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {DatasetUse, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {GrantModel} from "./GrantModel.sol";
import {MoneyModel} from "./MoneyModel.sol";
import {NodeFacts, ModelNodesStandIn} from "./TaskModelStandIns.sol";

/// @notice An independent model of grants and tasks. Each call says whether it is allowed, and does it in the books if so; it knows the
/// nodes and the time, and nothing of the contracts.
contract TaskModel is MoneyModel, GrantModel {
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
        uint256 vouchedAttestation;
        bool hasResult;
    }

    struct ModelUse {
        uint256 datasetId;
        uint256 price;
    }

    bool public paused;
    uint256 public taskCount;

    mapping(uint256 taskId => ModelTask) private _tasks;
    mapping(uint256 taskId => ModelUse[]) private _uses;
    mapping(uint256 taskId => mapping(address validator => bool)) private _isSlashed;

    constructor(
        ModelNodesStandIn nodes_,
        address treasury_,
        uint256 finalityPeriod_,
        uint256 exitDelay_,
        uint256 slashBps_,
        uint256 minimumStake_
    ) MoneyModel(treasury_, exitDelay_, slashBps_, minimumStake_) GrantModel(nodes_, finalityPeriod_) {}

    /* TASKS */

    function setPaused(bool paused_) external {
        paused = paused_;
    }

    function publish(address requester, TaskRequest calldata request) external returns (bool) {
        NodeFacts memory node = nodes.factsOf(request.nodeId);
        if (paused || request.inputHash == 0 || bytes(request.inputUri).length > 256) return false;
        if (node.attestations == 0 || node.mrEnclave != request.mrEnclave || !_isTimely(request)) return false;
        if (node.enclaveKey != request.enclaveKey) return false;
        (bool sound, uint256 ownersFee) = _sumUp(request.datasets);
        uint256 escrowed = ownersFee + request.nodeFee + request.validatorFee;
        if (!sound || request.stakeLock < ownersFee + request.validatorFee) return false;
        if (walletOf[requester] < escrowed) return false;

        walletOf[requester] -= escrowed;
        ModelTask storage task = _tasks[++taskCount];
        (task.status, task.requester, task.nodeId) = (TaskStatus.Published, requester, request.nodeId);
        (task.nodeFee, task.validatorFee) = (request.nodeFee, request.validatorFee);
        (task.stakeLock, task.demand) = (request.stakeLock, request.demand);
        (task.acceptBy, task.resultBy, task.verdictBy) = (request.acceptBy, request.resultBy, request.verdictBy);
        task.leastDuration = request.leastDuration;
        for (uint256 i; i < request.datasets.length; ++i) {
            _uses[taskCount].push(ModelUse(request.datasets[i].datasetId, request.datasets[i].price));
        }
        return true;
    }

    function accept(address caller, uint256 taskId) external returns (bool) {
        ModelTask storage task = _tasks[taskId];
        if (task.status != TaskStatus.Published || paused || block.timestamp >= task.acceptBy) return false;
        NodeFacts memory node = nodes.factsOf(task.nodeId);
        if (caller != node.provider || !node.open || !_isLive(node) || node.end != nodes.NO_END()) return false;
        if (!_meets(node, task.demand) || !_areAffordable(taskId, task.nodeId)) return false;
        if (!_lockForTask(caller, task.stakeLock)) return false;

        (task.status, task.acceptedAt) = (TaskStatus.Accepted, block.timestamp);
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) {
            uint256 price = priceOf(uses[i].datasetId, task.nodeId);
            ledgerOf[task.requester] += uses[i].price - price;
            uses[i].price = price;
        }
        return true;
    }

    function submit(address caller, uint256 taskId, bool isSigned) external returns (bool) {
        ModelTask storage task = _tasks[taskId];
        NodeFacts memory node = nodes.factsOf(task.nodeId);
        if (task.status != TaskStatus.Accepted || !isSigned || !_isLive(node)) return false;
        if (block.timestamp < task.acceptedAt + task.leastDuration || block.timestamp > task.resultBy) return false;
        if (caller != node.provider) return false;
        (task.status, task.hasResult) = (TaskStatus.Submitted, true);
        if (node.kind != VerifierKind.OnChain) task.vouchedAttestation = node.attestations;
        return true;
    }

    function abort(uint256 taskId, bool isSigned) external returns (bool) {
        ModelTask storage task = _tasks[taskId];
        if (task.status != TaskStatus.Accepted || !isSigned || block.timestamp > task.resultBy) return false;
        if (nodes.factsOf(task.nodeId).discredited) return false;
        task.status = TaskStatus.Aborted;
        ledgerOf[task.requester] += task.nodeFee + task.validatorFee;
        _payOwners(taskId);
        _unlockFromTask(providerOf(taskId), task.stakeLock);
        return true;
    }

    function finalize(
        uint256 taskId,
        TaskStatus verdict,
        address[] calldata signers,
        bool areSigned
    ) external returns (bool) {
        ModelTask storage task = _tasks[taskId];
        if (task.status != TaskStatus.Submitted || block.timestamp > task.verdictBy) return false;
        if (verdict != TaskStatus.Valid && verdict != TaskStatus.Invalid) return false;
        if (!areSigned || !_areQuorum(signers)) return false;
        if (verdict == TaskStatus.Valid && _isFalse(task)) return false;
        task.status = verdict;
        uint256[] memory shares = _sharesOf(task.validatorFee, signers);
        if (verdict == TaskStatus.Valid) {
            _payOwners(taskId);
            for (uint256 i; i < signers.length; ++i) ledgerOf[signers[i]] += shares[i];
            ledgerOf[providerOf(taskId)] += task.nodeFee;
            _unlockFromTask(providerOf(taskId), task.stakeLock);
        } else {
            _giveBack(taskId);
            uint256 rest = _compensateOwners(taskId);
            for (uint256 i; i < signers.length; ++i) _moveLock(providerOf(taskId), signers[i], shares[i]);
            _moveLock(providerOf(taskId), treasury, rest - task.validatorFee);
        }
        return true;
    }

    function expire(uint256 taskId) external returns (bool) {
        ModelTask storage task = _tasks[taskId];
        if (task.status == TaskStatus.Submitted && block.timestamp > task.verdictBy && _isFalse(task)) {
            task.status = TaskStatus.Invalid;
            _giveBack(taskId);
            _moveLock(providerOf(taskId), treasury, _compensateOwners(taskId));
        } else if (task.status == TaskStatus.Submitted && block.timestamp > task.verdictBy) {
            task.status = TaskStatus.Unjudged;
            ledgerOf[task.requester] += task.validatorFee;
            _payOwners(taskId);
            ledgerOf[providerOf(taskId)] += task.nodeFee;
            _unlockFromTask(providerOf(taskId), task.stakeLock);
        } else if (task.status == TaskStatus.Accepted && block.timestamp > task.resultBy) {
            task.status = TaskStatus.Late;
            _giveBack(taskId);
            _moveLock(providerOf(taskId), treasury, _compensateOwners(taskId));
        } else {
            return false;
        }
        return true;
    }

    function cancel(address caller, uint256 taskId) external returns (bool) {
        ModelTask storage task = _tasks[taskId];
        if (task.status != TaskStatus.Published) return false;
        if (caller != task.requester && block.timestamp < task.acceptBy) return false;
        task.status = TaskStatus.Cancelled;
        _giveBack(taskId);
        return true;
    }

    /* VALIDATORS' FAULTS */

    /// @notice Who signed both verdicts pays, once a task.
    function contradict(
        uint256 taskId,
        address validator,
        bool isSigned
    ) external returns (bool allowed, uint256 amount) {
        if (!_hasResult(taskId) || !isSigned || _isSlashed[taskId][validator]) return (false, 0);
        return (true, _slashOnce(taskId, validator));
    }

    /// @notice Who signed `Valid` on a quote that was disproven pays, once a task.
    function falsify(
        uint256 taskId,
        uint256 attestation,
        bool isDisproven,
        address[] calldata signers,
        bool areSigned
    ) external returns (bool allowed, uint256 amount) {
        if (!_hasResult(taskId) || _tasks[taskId].vouchedAttestation != attestation + 1) return (false, 0);
        if (!isDisproven || !areSigned) return (false, 0);
        for (uint256 i; i < signers.length; ++i) {
            if (!_isSlashed[taskId][signers[i]]) amount += _slashOnce(taskId, signers[i]);
        }
        return (true, amount);
    }

    /* VIEWS */

    function statusOf(uint256 taskId) external view returns (TaskStatus) {
        return _tasks[taskId].status;
    }

    /// @notice What a task holds in escrow.
    function escrowOf(uint256 taskId) external view returns (uint256 held) {
        ModelTask storage task = _tasks[taskId];
        if (task.status >= TaskStatus.Valid) return 0;
        held = task.nodeFee + task.validatorFee;
        for (uint256 i; i < _uses[taskId].length; ++i) held += _uses[taskId][i].price;
    }

    function providerOf(uint256 taskId) public view returns (address) {
        return nodes.factsOf(_tasks[taskId].nodeId).provider;
    }

    /* PARTS */

    /// @dev Whether a task rests on a quorum's word that was false.
    function _isFalse(ModelTask storage task) private view returns (bool) {
        return task.vouchedAttestation != 0 && nodes.factsOf(task.nodeId).discredited;
    }

    function _payOwners(uint256 taskId) private {
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) ledgerOf[ownerOf(uses[i].datasetId)] += uses[i].price;
    }

    /// @dev Pays the owners out of the lock, and says what is left of it.
    function _compensateOwners(uint256 taskId) private returns (uint256 rest) {
        rest = _tasks[taskId].stakeLock;
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) {
            _moveLock(providerOf(taskId), ownerOf(uses[i].datasetId), uses[i].price);
            rest -= uses[i].price;
        }
    }

    function _giveBack(uint256 taskId) private {
        ModelTask storage task = _tasks[taskId];
        uint256 all = task.nodeFee + task.validatorFee;
        for (uint256 i; i < _uses[taskId].length; ++i) all += _uses[taskId][i].price;
        ledgerOf[task.requester] += all;
    }

    function _slashOnce(uint256 taskId, address validator) private returns (uint256) {
        uint256 amount = slashSeat(validator);
        if (amount != 0) _isSlashed[taskId][validator] = true;
        return amount;
    }

    function _isTimely(TaskRequest calldata request) private view returns (bool) {
        (uint256 acceptBy, uint256 resultBy) = (request.acceptBy, request.resultBy);
        if (acceptBy <= block.timestamp || acceptBy > block.timestamp + 30 days) return false;
        if (resultBy < acceptBy + request.leastDuration + 1 hours || resultBy > acceptBy + 90 days) return false;
        return request.verdictBy >= resultBy + 1 hours && request.verdictBy <= resultBy + 7 days;
    }

    function _sumUp(DatasetUse[] calldata uses) private view returns (bool sound, uint256 sum) {
        if (uses.length > 16) return (false, 0);
        uint256 last;
        for (uint256 i; i < uses.length; ++i) {
            if (uses[i].datasetId <= last || uses[i].datasetId > datasetCount) return (false, 0);
            last = uses[i].datasetId;
            sum += uses[i].price;
        }
        sound = true;
    }

    function _areAffordable(uint256 taskId, uint256 nodeId) private view returns (bool) {
        ModelUse[] storage uses = _uses[taskId];
        for (uint256 i; i < uses.length; ++i) {
            if (!holds(uses[i].datasetId, nodeId)) return false;
            if (priceOf(uses[i].datasetId, nodeId) > uses[i].price) return false;
        }
        return true;
    }

    function _hasResult(uint256 taskId) private view returns (bool) {
        return _tasks[taskId].hasResult;
    }
}
