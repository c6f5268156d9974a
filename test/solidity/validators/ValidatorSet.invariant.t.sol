// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {Validator} from "../../../contracts/types/Validator.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {ValidatorSetHandler} from "./ValidatorSetHandler.sol";
import {nameSlasher} from "./ValidatorStaking.sol";

/// @notice The handler as the fuzzer finds it: in the file of its test.
contract ValidatorSetPlayers is ValidatorSetHandler {
    constructor(IERC20 token_, IStakeVault vault_, IValidatorSet set_) ValidatorSetHandler(token_, vault_, set_) {}
}

/// @notice What is always true of validators, whoever joins, displaces, leaves or is slashed when.
contract ValidatorSetInvariantTest is ValidatorFixture {
    ValidatorSetHandler private _handler;

    function setUp() public {
        deployValidatorSet();
        _handler = new ValidatorSetPlayers(token, vault, set);
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
            uint256 waiting = set.activeStake() + _handler.lost();
            assertLe(set.activeStakeAsOf(asOf), waiting, "no more than who could be there");
            uint256 needed = Math.min(_handler.neededIn(place), waiting);
            assertGe(set.activeStakeAsOf(asOf), needed, "no less than what was needed then");
            if (_handler.isNotedIn(place)) assertEq(set.activeStakeAsOf(asOf), needed, "what was noted then");
        }
    }

    /// @notice Whoever has the seats in between: as of now, two thirds are needed of at least what counted together in a block of all that
    /// has neither left nor was slashed since, nor could have come back at any time for longer than an activation delay.
    /// hardhat-config: invariant.runs = 16
    /// hardhat-config: invariant.depth = 150
    function invariant_WhoWasThereHasTimeToComeBack() external view {
        for (uint256 place; place < _handler.MARKS(); ++place) {
            uint256 awaited;
            for (uint256 i; i < _handler.ACCOUNTS(); ++i) {
                address account = _handler.accountAt(i);
                uint256 since = _handler.ableSince(account);
                bool isIdle = since != 0 && since + ACTIVATION_DELAY < block.timestamp;
                if (!isIdle && !_handler.isGone(place, account)) awaited += _handler.countedIn(place, account);
            }
            assertGe(set.activeStakeAsOf(block.number), awaited, "no less than who has had no time");
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
