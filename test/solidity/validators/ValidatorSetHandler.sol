// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {Validator} from "../../../contracts/types/Validator.sol";
import {Test} from "../utils/Test.sol";
import {fundStake} from "./ValidatorStaking.sol";

/// @notice Plays more validators than there are seats against a set, in any order, and a slasher. Keeps its own account of what
/// each has staked, and of what counted in some blocks.
abstract contract ValidatorSetHandler is Test {
    uint256 public constant ACCOUNTS = 40;
    /// @notice So many of the latest blocks are remembered in which something was asked for.
    uint256 public constant MARKS = 6;

    IERC20 public immutable token;
    IStakeVault public immutable vault;
    IValidatorSet public immutable set;

    /// @notice What each account put in less what it was slashed and what it got back.
    mapping(address account => uint256) public stakeOf;
    /// @notice What all of them were slashed.
    uint256 public slashed;
    /// @notice The remembered blocks.
    uint256[MARKS] public marks;
    /// @notice What counted of an account's stake in a remembered block.
    mapping(uint256 mark => mapping(address account => uint256)) public countedIn;
    /// @notice What waited in a remembered block, displaced; what a quorum was needed of at its end; and whether that was noted.
    mapping(uint256 mark => uint256) public waitedIn;
    mapping(uint256 mark => uint256) public neededIn;
    mapping(uint256 mark => bool) public isNotedIn;
    /// @notice What last counted of an account's stake before it was displaced, and in which second it was.
    mapping(address account => uint256) public lostBy;
    mapping(address account => uint256) public lostAt;
    /// @notice The second since which a displaced account could have had a seat again at any time, but for what it added itself; 0 if
    /// it could not.
    mapping(address account => uint256) public ableSince;
    /// @notice Whether an account has left of its own will, or was slashed, since a remembered block.
    mapping(uint256 mark => mapping(address account => bool)) public isGone;

    uint256 private _marked;
    /// @dev Who took a seat last.
    uint256 private _newest;

    /// @dev Keeps account of who could come back.
    modifier watched() {
        _;
        address[] memory seats = set.activeValidators();
        uint256 least = seats.length < set.MAX_VALIDATORS() ? 0 : type(uint256).max;
        for (uint256 i; i < seats.length; ++i) least = Math.min(least, set.getValidator(seats[i]).stake);
        for (uint256 i; i < ACCOUNTS; ++i) {
            address account = accountAt(i);
            Validator memory validator = set.getValidator(account);
            if (!validator.displaced || validator.pending <= least) ableSince[account] = 0;
            else if (ableSince[account] == 0) ableSince[account] = block.timestamp;
        }
    }

    constructor(IERC20 token_, IStakeVault vault_, IValidatorSet set_) {
        (token, vault, set) = (token_, vault_, set_);
    }

    function join(uint256 index, uint256 amount) external watched {
        address account = accountAt(index);
        amount = bound(amount, 1, 300 ether);
        token.approve(address(vault), amount);
        fundStake(vault, account, address(set), amount);
        vm.prank(account);
        try set.join(amount) {
            stakeOf[account] += amount;
        } catch {}
    }

    function activate(uint256 index) external watched {
        _activate(index);
    }

    /// @notice All who can take a seat do.
    function fill() external watched {
        for (uint256 i; i < ACCOUNTS; ++i) _activate(i);
    }

    function exit(uint256 index) external watched {
        vm.prank(accountAt(index));
        try set.exit() {
            _noteGone(accountAt(index));
        } catch {}
    }

    /// @notice All who can have their stake back get it.
    function release() external {
        for (uint256 i; i < ACCOUNTS; ++i) {
            try set.release(accountAt(i)) {
                stakeOf[accountAt(i)] = 0;
            } catch {}
        }
    }

    function slash(uint256 index) external watched {
        address account = accountAt(index);
        uint256 amount = set.slash(account);
        stakeOf[account] -= amount;
        slashed += amount;
        _noteGone(account);
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 7 days));
    }

    /// @notice Remembers what counts in this block, of which it is the end.
    function mark(bool isNoted) external {
        if (isNoted) set.noteTotal();
        uint256 place = _marked++ % MARKS;
        marks[place] = block.number;
        for (uint256 i; i < ACCOUNTS; ++i) {
            address account = accountAt(i);
            countedIn[place][account] =
                set.isActive(account) ? stakeOf[account] - set.getValidator(account).pending : 0;
            isGone[place][account] = false;
        }
        (waitedIn[place], neededIn[place]) = (waiting(), set.activeStakeAsOf(block.number));
        isNotedIn[place] = isNoted;
        vm.roll(block.number + 1);
    }

    /// @notice Somebody with more than anybody takes a seat that is scarce, and leaves again.
    function outbid(uint256 index, bool leaves) external {
        index = _outsider(index);
        this.join(index, 300 ether);
        vm.warp(block.timestamp + set.activationDelay());
        this.activate(index);
        if (leaves) this.exit(index);
    }

    /// @notice Who took a seat last leaves, somebody with more than anybody gets the seat before others can, and leaves some time later.
    function handOver(uint256 index, uint256 time, bool leaves) external {
        index = _outsider(index);
        this.join(index, 300 ether);
        vm.warp(block.timestamp + set.activationDelay());
        this.exit(_newest);
        this.activate(index);
        vm.warp(block.timestamp + bound(time, 0, 3 * set.activationDelay()));
        if (leaves) this.exit(index);
    }

    /// @notice What had counted of all that waits now, displaced.
    function lost() external view returns (uint256 sum) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            if (set.getValidator(accountAt(i)).displaced) sum += lostBy[accountAt(i)];
        }
    }

    /// @notice All that waits now, displaced.
    function waiting() public view returns (uint256 sum) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            Validator memory validator = set.getValidator(accountAt(i));
            if (validator.displaced) sum += validator.pending;
        }
    }

    function accountAt(uint256 index) public pure returns (address) {
        return address(uint160(0xA0000 + (index % ACCOUNTS)));
    }

    /// @dev The next account from an index on that has no seat and is not leaving.
    function _outsider(uint256 index) private view returns (uint256) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            Validator memory validator = set.getValidator(accountAt((index % ACCOUNTS) + i));
            if (validator.seat == 0 && validator.exitedAt == 0) return (index % ACCOUNTS) + i;
        }
        return index;
    }

    function _activate(uint256 index) private {
        address[] memory seats = set.activeValidators();
        uint256[] memory stakes = new uint256[](seats.length);
        for (uint256 i; i < seats.length; ++i) stakes[i] = set.getValidator(seats[i]).stake;
        try set.activate(accountAt(index)) {
            _newest = index;
            for (uint256 i; i < seats.length; ++i) {
                if (!set.isActive(seats[i])) (lostBy[seats[i]], lostAt[seats[i]]) = (stakes[i], block.timestamp);
            }
        } catch {}
    }

    function _noteGone(address account) private {
        for (uint256 place; place < MARKS; ++place) isGone[place][account] = true;
    }
}
