// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Permit} from "../../../contracts/types/Permit.sol";
import {StakeVaultFixture} from "./StakeVaultFixture.sol";

/// @notice Deposits, permits and withdrawals.
contract StakeVaultTest is StakeVaultFixture {
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
}
