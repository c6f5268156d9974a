// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {Vm} from "../utils/Test.sol";

/// @notice Closing, by whom and from when on.
contract OrderEscrowCloseTest is EscrowFixture {
    uint256 private _deposit;

    function setUp() public {
        deployEscrow();
        openFor(10 * EPOCH);
        _deposit = costUp(10 * EPOCH);
    }

    function test_UserClosesAtOnce() external {
        proveEpochs(0, 2);
        warpTo(EPOCH + 100);
        uint256 kept = cost(EPOCH + 100);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderClosed(
            1,
            StopReason.UserClosed,
            START + EPOCH + 100,
            _deposit - kept,
            kept - cost(EPOCH)
        );
        closeAs(user, 1);
        assertStatus(1, OrderStatus.Closing, StopReason.UserClosed);
        assertEq(escrow.balanceOf(user), _deposit - kept, "refunded at once");
        assertEq(escrow.unitsInUse(NODE), 0, "units in use");
        assertEq(escrow.idleLockOf(NODE), STAKE_LOCK, "idle at once");
        assertEq(releaseIdle(), STAKE_LOCK, "released");

        warpTo(2 * EPOCH);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderFinalized(1, 0);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.UserClosed, START + EPOCH + 100, EPOCH + 100);
        assertEq(earned(NODE), net(kept), "provider's ledger");
        assertEq(lockedOf(provider), 0, "locked");
        escrow.settle(1, 0);
        assertEq(earned(NODE), net(kept), "nothing twice");
    }

    function test_CloseInTheSecondOfOpening() external {
        closeAs(user, 1);
        assertClosed(1, StopReason.UserClosed, START, 0);
        assertEq(escrow.balanceOf(user), _deposit, "refunded");
        assertEq(vault.freeStakeOf(provider), 1e24, "free stake");
        vm.expectRevert(invalidStatus(1, OrderStatus.Closed));
        closeAs(user, 1);
    }

    function test_UndecidedReturnsWhenUnproven() external {
        warpTo(100);
        closeAs(user, 1);
        warpTo(EPOCH);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderFinalized(1, cost(100));
        escrow.settle(1, 0);
        assertEq(escrow.balanceOf(user), _deposit, "refunded");
    }

    function test_ProviderClosesWithTheNextEpoch() external {
        proveEpochs(0, 5);
        warpTo(EPOCH + 5);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderCloseScheduled(1, START + 3 * EPOCH);
        closeAs(provider, 1);
        assertStatus(1, OrderStatus.Active, StopReason.ProviderClosed);
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowCloseScheduled.selector, 1, START + 3 * EPOCH));
        closeAs(provider, 1);
        warpTo(4 * EPOCH);
        closeAs(stranger, 1);
        assertClosed(1, StopReason.ProviderClosed, START + 3 * EPOCH, 3 * EPOCH);
        assertEq(escrow.balanceOf(user), _deposit - cost(3 * EPOCH), "refunded");
    }

    /// @notice A provider need not wait for a user who may come back: it ends a dry order at once, recorded or not.
    function test_ProviderClosesADryOrderAtOnce() external {
        openFor(2 * EPOCH);
        proveEpochs(0, 10);
        warpTo(2 * EPOCH);
        closeAs(provider, 2);
        assertClosed(2, StopReason.Depleted, START + 2 * EPOCH, 2 * EPOCH);
        warpTo(10 * EPOCH);
        escrow.settle(1, 0);
        assertStatus(1, OrderStatus.Stopped, StopReason.Depleted);
        closeAs(provider, 1);
        assertClosed(1, StopReason.Depleted, START + 10 * EPOCH, 10 * EPOCH);
        assertEq(releaseIdle(), 2 * STAKE_LOCK, "released");
        assertEq(vault.freeStakeOf(provider), 1e24, "free stake");
    }

    function test_AnyoneClosesADryOrderOnceItsTermsAreOver() external {
        proveEpochs(0, 10);
        warpTo(1 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnauthorized.selector, 1, stranger));
        closeAs(stranger, 1);
        warpTo(1 days);
        closeAs(stranger, 1);
        assertClosed(1, StopReason.Depleted, START + 10 * EPOCH, 10 * EPOCH);
    }

    /// @notice An order that runs dry when its terms are over does not wait for a restart that cannot come.
    function test_ADryOrderWhoseTermsAreOverIsOver() external {
        topUpAs(user, 1, costUp(14 * EPOCH));
        proveEpochs(0, 24);
        warpTo(24 * EPOCH);
        (OrderStatus status, ) = escrow.statusOf(1);
        assertEq(uint256(status), uint256(OrderStatus.Closed), "foretold");
        escrow.settle(1, 0);
        assertClosed(1, StopReason.Depleted, START + 24 * EPOCH, 24 * EPOCH);
    }

    /// @notice Only a depletion that a top-up can undo emits a stop; every other end emits one event, a close.
    function test_OnlyADepletionIsEmittedAsAStop() external {
        proveEpochs(0, 10);
        warpTo(10 * EPOCH);
        vm.recordLogs();
        escrow.settle(1, 0);
        assertEq(_stopsTold(), 1, "depleted");
        closeAs(user, 1);
        openFor(2 * EPOCH);
        closeAs(user, 2);
        openFor(2 * EPOCH);
        closeAs(provider, 3);
        nodes.setEnd(NODE, block.timestamp);
        warpTo(12 * EPOCH);
        escrow.settle(3, 0);
        assertEq(_stopsTold(), 0, "closed");
        assertClosed(3, StopReason.NodeEnded, START + 10 * EPOCH, 0);
    }

    function test_RevertWhen_StrangerClosesARunningOrder() external {
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnauthorized.selector, 1, stranger));
        closeAs(stranger, 1);
    }

    /// @dev How often {OrderStopped} was emitted since the logs were last read.
    function _stopsTold() private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IOrderEscrow.OrderStopped.selector) ++count;
        }
    }
}
