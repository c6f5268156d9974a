// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Everybody's money in plain books: wallets, the tasks' ledger, stake, and who has locked how much of it.
abstract contract MoneyModel {
    uint256 private constant BPS = 10_000;

    /// @notice A validator's stake, and whether it counts.
    struct Seat {
        uint256 stake;
        uint256 exitedAt;
        bool active;
    }

    address internal immutable treasury;
    uint256 private immutable exitDelay;
    uint256 private immutable slashBps;
    uint256 private immutable minimumStake;

    mapping(address account => uint256) public walletOf;
    mapping(address account => uint256) public ledgerOf;
    mapping(address account => uint256) public stakeOf;
    /// @notice What is locked of an account's stake by anyone, and by tasks.
    mapping(address account => uint256) public lockedOf;
    mapping(address account => uint256) public taskLockOf;
    mapping(address account => uint256) public taskCapOf;
    mapping(address account => Seat) internal seats;
    uint256 internal activeStake;

    constructor(address treasury_, uint256 exitDelay_, uint256 slashBps_, uint256 minimumStake_) {
        (treasury, exitDelay, slashBps, minimumStake) = (treasury_, exitDelay_, slashBps_, minimumStake_);
    }

    function fund(address account, uint256 wallet, uint256 stake) external {
        (walletOf[account], stakeOf[account], taskCapOf[account]) = (wallet, stake, type(uint128).max);
    }

    /// @notice Tokens that leave for where nobody owns them.
    function donate(address account, uint256 amount) external {
        walletOf[account] -= amount;
    }

    function deposit(address account, uint256 amount) external {
        walletOf[account] -= amount;
        stakeOf[account] += amount;
    }

    function allowTasks(address account, uint256 cap) external {
        taskCapOf[account] = cap;
    }

    function takeStake(address account, uint256 amount) external returns (bool) {
        if (amount == 0 || amount > stakeOf[account] - lockedOf[account]) return false;
        stakeOf[account] -= amount;
        walletOf[account] += amount;
        return true;
    }

    function withdraw(address account, address to) external returns (uint256 amount) {
        amount = ledgerOf[account];
        ledgerOf[account] = 0;
        walletOf[to] += amount;
    }

    function join(address account, uint256 amount) external returns (bool) {
        Seat storage seat = seats[account];
        if (amount == 0 || seat.stake + amount < minimumStake) return false;
        if (!seat.active && seat.stake != 0) return false;
        if (amount > stakeOf[account] - lockedOf[account]) return false;
        (seat.active, seat.exitedAt) = (true, 0);
        seat.stake += amount;
        activeStake += amount;
        lockedOf[account] += amount;
        return true;
    }

    function exit(address account) external returns (bool) {
        if (!seats[account].active) return false;
        _unseat(account);
        return true;
    }

    function release(address account) external returns (bool) {
        Seat memory seat = seats[account];
        if (seat.stake == 0 || seat.active || block.timestamp < seat.exitedAt + exitDelay) return false;
        delete seats[account];
        lockedOf[account] -= seat.stake;
        return true;
    }

    function slashSeat(address account) public returns (uint256 amount) {
        Seat storage seat = seats[account];
        if (seat.stake == 0) return 0;
        if (seat.active) _unseat(account);
        amount = (seat.stake * slashBps) / BPS;
        if ((seat.stake * slashBps) % BPS != 0) ++amount;
        seat.stake -= amount;
        lockedOf[account] -= amount;
        stakeOf[account] -= amount;
        stakeOf[treasury] += amount;
    }

    function _lockForTask(address account, uint256 amount) internal returns (bool) {
        if (amount == 0) return true;
        if (taskLockOf[account] + amount > taskCapOf[account]) return false;
        if (lockedOf[account] + amount > stakeOf[account]) return false;
        taskLockOf[account] += amount;
        lockedOf[account] += amount;
        return true;
    }

    function _unlockFromTask(address account, uint256 amount) internal {
        taskLockOf[account] -= amount;
        lockedOf[account] -= amount;
    }

    function _moveLock(address account, address to, uint256 amount) internal {
        _unlockFromTask(account, amount);
        stakeOf[account] -= amount;
        stakeOf[to] += amount;
    }

    /// @dev Whether these signers, by ascending address, are active validators with two thirds of the stake.
    function _areQuorum(address[] memory signers) internal view returns (bool) {
        uint256 signed;
        for (uint256 i; i < signers.length; ++i) {
            if (i != 0 && signers[i] <= signers[i - 1]) return false;
            if (!seats[signers[i]].active) return false;
            signed += seats[signers[i]].stake;
        }
        return signed != 0 && 3 * signed >= 2 * activeStake;
    }

    /// @dev What each signer gets of a fee: by stake, rounded down, and the last one the rest.
    function _sharesOf(uint256 fee, address[] memory signers) internal view returns (uint256[] memory shares) {
        shares = new uint256[](signers.length);
        uint256 total;
        for (uint256 i; i < signers.length; ++i) total += seats[signers[i]].stake;
        uint256 given;
        for (uint256 i; i < signers.length; ++i) {
            bool isLast = i == signers.length - 1;
            shares[i] = isLast ? fee - given : (fee * seats[signers[i]].stake) / total;
            given += shares[i];
        }
    }

    function _unseat(address account) private {
        activeStake -= seats[account].stake;
        (seats[account].active, seats[account].exitedAt) = (false, block.timestamp);
    }
}
