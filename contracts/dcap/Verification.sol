// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {CalldataBytes} from "../libraries/CalldataBytes.sol";
import {DcapEvidence} from "../libraries/DcapEvidence.sol";
import {DcapNames} from "../libraries/DcapNames.sol";
import {P256} from "../libraries/P256.sol";
import {Leaf, PckLeaf} from "../libraries/PckLeaf.sol";
import {QuoteBytes} from "../libraries/QuoteBytes.sol";
import {ShownContents} from "../libraries/ShownContents.sol";
import {TcbLevels} from "../libraries/TcbLevels.sol";
import {Certificate} from "../libraries/X509.sol";
import {Attestation, TcbStatus} from "../types/Attestation.sol";
import {Collateral} from "../types/Collateral.sol";
import {LeafSlots} from "./LeafSlots.sol";
import {WholeQuotes} from "./WholeQuotes.sol";

/// @title Verification
/// @notice Verifies quotes under what the store holds: the checks of `verifyQuote` in src/sgx/verifyQuote.ts from the header on.
abstract contract Verification is LeafSlots, WholeQuotes {
    /// @inheritdoc IAttestationVerifier
    function verify(
        bytes calldata evidence,
        bytes32 reportData
    ) external override returns (Attestation memory attestation, bytes32 subject) {
        (uint256 kind, uint256 start) = DcapEvidence.enter(evidence);
        subject =
            kind == DcapEvidence.CACHED ? _recall(attestation, start) : _certify(attestation, evidence, kind, start);
        _checkQuote(attestation, start, reportData);
    }

    /// @dev `Cached`: the leaf as it was judged before, with this attestation key and under what is still said of it.
    function _recall(Attestation memory attestation, uint256 start) private view returns (bytes32 subject) {
        uint16 number = CalldataBytes.uint16At(start + DcapEvidence.NUMBER);
        Leaf memory leaf;
        PckLeaf.readTail(leaf, start + DcapEvidence.LEAF_TAIL, DcapEvidence.CACHED_SIZE);
        _checkEnd(leaf);
        Collateral memory collateral = _collateralFor(leaf, number);
        bytes32 key = CalldataBytes.hashAt(start + DcapEvidence.LEAF_ID, DcapEvidence.LEAF_NAME_SIZE);
        // The QE id stands behind the attestation key.
        bytes32 keyTag = CalldataBytes.hashAt(start + DcapEvidence.ATTESTATION_KEY, DcapEvidence.KEY_NAME_SIZE);

        bytes32 slot = _slotOf(key);
        if (
            slot == 0 ||
            (slot >> 32) << 32 != _tagsOf(keyTag, collateral, number) ||
            leaf.caGeneration != collateral.caGeneration
        ) revert DcapVerifierUnknownLeaf(key);
        (TcbStatus platformStatus, TcbStatus qeStatus) = _statusesOf(slot);
        _attest(attestation, leaf, collateral, TcbLevels.converge(platformStatus, qeStatus));
        return DcapNames.subject(key, keyTag, number);
    }

    /// @dev `Known` and `New`: judges the leaf, checks what it certifies, and keeps both.
    function _certify(
        Attestation memory attestation,
        bytes calldata evidence,
        uint256 kind,
        uint256 start
    ) private returns (bytes32 subject) {
        uint16 number = CalldataBytes.uint16At(start + DcapEvidence.NUMBER);
        DcapEvidence.Proof memory proof = DcapEvidence.readProof(evidence, kind);
        (Leaf memory leaf, Collateral memory collateral) = kind == DcapEvidence.NEW
            ? _readNew(proof, number)
            : _readKnown(proof, number, evidence.length);
        if (ShownContents.isListed(proof.contents, leaf.serial, collateral.revocations)) {
            revert DcapVerifierPckRevoked(leaf.serial);
        }
        bytes memory qeFacts = QuoteBytes.qeFactsAt(proof.qeReport);
        uint256 attestationKey = start + DcapEvidence.ATTESTATION_KEY;
        _checkQeSignature(leaf, proof, attestationKey);
        (TcbStatus platformStatus, TcbStatus qeStatus) = _statuses(leaf, proof.contents, collateral, qeFacts);
        _attest(attestation, leaf, collateral, TcbLevels.converge(platformStatus, qeStatus));

        bytes32 key = PckLeaf.keyOf(leaf);
        bytes32 keyTag = DcapNames.keyTag(attestationKey, qeFacts);
        _keep(leaf, key, _tagsOf(keyTag, collateral, number), platformStatus, qeStatus);
        return DcapNames.subject(key, keyTag, number);
    }

    /// @dev Reads a PCK certificate, which its CA must have signed.
    function _readNew(
        DcapEvidence.Proof memory proof,
        uint16 number
    ) private view returns (Leaf memory leaf, Collateral memory collateral) {
        Certificate memory certificate;
        (leaf, certificate) = PckLeaf.readCertificate(CalldataBytes.slice(proof.leaf, proof.leafSize));
        (uint256 from, uint256 to) = (certificate.notBefore, certificate.notAfter);
        if (block.timestamp < from || block.timestamp > to) revert DcapVerifierPckNotValidNow(from, to);
        collateral = _collateralFor(leaf, number);
        (bytes32 x, bytes32 y) = store.caKeyOf(leaf.ca);
        if (!PckLeaf.isSignedBy(certificate, x, y)) revert DcapVerifierWrongPckSignature();
        leaf.caGeneration = collateral.caGeneration;
    }

    /// @dev Reads what was kept of a PCK certificate, which the key that its CA has now must have signed.
    function _readKnown(
        DcapEvidence.Proof memory proof,
        uint16 number,
        uint256 size
    ) private view returns (Leaf memory leaf, Collateral memory collateral) {
        leaf = PckLeaf.readFacts(proof.leaf, size);
        _checkEnd(leaf);
        collateral = _collateralFor(leaf, number);
        bytes32 key = PckLeaf.keyOf(leaf);
        if (_slotOf(key) == 0 || leaf.caGeneration != collateral.caGeneration) revert DcapVerifierUnknownLeaf(key);
    }

    /// @dev The collateral for a leaf's platform, which must hold now.
    function _collateralFor(Leaf memory leaf, uint16 number) private view returns (Collateral memory collateral) {
        collateral = store.collateralOf(leaf.ca, leaf.fmspc, leaf.pceId, number);
        if (block.timestamp > collateral.validUntil) {
            revert DcapVerifierCollateralLapsed(leaf.fmspc, leaf.pceId, number, collateral.validUntil);
        }
    }

    /// @dev The QE's report: about this attestation key, and signed by the leaf's.
    function _checkQeSignature(Leaf memory leaf, DcapEvidence.Proof memory proof, uint256 attestationKey) private view {
        bytes32 vouched = QuoteBytes.hashKey(attestationKey, proof.auth, proof.authSize);
        bytes32 digest = QuoteBytes.digestReport(proof.qeReport, vouched);
        bytes32 r = CalldataBytes.wordAt(proof.qeSignature);
        bytes32 s = CalldataBytes.wordAt(proof.qeSignature + 32);
        if (!P256.verify(digest, r, s, leaf.x, leaf.y)) revert DcapVerifierWrongQeSignature();
    }

    /// @dev What is the quote's own: its signature, and the fields of its report.
    function _checkQuote(Attestation memory attestation, uint256 start, bytes32 reportData) private view {
        bytes32 digest;
        (digest, attestation.quoteHash) = QuoteBytes.hashSigned(start + DcapEvidence.SIGNED, reportData);
        uint256 signature = start + DcapEvidence.SIGNATURE;
        bytes32 r = CalldataBytes.wordAt(signature);
        bytes32 s = CalldataBytes.wordAt(signature + 32);
        bytes32 x = CalldataBytes.wordAt(signature + 64);
        bytes32 y = CalldataBytes.wordAt(signature + 96);
        if (!P256.verify(digest, r, s, x, y)) revert DcapVerifierWrongQuoteSignature();
        bytes16 attributes = bytes16(CalldataBytes.wordAt(start + DcapEvidence.ATTRIBUTES));
        if (QuoteBytes.isForbidden(attributes)) revert DcapVerifierForbiddenAttributes(attributes);
        attestation.mrEnclave = CalldataBytes.wordAt(start + DcapEvidence.MRENCLAVE);
        attestation.mrSigner = CalldataBytes.wordAt(start + DcapEvidence.MRSIGNER);
        (attestation.isvProdId, attestation.isvSvn) = QuoteBytes.isvNumbers(start + DcapEvidence.ISVPRODID);
    }

    function _checkEnd(Leaf memory leaf) private view {
        if (block.timestamp > leaf.notAfter) revert DcapVerifierPckNotValidNow(0, leaf.notAfter);
    }

    /// @dev The statuses of platform and QE, neither revoked.
    function _statuses(
        Leaf memory leaf,
        DcapEvidence.Contents memory contents,
        Collateral memory collateral,
        bytes memory qeFacts
    ) private pure returns (TcbStatus platformStatus, TcbStatus qeStatus) {
        bytes memory qeIdentity = ShownContents.qeIdentity(contents, collateral.qeIdentity);
        if (!TcbLevels.isQe(qeIdentity, qeFacts)) revert DcapVerifierWrongQe();
        qeStatus = TcbLevels.statusOfQe(qeIdentity, qeFacts);
        if (qeStatus == TcbStatus.None) revert DcapVerifierQeUnsupported(TcbLevels.isvSvnOf(qeFacts));
        platformStatus = TcbLevels.statusOfPlatform(
            ShownContents.levels(contents, collateral.tcbLevels),
            leaf.components,
            leaf.pceSvn
        );
        if (platformStatus == TcbStatus.None) revert DcapVerifierTcbUnsupported();
        if (platformStatus == TcbStatus.Revoked || qeStatus == TcbStatus.Revoked) revert DcapVerifierRevoked();
    }

    /// @dev What an attestation says of its platform.
    function _attest(
        Attestation memory attestation,
        Leaf memory leaf,
        Collateral memory collateral,
        TcbStatus status
    ) private pure {
        attestation.platformId = leaf.platformId;
        attestation.fmspc = leaf.fmspc;
        attestation.tcbStatus = status;
        attestation.validUntil = leaf.notAfter < collateral.validUntil ? leaf.notAfter : collateral.validUntil;
    }
}
