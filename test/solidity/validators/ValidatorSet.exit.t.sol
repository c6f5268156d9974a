// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {fundStake, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Leaving, and getting the stake back.
contract ValidatorSetExitTest is ValidatorFixture {
    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
    }

    function test_ExitWeighsNothingAtOnce() external {
        joinSet(set, alice, 120 ether);
        joinSet(set, bob, 100 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorLeft(alice, 120 ether);
        vm.prank(alice);
        set.exit();

        assertValidator(alice, 120 ether, START, 0);
        assertValidator(bob, 100 ether, 0, 1);
        assertTrue(!set.isActive(alice), "active");
        assertEq(set.activeStake(), 100 ether, "active stake");
        assertEq(lockOf(alice), 120 ether, "lock");
    }

    function test_ExitTakesWhatDoesNotCountYetAlong() external {
        joinSet(set, alice, 120 ether);
        fundStake(vault, alice, address(set), 30 ether);
        vm.startPrank(alice);
        set.join(30 ether);
        set.exit();
        vm.stopPrank();
        assertValidator(alice, 150 ether, START, 0);
        assertPending(alice, 0, 0);
    }

    function test_ExitBeforeAnythingCountsWaitsAsLong() external {
        fundStake(vault, alice, address(set), 120 ether);
        vm.startPrank(alice);
        set.join(120 ether);
        vm.expectRevert(_stillLocked(alice, type(uint256).max));
        set.release(alice);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorLeft(alice, 120 ether);
        set.exit();
        vm.stopPrank();
        assertValidator(alice, 120 ether, START, 0);
        vm.expectRevert(_stillLocked(alice, START + EXIT_DELAY));
        set.release(alice);
        vm.warp(START + EXIT_DELAY);
        set.release(alice);
        assertEq(vault.freeStakeOf(alice), 120 ether, "free stake");
    }

    function test_RevertGiven_CallerIsNotActive() external {
        vm.expectRevert(notActive(alice));
        vm.prank(alice);
        set.exit();

        joinSet(set, alice, 120 ether);
        vm.startPrank(alice);
        set.exit();
        vm.expectRevert(notActive(alice));
        set.exit();
        vm.stopPrank();
    }

    function test_ReleaseGivesTheStakeBack() external {
        joinSet(set, alice, 120 ether);
        vm.prank(alice);
        set.exit();
        vm.warp(START + EXIT_DELAY);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorReleased(alice, 120 ether);
        set.release(alice);
        assertValidator(alice, 0, 0, 0);
        assertEq(vault.freeStakeOf(alice), 120 ether, "free stake");
    }

    function test_RevertGiven_StakeIsStillLocked() external {
        joinSet(set, alice, 120 ether);
        vm.expectRevert(_stillLocked(alice, type(uint256).max));
        set.release(alice);
        vm.prank(alice);
        set.exit();
        vm.warp(START + EXIT_DELAY - 1);
        vm.expectRevert(_stillLocked(alice, START + EXIT_DELAY));
        set.release(alice);
    }

    function test_RevertGiven_AccountHasNoStake() external {
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetNoStake.selector, alice));
        set.release(alice);
    }

    function _stillLocked(address account, uint256 releasableAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetStillLocked.selector, account, releasableAt);
    }
}
