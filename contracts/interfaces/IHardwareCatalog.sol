// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {HardwareKind, HardwareModel} from "../types/Hardware.sol";

/// @title IHardwareCatalog
/// @notice The CPU and GPU models that nodes may claim, with their reference hash rates. Governed, with a delay: a change
/// reaches nodes declared after it and no other.
interface IHardwareCatalog {
    /// @notice A model was added.
    event ModelAdded(uint256 indexed modelId, HardwareKind kind, uint64 hashRate, string name);
    /// @notice A model's reference rate changed.
    event HashRateSet(uint256 indexed modelId, uint64 hashRate);
    /// @notice A model was listed or delisted for new nodes.
    event ListedSet(uint256 indexed modelId, bool listed);

    /// @notice The id names no model.
    error HardwareCatalogUnknownModel(uint256 modelId);
    /// @notice The model takes no new nodes.
    error HardwareCatalogModelNotListed(uint256 modelId);
    /// @notice The kind is `None`.
    error HardwareCatalogInvalidKind(HardwareKind kind);
    /// @notice The rate is zero or above 2^48-1 hashes per second.
    error HardwareCatalogInvalidHashRate(uint64 hashRate);
    /// @notice The name is empty or longer than 64 bytes.
    error HardwareCatalogInvalidName(string name);

    /// @notice How many models there are; ids run from 1 to this.
    function modelCount() external view returns (uint256);

    /// @notice A model as stored.
    /// @dev Errors: {HardwareCatalogUnknownModel}.
    function getModel(uint256 modelId) external view returns (HardwareModel memory);

    /// @notice The reference rate of a listed model: hashes per second of one unit.
    /// @dev Errors: {HardwareCatalogUnknownModel}, {HardwareCatalogModelNotListed}.
    function hashRateOf(uint256 modelId) external view returns (uint64);

    /// @notice Adds a model, listed at once. Governed.
    /// @dev Emits {ModelAdded}. Errors: {HardwareCatalogInvalidKind}, {HardwareCatalogInvalidHashRate},
    /// {HardwareCatalogInvalidName}.
    /// @return modelId The new model's id, from 1.
    function addModel(HardwareKind kind, uint64 hashRate, string calldata name) external returns (uint256 modelId);

    /// @notice Changes a model's reference rate for nodes declared from now on. Governed.
    /// @dev Emits {HashRateSet}. Errors: {HardwareCatalogUnknownModel}, {HardwareCatalogInvalidHashRate}.
    function setHashRate(uint256 modelId, uint64 hashRate) external;

    /// @notice Lists or delists a model for new nodes. Governed.
    /// @dev Emits {ListedSet}. Errors: {HardwareCatalogUnknownModel}.
    function setListed(uint256 modelId, bool listed) external;
}
