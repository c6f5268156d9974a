// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IQuoteJudge} from "./IQuoteJudge.sol";

/// @title IDcapVerifier
/// @notice Verifies SGX quotes of version 3 wholly on chain: every check of Intel's quote verification library, and
/// those that it leaves to the relying party. docs/attestation.md lists them in order.
///
/// **Evidence** is packed, without ABI encoding. Integers are big-endian, except for a quote's own bytes. Bytes that
/// are zero or constant in every quote are not sent; they are filled in before a hash is computed, so that they cannot
/// be anything else.
///
/// | bytes | what |
/// |---|---|
/// | 1 | kind: 0 `Cached`, 1 `Known`, 2 `New` |
/// | 2 | tcbEvaluationDataNumber to judge by, at least the store's floor |
/// | 4 | quote bytes 8..11: QE SVN, PCE SVN |
/// | 20 | quote bytes 28..47: user data |
/// | 104 | the enclave's report: CPUSVN 16, MISCSELECT 4, ATTRIBUTES 16, MRENCLAVE 32, MRSIGNER 32, ISVPRODID 2, ISVSVN 2 |
/// | 64 | the quote's signature, r and s |
/// | 64 | the attestation key, x and y |
///
/// For `Cached` (the attestation key was certified before, and no collateral has changed since), verified by one
/// signature, follow:
///
/// | bytes | what |
/// |---|---|
/// | 16 | QE id: first 16 bytes of keccak256 of MISCSELECT, ATTRIBUTES, MRSIGNER, ISVPRODID, ISVSVN (56 bytes, as in the QE's report) |
/// | 32 | leaf id: keccak256 of PCK key (64), serial number (20), component SVNs (16), PCESVN (2) |
/// | 46 | FMSPC 6, PCEID 2, notAfter 4 (Unix seconds), `PckCa` 1, CA generation 1, platform id 32 |
///
/// For `Known` (the PCK certificate was parsed before), verified by two signatures, and `New`, verified by three,
/// follow:
///
/// | bytes | what |
/// |---|---|
/// | 104 | the QE's report, in the form of the enclave's above |
/// | 2 + n | QE authentication data: length n, bytes |
/// | 64 | signature of the QE's report |
/// | 2 + 20 n | serial numbers in the leaf's bucket of the {RevocationTree}: count n, then 20 bytes each, in the list's order |
/// | 128 | the bucket's four siblings, from the bottom |
/// | 1 + 32 n | TCB levels: count n, then `TcbInfo.levels` |
/// | 2 + n | length n, then `QeIdentity.contents` |
/// | 148 | `Known`: PCK key 64, serial number 20, component SVNs 16, PCESVN 2, FMSPC 6, PCEID 2, notAfter 4, `PckCa` 1, CA generation 1, platform id 32 |
/// | 3 + n | `New` instead: CA generation 1, length n 2, then the PCK certificate in DER |
///
/// Nothing may follow. What {IAttestationVerifier-verify} requires:
/// - The evidence has this form ({DcapVerifierMalformed}).
/// - A certificate of `New` can be read (the errors of {X509-readCertificate}).
/// - It is made out as a PCK certificate by one of the two CAs ({DcapVerifierWrongName}).
/// - Its SGX extension is the one that its CA issues ({DcapVerifierWrongExtension}, {Der-DerMalformed}).
/// - The PCK certificate holds now ({DcapVerifierPckNotValidNow}).
/// - The collateral for its platform holds now ({DcapVerifierCollateralLapsed}).
/// - The CA's key of that generation signed a certificate of `New` ({DcapVerifierWrongPckSignature}).
/// - A leaf of `Known` or `Cached` was verified before ({DcapVerifierUnknownLeaf}).
/// - For `Cached`, attestation key, QE and contents are those of the leaf's slot ({DcapVerifierUnknownLeaf}).
/// - For `Known` and `New`, the contents are those that the store holds ({DcapVerifierWrongContents}).
/// - For `Known` and `New`, the CA's CRL does not list the certificate ({DcapVerifierPckRevoked}).
/// - For `Known` and `New`, the PCK key signed the QE's report, which is about the attestation key
///   ({DcapVerifierWrongQeSignature}).
/// - For `Known` and `New`, the QE is the one of the QE identity ({DcapVerifierWrongQe}).
/// - For `Known` and `New`, the QE reaches a level of the QE identity ({DcapVerifierQeUnsupported}).
/// - For `Known` and `New`, the platform reaches a TCB level ({DcapVerifierTcbUnsupported}).
/// - For `Known` and `New`, neither of these levels is revoked ({DcapVerifierRevoked}).
/// - The attestation key signed the quote with this report data ({DcapVerifierWrongQuoteSignature}).
/// - The enclave was launched for production ({DcapVerifierForbiddenLaunch}).
/// - The precompiles get enough gas ({Sha256-Sha256CallFailed}, {SignedDer-X509HashFailed}, {P256-P256CallFailed}).
///
/// The evidence of {IAttestationVerifier-recheck} is: tcbEvaluationDataNumber 2, attestation key 64, QE facts 56 (those
/// that the QE id hashes), bucket, siblings, levels and contents as above, then the 148 bytes of `Known`. It is judged
/// by that number or by the store's floor, whichever is higher; the subject names the number of the evidence.
/// Requirements:
/// - The evidence has this form ({DcapVerifierMalformed}).
/// - The contents that the store holds are given ({DcapVerifierWrongContents}).
///
/// {IAttestationVerifier-dispute} always reverts ({DcapVerifierNothingToDispute}).
///
/// The evidence of {IQuoteJudge-review} is: bucket, siblings, levels and contents as above. Nothing says by which
/// number somebody vouched, and whoever could choose one could demote nodes by Intel's early set; so it is judged by
/// the store's floor, whatever that is. While the store holds no set of that number, a review can only find what its
/// lists revoke. Requirements:
/// - The evidence has this form ({DcapVerifierMalformed}).
/// - The quote is good in itself (its errors are those that keep {IQuoteJudge-judge} from the answer `Holds`).
/// - The contents that the store holds are given ({DcapVerifierWrongContents}).
///
/// {IQuoteJudge-judge} reverts only if it cannot finish ({DcapVerifierJudgeFailed}).
///
/// The attestation's `quoteHash` is keccak256 of the quote's first 432 bytes, which its signature covers; the
/// certificates that follow them are not part of what was shown. The subject is the first 16 bytes of keccak256 of the
/// leaf's slot key, the key tag (below) and the tcbEvaluationDataNumber (2 bytes).
///
/// A PCK certificate is kept as one slot at keccak256 of (leaf id, the 46 bytes of `Cached`): which attestation key and
/// QE it certified last (key tag: first 16 bytes of keccak256 of attestation key and QE id), under which contents it
/// was judged, and the two statuses.
interface IDcapVerifier is IAttestationVerifier, IQuoteJudge {
    /// @notice A PCK certificate was judged and its slot written, by `New` or `Known`, whoever sent it. Together with
    /// the contents in force this event has all that {IAttestationVerifier-recheck} takes, and what `Cached` needs.
    /// @param key The leaf's slot key.
    /// @param platformId keccak256 of the platform's PPID.
    /// @param evaluationNumber The tcbEvaluationDataNumber by which it was judged.
    /// @param leaf The 148 bytes of `Known`.
    /// @param quoting What it certified: attestation key 64, QE facts 56.
    event PckJudged(
        bytes32 indexed key,
        bytes32 indexed platformId,
        uint16 evaluationNumber,
        bytes leaf,
        bytes quoting
    );

    /// @notice The evidence ends within a field, has bytes after its last field, or is of an unknown kind or CA.
    /// @param length The evidence's length in bytes.
    error DcapVerifierMalformed(uint256 length);
    /// @notice The P-256 precompile (EIP-7951) is missing on this chain, or answers wrongly.
    error DcapVerifierNoPrecompile();
    /// @notice The collateral for this platform family is missing or has lapsed, or its number is below the floor.
    /// @param fmspc The platform family.
    /// @param pceId The PCE's id.
    /// @param evaluationNumber The tcbEvaluationDataNumber.
    /// @param validUntil Unix seconds at which the collateral lapsed; 0 if it is missing, revoked or below the floor.
    error DcapVerifierCollateralLapsed(bytes6 fmspc, bytes2 pceId, uint16 evaluationNumber, uint256 validUntil);
    /// @notice The contents given are not those that the store holds; {ICollateralStore-collateralOf} returns what is
    /// in force.
    /// @param expected The store's commitment.
    /// @param given The commitment to what was given.
    error DcapVerifierWrongContents(bytes16 expected, bytes16 given);
    /// @notice The leaf was never verified under this key of its CA, or its attestation key or collateral has changed.
    /// Send it as `New` or `Known`.
    /// @param key The leaf's slot key.
    error DcapVerifierUnknownLeaf(bytes32 key);
    /// @notice The PCK certificate does not hold now.
    /// @param from Unix seconds from which it holds; 0 where only its end is known.
    /// @param to Unix seconds of the last second at which it holds.
    error DcapVerifierPckNotValidNow(uint256 from, uint256 to);
    /// @notice Neither PCK CA issued the PCK certificate, or it is not made out as a PCK certificate.
    /// @param name keccak256 of the DER name that is wrong, the issuer's or the subject's.
    error DcapVerifierWrongName(bytes32 name);
    /// @notice The PCK certificate has no SGX extension, or one with other entries than its CA issues.
    error DcapVerifierWrongExtension();
    /// @notice The CA's CRL lists the PCK certificate.
    /// @param serial The certificate's serial number.
    error DcapVerifierPckRevoked(uint256 serial);
    /// @notice The CA's key did not sign the PCK certificate.
    error DcapVerifierWrongPckSignature();
    /// @notice The PCK key did not sign the QE's report, or the report is not about this attestation key and
    /// authentication data.
    error DcapVerifierWrongQeSignature();
    /// @notice The attestation key did not sign these fields and this report data.
    error DcapVerifierWrongQuoteSignature();
    /// @notice The QE is not the one of the QE identity: MISCSELECT, ATTRIBUTES, MRSIGNER or ISVPRODID differ.
    error DcapVerifierWrongQe();
    /// @notice The QE's ISVSVN is below every level of the QE identity.
    /// @param isvSvn The QE's ISVSVN.
    error DcapVerifierQeUnsupported(uint16 isvSvn);
    /// @notice The platform's SVNs reach no TCB level.
    error DcapVerifierTcbUnsupported();
    /// @notice Intel has revoked the platform's TCB level or its QE's level.
    error DcapVerifierRevoked();
    /// @notice The enclave was not launched as every attested one must be: INIT and MODE64BIT on; DEBUG, PROVISION_KEY,
    /// EINITTOKEN_KEY and all that is reserved in ATTRIBUTES and MISCSELECT off.
    /// @param launch MISCSELECT and ATTRIBUTES, as `Attestation.launch`.
    error DcapVerifierForbiddenLaunch(bytes20 launch);
    /// @notice The store's root did not issue the CA in the quote.
    error DcapVerifierWrongChain();
    /// @notice No certificate in the quote is made out to this name: that of PCK certificates, or the leaf's issuer.
    /// @param name keccak256 of the name's DER.
    error DcapVerifierMissingCertificate(bytes32 name);
    /// @notice The judge could not finish, usually for lack of gas. This says nothing about the quote.
    /// @param reason The revert data of what stopped it.
    error DcapVerifierJudgeFailed(bytes reason);
    /// @notice A quote that the chain itself verified cannot be disputed.
    error DcapVerifierNothingToDispute();

    /// @notice Returns what is kept of a PCK certificate.
    /// @param key The leaf's slot key: keccak256 of the leaf id and the 46 bytes of `Cached`.
    /// @return keyTag The attestation key and QE that it certified last, as a tag of 16 bytes; zero if it is unknown.
    /// @return contentTag The first 12 bytes of keccak256 of the three commitments under which it was judged, and their
    /// number.
    /// @return platformStatus The `TcbStatus` of its TCB level, as a number.
    /// @return qeStatus The `TcbStatus` of its QE's level, as a number.
    function leafOf(
        bytes32 key
    ) external view returns (bytes16 keyTag, bytes12 contentTag, uint8 platformStatus, uint8 qeStatus);
}
