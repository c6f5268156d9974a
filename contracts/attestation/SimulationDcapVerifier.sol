// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QuoteJudge} from "./dcap/QuoteJudge.sol";
import {Revalidation} from "./dcap/Revalidation.sol";
import {Verification} from "./dcap/Verification.sol";
import {QuoteReader} from "./dcap/QuoteReader.sol";
import {SimulationCollateralStore} from "./SimulationCollateralStore.sol";

/// @title SimulationDcapVerifier
/// @notice See {IDcapVerifier}. It trusts the root that its deployer chooses, usually a simulator's: what it verifies
/// says nothing about hardware.
contract SimulationDcapVerifier is Verification, Revalidation, QuoteJudge {
    /// @notice Deploys the verifier and its store.
    /// @dev Errors: {DcapVerifierNoPrecompile}.
    /// @param authority Who governs the store's evaluation floor: an OpenZeppelin AccessManager.
    /// @param rootX The first half of the root's public key.
    /// @param rootY The second half of the root's public key.
    constructor(
        address authority,
        bytes32 rootX,
        bytes32 rootY
    ) QuoteReader(new SimulationCollateralStore(authority, rootX, rootY)) {}
}
