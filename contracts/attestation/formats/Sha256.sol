// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Sha256
/// @notice SHA-256 of bytes in calldata.
library Sha256 {
    /// @notice The SHA-256 precompile ran out of gas. This says nothing about the bytes.
    error Sha256CallFailed();

    /// @notice Returns SHA-256 of bytes.
    /// @dev Like the compiler's `sha256`, but without keeping the copy in memory, and with a reason if it fails.
    /// Errors: {Sha256CallFailed}.
    /// @param data The bytes.
    /// @return digest Their hash.
    function hash(bytes calldata data) internal view returns (bytes32 digest) {
        bool isAnswered;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, data.offset, data.length)
            isAnswered := staticcall(gas(), 0x02, free, data.length, 0x00, 0x20)
            digest := mload(0x00)
        }
        if (!isAnswered) revert Sha256CallFailed();
    }
}
