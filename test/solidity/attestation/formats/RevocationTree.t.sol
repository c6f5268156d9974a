// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RevocationTree} from "../../../../contracts/attestation/formats/RevocationTree.sol";
import {Test} from "../../utils/Test.sol";
import {RevocationTreeHarness} from "./RevocationTreeHarness.sol";

/// @notice RevocationTree against a plain build of the tree and a linear scan of the list.
contract RevocationTreeTest is Test {
    RevocationTreeHarness private _tree;

    function setUp() public {
        _tree = RevocationTreeHarness(deploy("RevocationTreeHarness.sol:RevocationTreeHarness", ""));
    }

    function test_AnEmptyListHasSixteenEmptyBuckets() external view {
        bytes32 node = keccak256("");
        for (uint256 level; level < 4; level++) node = keccak256(abi.encode(node, node));
        assertEq(_tree.rootOf(new uint256[](0)), bytes16(node), "root");
    }

    function test_OneSerialIsInTheBucketThatItsLastDigitNames() external view {
        uint256 serial = type(uint160).max - 10; // ends in 5
        bytes32[16] memory nodes;
        for (uint256 i; i < 16; i++) nodes[i] = keccak256("");
        nodes[5] = keccak256(abi.encodePacked(uint160(serial)));
        uint256[] memory serials = new uint256[](1);
        serials[0] = serial;
        assertEq(_tree.rootOf(serials), bytes16(_rootOf(nodes)), "root");
    }

    /// hardhat-config: fuzz.runs = 200
    function testFuzz_RootAgainstAPlainTree(bytes32 seed, uint256 count) external view {
        uint256[] memory serials = _serials(seed, bound(count, 0, 200));
        assertEq(_tree.rootOf(serials), bytes16(_rootOf(_leavesOf(serials))), "root");
    }

    /// hardhat-config: fuzz.runs = 200
    function testFuzz_LooksUpMembersAndStrangers(bytes32 seed, uint256 count, uint256 pick) external view {
        uint256[] memory serials = _serials(seed, bound(count, 1, 150));
        bytes16 expected = _tree.rootOf(serials);
        _assertAnswer(serials, serials[pick % serials.length], expected);
        _assertAnswer(serials, uint160(uint256(keccak256(abi.encode(seed, "stranger")))), expected);
        // Neighbours of members: same bucket, one bit off.
        _assertAnswer(serials, serials[pick % serials.length] ^ (1 << (4 + (pick % 156))), expected);
    }

    /// hardhat-config: fuzz.runs = 200
    function testFuzz_AnotherBucketOrSiblingGivesAnotherRoot(bytes32 seed, uint256 count, uint256 pick) external view {
        uint256[] memory serials = _serials(seed, bound(count, 1, 100));
        bytes16 expected = _tree.rootOf(serials);
        uint256 serial = serials[pick % serials.length];
        (bytes memory bucket, bytes memory siblings) = _witness(serials, serial);

        bytes memory garbled = bytes.concat(siblings);
        garbled[pick % 128] ^= 0x01;
        (bytes16 root, ) = _tree.lookUp(serial, bucket, garbled);
        assertTrue(root != expected, "sibling");

        garbled = bytes.concat(bucket);
        garbled[pick % bucket.length] ^= 0x80;
        (root, ) = _tree.lookUp(serial, garbled, siblings);
        assertTrue(root != expected, "bucket");

        // The way to hide an entry: leave it out.
        (root, ) = _tree.lookUp(serial, "", siblings);
        assertTrue(root != expected, "entry left out");

        // Or to show another serial's bucket.
        (root, ) = _tree.lookUp(serial ^ (1 << (pick % 4)), bucket, siblings);
        assertTrue(root != expected, "another bucket's path");
    }

    function testFuzz_RevertWhen_BucketIsNoWholeNumberOfSerials(uint256 length) external {
        length = bound(length, 1, 400);
        if (length % 20 == 0) length++;
        vm.expectRevert(abi.encodeWithSelector(RevocationTree.RevocationTreeBucketLength.selector, length));
        _tree.lookUp(1, new bytes(length), new bytes(128));
    }

    function testFuzz_RevertWhen_SiblingsAreNotFour(uint256 length) external {
        length = bound(length, 0, 256);
        if (length == 128) length++;
        vm.expectRevert(abi.encodeWithSelector(RevocationTree.RevocationTreeSiblingsLength.selector, length));
        _tree.lookUp(1, "", new bytes(length));
    }

    function _assertAnswer(uint256[] memory serials, uint256 serial, bytes16 expected) private view {
        (bytes memory bucket, bytes memory siblings) = _witness(serials, serial);
        (bytes16 root, bool isListed) = _tree.lookUp(serial, bucket, siblings);
        assertEq(root, expected, "root");
        assertTrue(isListed == _isIn(serials, serial), "answer");
    }

    function _serials(bytes32 seed, uint256 count) private pure returns (uint256[] memory serials) {
        serials = new uint256[](count);
        for (uint256 i; i < count; i++) {
            // Some short ones, since Intel's begin with zeros at times.
            serials[i] = uint160(uint256(keccak256(abi.encode(seed, i)))) >> (i % 7 == 3 ? 100 : 0);
        }
    }

    function _isIn(uint256[] memory serials, uint256 serial) private pure returns (bool) {
        for (uint256 i; i < serials.length; i++) if (serials[i] == serial) return true;
        return false;
    }

    function _bucketOf(uint256[] memory serials, uint256 index) private pure returns (bytes memory bucket) {
        for (uint256 i; i < serials.length; i++) {
            if (serials[i] % 16 == index) bucket = abi.encodePacked(bucket, uint160(serials[i]));
        }
    }

    function _leavesOf(uint256[] memory serials) private pure returns (bytes32[16] memory leaves) {
        for (uint256 i; i < 16; i++) leaves[i] = keccak256(_bucketOf(serials, i));
    }

    function _rootOf(bytes32[16] memory nodes) private pure returns (bytes32) {
        for (uint256 size = 8; size != 0; size /= 2) {
            for (uint256 i; i < size; i++) nodes[i] = keccak256(abi.encode(nodes[2 * i], nodes[2 * i + 1]));
        }
        return nodes[0];
    }

    function _witness(
        uint256[] memory serials,
        uint256 serial
    ) private pure returns (bytes memory bucket, bytes memory siblings) {
        bucket = _bucketOf(serials, serial % 16);
        bytes32[16] memory nodes = _leavesOf(serials);
        uint256 index = serial % 16;
        for (uint256 size = 8; size != 0; size /= 2) {
            siblings = abi.encodePacked(siblings, nodes[index ^ 1]);
            index /= 2;
            for (uint256 i; i < size; i++) nodes[i] = keccak256(abi.encode(nodes[2 * i], nodes[2 * i + 1]));
        }
    }
}
