// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StopReason} from "../../../contracts/types/Order.sol";

/// @notice What an order's stream must come to, second by second, with no thought for gas.
library StreamModel {
    /// @notice An order and the world it runs in.
    /// @param start Unix seconds of the opening.
    /// @param epochLength Seconds of an epoch.
    /// @param rate Token base units per second with 12 extra decimals.
    /// @param deposit Token base units.
    /// @param stakeLock Token base units.
    /// @param limit A scheduled close, or the node's end, or that of the epoch which it had proven before it ended in it.
    /// @param limitReason Which of them.
    /// @param challenged Bits of epochs in which some node answered, from the opening's epoch on.
    /// @param proven Bits of epochs, from the opening's epoch on.
    /// @param suspended Bits of epochs in which the node was suspended, from the opening's epoch on.
    struct World {
        uint256 start;
        uint256 epochLength;
        uint256 rate;
        uint256 deposit;
        uint256 stakeLock;
        uint256 limit;
        StopReason limitReason;
        uint256[3] challenged;
        uint256[3] proven;
        uint256[3] suspended;
    }

    /// @notice Where the order stands.
    struct Outcome {
        uint256 payableSeconds;
        uint256 undecided;
        bool stopped;
        uint256 stop;
        StopReason reason;
        uint256 missRun;
        uint256 faults;
        uint256 slashed;
    }

    /// @notice Walks from the opening to `time`.
    function walk(World memory w, uint256 time) internal pure returns (Outcome memory o) {
        uint256 t = w.start;
        while (true) {
            uint256 epochEnd = (t / w.epochLength + 1) * w.epochLength;
            uint256 counted = _walkEpoch(w, o, t, epochEnd, time);
            if (epochEnd > time) {
                o.undecided = counted;
                return o;
            }
            _decide(w, o, epochEnd, counted);
            if (o.stopped) return o;
            t = epochEnd;
        }
    }

    /// @notice Whether the epoch of a second has its bit.
    function has(World memory w, uint256[3] memory bits, uint256 time) internal pure returns (bool) {
        uint256 index = time / w.epochLength - w.start / w.epochLength;
        return (bits[index / 256] >> (index % 256)) & 1 == 1;
    }

    /// @dev Counts the seconds of one epoch up to its end, the stop or the present.
    function _walkEpoch(
        World memory w,
        Outcome memory o,
        uint256 from,
        uint256 epochEnd,
        uint256 time
    ) private pure returns (uint256 counted) {
        for (uint256 t = from; t < epochEnd; ++t) {
            if (t >= w.limit) {
                (o.stopped, o.stop, o.reason) = (true, t, w.limitReason);
                return counted;
            }
            if (w.rate * (o.payableSeconds + counted + 1) > w.deposit * 1e12) {
                (o.stopped, o.stop, o.reason) = (true, t, StopReason.Depleted);
                return counted;
            }
            if (t == time) return counted;
            ++counted;
        }
    }

    /// @dev Pays or punishes an epoch that is over.
    function _decide(World memory w, Outcome memory o, uint256 epochEnd, uint256 counted) private pure {
        if (has(w, w.proven, epochEnd - 1)) {
            o.payableSeconds += counted;
            if (counted != 0) o.missRun = 0;
            return;
        }
        if (counted != w.epochLength || !has(w, w.challenged, epochEnd - 1)) return;
        if (has(w, w.suspended, epochEnd - 1)) return;
        if (++o.missRun == 1) return;

        ++o.faults;
        uint256 quarter = (w.stakeLock + 3) / 4;
        uint256 left = w.stakeLock - o.slashed;
        o.slashed += quarter < left ? quarter : left;
        if (o.missRun == 3) (o.stopped, o.stop, o.reason) = (true, epochEnd, StopReason.Faults);
    }
}
