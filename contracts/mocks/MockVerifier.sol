// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title MockVerifier
/// @notice A verifier that believes its evidence. It can be deployed on local networks only.
/// @dev Like a real one, it remembers for each consumer under which report data it verified a quote.
contract MockVerifier is IAttestationVerifier {
    uint256 private constant LOCAL_CHAIN = 31_337;

    /// @inheritdoc IAttestationVerifier
    uint256 public override disputeTime;

    /// @notice The report data under which a consumer had a quote verified.
    mapping(address consumer => mapping(bytes32 quoteHash => bytes32)) public reportDataOf;

    /// @notice The chain is not a local one.
    /// @param chainId The chain's id.
    error MockVerifierForeignChain(uint256 chainId);
    /// @notice The quote was verified under other report data, or never.
    /// @param expected The report data under which it was verified; zero if it never was.
    /// @param actual The report data given.
    error MockVerifierWrongReportData(bytes32 expected, bytes32 actual);

    constructor() {
        if (block.chainid != LOCAL_CHAIN) revert MockVerifierForeignChain(block.chainid);
    }

    /// @notice Sets how long a quote can be disputed from now on.
    /// @param disputeTime_ Seconds.
    function setDisputeTime(uint256 disputeTime_) external {
        disputeTime = disputeTime_;
    }

    /// @inheritdoc IAttestationVerifier
    /// @dev Evidence: `abi.encode(attestation, subject)`.
    function verify(
        bytes calldata evidence,
        bytes32 reportData
    ) external override returns (Attestation memory attestation, bytes32 subject) {
        (attestation, subject) = abi.decode(evidence, (Attestation, bytes32));
        reportDataOf[msg.sender][attestation.quoteHash] = reportData;
    }

    /// @inheritdoc IAttestationVerifier
    /// @dev Evidence: the answer, `abi.encode(platformId, subject, standing, tcbStatus)`.
    function recheck(
        bytes calldata evidence
    ) external pure override returns (bytes32 platformId, bytes32 subject, Standing standing, TcbStatus tcbStatus) {
        return abi.decode(evidence, (bytes32, bytes32, Standing, TcbStatus));
    }

    /// @inheritdoc IAttestationVerifier
    /// @dev Evidence: the answer, `abi.encode(standing)`.
    function dispute(
        bytes32 quoteHash,
        bytes32 reportData,
        bytes calldata evidence
    ) external view override returns (Standing standing) {
        bytes32 expected = reportDataOf[msg.sender][quoteHash];
        if (expected != reportData) revert MockVerifierWrongReportData(expected, reportData);
        return abi.decode(evidence, (Standing));
    }
}
