// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {fundStake, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice What a slash takes, and from whom.
contract ValidatorSetSlashTest is ValidatorFixture {
    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
    }

    function test_SlashTakesTheShareRoundedUpAndTheSeat() external {
        joinSet(set, alice, 100 ether + 1);
        joinSet(set, bob, 100 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorSlashed(alice, address(this), 30 ether + 1);
        assertEq(set.slash(alice), 30 ether + 1, "amount");
        assertValidator(alice, 70 ether, START, 0);
        assertEq(set.activeStake(), 100 ether, "active stake");
        assertEq(lockOf(alice), 70 ether, "lock");
        assertEq(vault.freeStakeOf(treasury), 30 ether + 1, "treasury");
    }

    function test_SlashReachesTheExitingAndKeepsTheirTime() external {
        joinSet(set, alice, 100 ether);
        vm.prank(alice);
        set.exit();
        vm.warp(START + 1 days);
        assertEq(set.slash(alice), 30 ether, "first");
        assertEq(set.slash(alice), 21 ether, "second");
        assertValidator(alice, 49 ether, START, 0);
        vm.warp(START + EXIT_DELAY);
        set.release(alice);
        assertEq(vault.freeStakeOf(alice), 49 ether, "free stake");
        assertEq(set.slash(alice), 0, "nothing is left");
    }

    function test_SlashTakesOfWhatDoesNotCountYetToo() external {
        joinSet(set, alice, 100 ether);
        fundStake(vault, alice, address(set), 200 ether);
        vm.prank(alice);
        set.join(200 ether);
        assertEq(set.slash(alice), 90 ether, "amount");
        assertValidator(alice, 210 ether, START, 0);
        assertEq(set.activeStake(), 0, "active stake");
        assertEq(lockOf(alice), 210 ether, "lock");
    }

    function test_SlashReachesWhoWaitsToBeActive() external {
        fundStake(vault, alice, address(set), 100 ether);
        vm.prank(alice);
        set.join(100 ether);
        assertEq(set.slash(alice), 30 ether, "amount");
        assertValidator(alice, 70 ether, START, 0);
        vm.warp(START + ACTIVATION_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetNothingPending.selector, alice));
        set.activate(alice);
    }

    function test_SlashedWholeCanJoinAgain() external {
        set = IValidatorSet(
            deploy(
                "ValidatorSet.sol:ValidatorSet",
                abi.encode(vault, address(this), treasury, EXIT_DELAY, ACTIVATION_DELAY, 10_000, MINIMUM_STAKE)
            )
        );
        nameSlasher(set, address(this));
        joinSet(set, alice, 100 ether);
        assertEq(set.slash(alice), 100 ether, "amount");
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetNoStake.selector, alice));
        set.release(alice);
        joinSet(set, alice, 110 ether);
        assertValidator(alice, 110 ether, 0, 1);
    }

    function test_RevertWhen_SlasherIsNotNamed() external {
        joinSet(set, alice, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetUnauthorizedSlasher.selector, bob));
        vm.prank(bob);
        set.slash(alice);
    }

    function testFuzz_SlashTakesTheShareAndNeverMore(uint256 stake, uint256 bps) external {
        stake = bound(stake, 1, 1e27);
        bps = bound(bps, 1_000, 10_000);
        set = IValidatorSet(
            deploy(
                "ValidatorSet.sol:ValidatorSet",
                abi.encode(vault, address(this), treasury, EXIT_DELAY, ACTIVATION_DELAY, bps, 1)
            )
        );
        nameSlasher(set, address(this));
        joinSet(set, alice, stake);
        uint256 amount = set.slash(alice);
        assertTrue(
            amount * 10_000 >= stake * bps && (amount - 1) * 10_000 < stake * bps,
            "rounded up by less than one"
        );
        assertEq(vault.freeStakeOf(treasury), amount, "treasury");
        assertEq(set.getValidator(alice).stake, stake - amount, "stake left");
        assertEq(lockOf(alice), stake - amount, "lock left");
    }
}
