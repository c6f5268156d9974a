// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title IAttestationVerifier
/// @notice Turns evidence about an SGX quote into an attestation. The registry takes any verifier that governance
/// listed.
/// @dev A verifier's consumer is the contract that calls it. What one consumer had verified means nothing to another.
interface IAttestationVerifier {
    /// @notice Verifies evidence for a quote whose report data is `reportData` followed by 32 zero bytes.
    /// @dev May keep state.
    ///
    /// Requirements:
    /// - The evidence proves the attestation (typed errors of the verifier).
    /// @param evidence The evidence, in the verifier's own form: a quote with certificates, or the signatures of a
    /// quorum.
    /// @param reportData The first 32 bytes that the quote's report data must have.
    /// @return attestation What the quote says.
    /// @return subject Names what the attestation rests on, for {recheck}; two attestations that rest on the same have
    /// the same subject. The consumer keeps it, or a commitment to it.
    function verify(
        bytes calldata evidence,
        bytes32 reportData
    ) external returns (Attestation memory attestation, bytes32 subject);

    /// @notice Judges again, by what is known now, what an attestation rests on. The consumer accepts the answer only
    /// if platform and subject are those of the attestation in question.
    /// @dev Requirements:
    /// - The evidence proves its answer (typed errors of the verifier).
    /// @param evidence The evidence, in the verifier's own form.
    /// @return platformId The platform that was judged.
    /// @return subject What was judged, as {verify} named it.
    /// @return standing `Holds`, `Revoked` or `Undecided`.
    /// @return tcbStatus The platform's TCB status now; `None` if it was not judged.
    function recheck(
        bytes calldata evidence
    ) external returns (bytes32 platformId, bytes32 subject, Standing standing, TcbStatus tcbStatus);

    /// @notice Returns how long after its acceptance a quote can still turn out to be false or withheld. Until then
    /// nothing that cannot be undone may rest on it. It must never change: consumers ask once.
    /// @return Seconds; 0 if the verifier proves what it accepts.
    function disputeTime() external view returns (uint256);

    /// @notice Says whether a quote that the caller had verified, newest or not, was false or withheld.
    /// @dev Requirements:
    /// - The verifier understands the evidence (typed errors of the verifier).
    /// - The caller had the quote verified under this report data (typed errors of the verifier).
    /// @param quoteHash The quote's hash, as the attestation gave it.
    /// @param reportData The report data under which the quote was verified.
    /// @param evidence The evidence, in the verifier's own form; it may be empty.
    /// @return standing `Holds`, `Disproven`, `Withheld` or `Undecided`.
    function dispute(
        bytes32 quoteHash,
        bytes32 reportData,
        bytes calldata evidence
    ) external returns (Standing standing);
}
