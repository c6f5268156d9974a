// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice The two CAs below Intel's root that issue PCK certificates ("PCK Certificate and CRL Profile" 1.5).
enum PckCa {
    Platform,
    Processor
}

/// @notice What Intel's TCB info (version 3, SGX) says, as kept on chain.
/// @param issueDate Unix seconds.
/// @param nextUpdate Unix seconds; the last one at which it holds.
/// @param fmspc The platform family.
/// @param pceId The PCE's id, as the JSON text spells it (byte order of the certificate).
/// @param evaluationNumber Its tcbEvaluationDataNumber, 1 to 65,535.
/// @param levels One word a level, best first: 16 component SVNs, PCESVN (2 bytes, big-endian), the `TcbStatus` (1 byte), and
/// the first 13 bytes of keccak256 of the level's advisory list as it stands between the brackets; zeros where there is none.
struct TcbInfo {
    uint64 issueDate;
    uint64 nextUpdate;
    bytes6 fmspc;
    bytes2 pceId;
    uint16 evaluationNumber;
    bytes levels;
}

/// @notice What Intel's QE identity (version 2) says, as kept on chain.
/// @param issueDate Unix seconds.
/// @param nextUpdate Unix seconds; the last one at which it holds.
/// @param evaluationNumber Its tcbEvaluationDataNumber, 1 to 65,535.
/// @param contents MISCSELECT (4 bytes) and mask (4), ATTRIBUTES (16) and mask (16), MRSIGNER (32), ISVPRODID (2, big-endian), then
/// three bytes a level, best first: least ISVSVN (2, big-endian) and its `TcbStatus` (1).
struct QeIdentity {
    uint64 issueDate;
    uint64 nextUpdate;
    uint16 evaluationNumber;
    bytes contents;
}

/// @notice What the store holds for the quotes of one platform family under one tcbEvaluationDataNumber.
/// @dev The three commitments name contents, not documents: while Intel only dates its documents anew they stay the same. Zero stands for
/// a document that is missing, or that another key signed than its issuer has now, or TCB Signing before it was revoked.
/// @param revocations Commitment to the serial numbers on the PCK CA's CRL (see {RevocationTree}).
/// @param tcbLevels First 16 bytes of keccak256 of {TcbInfo-levels}.
/// @param qeIdentity First 16 bytes of keccak256 of {QeIdentity-contents}.
/// @param validUntil Unix seconds at which the first of the documents lapses; 0 while one is missing, revoked, or the number is
/// below the floor.
/// @param caGeneration Counts the keys that the PCK CA has had; a leaf belongs to the one that signed it.
struct Collateral {
    bytes16 revocations;
    bytes16 tcbLevels;
    bytes16 qeIdentity;
    uint64 validUntil;
    uint8 caGeneration;
}

/// @notice Until when each document holds, Unix seconds; 0 for one that is missing or revoked.
/// @param rootCrl The Root CA's revocation list.
/// @param pckCa The Platform or Processor CA's certificate.
/// @param tcbSigning The TCB Signing certificate.
/// @param pckCrl That CA's revocation list.
/// @param tcbInfo The family's TCB info; 0 too when an earlier TCB Signing key signed it, or TCB Signing before it was revoked.
/// @param qeIdentity The QE identity; 0 too as of TCB info.
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

/// @notice One whole set of Intel's documents, to be examined without storing it.
/// @param pckCa DER of the Platform or Processor CA's certificate.
/// @param tcbSigning DER of the TCB Signing certificate.
/// @param rootCrl DER of the Root CA's CRL.
/// @param pckCrl DER of that CA's CRL.
/// @param tcbInfo Exact text of TCB info, as signed.
/// @param tcbInfoSignature r and s, 64 bytes.
/// @param qeIdentity Exact text of QE identity, as signed.
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

/// @notice What a set of documents says, each verified under the root, whatever the time.
/// @param ca Whose PCK certificates it judges.
/// @param caKeyX That CA's public key.
/// @param caKeyY That CA's public key.
/// @param revoked Serial numbers on that CA's CRL.
/// @param tcbInfo Its TCB info.
/// @param qeIdentity Its QE identity, of the same tcbEvaluationDataNumber.
/// @param validUntil Unix seconds at which the first of the documents lapses.
struct CollateralContents {
    PckCa ca;
    bytes32 caKeyX;
    bytes32 caKeyY;
    uint256[] revoked;
    TcbInfo tcbInfo;
    QeIdentity qeIdentity;
    uint64 validUntil;
}
