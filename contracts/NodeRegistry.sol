// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAttestationVerifier} from "./interfaces/IAttestationVerifier.sol";
import {IHardwareCatalog} from "./interfaces/IHardwareCatalog.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {NodeNonce} from "./libraries/NodeNonce.sol";
import {NodeSlots} from "./nodes/NodeSlots.sol";
import {VerifierCall} from "./nodes/VerifierCall.sol";
import {Freshness} from "./nodes/Freshness.sol";
import {PlatformClaims} from "./nodes/PlatformClaims.sol";
import {RegistryPolicy} from "./nodes/RegistryPolicy.sol";
import {Attestation, Standing, TcbStatus} from "./types/Attestation.sol";
import {EndReason, Node, QuoteBinding} from "./types/Node.sol";

/// @title NodeRegistry
/// @notice See {INodeRegistry}.
/// @dev What happens to a node, from declaration to release. Its parts: {Freshness} of quotes, {PlatformClaims} and
/// takeovers, {Suspensions}, {NodeRecords} and what follows from them, {EnclaveList}, {RegistryPolicy}.
contract NodeRegistry is PlatformClaims, Freshness {
    using NodeSlots for Node;
    using NodeSlots for uint256;

    bytes32 private constant REPORT_DATA_DOMAIN = keccak256(
        "ComputingPowerNode(uint256 chainId,address registry,address provider,address enclaveKey,uint256 nonce,uint256 blockNumber,bytes32 blockHash)"
    );

    uint256 private constant MAXIMUM_URL_LENGTH = 256;

    /// @inheritdoc INodeRegistry
    IStakeVault public immutable override vault;
    /// @inheritdoc INodeRegistry
    IHardwareCatalog public immutable override catalog;
    /// @inheritdoc INodeRegistry
    address public immutable override treasury;

    /// @notice Binds the registry to its vault and catalog, for good.
    /// @dev Errors: {NodeRegistryInvalidParameter}.
    /// @param vault_ The vault that holds the nodes' stake.
    /// @param catalog_ The hardware models.
    /// @param authority Who may call the governed functions: an OpenZeppelin AccessManager.
    /// @param treasury_ The account that gets slashed stake; neither the zero address nor the vault.
    /// @param parameters What is fixed for good.
    /// @param policy_ What governance can change later.
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
        return NodeNonce.encode(nodeId, _nodes[nodeId].attestations);
    }

    /// @inheritdoc INodeRegistry
    function reportDataOf(
        address provider,
        address enclaveKey,
        QuoteBinding memory binding
    ) public view override returns (bytes32) {
        return _reportDataOf(provider, enclaveKey, binding.nonce, binding.blockNumber, binding.blockHash);
    }

    /// @inheritdoc INodeRegistry
    function declare(
        uint32 modelId,
        uint16 units,
        uint128 ratePerUnit,
        uint40 requiredRate,
        uint96 maxStake,
        string calldata url
    ) external override returns (uint256 nodeId) {
        uint256 packed = _packedPolicy();
        if (_isPaused(packed)) revert NodeRegistryPaused();
        if (units == 0) revert NodeRegistryInvalidUnits(units);
        _checkRate(ratePerUnit);
        _checkUrl(url);
        uint256 actualRate = (uint256(catalog.hashRateOf(modelId)) * units * powerShareBps) / BASIS_POINTS;
        if (actualRate == 0 || actualRate != requiredRate) {
            revert NodeRegistryWrongRequiredRate(actualRate, requiredRate);
        }
        uint96 stake = _minimumStake(packed);
        if (stake > maxStake) revert NodeRegistryStakeTooHigh(stake, maxStake);

        nodeId = ++nodeCount;
        Node storage node = _nodes[nodeId];
        node.provider = msg.sender;
        (node.requiredRate, node.units) = (requiredRate, units);
        (node.ratePerUnit, node.modelId) = (ratePerUnit, modelId);
        node.stake = stake;
        _urls[nodeId] = url;
        emit NodeDeclared({
            nodeId: nodeId,
            provider: msg.sender,
            modelId: modelId,
            units: units,
            ratePerUnit: ratePerUnit,
            requiredRate: requiredRate,
            stake: stake,
            url: url
        });
        _rollCheckpoints();

        vault.lock(msg.sender, stake);
    }

    /// @inheritdoc INodeRegistry
    function attest(
        uint256 nodeId,
        address verifier,
        address enclaveKey,
        uint256 blockNumber,
        bytes calldata evidence
    ) external override {
        Node storage node = _nodes[nodeId];
        uint256 slot0 = node.slot0();
        // This reverts and says why.
        if (slot0.provider() != msg.sender) _owned(nodeId, address(0));
        uint256 packed = _packedPolicy();
        bool isFirst = slot0.attestations() == 0;
        if (isFirst && _isPaused(packed)) revert NodeRegistryPaused();
        // Only an end that is set, or the removal of the node's allow-list entry, can have ended it.
        if ((slot0.endedAt() != 0 || _mayBeRemoved(packed, slot0.enclaveId())) && _hasEnded(node)) {
            revert NodeRegistryEnded(nodeId, _endOf(node));
        }
        uint8 verifierId = _verifierIdOf(verifier);
        if (verifierId == 0) revert NodeRegistryUnknownVerifier(verifier);
        uint256 slot1 = node.slot1();
        if (_isWeaker(verifierId, slot0.verifierId())) revert NodeRegistryWeakerVerifier(nodeId, verifier);
        if (enclaveKey == address(0) || (!isFirst && enclaveKey != slot1.enclaveKey())) {
            revert NodeRegistryWrongEnclaveKey(nodeId, slot1.enclaveKey(), enclaveKey);
        }
        uint256 nonce = NodeNonce.encode(nodeId, slot0.attestations());
        bytes32 reportData = _reportDataOf(msg.sender, enclaveKey, nonce, blockNumber, _recentHash(blockNumber));

        // The nonce is used up before the verifier is called, so no quote serves twice.
        node.countAttestation(slot0, verifierId, blockNumber);
        (Attestation memory attestation, bytes32 subject) = VerifierCall.verify(verifier, evidence, reportData);
        uint256 validUntil = _accept(nodeId, node, attestation, subject, packed, blockNumber, isFirst);
        // A new node, or one of another verifier. None of its quotes may be forgotten by the grants while it can be disputed.
        if (verifierId != slot0.verifierId()) _extendDisputes(node, _disputeTimeOf(verifier));
        // Read again, as in {_accept}.
        slot1 = node.slot1();
        if (slot1.isSuspended()) _lift(nodeId);
        node.setSlot1(slot1, enclaveKey, _clamp(validUntil), attestation.tcbStatus);
        emit NodeAttested({
            nodeId: nodeId,
            quoteHash: attestation.quoteHash,
            platformId: attestation.platformId,
            verifier: verifier,
            blockNumber: blockNumber,
            tcbStatus: attestation.tcbStatus,
            validUntil: validUntil,
            launch: attestation.launch
        });
    }

    /// @inheritdoc INodeRegistry
    function recheck(
        uint256 nodeId,
        bytes20 launch,
        bytes calldata evidence
    ) external override returns (Standing standing) {
        Node storage node = _existing(nodeId);
        if (node.attestations == 0) revert NodeRegistryNotAttested(nodeId);

        bytes32 platformId;
        bytes32 subject;
        TcbStatus tcbStatus;
        (platformId, subject, standing, tcbStatus) = IAttestationVerifier(_verifierAt(node.verifierId)).recheck(
            evidence
        );
        if (_tagOf(node.mrEnclave, platformId, subject, launch) != node.tag) {
            revert NodeRegistryWrongSubject(nodeId, platformId, subject);
        }
        emit NodeRechecked(nodeId, standing, tcbStatus);
        if (standing == Standing.Revoked || (standing == Standing.Holds && tcbStatus == TcbStatus.Revoked)) {
            _revoke(nodeId, node, platformId);
        } else if (standing == Standing.Holds) {
            if (node.tcbStatus == TcbStatus.Revoked) node.tcbStatus = _lift(nodeId);
            if (tcbStatus != TcbStatus.None) node.tcbStatus = tcbStatus;
        }
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
        if (NodeNonce.nodeIdOf(binding.nonce) != nodeId || binding.nonce >= nonceOf(nodeId)) {
            revert NodeRegistryNotAttested(nodeId);
        }
        if (!_isKnownVerifier(verifier)) revert NodeRegistryUnknownVerifier(verifier);

        bytes32 reportData = reportDataOf(node.provider, node.enclaveKey, binding);
        standing = IAttestationVerifier(verifier).dispute(quoteHash, reportData, evidence);
        emit NodeDisputed(nodeId, quoteHash, standing);
        // Only the verifier that accepted the node's newest quote can change the node: one listed later does not know
        // the quote.
        if (_verifierAt(node.verifierId) != verifier) return standing;
        if (standing == Standing.Disproven) _discredit(nodeId, EndReason.Disproven);
        if (standing == Standing.Withheld) {
            _discredit(nodeId, EndReason.Withheld);
            _slash(nodeId);
        }
    }

    /// @inheritdoc INodeRegistry
    function exit(uint256 nodeId, address enclaveKey) external override {
        Node storage node = _owned(nodeId, enclaveKey);
        if (_hasEnded(node) || node.endReason == EndReason.Exited) revert NodeRegistryEnded(nodeId, _endOf(node));

        uint256 endsAt = node.attestations == 0 ? block.timestamp : _exitFrom(block.timestamp);
        // A takeover's end may come sooner; exiting makes it final.
        if (node.endedAt != 0) endsAt = Math.min(endsAt, node.endedAt);
        _end(nodeId, EndReason.Exited, endsAt);
        // Who leaves takes nothing over.
        if (node.isChallenger) _abandonTakeover(nodeId);
    }

    /// @inheritdoc INodeRegistry
    function release(uint256 nodeId) external override {
        Node storage node = _existing(nodeId);
        uint96 stake = node.stake;
        if (stake == 0) revert NodeRegistryNoStake(nodeId);
        uint256 end = _endOf(node);
        if (end == type(uint256).max) revert NodeRegistryStillLocked(nodeId, 0);
        if (block.timestamp < end + releaseDelay) revert NodeRegistryStillLocked(nodeId, end + releaseDelay);

        // Until here an end by delisting was computed; from now on it is recorded.
        if (node.endedAt != end) _end(nodeId, EndReason.Delisted, end);
        node.stake = 0;
        emit NodeStakeReleased(nodeId, stake);

        vault.unlock(node.provider, stake);
    }

    /// @inheritdoc INodeRegistry
    function setRate(uint256 nodeId, address enclaveKey, uint128 ratePerUnit) external override {
        Node storage node = _owned(nodeId, enclaveKey);
        _checkRate(ratePerUnit);
        node.ratePerUnit = ratePerUnit;
        emit RateSet(nodeId, ratePerUnit);
    }

    /// @inheritdoc INodeRegistry
    function setUrl(uint256 nodeId, address enclaveKey, string calldata url) external override {
        _owned(nodeId, enclaveKey);
        _checkUrl(url);
        _urls[nodeId] = url;
        emit UrlSet(nodeId, url);
    }

    /// @dev Checks what a quote says against the node and the policy, and claims its platform. Returns the Unix seconds
    /// at which the attestation lapses.
    function _accept(
        uint256 nodeId,
        Node storage node,
        Attestation memory attestation,
        bytes32 subject,
        uint256 packed,
        uint256 blockNumber,
        bool isFirst
    ) private returns (uint256 validUntil) {
        // Read again, because whoever the verifier calls may have called this contract.
        uint256 slot0 = node.slot0();
        bytes16 tag = _tagOf(attestation.mrEnclave, attestation.platformId, subject, attestation.launch);
        uint256 liveFrom = block.timestamp;
        if (node.slot4().hasOtherTag(tag) || slot0.hasEndOrTakeover() || _mayBeRemoved(packed, slot0.enclaveId())) {
            liveFrom = _applyChanges(nodeId, node, attestation, tag, packed, blockNumber, isFirst);
        }
        validUntil = Math.min(attestation.validUntil, _longestValidity(packed, attestation.tcbStatus, isFirst));
        if (validUntil <= liveFrom) revert NodeRegistryLapsed(validUntil);
    }

    /// @dev Makes all changes of an attestation beside slot 1, and refuses it where it must; not called if nothing
    /// differs from the last one:
    /// - Under the same tag, measurement, platform and launch are those that were checked before.
    /// - An entry that allows a measurement and its launch allows them until it is removed; a signer's enclave must be
    ///   matched each time.
    /// - Every open takeover shows in its nodes: the incumbent has an end ahead, and the challenger is marked.
    function _applyChanges(
        uint256 nodeId,
        Node storage node,
        Attestation memory attestation,
        bytes16 tag,
        uint256 packed,
        uint256 blockNumber,
        bool isFirst
    ) private returns (uint256 liveFrom) {
        bool isSame = !isFirst && tag == node.tag;
        if (isFirst) {
            node.mrEnclave = attestation.mrEnclave;
            node.attestedAt = _clamp(block.timestamp);
        } else if (!isSame && node.mrEnclave != attestation.mrEnclave) {
            revert NodeRegistryWrongMeasurement(nodeId, node.mrEnclave, attestation.mrEnclave);
        }
        if (isFirst || !_stillAllows(node, attestation.launch, packed, isSame)) {
            (uint256 enclaveId, bool bySigner) = _match(attestation);
            node.enclaveId = uint16(enclaveId);
            node.bySigner = bySigner;
        }
        if (isSame && !node.slot0().hasEndOrTakeover()) return block.timestamp;
        liveFrom = _claimPlatform(nodeId, attestation.platformId, blockNumber, isFirst);
        bool isChallenger = liveFrom > block.timestamp;
        node.isChallenger = isChallenger;
        if (isChallenger) node.liveFrom = _clamp(liveFrom);
        node.tag = tag;
    }

    /// @dev Whether the measurement's own entry allowed a node's enclave before and still does. A signer's entry is
    /// matched anew each time, because the measurement may have one of its own by then.
    function _stillAllows(Node storage node, bytes20 launch, uint256 packed, bool isSame) private view returns (bool) {
        uint256 enclaveId = node.enclaveId;
        return !node.bySigner && _removedAt(packed, enclaveId) == 0 && (isSame || _allowsLaunch(enclaveId, launch));
    }

    function _reportDataOf(
        address provider,
        address enclaveKey,
        uint256 nonce,
        uint256 blockNumber,
        bytes32 blockHash
    ) private view returns (bytes32 reportData) {
        bytes32 domain = REPORT_DATA_DOMAIN;
        uint256 provider_ = uint160(provider);
        uint256 enclaveKey_ = uint160(enclaveKey);
        // `abi.encode` of eight words without padding.
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, domain)
            mstore(add(data, 0x20), chainid())
            mstore(add(data, 0x40), address())
            mstore(add(data, 0x60), provider_)
            mstore(add(data, 0x80), enclaveKey_)
            mstore(add(data, 0xa0), nonce)
            mstore(add(data, 0xc0), blockNumber)
            mstore(add(data, 0xe0), blockHash)
            reportData := keccak256(data, 0x100)
        }
    }

    function _tagOf(
        bytes32 mrEnclave,
        bytes32 platformId,
        bytes32 subject,
        bytes20 launch
    ) private pure returns (bytes16 tag) {
        bytes32 hash;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, mrEnclave)
            mstore(add(data, 0x20), platformId)
            mstore(add(data, 0x40), subject)
            mstore(add(data, 0x60), launch)
            hash := keccak256(data, 0x80)
        }
        tag = bytes16(hash);
    }

    /// @dev Suspends a node, or ends it if it has been suspended long enough. A node that has ended is marked as well:
    /// what it signed counts no more than that of one that has not.
    function _revoke(uint256 nodeId, Node storage node, bytes32 platformId) private {
        if (node.tcbStatus == TcbStatus.Revoked) {
            if (block.timestamp >= _endableAt(nodeId)) _endNow(nodeId, EndReason.Revoked);
        } else {
            _suspend(nodeId, node);
            if (!_hasEnded(node)) _suspendTakeover(nodeId, platformId);
        }
    }

    /// @dev Ends a node at once, unless it has ended. A takeover that it has opened fails.
    function _endNow(uint256 nodeId, EndReason reason) private {
        if (_hasEnded(_nodes[nodeId])) return;
        _end(nodeId, reason, block.timestamp);
        _abandonTakeover(nodeId);
    }

    /// @dev Ends a node because of one of its quotes. If it has ended for another reason, the end stays and the reason
    /// becomes this one, so that nobody can hide a false quote behind an exit.
    function _discredit(uint256 nodeId, EndReason reason) private {
        Node storage node = _nodes[nodeId];
        if (!_hasEnded(node)) {
            _endNow(nodeId, reason);
        } else if (node.endReason != EndReason.Disproven && node.endReason != EndReason.Withheld) {
            _end(nodeId, reason, _endOf(node));
        }
    }

    /// @dev Slashes what the registry still holds locked for a node.
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
