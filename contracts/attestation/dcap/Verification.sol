// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {CalldataBytes} from "./CalldataBytes.sol";
import {DcapEvidence} from "./DcapEvidence.sol";
import {DcapNames} from "./DcapNames.sol";
import {P256} from "../formats/P256.sol";
import {Leaf, PckLeaf} from "./PckLeaf.sol";
import {QuoteBytes} from "./QuoteBytes.sol";
import {ShownContents} from "./ShownContents.sol";
import {TcbLevels} from "./TcbLevels.sol";
import {Certificate} from "../formats/X509.sol";
import {Attestation, TcbStatus} from "../../types/Attestation.sol";
import {Collateral, PckCa} from "../../types/Collateral.sol";
import {LeafSlots} from "./LeafSlots.sol";
import {QuoteReader} from "./QuoteReader.sol";

/// @title Verification
/// @notice Verifies quotes under what the store holds: the checks of `verifyQuote` in src/sgx/verifyQuote.ts from the
/// header on.
abstract contract Verification is LeafSlots, QuoteReader {
    /// @inheritdoc IAttestationVerifier
    function verify(
        bytes calldata evidence,
        bytes32 reportData
    ) external override returns (Attestation memory attestation, bytes32 subject) {
        (uint256 kind, uint256 start) = DcapEvidence.enter(evidence);
        subject =
            kind == DcapEvidence.CACHED ? _recall(attestation, start) : _certify(attestation, evidence, kind, start);
        _checkQuote(attestation, start, reportData);
        // The compiler would answer the same, but clean and copy each field; in memory the fields have the encoding
        // already.
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mcopy(answer, attestation, 0x140)
            mstore(add(answer, 0x140), subject)
            return(answer, 0x160)
        }
    }

    /// @dev `Cached`: recalls a leaf as it was judged before, with this attestation key and under contents that are
    /// still in force.
    function _recall(Attestation memory attestation, uint256 start) private view returns (bytes32 subject) {
        // All sums are positions in calldata, so nothing overflows.
        unchecked {
            uint16 number = CalldataBytes.uint16At(start + DcapEvidence.NUMBER);
            (bytes6 fmspc, bytes2 pceId, uint32 notAfter, PckCa ca, uint8 caGeneration, bytes32 platformId) = PckLeaf
                .readTail(start + DcapEvidence.LEAF_TAIL, DcapEvidence.CACHED_SIZE);
            _checkEnd(notAfter);
            Collateral memory collateral = _collateralFor(ca, caGeneration, fmspc, pceId, number);
            bytes32 key = CalldataBytes.hashAt(start + DcapEvidence.LEAF_ID, DcapEvidence.LEAF_NAME_SIZE);
            // The QE id follows the attestation key.
            bytes32 keyTag = CalldataBytes.hashAt(start + DcapEvidence.ATTESTATION_KEY, DcapEvidence.KEY_NAME_SIZE);

            bytes32 slot = _slotOf(key);
            if (slot == 0 || (slot >> 32) << 32 != _tagsOf(keyTag, collateral, number)) {
                revert DcapVerifierUnknownLeaf(key);
            }
            _attest(attestation, platformId, fmspc, notAfter, collateral.validUntil, _statusOf(slot));
            return DcapNames.subject(key, keyTag, number);
        }
    }

    /// @dev `Known` and `New`: judges the leaf, checks what it certifies, and keeps the result.
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
        TcbStatus status = TcbLevels.converge(platformStatus, qeStatus);
        _attest(attestation, leaf.platformId, leaf.fmspc, leaf.notAfter, collateral.validUntil, status);

        bytes memory packed = PckLeaf.pack(leaf);
        bytes32 key = PckLeaf.keyOf(packed);
        bytes32 keyTag = DcapNames.keyTag(attestationKey, qeFacts);
        _keep(key, _tagsOf(keyTag, collateral, number), platformStatus, qeStatus);
        emit PckJudged({
            key: key,
            platformId: leaf.platformId,
            evaluationNumber: number,
            leaf: packed,
            quoting: bytes.concat(CalldataBytes.slice(attestationKey, DcapEvidence.KEY_SIZE), qeFacts)
        });
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
        leaf.caGeneration = proof.caGeneration;
        collateral = _collateralFor(leaf.ca, leaf.caGeneration, leaf.fmspc, leaf.pceId, number);
        (bytes32 x, bytes32 y) = store.caKeyOf(leaf.ca, leaf.caGeneration);
        if (!PckLeaf.isSignedBy(certificate, x, y)) revert DcapVerifierWrongPckSignature();
    }

    /// @dev Reads the facts of a PCK certificate that was kept before.
    function _readKnown(
        DcapEvidence.Proof memory proof,
        uint16 number,
        uint256 size
    ) private view returns (Leaf memory leaf, Collateral memory collateral) {
        leaf = PckLeaf.readFacts(proof.leaf, size);
        _checkEnd(leaf.notAfter);
        collateral = _collateralFor(leaf.ca, leaf.caGeneration, leaf.fmspc, leaf.pceId, number);
        bytes32 key = PckLeaf.keyOf(PckLeaf.pack(leaf));
        if (_slotOf(key) == 0) revert DcapVerifierUnknownLeaf(key);
    }

    /// @dev Returns the collateral for a leaf's platform, which must hold now.
    function _collateralFor(
        PckCa ca,
        uint8 caGeneration,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) private view returns (Collateral memory collateral) {
        address target = address(store);
        bytes4 selector = ICollateralStore.collateralOf.selector;
        // The compiler would ask the same, but check and copy each field; the store is this contract's own.
        assembly ("memory-safe") {
            let question := mload(0x40)
            mstore(question, selector)
            mstore(add(question, 0x04), ca)
            mstore(add(question, 0x24), caGeneration)
            mstore(add(question, 0x44), fmspc)
            mstore(add(question, 0x64), pceId)
            mstore(add(question, 0x84), evaluationNumber)
            // It fails only for lack of gas.
            if iszero(staticcall(gas(), target, question, 0xa4, collateral, 0x80)) {
                revert(0, 0)
            }
        }
        if (block.timestamp > collateral.validUntil) {
            revert DcapVerifierCollateralLapsed(fmspc, pceId, evaluationNumber, collateral.validUntil);
        }
    }

    /// @dev Checks that the QE's report is about this attestation key, and that the leaf's key signed it.
    function _checkQeSignature(Leaf memory leaf, DcapEvidence.Proof memory proof, uint256 attestationKey) private view {
        bytes32 vouched = QuoteBytes.hashKey(attestationKey, proof.auth, proof.authSize);
        bytes32 digest = QuoteBytes.digestReport(proof.qeReport, vouched);
        bytes32 r = CalldataBytes.wordAt(proof.qeSignature);
        bytes32 s = CalldataBytes.wordAt(proof.qeSignature + 32);
        if (!P256.verify(digest, r, s, leaf.x, leaf.y)) revert DcapVerifierWrongQeSignature();
    }

    /// @dev Checks the quote's own part: its signature, and the fields of its report.
    function _checkQuote(Attestation memory attestation, uint256 start, bytes32 reportData) private view {
        bytes32 digest;
        // As in {_recall}.
        unchecked {
            (digest, attestation.quoteHash) = QuoteBytes.hashSigned(start + DcapEvidence.SIGNED, reportData);
            uint256 signature = start + DcapEvidence.SIGNATURE;
            bytes32 r = CalldataBytes.wordAt(signature);
            bytes32 s = CalldataBytes.wordAt(signature + 32);
            bytes32 x = CalldataBytes.wordAt(signature + 64);
            bytes32 y = CalldataBytes.wordAt(signature + 96);
            if (!P256.verify(digest, r, s, x, y)) revert DcapVerifierWrongQuoteSignature();
            bytes20 launch = bytes20(CalldataBytes.wordAt(start + DcapEvidence.LAUNCH));
            if (QuoteBytes.isForbidden(launch)) revert DcapVerifierForbiddenLaunch(launch);
            attestation.launch = launch;
            attestation.mrEnclave = CalldataBytes.wordAt(start + DcapEvidence.MRENCLAVE);
            attestation.mrSigner = CalldataBytes.wordAt(start + DcapEvidence.MRSIGNER);
            (attestation.isvProdId, attestation.isvSvn) = QuoteBytes.isvNumbers(start + DcapEvidence.ISVPRODID);
        }
    }

    function _checkEnd(uint256 notAfter) private view {
        if (block.timestamp > notAfter) revert DcapVerifierPckNotValidNow(0, notAfter);
    }

    /// @dev Returns the statuses of platform and QE, neither of which may be revoked.
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

    /// @dev Fills in what an attestation says about its platform.
    function _attest(
        Attestation memory attestation,
        bytes32 platformId,
        bytes6 fmspc,
        uint64 pckEnd,
        uint64 collateralEnd,
        TcbStatus status
    ) private pure {
        attestation.platformId = platformId;
        attestation.fmspc = fmspc;
        attestation.tcbStatus = status;
        attestation.validUntil = pckEnd < collateralEnd ? pckEnd : collateralEnd;
    }

    /// @dev The converged status of a leaf that was judged before.
    function _statusOf(bytes32 slot) private pure returns (TcbStatus) {
        (TcbStatus platformStatus, TcbStatus qeStatus) = _statusesOf(slot);
        return TcbLevels.converge(platformStatus, qeStatus);
    }
}
