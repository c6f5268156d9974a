// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../utils/Test.sol";
import {StreamMathHarness} from "./StreamMathHarness.sol";

/// @notice The arithmetic of money over time, over the whole range that the escrow lets in.
contract StreamMathTest is Test {
    StreamMathHarness private _math;

    function setUp() public {
        _math = StreamMathHarness(deploy("StreamMathHarness.sol:StreamMathHarness", ""));
    }

    function test_KnownValues() external view {
        assertEq(_math.cost(1e12, 60), 60, "a unit a second");
        assertEq(_math.cost(333_333_333_333, 3), 0, "rounded down");
        assertEq(_math.costUp(333_333_333_333, 3), 1, "rounded up");
        assertEq(_math.cost(333_333_333_334, 3), 1, "a unit reached");
        assertEq(_math.covered(1, 333_333_333_333), 3, "covered");
        assertEq(_math.covered(1, 333_333_333_334), 2, "not quite covered");
        assertEq(_math.covered(type(uint104).max, 1), type(uint40).max, "covered, at most");
        assertEq(_math.share(9_999, 1), 0, "share rounded down");
        assertEq(_math.share(10_000, 1_000), 1_000, "share");
    }

    function test_NothingOverflowsAtTheEdges() external view {
        uint256 rate = type(uint128).max;
        uint256 secs = type(uint40).max;
        assertEq(_math.cost(rate, secs), (rate * secs) / 1e12, "cost");
        assertEq(_math.costUp(rate, secs), (rate * secs + 1e12 - 1) / 1e12, "cost, rounded up");
        uint256 amount = type(uint128).max;
        assertEq(_math.covered(amount, rate), 1e12, "covered");
        assertEq(_math.share(amount, 10_000), amount, "share");
    }

    /// @notice A deposit covers a second exactly if it pays for it to the last of the 12 extra decimals.
    function testFuzz_CoveredIsTheLargestThatFits(uint256 amount, uint256 rate) external view {
        amount = bound(amount, 0, type(uint104).max);
        rate = bound(rate, 1, type(uint128).max);
        uint256 secs = _math.covered(amount, rate);
        assertLe(rate * secs, amount * 1e12, "covered");
        assertLe(_math.cost(rate, secs), amount, "cost of what is covered");
        if (secs < type(uint40).max) assertGe(rate * (secs + 1), amount * 1e12 + 1, "one more second");
    }

    function testFuzz_CostUpCovers(uint256 secs, uint256 rate) external view {
        secs = bound(secs, 0, type(uint40).max);
        rate = bound(rate, 1, type(uint128).max);
        uint256 amount = _math.costUp(rate, secs);
        assertGe(amount * 1e12, rate * secs, "covers");
        assertGe(_math.covered(amount, rate), secs, "covered");
        if (amount != 0) assertGe(rate * secs, (amount - 1) * 1e12 + 1, "no unit too many");
    }

    /// @notice Paying in two steps is paying at once.
    function testFuzz_StepsOfCumulativeAmountsAddUp(uint256 rate, uint256 a, uint256 b, uint256 bps) external view {
        rate = bound(rate, 1, type(uint128).max);
        a = bound(a, 0, type(uint40).max);
        b = bound(b, a, type(uint40).max);
        bps = bound(bps, 0, 1_000);
        (uint256 first, uint256 last) = (_math.cost(rate, a), _math.cost(rate, b));
        uint256 fee = _math.share(first, bps);
        fee += _math.share(last, bps) - _math.share(first, bps);
        assertEq(fee, _math.share(last, bps), "fee");
        assertLe(_math.share(last, bps) - _math.share(first, bps), last - first, "fee of a step");
    }

    /// @notice Slashes never shrink, take at least a unit while something is left, and stop at the lock after four faults.
    function testFuzz_SlashedGrowsToTheLock(uint256 stakeLock, uint256 faults) external view {
        stakeLock = bound(stakeLock, 0, type(uint96).max);
        faults = bound(faults, 0, 256);
        uint256 before = _math.slashed(stakeLock, faults);
        uint256 beyond = _math.slashed(stakeLock, faults + 1);
        assertLe(beyond, stakeLock, "at most the lock");
        assertGe(beyond, before < stakeLock ? before + 1 : stakeLock, "one more fault");
        if (faults >= 4) assertEq(before, stakeLock, "all of it");
        assertEq(_math.slashed(stakeLock, 0), 0, "nothing without fault");
    }
}
