// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {Offer, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {NodesStandIn} from "./EscrowStandIns.sol";
import {Vm} from "../utils/Test.sol";

/// @notice Settling, closing, and where the money then lies.
contract OrderEscrowSettleTest is EscrowFixture {
    uint256 private _deposit;

    function setUp() public {
        deployEscrow();
        openFor(10 * EPOCH);
        _deposit = costUp(10 * EPOCH);
    }

    function test_SettlePaysProvenEpochs() external {
        proveEpochs(0, 2);
        warpTo(3 * EPOCH + 5);
        uint256 paid = cost(2 * EPOCH);
        assertEq(escrow.accruedOf(1), paid, "accrued");
        assertEq(escrow.undecidedOf(1), cost(2 * EPOCH + 5) - paid, "undecided");
        assertEq(escrow.surplusOf(1), _deposit - cost(2 * EPOCH + 5), "surplus");
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderSettled(1, START + 3 * EPOCH, 2 * EPOCH, paid, paid - net(paid));
        vm.prank(stranger);
        escrow.settle(1, 0);
        assertEq(earned(NODE), net(paid), "provider's ledger");
        assertEq(feesHeld(NODE), paid - net(paid), "fees");
        assertEq(escrow.accruedOf(1), 0, "accrued, settled");
        assertEq(escrow.depletionTimeOf(1), START + 11 * EPOCH, "depletion: an epoch was free");
    }

    function test_SettleUpToAnEpoch() external {
        proveEpochs(0, 10);
        warpTo(5 * EPOCH);
        escrow.settle(1, START / EPOCH + 2);
        assertEq(escrow.getOrder(1).progress.cursor, START + 2 * EPOCH, "cursor");
        escrow.settle(1, START / EPOCH + 1);
        assertEq(escrow.getOrder(1).progress.cursor, START + 2 * EPOCH, "cursor, an epoch of the past");
        escrow.settle(1, type(uint256).max);
        assertEq(escrow.getOrder(1).progress.cursor, START + 5 * EPOCH, "cursor, beyond now");
    }

    function test_SettleManyPassesOverWhatDoesNotStream() external {
        requestFor(2 * EPOCH);
        openFor(3 * EPOCH);
        proveEpochs(0, 1);
        warpTo(EPOCH);
        uint256[] memory orderIds = new uint256[](5);
        (orderIds[0], orderIds[1], orderIds[2], orderIds[3], orderIds[4]) = (1, 2, 3, 99, 1);
        escrow.settleMany(orderIds, type(uint256).max);
        assertEq(earned(NODE), 2 * net(cost(EPOCH)), "provider's ledger");
    }

    function test_RevertGiven_NothingToSettleEver() external {
        requestFor(2 * EPOCH);
        vm.expectRevert(_invalidStatus(2, OrderStatus.Requested));
        escrow.settle(2, 0);
        vm.prank(user);
        escrow.cancelRequest(2);
        vm.expectRevert(_invalidStatus(2, OrderStatus.Cancelled));
        escrow.settle(2, 0);
        vm.expectRevert(_invalidStatus(2, OrderStatus.Cancelled));
        escrow.close(2);
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
        vm.expectRevert(_invalidStatus(1, OrderStatus.Closed));
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

    /// @notice Only a depletion that a top-up can undo is told as a stop; every other end is told once, as a close.
    function test_OnlyADepletionIsToldAsAStop() external {
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

    function test_WithdrawPaysOut() external {
        closeAs(user, 1);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.Withdrawn(user, stranger, _deposit);
        vm.prank(user);
        assertEq(escrow.withdraw(stranger), _deposit, "amount");
        assertEq(token.balanceOf(stranger), _deposit, "receiver");
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowNothingToWithdraw.selector, user));
        vm.prank(user);
        escrow.withdraw(user);
    }

    function test_RevertWhen_ReceiverIsNobody() external {
        closeAs(user, 1);
        address[2] memory receivers = [address(0), address(escrow)];
        for (uint256 i; i < receivers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidReceiver.selector, receivers[i]));
            vm.prank(user);
            escrow.withdraw(receivers[i]);
        }
    }

    function test_WithdrawEarnings() external {
        nodes.addNode(8, provider, NODE_UNITS, MR_ENCLAVE);
        nodes.addNode(9, provider, NODE_UNITS, MR_ENCLAVE);
        Offer memory offer = anOffer();
        offer.nodeId = 8;
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, _deposit, false);
        proveEpochs(0, 2);
        proofs.prove(8, START / EPOCH);
        warpTo(2 * EPOCH);
        escrow.settle(1, 0);
        escrow.settle(2, 0);
        (uint256 first, uint256 second) = (net(cost(2 * EPOCH)), net(cost(EPOCH)));

        vm.expectEmit(address(escrow));
        emit IOrderEscrow.EarningsWithdrawn(NODE, stranger, first);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.EarningsWithdrawn(8, stranger, second);
        vm.prank(provider);
        assertEq(escrow.withdrawEarnings(_nodeIds(NODE, 9, 8, NODE), stranger), first + second, "amount");
        assertEq(token.balanceOf(stranger), first + second, "receiver");
        assertEq(earned(NODE) + earned(8) + earned(9), 0, "earned");
        assertEq(feesHeld(NODE), cost(2 * EPOCH) - first, "fees stay");
        assertEq(feesHeld(8), cost(EPOCH) - second, "fees stay, of the other node");
    }

    function test_WithdrawEarningsOfAnEndedNode() external {
        proveEpochs(0, 2);
        nodes.setEnd(NODE, START + 2 * EPOCH);
        warpTo(3 * EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.NodeEnded, START + 2 * EPOCH, 2 * EPOCH);
        vm.prank(provider);
        assertEq(escrow.withdrawEarnings(theNode(), provider), net(cost(2 * EPOCH)), "amount");
    }

    function test_RevertWhen_EarningsAreAnothers() external {
        address other = address(0x07E4);
        nodes.addNode(8, other, NODE_UNITS, MR_ENCLAVE);
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        address[3] memory callers = [stranger, user, other];
        for (uint256 i; i < callers.length; ++i) {
            _expectEarningsRefused(callers[i], theNode(), callers[i], _notProvider(NODE, callers[i]));
        }
        _expectEarningsRefused(provider, _nodeIds(NODE, NODE, 8, NODE), provider, _notProvider(8, provider));
        vm.expectRevert(abi.encodeWithSelector(NodesStandIn.UnknownNode.selector, 99));
        vm.prank(provider);
        escrow.withdrawEarnings(_nodeIds(NODE, NODE, NODE, 99), provider);
        assertEq(earned(NODE), net(cost(EPOCH)), "earned");
    }

    function test_RevertWhen_EarningsWouldGoToNobody() external {
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        address[2] memory receivers = [address(0), address(escrow)];
        for (uint256 i; i < receivers.length; ++i) {
            _expectEarningsRefused(
                provider,
                theNode(),
                receivers[i],
                abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidReceiver.selector, receivers[i])
            );
        }
    }

    function test_RevertGiven_NothingEarned() external {
        bytes memory nothing = abi.encodeWithSelector(IOrderEscrow.OrderEscrowNothingToWithdraw.selector, provider);
        _expectEarningsRefused(provider, theNode(), provider, nothing);
        _expectEarningsRefused(provider, new uint256[](0), provider, nothing);
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        vm.prank(provider);
        escrow.withdrawEarnings(theNode(), provider);
        _expectEarningsRefused(provider, theNode(), provider, nothing);
    }

    function test_CollectFees() external {
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        uint256 fees = cost(EPOCH) - net(cost(EPOCH));
        uint256[] memory nodeIds = new uint256[](3);
        (nodeIds[0], nodeIds[1], nodeIds[2]) = (NODE, 99, NODE);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.FeesCollected(fees);
        assertEq(escrow.collectFees(nodeIds), fees, "amount");
        assertEq(token.balanceOf(address(rewards)), fees, "rewards");
        assertEq(token.allowance(address(escrow), address(rewards)), 0, "allowance");
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowNoFees.selector));
        escrow.collectFees(nodeIds);
    }

    function test_GovernanceSetsFeeAndPause() external {
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.FeeSet(1_000);
        escrow.setFee(1_000);
        assertEq(escrow.feeBps(), 1_000, "fee");
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.PausedSet(true);
        escrow.setPaused(true);
        assertTrue(escrow.paused(), "paused");
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidParameter.selector, 1_001, 1_000));
        escrow.setFee(1_001);
    }

    function test_RevertWhen_NotGovernance() external {
        bytes memory unauthorized = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(unauthorized);
        escrow.setFee(0);
        vm.expectRevert(unauthorized);
        escrow.setPaused(true);
        vm.stopPrank();
    }

    function _expectEarningsRefused(address caller, uint256[] memory nodeIds, address to, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        escrow.withdrawEarnings(nodeIds, to);
    }

    function _nodeIds(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (uint256[] memory nodeIds) {
        nodeIds = new uint256[](4);
        (nodeIds[0], nodeIds[1], nodeIds[2], nodeIds[3]) = (a, b, c, d);
    }

    /// @dev How often {OrderStopped} was emitted since the logs were last read.
    function _stopsTold() private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IOrderEscrow.OrderStopped.selector) ++count;
        }
    }

    function _notProvider(uint256 nodeId, address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotProvider.selector, nodeId, caller);
    }

    function _invalidStatus(uint256 orderId, OrderStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidStatus.selector, orderId, status);
    }
}
