// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IValidatorRewards} from "../../../contracts/interfaces/IValidatorRewards.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {MockPoints} from "../../../contracts/mocks/MockPoints.sol";
import {Test} from "../utils/Test.sol";

/// @notice What comes in during a period is shared by its points, to the unit.
contract ValidatorRewardsTest is Test {
    HostileToken private _token;
    MockPoints private _points;
    IValidatorRewards private _rewards;

    uint256 private constant PERIOD = 7;
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    address private constant CAROL = address(0xCA201);

    function setUp() public {
        _token = HostileToken(deploy("HostileToken.sol:HostileToken", ""));
        _points = MockPoints(deploy("MockPoints.sol:MockPoints", abi.encode(_token)));
        _rewards = IValidatorRewards(deploy("ValidatorRewards.sol:ValidatorRewards", abi.encode(_token, _points)));
        _points.setCurrentPeriod(PERIOD);
        _token.mint(address(this), type(uint128).max);
        _token.approve(address(_rewards), type(uint256).max);
    }

    function test_HoldsItsTokenAndPoints() external view {
        assertEq(address(_rewards.token()), address(_token), "token");
        assertEq(address(_rewards.challenges()), address(_points), "challenges");
    }

    function test_RevertWhen_TheTokenIsAnotherPlatforms() external {
        address other = deploy("HostileToken.sol:HostileToken", "");
        bytes4 selector = IValidatorRewards.ValidatorRewardsMismatch.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(_token), other));
        this.deployRewards(other);
    }

    /// @notice In a call of its own, so that its revert can be expected.
    function deployRewards(address token) external {
        deploy("ValidatorRewards.sol:ValidatorRewards", abi.encode(token, _points));
    }

    function test_FundFillsTheRunningPot() external {
        vm.expectEmit(address(_rewards));
        emit IValidatorRewards.Funded(PERIOD, address(this), 60);
        _rewards.fund(60);
        _rewards.fund(40);
        _points.setCurrentPeriod(PERIOD + 1);
        _rewards.fund(5);
        assertEq(_rewards.potOf(PERIOD), 100, "pot");
        assertEq(_rewards.potOf(PERIOD + 1), 5, "next pot");
        assertEq(_token.balanceOf(address(_rewards)), 105, "balance");
    }

    function test_SharesFollowPointsAndSumToThePot() external {
        _close(100, 1, 1, 1);
        assertEq(_rewards.dueOf(PERIOD, ALICE), 33, "Alice's share");
        vm.expectEmit(address(_rewards));
        emit IValidatorRewards.RewardPaid(PERIOD, ALICE, CAROL, 33);
        assertEq(_withdraw(ALICE, CAROL), 33, "paid to Alice");
        assertEq(_rewards.dueOf(PERIOD, BOB), 33, "Bob's share");
        assertEq(_withdraw(BOB, BOB), 33, "paid to Bob");
        assertEq(_rewards.dueOf(PERIOD, CAROL), 34, "Carol's share");
        assertEq(_withdraw(CAROL, CAROL), 34, "paid to Carol");
        assertEq(_token.balanceOf(CAROL), 67, "Carol's balance");
        assertEq(_token.balanceOf(address(_rewards)), 0, "nothing left");
        assertEq(_rewards.potOf(PERIOD), 0, "pot");
    }

    function test_WithdrawSeveralPeriodsAtOnce() external {
        _close(100, 1, 3, 0);
        _points.addPoints(ALICE, 2);
        _rewards.fund(50);
        _points.setCurrentPeriod(PERIOD + 2);
        uint256[] memory periods = new uint256[](2);
        (periods[0], periods[1]) = (PERIOD + 1, PERIOD);
        vm.prank(ALICE);
        assertEq(_rewards.withdraw(periods, ALICE), 75, "paid in all");
        assertEq(_token.balanceOf(ALICE), 75, "balance");
    }

    function test_NothingIsDueWhileThePeriodIsOpen() external {
        _points.addPoints(ALICE, 1);
        _rewards.fund(100);
        assertEq(_rewards.dueOf(PERIOD, ALICE), 0, "due");
        _expectPeriodOpen(PERIOD);
        _withdraw(ALICE, ALICE);
    }

    function test_RevertGiven_NoPointsOrPaidBefore() external {
        _close(100, 1, 1, 0);
        _expectNothingDue(CAROL);
        _withdraw(CAROL, CAROL);
        assertEq(_rewards.dueOf(PERIOD, CAROL), 0, "Carol's share");
        _withdraw(ALICE, ALICE);
        assertEq(_rewards.dueOf(PERIOD, ALICE), 0, "Alice's share");
        _expectNothingDue(ALICE);
        _withdraw(ALICE, ALICE);
        _withdraw(BOB, BOB);
        _expectNothingDue(ALICE);
        _withdraw(ALICE, ALICE);
    }

    function test_RevertWhen_APeriodIsNamedTwice() external {
        _close(100, 1, 1, 0);
        uint256[] memory periods = new uint256[](2);
        (periods[0], periods[1]) = (PERIOD, PERIOD);
        _expectNothingDue(ALICE);
        vm.prank(ALICE);
        _rewards.withdraw(periods, ALICE);
    }

    /// @notice Points of a period without fees are used up like others; the token sees no transfer of zero.
    function test_EmptyPotPaysZero() external {
        _points.addPoints(ALICE, 1);
        _points.setCurrentPeriod(PERIOD + 1);
        _token.setDialect(HostileToken.Dialect.ReturnsFalse);
        assertEq(_withdraw(ALICE, ALICE), 0, "paid");
        _expectNothingDue(ALICE);
        _withdraw(ALICE, ALICE);
    }

    function test_RevertWhen_ReceiverIsNobody() external {
        _close(100, 1, 0, 0);
        address[2] memory receivers = [address(0), address(_rewards)];
        for (uint256 i = 0; i < receivers.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IValidatorRewards.ValidatorRewardsInvalidReceiver.selector, receivers[i])
            );
            _withdraw(ALICE, receivers[i]);
        }
    }

    function test_RevertWhen_FundIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IValidatorRewards.ValidatorRewardsInvalidAmount.selector, 0));
        _rewards.fund(0);
    }

    function test_RevertGiven_TokenTakesAFee() external {
        _token.setDialect(HostileToken.Dialect.FeeOnTransfer);
        vm.expectRevert(abi.encodeWithSelector(IValidatorRewards.ValidatorRewardsUnexpectedAmount.selector, 200, 198));
        _rewards.fund(200);
    }

    /// @notice A token that burns more of the pot than it brings is refused, not taken for one that brought a lot.
    function test_RevertGiven_TokenTakesInsteadOfGiving() external {
        _rewards.fund(500);
        _token.setDialect(HostileToken.Dialect.Reenters);
        _token.setReentry(address(_token), abi.encodeCall(_token.burn, (address(_rewards), 201)));
        vm.expectRevert(abi.encodeWithSelector(IValidatorRewards.ValidatorRewardsUnexpectedAmount.selector, 200, 0));
        _rewards.fund(200);
        assertEq(_token.balanceOf(address(_rewards)), 500, "balance");
    }

    function test_RevertGiven_TokenReturnsFalse() external {
        _close(100, 1, 0, 0);
        _token.setDialect(HostileToken.Dialect.ReturnsFalse);
        bytes memory revertData = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, _token);
        vm.expectRevert(revertData);
        _rewards.fund(1);
        vm.expectRevert(revertData);
        _withdraw(ALICE, ALICE);
        assertEq(_rewards.dueOf(PERIOD, ALICE), 100, "still due");
    }

    function test_ReentryIsRefused() external {
        _close(100, 1, 0, 0);
        uint256[] memory periods = new uint256[](0);
        bytes[2] memory attempts = [
            abi.encodeCall(_rewards.fund, (1)),
            abi.encodeCall(_rewards.withdraw, (periods, BOB))
        ];
        _token.setDialect(HostileToken.Dialect.Reenters);
        for (uint256 i = 0; i < attempts.length; ++i) {
            _token.setReentry(address(_rewards), attempts[i]);
            _rewards.fund(10);
            _checkRefused();
        }
        _withdraw(ALICE, ALICE);
        _checkRefused();
        assertEq(_token.reentries(), 3, "attempts");
    }

    function test_RollOverPassesAPotWithoutPointsOn() external {
        _close(100, 0, 0, 0);
        _points.setCurrentPeriod(PERIOD + 3);
        _rewards.fund(1);
        vm.expectEmit(address(_rewards));
        emit IValidatorRewards.RolledOver(PERIOD, PERIOD + 3, 100);
        vm.prank(BOB);
        _rewards.rollOver(PERIOD);
        assertEq(_rewards.potOf(PERIOD), 0, "old pot");
        assertEq(_rewards.potOf(PERIOD + 3), 101, "running pot");
        _expectNothingToRollOver(PERIOD);
        _rewards.rollOver(PERIOD);
    }

    function test_RevertGiven_PeriodHasPoints() external {
        _close(100, 1, 0, 0);
        _expectNothingToRollOver(PERIOD);
        _rewards.rollOver(PERIOD);
    }

    function test_RevertGiven_PotIsEmpty() external {
        _expectNothingToRollOver(PERIOD - 1);
        _rewards.rollOver(PERIOD - 1);
    }

    function test_RevertGiven_RollOverOfAnOpenPeriod() external {
        _rewards.fund(100);
        _expectPeriodOpen(PERIOD);
        _rewards.rollOver(PERIOD);
        _expectPeriodOpen(PERIOD + 1);
        _rewards.rollOver(PERIOD + 1);
    }

    /// @notice In any order of claims, shares sum to the pot, and each is within the number of claimants of the exact share.
    function testFuzz_SharesSumToThePot(uint256 pot, uint8[3] calldata points, uint256 order) external {
        pot = bound(pot, 1, type(uint128).max);
        uint256 alice = bound(points[0], 1, 24);
        uint256 bob = bound(points[1], 1, 24);
        uint256 carol = bound(points[2], 1, 24);
        _close(pot, alice, bob, carol);
        uint256 paid;
        // A step of 1 or 2 from any start passes through all three.
        uint256 step = 1 + ((order / 3) % 2);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 turn = ((order % 3) + i * step) % 3;
            if (turn == 0) paid += _withdrawNear(ALICE, (pot * alice) / (alice + bob + carol));
            else if (turn == 1) paid += _withdrawNear(BOB, (pot * bob) / (alice + bob + carol));
            else paid += _withdrawNear(CAROL, (pot * carol) / (alice + bob + carol));
        }
        assertEq(paid, pot, "paid in all");
    }

    /// @dev Withdraws what was said to be due, at most 3 base units off the exact share.
    function _withdrawNear(address validator, uint256 exact) private returns (uint256 share) {
        uint256 due = _rewards.dueOf(PERIOD, validator);
        share = _withdraw(validator, validator);
        assertEq(share, due, "paid as said");
        assertLe(share, exact + 3, "share");
        assertGe(share + 3, exact, "share");
    }

    /// @dev A period with a pot and points, over by one.
    function _close(uint256 pot, uint256 alice, uint256 bob, uint256 carol) private {
        _rewards.fund(pot);
        _points.addPoints(ALICE, alice);
        _points.addPoints(BOB, bob);
        _points.addPoints(CAROL, carol);
        _points.setCurrentPeriod(PERIOD + 1);
    }

    function _withdraw(address validator, address to) private returns (uint256) {
        uint256[] memory periods = new uint256[](1);
        periods[0] = PERIOD;
        vm.prank(validator);
        return _rewards.withdraw(periods, to);
    }

    function _checkRefused() private view {
        assertTrue(!_token.reentrySucceeded(), "re-entry refused");
        assertEq(
            bytes32(_token.reentryResult()),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "reason"
        );
    }

    function _expectNothingDue(address validator) private {
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorRewards.ValidatorRewardsNothingDue.selector, PERIOD, validator)
        );
    }

    function _expectPeriodOpen(uint256 period) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IValidatorRewards.ValidatorRewardsPeriodOpen.selector,
                period,
                _points.currentPeriod()
            )
        );
    }

    function _expectNothingToRollOver(uint256 period) private {
        vm.expectRevert(abi.encodeWithSelector(IValidatorRewards.ValidatorRewardsNothingToRollOver.selector, period));
    }
}
