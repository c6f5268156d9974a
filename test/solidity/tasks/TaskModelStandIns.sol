// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {NodeBook, NodeFacts} from "../../../contracts/mocks/tasks/NodeBook.sol";
import {EnclaveTerms, EndReason, OrderTerms, QuoteBinding} from "../../../contracts/types/Node.sol";

/// @notice What grants and tasks ask of the registry, answered from what the model knows of nodes.
contract ModelNodesStandIn is NodeBook {
    uint256 public constant releaseDelay = 30 days;
    uint256 public constant nodeCount = 100;

    IStakeVault public immutable vault;

    constructor(IStakeVault vault_) {
        vault = vault_;
    }

    function disputeTermsOf(uint256 nodeId) external view returns (uint256 attestedAt, uint256 disputeTime) {
        return (factsOf(nodeId).attestedAt, 0);
    }

    function providerOf(uint256 nodeId) external view returns (address) {
        return factsOf(nodeId).provider;
    }

    function identityOf(uint256 nodeId) external view returns (bytes32 mrEnclave, address enclaveKey) {
        NodeFacts memory node = factsOf(nodeId);
        if (node.attestations != 0) (mrEnclave, enclaveKey) = (node.mrEnclave, node.enclaveKey);
    }

    function enclaveTermsOf(uint256 nodeId) external view returns (EnclaveTerms memory) {
        NodeFacts memory node = factsOf(nodeId);
        address key = isLive(nodeId) ? node.enclaveKey : address(0);
        return EnclaveTerms(node.provider, key, node.kind, uint16(node.attestations));
    }

    function standingOf(
        uint256 nodeId
    ) external view returns (address provider, EndReason endReason, uint256 suspendedSince) {
        NodeFacts memory node = factsOf(nodeId);
        (provider, suspendedSince) = (node.provider, node.suspendedSince);
        if (node.discredited) endReason = EndReason.Disproven;
        else if (isRevoked[nodeId]) endReason = EndReason.Revoked;
    }

    function endOf(uint256 nodeId) external view returns (uint256) {
        return factsOf(nodeId).end;
    }

    function revocationDelay() external pure returns (uint256) {
        return REVOCATION_DELAY;
    }

    function suspensionOf(uint256 nodeId) external view returns (uint256 since, uint256 endableAt) {
        since = factsOf(nodeId).suspendedSince;
        if (since != 0) endableAt = since + REVOCATION_DELAY;
    }

    function orderTermsOf(uint256 nodeId) external view returns (OrderTerms memory) {
        NodeFacts memory node = factsOf(nodeId);
        bool open = isLive(nodeId) && node.open && node.end == NO_END;
        address key = node.attestations == 0 ? address(0) : node.enclaveKey;
        return OrderTerms({provider: node.provider, units: 1, verifierKind: node.kind, enclaveKey: key, open: open});
    }

    function reportDataOf(
        address provider,
        address enclaveKey,
        QuoteBinding calldata binding
    ) external pure returns (bytes32) {
        return keccak256(abi.encode(provider, enclaveKey, binding));
    }
}

/// @notice Where the escrow looks whether a quote was disproven, settable; and another slasher beside the escrow.
contract QuotesStandIn {
    IValidatorSet public immutable validators;

    mapping(bytes32 quoteHash => bool) private _isDisproven;

    constructor(IValidatorSet validators_) {
        validators = validators_;
    }

    function disputeTime() external pure returns (uint256) {
        return 8 days;
    }

    /// @notice Disproves what a node was attested with, counted from 0.
    function disprove(uint256 nodeId, uint256 attestation) external {
        _isDisproven[quoteHashOf(nodeId, attestation)] = true;
    }

    function isDisproven(uint256 nodeId, uint256 attestation) external view returns (bool) {
        return _isDisproven[quoteHashOf(nodeId, attestation)];
    }

    function slash(address validator) external returns (uint256 amount) {
        return validators.slash(validator);
    }

    function getRecord(
        address,
        bytes32 quoteHash,
        bytes32
    ) external view returns (IQuorumVerifier.Record memory record) {
        record.disproven = _isDisproven[quoteHash];
    }

    function quoteHashOf(uint256 nodeId, uint256 attestation) public pure returns (bytes32) {
        return keccak256(abi.encode("quote", nodeId, attestation));
    }
}
