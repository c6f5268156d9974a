// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {TcbStatus} from "../types/Attestation.sol";
import {Node} from "../types/Node.sol";

/// @title NodeSlots
/// @notice A {Node}'s slots as whole words, for attesting, the one path that cannot afford to read and write each
/// field.
/// @dev The layout is the compiler's: the fields of a slot from its lowest bits on, in the order of the struct.
library NodeSlots {
    uint256 private constant ENDED_AT = 160;
    uint256 private constant ENCLAVE_ID = 192;
    uint256 private constant ATTESTATIONS = 208;
    uint256 private constant QUOTE_BLOCK = 224;
    uint256 private constant IS_CHALLENGER = 240;
    uint256 private constant VERIFIER_ID = 248;

    uint256 private constant VALID_UNTIL = 160;
    uint256 private constant REQUIRED_RATE = 192;
    uint256 private constant TCB_STATUS = 232;
    uint256 private constant UNITS = 240;

    /// @dev In slot 0: an end is set, or the node is a challenger.
    uint256 private constant END_OR_TAKEOVER =
        (uint256(type(uint32).max) << ENDED_AT) | (uint256(type(uint8).max) << IS_CHALLENGER);

    /// @dev In slot 0: what changes with each attestation.
    uint256 private constant COUNTED =
        (uint256(type(uint32).max) << ATTESTATIONS) | (uint256(type(uint8).max) << VERIFIER_ID);

    /// @dev In slot 1: what a declaration fixes.
    uint256 private constant DECLARED = (uint256(type(uint40).max) << REQUIRED_RATE) | (type(uint256).max << UNITS);

    uint256 private constant TAG = 96;

    /// @notice Returns slot 0: who owns the node, and whether it ends.
    /// @param node The node.
    /// @return word The slot.
    function slot0(Node storage node) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(node.slot)
        }
    }

    /// @notice Returns slot 1: what the node's attestation says.
    /// @param node The node.
    /// @return word The slot.
    function slot1(Node storage node) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(add(node.slot, 1))
        }
    }

    /// @notice Returns slot 4: what stands behind the node.
    /// @param node The node.
    /// @return word The slot.
    function slot4(Node storage node) internal view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(add(node.slot, 4))
        }
    }

    /// @notice Counts one more attestation into slot 0, by a verifier and of a quote that names a block.
    /// @dev Panics at the 65,536th.
    /// @param node The node.
    /// @param word The slot as it is.
    /// @param verifier The listing of the verifier, `verifierId`.
    /// @param quoteBlock The block's number; its last 16 bits are kept.
    function countAttestation(Node storage node, uint256 word, uint8 verifier, uint256 quoteBlock) internal {
        uint16 next = attestations(word) + 1;
        word &= ~COUNTED;
        word |= (uint256(next) << ATTESTATIONS) | (uint256(verifier) << VERIFIER_ID);
        word |= uint256(uint16(quoteBlock)) << QUOTE_BLOCK;
        assembly ("memory-safe") {
            sstore(node.slot, word)
        }
    }

    /// @notice Writes slot 1, of which only the required rate and the units stay as they are.
    /// @param node The node.
    /// @param word The slot as it is.
    /// @param key Address of the enclave key.
    /// @param until Unix seconds at which the attestation lapses.
    /// @param status The platform's TCB status.
    function setSlot1(Node storage node, uint256 word, address key, uint32 until, TcbStatus status) internal {
        word &= DECLARED;
        word |= uint256(uint160(key)) | (uint256(until) << VALID_UNTIL) | (uint256(status) << TCB_STATUS);
        assembly ("memory-safe") {
            sstore(add(node.slot, 1), word)
        }
    }

    /// @notice Returns `provider` out of slot 0.
    /// @param word The slot, as {slot0} returns it.
    /// @return The account that owns the node.
    function provider(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    /// @notice Returns `endedAt` out of slot 0.
    /// @param word The slot, as {slot0} returns it.
    /// @return Unix seconds; 0 while no end is set.
    function endedAt(uint256 word) internal pure returns (uint32) {
        return uint32(word >> ENDED_AT);
    }

    /// @notice Returns `enclaveId` out of slot 0.
    /// @param word The slot, as {slot0} returns it.
    /// @return The allow-list entry; 0 before the first attestation.
    function enclaveId(uint256 word) internal pure returns (uint16) {
        return uint16(word >> ENCLAVE_ID);
    }

    /// @notice Returns `attestations` out of slot 0.
    /// @param word The slot, as {slot0} returns it.
    /// @return How many attestations were accepted.
    function attestations(uint256 word) internal pure returns (uint16) {
        return uint16(word >> ATTESTATIONS);
    }

    /// @notice Returns whether slot 0 has an end set, or `isChallenger`.
    /// @param word The slot, as {slot0} returns it.
    /// @return Whether it does.
    function hasEndOrTakeover(uint256 word) internal pure returns (bool) {
        return word & END_OR_TAKEOVER != 0;
    }

    /// @notice Returns `enclaveKey` out of slot 1.
    /// @param word The slot, as {slot1} returns it.
    /// @return Address of the enclave key; zero before the first attestation.
    function enclaveKey(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    /// @notice Returns `verifierId` out of slot 0.
    /// @param word The slot, as {slot0} returns it.
    /// @return The listing of the verifier; 0 before the first attestation.
    function verifierId(uint256 word) internal pure returns (uint8) {
        return uint8(word >> VERIFIER_ID);
    }

    /// @notice Returns whether slot 1 has the TCB status that marks a suspended node.
    /// @param word The slot, as {slot1} returns it.
    /// @return Whether it does.
    function isSuspended(uint256 word) internal pure returns (bool) {
        return uint8(word >> TCB_STATUS) == uint8(TcbStatus.Revoked);
    }

    /// @notice Returns whether slot 4 has another `tag`, or `bySigner`, which lies right above it.
    /// @param word The slot, as {slot4} returns it.
    /// @param tag The tag to compare with.
    /// @return Whether it does.
    function hasOtherTag(uint256 word, bytes16 tag) internal pure returns (bool) {
        return word >> TAG != uint128(tag);
    }
}
