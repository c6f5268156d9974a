// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IChallengeManager} from "./IChallengeManager.sol";

/// @title IValidatorRewards
/// @notice Pays validators for challenges issued, out of protocol fees. What comes in during a reward period is shared, once
/// the period is over, by the points of that period; a period without points passes its pot on to the running one.
/// @dev Nobody draws more than was paid in: the shares of a period sum to its pot, to the unit. The order of claims moves each
/// share by less than one unit per claimant.
interface IValidatorRewards {
    /// @notice Money came in for a period.
    event Funded(uint256 indexed period, address indexed payer, uint256 amount);
    /// @notice A validator was paid its share of a period.
    event RewardPaid(uint256 indexed period, address indexed validator, address indexed to, uint256 amount);
    /// @notice A period without points passed its pot on.
    event RolledOver(uint256 indexed from, uint256 indexed to, uint256 amount);

    /// @notice An amount of zero.
    error ValidatorRewardsInvalidAmount(uint256 amount);
    /// @notice A receiver that is the zero address or this contract.
    error ValidatorRewardsInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked.
    error ValidatorRewardsUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice The period is not over.
    error ValidatorRewardsPeriodOpen(uint256 period, uint256 current);
    /// @notice The validator has no points in the period, or was paid.
    error ValidatorRewardsNothingDue(uint256 period, address validator);
    /// @notice The period has points, so its pot is theirs; or nothing to pass on.
    error ValidatorRewardsNothingToRollOver(uint256 period);

    /// @notice The token paid in and out. Immutable.
    function token() external view returns (IERC20);

    /// @notice Where points are kept. Immutable.
    function challenges() external view returns (IChallengeManager);

    /// @notice What is left in a period's pot, in token base units.
    function potOf(uint256 period) external view returns (uint256);

    /// @notice What a validator would be paid for a period now, in token base units; 0 while the period is open.
    function dueOf(uint256 period, address validator) external view returns (uint256);

    /// @notice Adds to the running period's pot, paid by the caller.
    /// @dev Emits {Funded}. Errors: {ValidatorRewardsInvalidAmount}, {ValidatorRewardsUnexpectedAmount}, and the token's own.
    function fund(uint256 amount) external;

    /// @notice Pays the caller its shares of closed periods.
    /// @dev Emits {RewardPaid} for each. Errors: {ValidatorRewardsInvalidReceiver}, {ValidatorRewardsPeriodOpen},
    /// {ValidatorRewardsNothingDue}.
    /// @param periods The periods, each once.
    /// @param to Who receives.
    /// @return amount Token base units paid in all.
    function withdraw(uint256[] calldata periods, address to) external returns (uint256 amount);

    /// @notice Passes the pot of a closed period without points on to the running one. Anyone may call.
    /// @dev Emits {RolledOver}. Errors: {ValidatorRewardsPeriodOpen}, {ValidatorRewardsNothingToRollOver}.
    function rollOver(uint256 period) external;
}
