// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Judgements} from "../dcap/Judgements.sol";
import {Standings} from "../dcap/Standings.sol";
import {Verification} from "../dcap/Verification.sol";
import {WholeQuotes} from "../dcap/WholeQuotes.sol";
import {SimulationCollateralStore} from "./SimulationCollateralStore.sol";

/// @title SimulationDcapVerifier
/// @notice See {IDcapVerifier}. It trusts the root that its deployer says, a simulator's as a rule: what it verifies says nothing about
/// hardware.
contract SimulationDcapVerifier is Verification, Standings, Judgements {
    /// @notice Deploys the verifier and its store. Errors: {DcapVerifierNoPrecompile}.
    /// @param authority Who governs the store's evaluation floor: an OpenZeppelin AccessManager.
    /// @param rootX The root's public key.
    /// @param rootY The root's public key.
    constructor(
        address authority,
        bytes32 rootX,
        bytes32 rootY
    ) WholeQuotes(new SimulationCollateralStore(authority, rootX, rootY)) {}
}
