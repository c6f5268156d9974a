// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QeIdentityJson} from "../attestation/formats/QeIdentityJson.sol";
import {TcbInfoJson} from "../attestation/formats/TcbInfoJson.sol";
import {QeIdentity, TcbInfo} from "../types/Collateral.sol";

/// @title JsonHarness
/// @notice Exposes the readers of Intel's signed JSON texts, so that tests can compare them with those in TypeScript.
contract JsonHarness {
    /// @notice Calls {TcbInfoJson-read}.
    /// @param text The text.
    /// @return What it says.
    function readTcbInfo(bytes calldata text) external pure returns (TcbInfo memory) {
        return TcbInfoJson.read(text);
    }

    /// @notice Calls {QeIdentityJson-read}.
    /// @param text The text.
    /// @return What it says.
    function readQeIdentity(bytes calldata text) external pure returns (QeIdentity memory) {
        return QeIdentityJson.read(text);
    }

    /// @notice Measures what reading TCB info costs.
    /// @param text The text.
    /// @return Gas.
    function gasOfTcbInfo(bytes calldata text) external view returns (uint256) {
        uint256 before = gasleft();
        TcbInfoJson.read(text);
        return before - gasleft();
    }

    /// @notice Measures what reading a QE identity costs.
    /// @param text The text.
    /// @return Gas.
    function gasOfQeIdentity(bytes calldata text) external view returns (uint256) {
        uint256 before = gasleft();
        QeIdentityJson.read(text);
        return before - gasleft();
    }
}
