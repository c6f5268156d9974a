// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {StakeVaultFixture} from "./StakeVaultFixture.sol";

/// @notice Allowances, locks and slashes.
contract StakeVaultLocksTest is StakeVaultFixture {
    // Allowances

    function test_AllowSetsTheCapOfOneModule() external {
        vm.expectEmit(address(_vault));
        emit IStakeVault.Allowed(_alice, MODULE, type(uint128).max);
        _allow(type(uint128).max);
        _checkAllowance(_alice, MODULE, type(uint128).max, 0);
        _checkAllowance(_alice, RIVAL, 0, 0);
        _checkAllowance(OTHER, MODULE, 0, 0);
    }

    function test_LowerCapNeverTouchesLocks() external {
        _lock(600);
        _allow(0);
        _checkAllowance(_alice, MODULE, 0, 600);
        _checkAccount(_alice, STAKE, 600);
        vm.startPrank(MODULE);
        _vault.unlock(_alice, 100);
        _vault.slash(_alice, 500, TREASURY);
        _checkAllowance(_alice, MODULE, 0, 0);
        _checkAccount(_alice, 500, 0);
    }

    function test_RevertWhen_ModuleIsNobody() external {
        _expectInvalidReceiver(address(0));
        _vault.allow(address(0), 1);
    }

    function test_RevertWhen_CapIsBeyond128Bits() external {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInvalidAmount.selector, 1 << 128));
        _vault.allow(MODULE, 1 << 128);
    }

    // Locks

    function test_LockHoldsStake() external {
        _allow(700);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Locked(_alice, MODULE, 600);
        vm.prank(MODULE);
        _vault.lock(_alice, 600);
        _checkAccount(_alice, STAKE, 600);
        _checkAllowance(_alice, MODULE, 700, 600);
        assertEq(_vault.freeStakeOf(_alice), 400, "free stake");
    }

    function test_RevertGiven_LockBeyondTheCap() external {
        _lock(600);
        _allow(700);
        _expectCapExceeded(700, 600, 101);
        vm.startPrank(MODULE);
        _vault.lock(_alice, 101);
        _vault.lock(_alice, 100);
    }

    function test_RevertGiven_LockAfterTheCapWasLowered() external {
        _lock(600);
        _allow(599);
        _expectCapExceeded(599, 600, 1);
        vm.prank(MODULE);
        _vault.lock(_alice, 1);
    }

    function test_RevertGiven_ModuleIsNotAllowed() external {
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.StakeVaultCapExceeded.selector, _alice, RIVAL, 0, 0, type(uint256).max)
        );
        vm.prank(RIVAL);
        _vault.lock(_alice, type(uint256).max);
    }

    function test_RevertGiven_LockBeyondFreeStake() external {
        _lock(600);
        vm.prank(_alice);
        _vault.allow(RIVAL, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInsufficientFreeStake.selector, _alice, 400, 401));
        vm.prank(RIVAL);
        _vault.lock(_alice, 401);
    }

    function test_UnlockReleases() external {
        _lock(600);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Unlocked(_alice, MODULE, 250);
        vm.prank(MODULE);
        _vault.unlock(_alice, 250);
        _checkAccount(_alice, STAKE, 350);
        _checkAllowance(_alice, MODULE, 600, 350);
    }

    function test_RevertGiven_UnlockOfWhatAnotherModuleLocked() external {
        _lock(600);
        _expectInsufficientLock(RIVAL, 0, 1);
        vm.prank(RIVAL);
        _vault.unlock(_alice, 1);
    }

    function test_RevertGiven_UnlockBeyondTheLock() external {
        _lock(600);
        _expectInsufficientLock(MODULE, 600, (1 << 128) + 600);
        vm.prank(MODULE);
        _vault.unlock(_alice, (1 << 128) + 600);
    }

    // Slashes

    function test_SlashCreditsTheBeneficiary() external {
        _lock(600);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Slashed(_alice, MODULE, TREASURY, 250);
        vm.prank(MODULE);
        _vault.slash(_alice, 250, TREASURY);
        _checkAccount(_alice, 750, 350);
        _checkAccount(TREASURY, 250, 0);
        _checkAllowance(_alice, MODULE, 600, 350);
        assertEq(_vault.totalSlashed(), 250, "total slashed");
        vm.prank(TREASURY);
        _vault.withdraw(250, TREASURY);
        assertEq(_token.balanceOf(TREASURY), 250, "treasury's balance");
    }

    function test_SlashToTheAccountItselfOnlyFreesIt() external {
        _lock(600);
        vm.prank(MODULE);
        _vault.slash(_alice, 250, _alice);
        _checkAccount(_alice, STAKE, 350);
        assertEq(_vault.totalSlashed(), 250, "total slashed");
    }

    function test_SlashesAddUp() external {
        _lock(600);
        vm.startPrank(MODULE);
        _vault.slash(_alice, 250, TREASURY);
        _vault.slash(_alice, 150, OTHER);
        _vault.slash(_alice, 100, TREASURY);
        _checkAccount(_alice, 500, 100);
        _checkAccount(TREASURY, 350, 0);
        _checkAccount(OTHER, 150, 0);
        assertEq(_vault.totalSlashed(), 500, "total slashed");
    }

    function test_RevertGiven_SlashOfWhatAnotherModuleLocked() external {
        _lock(600);
        _expectInsufficientLock(RIVAL, 0, 1);
        vm.prank(RIVAL);
        _vault.slash(_alice, 1, RIVAL);
    }

    function test_RevertGiven_SlashBeyondTheLock() external {
        _lock(600);
        _expectInsufficientLock(MODULE, 600, 601);
        vm.prank(MODULE);
        _vault.slash(_alice, 601, TREASURY);
    }

    function test_RevertWhen_BeneficiaryIsNobody() external {
        _lock(600);
        vm.startPrank(MODULE);
        _expectInvalidReceiver(address(0));
        _vault.slash(_alice, 1, address(0));
        _expectInvalidReceiver(address(_vault));
        _vault.slash(_alice, 1, address(_vault));
    }

    /// @notice A module that computes an amount of zero needs no case of its own, even under a cap that was lowered.
    function test_ZeroAmountsDoNothing() external {
        _lock(600);
        _allow(0);
        vm.startPrank(MODULE);
        _vault.lock(_alice, 0);
        _vault.unlock(_alice, 0);
        _vault.slash(_alice, 0, TREASURY);
        vm.stopPrank();
        vm.prank(RIVAL);
        _vault.unlock(_alice, 0);
        _checkAccount(_alice, STAKE, 600);
        _checkAllowance(_alice, MODULE, 0, 600);
        assertEq(_vault.totalSlashed(), 0, "total slashed");
    }

    /// @notice One module's locks, releases and slashes keep the sums to the unit, for any amounts that fit.
    function testFuzz_LockUnlockSlash(uint256 locked, uint256 unlocked, uint256 slashed) external {
        locked = bound(locked, 1, STAKE);
        unlocked = bound(unlocked, 0, locked);
        slashed = bound(slashed, 0, locked - unlocked);
        _lock(locked);
        vm.startPrank(MODULE);
        _vault.unlock(_alice, unlocked);
        _vault.slash(_alice, slashed, TREASURY);
        vm.stopPrank();
        _checkAccount(_alice, STAKE - slashed, locked - unlocked - slashed);
        _checkAccount(TREASURY, slashed, 0);
        _checkAllowance(_alice, MODULE, locked, locked - unlocked - slashed);
        assertEq(_vault.totalSlashed(), slashed, "total slashed");
        _expectInsufficientLock(MODULE, locked - unlocked - slashed, locked - unlocked - slashed + 1);
        vm.prank(MODULE);
        _vault.slash(_alice, locked - unlocked - slashed + 1, TREASURY);
    }

    function _expectCapExceeded(uint256 cap, uint256 locked, uint256 needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.StakeVaultCapExceeded.selector, _alice, MODULE, cap, locked, needed)
        );
    }

    function _expectInsufficientLock(address module, uint256 locked, uint256 needed) private {
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.StakeVaultInsufficientLock.selector, _alice, module, locked, needed)
        );
    }

    function _checkAllowance(address account, address module, uint256 cap, uint256 locked) private view {
        (uint256 actualCap, uint256 actualLocked) = _vault.allowanceOf(account, module);
        assertEq(actualCap, cap, "cap");
        assertEq(actualLocked, locked, "locked by module");
    }
}
