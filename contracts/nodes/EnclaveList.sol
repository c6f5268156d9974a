// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {Attestation} from "../types/Attestation.sol";
import {Enclave} from "../types/Node.sol";
import {RegistryPolicy} from "./RegistryPolicy.sol";

/// @title EnclaveList
/// @notice The enclaves that nodes may run, listed by measurement, or by signer, product and least security version.
/// @dev A removed entry keeps its id, so that its nodes can find out when it was removed. Its measurement can be listed
/// again, as a new entry. What an entry says never changes, so what was checked against it need not be checked again.
abstract contract EnclaveList is RegistryPolicy {
    /// @inheritdoc INodeRegistry
    uint256 public override enclaveCount;

    mapping(uint256 enclaveId => Enclave) private _enclaves;

    /// @dev The entry that is listed under a key; 0 if there is none.
    mapping(bytes32 key => uint256 enclaveId) private _listed;

    /// @inheritdoc INodeRegistry
    function getEnclave(uint256 enclaveId) external view override returns (Enclave memory enclave) {
        enclave = _enclaves[enclaveId];
        if (enclave.measurement == 0) revert NodeRegistryUnknownEnclave(enclaveId);
    }

    /// @inheritdoc INodeRegistry
    function allowEnclave(
        bytes32 mrEnclave,
        bytes20 launch,
        bytes20 launchMask
    ) external override restricted returns (uint256 enclaveId) {
        return _allow(mrEnclave, false, 0, 0, launch, launchMask);
    }

    /// @inheritdoc INodeRegistry
    function allowSigner(
        bytes32 mrSigner,
        uint16 isvProdId,
        uint16 minIsvSvn,
        bytes20 launch,
        bytes20 launchMask
    ) external override restricted returns (uint256 enclaveId) {
        return _allow(mrSigner, true, isvProdId, minIsvSvn, launch, launchMask);
    }

    /// @inheritdoc INodeRegistry
    function removeEnclave(uint256 enclaveId) external override restricted {
        Enclave storage enclave = _enclaves[enclaveId];
        if (enclave.measurement == 0 || enclave.removedAt != 0) revert NodeRegistryUnknownEnclave(enclaveId);
        enclave.removedAt = uint40(block.timestamp);
        _noteRemoval(enclaveId);
        delete _listed[_key(enclave.bySigner, enclave.measurement, enclave.isvProdId)];
        emit EnclaveRemoved(enclaveId);
    }

    /// @dev Returns the entry that allows an enclave: that of its measurement, or else that of its signer. It must allow
    /// the launch, too: where a measurement has an entry of its own, its signer's does not count.
    function _match(Attestation memory attestation) internal view returns (uint256 enclaveId, bool bySigner) {
        enclaveId = _listed[_key(false, attestation.mrEnclave, 0)];
        if (enclaveId == 0) {
            bySigner = true;
            enclaveId = _listed[_key(true, attestation.mrSigner, attestation.isvProdId)];
            if (enclaveId == 0 || attestation.isvSvn < _enclaves[enclaveId].minIsvSvn) {
                revert NodeRegistryEnclaveNotAllowed(
                    attestation.mrEnclave,
                    attestation.mrSigner,
                    attestation.isvProdId,
                    attestation.isvSvn
                );
            }
        }
        if (!_allowsLaunch(enclaveId, attestation.launch)) {
            Enclave storage enclave = _enclaves[enclaveId];
            revert NodeRegistryLaunchNotAllowed(enclaveId, attestation.launch, enclave.launch, enclave.launchMask);
        }
    }

    /// @dev Whether an entry, removed or not, allows an enclave to have been launched like this.
    function _allowsLaunch(uint256 enclaveId, bytes20 launch) internal view returns (bool) {
        Enclave storage enclave = _enclaves[enclaveId];
        return launch & enclave.launchMask == enclave.launch;
    }

    /// @dev Unix seconds of an entry's removal; 0 while it is listed. For a listed entry that has a bit in the packed
    /// policy, this reads no slot.
    function _removedAt(uint256 packed, uint256 enclaveId) internal view returns (uint256) {
        return _mayBeRemoved(packed, enclaveId) ? _enclaves[enclaveId].removedAt : 0;
    }

    function _allow(
        bytes32 measurement,
        bool bySigner,
        uint16 isvProdId,
        uint16 minIsvSvn,
        bytes20 launch,
        bytes20 launchMask
    ) private returns (uint256 enclaveId) {
        bytes32 key = _key(bySigner, measurement, isvProdId);
        enclaveId = _listed[key];
        if (measurement == 0 || enclaveId != 0) revert NodeRegistryInvalidEnclave(measurement, enclaveId);
        // No launch could ever have a bit that its mask hides.
        if (launch & ~launchMask != 0) revert NodeRegistryInvalidLaunch(launch, launchMask);
        // Nodes keep the id in 16 bits.
        enclaveId = SafeCast.toUint16(++enclaveCount);
        _enclaves[enclaveId] = Enclave(measurement, bySigner, isvProdId, minIsvSvn, 0, launch, launchMask);
        _listed[key] = enclaveId;
        emit EnclaveAllowed(enclaveId, measurement, bySigner, isvProdId, minIsvSvn, launch, launchMask);
    }

    function _key(bool bySigner, bytes32 measurement, uint16 isvProdId) private pure returns (bytes32) {
        return keccak256(abi.encode(bySigner, measurement, isvProdId));
    }
}
