// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {ICollateralStore} from "./ICollateralStore.sol";
import {IQuoteJudge} from "./IQuoteJudge.sol";

/// @title IDcapVerifier
/// @notice Verifies SGX quotes of version 3 wholly on chain: every check of Intel's quote verification library, and those that it leaves
/// to the relying party. docs/attestation.md lists them in order.
///
/// **Evidence** is packed, without ABI encoding; integers are big-endian unless they are a quote's own bytes. What a quote has as zeros or as
/// constants is not sent but put back before a hash is taken, so nothing else can stand there.
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
/// then for `Cached` (the attestation key was certified before, and no collateral has changed since), verified by one signature:
///
/// | bytes | what |
/// |---|---|
/// | 16 | QE id: first 16 bytes of keccak256 of MISCSELECT, ATTRIBUTES, MRSIGNER, ISVPRODID, ISVSVN (56 bytes, as in the QE's report) |
/// | 32 | leaf id: keccak256 of PCK key (64), serial number (20), component SVNs (16), PCESVN (2) |
/// | 46 | FMSPC 6, PCEID 2, notAfter 4 (Unix seconds), `PckCa` 1, CA generation 1, platform id 32 |
///
/// for `Known` (the PCK certificate was parsed before), verified by two signatures, and `New`, verified by three:
///
/// | bytes | what |
/// |---|---|
/// | 104 | the QE's report, as the enclave's above |
/// | 2 + n | QE authentication data: length n, bytes |
/// | 64 | signature of the QE's report |
/// | 2 + 20 n | serial numbers in the leaf's bucket of the {RevocationTree}: count n, then 20 bytes each, in the list's order |
/// | 128 | the bucket's four siblings, from the bottom |
/// | 1 + 32 n | TCB levels: count n, then `TcbInfo.levels` |
/// | 2 + n | length n, then `QeIdentity.contents` |
/// | 148 | `Known`: PCK key 64, serial number 20, component SVNs 16, PCESVN 2, FMSPC 6, PCEID 2, notAfter 4, `PckCa` 1, CA generation 1, platform id 32 |
/// | 2 + n | `New` instead: length n, then the PCK certificate in DER |
///
/// Nothing may follow. The evidence of {IAttestationVerifier-recheck}: tcbEvaluationDataNumber 2, attestation key 64, QE facts 56 (those that the
/// QE id hashes), bucket, siblings, levels and contents as above, then the 148 bytes of `Known`. It is judged by that number or
/// the store's floor, whichever is higher; the subject names the number of the evidence.
///
/// The evidence of {IQuoteJudge-review}: bucket, siblings, levels and contents as above. Nothing says by which number somebody vouched, and
/// who could choose one could demote nodes by Intel's early set: it is judged by the store's floor, whatever that is. While the store holds
/// no set of that number, a review can tell no more than what its lists revoke.
///
/// The attestation's `quoteHash` is keccak256 of the quote's first 432 bytes, which its signature covers: the certificates behind
/// them are not what was shown. The subject is the first 16 bytes of keccak256 of the leaf's slot key, the key tag (below) and the
/// tcbEvaluationDataNumber (2 bytes).
///
/// A PCK certificate is kept as one slot at keccak256 of (leaf id, the 46 bytes of `Cached`): which attestation key and QE it
/// certified last (key tag: first 16 bytes of keccak256 of attestation key and QE id), under which contents it was judged, and the two statuses.
interface IDcapVerifier is IAttestationVerifier, IQuoteJudge {
    /// @notice A PCK certificate was judged and its slot, at `key`, written: by `New` or `Known`, whoever sent it. With the contents in force
    /// this is all that {IAttestationVerifier-recheck} takes, and nothing can be `Cached` without it.
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

    /// @notice The evidence ends within a field, goes on behind its end, or is of no known kind.
    error DcapVerifierMalformed(uint256 length);
    /// @notice The P-256 precompile (EIP-7951) is missing on this chain, or answers wrongly.
    error DcapVerifierNoPrecompile();
    /// @notice The collateral for this platform family is missing or lapsed, or its number is below the floor.
    error DcapVerifierCollateralLapsed(bytes6 fmspc, bytes2 pceId, uint16 evaluationNumber, uint256 validUntil);
    /// @notice The contents given are not those that the store holds; see what is in force with {ICollateralStore-collateralOf}.
    error DcapVerifierWrongContents(bytes16 expected, bytes16 given);
    /// @notice The leaf was never verified, or under another CA key, or its attestation key or collateral has changed: send it as `New` or `Known`.
    error DcapVerifierUnknownLeaf(bytes32 key);
    /// @notice The PCK certificate does not hold now: Unix seconds from and to which it does.
    error DcapVerifierPckNotValidNow(uint256 from, uint256 to);
    /// @notice The PCK certificate is issued by neither PCK CA, or not made out as a PCK certificate.
    error DcapVerifierWrongName(bytes32 name);
    /// @notice The PCK certificate has no SGX extension, or one with other entries than its CA issues.
    error DcapVerifierWrongExtension();
    /// @notice The CA's CRL lists the PCK certificate.
    error DcapVerifierPckRevoked(uint256 serial);
    /// @notice The CA's key did not sign the PCK certificate.
    error DcapVerifierWrongPckSignature();
    /// @notice The PCK key did not sign the QE's report, or the report is not about this attestation key and authentication data.
    error DcapVerifierWrongQeSignature();
    /// @notice The attestation key did not sign these fields and this report data.
    error DcapVerifierWrongQuoteSignature();
    /// @notice The QE is not the one of the QE identity: MISCSELECT, ATTRIBUTES, MRSIGNER or ISVPRODID differ.
    error DcapVerifierWrongQe();
    /// @notice The QE's ISVSVN is below every level of the QE identity.
    error DcapVerifierQeUnsupported(uint16 isvSvn);
    /// @notice The platform's SVNs reach no TCB level.
    error DcapVerifierTcbUnsupported();
    /// @notice Intel has revoked the platform's TCB level or its QE's.
    error DcapVerifierRevoked();
    /// @notice The enclave is in debug mode, or may use the provisioning key.
    error DcapVerifierForbiddenAttributes(bytes16 attributes);
    /// @notice The chain in the quote does not end at the store's root, or the root did not issue the CA in it.
    error DcapVerifierWrongChain();
    /// @notice The judge could not finish, for want of gas as a rule; `reason` is what stopped it. Says nothing about the quote.
    error DcapVerifierJudgeFailed(bytes reason);
    /// @notice A quote that the chain itself verified cannot be disputed.
    error DcapVerifierNothingToDispute();

    /// @notice Where collateral is kept.
    function store() external view returns (ICollateralStore);

    /// @notice The slot of a PCK certificate; zero while it is unknown.
    /// @return keyTag Attestation key and QE that it certified last.
    /// @return contentTag First 12 bytes of keccak256 of the three commitments under which it was judged, and their number.
    /// @return platformStatus The `TcbStatus` of its TCB level.
    /// @return qeStatus The `TcbStatus` of its QE's level.
    function leafOf(
        bytes32 key
    ) external view returns (bytes16 keyTag, bytes12 contentTag, uint8 platformStatus, uint8 qeStatus);
}
