// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RevocationTree} from "../../../../contracts/attestation/formats/RevocationTree.sol";

/// @notice {RevocationTree} as it is shipped.
contract RevocationTreeHarness {
    /// @notice {RevocationTree-rootOf}.
    function rootOf(uint256[] calldata serials) external pure returns (bytes16) {
        return RevocationTree.rootOf(serials);
    }

    /// @notice {RevocationTree-lookUp}.
    function lookUp(
        uint256 serial,
        bytes calldata bucket,
        bytes calldata siblings
    ) external pure returns (bytes16, bool) {
        return RevocationTree.lookUp(serial, bucket, siblings);
    }
}
