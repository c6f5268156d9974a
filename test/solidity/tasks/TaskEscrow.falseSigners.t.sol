// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {Standing} from "../../../contracts/types/Attestation.sol";
import {QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {VouchedNode} from "./VouchedNode.sol";
import {chooseKey, joinSet} from "../validators/ValidatorStaking.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";

/// @notice Whose `Valid` ended a task answers for it by name. The first signer has chosen its key, and vouched for no quote; the first of
/// the five other validators signs nothing.
contract TaskEscrowFalseSignersTest is TaskFixture {
    bytes private constant QUOTE = "quote";
    /// @dev Before all validators' addresses.
    address private constant WALLET = address(0x1271);
    uint256 private constant WALLET_STAKE = 400 ether;

    VouchedNode private _node;
    QuoteBinding private _binding;
    uint256 private _taskId;
    uint256 private _walletKey;

    function setUp() public {
        _node = deployTasksOverRegistry();
        _binding = _node.attest(QUOTE);
        joinSet(validators, WALLET, WALLET_STAKE);
        _walletKey = chooseKey(validators, WALLET, "wallet's key");
        _taskId = reach(_node.readdress(aRequest()), TaskStatus.Submitted);
    }

    /// @notice Whoever gives up the key that it signed by still answers for it, by the signature and by name.
    function test_AKeyThatWasGivenUpSavesNobody() external {
        _end(TaskStatus.Valid);
        ValidatorSignature[] memory signed = _signed(TaskStatus.Valid);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        vm.warp(block.timestamp + 1);
        chooseKey(validators, WALLET, "wallet's other key");
        address[] memory signers = _signers();
        uint256 before_ = vm.snapshotState();
        uint256 all;
        for (uint256 i; i < signers.length; ++i) all += _shareOf(signers[i]);
        assertEq(escrow.reportFalseVerdict(_taskId, keccak256(QUOTE), _binding, signed), all, "by signatures");
        vm.revertToState(before_);

        uint256 total;
        for (uint256 i; i < signers.length; ++i) {
            uint256 amount = _shareOf(signers[i]);
            total += amount;
            vm.expectEmit(address(escrow));
            emit ITaskEscrow.VerdictSlashed(_taskId, signers[i], stranger, amount);
        }
        uint256 before = vault.freeStakeOf(treasury);
        vm.prank(stranger);
        assertEq(_report(signers), total, "amount");
        assertEq(vault.freeStakeOf(treasury), before + total, "treasury");
        assertEq(validators.getValidator(WALLET).stake, WALLET_STAKE - 120 ether, "wallet's stake");
        assertEq(validators.getValidator(validatorAt(0)).stake, stakeAt(0), "stake of who did not sign");
    }

    /// @notice What validators earn by it does not decide what they answer for.
    function test_SignersOfAFeelessValidAnswerForItToo() external {
        uint96[2] memory nodeFees = [NODE_FEE, 0];
        uint256[2] memory tasks;
        for (uint256 i; i < nodeFees.length; ++i) {
            TaskRequest memory request = _node.readdress(aRequest());
            (request.nodeFee, request.validatorFee, request.stakeLock) = (nodeFees[i], 0, 0);
            vm.warp(START);
            tasks[i] = _taskId = reach(request, TaskStatus.Submitted);
            _end(TaskStatus.Valid);
        }
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        address[] memory signers = _signers();
        for (uint256 i; i < tasks.length; ++i) {
            _taskId = tasks[i];
            uint256 expected;
            for (uint256 j; j < signers.length; ++j) expected += _shareOf(signers[j]);
            assertEq(_report(signers), expected, "amount");
            assertTrue(expected != 0, "something");
        }
    }

    /// @notice An account that carries a contract's code for a while (EIP-7702) has none any more.
    function test_SignerWithoutCodeAnyMoreIsSlashedToo() external {
        _end(TaskStatus.Valid);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        vm.etch(WALLET, "");
        _report(_signers());
        assertEq(validators.getValidator(WALLET).stake, WALLET_STAKE - 120 ether, "wallet's stake");
    }

    function test_EachIsSlashedOnce() external {
        _end(TaskStatus.Valid);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        _report(_signers());
        uint256 slashed = vault.totalSlashed();
        vm.recordLogs();
        assertEq(_report(_signers()), 0, "amount again");
        ValidatorSignature[] memory signed = _signed(TaskStatus.Valid);
        assertEq(escrow.reportFalseVerdict(_taskId, keccak256(QUOTE), _binding, signed), 0, "amount by signatures");
        assertEq(vm.getRecordedLogs().length, 0, "events");
        assertEq(vault.totalSlashed(), slashed, "slashed");

        bytes memory valid = signed[0].signature;
        bytes memory invalid = _signed(TaskStatus.Invalid)[0].signature;
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowAlreadySlashed.selector, _taskId, WALLET));
        escrow.reportContradiction(_taskId, WALLET, valid, invalid);
    }

    function test_WhoWasSlashedAlreadyIsSkipped() external {
        _end(TaskStatus.Valid);
        ValidatorSignature[] memory signed = _signed(TaskStatus.Valid);
        bytes memory invalid = _signed(TaskStatus.Invalid)[0].signature;
        escrow.reportContradiction(_taskId, WALLET, signed[0].signature, invalid);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        ValidatorSignature[] memory one = new ValidatorSignature[](1);
        one[0] = signed[2];
        escrow.reportFalseVerdict(_taskId, keccak256(QUOTE), _binding, one);

        address[] memory signers = _signers();
        uint256 rest = _shareOf(signers[1]) + _shareOf(signers[3]) + _shareOf(signers[4]);
        uint256 left = validators.getValidator(signers[2]).stake;
        assertEq(_report(signers), rest, "amount");
        assertEq(validators.getValidator(WALLET).stake, WALLET_STAKE - 120 ether, "wallet's stake");
        assertEq(validators.getValidator(signers[2]).stake, left, "stake of who was reported before");
    }

    /// @notice Who has taken its stake out keeps nobody else from paying, and is not safe for when it comes back.
    function test_WhoWasReleasedPaysWhenItHasStakeAgain() external {
        _end(TaskStatus.Valid);
        vm.prank(WALLET);
        validators.exit();
        vm.warp(START + LEAST_DURATION + EXIT_DELAY);
        validators.release(WALLET);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        address[] memory signers = _signers();
        uint256 expected;
        for (uint256 i = 1; i < signers.length; ++i) expected += _shareOf(signers[i]);
        assertEq(_report(signers), expected, "amount");
        joinSet(validators, WALLET, 100 ether);
        assertEq(_report(signers), 30 ether, "amount with stake");
    }

    // Who is not slashed

    function test_RevertWhen_SignersAreOthers() external {
        _end(TaskStatus.Valid);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        address[] memory signers = _signers();
        address[][7] memory lists;
        for (uint256 i; i < lists.length; ++i) lists[i] = _signers();
        lists[0] = new address[](0);
        lists[1] = new address[](4);
        for (uint256 i; i < 4; ++i) lists[1][i] = signers[i];
        lists[2] = new address[](6);
        for (uint256 i; i < 5; ++i) lists[2][i] = signers[i];
        lists[2][5] = validatorAt(0);
        (lists[3][1], lists[3][2]) = (signers[2], signers[1]);
        lists[4][1] = validatorAt(0);
        lists[5][1] = signers[0];
        lists[6][4] = address(0);
        uint256 slashed = vault.totalSlashed();
        for (uint256 i; i < lists.length; ++i) _expectWrongSigners(lists[i]);
        assertEq(vault.totalSlashed(), slashed, "slashed");
        _report(signers);
    }

    /// @notice `Valid` that did not end the task is reported by its signatures alone.
    function test_RevertGiven_ValidDidNotEndTheTask() external {
        TaskStatus[3] memory statuses = [TaskStatus.Submitted, TaskStatus.Invalid, TaskStatus.Unjudged];
        for (uint256 i; i < statuses.length; ++i) {
            uint256 before = vm.snapshotState();
            if (statuses[i] == TaskStatus.Invalid) _end(TaskStatus.Invalid);
            if (statuses[i] == TaskStatus.Unjudged) expireShown(_taskId, VERDICT_BY + 1);
            assertStatus(_taskId, statuses[i]);
            _node.dispute(QUOTE, _binding, Standing.Disproven);
            _expectWrongSigners(_signers());
            _expectWrongSigners(new address[](0));
            vm.revertToState(before);
        }
    }

    function test_RevertGiven_SignersOfAnotherTask() external {
        _end(TaskStatus.Valid);
        vm.warp(START);
        uint256 first = _taskId;
        _taskId = reach(_node.readdress(aRequest()), TaskStatus.Submitted);
        ValidatorSignature[] memory alone = signaturesOf(keys, 0, 5, verdictDigest(_taskId, 1, TaskStatus.Valid));
        escrow.finalize(_taskId, TaskStatus.Valid, alone);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        _expectWrongSigners(_signers());
        _taskId = first;
        _report(_signers());
    }

    /// @notice Nobody vouched for what the chain verified: the quorum's record of the same quote is nothing to the task.
    function test_RevertGiven_ChainVerifiedTheNode() external {
        _node.listAs(VerifierKind.OnChain);
        _binding = _node.attest(QUOTE);
        vm.warp(START);
        _taskId = reach(_node.readdress(aRequest()), TaskStatus.Submitted);
        assertEq(escrow.getTask(_taskId).vouchedAttestation, 0, "attestation");
        ValidatorSignature[] memory signed = _signedOn(0, TaskStatus.Valid);
        escrow.finalize(_taskId, TaskStatus.Valid, signed);
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        _expectNotDisproven(QUOTE);
        bytes4 selector = ITaskEscrow.TaskEscrowNotDisproven.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, _taskId, keccak256(QUOTE)));
        escrow.reportFalseVerdict(_taskId, keccak256(QUOTE), _binding, signed);
    }

    function test_RevertGiven_QuoteIsAnotherOrHolds() external {
        _end(TaskStatus.Valid);
        _expectNotDisproven(QUOTE);
        _node.dispute(QUOTE, _binding, Standing.Holds);
        _expectNotDisproven(QUOTE);
        QuoteBinding memory binding = _binding;
        _binding = _node.attest("later quote");
        _node.dispute("later quote", _binding, Standing.Disproven);
        _expectNotDisproven("later quote");
        _expectNotDisproven(QUOTE);
        _binding = binding;
        _expectNotDisproven("later quote");
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        _report(_signers());
    }

    function test_RevertGiven_TaskHasNoResult() external {
        _node.dispute(QUOTE, _binding, Standing.Disproven);
        _taskId = publish(_node.readdress(aRequest()));
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidStatus.selector;
        _expectRefused(QUOTE, _signers(), abi.encodeWithSelector(selector, _taskId, TaskStatus.Published));
        ++_taskId;
        selector = ITaskEscrow.TaskEscrowUnknownTask.selector;
        _expectRefused(QUOTE, _signers(), abi.encodeWithSelector(selector, _taskId));
    }

    function _end(TaskStatus verdict) private {
        escrow.finalize(_taskId, verdict, _signed(verdict));
    }

    function _signers() private view returns (address[] memory signers) {
        signers = new address[](5);
        signers[0] = WALLET;
        for (uint256 i = 1; i < 5; ++i) signers[i] = validatorAt(i);
    }

    function _signed(TaskStatus verdict) private view returns (ValidatorSignature[] memory) {
        return _signedOn(1, verdict);
    }

    function _signedOn(
        uint256 attestation,
        TaskStatus verdict
    ) private view returns (ValidatorSignature[] memory signed) {
        bytes32 digest = verdictDigest(_taskId, attestation, verdict);
        signed = new ValidatorSignature[](5);
        signed[0] = ValidatorSignature(WALLET, signature(_walletKey, digest));
        ValidatorSignature[] memory others = signaturesOf(keys, 1, 4, digest);
        for (uint256 i = 1; i < 5; ++i) signed[i] = others[i - 1];
    }

    /// @dev What a slash takes of a validator now, rounded up.
    function _shareOf(address validator) private view returns (uint256) {
        return (validators.getValidator(validator).stake * SLASH_BPS + 9_999) / 10_000;
    }

    function _report(address[] memory signers) private returns (uint256) {
        return escrow.reportFalseSigners(_taskId, keccak256(QUOTE), _binding, signers);
    }

    function _expectWrongSigners(address[] memory signers) private {
        _expectRefused(QUOTE, signers, abi.encodeWithSelector(ITaskEscrow.TaskEscrowWrongSigners.selector, _taskId));
    }

    function _expectNotDisproven(bytes memory quote) private {
        bytes4 selector = ITaskEscrow.TaskEscrowNotDisproven.selector;
        _expectRefused(quote, _signers(), abi.encodeWithSelector(selector, _taskId, keccak256(quote)));
    }

    function _expectRefused(bytes memory quote, address[] memory signers, bytes memory refusal) private {
        vm.expectRevert(refusal);
        escrow.reportFalseSigners(_taskId, keccak256(quote), _binding, signers);
    }
}
