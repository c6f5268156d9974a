// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Offer, OrderRequest} from "../../../contracts/types/Order.sol";
import {CHEATCODES} from "../utils/Test.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {NodesStandIn, ProofsStandIn} from "./EscrowStandIns.sol";

uint256 constant USERS = 3;
uint256 constant PROVIDERS = 2;
/// @dev Nodes, by ids from 1 on; the providers have them in turn.
uint256 constant NODES = 4;
uint256 constant UNITS_OF_A_NODE = 12;

function userAt(uint256 index) pure returns (address) {
    return address(uint160(0xA0000 + (index % USERS)));
}

function providerAt(uint256 index) pure returns (address) {
    return CHEATCODES.addr(providerKeyAt(index));
}

function providerKeyAt(uint256 index) pure returns (uint256) {
    return 0xB0000 + (index % PROVIDERS);
}

/// @notice The fixture's escrow as a contract of its own, among the users, providers and nodes whom a handler plays.
contract EscrowStage is EscrowFixture {
    constructor() {
        deployEscrow();
        for (uint256 i; i < USERS; ++i) fundUser(userAt(i));
        for (uint256 i; i < PROVIDERS; ++i) fundProvider(providerAt(i));
        for (uint256 i; i < NODES; ++i) nodes.addNode(i + 1, providerAt(i), uint16(UNITS_OF_A_NODE), MR_ENCLAVE);
    }

    /// @notice Sets the fee, which this contract governs.
    function setFee(uint16 feeBps) external {
        escrow.setFee(feeBps);
    }

    function parts() external view returns (IOrderEscrow, IStakeVault, IERC20) {
        return (escrow, vault, token);
    }

    function standIns() external view returns (NodesStandIn, ProofsStandIn) {
        return (nodes, proofs);
    }

    /// @notice An offer to begin with; see {EscrowFixture-anOffer}.
    function offer() external view returns (Offer memory) {
        return anOffer();
    }

    function request() external view returns (OrderRequest memory) {
        return aRequest();
    }
}
