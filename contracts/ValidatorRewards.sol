// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {IValidatorRewards} from "./interfaces/IValidatorRewards.sol";
import {ExactTransfer} from "./libraries/ExactTransfer.sol";

/// @title ValidatorRewards
/// @notice See {IValidatorRewards}.
/// @dev The points of a period that is over never change, and its pot gets nothing more. Each claim takes its part of
/// what is left, and the last one takes all of it, so rounding leaves nothing behind.
contract ValidatorRewards is IValidatorRewards, ReentrancyGuardTransient {
    using ExactTransfer for IERC20;
    using SafeERC20 for IERC20;

    /// @dev What is left of a period: money, and points that are not paid yet (counted from the first claim on).
    struct Pot {
        uint256 amount;
        uint256 pointsRemaining;
    }

    /// @inheritdoc IValidatorRewards
    IERC20 public immutable override token;
    /// @inheritdoc IValidatorRewards
    IChallengeManager public immutable override challenges;

    mapping(uint256 period => Pot) private _pots;
    mapping(uint256 period => mapping(address validator => bool)) private _paid;

    /// @notice Binds the contract to a token and to the challenge manager, for good.
    /// @dev Errors: {ValidatorRewardsMismatch}.
    /// @param token_ The token paid in and out: the platform's.
    /// @param challenges_ The challenge manager, which keeps points.
    constructor(IERC20 token_, IChallengeManager challenges_) {
        (address expected, address actual) = (address(challenges_.registry().vault().token()), address(token_));
        if (expected != actual) revert ValidatorRewardsMismatch(expected, actual);
        (token, challenges) = (token_, challenges_);
    }

    /// @inheritdoc IValidatorRewards
    function potOf(uint256 period) external view override returns (uint256) {
        return _pots[period].amount;
    }

    /// @inheritdoc IValidatorRewards
    function dueOf(uint256 period, address validator) external view override returns (uint256) {
        if (period >= challenges.currentPeriod()) return 0;
        (uint256 points, uint256 remaining) = _pointsOf(period, validator);
        return points == 0 ? 0 : Math.mulDiv(_pots[period].amount, points, remaining);
    }

    /// @inheritdoc IValidatorRewards
    function fund(uint256 amount) external override nonReentrant {
        if (amount == 0) revert ValidatorRewardsInvalidAmount(amount);
        (uint256 received, ) = token.pull(amount);
        if (received != amount) revert ValidatorRewardsUnexpectedAmount(amount, received);

        uint256 period = challenges.currentPeriod();
        _pots[period].amount += amount;
        emit Funded(period, msg.sender, amount);
    }

    /// @inheritdoc IValidatorRewards
    function withdraw(uint256[] calldata periods, address to) external override nonReentrant returns (uint256 amount) {
        if (to == address(0) || to == address(this)) revert ValidatorRewardsInvalidReceiver(to);
        uint256 current = challenges.currentPeriod();
        for (uint256 i = 0; i < periods.length; ++i) {
            if (periods[i] >= current) revert ValidatorRewardsPeriodOpen(periods[i], current);
            amount += _take(periods[i], to);
        }
        if (amount != 0) token.safeTransfer(to, amount);
    }

    /// @inheritdoc IValidatorRewards
    function rollOver(uint256 period) external override {
        uint256 current = challenges.currentPeriod();
        if (period >= current) revert ValidatorRewardsPeriodOpen(period, current);
        uint256 amount = _pots[period].amount;
        if (amount == 0 || challenges.totalPoints(period) != 0) revert ValidatorRewardsNothingToRollOver(period);

        _pots[period].amount = 0;
        _pots[current].amount += amount;
        emit RolledOver(period, current, amount);
    }

    /// @dev Takes the caller's share out of the pot of a period that is over. A share of zero is taken like any other.
    function _take(uint256 period, address to) private returns (uint256 share) {
        (uint256 points, uint256 remaining) = _pointsOf(period, msg.sender);
        if (points == 0) revert ValidatorRewardsNothingDue(period, msg.sender);
        Pot storage pot = _pots[period];
        share = Math.mulDiv(pot.amount, points, remaining);

        _paid[period][msg.sender] = true;
        pot.amount -= share;
        pot.pointsRemaining = remaining - points;
        emit RewardPaid(period, msg.sender, to, share);
    }

    /// @dev Returns a validator's points in a period that is over, 0 once it was paid, and all points that are not paid
    /// yet.
    function _pointsOf(uint256 period, address validator) private view returns (uint256 points, uint256 remaining) {
        if (_paid[period][validator]) return (0, 0);
        points = challenges.pointsOf(period, validator);
        // Zero means that there was no claim yet: once every point is paid, nobody has points to claim with.
        remaining = _pots[period].pointsRemaining;
        if (remaining == 0) remaining = challenges.totalPoints(period);
    }
}
