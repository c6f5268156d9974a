// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {MockWallet1271} from "../../../contracts/mocks/MockWallet1271.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {joinSet} from "../validators/ValidatorStaking.sol";
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
                vm.warp(VERDICT_BY + 1);
                escrow.expire(_taskId);
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
        assertEq(_report(), 30 ether, "amount");
        _expectRefused(_alreadySlashed());
    }

    // What is no contradiction

    function test_RevertWhen_SignaturesAreOverDifferentResultsOrTasks() external {
        bytes32[4] memory digests = [
            digestOf(verdictStruct(_taskId, INPUT_HASH, keccak256("other"), 0, TaskStatus.Invalid, VERDICT_BY)),
            verdictDigest(_taskId + 1, 0, TaskStatus.Invalid),
            digestOf(verdictStruct(_taskId, INPUT_HASH, RESULT_HASH, 0, TaskStatus.Invalid, VERDICT_BY + 1)),
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
