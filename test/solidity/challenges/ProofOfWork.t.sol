// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../utils/Test.sol";
import {ProofOfWorkHarness} from "./ProofOfWorkHarness.sol";

/// @notice ProofOfWork against plain reckoning.
contract ProofOfWorkTest is Test {
    uint256 private constant MAX = type(uint256).max;

    ProofOfWorkHarness private _proofs;

    function setUp() public {
        _proofs = ProofOfWorkHarness(deploy("ProofOfWorkHarness.sol:ProofOfWorkHarness", ""));
    }

    function test_PrefixBindsChainContractSeedNodeAndKey() external {
        bytes32 prefix = _proofs.prefixOf(bytes32(uint256(1)), 2, address(3));
        bytes32 expected = keccak256(
            abi.encode(
                keccak256(
                    "ComputingPowerProof(uint256 chainId,address challengeManager,bytes32 seed,uint256 nodeId,address enclaveKey)"
                ),
                block.chainid,
                address(_proofs),
                uint256(1),
                uint256(2),
                address(3)
            )
        );
        assertEq(prefix, expected, "prefix");
        vm.chainId(block.chainid + 1);
        assertTrue(_proofs.prefixOf(bytes32(uint256(1)), 2, address(3)) != expected, "chain");
    }

    function test_TargetOfKnownRates() external view {
        assertEq(_proofs.targetOf(0, 108), MAX, "no rate");
        assertEq(_proofs.targetOf(1, 108), MAX, "fewer hashes than the mean");
        assertEq(_proofs.targetOf(174, 1), MAX, "the last that saturates");
        // floor((2^256-1) / 175) has the remainder of three; times 174.41.
        uint256 share = MAX / 175;
        assertEq(_proofs.targetOf(175, 1), (share / 1000) * 174_410 + ((share % 1000) * 174_410) / 1000, "175");
        // 2^256 / 2^40 / 1 is 2^216, less one for the rounding of 2^256-1.
        assertEq(_proofs.targetOf(2 ** 40, 1), (uint256(2 ** 216 - 1) * 174_410) / 1000, "2^40");
        assertEq(_proofs.targetOf(MAX, 1), 174, "the highest rate");
        assertEq(_proofs.targetOf(MAX / 2, 3), 0, "beyond 256 bits");
    }

    function testFuzz_TargetOf(uint256 rate, uint256 window) external view {
        window = bound(window, 1, type(uint40).max);
        rate = bound(rate, 175_000, type(uint64).max);
        assertEq(_proofs.targetOf(rate, window), ((MAX / (rate * window)) * 174_410) / 1000, "target");
    }

    function testFuzz_TargetFallsAsTheRateRises(uint256 rate, uint256 more, uint256 window) external view {
        window = bound(window, 1, type(uint40).max);
        more = bound(more, rate, MAX);
        assertLe(_proofs.targetOf(more, window), _proofs.targetOf(rate, window), "target");
    }

    function test_ProvenRateOfKnownHashes() external view {
        assertEq(_proofs.provenRateOf(0, 108), type(uint64).max, "hash of zero");
        assertEq(_proofs.provenRateOf(1, 108), type(uint64).max, "hash of one");
        assertEq(_proofs.provenRateOf(127, 108), type(uint64).max, "product beyond 256 bits");
        assertEq(_proofs.provenRateOf(MAX, 108), 1, "the largest hash");
        assertEq(_proofs.provenRateOf(MAX, 128), 0, "less than one a second");
        // 2^40 hashes expected for a hash below 2^216: 127 * (2^40 - 1) / 100, rounded down twice.
        assertEq(_proofs.provenRateOf(2 ** 216, 100), uint256(127 * (2 ** 40 - 1)) / 100, "2^216");
        assertEq(_proofs.provenRateOf(2 ** 192, 127), type(uint64).max, "at the cap");
        assertEq(_proofs.provenRateOf(2 ** 192 + 2 ** 129, 127), type(uint64).max - 1, "under the cap");
    }

    function testFuzz_ProvenRateOf(uint256 largestHash, uint256 window) external view {
        window = bound(window, 1, type(uint40).max);
        largestHash = bound(largestHash, 128, MAX);
        uint256 rate = (127 * (MAX / largestHash)) / window;
        assertEq(_proofs.provenRateOf(largestHash, window), rate > type(uint64).max ? type(uint64).max : rate, "rate");
    }

    /// @dev A node that just meets its target proves 127 / 174.41 of its required rate, the price of passing almost surely.
    function testFuzz_TargetAndRateAgree(uint256 rate, uint256 window) external view {
        window = bound(window, 1, 86_400);
        rate = bound(rate, 1e6, 1e14);
        uint256 proven = _proofs.provenRateOf(_proofs.targetOf(rate, window), window);
        uint256 expected = (rate * 127_000) / 174_410;
        assertLe(proven, expected + 1, "not above");
        assertGe(proven + 1, expected - expected / 1000, "not below");
    }

    /// hardhat-config: fuzz.runs = 64
    function testFuzz_CheckAgainstPlainHashes(bytes32 prefix, bytes32 noise, uint256 swap) external view {
        (bytes memory nonces, uint256[128] memory hashes) = _sorted(prefix, noise);
        (bool increasing, uint256 largest) = _proofs.check(prefix, nonces);
        assertTrue(increasing, "sorted");
        assertEq(largest, hashes[127], "largest");
        assertEq(_proofs.hashOf(nonces), keccak256(nonces), "hash of the nonces");

        // Any two neighbours in the wrong order, or twice the same, are found.
        swap = bound(swap, 0, 126);
        for (uint256 i; i < 8; i++) {
            (nonces[8 * swap + i], nonces[8 * swap + 8 + i]) = (nonces[8 * swap + 8 + i], nonces[8 * swap + i]);
        }
        (increasing, ) = _proofs.check(prefix, nonces);
        assertTrue(!increasing, "swapped");
        for (uint256 i; i < 8; i++) nonces[8 * swap + i] = nonces[8 * swap + 8 + i];
        (increasing, ) = _proofs.check(prefix, nonces);
        assertTrue(!increasing, "doubled");
    }

    function test_EveryPairOfNeighboursIsCompared() external view {
        (bytes memory nonces, ) = _sorted(bytes32(uint256(1)), bytes32(uint256(2)));
        for (uint256 pair; pair < 127; pair++) {
            bytes memory copy = bytes.concat(nonces);
            for (uint256 i; i < 8; i++) copy[8 * pair + 8 + i] = copy[8 * pair + i];
            (bool increasing, ) = _proofs.check(bytes32(uint256(1)), copy);
            assertTrue(!increasing, "equal neighbours");
        }
    }

    function _sorted(
        bytes32 prefix,
        bytes32 noise
    ) private pure returns (bytes memory packed, uint256[128] memory hashes) {
        bytes8[128] memory nonces;
        for (uint256 i; i < 128; i++) {
            bytes8 nonce = bytes8(keccak256(abi.encode(noise, i)));
            uint256 hash = uint256(keccak256(abi.encodePacked(prefix, nonce)));
            uint256 j = i;
            for (; j != 0 && hashes[j - 1] > hash; j--) {
                hashes[j] = hashes[j - 1];
                nonces[j] = nonces[j - 1];
            }
            hashes[j] = hash;
            nonces[j] = nonce;
        }
        for (uint256 i; i < 128; i++) packed = bytes.concat(packed, nonces[i]);
    }
}
