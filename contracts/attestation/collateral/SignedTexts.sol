// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {Collateral, CollateralHealth, PckCa, QeIdentity, TcbInfo} from "../../types/Collateral.sol";
import {Issuers} from "./Issuers.sol";

/// @title SignedTexts
/// @notice TCB info and QE identities by their tcbEvaluationDataNumber, the floor below which no number counts, and
/// what holds together.
abstract contract SignedTexts is Issuers, AccessManaged {
    /// @dev What is kept of a document, in one slot.
    /// @param contents Commitment to what it says.
    /// @param issueDate Unix seconds from which it holds.
    /// @param nextUpdate Unix seconds of the last second at which it holds.
    /// @param signerGeneration The generation of TCB Signing when it was stored; 0 if there is no document.
    struct Text {
        bytes16 contents;
        uint32 issueDate;
        uint32 nextUpdate;
        uint8 signerGeneration;
    }

    mapping(uint256 key => Text) private _tcbInfos;
    mapping(uint256 evaluationNumber => Text) private _qeIdentities;

    /// @inheritdoc ICollateralStore
    function evaluationFloor() external view override returns (uint16) {
        return _caStates[0].floor;
    }

    /// @inheritdoc ICollateralStore
    function collateralOf(
        PckCa ca,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view override returns (Collateral memory collateral) {
        CaState storage caState = _caStates[uint256(ca)];
        uint256 generation = caState.signerGeneration;
        uint256 infoEnd;
        uint256 identityEnd;
        (collateral.tcbLevels, infoEnd) = _inForce(_tcbInfos[_keyOf(fmspc, pceId, evaluationNumber)], generation);
        (collateral.qeIdentity, identityEnd) = _inForce(_qeIdentities[evaluationNumber], generation);
        collateral.revocations = caState.revocations;
        collateral.caGeneration = caState.generation;
        if (evaluationNumber < caState.floor) return collateral;
        // What is missing or revoked ends at 0, and so does the whole.
        uint256 soonest = _sooner(caState.issuersUntil, caState.crlNextUpdate);
        collateral.validUntil = uint64(_sooner(soonest, _sooner(infoEnd, identityEnd)));
    }

    /// @inheritdoc ICollateralStore
    function healthOf(
        PckCa ca,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view override returns (CollateralHealth memory) {
        CaState storage caState = _caStates[uint256(ca)];
        (, uint256 infoEnd) = _inForce(_tcbInfos[_keyOf(fmspc, pceId, evaluationNumber)], caState.signerGeneration);
        (, uint256 identityEnd) = _inForce(_qeIdentities[evaluationNumber], caState.signerGeneration);
        return
            CollateralHealth({
                rootCrl: _rootCrl.nextUpdate,
                pckCa: _issuers[uint256(ca)].notAfter,
                tcbSigning: _issuers[uint256(Role.TcbSigning)].notAfter,
                pckCrl: caState.crlNextUpdate,
                tcbInfo: uint64(infoEnd),
                qeIdentity: uint64(identityEnd),
                floor: caState.floor
            });
    }

    /// @inheritdoc ICollateralStore
    function submitTcbInfo(bytes calldata text, bytes32 r, bytes32 s) external override {
        TcbInfo memory info = _readTcbInfo(text, r, s, _keyInForce(Role.TcbSigning, IntelNames.TCB_SIGNING));
        uint256 key = _keyOf(info.fmspc, info.pceId, info.evaluationNumber);
        _storeText(_tcbInfos[key], keccak256(info.levels), info.issueDate, info.nextUpdate);
        emit TcbInfoStored({
            fmspc: info.fmspc,
            pceId: info.pceId,
            evaluationNumber: info.evaluationNumber,
            issueDate: info.issueDate,
            nextUpdate: info.nextUpdate,
            levels: info.levels
        });
    }

    /// @inheritdoc ICollateralStore
    function submitQeIdentity(bytes calldata text, bytes32 r, bytes32 s) external override {
        QeIdentity memory identity = _readQeIdentity(text, r, s, _keyInForce(Role.TcbSigning, IntelNames.TCB_SIGNING));
        Text storage stored = _qeIdentities[identity.evaluationNumber];
        _storeText(stored, keccak256(identity.contents), identity.issueDate, identity.nextUpdate);
        emit QeIdentityStored({
            evaluationNumber: identity.evaluationNumber,
            issueDate: identity.issueDate,
            nextUpdate: identity.nextUpdate,
            contents: identity.contents
        });
    }

    /// @inheritdoc ICollateralStore
    function setEvaluationFloor(uint16 floor) external override restricted {
        // 0 would mean the same as 1, in a form that the contracts do not expect.
        if (floor == 0) revert CollateralStoreInvalidFloor(floor);
        for (uint256 ca; ca < PCK_CAS; ++ca) _caStates[ca].floor = floor;
        emit EvaluationFloorSet(floor);
    }

    /// @dev Replaces the former document. The new one must hold now, and be newer unless the former no longer counts.
    function _storeText(Text storage stored, bytes32 contents, uint256 issueDate, uint256 nextUpdate) private {
        _checkHoldsNow(issueDate, nextUpdate);
        uint8 generation = _issuers[uint256(Role.TcbSigning)].generation;
        Text memory former = stored;
        Text memory text = Text(bytes16(contents), _saturated(issueDate), _saturated(nextUpdate), generation);
        if (former.signerGeneration == generation && text.issueDate <= former.issueDate) {
            revert CollateralStoreNotNewer(former.issueDate, text.issueDate);
        }
        (stored.contents, stored.issueDate) = (text.contents, text.issueDate);
        (stored.nextUpdate, stored.signerGeneration) = (text.nextUpdate, text.signerGeneration);
    }

    /// @dev Returns what a document says and until when it holds; zeros if it is missing, or signed by an earlier key
    /// or before a revocation.
    function _inForce(Text storage text, uint256 generation) private view returns (bytes16 contents, uint256 end) {
        if (text.signerGeneration == generation) (contents, end) = (text.contents, text.nextUpdate);
    }

    function _sooner(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    /// @dev The key of TCB info: family, PCE and number side by side.
    function _keyOf(bytes6 fmspc, bytes2 pceId, uint16 evaluationNumber) private pure returns (uint256) {
        return (uint256(uint48(fmspc)) << 32) | (uint256(uint16(pceId)) << 16) | evaluationNumber;
    }
}
