// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Test} from "../utils/Test.sol";

/// @notice Plays several accounts and modules against a vault in any order, and keeps its own books beside it.
/// @dev Amounts reach beyond what is possible, so refusals are played as well. The last account is a module too.
contract StakeVaultHandler is Test {
    uint256 public constant ACCOUNTS = 3;
    uint256 public constant MODULES = 2;

    IStakeVault public immutable vault;
    HostileToken public immutable token;

    /// @notice What was paid to the vault outside of deposits.
    uint256 public donated;
    /// @notice What all slashes that went through took together; only ever added to.
    uint256 public slashed;
    /// @notice Actions that went through.
    uint256 public done;

    constructor(IStakeVault vault_, HostileToken token_) {
        (vault, token) = (vault_, token_);
    }

    function deposit(uint256 payer, uint256 account, uint256 amount) external {
        amount = bound(amount, 1, 1e24);
        token.mint(accountAt(payer), amount);
        vm.prank(accountAt(payer));
        token.approve(address(vault), amount);
        vm.prank(accountAt(payer));
        vault.depositFor(accountAt(account), amount);
        ++done;
    }

    function donate(uint256 amount) external {
        amount = bound(amount, 1, 1e24);
        token.mint(address(vault), amount);
        donated += amount;
    }

    function withdraw(uint256 account, uint256 to, uint256 amount) external {
        amount = _around(amount, vault.freeStakeOf(accountAt(account)));
        vm.prank(accountAt(account));
        try vault.withdraw(amount, accountAt(to)) {
            ++done;
        } catch {}
    }

    function allow(uint256 account, uint256 module, uint256 cap) external {
        vm.prank(accountAt(account));
        vault.allow(moduleAt(module), bound(cap, 0, 1e24));
    }

    function lock(uint256 account, uint256 module, uint256 amount) external {
        (uint256 cap, uint256 held) = vault.allowanceOf(accountAt(account), moduleAt(module));
        uint256 free = vault.freeStakeOf(accountAt(account));
        uint256 room = cap > held ? cap - held : 0;
        vm.prank(moduleAt(module));
        try vault.lock(accountAt(account), _around(amount, free < room ? free : room)) {
            ++done;
        } catch {}
    }

    function unlock(uint256 pair, uint256 amount) external {
        (address account, address module, uint256 held) = _lockFrom(pair);
        vm.prank(module);
        try vault.unlock(account, _around(amount, held)) {
            ++done;
        } catch {}
    }

    function slash(uint256 pair, uint256 amount, uint256 beneficiary) external {
        (address account, address module, uint256 held) = _lockFrom(pair);
        amount = _around(amount, held);
        vm.prank(module);
        try vault.slash(account, amount, accountAt(beneficiary)) {
            slashed += amount;
            ++done;
        } catch {}
    }

    function accountAt(uint256 index) public pure returns (address) {
        return address(uint160(0xA0000 + (index % ACCOUNTS)));
    }

    function moduleAt(uint256 index) public pure returns (address) {
        index %= MODULES;
        return index == 0 ? accountAt(ACCOUNTS - 1) : address(uint160(0xB0000 + index));
    }

    /// @dev The first pair, from a given one on, of which something is locked; the given one if nothing is.
    function _lockFrom(uint256 pair) private view returns (address account, address module, uint256 held) {
        pair %= ACCOUNTS * MODULES;
        for (uint256 i = 0; i <= ACCOUNTS * MODULES && held == 0; ++i) {
            (account, module) = (accountAt((pair + i) / MODULES), moduleAt(pair + i));
            (, held) = vault.allowanceOf(account, module);
        }
    }

    /// @dev An amount that is possible in most cases, and otherwise up to a quarter too much.
    function _around(uint256 amount, uint256 possible) private pure returns (uint256) {
        return bound(amount, 0, possible + possible / 4 + 1);
    }
}

/// @notice What is always true of the vault, whatever its accounts and modules do.
contract StakeVaultInvariantTest is Test {
    HostileToken private _token;
    IStakeVault private _vault;
    StakeVaultHandler private _handler;

    function setUp() public {
        _token = HostileToken(deploy("HostileToken.sol:HostileToken", ""));
        _vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(_token)));
        _handler = new StakeVaultHandler(_vault, _token);
    }

    /// @notice The fuzzer plays the handler alone.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice The handler's actions do go through, so the invariants below are not held by refusals alone.
    function test_HandlerActs() external {
        _handler.deposit(0, 1, 100);
        _handler.allow(1, 1, 80);
        _handler.lock(1, 1, 80);
        _handler.unlock(0, 20);
        _handler.slash(0, 50, 2);
        _handler.withdraw(2, 0, 50);
        assertEq(_handler.done(), 5, "actions that went through");
        assertEq(_handler.slashed(), 50, "slashed");
    }

    function invariant_VaultBalanceCoversStakes() external view {
        uint256 stakes;
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            (uint256 stake, ) = _vault.stakeOf(_handler.accountAt(i));
            stakes += stake;
        }
        assertEq(_token.balanceOf(address(_vault)), stakes + _handler.donated(), "vault's balance");
    }

    function invariant_LocksNeverExceedStake() external view {
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            (uint256 stake, uint256 locked) = _vault.stakeOf(_handler.accountAt(i));
            assertLe(locked, stake, "locked");
            assertEq(_vault.freeStakeOf(_handler.accountAt(i)), stake - locked, "free stake");
        }
    }

    function invariant_LocksSumToLocked() external view {
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            address account = _handler.accountAt(i);
            uint256 sum;
            for (uint256 j = 0; j < _handler.MODULES(); ++j) {
                (, uint256 held) = _vault.allowanceOf(account, _handler.moduleAt(j));
                sum += held;
            }
            (, uint256 locked) = _vault.stakeOf(account);
            assertEq(locked, sum, "locked");
        }
    }

    function invariant_SlashedNeverShrinks() external view {
        assertEq(_vault.totalSlashed(), _handler.slashed(), "total slashed");
    }
}
