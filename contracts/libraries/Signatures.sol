// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Signatures
/// @notice Checks signatures of accounts and of contracts.
library Signatures {
    /// @notice Returns whether `signature` is `signer`'s over `digest`.
    /// @dev `ecrecover` is tried first (65 bytes, low s), so that an account that has code by EIP-7702 still signs with
    /// its key; then ERC-1271, if the signer has code.
    /// @param signer The account that should have signed.
    /// @param digest The hash that should have been signed.
    /// @param signature 65 bytes `r ‖ s ‖ v`, or the bytes that the contract expects.
    /// @return Whether it is.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError err, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (err == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return signer.code.length != 0 && SignatureChecker.isValidERC1271SignatureNow(signer, digest, signature);
    }
}
