// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Offer, OrderRequest} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {NodesStandIn, ProofsStandIn} from "./EscrowStandIns.sol";

/// @notice The fixture's escrow as a contract of its own, with the users, providers and nodes whom an {EscrowHandler} plays.
contract EscrowStage is EscrowFixture {
    uint256 public constant USERS = 3;
    uint256 public constant PROVIDERS = 2;
    uint256 public constant NODES = 4;
    uint256 public constant UNITS_OF_A_NODE = 12;

    constructor() {
        deployEscrow();
        for (uint256 i; i < USERS; ++i) fundUser(userAt(i));
        for (uint256 i; i < PROVIDERS; ++i) fundProvider(providerAt(i));
        for (uint256 i; i < NODES; ++i) nodes.addNode(i + 1, providerAt(i), uint16(UNITS_OF_A_NODE), MR_ENCLAVE);
    }
