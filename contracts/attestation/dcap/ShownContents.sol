// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {CalldataBytes} from "./CalldataBytes.sol";
import {DcapEvidence} from "./DcapEvidence.sol";
import {RevocationTree} from "../formats/RevocationTree.sol";

/// @title ShownContents
/// @notice Compares contents of collateral that evidence gives with what the store commits to.
library ShownContents {
    /// @notice Whether the PCK CA's revocation list has a serial number.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongContents} for a bucket of another list.
    /// @param commitment `Collateral.revocations`.
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

    /// @notice The TCB levels.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongContents} for others.
    /// @param commitment `Collateral.tcbLevels`.
    function levels(DcapEvidence.Contents memory contents, bytes16 commitment) internal pure returns (bytes memory) {
        _check(commitment, bytes16(keccak256(contents.levels)));
        return contents.levels;
    }

    /// @notice The QE identity.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongContents} for another.
    /// @param commitment `Collateral.qeIdentity`.
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
