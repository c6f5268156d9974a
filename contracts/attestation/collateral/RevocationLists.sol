// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {Crl} from "./RevocationList.sol";
import {RevocationTree} from "../formats/RevocationTree.sol";
import {Issuers} from "./Issuers.sol";

/// @title RevocationLists
/// @notice The Root CRL, which revokes issuers, and the lists of the two PCK CAs. Of each a commitment is kept, so that a
/// list costs as much as its bytes, however many serial numbers it adds.
abstract contract RevocationLists is Issuers {
    /// @inheritdoc ICollateralStore
    function submitCrl(bytes calldata der) external override {
        Crl memory crl = _readCrl(der);
        bytes16 revocations = RevocationTree.rootOf(crl.revoked);
        uint8 generation;
        if (crl.issuer == IntelNames.ROOT) _storeRootCrl(crl, revocations);
        else generation = _storePckCrl(crl, revocations);
        emit CrlStored({
            issuer: crl.issuer,
            generation: generation,
            thisUpdate: crl.thisUpdate,
            nextUpdate: crl.nextUpdate,
            revocations: revocations,
            count: crl.revoked.length
        });
    }

    function _storePckCrl(Crl memory crl, bytes16 revocations) private returns (uint8 generation) {
        uint256 ca = uint256(_caOf(crl.issuer));
        generation = _signerOf(ca, crl.issuer, crl.digest, crl.r, crl.s);
        uint256 id = _idOf(ca, generation);
        CaState storage caState = _caStates[id];
        (uint32 thisUpdate, uint32 nextUpdate) = _newerDates(crl, caState.thisUpdate);
        (caState.thisUpdate, caState.nextUpdate, caState.revocations) = (thisUpdate, nextUpdate, revocations);
        _noteCa(ca, generation);
    }

    function _storeRootCrl(Crl memory crl, bytes16 revocations) private {
        _checkCrlSignature(crl, _rootKey());
        (uint32 thisUpdate, uint32 nextUpdate) = _newerDates(crl, _root.thisUpdate);
        (_root.thisUpdate, _root.nextUpdate, _root.revocations) = (thisUpdate, nextUpdate, revocations);
        _applyRevocations(crl.revoked);
    }

    /// @dev Returns a list's dates. The list must hold now and be newer than the stored one.
    function _newerDates(Crl memory crl, uint256 stored) private view returns (uint32 thisUpdate, uint32 nextUpdate) {
        _checkHoldsNow(crl.thisUpdate, crl.nextUpdate);
        (thisUpdate, nextUpdate) = (_saturated(crl.thisUpdate), _saturated(crl.nextUpdate));
        if (thisUpdate <= stored) revert CollateralStoreNotNewer(stored, thisUpdate);
    }
}
