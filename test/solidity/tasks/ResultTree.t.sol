// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ResultTree} from "../../../contracts/tasks/ResultTree.sol";
import {CHUNK, chunkAt, chunkCount, proofOf, resultHashOf, someBytes} from "./ChunkedResult.sol";
import {ResultTreeHarness} from "./ResultTreeHarness.sol";
import {Test} from "../utils/Test.sol";

/// @notice A result's hash stands for its bytes and for no others, and each chunk can be shown alone.
contract ResultTreeTest is Test {
    ResultTreeHarness private _tree;

    function setUp() public {
        _tree = new ResultTreeHarness();
    }

    function test_EveryChunkOfEverySizeOfTree() external view {
        for (uint256 chunks = 1; chunks <= 9; ++chunks) {
            bytes memory data = someBytes((chunks - 1) * CHUNK + 7, chunks);
            bytes32 expected = resultHashOf(data);
            for (uint256 i; i < chunks; ++i) assertEq(_shown(data, i), expected, "hash");
        }
    }

    function testFuzz_AgainstATreeBuiltFromTheRoot(uint256 length, uint256 number, uint256 seed) external view {
        bytes memory data = someBytes(bound(length, 1, 6 * CHUNK), seed);
        assertEq(_shown(data, number), resultHashOf(data), "hash");
    }

    /// @notice Exactly one chunk, one byte less and one more.
    function test_TheLastChunkHasTheRest() external view {
        uint256[4] memory lengths = [uint256(1), CHUNK - 1, CHUNK, CHUNK + 1];
        for (uint256 i; i < lengths.length; ++i) {
            bytes memory data = someBytes(lengths[i], i);
            assertEq(_shown(data, chunkCount(lengths[i]) - 1), resultHashOf(data), "hash");
        }
    }

    /// @notice Whoever knows no length can still name a chunk.
    function test_NumbersBeyondTheLastBeginAgain() external view {
        bytes memory data = someBytes(2 * CHUNK + 1, 1);
        uint256[3] memory numbers = [uint256(3), 7, type(uint256).max - 1];
        for (uint256 i; i < numbers.length; ++i) assertEq(_shown(data, numbers[i]), resultHashOf(data), "hash");
    }

    function testFuzz_AnotherByteLengthOrPlaceGivesAnotherHash(uint256 place, uint256 byteAt, uint8 by) external view {
        bytes memory data = someBytes(4 * CHUNK + 100, 5);
        place = bound(place, 0, 4);
        bytes memory chunk = chunkAt(data, place);
        byteAt = bound(byteAt, 0, chunk.length - 1);
        bytes32 expected = resultHashOf(data);
        bytes32[] memory proof = proofOf(data, place);
        uint64 length = uint64(data.length);
        if (place < 3) {
            assertTrue(_tree.hashOf(length, place ^ 1, chunk, proof) != expected, "place");
            assertTrue(_tree.hashOf(length - 1, place, chunk, proof) != expected, "length");
        }
        chunk[byteAt] = bytes1(uint8(chunk[byteAt]) ^ uint8(bound(by, 1, 255)));
        assertTrue(_tree.hashOf(length, place, chunk, proof) != expected, "byte");
        chunk[byteAt] = chunkAt(data, place)[byteAt];
        proof[0] = keccak256(abi.encode(proof[0]));
        assertTrue(_tree.hashOf(length, place, chunk, proof) != expected, "proof");
    }

    /// @notice Two hashes that stand side by side in a tree are no chunk of it, nor is a leaf a whole tree.
    function test_NothingOfATreeIsAChunk() external view {
        bytes memory data = someBytes(2 * CHUNK, 3);
        bytes32[] memory none = new bytes32[](0);
        bytes32 left = keccak256(bytes.concat(hex"00", chunkAt(data, 0)));
        bytes32 right = keccak256(bytes.concat(hex"00", chunkAt(data, 1)));
        bytes memory node = bytes.concat(hex"01", left, right);
        assertTrue(_tree.hashOf(uint64(node.length), 0, node, none) != resultHashOf(data), "node");
        assertTrue(_tree.hashOf(64, 0, bytes.concat(left, right), none) != resultHashOf(data), "children");
        assertTrue(_tree.hashOf(uint64(CHUNK), 0, chunkAt(data, 0), none) != left, "leaf");
    }

    function test_RevertWhen_TheResultIsEmpty() external {
        vm.expectRevert(abi.encodeWithSelector(ResultTree.ResultTreeEmpty.selector));
        _tree.hashOf(0, 0, "", new bytes32[](0));
    }

    function test_RevertWhen_AChunkHasAnotherSize() external {
        bytes memory data = someBytes(CHUNK + 5, 1);
        bytes32[] memory proof = proofOf(data, 0);
        bytes memory chunk = chunkAt(data, 1);
        vm.expectRevert(abi.encodeWithSelector(ResultTree.ResultTreeWrongChunkSize.selector, CHUNK, 5));
        _tree.hashOf(uint64(data.length), 0, chunk, proof);
        vm.expectRevert(abi.encodeWithSelector(ResultTree.ResultTreeWrongChunkSize.selector, 5, CHUNK));
        _tree.hashOf(uint64(data.length), 1, new bytes(CHUNK), proof);
    }

    function test_RevertWhen_AProofHasAnotherLength() external {
        bytes memory data = someBytes(5 * CHUNK, 1);
        bytes memory chunk = chunkAt(data, 4);
        uint64 length = uint64(data.length);
        // The fifth of five stands right below the root.
        vm.expectRevert(abi.encodeWithSelector(ResultTree.ResultTreeWrongProofLength.selector, 1, 0));
        _tree.hashOf(length, 4, chunk, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(ResultTree.ResultTreeWrongProofLength.selector, 1, 2));
        _tree.hashOf(length, 4, chunk, new bytes32[](2));
    }

    function _shown(bytes memory data, uint256 number) private view returns (bytes32) {
        uint256 place = number % chunkCount(data.length);
        return _tree.hashOf(uint64(data.length), number, chunkAt(data, place), proofOf(data, place));
    }
}
