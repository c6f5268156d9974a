// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {RecentBlock} from "../libraries/RecentBlock.sol";

/// @title Freshness
/// @notice Tells how old a block is without its header: it is no older than the checkpoint before it.
/// @dev Two checkpoints, at least half an hour apart, share a slot. So the oldest block taken is at most an hour old, and while
/// the contract is in use at least half an hour is left for making a quote and carrying it here.
abstract contract Freshness is INodeRegistry {
    /// @dev Seconds after which a block is no longer recent.
    uint256 private constant MAXIMUM_AGE = 1 hours;

    /// @dev Seconds after which the newer checkpoint gives way to a new one.
    uint256 private constant INTERVAL = 30 minutes;

    /// @dev `newer` and `older` checkpoints; time 0 means none.
    struct Checkpoints {
        uint64 newerBlock;
        uint40 newerTime;
        uint64 olderBlock;
        uint40 olderTime;
    }

    Checkpoints private _checkpoints;

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

    /// @dev The hash of a block that must be recent. Records the running block as {_rollCheckpoints} does.
    function _recentHash(uint256 blockNumber) internal returns (bytes32 blockHash) {
        Checkpoints memory checkpoints = _checkpoints;
        uint256 oldest = _oldestOf(checkpoints);
        if (oldest == 0 || blockNumber < oldest) revert NodeRegistryStaleBlock(blockNumber, oldest);
        blockHash = RecentBlock.hashOf(blockNumber);
        if (blockHash == 0) revert NodeRegistryUnknownBlock(blockNumber);
        _roll(checkpoints);
    }

    function _roll(Checkpoints memory checkpoints) private {
        if (checkpoints.newerTime != 0 && block.timestamp < checkpoints.newerTime + INTERVAL) return;
        _checkpoints = Checkpoints({
            newerBlock: uint64(block.number),
            newerTime: uint40(block.timestamp),
            olderBlock: checkpoints.newerBlock,
            olderTime: checkpoints.newerTime
        });
        emit Checkpointed(block.number, block.timestamp);
    }

    function _oldestOf(Checkpoints memory checkpoints) private view returns (uint256) {
        if (_isRecent(checkpoints.olderTime)) return checkpoints.olderBlock;
        return _isRecent(checkpoints.newerTime) ? checkpoints.newerBlock : 0;
    }

    function _isRecent(uint256 time) private view returns (bool) {
        return time != 0 && time + MAXIMUM_AGE >= block.timestamp;
    }
}
