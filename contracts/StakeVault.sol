// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ExactTransfer} from "./libraries/ExactTransfer.sol";
import {SafePermit} from "./libraries/SafePermit.sol";
import {Permit} from "./types/Permit.sol";

/// @title StakeVault
/// @notice See {IStakeVault}.
/// @dev Each lock or release reads and writes two whole slots once, the account's and the pair's. All sums fit into 128
/// bits, because a deposit never takes the vault's balance above that. Only functions that call the token need the
/// reentrancy guard.
contract StakeVault is IStakeVault, ReentrancyGuardTransient {
    using ExactTransfer for IERC20;
    using SafeERC20 for IERC20;
    using SafePermit for IERC20;

    /// @dev One slot. Invariant: `locked <= stake`.
    struct Account {
        uint128 stake;
        uint128 locked;
    }

    /// @dev One slot. `locked` may exceed a `cap` that was lowered later.
    struct Allowance {
        uint128 cap;
        uint128 locked;
    }

    /// @inheritdoc IStakeVault
    IERC20 public immutable override token;

    /// @inheritdoc IStakeVault
    uint256 public override totalSlashed;

    mapping(address account => Account) private _accounts;
    mapping(address account => mapping(address module => Allowance)) private _allowances;

    /// @notice Binds the vault to a token, for good.
    /// @param token_ The token staked.
    constructor(IERC20 token_) {
        token = token_;
    }

    /// @inheritdoc IStakeVault
    function stakeOf(address account) external view override returns (uint256 stake, uint256 locked) {
        Account storage held = _accounts[account];
        return (held.stake, held.locked);
    }

    /// @inheritdoc IStakeVault
    function freeStakeOf(address account) external view override returns (uint256) {
        Account storage held = _accounts[account];
        return held.stake - held.locked;
    }

    /// @inheritdoc IStakeVault
    function allowanceOf(address account, address module) external view override returns (uint256 cap, uint256 locked) {
        Allowance storage allowance = _allowances[account][module];
        return (allowance.cap, allowance.locked);
    }

    /// @inheritdoc IStakeVault
    function deposit(uint256 amount) external override nonReentrant {
        _deposit(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function depositFor(address account, uint256 amount) external override nonReentrant {
        _checkReceiver(account);
        _deposit(account, amount);
    }

    /// @inheritdoc IStakeVault
    function depositWithPermit(uint256 amount, Permit calldata permit) external override nonReentrant {
        token.tryPermit(msg.sender, amount, permit);
        _deposit(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function withdraw(uint256 amount, address to) external override nonReentrant {
        _checkAmount(amount);
        _checkReceiver(to);
        Account storage held = _accounts[msg.sender];
        (uint128 stake, uint128 locked) = (held.stake, held.locked);
        if (amount > stake - locked) revert StakeVaultInsufficientFreeStake(msg.sender, stake - locked, amount);

        // The amount is at most the free stake, so it fits into 128 bits.
        held.stake = stake - uint128(amount);
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IStakeVault
    function allow(address module, uint256 cap) external override {
        if (module == address(0)) revert StakeVaultInvalidReceiver(module);
        if (cap > type(uint128).max) revert StakeVaultInvalidAmount(cap);
        _allowances[msg.sender][module].cap = uint128(cap);
        emit Allowed(msg.sender, module, cap);
    }

    /// @inheritdoc IStakeVault
    function lock(address account, uint256 amount) external override {
        if (amount == 0) return;
        Allowance storage allowance = _allowances[account][msg.sender];
        (uint128 cap, uint128 lockedHere) = (allowance.cap, allowance.locked);
        if (amount > Math.saturatingSub(cap, lockedHere)) {
            revert StakeVaultCapExceeded(account, msg.sender, cap, lockedHere, amount);
        }
        Account storage held = _accounts[account];
        (uint128 stake, uint128 locked) = (held.stake, held.locked);
        if (amount > stake - locked) revert StakeVaultInsufficientFreeStake(account, stake - locked, amount);

        // The amount is at most the free stake, so it and the new locks fit into 128 bits.
        (allowance.cap, allowance.locked) = (cap, lockedHere + uint128(amount));
        (held.stake, held.locked) = (stake, locked + uint128(amount));
        emit Locked(account, msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function unlock(address account, uint256 amount) external override {
        if (amount == 0) return;
        uint128 released = _takeLock(account, amount);
        Account storage held = _accounts[account];
        (held.stake, held.locked) = (held.stake, held.locked - released);
        emit Unlocked(account, msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function slash(address account, uint256 amount, address beneficiary) external override {
        _checkReceiver(beneficiary);
        if (amount == 0) return;
        uint128 taken = _takeLock(account, amount);
        Account storage held = _accounts[account];
        (uint128 stake, uint128 locked) = (held.stake, held.locked);
        (held.stake, held.locked) = (stake - taken, locked - taken);
        // Read only now: the beneficiary may be the account itself.
        _accounts[beneficiary].stake += taken;
        totalSlashed += taken;
        emit Slashed(account, msg.sender, beneficiary, amount);
    }

    /// @dev Subtracts the amount from what the calling module holds locked of the account, and changes nothing else.
    function _takeLock(address account, uint256 amount) private returns (uint128 taken) {
        Allowance storage allowance = _allowances[account][msg.sender];
        (uint128 cap, uint128 lockedHere) = (allowance.cap, allowance.locked);
        if (amount > lockedHere) revert StakeVaultInsufficientLock(account, msg.sender, lockedHere, amount);
        taken = uint128(amount);
        (allowance.cap, allowance.locked) = (cap, lockedHere - taken);
    }

    /// @dev Credits only what arrived, so that stake is covered even while the token runs other code.
    function _deposit(address account, uint256 amount) private {
        _checkAmount(amount);
        (uint256 received, uint256 balance) = token.pull(amount);
        if (received != amount) revert StakeVaultUnexpectedAmount(amount, received);
        if (balance > type(uint128).max) revert StakeVaultInvalidAmount(amount);

        _accounts[account].stake += uint128(amount);
        emit Deposited(account, msg.sender, amount);
    }

    function _checkAmount(uint256 amount) private pure {
        if (amount == 0 || amount > type(uint128).max) revert StakeVaultInvalidAmount(amount);
    }

    function _checkReceiver(address receiver) private view {
        if (receiver == address(0) || receiver == address(this)) revert StakeVaultInvalidReceiver(receiver);
    }
}
