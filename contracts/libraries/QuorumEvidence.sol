// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CalldataAbi} from "./CalldataAbi.sol";
import {TcbStatus} from "../types/Attestation.sol";

/// @title QuorumEvidence
/// @notice Checks the two encodings that the quorum verifier reads in place: its `Vouching` and its `Dispute`.
/// @dev Both begin with the nine words of an `Attestation` and the collateral hash; offsets to what is dynamic follow.
library QuorumEvidence {
    using CalldataAbi for bytes;

    uint256 private constant WORD = 0x20;
    uint256 private constant VOUCHING_HEAD = 11 * WORD;
    uint256 private constant DISPUTE_HEAD = 13 * WORD;

    /// @notice Where a well-formed `abi.encode(Vouching)` has its struct.
    /// @dev Errors: {CalldataAbi-CalldataAbiMalformed}.
    /// @param evidence The encoding.
    /// @return position The struct's absolute position in calldata.
    function vouchingAt(bytes calldata evidence) internal pure returns (uint256 position) {
        uint256 end;
        (position, end) = evidence.enter(VOUCHING_HEAD);
        _checkAttestation(position);
        (uint256 first, uint256 count) = CalldataAbi.followArray(position, position + 10 * WORD, end, WORD);
        for (uint256 i = 0; i < count; ++i) {
            uint256 entry = CalldataAbi.follow(first, first + i * WORD, end, 2 * WORD);
            CalldataAbi.checkAtMost(entry, type(uint160).max);
            CalldataAbi.followArray(entry, entry + WORD, end, 1);
        }
    }

    /// @notice Where a well-formed `abi.encode(Dispute)` has its struct.
    /// @dev Errors: {CalldataAbi-CalldataAbiMalformed}.
    /// @param evidence The encoding.
    /// @return position The struct's absolute position in calldata.
    function disputeAt(bytes calldata evidence) internal pure returns (uint256 position) {
        uint256 end;
        (position, end) = evidence.enter(DISPUTE_HEAD);
        _checkAttestation(position);
        (uint256 first, uint256 count) = CalldataAbi.followArray(position, position + 10 * WORD, end, WORD);
        for (uint256 i = 0; i < count; ++i) CalldataAbi.checkAtMost(first + i * WORD, type(uint160).max);
        CalldataAbi.followArray(position, position + 11 * WORD, end, 1);
        CalldataAbi.followArray(position, position + 12 * WORD, end, 1);
    }

    /// @dev The fields of an `Attestation` that do not fill their words.
    function _checkAttestation(uint256 position) private pure {
        CalldataAbi.checkAtMost(position + 3 * WORD, type(uint16).max);
        CalldataAbi.checkAtMost(position + 4 * WORD, type(uint16).max);
        CalldataAbi.checkLeftAligned(position + 6 * WORD, 6);
        CalldataAbi.checkAtMost(position + 7 * WORD, uint8(type(TcbStatus).max));
        CalldataAbi.checkAtMost(position + 8 * WORD, type(uint64).max);
    }
}
