// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {HardwareKind, HardwareModel} from "../types/Hardware.sol";

/// @title IHardwareCatalog
/// @notice The CPU and GPU models that nodes may claim, with their reference hash rates. Governed, with a delay. A
/// change affects only nodes that are declared after it.
interface IHardwareCatalog {
    /// @notice A model was added.
    /// @param modelId The new model's id, from 1.
    /// @param kind What a unit of the model is.
    /// @param hashRate Keccak-256 hashes per second of one unit.
    /// @param name The model's name, 1 to 64 bytes.
    event ModelAdded(uint256 indexed modelId, HardwareKind kind, uint64 hashRate, string name);
    /// @notice A model's reference rate changed.
    /// @param modelId The model.
    /// @param hashRate The new rate: Keccak-256 hashes per second of one unit.
    event HashRateSet(uint256 indexed modelId, uint64 hashRate);
    /// @notice A model was listed or delisted for new nodes.
    /// @param modelId The model.
    /// @param listed Whether new nodes may claim it now.
    event ListedSet(uint256 indexed modelId, bool listed);

    /// @notice There is no model with this id.
    /// @param modelId The unknown id.
    error HardwareCatalogUnknownModel(uint256 modelId);
    /// @notice New nodes may not claim the model.
    /// @param modelId The model.
    error HardwareCatalogModelNotListed(uint256 modelId);
    /// @notice The kind is `None`.
    /// @param kind The kind given.
    error HardwareCatalogInvalidKind(HardwareKind kind);
    /// @notice The rate is zero or above 2^48-1 hashes per second.
    /// @param hashRate The rate given, in hashes per second.
    error HardwareCatalogInvalidHashRate(uint64 hashRate);
    /// @notice The name is empty or longer than 64 bytes.
    /// @param name The name given.
    error HardwareCatalogInvalidName(string name);

    /// @notice Returns how many models there are.
    /// @return The number of models; ids run from 1 to this.
    function modelCount() external view returns (uint256);

    /// @notice Returns a model as it is stored.
    /// @dev Requirements:
    /// - The model exists ({HardwareCatalogUnknownModel}).
    /// @param modelId The model's id, from 1.
    /// @return The model.
    function getModel(uint256 modelId) external view returns (HardwareModel memory);

    /// @notice Returns the reference rate of a listed model.
    /// @dev Requirements:
    /// - The model exists ({HardwareCatalogUnknownModel}).
    /// - The model is listed for new nodes ({HardwareCatalogModelNotListed}).
    /// @param modelId The model's id, from 1.
    /// @return Keccak-256 hashes per second of one unit, 1 to 2^48-1.
    function hashRateOf(uint256 modelId) external view returns (uint64);

    /// @notice Adds a model, which is listed at once. Governed.
    /// @dev Emits {ModelAdded}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - `kind` is not `None` ({HardwareCatalogInvalidKind}).
    /// - `hashRate` is 1 to 2^48-1 ({HardwareCatalogInvalidHashRate}).
    /// - `name` has 1 to 64 bytes ({HardwareCatalogInvalidName}).
    /// @param kind What a unit of the model is.
    /// @param hashRate Keccak-256 hashes per second of one unit.
    /// @param name The model's name as its maker writes it.
    /// @return modelId The new model's id, from 1.
    function addModel(HardwareKind kind, uint64 hashRate, string calldata name) external returns (uint256 modelId);

    /// @notice Changes a model's reference rate for nodes declared from now on. Governed.
    /// @dev Emits {HashRateSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - The model exists ({HardwareCatalogUnknownModel}).
    /// - `hashRate` is 1 to 2^48-1 ({HardwareCatalogInvalidHashRate}).
    /// @param modelId The model's id, from 1.
    /// @param hashRate Keccak-256 hashes per second of one unit.
    function setHashRate(uint256 modelId, uint64 hashRate) external;

    /// @notice Lists or delists a model for new nodes. Governed.
    /// @dev Emits {ListedSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - The model exists ({HardwareCatalogUnknownModel}).
    /// @param modelId The model's id, from 1.
    /// @param listed Whether new nodes may claim the model from now on.
    function setListed(uint256 modelId, bool listed) external;
}
