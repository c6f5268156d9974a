// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../../contracts/interfaces/IQuorumVerifier.sol";
import {IValidatorSet} from "../../../../contracts/interfaces/IValidatorSet.sol";
import {Attestation, Standing} from "../../../../contracts/types/Attestation.sol";
import {ValidatorSignature} from "../../../../contracts/types/Validator.sol";
import {QuorumFixture} from "./QuorumFixture.sol";
import {fundStake, joinSet} from "../../validators/ValidatorStaking.sol";

/// @notice Whether one can vouch alone by pushing the others out of their seats. All seats are taken: the liar has 150 ether, 31 honest
/// validators 100 each; whoever is to push them out has locked 101 ether for each of them, for long enough.
contract QuorumVerifierDisplaceTest is QuorumFixture {
    uint256 private constant OTHERS = 31;
    uint256 private constant HONEST_STAKE = OTHERS * STAKE;
    uint256 private constant LIARS_STAKE = 150 ether;

    /// @dev The vouching of the fixture's first validator alone.
    bytes private _lie;

    function setUp() public {
        deployQuorumVerifier();
        joinSet(set, vm.addr(keys[0]), LIARS_STAKE - STAKE);
        for (uint256 i = 4; i < OTHERS; ++i) joinSet(set, _honest(i), STAKE);
        for (uint256 i; i < OTHERS; ++i) {
            fundStake(vault, _pusher(i), address(set), STAKE + 1 ether);
            vm.prank(_pusher(i));
            set.join(STAKE + 1 ether);
        }
        vm.roll(block.number + 1);
        vm.warp(START + ACTIVATION_DELAY);
        Attestation memory attestation = anAttestation();
        attestation.validUntil = uint64(START + 365 days);
        _lie = abi.encode(aVouching(attestation, REPORT_DATA, 1));
    }

    function test_RevertGiven_TheOthersWereDisplacedInThisBlock() external {
        _pushAllOut();
        _leaveAll();
        assertEq(set.activeStake(), LIARS_STAKE, "the liar is alone");
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE);
    }

    /// @notice The displaced have a whole activation delay to come back in, from when their seats are free.
    function test_RevertGiven_TheOthersHadNoTimeToComeBack() external {
        _pushAllOut();
        vm.warp(block.timestamp + 3 * ACTIVATION_DELAY);
        vm.roll(block.number + 1_000);
        _leaveAll();
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE);
        vm.roll(block.number + 1_000);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE);
        for (uint256 i; i < OTHERS; ++i) set.activate(_honest(i));
        vm.warp(block.timestamp + 10 * ACTIVATION_DELAY);
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE);
    }

    /// @notice Seats of next to nothing in place of those that were free: the displaced can push them out, and count as before.
    function test_RevertGiven_TheirSeatsAreTakenAgain() external {
        for (uint256 i; i < 5; ++i) {
            fundStake(vault, _late(i), address(set), STAKE);
            vm.prank(_late(i));
            set.join(STAKE);
        }
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        _pushAllOut();
        _leaveAll();
        for (uint256 i; i < 5; ++i) set.activate(_late(i));
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE + 5 * STAKE);
    }

    /// @notice Who was pushed out is pushed out by proxy too, where the first to do it is displaced and leaves before.
    function test_RevertGiven_TheDisplacerWasDisplacedItself() external {
        _lockLate(STAKE + 2 ether);
        _pushAllOut();
        for (uint256 i; i < OTHERS; ++i) set.activate(_late(i));
        _leaveAll();
        vm.warp(block.timestamp + 3 * ACTIVATION_DELAY);
        for (uint256 i; i < OTHERS; ++i) _leave(_late(i));
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE);
    }

    /// @notice Nor does it help to hand the seats on, once they are free, to accounts that have displaced nobody.
    function test_RevertGiven_TheirSeatsWereHandedOn() external {
        _lockLate(STAKE + 1 ether);
        _pushAllOut();
        _leaveAll();
        for (uint256 i; i < OTHERS; ++i) set.activate(_late(i));
        vm.roll(block.number + 1_000);
        vm.warp(block.timestamp + 3 * ACTIVATION_DELAY);
        for (uint256 i; i < OTHERS; ++i) _leave(_late(i));
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE);
        vm.roll(block.number + 1_000);
        vm.warp(block.timestamp + ACTIVATION_DELAY);
        _expectNoQuorum(LIARS_STAKE + HONEST_STAKE);
    }

    /// @notice Those that stay in others' places cannot vouch at once either, though they have all seats.
    function test_RevertGiven_ThoseWhoDisplacedHaveAllSeats() external {
        _pushAllOut();
        _expectNoQuorum(LIARS_STAKE + OTHERS * (STAKE + 1 ether) + HONEST_STAKE);
    }

    /// @notice Seats whose holders never come back are in nobody's way for longer than two activation delays.
    function test_WhoNeverComesBackIsNotWaitedForForLong() external {
        _pushAllOut();
        _leaveAll();
        vm.warp(block.timestamp + 2 * ACTIVATION_DELAY);
        assertEq(set.activeStakeAsOf(block.number), LIARS_STAKE, "total");
        verifier.verify(_lie, REPORT_DATA);
        assertStanding(theRecord().standing, Standing.Holds);
    }

    /// @notice One who is displaced hinders nobody, nor does stake that leaves of its own will.
    function test_AFewSeatsMoreOrLessHinderNoQuorum() external {
        set.activate(_pusher(0));
        assertTrue(!set.isActive(_honest(0)), "displaced");
        assertEq(set.activeStakeAsOf(block.number), set.activeStake() + STAKE, "who was displaced counts");
        _leave(_pusher(0));
        for (uint256 i = 4; i < OTHERS; ++i) _leave(_honest(i));
        assertEq(set.activeStake(), LIARS_STAKE + 3 * STAKE, "four are left");
        assertEq(set.activeStakeAsOf(block.number), LIARS_STAKE + 4 * STAKE, "who left does not count");
        IQuorumVerifier.Vouching memory vouching = aVouching(anAttestation(), REPORT_DATA, 5);
        ValidatorSignature[] memory signed = new ValidatorSignature[](4);
        signed[0] = vouching.signatures[0];
        for (uint256 i = 1; i < 4; ++i) signed[i] = vouching.signatures[i + 1];
        vouching.signatures = signed;
        verifier.verify(abi.encode(vouching), REPORT_DATA);
        assertStanding(theRecord().standing, Standing.Holds);
    }

    /// @notice What is on the way back when something begins is needed of it for good, though nothing else happens.
    function test_WhatBeganWhileTheyWereAwayIsNotForgotten() external {
        _pushAllOut();
        uint256 began = block.number;
        vm.roll(began + 1_000);
        vm.warp(block.timestamp + 2 * ACTIVATION_DELAY);
        uint256 active = LIARS_STAKE + OTHERS * (STAKE + 1 ether);
        assertEq(set.activeStakeAsOf(began), active + HONEST_STAKE, "of the block");
        assertEq(set.activeStakeAsOf(block.number), active, "of now");
        set.noteTotal();
        uint256 noted = block.number;
        vm.roll(noted + 1);
        assertEq(set.activeStakeAsOf(noted - 1), active + HONEST_STAKE, "of what began before that was noted");
        assertEq(set.activeStakeAsOf(noted), active, "of what begins later");
    }

    /// @notice Who comes back is not counted twice, and stake that was displaced long ago not again, whoever passes by.
    function test_WhoDisplacesAndLeavesHindersNoQuorum() external {
        _pushAllOut();
        vm.roll(block.number + 1_000);
        vm.warp(block.timestamp + 3 * ACTIVATION_DELAY);
        _lockLate(STAKE + 2 ether);
        uint256 before = set.activeStake();
        for (uint256 i; i < 9; ++i) set.activate(_late(i));
        for (uint256 i; i < 9; ++i) _leave(_late(i));
        for (uint256 i; i < OTHERS; ++i) {
            if (!set.isActive(_pusher(i))) set.activate(_pusher(i));
        }
        assertEq(set.activeStake(), before, "all are back");
        assertEq(set.activeStakeAsOf(block.number), before + 9 ether, "no more than has counted");
    }

    function _pushAllOut() private {
        for (uint256 i; i < OTHERS; ++i) set.activate(_pusher(i));
        for (uint256 i; i < OTHERS; ++i) assertTrue(!set.isActive(_honest(i)), "displaced");
    }

    /// @dev Others lock as much each, and long enough for it to count.
    function _lockLate(uint256 amount) private {
        for (uint256 i; i < OTHERS; ++i) {
            fundStake(vault, _late(i), address(set), amount);
            vm.prank(_late(i));
            set.join(amount);
        }
        vm.warp(block.timestamp + ACTIVATION_DELAY);
    }

    function _leaveAll() private {
        for (uint256 i; i < OTHERS; ++i) _leave(_pusher(i));
    }

    function _leave(address account) private {
        vm.prank(account);
        set.exit();
    }

    function _expectNoQuorum(uint256 total) private {
        bytes memory noQuorum = abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, LIARS_STAKE, total);
        vm.expectRevert(noQuorum);
        verifier.verify(_lie, REPORT_DATA);
    }

    function _honest(uint256 i) private view returns (address) {
        return i < 4 ? vm.addr(keys[i + 1]) : address(uint160(0xA0000 + i));
    }

    function _pusher(uint256 i) private pure returns (address) {
        return address(uint160(0xB0000 + i));
    }

    function _late(uint256 i) private pure returns (address) {
        return address(uint160(0xC0000 + i));
    }
}
