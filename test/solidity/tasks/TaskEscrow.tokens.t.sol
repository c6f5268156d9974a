// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {Permit} from "../../../contracts/types/Permit.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {taskName} from "./TaskNames.sol";

/// @notice How tokens come in and go out: permits, the ledger, and tokens that keep to no standard or attack.
contract TaskEscrowTokensTest is TaskFixture {
    HostileToken private _hostile;

    function setUp() public {
        _hostile = HostileToken(deploy("HostileToken.sol:HostileToken", ""));
        _hostile.mint(address(this), 1e36);
        deployTasks(address(_hostile));
    }

    // Permits

    function test_PermitPublishesWithoutAllowance() external {
        Permit memory permit = _permit(ESCROWED, block.timestamp);
        vm.prank(requester);
        assertEq(escrow.publishWithPermit(aRequest(), permit), 1, "id");
        assertEq(escrow.escrowOf(1), ESCROWED, "escrow");
        assertEq(token.balanceOf(address(escrow)), ESCROWED, "balance");
        assertEq(token.allowance(requester, address(escrow)), 0, "allowance");
    }

    /// @notice Who carries a permit to the token first changes nothing.
    function test_PermitCarriedBySomebodyElseBeforeStillWorks() external {
        Permit memory permit = _permit(ESCROWED, block.timestamp);
        vm.prank(stranger);
        IERC20Permit(address(token)).permit(
            requester,
            address(escrow),
            ESCROWED,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s
        );
        vm.prank(requester);
        escrow.publishWithPermit(aRequest(), permit);
        assertEq(escrow.escrowOf(1), ESCROWED, "escrow");
    }

    function test_BadPermitIsNoFailureGivenTheAllowance() external {
        Permit memory permit = _permit(ESCROWED, block.timestamp - 1);
        vm.startPrank(requester);
        token.approve(address(escrow), ESCROWED);
        escrow.publishWithPermit(aRequest(), permit);
        vm.stopPrank();
        assertEq(escrow.escrowOf(1), ESCROWED, "escrow");
    }

    function test_RevertWhen_PermitIsBadAndNoAllowanceIsThere() external {
        Permit[3] memory bad = [
            _permit(ESCROWED, block.timestamp - 1),
            _permit(ESCROWED - 1, block.timestamp),
            _permit(ESCROWED, block.timestamp)
        ];
        bad[2].v ^= 1;
        for (uint256 i; i < bad.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, ESCROWED)
            );
            vm.prank(requester);
            escrow.publishWithPermit(aRequest(), bad[i]);
        }
        assertEq(escrow.taskCount(), 0, "tasks");
    }

    function test_RevertGiven_PausedWithPermit() external {
        Permit memory permit = _permit(ESCROWED, block.timestamp);
        escrow.setPaused(true);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowPaused.selector));
        vm.prank(requester);
        escrow.publishWithPermit(aRequest(), permit);
    }

    // The ledger

    function test_WithdrawPaysAllToWhomTheCallerNames() external {
        reach(TaskStatus.Cancelled);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.Withdrawn(requester, stranger, ESCROWED);
        vm.prank(requester);
        assertEq(escrow.withdraw(stranger), ESCROWED, "amount");
        assertEq(token.balanceOf(stranger), ESCROWED, "receiver's balance");
        assertEq(escrow.balanceOf(requester), 0, "ledger");
        assertEq(token.balanceOf(address(escrow)), 0, "escrow's balance");
    }

    function test_RevertGiven_NothingToWithdraw() external {
        reach(TaskStatus.Cancelled);
        vm.startPrank(requester);
        escrow.withdraw(requester);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNothingToWithdraw.selector, requester));
        escrow.withdraw(requester);
        vm.stopPrank();
    }

    function test_RevertWhen_ReceiverCannotBe() external {
        reach(TaskStatus.Cancelled);
        address[2] memory receivers = [address(0), address(escrow)];
        for (uint256 i; i < receivers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidReceiver.selector, receivers[i]));
            vm.prank(requester);
            escrow.withdraw(receivers[i]);
        }
    }

    // Tokens

    function test_RevertGiven_TokenTakesAFee() external {
        vm.prank(requester);
        token.approve(address(escrow), type(uint256).max);
        _hostile.setDialect(HostileToken.Dialect.FeeOnTransfer);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITaskEscrow.TaskEscrowUnexpectedAmount.selector,
                ESCROWED,
                ESCROWED - (uint256(ESCROWED) + 99) / 100
            )
        );
        vm.prank(requester);
        escrow.publish(aRequest());
        assertEq(escrow.taskCount(), 0, "tasks");
    }

    function test_RevertGiven_TokenReturnsFalse() external {
        fundRequester(requester);
        reach(TaskStatus.Cancelled);
        _hostile.setDialect(HostileToken.Dialect.ReturnsFalse);
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, _hostile);
        vm.startPrank(requester);
        vm.expectRevert(failed);
        escrow.publish(aRequest());
        vm.expectRevert(failed);
        escrow.withdraw(requester);
        vm.stopPrank();
        assertEq(escrow.balanceOf(requester), ESCROWED, "ledger");
    }

    function test_TokenThatReturnsNothingWorks() external {
        _hostile.setDialect(HostileToken.Dialect.ReturnsNothing);
        reach(TaskStatus.Cancelled);
        vm.prank(requester);
        escrow.withdraw(stranger);
        assertEq(token.balanceOf(stranger), ESCROWED, "receiver's balance");
    }

    /// @notice While tokens come in or go out, every function that moves tokens is shut.
    function test_ReentryIsRefused() external {
        Permit memory none;
        bytes[3] memory calls = [
            abi.encodeCall(escrow.publish, (aRequest())),
            abi.encodeCall(escrow.publishWithPermit, (aRequest(), none)),
            abi.encodeCall(escrow.withdraw, (stranger))
        ];
        bytes memory refused = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.prank(requester);
        token.approve(address(escrow), type(uint256).max);
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        for (uint256 i; i < calls.length; ++i) {
            _hostile.setReentry(address(escrow), calls[i]);
            reach(TaskStatus.Cancelled);
            assertEq(keccak256(_hostile.reentryResult()), keccak256(refused), "refused in publish");
            vm.prank(requester);
            escrow.withdraw(requester);
            assertEq(keccak256(_hostile.reentryResult()), keccak256(refused), "refused in withdraw");
        }
        assertEq(_hostile.reentries(), 2 * calls.length, "tried");
        assertEq(token.balanceOf(address(escrow)), 0, "balance");
    }

    /// @notice A hook that cancels its task before the money has come is owed the money once, and cannot have it before.
    function test_CancellingFromInsideThePaymentGivesBackThePayment() external {
        address self = address(_hostile);
        TaskRequest memory request = aRequest();
        _hostile.transfer(self, ESCROWED);
        _hostile.execute(self, abi.encodeCall(token.approve, (address(escrow), ESCROWED)));
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        _hostile.setReentry(address(escrow), abi.encodeCall(escrow.cancel, (1, taskName(self, request))));
        _hostile.execute(address(escrow), abi.encodeCall(escrow.publish, (request)));

        assertTrue(_hostile.reentrySucceeded(), "cancelled from inside");
        assertStatus(1, TaskStatus.Cancelled);
        assertEq(escrow.balanceOf(self), ESCROWED, "ledger");
        assertEq(token.balanceOf(address(escrow)), ESCROWED, "balance");
    }

    /// @notice A hook that finishes a task while its money is on the way gives away nothing that has not come.
    function test_ExpiringFromInsideAWithdrawalPaysOnce() external {
        reach(TaskStatus.Cancelled);
        uint256 taskId = reach(TaskStatus.Accepted);
        vm.warp(RESULT_BY + 1);
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        _hostile.setReentry(address(escrow), abi.encodeCall(escrow.expire, (taskId)));
        vm.prank(requester);
        escrow.withdraw(requester);
        assertTrue(_hostile.reentrySucceeded(), "expired from inside");
        assertEq(escrow.balanceOf(requester), ESCROWED, "ledger");
        assertEq(token.balanceOf(address(escrow)), ESCROWED, "balance");
    }

    function _permit(uint256 value, uint256 deadline) private returns (Permit memory permit) {
        vm.prank(requester);
        token.approve(address(escrow), 0);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                requester,
                address(escrow),
                value,
                _hostile.nonces(requester),
                deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", _hostile.DOMAIN_SEPARATOR(), structHash));
        permit.deadline = deadline;
        (permit.v, permit.r, permit.s) = vm.sign(requesterKey, digest);
    }
}
