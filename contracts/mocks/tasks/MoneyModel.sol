// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../interfaces/IValidatorSet.sol";
import {Refusals} from "./Refusals.sol";

/// @notice What an account has, in token base units.
/// @param wallet Its tokens.
/// @param ledger What the tasks' ledger owes to it.
/// @param stake Its stake, locked or free.
/// @param locked What anyone holds locked of its stake.
/// @param taskLock What tasks hold locked of its stake.
struct Books {
    uint256 wallet;
    uint256 ledger;
    uint256 stake;
    uint256 locked;
    uint256 taskLock;
}

/// @title MoneyModel
/// @notice Everybody's money in plain books: wallets, the tasks' ledger, stake, and who has locked how much of it.
abstract contract MoneyModel is Refusals {
    uint256 private constant BPS = 10_000;

    /// @dev A validator's stake, and whether it counts.
    struct Seat {
        uint256 stake;
        uint256 exitedAt;
        bool active;
    }

    /// @dev How much stake counted from a block on.
    struct Weight {
        uint256 since;
        uint256 stake;
    }

    address internal immutable treasury;
    uint256 private immutable exitDelay;
    uint256 private immutable slashBps;
    uint256 private immutable minimumStake;

    /// @dev What tasks may lock at most of an account's stake.
    mapping(address account => uint256) private _capOf;
    mapping(address account => Books) internal books;
    mapping(address account => Seat) private _seats;
    uint256 private _activeStake;
    /// @dev What counted of a validator's stake, and of all of them together under the zero address, the oldest first.
    mapping(address account => Weight[]) private _weights;

    /// @notice Fixes what the validator set fixes.
    /// @param treasury_ The account that gets what a fault costs and nobody else gets.
    /// @param exitDelay_ Seconds between a validator's exit and its release.
    /// @param slashBps_ The share of its stake that a validator loses at a time, in basis points.
    /// @param minimumStake_ The least stake to join with.
    constructor(address treasury_, uint256 exitDelay_, uint256 slashBps_, uint256 minimumStake_) {
        (treasury, exitDelay, slashBps, minimumStake) = (treasury_, exitDelay_, slashBps_, minimumStake_);
    }

    /// @notice Sets what an account begins with; tasks may lock all of its stake.
    /// @param account The account.
    /// @param wallet Its tokens.
    /// @param stake Its stake, none of it locked.
    function fund(address account, uint256 wallet, uint256 stake) external {
        (books[account].wallet, books[account].stake, _capOf[account]) = (wallet, stake, type(uint128).max);
    }

    /// @notice Locks stake for what the model does not know, for good.
    /// @param account Whose stake.
    /// @param amount How much of it.
    function lockAside(address account, uint256 amount) external {
        books[account].locked += amount;
    }

    /// @notice Takes tokens to where nobody owns them.
    /// @param account Who gives them.
    /// @param amount How many.
    function donate(address account, uint256 amount) external judged {
        books[account].wallet -= amount;
    }

    /// @notice Makes stake of tokens, which is always allowed.
    /// @param account Whose.
    /// @param amount How many.
    function deposit(address account, uint256 amount) external judged {
        books[account].wallet -= amount;
        books[account].stake += amount;
    }

    /// @notice Sets what tasks may lock, which is always allowed.
    /// @param account Whose stake.
    /// @param cap How much of it at most.
    function allowTasks(address account, uint256 cap) external judged {
        _capOf[account] = cap;
    }

    /// @notice Makes tokens of free stake.
    /// @param account Whose.
    /// @param amount How much.
    /// @return Whether it is allowed, and was done.
    function takeStake(address account, uint256 amount) external judged returns (bool) {
        _refuseIf(amount == 0, IStakeVault.StakeVaultInvalidAmount.selector);
        _checkFree(account, amount);
        if (!_isAllowed()) return false;
        books[account].stake -= amount;
        books[account].wallet += amount;
        return true;
    }

    /// @notice Pays out what the ledger owes.
    /// @param account To whom it owes.
    /// @param to Who gets it.
    /// @param isReceiver Whether that account can be paid.
    /// @return allowed Whether it is allowed, and was done.
    /// @return amount How much was paid; 0 if it is not allowed.
    function withdraw(
        address account,
        address to,
        bool isReceiver
    ) external judged returns (bool allowed, uint256 amount) {
        _refuseIf(books[account].ledger == 0, ITaskEscrow.TaskEscrowNothingToWithdraw.selector);
        _refuseIf(!isReceiver, ITaskEscrow.TaskEscrowInvalidReceiver.selector);
        if (!_isAllowed()) return (false, 0);
        amount = books[account].ledger;
        books[account].ledger = 0;
        books[to].wallet += amount;
        return (true, amount);
    }

    /// @notice Makes a validator of an account, or adds to its stake.
    /// @param account The account.
    /// @param amount How much stake it locks.
    /// @return Whether it is allowed, and was done.
    function join(address account, uint256 amount) external judged returns (bool) {
        Seat storage seat = _seats[account];
        bool isTooLittle = amount == 0 || seat.stake + amount < minimumStake;
        _refuseIf(isTooLittle, IValidatorSet.ValidatorSetInsufficientStake.selector);
        _refuseIf(!seat.active && seat.stake != 0, IValidatorSet.ValidatorSetExiting.selector);
        _checkFree(account, amount);
        if (!_isAllowed()) return false;
        (seat.active, seat.exitedAt) = (true, 0);
        seat.stake += amount;
        _activeStake += amount;
        _noteWeights(account);
        books[account].locked += amount;
        return true;
    }

    /// @notice Takes away a validator's seat at its own will.
    /// @param account The validator.
    /// @return Whether it is allowed, and was done.
    function exit(address account) external judged returns (bool) {
        _refuseIf(!_seats[account].active, IValidatorSet.ValidatorSetNotActive.selector);
        if (!_isAllowed()) return false;
        _unseat(account);
        return true;
    }

    /// @notice Unlocks the stake of a validator that left long enough ago.
    /// @param account The validator.
    /// @return Whether it is allowed, and was done.
    function release(address account) external judged returns (bool) {
        Seat memory seat = _seats[account];
        bool isHeld = seat.active || block.timestamp < seat.exitedAt + exitDelay;
        _refuseIf(seat.stake == 0, IValidatorSet.ValidatorSetNoStake.selector);
        _refuseIf(isHeld, IValidatorSet.ValidatorSetStillLocked.selector);
        if (!_isAllowed()) return false;
        delete _seats[account];
        books[account].locked -= seat.stake;
        return true;
    }

    /// @notice Slashes a validator, for anything.
    /// @param account The validator.
    /// @return amount What it loses.
    function slashSeat(address account) public returns (uint256 amount) {
        Seat storage seat = _seats[account];
        if (seat.stake == 0) return 0;
        if (seat.active) _unseat(account);
        amount = (seat.stake * slashBps) / BPS;
        if ((seat.stake * slashBps) % BPS != 0) ++amount;
        seat.stake -= amount;
        books[account].locked -= amount;
        books[account].stake -= amount;
        books[treasury].stake += amount;
    }

    /// @notice Returns what accounts have.
    /// @param accounts The accounts.
    /// @return found What each of them has, in the same order.
    function booksOf(address[] calldata accounts) external view returns (Books[] memory found) {
        found = new Books[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) found[i] = books[accounts[i]];
    }

    /// @dev Names what the vault has against a lock for tasks.
    function _checkLock(address account, uint256 amount) internal {
        if (amount == 0) return;
        bool isTooMuch = books[account].taskLock + amount > _capOf[account];
        _refuseIf(isTooMuch, IStakeVault.StakeVaultCapExceeded.selector);
        _checkFree(account, amount);
    }

    function _lockForTask(address account, uint256 amount) internal {
        books[account].taskLock += amount;
        books[account].locked += amount;
    }

    function _unlockFromTask(address account, uint256 amount) internal {
        books[account].taskLock -= amount;
        books[account].locked -= amount;
    }

    function _moveLock(address account, address to, uint256 amount) internal {
        _unlockFromTask(account, amount);
        books[account].stake -= amount;
        books[to].stake += amount;
    }

    /// @dev Signers must come by ascending address, be active, have stake that counted in a block, and two thirds of what counted then and
    /// has not left.
    function _checkQuorum(address[] memory signers, bool areSigned, uint256 asOf) internal {
        uint256 signed;
        bool isOrdered = true;
        bool areActive = true;
        bool wereThere = true;
        for (uint256 i; i < signers.length; ++i) {
            if (i != 0 && signers[i] <= signers[i - 1]) isOrdered = false;
            uint256 weight = _weightAsOf(signers[i], asOf);
            signed += weight;
            if (!_seats[signers[i]].active) areActive = false;
            else if (weight == 0) wereThere = false;
        }
        bool isQuorum = signed != 0 && 3 * signed >= 2 * _weightAsOf(address(0), asOf);
        _refuseIf(!isOrdered, IValidatorSet.ValidatorSetUnorderedSigners.selector);
        _refuseIf(!areActive, IValidatorSet.ValidatorSetNotActive.selector);
        _refuseIf(!wereThere, IValidatorSet.ValidatorSetTooYoung.selector);
        _refuseIf(!areSigned, IValidatorSet.ValidatorSetInvalidSignature.selector);
        _refuseIf(!isQuorum, IValidatorSet.ValidatorSetNoQuorum.selector);
    }

    /// @dev What each signer gets of a fee: by the stake that judges, rounded down, and the last one the rest.
    function _sharesOf(
        uint256 fee,
        address[] memory signers,
        uint256 asOf
    ) internal view returns (uint256[] memory shares) {
        shares = new uint256[](signers.length);
        uint256 total;
        for (uint256 i; i < signers.length; ++i) total += _weightAsOf(signers[i], asOf);
        uint256 given;
        for (uint256 i; i < signers.length; ++i) {
            bool isLast = i == signers.length - 1;
            shares[i] = isLast ? fee - given : (fee * _weightAsOf(signers[i], asOf)) / total;
            given += shares[i];
        }
    }

    /// @dev What counted of a validator's stake in a block, or of all of them together, and counts still.
    function _weightAsOf(address account, uint256 asOf) private view returns (uint256) {
        Weight[] storage weights = _weights[account];
        uint256 length = weights.length;
        for (uint256 i = length; i != 0; --i) {
            if (weights[i - 1].since > asOf) continue;
            (uint256 then, uint256 today) = (weights[i - 1].stake, weights[length - 1].stake);
            return then < today ? then : today;
        }
        return 0;
    }

    function _noteWeights(address account) private {
        Seat storage seat = _seats[account];
        _weights[account].push(Weight(block.number, seat.active ? seat.stake : 0));
        _weights[address(0)].push(Weight(block.number, _activeStake));
    }

    function _checkFree(address account, uint256 amount) internal {
        bool isTooMuch = books[account].locked + amount > books[account].stake;
        _refuseIf(isTooMuch, IStakeVault.StakeVaultInsufficientFreeStake.selector);
    }

    function _unseat(address account) private {
        _activeStake -= _seats[account].stake;
        (_seats[account].active, _seats[account].exitedAt) = (false, block.timestamp);
        _noteWeights(account);
    }
}
