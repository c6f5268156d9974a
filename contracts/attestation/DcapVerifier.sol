// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QuoteJudge} from "./dcap/QuoteJudge.sol";
import {Revalidation} from "./dcap/Revalidation.sol";
import {Verification} from "./dcap/Verification.sol";
import {QuoteReader} from "./dcap/QuoteReader.sol";
import {CollateralStore} from "./CollateralStore.sol";

/// @title DcapVerifier
/// @notice See {IDcapVerifier}. It trusts Intel's root, since it deploys the store that has it compiled in.
/// @dev The rooms below it: {Verification} verifies and keeps {LeafSlots}, {QuoteReader} are verified without collateral, {Revalidation} and
/// {QuoteJudge} say what holds of what others have seen.
contract DcapVerifier is Verification, Revalidation, QuoteJudge {
    /// @notice Deploys the verifier and its store. Errors: {DcapVerifierNoPrecompile}.
    /// @param authority Who governs the store's evaluation floor: an OpenZeppelin AccessManager.
    constructor(address authority) QuoteReader(new CollateralStore(authority)) {}
}
