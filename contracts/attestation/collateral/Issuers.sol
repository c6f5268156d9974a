// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {Certificate} from "../formats/X509.sol";
import {PckCa} from "../../types/Collateral.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Issuers
/// @notice Keeps who signs below the root, with which key and until when; and for each PCK CA the one slot that a
/// verification reads.
abstract contract Issuers is SignedDocuments {
    uint256 internal constant PCK_CAS = 2;

    /// @dev What a verification needs to know about a PCK CA, in one slot. Dates beyond 2106 are kept as the last
    /// second that fits.
    /// @param revocations Commitment to its CRL.
    /// @param crlThisUpdate Unix seconds from which its CRL holds; 0 if none is stored.
    /// @param crlNextUpdate Unix seconds of the last second at which its CRL holds; 0 if none is stored.
    /// @param issuersUntil Unix seconds until which the CA's certificate, the TCB Signing certificate and the Root CRL
    /// all hold; 0 if one is missing or revoked.
    /// @param floor The evaluation floor, kept here too, because it is read together with the rest.
    /// @param generation The generation of the CA's key.
    /// @param signerGeneration The generation of the TCB Signing key, as its {Issuer} has it.
    struct CaState {
        bytes16 revocations;
        uint32 crlThisUpdate;
        uint32 crlNextUpdate;
        uint32 issuersUntil;
        uint16 floor;
        uint8 generation;
        uint8 signerGeneration;
    }

    /// @dev A certificate in force.
    /// @param serial Its serial number; 0 if none was stored.
    /// @param notBefore Unix seconds from which it holds.
    /// @param notAfter Unix seconds of the last second at which it holds; 0 if the Root CRL lists it.
    /// @param generation Which key this is, the first being 1. That of TCB Signing counts revocations, too: what was
    /// signed before a revocation no longer counts, whatever the key.
    struct Issuer {
        uint160 serial;
        uint32 notBefore;
        uint32 notAfter;
        uint8 generation;
    }

    /// @dev The Root CRL.
    /// @param thisUpdate Unix seconds from which it holds.
    /// @param nextUpdate Unix seconds of the last second at which it holds.
    /// @param revokedCount How many serial numbers Root CRLs have listed so far. As long as it is 0, nothing is looked
    /// up.
    struct RootCrl {
        uint32 thisUpdate;
        uint32 nextUpdate;
        uint32 revokedCount;
    }

    RootCrl internal _rootCrl;

    /// @dev By {PckCa}.
    CaState[PCK_CAS] internal _caStates;

    /// @dev By {Role}.
    Issuer[3] internal _issuers;

    /// @dev By {Role}.
    Key[3] private _keys;

    /// @dev The keys of PCK CAs that a Root CRL has revoked, by their generations and by themselves. Both stay, even
    /// when the CA has another key. A list that names a former certificate of a CA, which is not in force, revokes no
    /// key: the store keeps nothing of such a certificate.
    mapping(uint256 ca => mapping(uint8 generation => bool)) private _isRevokedGeneration;
    mapping(bytes32 keyHash => bool) private _isRevokedKey;

    /// @dev Serial numbers that a Root CRL has listed. They stay, even if a later list omits them.
    mapping(uint256 serial => bool) internal _isRevoked;

    /// @dev Writes the first key's generation and the lowest floor at once, so that every later change of these slots
    /// changes a slot in use, for a quarter of the gas.
    constructor() {
        for (uint256 role; role < 3; ++role) _issuers[role].generation = 1;
        for (uint256 ca; ca < PCK_CAS; ++ca) {
            (_caStates[ca].floor, _caStates[ca].generation, _caStates[ca].signerGeneration) = (1, 1, 1);
        }
    }

    /// @inheritdoc ICollateralStore
    function caKeyOf(PckCa ca) external view override returns (bytes32 x, bytes32 y) {
        return (_keys[uint256(ca)].x, _keys[uint256(ca)].y);
    }

    /// @inheritdoc ICollateralStore
    function isCaRevoked(PckCa ca, uint8 generation) external view override returns (bool) {
        return _isRevokedGeneration[uint256(ca)][generation];
    }

    /// @inheritdoc ICollateralStore
    function isCaKeyRevoked(bytes32 x, bytes32 y) public view override returns (bool) {
        return _isRevokedKey[_hashOf(x, y)];
    }

    /// @inheritdoc ICollateralStore
    function submitCertificate(bytes calldata der) external override {
        (Role role, Certificate memory certificate) = _readIssuer(der);
        _checkHoldsNow(certificate.notBefore, certificate.notAfter);
        RootCrl memory rootCrl = _rootCrl;
        if (block.timestamp > rootCrl.nextUpdate) revert CollateralStoreMissingIssuer(IntelNames.ROOT);
        if (rootCrl.revokedCount != 0) {
            if (_isRevoked[certificate.serial]) revert CollateralStoreRevoked(certificate.serial);
            // What a recheck ends for good must not be attested again.
            if (isCaKeyRevoked(certificate.x, certificate.y)) {
                revert CollateralStoreRevokedKey(certificate.x, certificate.y);
            }
        }

        (Issuer memory issuer, bool isNewKey) = _store(role, certificate);
        if (role == Role.TcbSigning) _noteSigner(issuer, rootCrl.nextUpdate);
        else _noteCa(uint256(role), issuer, isNewKey, rootCrl.nextUpdate);
        emit CertificateStored({
            subject: certificate.subject,
            serial: certificate.serial,
            notAfter: certificate.notAfter,
            isNewKey: isNewKey
        });
    }

    /// @dev Returns the key of an issuer, which must be stored, not revoked, and in date.
    function _keyInForce(Role role, bytes32 name) internal view returns (Key memory) {
        if (block.timestamp > _issuers[uint256(role)].notAfter) revert CollateralStoreMissingIssuer(name);
        return _keys[uint256(role)];
    }

    /// @dev Revokes an issuer that the Root CRL lists, in memory and in storage: a PCK CA's key for good, and
    /// everything that TCB Signing has signed.
    function _revoke(Issuer memory issuer, uint256 role) internal {
        issuer.notAfter = 0;
        if (role == uint256(Role.TcbSigning)) {
            ++issuer.generation;
            for (uint256 ca; ca < PCK_CAS; ++ca) _caStates[ca].signerGeneration = issuer.generation;
        } else {
            _isRevokedGeneration[role][issuer.generation] = true;
            _isRevokedKey[_hashOf(_keys[role].x, _keys[role].y)] = true;
        }
        _issuers[role] = issuer;
        emit IssuerRevoked(_nameOf(Role(role)), issuer.serial);
    }

    /// @dev Computes `CaState.issuersUntil`.
    function _issuersUntil(Issuer memory ca, uint256 signerUntil, uint256 rootUntil) internal pure returns (uint32) {
        uint256 soonest = signerUntil < rootUntil ? signerUntil : rootUntil;
        return ca.notAfter < soonest ? ca.notAfter : uint32(soonest);
    }

    /// @dev Refuses a document that does not hold now. Both ends are inclusive.
    function _checkHoldsNow(uint256 from, uint256 to) internal view {
        if (block.timestamp < from || block.timestamp > to) revert CollateralStoreNotValidNow(from, to);
    }

    /// @dev Unix seconds in 32 bits; later times become the last one that fits.
    function _saturated(uint256 time) internal pure returns (uint32) {
        return time < type(uint32).max ? uint32(time) : type(uint32).max;
    }

    /// @dev Replaces the former certificate by one that is newer.
    function _store(Role role, Certificate memory certificate) private returns (Issuer memory issuer, bool isNewKey) {
        Key storage key = _keys[uint256(role)];
        isNewKey = key.x != certificate.x || key.y != certificate.y;
        issuer = _issuers[uint256(role)];
        (uint32 notBefore, uint32 notAfter) = (_saturated(certificate.notBefore), _saturated(certificate.notAfter));
        // A certificate that is revoked, lapsed or missing gives way to any that holds: its end is 0 or past.
        if (block.timestamp <= issuer.notAfter && notBefore <= issuer.notBefore) {
            // With the same key, a certificate that begins at the same time may end later.
            if (isNewKey || notBefore < issuer.notBefore) {
                revert CollateralStoreNotNewer(issuer.notBefore, notBefore);
            }
            if (notAfter <= issuer.notAfter) revert CollateralStoreNotNewer(issuer.notAfter, notAfter);
        }
        if (isNewKey) {
            if (issuer.serial != 0) ++issuer.generation;
            (key.x, key.y) = (certificate.x, certificate.y);
        }
        (issuer.serial, issuer.notBefore, issuer.notAfter) = (uint160(certificate.serial), notBefore, notAfter);
        _issuers[uint256(role)] = issuer;
    }

    function _hashOf(bytes32 x, bytes32 y) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(x, y));
    }

    /// @dev Updates a CA's state for its new certificate. What another key signed no longer counts.
    function _noteCa(uint256 ca, Issuer memory issuer, bool isNewKey, uint256 rootUntil) private {
        CaState memory caState = _caStates[ca];
        if (isNewKey) {
            (caState.revocations, caState.crlThisUpdate, caState.crlNextUpdate) = (0, 0, 0);
            caState.generation = issuer.generation;
        }
        caState.issuersUntil = _issuersUntil(issuer, _issuers[uint256(Role.TcbSigning)].notAfter, rootUntil);
        _caStates[ca] = caState;
    }

    /// @dev Updates both CAs' states for the new TCB Signing certificate.
    function _noteSigner(Issuer memory signer, uint256 rootUntil) private {
        for (uint256 ca; ca < PCK_CAS; ++ca) {
            CaState memory caState = _caStates[ca];
            caState.signerGeneration = signer.generation;
            caState.issuersUntil = _issuersUntil(_issuers[ca], signer.notAfter, rootUntil);
            _caStates[ca] = caState;
        }
    }
}
