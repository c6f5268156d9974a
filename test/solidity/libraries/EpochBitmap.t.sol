// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../utils/Test.sol";
import {EpochBitmapHarness} from "./EpochBitmapHarness.sol";

/// @notice EpochBitmap against plain loops.
contract EpochBitmapTest is Test {
    uint256 private constant ALL = type(uint256).max;

    EpochBitmapHarness private _bitmap;

    function setUp() public {
        _bitmap = EpochBitmapHarness(deploy("EpochBitmapHarness.sol:EpochBitmapHarness", ""));
    }

    function test_KnownWords() external view {
        assertEq(_bitmap.popcount(0), 0, "popcount of nothing");
        assertEq(_bitmap.popcount(ALL), 256, "popcount of all");
        assertEq(_bitmap.popcount((1 << 255) | (1 << 128) | 1), 3, "popcount of three");

        assertEq(_bitmap.nthSetBit((1 << 255) | (1 << 128) | 1, 1), 0, "first");
        assertEq(_bitmap.nthSetBit((1 << 255) | (1 << 128) | 1, 2), 128, "second");
        assertEq(_bitmap.nthSetBit((1 << 255) | (1 << 128) | 1, 3), 255, "third");

        assertEq(_bitmap.lowestSetBit(1 << 255), 255, "lowest");
        assertEq(_bitmap.lowestSetBit(ALL), 0, "lowest of all");
        assertEq(_bitmap.highestSetBit(1), 0, "highest");
        assertEq(_bitmap.highestSetBit(ALL), 255, "highest of all");
    }

    function test_NoneWhereNoBitIs() external view {
        assertEq(_bitmap.nthSetBit(ALL, 0), 256, "the 0th");
        assertEq(_bitmap.nthSetBit(ALL, 257), 256, "the 257th");
        assertEq(_bitmap.nthSetBit(ALL, ALL), 256, "the last number's");
        assertEq(_bitmap.nthSetBit(0, 1), 256, "the first of none");
        assertEq(_bitmap.nthSetBit(0xf0, 5), 256, "the fifth of four");
        assertEq(_bitmap.lowestSetBit(0), 256, "lowest of none");
        assertEq(_bitmap.highestSetBit(0), 256, "highest of none");
    }

    function test_EveryBitOfAFullWord() external view {
        for (uint256 i; i < 256; i++) {
            assertEq(_bitmap.nthSetBit(ALL, i + 1), i, "nth of all");
            assertEq(_bitmap.lowestSetBit(1 << i), i, "lowest of one");
            assertEq(_bitmap.highestSetBit(1 << i), i, "highest of one");
        }
    }

    function testFuzz_Popcount(uint256 bits) external view {
        uint256 expected;
        for (uint256 i; i < 256; i++) expected += (bits >> i) & 1;
        assertEq(_bitmap.popcount(bits), expected, "popcount");
    }

    function testFuzz_NthSetBit(uint256 bits, uint256 thinning, uint256 n) external view {
        bits &= thinning;
        n = bound(n, 0, 260);
        uint256 expected = 256;
        uint256 seen;
        for (uint256 i; i < 256 && expected == 256; i++) {
            if ((bits >> i) & 1 == 1 && ++seen == n) expected = i;
        }
        assertEq(_bitmap.nthSetBit(bits, n), expected, "nth");
    }

    function testFuzz_Mask(uint256 from, uint256 to) external view {
        to = bound(to, 0, 256);
        from = bound(from, 0, to);
        uint256 expected;
        for (uint256 i = from; i < to; i++) expected |= 1 << i;
        assertEq(_bitmap.mask(from, to), expected, "mask");
    }

    function testFuzz_LowestAndHighest(uint256 bits, uint256 from, uint256 to) external view {
        to = bound(to, 0, 256);
        from = bound(from, 0, to);
        bits &= _bitmap.mask(from, to);
        uint256 lowest = 256;
        uint256 highest = 256;
        for (uint256 i; i < 256; i++) {
            if ((bits >> i) & 1 == 0) continue;
            if (lowest == 256) lowest = i;
            highest = i;
        }
        assertEq(_bitmap.lowestSetBit(bits), lowest, "lowest");
        assertEq(_bitmap.highestSetBit(bits), highest, "highest");
    }
}
