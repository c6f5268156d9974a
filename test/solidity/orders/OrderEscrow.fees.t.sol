// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @notice Collecting fees, and what governance sets.
contract OrderEscrowFeesTest is EscrowFixture {
    function setUp() public {
        deployEscrow();
        openFor(10 * EPOCH);
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
}
