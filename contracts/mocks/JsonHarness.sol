// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QeIdentityJson} from "../attestation/formats/QeIdentityJson.sol";
import {TcbInfoJson} from "../attestation/formats/TcbInfoJson.sol";
import {QeIdentity, TcbInfo} from "../types/Collateral.sol";

/// @title JsonHarness
/// @notice The readers of Intel's signed JSON texts by themselves, for comparing them with those in TypeScript.
contract JsonHarness {
    /// @notice What {TcbInfoJson-read} says.
    function readTcbInfo(bytes calldata text) external pure returns (TcbInfo memory) {
        return TcbInfoJson.read(text);
    }

    /// @notice What {QeIdentityJson-read} says.
    function readQeIdentity(bytes calldata text) external pure returns (QeIdentity memory) {
        return QeIdentityJson.read(text);
    }

    /// @notice What reading TCB info costs, in gas.
    function gasOfTcbInfo(bytes calldata text) external view returns (uint256) {
        uint256 before = gasleft();
        TcbInfoJson.read(text);
        return before - gasleft();
    }

    /// @notice What reading a QE identity costs, in gas.
    function gasOfQeIdentity(bytes calldata text) external view returns (uint256) {
        uint256 before = gasleft();
        QeIdentityJson.read(text);
        return before - gasleft();
    }
}
