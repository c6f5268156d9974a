// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";

/// @notice Nobody keeps others from their money: not by refusing tokens, nor by re-entering, nor by the pause.
contract TaskEscrowGriefingTest is TaskFixture {
    HostileToken private _hostile;
    address[] private _accounts;
    bytes private _refusal;

    function setUp() public {
        _hostile = HostileToken(deploy("HostileToken.sol:HostileToken", ""));
        _hostile.mint(address(this), 1e36);
        deployTasks(address(_hostile));
        _accounts = [requester, provider, owner, otherOwner, treasury, address(vault)];
        for (uint256 i; i < 5; ++i) _accounts.push(validatorAt(i));
    }

    /// @notice A token that refuses every one of them still keeps no task from its end.
    function test_RefusedReceiversKeepNoTaskFromItsEnd() external {
        uint256 accepted = reach(TaskStatus.Accepted);
        uint256 aborted = reach(TaskStatus.Accepted);
        uint256 cancelled = reach(TaskStatus.Published);
        uint256[3] memory submitted;
        for (uint256 i; i < 3; ++i) {
            vm.warp(START);
            submitted[i] = reach(TaskStatus.Submitted);
        }
        showResult(submitted[2]);
        _hostile.setDialect(HostileToken.Dialect.Reverts);
        for (uint256 i; i < _accounts.length; ++i) _hostile.setBlocked(_accounts[i], true);

        finalize(submitted[0], TaskStatus.Valid);
        finalize(submitted[1], TaskStatus.Invalid);
        escrow.abort(aborted, signature(enclaveKey, abortDigest(aborted)));
        cancelAs(requester, cancelled);
        vm.warp(VERDICT_BY + 1);
        escrow.expire(accepted);
        escrow.expire(submitted[2]);
        assertStatus(submitted[0], TaskStatus.Valid);
        assertStatus(submitted[1], TaskStatus.Invalid);
        assertStatus(submitted[2], TaskStatus.Unjudged);
        assertStatus(accepted, TaskStatus.Late);
    }

    function test_RefusedReceiverBlocksOnlyItself() external {
        reach(TaskStatus.Valid);
        _hostile.setDialect(HostileToken.Dialect.Reverts);
        _hostile.setBlocked(owner, true);
        vm.expectRevert(abi.encodeWithSelector(HostileToken.HostileTokenBlocked.selector, owner));
        vm.prank(owner);
        escrow.withdraw(owner);
        for (uint256 i = 1; i < 4; ++i) {
            address account = _accounts[i];
            if (account == owner) continue;
            uint256 owed = escrow.balanceOf(account);
            vm.prank(account);
            escrow.withdraw(account);
            assertEq(token.balanceOf(account), owed, "balance");
        }
        vm.prank(owner);
        escrow.withdraw(stranger);
        assertEq(token.balanceOf(stranger), PRICE, "another receiver's balance");
    }

    function test_PauseStopsNoEnd() external {
        uint256 aborted = reach(TaskStatus.Accepted);
        uint256 late = reach(TaskStatus.Accepted);
        uint256 cancelled = reach(TaskStatus.Published);
        uint256[3] memory submitted;
        for (uint256 i; i < 3; ++i) submitted[i] = reach(TaskStatus.Accepted);
        escrow.setPaused(true);

        vm.warp(START + LEAST_DURATION);
        for (uint256 i; i < 3; ++i) submit(submitted[i]);
        showResult(submitted[2]);
        finalize(submitted[0], TaskStatus.Valid);
        finalize(submitted[1], TaskStatus.Invalid);
        escrow.abort(aborted, signature(enclaveKey, abortDigest(aborted)));
        cancelAs(requester, cancelled);
        vm.warp(VERDICT_BY + 1);
        escrow.expire(late);
        escrow.expire(submitted[2]);
        bytes32 valid = verdictDigest(submitted[0], 0, TaskStatus.Valid);
        bytes32 invalid = verdictDigest(submitted[0], 0, TaskStatus.Invalid);
        uint256 slashed = escrow.reportContradiction(
            submitted[0],
            validatorAt(0),
            signature(keys[0], valid),
            signature(keys[0], invalid)
        );
        assertEq(slashed, 30 ether, "slashed");
        for (uint256 i; i < _accounts.length; ++i) {
            if (escrow.balanceOf(_accounts[i]) == 0) continue;
            vm.prank(_accounts[i]);
            escrow.withdraw(_accounts[i]);
        }
        assertEq(token.balanceOf(address(escrow)), 0, "balance");
        assertEq(lockedOf(provider), 0, "lock");
    }

    /// @notice A hook that plays a whole task while its payment is on the way: what is owed is covered when the payment is in, and
    /// nothing goes out before.
    function test_WholeTaskInsideItsPaymentIsCovered() external {
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        _hostile.setReentry(address(this), abi.encodeCall(this.playInside, ()));
        uint256 taskId = publish(aRequest());
        assertTrue(_hostile.reentrySucceeded(), "played inside");
        assertStatus(taskId, TaskStatus.Aborted);
        bytes memory refused = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertEq(keccak256(_refusal), keccak256(refused), "withdrawing inside");
        assertEq(escrow.balanceOf(owner), PRICE, "owner");
        assertEq(escrow.balanceOf(otherOwner), OTHER_PRICE, "other owner");
        assertEq(escrow.balanceOf(requester), ESCROWED - OWNERS_FEE, "requester");
        assertEq(token.balanceOf(address(escrow)), ESCROWED, "balance");
    }

    function playInside() external {
        acceptAs(provider, 1);
        escrow.abort(1, signature(enclaveKey, abortDigest(1)));
        vm.prank(owner);
        try escrow.withdraw(owner) {} catch (bytes memory refusal) {
            _refusal = refusal;
        }
    }

    /// @notice The requester may take its task back until somebody accepts; who comes second fails, and nothing of it is taken.
    function test_CancellingBeforeTheAcceptanceLocksNothing() external {
        uint256 taskId = reach(TaskStatus.Cancelled);
        bytes memory acceptance = abi.encodeCall(escrow.accept, (taskId, nameOf(taskId), enclave));
        vm.prank(provider);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = address(escrow).call(acceptance);
        assertTrue(!success, "accepted what is gone");
        assertEq(lockedOf(provider), 0, "lock");
        assertEq(escrow.balanceOf(requester), ESCROWED, "ledger");
    }

    /// @notice Tokens sent to the escrow are nobody's, and change nothing.
    function test_DonationMovesNothing() external {
        uint256 taskId = reach(TaskStatus.Submitted);
        token.transfer(address(escrow), 1e30);
        finalize(taskId, TaskStatus.Valid);
        for (uint256 i; i < _accounts.length; ++i) {
            if (escrow.balanceOf(_accounts[i]) == 0) continue;
            vm.prank(_accounts[i]);
            escrow.withdraw(_accounts[i]);
        }
        assertEq(token.balanceOf(address(escrow)), 1e30, "balance");
    }
}
