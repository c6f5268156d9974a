// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../utils/Test.sol";
import {FeeSharesHarness} from "./FeeSharesHarness.sol";

/// @notice Fees split by stake: every unit goes to somebody, and nobody gets less than his part rounded down.
contract FeeSharesTest is Test {
    uint256 private constant MOST = type(uint128).max;

    FeeSharesHarness private _fees;

    function setUp() public {
        _fees = FeeSharesHarness(deploy("FeeSharesHarness.sol:FeeSharesHarness", ""));
    }

    /// @dev Stakes of every magnitude, some of them zero. A product of two numbers below 2^128 needs no more than a word, so the floors
    /// are plain divisions here.
    function testFuzz_SharesAreFloorsAndSumToTheFee(uint128 fee, uint256 count, uint256 seed) external view {
        count = bound(count, 1, 32);
        uint256[] memory stakes = new uint256[](count);
        uint256 total;
        for (uint256 i; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            stakes[i] = uint128(random) >> ((random >> 128) % 129);
            total += stakes[i];
        }
        vm.assume(total != 0);
        _assertSplit(fee, stakes, total);
    }

    /// @dev As validators' are: none below the least stake.
    function testFuzz_EqualStakesShareEqually(uint128 fee, uint256 count, uint128 stake) external view {
        count = bound(count, 1, 32);
        vm.assume(stake != 0);
        (uint256[] memory shares, ) = _fees.split(fee, _equal(count, stake));
        for (uint256 i; i + 1 < count; ++i) assertEq(shares[i], fee / count, "share");
        assertEq(shares[count - 1], fee / count + (fee % count), "last share");
    }

    function testFuzz_OneAloneGetsAll(uint256 fee, uint128 stake) external view {
        (uint256[] memory shares, ) = _fees.split(fee, _equal(1, stake));
        assertEq(shares.length, 1, "count");
        assertEq(shares[0], fee, "share");
    }

    function test_RoundingGoesToTheLast() external view {
        uint256[] memory stakes = new uint256[](3);
        (stakes[0], stakes[1], stakes[2]) = (1, 5, 1);
        (uint256[] memory shares, ) = _fees.split(10, stakes);
        assertEq(shares[0], 1, "10/7");
        assertEq(shares[1], 7, "50/7");
        assertEq(shares[2], 2, "the rest");
    }

    function test_NoFeeIsNoShare() external view {
        (uint256[] memory shares, ) = _fees.split(0, _equal(32, MOST));
        assertEq(shares.length, 32, "count");
        for (uint256 i; i < 32; ++i) assertEq(shares[i], 0, "share");
    }

    /// @notice 31 floors of nothing leave it all to the last, who is the only one that rounding favours.
    function test_AFeeBelowTheCountIsTheLasts() external view {
        (uint256[] memory shares, ) = _fees.split(31, _equal(32, 100 ether));
        for (uint256 i; i < 31; ++i) assertEq(shares[i], 0, "share");
        assertEq(shares[31], 31, "last share");
    }

    function test_TheLargestValuesFit() external view {
        _assertSplit(MOST, _equal(32, MOST), 32 * MOST);
        uint256[] memory stakes = _equal(32, 1);
        stakes[5] = MOST;
        _assertSplit(MOST, stakes, MOST + 31);
    }

    function test_WithoutStakeThereIsNoShare() external view {
        uint256[] memory stakes = new uint256[](3);
        stakes[1] = 7;
        (uint256[] memory shares, ) = _fees.split(100, stakes);
        assertEq(shares[0], 0, "first");
        assertEq(shares[1], 100, "second");
        assertEq(shares[2], 0, "third");
    }

    function test_TheStakesStayAsTheyAre() external view {
        uint256[] memory stakes = _equal(3, 5);
        (, uint256[] memory left) = _fees.split(100, stakes);
        for (uint256 i; i < 3; ++i) assertEq(left[i], 5, "stake");
    }

    /// @dev Callers have checked a quorum, which has stake.
    function test_RevertWhen_NobodyShares() external {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        _fees.split(100, new uint256[](0));
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x12));
        _fees.split(100, new uint256[](2));
    }

    function _assertSplit(uint256 fee, uint256[] memory stakes, uint256 total) private view {
        uint256 count = stakes.length;
        (uint256[] memory shares, ) = _fees.split(fee, stakes);
        assertEq(shares.length, count, "count");
        uint256 sum;
        for (uint256 i; i < count; ++i) {
            uint256 floor = (fee * stakes[i]) / total;
            if (i + 1 < count) assertEq(shares[i], floor, "share");
            assertGe(shares[i], floor, "not below its part");
            assertLe(shares[i], floor + count - 1, "rounding");
            sum += shares[i];
        }
        assertEq(sum, fee, "sum");
    }

    function _equal(uint256 count, uint256 stake) private pure returns (uint256[] memory stakes) {
        stakes = new uint256[](count);
        for (uint256 i; i < count; ++i) stakes[i] = stake;
    }
}
