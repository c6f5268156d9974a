// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IChallengeManager} from "../interfaces/IChallengeManager.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {Order, StopReason} from "../types/Order.sol";
import {EpochBitmap} from "../libraries/EpochBitmap.sol";
import {StreamMath} from "./StreamMath.sol";

/// @title OrderStream
/// @notice Moves an order forward in time over the proofs of its node: which seconds are payable, which misses slash, and
/// where the order stops.
/// @dev A pure function of the proofs of final epochs, the deposit, scheduled closes and the node's end. Whoever calls it, and in
/// however many steps, comes to the same place. It works on a copy in memory and writes nothing.
///
/// An ended node proves nothing, so its end cannot matter before an epoch that is unproven, be it final or running, and is looked up
/// only there and where an order is about to stop. Nothing overflows: times and seconds are below 2^41, rates and amounts below 2^128.
library OrderStream {
    /// @notice Each fault slashes the stake lock divided by this, rounded up.
    uint256 internal constant FAULT_DIVISOR = 4;

    /// @notice Misses in a row that end an order.
    uint256 internal constant LAST_MISS = 3;

    /// @notice No end in sight.
    uint256 internal constant NEVER = type(uint256).max;

    /// @notice An order on its way.
    /// @param challenges Where proofs are kept.
    /// @param registry Where the node's end is kept.
    /// @param epochLength Seconds of an epoch.
    /// @param nodeId The order's node.
    /// @param rate The order's rate.
    /// @param cursor Everything before is decided.
    /// @param payableSeconds Seconds covered by proofs.
    /// @param covered Seconds that the deposit covers.
    /// @param limit Where the order ends at the latest: its stop, a scheduled close or, once known, the node's end.
    /// @param reason Why it ends there.
    /// @param stopped Whether `limit` is the stop, for good.
    /// @param endKnown Whether the node's end has been looked up.
    /// @param missRun Misses in a row.
    /// @param faults Misses from the second in a row on.
    /// @param wordEnd The epoch after those of `word`; 0 while none was read.
    /// @param word The word of the node's proofs that was read last.
    /// @param toUser Slashed on the way, for the user.
    /// @param toTreasury Slashed on the way, for the treasury.
    struct Stream {
        IChallengeManager challenges;
        INodeRegistry registry;
        uint256 epochLength;
        uint256 nodeId;
        uint256 rate;
        uint256 cursor;
        uint256 payableSeconds;
        uint256 covered;
        uint256 limit;
        StopReason reason;
        bool stopped;
        bool endKnown;
        uint256 missRun;
        uint256 faults;
        uint256 wordEnd;
        uint256 word;
        uint256 toUser;
        uint256 toTreasury;
    }

    /// @notice Moves a stream to `until` or to its stop, whichever comes first.
    /// @param s The stream.
    /// @param order The order it belongs to, for its stake lock.
    /// @param until The start of an epoch that is not after the running one: all epochs before it are final.
    function advance(Stream memory s, Order storage order, uint256 until) internal view {
        unchecked {
            uint256 length = s.epochLength;
            while (s.cursor < until && s.cursor < s.limit) {
                bool whole = s.cursor % length == 0 && s.limit - s.cursor >= length;
                if (whole && (s.stopped || s.payableSeconds + length <= s.covered)) {
                    _passWholeEpochs(s, order, until);
                } else {
                    _passPartOfEpoch(s);
                }
            }
        }
    }

    /// @notice Looks for the stop in the running epoch, once all final epochs are passed.
    /// @param s The stream.
    /// @param time The time now, at or after the cursor.
    function stopBy(Stream memory s, uint256 time) internal view {
        if (s.stopped) return;
        unchecked {
            uint256 depletion = s.cursor + (s.covered - s.payableSeconds);
            bool depleted = depletion <= time && depletion < (s.cursor / s.epochLength + 1) * s.epochLength;
            // A node that has proven the running epoch had not ended before it.
            if (!depleted && s.limit > time && _isProven(s, s.cursor / s.epochLength)) return;
            learnEnd(s);
            if (depleted && depletion < s.limit) _stop(s, depletion, StopReason.Depleted);
            else if (s.limit <= time) s.stopped = true;
        }
    }

    /// @notice Looks up the node's end and what it means for the order: it ends with its node, or with the epoch in which its
    /// node ended if the node had proven that epoch before.
    /// @param s The stream.
    function learnEnd(Stream memory s) internal view {
        if (s.endKnown || s.stopped) return;
        s.endKnown = true;
        uint256 end = s.registry.endOf(s.nodeId);
        if (end >= s.limit) return;
        unchecked {
            uint256 epoch = end / s.epochLength;
            if (_isProven(s, epoch)) end = (epoch + 1) * s.epochLength;
        }
        // Decided time is never taken back, whatever the registry says.
        if (end < s.cursor) end = s.cursor;
        if (end < s.limit) (s.limit, s.reason) = (end, StopReason.NodeEnded);
    }

    /// @notice How much of a stake lock a number of faults has slashed.
    /// @param stakeLock Token base units locked at opening.
    /// @param faults The faults.
    /// @return Token base units, at most the lock.
    function slashed(uint256 stakeLock, uint256 faults) internal pure returns (uint256) {
        unchecked {
            uint256 total = faults * ((stakeLock + FAULT_DIVISOR - 1) / FAULT_DIVISOR);
            return total < stakeLock ? total : stakeLock;
        }
    }

    /// @dev An epoch that the order covers in part, or that the deposit does. Never a miss: its window may lie outside.
    function _passPartOfEpoch(Stream memory s) private view {
        unchecked {
            uint256 epoch = s.cursor / s.epochLength;
            uint256 epochEnd = (epoch + 1) * s.epochLength;
            uint256 depletion = s.cursor + (s.covered - s.payableSeconds);
            if (!s.stopped && depletion < (s.limit < epochEnd ? s.limit : epochEnd)) {
                learnEnd(s);
                if (depletion < s.limit) _stop(s, depletion, StopReason.Depleted);
            }
            bool proven = _isProven(s, epoch);
            if (!proven) learnEnd(s);
            uint256 end = s.limit < epochEnd ? s.limit : epochEnd;
            if (proven && end != s.cursor) {
                s.payableSeconds += end - s.cursor;
                s.missRun = 0;
            }
            s.cursor = end;
        }
    }

    /// @dev Whole epochs, as many as lie in one word of the bitmap, up to the stop.
    function _passWholeEpochs(Stream memory s, Order storage order, uint256 until) private view {
        unchecked {
            uint256 length = s.epochLength;
            uint256 epoch = s.cursor / length;
            uint256 first = epoch % EpochBitmap.EPOCHS_PER_WORD;
            uint256 count = ((until < s.limit ? until : s.limit) - s.cursor) / length;
            if (count > EpochBitmap.EPOCHS_PER_WORD - first) count = EpochBitmap.EPOCHS_PER_WORD - first;

            uint256 proven = _wordOf(s, epoch) >> first;
            proven &= EpochBitmap.mask(0, count);
            if (proven == EpochBitmap.mask(0, count)) {
                // The deposit covers so many proven epochs, and no part of another.
                uint256 affordable = s.stopped ? count : (s.covered - s.payableSeconds) / length;
                if (affordable < count) count = affordable;
                s.missRun = 0;
                s.payableSeconds += count * length;
            } else {
                count = _passGaps(s, order, proven, first, count);
            }
            s.cursor += count * length;
        }
    }

    /// @dev Whole epochs of which some are unproven. Returns how many of them the order lives to see.
    function _passGaps(
        Stream memory s,
        Order storage order,
        uint256 proven,
        uint256 first,
        uint256 count
    ) private view returns (uint256) {
        unchecked {
            learnEnd(s);
            uint256 length = s.epochLength;
            uint256 left = (s.limit - s.cursor) / length;
            if (left < count) count = left;
            if (!s.stopped) {
                uint256 affordable = (s.covered - s.payableSeconds) / length;
                if (EpochBitmap.popcount(proven) >= affordable) {
                    uint256 next = EpochBitmap.nthSetBit(proven, affordable) + 1;
                    if (next < count) count = next;
                }
            }
            uint256 word = s.cursor / length / EpochBitmap.EPOCHS_PER_WORD;
            uint256 missed = (s.challenges.challengedWord(word) >> first) & ~proven & EpochBitmap.mask(0, count);
            count = _passMisses(s, order, proven, missed, count);
            s.payableSeconds += EpochBitmap.popcount(proven & EpochBitmap.mask(0, count)) * length;
            return count;
        }
    }

    /// @dev Counts misses in a row over `count` epochs from the cursor. Returns how many of them the order lives to see.
    function _passMisses(
        Stream memory s,
        Order storage order,
        uint256 proven,
        uint256 missed,
        uint256 count
    ) private view returns (uint256) {
        unchecked {
            uint256 from;
            while (missed != 0) {
                uint256 index = EpochBitmap.lowestSetBit(missed);
                if (proven & EpochBitmap.mask(from, index) != 0) s.missRun = 0;
                if (++s.missRun > 1) {
                    uint256 before = EpochBitmap.popcount(proven & EpochBitmap.mask(0, index)) * s.epochLength;
                    _fault(s, order, StreamMath.cost(s.rate, s.payableSeconds + before));
                }
                from = index + 1;
                if (s.missRun == LAST_MISS) {
                    _stop(s, s.cursor + from * s.epochLength, StopReason.Faults);
                    return from;
                }
                missed &= missed - 1;
            }
            if (proven & EpochBitmap.mask(from, count) != 0) s.missRun = 0;
            return count;
        }
    }

    /// @dev Slashes for one more miss in a row, when the order had paid `paid`.
    function _fault(Stream memory s, Order storage order, uint256 paid) private view {
        uint256 stakeLock = order.stakeLock;
        uint256 amount = slashed(stakeLock, s.faults + 1) - slashed(stakeLock, s.faults);
        if (s.faults < type(uint8).max) ++s.faults;

        // Half of what the user paid bounds what the user gets, so that a fault never pays.
        uint256 compensated = order.compensated + s.toUser;
        uint256 room = paid / 2 > compensated ? paid / 2 - compensated : 0;
        uint256 toUser = amount < room ? amount : room;
        s.toUser += toUser;
        s.toTreasury += amount - toUser;
    }

    function _isProven(Stream memory s, uint256 epoch) private view returns (bool) {
        unchecked {
            return (_wordOf(s, epoch) >> (epoch % EpochBitmap.EPOCHS_PER_WORD)) & 1 != 0;
        }
    }

    /// @dev The word of the node's proofs in which an epoch is. Neighbours mostly share one.
    function _wordOf(Stream memory s, uint256 epoch) private view returns (uint256) {
        unchecked {
            uint256 index = epoch / EpochBitmap.EPOCHS_PER_WORD;
            uint256 end = (index + 1) * EpochBitmap.EPOCHS_PER_WORD;
            if (end != s.wordEnd) (s.wordEnd, s.word) = (end, s.challenges.provenWord(s.nodeId, index));
            return s.word;
        }
    }

    function _stop(Stream memory s, uint256 time, StopReason reason) private pure {
        s.limit = time;
        s.reason = reason;
        s.stopped = true;
    }
}
