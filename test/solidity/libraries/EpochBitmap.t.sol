// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochBitmap} from "../../../contracts/libraries/EpochBitmap.sol";
import {Test} from "../utils/Test.sol";

/// @notice EpochBitmap against plain loops.
contract EpochBitmapTest is Test {
    uint256 private constant ALL = type(uint256).max;

    function test_KnownWords() external pure {
        assertEq(EpochBitmap.popcount(0), 0, "popcount of nothing");
        assertEq(EpochBitmap.popcount(ALL), 256, "popcount of all");
        assertEq(EpochBitmap.popcount((1 << 255) | (1 << 128) | 1), 3, "popcount of three");

        assertEq(EpochBitmap.nthSetBit((1 << 255) | (1 << 128) | 1, 1), 0, "first");
        assertEq(EpochBitmap.nthSetBit((1 << 255) | (1 << 128) | 1, 2), 128, "second");
        assertEq(EpochBitmap.nthSetBit((1 << 255) | (1 << 128) | 1, 3), 255, "third");

        assertEq(EpochBitmap.lowestSetBit(1 << 255), 255, "lowest");
        assertEq(EpochBitmap.lowestSetBit(ALL), 0, "lowest of all");
        assertEq(EpochBitmap.highestSetBit(1), 0, "highest");
        assertEq(EpochBitmap.highestSetBit(ALL), 255, "highest of all");
    }

    function test_NoneWhereNoBitIs() external pure {
        assertEq(EpochBitmap.nthSetBit(ALL, 0), 256, "the 0th");
        assertEq(EpochBitmap.nthSetBit(ALL, 257), 256, "the 257th");
        assertEq(EpochBitmap.nthSetBit(ALL, ALL), 256, "the last number's");
        assertEq(EpochBitmap.nthSetBit(0, 1), 256, "the first of none");
        assertEq(EpochBitmap.nthSetBit(0xf0, 5), 256, "the fifth of four");
        assertEq(EpochBitmap.lowestSetBit(0), 256, "lowest of none");
        assertEq(EpochBitmap.highestSetBit(0), 256, "highest of none");
    }

    function test_EveryBitOfAFullWord() external pure {
        for (uint256 i; i < 256; i++) {
            assertEq(EpochBitmap.nthSetBit(ALL, i + 1), i, "nth of all");
            assertEq(EpochBitmap.lowestSetBit(1 << i), i, "lowest of one");
            assertEq(EpochBitmap.highestSetBit(1 << i), i, "highest of one");
        }
    }

    function testFuzz_Popcount(uint256 bits) external pure {
        uint256 expected;
        for (uint256 i; i < 256; i++) expected += (bits >> i) & 1;
        assertEq(EpochBitmap.popcount(bits), expected, "popcount");
    }

    function testFuzz_NthSetBit(uint256 bits, uint256 thinning, uint256 n) external pure {
        bits &= thinning;
        n = bound(n, 0, 260);
        uint256 expected = 256;
        uint256 seen;
        for (uint256 i; i < 256 && expected == 256; i++) {
            if ((bits >> i) & 1 == 1 && ++seen == n) expected = i;
        }
        assertEq(EpochBitmap.nthSetBit(bits, n), expected, "nth");
    }

    function testFuzz_Mask(uint256 from, uint256 to) external pure {
        to = bound(to, 0, 256);
        from = bound(from, 0, to);
        uint256 expected;
        for (uint256 i = from; i < to; i++) expected |= 1 << i;
        assertEq(EpochBitmap.mask(from, to), expected, "mask");
    }

    function testFuzz_LowestAndHighest(uint256 bits, uint256 from, uint256 to) external pure {
        to = bound(to, 0, 256);
        from = bound(from, 0, to);
        bits &= EpochBitmap.mask(from, to);
        uint256 lowest = 256;
        uint256 highest = 256;
        for (uint256 i; i < 256; i++) {
            if ((bits >> i) & 1 == 0) continue;
            if (lowest == 256) lowest = i;
            highest = i;
        }
        assertEq(EpochBitmap.lowestSetBit(bits), lowest, "lowest");
        assertEq(EpochBitmap.highestSetBit(bits), highest, "highest");
    }
}
