// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice A validator with stake.
/// @param stake Token base units that count: its weight while it is active; once it has left, all that is still locked.
/// @param exitedAt Unix seconds at which it left or was slashed; 0 while it is active or about to be, also after it was
/// displaced, and if it never joined.
/// @param seat Its position in the list of active validators, from 1; 0 if it is not active.
/// @param countsSince Number of the block from which all of `stake` has counted; 0 if none does.
/// @param hasKey Whether it signs by a key of its own choice instead of the account's.
/// @param pending Token base units locked beside `stake` that do not count yet.
/// @param activeFrom Unix seconds from which what is pending can be made to count; 0 if nothing is.
/// @param displaced Whether it lost its seat to another and waits for one.
struct Validator {
    // slot 0
    uint128 stake;
    uint40 exitedAt;
    uint8 seat;
    uint48 countsSince;
    bool hasKey;
    // slot 1
    uint128 pending;
    uint40 activeFrom;
    bool displaced;
}

/// @notice One validator's signature over a digest.
/// @param validator The validator.
/// @param signature Its signing key's: 65 bytes `r ‖ s ‖ v` (low s).
struct ValidatorSignature {
    address validator;
    bytes signature;
}
