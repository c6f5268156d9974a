// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {CalldataBytes} from "./CalldataBytes.sol";

/// @title DcapEvidence
/// @notice Finds the fields of packed evidence, in the form that {IDcapVerifier} describes: every length must be
/// correct, and nothing may follow.
/// @dev Positions are absolute in calldata, so that fields can be read where they are.
library DcapEvidence {
    /// @notice The kinds of evidence.
    uint256 internal constant CACHED = 0;
    uint256 internal constant KNOWN = 1;
    uint256 internal constant NEW = 2;

    /// @notice Where the fields are that all kinds have, counted from the evidence's beginning. The signed ones lie
    /// between {SIGNED} and {SIGNATURE}.
    uint256 internal constant NUMBER = 1;
    uint256 internal constant SIGNED = 3;
    uint256 internal constant LAUNCH = 43;
    uint256 internal constant MRENCLAVE = 63;
    uint256 internal constant MRSIGNER = 95;
    uint256 internal constant ISVPRODID = 127;
    uint256 internal constant SIGNATURE = 131;
    uint256 internal constant ATTESTATION_KEY = 195;
    /// @notice Where the fields of `Cached` are.
    uint256 internal constant LEAF_ID = 275;
    uint256 internal constant LEAF_TAIL = 307;
    /// @notice Bytes of leaf id and tail, which are hashed together.
    uint256 internal constant LEAF_NAME_SIZE = 78;
    /// @notice Bytes of attestation key and QE id, which are hashed together and lie together in `Cached`.
    uint256 internal constant KEY_NAME_SIZE = 80;
    /// @notice Bytes of an attestation key.
    uint256 internal constant KEY_SIZE = 64;
    /// @notice Bytes of `Cached`.
    uint256 internal constant CACHED_SIZE = 353;

    uint256 private constant COMMON_SIZE = 259;
    uint256 private constant REPORT_SIZE = 104;
    uint256 private constant SIGNATURE_SIZE = 64;
    uint256 private constant QE_FACTS_SIZE = 56;
    uint256 private constant SERIAL_SIZE = 20;
    uint256 private constant SIBLINGS_SIZE = 128;
    uint256 private constant LEVEL_SIZE = 32;
    uint256 private constant LEAF_SIZE = 148;

    /// @notice Contents of collateral as evidence supplies them.
    /// @param bucket Where the serial numbers of the leaf's bucket are.
    /// @param bucketSize How many bytes they have.
    /// @param siblings Where the bucket's siblings are.
    /// @param levels `TcbInfo.levels`.
    /// @param qeIdentity `QeIdentity.contents`.
    struct Contents {
        uint256 bucket;
        uint256 bucketSize;
        uint256 siblings;
        bytes levels;
        bytes qeIdentity;
    }

    /// @notice What certifies an attestation key.
    /// @param qeReport Where the QE's report is, 104 bytes.
    /// @param auth Where the QE's authentication data are.
    /// @param authSize How many bytes they have.
    /// @param qeSignature Where the signature of the QE's report is.
    /// @param contents The collateral's contents.
    /// @param caGeneration Which key of its CA signed the certificate of a new leaf.
    /// @param leaf Where the leaf is: its facts, or its certificate.
    /// @param leafSize How many bytes it has.
    struct Proof {
        uint256 qeReport;
        uint256 auth;
        uint256 authSize;
        uint256 qeSignature;
        Contents contents;
        uint8 caGeneration;
        uint256 leaf;
        uint256 leafSize;
    }

    /// @notice Evidence for another look at an attestation.
    /// @param evaluationNumber The tcbEvaluationDataNumber by which it was judged.
    /// @param attestationKey Where the attestation key is.
    /// @param qeFacts The 56 bytes of a QE's report that a QE identity judges.
    /// @param contents The collateral's contents now.
    /// @param leaf Where the leaf's facts are.
    struct Recheck {
        uint16 evaluationNumber;
        uint256 attestationKey;
        bytes qeFacts;
        Contents contents;
        uint256 leaf;
    }

    /// @dev What is still to be read.
    struct Rest {
        uint256 position;
        uint256 end;
        uint256 size;
    }

    /// @notice Returns the kind of evidence for a verification, after checking that the fields that all kinds have are
    /// there.
    /// @dev Errors: {IDcapVerifier-DcapVerifierMalformed}.
    /// @param evidence The evidence.
    /// @return kind Its kind.
    /// @return start Where the evidence begins.
    function enter(bytes calldata evidence) internal pure returns (uint256 kind, uint256 start) {
        if (evidence.length < COMMON_SIZE) _refuse(evidence.length);
        start = CalldataBytes.startOf(evidence);
        kind = CalldataBytes.uint8At(start);
        if (kind == CACHED ? evidence.length != CACHED_SIZE : kind > NEW) _refuse(evidence.length);
    }

    /// @notice Reads the rest of `Known` and `New`.
    /// @dev Errors: {IDcapVerifier-DcapVerifierMalformed}.
    /// @param evidence The evidence.
    /// @param kind {KNOWN} or {NEW}.
    /// @return proof What it contains.
    function readProof(bytes calldata evidence, uint256 kind) internal pure returns (Proof memory proof) {
        Rest memory rest = _restOf(evidence);
        _take(rest, COMMON_SIZE);
        proof.qeReport = _take(rest, REPORT_SIZE);
        (proof.auth, proof.authSize) = _takeSized(rest);
        proof.qeSignature = _take(rest, SIGNATURE_SIZE);
        _readContents(rest, proof.contents);
        if (kind == NEW) {
            proof.caGeneration = CalldataBytes.uint8At(_take(rest, 1));
            (proof.leaf, proof.leafSize) = _takeSized(rest);
        } else {
            (proof.leaf, proof.leafSize) = (_take(rest, LEAF_SIZE), LEAF_SIZE);
        }
        _finish(rest);
    }

    /// @notice Reads the evidence of {IAttestationVerifier-recheck}.
    /// @dev Errors: {IDcapVerifier-DcapVerifierMalformed}.
    /// @param evidence The evidence.
    /// @return recheck What it contains.
    function readRecheck(bytes calldata evidence) internal pure returns (Recheck memory recheck) {
        Rest memory rest = _restOf(evidence);
        recheck.evaluationNumber = CalldataBytes.uint16At(_take(rest, 2));
        recheck.attestationKey = _take(rest, KEY_SIZE);
        recheck.qeFacts = CalldataBytes.slice(_take(rest, QE_FACTS_SIZE), QE_FACTS_SIZE);
        _readContents(rest, recheck.contents);
        recheck.leaf = _take(rest, LEAF_SIZE);
        _finish(rest);
    }

    /// @notice Reads the evidence of {IQuoteJudge-review}.
    /// @dev Errors: {IDcapVerifier-DcapVerifierMalformed}.
    /// @param evidence The evidence.
    /// @return contents What it contains.
    function readReview(bytes calldata evidence) internal pure returns (Contents memory contents) {
        Rest memory rest = _restOf(evidence);
        _readContents(rest, contents);
        _finish(rest);
    }

    /// @dev Fills the struct that its caller allocated.
    function _readContents(Rest memory rest, Contents memory contents) private pure {
        contents.bucketSize = uint256(CalldataBytes.uint16At(_take(rest, 2))) * SERIAL_SIZE;
        contents.bucket = _take(rest, contents.bucketSize);
        contents.siblings = _take(rest, SIBLINGS_SIZE);
        uint256 size = uint256(CalldataBytes.uint8At(_take(rest, 1))) * LEVEL_SIZE;
        contents.levels = CalldataBytes.slice(_take(rest, size), size);
        (uint256 identity, uint256 identitySize) = _takeSized(rest);
        contents.qeIdentity = CalldataBytes.slice(identity, identitySize);
    }

    function _restOf(bytes calldata evidence) private pure returns (Rest memory) {
        uint256 start = CalldataBytes.startOf(evidence);
        return Rest({position: start, end: start + evidence.length, size: evidence.length});
    }

    function _take(Rest memory rest, uint256 size) private pure returns (uint256 position) {
        position = rest.position;
        // Counts and lengths are of two bytes at most, so no sum overflows.
        unchecked {
            if (position + size > rest.end) _refuse(rest.size);
            rest.position = position + size;
        }
    }

    function _takeSized(Rest memory rest) private pure returns (uint256 position, uint256 size) {
        size = CalldataBytes.uint16At(_take(rest, 2));
        position = _take(rest, size);
    }

    function _finish(Rest memory rest) private pure {
        if (rest.position != rest.end) _refuse(rest.size);
    }

    function _refuse(uint256 size) private pure {
        revert IDcapVerifier.DcapVerifierMalformed(size);
    }
}
