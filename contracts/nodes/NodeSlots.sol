// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {TcbStatus} from "../types/Attestation.sol";
import {Node} from "../types/Node.sol";

/// @title NodeSlots
/// @notice A {Node}'s slots as whole words, for the one path that may not pay for each field: attesting.
/// @dev The layout is the compiler's: fields of a slot from its lowest bits on, in the order of the struct.
library NodeSlots {
    uint256 private constant ENDED_AT = 160;
    uint256 private constant ENCLAVE_ID = 200;
    uint256 private constant ATTESTATIONS = 216;
    uint256 private constant IS_CHALLENGER = 248;

    uint256 private constant VALID_UNTIL = 160;
    uint256 private constant REQUIRED_RATE = 200;
    uint256 private constant TCB_STATUS = 240;
    uint256 private constant VERIFIER_ID = 248;

    /// @dev In slot 0: an end is set, or the node is a challenger.
    uint256 private constant END_OR_TAKEOVER =
        (uint256(type(uint40).max) << ENDED_AT) | (uint256(type(uint8).max) << IS_CHALLENGER);

    uint256 private constant TAG = 96;

    /// @notice Slot 0: who owns the node, and whether it ends.
    function slot0(Node storage node) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(node.slot)
        }
    }

    /// @notice Slot 1: what its attestation says.
    function slot1(Node storage node) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(add(node.slot, 1))
        }
    }

    /// @notice Slot 4: what stands behind it.
    function slot4(Node storage node) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(add(node.slot, 4))
        }
    }

    /// @notice Counts one more attestation into slot 0.
    /// @dev Panics at the 65,536th.
    /// @param word The slot as it is.
    function countAttestation(Node storage node, uint256 word) internal {
        uint16 next = attestations(word) + 1;
        word = (word & ~(uint256(type(uint16).max) << ATTESTATIONS)) | (uint256(next) << ATTESTATIONS);
        assembly ("memory-safe") {
            sstore(node.slot, word)
        }
    }

    /// @notice Writes slot 1, in which only the required rate stays as it is.
    /// @param word The slot as it is.
    function setSlot1(
        Node storage node,
        uint256 word,
        address key,
        uint40 until,
        TcbStatus status,
        uint8 verifier
    ) internal {
        word &= uint256(type(uint40).max) << REQUIRED_RATE;
        word |= uint256(uint160(key)) | (uint256(until) << VALID_UNTIL);
        word |= (uint256(status) << TCB_STATUS) | (uint256(verifier) << VERIFIER_ID);
        assembly ("memory-safe") {
            sstore(add(node.slot, 1), word)
        }
    }

    /// @notice `provider` in slot 0.
    function provider(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    /// @notice `endedAt` in slot 0.
    function endedAt(uint256 word) internal pure returns (uint40) {
        return uint40(word >> ENDED_AT);
    }

    /// @notice `enclaveId` in slot 0.
    function enclaveId(uint256 word) internal pure returns (uint16) {
        return uint16(word >> ENCLAVE_ID);
    }

    /// @notice `attestations` in slot 0.
    function attestations(uint256 word) internal pure returns (uint16) {
        return uint16(word >> ATTESTATIONS);
    }

    /// @notice Whether slot 0 has an end set, or `isChallenger`.
    function hasEndOrTakeover(uint256 word) internal pure returns (bool) {
        return word & END_OR_TAKEOVER != 0;
    }

    /// @notice `enclaveKey` in slot 1.
    function enclaveKey(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    /// @notice `verifierId` in slot 1.
    function verifierId(uint256 word) internal pure returns (uint8) {
        return uint8(word >> VERIFIER_ID);
    }

    /// @notice Whether slot 4 has another `tag`, or `bySigner`, which lies right above it.
    function hasOtherTag(uint256 word, bytes16 tag) internal pure returns (bool) {
        return word >> TAG != uint128(tag);
    }
}
