// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verification} from "../dcap/Verification.sol";
import {JudgeCalls} from "../dcap/JudgeCalls.sol";
import {CollateralStore} from "./CollateralStore.sol";

/// @title DcapVerifier
/// @notice See {IDcapVerifier}. It trusts Intel's root, since it deploys the store that has it compiled in.
/// @dev The rooms below it: {Verification}, {LeafSlots} that it keeps, and {JudgeCalls} to {DcapJudge}.
contract DcapVerifier is Verification {
    /// @notice Deploys the verifier, its store and its judge. Errors: {DcapVerifierNoPrecompile}.
    /// @param authority Who governs the store's evaluation floor: an OpenZeppelin AccessManager.
    constructor(address authority) JudgeCalls(new CollateralStore(authority)) {}
}
