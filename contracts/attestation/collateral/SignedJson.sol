// SPDX-License-Identifier: MIT
pragma solidity ^0.8.31;

import {Cursor, StrictJson} from "./StrictJson.sol";
import {TcbStatus} from "../../types/Attestation.sol";

/// @title SignedJson
/// @notice The parts that Intel's TCB info and QE identity have in common.
library SignedJson {
    using StrictJson for Cursor;

    /// @dev An advisory after a comma; every digit is written as `0`.
    uint256 private constant ADVISORY = uint256(bytes32(',"INTEL-SA-00000"'));
    /// @dev What sets a byte's high bit if it differs from {ADVISORY}: for a digit by more than 9, for any other
    /// character by anything.
    uint256 private constant ADVISORY_LIMITS = 0x007f7f7f7f7f7f7f7f7f7f76767676767f000000000000000000000000000000;
    uint256 private constant ADVISORY_HIGH_BITS = 0x0080808080808080808080808080808080000000000000000000000000000000;

    /// @notice Reads which document a text says it is, so that it can be refused by name. Version 2 of TCB info has no
    /// id.
    /// @dev Errors: {StrictJson-StrictJsonUnexpected} for a text that does not begin with that.
    /// @param here The text's first character.
    /// @return id Its id; empty if it has none.
    /// @return version Its version, at most 65,535.
    function identify(Cursor here) internal pure returns (string memory id, uint256 version) {
        if (StrictJson.begins(here.word(), '{"id":"', 7)) {
            Cursor first = here.skip(7);
            here = first.passText();
            id = _slice(first.position(), here.position() - 1);
            here = here.expect(',"version":', 11);
        } else {
            here = here.expect('{"version":', 11);
        }
        (, version) = here.number(type(uint16).max);
    }

    /// @notice Reads the dates from and to which a document holds, with their keys and the comma after them.
    /// @dev Errors: {StrictJson-StrictJsonUnexpected}, {IsoTime-IsoTimeInvalid}.
    /// @param here Where the first key begins.
    /// @return next What follows.
    /// @return issueDate Unix seconds.
    /// @return nextUpdate Unix seconds.
    function dates(Cursor here) internal pure returns (Cursor next, uint64 issueDate, uint64 nextUpdate) {
        (next, issueDate) = here.expect('"issueDate":"', 13).date();
        (next, nextUpdate) = next.expect('","nextUpdate":"', 16).date();
        next = next.expect('",', 2);
    }

    /// @notice Reads tcbEvaluationDataNumber with its key and the comma after it.
    /// @dev Errors: {StrictJson-StrictJsonUnexpected}, also for a number other than 1 to 65,535.
    /// @param here Where the key begins.
    /// @return next What follows.
    /// @return evaluationNumber The number.
    function evaluation(Cursor here) internal pure returns (Cursor next, uint16 evaluationNumber) {
        uint256 value;
        Cursor first = here.expect('"tcbEvaluationDataNumber":', 26);
        (next, value) = first.number(type(uint16).max);
        if (value == 0) first.fail();
        return (next.expect(",", 1), uint16(value));
    }

    /// @notice Reads a level from the end of its `tcb` on.
    /// @dev Errors: {StrictJson-StrictJsonUnexpected}, {IsoTime-IsoTimeInvalid}.
    /// @param here The bracket that closes `tcb`.
    /// @return next What follows the level.
    /// @return status Its status.
    /// @return list Where its advisories begin, after the opening bracket.
    /// @return size How many characters they take up to the closing bracket; 0 if there are no advisories.
    function levelEnd(Cursor here) internal pure returns (Cursor next, TcbStatus status, Cursor list, uint256 size) {
        (next, ) = here.expect('},"tcbDate":"', 13).date();
        (next, status) = _status(next.expect('","tcbStatus":"', 15));
        if (!StrictJson.begins(next.word(), ',"advisoryIDs":[', 16)) return (next.expect("}", 1), status, list, 0);
        list = next.skip(16);
        next = StrictJson.begins(list.word(), "]", 1) ? list : _advisories(next.skip(15));
        // The cursor only moves on.
        unchecked {
            size = next.position() - list.position();
        }
        next = next.expect("]}", 2);
    }

    /// @dev Passes the advisories of a list, at least one, from the bracket that opens it on; the other advisories have
    /// a comma in its place.
    function _advisories(Cursor here) private pure returns (Cursor) {
        uint256 word = here.word();
        do {
            uint256 rest = word ^ ADVISORY;
            // By Intel's usual name, or by any other. A byte that carries into the one before it is refused itself. The
            // sum may overflow, because the first byte, which is checked apart, does not matter here.
            unchecked {
                here =
                    ((rest + ADVISORY_LIMITS) | rest) & ADVISORY_HIGH_BITS == 0
                        ? here.skip(17)
                        : here.skip(1).expect('"', 1).passText();
            }
            word = here.word();
        } while (StrictJson.begins(word, ",", 1));
        return here;
    }

    /// @dev Reads a status and the quotation mark that closes it. The most frequent ones come first.
    function _status(Cursor here) private pure returns (Cursor next, TcbStatus status) {
        uint256 word = here.word();
        if (StrictJson.begins(word, 'OutOfDate"', 10)) return (here.skip(10), TcbStatus.OutOfDate);
        if (StrictJson.begins(word, 'UpToDate"', 9)) return (here.skip(9), TcbStatus.UpToDate);
        if (StrictJson.begins(word, 'OutOfDateConfigurationNeeded"', 29))
            return (here.skip(29), TcbStatus.OutOfDateConfigurationNeeded);
        if (StrictJson.begins(word, 'SWHardeningNeeded"', 18)) return (here.skip(18), TcbStatus.SWHardeningNeeded);
        if (StrictJson.begins(word, "ConfigurationAndSWHardeningNeede", 32))
            return (here.skip(32).expect('d"', 2), TcbStatus.ConfigurationAndSWHardeningNeeded);
        if (StrictJson.begins(word, 'ConfigurationNeeded"', 20)) return (here.skip(20), TcbStatus.ConfigurationNeeded);
        return (here.expect('Revoked"', 8), TcbStatus.Revoked);
    }

    /// @dev Copies characters of calldata to a text in memory.
    function _slice(uint256 from, uint256 to) private pure returns (string memory copy) {
        uint256 size = to - from;
        copy = new string(size);
        assembly ("memory-safe") {
            calldatacopy(add(copy, 0x20), from, size)
        }
    }
}
