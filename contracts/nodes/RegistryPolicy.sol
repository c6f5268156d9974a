// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {TcbStatus} from "../types/Attestation.sol";
import {VerifierKind} from "../types/Node.sol";

/// @title RegistryPolicy
/// @notice The registry's periods and shares, fixed for good, and what governance sets: the policy and the verifiers.
abstract contract RegistryPolicy is INodeRegistry, AccessManaged {
    uint256 internal constant BASIS_POINTS = 10_000;
    uint256 private constant MINIMUM_EPOCH = 60;
    uint256 private constant MAXIMUM_EPOCH = 1 days;
    uint256 private constant MINIMUM_AGE = 1 hours;
    uint256 private constant MAXIMUM_AGE = 90 days;

    /// @dev A grace without end would be acceptance.
    uint256 private constant MAXIMUM_GRACE = 180 days;

    /// @dev Intel has taken back what a list revoked within hours, and collateral is brought up to date once a day.
    uint256 private constant MINIMUM_REVOCATION_DELAY = 1 days;
    /// @dev Lifting a suspension writes a word for 192 epochs of it.
    uint256 private constant MAXIMUM_REVOCATION_DELAY = 7 days;

    uint256 private constant MAXIMUM_RELEASE_DELAY = 365 days;

    /// @dev Every TCB status but `None` and `Revoked`.
    uint256 private constant ACCEPTABLE = (1 << uint256(TcbStatus.Revoked)) - (1 << uint256(TcbStatus.UpToDate));

    /// @dev What an address is listed as, and the numbers under which it accepts quotes: the present one, 0 if it is
    /// not listed, and one for each kind that it was ever listed as, kept for good. Even numbers are quorums, odd ones
    /// verify on chain. And how long its quotes can be disputed, as it said when it was listed.
    struct Listing {
        VerifierKind kind;
        uint8 verifierId;
        uint8 quorumId;
        uint8 onChainId;
        uint24 disputeTime;
    }

    /// @dev The verifier behind a number, and since when it is listed under it, the last time that it was.
    struct Numbered {
        address verifier;
        uint40 listedAt;
    }

    /// @inheritdoc INodeRegistry
    uint256 public immutable override epochLength;
    /// @inheritdoc INodeRegistry
    uint256 public immutable override powerShareBps;
    /// @inheritdoc INodeRegistry
    uint256 public immutable override releaseDelay;
    /// @inheritdoc INodeRegistry
    uint256 public immutable override revocationDelay;

    /// @dev Where the parts of the packed policy begin, in bits. The removals of the first allow-list entries have one
    /// bit each.
    uint256 private constant MAXIMUM_AGE_AT = 96;
    uint256 private constant ACCEPTED_AT = 136;
    uint256 private constant GRACE_AT = 144;
    uint256 private constant GRACE_UNTIL_AT = 152;
    uint256 private constant PAUSED_AT = 192;
    uint256 private constant REMOVED_AT = 200;
    uint256 private constant REMOVAL_BITS = 56;

    /// @dev The policy and everything else that decides on attestations and new orders, in one word that is read once:
    /// the minimum stake in the lowest bits, then the parts above.
    uint256 private _policyWord;
    uint256 private _listingCount;
    mapping(address verifier => Listing) private _listings;
    mapping(uint256 verifierId => Numbered) private _verifiers;

    constructor(Parameters memory parameters, Policy memory policy_) {
        _checkRange(parameters.epochLength, MINIMUM_EPOCH, MAXIMUM_EPOCH);
        _checkRange(parameters.powerShareBps, 1, BASIS_POINTS);
        _checkRange(parameters.revocationDelay, MINIMUM_REVOCATION_DELAY, MAXIMUM_REVOCATION_DELAY);
        // So the stake of a node that exits while it is suspended is still locked when the delay is over.
        _checkRange(parameters.releaseDelay, parameters.revocationDelay + 1, MAXIMUM_RELEASE_DELAY);
        epochLength = parameters.epochLength;
        powerShareBps = parameters.powerShareBps;
        releaseDelay = parameters.releaseDelay;
        revocationDelay = parameters.revocationDelay;

        _checkPolicy(policy_, parameters.epochLength);
        _setPolicy(policy_);
    }

    /// @inheritdoc INodeRegistry
    function policy() public view override returns (Policy memory) {
        uint256 packed = _policyWord;
        return
            Policy({
                minimumStake: _minimumStake(packed),
                maximumAge: uint40(packed >> MAXIMUM_AGE_AT),
                acceptedStatuses: uint8(packed >> ACCEPTED_AT),
                graceStatuses: uint8(packed >> GRACE_AT),
                graceUntil: uint40(packed >> GRACE_UNTIL_AT),
                paused: _isPaused(packed)
            });
    }

    /// @inheritdoc INodeRegistry
    function verifierKindOf(address verifier) public view override returns (VerifierKind) {
        return _listings[verifier].kind;
    }

    /// @inheritdoc INodeRegistry
    function setPolicy(
        uint96 minimumStake,
        uint40 maximumAge,
        uint8 acceptedStatuses,
        uint8 graceStatuses,
        uint40 graceUntil
    ) external override restricted {
        Policy memory policy_ = Policy({
            minimumStake: minimumStake,
            maximumAge: maximumAge,
            acceptedStatuses: acceptedStatuses,
            graceStatuses: graceStatuses,
            graceUntil: graceUntil,
            paused: _isPaused(_policyWord)
        });
        _checkPolicy(policy_, epochLength);
        _setPolicy(policy_);
    }

    /// @inheritdoc INodeRegistry
    function setPaused(bool paused) external override restricted {
        Policy memory policy_ = policy();
        policy_.paused = paused;
        _setPolicy(policy_);
    }

    /// @inheritdoc INodeRegistry
    function setVerifier(address verifier, VerifierKind kind) external override restricted {
        if (verifier.code.length == 0) revert NodeRegistryUnknownVerifier(verifier);
        Listing storage listing = _listings[verifier];
        uint8 verifierId;
        if (kind == VerifierKind.Quorum) {
            if (listing.quorumId == 0) listing.quorumId = _nextNumber(0);
            verifierId = listing.quorumId;
        }
        if (kind == VerifierKind.OnChain) {
            if (listing.onChainId == 0) listing.onChainId = _nextNumber(1);
            verifierId = listing.onChainId;
        }
        // Whoever trusted the list while the verifier was gone could not know of it.
        if (verifierId != 0 && verifierId != listing.verifierId) {
            uint256 disputeTime = IAttestationVerifier(verifier).disputeTime();
            // Or a node's stake could be released before its last quote is beyond dispute. Nodes have 24 bits for it.
            _checkRange(disputeTime, 0, Math.min(releaseDelay, type(uint24).max));
            listing.disputeTime = uint24(disputeTime);
            _verifiers[verifierId] = Numbered({verifier: verifier, listedAt: uint40(block.timestamp)});
        }
        listing.kind = kind;
        listing.verifierId = verifierId;
        emit VerifierSet(verifier, kind);
    }

    /// @dev The number under which a verifier accepts quotes now; 0 if it is not listed.
    function _verifierIdOf(address verifier) internal view returns (uint8) {
        return _listings[verifier].verifierId;
    }

    /// @dev Whether attesting under one number after a former one replaces the chain's own verification by a quorum's
    /// word.
    function _isWeaker(uint256 verifierId, uint256 former) internal pure returns (bool) {
        return former % 2 > verifierId % 2;
    }

    /// @dev The verifier behind a number; zero if there is none.
    function _verifierAt(uint256 verifierId) internal view returns (address) {
        return _verifiers[verifierId].verifier;
    }

    /// @dev How many seconds a verifier's quotes can be disputed.
    function _disputeTimeOf(address verifier) internal view returns (uint24) {
        return _listings[verifier].disputeTime;
    }

    /// @dev Whether a verifier may take from a node, under one number, what another gave it under a former one: it is
    /// the same, or is no weaker and has been listed since before the node was attested.
    function _mayReplace(uint256 verifierId, uint256 former, uint256 attestedAt) internal view returns (bool) {
        if (verifierId == former) return true;
        return !_isWeaker(verifierId, former) && _verifiers[verifierId].listedAt < attestedAt;
    }

    /// @dev Whether the verifier is or was listed.
    function _isKnownVerifier(address verifier) internal view returns (bool) {
        Listing memory listing = _listings[verifier];
        return listing.quorumId != 0 || listing.onChainId != 0;
    }

    /// @dev What a verifier was listed as under a number.
    function _kindOf(uint256 verifierId) internal pure returns (VerifierKind) {
        if (verifierId == 0) return VerifierKind.None;
        return verifierId % 2 == 0 ? VerifierKind.Quorum : VerifierKind.OnChain;
    }

    /// @dev The packed policy, to be read once and passed to the functions below.
    function _packedPolicy() internal view returns (uint256) {
        return _policyWord;
    }

    function _minimumStake(uint256 packed) internal pure returns (uint96) {
        return uint96(packed);
    }

    function _isPaused(uint256 packed) internal pure returns (bool) {
        return (packed >> PAUSED_AT) & 1 == 1;
    }

    /// @dev Whether a TCB status is accepted for new attestations and new orders.
    function _isAccepted(uint256 packed, TcbStatus status) internal pure returns (bool) {
        return _holds(packed >> ACCEPTED_AT, status);
    }

    /// @dev Unix seconds at which an attestation with this status lapses at the latest. Only a node that was attested
    /// before gets the grace.
    function _longestValidity(uint256 packed, TcbStatus status, bool isFirst) internal view returns (uint256 until) {
        // Both are far below 2^255.
        unchecked {
            until = block.timestamp + uint40(packed >> MAXIMUM_AGE_AT);
        }
        if (_isAccepted(packed, status)) return until;
        uint256 graceUntil = uint40(packed >> GRACE_UNTIL_AT);
        if (isFirst || block.timestamp >= graceUntil || !_holds(packed >> GRACE_AT, status)) {
            revert NodeRegistryStatusNotAccepted(status);
        }
        return Math.min(until, graceUntil);
    }

    /// @dev Whether an allow-list entry may have been removed: certainly not if it has a bit that is not set.
    function _mayBeRemoved(uint256 packed, uint256 enclaveId) internal pure returns (bool) {
        return enclaveId >= REMOVAL_BITS || ((packed >> REMOVED_AT) >> enclaveId) & 1 == 1;
    }

    /// @dev Records that an allow-list entry was removed.
    function _noteRemoval(uint256 enclaveId) internal {
        if (enclaveId < REMOVAL_BITS) _policyWord |= 1 << (REMOVED_AT + enclaveId);
    }

    /// @dev Whether a set of statuses, in the lowest bits, contains a status.
    function _holds(uint256 statuses, TcbStatus status) private pure returns (bool) {
        return (statuses >> uint256(status)) & 1 == 1;
    }

    function _setPolicy(Policy memory policy_) private {
        uint256 packed = (_policyWord >> REMOVED_AT) << REMOVED_AT;
        packed |= policy_.minimumStake | (uint256(policy_.maximumAge) << MAXIMUM_AGE_AT);
        packed |= (uint256(policy_.acceptedStatuses) << ACCEPTED_AT) | (uint256(policy_.graceStatuses) << GRACE_AT);
        packed |= uint256(policy_.graceUntil) << GRACE_UNTIL_AT;
        if (policy_.paused) packed |= 1 << PAUSED_AT;
        _policyWord = packed;
        emit PolicySet(policy_);
    }

    /// @dev Checks a policy. An attestation must be able to outlast a takeover, which takes up to two epochs and at least
    /// half an hour, if nothing is disputed.
    function _checkPolicy(Policy memory policy_, uint256 epochLength_) private view {
        uint256 shortest = 2 * epochLength_ + 1;
        if (policy_.minimumStake == 0) revert NodeRegistryInvalidParameter(0, 1);
        _checkRange(policy_.maximumAge, shortest > MINIMUM_AGE ? shortest : MINIMUM_AGE, MAXIMUM_AGE);
        if (policy_.acceptedStatuses & ~ACCEPTABLE != 0 || !_holds(policy_.acceptedStatuses, TcbStatus.UpToDate)) {
            revert NodeRegistryInvalidParameter(policy_.acceptedStatuses, ACCEPTABLE);
        }
        if (policy_.graceStatuses & ~ACCEPTABLE != 0) {
            revert NodeRegistryInvalidParameter(policy_.graceStatuses, ACCEPTABLE);
        }
        _checkRange(policy_.graceUntil, 0, block.timestamp + MAXIMUM_GRACE);
    }

    /// @dev Takes the next number, even or odd; there are 127 of them.
    function _nextNumber(uint256 parity) private returns (uint8) {
        return SafeCast.toUint8(2 * ++_listingCount + parity);
    }

    function _checkRange(uint256 value, uint256 least, uint256 most) private pure {
        if (value < least) revert NodeRegistryInvalidParameter(value, least);
        if (value > most) revert NodeRegistryInvalidParameter(value, most);
    }
}
