// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VerifierKind} from "../../types/Node.sol";

/// @notice What is true of a node of {NodeBook}.
/// @param provider The account that owns it.
/// @param enclaveKey Address of its enclave key.
/// @param mrEnclave The measurement that it was first attested with; 0 before.
/// @param kind What kind of verifier judged its newest attestation.
/// @param attestations How many attestations it has.
/// @param attestedAt Unix seconds of the first one; 0 before.
/// @param validUntil Unix seconds at which the newest one lapses.
/// @param end Unix seconds at which it ends or ended; {NodeBook-NO_END} while no end is set.
/// @param open Whether it wants anything new.
/// @param discredited Whether it ended because its quote was false.
/// @param suspendedSince Unix seconds of the suspension that is not lifted; 0 without one.
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
    uint256 suspendedSince;
}

/// @notice How things stand for a task of a node.
/// @param isPast Whether the deadline has passed for what is to come by it.
/// @param isOver Whether it has passed for good, so that the task can be ended.
/// @param isSuspended Whether the node is suspended.
/// @param isInDoubt Whether its word was in doubt when the deadline passed, without its fault.
/// @param isDiscredited Whether it ended because its quote was false.
struct Standing {
    bool isPast;
    bool isOver;
    bool isSuspended;
    bool isInDoubt;
    bool isDiscredited;
}

/// @title NodeBook
/// @notice What the model of tasks knows of nodes, settable. As in the registry, measurement and enclave key stay as
/// first attested, a node verified on chain never goes back to a quorum, and an end that has come never changes.
contract NodeBook {
    /// @notice The end of a node for which no end is set.
    uint256 public constant NO_END = type(uint256).max;

    /// @notice Seconds of a suspension that count.
    uint256 public constant REVOCATION_DELAY = 2 days;

    /// @notice Whether a node's end came of a suspension.
    mapping(uint256 nodeId => bool) public isRevoked;

    mapping(uint256 nodeId => NodeFacts) private _facts;

    /// @dev From when until when a node was suspended, as far as it counts.
    mapping(uint256 nodeId => uint256[2][]) private _suspensions;

    /// @notice There is no node with this id.
    /// @param nodeId The unknown id.
    error NodeBookUnknownNode(uint256 nodeId);

    /// @dev Refuses ids that no node has.
    modifier known(uint256 nodeId) {
        if (_facts[nodeId].provider == address(0)) revert NodeBookUnknownNode(nodeId);
        _;
    }

    /// @notice Adds a node that was never attested.
    /// @param nodeId Its id.
    /// @param provider The account that owns it.
    /// @param enclaveKey Address of its enclave key.
    function addNode(uint256 nodeId, address provider, address enclaveKey) external {
        NodeFacts storage node = _facts[nodeId];
        (node.provider, node.enclaveKey, node.end, node.open) = (provider, enclaveKey, NO_END, true);
    }

    /// @notice Attests a node, first or again.
    /// @param nodeId The node.
    /// @param mrEnclave The measurement, which counts the first time.
    /// @param kind What kind of verifier judges the quote.
    /// @param validUntil Unix seconds at which the attestation lapses.
    function attest(uint256 nodeId, bytes32 mrEnclave, VerifierKind kind, uint256 validUntil) external known(nodeId) {
        NodeFacts storage node = _facts[nodeId];
        if (node.attestations++ == 0) (node.mrEnclave, node.attestedAt) = (mrEnclave, block.timestamp);
        if (node.kind != VerifierKind.OnChain) node.kind = kind;
        node.validUntil = validUntil;
        _lift(nodeId);
    }

    /// @notice Sets whether a node wants anything new.
    /// @param nodeId The node.
    /// @param isOpen Whether it does.
    function setOpen(uint256 nodeId, bool isOpen) external known(nodeId) {
        _facts[nodeId].open = isOpen;
    }

    /// @notice Sets an end that has not come yet, now at the earliest.
    /// @param nodeId The node.
    /// @param end Unix seconds at which it ends.
    function setEnd(uint256 nodeId, uint256 end) external known(nodeId) {
        if (_facts[nodeId].end > block.timestamp) _facts[nodeId].end = end < block.timestamp ? block.timestamp : end;
    }

    /// @notice Ends a node that has not ended yet at once, for a quote that was false.
    /// @param nodeId The node.
    function discredit(uint256 nodeId) external known(nodeId) {
        if (_facts[nodeId].end <= block.timestamp) return;
        (_facts[nodeId].end, _facts[nodeId].discredited) = (block.timestamp, true);
    }

    /// @notice Ends a node at once that has not ended, if it has been suspended for long enough.
    /// @param nodeId The node.
    function revoke(uint256 nodeId) external known(nodeId) {
        NodeFacts storage node = _facts[nodeId];
        uint256 since = node.suspendedSince;
        if (since == 0 || block.timestamp < since + REVOCATION_DELAY || node.end <= block.timestamp) return;
        (node.end, isRevoked[nodeId]) = (block.timestamp, true);
    }

    /// @notice Suspends a node, unless it is suspended.
    /// @param nodeId The node.
    function suspend(uint256 nodeId) external known(nodeId) {
        if (_facts[nodeId].suspendedSince == 0) _facts[nodeId].suspendedSince = block.timestamp;
    }

    /// @notice Lifts a node's suspension, if there is one.
    /// @param nodeId The node.
    function lift(uint256 nodeId) external known(nodeId) {
        _lift(nodeId);
    }

    /// @notice Returns how things stand for a task of a node.
    /// @param nodeId The node.
    /// @param from Unix seconds from which on suspensions count.
    /// @param deadline Unix seconds of the deadline, which waits while the node is suspended.
    /// @param hasResult Whether it is a deadline for verdicts, which wait no longer than one suspension can count.
    /// @return standing How things stand.
    function standingOf(
        uint256 nodeId,
        uint256 from,
        uint256 deadline,
        bool hasResult
    ) external view returns (Standing memory standing) {
        NodeFacts storage node = _facts[nodeId];
        uint256 suspended = suspendedSeconds(nodeId, from);
        standing.isPast = block.timestamp > deadline + _capped(suspended, hasResult);
        standing.isOver = block.timestamp > deadline + suspended;
        standing.isSuspended = node.suspendedSince != 0 || isRevoked[nodeId];
        standing.isDiscredited = node.discredited;
        if (node.discredited) return standing;
        if (node.suspendedSince != 0) {
            uint256 earlier = _secondsBetween(nodeId, from, node.suspendedSince);
            standing.isInDoubt = node.suspendedSince <= deadline + _capped(earlier, hasResult);
        }
        if (isRevoked[nodeId]) {
            uint256 began = node.end - REVOCATION_DELAY;
            uint256 earlier = _secondsBetween(nodeId, from, began);
            if (began <= deadline + _capped(earlier, hasResult)) standing.isInDoubt = true;
        }
    }

    /// @notice Returns how long a node has been suspended since a moment, as far as it counts.
    /// @param nodeId The node.
    /// @param from Unix seconds of the moment.
    /// @return duration Seconds.
    function suspendedSeconds(uint256 nodeId, uint256 from) public view returns (uint256 duration) {
        return _secondsBetween(nodeId, from, block.timestamp);
    }

    /// @notice Returns what is true of a node.
    /// @param nodeId The node.
    /// @return The facts.
    function factsOf(uint256 nodeId) public view known(nodeId) returns (NodeFacts memory) {
        return _facts[nodeId];
    }

    /// @notice Returns whether a node's attestation holds and its end has not come.
    /// @param nodeId The node.
    /// @return Whether it is live.
    function isLive(uint256 nodeId) public view known(nodeId) returns (bool) {
        NodeFacts storage node = _facts[nodeId];
        return block.timestamp < node.validUntil && block.timestamp < node.end && node.suspendedSince == 0;
    }

    function _lift(uint256 nodeId) private {
        uint256 since = _facts[nodeId].suspendedSince;
        if (since == 0) return;
        _suspensions[nodeId].push([since, _countedUntil(since)]);
        _facts[nodeId].suspendedSince = 0;
    }

    function _countedUntil(uint256 since) private view returns (uint256) {
        return block.timestamp < since + REVOCATION_DELAY ? block.timestamp : since + REVOCATION_DELAY;
    }

    function _secondsBetween(uint256 nodeId, uint256 from, uint256 to) private view returns (uint256 duration) {
        uint256[2][] storage past = _suspensions[nodeId];
        for (uint256 i; i < past.length; ++i) duration += _overlap(past[i][0], past[i][1], from, to);
        uint256 since = _facts[nodeId].suspendedSince;
        if (since != 0) duration += _overlap(since, _countedUntil(since), from, to);
    }

    function _overlap(uint256 since, uint256 until, uint256 from, uint256 to) private pure returns (uint256) {
        if (since < from) since = from;
        if (until > to) until = to;
        return until > since ? until - since : 0;
    }

    function _capped(uint256 duration, bool hasResult) private pure returns (uint256) {
        return hasResult && duration > REVOCATION_DELAY ? REVOCATION_DELAY : duration;
    }
}
