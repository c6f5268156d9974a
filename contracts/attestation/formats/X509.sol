// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Der} from "./Der.sol";
import {SignedDer} from "./SignedDer.sol";
import {UtcTime} from "./UtcTime.sol";
import {X509Extensions} from "./X509Extensions.sol";

/// @notice A certificate of Intel's SGX hierarchy, read but not yet judged.
/// @param issuer keccak256 of the DER of the issuer's name (see {IntelNames}).
/// @param subject keccak256 of the DER of the subject's name.
/// @param serial The serial number, below 2^160 and not zero.
/// @param notBefore Unix seconds of the first second at which it holds.
/// @param notAfter Unix seconds of the last second at which it holds.
/// @param x The first half of the public key; whether it is a point on P-256 is not checked here.
/// @param y The second half of the public key.
/// @param digest SHA-256 of the signed part.
/// @param r The first half of the issuer's signature.
/// @param s The second half of the issuer's signature; both signs are valid.
/// @param isCa Whether key usage and basic constraints are those of a CA without CAs below it; else they are those of a
/// certificate that signs data.
/// @param sgxOffset Where in the certificate the value of Intel's SGX extension begins; 0 if there is no such
/// extension.
/// @param sgxLength How many bytes that value has.
struct Certificate {
    bytes32 issuer;
    bytes32 subject;
    uint256 serial;
    uint64 notBefore;
    uint64 notAfter;
    bytes32 x;
    bytes32 y;
    bytes32 digest;
    bytes32 r;
    bytes32 s;
    bool isCa;
    uint256 sgxOffset;
    uint256 sgxLength;
}

/// @title X509
/// @notice Reads the certificates of Intel's SGX hierarchy, and no others: version 3, P-256, ecdsa-with-SHA256, strict
/// DER, with the extensions of Intel's profile ("PCK Certificate and CRL Profile" 1.5), each once.
library X509 {
    /// @notice No certificate of the hierarchy comes near this size.
    uint256 internal constant MAX_SIZE = 4096;

    /// @dev The extensions that every certificate has; Intel's QVL refuses a certificate that lacks one.
    uint256 private constant REQUIRED =
        X509Extensions.AUTHORITY_KEY_ID |
            X509Extensions.CRL_DISTRIBUTION_POINTS |
            X509Extensions.SUBJECT_KEY_ID |
            X509Extensions.KEY_USAGE |
            X509Extensions.BASIC_CONSTRAINTS;

    /// @dev `[0]` of the INTEGER 2, which means version 3.
    uint256 private constant VERSION_3 = 0xa003020102;

    /// @dev SubjectPublicKeyInfo of an uncompressed point on P-256, up to its 64 bytes x and y. Intel uses no other
    /// form.
    uint256 private constant SPKI = 0x3059301306072a8648ce3d020106082a8648ce3d03010703420004;
    uint256 private constant SPKI_SIZE = 27;

    /// @dev The values of key usage (keyCertSign, cRLSign) and basic constraints (a CA, path length 0) of a CA, each
    /// preceded by its length.
    uint256 private constant CA_KEY_USAGE = 0x04_03020106;
    uint256 private constant CA_CONSTRAINTS = 0x08_30060101ff020100;
    /// @dev The same for a PCK or TCB Signing certificate: digitalSignature and nonRepudiation; not a CA.
    uint256 private constant SIGNING_KEY_USAGE = 0x04_030206c0;
    uint256 private constant SIGNING_CONSTRAINTS = 0x02_3000;

    /// @notice Key usage and basic constraints are neither exactly those of a CA nor exactly those of a signing
    /// certificate, or they are not critical.
    /// @param position Where in the calldata the list of extensions begins.
    error X509WrongUsage(uint256 position);

    /// @notice Reads a certificate. The caller judges whose it is, who signed it and whether it holds now.
    /// @dev Errors: {X509WrongUsage}, those of {readAny}.
    /// @param der The certificate, DER, at most {MAX_SIZE} bytes.
    /// @return certificate What it says.
    function readCertificate(bytes calldata der) internal view returns (Certificate memory certificate) {
        uint256 wrongUsage;
        (certificate, wrongUsage) = readAny(der);
        if (wrongUsage != 0) revert X509WrongUsage(wrongUsage);
    }

    /// @notice Reads a certificate of any usage, such as the root's, which has a CA below it.
    /// @dev Errors: {UtcTime-UtcTimeInvalid}, those of {X509Extensions-next} and {SignedDer-open},
    /// {X509Extensions-X509MissingExtension}.
    /// @param der The certificate, DER, at most {MAX_SIZE} bytes.
    /// @return certificate What it says.
    /// @return wrongUsage The position with which {readCertificate} would refuse its usage; 0 if it would not.
    function readAny(bytes calldata der) internal view returns (Certificate memory certificate, uint256 wrongUsage) {
        uint256 position;
        uint256 end;
        (position, end, certificate.digest, certificate.r, certificate.s) = SignedDer.open(der, MAX_SIZE);
        position = Der.expect(position, end, 5, VERSION_3);
        (certificate.serial, position) = readSerial(position, end);
        position = Der.expect(position, end, SignedDer.ALGORITHM_SIZE, SignedDer.ALGORITHM);
        (certificate.issuer, position) = readName(position, end);
        position = _readValidity(certificate, position, end);
        (certificate.subject, position) = readName(position, end);
        position = _readKey(certificate, position, end);
        position = Der.only(Der.only(position, end, Der.CONTEXT_3), end, Der.SEQUENCE);
        wrongUsage = _readExtensions(certificate, position, end);
        if (certificate.sgxOffset != 0) {
            (uint256 start, ) = Der.bounds(der);
            certificate.sgxOffset -= start;
        }
    }

    /// @notice Reads a serial number: not zero and at most 20 bytes (RFC 5280, 4.1.2.2).
    /// @dev Errors: {Der-DerMalformed}.
    /// @param position Where the element begins, absolute in calldata.
    /// @param end Where the content that it lies in ends.
    /// @return serial The number.
    /// @return stop Where the element ends.
    function readSerial(uint256 position, uint256 end) internal pure returns (uint256 serial, uint256 stop) {
        (serial, stop) = Der.unsigned(position, end, 20);
        if (serial == 0) revert Der.DerMalformed(position);
    }

    /// @notice Hashes a name. Names are compared as raw bytes, so no name has two spellings.
    /// @dev Errors: {Der-DerMalformed}.
    /// @param position Where the element begins, absolute in calldata.
    /// @param end Where the content that it lies in ends.
    /// @return hash keccak256 of the whole element.
    /// @return next Where the element ends.
    function readName(uint256 position, uint256 end) internal pure returns (bytes32 hash, uint256 next) {
        (, next) = Der.enter(position, end, Der.SEQUENCE);
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := sub(next, position)
            calldatacopy(free, position, size)
            hash := keccak256(free, size)
        }
    }

    function _readValidity(
        Certificate memory certificate,
        uint256 position,
        uint256 end
    ) private pure returns (uint256) {
        // Two times of 15 bytes each and nothing else.
        position = Der.expect(position, end, 2, 0x301e);
        unchecked {
            if (position + 2 * UtcTime.SIZE > end) revert Der.DerMalformed(position);
            certificate.notBefore = UtcTime.read(position);
            certificate.notAfter = UtcTime.read(position + UtcTime.SIZE);
            return position + 2 * UtcTime.SIZE;
        }
    }

    function _readKey(Certificate memory certificate, uint256 position, uint256 end) private pure returns (uint256) {
        position = Der.expect(position, end, SPKI_SIZE, SPKI);
        unchecked {
            if (position + 64 > end) revert Der.DerMalformed(position);
            certificate.x = bytes32(Der.load(position));
            certificate.y = bytes32(Der.load(position + 32));
            return position + 64;
        }
    }

    /// @dev Returns where the list begins if its usage is neither of the two.
    function _readExtensions(
        Certificate memory certificate,
        uint256 list,
        uint256 end
    ) private pure returns (uint256 wrongUsage) {
        uint256 seen;
        uint256 position = list;
        uint256 keyUsage;
        uint256 constraints;
        while (position < end) {
            uint256 bit;
            bool isCritical;
            uint256 value;
            (seen, bit, isCritical, value, position) = X509Extensions.next(
                list,
                position,
                end,
                REQUIRED | X509Extensions.SGX,
                seen
            );
            if (bit == X509Extensions.KEY_USAGE) {
                keyUsage = isCritical ? _shortValue(value, position) : 0;
            } else if (bit == X509Extensions.BASIC_CONSTRAINTS) {
                constraints = isCritical ? _shortValue(value, position) : 0;
            } else if (bit == X509Extensions.SGX) {
                certificate.sgxOffset = value;
                unchecked {
                    certificate.sgxLength = position - value;
                }
            }
        }
        if (seen & REQUIRED != REQUIRED) revert X509Extensions.X509MissingExtension(list);
        certificate.isCa = keyUsage == CA_KEY_USAGE && constraints == CA_CONSTRAINTS;
        if (!certificate.isCa && (keyUsage != SIGNING_KEY_USAGE || constraints != SIGNING_CONSTRAINTS)) {
            wrongUsage = list;
        }
    }

    /// @dev A value of at most 8 bytes, preceded by its length octet, so that no leading zero is lost; 0 for a longer
    /// one.
    function _shortValue(uint256 start, uint256 stop) private pure returns (uint256) {
        unchecked {
            uint256 size = stop - start;
            return size > 8 ? 0 : Der.load(start - 1) >> (248 - 8 * size);
        }
    }
}
