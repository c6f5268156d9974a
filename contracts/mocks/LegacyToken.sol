// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title LegacyToken
/// @notice A token as the first ones are: transfers and approvals answer nothing, an allowance must be zero before it
/// can be another, and name and symbol are words of 32 bytes. It has six decimals.
contract LegacyToken {
    /// @notice How many base units exist, ever.
    uint256 public immutable totalSupply;
    /// @notice Base units that an account has.
    mapping(address account => uint256) public balanceOf;
    /// @notice Base units that a spender may take from an owner.
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    /// @notice Base units moved.
    /// @param from The account that had them.
    /// @param to The account that has them.
    /// @param amount Base units.
    event Transfer(address indexed from, address indexed to, uint256 amount);
    /// @notice An allowance was set.
    /// @param owner The account that pays.
    /// @param spender The account that may take.
    /// @param amount Base units.
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    /// @notice The allowance is not zero, and neither is the one that shall replace it.
    /// @param allowance The allowance.
    error LegacyTokenAllowanceNotZero(uint256 allowance);

    /// @notice Creates the whole supply at once.
    /// @param holder The account that receives the supply.
    /// @param supply How many base units exist, ever.
    constructor(address holder, uint256 supply) {
        totalSupply = supply;
        balanceOf[holder] = supply;
        emit Transfer(address(0), holder, supply);
    }

    /// @notice Moves base units.
    /// @param to The account that gets them.
    /// @param amount Base units.
    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    /// @notice Moves base units by an allowance.
    /// @param from The account that pays.
    /// @param to The account that gets them.
    /// @param amount Base units.
    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    /// @notice Sets an allowance.
    /// @dev Errors: {LegacyTokenAllowanceNotZero}.
    /// @param spender The account that may take.
    /// @param amount Base units; zero, unless the allowance is.
    function approve(address spender, uint256 amount) external {
        uint256 before = allowance[msg.sender][spender];
        if (before != 0 && amount != 0) revert LegacyTokenAllowanceNotZero(before);
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
    }

    /// @notice Returns the name.
    /// @return The name, filled up with zeros.
    function name() external pure returns (bytes32) {
        return "Legacy Token";
    }

    /// @notice Returns the symbol.
    /// @return The symbol, filled up with zeros.
    function symbol() external pure returns (bytes32) {
        return "LEGACY";
    }

    /// @notice Returns the decimals.
    /// @return How many decimals a token has.
    function decimals() external pure returns (uint8) {
        return 6;
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}
