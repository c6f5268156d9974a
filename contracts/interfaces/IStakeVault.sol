// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Permit} from "../types/Permit.sol";

/// @title IStakeVault
/// @notice Holds stake: the money behind promises. The vault has no owner and no role. An account deposits stake and
/// allows modules to lock it, each up to a cap. Only the module that locked stake can release or slash it. Free stake
/// can be withdrawn at any time.
///
/// @dev All amounts are base units of {token}. A module is any contract that an account named in {allow}. That gives it
/// power over the stake that it locks under the cap, and over nothing else.
///
/// Always true: no account has more locked than its stake; an account's locked stake is the sum of its locks over all
/// modules; {totalSlashed} never shrinks; the vault's token balance covers the stake of all accounts.
///
/// Functions that move tokens cannot be re-entered (`ReentrancyGuardReentrantCall`).
interface IStakeVault {
    /// @notice Stake was added to an account.
    /// @param account The account.
    /// @param payer The account that paid.
    /// @param amount Token base units added.
    event Deposited(address indexed account, address indexed payer, uint256 amount);
    /// @notice Free stake was paid out.
    /// @param account The account whose stake it was.
    /// @param to The receiver.
    /// @param amount Token base units paid.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice An account set how much a module may hold locked.
    /// @param account The account.
    /// @param module The module.
    /// @param cap Token base units that the module may hold locked at a time.
    event Allowed(address indexed account, address indexed module, uint256 cap);
    /// @notice A module locked stake.
    /// @param account The account whose stake it is.
    /// @param module The module.
    /// @param amount Token base units locked.
    event Locked(address indexed account, address indexed module, uint256 amount);
    /// @notice A module released stake.
    /// @param account The account whose stake it is.
    /// @param module The module.
    /// @param amount Token base units released.
    event Unlocked(address indexed account, address indexed module, uint256 amount);
    /// @notice A module took locked stake from an account and credited it to another account's free stake.
    /// @param account The account that lost the stake.
    /// @param module The module.
    /// @param beneficiary The account that got it.
    /// @param amount Token base units moved.
    event Slashed(address indexed account, address indexed module, address indexed beneficiary, uint256 amount);

    /// @notice The amount is zero or above 2^128-1, or would take the vault's balance above 2^128-1.
    /// @param amount The amount given, in token base units.
    error StakeVaultInvalidAmount(uint256 amount);
    /// @notice The receiver, beneficiary or module is the zero address; or a receiver or beneficiary is the vault
    /// itself.
    /// @param receiver The address given.
    error StakeVaultInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked for: it takes a fee on transfer, or rebases.
    /// @param expected Token base units asked for.
    /// @param received Token base units that arrived.
    error StakeVaultUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice The account has too little free stake.
    /// @param account The account.
    /// @param free The account's free stake, in token base units.
    /// @param needed Token base units needed.
    error StakeVaultInsufficientFreeStake(address account, uint256 free, uint256 needed);
    /// @notice The lock would exceed the cap that the account set for the module.
    /// @param account The account.
    /// @param module The module.
    /// @param cap The cap, in token base units.
    /// @param locked Token base units that the module holds locked already.
    /// @param needed Token base units to lock in addition.
    error StakeVaultCapExceeded(address account, address module, uint256 cap, uint256 locked, uint256 needed);
    /// @notice The module holds less of the account's stake locked than it wants to release or slash.
    /// @param account The account.
    /// @param module The module.
    /// @param locked Token base units that the module holds locked.
    /// @param needed Token base units to release or slash.
    error StakeVaultInsufficientLock(address account, address module, uint256 locked, uint256 needed);

    /// @notice Returns the token that is staked. Immutable.
    /// @return The token.
    function token() external view returns (IERC20);

    /// @notice Returns what all modules have ever slashed. It never shrinks.
    /// @return Token base units.
    function totalSlashed() external view returns (uint256);

    /// @notice Returns an account's stake.
    /// @param account Any account.
    /// @return stake Token base units of stake, below 2^128.
    /// @return locked The part of it that modules hold locked, at most `stake`.
    function stakeOf(address account) external view returns (uint256 stake, uint256 locked);

    /// @notice Returns what an account can withdraw or have locked: its stake less its locks.
    /// @param account Any account.
    /// @return Token base units.
    function freeStakeOf(address account) external view returns (uint256);

    /// @notice Returns what a module may hold locked of an account's stake, and what it holds.
    /// @param account Any account.
    /// @param module Any module.
    /// @return cap Token base units that the module may hold locked.
    /// @return locked Token base units that it holds locked; more than `cap` if that was lowered since.
    function allowanceOf(address account, address module) external view returns (uint256 cap, uint256 locked);

    /// @notice Adds to the caller's stake.
    /// @dev Emits {Deposited}.
    ///
    /// Requirements:
    /// - `amount` is 1 to 2^128-1 ({StakeVaultInvalidAmount}).
    /// - The caller has the amount and approved the vault for it (the token's errors).
    /// - The token moves exactly the amount ({StakeVaultUnexpectedAmount}).
    /// - The vault's balance stays at or below 2^128-1 ({StakeVaultInvalidAmount}).
    /// @param amount Token base units.
    function deposit(uint256 amount) external;

    /// @notice Adds to another account's stake, paid by the caller.
    /// @dev Emits {Deposited}.
    ///
    /// Requirements:
    /// - `account` is neither the zero address nor the vault ({StakeVaultInvalidReceiver}).
    /// - Those of {deposit}.
    /// @param account The account that gets the stake.
    /// @param amount Token base units, 1 to 2^128-1.
    function depositFor(address account, uint256 amount) external;

    /// @notice Does the same as {deposit}, with an ERC-2612 permit in the same transaction.
    /// @dev Emits {Deposited}.
    ///
    /// Requirements:
    /// - Those of {deposit}.
    /// - The permit holds, or the caller approved the vault before (the token's errors). A permit that somebody has
    ///   submitted already does no harm.
    /// @param amount Token base units, 1 to 2^128-1.
    /// @param permit The caller's permit for exactly `amount`.
    function depositWithPermit(uint256 amount, Permit calldata permit) external;

    /// @notice Pays out free stake of the caller.
    /// @dev Emits {Withdrawn}.
    ///
    /// Requirements:
    /// - `amount` is 1 to 2^128-1 ({StakeVaultInvalidAmount}).
    /// - `to` is neither the zero address nor the vault ({StakeVaultInvalidReceiver}).
    /// - The caller has that much free stake ({StakeVaultInsufficientFreeStake}).
    /// @param amount Token base units.
    /// @param to The receiver.
    function withdraw(uint256 amount, address to) external;

    /// @notice Lets a module hold up to `cap` of the caller's stake locked. A lower cap does not affect locks that
    /// exist.
    /// @dev Emits {Allowed}.
    ///
    /// Requirements:
    /// - `module` is not the zero address ({StakeVaultInvalidReceiver}).
    /// - `cap` is at most 2^128-1 ({StakeVaultInvalidAmount}).
    /// @param module The module.
    /// @param cap Token base units, 0 to 2^128-1.
    function allow(address module, uint256 cap) external;

    /// @notice Locks free stake of an account that allowed the caller to. An amount of zero does nothing, as in
    /// {unlock} and {slash}.
    /// @dev Emits {Locked}.
    ///
    /// Requirements:
    /// - The account's cap for the caller leaves room for the lock ({StakeVaultCapExceeded}).
    /// - The account has that much free stake ({StakeVaultInsufficientFreeStake}).
    /// @param account The account whose stake to lock.
    /// @param amount Token base units.
    function lock(address account, uint256 amount) external;

    /// @notice Releases stake that the caller locked.
    /// @dev Emits {Unlocked}.
    ///
    /// Requirements:
    /// - The caller holds that much of the account's stake locked ({StakeVaultInsufficientLock}).
    /// @param account The account whose stake to release.
    /// @param amount Token base units.
    function unlock(address account, uint256 amount) external;

    /// @notice Takes stake that the caller locked and credits it to the beneficiary's free stake.
    /// @dev Emits {Slashed}.
    ///
    /// Requirements:
    /// - `beneficiary` is neither the zero address nor the vault ({StakeVaultInvalidReceiver}).
    /// - The caller holds that much of the account's stake locked ({StakeVaultInsufficientLock}).
    /// @param account The account that loses the stake.
    /// @param amount Token base units.
    /// @param beneficiary The account that gets it.
    function slash(address account, uint256 amount, address beneficiary) external;
}
