// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Der} from "./Der.sol";

/// @title X509Extensions
/// @notice Reads a list of X.509 extensions one by one: each at most once, every critical one understood (RFC 5280, 4.2
/// and 5.2), and at most {MAXIMUM} of them.
/// @dev Each extension is one bit, so that the sets of those read, understood and required fit in one word each: bit n
/// is 2.5.29.n for n below 128, {SGX} is Intel's own, and no other extension has a bit.
library X509Extensions {
    uint256 internal constant SUBJECT_KEY_ID = 1 << 14;
    uint256 internal constant KEY_USAGE = 1 << 15;
    uint256 internal constant BASIC_CONSTRAINTS = 1 << 19;
    uint256 internal constant CRL_NUMBER = 1 << 20;
    uint256 internal constant REASON_CODE = 1 << 21;
    uint256 internal constant CRL_DISTRIBUTION_POINTS = 1 << 31;
    uint256 internal constant AUTHORITY_KEY_ID = 1 << 35;
    /// @notice Intel's SGX extension of PCK certificates, 1.2.840.113741.1.13.1.
    uint256 internal constant SGX = 1 << 128;

    /// @notice The most extensions in a list; Intel's have at most six.
    uint256 internal constant MAXIMUM = 16;

    /// @dev `seen` counts the extensions from this bit on.
    uint256 private constant ONE = 1 << 248;
    /// @dev OIDs as {Der-oid} returns them: 2.5.29 and one more byte, and Intel's.
    uint256 private constant ID_CE = 0x551d;
    uint256 private constant SGX_OID = uint256(0x2a864886f84d010d01 << 184) | 9;

    /// @dev Seven bytes of a sequence shorter than 128 that begins with the OID 2.5.29 and a byte below 128; the
    /// lengths and that byte are open.
    uint256 private constant SHORT_HEAD = 0x30_00_0603_551d_00;
    uint256 private constant SHORT_HEAD_MASK = 0xff_80_ffff_ffff_80;

    /// @notice An extension occurs twice, is critical but not understood, or is one too many.
    /// @param position Where in the calldata it begins.
    error X509WrongExtension(uint256 position);
    /// @notice A list of extensions lacks one that is required.
    /// @param position Where in the calldata the list begins.
    error X509MissingExtension(uint256 position);

    /// @notice Reads an extension.
    /// @dev Errors: {X509WrongExtension}, {Der-DerMalformed}.
    /// @param list Where the content of the whole list begins, absolute in calldata.
    /// @param position Where the extension begins.
    /// @param end Where the list ends.
    /// @param understood The bits of the extensions that may be critical.
    /// @param seen What was returned as `nowSeen` for the extension before; 0 for the first.
    /// @return nowSeen The bits of the extensions read so far, and their number.
    /// @return bit Which extension it is; 0 for one without a bit.
    /// @return isCritical Whether it is critical.
    /// @return value Where its value begins, inside the OCTET STRING.
    /// @return stop Where the value and the extension end.
    function next(
        uint256 list,
        uint256 position,
        uint256 end,
        uint256 understood,
        uint256 seen
    ) internal pure returns (uint256 nowSeen, uint256 bit, bool isCritical, uint256 value, uint256 stop) {
        uint256 id;
        (bit, id, value, stop) = _head(position, end);
        unchecked {
            nowSeen = (seen | bit) + ONE;
        }
        bool isTwice = bit == 0 ? _isAmong(list, position, id) : seen & bit != 0;
        // DER leaves out a default value (X.690, 11.5), so FALSE is never written.
        isCritical = Der.load(value) >> 248 == Der.BOOLEAN;
        if (isCritical) value = Der.expect(value, stop, 3, 0x0101ff);
        if (isTwice || (isCritical && understood & bit == 0) || nowSeen >= (MAXIMUM + 1) * ONE) {
            revert X509WrongExtension(position);
        }
        value = Der.only(value, stop, Der.OCTET_STRING);
    }

    /// @dev Reads an extension up to its OID. Returns its bit, the OID if it has no bit, where the OID ends, and where
    /// the extension ends.
    function _head(
        uint256 position,
        uint256 end
    ) private pure returns (uint256 bit, uint256 id, uint256 value, uint256 stop) {
        uint256 head = Der.load(position) >> 200;
        if (head & SHORT_HEAD_MASK == SHORT_HEAD) {
            // The usual case, by comparing one word, with the result of {Der-enter} and {Der-oid}.
            unchecked {
                bit = 1 << (head & 0xff);
                value = position + 7;
                stop = position + 2 + ((head >> 40) & 0xff);
            }
            if (stop > end) revert Der.DerMalformed(position);
        } else {
            (value, stop) = Der.enter(position, end, Der.SEQUENCE);
            (id, value) = Der.oid(value, stop);
            if (id == SGX_OID) bit = SGX;
            else if (id >> 240 == ID_CE && id & 0xff == 3) bit = 1 << ((id >> 232) & 0xff);
        }
    }

    /// @dev Whether an extension before `position` has this OID. Those have been read already, and are few.
    function _isAmong(uint256 list, uint256 position, uint256 id) private pure returns (bool) {
        while (list < position) {
            (uint256 start, uint256 stop) = Der.enter(list, position, Der.SEQUENCE);
            (uint256 other, ) = Der.oid(start, stop);
            if (other == id) return true;
            list = stop;
        }
        return false;
    }
}
