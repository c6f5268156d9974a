// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {Crl} from "./RevocationList.sol";
import {Certificate} from "../formats/X509.sol";
import {CollateralContents, CollateralDocuments} from "../../types/Collateral.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title CollateralValidation
/// @notice Verifies a whole set of documents at once, without clock or storage: it accepts a set if and only if
/// `verifyCollateral` in src/sgx/verifyCollateral.ts accepts it at some time.
abstract contract CollateralValidation is SignedDocuments {
    uint256 private constant SIGNATURE_BYTES = 64;

    /// @inheritdoc ICollateralStore
    function validate(
        CollateralDocuments calldata documents
    ) external view override returns (CollateralContents memory contents) {
        Crl memory rootCrl = _readCrlOf(documents.rootCrl, IntelNames.ROOT, _rootKey());
        (contents.rootCrlIssuedAt, contents.validUntil) = (uint64(rootCrl.thisUpdate), uint64(rootCrl.nextUpdate));
        uint256 validFrom = _later(rootCrl.thisUpdate, _validatePckCa(documents, rootCrl.revoked, contents));
        (Key memory signer, uint256 signerFrom) = _validateSigner(documents.tcbSigning, rootCrl.revoked, contents);
        validFrom = _later(_later(validFrom, signerFrom), _validateTexts(documents, signer, contents));
        if (validFrom > contents.validUntil) revert CollateralStoreNotValidNow(validFrom, contents.validUntil);
    }

    /// @dev Reads the PCK CA's certificate and list. Returns from when both hold.
    function _validatePckCa(
        CollateralDocuments calldata documents,
        uint256[] memory revoked,
        CollateralContents memory contents
    ) private view returns (uint256 validFrom) {
        (, Certificate memory certificate) = _readIssuer(documents.pckCa);
        contents.ca = _caOf(certificate.subject);
        _checkNotListed(certificate.serial, revoked);
        Key memory key = Key(certificate.x, certificate.y);
        Crl memory crl = _readCrlOf(documents.pckCrl, certificate.subject, key);
        (contents.caKeyX, contents.caKeyY, contents.revoked) = (key.x, key.y, crl.revoked);
        contents.pckCrlIssuedAt = uint64(crl.thisUpdate);
        _endBy(contents, certificate.notAfter);
        _endBy(contents, crl.nextUpdate);
        return _later(certificate.notBefore, crl.thisUpdate);
    }

    /// @dev Reads the TCB Signing certificate. Returns its key, and from when it holds.
    function _validateSigner(
        bytes calldata der,
        uint256[] memory revoked,
        CollateralContents memory contents
    ) private view returns (Key memory key, uint256 validFrom) {
        (Role role, Certificate memory certificate) = _readIssuer(der);
        if (role != Role.TcbSigning) revert CollateralStoreUnknownName(certificate.subject);
        _checkNotListed(certificate.serial, revoked);
        _endBy(contents, certificate.notAfter);
        return (Key(certificate.x, certificate.y), certificate.notBefore);
    }

    /// @dev Reads TCB info and QE identity, which must be of one set. Returns from when both hold.
    function _validateTexts(
        CollateralDocuments calldata documents,
        Key memory signer,
        CollateralContents memory contents
    ) private view returns (uint256 validFrom) {
        (bytes32 r, bytes32 s) = _split(documents.tcbInfoSignature);
        contents.tcbInfo = _readTcbInfo(documents.tcbInfo, r, s, signer);
        (r, s) = _split(documents.qeIdentitySignature);
        contents.qeIdentity = _readQeIdentity(documents.qeIdentity, r, s, signer);
        (uint16 ofTcbInfo, uint16 ofQeIdentity) = (
            contents.tcbInfo.evaluationNumber,
            contents.qeIdentity.evaluationNumber
        );
        if (ofTcbInfo != ofQeIdentity) revert CollateralStoreNumbersDiffer(ofTcbInfo, ofQeIdentity);
        _endBy(contents, contents.tcbInfo.nextUpdate);
        _endBy(contents, contents.qeIdentity.nextUpdate);
        return _later(contents.tcbInfo.issueDate, contents.qeIdentity.issueDate);
    }

    function _readCrlOf(bytes calldata der, bytes32 issuer, Key memory key) private view returns (Crl memory crl) {
        crl = _readCrl(der);
        if (crl.issuer != issuer) revert CollateralStoreUnknownName(crl.issuer);
        _checkCrlSignature(crl, key);
    }

    function _checkNotListed(uint256 serial, uint256[] memory revoked) private pure {
        for (uint256 i; i < revoked.length; ++i) {
            if (revoked[i] == serial) revert CollateralStoreRevoked(serial);
        }
    }

    function _later(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }

    function _endBy(CollateralContents memory contents, uint256 time) private pure {
        if (time < contents.validUntil) contents.validUntil = uint64(time);
    }

    function _split(bytes calldata signature) private pure returns (bytes32 r, bytes32 s) {
        if (signature.length != SIGNATURE_BYTES) revert CollateralStoreSignatureLength(signature.length);
        return (bytes32(signature[:32]), bytes32(signature[32:]));
    }
}
