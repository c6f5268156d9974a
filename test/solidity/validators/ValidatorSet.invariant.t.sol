// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {Validator} from "../../../contracts/types/Validator.sol";
import {Test} from "../utils/Test.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {fundStake, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Plays more validators than there are seats against a set, in any order, and a slasher. Keeps its own account of what
/// each has staked.
contract ValidatorSetHandler is Test {
    uint256 public constant ACCOUNTS = 36;

    IERC20 public immutable token;
    IStakeVault public immutable vault;
    IValidatorSet public immutable set;

    /// @notice What each account put in less what it was slashed and what it got back.
    mapping(address account => uint256) public stakeOf;
    /// @notice What all of them were slashed.
    uint256 public slashed;

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
        try set.activate(accountAt(index)) {} catch {}
    }

    function exit(uint256 index) external {
        vm.prank(accountAt(index));
        try set.exit() {} catch {}
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
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 7 days));
    }

    function accountAt(uint256 index) public pure returns (address) {
        return address(uint160(0xA0000 + (index % ACCOUNTS)));
    }
}

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
}
