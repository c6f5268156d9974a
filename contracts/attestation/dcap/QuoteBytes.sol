// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Sha256} from "../formats/Sha256.sol";

/// @title QuoteBytes
/// @notice Rebuilds what quotes sign out of the fields that evidence carries. Constants, reserved bytes, and the fields
/// of key separation and sharing (KSS), which must be zero, cannot have another value then (Intel, "SGX ECDSA Quote
/// Library Reference", appendix A).
/// @dev Positions are absolute in calldata and point at packed reports: CPUSVN 16, MISCSELECT 4, ATTRIBUTES 16,
/// MRENCLAVE 32, MRSIGNER 32, ISVPRODID 2, ISVSVN 2.
library QuoteBytes {
    /// @dev Version 3, attestation key type 2 (ECDSA P-256), TEE type 0 (SGX): the header's first 8 bytes, as a number
    /// in the lowest.
    uint256 private constant HEADER = 0x0300020000000000;
    /// @dev Intel's QE vendor id.
    uint256 private constant VENDOR = 0x939a7233f79c4ca9940a0db3957f0607;
    /// @dev What no launch may vary (Intel SDM volume 3D, SECS.ATTRIBUTES and MISCSELECT): INIT (bit 0) and MODE64BIT (2)
    /// on; DEBUG (1), PROVISION_KEY (4), EINITTOKEN_KEY (5) and what is reserved off. Left open are CET (6), KSS (7),
    /// AEXNOTIFY (10), XFRM, and in MISCSELECT EXINFO (0) and CPINFO (1). Both fields are little-endian.
    bytes20 private constant FIXED_MASK = hex"fcffffff_3ffbffffffffffff_0000000000000000";
    bytes20 private constant FIXED = hex"00000000_0500000000000000_0000000000000000";

    /// @notice Hashes what the attestation key signs, in both ways.
    /// @dev Errors: {Sha256-Sha256CallFailed}.
    /// @param position Where QE SVN, PCE SVN, user data and the enclave's report begin.
    /// @param reportData The first half of the report data; zeros follow.
    /// @return digest SHA-256 of the 432 bytes.
    /// @return quoteHash keccak256 of them.
    function hashSigned(
        uint256 position,
        bytes32 reportData
    ) internal view returns (bytes32 digest, bytes32 quoteHash) {
        bool isAnswered;
        assembly ("memory-safe") {
            let signed := mload(0x40)
            // Copies zeros, because there is no calldata beyond its end.
            calldatacopy(signed, calldatasize(), 432)
            mstore(signed, shl(192, HEADER))
            calldatacopy(add(signed, 8), position, 4)
            mstore(add(signed, 12), shl(128, VENDOR))
            calldatacopy(add(signed, 28), add(position, 4), 20)
            calldatacopy(add(signed, 48), add(position, 24), 20)
            calldatacopy(add(signed, 96), add(position, 44), 48)
            calldatacopy(add(signed, 176), add(position, 92), 32)
            calldatacopy(add(signed, 304), add(position, 124), 4)
            mstore(add(signed, 368), reportData)
            quoteHash := keccak256(signed, 432)
            isAnswered := staticcall(gas(), 0x02, signed, 432, 0x00, 0x20)
            digest := mload(0x00)
        }
        if (!isAnswered) revert Sha256.Sha256CallFailed();
    }

    /// @notice Hashes what a PCK key signs: a QE's report.
    /// @dev Errors: {Sha256-Sha256CallFailed}.
    /// @param position Where the report is.
    /// @param reportData The first half of its report data; zeros follow.
    /// @return digest SHA-256 of the 384 bytes.
    function digestReport(uint256 position, bytes32 reportData) internal view returns (bytes32 digest) {
        bool isAnswered;
        assembly ("memory-safe") {
            let report := mload(0x40)
            calldatacopy(report, calldatasize(), 384)
            calldatacopy(report, position, 20)
            calldatacopy(add(report, 48), add(position, 20), 48)
            calldatacopy(add(report, 128), add(position, 68), 32)
            calldatacopy(add(report, 256), add(position, 100), 4)
            mstore(add(report, 320), reportData)
            isAnswered := staticcall(gas(), 0x02, report, 384, 0x00, 0x20)
            digest := mload(0x00)
        }
        if (!isAnswered) revert Sha256.Sha256CallFailed();
    }

    /// @notice Returns what the report data of a QE's report begins with: SHA-256 of the attestation key and the QE's
    /// authentication data.
    /// @dev Errors: {Sha256-Sha256CallFailed}.
    /// @param key Where the attestation key is.
    /// @param auth Where the authentication data are.
    /// @param authSize How many bytes these have.
    /// @return digest The hash.
    function hashKey(uint256 key, uint256 auth, uint256 authSize) internal view returns (bytes32 digest) {
        bool isAnswered;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, key, 64)
            calldatacopy(add(free, 64), auth, authSize)
            isAnswered := staticcall(gas(), 0x02, free, add(authSize, 64), 0x00, 0x20)
            digest := mload(0x00)
        }
        if (!isAnswered) revert Sha256.Sha256CallFailed();
    }

    /// @notice Returns whether no attested enclave may have been launched like this, whatever its allow-list entry says.
    /// @param launch MISCSELECT and ATTRIBUTES, as `Attestation.launch`.
    /// @return Whether it may not.
    function isForbidden(bytes20 launch) internal pure returns (bool) {
        return launch & FIXED_MASK != FIXED;
    }

    /// @notice Returns how an enclave was launched.
    /// @param miscSelect A word that begins with its MISCSELECT.
    /// @param attributes A word that begins with its ATTRIBUTES.
    /// @return Both, as `Attestation.launch`.
    function launchOf(bytes32 miscSelect, bytes32 attributes) internal pure returns (bytes20) {
        return bytes20(bytes4(miscSelect)) | (bytes20(bytes16(attributes)) >> 32);
    }

    /// @notice Reads ISVPRODID and ISVSVN, two little-endian numbers of two bytes.
    /// @param position Where they begin.
    /// @return isvProdId The product id.
    /// @return isvSvn The security version.
    function isvNumbers(uint256 position) internal pure returns (uint16 isvProdId, uint16 isvSvn) {
        uint256 word;
        assembly ("memory-safe") {
            word := shr(224, calldataload(position))
        }
        isvProdId = uint16((word >> 24) | ((word >> 8) & 0xff00));
        isvSvn = uint16(((word >> 8) & 0xff) | (word << 8));
    }

    /// @notice Returns the fields of a QE's report that a QE identity judges: MISCSELECT, ATTRIBUTES, MRSIGNER,
    /// ISVPRODID, ISVSVN.
    /// @param position Where the report is.
    /// @return facts 56 bytes.
    function qeFactsAt(uint256 position) internal pure returns (bytes memory facts) {
        facts = new bytes(56);
        assembly ("memory-safe") {
            calldatacopy(add(facts, 32), add(position, 16), 20)
            calldatacopy(add(facts, 52), add(position, 68), 36)
        }
    }
}
