// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Der} from "../formats/Der.sol";
import {SignedDer} from "../formats/SignedDer.sol";
import {UtcTime} from "../formats/UtcTime.sol";
import {X509} from "../formats/X509.sol";
import {X509Extensions} from "../formats/X509Extensions.sol";

/// @notice A certificate revocation list, read but not yet judged.
/// @param issuer keccak256 of the DER of the issuer's name (see {IntelNames}).
/// @param thisUpdate Unix seconds of the first second at which it holds.
/// @param nextUpdate Unix seconds of the last second at which it holds.
/// @param revoked Serial numbers in the list's order, each below 2^160 and not zero, as often as they occur in the
/// list.
/// @param digest SHA-256 of the signed part.
/// @param r The first half of the issuer's signature.
/// @param s The second half of the issuer's signature; both signs are valid.
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
/// @notice Reads the revocation lists of Intel's SGX CAs, and no others: version 2, ecdsa-with-SHA256, strict DER, both
/// dates, an authority key id and a CRL number. Delta and partial lists have critical extensions, by which they are
/// refused.
library RevocationList {
    /// @notice The longest list that is read, in bytes. It has room for nearly 5,000 revoked certificates; the largest
    /// of Intel's lists so far has 129.
    uint256 internal constant MAX_SIZE = 1 << 18;

    /// @dev The INTEGER 1, which means version 2, followed by the algorithm.
    uint256 private constant VERSION_2 = (0x020101 << 96) | SignedDer.ALGORITHM;
    uint256 private constant VERSION_2_SIZE = 3 + SignedDer.ALGORITHM_SIZE;

    uint256 private constant REQUIRED = X509Extensions.AUTHORITY_KEY_ID | X509Extensions.CRL_NUMBER;

    /// @dev The bytes of the shortest entry: its own header, a serial number of one byte, a date.
    uint256 private constant LEAST_ENTRY = 20;

    /// @dev What follows the date in each of Intel's entries: the one extension reasonCode, with any reason.
    uint256 private constant TAIL = 0x300c300a0603551d1504030a0100;

    /// @notice Reads a revocation list. The caller judges who signed it and whether it holds now.
    /// @dev Errors: {UtcTime-UtcTimeInvalid}, those of {X509Extensions-next} and {SignedDer-open},
    /// {X509Extensions-X509MissingExtension}.
    /// @param der The list, DER, at most {MAX_SIZE} bytes.
    /// @return crl What it says.
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
            // An empty list must be omitted (RFC 5280, 5.1.2.6).
            if (start == stop) revert Der.DerMalformed(position);
            crl.revoked = _readEntries(start, stop);
            position = stop;
        }
        position = Der.only(Der.only(position, end, Der.CONTEXT_0), end, Der.SEQUENCE);
        uint256 seen = _readExtensions(position, end, 0);
        if (seen & REQUIRED != REQUIRED) revert X509Extensions.X509MissingExtension(position);
    }

    /// @dev Reads all entries. Nothing called here allocates memory, so that the list can grow at its end and be cut to
    /// size.
    function _readEntries(uint256 position, uint256 end) private pure returns (uint256[] memory revoked) {
        uint256 slot;
        assembly ("memory-safe") {
            revoked := mload(0x40)
            slot := add(revoked, 0x20)
            // Room for as many as there can be, which keeps the scratch space of others behind it.
            mstore(0x40, add(slot, shl(5, div(sub(end, position), LEAST_ENTRY))))
        }
        uint256 date = type(uint256).max;
        while (true) {
            (position, slot) = _readUsualEntries(position, end, slot, date);
            if (position == end) break;
            uint256 other = _usualDate(position);
            if (other == 0 || other == date) {
                uint256 serial;
                (serial, position) = _readEntry(position, end);
                assembly ("memory-safe") {
                    mstore(slot, serial)
                    slot := add(slot, 0x20)
                }
            } else {
                date = other;
            }
        }
        assembly ("memory-safe") {
            mstore(revoked, shr(5, sub(slot, add(revoked, 0x20))))
            mstore(0x40, slot)
        }
    }

    /// @dev Reads consecutive entries in Intel's usual form by comparing words: the headers of the entry and of a
    /// serial number of 20 bytes (or of 21, the first of them zero), that number, a date, {TAIL}. The first entry of
    /// another form is left to {_readEntry}. The numbers are written to memory from `slot` on. `date` is the 15 bytes
    /// of a date that was checked and that these entries share; a longer value matches no date.
    function _readUsualEntries(
        uint256 position,
        uint256 end,
        uint256 slot,
        uint256 date
    ) private pure returns (uint256, uint256) {
        assembly ("memory-safe") {
            let dateAndTail := or(shl(104, date), shr(8, TAIL))
            for {} lt(position, end) {} {
                let isPadded := eq(shr(216, calldataload(position)), 0x3034021500)
                let isOther := iszero(or(isPadded, eq(shr(224, calldataload(position)), 0x30330214)))
                // The zero is there if and only if the number's first bit is set, and the first nine bits are not all
                // zero.
                let start := add(position, isPadded)
                let serial := shr(96, calldataload(add(start, 4)))
                isOther := or(isOther, xor(shr(159, serial), isPadded))
                isOther := or(isOther, iszero(shr(151, serial)))
                isOther := or(isOther, xor(shr(32, calldataload(add(start, 24))), dateAndTail))
                if isOther {
                    break
                }
                mstore(slot, serial)
                slot := add(slot, 0x20)
                position := add(start, 53)
            }
        }
        // Only the last entry can reach beyond the end, and then the position is beyond it.
        if (position > end) revert Der.DerMalformed(position);
        return (position, slot);
    }

    /// @dev Checks and returns the date of an entry with the usual headers, since nothing else can follow such a serial
    /// number. Returns 0 for another entry.
    function _usualDate(uint256 position) private pure returns (uint256 date) {
        uint256 header = Der.load(position) >> 224;
        if (header != 0x30330214 && header != 0x30340215) return 0;
        unchecked {
            position += header == 0x30330214 ? 24 : 25;
        }
        UtcTime.read(position);
        return Der.load(position) >> 136;
    }

    /// @dev Reads an entry of any form, element by element.
    function _readEntry(uint256 position, uint256 end) private pure returns (uint256 serial, uint256 stop) {
        (position, stop) = Der.enter(position, end, Der.SEQUENCE);
        (serial, position) = X509.readSerial(position, stop);
        unchecked {
            if (position + UtcTime.SIZE > stop) revert Der.DerMalformed(position);
            UtcTime.read(position);
            position += UtcTime.SIZE;
        }
        if (position != stop) {
            position = Der.only(position, stop, Der.SEQUENCE);
            _readExtensions(position, stop, X509Extensions.REASON_CODE);
        }
    }

    /// @dev Reads extensions, at least one, because no list of extensions may be empty (RFC 5280, 4.1).
    function _readExtensions(uint256 list, uint256 end, uint256 understood) private pure returns (uint256 seen) {
        if (list == end) revert Der.DerMalformed(list);
        uint256 position = list;
        while (position < end) {
            (seen, , , , position) = X509Extensions.next(list, position, end, understood, seen);
        }
    }
}
