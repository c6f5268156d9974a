// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {fundStake, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice What the set is deployed with, who may slash, and what governance may change.
contract ValidatorSetTest is ValidatorFixture {
    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
    }

    // Construction

    function test_ConstructorFixesTheTerms() external view {
        assertEq(address(set.vault()), address(vault), "vault");
        assertEq(set.treasury(), treasury, "treasury");
        assertEq(set.exitDelay(), EXIT_DELAY, "exit delay");
        assertEq(set.activationDelay(), ACTIVATION_DELAY, "activation delay");
        assertEq(set.slashBps(), SLASH_BPS, "slash share");
        assertEq(set.minimumStake(), MINIMUM_STAKE, "minimum stake");
        assertEq(set.MAX_VALIDATORS(), 32, "seats");
        assertEq(set.activeStake(), 0, "active stake");
    }

    function test_RevertWhen_TreasuryCannotBeCredited() external {
        _expectConstructorError(address(0), EXIT_DELAY, SLASH_BPS, 1, _invalidTreasury(address(0)));
        _expectConstructorError(address(vault), EXIT_DELAY, SLASH_BPS, 1, _invalidTreasury(address(vault)));
    }

    function test_RevertWhen_ParametersAreOutOfBounds() external {
        _expectConstructorError(treasury, 0, SLASH_BPS, 1, _invalidParameter(0, 1));
        _expectConstructorError(treasury, 365 days + 1, SLASH_BPS, 1, _invalidParameter(365 days + 1, 365 days));
        _expectConstructorError(treasury, EXIT_DELAY, 999, 1, _invalidParameter(999, 1_000));
        _expectConstructorError(treasury, EXIT_DELAY, 10_001, 1, _invalidParameter(10_001, 10_000));
        _expectConstructorError(treasury, EXIT_DELAY, SLASH_BPS, 0, _invalidParameter(0, 1));
        _expectDelayError(0, _invalidParameter(0, 1));
        _expectDelayError(EXIT_DELAY, _invalidParameter(EXIT_DELAY, EXIT_DELAY - 1));
    }

    // Slashers

    function test_SetSlashersNamesThem() external {
        IValidatorSet fresh = deploySet();
        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(vault), address(token));
        vm.expectEmit(address(fresh));
        emit IValidatorSet.SlashersSet(slashers);
        vm.expectEmit(address(fresh));
        address[] memory founders = new address[](1);
        founders[0] = alice;
        emit IValidatorSet.FoundersSet(founders, START + ACTIVATION_DELAY);
        fresh.setSlashers(slashers, founders);
        assertEq(fresh.foundingUntil(), START + ACTIVATION_DELAY, "founding until");
        assertTrue(fresh.isFounder(alice) && !fresh.isFounder(bob), "founders");
        assertTrue(fresh.isSlasher(address(vault)) && fresh.isSlasher(address(token)), "named");
        assertTrue(!fresh.isSlasher(address(this)), "not named");
    }

    function test_RevertWhen_SomebodyElseNamesSlashers() external {
        IValidatorSet fresh = deploySet();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetUnauthorizedDeployer.selector, alice));
        fresh.setSlashers(new address[](1), new address[](0));
    }

    function test_RevertGiven_SlashersAreNamed() external {
        address[] memory slashers = new address[](1);
        slashers[0] = address(vault);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetSlashersAlreadySet.selector));
        set.setSlashers(slashers, new address[](0));
    }

    function test_RevertWhen_SlashersAreNoContracts() external {
        IValidatorSet fresh = deploySet();
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSlasher.selector, address(0)));
        fresh.setSlashers(new address[](0), new address[](0));

        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(vault), alice);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSlasher.selector, alice));
        fresh.setSlashers(slashers, new address[](0));
    }

    // Governance

    function test_GovernorSetsTheMinimumStake() external {
        joinSet(set, alice, 100 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.MinimumStakeSet(200 ether);
        vm.prank(governor);
        set.setMinimumStake(200 ether);
        assertEq(set.minimumStake(), 200 ether, "minimum stake");
        assertTrue(set.isActive(alice), "who is in stays");
        fundStake(vault, bob, address(set), 199 ether);
        vm.expectRevert(insufficientStake(199 ether, 200 ether));
        vm.prank(bob);
        set.join(199 ether);
    }

    function test_RevertWhen_SomebodyElseSetsTheMinimumStake() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        set.setMinimumStake(1);
    }

    function test_RevertWhen_MinimumStakeIsZero() external {
        vm.expectRevert(_invalidParameter(0, 1));
        vm.prank(governor);
        set.setMinimumStake(0);
    }

    // Helpers

    function _expectConstructorError(
        address treasury_,
        uint40 exitDelay,
        uint16 slashBps,
        uint128 minimumStake,
        bytes memory expected
    ) private {
        vm.expectRevert(expected);
        this.deployArtifact(
            "ValidatorSet.sol:ValidatorSet",
            abi.encode(vault, address(this), treasury_, exitDelay, uint40(1), slashBps, minimumStake)
        );
    }

    function _expectDelayError(uint40 activationDelay, bytes memory expected) private {
        vm.expectRevert(expected);
        this.deployArtifact(
            "ValidatorSet.sol:ValidatorSet",
            abi.encode(vault, address(this), treasury, EXIT_DELAY, activationDelay, SLASH_BPS, uint128(1))
        );
    }

    function _invalidTreasury(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidTreasury.selector, account);
    }

    function _invalidParameter(uint256 value, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidParameter.selector, value, limit);
    }
}
