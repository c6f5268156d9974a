// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Collateral, CollateralContents, CollateralDocuments, CollateralHealth, PckCa} from "../types/Collateral.sol";

/// @title ICollateralStore
/// @notice Keeps what Intel has signed about SGX platforms: CA certificates, revocation lists, TCB info and QE
/// identity.
///
/// Anyone may submit a document, because Intel's signature is the authority. Nobody can keep a document out, alter one,
/// or put an older one in a newer one's place. TCB info and QE identity are kept by their tcbEvaluationDataNumber, so
/// that Intel's early set does not replace the set in force: a quote may be judged by any number from a governed floor
/// on.
///
/// A document is parsed once, strictly (exact DER, or exact JSON text in Intel's one form), and kept in one slot: a
/// commitment to what it says, and its dates. Whoever needs what is committed to supplies it again (see
/// {IDcapVerifier}).
///
/// The order of a first filling is: Root CRL, CA certificates, PCK CRLs, then TCB info and QE identity in either order.
interface ICollateralStore {
    /// @notice A certificate of a PCK CA or of TCB Signing was accepted.
    /// @param subject keccak256 of the subject's DER name.
    /// @param serial The certificate's serial number, below 2^160.
    /// @param notAfter Unix seconds of the last second at which it holds.
    /// @param isNewKey Whether its key differs from the one before.
    event CertificateStored(bytes32 indexed subject, uint256 serial, uint256 notAfter, bool isNewKey);
    /// @notice A revocation list was accepted.
    /// @param issuer keccak256 of the issuer's DER name.
    /// @param thisUpdate Unix seconds from which the list holds.
    /// @param nextUpdate Unix seconds of the last second at which it holds.
    /// @param revocations Commitment to its serial numbers (see {RevocationTree}).
    /// @param count How many serial numbers it has.
    event CrlStored(bytes32 indexed issuer, uint256 thisUpdate, uint256 nextUpdate, bytes16 revocations, uint256 count);
    /// @notice The Root CRL lists a certificate of a PCK CA or of TCB Signing that was in force. A CA's key is revoked
    /// with it for good; of what TCB Signing signed, nothing that was stored before counts any more.
    /// @param subject keccak256 of the subject's DER name.
    /// @param serial The certificate's serial number.
    event IssuerRevoked(bytes32 indexed subject, uint256 serial);
    /// @notice TCB info was accepted.
    /// @param fmspc The platform family.
    /// @param pceId The PCE's id.
    /// @param evaluationNumber Its tcbEvaluationDataNumber.
    /// @param issueDate Unix seconds from which it holds.
    /// @param nextUpdate Unix seconds of the last second at which it holds.
    /// @param levels Its levels, as in `TcbInfo`.
    event TcbInfoStored(
        bytes6 indexed fmspc,
        bytes2 indexed pceId,
        uint16 indexed evaluationNumber,
        uint256 issueDate,
        uint256 nextUpdate,
        bytes levels
    );
    /// @notice A QE identity was accepted.
    /// @param evaluationNumber Its tcbEvaluationDataNumber.
    /// @param issueDate Unix seconds from which it holds.
    /// @param nextUpdate Unix seconds of the last second at which it holds.
    /// @param contents Its contents, as in `QeIdentity`.
    event QeIdentityStored(uint16 indexed evaluationNumber, uint256 issueDate, uint256 nextUpdate, bytes contents);
    /// @notice Governance set the least tcbEvaluationDataNumber that counts.
    /// @param floor The number.
    event EvaluationFloorSet(uint16 floor);

    /// @notice The certificate or the list has a name that does not belong here.
    /// @param name keccak256 of its DER.
    error CollateralStoreUnknownName(bytes32 name);
    /// @notice The root did not issue the certificate.
    /// @param issuer keccak256 of the issuer's DER name.
    error CollateralStoreWrongIssuer(bytes32 issuer);
    /// @notice A CA's certificate does not allow it to issue, or that of TCB Signing does.
    /// @param subject keccak256 of the subject's DER name.
    error CollateralStoreWrongUsage(bytes32 subject);
    /// @notice The issuer's key did not sign the document.
    error CollateralStoreWrongSignature();
    /// @notice The document does not hold now; or the documents of a set never hold at the same time.
    /// @param from Unix seconds from which it holds; of a set the latest beginning.
    /// @param to Unix seconds of the last second at which it holds; of a set the soonest end.
    error CollateralStoreNotValidNow(uint256 from, uint256 to);
    /// @notice The stored document is as new as this one, or newer.
    /// @param stored Unix seconds of the stored document: its beginning, or its end if both begin at the same time.
    /// @param submitted Unix seconds of the submitted one.
    error CollateralStoreNotNewer(uint256 stored, uint256 submitted);
    /// @notice The Root CRL lists the certificate.
    /// @param serial The certificate's serial number.
    error CollateralStoreRevoked(uint256 serial);
    /// @notice The certificate has the key of a PCK CA that the Root CRL has revoked.
    /// @param x The first half of the key.
    /// @param y The second half of the key.
    error CollateralStoreRevokedKey(bytes32 x, bytes32 y);
    /// @notice What this document's check rests on is missing, revoked or has lapsed.
    /// @param name keccak256 of the missing signer's DER name, or of the root's for its CRL.
    error CollateralStoreMissingIssuer(bytes32 name);
    /// @notice TCB info and QE identity of one set have different tcbEvaluationDataNumbers.
    /// @param ofTcbInfo The number of the TCB info.
    /// @param ofQeIdentity The number of the QE identity.
    error CollateralStoreNumbersDiffer(uint16 ofTcbInfo, uint16 ofQeIdentity);
    /// @notice A signature of a JSON document does not have 64 bytes, r and s.
    /// @param length The signature's length in bytes.
    error CollateralStoreSignatureLength(uint256 length);
    /// @notice The evaluation floor is zero. The lowest is 1, which excludes nothing.
    /// @param floor The floor given: 0.
    error CollateralStoreInvalidFloor(uint16 floor);
    /// @notice The root is not Intel's, and the chain is not a local one (31337).
    /// @param chainId The chain's id.
    /// @param x The first half of the root's public key.
    /// @param y The second half of the root's public key.
    error CollateralStoreForeignRoot(uint256 chainId, bytes32 x, bytes32 y);

    /// @notice Returns the root's public key. On every chain but 31337 it is Intel's.
    /// @return x The first half of the key.
    /// @return y The second half of the key.
    function rootKey() external view returns (bytes32 x, bytes32 y);

    /// @notice Stores a certificate of the Platform CA, the Processor CA or TCB Signing; the subject's name says which.
    /// Anyone may call.
    /// @dev Each has one key at a time: a newer key replaces the older one, even though both certificates may be in
    /// date. Documents that the former key signed no longer count. Every leaf that a CA's former key signed must be
    /// shown again with its certificate (evidence `New` of {IDcapVerifier}), which the newer key must have signed by
    /// then. Another key is newer if its certificate begins later than the former's, or if the former is revoked or has
    /// lapsed. The same key may be renewed without consequences, but not a CA's key that is revoked.
    ///
    /// Emits {CertificateStored}.
    ///
    /// Requirements:
    /// - The bytes are a certificate of Intel's hierarchy (the errors of {X509-readCertificate}).
    /// - The root issued it, by its name ({CollateralStoreWrongIssuer}).
    /// - Its subject is a PCK CA or TCB Signing ({CollateralStoreUnknownName}).
    /// - It may issue if and only if its subject is a CA ({CollateralStoreWrongUsage}).
    /// - The root's key signed it ({CollateralStoreWrongSignature}).
    /// - It holds now ({CollateralStoreNotValidNow}).
    /// - A Root CRL is stored and holds now ({CollateralStoreMissingIssuer}).
    /// - No Root CRL has listed its serial number ({CollateralStoreRevoked}).
    /// - Its key is not a revoked CA's ({CollateralStoreRevokedKey}).
    /// - It is newer than the one in force ({CollateralStoreNotNewer}).
    /// @param der The certificate, DER, at most 4,096 bytes.
    function submitCertificate(bytes calldata der) external;

    /// @notice Stores a revocation list of the Root CA, the Platform CA or the Processor CA; the issuer's name says
    /// which. Anyone may call.
    /// @dev Emits {CrlStored}, and {IssuerRevoked} for each certificate in force that a Root CRL lists.
    ///
    /// Requirements:
    /// - The bytes are a revocation list of Intel's hierarchy (the errors of {RevocationList-readCrl}).
    /// - Its issuer is the root or a PCK CA ({CollateralStoreUnknownName}).
    /// - For the list of a PCK CA, its certificate is stored, in date and not revoked ({CollateralStoreMissingIssuer}).
    /// - Its issuer's key signed it ({CollateralStoreWrongSignature}).
    /// - It holds now ({CollateralStoreNotValidNow}).
    /// - It was issued after the stored one ({CollateralStoreNotNewer}).
    /// @param der The list, DER, at most 262,144 bytes.
    function submitCrl(bytes calldata der) external;

    /// @notice Stores TCB info. Anyone may call.
    /// @dev Emits {TcbInfoStored}.
    ///
    /// Requirements:
    /// - The certificate of TCB Signing is stored, in date and not revoked ({CollateralStoreMissingIssuer}).
    /// - The key of TCB Signing signed the text ({CollateralStoreWrongSignature}).
    /// - The text is TCB info of version 3 for SGX (the errors of {TcbInfoJson-read}).
    /// - It holds now ({CollateralStoreNotValidNow}).
    /// - It was issued after the stored one, if that still counts ({CollateralStoreNotNewer}).
    /// @param text Exactly the text that Intel signed: the value of `tcbInfo` in the PCS's answer, at most 65,536
    /// bytes.
    /// @param r The first half of the signature.
    /// @param s The second half of the signature; both signs are valid.
    function submitTcbInfo(bytes calldata text, bytes32 r, bytes32 s) external;

    /// @notice Stores a QE identity. Anyone may call.
    /// @dev Emits {QeIdentityStored}.
    ///
    /// Requirements:
    /// - The certificate of TCB Signing is stored, in date and not revoked ({CollateralStoreMissingIssuer}).
    /// - The key of TCB Signing signed the text ({CollateralStoreWrongSignature}).
    /// - The text is a QE identity of version 2 for SGX (the errors of {QeIdentityJson-read}).
    /// - It holds now ({CollateralStoreNotValidNow}).
    /// - It was issued after the stored one, if that still counts ({CollateralStoreNotNewer}).
    /// @param text Exactly the text that Intel signed: the value of `enclaveIdentity` in the PCS's answer, at most
    /// 65,536 bytes.
    /// @param r The first half of the signature.
    /// @param s The second half of the signature; both signs are valid.
    function submitQeIdentity(bytes calldata text, bytes32 r, bytes32 s) external;

    /// @notice Sets the least tcbEvaluationDataNumber that counts. Governed, and so delayed.
    /// @dev Emits {EvaluationFloorSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - `floor` is not zero ({CollateralStoreInvalidFloor}).
    /// @param floor The number, 1 to 65,535; 1 excludes nothing.
    function setEvaluationFloor(uint16 floor) external;

    /// @notice Returns the least tcbEvaluationDataNumber that counts.
    /// @return The number, 1 to 65,535.
    function evaluationFloor() external view returns (uint16);

    /// @notice Returns what is held for the quotes of a platform family.
    /// @dev Reads three slots.
    /// @param ca Which PCK CA issues the platform's certificates.
    /// @param fmspc The platform family, 6 bytes.
    /// @param pceId The PCE's id, 2 bytes.
    /// @param evaluationNumber The tcbEvaluationDataNumber, 1 to 65,535.
    /// @return The commitments to the contents, and until when they hold together.
    function collateralOf(
        PckCa ca,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view returns (Collateral memory);

    /// @notice Returns until when each document holds that the quotes of a platform family rest on.
    /// @param ca Which PCK CA issues the platform's certificates.
    /// @param fmspc The platform family, 6 bytes.
    /// @param pceId The PCE's id, 2 bytes.
    /// @param evaluationNumber The tcbEvaluationDataNumber, 1 to 65,535.
    /// @return The end of each document, and the evaluation floor.
    function healthOf(
        PckCa ca,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view returns (CollateralHealth memory);

    /// @notice Returns a PCK CA's public key.
    /// @param ca The CA.
    /// @return x The first half of the key; zero if no certificate is stored.
    /// @return y The second half of the key; zero if no certificate is stored.
    function caKeyOf(PckCa ca) external view returns (bytes32 x, bytes32 y);

    /// @notice Returns whether the Root CRL has revoked a PCK CA while it had a certain key, however often the key has
    /// changed since.
    /// @dev A list that names a former certificate of the CA, which is no longer in force, has no effect here.
    /// @param ca The CA.
    /// @param generation Which of its keys, as `caGeneration` of `Collateral` numbers them, from 1.
    /// @return Whether that key is revoked.
    function isCaRevoked(PckCa ca, uint8 generation) external view returns (bool);

    /// @notice Returns whether the Root CRL has revoked a PCK CA while it had a certain key, by the key itself.
    /// @dev As in {isCaRevoked}, a list that names a former certificate has no effect here.
    /// @param x The first half of the CA's public key.
    /// @param y The second half of the CA's public key.
    /// @return Whether that key is revoked.
    function isCaKeyRevoked(bytes32 x, bytes32 y) external view returns (bool);

    /// @notice Verifies a whole set of documents under the root and returns what it says. Neither the time nor what is
    /// stored matters, so a set of the past can be validated at any time; but there must have been a time at which all
    /// of it held.
    /// @dev Requirements:
    /// - Every document has Intel's form (the parsers' errors).
    /// - Every document has the name of what it is given as, or of its issuer ({CollateralStoreUnknownName}).
    /// - The root issued both certificates, by its name ({CollateralStoreWrongIssuer}).
    /// - A certificate may issue if and only if its subject is a CA ({CollateralStoreWrongUsage}).
    /// - Every document is signed by its issuer ({CollateralStoreWrongSignature}).
    /// - The Root CRL lists neither certificate ({CollateralStoreRevoked}).
    /// - The signatures of the JSON documents have 64 bytes ({CollateralStoreSignatureLength}).
    /// - TCB info and QE identity have the same tcbEvaluationDataNumber ({CollateralStoreNumbersDiffer}).
    /// - No document ends before another one begins ({CollateralStoreNotValidNow}).
    /// @param documents The documents.
    /// @return What they say.
    function validate(CollateralDocuments calldata documents) external view returns (CollateralContents memory);
}
