// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {fundStake, joinSet, makeCount, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Staking, waiting until it counts, taking a seat, and displacing who has the least.
contract ValidatorSetJoinTest is ValidatorFixture {
    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
    }

    function test_JoinLocksStakeThatDoesNotCountYet() external {
        fundStake(vault, alice, address(set), 150 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 120 ether, START + ACTIVATION_DELAY);
        vm.prank(alice);
        set.join(120 ether);

        assertPending(alice, 120 ether, START + ACTIVATION_DELAY);
        assertTrue(!set.isActive(alice), "active");
        assertEq(set.activeValidators().length, 0, "seats taken");
        assertEq(set.activeStake(), 0, "active stake");
        assertEq(lockOf(alice), 120 ether, "lock");
        assertEq(vault.freeStakeOf(alice), 30 ether, "free stake");
    }

    function test_ActivateTakesASeat() external {
        _join(alice, 120 ether);
        vm.warp(START + ACTIVATION_DELAY);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorActivated(alice, 120 ether);
        vm.prank(bob);
        set.activate(alice);

        assertValidator(alice, 120 ether, 0, 1);
        assertTrue(set.isActive(alice), "active");
        assertEq(set.activeValidators().length, 1, "seats taken");
        assertEq(set.activeValidators()[0], alice, "seat");
        assertEq(set.activeStake(), 120 ether, "active stake");
    }

    /// @dev Judges are not bought after the fact: what there is to judge is judged before their stake counts.
    function test_RevertWhen_StakeIsActivatedTooEarly() external {
        _join(alice, 120 ether);
        vm.warp(START + ACTIVATION_DELAY - 1);
        vm.expectRevert(_tooEarly(alice, START + ACTIVATION_DELAY));
        set.activate(alice);
    }

    function test_RevertGiven_NothingIsPending() external {
        vm.expectRevert(_nothingPending(alice));
        set.activate(alice);
        joinSet(set, alice, 120 ether);
        vm.warp(START + ACTIVATION_DELAY);
        vm.expectRevert(_nothingPending(alice));
        set.activate(alice);
    }

    function test_JoinAddsToAnActiveStakeWhatDoesNotCountYet() external {
        joinSet(set, alice, 120 ether);
        fundStake(vault, alice, address(set), 1);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 120 ether + 1, START + ACTIVATION_DELAY);
        vm.prank(alice);
        set.join(1);
        assertPending(alice, 1, START + ACTIVATION_DELAY);
        assertEq(set.getValidator(alice).stake, 120 ether, "stake");
        assertTrue(set.isActive(alice), "active");
        assertEq(set.activeStake(), 120 ether, "active stake");

        vm.warp(START + ACTIVATION_DELAY);
        set.activate(alice);
        assertValidator(alice, 120 ether + 1, 0, 1);
        assertEq(set.activeStake(), 120 ether + 1, "active stake");
    }

    /// @dev Stake that waits does not carry later stake along, so nobody keeps a foot in the door.
    function test_AddingRestartsTheWaitOfAllThatIsPending() external {
        _join(alice, 120 ether);
        vm.warp(START + ACTIVATION_DELAY - 1);
        _join(alice, 1);
        assertPending(alice, 120 ether + 1, START + 2 * ACTIVATION_DELAY - 1);
        vm.warp(START + ACTIVATION_DELAY);
        vm.expectRevert(_tooEarly(alice, START + 2 * ACTIVATION_DELAY - 1));
        set.activate(alice);
    }

    function test_FoundersCountAtOnceUntilTheFoundingIsOver() external {
        address[] memory slashers = new address[](1);
        slashers[0] = address(this);
        address[] memory founders = new address[](2);
        (founders[0], founders[1]) = (alice, bob);
        set = deploySet();
        set.setSlashers(slashers, founders);

        fundStake(vault, alice, address(set), 120 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 120 ether, START);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorActivated(alice, 120 ether);
        vm.prank(alice);
        set.join(120 ether);
        assertValidator(alice, 120 ether, 0, 1);
        assertEq(set.activeStake(), 120 ether, "active stake");

        address other = address(0x07E4);
        _join(other, 100 ether);
        assertTrue(!set.isActive(other), "somebody else waits");

        vm.warp(START + ACTIVATION_DELAY);
        _join(bob, 100 ether);
        assertTrue(set.isActive(bob), "the last second");
        vm.warp(START + ACTIVATION_DELAY + 1);
        _join(alice, 1 ether);
        assertPending(alice, 1 ether, START + 2 * ACTIVATION_DELAY + 1);
        assertEq(set.activeStake(), 220 ether, "active stake");
    }

    function test_JoinAgainAfterRelease() external {
        joinSet(set, alice, 120 ether);
        vm.prank(alice);
        set.exit();
        vm.warp(START + EXIT_DELAY);
        set.release(alice);
        vm.prank(alice);
        set.join(100 ether);
        makeCount(set, alice);
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

    /// @dev Nobody loses a seat to stake that does not count yet.
    function test_ActivationDisplacesTheLeastStake() external {
        _fillSeats();
        address lowest = _seatHolder(7);
        _join(alice, 107 ether);
        _join(bob, 107 ether + 1);
        assertEq(set.activeValidators().length, 32, "seats taken");
        assertTrue(set.isActive(lowest), "joining displaces nobody");

        vm.warp(START + ACTIVATION_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetFull.selector, 107 ether, 107 ether));
        set.activate(alice);

        uint256 activeBefore = set.activeStake();
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorDisplaced(lowest, bob, 107 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorActivated(bob, 107 ether + 1);
        set.activate(bob);

        assertEq(set.activeValidators().length, 32, "seats taken");
        assertEq(set.activeStake(), activeBefore + 1, "active stake");
        assertPending(lowest, 107 ether, START + ACTIVATION_DELAY);
        assertEq(set.getValidator(lowest).stake, 0, "the displaced have no weight");
        assertTrue(set.getValidator(lowest).displaced, "displaced");
        assertEq(lockOf(lowest), 107 ether, "the displaced stay locked");
    }

    /// @notice Who was displaced may add to its stake, take a seat that gets free without waiting, or leave as any other.
    function test_TheDisplacedAddOrComeBackOrLeave() external {
        _fillSeats();
        address lowest = _seatHolder(7);
        joinSet(set, bob, 107 ether + 1);
        vm.warp(START + ACTIVATION_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetFull.selector, 107 ether, 107 ether + 1));
        set.activate(lowest);
        uint256 displaced = vm.snapshotState();

        _join(lowest, 2);
        assertPending(lowest, 107 ether + 2, START + 2 * ACTIVATION_DELAY);
        vm.revertToState(displaced);

        vm.prank(bob);
        set.exit();
        set.activate(lowest);
        assertTrue(set.isActive(lowest) && !set.getValidator(lowest).displaced, "back");
        assertEq(set.getValidator(lowest).stake, 107 ether, "with all that it had");
        vm.revertToState(displaced);

        vm.prank(lowest);
        set.exit();
        assertValidator(lowest, 107 ether, START + ACTIVATION_DELAY, 0);
        vm.revertToState(displaced);

        assertEq(set.slash(lowest), 32.1 ether, "slashed");
        assertValidator(lowest, 74.9 ether, START + ACTIVATION_DELAY, 0);
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

    function _join(address account, uint256 amount) private {
        fundStake(vault, account, address(set), amount);
        vm.prank(account);
        set.join(amount);
    }

    function _tooEarly(address account, uint256 activeFrom) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetTooEarly.selector, account, activeFrom);
    }

    function _nothingPending(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetNothingPending.selector, account);
    }

    function _seatHolder(uint256 index) private pure returns (address) {
        return address(uint160(0x5EA700 + index));
    }

    function _exiting(address account, uint256 releasableAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetExiting.selector, account, releasableAt);
    }
}
