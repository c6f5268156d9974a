// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Permit} from "../types/Permit.sol";

/// @title IStakeVault
/// @notice Holds stake: the money behind promises. It has no owner and no role. An account deposits, and allows a module
/// to lock up to a cap; what a module locked, that module alone releases or slashes. Free stake leaves at any time.
/// @dev All amounts are base units of {token}. A module is any contract that the account named in {allow}; being named
/// gives it power over what it locks under the cap, and over nothing else.
/// Always true: locked <= stake for each account; the sum of its locks over all modules is its `locked`; {totalSlashed}
/// never shrinks; the vault's token balance covers the stake of all accounts.
interface IStakeVault {
    /// @notice Stake was added to an account.
    event Deposited(address indexed account, address indexed payer, uint256 amount);
    /// @notice Free stake left.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice An account set how much a module may hold locked.
    event Allowed(address indexed account, address indexed module, uint256 cap);
    /// @notice A module locked stake.
    event Locked(address indexed account, address indexed module, uint256 amount);
    /// @notice A module released stake.
    event Unlocked(address indexed account, address indexed module, uint256 amount);
    /// @notice A module took locked stake from an account and credited it to another's free stake.
    event Slashed(address indexed account, address indexed module, address indexed beneficiary, uint256 amount);

    /// @notice An amount of zero, one beyond 2^128-1, or one that would take the vault's balance beyond that.
    error StakeVaultInvalidAmount(uint256 amount);
    /// @notice A receiver or beneficiary that is the zero address or the vault itself.
    error StakeVaultInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked (it takes a fee on transfer, or rebases).
    error StakeVaultUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice The account has less free stake than asked.
    error StakeVaultInsufficientFreeStake(address account, uint256 free, uint256 needed);
    /// @notice The lock would exceed what the account allowed the module.
    error StakeVaultCapExceeded(address account, address module, uint256 cap, uint256 locked, uint256 needed);
    /// @notice The module holds less locked than it wants to release or slash.
    error StakeVaultInsufficientLock(address account, address module, uint256 locked, uint256 needed);

    /// @notice The token staked. Immutable.
    function token() external view returns (IERC20);

    /// @notice All that was ever slashed, by all modules. Never shrinks.
    function totalSlashed() external view returns (uint256);

    /// @notice An account's stake, and how much of it is locked.
    function stakeOf(address account) external view returns (uint256 stake, uint256 locked);

    /// @notice What an account can withdraw or have locked: stake less locks.
    function freeStakeOf(address account) external view returns (uint256);

    /// @notice What a module may hold locked of an account, and what it holds.
    function allowanceOf(address account, address module) external view returns (uint256 cap, uint256 locked);

    /// @notice Adds to the caller's stake.
    /// @dev Emits {Deposited}. Errors: {StakeVaultInvalidAmount}, {StakeVaultUnexpectedAmount}, and the token's own.
    function deposit(uint256 amount) external;

    /// @notice Adds to another account's stake, paid by the caller.
    /// @dev As {deposit}. Errors also: {StakeVaultInvalidReceiver}.
    function depositFor(address account, uint256 amount) external;

    /// @notice As {deposit}, with an ERC-2612 permit in the same transaction.
    /// @dev A permit that somebody else has carried to the token before is no failure if the allowance is there.
    function depositWithPermit(uint256 amount, Permit calldata permit) external;

    /// @notice Pays free stake of the caller out to `to`.
    /// @dev Emits {Withdrawn}. Errors: {StakeVaultInvalidAmount}, {StakeVaultInvalidReceiver},
    /// {StakeVaultInsufficientFreeStake}.
    function withdraw(uint256 amount, address to) external;

    /// @notice Lets a module hold up to `cap` of the caller's stake locked. A lower cap never touches existing locks.
    /// @dev Emits {Allowed}. Errors: {StakeVaultInvalidReceiver} for the zero address, {StakeVaultInvalidAmount} for a cap beyond
    /// 2^128-1.
    function allow(address module, uint256 cap) external;

    /// @notice Locks free stake of an account that allowed the caller. Zero does nothing, as in {unlock} and {slash}.
    /// @dev Emits {Locked}. Errors: {StakeVaultCapExceeded}, {StakeVaultInsufficientFreeStake}.
    function lock(address account, uint256 amount) external;

    /// @notice Releases stake that the caller locked.
    /// @dev Emits {Unlocked}. Errors: {StakeVaultInsufficientLock}.
    function unlock(address account, uint256 amount) external;

    /// @notice Takes stake that the caller locked and credits it to the beneficiary's free stake.
    /// @dev Emits {Slashed}. Errors: {StakeVaultInsufficientLock}, {StakeVaultInvalidReceiver}.
    function slash(address account, uint256 amount, address beneficiary) external;
}
