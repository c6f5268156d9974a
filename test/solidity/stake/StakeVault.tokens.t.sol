// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Permit} from "../../../contracts/types/Permit.sol";
import {Test} from "../utils/Test.sol";

/// @notice The vault over tokens that keep to no standard, or attack.
contract StakeVaultTokensTest is Test {
    HostileToken private _token;
    IStakeVault private _vault;

    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);

    function setUp() public {
        _token = HostileToken(deploy("HostileToken.sol:HostileToken", ""));
        _vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(_token)));
        _token.mint(ALICE, 1000);
        vm.startPrank(ALICE);
        _token.approve(address(_vault), type(uint256).max);
        _vault.deposit(500);
        vm.stopPrank();
    }

    function test_RevertGiven_TokenTakesAFee() external {
        _token.setDialect(HostileToken.Dialect.FeeOnTransfer);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultUnexpectedAmount.selector, 200, 198));
        vm.prank(ALICE);
        _vault.deposit(200);
        _checkUntouched();
    }

    /// @notice The fee takes all that came, so that the vault's balance does not grow at all.
    function test_RevertGiven_TokenKeepsEverything() external {
        _token.setDialect(HostileToken.Dialect.FeeOnTransfer);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultUnexpectedAmount.selector, 1, 0));
        vm.prank(ALICE);
        _vault.deposit(1);
    }

    /// @notice A token that burns more of the vault than it brings is refused, not taken for one that brought a lot.
    function test_RevertGiven_TokenTakesInsteadOfGiving() external {
        _token.setDialect(HostileToken.Dialect.Reenters);
        _token.setReentry(address(_token), abi.encodeCall(_token.burn, (address(_vault), 201)));
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultUnexpectedAmount.selector, 200, 0));
        vm.prank(ALICE);
        _vault.deposit(200);
        _checkUntouched();
    }

    function test_RevertGiven_TokenReturnsFalse() external {
        _token.setDialect(HostileToken.Dialect.ReturnsFalse);
        bytes memory revertData = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, _token);
        vm.startPrank(ALICE);
        vm.expectRevert(revertData);
        _vault.deposit(200);
        vm.expectRevert(revertData);
        _vault.withdraw(200, BOB);
        vm.stopPrank();
        _checkUntouched();
    }

    function test_TokenThatReturnsNothingWorks() external {
        _token.setDialect(HostileToken.Dialect.ReturnsNothing);
        vm.startPrank(ALICE);
        _vault.deposit(200);
        _vault.withdraw(300, BOB);
        assertEq(_vault.freeStakeOf(ALICE), 400, "free stake");
        assertEq(_token.balanceOf(BOB), 300, "receiver's balance");
    }

    /// @notice A blocked receiver stops nobody: the account names another.
    function test_BlockedReceiverOnlyNeedsAnother() external {
        _token.setDialect(HostileToken.Dialect.Reverts);
        _token.setBlocked(ALICE, true);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(HostileToken.HostileTokenBlocked.selector, ALICE));
        _vault.withdraw(500, ALICE);
        _vault.withdraw(500, BOB);
        assertEq(_token.balanceOf(BOB), 500, "receiver's balance");
    }

    /// @notice A slash moves no tokens, so no blocked account can stop it.
    function test_BlockedAccountIsSlashed() external {
        _token.setDialect(HostileToken.Dialect.Reverts);
        _token.setBlocked(ALICE, true);
        _token.setBlocked(BOB, true);
        vm.prank(ALICE);
        _vault.allow(address(this), 500);
        _vault.lock(ALICE, 500);
        _vault.slash(ALICE, 500, BOB);
        assertEq(_vault.freeStakeOf(BOB), 500, "beneficiary's free stake");
    }

    function test_ReentryIsRefused() external {
        _token.mint(address(_token), 100);
        _token.execute(address(_token), abi.encodeCall(_token.approve, (address(_vault), 100)));
        _token.execute(address(_vault), abi.encodeCall(_vault.deposit, (50)));
        _token.setDialect(HostileToken.Dialect.Reenters);
        Permit memory permit;
        bytes[4] memory attempts = [
            abi.encodeCall(_vault.withdraw, (10, BOB)),
            abi.encodeCall(_vault.deposit, (10)),
            abi.encodeCall(_vault.depositFor, (BOB, 10)),
            abi.encodeCall(_vault.depositWithPermit, (10, permit))
        ];
        for (uint256 i = 0; i < attempts.length; ++i) {
            _token.setReentry(address(_vault), attempts[i]);
            vm.startPrank(ALICE);
            _vault.deposit(10);
            _checkRefused(2 * i + 1);
            _vault.withdraw(10, ALICE);
            _checkRefused(2 * i + 2);
            vm.stopPrank();
        }
        _checkUntouched();
        assertEq(_vault.freeStakeOf(address(_token)), 50, "the token's own stake");
    }

    /// @notice Stake that is on its way in cannot be locked yet, nor can stake on its way out be locked any more.
    function test_ReentryNeverLocksStakeThatIsNotThere() external {
        vm.prank(ALICE);
        _vault.allow(address(_token), type(uint128).max);
        _token.setDialect(HostileToken.Dialect.Reenters);
        _token.setReentry(address(_vault), abi.encodeCall(_vault.lock, (ALICE, 501)));
        vm.prank(ALICE);
        _vault.deposit(100);
        _checkNotLocked(500, 501);
        _token.setReentry(address(_vault), abi.encodeCall(_vault.lock, (ALICE, 600)));
        vm.prank(ALICE);
        _vault.withdraw(1, BOB);
        _checkNotLocked(599, 600);
    }

    function _checkRefused(uint256 attempts) private view {
        assertEq(_token.reentries(), attempts, "attempts");
        assertTrue(!_token.reentrySucceeded(), "re-entry refused");
        assertEq(
            bytes32(_token.reentryResult()),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "reason"
        );
    }

    function _checkNotLocked(uint256 free, uint256 needed) private view {
        bytes memory reason = abi.encodeWithSelector(
            IStakeVault.StakeVaultInsufficientFreeStake.selector,
            ALICE,
            free,
            needed
        );
        assertEq(keccak256(_token.reentryResult()), keccak256(reason), "reason");
    }

    function _checkUntouched() private view {
        assertEq(_vault.freeStakeOf(ALICE), 500, "free stake");
        assertEq(_token.balanceOf(ALICE), 500, "balance");
        assertGe(_token.balanceOf(address(_vault)), 500, "vault's balance");
    }
}
