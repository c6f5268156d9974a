// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {Offer, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @notice Adding to a deposit, and restarting what has run dry.
contract OrderEscrowTopUpTest is EscrowFixture {
    function setUp() public {
        deployEscrow();
        openFor(2 * EPOCH);
    }

    function test_AnyoneAddsToAStreamingOrder() external {
        fundUser(stranger);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderToppedUp(1, stranger, costUp(10), false);
        topUpAs(stranger, 1, costUp(10));
        assertEq(escrow.depletionTimeOf(1), START + 2 * EPOCH + 10, "depletion");
        closeAs(user, 1);
        assertEq(escrow.balanceOf(user), costUp(2 * EPOCH) + costUp(10), "the user's");
    }

    function test_UserRestartsADryOrderFromNow() external {
        proveEpochs(0, 12);
        warpTo(10 * EPOCH + 100);
        assertEq(escrow.stopTimeOf(1), START + 2 * EPOCH, "stop");
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderToppedUp(1, user, costUp(EPOCH), true);
        topUpAs(user, 1, costUp(EPOCH));
        assertStatus(1, OrderStatus.Active, StopReason.None);
        assertEq(escrow.getOrder(1).progress.cursor, START + 10 * EPOCH + 100, "cursor");
        assertEq(escrow.depletionTimeOf(1), START + 11 * EPOCH + 100, "depletion");
        assertEq(escrow.unitsInUse(NODE), UNITS, "units in use");
        warpTo(20 * EPOCH);
        closeAs(user, 1);
        assertClosed(1, StopReason.Depleted, START + 11 * EPOCH + 100, 3 * EPOCH);
    }

    /// @notice Seconds of the running epoch that were used before it ran dry are kept, and decided by the epoch's one proof.
    function test_RestartInsideTheEpochKeepsTheUndecided() external {
        uint256 orderId = openFor(2 * EPOCH + 600);
        proveEpochs(0, 2);
        warpTo(2 * EPOCH + 1_000);
        escrow.settle(orderId, 0);
        assertStatus(orderId, OrderStatus.Stopped, StopReason.Depleted);
        assertEq(escrow.undecidedOf(orderId), cost(2 * EPOCH + 600) - cost(2 * EPOCH), "undecided");

        topUpAs(user, orderId, costUp(EPOCH));
        assertEq(escrow.getOrder(orderId).progress.cursor, START + 2 * EPOCH + 400, "cursor");
        assertEq(escrow.undecidedOf(orderId), cost(2 * EPOCH + 600) - cost(2 * EPOCH), "undecided, kept");
        proveEpochs(2, 1);
        warpTo(3 * EPOCH);
        closeAs(user, orderId);
        assertClosed(orderId, StopReason.UserClosed, START + 3 * EPOCH, 2 * EPOCH + 3_200);
    }

    /// @notice A dry order's last epoch that turned out unproven leaves a surplus, which the restart counts in.
    function test_RestartCountsTheSurplus() external {
        uint256 orderId = openFor(2 * EPOCH + 600);
        proveEpochs(0, 2);
        warpTo(4 * EPOCH);
        topUpAs(user, orderId, costUp(EPOCH));
        assertEq(escrow.depletionTimeOf(orderId), START + 5 * EPOCH + 600, "depletion");
    }

    function test_RevertGiven_OrderNotRunning() external {
        requestFor(2 * EPOCH);
        closeAs(user, 1);
        OrderStatus[2] memory statuses = [OrderStatus.Closed, OrderStatus.Requested];
        for (uint256 i; i < statuses.length; ++i) {
            _expectRefused(
                user,
                i + 1,
                1,
                abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidStatus.selector, i + 1, statuses[i])
            );
        }
    }

    function test_RevertWhen_AmountIsZero() external {
        _expectRefused(user, 1, 0, abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidAmount.selector, 0));
    }

    function test_RevertWhen_DepositWouldBeBeyondItsType() external {
        uint256 room = type(uint104).max - deposited(1);
        uint256[2] memory amounts = [room + 1, type(uint256).max];
        for (uint256 i; i < amounts.length; ++i) {
            _expectRefused(
                user,
                1,
                amounts[i],
                abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeposit.selector, amounts[i], 0)
            );
        }
        token.transfer(user, room);
        topUpAs(user, 1, room);
        assertEq(deposited(1), type(uint104).max, "deposited");
    }

    function test_RevertWhen_RestartIsWorthLessThanAnEpoch() external {
        _runDry();
        uint256 minimum = costUp(EPOCH);
        _expectRefused(
            user,
            1,
            minimum - 1,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeposit.selector, minimum - 1, minimum)
        );
    }

    function test_RevertGiven_PausedRestart() external {
        _runDry();
        escrow.setPaused(true);
        _expectRestartRefused(abi.encodeWithSelector(IOrderEscrow.OrderEscrowPaused.selector));
    }

    function test_RevertWhen_StrangerRestarts() external {
        _runDry();
        fundUser(stranger);
        _expectRefused(
            stranger,
            1,
            costUp(EPOCH),
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnauthorized.selector, 1, stranger)
        );
    }

    function test_RevertGiven_StopIsFinal() external {
        nodes.setEnd(NODE, START + EPOCH);
        warpTo(EPOCH);
        _expectRestartRefused(
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotRestartable.selector, 1, StopReason.NodeEnded)
        );
    }

    /// @notice A provider that asked for the end before it ran dry keeps it.
    function test_RevertGiven_DryAfterTheProviderAskedForTheEnd() external {
        proveEpochs(0, 2);
        warpTo(EPOCH);
        closeAs(provider, 1);
        warpTo(2 * EPOCH);
        _expectRestartRefused(
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotRestartable.selector, 1, StopReason.Depleted)
        );
        escrow.settle(1, 0);
        assertClosed(1, StopReason.Depleted, START + 2 * EPOCH, 2 * EPOCH);
    }

    /// @notice A restart takes the price at which the order was opened. The provider stands by it no longer than it said.
    function test_RevertGiven_TermsAreOver() external {
        _runDry();
        warpTo(1 days - 1);
        uint256 snapshot = vm.snapshotState();
        topUpAs(user, 1, costUp(EPOCH));
        vm.revertToState(snapshot);
        warpTo(1 days);
        _expectRestartRefused(abi.encodeWithSelector(IOrderEscrow.OrderEscrowTermsExpired.selector, 1, START + 1 days));
    }

    /// @notice What secured a dry order is the provider's again, and a restart has to find it anew.
    function test_RestartLocksAnew() external {
        _runDry();
        escrow.settle(1, 0);
        assertEq(escrow.idleLockOf(NODE), STAKE_LOCK, "idle");
        topUpAs(user, 1, costUp(EPOCH));
        assertEq(escrow.idleLockOf(NODE), 0, "taken again");
        assertEq(lockedOf(provider), STAKE_LOCK, "locked");
        warpTo(4 * EPOCH);
        proveEpochs(2, 2);
        escrow.settle(1, 0);
        assertEq(releaseIdle(), STAKE_LOCK, "released");
        assertEq(vault.freeStakeOf(provider), 1e24, "free stake");
        topUpAs(user, 1, costUp(EPOCH));
        assertEq(lockedOf(provider), STAKE_LOCK, "locked out of the free stake");
    }

    /// @notice After faults a restart locks what was left: an order never costs its provider more than its lock.
    function test_RestartLocksWhatIsLeft() external {
        openFor(4 * EPOCH);
        missEpochs(0, 2);
        proveEpochs(2, 4);
        warpTo(6 * EPOCH);
        escrow.settle(2, 0);
        uint256 left = STAKE_LOCK - (uint256(STAKE_LOCK) + 3) / 4;
        closeAs(user, 1);
        assertEq(releaseIdle(), STAKE_LOCK - (uint256(STAKE_LOCK) + 3) / 4 + left, "released");
        topUpAs(user, 2, costUp(EPOCH));
        assertEq(lockedOf(provider), left, "locked");
    }

    function test_RevertGiven_StakeGoneBeforeRestart() external {
        _runDry();
        escrow.settle(1, 0);
        releaseIdle();
        vm.prank(provider);
        vault.withdraw(1e24, provider);
        _expectRestartRefused(
            abi.encodeWithSelector(IStakeVault.StakeVaultInsufficientFreeStake.selector, provider, 0, STAKE_LOCK)
        );
    }

    function test_RevertGiven_CapLoweredBeforeRestart() external {
        _runDry();
        escrow.settle(1, 0);
        releaseIdle();
        vm.prank(provider);
        vault.allow(address(escrow), STAKE_LOCK - 1);
        _expectRestartRefused(
            abi.encodeWithSelector(
                IStakeVault.StakeVaultCapExceeded.selector,
                provider,
                escrow,
                STAKE_LOCK - 1,
                0,
                STAKE_LOCK
            )
        );
    }

    function test_RevertGiven_ProviderClosedBeforeRestart() external {
        _runDry();
        closeAs(provider, 1);
        _expectRestartRefused(invalidStatus(1, OrderStatus.Closed));
    }

    function test_RevertGiven_NodeNotOpenForRestart() external {
        _runDry();
        nodes.setOpen(NODE, false);
        _expectRestartRefused(abi.encodeWithSelector(IOrderEscrow.OrderEscrowNodeNotOpen.selector, NODE));
    }

    function test_RevertGiven_NodeDemotedToAQuorumBeforeRestart() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        uint256 orderId = escrow.open(offer, signature_, costUp(2 * EPOCH), true);
        termsOf(orderId);
        _runDry();
        nodes.setVerifierKind(NODE, VerifierKind.Quorum);
        _expectRefused(
            user,
            orderId,
            costUp(EPOCH),
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotVerifiedOnChain.selector, NODE)
        );
    }

    function test_RevertGiven_UnitsTakenSince() external {
        _runDry();
        escrow.settle(1, 0);
        openFor(2 * EPOCH);
        openFor(2 * EPOCH);
        _expectRestartRefused(
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowInsufficientUnits.selector, NODE, 2, UNITS)
        );
    }

    function test_RevertWhen_OrderIsUnknown() external {
        bytes memory unknown = abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnknownOrder.selector, 2);
        bytes4[9] memory oneArgument = [
            escrow.getOrder.selector,
            escrow.statusOf.selector,
            escrow.stopTimeOf.selector,
            escrow.depletionTimeOf.selector,
            escrow.runwayOf.selector,
            escrow.accruedOf.selector,
            escrow.undecidedOf.selector,
            escrow.surplusOf.selector,
            escrow.termsHashOf.selector
        ];
        for (uint256 i; i < oneArgument.length; ++i) {
            (bool success, bytes memory result) = address(escrow).call(abi.encodeWithSelector(oneArgument[i], 2));
            assertTrue(!success && keccak256(result) == keccak256(unknown), "unknown order");
        }
        vm.expectRevert(unknown);
        escrow.settle(2, 0);
        vm.expectRevert(unknown);
        escrow.accept(2, 0, address(0), 0);
        vm.expectRevert(unknown);
        escrow.cancelRequest(2, 0);
        vm.expectRevert(unknown);
        escrow.close(2, 0);
        vm.expectRevert(unknown);
        escrow.topUp(2, 0, 1);
    }

    function _runDry() private {
        proveEpochs(0, 2);
        warpTo(2 * EPOCH + 1);
    }

    function _expectRestartRefused(bytes memory revertData) private {
        _expectRefused(user, 1, costUp(EPOCH), revertData);
    }

    function _expectRefused(address account, uint256 orderId, uint256 amount, bytes memory revertData) private {
        vm.expectRevert(revertData);
        topUpAs(account, orderId, amount);
    }
}
