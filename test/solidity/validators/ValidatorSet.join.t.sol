// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {fundStake, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Taking a seat, adding stake, and displacing who has the least.
contract ValidatorSetJoinTest is ValidatorFixture {
    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
    }

    function test_JoinTakesASeatAndLocksStake() external {
        fundStake(vault, alice, address(set), 150 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 120 ether);
        vm.prank(alice);
        set.join(120 ether);

        assertValidator(alice, 120 ether, 0, 1);
        assertTrue(set.isActive(alice), "active");
        assertEq(set.activeValidators().length, 1, "seats taken");
        assertEq(set.activeValidators()[0], alice, "seat");
        assertEq(set.activeStake(), 120 ether, "active stake");
        assertEq(lockOf(alice), 120 ether, "lock");
        assertEq(vault.freeStakeOf(alice), 30 ether, "free stake");
    }

    function test_JoinAddsToAnActiveStake() external {
        joinSet(set, alice, 120 ether);
        fundStake(vault, alice, address(set), 1);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 120 ether + 1);
        vm.prank(alice);
        set.join(1);
        assertValidator(alice, 120 ether + 1, 0, 1);
        assertEq(set.activeStake(), 120 ether + 1, "active stake");
    }

    function test_JoinAgainAfterRelease() external {
        joinSet(set, alice, 120 ether);
        vm.prank(alice);
        set.exit();
        vm.warp(START + EXIT_DELAY);
        set.release(alice);
        vm.prank(alice);
        set.join(100 ether);
        assertValidator(alice, 100 ether, 0, 1);
    }

    function test_RevertGiven_SlashersAreNotNamed() external {
        IValidatorSet fresh = deploySet();
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetSlashersNotSet.selector));
        fresh.join(MINIMUM_STAKE);
    }

    function test_RevertWhen_StakeIsBelowTheMinimum() external {
        fundStake(vault, alice, address(set), 100 ether);
        vm.expectRevert(insufficientStake(100 ether - 1, MINIMUM_STAKE));
        vm.prank(alice);
        set.join(100 ether - 1);
    }

    function test_RevertWhen_NothingIsAdded() external {
        joinSet(set, alice, 120 ether);
        vm.expectRevert(insufficientStake(120 ether, MINIMUM_STAKE));
        vm.prank(alice);
        set.join(0);
    }

    function test_RevertWhen_AmountIsBeyondTheFreeStake() external {
        fundStake(vault, alice, address(set), 100 ether);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.StakeVaultInsufficientFreeStake.selector,
                alice,
                100 ether,
                100 ether + 1
            )
        );
        vm.prank(alice);
        set.join(100 ether + 1);
    }

    /// @dev The sum of stake and amount wraps here; the vault refuses the amount, and nothing stays.
    function test_RevertWhen_AmountIsAbsurd() external {
        joinSet(set, alice, 120 ether);
        vm.expectPartialRevert(IStakeVault.StakeVaultCapExceeded.selector);
        vm.prank(alice);
        set.join(type(uint256).max);
        assertValidator(alice, 120 ether, 0, 1);
        assertEq(set.activeStake(), 120 ether, "active stake");
    }

    function test_RevertGiven_ValidatorIsExiting() external {
        joinSet(set, alice, 120 ether);
        vm.startPrank(alice);
        set.exit();
        vm.expectRevert(_exiting(alice, START + EXIT_DELAY));
        set.join(100 ether);
        vm.warp(START + EXIT_DELAY);
        vm.expectRevert(_exiting(alice, START + EXIT_DELAY));
        set.join(100 ether);
        vm.stopPrank();
    }

    function test_JoinDisplacesTheLeastStake() external {
        _fillSeats();
        address lowest = _seatHolder(7);
        fundStake(vault, alice, address(set), 200 ether);

        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetFull.selector, 107 ether, 107 ether));
        vm.prank(alice);
        set.join(107 ether);

        uint256 activeBefore = set.activeStake();
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorDisplaced(lowest, alice, 107 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 107 ether + 1);
        vm.prank(alice);
        set.join(107 ether + 1);

        assertEq(set.activeValidators().length, 32, "seats taken");
        assertEq(set.activeStake(), activeBefore + 1, "active stake");
        assertValidator(lowest, 107 ether, START, 0);
        assertEq(lockOf(lowest), 107 ether, "the displaced stay locked");
        vm.expectRevert(_exiting(lowest, START + EXIT_DELAY));
        vm.prank(lowest);
        set.join(200 ether);
    }

    function test_ActiveValidatorsAddStakeThoughAllSeatsAreTaken() external {
        _fillSeats();
        joinSet(set, _seatHolder(7), 1);
        assertEq(set.activeValidators().length, 32, "seats taken");
    }

    /// @dev Stakes of 107 (in the middle of the list) to 138 ether.
    function _fillSeats() private {
        for (uint256 i = 0; i < 32; ++i) joinSet(set, _seatHolder(i), (107 + ((i + 25) % 32)) * 1 ether);
    }

    function _seatHolder(uint256 index) private pure returns (address) {
        return address(uint160(0x5EA700 + index));
    }

    function _exiting(address account, uint256 releasableAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetExiting.selector, account, releasableAt);
    }
}
