// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {NodesStandIn} from "./EscrowStandIns.sol";

/// @notice Stake that the escrow holds locked for a node and no order needs.
contract OrderEscrowIdleTest is EscrowFixture {
    function setUp() public {
        deployEscrow();
        openFor(2 * EPOCH);
        openFor(2 * EPOCH);
        closeAs(user, 1);
    }

    function test_ProviderTakesItOut() external {
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.IdleLockReleased(NODE, STAKE_LOCK);
        vm.expectEmit(address(vault));
        emit IStakeVault.Unlocked(provider, address(escrow), STAKE_LOCK);
        assertEq(releaseIdle(), STAKE_LOCK, "released");
        assertEq(lockedOf(provider), STAKE_LOCK, "the other order's");
        assertEq(escrow.idleLockOf(NODE), 0, "idle");
    }

    /// @notice The node's next order needs no more of the provider's stake, as far as the idle lock goes.
    function test_TheNextOrderTakesItFirst() external {
        vm.prank(provider);
        vault.withdraw(1e24 - 2 * STAKE_LOCK, provider);
        openFor(2 * EPOCH);
        assertEq(lockedOf(provider), 2 * STAKE_LOCK, "locked");
        assertEq(escrow.idleLockOf(NODE), 0, "idle");
    }

    /// @notice Only what is missing is locked.
    function test_TheVaultLocksTheRest() external {
        closeAs(user, 2);
        vm.prank(provider);
        vault.withdraw(1e24 - 2 * STAKE_LOCK, provider);
        openFor(2 * EPOCH);
        assertEq(escrow.idleLockOf(NODE), STAKE_LOCK, "idle");
        openFor(2 * EPOCH);
        closeAs(user, 3);
        releaseIdle();
        vm.prank(provider);
        vault.withdraw(1, provider);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.StakeVaultInsufficientFreeStake.selector,
                provider,
                STAKE_LOCK - 1,
                STAKE_LOCK
            )
        );
        this.openOneMore();
    }

    function test_NodesAreTakenOutTogether() external {
        nodes.addNode(8, provider, NODE_UNITS, MR_ENCLAVE);
        uint256[] memory nodeIds = new uint256[](3);
        (nodeIds[0], nodeIds[1], nodeIds[2]) = (8, NODE, NODE);
        vm.prank(provider);
        assertEq(escrow.releaseIdle(nodeIds), STAKE_LOCK, "once");
    }

    function test_RevertGiven_NothingIsIdle() external {
        releaseIdle();
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowNothingToRelease.selector, provider));
        releaseIdle();
    }

    function test_RevertWhen_SomebodyElseReleases() external {
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotProvider.selector, NODE, stranger));
        vm.prank(stranger);
        escrow.releaseIdle(theNode());
    }

    function test_RevertWhen_ReleasedNodeIsUnknown() external {
        uint256[] memory nodeIds = new uint256[](1);
        nodeIds[0] = 99;
        vm.expectRevert(abi.encodeWithSelector(NodesStandIn.UnknownNode.selector, 99));
        escrow.releaseIdle(nodeIds);
    }

    /// @notice In a call of its own, so that its revert can be expected.
    function openOneMore() external {
        openFor(2 * EPOCH);
    }
}
