// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {PlatformToken} from "../../contracts/PlatformToken.sol";
import {IStakeVault} from "../../contracts/interfaces/IStakeVault.sol";
import {Permit} from "../../contracts/types/Permit.sol";
import {Test} from "./utils/Test.sol";

/// @notice Deposits, allowances, locks and slashes over a well-behaved token.
contract StakeVaultTest is Test {
    PlatformToken private _token;
    IStakeVault private _vault;

    uint256 private constant STAKE = 1000;
    address private constant OTHER = address(0x07E2);
    address private constant MODULE = address(0x3001);
    address private constant RIVAL = address(0x3002);
    address private constant TREASURY = address(0x72EA);

    address private _alice;
    uint256 private _aliceKey;

    function setUp() public {
        (_alice, _aliceKey) = makeAccount("alice");
        _token = PlatformToken(deploy("PlatformToken.sol:PlatformToken", abi.encode(_alice, type(uint256).max)));
        _vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(_token)));
        vm.startPrank(_alice);
        _token.approve(address(_vault), STAKE);
        _vault.deposit(STAKE);
        _token.approve(address(_vault), 0);
        vm.stopPrank();
    }

    function test_HoldsItsToken() external view {
        assertEq(address(_vault.token()), address(_token), "token");
    }

    // Deposits

    function test_DepositAddsStake() external {
        vm.startPrank(_alice);
        _token.approve(address(_vault), 7);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Deposited(_alice, _alice, 7);
        _vault.deposit(7);
        _checkAccount(_alice, STAKE + 7, 0);
        assertEq(_token.balanceOf(address(_vault)), STAKE + 7, "vault's balance");
    }

    function test_DepositForCreditsTheAccountAlone() external {
        vm.startPrank(_alice);
        _token.approve(address(_vault), 7);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Deposited(OTHER, _alice, 7);
        _vault.depositFor(OTHER, 7);
        _checkAccount(OTHER, 7, 0);
        _checkAccount(_alice, STAKE, 0);
    }

    function test_DepositWithPermit() external {
        Permit memory permit = _permit(_aliceKey, 50, block.timestamp);
        vm.prank(_alice);
        _vault.depositWithPermit(50, permit);
        _checkAccount(_alice, STAKE + 50, 0);
        assertEq(_token.allowance(_alice, address(_vault)), 0, "allowance left");
    }

    function test_DepositSurvivesAPermitCarriedByAnother() external {
        Permit memory permit = _permit(_aliceKey, 50, block.timestamp);
        vm.prank(OTHER);
        _token.permit(_alice, address(_vault), 50, permit.deadline, permit.v, permit.r, permit.s);
        vm.prank(_alice);
        _vault.depositWithPermit(50, permit);
        _checkAccount(_alice, STAKE + 50, 0);
    }

    function test_RevertGiven_ExpiredPermitAndNoAllowance() external {
        vm.warp(1000);
        Permit memory permit = _permit(_aliceKey, 50, 999);
        _expectAllowanceError();
        vm.prank(_alice);
        _vault.depositWithPermit(50, permit);
    }

    function test_RevertGiven_GarbledPermitAndNoAllowance() external {
        Permit memory permit = _permit(_aliceKey, 50, block.timestamp);
        permit.s = bytes32(uint256(permit.s) ^ 1);
        _expectAllowanceError();
        vm.prank(_alice);
        _vault.depositWithPermit(50, permit);
    }

    function test_RevertGiven_PermitOfAnotherAccount() external {
        (, uint256 otherKey) = makeAccount("mallory");
        Permit memory permit = _permit(otherKey, 50, block.timestamp);
        _expectAllowanceError();
        vm.prank(_alice);
        _vault.depositWithPermit(50, permit);
    }

    function test_RevertWhen_DepositIsZero() external {
        Permit memory permit = _permit(_aliceKey, 0, block.timestamp);
        bytes memory revertData = abi.encodeWithSelector(IStakeVault.StakeVaultInvalidAmount.selector, 0);
        vm.expectRevert(revertData);
        _vault.deposit(0);
        vm.expectRevert(revertData);
        _vault.depositFor(OTHER, 0);
        vm.expectRevert(revertData);
        _vault.depositWithPermit(0, permit);
    }

    function test_RevertWhen_DepositIsBeyond128Bits() external {
        vm.startPrank(_alice);
        _token.approve(address(_vault), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInvalidAmount.selector, 1 << 128));
        _vault.deposit(1 << 128);
    }

    function test_RevertGiven_VaultWouldHoldMoreThan128Bits() external {
        vm.startPrank(_alice);
        _token.approve(address(_vault), type(uint256).max);
        uint256 room = type(uint128).max - STAKE;
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInvalidAmount.selector, room + 1));
        _vault.depositFor(OTHER, room + 1);
        _vault.depositFor(OTHER, room);
        _checkAccount(OTHER, room, 0);
    }

    function test_RevertWhen_DepositIsForNobody() external {
        _expectInvalidReceiver(address(0));
        _vault.depositFor(address(0), 1);
        _expectInvalidReceiver(address(_vault));
        _vault.depositFor(address(_vault), 1);
    }

    function test_RevertGiven_DepositWithoutAllowance() external {
        _expectAllowanceError();
        vm.prank(_alice);
        _vault.deposit(50);
    }

    // Withdrawals

    function test_WithdrawPaysFreeStakeOut() external {
        _lock(600);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Withdrawn(_alice, OTHER, 400);
        vm.prank(_alice);
        _vault.withdraw(400, OTHER);
        _checkAccount(_alice, 600, 600);
        assertEq(_token.balanceOf(OTHER), 400, "receiver's balance");
        assertEq(_token.balanceOf(address(_vault)), 600, "vault's balance");
    }

    function test_RevertGiven_WithdrawalReachesLockedStake() external {
        _lock(600);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInsufficientFreeStake.selector, _alice, 400, 401));
        vm.prank(_alice);
        _vault.withdraw(401, OTHER);
    }

    function test_RevertWhen_WithdrawalIsZeroOrBeyond128Bits() external {
        vm.startPrank(_alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInvalidAmount.selector, 0));
        _vault.withdraw(0, OTHER);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInvalidAmount.selector, (1 << 128) + 1));
        _vault.withdraw((1 << 128) + 1, OTHER);
    }

    function test_RevertWhen_WithdrawalIsToNobody() external {
        vm.startPrank(_alice);
        _expectInvalidReceiver(address(0));
        _vault.withdraw(1, address(0));
        _expectInvalidReceiver(address(_vault));
        _vault.withdraw(1, address(_vault));
    }

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

    /// @notice What went in comes out, for any amounts.
    function testFuzz_DepositWithdraw(uint256 deposited, uint256 withdrawn) external {
        deposited = bound(deposited, 1, type(uint128).max - STAKE);
        withdrawn = bound(withdrawn, 1, deposited + STAKE);
        vm.startPrank(_alice);
        _token.approve(address(_vault), deposited);
        _vault.deposit(deposited);
        _vault.withdraw(withdrawn, OTHER);
        _checkAccount(_alice, deposited + STAKE - withdrawn, 0);
        assertEq(_token.balanceOf(OTHER), withdrawn, "receiver's balance");
        assertEq(_token.balanceOf(address(_vault)), deposited + STAKE - withdrawn, "vault's balance");
    }

    function _allow(uint256 cap) private {
        vm.prank(_alice);
        _vault.allow(MODULE, cap);
    }

    function _lock(uint256 amount) private {
        _allow(amount);
        vm.prank(MODULE);
        _vault.lock(_alice, amount);
    }

    function _permit(uint256 key, uint256 value, uint256 deadline) private view returns (Permit memory permit) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                _alice,
                address(_vault),
                value,
                _token.nonces(_alice),
                deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", _token.DOMAIN_SEPARATOR(), structHash));
        permit.deadline = deadline;
        (permit.v, permit.r, permit.s) = vm.sign(key, digest);
    }

    /// @dev The token's own error for 50 base units that nobody allowed.
    function _expectAllowanceError() private {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(_vault), 0, 50)
        );
    }

    function _expectInvalidReceiver(address receiver) private {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInvalidReceiver.selector, receiver));
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

    function _checkAccount(address account, uint256 stake, uint256 locked) private view {
        (uint256 actualStake, uint256 actualLocked) = _vault.stakeOf(account);
        assertEq(actualStake, stake, "stake");
        assertEq(actualLocked, locked, "locked");
        assertEq(_vault.freeStakeOf(account), stake - locked, "free stake");
    }

    function _checkAllowance(address account, address module, uint256 cap, uint256 locked) private view {
        (uint256 actualCap, uint256 actualLocked) = _vault.allowanceOf(account, module);
        assertEq(actualCap, cap, "cap");
        assertEq(actualLocked, locked, "locked by module");
    }
}
