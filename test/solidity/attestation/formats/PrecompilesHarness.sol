// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {P256} from "../../../../contracts/attestation/formats/P256.sol";
import {Sha256} from "../../../../contracts/attestation/formats/Sha256.sol";

/// @notice {P256} and {Sha256} as they are shipped.
contract PrecompilesHarness {
    /// @notice {P256-verify}.
    function verify(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) external view returns (bool) {
        return P256.verify(digest, r, s, x, y);
    }

    /// @notice {P256-verify} while scratch space holds a 1.
    function verifyOverOne(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) external view returns (bool) {
        assembly {
            mstore(0x00, 1)
        }
        return P256.verify(digest, r, s, x, y);
    }

    /// @notice {P256-isAvailable}.
    function isAvailable() external view returns (bool) {
        return P256.isAvailable();
    }

    /// @notice {Sha256-hash}.
    function hash(bytes calldata data) external view returns (bytes32) {
        return Sha256.hash(data);
    }
}
