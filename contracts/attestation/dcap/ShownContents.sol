// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {CalldataBytes} from "./CalldataBytes.sol";
import {DcapEvidence} from "./DcapEvidence.sol";
import {RevocationTree} from "../formats/RevocationTree.sol";

/// @title ShownContents
/// @notice Compares contents of collateral in evidence with the store's commitments.
library ShownContents {
    /// @notice Returns whether the PCK CA's revocation list has a serial number.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongContents} for a bucket of another list.
    /// @param contents The contents in the evidence.
    /// @param serial The serial number.
    /// @param commitment `Collateral.revocations`.
    /// @return listed Whether the list has it.
    function isListed(
        DcapEvidence.Contents memory contents,
        uint256 serial,
        bytes16 commitment
    ) internal pure returns (bool listed) {
        bytes16 root;
        (root, listed) = RevocationTree.lookUp(
            serial,
            CalldataBytes.slice(contents.bucket, contents.bucketSize),
            CalldataBytes.slice(contents.siblings, RevocationTree.SIBLINGS_BYTES)
        );
        _check(commitment, root);
    }

    /// @notice Returns the TCB levels.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongContents} for other levels.
    /// @param contents The contents in the evidence.
    /// @param commitment `Collateral.tcbLevels`.
    /// @return `TcbInfo.levels`.
    function levels(DcapEvidence.Contents memory contents, bytes16 commitment) internal pure returns (bytes memory) {
        _check(commitment, bytes16(keccak256(contents.levels)));
        return contents.levels;
    }

    /// @notice Returns the QE identity.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongContents} for another identity.
    /// @param contents The contents in the evidence.
    /// @param commitment `Collateral.qeIdentity`.
    /// @return `QeIdentity.contents`.
    function qeIdentity(
        DcapEvidence.Contents memory contents,
        bytes16 commitment
    ) internal pure returns (bytes memory) {
        _check(commitment, bytes16(keccak256(contents.qeIdentity)));
        return contents.qeIdentity;
    }

    function _check(bytes16 expected, bytes16 given) private pure {
        if (given != expected) revert IDcapVerifier.DcapVerifierWrongContents(expected, given);
    }
}
