// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CalldataAbi} from "./CalldataAbi.sol";
import {TcbStatus} from "../../types/Attestation.sol";
import {PckCa} from "../../types/Collateral.sol";

/// @title QuorumEvidence
/// @notice Checks the encodings that the quorum verifier reads in place: its `Vouching`, its `Dispute`, and a quote to
/// review.
/// @dev The first two begin with the ten words of an `Attestation` and the five of a `CollateralBasis`; the offsets to the dynamic
/// members follow.
library QuorumEvidence {
    using CalldataAbi for bytes;

    uint256 private constant WORD = 0x20;
    uint256 private constant VOUCHING_HEAD = 16 * WORD;
    uint256 private constant DISPUTE_HEAD = 18 * WORD;

    /// @notice Finds the struct in an `abi.encode(Vouching)`, and its signatures.
    /// @dev The single signatures are left to whoever checks them. Errors: {CalldataAbi-CalldataAbiMalformed}.
    /// @param evidence The encoding.
    /// @return position The struct's position, absolute in calldata.
    /// @return first The position of the signatures' offsets, right after their count.
    /// @return count How many signatures there are.
    function vouchingAt(
        bytes calldata evidence
    ) internal pure returns (uint256 position, uint256 first, uint256 count) {
        uint256 end;
        (position, end) = evidence.enter(VOUCHING_HEAD);
        _checkFacts(position);
        (first, count) = CalldataAbi.followArray(position, position + 15 * WORD, end, WORD);
    }

    /// @notice Returns `abi.encode(reportData, attestation, basis, signers)` of a vouching whose signatures
    /// have been checked.
    /// @param reportData The report data vouched for.
    /// @param position The `position` that {vouchingAt} returned.
    /// @param first The `first` that {vouchingAt} returned.
    /// @param count The `count` that {vouchingAt} returned.
    /// @return facts The encoding.
    function factsOf(
        bytes32 reportData,
        uint256 position,
        uint256 first,
        uint256 count
    ) internal pure returns (bytes memory facts) {
        assembly ("memory-safe") {
            facts := mload(0x40)
            let data := add(facts, 0x20)
            mstore(data, reportData)
            // The evidence has the attestation's ten words and the basis' five in the form that is needed here.
            calldatacopy(add(data, 0x20), position, 0x1e0)
            mstore(add(data, 0x200), 0x220)
            mstore(add(data, 0x220), count)
            let signer := add(data, 0x240)
            let end := add(first, shl(5, count))
            for {
                let entry := first
            } lt(entry, end) {
                entry := add(entry, 0x20)
                signer := add(signer, 0x20)
            } {
                mstore(signer, calldataload(add(first, calldataload(entry))))
            }
            mstore(facts, sub(signer, data))
            mstore(0x40, signer)
        }
    }

    /// @notice Finds the struct in a well-formed `abi.encode(Dispute)`.
    /// @dev Errors: {CalldataAbi-CalldataAbiMalformed}.
    /// @param evidence The encoding.
    /// @return position The struct's position, absolute in calldata.
    function disputeAt(bytes calldata evidence) internal pure returns (uint256 position) {
        uint256 end;
        (position, end) = evidence.enter(DISPUTE_HEAD);
        _checkFacts(position);
        (uint256 first, uint256 count) = CalldataAbi.followArray(position, position + 15 * WORD, end, WORD);
        for (uint256 i = 0; i < count; ++i) CalldataAbi.checkAtMost(first + i * WORD, type(uint160).max);
        CalldataAbi.followArray(position, position + 16 * WORD, end, 1);
        CalldataAbi.followArray(position, position + 17 * WORD, end, 1);
    }

    /// @notice Returns the members of a well-formed `abi.encode(bytes quote, bytes review)`.
    /// @dev Errors: {CalldataAbi-CalldataAbiMalformed}.
    /// @param evidence The encoding.
    /// @return quote The first member.
    /// @return review The second member.
    function reviewIn(bytes calldata evidence) internal pure returns (bytes calldata quote, bytes calldata review) {
        uint256 start;
        assembly ("memory-safe") {
            start := evidence.offset
        }
        if (evidence.length < 2 * WORD) revert CalldataAbi.CalldataAbiMalformed(start);
        uint256 end = start + evidence.length;
        (uint256 quoteAt, uint256 quoteLength) = CalldataAbi.followArray(start, start, end, 1);
        (uint256 reviewAt, uint256 reviewLength) = CalldataAbi.followArray(start, start + WORD, end, 1);
        assembly ("memory-safe") {
            quote.offset := quoteAt
            quote.length := quoteLength
            review.offset := reviewAt
            review.length := reviewLength
        }
    }

    /// @dev Checks the fields of an `Attestation` and the `CollateralBasis` behind it that do not fill their words.
    function _checkFacts(uint256 position) private pure {
        CalldataAbi.checkAtMost(position + 3 * WORD, type(uint16).max);
        CalldataAbi.checkAtMost(position + 4 * WORD, type(uint16).max);
        CalldataAbi.checkLeftAligned(position + 6 * WORD, 6);
        CalldataAbi.checkAtMost(position + 7 * WORD, uint8(type(TcbStatus).max));
        CalldataAbi.checkAtMost(position + 8 * WORD, type(uint64).max);
        CalldataAbi.checkLeftAligned(position + 9 * WORD, 20);
        CalldataAbi.checkAtMost(position + 11 * WORD, type(uint16).max);
        CalldataAbi.checkAtMost(position + 12 * WORD, uint8(type(PckCa).max));
        CalldataAbi.checkAtMost(position + 13 * WORD, type(uint40).max);
        CalldataAbi.checkAtMost(position + 14 * WORD, type(uint40).max);
    }
}
