// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {OrderStatus} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @notice What settling pays, and what it passes over.
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
        vm.expectRevert(invalidStatus(2, OrderStatus.Requested));
        escrow.settle(2, 0);
        cancelAs(user, 2);
        vm.expectRevert(invalidStatus(2, OrderStatus.Cancelled));
        escrow.settle(2, 0);
        vm.expectRevert(invalidStatus(2, OrderStatus.Cancelled));
        closeAs(stranger, 2);
    }
}
