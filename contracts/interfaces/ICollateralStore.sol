// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {
    Collateral,
    CollateralContents,
    CollateralDocuments,
    CollateralHealth,
    IssuerKey,
    PckCa
} from "../types/Collateral.sol";

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
    /// @param generation Which of the subject's keys it is for, from 1.
    /// @param serial The certificate's serial number, below 2^160.
    /// @param notAfter Unix seconds of the last second at which it holds.
    event CertificateStored(bytes32 indexed subject, uint8 indexed generation, uint256 serial, uint256 notAfter);
    /// @notice A revocation list was accepted.
    /// @param issuer keccak256 of the issuer's DER name.
    /// @param generation Which of the issuer's keys signed it, from 1; 0 for the root.
    /// @param thisUpdate Unix seconds from which the list holds.
    /// @param nextUpdate Unix seconds of the last second at which it holds.
    /// @param revocations Commitment to its serial numbers (see {RevocationTree}).
    /// @param count How many serial numbers it has.
    event CrlStored(
        bytes32 indexed issuer,
        uint8 indexed generation,
        uint256 thisUpdate,
        uint256 nextUpdate,
        bytes16 revocations,
        uint256 count
    );
    /// @notice A newer Root CRL lists the certificate of a PCK CA's or TCB Signing's key. Nothing that the key signed
    /// counts until a newer list leaves the certificate out, or the key has another certificate.
    /// @param subject keccak256 of the subject's DER name.
    /// @param generation Which of the subject's keys it is for, from 1.
    /// @param serial The certificate's serial number.
    event IssuerRevoked(bytes32 indexed subject, uint8 indexed generation, uint256 serial);
    /// @notice A newer Root CRL leaves out a certificate that the one before listed; what its key signed counts again.
    /// @param subject keccak256 of the subject's DER name.
    /// @param generation Which of the subject's keys it is for, from 1.
    /// @param serial The certificate's serial number.
    event IssuerReinstated(bytes32 indexed subject, uint8 indexed generation, uint256 serial);
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
    /// @notice What was shown of a list is not the Root CRL in force.
    /// @param expected The store's commitment to the list's serial numbers.
    /// @param given The commitment that follows from what was shown.
    error CollateralStoreWrongRevocations(bytes16 expected, bytes16 given);
    /// @notice The subject has had as many keys as the store can keep.
    /// @param subject keccak256 of the subject's DER name.
    /// @param most How many that is.
    error CollateralStoreTooManyKeys(bytes32 subject, uint256 most);
    /// @notice What this document's check rests on is missing, revoked or has lapsed; of several keys, all.
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
    /// @notice The root is not Intel's, and the chain is neither a local one (31337) nor a known test network.
    /// @param chainId The chain's id.
    /// @param x The first half of the root's public key.
    /// @param y The second half of the root's public key.
    error CollateralStoreForeignRoot(uint256 chainId, bytes32 x, bytes32 y);

    /// @notice Returns the root's public key: Intel's on every chain but local ones (31337) and known test networks.
    /// @return x The first half of the key.
    /// @return y The second half of the key.
    function rootKey() external view returns (bytes32 x, bytes32 y);

    /// @notice Stores a certificate of the Platform CA, the Processor CA or TCB Signing; the subject's name says which.
    /// Anyone may call.
    /// @dev Each has as many keys at a time as Intel has certified: a new key gets the next generation, from 1, and
    /// beside it the others stay what they are. Leaves, lists and texts belong to the key that signed them. Of each key
    /// one certificate is kept; a newer one replaces it, and so does any that holds if it has lapsed or is revoked.
    ///
    /// That the certificate is not revoked is shown by what the Root CRL in force has in the bucket of its serial number
    /// (see {RevocationTree}).
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
    /// - Bucket and siblings have their form (the errors of {RevocationTree-lookUp}).
    /// - Bucket and siblings are those of the Root CRL in force ({CollateralStoreWrongRevocations}).
    /// - The Root CRL in force does not list its serial number ({CollateralStoreRevoked}).
    /// - It is newer than the one in force for the same key ({CollateralStoreNotNewer}).
    /// - The subject has had fewer than 15 other keys ({CollateralStoreTooManyKeys}).
    /// @param der The certificate, DER, at most 4,096 bytes.
    /// @param bucket The serial numbers in its bucket of the Root CRL, 20 bytes each, in the list's order.
    /// @param siblings The bucket's four siblings, from the bottom, 128 bytes.
    function submitCertificate(bytes calldata der, bytes calldata bucket, bytes calldata siblings) external;

    /// @notice Stores a revocation list of the Root CA, the Platform CA or the Processor CA; the issuer's name says
    /// which, and the signature which of its keys. Anyone may call.
    /// @dev A Root CRL decides anew about every certificate that the store keeps: one that it lists is revoked, one that
    /// it leaves out is not, whatever earlier lists said. It costs no more for serial numbers that are new.
    ///
    /// Emits {CrlStored}, and {IssuerRevoked} and {IssuerReinstated} for each certificate that a Root CRL changes.
    ///
    /// Requirements:
    /// - The bytes are a revocation list of Intel's hierarchy (the errors of {RevocationList-readCrl}).
    /// - Its issuer is the root or a PCK CA ({CollateralStoreUnknownName}).
    /// - For the list of a PCK CA, a certificate of it is stored, in date and not revoked
    ///   ({CollateralStoreMissingIssuer}).
    /// - A key of its issuer that is in force signed it ({CollateralStoreWrongSignature}).
    /// - It holds now ({CollateralStoreNotValidNow}).
    /// - It was issued after the one that this key signed before ({CollateralStoreNotNewer}).
    /// @param der The list, DER, at most 262,144 bytes.
    function submitCrl(bytes calldata der) external;

    /// @notice Stores TCB info. Anyone may call.
    /// @dev Emits {TcbInfoStored}.
    ///
    /// Requirements:
    /// - A certificate of TCB Signing is stored, in date and not revoked ({CollateralStoreMissingIssuer}).
    /// - A key of TCB Signing that is in force signed the text ({CollateralStoreWrongSignature}).
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
    /// - A certificate of TCB Signing is stored, in date and not revoked ({CollateralStoreMissingIssuer}).
    /// - A key of TCB Signing that is in force signed the text ({CollateralStoreWrongSignature}).
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
    /// @param caGeneration Which of its keys, from 1.
    /// @param fmspc The platform family, 6 bytes.
    /// @param pceId The PCE's id, 2 bytes.
    /// @param evaluationNumber The tcbEvaluationDataNumber, 1 to 65,535.
    /// @return The commitments to the contents, and until when they hold together.
    function collateralOf(
        PckCa ca,
        uint8 caGeneration,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view returns (Collateral memory);

    /// @notice Returns until when each document holds that the quotes of a platform family rest on.
    /// @param ca Which PCK CA issues the platform's certificates.
    /// @param caGeneration Which of its keys, from 1.
    /// @param fmspc The platform family, 6 bytes.
    /// @param pceId The PCE's id, 2 bytes.
    /// @param evaluationNumber The tcbEvaluationDataNumber, 1 to 65,535.
    /// @return The end of each document, and the evaluation floor.
    function healthOf(
        PckCa ca,
        uint8 caGeneration,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view returns (CollateralHealth memory);

    /// @notice Returns what collateral that somebody else used must not fall behind.
    /// @dev Reads a slot, and one for each key of the CA. Where the CA has several keys, each with a list of its own, the
    /// oldest list that holds counts: Intel need not go on issuing the lists of all.
    /// @param ca Which PCK CA.
    /// @return floor The least tcbEvaluationDataNumber that counts.
    /// @return rootCrlIssuedAt Unix seconds from which the stored Root CRL holds; 0 if none is stored.
    /// @return pckCrlIssuedAt Unix seconds from which the CA's stored CRL holds; 0 if none holds.
    function listsOf(PckCa ca) external view returns (uint16 floor, uint40 rootCrlIssuedAt, uint40 pckCrlIssuedAt);

    /// @notice Returns a public key of a PCK CA.
    /// @param ca The CA.
    /// @param generation Which of its keys, from 1.
    /// @return x The first half of the key; zero if there is no such key.
    /// @return y The second half of the key; zero if there is no such key.
    function caKeyOf(PckCa ca, uint8 generation) external view returns (bytes32 x, bytes32 y);

    /// @notice Returns what is kept of a key of a PCK CA or of TCB Signing.
    /// @dev Requirements:
    /// - The subject is one of them ({CollateralStoreUnknownName}).
    /// @param subject keccak256 of the subject's DER name.
    /// @param x The first half of the key.
    /// @param y The second half of the key.
    /// @return Its generation and its certificate; all zero if no certificate of this key was stored.
    function issuerOf(bytes32 subject, bytes32 x, bytes32 y) external view returns (IssuerKey memory);

    /// @notice Returns how many keys of a PCK CA were stored.
    /// @param ca The CA.
    /// @return The number, which is also the newest key's generation.
    function caKeyCount(PckCa ca) external view returns (uint8);

    /// @notice Returns whether the Root CRL in force lists the certificate of a PCK CA's key.
    /// @param ca The CA.
    /// @param generation Which of its keys, from 1.
    /// @return Whether the key is revoked.
    function isCaRevoked(PckCa ca, uint8 generation) external view returns (bool);

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
