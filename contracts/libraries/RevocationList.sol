// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Der} from "./Der.sol";
import {SignedDer} from "./SignedDer.sol";
import {UtcTime} from "./UtcTime.sol";
import {X509} from "./X509.sol";
import {X509Extensions} from "./X509Extensions.sol";

/// @notice A certificate revocation list, read but not yet judged.
/// @param issuer keccak256 of the DER of the issuer's name (see {IntelNames}).
/// @param thisUpdate Unix seconds; the first at which it holds.
/// @param nextUpdate Unix seconds; the last at which it holds.
/// @param revoked Serial numbers in the list's order, each below 2^160 and not zero; as often as the list has them.
/// @param digest SHA-256 of the signed part.
/// @param r First half of the issuer's signature.
/// @param s Second half of the issuer's signature; both signs are valid.
struct Crl {
    bytes32 issuer;
    uint64 thisUpdate;
    uint64 nextUpdate;
    uint256[] revoked;
    bytes32 digest;
    bytes32 r;
    bytes32 s;
}

/// @title RevocationList
/// @notice Reads the revocation lists of Intel's SGX CAs, and no others: version 2, ecdsa-with-SHA256, strict DER, both dates, an authority
/// key id and a CRL number. Delta and partial lists announce themselves by critical extensions and are refused.
library RevocationList {
    /// @notice Room for nearly 5,000 revoked certificates; the largest of Intel's lists so far has 129.
    uint256 internal constant MAX_SIZE = 1 << 18;

    /// @dev The INTEGER 1, which means version 2, and the algorithm behind it.
    uint256 private constant VERSION_2 = (0x020101 << 96) | SignedDer.ALGORITHM;
    uint256 private constant VERSION_2_SIZE = 3 + SignedDer.ALGORITHM_SIZE;

    uint256 private constant REQUIRED = X509Extensions.AUTHORITY_KEY_ID | X509Extensions.CRL_NUMBER;

    /// @dev The least that an entry has: its own head, a serial number of one byte, a date.
    uint256 private constant LEAST_ENTRY = 20;

    /// @dev What follows the date of each entry that Intel writes: the one extension reasonCode, of whatever reason.
    uint256 private constant TAIL = 0x300c300a0603551d1504030a0100;
    uint256 private constant TAIL_SIZE = 14;

    /// @notice Reads a revocation list. Who signed it and whether it holds now is for the caller to judge.
    /// @dev Errors: {UtcTime-UtcTimeInvalid}, those of {X509Extensions-next} and {SignedDer-open},
    /// {X509Extensions-X509MissingExtension}.
    /// @param der The list, DER, at most {MAX_SIZE} bytes.
    function readCrl(bytes calldata der) internal view returns (Crl memory crl) {
        uint256 position;
        uint256 end;
        (position, end, crl.digest, crl.r, crl.s) = SignedDer.open(der, MAX_SIZE);
        position = Der.expect(position, end, VERSION_2_SIZE, VERSION_2);
        (crl.issuer, position) = X509.readName(position, end);
        unchecked {
            if (position + 2 * UtcTime.SIZE > end) revert Der.DerMalformed(position);
            crl.thisUpdate = UtcTime.read(position);
            crl.nextUpdate = UtcTime.read(position + UtcTime.SIZE);
            position += 2 * UtcTime.SIZE;
        }
        if (position < end && Der.load(position) >> 248 == Der.SEQUENCE) {
            (uint256 start, uint256 stop) = Der.enter(position, end, Der.SEQUENCE);
            // An empty list must be left out (RFC 5280, 5.1.2.6).
            if (start == stop) revert Der.DerMalformed(position);
            crl.revoked = _readEntries(start, stop);
            position = stop;
        }
        position = Der.only(Der.only(position, end, Der.CONTEXT_0), end, Der.SEQUENCE);
        uint256 seen = _readExtensions(position, end, 0);
        if (seen & REQUIRED != REQUIRED) revert X509Extensions.X509MissingExtension(position);
    }

    /// @dev Nothing called here allocates memory, so that the list can grow at its end and be cut to size.
    function _readEntries(uint256 position, uint256 end) private pure returns (uint256[] memory revoked) {
        uint256 slot;
        assembly ("memory-safe") {
            revoked := mload(0x40)
            slot := add(revoked, 0x20)
            // Room for as many as there can be, which keeps scratch space of others behind it.
            mstore(0x40, add(slot, shl(5, div(sub(end, position), LEAST_ENTRY))))
        }
        uint256 checkedDate = type(uint256).max;
        while (position < end) {
            uint256 serial;
            (serial, position, checkedDate) = _readEntry(position, end, checkedDate);
            assembly ("memory-safe") {
                mstore(slot, serial)
                slot := add(slot, 0x20)
            }
        }
        assembly ("memory-safe") {
            mstore(revoked, shr(5, sub(slot, add(revoked, 0x20))))
            mstore(0x40, slot)
        }
    }

    /// @dev Intel's usual entry is told by a few comparisons of words; any other is read element by element, just as strictly.
    /// @param checkedDate The 15 bytes of the date that was checked last; all bits set, which is none, for the first.
    function _readEntry(
        uint256 position,
        uint256 end,
        uint256 checkedDate
    ) private pure returns (uint256 serial, uint256 stop, uint256) {
        unchecked {
            // SEQUENCE, its length, INTEGER, its size.
            uint256 head = Der.load(position) >> 224;
            uint256 size = head & 0xff;
            uint256 start = position + 4;
            uint256 rest = Der.load(start + size);
            stop = start + size + UtcTime.SIZE + TAIL_SIZE;
            serial = Der.load(start) >> (256 - 8 * size);
            // Minimal and positive, since the first nine bits are neither all zero nor begin with a one; and below 2^160. A size of
            // one byte, which has no nine bits, is not usual.
            bool isUsual = head == 0x301f0200 + size * 0x10001 &&
                size - 2 < 20 &&
                (serial >> (8 * size - 9)) - 1 < 0xff &&
                serial >> 160 == 0 &&
                (rest >> 24) & 0xffffffffffffffffffffffffff00 == TAIL &&
                stop <= end;
            if (!isUsual) return _readUnusualEntry(position, end);
            if (rest >> 136 != checkedDate) {
                UtcTime.read(start + size);
                checkedDate = rest >> 136;
            }
            return (serial, stop, checkedDate);
        }
    }

    function _readUnusualEntry(
        uint256 position,
        uint256 end
    ) private pure returns (uint256 serial, uint256 stop, uint256 checkedDate) {
        (position, stop) = Der.enter(position, end, Der.SEQUENCE);
        (serial, position) = X509.readSerial(position, stop);
        unchecked {
            if (position + UtcTime.SIZE > stop) revert Der.DerMalformed(position);
            UtcTime.read(position);
            checkedDate = Der.load(position) >> 136;
            position += UtcTime.SIZE;
        }
        if (position != stop) {
            position = Der.only(position, stop, Der.SEQUENCE);
            _readExtensions(position, stop, X509Extensions.REASON_CODE);
        }
    }

    /// @dev At least one, as no list of extensions may be empty (RFC 5280, 4.1).
    function _readExtensions(uint256 list, uint256 end, uint256 understood) private pure returns (uint256 seen) {
        if (list == end) revert Der.DerMalformed(list);
        uint256 position = list;
        while (position < end) {
            (seen, , , , position) = X509Extensions.next(list, position, end, understood, seen);
        }
    }
}
