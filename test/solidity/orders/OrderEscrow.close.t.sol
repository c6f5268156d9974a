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
        assertEq(lockedOf(provider), STAKE_LOCK, "locked till the epoch is final");

        warpTo(2 * EPOCH);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderFinalized(1, 0, STAKE_LOCK);
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
        assertEq(lockedOf(provider), 0, "locked");
        vm.expectRevert(invalidStatus(1, OrderStatus.Closed));
        closeAs(user, 1);
    }

    function test_UndecidedReturnsWhenUnproven() external {
        warpTo(100);
        closeAs(user, 1);
        warpTo(EPOCH);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderFinalized(1, cost(100), STAKE_LOCK);
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

    function test_AnyoneClosesADryOrderAfterGrace() external {
        proveEpochs(0, 10);
        warpTo(10 * EPOCH + 3 days - 1);
        address[2] memory early = [stranger, provider];
        for (uint256 i; i < early.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnauthorized.selector, 1, early[i]));
            closeAs(early[i], 1);
        }
        warpTo(10 * EPOCH + 3 days);
        closeAs(stranger, 1);
        assertClosed(1, StopReason.Depleted, START + 10 * EPOCH, 10 * EPOCH);
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
