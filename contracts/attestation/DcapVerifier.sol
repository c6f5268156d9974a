// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QuoteJudge} from "./dcap/QuoteJudge.sol";
import {Revalidation} from "./dcap/Revalidation.sol";
import {Verification} from "./dcap/Verification.sol";
import {QuoteReader} from "./dcap/QuoteReader.sol";
import {CollateralStore} from "./CollateralStore.sol";

/// @title DcapVerifier
/// @notice See {IDcapVerifier}. It trusts Intel's root, because it deploys the store that takes no other on any chain but
/// local ones.
/// @dev Its parts: {Verification} verifies quotes and keeps {LeafSlots}, {QuoteReader} verifies whole quotes without
/// collateral, {Revalidation} says how verified quotes stand now, and {QuoteJudge} whether claims about quotes are
/// true.
contract DcapVerifier is Verification, Revalidation, QuoteJudge {
    /// @notice Deploys the verifier and its store.
    /// @dev Errors: {DcapVerifierNoPrecompile}, {ICollateralStore-CollateralStoreForeignRoot}.
    /// @param authority Who governs the store's evaluation floor: an OpenZeppelin AccessManager.
    /// @param rootX The first half of the root's public key: Intel's, or where nothing has a price any: see {CollateralStore}.
    /// @param rootY The second half of the root's public key.
    constructor(
        address authority,
        bytes32 rootX,
        bytes32 rootY
    ) QuoteReader(new CollateralStore(authority, rootX, rootY)) {}
}
