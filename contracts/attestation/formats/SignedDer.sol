// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Der} from "./Der.sol";

/// @title SignedDer
/// @notice What certificates and revocation lists have in common: a signed part, ecdsa-with-SHA256, and a signature.
library SignedDer {
    /// @notice AlgorithmIdentifier of ecdsa-with-SHA256, 1.2.840.10045.4.3.2, without parameters (RFC 5758, 3.2).
    uint256 internal constant ALGORITHM = 0x300a06082a8648ce3d040302;
    /// @notice Bytes of {ALGORITHM}.
    uint256 internal constant ALGORITHM_SIZE = 12;

    /// @notice The document is longer than any that Intel issues.
    /// @param length Its length in bytes.
    /// @param maximum The longest that is read, in bytes.
    error X509TooLong(uint256 length, uint256 maximum);
    /// @notice The SHA-256 precompile ran out of gas. This says nothing about the document.
    error X509HashFailed();

    /// @notice Splits a document into the part that is signed and the signature.
    /// @dev Errors: {X509TooLong}, {X509HashFailed}, {Der-DerMalformed}.
    /// @param der The document, DER.
    /// @param maximum The longest that is read, in bytes.
    /// @return start Where the content of the signed part begins, absolute in calldata.
    /// @return stop Where it ends.
    /// @return digest SHA-256 of the signed part.
    /// @return r The first half of the signature.
    /// @return s The second half of the signature; neither half is compared with the curve's order here.
    function open(
        bytes calldata der,
        uint256 maximum
    ) internal view returns (uint256 start, uint256 stop, bytes32 digest, bytes32 r, bytes32 s) {
        if (der.length > maximum) revert X509TooLong(der.length, maximum);
        (uint256 signed, uint256 end) = Der.bounds(der);
        signed = Der.only(signed, end, Der.SEQUENCE);
        (start, stop) = Der.enter(signed, end, Der.SEQUENCE);
        (r, s) = _signature(Der.expect(stop, end, ALGORITHM_SIZE, ALGORITHM), end);
        digest = _sha256(signed, stop);
    }

    /// @dev Reads a BIT STRING without unused bits that holds the sequence of r and s (RFC 3279, 2.2.3).
    function _signature(uint256 position, uint256 end) private pure returns (bytes32, bytes32) {
        position = Der.only(position, end, Der.BIT_STRING);
        position = Der.only(Der.expect(position, end, 1, 0), end, Der.SEQUENCE);
        uint256 r;
        uint256 s;
        (r, position) = Der.unsigned(position, end, 32);
        (s, position) = Der.unsigned(position, end, 32);
        Der.finish(position, end);
        return (bytes32(r), bytes32(s));
    }

    /// @dev Like `sha256(...)`, but without keeping the copy in memory.
    function _sha256(uint256 from, uint256 to) private view returns (bytes32 digest) {
        bool hasAnswer;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := sub(to, from)
            calldatacopy(free, from, size)
            hasAnswer := staticcall(gas(), 0x02, free, size, 0x00, 0x20)
            digest := mload(0x00)
        }
        if (!hasAnswer) revert X509HashFailed();
    }
}
