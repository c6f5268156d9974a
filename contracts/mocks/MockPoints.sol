// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title MockPoints
/// @notice Validators' points by reward period, as a test sets them: the part of {IChallengeManager} on which rewards
/// depend.
contract MockPoints {
    /// @notice The platform's token.
    address public immutable token;
    /// @notice The running reward period.
    uint256 public currentPeriod;
    /// @notice Points of a validator in a reward period.
    mapping(uint256 period => mapping(address validator => uint256)) public pointsOf;
    /// @notice Points of all validators in a reward period.
    mapping(uint256 period => uint256) public totalPoints;

    /// @notice Stands for a platform.
    /// @param token_ Its token.
    constructor(address token_) {
        token = token_;
    }

    /// @notice Moves on to another period.
    /// @param period The period.
    function setCurrentPeriod(uint256 period) external {
        currentPeriod = period;
    }

    /// @notice Gives points in the running period.
    /// @param validator The account that gets them.
    /// @param points How many.
    function addPoints(address validator, uint256 points) external {
        pointsOf[currentPeriod][validator] += points;
        totalPoints[currentPeriod] += points;
    }

    /// @notice Where the registry would be.
    /// @return This contract.
    function registry() external view returns (MockPoints) {
        return this;
    }

    /// @notice Where the vault would be.
    /// @return This contract.
    function vault() external view returns (MockPoints) {
        return this;
    }
}
