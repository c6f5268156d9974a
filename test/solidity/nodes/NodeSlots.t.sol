// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NodeSlots} from "../../../contracts/nodes/NodeSlots.sol";
import {TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, Node} from "../../../contracts/types/Node.sol";
import {Test} from "../utils/Test.sol";

/// @notice Whole slots of a node hold what the compiler's fields hold.
contract NodeSlotsTest is Test {
    using NodeSlots for Node;
    using NodeSlots for uint256;

    Node private _node;

    function _fill(uint256 a, uint256 b, bool isChallenger, bool bySigner) private {
        _node = Node({
            provider: address(uint160(a)),
            endedAt: uint40(a >> 160),
            enclaveId: uint16(a >> 200),
            attestations: uint16(a >> 216),
            units: uint16(a >> 232),
            isChallenger: isChallenger,
            enclaveKey: address(uint160(b)),
            validUntil: uint40(b >> 40),
            requiredRate: uint40(b >> 200),
            tcbStatus: TcbStatus(b % 8),
            verifierId: uint8(b >> 248),
            mrEnclave: keccak256(abi.encode(a)),
            ratePerUnit: uint128(a),
            liveFrom: uint40(b),
            attestedAt: uint40(b >> 80),
            modelId: uint32(a),
            endReason: EndReason(b % 7),
            stake: uint96(b),
            tag: bytes16(keccak256(abi.encode(b))),
            bySigner: bySigner
        });
    }

    function testFuzz_PartsAreTheFields(uint256 a, uint256 b, bool isChallenger, bool bySigner) external {
        _fill(a, b, isChallenger, bySigner);
        uint256 head = _node.slot0();
        assertEq(head.provider(), _node.provider, "provider");
        assertEq(head.endedAt(), _node.endedAt, "ended at");
        assertEq(head.enclaveId(), _node.enclaveId, "enclave id");
        assertEq(head.attestations(), _node.attestations, "attestations");
        assertTrue(head.hasEndOrTakeover() == (isChallenger || _node.endedAt != 0), "moved");
        uint256 state = _node.slot1();
        assertEq(state.enclaveKey(), _node.enclaveKey, "enclave key");
        assertEq(state.verifierId(), _node.verifierId, "verifier id");
    }

    function test_AnEndOrAMarkMoves() external {
        _fill(0, 0, false, false);
        assertTrue(!_node.slot0().hasEndOrTakeover(), "neither");
        _node.isChallenger = true;
        assertTrue(_node.slot0().hasEndOrTakeover(), "a challenger");
        _node.isChallenger = false;
        for (uint256 bit = 0; bit < 40; ++bit) {
            _node.endedAt = uint40(1 << bit);
            assertTrue(_node.slot0().hasEndOrTakeover(), "an end");
        }
        _node.endedAt = 0;
        // The fields beside them.
        _node.provider = address(type(uint160).max);
        (_node.enclaveId, _node.attestations, _node.units) = (65_535, 65_535, 65_535);
        assertTrue(!_node.slot0().hasEndOrTakeover(), "all else");
    }

    function testFuzz_CountingMovesTheCountAlone(uint256 a, uint256 b) external {
        _fill(a, b, true, true);
        vm.assume(_node.attestations != type(uint16).max);
        Node memory expected = _node;
        ++expected.attestations;
        _node.countAttestation(_node.slot0());
        assertEq(keccak256(abi.encode(_node)), keccak256(abi.encode(expected)), "node");
    }

    function test_RevertGiven_TheCountIsFull() external {
        _node.attestations = type(uint16).max;
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        this.countAttestation();
    }

    function testFuzz_TheStateKeepsTheRequiredRate(
        uint256 a,
        uint256 b,
        address key,
        uint40 until,
        uint8 status,
        uint8 verifier
    ) external {
        _fill(a, b, false, true);
        Node memory expected = _node;
        expected.enclaveKey = key;
        expected.validUntil = until;
        expected.tcbStatus = TcbStatus(status % 8);
        expected.verifierId = verifier;
        _node.setSlot1(_node.slot1(), key, until, TcbStatus(status % 8), verifier);
        assertEq(keccak256(abi.encode(_node)), keccak256(abi.encode(expected)), "node");
    }

    function testFuzz_ATagDiffersInEveryBit(uint256 a, uint256 b, uint256 bit) external {
        _fill(a, b, false, false);
        bytes16 tag = _node.tag;
        assertTrue(!_node.slot4().hasOtherTag(tag), "the same");
        assertTrue(_node.slot4().hasOtherTag(tag ^ bytes16(uint128(1) << uint128(bit % 128))), "another");
        _node.bySigner = true;
        assertTrue(_node.slot4().hasOtherTag(tag), "by signer");
    }

    /// @notice A call of its own, so that a revert can be expected of it.
    function count() external {
        _node.countAttestation(_node.slot0());
    }
}
