// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice A validator with stake.
/// @param stake Token base units that count: its weight while it is active; once it has left, all that is still locked.
/// @param exitedAt Unix seconds at which it left or lost its seat; 0 while it is active or about to be, and if it never
/// joined.
/// @param seat Its position in the list of active validators, from 1; 0 if it is not active.
/// @param activeFrom Unix seconds from which what is pending can be made to count; 0 if nothing is.
/// @param pending Token base units locked beside `stake` that do not count yet.
struct Validator {
    uint128 stake;
    uint40 exitedAt;
    uint8 seat;
    uint40 activeFrom;
    uint128 pending;
}

/// @notice One validator's signature over a digest.
/// @param validator The signer: an account or an ERC-1271 contract.
/// @param signature 65 bytes `r ‖ s ‖ v` (low s), or the bytes that the contract expects.
struct ValidatorSignature {
    address validator;
    bytes signature;
}
