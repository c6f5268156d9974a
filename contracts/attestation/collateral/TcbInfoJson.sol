// SPDX-License-Identifier: MIT
pragma solidity ^0.8.31;

import {PackedBytes} from "./PackedBytes.sol";
import {SignedJson} from "./SignedJson.sol";
import {Cursor, StrictJson} from "./StrictJson.sol";
import {TcbStatus} from "../../types/Attestation.sol";
import {TcbInfo} from "../../types/Collateral.sol";

/// @title TcbInfoJson
/// @notice Reads Intel's TCB info, version 3 for SGX, from exactly the text that Intel signed, in one pass. It accepts
/// what src/sgx/tcbInfo.ts accepts: every key in Intel's order and no other; only a component's `category` and `type`
/// and a level's `advisoryIDs` may be missing.
library TcbInfoJson {
    using StrictJson for Cursor;

    /// @notice The text is TCB info of another version than 3.
    /// @param version Its version.
    error TcbInfoJsonWrongVersion(uint256 version);
    /// @notice The text is not TCB info of SGX. That of TDX has the id "TDX".
    /// @param id Its id.
    error TcbInfoJsonWrongId(string id);
    /// @notice A level is not strictly below the one before it, compared by the components in order, then by PCESVN.
    /// @param level The level, counted from 0.
    error TcbInfoJsonOrder(uint256 level);

    /// @dev Three components that are 0.
    uint256 private constant THREE_ZEROS = uint240(bytes30('{"svn":0},{"svn":0},{"svn":0},'));
    /// @dev What closes a component, `},` and for the last one `}]`.
    uint256 private constant NEXT = 0x7d2c;
    uint256 private constant LAST = 0x7d5d;

    /// @notice Reads TCB info. Neither its signature nor its dates are checked.
    /// @dev Errors: {TcbInfoJsonWrongVersion}, {TcbInfoJsonWrongId}, {TcbInfoJsonOrder},
    /// {StrictJson-StrictJsonUnexpected}, {StrictJson-StrictJsonTooLong}, {IsoTime-IsoTimeInvalid}.
    /// @param text The text.
    /// @return info What it says. A level's advisories are those between the brackets, so an empty list counts as a
    /// missing one.
    function read(bytes calldata text) internal pure returns (TcbInfo memory info) {
        Cursor here = _head(StrictJson.open(text));
        (here, info.issueDate, info.nextUpdate) = SignedJson.dates(here);
        uint256 value;
        (here, value) = here.expect('"fmspc":"', 9).hexadecimal(6);
        info.fmspc = bytes6(uint48(value));
        (here, value) = here.expect('","pceId":"', 11).hexadecimal(2);
        info.pceId = bytes2(uint16(value));
        (here, info.evaluationNumber) = SignedJson.evaluation(here.expect('","tcbType":0,', 14));
        (here, info.levels) = _levels(here.expect('"tcbLevels":[', 13));
        here.expect("]}", 2).close();
    }

    function _head(Cursor here) private pure returns (Cursor) {
        if (!StrictJson.begins(here.word(), '{"id":"SGX","version":3,', 24)) {
            (string memory id, uint256 version) = SignedJson.identify(here);
            if (version != 3) revert TcbInfoJsonWrongVersion(version);
            if (keccak256(bytes(id)) != keccak256("SGX")) revert TcbInfoJsonWrongId(id);
        }
        return here.expect('{"id":"SGX","version":3,', 24);
    }

    /// @dev Reads the levels, at least one, up to the bracket that closes their list.
    function _levels(Cursor here) private pure returns (Cursor, bytes memory levels) {
        levels = PackedBytes.start();
        // Above every TCB.
        uint256 above = type(uint256).max;
        uint256 count = 0;
        while (true) {
            uint256 tcb;
            uint256 rest;
            (here, tcb) = _tcb(here.expect('{"tcb":{"sgxtcbcomponents":[', 28));
            if (tcb >= above) revert TcbInfoJsonOrder(count);
            above = tcb;
            (here, rest) = _rest(here);
            PackedBytes.append((tcb << 112) | rest, 32);
            if (!StrictJson.begins(here.word(), ",", 1)) break;
            here = here.skip(1);
            // A text holds few levels.
            unchecked {
                ++count;
            }
        }
        PackedBytes.finish(levels);
        return (here, levels);
    }

    /// @dev Reads a level's 16 components and PCESVN, 18 bytes. As numbers they have the order of TCBs.
    function _tcb(Cursor here) private pure returns (Cursor next, uint256 tcb) {
        uint256 svn;
        uint256 size;
        // Nothing here overflows: components are counted to 16, and `tcb` grows to 18 bytes.
        unchecked {
            for (uint256 count = 0; count < 16;) {
                uint256 word = here.word();
                // Most components of most levels are just 0; the last one ends differently.
                if (word >> 16 == THREE_ZEROS && count < 13) {
                    here = here.skip(30);
                    tcb <<= 24;
                    count += 3;
                    continue;
                }
                ++count;
                (svn, size) = _svn(here, word);
                tcb = (tcb << 8) | svn;
                here = here.skip(size);
                uint256 closing = count < 16 ? NEXT : LAST;
                here = (word << (size * 8)) >> 240 == closing ? here.skip(2) : _notes(here, closing);
            }
        }
        (next, svn) = here.expect(',"pcesvn":', 10).number(type(uint16).max);
        tcb = (tcb << 16) | svn;
    }

    /// @dev Reads the SVN in `{"svn":N`. `word` has the next characters, which begin with that; `size` is how many it
    /// takes.
    function _svn(Cursor here, uint256 word) private pure returns (uint256 svn, uint256 size) {
        assembly ("memory-safe") {
            let rest := xor(word, '{"svn":000')
            // The first digit; a number above 9 if it is not a digit or if anything before it differs.
            let first := shr(192, rest)
            svn := first
            size := 8
            let digit := byte(8, rest)
            // The number ends after a leading 0.
            if and(lt(digit, 10), gt(svn, 0)) {
                svn := add(mul(svn, 10), digit)
                size := 9
                digit := byte(9, rest)
                if lt(digit, 10) {
                    svn := add(mul(svn, 10), digit)
                    size := 10
                }
            }
            if gt(first, 9) {
                svn := 256
            }
        }
        // Read again character by character, the text is refused where it differs.
        if (svn > type(uint8).max) here.expect('{"svn":', 7).number(type(uint8).max);
    }

    /// @dev Passes Intel's notes on a component, which do not matter here, and the two characters that close it.
    function _notes(Cursor here, uint256 closing) private pure returns (Cursor) {
        uint256 word = here.word();
        // First the two categories that Intel uses, then any other.
        if (StrictJson.begins(word, ',"category":"BIOS"', 18)) here = here.skip(18);
        else if (StrictJson.begins(word, ',"category":"OS/VMM"', 20)) here = here.skip(20);
        else if (StrictJson.begins(word, ',"category":"', 13)) here = here.skip(13).passText();
        if (StrictJson.begins(here.word(), ',"type":"', 9)) here = here.skip(9).passText();
        return here.expect(bytes32(closing << 240), 2);
    }

    /// @dev Reads the rest of a level: its status and the hash of its advisories, 14 bytes.
    function _rest(Cursor here) private pure returns (Cursor next, uint256 rest) {
        TcbStatus status;
        Cursor list;
        uint256 size;
        (next, status, list, size) = SignedJson.levelEnd(here);
        rest = uint256(status) << 104;
        if (size != 0) rest |= _hash(list.position(), size) >> 152;
    }

    function _hash(uint256 from, uint256 size) private pure returns (uint256 hash) {
        assembly ("memory-safe") {
            // Behind all memory in use; the copy is not kept.
            let free := mload(0x40)
            calldatacopy(free, from, size)
            hash := keccak256(free, size)
        }
    }
}
