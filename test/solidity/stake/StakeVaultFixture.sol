// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlatformToken} from "../../../contracts/PlatformToken.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Test} from "../utils/Test.sol";

/// @notice Base of the vault's tests over a well-behaved token: Alice has staked.
abstract contract StakeVaultFixture is Test {
    PlatformToken internal _token;
    IStakeVault internal _vault;

    uint256 internal constant STAKE = 1000;
    address internal constant OTHER = address(0x07E2);
    address internal constant MODULE = address(0x3001);
    address internal constant RIVAL = address(0x3002);
    address internal constant TREASURY = address(0x72EA);

    address internal _alice;
    uint256 internal _aliceKey;

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

    function _allow(uint256 cap) internal {
        vm.prank(_alice);
        _vault.allow(MODULE, cap);
    }

    function _lock(uint256 amount) internal {
        _allow(amount);
        vm.prank(MODULE);
        _vault.lock(_alice, amount);
    }

    function _expectInvalidReceiver(address receiver) internal {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StakeVaultInvalidReceiver.selector, receiver));
    }

    function _checkAccount(address account, uint256 stake, uint256 locked) internal view {
        (uint256 actualStake, uint256 actualLocked) = _vault.stakeOf(account);
        assertEq(actualStake, stake, "stake");
        assertEq(actualLocked, locked, "locked");
        assertEq(_vault.freeStakeOf(account), stake - locked, "free stake");
    }
}
