// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {CollateralValidation} from "./collateral/CollateralValidation.sol";
import {RevocationLists} from "./collateral/RevocationLists.sol";
import {SignedDocuments} from "./collateral/SignedDocuments.sol";
import {SignedTexts} from "./collateral/SignedTexts.sol";

/// @title CollateralStore
/// @notice See {ICollateralStore}. On every chain but local ones its root is Intel's, and cannot be another.
/// @dev Its parts: {SignedDocuments} reads documents and checks what they show by themselves, {Issuers} keeps who
/// signs, {RevocationLists} what is revoked, {SignedTexts} TCB info and QE identities, and {CollateralValidation}
/// judges sets without keeping them.
contract CollateralStore is RevocationLists, SignedTexts, CollateralValidation {
    uint256 private constant LOCAL_CHAIN_ID = 31_337;

    /// @dev Public key of Intel's SGX Root CA, as in its certificate (serial 22650cd65a9d3489f383b49552bf501b392706ac).
    bytes32 private constant INTEL_ROOT_X = 0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5;
    bytes32 private constant INTEL_ROOT_Y = 0x67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394;

    bytes32 private immutable _rootX;
    bytes32 private immutable _rootY;

    /// @notice Sets who governs the evaluation floor, and the root.
    /// @dev Errors: {CollateralStoreForeignRoot}.
    /// @param authority The access manager.
    /// @param x The first half of the root's public key: Intel's, or on chain 31337 any, such as a simulator's.
    /// @param y The second half of the root's public key.
    constructor(address authority, bytes32 x, bytes32 y) AccessManaged(authority) {
        bool isIntels = x == INTEL_ROOT_X && y == INTEL_ROOT_Y;
        if (!isIntels && block.chainid != LOCAL_CHAIN_ID) revert CollateralStoreForeignRoot(block.chainid, x, y);
        _rootX = x;
        _rootY = y;
    }

    /// @inheritdoc SignedDocuments
    function rootKey() public view override returns (bytes32 x, bytes32 y) {
        return (_rootX, _rootY);
    }
}
