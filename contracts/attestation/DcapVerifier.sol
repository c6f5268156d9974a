// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Judgements} from "../dcap/Judgements.sol";
import {Standings} from "../dcap/Standings.sol";
import {Verification} from "../dcap/Verification.sol";
import {WholeQuotes} from "../dcap/WholeQuotes.sol";
import {CollateralStore} from "./CollateralStore.sol";

/// @title DcapVerifier
/// @notice See {IDcapVerifier}. It trusts Intel's root, since it deploys the store that has it compiled in.
/// @dev The rooms below it: {Verification} verifies and keeps {LeafSlots}, {WholeQuotes} are verified without collateral, {Standings} and
/// {Judgements} say what holds of what others have seen.
contract DcapVerifier is Verification, Standings, Judgements {
    /// @notice Deploys the verifier and its store. Errors: {DcapVerifierNoPrecompile}.
    /// @param authority Who governs the store's evaluation floor: an OpenZeppelin AccessManager.
    constructor(address authority) WholeQuotes(new CollateralStore(authority)) {}
}
