// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IChallengeManager} from "../interfaces/IChallengeManager.sol";
import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {StopReason} from "../types/Order.sol";
import {EpochBitmap} from "../libraries/EpochBitmap.sol";

/// @title OrderStream
/// @notice Moves an order forward in time over the proofs of its node: which seconds are payable, which misses slash,
/// and where the order stops.
/// @dev A pure function of the proofs of final epochs, the deposit, scheduled closes and the node's end. The result is
/// the same whoever calls it and in however many steps. It works on a copy in memory and writes nothing.
///
/// An ended or suspended node proves nothing, so its end or suspension cannot matter before an epoch that is unproven,
/// final or running. They are looked up only there, and the end where an order is about to stop. Nothing overflows: times and seconds are below 2^41,
/// rates and amounts below 2^128.
library OrderStream {
    /// @notice Each fault slashes the stake lock divided by this, rounded up.
    uint256 internal constant FAULT_DIVISOR = 4;

    /// @notice Misses in a row that end an order.
    uint256 internal constant LAST_MISS = 3;

    /// @notice The time of an end that is not set.
    uint256 internal constant NEVER = type(uint256).max;

    /// @notice What stays the same however far the order moves.
    /// @param challenges The challenge manager, which keeps proofs.
    /// @param registry The registry, which keeps the node's end.
    /// @param epochLength Seconds of an epoch.
    /// @param nodeId The order's node.
    /// @param rate The order's rate: token base units per second with 12 extra decimals.
    /// @param covered Seconds that the deposit covers.
    struct Terms {
        IChallengeManager challenges;
        INodeRegistry registry;
        uint256 epochLength;
        uint256 nodeId;
        uint256 rate;
        uint256 covered;
    }

    /// @notice Where the order stands, and what has been looked up to get there.
    /// @param cursor Unix seconds before which everything is decided.
    /// @param payableSeconds Seconds covered by proofs.
    /// @param limit Unix seconds at which the order ends at the latest: its stop, a scheduled close or, once known, the
    /// node's end.
    /// @param reason Why it ends then.
    /// @param stopped Whether `limit` is the stop, for good.
    /// @param missRun Misses in a row.
    /// @param faults Misses from the second in a row on.
    /// @param endKnown Whether the node's end has been looked up.
    /// @param wordEnd The epoch after those of `word`; 0 while no word was read.
    /// @param word The word of the node's proofs that was read last.
    struct State {
        uint256 cursor;
        uint256 payableSeconds;
        uint256 limit;
        StopReason reason;
        bool stopped;
        uint256 missRun;
        uint256 faults;
        bool endKnown;
        uint256 wordEnd;
        uint256 word;
    }

    /// @notice Moves an order to `until` or to its stop, whichever comes first.
    /// @param terms The order's terms.
    /// @param state Where it stands.
    /// @param until Unix seconds: the start of the running epoch or of an earlier one, so that all epochs before it are
    /// final.
    function advance(Terms memory terms, State memory state, uint256 until) internal view {
        unchecked {
            uint256 length = terms.epochLength;
            while (state.cursor < until && state.cursor < state.limit) {
                bool whole = state.cursor % length == 0 && state.limit - state.cursor >= length;
                if (whole && (state.stopped || state.payableSeconds + length <= terms.covered)) {
                    _passWholeEpochs(terms, state, until);
                } else {
                    _passPartOfEpoch(terms, state);
                }
            }
        }
    }

    /// @notice Looks for the stop in the running epoch, once all final epochs are passed.
    /// @param terms The order's terms.
    /// @param state Where it stands.
    /// @param time The time now in Unix seconds, at or after the cursor.
    function stopBy(Terms memory terms, State memory state, uint256 time) internal view {
        if (state.stopped) return;
        unchecked {
            uint256 depletion = depletionOf(terms, state);
            uint256 epoch = state.cursor / terms.epochLength;
            bool depleted = depletion <= time && depletion < (epoch + 1) * terms.epochLength;
            // A node that has proven the running epoch had not ended before it.
            if (!depleted && state.limit > time && _isProven(terms, state, epoch)) return;
            learnEnd(terms, state);
            if (depleted && depletion < state.limit) _stop(state, depletion, StopReason.Depleted);
            else if (state.limit <= time) state.stopped = true;
        }
    }

    /// @notice Looks up the node's end and what it means for the order: it ends with its node, or with the epoch in
    /// which its node ended if the node had proven that epoch before.
    /// @param terms The order's terms.
    /// @param state Where it stands.
    function learnEnd(Terms memory terms, State memory state) internal view {
        if (state.endKnown || state.stopped) return;
        state.endKnown = true;
        uint256 end = terms.registry.endOf(terms.nodeId);
        if (end >= state.limit) return;
        unchecked {
            uint256 epoch = end / terms.epochLength;
            if (_isProven(terms, state, epoch)) end = (epoch + 1) * terms.epochLength;
        }
        // Decided time is never taken back, whatever the registry says.
        if (end < state.cursor) end = state.cursor;
        if (end < state.limit) (state.limit, state.reason) = (end, StopReason.NodeEnded);
    }

    /// @notice Returns when the deposit is used up if every second from the cursor on is proven.
    /// @param terms The order's terms.
    /// @param state Where it stands.
    /// @return Unix seconds.
    function depletionOf(Terms memory terms, State memory state) internal pure returns (uint256) {
        unchecked {
            return state.cursor + (terms.covered - state.payableSeconds);
        }
    }

    /// @notice Returns how much of a stake lock a number of faults has slashed.
    /// @param stakeLock Token base units locked at opening.
    /// @param faults How many faults.
    /// @return Token base units, at most the lock.
    function slashed(uint256 stakeLock, uint256 faults) internal pure returns (uint256) {
        unchecked {
            uint256 total = faults * ((stakeLock + FAULT_DIVISOR - 1) / FAULT_DIVISOR);
            return total < stakeLock ? total : stakeLock;
        }
    }

    /// @dev Passes an epoch that the order, or the deposit, covers only in part. It is never a miss, because its
    /// response window may lie outside the order.
    function _passPartOfEpoch(Terms memory terms, State memory state) private view {
        unchecked {
            uint256 epoch = state.cursor / terms.epochLength;
            uint256 epochEnd = (epoch + 1) * terms.epochLength;
            uint256 depletion = depletionOf(terms, state);
            if (!state.stopped && depletion < (state.limit < epochEnd ? state.limit : epochEnd)) {
                learnEnd(terms, state);
                if (depletion < state.limit) _stop(state, depletion, StopReason.Depleted);
            }
            bool proven = _isProven(terms, state, epoch);
            if (!proven) learnEnd(terms, state);
            uint256 end = state.limit < epochEnd ? state.limit : epochEnd;
            if (proven && end != state.cursor) {
                state.payableSeconds += end - state.cursor;
                state.missRun = 0;
            }
            state.cursor = end;
        }
    }

    /// @dev Passes whole epochs up to the stop, as many as lie in one word of the bitmap.
    function _passWholeEpochs(Terms memory terms, State memory state, uint256 until) private view {
        unchecked {
            uint256 length = terms.epochLength;
            uint256 epoch = state.cursor / length;
            uint256 first = epoch % EpochBitmap.EPOCHS_PER_WORD;
            uint256 count = ((until < state.limit ? until : state.limit) - state.cursor) / length;
            if (count > EpochBitmap.EPOCHS_PER_WORD - first) count = EpochBitmap.EPOCHS_PER_WORD - first;

            uint256 proven = (_wordOf(terms, state, epoch) >> first) & EpochBitmap.mask(0, count);
            if (proven == EpochBitmap.mask(0, count)) {
                // The deposit covers that many proven epochs, and another one at most in part.
                uint256 affordable = state.stopped ? count : (terms.covered - state.payableSeconds) / length;
                if (affordable < count) count = affordable;
                state.missRun = 0;
                state.payableSeconds += count * length;
            } else {
                count = _passGaps(terms, state, proven, count);
            }
            state.cursor += count * length;
        }
    }

    /// @dev Passes whole epochs of which some are unproven. Returns how many of them come before the stop.
    function _passGaps(
        Terms memory terms,
        State memory state,
        uint256 proven,
        uint256 count
    ) private view returns (uint256) {
        unchecked {
            learnEnd(terms, state);
            uint256 length = terms.epochLength;
            uint256 left = (state.limit - state.cursor) / length;
            if (left < count) count = left;
            if (!state.stopped) {
                uint256 affordable = (terms.covered - state.payableSeconds) / length;
                if (EpochBitmap.popcount(proven) >= affordable) {
                    uint256 next = EpochBitmap.nthSetBit(proven, affordable) + 1;
                    if (next < count) count = next;
                }
            }
            count = _passMisses(terms, state, proven, count);
            state.payableSeconds += EpochBitmap.popcount(proven & EpochBitmap.mask(0, count)) * length;
            return count;
        }
    }

    /// @dev Counts misses in a row over `count` epochs from the cursor. Returns how many of these epochs come before
    /// the stop.
    function _passMisses(
        Terms memory terms,
        State memory state,
        uint256 proven,
        uint256 count
    ) private view returns (uint256) {
        unchecked {
            uint256 missed = _answeredFrom(terms, state) & ~proven & EpochBitmap.mask(0, count);
            if (missed != 0) missed &= ~_suspendedFrom(terms, state);
            uint256 from;
            while (missed != 0) {
                uint256 index = EpochBitmap.lowestSetBit(missed);
                if (proven & EpochBitmap.mask(from, index) != 0) state.missRun = 0;
                // At most 255 faults are counted; the lock is gone long before.
                if (++state.missRun > 1 && state.faults < type(uint8).max) ++state.faults;
                from = index + 1;
                if (state.missRun == LAST_MISS) {
                    _stop(state, state.cursor + from * terms.epochLength, StopReason.Faults);
                    return from;
                }
                missed &= missed - 1;
            }
            if (proven & EpochBitmap.mask(from, count) != 0) state.missRun = 0;
            return count;
        }
    }

    /// @dev The epochs of the cursor's word in which any node answered, shifted so that the cursor's epoch is bit 0. A
    /// challenge that nobody answered is nobody's miss: perhaps nobody could.
    function _answeredFrom(Terms memory terms, State memory state) private view returns (uint256) {
        unchecked {
            uint256 epoch = state.cursor / terms.epochLength;
            uint256 word = terms.challenges.answeredWord(epoch / EpochBitmap.EPOCHS_PER_WORD);
            return word >> (epoch % EpochBitmap.EPOCHS_PER_WORD);
        }
    }

    /// @dev The epochs of the cursor's word in which the node was suspended, shifted in the same way. They are not the
    /// node's to answer for.
    function _suspendedFrom(Terms memory terms, State memory state) private view returns (uint256) {
        unchecked {
            uint256 epoch = state.cursor / terms.epochLength;
            uint256 word = terms.registry.suspendedEpochs(terms.nodeId, epoch / EpochBitmap.EPOCHS_PER_WORD);
            return word >> (epoch % EpochBitmap.EPOCHS_PER_WORD);
        }
    }

    function _isProven(Terms memory terms, State memory state, uint256 epoch) private view returns (bool) {
        unchecked {
            return (_wordOf(terms, state, epoch) >> (epoch % EpochBitmap.EPOCHS_PER_WORD)) & 1 != 0;
        }
    }

    /// @dev The word of the node's proofs that contains an epoch. Consecutive epochs mostly share one.
    function _wordOf(Terms memory terms, State memory state, uint256 epoch) private view returns (uint256) {
        unchecked {
            uint256 index = epoch / EpochBitmap.EPOCHS_PER_WORD;
            uint256 end = (index + 1) * EpochBitmap.EPOCHS_PER_WORD;
            if (end != state.wordEnd) {
                (state.wordEnd, state.word) = (end, terms.challenges.provenWord(terms.nodeId, index));
            }
            return state.word;
        }
    }

    function _stop(State memory state, uint256 time, StopReason reason) private pure {
        state.limit = time;
        state.reason = reason;
        state.stopped = true;
    }
}
