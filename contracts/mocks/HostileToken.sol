// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title HostileToken
/// @notice An ERC-20 token that anybody can mint, and that behaves in any of the ways found in the wild. The way can be
/// switched at any time.
/// @dev Minting and burning are always plain, so that a test can set up balances (or rebase) in any dialect.
contract HostileToken is ERC20Permit {
    /// @notice How transfers behave.
    /// - `Plain`: as the standard says.
    /// - `FeeOnTransfer`: the receiver gets 1 % less, rounded down.
    /// - `FeeOnSender`: the sender loses 1 % more, rounded up.
    /// - `ReturnsFalse`: nothing moves, and the answer is false.
    /// - `ReturnsNothing`: the amount moves, and there is no answer at all.
    /// - `Reverts`: transfers from or to blocked accounts revert.
    /// - `Reenters`: calls {reentryTarget} with {reentryData} before the amount moves, and keeps the outcome.
    enum Dialect {
        Plain,
        FeeOnTransfer,
        FeeOnSender,
        ReturnsFalse,
        ReturnsNothing,
        Reverts,
        Reenters
    }

    /// @notice How transfers behave now.
    Dialect public dialect;
    /// @notice Accounts that cannot send or receive under `Reverts`.
    mapping(address account => bool) public isBlocked;
    /// @notice The contract that `Reenters` calls.
    address public reentryTarget;
    /// @notice The calldata that `Reenters` calls it with.
    bytes public reentryData;
    /// @notice How many times a transfer called {reentryTarget}.
    uint256 public reentries;
    /// @notice Whether the last such call succeeded.
    bool public reentrySucceeded;
    /// @notice What the last such call returned, or its revert data.
    bytes public reentryResult;

    /// @notice The account is blocked.
    /// @param account The account.
    error HostileTokenBlocked(address account);

    /// @notice Starts plain and empty.
    constructor() ERC20("Hostile Token", "HOSTILE") ERC20Permit("Hostile Token") {}

    /// @notice Creates base units.
    /// @param account The account that gets them.
    /// @param amount Base units.
    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }

    /// @notice Destroys anybody's base units, as a token that rebases does.
    /// @param account The account that loses them.
    /// @param amount Base units.
    function burn(address account, uint256 amount) external {
        _burn(account, amount);
    }

    /// @notice Switches the dialect.
    /// @param dialect_ The new dialect.
    function setDialect(Dialect dialect_) external {
        dialect = dialect_;
    }

    /// @notice Blocks or unblocks an account under `Reverts`.
    /// @param account The account.
    /// @param isBlocked_ Whether it is blocked from now on.
    function setBlocked(address account, bool isBlocked_) external {
        isBlocked[account] = isBlocked_;
    }

    /// @notice Sets what `Reenters` calls from this token's address.
    /// @param target The contract to call.
    /// @param data The calldata.
    function setReentry(address target, bytes calldata data) external {
        (reentryTarget, reentryData) = (target, data);
    }

    /// @notice Calls anything from this token's address, so that it can own stake or orders before it re-enters.
    /// @dev Reverts as the call does.
    /// @param target The contract to call.
    /// @param data The calldata.
    /// @return What the call returned.
    function execute(address target, bytes calldata data) external returns (bytes memory) {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory result) = target.call(data);
        if (!success) _bubble(result);
        return result;
    }

    /// @notice Transfers in the current dialect.
    /// @param to The receiver.
    /// @param amount Base units.
    /// @return Whether the token says that it succeeded.
    function transfer(address to, uint256 amount) public override returns (bool) {
        if (dialect == Dialect.ReturnsFalse) return false;
        super.transfer(to, amount);
        return _answer();
    }

    /// @notice Transfers by allowance in the current dialect.
    /// @param from The account that pays.
    /// @param to The receiver.
    /// @param amount Base units.
    /// @return Whether the token says that it succeeded.
    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (dialect == Dialect.ReturnsFalse) return false;
        super.transferFrom(from, to, amount);
        return _answer();
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, amount);
        if (dialect == Dialect.Reverts) _checkBlocked(from, to);
        if (dialect == Dialect.Reenters) _reenter();
        super._update(from, to, amount);
        if (dialect == Dialect.FeeOnTransfer) super._update(to, address(0), (amount + 99) / 100);
        if (dialect == Dialect.FeeOnSender) super._update(from, address(0), (amount + 99) / 100);
    }

    function _reenter() private {
        ++reentries;
        // solhint-disable-next-line avoid-low-level-calls
        (reentrySucceeded, reentryResult) = reentryTarget.call(reentryData);
    }

    function _checkBlocked(address from, address to) private view {
        if (isBlocked[from]) revert HostileTokenBlocked(from);
        if (isBlocked[to]) revert HostileTokenBlocked(to);
    }

    /// @dev Under `ReturnsNothing`, ends the whole call without return data.
    function _answer() private view returns (bool) {
        if (dialect == Dialect.ReturnsNothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return true;
    }

    function _bubble(bytes memory revertData) private pure {
        assembly ("memory-safe") {
            revert(add(revertData, 0x20), mload(revertData))
        }
    }
}
