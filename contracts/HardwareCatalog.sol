// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IHardwareCatalog} from "./interfaces/IHardwareCatalog.sol";
import {HardwareKind, HardwareModel} from "./types/Hardware.sol";

/// @title HardwareCatalog
/// @notice See {IHardwareCatalog}.
contract HardwareCatalog is IHardwareCatalog, AccessManaged {
    uint256 private constant MAX_HASH_RATE = type(uint48).max;
    uint256 private constant MAX_NAME_LENGTH = 64;

    /// @inheritdoc IHardwareCatalog
    uint256 public override modelCount;

    mapping(uint256 modelId => HardwareModel) private _models;

    /// @notice Sets who governs the catalog.
    /// @param authority The access manager.
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IHardwareCatalog
    function getModel(uint256 modelId) external view override returns (HardwareModel memory) {
        return _getModel(modelId);
    }

    /// @inheritdoc IHardwareCatalog
    function hashRateOf(uint256 modelId) external view override returns (uint64) {
        HardwareModel storage model = _getModel(modelId);
        if (!model.listed) revert HardwareCatalogModelNotListed(modelId);
        return model.hashRate;
    }

    /// @inheritdoc IHardwareCatalog
    function addModel(
        HardwareKind kind,
        uint64 hashRate,
        string calldata name
    ) external override restricted returns (uint256 modelId) {
        if (kind == HardwareKind.None) revert HardwareCatalogInvalidKind(kind);
        _checkHashRate(hashRate);
        uint256 length = bytes(name).length;
        if (length == 0 || length > MAX_NAME_LENGTH) revert HardwareCatalogInvalidName(name);

        modelId = ++modelCount;
        _models[modelId] = HardwareModel({kind: kind, hashRate: hashRate, listed: true, name: name});
        emit ModelAdded(modelId, kind, hashRate, name);
    }

    /// @inheritdoc IHardwareCatalog
    function setHashRate(uint256 modelId, uint64 hashRate) external override restricted {
        HardwareModel storage model = _getModel(modelId);
        _checkHashRate(hashRate);
        model.hashRate = hashRate;
        emit HashRateSet(modelId, hashRate);
    }

    /// @inheritdoc IHardwareCatalog
    function setListed(uint256 modelId, bool listed) external override restricted {
        _getModel(modelId).listed = listed;
        emit ListedSet(modelId, listed);
    }

    /// @dev Returns a model, which must exist. A stored model always has a kind.
    function _getModel(uint256 modelId) private view returns (HardwareModel storage model) {
        model = _models[modelId];
        if (model.kind == HardwareKind.None) revert HardwareCatalogUnknownModel(modelId);
    }

    function _checkHashRate(uint64 hashRate) private pure {
        if (hashRate == 0 || hashRate > MAX_HASH_RATE) revert HardwareCatalogInvalidHashRate(hashRate);
    }
}
