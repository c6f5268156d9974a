// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAttestationVerifier} from "./interfaces/IAttestationVerifier.sol";
import {IHardwareCatalog} from "./interfaces/IHardwareCatalog.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {Freshness} from "./registry/Freshness.sol";
import {PlatformClaims} from "./registry/PlatformClaims.sol";
import {RegistryPolicy} from "./registry/RegistryPolicy.sol";
import {Attestation, Standing, TcbStatus} from "./types/Attestation.sol";
import {EndReason, Node, QuoteBinding, VerifierKind} from "./types/Node.sol";

/// @title NodeRegistry
/// @notice See {INodeRegistry}.
/// @dev What happens to a node, from declaration to release. The rooms below it: {Freshness} of quotes, {PlatformClaims} and takeovers,
/// {NodeRecords} and what follows from them, {EnclaveList}, {RegistryPolicy}.
contract NodeRegistry is PlatformClaims, Freshness {
    bytes32 private constant REPORT_DATA_DOMAIN = keccak256(
        "ComputingPowerNode(uint256 chainId,address registry,address provider,address enclaveKey,uint256 nonce,uint256 blockNumber,bytes32 blockHash)"
    );

    uint256 private constant MAXIMUM_URL_LENGTH = 256;

    /// @dev A nonce is the node's id followed by so many bits of its count of attestations.
    uint256 private constant COUNT_BITS = 32;

    /// @inheritdoc INodeRegistry
    IStakeVault public immutable override vault;
    /// @inheritdoc INodeRegistry
    IHardwareCatalog public immutable override catalog;
    /// @inheritdoc INodeRegistry
    address public immutable override treasury;

    /// @notice Binds the registry to its vault and catalog, for good.
    /// @param vault_ Holds nodes' stake.
    /// @param catalog_ The hardware models.
    /// @param authority Who may call the governed functions: an OpenZeppelin AccessManager.
    /// @param treasury_ Where slashed stake goes; an account that the vault can credit.
    /// @param parameters Fixed for good.
    /// @param policy_ What governance may change later.
    constructor(
        IStakeVault vault_,
        IHardwareCatalog catalog_,
        address authority,
        address treasury_,
        Parameters memory parameters,
        Policy memory policy_
    ) AccessManaged(authority) RegistryPolicy(parameters, policy_) {
        if (treasury_ == address(0) || treasury_ == address(vault_)) {
            revert NodeRegistryInvalidParameter(uint160(treasury_), 0);
        }
        vault = vault_;
        catalog = catalog_;
        treasury = treasury_;
    }

    /// @inheritdoc INodeRegistry
    function nonceOf(uint256 nodeId) public view override returns (uint256) {
        return (nodeId << COUNT_BITS) | _nodes[nodeId].attestations;
    }

    /// @inheritdoc INodeRegistry
    function reportDataOf(
        address provider,
        address enclaveKey,
        QuoteBinding memory binding
    ) public view override returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REPORT_DATA_DOMAIN,
                    block.chainid,
                    address(this),
                    provider,
                    enclaveKey,
                    binding.nonce,
                    binding.blockNumber,
                    binding.blockHash
                )
            );
    }

    /// @inheritdoc INodeRegistry
    function declare(
        uint32 modelId,
        uint16 units,
        uint128 ratePerUnit,
        string calldata url
    ) external override returns (uint256 nodeId) {
        Policy memory policy_ = policy();
        if (policy_.paused) revert NodeRegistryPaused();
        if (units == 0) revert NodeRegistryInvalidUnits(units);
        _checkRate(ratePerUnit);
        _checkUrl(url);
        uint256 requiredRate = (uint256(catalog.hashRateOf(modelId)) * units * powerShareBps) / BASIS_POINTS;
        if (requiredRate == 0 || requiredRate > type(uint40).max) revert NodeRegistryInvalidRequiredRate(requiredRate);

        Node memory node;
        node.provider = msg.sender;
        node.units = units;
        node.ratePerUnit = ratePerUnit;
        node.requiredRate = uint40(requiredRate);
        node.modelId = modelId;
        node.stake = policy_.minimumStake;
        nodeId = _add(node, url);
        emit NodeDeclared({
            nodeId: nodeId,
            provider: msg.sender,
            modelId: modelId,
            units: units,
            ratePerUnit: ratePerUnit,
            requiredRate: node.requiredRate,
            stake: node.stake,
            url: url
        });
        _rollCheckpoints();

        vault.lock(msg.sender, node.stake);
    }

    /// @inheritdoc INodeRegistry
    function attest(
        uint256 nodeId,
        address verifier,
        address enclaveKey,
        uint256 blockNumber,
        bytes calldata evidence
    ) external override {
        Node storage node = _owned(nodeId);
        bool isFirst = node.attestations == 0;
        if (isFirst && policy().paused) revert NodeRegistryPaused();
        if (_hasEnded(node)) revert NodeRegistryEnded(nodeId, _endOf(node));
        uint8 verifierId = _verifierIdOf(verifier);
        if (verifierId == 0) revert NodeRegistryUnknownVerifier(verifier);
        if (_kindOf(node.verifierId) == VerifierKind.OnChain && _kindOf(verifierId) != VerifierKind.OnChain) {
            revert NodeRegistryWeakerVerifier(nodeId, verifier);
        }
        if (enclaveKey == address(0) || (!isFirst && enclaveKey != node.enclaveKey)) {
            revert NodeRegistryWrongEnclaveKey(nodeId, node.enclaveKey, enclaveKey);
        }
        QuoteBinding memory binding = QuoteBinding({
            nonce: nonceOf(nodeId),
            blockNumber: blockNumber,
            blockHash: _recentHash(blockNumber)
        });

        // The nonce is gone before the verifier is asked, so no quote serves twice.
        ++node.attestations;
        (Attestation memory attestation, bytes32 subject) = IAttestationVerifier(verifier).verify(
            evidence,
            reportDataOf(msg.sender, enclaveKey, binding)
        );
        uint256 validUntil = _accept(nodeId, attestation, subject, isFirst);
        node.enclaveKey = enclaveKey;
        node.validUntil = uint40(validUntil);
        node.tcbStatus = attestation.tcbStatus;
        node.verifierId = verifierId;
        emit NodeAttested({
            nodeId: nodeId,
            quoteHash: attestation.quoteHash,
            platformId: attestation.platformId,
            verifier: verifier,
            blockNumber: blockNumber,
            tcbStatus: attestation.tcbStatus,
            validUntil: validUntil
        });
    }

    /// @inheritdoc INodeRegistry
    function recheck(uint256 nodeId, bytes calldata evidence) external override returns (Standing standing) {
        Node storage node = _existing(nodeId);
        if (node.attestations == 0) revert NodeRegistryNotAttested(nodeId);

        bytes32 platformId;
        bytes32 subject;
        TcbStatus tcbStatus;
        (platformId, subject, standing, tcbStatus) = IAttestationVerifier(_verifiers[node.verifierId]).recheck(
            evidence
        );
        if (_tagOf(node.mrEnclave, platformId, subject) != node.tag) {
            revert NodeRegistryWrongSubject(nodeId, platformId, subject);
        }
        emit NodeRechecked(nodeId, standing, tcbStatus);
        if (standing == Standing.Revoked) _endNow(nodeId, EndReason.Revoked);
        if (standing == Standing.Holds && tcbStatus != TcbStatus.None) node.tcbStatus = tcbStatus;
    }

    /// @inheritdoc INodeRegistry
    function dispute(
        uint256 nodeId,
        address verifier,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        bytes calldata evidence
    ) external override returns (Standing standing) {
        Node storage node = _existing(nodeId);
        if (binding.nonce >> COUNT_BITS != nodeId || binding.nonce >= nonceOf(nodeId)) {
            revert NodeRegistryNotAttested(nodeId);
        }
        if (!_isKnownVerifier(verifier)) revert NodeRegistryUnknownVerifier(verifier);

        bytes32 reportData = reportDataOf(node.provider, node.enclaveKey, binding);
        standing = IAttestationVerifier(verifier).dispute(quoteHash, reportData, evidence);
        emit NodeDisputed(nodeId, quoteHash, standing);
        // Nobody but who accepted the node's newest quote moves the node: a verifier listed later knows nothing of it.
        if (_verifiers[node.verifierId] != verifier) return standing;
        if (standing == Standing.Disproven) _endNow(nodeId, EndReason.Disproven);
        if (standing == Standing.Withheld) {
            _endNow(nodeId, EndReason.Withheld);
            _slash(nodeId);
        }
    }

    /// @inheritdoc INodeRegistry
    function exit(uint256 nodeId) external override {
        Node storage node = _owned(nodeId);
        if (_hasEnded(node) || node.endReason == EndReason.Exited) revert NodeRegistryEnded(nodeId, _endOf(node));

        // A takeover's end is sooner than the exit's would be; exiting makes it final.
        uint256 endsAt = node.endedAt;
        if (endsAt == 0) {
            endsAt = node.attestations == 0 ? block.timestamp : (block.timestamp / epochLength + 2) * epochLength;
        }
        _end(nodeId, EndReason.Exited, endsAt);
    }

    /// @inheritdoc INodeRegistry
    function release(uint256 nodeId) external override {
        Node storage node = _existing(nodeId);
        uint96 stake = node.stake;
        if (stake == 0) revert NodeRegistryNoStake(nodeId);
        uint256 end = _endOf(node);
        if (end == type(uint256).max) revert NodeRegistryStillLocked(nodeId, 0);
        if (block.timestamp < end + releaseDelay) revert NodeRegistryStillLocked(nodeId, end + releaseDelay);

        // An end by delisting is computed until here; the record tells it from now on.
        if (node.endedAt != end) _end(nodeId, EndReason.Delisted, end);
        node.stake = 0;
        emit NodeStakeReleased(nodeId, stake);

        vault.unlock(node.provider, stake);
    }

    /// @inheritdoc INodeRegistry
    function setRate(uint256 nodeId, uint128 ratePerUnit) external override {
        Node storage node = _owned(nodeId);
        _checkRate(ratePerUnit);
        node.ratePerUnit = ratePerUnit;
        emit RateSet(nodeId, ratePerUnit);
    }

    /// @inheritdoc INodeRegistry
    function setUrl(uint256 nodeId, string calldata url) external override {
        _owned(nodeId);
        _checkUrl(url);
        _urls[nodeId] = url;
        emit UrlSet(nodeId, url);
    }

    /// @dev Checks what a quote says against the node and the policy, and claims its platform. Gives the Unix seconds at which the
    /// attestation lapses.
    function _accept(
        uint256 nodeId,
        Attestation memory attestation,
        bytes32 subject,
        bool isFirst
    ) private returns (uint256 validUntil) {
        Node storage node = _nodes[nodeId];
        bytes16 tag = _tagOf(attestation.mrEnclave, attestation.platformId, subject);
        // Under the same tag, measurement and platform are those that were checked before.
        bool isSame = !isFirst && tag == node.tag;
        if (!isSame) {
            _checkMeasurement(nodeId, attestation.mrEnclave, isFirst);
            node.tag = tag;
        }
        if (!isSame || !_isStillAllowed(node, attestation)) {
            (uint256 enclaveId, bool bySigner) = _match(attestation);
            node.enclaveId = uint16(enclaveId);
            node.bySigner = bySigner;
        }

        uint256 liveFrom = block.timestamp;
        // Every takeover that is open shows in one of its nodes: the incumbent has an end ahead, the challenger is marked.
        if (!isSame || node.isChallenger || node.endedAt != 0) {
            liveFrom = _claimPlatform(nodeId, attestation.platformId, isFirst);
            node.isChallenger = liveFrom > block.timestamp;
            if (liveFrom > block.timestamp) node.liveFrom = uint40(liveFrom);
        }
        validUntil = Math.min(attestation.validUntil, _longestValidity(attestation.tcbStatus, isFirst));
        if (validUntil <= liveFrom) revert NodeRegistryLapsed(validUntil);
    }

    /// @dev The measurement of the first attestation is the node's for good.
    function _checkMeasurement(uint256 nodeId, bytes32 mrEnclave, bool isFirst) private {
        Node storage node = _nodes[nodeId];
        if (isFirst) {
            node.mrEnclave = mrEnclave;
        } else if (node.mrEnclave != mrEnclave) {
            revert NodeRegistryWrongMeasurement(nodeId, node.mrEnclave, mrEnclave);
        }
    }

    /// @dev Whether the entry under which a node was attested before still allows its enclave, whose measurement is the same.
    function _isStillAllowed(Node storage node, Attestation memory attestation) private view returns (bool) {
        uint256 enclaveId = node.enclaveId;
        return _removedAt(enclaveId) == 0 && (!node.bySigner || _coversSigner(enclaveId, attestation));
    }

    function _tagOf(bytes32 mrEnclave, bytes32 platformId, bytes32 subject) private pure returns (bytes16) {
        return bytes16(keccak256(abi.encode(mrEnclave, platformId, subject)));
    }

    /// @dev Ends a node at once, unless it has ended. A takeover it has open fails with it.
    function _endNow(uint256 nodeId, EndReason reason) private {
        if (_hasEnded(_nodes[nodeId])) return;
        _end(nodeId, reason, block.timestamp);
        _abandonTakeover(nodeId);
    }

    /// @dev Takes what the registry still holds locked for a node.
    function _slash(uint256 nodeId) private {
        Node storage node = _nodes[nodeId];
        uint96 stake = node.stake;
        if (stake == 0) return;
        node.stake = 0;
        emit NodeStakeSlashed(nodeId, stake);

        vault.slash(node.provider, stake, treasury);
    }

    function _checkRate(uint128 ratePerUnit) private pure {
        if (ratePerUnit == 0) revert NodeRegistryInvalidRate(ratePerUnit);
    }

    function _checkUrl(string calldata url) private pure {
        uint256 length = bytes(url).length;
        if (length == 0 || length > MAXIMUM_URL_LENGTH) revert NodeRegistryInvalidUrl(length);
    }
}
