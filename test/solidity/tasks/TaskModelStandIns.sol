// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {EnclaveTerms, EndReason, OrderTerms, QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";

/// @notice What is true of a node of {ModelNodesStandIn}.
/// @param open Whether it wants anything new.
/// @param discredited Whether it ended because its quote was false.
struct NodeFacts {
    address provider;
    address enclaveKey;
    bytes32 mrEnclave;
    VerifierKind kind;
    uint256 attestations;
    uint256 attestedAt;
    uint256 validUntil;
    uint256 end;
    bool open;
    bool discredited;
}

/// @notice What grants and tasks ask of the registry, settable. As in the registry, measurement and enclave key stay as first attested,
/// a node verified on chain never goes back to a quorum, and an end that has come never changes.
contract ModelNodesStandIn {
    uint256 public constant NO_END = type(uint256).max;

    mapping(uint256 nodeId => NodeFacts) private _facts;

    error UnknownNode(uint256 nodeId);

    modifier known(uint256 nodeId) {
        if (_facts[nodeId].provider == address(0)) revert UnknownNode(nodeId);
        _;
    }

    function addNode(uint256 nodeId, address provider, address enclaveKey) external {
        NodeFacts storage node = _facts[nodeId];
        (node.provider, node.enclaveKey, node.end, node.open) = (provider, enclaveKey, NO_END, true);
    }

    function attest(uint256 nodeId, bytes32 mrEnclave, VerifierKind kind, uint256 validUntil) external known(nodeId) {
        NodeFacts storage node = _facts[nodeId];
        if (node.attestations++ == 0) (node.mrEnclave, node.attestedAt) = (mrEnclave, block.timestamp);
        if (node.kind != VerifierKind.OnChain) node.kind = kind;
        node.validUntil = validUntil;
    }

    function setOpen(uint256 nodeId, bool isOpen) external known(nodeId) {
        _facts[nodeId].open = isOpen;
    }

    /// @notice Sets an end that has not come yet, now at the earliest.
    function setEnd(uint256 nodeId, uint256 end) external known(nodeId) {
        if (_facts[nodeId].end > block.timestamp) _facts[nodeId].end = end < block.timestamp ? block.timestamp : end;
    }

    /// @notice Ends a node that has not ended yet at once, for a quote that was false.
    function discredit(uint256 nodeId) external known(nodeId) {
        if (_facts[nodeId].end <= block.timestamp) return;
        (_facts[nodeId].end, _facts[nodeId].discredited) = (block.timestamp, true);
    }

    function factsOf(uint256 nodeId) external view known(nodeId) returns (NodeFacts memory) {
        return _facts[nodeId];
    }

    function attestedAtOf(uint256 nodeId) external view known(nodeId) returns (uint256) {
        return _facts[nodeId].attestedAt;
    }

    function providerOf(uint256 nodeId) external view known(nodeId) returns (address) {
        return _facts[nodeId].provider;
    }

    function identityOf(uint256 nodeId) external view known(nodeId) returns (bytes32 mrEnclave, address enclaveKey) {
        NodeFacts storage node = _facts[nodeId];
        if (node.attestations != 0) (mrEnclave, enclaveKey) = (node.mrEnclave, node.enclaveKey);
    }

    function enclaveTermsOf(uint256 nodeId) external view returns (EnclaveTerms memory) {
        NodeFacts memory node = _facts[nodeId];
        address key = isLive(nodeId) ? node.enclaveKey : address(0);
        return EnclaveTerms(node.provider, key, node.kind, uint16(node.attestations));
    }

    function endReasonOf(uint256 nodeId) external view known(nodeId) returns (EndReason) {
        return _facts[nodeId].discredited ? EndReason.Disproven : EndReason.None;
    }

    function orderTermsOf(uint256 nodeId) external view returns (OrderTerms memory) {
        NodeFacts memory node = _facts[nodeId];
        bool open = isLive(nodeId) && node.open && node.end == NO_END;
        return OrderTerms({provider: node.provider, units: 1, verifierKind: node.kind, open: open});
    }

    function reportDataOf(
        address provider,
        address enclaveKey,
        QuoteBinding calldata binding
    ) external pure returns (bytes32) {
        return keccak256(abi.encode(provider, enclaveKey, binding));
    }

    function isLive(uint256 nodeId) public view known(nodeId) returns (bool) {
        NodeFacts storage node = _facts[nodeId];
        return block.timestamp < node.validUntil && block.timestamp < node.end;
    }
}

/// @notice Where the escrow looks whether a quote was disproven, settable; and another slasher beside the escrow.
contract QuotesStandIn {
    IValidatorSet public immutable validators;

    mapping(bytes32 quoteHash => bool) private _isDisproven;

    constructor(IValidatorSet validators_) {
        validators = validators_;
    }

    function disputePeriod() external pure returns (uint256) {
        return 7 days;
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
