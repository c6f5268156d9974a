// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {MockWallet1271} from "../../../contracts/mocks/MockWallet1271.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {chooseKey, joinSet} from "../validators/ValidatorStaking.sol";
import {verdictStruct} from "./TaskSigning.sol";

/// @notice Who signs that a result is good and that it is bad pays for it.
contract TaskEscrowContradictionTest is TaskFixture {
    uint256 private _taskId;
    address private _validator;

    function setUp() public {
        deployTasks();
        _taskId = reach(TaskStatus.Submitted);
        _validator = validatorAt(2);
    }

    function test_SlashesAtOnceAndOnce() external {
        // 3,000 basis points of 300 ether and 2, rounded up.
        uint256 amount = 90 ether + 1;
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.VerdictSlashed(_taskId, _validator, stranger, amount);
        vm.prank(stranger);
        assertEq(_report(), amount, "amount");
        assertEq(vault.freeStakeOf(treasury), amount, "treasury");
        assertEq(validators.getValidator(_validator).stake, stakeAt(2) - amount, "stake");
        assertTrue(!validators.isActive(_validator), "still active");

        _expectRefused(_alreadySlashed());
        assertEq(vault.totalSlashed(), amount, "slashed");
    }

    /// @notice The end of a task ends nobody's liability, and moves nobody's money again.
    function test_SlashesAfterTheEnd() external {
        TaskStatus[3] memory ends = [TaskStatus.Valid, TaskStatus.Invalid, TaskStatus.Unjudged];
        for (uint256 i; i < ends.length; ++i) {
            uint256 before = vm.snapshotState();
            if (ends[i] == TaskStatus.Unjudged) {
                expireShown(_taskId, VERDICT_BY + 1);
            } else {
                finalize(_taskId, ends[i]);
            }
            uint256 ledger = escrow.balanceOf(_validator);
            assertEq(_report(), 90 ether + 1, "amount");
            assertEq(escrow.balanceOf(_validator), ledger, "ledger");
            vm.revertToState(before);
        }
    }

    function test_EachTaskIsAFaultOfItsOwn() external {
        uint256 first = _taskId;
        _report();
        vm.warp(START);
        _taskId = reach(TaskStatus.Submitted);
        uint256 left = validators.getValidator(_validator).stake;
        assertEq(_report(), (left * SLASH_BPS + 9_999) / 10_000, "amount");
        _expectRefused(_alreadySlashed());
        _taskId = first;
        _expectRefused(_alreadySlashed());
    }

    function test_WhoLeavesStillPays() external {
        vm.prank(_validator);
        validators.exit();
        vm.warp(START + LEAST_DURATION + EXIT_DELAY);
        assertEq(_report(), 90 ether + 1, "amount");
    }

    function test_WhoWasReleasedPaysNothing() external {
        vm.prank(_validator);
        validators.exit();
        vm.warp(START + LEAST_DURATION + EXIT_DELAY);
        validators.release(_validator);
        vm.recordLogs();
        assertEq(_report(), 0, "amount");
        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertEq(vault.totalSlashed(), 0, "slashed");
        assertEq(vault.freeStakeOf(_validator), stakeAt(2), "stake");
    }

    /// @notice Reported before it had any stake, a validator is not safe for when it has.
    function test_ReportThatCostNothingProtectsNobody() external {
        uint256 key;
        (_validator, key) = makeAccount("newcomer");
        assertEq(_reportBy(key), 0, "amount");
        assertEq(_reportBy(key), 0, "amount again");
        joinSet(validators, _validator, 100 ether);
        assertEq(_reportBy(key), 30 ether, "amount with stake");
        _expectRefused(_alreadySlashed());
    }

    function test_ContractsThatSignAreSlashedToo() external {
        MockWallet1271 wallet = MockWallet1271(
            deploy("MockWallet1271.sol:MockWallet1271", abi.encode(vm.addr(keys[2])))
        );
        _validator = address(wallet);
        vault.depositFor(_validator, 100 ether);
        wallet.execute(address(vault), abi.encodeCall(vault.allow, (address(validators), 100 ether)));
        wallet.execute(address(validators), abi.encodeCall(validators.join, (100 ether)));
        uint256 before = vm.snapshotState();
        // What its owner signs is not its word, or it could disown it.
        _expectRefused(_invalidSignature(TaskStatus.Valid));
        vm.revertToState(before);
        assertEq(_reportBy(chooseKey(validators, _validator, "contract's key")), 30 ether, "amount");
    }

    /// @notice Neither by giving the key up in between, nor afterwards.
    function test_AKeyThatWasGivenUpDisownsNothing() external {
        bytes memory own = _sign(TaskStatus.Valid);
        uint256 key = chooseKey(validators, _validator, "first key");
        bytes memory first = signature(key, _digest(TaskStatus.Invalid));
        vm.warp(block.timestamp + 1);
        uint256 other = chooseKey(validators, _validator, "second key");
        bytes memory second = signature(other, _digest(TaskStatus.Invalid));
        vm.warp(block.timestamp + 1);
        chooseKey(validators, _validator, "third key");
        uint256 before = vm.snapshotState();
        assertEq(escrow.reportContradiction(_taskId, _validator, own, first), (stakeAt(2) * 3 + 9) / 10, "first");
        vm.revertToState(before);
        assertEq(escrow.reportContradiction(_taskId, _validator, own, second), (stakeAt(2) * 3 + 9) / 10, "second");
    }

    /// @notice Once a key was given up for longer than an exit takes, its thief cannot make up a contradiction in the past.
    function test_RevertWhen_TheKeyWasGivenUpLongAgo() external {
        uint256 stolen = chooseKey(validators, _validator, "first key");
        vm.warp(block.timestamp + 1);
        chooseKey(validators, _validator, "second key");
        bytes memory valid = signature(stolen, _digest(TaskStatus.Valid));
        bytes memory invalid = signature(stolen, _digest(TaskStatus.Invalid));
        vm.warp(block.timestamp + validators.exitDelay());
        uint256 before = vm.snapshotState();
        assertTrue(escrow.reportContradiction(_taskId, _validator, valid, invalid) != 0, "as long as an exit takes");
        vm.revertToState(before);
        vm.warp(block.timestamp + 1);
        _expectReportRefused(valid, invalid, _invalidSignature(TaskStatus.Valid));
    }

    /// @notice Whoever steals a key that was given up before there was a result harms nobody with it.
    function test_RevertWhen_TheKeyWasGivenUpBeforeTheResult() external {
        uint256 stolen = chooseKey(validators, _validator, "first key");
        vm.warp(block.timestamp + 1);
        uint256 key = chooseKey(validators, _validator, "second key");
        vm.warp(block.timestamp + 1);
        TaskRequest memory request = aRequest();
        request.acceptBy += 1 days;
        request.resultBy += 1 days;
        request.verdictBy += 1 days;
        _taskId = publish(request);
        acceptAs(provider, _taskId);
        vm.warp(block.timestamp + LEAST_DURATION);
        submit(_taskId);
        bytes32 terms = fixedNameOf(_taskId);
        bytes32[2] memory digests = [
            digestOf(verdictStruct(_taskId, terms, RESULT_HASH, 0, TaskStatus.Valid, request.verdictBy)),
            digestOf(verdictStruct(_taskId, terms, RESULT_HASH, 0, TaskStatus.Invalid, request.verdictBy))
        ];
        uint256[2] memory former = [stolen, keys[2]];
        for (uint256 i; i < former.length; ++i) {
            bytes memory valid = signature(former[i], digests[0]);
            bytes memory invalid = signature(former[i], digests[1]);
            _expectReportRefused(valid, invalid, _invalidSignature(TaskStatus.Valid));
        }
        bytes memory signed = signature(key, digests[0]);
        assertTrue(
            escrow.reportContradiction(_taskId, _validator, signed, signature(key, digests[1])) != 0,
            "in force"
        );
    }

    // What is no contradiction

    function test_RevertWhen_SignaturesAreOverDifferentResultsOrTasks() external {
        bytes32[4] memory digests = [
            digestOf(
                verdictStruct(_taskId, fixedNameOf(_taskId), keccak256("other"), 0, TaskStatus.Invalid, VERDICT_BY)
            ),
            verdictDigest(_taskId + 1, 0, TaskStatus.Invalid),
            digestOf(verdictStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH, 0, TaskStatus.Invalid, VERDICT_BY + 1)),
            verdictDigest(_taskId, 0, TaskStatus.Valid)
        ];
        bytes memory valid = _sign(TaskStatus.Valid);
        for (uint256 i; i < digests.length; ++i) {
            bytes memory other = signature(keys[2], digests[i]);
            _expectReportRefused(valid, other, _invalidSignature(TaskStatus.Invalid));
        }
        assertEq(vault.totalSlashed(), 0, "slashed");
    }

    function test_RevertWhen_ValidIsNotSigned() external {
        bytes memory invalid = _sign(TaskStatus.Invalid);
        bytes memory refusal = _invalidSignature(TaskStatus.Valid);
        _expectReportRefused(invalid, invalid, refusal);
        _expectReportRefused(invalid, _sign(TaskStatus.Valid), refusal);
        _expectReportRefused("", invalid, refusal);
    }

    function test_RevertWhen_AnotherSigned() external {
        bytes memory valid = _sign(TaskStatus.Valid);
        bytes memory invalid = _sign(TaskStatus.Invalid);
        _validator = validatorAt(1);
        _expectReportRefused(valid, invalid, _invalidSignature(TaskStatus.Valid));
        valid = signature(keys[1], _digest(TaskStatus.Valid));
        _expectReportRefused(valid, invalid, _invalidSignature(TaskStatus.Invalid));
    }

    function test_RevertGiven_TaskHasNoResult() external {
        bytes memory valid = _sign(TaskStatus.Valid);
        TaskStatus[5] memory without = [
            TaskStatus.Published,
            TaskStatus.Accepted,
            TaskStatus.Late,
            TaskStatus.Aborted,
            TaskStatus.Cancelled
        ];
        for (uint256 i; i < without.length; ++i) {
            vm.warp(START);
            _taskId = reach(without[i]);
            bytes4 selector = ITaskEscrow.TaskEscrowInvalidStatus.selector;
            _expectReportRefused(valid, valid, abi.encodeWithSelector(selector, _taskId, without[i]));
        }
        _taskId += 1;
        bytes4 unknown = ITaskEscrow.TaskEscrowUnknownTask.selector;
        _expectReportRefused(valid, valid, abi.encodeWithSelector(unknown, _taskId));
    }

    function test_RevertGiven_EscrowIsNoSlasher() external {
        validators = deployValidators(EXIT_DELAY, ACTIVATION_DELAY);
        quorumVerifier = deployQuorumVerifier(DISPUTE_PERIOD);
        escrow = ITaskEscrow(deploy("TaskEscrow.sol:TaskEscrow", constructorArguments(treasury)));
        address[] memory slashers = new address[](1);
        slashers[0] = address(quorumVerifier);
        validators.setSlashers(slashers, new address[](0));
        joinSet(validators, _validator, 100 ether);
        vm.prank(requester);
        token.approve(address(escrow), ESCROWED);
        vm.prank(provider);
        vault.allow(address(escrow), STAKE_LOCK);
        vm.warp(START);
        _taskId = reach(TaskStatus.Submitted);
        bytes4 selector = IValidatorSet.ValidatorSetUnauthorizedSlasher.selector;
        _expectRefused(abi.encodeWithSelector(selector, escrow));
    }

    function _digest(TaskStatus verdict) private view returns (bytes32) {
        return verdictDigest(_taskId, 0, verdict);
    }

    function _sign(TaskStatus verdict) private view returns (bytes memory) {
        return signature(keys[2], _digest(verdict));
    }

    function _report() private returns (uint256) {
        return escrow.reportContradiction(_taskId, _validator, _sign(TaskStatus.Valid), _sign(TaskStatus.Invalid));
    }

    function _reportBy(uint256 key) private returns (uint256) {
        bytes memory valid = signature(key, _digest(TaskStatus.Valid));
        return escrow.reportContradiction(_taskId, _validator, valid, signature(key, _digest(TaskStatus.Invalid)));
    }

    function _expectRefused(bytes memory refusal) private {
        _expectReportRefused(_sign(TaskStatus.Valid), _sign(TaskStatus.Invalid), refusal);
    }

    function _expectReportRefused(bytes memory valid, bytes memory invalid, bytes memory refusal) private {
        vm.expectRevert(refusal);
        escrow.reportContradiction(_taskId, _validator, valid, invalid);
    }

    function _alreadySlashed() private view returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowAlreadySlashed.selector, _taskId, _validator);
    }

    function _invalidSignature(TaskStatus verdict) private view returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidVerdictSignature.selector, _validator, verdict);
    }
}
