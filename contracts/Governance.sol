// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Governance
/// @notice Who may change what, and after which delay: OpenZeppelin's AccessManager without changes, so that it is
/// built and verified like the contracts that it governs.
contract Governance is AccessManager {
    /// @notice Creates the manager; its first admin wires the roles and then renounces.
    /// @param initialAdmin The deployer.
    constructor(address initialAdmin) AccessManager(initialAdmin) {}
}
