// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {Validator} from "../../../contracts/types/Validator.sol";
import {Test} from "../utils/Test.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {fundStake, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Plays more validators than there are seats against a set, in any order, and a slasher. Keeps its own account of what
/// each has staked, and of what counted in some blocks.
contract ValidatorSetHandler is Test {
    uint256 public constant ACCOUNTS = 36;
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
    /// @notice What waited in a remembered block, displaced.
    mapping(uint256 mark => uint256) public waitedIn;
    /// @notice What last counted of an account's stake before it was displaced, and in which second it was.
    mapping(address account => uint256) public lostBy;
    mapping(address account => uint256) public lostAt;
    /// @notice Whether an account has left of its own will, or was slashed, since a remembered block.
    mapping(uint256 mark => mapping(address account => bool)) public isGone;

    uint256 private _marked;

    constructor(IERC20 token_, IStakeVault vault_, IValidatorSet set_) {
        (token, vault, set) = (token_, vault_, set_);
    }

    function join(uint256 index, uint256 amount) external {
        address account = accountAt(index);
        amount = bound(amount, 1, 300 ether);
        token.approve(address(vault), amount);
        fundStake(vault, account, address(set), amount);
        vm.prank(account);
        try set.join(amount) {
            stakeOf[account] += amount;
        } catch {}
    }

    function activate(uint256 index) external {
        address[] memory seats = set.activeValidators();
        uint256[] memory stakes = new uint256[](seats.length);
        for (uint256 i; i < seats.length; ++i) stakes[i] = set.getValidator(seats[i]).stake;
        try set.activate(accountAt(index)) {
            for (uint256 i; i < seats.length; ++i) {
                if (!set.isActive(seats[i])) (lostBy[seats[i]], lostAt[seats[i]]) = (stakes[i], block.timestamp);
            }
        } catch {}
    }

    function exit(uint256 index) external {
        vm.prank(accountAt(index));
        try set.exit() {
            _noteGone(accountAt(index));
        } catch {}
    }

    function release(uint256 index) external {
        address account = accountAt(index);
        try set.release(account) {
            stakeOf[account] = 0;
        } catch {}
    }

    function slash(uint256 index) external {
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
    function mark() external {
        uint256 place = _marked++ % MARKS;
        marks[place] = block.number;
        for (uint256 i; i < ACCOUNTS; ++i) {
            address account = accountAt(i);
            countedIn[place][account] =
                set.isActive(account) ? stakeOf[account] - set.getValidator(account).pending : 0;
            isGone[place][account] = false;
        }
        waitedIn[place] = waiting();
        vm.roll(block.number + 1);
    }

    /// @notice Somebody with more than anybody takes a seat that is scarce, and leaves again.
    function outbid(uint256 index) external {
        address account = accountAt(index);
        if (set.isActive(account)) return;
        this.join(index, 300 ether);
        vm.warp(block.timestamp + set.activationDelay());
        this.activate(index);
        if (index % 2 == 0) this.exit(index);
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

    function _noteGone(address account) private {
        for (uint256 place; place < MARKS; ++place) isGone[place][account] = true;
    }
}

/// @notice What is always true of validators, whoever joins, displaces, leaves or is slashed when.
contract ValidatorSetInvariantTest is ValidatorFixture {
    ValidatorSetHandler private _handler;

    function setUp() public {
        deployValidatorSet();
        _handler = new ValidatorSetHandler(token, vault, set);
        nameSlasher(set, address(_handler));
        token.transfer(address(_handler), 1e29);
        // All seats are taken, so that a run begins where they are scarce.
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) _handler.join(i, (100 + i) * 1 ether);
        vm.warp(START + ACTIVATION_DELAY);
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) _handler.activate(i);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 100
    function invariant_ActiveStakeIsTheSumOfActiveStakes() external view {
        uint256 sum;
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            address account = _handler.accountAt(i);
            if (set.isActive(account)) sum += _handler.stakeOf(account) - set.getValidator(account).pending;
        }
        assertEq(set.activeStake(), sum, "active stake");
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 100
    function invariant_SeatsAreFewAndTheirHoldersKnowThem() external view {
        address[] memory seats = set.activeValidators();
        assertLe(seats.length, 32, "seats");
        for (uint256 i = 0; i < seats.length; ++i) {
            assertEq(set.getValidator(seats[i]).seat, i + 1, "seat");
        }
        uint256 active;
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            if (set.isActive(_handler.accountAt(i))) ++active;
        }
        assertEq(active, seats.length, "nobody is active without a seat");
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 100
    function invariant_StakeIsWhatTheVaultHoldsLocked() external view {
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            address account = _handler.accountAt(i);
            (, uint256 locked) = vault.allowanceOf(account, address(set));
            Validator memory validator = set.getValidator(account);
            assertEq(uint256(validator.stake) + validator.pending, _handler.stakeOf(account), "stake");
            assertEq(locked, _handler.stakeOf(account), "lock");
        }
        assertEq(vault.freeStakeOf(treasury), _handler.slashed(), "treasury");
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 100
    function invariant_ExitingValidatorsWeighNothing() external view {
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            Validator memory validator = set.getValidator(_handler.accountAt(i));
            assertTrue(validator.seat == 0 || validator.exitedAt == 0, "a seat and an exit");
            assertTrue(validator.stake == 0 || validator.seat != 0 || validator.exitedAt != 0, "neither");
        }
    }

    /// @notice Whoever displaces others and leaves: two thirds are needed of at least what counted in a block and has neither left nor
    /// was slashed since, and of no more than what counted or waited then. Who judges has what it had then, and has it still.
    /// hardhat-config: invariant.runs = 16
    /// hardhat-config: invariant.depth = 150
    function invariant_WhoWasThereIsCounted() external view {
        for (uint256 place; place < _handler.MARKS(); ++place) {
            uint256 asOf = _handler.marks(place);
            if (asOf == 0) continue;
            (uint256 counted, uint256 staying, uint256 judging) = (0, 0, 0);
            for (uint256 i; i < _handler.ACCOUNTS(); ++i) {
                address account = _handler.accountAt(i);
                uint256 stake = _handler.countedIn(place, account);
                counted += stake;
                if (!_handler.isGone(place, account)) staying += stake;
                uint256 weight = set.isActive(account) ? Math.min(stake, set.getValidator(account).stake) : 0;
                assertEq(set.stakeAsOf(account, asOf), weight, "weight");
                judging += weight;
            }
            assertGe(set.activeStakeAsOf(asOf), staying, "no less than who stayed or was displaced");
            assertGe(set.activeStakeAsOf(asOf), judging, "no less than who judges");
            assertLe(set.activeStakeAsOf(asOf), counted + _handler.waitedIn(place), "no more than who was there");
            assertLe(
                set.activeStakeAsOf(asOf),
                set.activeStake() + _handler.waiting(),
                "no more than who could be there"
            );
        }
    }

    /// @notice Whoever displaces others and leaves: as of now, two thirds are needed of all that counts and of what was displaced less than
    /// an activation delay ago and still waits; of no more than what counts and what waits, and of that alone when all is calm.
    /// hardhat-config: invariant.runs = 16
    /// hardhat-config: invariant.depth = 150
    function invariant_WhoWasDisplacedOfLateIsCounted() external {
        uint256 lost;
        for (uint256 i; i < _handler.ACCOUNTS(); ++i) {
            address account = _handler.accountAt(i);
            bool isLate = block.timestamp < _handler.lostAt(account) + ACTIVATION_DELAY;
            if (isLate && set.getValidator(account).displaced) lost += _handler.lostBy(account);
        }
        uint256 total = set.activeStakeAsOf(block.number);
        assertGe(total, set.activeStake() + lost, "no less than who was displaced of late");
        assertLe(total, set.activeStake() + _handler.waiting(), "no more than who waits");
        uint256 time = block.timestamp;
        vm.warp(time + 2 * ACTIVATION_DELAY);
        assertEq(set.activeStakeAsOf(block.number), set.activeStake(), "nobody for long");
        vm.warp(time);
    }
}
