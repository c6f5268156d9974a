// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice A staked validator.
/// @param stake Token base units locked behind the validator; its weight while active.
/// @param exitedAt Unix seconds at which it left or was removed; 0 while active or never joined.
/// @param seat Position in the list of active validators plus one; 0 when not active.
struct Validator {
    uint128 stake;
    uint40 exitedAt;
    uint8 seat;
}

/// @notice One validator's signature over a digest.
/// @param validator The signer: an account or an ERC-1271 contract.
/// @param signature 65 bytes `r ‖ s ‖ v` (low s), or whatever the contract understands.
struct ValidatorSignature {
    address validator;
    bytes signature;
}
