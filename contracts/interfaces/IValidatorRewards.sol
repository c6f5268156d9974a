// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IChallengeManager} from "./IChallengeManager.sol";

/// @title IValidatorRewards
/// @notice Pays validators for the challenges that they issue, out of protocol fees. What comes in during a reward
/// period is shared by the points of that period, once the period is over. A period without points passes its pot on to
/// the running one.
///
/// @dev Nobody can draw more than was paid in: the shares of a period sum to exactly its pot. The order of claims moves
/// each share by less than one base unit per claimant.
///
/// Functions that move tokens cannot be re-entered (`ReentrancyGuardReentrantCall`).
interface IValidatorRewards {
    /// @notice Money came in for a period.
    /// @param period The reward period.
    /// @param payer The account that paid.
    /// @param amount Token base units added to the period's pot.
    event Funded(uint256 indexed period, address indexed payer, uint256 amount);
    /// @notice A validator was paid its share of a period.
    /// @param period The reward period.
    /// @param validator The validator.
    /// @param to The receiver.
    /// @param amount Token base units paid.
    event RewardPaid(uint256 indexed period, address indexed validator, address indexed to, uint256 amount);
    /// @notice A period without points passed its pot on.
    /// @param from The period without points.
    /// @param to The period that was running.
    /// @param amount Token base units passed on.
    event RolledOver(uint256 indexed from, uint256 indexed to, uint256 amount);

    /// @notice The token is not that of the platform whose points are paid: the token of its stake.
    /// @param expected The platform's token.
    /// @param actual The token given.
    error ValidatorRewardsMismatch(address expected, address actual);
    /// @notice The amount is zero.
    /// @param amount The amount given: 0.
    error ValidatorRewardsInvalidAmount(uint256 amount);
    /// @notice The receiver is the zero address or this contract.
    /// @param receiver The address given.
    error ValidatorRewardsInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked for: it takes a fee on transfer, or rebases.
    /// @param expected Token base units asked for.
    /// @param received Token base units that arrived.
    error ValidatorRewardsUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice The period is not over.
    /// @param period The period given.
    /// @param current The running period.
    error ValidatorRewardsPeriodOpen(uint256 period, uint256 current);
    /// @notice The validator has no points in the period, or was paid already.
    /// @param period The period.
    /// @param validator The validator.
    error ValidatorRewardsNothingDue(uint256 period, address validator);
    /// @notice The period has points, so its pot belongs to the validators that earned them; or its pot is empty.
    /// @param period The period.
    error ValidatorRewardsNothingToRollOver(uint256 period);

    /// @notice Returns the token that is paid in and out. Immutable.
    /// @return The token.
    function token() external view returns (IERC20);

    /// @notice Returns the contract that keeps points. Immutable.
    /// @return The challenge manager.
    function challenges() external view returns (IChallengeManager);

    /// @notice Returns what is left in a period's pot.
    /// @param period Any reward period.
    /// @return Token base units.
    function potOf(uint256 period) external view returns (uint256);

    /// @notice Returns what a validator would be paid for a period now.
    /// @param period Any reward period.
    /// @param validator Any account.
    /// @return Token base units; 0 while the period is not over, without points, and after the payment.
    function dueOf(uint256 period, address validator) external view returns (uint256);

    /// @notice Adds to the running period's pot, paid by the caller.
    /// @dev Emits {Funded}.
    ///
    /// Requirements:
    /// - `amount` is greater than zero ({ValidatorRewardsInvalidAmount}).
    /// - The caller has the amount and approved this contract for it (the token's errors).
    /// - The token moves exactly the amount ({ValidatorRewardsUnexpectedAmount}).
    /// @param amount Token base units.
    function fund(uint256 amount) external;

    /// @notice Pays the caller its shares of periods that are over.
    /// @dev Emits {RewardPaid} for each period.
    ///
    /// Requirements:
    /// - `to` is neither the zero address nor this contract ({ValidatorRewardsInvalidReceiver}).
    /// - Every period is over ({ValidatorRewardsPeriodOpen}).
    /// - The caller has points in every period, and was not paid for it before ({ValidatorRewardsNothingDue}).
    /// @param periods The reward periods, each once.
    /// @param to The receiver.
    /// @return amount Token base units paid in all.
    function withdraw(uint256[] calldata periods, address to) external returns (uint256 amount);

    /// @notice Passes the pot of a period that is over and has no points on to the running one. Anyone may call.
    /// @dev Emits {RolledOver}.
    ///
    /// Requirements:
    /// - The period is over ({ValidatorRewardsPeriodOpen}).
    /// - The period has no points, and its pot is not empty ({ValidatorRewardsNothingToRollOver}).
    /// @param period The reward period.
    function rollOver(uint256 period) external;
}
