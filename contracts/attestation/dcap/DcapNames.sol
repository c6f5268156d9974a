// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Collateral} from "../../types/Collateral.sol";

/// @title DcapNames
/// @notice The hashes by which {IDcapVerifier} names what it keeps. Here they are whole; whoever keeps one truncates
/// it.
library DcapNames {
    /// @notice Names the contents under which a leaf was judged; 12 bytes of it are kept.
    /// @param collateral The commitments to the contents.
    /// @param evaluationNumber Their tcbEvaluationDataNumber.
    /// @return tag The name.
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
    /// @param position Where the key is, absolute in calldata.
    /// @param qeFacts The 56 bytes of the QE's report that a QE identity judges.
    /// @return tag The name.
    function keyTag(uint256 position, bytes memory qeFacts) internal pure returns (bytes32 tag) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, position, 0x40)
            mstore(add(free, 0x40), keccak256(add(qeFacts, 0x20), mload(qeFacts)))
            tag := keccak256(free, 0x50)
        }
    }

    /// @notice Names what an attestation rests on.
    /// @param key The leaf's slot key.
    /// @param tag The name that {keyTag} returns.
    /// @param evaluationNumber The tcbEvaluationDataNumber by which it was judged.
    /// @return name The name: 16 bytes, followed by 16 zeros.
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
