// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {EpochBitmap} from "../libraries/EpochBitmap.sol";
import {TcbStatus} from "../types/Attestation.sol";
import {EndReason, Node} from "../types/Node.sol";
import {NodeRecords} from "./NodeRecords.sol";

/// @title Suspensions
/// @notice Nodes whose evidence Intel has revoked, for as long as that may be taken back: when they were suspended, and
/// which epochs and seconds that excuses.
/// @dev The mark of a suspension is the TCB status `Revoked`, which lies where liveness is read. All else is kept apart
/// and touched only when a suspension begins, ends or is asked about.
///
/// A suspension excuses the time up to the revocation delay after its beginning. So whoever could have it lifted, or
/// the node ended, gains nothing by waiting longer; and lifting it writes a bounded number of words.
abstract contract Suspensions is NodeRecords {
    /// @dev The suspension of a node that is suspended now.
    struct Running {
        uint40 since;
        TcbStatus formerStatus;
    }

    /// @dev A suspension that was lifted: the time that it excused, and the seconds that it and all before it did.
    struct Past {
        uint40 since;
        uint40 until;
        uint40 total;
    }

    mapping(uint256 nodeId => Running) private _running;
    mapping(uint256 nodeId => Past[]) private _past;
    mapping(uint256 nodeId => mapping(uint256 word => uint256 epochs)) private _pastEpochs;

    /// @inheritdoc INodeRegistry
    function suspensionOf(uint256 nodeId) external view override returns (uint256 since, uint256 endableAt) {
        since = _running[nodeId].since;
        if (since != 0) endableAt = since + revocationDelay;
    }

    /// @inheritdoc INodeRegistry
    function standingOf(
        uint256 nodeId
    ) external view override returns (address provider, EndReason endReason, uint256 suspendedSince) {
        Node storage node = _existing(nodeId);
        provider = node.provider;
        // A reason is only ever set together with an end, which lies in the slot that was read already.
        if (node.endedAt != 0) endReason = node.endReason;
        suspendedSince = _running[nodeId].since;
    }

    /// @inheritdoc INodeRegistry
    function suspendedEpochs(uint256 nodeId, uint256 word) external view override returns (uint256 epochs) {
        epochs = _pastEpochs[nodeId][word];
        uint256 since = _running[nodeId].since;
        if (since != 0) epochs |= _epochsIn(word, since, _excusedUntil(since));
    }

    /// @inheritdoc INodeRegistry
    function suspendedSeconds(uint256 nodeId, uint256 from) external view override returns (uint256 duration) {
        Past[] storage past = _past[nodeId];
        uint256 first = _firstAfter(past, from);
        if (first != past.length) {
            duration = past[past.length - 1].total - (first == 0 ? 0 : past[first - 1].total);
            if (from > past[first].since) duration -= from - past[first].since;
        }
        uint256 since = _running[nodeId].since;
        if (since != 0) {
            (uint256 begin, uint256 until) = (Math.max(since, from), _excusedUntil(since));
            if (begin < until) duration += until - begin;
        }
    }

    /// @dev Suspends a node that is not suspended.
    function _suspend(uint256 nodeId, Node storage node) internal {
        _running[nodeId] = Running({since: uint40(block.timestamp), formerStatus: node.tcbStatus});
        node.tcbStatus = TcbStatus.Revoked;
        emit NodeSuspended(nodeId, block.timestamp + revocationDelay);
    }

    /// @dev Records that a node's suspension is over. Returns the TCB status before it; the caller writes the new one.
    function _lift(uint256 nodeId) internal returns (TcbStatus formerStatus) {
        uint256 since = _running[nodeId].since;
        formerStatus = _running[nodeId].formerStatus;
        delete _running[nodeId];
        uint256 until = _excusedUntil(since);
        // Lifted in the second of its beginning, it has cost the node nothing.
        if (until != since) _excuse(nodeId, since, until);
        emit SuspensionLifted(nodeId);
    }

    /// @dev Unix seconds from which the suspension of a suspended node may end it.
    function _endableAt(uint256 nodeId) internal view returns (uint256) {
        return _running[nodeId].since + revocationDelay;
    }

    function _excuse(uint256 nodeId, uint256 since, uint256 until) private {
        Past[] storage past = _past[nodeId];
        uint256 before = past.length == 0 ? 0 : past[past.length - 1].total;
        past.push(Past({since: uint40(since), until: uint40(until), total: uint40(before + until - since)}));
        // At most a week of epochs, 53 words.
        uint256 last = _wordOf(until - 1);
        for (uint256 word = _wordOf(since); word <= last; ++word) {
            _pastEpochs[nodeId][word] |= _epochsIn(word, since, until);
        }
    }

    /// @dev Unix seconds up to which a suspension excuses, as of now.
    function _excusedUntil(uint256 since) private view returns (uint256) {
        return Math.min(block.timestamp, since + revocationDelay);
    }

    function _wordOf(uint256 time) private view returns (uint256) {
        return time / epochLength / EpochBitmap.EPOCHS_PER_WORD;
    }

    /// @dev The epochs of a word that overlap the time from `since` to before `until`.
    function _epochsIn(uint256 word, uint256 since, uint256 until) private view returns (uint256) {
        if (since == until || word < _wordOf(since) || word > _wordOf(until - 1)) return 0;
        uint256 start = word * EpochBitmap.EPOCHS_PER_WORD;
        uint256 from = Math.max(since / epochLength, start) - start;
        uint256 to = Math.min((until - 1) / epochLength + 1 - start, EpochBitmap.EPOCHS_PER_WORD);
        return EpochBitmap.mask(from, to);
    }

    /// @dev The first of the suspensions, which are in order, that excuses a second after `from`; their number if none
    /// does.
    function _firstAfter(Past[] storage past, uint256 from) private view returns (uint256 low) {
        uint256 high = past.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (past[middle].until > from) high = middle;
            else low = middle + 1;
        }
    }
}
