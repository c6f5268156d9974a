// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {PckCa} from "../../types/Collateral.sol";
import {CalldataBytes} from "./CalldataBytes.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {P256} from "../formats/P256.sol";
import {Platform, SgxExtension} from "./SgxExtension.sol";
import {Certificate, X509} from "../formats/X509.sol";

/// @notice What judging needs to know about a PCK certificate.
/// @param x The first half of the PCK key.
/// @param y The second half of the PCK key.
/// @param serial The serial number.
/// @param components The platform's 16 component SVNs, one byte each.
/// @param pceSvn The platform's PCESVN.
/// @param fmspc The platform family.
/// @param pceId The PCE's id.
/// @param notAfter Unix seconds of the last second at which the certificate holds.
/// @param ca Which CA issued it.
/// @param caGeneration Under which of the CA's keys it was verified.
/// @param platformId keccak256 of the platform's PPID.
struct Leaf {
    bytes32 x;
    bytes32 y;
    uint160 serial;
    bytes16 components;
    uint16 pceSvn;
    bytes6 fmspc;
    bytes2 pceId;
    uint32 notAfter;
    PckCa ca;
    uint8 caGeneration;
    bytes32 platformId;
}

/// @title PckLeaf
/// @notice Reads PCK certificates, from DER or as {IDcapVerifier} packs what they say, and names them.
library PckLeaf {
    /// @notice Reads a certificate that must be made out as a PCK certificate by one of the two CAs. The caller judges
    /// its signature, dates and revocation.
    /// @dev Errors: the parsers', {IDcapVerifier-DcapVerifierWrongName}, {IDcapVerifier-DcapVerifierWrongExtension}.
    /// @param der The certificate, DER.
    /// @return leaf What it says, except for `caGeneration`.
    /// @return certificate The certificate itself.
    function readCertificate(
        bytes calldata der
    ) internal view returns (Leaf memory leaf, Certificate memory certificate) {
        certificate = X509.readCertificate(der);
        leaf = read(der, certificate);
    }

    /// @notice Takes a leaf from a certificate that has been read, which must be made out as a PCK certificate by one of the
    /// two CAs. The caller judges its usage, signature, dates and revocation.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongName}, {IDcapVerifier-DcapVerifierWrongExtension}, those of
    /// {SgxExtension-read}.
    /// @param der The certificate, DER.
    /// @param certificate What it says.
    /// @return leaf What it says of a platform, except for `caGeneration`.
    function read(bytes calldata der, Certificate memory certificate) internal pure returns (Leaf memory leaf) {
        leaf.ca = caNamed(certificate.issuer);
        if (certificate.subject != IntelNames.PCK || certificate.isCa) {
            revert IDcapVerifier.DcapVerifierWrongName(certificate.subject);
        }
        (leaf.x, leaf.y, leaf.serial) = (certificate.x, certificate.y, uint160(certificate.serial));
        leaf.notAfter = uint32(certificate.notAfter);
        _readPlatform(leaf, der, certificate);
    }

    /// @notice Returns whether a key signed the certificate.
    /// @dev Errors: {P256-P256CallFailed}.
    /// @param certificate The certificate.
    /// @param x The first half of the key.
    /// @param y The second half of the key.
    /// @return Whether it did.
    function isSignedBy(Certificate memory certificate, bytes32 x, bytes32 y) internal view returns (bool) {
        return P256.verify(certificate.digest, certificate.r, certificate.s, x, y);
    }

    /// @notice Returns which PCK CA has a name.
    /// @dev Errors: {IDcapVerifier-DcapVerifierWrongName}.
    /// @param name keccak256 of the name's DER.
    /// @return The CA.
    function caNamed(bytes32 name) internal pure returns (PckCa) {
        if (name == IntelNames.PLATFORM_CA) return PckCa.Platform;
        if (name != IntelNames.PROCESSOR_CA) revert IDcapVerifier.DcapVerifierWrongName(name);
        return PckCa.Processor;
    }

    /// @notice Reads the 148 bytes that evidence has instead of a certificate.
    /// @dev Errors: {IDcapVerifier-DcapVerifierMalformed} for a CA that does not exist, with the evidence's size.
    /// @param position Where they begin, absolute in calldata.
    /// @param size The evidence's size in bytes.
    /// @return leaf What they say.
    function readFacts(uint256 position, uint256 size) internal pure returns (Leaf memory leaf) {
        leaf.x = CalldataBytes.wordAt(position);
        leaf.y = CalldataBytes.wordAt(position + 32);
        leaf.serial = uint160(bytes20(CalldataBytes.wordAt(position + 64)));
        leaf.components = bytes16(CalldataBytes.wordAt(position + 84));
        leaf.pceSvn = CalldataBytes.uint16At(position + 100);
        (leaf.fmspc, leaf.pceId, leaf.notAfter, leaf.ca, leaf.caGeneration, leaf.platformId) = readTail(
            position + 102,
            size
        );
    }

    /// @notice Reads the 46 bytes that follow the leaf id.
    /// @dev Errors: {IDcapVerifier-DcapVerifierMalformed} for a CA that does not exist, with the evidence's size.
    /// @param position Where they begin, absolute in calldata.
    /// @param size The evidence's size in bytes.
    /// @return fmspc The platform family.
    /// @return pceId The PCE's id.
    /// @return notAfter Unix seconds of the last second at which the certificate holds.
    /// @return ca Which CA issued it.
    /// @return caGeneration Under which of the CA's keys it was verified.
    /// @return platformId keccak256 of the platform's PPID.
    function readTail(
        uint256 position,
        uint256 size
    )
        internal
        pure
        returns (bytes6 fmspc, bytes2 pceId, uint32 notAfter, PckCa ca, uint8 caGeneration, bytes32 platformId)
    {
        uint256 word = uint256(CalldataBytes.wordAt(position));
        uint256 number = (word >> 152) & 0xff;
        if (number > uint256(type(PckCa).max)) revert IDcapVerifier.DcapVerifierMalformed(size);
        fmspc = bytes6(bytes32(word));
        pceId = bytes2(bytes32(word << 48));
        notAfter = uint32(word >> 160);
        ca = PckCa(number);
        caGeneration = uint8(word >> 144);
        platformId = CalldataBytes.wordAt(position + 14);
    }

    /// @notice Returns the 148 bytes that evidence has instead of a certificate.
    /// @param leaf What the certificate says.
    /// @return The bytes.
    function pack(Leaf memory leaf) internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                leaf.x,
                leaf.y,
                leaf.serial,
                leaf.components,
                leaf.pceSvn,
                leaf.fmspc,
                leaf.pceId,
                leaf.notAfter,
                leaf.ca,
                leaf.caGeneration,
                leaf.platformId
            );
    }

    /// @notice Returns the key of a leaf's slot.
    /// @param packed The bytes that {pack} returns.
    /// @return key The slot key.
    function keyOf(bytes memory packed) internal pure returns (bytes32 key) {
        assembly ("memory-safe") {
            let start := add(packed, 0x20)
            let id := keccak256(start, 102)
            // For a moment the leaf id is put before the other 46 bytes.
            let name := add(start, 70)
            let word := mload(name)
            mstore(name, id)
            key := keccak256(name, 78)
            mstore(name, word)
        }
    }

    /// @dev Reads the SGX extension, which has seven entries from the Platform CA and five from the Processor CA.
    function _readPlatform(Leaf memory leaf, bytes calldata der, Certificate memory certificate) private pure {
        uint256 offset = certificate.sgxOffset;
        if (offset == 0) revert IDcapVerifier.DcapVerifierWrongExtension();
        Platform memory platform = SgxExtension.read(der[offset:offset + certificate.sgxLength]);
        if (platform.isMultiPackage != (leaf.ca == PckCa.Platform)) revert IDcapVerifier.DcapVerifierWrongExtension();
        leaf.components = platform.components;
        leaf.pceSvn = platform.pceSvn;
        leaf.fmspc = platform.fmspc;
        leaf.pceId = platform.pceId;
        leaf.platformId = keccak256(abi.encodePacked(platform.ppid));
    }
}
