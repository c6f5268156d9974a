// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {NodesStandIn} from "./EscrowStandIns.sol";

/// @notice The ways out of an order, and that none is ever barred.
contract OrderEscrowExitsTest is EscrowFixture {
    function setUp() public {
        deployEscrow();
    }

    /// @notice From each status, the user or just anyone empties the order, with a provider that is gone.
    function test_NoEscrowIsStranded() external {
        requestFor(2 * EPOCH);
        openFor(2 * EPOCH);
        openFor(4 * EPOCH + 60);
        proveEpochs(0, 4);
        nodes.setOpen(NODE, false);
        escrow.setPaused(true);

        warpTo(4 * EPOCH + 100);
        escrow.settle(2, 0);
        assertStatus(2, OrderStatus.Stopped, StopReason.Depleted);
        closeAs(user, 3);
        assertStatus(3, OrderStatus.Closing, StopReason.Depleted);

        vm.startPrank(stranger);
        warpTo(1 days);
        escrow.settle(3, 0);
        escrow.collectFees(theNode());
        vm.stopPrank();
        cancelAs(stranger, 1);
        closeAs(stranger, 2);
        assertClosed(2, StopReason.Depleted, START + 2 * EPOCH, 2 * EPOCH);
        assertClosed(3, StopReason.Depleted, START + 4 * EPOCH + 60, 4 * EPOCH);
        _withdrawAll();
        assertEq(token.balanceOf(address(escrow)), 0, "escrow's balance");
        assertEq(releaseIdle(), 2 * STAKE_LOCK, "released");
        assertEq(lockedOf(provider), 0, "locked");
    }

    function test_PauseNeverBlocksExit() external {
        requestFor(2 * EPOCH);
        openFor(10 * EPOCH);
        openFor(10 * EPOCH);
        proveEpochs(0, 10);
        warpTo(EPOCH + 5);
        escrow.setPaused(true);
        cancelAs(user, 1);
        topUpAs(user, 2, 1);
        closeAs(provider, 2);
        closeAs(user, 3);
        warpTo(3 * EPOCH);
        escrow.settle(2, 0);
        escrow.settle(3, 0);
        assertClosed(2, StopReason.ProviderClosed, START + 3 * EPOCH, 3 * EPOCH);
        assertClosed(3, StopReason.UserClosed, START + EPOCH + 5, EPOCH + 5);
        bytes32 offerHash = escrow.hashOffer(anOffer());
        vm.prank(provider);
        escrow.cancelOffer(offerHash);
        _withdrawAll();
        releaseIdle();
    }

    function test_NodeEndInsideAnEpochStopsUnslashed() external {
        openFor(10 * EPOCH);
        missEpochs(0, 3);
        proveEpochs(0, 1);
        nodes.setEnd(NODE, START + 2 * EPOCH + 1_800);
        uint256[3] memory times = [uint256(1_799), 1_800, EPOCH - 1];
        for (uint256 i; i < times.length; ++i) {
            warpTo(2 * EPOCH + times[i]);
            assertEq(escrow.stopTimeOf(1), START + 2 * EPOCH + 1_800, "set to stop");
            escrow.settle(1, 0);
            if (i == 0) assertStatus(1, OrderStatus.Active, StopReason.None);
            else assertStatus(1, OrderStatus.Closing, StopReason.NodeEnded);
        }
        // The epoch of the end was challenged and follows a miss, but does not count as one.
        warpTo(3 * EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.NodeEnded, START + 2 * EPOCH + 1_800, EPOCH);
        assertEq(vault.totalSlashed(), 0, "slashed");
    }

    /// @notice An order ends with the epoch in which its node ended, and what the node proved of that epoch is payable to its end.
    function test_NodeEndCountsToTheEndOfItsEpoch() external {
        uint256[4] memory ends = [EPOCH, EPOCH + 1, 2 * EPOCH - 1, 2 * EPOCH];
        for (uint256 i; i < ends.length; ++i) _expectEndOf(0, ends[i], i == 0 ? EPOCH : 2 * EPOCH);
    }

    /// @notice The same where the epoch of the end is the last of a word, or the first of the next.
    function test_NodeEndAtAWordsBorder() external {
        uint256 border = ((START / EPOCH / 192 + 1) * 192) * EPOCH - START;
        uint256[5] memory ends = [border - EPOCH, border - EPOCH + 1, border, border + 1, border + EPOCH];
        uint256[5] memory stops = [border - EPOCH, border, border, border + EPOCH, border + EPOCH];
        for (uint256 i; i < ends.length; ++i) _expectEndOf(border - 3 * EPOCH, ends[i], stops[i]);
    }

    /// @notice An order all of whose epochs are proven is settled without a look at the registry.
    function test_ProvenEpochsNeedNoRegistry() external {
        openFor(400 * EPOCH);
        proveEpochs(0, 301);
        nodes.setMute(true);
        for (uint256 i = 1; i <= 300; i += i < 3 ? 1 : 99) {
            warpTo(i * EPOCH + 7);
            escrow.settle(1, 0);
        }
        assertEq(escrow.getOrder(1).progress.payableSeconds, 300 * EPOCH, "payable seconds");
        warpTo(301 * EPOCH);
        vm.expectRevert(abi.encodeWithSelector(NodesStandIn.Mute.selector));
        escrow.settle(1, 0);
    }

    /// @notice The end of a node that had proven the epoch shows as soon as the next epoch begins, proven or not yet.
    function test_NodeEndIsNoticedAtOnce() external {
        openFor(10 * EPOCH);
        proveEpochs(0, 10);
        nodes.setEnd(NODE, START + EPOCH + 1);
        warpTo(2 * EPOCH - 1);
        escrow.settle(1, 0);
        assertStatus(1, OrderStatus.Active, StopReason.None);
        assertEq(escrow.stopTimeOf(1), START + 2 * EPOCH, "stop time");
        warpTo(2 * EPOCH);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderClosed(
            1,
            StopReason.NodeEnded,
            START + 2 * EPOCH,
            costUp(10 * EPOCH) - cost(2 * EPOCH),
            0
        );
        escrow.settle(1, 0);
        assertClosed(1, StopReason.NodeEnded, START + 2 * EPOCH, 2 * EPOCH);
        assertEq(earned(NODE), net(cost(2 * EPOCH)), "earned");
    }

    /// @notice Three stops in one second: a close before the node's end before depletion.
    function test_TiesOfStops() external {
        proveEpochs(0, 3);
        openFor(2 * EPOCH);
        openFor(2 * EPOCH);
        closeAs(provider, 1);
        nodes.setEnd(NODE, START + 2 * EPOCH);
        warpTo(2 * EPOCH);
        escrow.settle(1, 0);
        escrow.settle(2, 0);
        assertClosed(1, StopReason.ProviderClosed, START + 2 * EPOCH, 2 * EPOCH);
        assertClosed(2, StopReason.NodeEnded, START + 2 * EPOCH, 2 * EPOCH);
    }

    /// @notice The third miss ends the order at the very second of the scheduled close: faults go first, and are slashed.
    function test_ScheduledCloseDoesNotOutrunAMiss() external {
        openFor(20 * EPOCH);
        missEpochs(0, 3);
        warpTo(EPOCH + 1);
        closeAs(provider, 1);
        warpTo(3 * EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.Faults, START + 3 * EPOCH, 0);
        assertEq(vault.totalSlashed(), 2 * ((uint256(STAKE_LOCK) + 3) / 4), "slashed");
    }

    /// @notice A deposit that ends exactly with an epoch runs on through unproven ones, and stops with the second proven one.
    function test_DepletionExactlyAtAnEpochsEnd() external {
        openFor(2 * EPOCH);
        proveEpochs(0, 1);
        proveEpochs(5, 1);
        warpTo(2 * EPOCH - 1);
        assertEq(escrow.stopTimeOf(1), NEVER, "runs");
        warpTo(5 * EPOCH);
        escrow.settle(1, 0);
        assertStatus(1, OrderStatus.Active, StopReason.None);
        warpTo(6 * EPOCH - 1);
        assertEq(escrow.stopTimeOf(1), NEVER, "runs to the end");
        warpTo(6 * EPOCH);
        assertEq(escrow.stopTimeOf(1), START + 6 * EPOCH, "stops with the epoch");
        (OrderStatus status, StopReason reason) = escrow.statusOf(1);
        assertTrue(status == OrderStatus.Stopped && reason == StopReason.Depleted, "status");
    }

    /// @notice Epochs 191 and 192 lie in two words; misses in a row are counted across.
    function test_MissesInARowAcrossAWord() external {
        uint256 start = (START / EPOCH / 192 + 1) * 192 - 2;
        vm.warp(start * EPOCH);
        openFor(20 * EPOCH);
        proofs.prove(NODE, start);
        for (uint256 i = 1; i < 4; ++i) proofs.challenge(start + i);
        vm.warp((start + 3) * EPOCH);
        escrow.settle(1, start + 2);
        assertEq(escrow.getOrder(1).progress.missRun, 1, "misses in a row");
        escrow.settle(1, 0);
        assertEq(escrow.getOrder(1).progress.missRun, 2, "misses in a row, in the next word");
        vm.warp((start + 10) * EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.Faults, (start + 4) * EPOCH, EPOCH);
    }

    /// @notice Unchallenged epochs between two misses neither count nor forgive.
    function test_UnchallengedEpochsAreNoMisses() external {
        openFor(20 * EPOCH);
        missEpochs(0, 1);
        missEpochs(4, 1);
        warpTo(8 * EPOCH);
        escrow.settle(1, 0);
        assertEq(escrow.getOrder(1).progress.missRun, 2, "misses in a row");
        assertEq(escrow.getOrder(1).progress.faults, 1, "faults");
    }

    /// @notice A suspension that Intel may take back is no fault: such epochs pay nothing, and neither count nor forgive.
    function test_SuspendedEpochsAreNoMisses() external {
        openFor(20 * EPOCH);
        proveEpochs(0, 1);
        missEpochs(1, 5);
        proveEpochs(6, 1);
        for (uint256 i = 2; i < 5; ++i) nodes.suspend(NODE, START / EPOCH + i);
        // It was suspended after it had proven.
        nodes.suspend(NODE, START / EPOCH + 6);
        warpTo(5 * EPOCH);
        escrow.settle(1, 0);
        assertEq(escrow.getOrder(1).progress.missRun, 1, "misses in a row");
        warpTo(7 * EPOCH);
        escrow.settle(1, 0);
        assertStatus(1, OrderStatus.Active, StopReason.None);
        assertEq(escrow.getOrder(1).progress.payableSeconds, 2 * EPOCH, "payable seconds");
        assertEq(escrow.getOrder(1).progress.faults, 1, "the misses before and after it are in a row");
    }

    /// @notice Epochs 191 and 192 lie in two words; a suspension is looked up in each.
    function test_SuspensionAcrossAWord() external {
        uint256 start = (START / EPOCH / 192 + 1) * 192 - 2;
        vm.warp(start * EPOCH);
        openFor(20 * EPOCH);
        for (uint256 i; i < 4; ++i) {
            proofs.challenge(start + i);
            nodes.suspend(NODE, start + i);
        }
        vm.warp((start + 4) * EPOCH);
        escrow.settle(1, 0);
        assertEq(escrow.getOrder(1).progress.missRun, 0, "misses in a row");
        assertStatus(1, OrderStatus.Active, StopReason.None);
    }

    /// @notice The miss events and the slash event that follows show what was taken, from whom and for whom.
    function test_SlashIsEmitted() external {
        openFor(20 * EPOCH);
        proveEpochs(0, 1);
        missEpochs(1, 2);
        warpTo(3 * EPOCH);
        uint256 quarter = (uint256(STAKE_LOCK) + 3) / 4;
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderSlashed(1, 1, quarter);
        escrow.settle(1, 0);
        assertEq(vault.freeStakeOf(treasury), quarter, "treasury");
    }

    /// @dev A node opens at `first` seconds from the start, proves all it can and ends at `end`; its order ends at `stop`.
    function _expectEndOf(uint256 first, uint256 end, uint256 stop) private {
        uint256 snapshot = vm.snapshotState();
        warpTo(first);
        openFor(20 * EPOCH);
        proveEpochs(first / EPOCH, 20);
        nodes.setEnd(NODE, START + end);
        warpTo(stop + EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.NodeEnded, START + stop, stop - first);
        assertEq(earned(NODE), net(cost(stop - first)), "earned");
        assertEq(escrow.balanceOf(user), costUp(20 * EPOCH) - cost(stop - first), "refunded");
        vm.revertToState(snapshot);
    }

    function _withdrawAll() private {
        vm.prank(user);
        escrow.withdraw(user);
        vm.prank(provider);
        escrow.withdrawEarnings(theNode(), provider);
    }
}
