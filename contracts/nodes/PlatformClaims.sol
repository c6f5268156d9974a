// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {TcbStatus} from "../types/Attestation.sol";
import {EndReason, Node, Platform} from "../types/Node.sol";
import {Suspensions} from "./Suspensions.sol";

/// @title PlatformClaims
/// @notice Ensures that each platform has at most one live node: who holds a platform, and how a fresher quote takes it
/// over.
///
/// @dev When a takeover is opened, everything is written that will hold when it completes: the incumbent's end and the
/// moment from which the challenger is live are the same second. Time alone completes it. Only the incumbent's
/// re-attestation, a suspension of either or the challenger's own end undoes it, and all can happen only before that
/// second. So a node whose own end is set opens none. An incumbent with an exit ahead keeps that end, and the takeover waits for it, so undoing never has to restore
/// an older end.
///
/// A takeover ends a node that may be as good as any. So while the incumbent's attestation holds, the challenger's must
/// be worth at least as much: by the same verifier, or by one that is no weaker and that the incumbent could know of;
/// newer; and beyond dispute before it counts. A suspended incumbent is treated like a live one, because a suspension may
/// be lifted.
///
/// A challenger's attestation must outlast the takeover, so removing its allow-list entry cannot end it before.
abstract contract PlatformClaims is Suspensions {
    uint256 private constant TAKEOVER_INTERVAL = 1 days;

    /// @dev Time to answer, however short the epochs are.
    uint256 private constant SHORTEST_TAKEOVER = 30 minutes;

    mapping(bytes32 platformId => Platform) private _platforms;

    /// @dev The platform whose takeover a node has opened. A challenger that lost is no longer in any platform's
    /// record, but belongs to its platform for good.
    mapping(uint256 nodeId => bytes32 platformId) private _challenged;

    /// @inheritdoc INodeRegistry
    function getPlatform(bytes32 platformId) public view override returns (Platform memory platform) {
        platform = _platforms[platformId];
        if (platform.challengerId != 0 && platform.takeoverAt <= block.timestamp) {
            platform.nodeId = platform.challengerId;
            platform.challengerId = 0;
            platform.takeoverAt = 0;
            platform.verifierId = 0;
        }
    }

    /// @dev Decides what a node's accepted quote, its first or a later one, means for its platform. Returns the Unix
    /// seconds from which the attestation counts.
    function _claimPlatform(
        uint256 nodeId,
        bytes32 platformId,
        uint256 quoteBlock,
        bool isFirst
    ) internal returns (uint256 liveFrom) {
        Platform memory platform = getPlatform(platformId);
        if (platform.nodeId == nodeId) {
            if (platform.challengerId != 0) _closeTakeover(platformId, platform);
            return block.timestamp;
        }
        if (platform.challengerId == nodeId && !_hasEnded(_nodes[platform.nodeId])) {
            // Or a quote that nobody can dispute any more would have opened it.
            uint256 verifierId = _nodes[nodeId].verifierId;
            if (verifierId != platform.verifierId) {
                revert NodeRegistryTakeoverVerifier(platformId, platform.nodeId, _verifierAt(verifierId));
            }
            return platform.takeoverAt;
        }

        if (!isFirst && _challenged[nodeId] != platformId) revert NodeRegistryWrongPlatform(nodeId, platformId);
        if (platform.challengerId == nodeId) {
            // The incumbent has ended before the takeover, so there is nothing left to wait for.
            platform.challengerId = 0;
            platform.takeoverAt = 0;
            platform.verifierId = 0;
        } else if (platform.nodeId != 0) {
            if (platform.challengerId != 0 || !_hasEnded(_nodes[platform.nodeId])) {
                return _openTakeover(nodeId, platformId, platform, quoteBlock);
            }
        }
        platform.nodeId = uint64(nodeId);
        _platforms[platformId] = platform;
        return block.timestamp;
    }

    /// @dev Undoes the takeover that a node, which has ended, has opened, if it has.
    function _abandonTakeover(uint256 nodeId) internal {
        bytes32 platformId = _challenged[nodeId];
        Platform memory platform = getPlatform(platformId);
        if (platformId != 0 && platform.challengerId == nodeId) _closeTakeover(platformId, platform);
    }

    /// @dev Closes the takeover of a platform in which a node takes part that is suspended. A challenger in doubt takes
    /// nothing over, and an incumbent that cannot re-attest for now loses nothing.
    function _suspendTakeover(uint256 nodeId, bytes32 platformId) internal {
        Platform memory platform = getPlatform(platformId);
        if (platform.challengerId == 0) return;
        if (platform.challengerId == nodeId || platform.nodeId == nodeId) _closeTakeover(platformId, platform);
    }

    function _openTakeover(
        uint256 challengerId,
        bytes32 platformId,
        Platform memory platform,
        uint256 quoteBlock
    ) private returns (uint256 takeoverAt) {
        // It would end before it counts, and nothing would then undo what it has set in motion.
        uint256 ownEnd = _nodes[challengerId].endedAt;
        if (ownEnd != 0) revert NodeRegistryEnded(challengerId, ownEnd);
        uint256 incumbentId = platform.nodeId;
        Node storage incumbent = _nodes[incumbentId];
        if (incumbent.provider == msg.sender) revert NodeRegistryPlatformHeld(platformId, incumbentId);

        uint256 possibleAt = platform.lastTakeoverAt == 0 ? 0 : platform.lastTakeoverAt + TAKEOVER_INTERVAL;
        possibleAt = Math.max(possibleAt, platform.takeoverAt);
        if (block.timestamp < possibleAt) revert NodeRegistryTakeoverTooSoon(platformId, possibleAt);

        uint256 exitAt = incumbent.endedAt;
        uint256 verifierId = _nodes[challengerId].verifierId;
        takeoverAt = Math.max(_answerableUntil(incumbentId, incumbent), exitAt);
        if (incumbent.validUntil > block.timestamp) {
            _checkClaim(platformId, incumbentId, incumbent, verifierId, quoteBlock);
            takeoverAt = Math.max(takeoverAt, block.timestamp + _disputeTimeOf(_verifierAt(verifierId)));
        }
        platform.challengerId = uint64(challengerId);
        platform.verifierId = uint8(verifierId);
        platform.takeoverAt = SafeCast.toUint40(takeoverAt);
        platform.lastTakeoverAt = uint40(block.timestamp);
        _platforms[platformId] = platform;
        _challenged[challengerId] = platformId;
        if (exitAt == 0) _end(incumbentId, EndReason.TakenOver, takeoverAt);
        emit TakeoverOpened(platformId, incumbentId, challengerId, takeoverAt);
    }

    /// @dev Refuses a challenger whose word is worth less than that of the incumbent, whose attestation holds.
    function _checkClaim(
        bytes32 platformId,
        uint256 incumbentId,
        Node storage incumbent,
        uint256 verifierId,
        uint256 quoteBlock
    ) private view {
        if (!_mayReplace(verifierId, incumbent.verifierId, incumbent.attestedAt)) {
            revert NodeRegistryTakeoverVerifier(platformId, incumbentId, _verifierAt(verifierId));
        }
        // The incumbent's quote is the newer one if its block is among those from the challenger's to the running one.
        // Of its number 16 bits are known: once in 65,536 blocks an old one seems to be among them, and a quote that
        // names a later block helps.
        unchecked {
            uint256 distance = uint16(incumbent.quoteBlock - uint16(quoteBlock));
            if (distance < block.number - quoteBlock) revert NodeRegistryOlderQuote(quoteBlock, incumbentId);
        }
    }

    /// @dev Unix seconds up to which an incumbent can answer at the least: as long as an exit would leave it, counted
    /// from when it can end if it is suspended.
    function _answerableUntil(uint256 incumbentId, Node storage incumbent) private view returns (uint256) {
        uint256 from = block.timestamp;
        if (incumbent.tcbStatus == TcbStatus.Revoked) from = Math.max(from, _endableAt(incumbentId));
        return Math.max(_exitFrom(from), block.timestamp + SHORTEST_TAKEOVER);
    }

    /// @dev Unix seconds at which a node ends that exits at some time: with the epoch after that time's.
    function _exitFrom(uint256 time) internal view returns (uint256) {
        return (time / epochLength + 2) * epochLength;
    }

    /// @dev Clears the incumbent's end, unless it ends for another reason, and voids the challenger's attestation.
    function _closeTakeover(bytes32 platformId, Platform memory platform) private {
        uint256 challengerId = platform.challengerId;
        Node storage incumbent = _nodes[platform.nodeId];
        if (incumbent.endReason == EndReason.TakenOver) {
            incumbent.endedAt = 0;
            incumbent.endReason = EndReason.None;
        }
        // Not zero, because if its allow-list entry was removed, the challenger would seem to have ended with the
        // removal.
        _nodes[challengerId].validUntil = _clamp(block.timestamp);
        platform.challengerId = 0;
        platform.takeoverAt = 0;
        platform.verifierId = 0;
        _platforms[platformId] = platform;
        emit TakeoverRepelled(platformId, platform.nodeId, challengerId);
    }
}
