// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {Validator, ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {ContractSigner, ValidatorFixture} from "./ValidatorFixture.sol";

contract ValidatorSetTest is ValidatorFixture {
    address private immutable alice = address(0xA11CE);
    address private immutable bob = address(0xB0B);
    bytes32 private constant DIGEST = keccak256("digest");
    uint256[] private _keys;

    function setUp() public {
        deployValidatorSet();
        nameSlasher(address(this));
        _keys = ascendingKeys(5);
    }

    // Construction

    function test_ConstructorFixesTheTerms() external view {
        assertEq(address(set.vault()), address(vault), "vault");
        assertEq(set.treasury(), treasury, "treasury");
        assertEq(set.exitDelay(), EXIT_DELAY, "exit delay");
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
        _expectConstructorError(treasury, EXIT_DELAY, 0, 1, _invalidParameter(0, 1));
        _expectConstructorError(treasury, EXIT_DELAY, 10_001, 1, _invalidParameter(10_001, 10_000));
        _expectConstructorError(treasury, EXIT_DELAY, SLASH_BPS, 0, _invalidParameter(0, 1));
    }

    // Slashers

    function test_SetSlashersNamesThem() external {
        IValidatorSet fresh = _freshSet();
        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(vault), address(token));
        vm.expectEmit(address(fresh));
        emit IValidatorSet.SlashersSet(slashers);
        fresh.setSlashers(slashers);
        assertTrue(fresh.isSlasher(address(vault)) && fresh.isSlasher(address(token)), "named");
        assertTrue(!fresh.isSlasher(address(this)), "not named");
    }

    function test_RevertWhen_SomebodyElseNamesSlashers() external {
        IValidatorSet fresh = _freshSet();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetUnauthorizedDeployer.selector, alice));
        fresh.setSlashers(new address[](1));
    }

    function test_RevertGiven_SlashersAreNamed() external {
        address[] memory slashers = new address[](1);
        slashers[0] = address(vault);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetSlashersAlreadySet.selector));
        set.setSlashers(slashers);
    }

    function test_RevertWhen_SlashersAreNoContracts() external {
        IValidatorSet fresh = _freshSet();
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSlasher.selector, address(0)));
        fresh.setSlashers(new address[](0));

        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(vault), alice);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSlasher.selector, alice));
        fresh.setSlashers(slashers);
    }

    // Joining

    function test_JoinTakesASeatAndLocksStake() external {
        fund(alice, address(set), 150 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 120 ether);
        vm.prank(alice);
        set.join(120 ether);

        _assertValidator(alice, 120 ether, 0, 1);
        assertTrue(set.isActive(alice), "active");
        assertEq(set.activeValidators().length, 1, "seats taken");
        assertEq(set.activeValidators()[0], alice, "seat");
        assertEq(set.activeStake(), 120 ether, "active stake");
        assertEq(_lockOf(alice), 120 ether, "lock");
        assertEq(vault.freeStakeOf(alice), 30 ether, "free stake");
    }

    function test_JoinAddsToAnActiveStake() external {
        join(alice, 120 ether);
        fund(alice, address(set), 1);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 120 ether + 1);
        vm.prank(alice);
        set.join(1);
        _assertValidator(alice, 120 ether + 1, 0, 1);
        assertEq(set.activeStake(), 120 ether + 1, "active stake");
    }

    function test_JoinAgainAfterRelease() external {
        join(alice, 120 ether);
        vm.prank(alice);
        set.exit();
        vm.warp(START + EXIT_DELAY);
        set.release(alice);
        vm.prank(alice);
        set.join(100 ether);
        _assertValidator(alice, 100 ether, 0, 1);
    }

    function test_RevertGiven_SlashersAreNotNamed() external {
        IValidatorSet fresh = _freshSet();
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetSlashersNotSet.selector));
        fresh.join(MINIMUM_STAKE);
    }

    function test_RevertWhen_StakeIsBelowTheMinimum() external {
        fund(alice, address(set), 100 ether);
        vm.expectRevert(_insufficientStake(100 ether - 1, MINIMUM_STAKE));
        vm.prank(alice);
        set.join(100 ether - 1);
    }

    function test_RevertWhen_NothingIsAdded() external {
        join(alice, 120 ether);
        vm.expectRevert(_insufficientStake(120 ether, MINIMUM_STAKE));
        vm.prank(alice);
        set.join(0);
    }

    function test_RevertWhen_AmountIsBeyondTheFreeStake() external {
        fund(alice, address(set), 100 ether);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStakeVault.StakeVaultInsufficientFreeStake.selector,
                alice,
                100 ether,
                100 ether + 1
            )
        );
        vm.prank(alice);
        set.join(100 ether + 1);
    }

    /// @dev The sum of stake and amount wraps here; the vault refuses the amount, and nothing stays.
    function test_RevertWhen_AmountIsAbsurd() external {
        join(alice, 120 ether);
        vm.expectPartialRevert(IStakeVault.StakeVaultCapExceeded.selector);
        vm.prank(alice);
        set.join(type(uint256).max);
        _assertValidator(alice, 120 ether, 0, 1);
        assertEq(set.activeStake(), 120 ether, "active stake");
    }

    function test_RevertGiven_ValidatorIsExiting() external {
        join(alice, 120 ether);
        vm.startPrank(alice);
        set.exit();
        vm.expectRevert(_exiting(alice, START + EXIT_DELAY));
        set.join(100 ether);
        vm.warp(START + EXIT_DELAY);
        vm.expectRevert(_exiting(alice, START + EXIT_DELAY));
        set.join(100 ether);
        vm.stopPrank();
    }

    function test_JoinDisplacesTheLeastStake() external {
        _fillSeats();
        address lowest = _seatHolder(7);
        fund(alice, address(set), 200 ether);

        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetFull.selector, 107 ether, 107 ether));
        vm.prank(alice);
        set.join(107 ether);

        uint256 activeBefore = set.activeStake();
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorDisplaced(lowest, alice, 107 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorJoined(alice, 107 ether + 1);
        vm.prank(alice);
        set.join(107 ether + 1);

        assertEq(set.activeValidators().length, 32, "seats taken");
        assertEq(set.activeStake(), activeBefore + 1, "active stake");
        _assertValidator(lowest, 107 ether, START, 0);
        assertEq(_lockOf(lowest), 107 ether, "the displaced stay locked");
        vm.expectRevert(_exiting(lowest, START + EXIT_DELAY));
        vm.prank(lowest);
        set.join(200 ether);
    }

    function test_ActiveValidatorsAddStakeThoughAllSeatsAreTaken() external {
        _fillSeats();
        join(_seatHolder(7), 1);
        assertEq(set.activeValidators().length, 32, "seats taken");
    }

    // Leaving

    function test_ExitWeighsNothingAtOnce() external {
        join(alice, 120 ether);
        join(bob, 100 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorLeft(alice, 120 ether);
        vm.prank(alice);
        set.exit();

        _assertValidator(alice, 120 ether, START, 0);
        _assertValidator(bob, 100 ether, 0, 1);
        assertTrue(!set.isActive(alice), "active");
        assertEq(set.activeStake(), 100 ether, "active stake");
        assertEq(_lockOf(alice), 120 ether, "lock");
    }

    function test_RevertGiven_CallerIsNotActive() external {
        vm.expectRevert(_notActive(alice));
        vm.prank(alice);
        set.exit();

        join(alice, 120 ether);
        vm.startPrank(alice);
        set.exit();
        vm.expectRevert(_notActive(alice));
        set.exit();
        vm.stopPrank();
    }

    function test_ReleaseGivesTheStakeBack() external {
        join(alice, 120 ether);
        vm.prank(alice);
        set.exit();
        vm.warp(START + EXIT_DELAY);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorReleased(alice, 120 ether);
        set.release(alice);
        _assertValidator(alice, 0, 0, 0);
        assertEq(vault.freeStakeOf(alice), 120 ether, "free stake");
    }

    function test_RevertGiven_StakeIsStillLocked() external {
        join(alice, 120 ether);
        vm.expectRevert(_stillLocked(alice, type(uint256).max));
        set.release(alice);
        vm.prank(alice);
        set.exit();
        vm.warp(START + EXIT_DELAY - 1);
        vm.expectRevert(_stillLocked(alice, START + EXIT_DELAY));
        set.release(alice);
    }

    function test_RevertGiven_AccountHasNoStake() external {
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetNoStake.selector, alice));
        set.release(alice);
    }

    // Slashing

    function test_SlashTakesTheShareRoundedUpAndTheSeat() external {
        join(alice, 100 ether + 1);
        join(bob, 100 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.ValidatorSlashed(alice, address(this), 30 ether + 1);
        assertEq(set.slash(alice), 30 ether + 1, "amount");
        _assertValidator(alice, 70 ether, START, 0);
        assertEq(set.activeStake(), 100 ether, "active stake");
        assertEq(_lockOf(alice), 70 ether, "lock");
        assertEq(vault.freeStakeOf(treasury), 30 ether + 1, "treasury");
    }

    function test_SlashReachesTheExitingAndKeepsTheirTime() external {
        join(alice, 100 ether);
        vm.prank(alice);
        set.exit();
        vm.warp(START + 1 days);
        assertEq(set.slash(alice), 30 ether, "first");
        assertEq(set.slash(alice), 21 ether, "second");
        _assertValidator(alice, 49 ether, START, 0);
        vm.warp(START + EXIT_DELAY);
        set.release(alice);
        assertEq(vault.freeStakeOf(alice), 49 ether, "free stake");
        assertEq(set.slash(alice), 0, "nothing is left");
    }

    function test_SlashedWholeCanJoinAgain() external {
        set = IValidatorSet(
            deploy(
                "ValidatorSet.sol:ValidatorSet",
                abi.encode(vault, address(this), treasury, EXIT_DELAY, 10_000, MINIMUM_STAKE)
            )
        );
        nameSlasher(address(this));
        join(alice, 100 ether);
        assertEq(set.slash(alice), 100 ether, "amount");
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetNoStake.selector, alice));
        set.release(alice);
        join(alice, 110 ether);
        _assertValidator(alice, 110 ether, 0, 1);
    }

    function test_RevertWhen_SlasherIsNotNamed() external {
        join(alice, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetUnauthorizedSlasher.selector, bob));
        vm.prank(bob);
        set.slash(alice);
    }

    function testFuzz_SlashTakesTheShareAndNeverMore(uint256 stake, uint256 bps) external {
        stake = bound(stake, 1, 1e27);
        bps = bound(bps, 1, 10_000);
        set = IValidatorSet(
            deploy("ValidatorSet.sol:ValidatorSet", abi.encode(vault, address(this), treasury, EXIT_DELAY, bps, 1))
        );
        nameSlasher(address(this));
        join(alice, stake);
        uint256 amount = set.slash(alice);
        assertTrue(
            amount * 10_000 >= stake * bps && (amount - 1) * 10_000 < stake * bps,
            "rounded up by less than one"
        );
        assertEq(vault.freeStakeOf(treasury), amount, "treasury");
        assertEq(set.getValidator(alice).stake, stake - amount, "stake left");
        assertEq(_lockOf(alice), stake - amount, "lock left");
    }

    // Quorum

    function test_QuorumOfTwoThirdsPasses() external {
        _joinKeys(3, 100 ether);
        set.checkQuorum(DIGEST, signatures(_keys, 0, 2, DIGEST));
        set.checkQuorum(DIGEST, signatures(_keys, 1, 2, DIGEST));
        set.checkQuorum(DIGEST, signatures(_keys, 0, 3, DIGEST));
    }

    function test_RevertWhen_SignersHoldTooLittle() external {
        _joinKeys(5, 100 ether);
        set.checkQuorum(DIGEST, signatures(_keys, 0, 4, DIGEST));
        vm.expectRevert(_noQuorum(300 ether, 500 ether));
        set.checkQuorum(DIGEST, signatures(_keys, 0, 3, DIGEST));
        vm.expectRevert(_noQuorum(0, 500 ether));
        set.checkQuorum(DIGEST, new ValidatorSignature[](0));
    }

    function test_QuorumIsExactToTheUnit() external {
        join(vm.addr(_keys[0]), 200 ether + 1);
        join(vm.addr(_keys[1]), 100 ether + 1);
        vm.expectRevert(_noQuorum(200 ether + 1, 300 ether + 2));
        set.checkQuorum(DIGEST, signatures(_keys, 0, 1, DIGEST));
        join(vm.addr(_keys[0]), 1);
        set.checkQuorum(DIGEST, signatures(_keys, 0, 1, DIGEST));
    }

    /// @notice In the signers' order, which is not that of their joining, and as much as each has now.
    function test_QuorumSaysWhatEachSignerHasAtStake() external {
        join(vm.addr(_keys[2]), 500 ether);
        join(vm.addr(_keys[0]), 300 ether);
        join(vm.addr(_keys[1]), 100 ether);
        uint256[] memory stakes = set.checkQuorum(DIGEST, signatures(_keys, 0, 3, DIGEST));
        _assertStakes(stakes, [uint256(300 ether), 100 ether, 500 ether]);

        join(vm.addr(_keys[1]), 7);
        stakes = set.checkQuorum(DIGEST, signatures(_keys, 0, 3, DIGEST));
        _assertStakes(stakes, [uint256(300 ether), 100 ether + 7, 500 ether]);

        // Who does not sign is not among them.
        stakes = set.checkQuorum(DIGEST, signatures(_keys, 1, 2, DIGEST));
        assertEq(stakes.length, 2, "signers");
        assertEq(stakes[0], 100 ether + 7, "first");
        assertEq(stakes[1], 500 ether, "second");
    }

    function test_RevertGiven_SetIsEmpty() external {
        vm.expectRevert(_noQuorum(0, 0));
        set.checkQuorum(DIGEST, new ValidatorSignature[](0));
    }

    function test_RevertGiven_SignerIsExiting() external {
        _joinKeys(3, 100 ether);
        vm.prank(vm.addr(_keys[0]));
        set.exit();
        vm.expectRevert(_notActive(vm.addr(_keys[0])));
        set.checkQuorum(DIGEST, signatures(_keys, 0, 3, DIGEST));
        set.checkQuorum(DIGEST, signatures(_keys, 1, 2, DIGEST));
    }

    function test_RevertWhen_SignersAreNotAscending() external {
        _joinKeys(3, 100 ether);
        ValidatorSignature[] memory signed = signatures(_keys, 0, 3, DIGEST);
        (signed[1], signed[2]) = (signed[2], signed[1]);
        vm.expectRevert(_unordered(signed[1].validator, signed[2].validator));
        set.checkQuorum(DIGEST, signed);

        signed[2] = signed[1];
        vm.expectRevert(_unordered(signed[1].validator, signed[1].validator));
        set.checkQuorum(DIGEST, signed);

        signed[0].validator = address(0);
        vm.expectRevert(_unordered(address(0), address(0)));
        set.checkQuorum(DIGEST, signed);
    }

    function test_RevertWhen_SignatureIsNotTheValidators() external {
        _joinKeys(3, 100 ether);
        ValidatorSignature[] memory signed = signatures(_keys, 0, 3, DIGEST);
        signed[1].signature = signature(_keys[1], keccak256("another digest"));
        _expectInvalidSignature(signed, 1);
        signed[1].signature = signature(_keys[2], DIGEST);
        _expectInvalidSignature(signed, 1);
        signed[1].signature = "";
        _expectInvalidSignature(signed, 1);
        signed[1].signature = abi.encodePacked(signed[0].signature, uint8(0));
        _expectInvalidSignature(signed, 1);
    }

    function test_ContractsSignByErc1271() external {
        ContractSigner signer = new ContractSigner(vm.addr(_keys[0]));
        join(address(signer), 100 ether);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[0], DIGEST);
        ValidatorSignature[] memory signed = new ValidatorSignature[](1);
        signed[0] = ValidatorSignature({validator: address(signer), signature: abi.encode(r, s, v)});
        set.checkQuorum(DIGEST, signed);

        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSignature.selector, address(signer)));
        set.checkQuorum(keccak256("another digest"), signed);
    }

    /// @dev By EIP-7702 an account keeps its key while it carries code.
    function test_AccountsWithCodeStillSignByKey() external {
        _joinKeys(3, 100 ether);
        vm.etch(vm.addr(_keys[0]), hex"00");
        set.checkQuorum(DIGEST, signatures(_keys, 0, 2, DIGEST));
    }

    function testFuzz_QuorumIsTwoThirdsOfTheActiveStake(uint256[5] memory stakes, uint8 who) external {
        uint256 total;
        uint256 signedStake;
        uint256 count;
        ValidatorSignature[] memory signed = new ValidatorSignature[](5);
        for (uint256 i = 0; i < 5; ++i) {
            stakes[i] = bound(stakes[i], MINIMUM_STAKE, 1e27);
            join(vm.addr(_keys[i]), stakes[i]);
            total += stakes[i];
            if ((who >> i) & 1 == 0) continue;
            signed[count++] = signatures(_keys, i, 1, DIGEST)[0];
            signedStake += stakes[i];
        }
        assembly ("memory-safe") {
            mstore(signed, count)
        }
        if (signedStake < (total * 2 + 2) / 3) {
            vm.expectRevert(_noQuorum(signedStake, total));
            set.checkQuorum(DIGEST, signed);
            return;
        }
        uint256[] memory told = set.checkQuorum(DIGEST, signed);
        assertEq(told.length, count, "signers");
        for (uint256 i = 5; i > 0; --i) {
            if ((who >> (i - 1)) & 1 == 1) assertEq(told[--count], stakes[i - 1], "stake");
        }
    }

    // Governance

    function test_GovernorSetsTheMinimumStake() external {
        join(alice, 100 ether);
        vm.expectEmit(address(set));
        emit IValidatorSet.MinimumStakeSet(200 ether);
        vm.prank(governor);
        set.setMinimumStake(200 ether);
        assertEq(set.minimumStake(), 200 ether, "minimum stake");
        assertTrue(set.isActive(alice), "who is in stays");
        fund(bob, address(set), 199 ether);
        vm.expectRevert(_insufficientStake(199 ether, 200 ether));
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

    function _freshSet() private returns (IValidatorSet) {
        return
            IValidatorSet(
                deploy(
                    "ValidatorSet.sol:ValidatorSet",
                    abi.encode(vault, address(this), treasury, EXIT_DELAY, SLASH_BPS, MINIMUM_STAKE)
                )
            );
    }

    function _joinKeys(uint256 count, uint256 stake) private {
        for (uint256 i = 0; i < count; ++i) join(vm.addr(_keys[i]), stake);
    }

    /// @dev Stakes of 107 (in the middle of the list) to 138 ether.
    function _fillSeats() private {
        for (uint256 i = 0; i < 32; ++i) join(_seatHolder(i), (107 + ((i + 25) % 32)) * 1 ether);
    }

    function _seatHolder(uint256 index) private pure returns (address) {
        return address(uint160(0x5EA700 + index));
    }

    function _lockOf(address account) private view returns (uint256 locked) {
        (, locked) = vault.allowanceOf(account, address(set));
    }

    function _assertValidator(address account, uint256 stake, uint256 exitedAt, uint256 seat) private view {
        Validator memory validator = set.getValidator(account);
        assertEq(validator.stake, stake, "stake");
        assertEq(validator.exitedAt, exitedAt, "exited at");
        assertEq(validator.seat, seat, "seat");
    }

    function _assertStakes(uint256[] memory actual, uint256[3] memory expected) private pure {
        assertEq(actual.length, 3, "signers");
        for (uint256 i = 0; i < 3; ++i) assertEq(actual[i], expected[i], "stake");
    }

    function _expectInvalidSignature(ValidatorSignature[] memory signed, uint256 index) private {
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSignature.selector, signed[index].validator)
        );
        set.checkQuorum(DIGEST, signed);
    }

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
            abi.encode(vault, address(this), treasury_, exitDelay, slashBps, minimumStake)
        );
    }

    function _invalidTreasury(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidTreasury.selector, account);
    }

    function _invalidParameter(uint256 value, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidParameter.selector, value, limit);
    }

    function _insufficientStake(uint256 stake, uint256 minimum) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetInsufficientStake.selector, stake, minimum);
    }

    function _exiting(address account, uint256 releasableAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetExiting.selector, account, releasableAt);
    }

    function _stillLocked(address account, uint256 releasableAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetStillLocked.selector, account, releasableAt);
    }

    function _notActive(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetNotActive.selector, account);
    }

    function _noQuorum(uint256 signedStake, uint256 active) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, signedStake, active);
    }

    function _unordered(address previous, address current) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetUnorderedSigners.selector, previous, current);
    }
}
