// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, Node} from "../../../contracts/types/Node.sol";
import {Test} from "../utils/Test.sol";
import {NodeSlotsHarness} from "./NodeSlotsHarness.sol";

/// @notice Whole slots of a node hold what the compiler's fields hold.
contract NodeSlotsTest is Test {
    NodeSlotsHarness private _slots;

    function setUp() public {
        _slots = NodeSlotsHarness(deploy("NodeSlotsHarness.sol:NodeSlotsHarness", ""));
    }

    function testFuzz_PartsAreTheFields(uint256 a, uint256 b, bool isChallenger, bool bySigner) external {
        Node memory node = _node(a, b);
        (node.isChallenger, node.bySigner) = (isChallenger, bySigner);
        _slots.set(node);
        (address provider, uint32 endedAt, uint16 enclaveId, uint16 attestations, uint8 verifierId) = _slots.head();
        assertEq(provider, node.provider, "provider");
        assertEq(endedAt, node.endedAt, "ended at");
        assertEq(enclaveId, node.enclaveId, "enclave id");
        assertEq(attestations, node.attestations, "attestations");
        assertTrue(_slots.hasEndOrTakeover() == (isChallenger || node.endedAt != 0), "moved");
        assertEq(verifierId, node.verifierId, "verifier id");
        (address enclaveKey, bool isSuspended) = _slots.state();
        assertEq(enclaveKey, node.enclaveKey, "enclave key");
        assertTrue(isSuspended == (node.tcbStatus == TcbStatus.Revoked), "suspended");
    }

    function test_AnEndOrAMarkMoves() external {
        Node memory node = _node(0, 0);
        _assertMoves(node, false, "neither");
        node.isChallenger = true;
        _assertMoves(node, true, "a challenger");
        node.isChallenger = false;
        for (uint256 bit = 0; bit < 32; ++bit) {
            node.endedAt = uint32(1 << bit);
            _assertMoves(node, true, "an end");
        }
        node.endedAt = 0;
        // The fields beside them.
        node.provider = address(type(uint160).max);
        (node.enclaveId, node.attestations, node.quoteBlock) = (65_535, 65_535, 65_535);
        node.verifierId = 255;
        _assertMoves(node, false, "all else");
    }

    function testFuzz_CountingMovesCountVerifierAndBlockAlone(
        uint256 a,
        uint256 b,
        uint8 verifier,
        uint256 quoteBlock
    ) external {
        Node memory node = _node(a, b);
        vm.assume(node.attestations != type(uint16).max);
        (node.isChallenger, node.bySigner) = (true, true);
        _slots.set(node);
        _slots.countAttestation(verifier, quoteBlock);
        ++node.attestations;
        (node.verifierId, node.quoteBlock) = (verifier, uint16(quoteBlock));
        _assertStored(node);
    }

    function test_RevertGiven_TheCountIsFull() external {
        Node memory node;
        node.attestations = type(uint16).max;
        _slots.set(node);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        _slots.countAttestation(1, 1);
    }

    function testFuzz_TheStateKeepsWhatWasDeclared(
        uint256 a,
        uint256 b,
        address key,
        uint32 until,
        uint8 status
    ) external {
        Node memory node = _node(a, b);
        node.bySigner = true;
        _slots.set(node);
        _slots.setSlot1(key, until, TcbStatus(status % 8));
        (node.enclaveKey, node.validUntil) = (key, until);
        node.tcbStatus = TcbStatus(status % 8);
        _assertStored(node);
    }

    function testFuzz_ATagDiffersInEveryBit(uint256 a, uint256 b, uint256 bit) external {
        Node memory node = _node(a, b);
        _slots.set(node);
        assertTrue(!_slots.hasOtherTag(node.tag), "the same");
        assertTrue(_slots.hasOtherTag(node.tag ^ bytes16(uint128(1) << uint128(bit % 128))), "another");
        node.bySigner = true;
        _slots.set(node);
        assertTrue(_slots.hasOtherTag(node.tag), "by signer");
    }

    /// @dev A node whose numbers come from two random words, neither a challenger nor by a signer.
    function _node(uint256 a, uint256 b) private pure returns (Node memory node) {
        (node.provider, node.endedAt) = (address(uint160(a)), uint32(a >> 160));
        (node.enclaveId, node.attestations, node.units) = (uint16(a >> 200), uint16(a >> 216), uint16(a >> 232));
        (node.enclaveKey, node.validUntil) = (address(uint160(b)), uint32(b >> 40));
        node.quoteBlock = uint16(b >> 90);
        (node.requiredRate, node.tcbStatus, node.verifierId) = (uint40(b >> 200), TcbStatus(b % 8), uint8(b >> 248));
        node.mrEnclave = keccak256(abi.encode(a));
        (node.ratePerUnit, node.liveFrom, node.attestedAt) = (uint128(a), uint32(b), uint32(b >> 80));
        (node.modelId, node.endReason, node.disputeTime) = (uint32(a), EndReason(b % 7), uint24(b >> 120));
        (node.stake, node.tag) = (uint96(b), bytes16(keccak256(abi.encode(b))));
    }

    function _assertMoves(Node memory node, bool expected, string memory what) private {
        _slots.set(node);
        assertTrue(_slots.hasEndOrTakeover() == expected, what);
    }

    function _assertStored(Node memory node) private view {
        assertEq(keccak256(abi.encode(_slots.get())), keccak256(abi.encode(node)), "node");
    }
}
