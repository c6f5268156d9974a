// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Collateral, CollateralContents, CollateralDocuments, CollateralHealth, PckCa} from "../types/Collateral.sol";

/// @title ICollateralStore
/// @notice Keeps what Intel has signed about SGX platforms: CA certificates, revocation lists, TCB info and QE identity.
///
/// Anyone may submit a document, because Intel's signature is the authority; nobody can keep one out, alter one or put an older one
/// in a newer one's place. TCB info and QE identity are kept by their tcbEvaluationDataNumber, so Intel's early set does not replace the
/// set in force: a quote may be judged by any number from a governed floor on.
///
/// A document is parsed once, strictly (exact DER, exact JSON text in Intel's one form), and kept as one slot: a commitment to what it
/// says, and its dates. What is committed to is given again by whoever needs it (see {IDcapVerifier}).
///
/// The order of a first filling: Root CRL, CA certificates, PCK CRLs, then TCB info and QE identity in any order.
interface ICollateralStore {
    /// @notice A CA or TCB Signing certificate was accepted. `subject` is keccak256 of the subject's DER name.
    event CertificateStored(bytes32 indexed subject, uint256 serial, uint256 notAfter, bool isNewKey);
    /// @notice A revocation list was accepted. `issuer` is keccak256 of the issuer's DER name.
    event CrlStored(bytes32 indexed issuer, uint256 thisUpdate, uint256 nextUpdate, bytes16 revocations, uint256 count);
    /// @notice The Root CRL lists this CA or TCB Signing certificate, which was in force. A CA's key is revoked with it for good; of TCB
    /// Signing nothing counts any more that was stored before.
    event IssuerRevoked(bytes32 indexed subject, uint256 serial);
    /// @notice TCB info was accepted; `levels` as in `TcbInfo`.
    event TcbInfoStored(
        bytes6 indexed fmspc,
        bytes2 indexed pceId,
        uint16 indexed evaluationNumber,
        uint256 issueDate,
        uint256 nextUpdate,
        bytes levels
    );
    /// @notice A QE identity was accepted; `contents` as in `QeIdentity`.
    event QeIdentityStored(uint16 indexed evaluationNumber, uint256 issueDate, uint256 nextUpdate, bytes contents);
    /// @notice The least tcbEvaluationDataNumber that counts was set.
    event EvaluationFloorSet(uint16 floor);

    /// @notice The certificate's or list's name is none that is known here.
    error CollateralStoreUnknownName(bytes32 name);
    /// @notice The certificate is not issued by the root.
    error CollateralStoreWrongIssuer(bytes32 issuer);
    /// @notice A CA's name on a certificate that may not issue, or the TCB Signing's on one that may.
    error CollateralStoreWrongUsage(bytes32 subject);
    /// @notice Its issuer's key did not sign the document.
    error CollateralStoreWrongSignature();
    /// @notice The document does not hold now: Unix seconds from and to which it does.
    error CollateralStoreNotValidNow(uint256 from, uint256 to);
    /// @notice The stored document is as new as this one or newer; Unix seconds of both.
    error CollateralStoreNotNewer(uint256 stored, uint256 submitted);
    /// @notice The Root CRL lists this serial number.
    error CollateralStoreRevoked(uint256 serial);
    /// @notice The key of a CA that the Root CRL has ended, in another certificate.
    error CollateralStoreRevokedKey(bytes32 x, bytes32 y);
    /// @notice What this document's check rests on is missing or has lapsed; `name` is keccak256 of the missing signer's DER name, or of
    /// the root's for its CRL.
    error CollateralStoreMissingIssuer(bytes32 name);
    /// @notice TCB info and QE identity of one set carry different tcbEvaluationDataNumbers.
    error CollateralStoreNumbersDiffer(uint16 ofTcbInfo, uint16 ofQeIdentity);
    /// @notice A signature of a JSON document is r and s, 64 bytes.
    error CollateralStoreSignatureLength(uint256 length);
    /// @notice No evaluation floor; the lowest is 1, which excludes nothing.
    error CollateralStoreInvalidFloor(uint16 floor);

    /// @notice The root's public key, x and y: Intel's, compiled in, in every contract whose name does not say simulation.
    function rootKey() external view returns (bytes32 x, bytes32 y);

    /// @notice Stores a Platform CA, Processor CA or TCB Signing certificate; which one its subject's name says.
    /// @dev One key at a time: a newer key replaces the older one, though both certificates be in date. Documents that the former key signed
    /// count no more, and every leaf that it signed must be shown again, with its certificate (evidence `New` of {IDcapVerifier}), which by
    /// then the newer key must have signed. Another key is newer if its certificate begins later than the former's, or the former is
    /// revoked or has lapsed; the same key may be renewed without consequences, but a CA's not once it is revoked.
    ///
    /// Emits {CertificateStored}. Errors: the parsers', {CollateralStoreUnknownName}, {CollateralStoreWrongIssuer},
    /// {CollateralStoreWrongUsage}, {CollateralStoreWrongSignature}, {CollateralStoreNotValidNow}, {CollateralStoreNotNewer},
    /// {CollateralStoreRevoked}, {CollateralStoreRevokedKey}, {CollateralStoreMissingIssuer} while no Root CRL holds.
    /// @param der The certificate, DER, at most 4096 bytes.
    function submitCertificate(bytes calldata der) external;

    /// @notice Stores a revocation list of the Root, Platform or Processor CA; whose it is its issuer's name says.
    /// @dev Emits {CrlStored}, {IssuerRevoked}. Errors: the parsers', {CollateralStoreUnknownName},
    /// {CollateralStoreWrongSignature}, {CollateralStoreNotValidNow}, {CollateralStoreNotNewer}, {CollateralStoreMissingIssuer}.
    /// @param der The list, DER.
    function submitCrl(bytes calldata der) external;

    /// @notice Stores TCB info.
    /// @dev Emits {TcbInfoStored}. Errors: the parsers', {CollateralStoreWrongSignature}, {CollateralStoreNotValidNow},
    /// {CollateralStoreNotNewer}, {CollateralStoreMissingIssuer}.
    /// @param text Exactly the text that Intel signed: the value of `tcbInfo` in the PCS's answer.
    /// @param r First half of the signature.
    /// @param s Second half of the signature; both signs are valid.
    function submitTcbInfo(bytes calldata text, bytes32 r, bytes32 s) external;

    /// @notice Stores a QE identity.
    /// @dev Emits {QeIdentityStored}. Errors as of {submitTcbInfo}.
    /// @param text Exactly the text that Intel signed: the value of `enclaveIdentity` in the PCS's answer.
    /// @param r First half of the signature.
    /// @param s Second half of the signature; both signs are valid.
    function submitQeIdentity(bytes calldata text, bytes32 r, bytes32 s) external;

    /// @notice Sets the least tcbEvaluationDataNumber that counts. Governed, and so delayed.
    /// @dev Emits {EvaluationFloorSet}. Errors: {CollateralStoreInvalidFloor}.
    /// @param floor 1 to 65,535; 1 excludes nothing.
    function setEvaluationFloor(uint16 floor) external;

    /// @notice The least tcbEvaluationDataNumber that counts.
    function evaluationFloor() external view returns (uint16);

    /// @notice What is held for a platform family's quotes.
    /// @dev Reads three slots.
    function collateralOf(
        PckCa ca,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view returns (Collateral memory);

    /// @notice Until when each document holds that a platform family's quotes rest on.
    function healthOf(
        PckCa ca,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view returns (CollateralHealth memory);

    /// @notice A PCK CA's public key; zero while none is stored.
    function caKeyOf(PckCa ca) external view returns (bytes32 x, bytes32 y);

    /// @notice Whether the Root CRL has ended a PCK CA while it had a certain key, however often the key has changed since.
    /// @dev A list that names a former certificate of the CA, one that is not in force, says nothing here.
    /// @param ca The CA.
    /// @param generation Which key, as `caGeneration` of `Collateral` numbers them.
    function isCaRevoked(PckCa ca, uint8 generation) external view returns (bool);

    /// @notice The same, by the key itself.
    /// @param x The CA's public key.
    /// @param y The CA's public key.
    function isCaKeyRevoked(bytes32 x, bytes32 y) external view returns (bool);

    /// @notice Verifies a whole set of documents under the root and says what it says. Looks at no clock and at nothing stored, so a set
    /// of the past can be examined at any time; but there must have been a time at which all of it held.
    /// @dev Errors: those of the submissions, but for what is stored; {CollateralStoreNotValidNow} for documents of which one ends before
    /// another begins, with the latest beginning and the soonest end.
    function examine(CollateralDocuments calldata documents) external view returns (CollateralContents memory);
}
