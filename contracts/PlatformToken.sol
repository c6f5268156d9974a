// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title PlatformToken
/// @notice The token of local and test networks: ERC-20 with ERC-2612 permit, 18 decimals and a fixed supply.
/// @dev Where money is real, the platform is deployed over an existing token instead.
contract PlatformToken is ERC20Permit {
    /// @notice Creates the whole supply at once.
    /// @param holder The account that receives the supply.
    /// @param supply How many token base units exist, ever.
    constructor(
        address holder,
        uint256 supply
    ) ERC20("Computing Power Platform", "CPP") ERC20Permit("Computing Power Platform") {
        _mint(holder, supply);
    }
}
