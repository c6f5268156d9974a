// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {EndReason, Node, Platform} from "../types/Node.sol";
import {NodeRecords} from "./NodeRecords.sol";

/// @title PlatformClaims
/// @notice Sees to one live node per platform: who holds a platform, and how a fresher quote takes it over.
///
/// @dev A takeover writes at its opening all that will be so when it is through: the incumbent's end and the moment from which the
/// challenger is live are the same second. Time alone completes it; only the incumbent's re-attestation or the challenger's
/// own end undoes it, and both can happen only before that second. An incumbent with an exit ahead keeps that end, and the
/// takeover waits for it, so undoing never has an older end to restore.
///
/// A challenger's attestation must outlast the takeover, so removing its allow-list entry cannot end it before.
abstract contract PlatformClaims is NodeRecords {
    uint256 private constant TAKEOVER_INTERVAL = 1 days;

    mapping(bytes32 platformId => Platform) private _platforms;

    /// @dev The platform that a node opened a takeover of. A challenger that lost is in no platform's record any more, but
    /// belongs to its platform for good.
    mapping(uint256 nodeId => bytes32 platformId) private _challenged;

    /// @inheritdoc INodeRegistry
    function getPlatform(bytes32 platformId) public view override returns (Platform memory platform) {
        platform = _platforms[platformId];
        if (platform.challengerId != 0 && platform.takeoverAt <= block.timestamp) {
            platform.nodeId = platform.challengerId;
            platform.challengerId = 0;
            platform.takeoverAt = 0;
        }
    }

    /// @dev Settles what a node's accepted quote, its first or a later one, means for its platform, and gives the Unix seconds from
    /// which the attestation counts.
    function _claimPlatform(uint256 nodeId, bytes32 platformId, bool isFirst) internal returns (uint256 liveFrom) {
        Platform memory platform = getPlatform(platformId);
        if (platform.nodeId == nodeId) {
            if (platform.challengerId != 0) _closeTakeover(platformId, platform);
            return block.timestamp;
        }
        if (platform.challengerId == nodeId) return platform.takeoverAt;

        if (!isFirst && _challenged[nodeId] != platformId) revert NodeRegistryWrongPlatform(nodeId, platformId);
        if (platform.nodeId != 0) {
            if (platform.challengerId != 0 || !_hasEnded(_nodes[platform.nodeId])) {
                return _openTakeover(nodeId, platformId, platform);
            }
        }
        platform.nodeId = uint64(nodeId);
        _platforms[platformId] = platform;
        return block.timestamp;
    }

    /// @dev Undoes the takeover that a node has open, if it has one: the node has ended.
    function _abandonTakeover(uint256 nodeId) internal {
        bytes32 platformId = _challenged[nodeId];
        Platform memory platform = getPlatform(platformId);
        if (platformId != 0 && platform.challengerId == nodeId) _closeTakeover(platformId, platform);
    }

    function _openTakeover(
        uint256 challengerId,
        bytes32 platformId,
        Platform memory platform
    ) private returns (uint256 takeoverAt) {
        uint256 incumbentId = platform.nodeId;
        Node storage incumbent = _nodes[incumbentId];
        if (incumbent.provider == msg.sender) revert NodeRegistryPlatformHeld(platformId, incumbentId);

        uint256 possibleAt = platform.lastTakeoverAt == 0 ? 0 : platform.lastTakeoverAt + TAKEOVER_INTERVAL;
        possibleAt = Math.max(possibleAt, platform.takeoverAt);
        if (block.timestamp < possibleAt) revert NodeRegistryTakeoverTooSoon(platformId, possibleAt);

        uint256 exitAt = incumbent.endedAt;
        takeoverAt = Math.max(block.timestamp + epochLength, exitAt);
        platform.challengerId = uint64(challengerId);
        platform.takeoverAt = uint40(takeoverAt);
        platform.lastTakeoverAt = uint40(block.timestamp);
        _platforms[platformId] = platform;
        _challenged[challengerId] = platformId;
        if (exitAt == 0) _end(incumbentId, EndReason.TakenOver, takeoverAt);
        emit TakeoverOpened(platformId, incumbentId, challengerId, takeoverAt);
    }

    /// @dev Gives the incumbent its life back, unless it ends for another reason, and voids the challenger's attestation.
    function _closeTakeover(bytes32 platformId, Platform memory platform) private {
        uint256 challengerId = platform.challengerId;
        Node storage incumbent = _nodes[platform.nodeId];
        if (incumbent.endReason == EndReason.TakenOver) {
            incumbent.endedAt = 0;
            incumbent.endReason = EndReason.None;
        }
        // Not zero: were its allow-list entry removed by now, the challenger would seem to have ended with that.
        _nodes[challengerId].validUntil = uint40(block.timestamp);
        platform.challengerId = 0;
        platform.takeoverAt = 0;
        _platforms[platformId] = platform;
        emit TakeoverRepelled(platformId, platform.nodeId, challengerId);
    }
}
