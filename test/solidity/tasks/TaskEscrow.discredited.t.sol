// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {Standing} from "../../../contracts/types/Attestation.sol";
import {EndReason, QuoteBinding} from "../../../contracts/types/Node.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {VouchedNode} from "./VouchedNode.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";

/// @title TaskEscrowDiscreditedTest
/// @notice A node whose quote was disproven or withheld neither gives up at others' expense nor is paid, whoever keeps silent.
contract TaskEscrowDiscreditedTest is TaskFixture {
    bytes private constant QUOTE = "quote";

    VouchedNode private _node;
    INodeRegistry private _registry;
    QuoteBinding private _binding;
    uint256 private _taskId;

    function setUp() public {
        _node = deployTasksOverRegistry();
        _registry = _node.registry();
        _binding = _node.attest(QUOTE);
        _taskId = publish(_node.readdress(aRequest()));
        acceptAs(provider, _taskId);
    }

    function test_ItsEnclaveCannotGiveUp() external {
        bytes memory word = signature(enclaveKey, abortDigest(_taskId));
        for (uint256 i; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            _discredit(i == 0);
            vm.expectRevert(_discredited());
            escrow.abort(_taskId, word);
            expireAt(_taskId, RESULT_BY + 1);
            assertStatus(_taskId, TaskStatus.Late);
            assertEq(escrow.balanceOf(requester), uint256(NODE_FEE) + VALIDATOR_FEE, "returned");
            vm.revertToState(before);
        }
    }

    function test_AnyOtherEndLetsItGiveUp() external {
        _node.exit();
        vm.warp(START + 1 days);
        escrow.abort(_taskId, signature(enclaveKey, abortDigest(_taskId)));
        assertStatus(_taskId, TaskStatus.Aborted);
        assertEq(lockedOf(provider), 0, "lock");
    }

    function test_ItsResultIsNotCalledValidAnyMore() external {
        reachResult(_taskId, TaskStatus.Submitted);
        ValidatorSignature[] memory valid = _verdict(TaskStatus.Valid);
        ValidatorSignature[] memory invalid = _verdict(TaskStatus.Invalid);
        _withhold();
        vm.expectRevert(_discredited());
        escrow.finalize(_taskId, TaskStatus.Valid, valid);
        escrow.finalize(_taskId, TaskStatus.Invalid, invalid);
        assertStatus(_taskId, TaskStatus.Invalid);
    }

    /// @notice Silence leaves a result standing only while nothing speaks against its quote.
    function test_SilenceDoesNotPayIt() external {
        reachResult(_taskId, TaskStatus.Submitted);
        for (uint256 i; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            _discredit(i == 0);
            uint256 atTreasury = vault.freeStakeOf(treasury);
            expireAt(_taskId, VERDICT_BY + 1);
            assertStatus(_taskId, TaskStatus.Invalid);
            assertEq(escrow.balanceOf(requester), uint256(NODE_FEE) + VALIDATOR_FEE, "returned");
            assertEq(escrow.balanceOf(provider), 0, "paid");
            assertEq(vault.freeStakeOf(treasury), atTreasury + STAKE_LOCK, "treasury");
            assertEq(lockedOf(provider), 0, "lock");
            vm.revertToState(before);
        }
    }

    /// @notice No exit hides a false quote: what comes to light after the node's end counts as well, and the end stays.
    function test_AnExitIsNoWayOut() external {
        uint256 other = publish(_node.readdress(aRequest()));
        acceptAs(provider, other);
        reachResult(_taskId, TaskStatus.Submitted);
        ValidatorSignature[] memory valid = _verdict(TaskStatus.Valid);
        bytes memory word = signature(enclaveKey, abortDigest(other));
        _node.exit();
        uint256 end = _registry.endOf(_node.id());
        vm.warp(end + 1);
        for (uint256 i; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            _discredit(i == 0);
            assertEq(_registry.endOf(_node.id()), end, "end");
            // Disproven early, the vouching has cost its signers their seats; withheld, it has not.
            if (i == 1) {
                vm.expectRevert(_discredited());
                escrow.finalize(_taskId, TaskStatus.Valid, valid);
            }
            vm.expectRevert(_discredited());
            escrow.abort(other, word);
            expireAt(_taskId, VERDICT_BY + 1);
            assertStatus(_taskId, TaskStatus.Invalid);
            vm.revertToState(before);
        }
    }

    function test_OtherwiseSilencePaysIt() external {
        reachResult(_taskId, TaskStatus.Submitted);
        _node.dispute(QUOTE, _binding, Standing.Undecided);
        expireShown(_taskId, VERDICT_BY + 1);
        assertStatus(_taskId, TaskStatus.Unjudged);
        assertEq(escrow.balanceOf(provider), NODE_FEE, "paid");
    }

    function _discredit(bool byDispute) private {
        if (byDispute) _node.dispute(QUOTE, _binding, Standing.Disproven);
        else _withhold();
    }

    /// @dev Nobody shows the quote within the day.
    function _withhold() private {
        bytes32 quoteHash = keccak256(QUOTE);
        bytes32 reportData = _registry.reportDataOf(provider, enclave, _binding);
        fundProvider(stranger);
        vm.startPrank(stranger);
        vault.allow(address(quorumVerifier), 1);
        quorumVerifier.demandQuote(address(_registry), quoteHash, reportData);
        vm.stopPrank();
        vm.warp(block.timestamp + 1 days + 1);
        _registry.dispute(_node.id(), address(quorumVerifier), quoteHash, _binding, "");
        (, EndReason reason, ) = _registry.standingOf(_node.id());
        assertEq(uint256(reason), uint256(EndReason.Withheld), "end");
    }

    function _verdict(TaskStatus verdict) private view returns (ValidatorSignature[] memory) {
        return signaturesOf(keys, 1, 4, verdictDigest(_taskId, 1, verdict));
    }

    function _discredited() private view returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowNodeDiscredited.selector, _node.id());
    }
}
