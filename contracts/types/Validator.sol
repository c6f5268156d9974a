// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice A validator with stake.
/// @param stake Token base units locked behind the validator; its weight while it is active.
/// @param exitedAt Unix seconds at which it left or lost its seat; 0 while it is active, and if it never joined.
/// @param seat Its position in the list of active validators, from 1; 0 if it is not active.
struct Validator {
    uint128 stake;
    uint40 exitedAt;
    uint8 seat;
}

/// @notice One validator's signature over a digest.
/// @param validator The signer: an account or an ERC-1271 contract.
/// @param signature 65 bytes `r ‖ s ‖ v` (low s), or the bytes that the contract expects.
struct ValidatorSignature {
    address validator;
    bytes signature;
}
