// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QeIdentityJson} from "../attestation/collateral/QeIdentityJson.sol";
import {TcbInfoJson} from "../attestation/collateral/TcbInfoJson.sol";
import {QeIdentity, TcbInfo} from "../types/Collateral.sol";

/// @title JsonHarness
/// @notice Exposes the readers of Intel's signed JSON texts, so that tests can compare them with those in TypeScript.
contract JsonHarness {
    /// @notice Memory that was just allocated is not zero.
    /// @param offset The first byte of it that is not zero, counted from 0.
    error JsonHarnessDirtyMemory(uint256 offset);

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

    /// @notice Calls {TcbInfoJson-read}, and writes into new memory before it looks at the result.
    /// @dev Errors: {JsonHarnessDirtyMemory}.
    /// @param text The text.
    /// @return The levels.
    function levelsAfterWriting(bytes calldata text) external pure returns (bytes memory) {
        TcbInfo memory info = TcbInfoJson.read(text);
        _writeIntoMemory();
        return info.levels;
    }

    /// @notice Calls {QeIdentityJson-read}, and writes into new memory before it looks at the result.
    /// @dev Errors: {JsonHarnessDirtyMemory}.
    /// @param text The text.
    /// @return The contents.
    function contentsAfterWriting(bytes calldata text) external pure returns (bytes memory) {
        QeIdentity memory identity = QeIdentityJson.read(text);
        _writeIntoMemory();
        return identity.contents;
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

    /// @dev New memory must be zero, and must not be where a reader has put its results.
    function _writeIntoMemory() private pure {
        bytes memory other = new bytes(100);
        for (uint256 i = 0; i < 100; ++i) {
            if (other[i] != 0) revert JsonHarnessDirtyMemory(i);
            other[i] = 0xff;
        }
    }
}
