// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {QuoteBinding} from "../../../contracts/types/Node.sol";
import {DatasetUse, Task, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskActors} from "./TaskActors.sol";

/// @notice Plays tasks from publication to their end, in any order, beside what {TaskActors} plays. Each action looks for a task that it
/// can be done to, comes just before, at or after a deadline now and then, and is sometimes wrong on purpose.
abstract contract TaskHandler is TaskActors {
    uint256 public constant MAX_TASKS = 60;

    /// @dev Who alone may end everything; the fuzzer may not.
    address private immutable test = msg.sender;

    function publish(uint256 seed) external acts(seed) {
        if (escrow.taskCount() == MAX_TASKS) return;
        TaskRequest memory request = _request();
        address requester = players[FIRST_REQUESTER + _roll(3)];
        bool allowed = model.publish(requester, request);
        uint256 before = token.balanceOf(address(escrow));
        vm.prank(requester);
        try escrow.publish(request) returns (uint256 taskId) {
            _went("publish", allowed);
            _published(taskId, token.balanceOf(address(escrow)) - before);
        } catch (bytes memory reason) {
            _was("publish", allowed, reason);
        }
    }

    function accept(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Published, TaskStatus.Published);
        if (taskId == 0) return;
        _approach(_roll(2) == 0 ? escrow.getTask(taskId).acceptBy : _grantedUntil(taskId));
        address caller = _rarely() ? players[_roll(PLAYERS)] : model.providerOf(taskId);
        bool allowed = model.accept(caller, taskId);
        Sums memory before = _sums();
        vm.prank(caller);
        try escrow.accept(taskId) {
            _went("accept", allowed);
            _count(taskId, before);
            lastAccepted = taskId;
        } catch (bytes memory reason) {
            _was("accept", allowed, reason);
        }
    }

    function submit(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Accepted, TaskStatus.Accepted);
        if (taskId == 0) return;
        Task memory task = escrow.getTask(taskId);
        _approach(_roll(2) == 0 ? task.resultBy : uint256(task.acceptedAt) + task.leastDuration);
        bytes32 resultHash = _rarely() ? bytes32(0) : keccak256(abi.encode("result", _roll(100)));
        bool isSigned = !_rarely();
        bytes32 digest = isSigned ? escrow.hashResult(taskId, resultHash) : keccak256("another digest");
        bytes memory word = enclaveSignature(digest);
        address caller = _rarely() ? stranger : model.providerOf(taskId);
        bool allowed = model.submit(caller, taskId, isSigned && resultHash != 0);
        vm.prank(caller);
        try escrow.submit(taskId, resultHash, "ipfs://result", word) {
            _went("submit", allowed);
        } catch (bytes memory reason) {
            _was("submit", allowed, reason);
        }
    }

    function abort(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Accepted, TaskStatus.Accepted);
        if (taskId == 0 || _roll(3) != 0) return;
        _approach(escrow.getTask(taskId).resultBy);
        bool isSigned = !_rarely();
        bytes memory word = enclaveSignature(isSigned ? escrow.hashAbort(taskId) : keccak256("another digest"));
        bool allowed = model.abort(taskId, isSigned);
        Sums memory before = _sums();
        vm.prank(stranger);
        try escrow.abort(taskId, word) {
            _went("abort", allowed);
            _count(taskId, before);
        } catch (bytes memory reason) {
            _was("abort", allowed, reason);
        }
    }

    function finalize(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Submitted, TaskStatus.Submitted);
        if (taskId == 0) return;
        _approach(escrow.getTask(taskId).verdictBy);
        TaskStatus verdict = _roll(2) == 0 ? TaskStatus.Valid : TaskStatus.Invalid;
        (address[] memory signers, uint256[] memory secrets) = _signers();
        bool areSigned = !_rarely();
        bytes32 digest = areSigned ? escrow.hashVerdict(taskId, verdict) : keccak256("another digest");
        ValidatorSignature[] memory signed = _signed(signers, secrets, digest);
        // What was signed to be good or bad may be carried as if it were anything else.
        TaskStatus other = TaskStatus(_roll(10));
        if (other != verdict && _rarely()) (verdict, areSigned) = (other, false);
        bool allowed = model.finalize(taskId, verdict, signers, areSigned);
        Sums memory before = _sums();
        vm.prank(stranger);
        try escrow.finalize(taskId, verdict, signed) {
            _went(verdict == TaskStatus.Valid ? "finalizeValid" : "finalizeInvalid", allowed);
            _count(taskId, before);
        } catch (bytes memory reason) {
            _was("finalize", allowed, reason);
        }
    }

    function expire(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Accepted, TaskStatus.Submitted);
        if (taskId == 0) return;
        Task memory task = escrow.getTask(taskId);
        bool hasResult = task.status == TaskStatus.Submitted;
        if (_roll(3) == 0) _comeTo(hasResult ? task.verdictBy : task.resultBy);
        bool allowed = model.expire(taskId);
        Sums memory before = _sums();
        vm.prank(stranger);
        try escrow.expire(taskId) {
            _went(hasResult ? "expireUnjudged" : "expireLate", allowed);
            _count(taskId, before);
        } catch (bytes memory reason) {
            _was("expire", allowed, reason);
        }
    }

    function cancel(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Published, TaskStatus.Published);
        if (taskId == 0) return;
        Task memory task = escrow.getTask(taskId);
        if (block.timestamp < task.acceptBy && _roll(6) != 0) return;
        _approach(task.acceptBy);
        address caller = _roll(2) == 0 ? task.requester : stranger;
        bool allowed = model.cancel(caller, taskId);
        Sums memory before = _sums();
        vm.prank(caller);
        try escrow.cancel(taskId) {
            _went(caller == stranger ? "cancelByAnyone" : "cancelByRequester", allowed);
            _count(taskId, before);
        } catch (bytes memory reason) {
            _was("cancel", allowed, reason);
        }
    }

    /// @notice Any call about any task at all, mostly where it has no business.
    function meddle(uint256 seed) external acts(seed) {
        uint256 taskId = _roll(escrow.taskCount() + 2);
        uint256 kind = _roll(3);
        address caller = players[_roll(PLAYERS)];
        bool allowed =
            kind == 0
                ? model.accept(caller, taskId)
                : kind == 1
                    ? model.expire(taskId)
                    : model.cancel(caller, taskId);
        Sums memory before = _sums();
        bytes memory call =
            kind == 0
                ? abi.encodeCall(escrow.accept, (taskId))
                : kind == 1
                    ? abi.encodeCall(escrow.expire, (taskId))
                    : abi.encodeCall(escrow.cancel, (taskId));
        vm.prank(caller);
        (bool success, bytes memory reason) = address(escrow).call(call);
        if (!success) return _was("meddle", allowed, reason);
        _went("meddle", allowed);
        _count(taskId, before);
        if (kind == 0) lastAccepted = taskId;
    }

    /// @notice Somebody shows that a validator signed both verdicts on a result.
    function reportContradiction(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Submitted, TaskStatus.Invalid);
        if (taskId == 0 || escrow.getTask(taskId).resultHash == 0 || _roll(4) != 0) return;
        uint256 index = FIRST_VALIDATOR + _roll(VALIDATORS);
        bool isSigned = !_rarely();
        bytes32 good = escrow.hashVerdict(taskId, TaskStatus.Valid);
        bytes memory valid = signature(keys[index], good);
        bytes memory invalid = signature(keys[index], isSigned ? escrow.hashVerdict(taskId, TaskStatus.Invalid) : good);
        (bool allowed, uint256 expected) = model.contradict(taskId, players[index], isSigned);
        vm.prank(stranger);
        try escrow.reportContradiction(taskId, players[index], valid, invalid) returns (uint256 amount) {
            _went("reportContradiction", allowed);
            assertEq(amount, expected, "slashed");
        } catch (bytes memory reason) {
            _was("reportContradiction", allowed, reason);
        }
    }

    /// @notice Somebody shows that validators signed for a result whose quote was disproven, or one that was not.
    function reportFalseVerdict(uint256 seed) external acts(seed) {
        uint256 taskId = _pick(TaskStatus.Submitted, TaskStatus.Invalid);
        if (taskId == 0 || escrow.getTask(taskId).resultHash == 0) return;
        Task memory task = escrow.getTask(taskId);
        uint256 vouched = task.vouchedAttestation;
        uint256 attestation = (vouched == 0 ? 0 : vouched - 1) + (_rarely() ? 1 : 0);
        bool isDisproven = _roll(2) == 0;
        if (isDisproven) quotes.disprove(task.nodeId, attestation);
        else isDisproven = quotes.isDisproven(task.nodeId, attestation);
        QuoteBinding memory binding = QuoteBinding((uint256(task.nodeId) << 32) | attestation, 1, bytes32(0));
        (address[] memory signers, uint256[] memory secrets) = _someValidators();
        bool areSigned = !_rarely();
        bytes32 digest = escrow.hashVerdict(taskId, areSigned ? TaskStatus.Valid : TaskStatus.Invalid);
        ValidatorSignature[] memory signed = _signed(signers, secrets, digest);
        (bool allowed, uint256 expected) = model.falsify(taskId, attestation, isDisproven, signers, areSigned);
        bytes32 quoteHash = quotes.quoteHashOf(task.nodeId, attestation);
        vm.prank(stranger);
        try escrow.reportFalseVerdict(taskId, quoteHash, binding, signed) returns (uint256 amount) {
            _went("reportFalseVerdict", allowed);
            assertEq(amount, expected, "slashed");
        } catch (bytes memory reason) {
            _was("reportFalseVerdict", allowed, reason);
        }
    }

    /// @notice Somebody is paid out, or somebody to whom nothing is owed tries.
    function withdraw(uint256 seed) external acts(seed) {
        address account = players[_roll(PLAYERS)];
        address to = _roll(2) == 0 ? account : players[_roll(PLAYERS)];
        if (_rarely()) to = _roll(2) == 0 ? address(0) : address(escrow);
        bool allowed = model.ledgerOf(account) != 0 && to != address(0) && to != address(escrow);
        vm.prank(account);
        try escrow.withdraw(to) returns (uint256 amount) {
            _went("withdraw", allowed);
            _paid(account, amount, model.withdraw(account, to));
        } catch (bytes memory reason) {
            _was("withdraw", allowed, reason);
        }
    }

    /// @notice All deadlines pass, new commitments are paused, a stranger ends every task, and everybody is paid out and takes what stake is
    /// free. What the escrow holds then belongs to nobody.
    function emptyEverything() external {
        if (msg.sender != test) return;
        lastAccepted = 0;
        escrow.setPaused(true);
        model.setPaused(true);
        _travel(200 days);
        vm.startPrank(stranger);
        for (uint256 taskId = 1; taskId <= escrow.taskCount(); ++taskId) _endByStranger(taskId);
        vm.stopPrank();
        address[] memory everybody = accounts();
        for (uint256 i; i < everybody.length; ++i) {
            if (escrow.balanceOf(everybody[i]) == 0) continue;
            vm.prank(everybody[i]);
            _paid(everybody[i], escrow.withdraw(everybody[i]), model.withdraw(everybody[i], everybody[i]));
        }
        _look();
    }

    /// @dev When the grant of a task's first dataset is over; 0 without one.
    function _grantedUntil(uint256 taskId) private view returns (uint256) {
        DatasetUse[] memory uses = escrow.datasetsOf(taskId);
        return uses.length == 0 ? 0 : grants.getGrant(uses[0].datasetId, escrow.getTask(taskId).nodeId).until;
    }

    function _endByStranger(uint256 taskId) private {
        Sums memory before = _sums();
        TaskStatus status = escrow.getTask(taskId).status;
        if (status >= TaskStatus.Valid) return;
        if (status == TaskStatus.Published) {
            assertTrue(model.cancel(stranger, taskId), "anyone can cancel");
            escrow.cancel(taskId);
        } else {
            assertTrue(model.expire(taskId), "anyone can expire");
            escrow.expire(taskId);
        }
        _count(taskId, before);
    }

    function _paid(address account, uint256 amount, uint256 expected) private {
        assertEq(amount, expected, "paid out");
        paidOut += amount;
        taken[account] += amount;
    }

    function _request() private returns (TaskRequest memory request) {
        request.nodeId = 1 + _roll(NODES);
        if (!nodes.orderTermsOf(request.nodeId).open) request.nodeId = 1 + _roll(NODES);
        request.enclaveKey = _rarely() ? stranger : vm.addr(enclaveSecret);
        request.mrEnclave = _rarely() ? keccak256("another enclave") : MR_ENCLAVE;
        request.demand = _roll(4) != 0 ? AttestationDemand.Live : AttestationDemand(_roll(3));
        uint256 least;
        (request.datasets, least) = _someDatasets(request.nodeId);
        request.inputHash = _rarely() ? bytes32(0) : keccak256(abi.encode("inputs", _roll(100)));
        request.inputUri = string(new bytes(_rarely() ? 257 : _roll(257)));
        (request.nodeFee, request.validatorFee) = (uint96(_amount()), uint96(_amount()));
        least += request.validatorFee;
        request.stakeLock = uint96(_rarely() && least != 0 ? least - 1 : least + (_roll(2) == 0 ? 0 : _amount()));
        // Mostly in time, and a second too early or too late now and then.
        request.leastDuration = uint24(_roll(2) == 0 ? 0 : _roll(6 hours));
        uint256 acceptBy = _rarely() ? block.timestamp + 30 days + _roll(2) : block.timestamp + _roll(4 days);
        uint256 resultBy =
            acceptBy + (_rarely() ? 90 days + _roll(2) : request.leastDuration + 1 hours + _roll(4 days));
        uint256 verdictBy = resultBy + (_rarely() ? 7 days + _roll(2) : 1 hours + _roll(3 days));
        if (_rarely()) resultBy = acceptBy + request.leastDuration + 1 hours - 1;
        if (_rarely()) verdictBy = resultBy + 1 hours - 1;
        (request.acceptBy, request.resultBy, request.verdictBy) = (
            uint40(acceptBy),
            uint40(resultBy),
            uint40(verdictBy)
        );
    }
}
