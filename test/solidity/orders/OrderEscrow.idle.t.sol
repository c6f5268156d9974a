// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Offer, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {enclaveKeyOf, NodesStandIn} from "./EscrowStandIns.sol";

/// @notice Stake that the escrow holds locked for a node and no order needs.
contract OrderEscrowIdleTest is EscrowFixture {
    function setUp() public {
        deployEscrow();
        openFor(9 * EPOCH);
        openFor(9 * EPOCH);
        proveEpochs(0, 1);
        warpTo(EPOCH);
        closeAs(user, 1);
    }

    /// @notice Whoever opens orders and closes them at once ties up nothing at that node: the provider's other nodes can lock it.
    function test_AnOrderThatPaidNothingLeavesNothingIdle() external {
        releaseIdle();
        closeAs(user, 2);
        releaseIdle();
        nodes.addNode(8, provider, NODE_UNITS, MR_ENCLAVE);
        vm.prank(provider);
        vault.withdraw(1e24 - STAKE_LOCK, provider);
        for (uint256 i; i < 3; ++i) {
            openFor(2 * EPOCH);
            vm.expectEmit(address(vault));
            emit IStakeVault.Unlocked(provider, address(escrow), STAKE_LOCK);
            closeAs(user, 3 + i);
            assertEq(escrow.idleLockOf(NODE), 0, "idle");
            assertEq(escrow.unitsInUse(NODE), 0, "units");
            assertEq(lockedOf(provider), 0, "locked");
        }
        Offer memory offer = anOffer();
        (offer.nodeId, offer.enclaveKey) = (8, enclaveKeyOf(8));
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, costUp(2 * EPOCH), false);
        assertEq(lockedOf(provider), STAKE_LOCK, "at the other node");
    }

    /// @notice Anybody can so give an idle lock back to its provider, for gas; nobody loses stake by it.
    function test_AnOrderThatPaidNothingFreesWhatItTookOfTheIdleLock() external {
        assertEq(escrow.idleLockOf(NODE), STAKE_LOCK, "idle before");
        uint256 free = vault.freeStakeOf(provider);
        uint256 orderId = openFor(2 * EPOCH);
        assertEq(escrow.idleLockOf(NODE), 0, "taken");
        assertEq(vault.freeStakeOf(provider), free, "nothing more was locked");
        closeAs(user, orderId);
        assertEq(escrow.idleLockOf(NODE), 0, "idle after");
        assertEq(vault.freeStakeOf(provider), free + STAKE_LOCK, "free");
        assertEq(lockedOf(provider), STAKE_LOCK, "the lock of the order that streams");
    }

    /// @notice To the second: a lock stays where an epoch was paid for.
    function testFuzz_OnlyAPaidEpochLeavesALock(uint256 late) external {
        late = late % 3 == 0 ? 0 : bound(late, 0, EPOCH - 1);
        closeAs(user, 2);
        releaseIdle();
        warpTo(EPOCH + late);
        uint256 orderId = openFor(9 * EPOCH);
        proveEpochs(1, 1);
        warpTo(2 * EPOCH);
        closeAs(user, orderId);
        assertEq(escrow.idleLockOf(NODE), late == 0 ? STAKE_LOCK : 0, "idle");
        assertEq(lockedOf(provider), late == 0 ? STAKE_LOCK : 0, "locked");
    }

    /// @notice What faults left of it.
    function test_ASlashedLockIsUnlockedToo() external {
        closeAs(user, 2);
        releaseIdle();
        uint256 orderId = openFor(9 * EPOCH);
        missEpochs(1, 3);
        warpTo(4 * EPOCH);
        escrow.settle(orderId, 0);
        assertClosed(orderId, StopReason.Faults, START + 4 * EPOCH, 0);
        assertEq(vault.freeStakeOf(treasury), 2 * ((uint256(STAKE_LOCK) + 3) / 4), "slashed");
        assertEq(escrow.idleLockOf(NODE), 0, "idle");
        assertEq(lockedOf(provider), 0, "locked");
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

    /// @notice A lock that is larger than what is idle takes all of it, and the vault locks no more than the rest.
    function testFuzz_ALargerLockTakesAllThatIsIdle(uint96 more) external {
        more = uint96(bound(more, 1, 1e23));
        vm.prank(provider);
        vault.withdraw(1e24 - 2 * uint256(STAKE_LOCK) - more, provider);
        Offer memory offer = anOffer();
        offer.stakeLock = STAKE_LOCK + more;
        bytes memory signature_ = sign(offer);
        vm.expectEmit(address(vault));
        emit IStakeVault.Locked(provider, address(escrow), more);
        vm.prank(user);
        escrow.open(offer, signature_, costUp(2 * EPOCH), false);
        assertEq(escrow.idleLockOf(NODE), 0, "idle");
        assertEq(lockedOf(provider), 2 * uint256(STAKE_LOCK) + more, "locked");
        assertEq(vault.freeStakeOf(provider), 0, "free stake");
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
