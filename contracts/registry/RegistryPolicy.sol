// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

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

    /// @dev A demanded quote may be answered for a day, so no release can come sooner than that.
    uint256 private constant MINIMUM_RELEASE_DELAY = 1 days;
    uint256 private constant MAXIMUM_RELEASE_DELAY = 365 days;

    /// @dev Every TCB status but `None` and `Revoked`.
    uint256 private constant ACCEPTABLE = (1 << uint256(TcbStatus.Revoked)) - (1 << uint256(TcbStatus.UpToDate));

    /// @dev What an address is listed as, and the numbers under which it accepts quotes: one for each kind that it ever was listed
    /// as, kept for good. Even numbers are quorums, odd ones verify on chain.
    struct Listing {
        VerifierKind kind;
        uint8 quorumId;
        uint8 onChainId;
    }

    /// @inheritdoc INodeRegistry
    uint256 public immutable override epochLength;
    /// @inheritdoc INodeRegistry
    uint256 public immutable override powerShareBps;
    /// @inheritdoc INodeRegistry
    uint256 public immutable override releaseDelay;

    Policy private _policy;
    uint256 private _listingCount;
    mapping(address verifier => Listing) private _listings;
    mapping(uint256 verifierId => address) internal _verifiers;

    constructor(Parameters memory parameters, Policy memory policy_) {
        _checkRange(parameters.epochLength, MINIMUM_EPOCH, MAXIMUM_EPOCH);
        _checkRange(parameters.powerShareBps, 1, BASIS_POINTS);
        _checkRange(parameters.releaseDelay, MINIMUM_RELEASE_DELAY, MAXIMUM_RELEASE_DELAY);
        epochLength = parameters.epochLength;
        powerShareBps = parameters.powerShareBps;
        releaseDelay = parameters.releaseDelay;

        _checkPolicy(policy_, parameters.epochLength);
        _policy = policy_;
        emit PolicySet(policy_);
    }

    /// @inheritdoc INodeRegistry
    function policy() public view override returns (Policy memory) {
        return _policy;
    }

    /// @inheritdoc INodeRegistry
    function verifierKindOf(address verifier) public view override returns (VerifierKind) {
        return _listings[verifier].kind;
    }

    /// @inheritdoc INodeRegistry
    function setPolicy(uint128 minimumStake, uint40 maximumAge, uint16 acceptedStatuses) external override restricted {
        Policy memory policy_ = Policy({
            minimumStake: minimumStake,
            maximumAge: maximumAge,
            acceptedStatuses: acceptedStatuses,
            paused: _policy.paused
        });
        _checkPolicy(policy_, epochLength);
        _policy = policy_;
        emit PolicySet(policy_);
    }

    /// @inheritdoc INodeRegistry
    function setPaused(bool paused) external override restricted {
        _policy.paused = paused;
        emit PolicySet(_policy);
    }

    /// @inheritdoc INodeRegistry
    function setVerifier(address verifier, VerifierKind kind) external override restricted {
        if (verifier.code.length == 0) revert NodeRegistryUnknownVerifier(verifier);
        Listing storage listing = _listings[verifier];
        listing.kind = kind;
        if (kind == VerifierKind.Quorum && listing.quorumId == 0) listing.quorumId = _number(verifier, 0);
        if (kind == VerifierKind.OnChain && listing.onChainId == 0) listing.onChainId = _number(verifier, 1);
        emit VerifierSet(verifier, kind);
    }

    /// @dev The number under which a listed verifier accepts quotes now; 0 when it is not listed.
    function _verifierIdOf(address verifier) internal view returns (uint8) {
        Listing memory listing = _listings[verifier];
        if (listing.kind == VerifierKind.None) return 0;
        return listing.kind == VerifierKind.Quorum ? listing.quorumId : listing.onChainId;
    }

    /// @dev Whether the verifier is listed or was.
    function _isKnownVerifier(address verifier) internal view returns (bool) {
        Listing memory listing = _listings[verifier];
        return listing.quorumId != 0 || listing.onChainId != 0;
    }

    /// @dev What a verifier was listed as under a number.
    function _kindOf(uint256 verifierId) internal pure returns (VerifierKind) {
        if (verifierId == 0) return VerifierKind.None;
        return verifierId % 2 == 0 ? VerifierKind.Quorum : VerifierKind.OnChain;
    }

    /// @dev Whether a policy's accepted statuses hold a TCB status.
    function _isAccepted(uint256 acceptedStatuses, TcbStatus status) internal pure returns (bool) {
        return (acceptedStatuses >> uint256(status)) & 1 == 1;
    }

    /// @dev An attestation must be able to outlast a takeover, which takes up to two epochs.
    function _checkPolicy(Policy memory policy_, uint256 epochLength_) private pure {
        uint256 shortest = 2 * epochLength_ + 1;
        if (policy_.minimumStake == 0) revert NodeRegistryInvalidParameter(0, 1);
        _checkRange(policy_.maximumAge, shortest > MINIMUM_AGE ? shortest : MINIMUM_AGE, MAXIMUM_AGE);
        if (policy_.acceptedStatuses & ~ACCEPTABLE != 0 || !_isAccepted(policy_.acceptedStatuses, TcbStatus.UpToDate)) {
            revert NodeRegistryInvalidParameter(policy_.acceptedStatuses, ACCEPTABLE);
        }
    }

    /// @dev The next number, even or odd; there are 127 of them.
    function _number(address verifier, uint256 parity) private returns (uint8 verifierId) {
        verifierId = SafeCast.toUint8(2 * ++_listingCount + parity);
        _verifiers[verifierId] = verifier;
    }

    function _checkRange(uint256 value, uint256 least, uint256 most) private pure {
        if (value < least) revert NodeRegistryInvalidParameter(value, least);
        if (value > most) revert NodeRegistryInvalidParameter(value, most);
    }
}
