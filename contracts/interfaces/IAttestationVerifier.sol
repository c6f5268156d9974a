// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title IAttestationVerifier
/// @notice Turns evidence about an SGX quote into an attestation. The registry takes any verifier that governance listed.
/// @dev A verifier's consumer is the contract that calls it; what one consumer had verified says nothing to another.
interface IAttestationVerifier {
    /// @notice Verifies evidence for a quote whose report data is `reportData` followed by 32 zero bytes.
    /// @dev Reverts with a typed error of its own on whatever is not proven. May keep state about the quote for {recheck}.
    /// @param evidence What the verifier understands: a quote with certificates, or signatures of a quorum.
    /// @param reportData The first 32 bytes that the quote's report data must have.
    /// @return attestation What the quote says.
    function verify(bytes calldata evidence, bytes32 reportData) external returns (Attestation memory attestation);

    /// @notice Judges again a quote that the caller had verified before.
    /// @dev Reverts on evidence it does not understand; evidence that decides nothing gives `Undecided`.
    /// @param quoteHash The quote, as the attestation named it.
    /// @param reportData The report data under which it was verified.
    /// @param evidence What the verifier understands; may be empty.
    /// @return standing How the attestation stands now.
    /// @return tcbStatus The platform's TCB status now; `None` when it was not judged.
    function recheck(
        bytes32 quoteHash,
        bytes32 reportData,
        bytes calldata evidence
    ) external returns (Standing standing, TcbStatus tcbStatus);

    /// @notice Says whether a claim about a quote is true, whatever the time.
    /// @dev `Disproven` only for what is false at any time: the hash, the signature chain, the report fields, or the status under
    /// exactly the collateral that the claim names. Missing, lapsed or other collateral is `Undecided`. Never reverts on bad
    /// evidence. A verifier that cannot read quotes answers `Undecided`.
    /// @param quote The quote's 436+S bytes.
    /// @param evidence What the verifier needs beside the quote, such as certificates; may be empty.
    /// @param reportData The first 32 bytes of the report data that was claimed.
    /// @param claim The attestation that was claimed.
    /// @param collateralHash The collateral that the claim rests on.
    /// @return standing `Holds`, `Disproven` or `Undecided`.
    function judge(
        bytes calldata quote,
        bytes calldata evidence,
        bytes32 reportData,
        Attestation calldata claim,
        bytes32 collateralHash
    ) external view returns (Standing standing);
}
