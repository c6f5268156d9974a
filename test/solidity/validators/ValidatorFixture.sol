// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {Validator} from "../../../contracts/types/Validator.sol";
import {Test} from "../utils/Test.sol";

/// @notice Deploys token, vault and an empty validator set, whose deployer, slasher and authority is the test.
abstract contract ValidatorFixture is Test {
    uint40 internal constant EXIT_DELAY = 14 days;
    uint40 internal constant ACTIVATION_DELAY = 8 days;
    uint16 internal constant SLASH_BPS = 3_000;
    uint128 internal constant MINIMUM_STAKE = 100 ether;
    uint256 internal constant START = 1_900_000_000;

    address internal immutable treasury = address(0x7EA5);
    address internal immutable governor = address(0x60E);
    address internal immutable alice = address(0xA11CE);
    address internal immutable bob = address(0xB0B);

    IERC20 internal token;
    IStakeVault internal vault;
    IValidatorSet internal set;

    function deployValidatorSet() internal {
        vm.warp(START);
        token = IERC20(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e30)));
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        set = deploySet();
        token.approve(address(vault), type(uint256).max);
    }

    /// @notice The answer of an access manager: only the governor may, without delay.
    function canCall(address caller, address, bytes4) external view returns (bool immediate, uint32 delay) {
        return (caller == governor, 0);
    }

    /// @notice Deploys in a call of its own, so that a constructor's revert can be expected.
    function deployArtifact(string calldata artifact, bytes calldata arguments) external returns (address) {
        return deploy(artifact, arguments);
    }

    /// @notice Deploys an empty set over the vault, whose slashers are not named yet.
    function deploySet() internal returns (IValidatorSet) {
        return
            IValidatorSet(
                deploy(
                    "ValidatorSet.sol:ValidatorSet",
                    abi.encode(vault, address(this), treasury, EXIT_DELAY, ACTIVATION_DELAY, SLASH_BPS, MINIMUM_STAKE)
                )
            );
    }

    function lockOf(address account) internal view returns (uint256 locked) {
        (, locked) = vault.allowanceOf(account, address(set));
    }

    function assertValidator(address account, uint256 stake, uint256 exitedAt, uint256 seat) internal view {
        Validator memory validator = set.getValidator(account);
        assertEq(validator.stake, stake, "stake");
        assertEq(validator.pending, 0, "pending");
        assertEq(validator.exitedAt, exitedAt, "exited at");
        assertEq(validator.seat, seat, "seat");
    }

    function assertPending(address account, uint256 pending, uint256 activeFrom) internal view {
        Validator memory validator = set.getValidator(account);
        assertEq(validator.pending, pending, "pending");
        assertEq(validator.activeFrom, activeFrom, "active from");
    }

    function insufficientStake(uint256 stake, uint256 minimum) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetInsufficientStake.selector, stake, minimum);
    }

    function notActive(address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetNotActive.selector, account);
    }
}
