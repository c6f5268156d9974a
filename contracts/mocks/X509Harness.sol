// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IntelNames} from "../attestation/formats/IntelNames.sol";
import {Crl, RevocationList} from "../attestation/collateral/RevocationList.sol";
import {Platform, SgxExtension} from "../attestation/dcap/SgxExtension.sol";
import {Certificate, X509} from "../attestation/formats/X509.sol";

/// @title X509Harness
/// @notice The readers of certificates, revocation lists and SGX extensions, callable by tests, with the gas that each takes.
contract X509Harness {
    /// @notice {X509-readCertificate}.
    function readCertificate(bytes calldata der) external view returns (Certificate memory certificate, uint256 used) {
        used = gasleft();
        certificate = X509.readCertificate(der);
        used -= gasleft();
    }

    /// @notice {RevocationList-readCrl}.
    function readCrl(bytes calldata der) external view returns (Crl memory crl, uint256 used) {
        used = gasleft();
        crl = RevocationList.readCrl(der);
        used -= gasleft();
    }

    /// @notice {SgxExtension-read}.
    function readSgxExtension(bytes calldata value) external view returns (Platform memory platform, uint256 used) {
        used = gasleft();
        platform = SgxExtension.read(value);
        used -= gasleft();
    }

    /// @notice {IntelNames}, in their order.
    function names() external pure returns (bytes32[5] memory) {
        return
            [IntelNames.ROOT, IntelNames.PLATFORM_CA, IntelNames.PROCESSOR_CA, IntelNames.TCB_SIGNING, IntelNames.PCK];
    }
}
