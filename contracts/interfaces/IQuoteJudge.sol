// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title IQuoteJudge
/// @notice Judges whole quotes that somebody else has vouched for. Keeps no state about them.
interface IQuoteJudge {
    /// @notice Says whether a claim about a quote is true, whatever the time.
    /// @dev `Disproven` only for what is false at any time: the hash, the signature chain, the report fields, or the status under
    /// exactly the collateral that the claim names. Collateral that is missing, or is not the claim's, leaves the status `Undecided`.
    /// Reverts only when it was given too little gas or evidence that it cannot decode.
    /// @param quote The quote's 436+S bytes.
    /// @param evidence The claim's collateral, `abi.encode(CollateralDocuments)`; may be empty.
    /// @param reportData The first 32 bytes of the report data that was claimed.
    /// @param claim The attestation that was claimed.
    /// @param collateralHash The collateral that the claim rests on: keccak256 over the keccak256s of PCK CA, TCB Signing certificate,
    /// Root CRL, PCK CRL, TCB info, its signature, QE identity, its signature. Signatures count: whoever disputes must not be able to put bad
    /// ones in the place of those that were seen.
    /// @return standing `Holds`, `Disproven` or `Undecided`.
    function judge(
        bytes calldata quote,
        bytes calldata evidence,
        bytes32 reportData,
        Attestation calldata claim,
        bytes32 collateralHash
    ) external view returns (Standing standing);

    /// @notice Says how a quote's platform stands under the collateral in force now.
    /// @dev Errors: those of a verification, for a quote that was never good.
    /// @param quote The quote's 436+S bytes.
    /// @param evidence What the judge needs beside it.
    /// @return platformId The platform that the quote is of.
    /// @return standing `Holds`, `Revoked`, or `Undecided` when collateral is missing or has lapsed.
    /// @return tcbStatus The converged TCB status; `None` unless the standing is `Holds`.
    function review(
        bytes calldata quote,
        bytes calldata evidence
    ) external view returns (bytes32 platformId, Standing standing, TcbStatus tcbStatus);
}
