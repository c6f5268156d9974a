// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {RecentBlock} from "../libraries/RecentBlock.sol";

/// @title Freshness
/// @notice Bounds a block's age without its header: a block is no older than the checkpoint before it.
/// @dev Two checkpoints, at least half an hour apart, share a slot. So the oldest block that is accepted is at most an
/// hour old, and while the contract is in use there is at least half an hour for making a quote and submitting it.
abstract contract Freshness is INodeRegistry {
    /// @dev Seconds after which a block is no longer recent.
    uint256 private constant MAXIMUM_AGE = 1 hours;

    /// @dev Seconds after which the newer checkpoint gives way to a new one.
    uint256 private constant INTERVAL = 30 minutes;

    /// @dev Bits of a checkpoint: a block's number, and above it the block's Unix seconds; 0 seconds mean that there is
    /// no checkpoint.
    uint256 private constant BLOCK_BITS = 64;
    uint256 private constant CHECKPOINT_BITS = 104;

    /// @dev The newer checkpoint, and above it the older one.
    uint256 private _checkpoints;

    /// @inheritdoc INodeRegistry
    function oldestBlock() public view override returns (uint256) {
        return _oldestOf(_checkpoints);
    }

    /// @inheritdoc INodeRegistry
    function checkpoint() external override {
        _rollCheckpoints();
    }

    /// @dev Records the running block if the newer checkpoint is old enough to give way.
    function _rollCheckpoints() internal {
        _roll(_checkpoints);
    }

    /// @dev Returns the hash of a block, which must be recent. Records the running block as {_rollCheckpoints} does.
    function _recentHash(uint256 blockNumber) internal returns (bytes32 blockHash) {
        uint256 checkpoints = _checkpoints;
        uint256 oldest = _oldestOf(checkpoints);
        if (oldest == 0 || blockNumber < oldest) revert NodeRegistryStaleBlock(blockNumber, oldest);
        blockHash = RecentBlock.hashOf(blockNumber);
        if (blockHash == 0) revert NodeRegistryUnknownBlock(blockNumber);
        _roll(checkpoints);
    }

    function _roll(uint256 checkpoints) private {
        uint256 newerTime = _timeOf(checkpoints);
        // A time has 40 bits.
        unchecked {
            if (newerTime != 0 && block.timestamp < newerTime + INTERVAL) return;
        }
        uint256 newer = (uint256(uint40(block.timestamp)) << BLOCK_BITS) | uint64(block.number);
        _checkpoints = (uint256(uint104(checkpoints)) << CHECKPOINT_BITS) | newer;
        emit Checkpointed(block.number, block.timestamp);
    }

    function _oldestOf(uint256 checkpoints) private view returns (uint256) {
        uint256 older = checkpoints >> CHECKPOINT_BITS;
        if (_isRecent(_timeOf(older))) return uint64(older);
        return _isRecent(_timeOf(checkpoints)) ? uint64(checkpoints) : 0;
    }

    function _timeOf(uint256 checkpoint_) private pure returns (uint256) {
        return uint40(checkpoint_ >> BLOCK_BITS);
    }

    function _isRecent(uint256 time) private view returns (bool) {
        // A time has 40 bits.
        unchecked {
            return time != 0 && time + MAXIMUM_AGE >= block.timestamp;
        }
    }
}
