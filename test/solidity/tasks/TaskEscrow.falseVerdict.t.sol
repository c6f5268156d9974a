// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {Standing} from "../../../contracts/types/Attestation.sol";
import {QuoteBinding} from "../../../contracts/types/Node.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {VouchedNode} from "./VouchedNode.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";

/// @notice Who signs `Valid` for a result whose quote is later disproven pays for it. The first validator never vouched for a quote.
contract TaskEscrowFalseVerdictTest is TaskFixture {
    bytes private constant FIRST = "first quote";
    bytes private constant NEWEST = "newest quote at the result";
    bytes private constant LATER = "quote after the result";

    VouchedNode private _node;
    INodeRegistry private _registry;
    QuoteBinding private _first;
    QuoteBinding private _newest;
    QuoteBinding private _later;
    uint256 private _taskId;

    function setUp() public {
        _node = deployTasksOverRegistry();
        _registry = _node.registry();
        _first = _node.attest(FIRST);
        _newest = _node.attest(NEWEST);
        _taskId = reach(_node.readdress(aRequest()), TaskStatus.Submitted);
        _later = _node.attest(LATER);
    }

    function test_ValidSignersArePaidAndThenSlashed() external {
        escrow.finalize(_taskId, TaskStatus.Valid, _signed(_taskId, 2, 0, 5));
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        uint256[5] memory stakes;
        for (uint256 i; i < 5; ++i) {
            stakes[i] = validators.getValidator(validatorAt(i)).stake;
            // Who vouched has paid for that already.
            assertEq(stakes[i], i == 0 ? stakeAt(0) : stakeAt(i) - _share(stakeAt(i)), "stake");
        }
        uint256 total;
        for (uint256 i; i < 5; ++i) {
            total += _share(stakes[i]);
            vm.expectEmit(address(escrow));
            emit ITaskEscrow.VerdictSlashed(_taskId, validatorAt(i), stranger, _share(stakes[i]));
        }
        uint256 before = vault.freeStakeOf(treasury);
        vm.prank(stranger);
        assertEq(_report(_signed(_taskId, 2, 0, 5)), total, "amount");
        assertEq(vault.freeStakeOf(treasury), before + total, "treasury");
        for (uint256 i; i < 5; ++i) {
            uint256 left = validators.getValidator(validatorAt(i)).stake;
            assertEq(left, stakes[i] - _share(stakes[i]), "stake left");
        }
    }

    /// @notice Whatever became of it, and though the count of its attestation is the same.
    function test_RevertWhen_TheQuoteIsAnotherNodes() external {
        IQuorumVerifier.Record memory record;
        record.disproven = true;
        vm.mockCall(address(quorumVerifier), abi.encodePacked(IQuorumVerifier.getRecord.selector), abi.encode(record));
        QuoteBinding memory other = _newest;
        other.nonce += 1 << 32;
        _expectNotDisproven(_taskId, NEWEST, other);
        other.nonce -= 1 << 32;
        assertTrue(_report(_signed(_taskId, 2, 0, 1)) != 0, "its own");
    }

    function test_VerdictNeedNotHaveEndedTheTask() external {
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        assertEq(_report(_signed(_taskId, 2, 0, 1)), 30 ether, "amount");
        vm.warp(VERDICT_BY + 1);
        escrow.expire(_taskId);
        assertEq(_report(_signed(_taskId, 2, 0, 1)), 0, "amount again");
    }

    /// @notice A dispute that comes too late for those who vouched reaches who signed `Valid` as long as its stake is locked.
    function test_DisprovenLateCountsToo() external {
        vm.warp(START + DISPUTE_PERIOD + 1 hours);
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        assertEq(vault.totalSlashed(), 0, "slashed for vouching");
        assertEq(_report(_signed(_taskId, 2, 0, 2)), _share(stakeAt(0)) + _share(stakeAt(1)), "amount");
    }

    function test_WhoWasSlashedAlreadyIsSkipped() external {
        bytes memory valid = _signed(_taskId, 2, 0, 1)[0].signature;
        bytes memory invalid = signature(keys[0], _digest(TaskStatus.Invalid));
        assertEq(escrow.reportContradiction(_taskId, validatorAt(0), valid, invalid), 30 ether, "contradiction");
        vm.warp(START + DISPUTE_PERIOD + 1 hours);
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        uint256 expected = _share(stakeAt(1)) + _share(stakeAt(2));
        assertEq(_report(_signed(_taskId, 2, 0, 3)), expected, "the other two");
        assertEq(_report(_signed(_taskId, 2, 0, 3)), 0, "nobody left");
        assertEq(validators.getValidator(validatorAt(0)).stake, 70 ether, "stake");

        address validator = validatorAt(1);
        valid = _signed(_taskId, 2, 1, 1)[0].signature;
        invalid = signature(keys[1], _digest(TaskStatus.Invalid));
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowAlreadySlashed.selector, _taskId, validator));
        escrow.reportContradiction(_taskId, validator, valid, invalid);
    }

    function test_NamedTwiceIsSlashedOnce() external {
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        ValidatorSignature[] memory twice = _signed(_taskId, 2, 0, 2);
        twice[1] = twice[0];
        assertEq(_report(twice), 30 ether, "amount");
    }

    function test_EveryTaskOnTheQuoteIsAFaultOfItsOwn() external {
        vm.warp(START);
        uint256 other = reach(_node.readdress(aRequest()), TaskStatus.Submitted);
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        assertEq(_report(_signed(_taskId, 2, 0, 1)), 30 ether, "amount");
        // The other task rests on the quote after.
        _expectNotDisproven(other, NEWEST, _newest);
        _expectNotDisproven(other, LATER, _later);
        _node.dispute(LATER, _later, Standing.Disproven);
        ValidatorSignature[] memory signed = _signed(other, 3, 0, 1);
        assertEq(escrow.reportFalseVerdict(other, keccak256(LATER), _later, signed), 21 ether, "amount of the other");
    }

    // Who is not slashed

    function test_RevertWhen_SignedInvalid() external {
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        ValidatorSignature[] memory signed = _signed(_taskId, 2, 0, 2);
        signed[1].signature = signature(keys[1], _digest(TaskStatus.Invalid));
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidVerdictSignature.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, validatorAt(1), TaskStatus.Valid));
        _report(signed);
    }

    function test_RevertWhen_SignatureIsAnotherTasks() external {
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        ValidatorSignature[] memory signed = _signed(_taskId + 1, 2, 0, 1);
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidVerdictSignature.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, validatorAt(0), TaskStatus.Valid));
        _report(signed);
    }

    /// @notice Nobody answers for a quote before or after the one that was the newest.
    function test_RevertWhen_QuoteIsAnother() external {
        _node.dispute(FIRST, _first, Standing.Disproven);
        _node.dispute(LATER, _later, Standing.Disproven);
        _expectNotDisproven(_taskId, FIRST, _first);
        _expectNotDisproven(_taskId, LATER, _later);
        _expectNotDisproven(_taskId, FIRST, _newest);
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        _expectNotDisproven(_taskId, NEWEST, _first);
        _expectNotDisproven(_taskId, LATER, _newest);
        QuoteBinding memory other = _newest;
        other.nonce += 1 << 32;
        _expectNotDisproven(_taskId, NEWEST, other);
        other = _newest;
        ++other.blockNumber;
        _expectNotDisproven(_taskId, NEWEST, other);
        other = _newest;
        other.blockHash = _first.blockHash;
        _expectNotDisproven(_taskId, NEWEST, other);
        assertEq(_report(_signed(_taskId, 2, 0, 1)), 30 ether, "amount");
    }

    function test_RevertGiven_QuoteIsNotDisproven() external {
        _expectNotDisproven(_taskId, NEWEST, _newest);
        _node.dispute(NEWEST, _newest, Standing.Undecided);
        _expectNotDisproven(_taskId, NEWEST, _newest);
        _node.dispute(NEWEST, _newest, Standing.Holds);
        _expectNotDisproven(_taskId, NEWEST, _newest);
    }

    /// @notice That nobody showed the quote is the provider's fault, not the signers'; shown late and false, it is theirs too.
    function test_RevertGiven_QuoteWasWithheld() external {
        bytes32 reportData = _registry.reportDataOf(provider, enclave, _newest);
        fundProvider(stranger);
        vm.prank(stranger);
        vault.allow(address(quorumVerifier), 1);
        vm.prank(stranger);
        quorumVerifier.demandQuote(address(_registry), keccak256(NEWEST), reportData);
        vm.warp(START + 2 days);
        quorumVerifier.reportWithheld(address(_registry), keccak256(NEWEST), reportData);
        _expectNotDisproven(_taskId, NEWEST, _newest);
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        assertEq(_report(_signed(_taskId, 2, 0, 1)), 30 ether, "amount");
    }

    function test_RevertGiven_TaskHasNoResult() external {
        _node.dispute(NEWEST, _newest, Standing.Disproven);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnknownTask.selector, _taskId + 1));
        escrow.reportFalseVerdict(_taskId + 1, keccak256(NEWEST), _newest, new ValidatorSignature[](0));
        vm.warp(START);
        uint256 taskId = publish(_node.readdress(aRequest()));
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidStatus.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, taskId, TaskStatus.Published));
        escrow.reportFalseVerdict(taskId, keccak256(NEWEST), _newest, new ValidatorSignature[](0));
    }

    /// @notice The node of a disproven quote has ended: it submits nothing more, and its enclave cannot give up either.
    function test_DisprovenNodeSubmitsNothing() external {
        vm.warp(START);
        uint256 taskId = publish(_node.readdress(aRequest()));
        acceptAs(provider, taskId);
        vm.warp(START + LEAST_DURATION);
        _node.dispute(LATER, _later, Standing.Disproven);
        bytes memory signed = resultSignature(taskId);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNodeNotLive.selector, _node.id()));
        submitAs(provider, taskId, signed);
        assertEq(lockedOf(provider), 2 * STAKE_LOCK, "locks");
    }

    function _digest(TaskStatus verdict) private view returns (bytes32) {
        return verdictDigest(_taskId, 2, verdict);
    }

    /// @dev `Valid` for a task whose result rests on that attestation of the node.
    function _signed(
        uint256 taskId,
        uint256 attestation,
        uint256 first,
        uint256 count
    ) private view returns (ValidatorSignature[] memory) {
        return signaturesOf(keys, first, count, verdictDigest(taskId, attestation, TaskStatus.Valid));
    }

    function _share(uint256 stake) private pure returns (uint256) {
        return (stake * SLASH_BPS + 9_999) / 10_000;
    }

    function _report(ValidatorSignature[] memory signed) private returns (uint256) {
        return escrow.reportFalseVerdict(_taskId, keccak256(NEWEST), _newest, signed);
    }

    function _expectNotDisproven(uint256 taskId, bytes memory quote, QuoteBinding memory binding) private {
        ValidatorSignature[] memory signed = _signed(taskId, 2, 0, 1);
        bytes4 selector = ITaskEscrow.TaskEscrowNotDisproven.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, taskId, keccak256(quote)));
        escrow.reportFalseVerdict(taskId, keccak256(quote), binding, signed);
    }
}
