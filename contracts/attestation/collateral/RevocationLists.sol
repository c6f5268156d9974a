// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {Crl} from "./RevocationList.sol";
import {RevocationTree} from "../formats/RevocationTree.sol";
import {Issuers} from "./Issuers.sol";

/// @title RevocationLists
/// @notice The Root CRL, which revokes issuers, and the lists of the two PCK CAs, of which a commitment is kept.
abstract contract RevocationLists is Issuers {
    /// @inheritdoc ICollateralStore
    function submitCrl(bytes calldata der) external override {
        Crl memory crl = _readCrl(der);
        bytes16 revocations = RevocationTree.rootOf(crl.revoked);
        if (crl.issuer == IntelNames.ROOT) _storeRootCrl(crl);
        else _storePckCrl(crl, revocations);
        emit CrlStored({
            issuer: crl.issuer,
            thisUpdate: crl.thisUpdate,
            nextUpdate: crl.nextUpdate,
            revocations: revocations,
            count: crl.revoked.length
        });
    }

    function _storePckCrl(Crl memory crl, bytes16 revocations) private {
        uint256 ca = uint256(_caOf(crl.issuer));
        _checkCrlSignature(crl, _keyInForce(Role(ca), crl.issuer));
        CaState memory caState = _caStates[ca];
        (caState.crlThisUpdate, caState.crlNextUpdate) = _newerDates(crl, caState.crlThisUpdate);
        caState.revocations = revocations;
        _caStates[ca] = caState;
    }

    function _storeRootCrl(Crl memory crl) private {
        _checkCrlSignature(crl, _rootKey());
        RootCrl memory rootCrl = _rootCrl;
        (rootCrl.thisUpdate, rootCrl.nextUpdate) = _newerDates(crl, rootCrl.thisUpdate);
        Issuer[3] memory issuers = _issuers;
        for (uint256 i; i < crl.revoked.length; ++i) {
            uint256 serial = crl.revoked[i];
            if (!_isRevoked[serial]) {
                _isRevoked[serial] = true;
                ++rootCrl.revokedCount;
            }
            for (uint256 role; role < 3; ++role) {
                if (issuers[role].serial == serial && issuers[role].notAfter != 0) {
                    _revoke(issuers[role], role);
                }
            }
        }
        _rootCrl = rootCrl;
        uint256 signerUntil = issuers[uint256(Role.TcbSigning)].notAfter;
        for (uint256 ca; ca < PCK_CAS; ++ca) {
            _caStates[ca].issuersUntil = _issuersUntil(issuers[ca], signerUntil, rootCrl.nextUpdate);
        }
    }

    /// @dev Returns a list's dates. The list must hold now and be newer than the stored one.
    function _newerDates(Crl memory crl, uint256 stored) private view returns (uint32 thisUpdate, uint32 nextUpdate) {
        _checkHoldsNow(crl.thisUpdate, crl.nextUpdate);
        (thisUpdate, nextUpdate) = (_saturated(crl.thisUpdate), _saturated(crl.nextUpdate));
        if (thisUpdate <= stored) revert CollateralStoreNotNewer(stored, thisUpdate);
    }
}
