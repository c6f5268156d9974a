// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {P256} from "../formats/P256.sol";
import {QeIdentityJson} from "./QeIdentityJson.sol";
import {Crl, RevocationList} from "./RevocationList.sol";
import {Sha256} from "../formats/Sha256.sol";
import {TcbInfoJson} from "./TcbInfoJson.sol";
import {Certificate, X509} from "../formats/X509.sol";
import {PckCa, QeIdentity, TcbInfo} from "../../types/Collateral.sol";

/// @title SignedDocuments
/// @notice Reads Intel's documents and checks everything that they show by themselves: form, names, usage, signature.
/// It uses no clock and stores nothing, so that submitting and validating apply the same checks.
abstract contract SignedDocuments is ICollateralStore {
    /// @dev Who signs below the root. The first two are those of {PckCa}.
    enum Role {
        Platform,
        Processor,
        TcbSigning
    }

    /// @dev A public key.
    struct Key {
        bytes32 x;
        bytes32 y;
    }

    /// @inheritdoc ICollateralStore
    function rootKey() public view virtual override returns (bytes32 x, bytes32 y);

    /// @dev Reads the certificate of an issuer below the root, and checks that the root signed it for the role that its
    /// name says.
    function _readIssuer(bytes calldata der) internal view returns (Role role, Certificate memory certificate) {
        certificate = X509.readCertificate(der);
        if (certificate.issuer != IntelNames.ROOT) revert CollateralStoreWrongIssuer(certificate.issuer);
        role = _roleOf(certificate.subject);
        if (certificate.isCa != (role != Role.TcbSigning)) revert CollateralStoreWrongUsage(certificate.subject);
        _checkSignature(certificate.digest, certificate.r, certificate.s, _rootKey());
    }

    /// @dev Reads TCB info that a TCB Signing key signed.
    function _readTcbInfo(
        bytes calldata text,
        bytes32 r,
        bytes32 s,
        Key memory signer
    ) internal view returns (TcbInfo memory) {
        _checkSignature(Sha256.hash(text), r, s, signer);
        return TcbInfoJson.read(text);
    }

    /// @dev Reads a QE identity that a TCB Signing key signed.
    function _readQeIdentity(
        bytes calldata text,
        bytes32 r,
        bytes32 s,
        Key memory signer
    ) internal view returns (QeIdentity memory) {
        _checkSignature(Sha256.hash(text), r, s, signer);
        return QeIdentityJson.read(text);
    }

    /// @dev Checks that a list is signed by its issuer.
    function _checkCrlSignature(Crl memory crl, Key memory issuer) internal view {
        _checkSignature(crl.digest, crl.r, crl.s, issuer);
    }

    function _rootKey() internal view returns (Key memory key) {
        (key.x, key.y) = rootKey();
    }

    /// @dev Returns which of the two CAs has a name.
    function _caOf(bytes32 name) internal pure returns (PckCa) {
        if (name == IntelNames.PLATFORM_CA) return PckCa.Platform;
        if (name == IntelNames.PROCESSOR_CA) return PckCa.Processor;
        revert CollateralStoreUnknownName(name);
    }

    /// @dev Returns the name of a role.
    function _nameOf(Role role) internal pure returns (bytes32) {
        if (role == Role.TcbSigning) return IntelNames.TCB_SIGNING;
        return role == Role.Platform ? IntelNames.PLATFORM_CA : IntelNames.PROCESSOR_CA;
    }

    /// @dev Reads a list and checks only its form.
    function _readCrl(bytes calldata der) internal view returns (Crl memory) {
        return RevocationList.readCrl(der);
    }

    /// @dev Returns which role has a name.
    function _roleOf(bytes32 name) internal pure returns (Role) {
        return name == IntelNames.TCB_SIGNING ? Role.TcbSigning : Role(uint8(_caOf(name)));
    }

    function _checkSignature(bytes32 digest, bytes32 r, bytes32 s, Key memory key) private view {
        if (!P256.verify(digest, r, s, key.x, key.y)) revert CollateralStoreWrongSignature();
    }
}
