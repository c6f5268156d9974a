// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorRewards} from "../../../contracts/interfaces/IValidatorRewards.sol";
import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {MockPoints} from "../../../contracts/mocks/MockPoints.sol";
import {Test} from "../utils/Test.sol";

/// @notice Plays payers and validators against the rewards in any order, over few periods so that they meet.
contract ValidatorRewardsHandler is Test {
    uint256 public constant VALIDATORS = 4;

    IValidatorRewards public immutable rewards;
    HostileToken public immutable token;
    MockPoints public immutable points;

    /// @notice All that was paid in.
    uint256 public funded;
    /// @notice All that was paid out, as the rewards say.
    uint256 public paid;
    /// @notice What a period was paid in, roll-overs included.
    mapping(uint256 period => uint256) public fundedOf;
    /// @notice What a period paid out.
    mapping(uint256 period => uint256) public paidOf;
    /// @notice Actions that went through.
    uint256 public done;

    constructor(IValidatorRewards rewards_, HostileToken token_, MockPoints points_) {
        (rewards, token, points) = (rewards_, token_, points_);
    }

    function fund(uint256 amount) external {
        amount = bound(amount, 1, amount % 2 == 0 ? 10 : 1e24);
        token.mint(address(this), amount);
        token.approve(address(rewards), amount);
        rewards.fund(amount);
        funded += amount;
        fundedOf[points.currentPeriod()] += amount;
        ++done;
    }

    function addPoints(uint256 validator, uint256 amount) external {
        points.addPoints(validatorAt(validator), bound(amount, 1, 3));
        ++done;
    }

    function nextPeriod() external {
        points.setCurrentPeriod(points.currentPeriod() + 1);
        ++done;
    }

    function withdraw(uint256 validator, uint256 period) external {
        uint256[] memory periods = new uint256[](1);
        periods[0] = _aPeriod(period);
        uint256 due = rewards.dueOf(periods[0], validatorAt(validator));
        vm.prank(validatorAt(validator));
        try rewards.withdraw(periods, validatorAt(validator)) returns (uint256 amount) {
            assertEq(amount, due, "paid as said");
            paid += amount;
            paidOf[periods[0]] += amount;
            ++done;
        } catch {}
    }

    function rollOver(uint256 period) external {
        period = _aPeriod(period);
        uint256 pot = rewards.potOf(period);
        try rewards.rollOver(period) {
            fundedOf[period] -= pot;
            fundedOf[points.currentPeriod()] += pot;
            ++done;
        } catch {}
    }

    function validatorAt(uint256 index) public pure returns (address) {
        return address(uint160(0xA0000 + (index % VALIDATORS)));
    }

    /// @dev One of the last four periods, the running one among them.
    function _aPeriod(uint256 period) private view returns (uint256) {
        uint256 current = points.currentPeriod();
        return bound(period, current < 3 ? 0 : current - 3, current);
    }
}

/// @notice What is always true of the rewards, whoever pays, claims or rolls over when.
contract ValidatorRewardsInvariantTest is Test {
    IValidatorRewards private _rewards;
    HostileToken private _token;
    MockPoints private _points;
    ValidatorRewardsHandler private _handler;

    function setUp() public {
        _token = HostileToken(deploy("HostileToken.sol:HostileToken", ""));
        _points = MockPoints(deploy("MockPoints.sol:MockPoints", abi.encode(_token)));
        _rewards = IValidatorRewards(deploy("ValidatorRewards.sol:ValidatorRewards", abi.encode(_token, _points)));
        _handler = new ValidatorRewardsHandler(_rewards, _token, _points);
    }

    /// @notice The fuzzer plays the handler alone.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice The handler's actions do go through, so the invariant below is not held by refusals alone.
    function test_HandlerActs() external {
        _handler.fund(8);
        _handler.nextPeriod();
        _handler.rollOver(0);
        _handler.addPoints(2, 1);
        _handler.nextPeriod();
        _handler.withdraw(2, 1);
        assertEq(_handler.done(), 6, "actions that went through");
        assertEq(_handler.paid(), 8, "paid");
    }

    function invariant_RewardsNeverExceedFunding() external view {
        assertEq(_token.balanceOf(address(_rewards)), _handler.funded() - _handler.paid(), "balance");
        uint256 pots;
        for (uint256 period = 0; period <= _points.currentPeriod(); ++period) {
            uint256 pot = _rewards.potOf(period);
            pots += pot;
            assertEq(pot + _handler.paidOf(period), _handler.fundedOf(period), "pot");
            _checkDues(period, pot);
        }
        assertEq(pots, _handler.funded() - _handler.paid(), "all pots");
    }

    /// @dev What a closed period still owes is never more than its pot.
    function _checkDues(uint256 period, uint256 pot) private view {
        uint256 dues;
        for (uint256 i = 0; i < _handler.VALIDATORS(); ++i) {
            dues += _rewards.dueOf(period, _handler.validatorAt(i));
        }
        assertLe(dues, pot, "dues");
    }
}
