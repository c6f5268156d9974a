// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {Attestation, TcbStatus} from "../types/Attestation.sol";

/// @title VerifierCall
/// @notice Asks a verifier for an attestation without decoding the answer field by field: it has the layout that is
/// needed already.
library VerifierCall {
    /// @notice The verifier's answer is not an attestation.
    /// @param verifier The verifier.
    error VerifierCallMalformed(address verifier);

    /// @notice Calls {IAttestationVerifier-verify}.
    /// @dev Reverts with the verifier's error if it reverts. Errors: {VerifierCallMalformed}.
    /// @param verifier The verifier.
    /// @param evidence The evidence, in the verifier's form.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @return attestation What the quote says.
    /// @return subject What the attestation rests on.
    function verify(
        address verifier,
        bytes calldata evidence,
        bytes32 reportData
    ) internal returns (Attestation memory attestation, bytes32 subject) {
        bytes4 selector = IAttestationVerifier.verify.selector;
        uint256 highestStatus = uint256(type(TcbStatus).max);
        bool isSound;
        assembly ("memory-safe") {
            let question := mload(0x40)
            mstore(question, selector)
            mstore(add(question, 0x04), 0x40)
            mstore(add(question, 0x24), reportData)
            mstore(add(question, 0x44), evidence.length)
            let tail := add(question, 0x64)
            // The encoding is padded to whole words with zeros.
            mstore(add(tail, evidence.length), 0)
            calldatacopy(tail, evidence.offset, evidence.length)
            let size := add(0x64, and(add(evidence.length, 0x1f), not(0x1f)))
            if iszero(call(gas(), verifier, 0, question, size, 0, 0)) {
                returndatacopy(question, 0, returndatasize())
                revert(question, returndatasize())
            }
            // Eleven words: the ten fields of an attestation, one word each as in memory, and the subject.
            if gt(returndatasize(), 0x15f) {
                returndatacopy(attestation, 0, 0x140)
                returndatacopy(0x00, 0x140, 0x20)
                subject := mload(0x00)
                // Product id, security version, FMSPC, status, end and launch fill only a part of their words.
                let excess := or(shr(16, mload(add(attestation, 0x60))), shr(16, mload(add(attestation, 0x80))))
                excess := or(excess, shl(48, mload(add(attestation, 0xc0))))
                excess := or(excess, gt(mload(add(attestation, 0xe0)), highestStatus))
                excess := or(excess, shr(64, mload(add(attestation, 0x100))))
                excess := or(excess, shl(160, mload(add(attestation, 0x120))))
                isSound := iszero(excess)
            }
        }
        if (!isSound) revert VerifierCallMalformed(verifier);
    }
}
