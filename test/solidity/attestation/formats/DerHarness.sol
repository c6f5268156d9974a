// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";

/// @notice {Der} as it is shipped, reading at the first byte. Positions are relative to it.
contract DerHarness {
    /// @notice {Der-enter} into an octet string.
    function enter(bytes calldata der) external pure returns (uint256, uint256) {
        (uint256 position, uint256 end) = Der.bounds(der);
        (uint256 start, uint256 stop) = Der.enter(position, end, Der.OCTET_STRING);
        return (start - position, stop - position);
    }

    /// @notice {Der-only}, a sequence.
    function only(bytes calldata der) external pure returns (uint256) {
        (uint256 position, uint256 end) = Der.bounds(der);
        return Der.only(position, end, Der.SEQUENCE) - position;
    }

    /// @notice {Der-finish}.
    function finish(bytes calldata der) external pure {
        (uint256 position, uint256 end) = Der.bounds(der);
        Der.finish(position, end);
    }

    /// @notice {Der-expect} of the INTEGER 1.
    function expect(bytes calldata der) external pure returns (uint256) {
        (uint256 position, uint256 end) = Der.bounds(der);
        return Der.expect(position, end, 3, 0x020101) - position;
    }

    /// @notice {Der-unsigned} of up to 32 bytes.
    function unsigned(bytes calldata der) external pure returns (uint256 value, uint256 size) {
        (uint256 position, uint256 end) = Der.bounds(der);
        (value, size) = Der.unsigned(position, end, 32);
        size -= position;
    }

    /// @notice {Der-unsigned} of up to 2 bytes.
    function small(bytes calldata der) external pure returns (uint256 value) {
        (uint256 position, uint256 end) = Der.bounds(der);
        (value, ) = Der.unsigned(position, end, 2);
    }

    /// @notice {Der-oid}.
    function oid(bytes calldata der) external pure returns (uint256 id, uint256 size) {
        (uint256 position, uint256 end) = Der.bounds(der);
        (id, size) = Der.oid(position, end);
        size -= position;
    }
}
