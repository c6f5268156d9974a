// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {QeIdentityJson} from "./QeIdentityJson.sol";
import {Sha256} from "../formats/Sha256.sol";
import {TcbInfoJson} from "./TcbInfoJson.sol";
import {Collateral, CollateralHealth, PckCa, QeIdentity, TcbInfo} from "../../types/Collateral.sol";
import {Issuers} from "./Issuers.sol";

/// @title SignedTexts
/// @notice TCB info and QE identities by their tcbEvaluationDataNumber, the floor below which no number counts, and
/// what holds together.
abstract contract SignedTexts is Issuers, AccessManaged {
    /// @dev What is kept of a document, in one slot.
    /// @param contents Commitment to what it says.
    /// @param issueDate Unix seconds from which it holds.
    /// @param until Unix seconds of the last second at which both it and the certificate of its signer, as it was then,
    /// hold.
    /// @param signer The generation of the TCB Signing key that signed it; 0 if there is no document.
    struct Text {
        bytes16 contents;
        uint32 issueDate;
        uint32 until;
        uint8 signer;
    }

    mapping(uint256 key => Text) private _tcbInfos;
    mapping(uint256 evaluationNumber => Text) private _qeIdentities;

    /// @inheritdoc ICollateralStore
    function evaluationFloor() external view override returns (uint16) {
        return _caStates[_idOf(0, 1)].floor;
    }

    /// @inheritdoc ICollateralStore
    function collateralOf(
        PckCa ca,
        uint8 caGeneration,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view override returns (Collateral memory collateral) {
        CaState storage caState = _caStates[_idOf(uint256(ca), caGeneration)];
        uint256 signers = caState.signers;
        uint256 infoEnd;
        uint256 identityEnd;
        (collateral.tcbLevels, infoEnd) = _inForce(_tcbInfos[_keyOf(fmspc, pceId, evaluationNumber)], signers);
        (collateral.qeIdentity, identityEnd) = _inForce(_qeIdentities[evaluationNumber], signers);
        collateral.revocations = caState.revocations;
        if (evaluationNumber < caState.floor) return collateral;
        // What is missing or revoked ends at 0, and so does the whole.
        collateral.validUntil = uint64(_sooner(caState.until, _sooner(infoEnd, identityEnd)));
    }

    /// @inheritdoc ICollateralStore
    function healthOf(
        PckCa ca,
        uint8 caGeneration,
        bytes6 fmspc,
        bytes2 pceId,
        uint16 evaluationNumber
    ) external view override returns (CollateralHealth memory) {
        uint256 id = _idOf(uint256(ca), caGeneration);
        // Floor and signers are there whether or not the CA has this key.
        CaState storage caState = _caStates[_idOf(0, 1)];
        (, uint256 infoEnd) = _inForce(_tcbInfos[_keyOf(fmspc, pceId, evaluationNumber)], caState.signers);
        (, uint256 identityEnd) = _inForce(_qeIdentities[evaluationNumber], caState.signers);
        return
            CollateralHealth({
                rootCrl: _root.nextUpdate,
                pckCa: _endOf(id),
                tcbSigning: _lastSignerEnd(),
                pckCrl: _caStates[id].nextUpdate,
                tcbInfo: uint64(infoEnd),
                qeIdentity: uint64(identityEnd),
                floor: caState.floor
            });
    }

    /// @inheritdoc ICollateralStore
    function submitTcbInfo(bytes calldata text, bytes32 r, bytes32 s) external override {
        uint8 signer = _textSignerOf(text, r, s);
        TcbInfo memory info = TcbInfoJson.read(text);
        uint256 key = _keyOf(info.fmspc, info.pceId, info.evaluationNumber);
        _storeText(_tcbInfos[key], signer, keccak256(info.levels), info.issueDate, info.nextUpdate);
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
        uint8 signer = _textSignerOf(text, r, s);
        QeIdentity memory identity = QeIdentityJson.read(text);
        Text storage stored = _qeIdentities[identity.evaluationNumber];
        _storeText(stored, signer, keccak256(identity.contents), identity.issueDate, identity.nextUpdate);
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
        for (uint256 ca; ca < PCK_CAS; ++ca) {
            for (uint256 generation = _stateCountOf(ca); generation != 0; --generation) {
                _caStates[_idOf(ca, generation)].floor = floor;
            }
        }
        emit EvaluationFloorSet(floor);
    }

    /// @dev Replaces the former document. The new one must hold now, and be newer unless the former no longer counts.
    function _storeText(
        Text storage stored,
        uint8 signer,
        bytes32 contents,
        uint256 issueDate,
        uint256 nextUpdate
    ) private {
        _checkHoldsNow(issueDate, nextUpdate);
        Text memory former = stored;
        uint32 issued = _saturated(issueDate);
        if (_counts(former.signer, _caStates[_idOf(0, 1)].signers) && issued <= former.issueDate) {
            revert CollateralStoreNotNewer(former.issueDate, issued);
        }
        uint32 until = _saturated(nextUpdate);
        uint32 signerEnd = _issuers[_idOf(uint256(Role.TcbSigning), signer)].notAfter;
        if (signerEnd < until) until = signerEnd;
        (stored.contents, stored.issueDate, stored.until, stored.signer) = (bytes16(contents), issued, until, signer);
    }

    /// @dev Returns which TCB Signing key signed a text.
    function _textSignerOf(bytes calldata text, bytes32 r, bytes32 s) private view returns (uint8) {
        return _signerOf(uint256(Role.TcbSigning), IntelNames.TCB_SIGNING, Sha256.hash(text), r, s);
    }

    /// @dev The end of an issuer's certificate; 0 if it is missing or revoked.
    function _endOf(uint256 id) private view returns (uint32) {
        Issuer memory issuer = _issuers[id];
        return issuer.isRevoked ? 0 : issuer.notAfter;
    }

    /// @dev The end of the TCB Signing certificate that holds longest; 0 if all are revoked.
    function _lastSignerEnd() private view returns (uint64 end) {
        uint256 role = uint256(Role.TcbSigning);
        for (uint256 generation = _keyCountOf(role); generation != 0; --generation) {
            uint64 other = _endOf(_idOf(role, generation));
            if (other > end) end = other;
        }
    }

    /// @dev Returns what a document says and until when it holds; zeros if it is missing or its signer is revoked.
    function _inForce(Text storage text, uint256 signers) private view returns (bytes16 contents, uint256 end) {
        if (_counts(text.signer, signers)) (contents, end) = (text.contents, text.until);
    }

    /// @dev Whether a signer is in force; no document has signer 0.
    function _counts(uint256 signer, uint256 signers) private pure returns (bool) {
        return (signers >> signer) & 1 == 1;
    }

    function _sooner(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    /// @dev The key of TCB info: family, PCE and number side by side.
    function _keyOf(bytes6 fmspc, bytes2 pceId, uint16 evaluationNumber) private pure returns (uint256) {
        return (uint256(uint48(fmspc)) << 32) | (uint256(uint16(pceId)) << 16) | evaluationNumber;
    }
}
