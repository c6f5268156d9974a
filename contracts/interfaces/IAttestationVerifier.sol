// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title IAttestationVerifier
/// @notice Turns evidence about an SGX quote into an attestation. The registry takes any verifier that governance listed.
/// @dev A verifier's consumer is the contract that calls it; what one consumer had verified says nothing to another.
interface IAttestationVerifier {
    /// @notice Verifies evidence for a quote whose report data is `reportData` followed by 32 zero bytes.
    /// @dev Reverts with a typed error of its own on whatever is not proven. May keep state.
    /// @param evidence What the verifier understands: a quote with certificates, or signatures of a quorum.
    /// @param reportData The first 32 bytes that the quote's report data must have.
    /// @return attestation What the quote says.
    /// @return subject Names what the attestation rests on, for {recheck}: the same as long as that is the same. The consumer keeps
    /// it, or a commitment to it.
    function verify(
        bytes calldata evidence,
        bytes32 reportData
    ) external returns (Attestation memory attestation, bytes32 subject);

    /// @notice Judges anew, by what is known now, what an attestation rests on. The consumer accepts the answer only if platform and
    /// subject are those of the attestation in question.
    /// @dev Reverts on evidence that proves nothing.
    /// @param evidence What the verifier understands.
    /// @return platformId The platform that was judged.
    /// @return subject What was judged, as {verify} named it.
    /// @return standing `Holds`, `Revoked` or `Undecided`.
    /// @return tcbStatus The platform's TCB status now; `None` when it was not judged.
    function recheck(
        bytes calldata evidence
    ) external returns (bytes32 platformId, bytes32 subject, Standing standing, TcbStatus tcbStatus);

    /// @notice Tells whether a quote that the caller had verified, newest or not, was false or withheld.
    /// @dev Reverts on evidence it does not understand, and on a quote that the caller never had verified under this report data.
    /// @param quoteHash The quote, as the attestation named it.
    /// @param reportData The report data under which it was verified.
    /// @param evidence What the verifier understands; may be empty.
    /// @return standing `Holds`, `Disproven`, `Withheld` or `Undecided`.
    function dispute(
        bytes32 quoteHash,
        bytes32 reportData,
        bytes calldata evidence
    ) external returns (Standing standing);
}
