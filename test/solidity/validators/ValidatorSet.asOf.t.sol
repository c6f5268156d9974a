// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {ascendingKeys, signaturesOf} from "./ValidatorKeys.sol";
import {fundStake, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice What stake counts on what began before it came.
contract ValidatorSetAsOfTest is ValidatorFixture {
    bytes32 private constant DIGEST = keccak256("digest");
    uint256 private constant BLOCK = 1_000;
    uint256[] private _keys;

    /// @dev Three of 100 ether each, since a block before.
    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
        _keys = ascendingKeys(5);
        vm.roll(BLOCK - 1);
        for (uint256 i; i < 3; ++i) joinSet(set, vm.addr(_keys[i]), 100 ether);
        vm.roll(BLOCK + 1);
    }

    /// @notice Whatever stake comes later: it judges nothing of before, and takes no weight from who was there.
    function test_LaterStakeCountsNeitherForNorAgainst() external {
        joinSet(set, vm.addr(_keys[3]), 10_000 ether);
        _expectTooYoung(3, BLOCK + 1, BLOCK);
        assertEq(set.stakeAsOf(vm.addr(_keys[3]), BLOCK), 0, "stake of before");
        assertEq(set.activeStakeAsOf(BLOCK), 300 ether, "total of before");
        assertEq(set.activeStakeAsOf(BLOCK + 1), 10_300 ether, "total now");
        set.checkQuorum(DIGEST, BLOCK, signaturesOf(_keys, 0, 2, DIGEST));
        vm.expectRevert(_noQuorum(300 ether, 10_300 ether));
        set.checkQuorum(DIGEST, BLOCK + 1, signaturesOf(_keys, 0, 3, DIGEST));
    }

    function test_StakeThatWasAddedCountsLater() external {
        joinSet(set, vm.addr(_keys[0]), 900 ether);
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK), 100 ether, "before");
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK + 1), 1_000 ether, "after");
        vm.expectRevert(_noQuorum(100 ether, 300 ether));
        set.checkQuorum(DIGEST, BLOCK, signaturesOf(_keys, 0, 1, DIGEST));
        uint256[] memory stakes = set.checkQuorum(DIGEST, BLOCK, signaturesOf(_keys, 0, 2, DIGEST));
        assertEq(stakes[0], 100 ether, "first");
        assertEq(stakes[1], 100 ether, "second");
        set.checkQuorum(DIGEST, BLOCK + 1, signaturesOf(_keys, 0, 1, DIGEST));
    }

    /// @notice However often stake is added, what had counted before goes on counting.
    function test_WhoAddsTwiceJudgesWithWhatItHad() external {
        joinSet(set, vm.addr(_keys[0]), 1 ether);
        joinSet(set, vm.addr(_keys[0]), 1 ether);
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK), 100 ether, "added twice in one block");
        vm.roll(BLOCK + 5);
        joinSet(set, vm.addr(_keys[0]), 1 ether);
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK - 2), 0, "before it joined");
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK), 100 ether, "before the first");
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK + 4), 102 ether, "before the last");
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK + 5), 103 ether, "all");
        assertEq(set.checkQuorum(DIGEST, BLOCK, signaturesOf(_keys, 0, 2, DIGEST))[0], 100 ether, "signed");
    }

    /// @notice Who left takes its weight along; back again, it has what it had, and no more than it has now.
    function test_WhoLeavesTakesItsWeightAlong() external {
        address first = vm.addr(_keys[0]);
        vm.prank(first);
        set.exit();
        assertEq(set.activeStakeAsOf(BLOCK), 200 ether, "total");
        assertEq(set.stakeAsOf(first, BLOCK), 0, "stake");
        set.checkQuorum(DIGEST, BLOCK, signaturesOf(_keys, 1, 2, DIGEST));
        vm.warp(block.timestamp + EXIT_DELAY);
        set.release(first);
        vm.roll(BLOCK + 2);
        joinSet(set, first, 500 ether);
        assertEq(set.stakeAsOf(first, BLOCK), 100 ether, "what it had");
        assertEq(set.stakeAsOf(first, BLOCK + 1), 0, "while it was away");
        assertEq(set.activeStakeAsOf(BLOCK), 300 ether, "no more than there was");
        assertEq(set.activeStakeAsOf(BLOCK + 1), 200 ether, "those who were there");
        _expectTooYoung(0, BLOCK + 2, BLOCK + 1);
    }

    /// @notice Who comes back with less judges with less, or fewer would be a quorum than have it at stake.
    function test_WhoComesBackWithLessHasLess() external {
        address first = vm.addr(_keys[0]);
        joinSet(set, first, 900 ether);
        vm.roll(BLOCK + 2);
        _exit(first);
        vm.warp(block.timestamp + EXIT_DELAY);
        set.release(first);
        joinSet(set, first, 150 ether);
        assertEq(set.stakeAsOf(first, BLOCK + 1), 150 ether, "of a thousand");
        assertEq(set.activeStakeAsOf(BLOCK + 1), 350 ether, "total");
    }

    /// @notice Seats that displaced others leave those that stayed no quorum of their own: not while they stay, nor when they leave.
    function test_DisplacingOthersBuysNoQuorum() external {
        uint256 start = _fillSeats();
        _displaceThree();
        assertTrue(!set.isActive(vm.addr(_keys[0])) || !set.isActive(vm.addr(_keys[1])), "some are displaced");
        assertTrue(set.isActive(vm.addr(_keys[3])), "one stayed");
        assertEq(set.activeStakeAsOf(start), 28_450 ether, "total of before");
        assertEq(set.activeStakeAsOf(BLOCK), 300 ether, "total of long before");
        vm.expectRevert(_noQuorum(150 ether, 28_450 ether));
        set.checkQuorum(DIGEST, start, signaturesOf(_keys, 3, 1, DIGEST));
        for (uint256 i; i < 3; ++i) _exit(address(uint160(0xB0000 + i)));
        assertEq(set.activeStakeAsOf(start), 28_450 ether, "when they have left");
        assertEq(set.activeStakeAsOf(BLOCK), 300 ether, "total of long before, when they have left");
        for (uint256 i; i < 28; ++i) _exit(address(uint160(0xA0000 + i)));
        assertEq(set.activeStake(), 150 ether, "now one is alone");
        vm.expectRevert(_noQuorum(150 ether, 450 ether));
        set.checkQuorum(DIGEST, start, signaturesOf(_keys, 3, 1, DIGEST));
    }

    /// @notice Who was displaced is back as soon as there is room, without waiting, and judges what it would have judged.
    function test_TheDisplacedComeBackAndJudge() external {
        uint256 start = _fillSeats();
        _displaceThree();
        assertPending(vm.addr(_keys[0]), 100 ether, START + ACTIVATION_DELAY);
        vm.warp(START + ACTIVATION_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetFull.selector, 100 ether, 150 ether));
        set.activate(vm.addr(_keys[0]));
        for (uint256 i; i < 3; ++i) _exit(address(uint160(0xB0000 + i)));
        vm.roll(BLOCK + 20);
        for (uint256 i; i < 3; ++i) set.activate(vm.addr(_keys[i]));
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), start), 100 ether, "before it was displaced");
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK + 15), 0, "while it was displaced");
        assertEq(set.stakeAsOf(vm.addr(_keys[0]), BLOCK + 20), 100 ether, "from then on");
        for (uint256 i; i < 28; ++i) _exit(address(uint160(0xA0000 + i)));
        set.checkQuorum(DIGEST, start, signaturesOf(_keys, 0, 4, DIGEST));
        _expectTooYoung(0, BLOCK + 20, BLOCK + 15);
    }

    /// @notice What somebody adds who was displaced was not there in the blocks before.
    function test_WhatTheDisplacedAddCountsLater() external {
        _fillSeats();
        _displaceThree();
        _exit(vm.addr(_keys[0]));
        vm.roll(BLOCK + 20);
        uint256 counted = set.activeStakeAsOf(BLOCK + 20);
        vm.roll(BLOCK + 21);
        fundStake(vault, vm.addr(_keys[1]), address(set), 50 ether);
        vm.prank(vm.addr(_keys[1]));
        set.join(50 ether);
        assertEq(set.activeStakeAsOf(BLOCK + 20), counted, "of the block before");
    }

    /// @notice Stake that was added waits for its time, and all that is pending with it.
    function test_DisplacingDoesNotShortenTheWait() external {
        _fillSeats();
        fundStake(vault, vm.addr(_keys[0]), address(set), 1 ether);
        vm.warp(START + 1);
        vm.prank(vm.addr(_keys[0]));
        set.join(1 ether);
        vm.warp(START);
        _displaceThree();
        assertPending(vm.addr(_keys[0]), 101 ether, START + 1 + ACTIVATION_DELAY);
    }

    /// @dev All seats are taken: three have 100 ether, one 150, and 28 have 1,000 each. Returns a block since when they have.
    function _fillSeats() private returns (uint256) {
        joinSet(set, vm.addr(_keys[3]), 150 ether);
        for (uint256 i; i < 28; ++i) joinSet(set, address(uint160(0xA0000 + i)), 1_000 ether);
        vm.roll(BLOCK + 10);
        return BLOCK + 9;
    }

    function _displaceThree() private {
        for (uint256 i; i < 3; ++i) joinSet(set, address(uint160(0xB0000 + i)), 1_000 ether);
    }

    function _exit(address account) private {
        vm.prank(account);
        set.exit();
    }

    function testFuzz_TheTotalIsThatOfTheBlock(uint256 seed) external {
        uint256[] memory totals = new uint256[](12);
        for (uint256 i; i < totals.length; ++i) {
            vm.roll(BLOCK + 1 + i);
            address account = vm.addr(_keys[seed % 5]);
            seed = uint256(keccak256(abi.encode(seed)));
            bool leaves = seed % 3 == 0 && set.isActive(account);
            if (leaves) {
                vm.prank(account);
                set.exit();
            } else if (set.getValidator(account).exitedAt == 0) {
                joinSet(set, account, MINIMUM_STAKE + (seed % 1e20));
            }
            totals[i] = set.activeStake();
        }
        for (uint256 i; i < totals.length; ++i) {
            uint256 expected = totals[i] < set.activeStake() ? totals[i] : set.activeStake();
            uint256 actual = set.activeStakeAsOf(BLOCK + 1 + i);
            // Since the last growth, all that counted then and has not left counts.
            assertTrue(actual == expected || actual == set.activeStake(), "total");
            uint256 judging;
            for (uint256 j; j < 5; ++j) judging += set.stakeAsOf(vm.addr(_keys[j]), BLOCK + 1 + i);
            assertLe(judging, actual, "who judges has no more than the total");
        }
    }

    function _expectTooYoung(uint256 index, uint256 since, uint256 asOf) private {
        ValidatorSignature[] memory signed = signaturesOf(_keys, index, 1, DIGEST);
        bytes4 selector = IValidatorSet.ValidatorSetTooYoung.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, signed[0].validator, since, asOf));
        set.checkQuorum(DIGEST, asOf, signed);
    }

    function _noQuorum(uint256 signedStake, uint256 active) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, signedStake, active);
    }
}
