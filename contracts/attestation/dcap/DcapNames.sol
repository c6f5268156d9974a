// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Collateral} from "../../types/Collateral.sol";

/// @title DcapNames
/// @notice The hashes by which {IDcapVerifier} names what it keeps. Each is whole here; whoever keeps one cuts it.
library DcapNames {
    /// @notice Names the contents under which a leaf was judged; 12 bytes of it are kept.
    function contentTag(Collateral memory collateral, uint256 evaluationNumber) internal pure returns (bytes32 tag) {
        (bytes16 revocations, bytes16 levels, bytes16 identity) = (
            collateral.revocations,
            collateral.tcbLevels,
            collateral.qeIdentity
        );
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, revocations)
            mstore(add(free, 0x10), levels)
            mstore(add(free, 0x20), identity)
            mstore(add(free, 0x30), shl(240, evaluationNumber))
            tag := keccak256(free, 0x32)
        }
    }

    /// @notice Names an attestation key and the QE that made it; 16 bytes of it are kept.
    /// @param position Where the key stands, absolute in calldata.
    /// @param qeFacts What a QE identity judges of the QE's report, 56 bytes.
    function keyTag(uint256 position, bytes memory qeFacts) internal pure returns (bytes32 tag) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, position, 0x40)
            mstore(add(free, 0x40), keccak256(add(qeFacts, 0x20), mload(qeFacts)))
            tag := keccak256(free, 0x50)
        }
    }

    /// @notice Names what an attestation rests on: 16 bytes and 16 zeros.
    /// @param key The leaf's.
    /// @param tag As of {keyTag}.
    /// @param evaluationNumber The tcbEvaluationDataNumber by which it was judged.
    function subject(bytes32 key, bytes32 tag, uint256 evaluationNumber) internal pure returns (bytes32 name) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, key)
            mstore(add(free, 0x20), tag)
            mstore(add(free, 0x30), shl(240, evaluationNumber))
            name := shl(128, shr(128, keccak256(free, 0x32)))
        }
    }
}
