// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {TcbStatus} from "../../types/Attestation.sol";

/// @title TcbLevels
/// @notice Judges platforms and quoting enclaves by what Intel's TCB info and QE identity say, as Intel's quote
/// verification library does ("QVL" and the number in its comments).
/// @dev Takes contents that the store has committed to, whose form its parsers have checked.
library TcbLevels {
    uint256 private constant MISC_MASK = 4;
    uint256 private constant ATTRIBUTES = 8;
    uint256 private constant ATTRIBUTES_MASK = 24;
    uint256 private constant MRSIGNER = 40;
    uint256 private constant ISVPRODID = 72;
    uint256 private constant QE_LEVELS = 74;
    uint256 private constant QE_LEVEL_SIZE = 3;

    /// @dev Masks of every second byte of the 16 component SVNs, and of a bit above each.
    uint256 private constant EVEN = 0x00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant CARRIES = 0x01000100010001000100010001000100;

    /// @notice Returns the status of the first TCB level whose SVNs a platform all reaches (QVL 4.1.2.4.17).
    /// @param levels `TcbInfo.levels`.
    /// @param components The platform's 16 component SVNs.
    /// @param pceSvn The platform's PCESVN.
    /// @return status The status; `None` if the platform reaches no level.
    function statusOfPlatform(
        bytes memory levels,
        bytes16 components,
        uint256 pceSvn
    ) internal pure returns (TcbStatus status) {
        uint256 value;
        assembly ("memory-safe") {
            // Bytes are compared side by side, each below a bit from which a negative difference borrows.
            let svns := shr(128, components)
            let even := or(and(svns, EVEN), CARRIES)
            let odd := or(and(shr(8, svns), EVEN), CARRIES)
            let level := add(levels, 0x20)
            for {
                let end := add(level, mload(levels))
            } lt(level, end) {
                level := add(level, 0x20)
            } {
                let word := mload(level)
                let least := shr(128, word)
                let reached := and(sub(even, and(least, EVEN)), sub(odd, and(shr(8, least), EVEN)))
                if and(eq(and(reached, CARRIES), CARRIES), iszero(lt(pceSvn, and(shr(112, word), 0xffff)))) {
                    value := and(shr(104, word), 0xff)
                    break
                }
            }
        }
        status = TcbStatus(value);
    }

    /// @notice Returns whether a QE is the one that a QE identity describes: MISCSELECT and ATTRIBUTES under their
    /// masks, MRSIGNER and ISVPRODID (QVL 4.1.2.9.5 to 4.1.2.9.9).
    /// @param qeIdentity `QeIdentity.contents`.
    /// @param qeFacts MISCSELECT, ATTRIBUTES, MRSIGNER, ISVPRODID, ISVSVN of the QE's report, 56 bytes.
    /// @return Whether it is.
    function isQe(bytes memory qeIdentity, bytes memory qeFacts) internal pure returns (bool) {
        uint256 facts = _wordAt(qeFacts, 0);
        uint256 misc = (facts & _wordAt(qeIdentity, MISC_MASK)) ^ _wordAt(qeIdentity, 0);
        uint256 attributes = ((facts << 32) & _wordAt(qeIdentity, ATTRIBUTES_MASK)) ^ _wordAt(qeIdentity, ATTRIBUTES);
        return
            misc >> 224 == 0 &&
            attributes >> 128 == 0 &&
            _wordAt(qeFacts, 20) == _wordAt(qeIdentity, MRSIGNER) &&
            _littleEndian(_wordAt(qeFacts, 52) >> 240) == _wordAt(qeIdentity, ISVPRODID) >> 240;
    }

    /// @notice Returns the status of the first level of a QE identity that the QE's ISVSVN reaches (QVL 4.1.2.9.11).
    /// @param qeIdentity `QeIdentity.contents`.
    /// @param qeFacts The facts as in {isQe}.
    /// @return The status; `None` if the QE reaches no level.
    function statusOfQe(bytes memory qeIdentity, bytes memory qeFacts) internal pure returns (TcbStatus) {
        uint256 isvSvn = isvSvnOf(qeFacts);
        for (uint256 offset = QE_LEVELS; offset < qeIdentity.length; offset += QE_LEVEL_SIZE) {
            uint256 level = _wordAt(qeIdentity, offset);
            if (isvSvn >= level >> 240) return TcbStatus((level >> 232) & 0xff);
        }
        return TcbStatus.None;
    }

    /// @notice Returns the ISVSVN among a QE's facts.
    /// @param qeFacts The facts as in {isQe}.
    /// @return The ISVSVN.
    function isvSvnOf(bytes memory qeFacts) internal pure returns (uint16) {
        return uint16(_littleEndian((_wordAt(qeFacts, 54)) >> 240));
    }

    /// @notice Returns the status of a platform together with its QE's: an outdated QE makes a platform at best out of
    /// date and keeps its need of configuration; a revoked QE revokes it (QVL, `TcbLevelCheck.cpp`).
    /// @param platform The platform's status.
    /// @param qe The QE's status: `UpToDate`, `OutOfDate` or `Revoked`.
    /// @return The converged status.
    function converge(TcbStatus platform, TcbStatus qe) internal pure returns (TcbStatus) {
        if (qe == TcbStatus.Revoked) return qe;
        if (qe == TcbStatus.UpToDate || platform >= TcbStatus.OutOfDate) return platform;
        return platform >= TcbStatus.ConfigurationNeeded ? TcbStatus.OutOfDateConfigurationNeeded : TcbStatus.OutOfDate;
    }

    /// @dev The 32 bytes at an offset; callers shift or mask away what lies beyond the end.
    function _wordAt(bytes memory data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }

    function _littleEndian(uint256 value) private pure returns (uint256) {
        return (value >> 8) | ((value & 0xff) << 8);
    }
}
