// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {P256} from "../formats/P256.sol";
import {RevocationTree} from "../formats/RevocationTree.sol";
import {Certificate} from "../formats/X509.sol";
import {IssuerKey, PckCa} from "../../types/Collateral.sol";
import {SignedDocuments} from "./SignedDocuments.sol";

/// @title Issuers
/// @notice Keeps who signs below the root, with which keys and until when; and for each key of a PCK CA the one slot
/// that a verification reads.
/// @dev Each key of a role has a generation for good, from 1, and one certificate at a time. Several may hold at once.
/// Only the root makes keys, so walks over all generations are as short as Intel's list of keys, and at most
/// {MAX_KEYS} long.
abstract contract Issuers is SignedDocuments {
    uint256 internal constant PCK_CAS = 2;

    /// @dev The most keys of one role: each TCB Signing key has a bit in {CaState}, but for the lowest.
    uint256 internal constant MAX_KEYS = 15;

    uint256 private constant ROLES = 3;

    /// @dev What a verification needs to know about a key of a PCK CA, in one slot.
    /// @param revocations Commitment to the list that the key signed last; zero if there is none.
    /// @param thisUpdate Unix seconds from which that list holds; 0 if there is none.
    /// @param nextUpdate Unix seconds of the last second at which it holds; 0 if there is none.
    /// @param until Unix seconds until which the CA's certificate, its list and the Root CRL all hold; 0 if one is
    /// missing or revoked.
    /// @param floor The evaluation floor, kept with each key, because it is read together with the rest.
    /// @param signers Bit `g` set means that the TCB Signing key of generation `g` is stored and not revoked; also kept
    /// with each key.
    struct CaState {
        bytes16 revocations;
        uint32 thisUpdate;
        uint32 nextUpdate;
        uint32 until;
        uint16 floor;
        uint16 signers;
    }

    /// @dev The certificate of a key. Dates beyond 2106 are kept as the last second that fits.
    /// @param serial Its serial number; 0 if none was stored.
    /// @param notBefore Unix seconds from which it holds.
    /// @param notAfter Unix seconds of the last second at which it holds.
    /// @param isRevoked Whether the Root CRL in force lists it.
    struct Issuer {
        uint160 serial;
        uint32 notBefore;
        uint32 notAfter;
        bool isRevoked;
    }

    /// @dev The Root CRL, and how many keys each role has had.
    /// @param revocations Commitment to its serial numbers.
    /// @param thisUpdate Unix seconds from which it holds.
    /// @param nextUpdate Unix seconds of the last second at which it holds.
    /// @param keyCounts One byte for each {Role}, the first in the lowest bits.
    struct Root {
        bytes16 revocations;
        uint32 thisUpdate;
        uint32 nextUpdate;
        uint24 keyCounts;
    }

    Root internal _root;

    /// @dev All by {_idOf} role and generation.
    mapping(uint256 id => CaState) internal _caStates;
    mapping(uint256 id => Issuer) internal _issuers;
    mapping(uint256 id => Key) private _keys;

    /// @dev Writes to the slots of each role's first key, so that storing it changes slots in use, for a quarter of the
    /// gas: the lowest floor, which later keys copy, and a mark of revocation on a certificate that there is not.
    constructor() {
        for (uint256 role; role < ROLES; ++role) _issuers[_idOf(role, 1)].isRevoked = true;
        for (uint256 ca; ca < PCK_CAS; ++ca) _caStates[_idOf(ca, 1)].floor = 1;
    }

    /// @inheritdoc ICollateralStore
    function caKeyOf(PckCa ca, uint8 generation) external view override returns (bytes32 x, bytes32 y) {
        Key storage key = _keys[_idOf(uint256(ca), generation)];
        return (key.x, key.y);
    }

    /// @inheritdoc ICollateralStore
    function issuerOf(bytes32 subject, bytes32 x, bytes32 y) external view override returns (IssuerKey memory) {
        uint256 role = uint256(_roleOf(subject));
        uint8 generation = _generationOf(role, x, y);
        Issuer memory issuer = _issuers[_idOf(role, generation)];
        return
            IssuerKey({
                generation: generation,
                notBefore: issuer.notBefore,
                notAfter: issuer.notAfter,
                isRevoked: issuer.isRevoked
            });
    }

    /// @inheritdoc ICollateralStore
    function caKeyCount(PckCa ca) external view override returns (uint8) {
        return _keyCountOf(uint256(ca));
    }

    /// @inheritdoc ICollateralStore
    function listsOf(
        PckCa ca
    ) external view override returns (uint16 floor, uint40 rootCrlIssuedAt, uint40 pckCrlIssuedAt) {
        (floor, rootCrlIssuedAt) = (_caStates[_idOf(uint256(ca), 1)].floor, _root.thisUpdate);
        uint256 count = _keyCountOf(uint256(ca));
        for (uint256 generation = 1; generation <= count; ++generation) {
            CaState storage caState = _caStates[_idOf(uint256(ca), generation)];
            uint32 issuedAt = caState.thisUpdate;
            bool isOldest = pckCrlIssuedAt == 0 || issuedAt < pckCrlIssuedAt;
            if (isOldest && block.timestamp <= caState.nextUpdate) pckCrlIssuedAt = issuedAt;
        }
    }

    /// @inheritdoc ICollateralStore
    function isCaRevoked(PckCa ca, uint8 generation) external view override returns (bool) {
        Issuer memory issuer = _issuers[_idOf(uint256(ca), generation)];
        return issuer.isRevoked && issuer.serial != 0;
    }

    /// @inheritdoc ICollateralStore
    function submitCertificate(bytes calldata der, bytes calldata bucket, bytes calldata siblings) external override {
        (Role role, Certificate memory certificate) = _readIssuer(der);
        _checkHoldsNow(certificate.notBefore, certificate.notAfter);
        if (block.timestamp > _root.nextUpdate) revert CollateralStoreMissingIssuer(IntelNames.ROOT);
        _checkNotRevoked(certificate.serial, bucket, siblings);

        (uint8 generation, bool isNewSigner) = _store(uint256(role), certificate);
        if (role == Role.TcbSigning) {
            if (isNewSigner) _noteSigners();
        } else {
            _noteCa(uint256(role), generation);
        }
        emit CertificateStored({
            subject: certificate.subject,
            generation: generation,
            serial: certificate.serial,
            notAfter: certificate.notAfter
        });
    }

    /// @dev Returns which key of a role signed a digest. Only keys whose certificate holds count.
    function _signerOf(
        uint256 role,
        bytes32 name,
        bytes32 digest,
        bytes32 r,
        bytes32 s
    ) internal view returns (uint8 generation) {
        bool isAnyInForce;
        for (generation = _keyCountOf(role); generation != 0; --generation) {
            uint256 id = _idOf(role, generation);
            Issuer memory issuer = _issuers[id];
            if (issuer.isRevoked || block.timestamp > issuer.notAfter) continue;
            if (P256.verify(digest, r, s, _keys[id].x, _keys[id].y)) return generation;
            isAnyInForce = true;
        }
        if (isAnyInForce) revert CollateralStoreWrongSignature();
        revert CollateralStoreMissingIssuer(name);
    }

    /// @dev Applies a newer Root CRL to every certificate: those that it lists are revoked, and all others are not.
    function _applyRevocations(uint256[] memory revoked) internal {
        for (uint256 role; role < ROLES; ++role) {
            for (uint8 generation = _keyCountOf(role); generation != 0; --generation) {
                Issuer storage issuer = _issuers[_idOf(role, generation)];
                uint256 serial = issuer.serial;
                bool isRevoked = _contains(revoked, serial);
                if (isRevoked == issuer.isRevoked) continue;
                issuer.isRevoked = isRevoked;
                if (isRevoked) emit IssuerRevoked(_nameOf(Role(role)), generation, serial);
                else emit IssuerReinstated(_nameOf(Role(role)), generation, serial);
            }
        }
        _noteSigners();
        for (uint256 ca; ca < PCK_CAS; ++ca) {
            for (uint8 generation = _keyCountOf(ca); generation != 0; --generation) _noteCa(ca, generation);
        }
    }

    /// @dev Brings a CA's state up to date with its certificate, its list and the Root CRL.
    function _noteCa(uint256 ca, uint256 generation) internal {
        uint256 id = _idOf(ca, generation);
        Issuer memory issuer = _issuers[id];
        uint32 until;
        if (!issuer.isRevoked) {
            uint32 listEnd = _caStates[id].nextUpdate;
            until = issuer.notAfter < listEnd ? issuer.notAfter : listEnd;
            uint32 rootEnd = _root.nextUpdate;
            if (rootEnd < until) until = rootEnd;
        }
        _caStates[id].until = until;
    }

    /// @dev The generations of a CA that have a state: the first has one before it has a key.
    function _stateCountOf(uint256 ca) internal view returns (uint256 count) {
        count = _keyCountOf(ca);
        if (count == 0) count = 1;
    }

    /// @dev Refuses a document that does not hold now. Both ends are inclusive.
    function _checkHoldsNow(uint256 from, uint256 to) internal view {
        if (block.timestamp < from || block.timestamp > to) revert CollateralStoreNotValidNow(from, to);
    }

    /// @dev Unix seconds in 32 bits; later times become the last one that fits.
    function _saturated(uint256 time) internal pure returns (uint32) {
        return time < type(uint32).max ? uint32(time) : type(uint32).max;
    }

    /// @dev How many keys a role has had.
    function _keyCountOf(uint256 role) internal view returns (uint8) {
        return uint8(_root.keyCounts >> (8 * role));
    }

    /// @dev Names a key of a role.
    function _idOf(uint256 role, uint256 generation) internal pure returns (uint256) {
        return (generation << 8) | role;
    }

    /// @dev Stores a certificate with its key, which may be new. Returns also whether it brings a key into force that is
    /// unknown or revoked.
    function _store(uint256 role, Certificate memory certificate) private returns (uint8 generation, bool isNewSigner) {
        (uint32 notBefore, uint32 notAfter) = (_saturated(certificate.notBefore), _saturated(certificate.notAfter));
        generation = _generationOf(role, certificate.x, certificate.y);
        if (generation == 0) {
            generation = _addKey(role, certificate);
            isNewSigner = true;
        } else {
            Issuer memory former = _issuers[_idOf(role, generation)];
            isNewSigner = former.isRevoked;
            // A certificate that is revoked or has lapsed gives way to any that holds.
            if (!former.isRevoked && block.timestamp <= former.notAfter) {
                if (notBefore < former.notBefore) revert CollateralStoreNotNewer(former.notBefore, notBefore);
                // One that begins at the same time may end later.
                if (notBefore == former.notBefore && notAfter <= former.notAfter) {
                    revert CollateralStoreNotNewer(former.notAfter, notAfter);
                }
            }
        }
        _issuers[_idOf(role, generation)] = Issuer({
            serial: uint160(certificate.serial),
            notBefore: notBefore,
            notAfter: notAfter,
            isRevoked: false
        });
    }

    function _addKey(uint256 role, Certificate memory certificate) private returns (uint8 generation) {
        generation = _keyCountOf(role) + 1;
        if (generation > MAX_KEYS) revert CollateralStoreTooManyKeys(certificate.subject, MAX_KEYS);
        _root.keyCounts += uint24(1 << (8 * role));
        uint256 id = _idOf(role, generation);
        _keys[id] = Key(certificate.x, certificate.y);
        if (role < PCK_CAS && generation > 1) {
            CaState storage first = _caStates[_idOf(role, 1)];
            (_caStates[id].floor, _caStates[id].signers) = (first.floor, first.signers);
        }
    }

    /// @dev Writes into every CA's state which TCB Signing keys are in force.
    function _noteSigners() private {
        uint256 role = uint256(Role.TcbSigning);
        uint256 signers;
        for (uint256 generation = _keyCountOf(role); generation != 0; --generation) {
            if (!_issuers[_idOf(role, generation)].isRevoked) signers |= 1 << generation;
        }
        for (uint256 ca; ca < PCK_CAS; ++ca) {
            for (uint256 generation = _stateCountOf(ca); generation != 0; --generation) {
                _caStates[_idOf(ca, generation)].signers = uint16(signers);
            }
        }
    }

    /// @dev The generation of a role's key; 0 if the role never had it.
    function _generationOf(uint256 role, bytes32 x, bytes32 y) private view returns (uint8 generation) {
        for (generation = _keyCountOf(role); generation != 0; --generation) {
            Key storage key = _keys[_idOf(role, generation)];
            if (key.x == x && key.y == y) return generation;
        }
    }

    /// @dev Checks that the Root CRL in force does not list a serial number.
    function _checkNotRevoked(uint256 serial, bytes calldata bucket, bytes calldata siblings) private view {
        bytes16 expected = _root.revocations;
        (bytes16 given, bool isListed) = RevocationTree.lookUp(serial, bucket, siblings);
        if (given != expected) revert CollateralStoreWrongRevocations(expected, given);
        if (isListed) revert CollateralStoreRevoked(serial);
    }

    function _contains(uint256[] memory serials, uint256 serial) private pure returns (bool) {
        for (uint256 i; i < serials.length; ++i) {
            if (serials[i] == serial) return true;
        }
        return false;
    }
}
