// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title PlainToken
/// @notice An ERC-20 token with six decimals and without permits, like many tokens that have a price.
contract PlainToken is ERC20 {
    /// @notice Creates the whole supply at once.
    /// @param holder The account that receives the supply.
    /// @param supply How many token base units exist, ever.
    constructor(address holder, uint256 supply) ERC20("Plain Token", "PLAIN") {
        _mint(holder, supply);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
