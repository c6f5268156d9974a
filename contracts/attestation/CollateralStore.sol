// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {CollateralValidation} from "./collateral/CollateralValidation.sol";
import {RevocationLists} from "./collateral/RevocationLists.sol";
import {SignedDocuments} from "./collateral/SignedDocuments.sol";
import {SignedTexts} from "./collateral/SignedTexts.sol";

/// @title CollateralStore
/// @notice See {ICollateralStore}. On every chain on which anything has a price its root is Intel's, and cannot be
/// another.
/// @dev Its parts: {SignedDocuments} reads documents and checks what they show by themselves, {Issuers} keeps who
/// signs, {RevocationLists} what is revoked, {SignedTexts} TCB info and QE identities, and {CollateralValidation}
/// judges sets without keeping them.
contract CollateralStore is RevocationLists, SignedTexts, CollateralValidation {
    uint256 private constant LOCAL_CHAIN_ID = 31_337;
    uint256 private constant SEPOLIA = 11_155_111;
    uint256 private constant HOODI = 560_048;
    uint256 private constant BASE_SEPOLIA = 84_532;
    uint256 private constant OP_SEPOLIA = 11_155_420;
    uint256 private constant POLYGON_AMOY = 80_002;

    /// @dev Public key of Intel's SGX Root CA, as in its certificate (serial 22650cd65a9d3489f383b49552bf501b392706ac).
    bytes32 private constant INTEL_ROOT_X = 0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5;
    bytes32 private constant INTEL_ROOT_Y = 0x67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394;

    bytes32 private immutable _rootX;
    bytes32 private immutable _rootY;

    /// @notice Sets who governs the evaluation floor, and the root.
    /// @dev Errors: {CollateralStoreForeignRoot}.
    /// @param authority The access manager.
    /// @param x The first half of the root's public key: Intel's, or on local chains and test networks any, such as a
    /// simulator's.
    /// @param y The second half of the root's public key.
    constructor(address authority, bytes32 x, bytes32 y) AccessManaged(authority) {
        bool isIntels = x == INTEL_ROOT_X && y == INTEL_ROOT_Y;
        if (!isIntels && !_isWithoutPrices(block.chainid)) revert CollateralStoreForeignRoot(block.chainid, x, y);
        _rootX = x;
        _rootY = y;
    }

    /// @inheritdoc SignedDocuments
    function rootKey() public view override returns (bytes32 x, bytes32 y) {
        return (_rootX, _rootY);
    }

    /// @dev Whether nothing has a price on a chain: a local one, or one of the public test networks, whose ids no other
    /// chain may use.
    function _isWithoutPrices(uint256 chainId) private pure returns (bool) {
        return
            chainId == LOCAL_CHAIN_ID ||
            chainId == SEPOLIA ||
            chainId == HOODI ||
            chainId == BASE_SEPOLIA ||
            chainId == OP_SEPOLIA ||
            chainId == POLYGON_AMOY;
    }
}
