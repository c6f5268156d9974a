// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {CollateralValidation} from "./collateral/CollateralValidation.sol";
import {RevocationLists} from "./collateral/RevocationLists.sol";
import {SignedDocuments} from "./collateral/SignedDocuments.sol";
import {SignedTexts} from "./collateral/SignedTexts.sol";

/// @title SimulationCollateralStore
/// @notice See {ICollateralStore}. Its deployer chooses the root, usually a simulator's: what rests on it says nothing
/// about hardware.
contract SimulationCollateralStore is RevocationLists, SignedTexts, CollateralValidation {
    bytes32 private immutable _rootX;
    bytes32 private immutable _rootY;

    /// @notice Sets who governs the evaluation floor, and the root.
    /// @param authority The access manager.
    /// @param x The first half of the root's public key.
    /// @param y The second half of the root's public key.
    constructor(address authority, bytes32 x, bytes32 y) AccessManaged(authority) {
        _rootX = x;
        _rootY = y;
    }

    /// @inheritdoc SignedDocuments
    function rootKey() public view override returns (bytes32 x, bytes32 y) {
        return (_rootX, _rootY);
    }
}
