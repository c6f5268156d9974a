// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title MockVerifier
/// @notice A verifier that believes its evidence. Only for local networks: it cannot be deployed on any other.
/// @dev Like a real one it remembers, for each consumer, under which report data it verified a quote.
contract MockVerifier is IAttestationVerifier {
    uint256 private constant LOCAL_CHAIN = 31_337;

    /// @notice The report data under which a consumer had a quote verified.
    mapping(address consumer => mapping(bytes32 quoteHash => bytes32)) public reportDataOf;

    /// @notice The chain is not a local one.
    error MockVerifierForeignChain(uint256 chainId);
    /// @notice The quote was verified under other report data, or never.
    error MockVerifierWrongReportData(bytes32 expected, bytes32 actual);

    constructor() {
        if (block.chainid != LOCAL_CHAIN) revert MockVerifierForeignChain(block.chainid);
    }

    /// @inheritdoc IAttestationVerifier
    /// @dev Evidence: `abi.encode(Attestation)`.
    function verify(
        bytes calldata evidence,
        bytes32 reportData
    ) external override returns (Attestation memory attestation) {
        attestation = abi.decode(evidence, (Attestation));
        reportDataOf[msg.sender][attestation.quoteHash] = reportData;
    }

    /// @inheritdoc IAttestationVerifier
    /// @dev Evidence: `abi.encode(Standing, TcbStatus)`.
    function recheck(
        bytes32 quoteHash,
        bytes32 reportData,
        bytes calldata evidence
    ) external view override returns (Standing, TcbStatus) {
        bytes32 expected = reportDataOf[msg.sender][quoteHash];
        if (expected != reportData) revert MockVerifierWrongReportData(expected, reportData);
        return abi.decode(evidence, (Standing, TcbStatus));
    }

    /// @inheritdoc IAttestationVerifier
    /// @dev Evidence: `abi.encode(Standing)`.
    function judge(
        bytes calldata,
        bytes calldata evidence,
        bytes32,
        Attestation calldata,
        bytes32
    ) external pure override returns (Standing standing) {
        return abi.decode(evidence, (Standing));
    }
}
