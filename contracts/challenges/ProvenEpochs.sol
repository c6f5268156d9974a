// SPDX-License-Identifier: MIT
pragma solidity ^0.8.31;

import {ProvenRate} from "../types/Challenge.sol";
import {EpochBitmap} from "../libraries/EpochBitmap.sol";

/// @title ProvenEpochs
/// @notice The epochs that one node has proven, a bit each, with the rate that it proved last beside them.
/// @dev Proving writes one slot, and all but once in 192 epochs one that is in use.
library ProvenEpochs {
    /// @notice 192 epochs of a node, and the rate of the last proof among them.
    /// @param epochs Bit `i`: epoch `192 n + i` is proven, for the n-th slot.
    /// @param hashRate Hashes per second.
    struct Slot {
        uint192 epochs;
        uint64 hashRate;
    }

    /// @notice What is kept of one node.
    /// @param slots By epoch / 192.
    struct Record {
        mapping(uint256 n => Slot) slots;
    }

    /// @notice Sets an epoch's bit.
    /// @param self The slot of the epoch.
    /// @param epochs What the slot has in its field of that name: the caller has read it before.
    /// @param hashRate The rate proven in that epoch, in hashes per second.
    function add(Slot storage self, uint192 epochs, uint256 epoch, uint64 hashRate) internal {
        self.epochs = epochs | uint192(1 << (epoch % EpochBitmap.EPOCHS_PER_WORD));
        self.hashRate = hashRate;
    }

    /// @notice The slot of an epoch.
    function slotOf(Record storage self, uint256 epoch) internal view returns (Slot storage) {
        return self.slots[epoch / EpochBitmap.EPOCHS_PER_WORD];
    }

    /// @notice The last proof in the running epoch's slot or in the one before; zero when there is none.
    function lastRate(Record storage self, uint256 runningEpoch) internal view returns (ProvenRate memory) {
        uint256 n = runningEpoch / EpochBitmap.EPOCHS_PER_WORD;
        if (self.slots[n].epochs == 0 && n != 0) --n;
        Slot memory last = self.slots[n];
        if (last.epochs == 0) return ProvenRate(0, 0);
        return
            ProvenRate(last.hashRate, uint64(n * EpochBitmap.EPOCHS_PER_WORD + EpochBitmap.highestSetBit(last.epochs)));
    }

    /// @notice Whether an epoch's bit is set.
    /// @param epochs The epochs of its slot.
    function has(uint192 epochs, uint256 epoch) internal pure returns (bool) {
        return (epochs >> (epoch % EpochBitmap.EPOCHS_PER_WORD)) & 1 != 0;
    }
}
