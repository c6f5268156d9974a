// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IntelNames} from "../attestation/formats/IntelNames.sol";
import {Crl, RevocationList} from "../attestation/collateral/RevocationList.sol";
import {Platform, SgxExtension} from "../attestation/dcap/SgxExtension.sol";
import {Certificate, X509} from "../attestation/formats/X509.sol";

/// @title X509Harness
/// @notice Exposes the readers of certificates, revocation lists and SGX extensions to tests, with the gas that each
/// takes.
contract X509Harness {
    /// @notice Calls {X509-readCertificate}.
    /// @param der The certificate, DER.
    /// @return certificate What it says.
    /// @return used Gas that reading took.
    function readCertificate(bytes calldata der) external view returns (Certificate memory certificate, uint256 used) {
        used = gasleft();
        certificate = X509.readCertificate(der);
        used -= gasleft();
    }

    /// @notice Calls {RevocationList-readCrl}.
    /// @param der The list, DER.
    /// @return crl What it says.
    /// @return used Gas that reading took.
    function readCrl(bytes calldata der) external view returns (Crl memory crl, uint256 used) {
        used = gasleft();
        crl = RevocationList.readCrl(der);
        used -= gasleft();
    }

    /// @notice Calls {SgxExtension-read}.
    /// @param value The extension's value, DER.
    /// @return platform What it says.
    /// @return used Gas that reading took.
    function readSgxExtension(bytes calldata value) external view returns (Platform memory platform, uint256 used) {
        used = gasleft();
        platform = SgxExtension.read(value);
        used -= gasleft();
    }

    /// @notice Returns the names in {IntelNames}.
    /// @return keccak256 of the DER of ROOT, PLATFORM_CA, PROCESSOR_CA, TCB_SIGNING and PCK, in this order.
    function names() external pure returns (bytes32[5] memory) {
        return
            [IntelNames.ROOT, IntelNames.PLATFORM_CA, IntelNames.PROCESSOR_CA, IntelNames.TCB_SIGNING, IntelNames.PCK];
    }
}
