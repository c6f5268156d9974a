// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralStore} from "./ICollateralStore.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";
import {CollateralBasis} from "../types/Collateral.sol";

/// @title IQuoteJudge
/// @notice Judges whole quotes that somebody else has vouched for. It keeps no state about them.
interface IQuoteJudge {
    /// @notice Says whether a claim about a quote is true, whatever the time.
    /// @dev The answer is `Disproven` only for what is false at any time: the hash, the signature chain, the report
    /// fields, or the status under exactly the collateral that the claim names. If that collateral is missing or
    /// another one is given, the status is `Undecided`. So is what the judge cannot read: the form of what nobody signed
    /// proves nothing. Certificates are found by name and key, whatever stands around them.
    ///
    /// Requirements:
    /// - The call has enough gas to finish (typed errors of the judge).
    /// - The evidence can be decoded (typed errors of the judge).
    /// @param quote The quote's 436+S bytes.
    /// @param evidence The claim's collateral, `abi.encode(CollateralDocuments)`; it may be empty.
    /// @param reportData The first 32 bytes of the report data that was claimed.
    /// @param claim The attestation that was claimed.
    /// @param basis The collateral that the claim rests on, which must be what the claim says of it. Its hash is
    /// keccak256 of the keccak256 hashes of PCK CA certificate, TCB Signing certificate, Root CRL, PCK CRL, TCB info, its
    /// signature, QE identity, and its signature, in this order. The signatures count, because whoever disputes must not
    /// be able to replace the signatures that the validators saw by bad ones.
    /// @return standing `Holds`, `Disproven` or `Undecided`.
    function judge(
        bytes calldata quote,
        bytes calldata evidence,
        bytes32 reportData,
        Attestation calldata claim,
        CollateralBasis calldata basis
    ) external view returns (Standing standing);

    /// @notice Returns the store that keeps collateral. Immutable.
    /// @return The store.
    function store() external view returns (ICollateralStore);

    /// @notice Says how a quote's platform stands under the collateral in force now.
    /// @dev Requirements:
    /// - The quote is good in itself: its form, its chain and its signatures (typed errors of the judge).
    /// - The evidence can be decoded and is what the collateral in force says (typed errors of the judge).
    /// @param quote The quote's 436+S bytes.
    /// @param evidence What the judge needs beside the quote, in its own form.
    /// @return platformId The quote's platform.
    /// @return standing `Holds` or `Revoked`; `Undecided` if collateral is missing or has lapsed.
    /// @return tcbStatus The converged TCB status; `None` unless the standing is `Holds`.
    function review(
        bytes calldata quote,
        bytes calldata evidence
    ) external view returns (bytes32 platformId, Standing standing, TcbStatus tcbStatus);
}
