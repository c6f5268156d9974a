// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {DcapNames} from "./DcapNames.sol";
import {TcbStatus} from "../../types/Attestation.sol";
import {Collateral} from "../../types/Collateral.sol";

/// @title LeafSlots
/// @notice Keeps one slot of each PCK certificate.
/// @dev A slot has, from the top: key tag 16 bytes, content tag 12, the platform's status 1, its QE's status 1, and two
/// bytes of zeros. Its place is the leaf's key itself, which is a hash already; this contract keeps nothing else.
abstract contract LeafSlots is IDcapVerifier {
    /// @inheritdoc IDcapVerifier
    function leafOf(
        bytes32 key
    ) external view override returns (bytes16 keyTag, bytes12 contentTag, uint8 platformStatus, uint8 qeStatus) {
        bytes32 slot = _slotOf(key);
        return (bytes16(slot), bytes12(slot << 128), uint8(uint256(slot >> 24)), uint8(uint256(slot >> 16)));
    }

    /// @dev Writes a leaf's slot.
    function _keep(bytes32 key, bytes32 tags, TcbStatus platformStatus, TcbStatus qeStatus) internal {
        bytes32 slot = tags | bytes32((uint256(platformStatus) << 24) | (uint256(qeStatus) << 16));
        assembly ("memory-safe") {
            sstore(key, slot)
        }
    }

    /// @dev A leaf's slot; zero if the leaf is unknown.
    function _slotOf(bytes32 key) internal view returns (bytes32 slot) {
        assembly ("memory-safe") {
            slot := sload(key)
        }
    }

    /// @dev The two statuses in a slot.
    function _statusesOf(bytes32 slot) internal pure returns (TcbStatus platformStatus, TcbStatus qeStatus) {
        return (TcbStatus(uint8(uint256(slot >> 24))), TcbStatus(uint8(uint256(slot >> 16))));
    }

    /// @dev The first 28 bytes of a slot: which attestation key and QE a leaf certified last, and under which contents
    /// it was judged.
    function _tagsOf(bytes32 keyTag, Collateral memory collateral, uint256 number) internal pure returns (bytes32) {
        bytes32 contentTag = DcapNames.contentTag(collateral, number);
        return (keyTag & ~bytes32(uint256(type(uint128).max))) | ((contentTag >> 160) << 32);
    }
}
