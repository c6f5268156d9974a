// SPDX-License-Identifier: MIT
pragma solidity ^0.8.31;

import {ProvenRate} from "../types/Challenge.sol";
import {EpochBitmap} from "../libraries/EpochBitmap.sol";

/// @title ProvenEpochs
/// @notice The epochs that one node has proven, one bit each, with the rate that it proved last.
/// @dev Proving writes one slot, which is in use already in all but one of 192 epochs.
library ProvenEpochs {
    /// @notice 192 epochs of a node, and the rate of the last proof among them.
    /// @param epochs Bit `i` of the n-th slot is set if epoch `192 n + i` is proven.
    /// @param hashRate Hashes per second.
    struct Slot {
        uint192 epochs;
        uint64 hashRate;
    }

    /// @dev Where a slot's `hashRate` begins, in bits.
    uint256 private constant RATE_AT = 192;

    /// @notice What is kept of one node.
    /// @param slots The slots, by epoch / 192.
    struct Record {
        mapping(uint256 n => Slot) slots;
    }

    /// @notice Sets an epoch's bit.
    /// @param self The slot of the epoch.
    /// @param epochs The slot's `epochs`, which the caller has read before.
    /// @param epoch The epoch.
    /// @param hashRate The rate proven in that epoch, in hashes per second.
    function add(Slot storage self, uint192 epochs, uint256 epoch, uint64 hashRate) internal {
        uint256 word = epochs | (1 << (epoch % EpochBitmap.EPOCHS_PER_WORD)) | (uint256(hashRate) << RATE_AT);
        // The whole slot, which need not be read again.
        assembly ("memory-safe") {
            sstore(self.slot, word)
        }
    }

    /// @notice Returns the slot of an epoch.
    /// @param self The node's record.
    /// @param epoch The epoch.
    /// @return The slot.
    function slotOf(Record storage self, uint256 epoch) internal view returns (Slot storage) {
        return self.slots[epoch / EpochBitmap.EPOCHS_PER_WORD];
    }

    /// @notice Returns the last proof in the running epoch's slot or in the one before.
    /// @param self The node's record.
    /// @param runningEpoch The running epoch.
    /// @return The rate and its epoch; zeros if there is no proof.
    function lastRate(Record storage self, uint256 runningEpoch) internal view returns (ProvenRate memory) {
        uint256 n = runningEpoch / EpochBitmap.EPOCHS_PER_WORD;
        if (self.slots[n].epochs == 0 && n != 0) --n;
        Slot memory last = self.slots[n];
        if (last.epochs == 0) return ProvenRate(0, 0);
        return
            ProvenRate(last.hashRate, uint64(n * EpochBitmap.EPOCHS_PER_WORD + EpochBitmap.highestSetBit(last.epochs)));
    }

    /// @notice Returns whether an epoch's bit is set.
    /// @param epochs The `epochs` of its slot.
    /// @param epoch The epoch.
    /// @return Whether the epoch is proven.
    function has(uint192 epochs, uint256 epoch) internal pure returns (bool) {
        return (epochs >> (epoch % EpochBitmap.EPOCHS_PER_WORD)) & 1 != 0;
    }
}
