// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice The two CAs below Intel's root that issue PCK certificates ("PCK Certificate and CRL Profile" 1.5).
enum PckCa {
    Platform,
    Processor
}

/// @notice What Intel's TCB info (version 3, SGX) says, as kept on chain.
/// @param issueDate Unix seconds from which it holds.
/// @param nextUpdate Unix seconds of the last second at which it holds.
/// @param fmspc The platform family.
/// @param pceId The PCE's id, as the JSON text spells it (in the byte order of the certificate).
/// @param evaluationNumber Its tcbEvaluationDataNumber, 1 to 65,535.
/// @param levels One word per level, best first: 16 component SVNs, PCESVN (2 bytes, big-endian), the `TcbStatus` (1
/// byte), and the first 13 bytes of keccak256 of the level's advisory list as it stands between the brackets, or zeros
/// if the list is empty or missing.
struct TcbInfo {
    uint64 issueDate;
    uint64 nextUpdate;
    bytes6 fmspc;
    bytes2 pceId;
    uint16 evaluationNumber;
    bytes levels;
}

/// @notice What Intel's QE identity (version 2) says, as kept on chain.
/// @param issueDate Unix seconds from which it holds.
/// @param nextUpdate Unix seconds of the last second at which it holds.
/// @param evaluationNumber Its tcbEvaluationDataNumber, 1 to 65,535.
/// @param contents MISCSELECT (4 bytes) and its mask (4), ATTRIBUTES (16) and their mask (16), MRSIGNER (32), ISVPRODID
/// (2, big-endian), then three bytes per level, best first: its least ISVSVN (2, big-endian) and its `TcbStatus` (1).
struct QeIdentity {
    uint64 issueDate;
    uint64 nextUpdate;
    uint16 evaluationNumber;
    bytes contents;
}

/// @notice What the store holds for the quotes of one platform family under one tcbEvaluationDataNumber and one key of
/// its PCK CA.
/// @dev The three commitments name contents, not documents: they stay the same as long as Intel only renews the dates
/// of its documents. The commitments to TCB levels and QE identity are zero if the document is missing or the
/// certificate of the key that signed it is revoked. The commitment to the revocations is zero if the key never signed
/// a list.
/// @param revocations Commitment to the serial numbers on the PCK CA's CRL (see {RevocationTree}).
/// @param tcbLevels First 16 bytes of keccak256 of {TcbInfo-levels}.
/// @param qeIdentity First 16 bytes of keccak256 of {QeIdentity-contents}.
/// @param validUntil Unix seconds at which the first of the documents lapses; 0 if one is missing or revoked, or if the
/// number is below the floor.
struct Collateral {
    bytes16 revocations;
    bytes16 tcbLevels;
    bytes16 qeIdentity;
    uint64 validUntil;
}

/// @notice Until when each document holds, in Unix seconds; 0 for one that is missing or revoked.
/// @param rootCrl The Root CA's revocation list.
/// @param pckCa The certificate of one key of the Platform or Processor CA.
/// @param tcbSigning Of the TCB Signing certificates the one that holds longest.
/// @param pckCrl The revocation list that this key of the CA signed.
/// @param tcbInfo The family's TCB info, or the certificate of its signer if that ends sooner; also 0 if its signer is
/// revoked.
/// @param qeIdentity The QE identity, in the same way.
/// @param floor The least tcbEvaluationDataNumber that counts.
struct CollateralHealth {
    uint64 rootCrl;
    uint64 pckCa;
    uint64 tcbSigning;
    uint64 pckCrl;
    uint64 tcbInfo;
    uint64 qeIdentity;
    uint16 floor;
}

/// @notice What the store keeps of a key of a PCK CA or of TCB Signing.
/// @param generation Which of the subject's keys it is, from 1; 0 if no certificate of it was stored.
/// @param notBefore Unix seconds from which its certificate holds.
/// @param notAfter Unix seconds of the last second at which its certificate holds.
/// @param isRevoked Whether the Root CRL in force lists its certificate.
struct IssuerKey {
    uint8 generation;
    uint64 notBefore;
    uint64 notAfter;
    bool isRevoked;
}

/// @notice One whole set of Intel's documents, to be validated without storing it.
/// @param pckCa DER of the certificate of the Platform or Processor CA.
/// @param tcbSigning DER of the TCB Signing certificate.
/// @param rootCrl DER of the Root CA's CRL.
/// @param pckCrl DER of the CRL of the CA in `pckCa`.
/// @param tcbInfo Exact text of the TCB info, as signed.
/// @param tcbInfoSignature r and s, 64 bytes.
/// @param qeIdentity Exact text of the QE identity, as signed.
/// @param qeIdentitySignature r and s, 64 bytes.
struct CollateralDocuments {
    bytes pckCa;
    bytes tcbSigning;
    bytes rootCrl;
    bytes pckCrl;
    bytes tcbInfo;
    bytes tcbInfoSignature;
    bytes qeIdentity;
    bytes qeIdentitySignature;
}

/// @notice The collateral by which validators have judged a quote, and how new it was.
/// @param collateralHash Hash of its documents, the signatures of the two JSON ones included (see {IQuoteJudge-judge}).
/// @param evaluationNumber Its tcbEvaluationDataNumber.
/// @param ca The CA whose PCK certificates it judges.
/// @param rootCrlIssuedAt Unix seconds from which its Root CRL holds.
/// @param pckCrlIssuedAt Unix seconds from which that CA's CRL holds.
struct CollateralBasis {
    bytes32 collateralHash;
    uint16 evaluationNumber;
    PckCa ca;
    uint40 rootCrlIssuedAt;
    uint40 pckCrlIssuedAt;
}

/// @notice What a set of documents says, each verified under the root, whatever the time.
/// @param ca The CA whose PCK certificates the set judges.
/// @param caKeyX The first half of that CA's public key.
/// @param caKeyY The second half of that CA's public key.
/// @param revoked Serial numbers on that CA's CRL, each below 2^160.
/// @param tcbInfo Its TCB info.
/// @param qeIdentity Its QE identity, of the same tcbEvaluationDataNumber.
/// @param validUntil Unix seconds at which the first of the documents lapses.
/// @param rootCrlIssuedAt Unix seconds from which its Root CRL holds.
/// @param pckCrlIssuedAt Unix seconds from which that CA's CRL holds.
struct CollateralContents {
    PckCa ca;
    bytes32 caKeyX;
    bytes32 caKeyY;
    uint256[] revoked;
    TcbInfo tcbInfo;
    QeIdentity qeIdentity;
    uint64 validUntil;
    uint64 rootCrlIssuedAt;
    uint64 pckCrlIssuedAt;
}
