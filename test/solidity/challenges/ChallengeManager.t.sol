// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallengeManager} from "../../../contracts/interfaces/IChallengeManager.sol";
import {Challenge} from "../../../contracts/types/Challenge.sol";
import {ChallengeFixture} from "./ChallengeFixture.sol";

/// @notice Issuing challenges.
contract ChallengeManagerTest is ChallengeFixture {
    uint256 private constant CUT_OFF = (FIRST_EPOCH + 1) * EPOCH - WINDOW;

    function setUp() external {
        arrange();
    }

    function test_FixesParameters() external view {
        assertEq(address(manager.registry()), REGISTRY, "registry");
        assertEq(address(manager.validators()), VALIDATORS, "validators");
        assertEq(manager.epochLength(), EPOCH, "epoch length");
        assertEq(manager.responseWindow(), WINDOW, "response window");
        assertEq(manager.effectiveWindow(), EFFECTIVE, "effective window");
        assertEq(manager.lotteryOdds(), 1, "odds");
        assertEq(manager.openStretch(), STRETCH, "open stretch");
        assertEq(manager.blockMilliseconds(), 4000, "block time");
        assertEq(manager.citableBlocks(), 3, "blocks back");
        assertEq(manager.NONCES(), 128, "nonces");
        assertEq(manager.EPOCHS_PER_PERIOD(), 24, "epochs a period");
        assertEq(manager.currentEpoch(), FIRST_EPOCH, "epoch");
        assertEq(manager.currentPeriod(), FIRST_EPOCH / 24, "period");
    }

    function test_IssuesOneChallengeForAll() external {
        assertTrue(manager.canIssue(block.number - 2), "can issue");
        assertTrue(!manager.isChallenged(FIRST_EPOCH), "not challenged yet");
        vm.expectEmit(address(manager));
        emit IChallengeManager.ChallengeIssued(
            FIRST_EPOCH,
            address(this),
            block.number - 2,
            block.timestamp + WINDOW,
            false
        );
        manager.issue(block.number - 2);

        Challenge memory challenge = manager.getChallenge();
        assertEq(challenge.epoch, FIRST_EPOCH, "epoch");
        assertEq(challenge.issuedAt, block.timestamp, "issued at");
        assertEq(challenge.blockNumber, block.number, "block");
        assertTrue(manager.isChallenged(FIRST_EPOCH), "challenged");
        assertTrue(!manager.isChallenged(FIRST_EPOCH + 1), "next not challenged");
        assertEq(manager.challengedWord(FIRST_EPOCH / 192), 1, "word");
        assertTrue(!manager.canIssue(block.number - 2), "cannot issue twice");
        assertEq(manager.totalPoints(FIRST_EPOCH / 24), 0, "no points for others");
    }

    function test_ChallengedWordKeepsEveryEpoch() external {
        uint256 expected;
        for (uint256 i; i < 192; i += 15) {
            moveTo((FIRST_EPOCH + i) * EPOCH + 9 * i);
            issue();
            expected |= 1 << i;
        }
        assertEq(manager.challengedWord(FIRST_EPOCH / 192), expected, "word");
    }

    function test_RevertGiven_EpochHasItsChallenge() external {
        issue();
        moveTo(block.timestamp + 5);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.ChallengeManagerAlreadyIssued.selector, FIRST_EPOCH));
        issue();
    }

    function test_IssuesUntilTheCutOff() external {
        moveTo(CUT_OFF);
        assertTrue(manager.canIssue(block.number - 1), "can issue");
        issue();
    }

    function test_RevertGiven_PastTheCutOff() external {
        moveTo(CUT_OFF + 1);
        assertTrue(!manager.canIssue(block.number - 1), "can issue");
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerTooLate.selector, FIRST_EPOCH, CUT_OFF)
        );
        issue();
    }

    function test_RevertWhen_BlockIsNotAmongTheLastThree() external {
        uint256[4] memory wrong = [block.number, block.number + 1, block.number - 4, type(uint256).max];
        for (uint256 i; i < wrong.length; i++) {
            assertTrue(!manager.canIssue(wrong[i]), "can issue");
            vm.expectRevert(
                abi.encodeWithSelector(IChallengeManager.ChallengeManagerInvalidBlock.selector, wrong[i], block.number)
            );
            manager.issue(wrong[i]);
        }
        assertTrue(manager.canIssue(block.number - 3), "third back");
    }

    function test_RevertGiven_BlockHashUnknown() external {
        vm.setBlockhash(block.number - 1, 0);
        assertTrue(!manager.canIssue(block.number - 1), "can issue");
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerUnknownBlock.selector, block.number - 1)
        );
        issue();
    }

    function testFuzz_LotteryDecidesBeforeTheOpenStretch(bytes32 blockHash, uint256 odds) external {
        IChallengeManager.Parameters memory p = parameters();
        p.lotteryOdds = uint64(bound(odds, 1, 6));
        manager = deployManager(p);
        vm.warp(CUT_OFF - STRETCH - 1);
        vm.assume(blockHash != 0);
        vm.setBlockhash(block.number - 1, blockHash);
        bool wins = uint256(_draw("ChallengeLottery", FIRST_EPOCH, blockHash)) % p.lotteryOdds == 0;
        assertTrue(manager.canIssue(block.number - 1) == wins, "can issue");
        if (!wins) {
            vm.expectRevert(
                abi.encodeWithSelector(IChallengeManager.ChallengeManagerLostLottery.selector, block.number - 1)
            );
            issue();
        }
        // One second later every block wins.
        vm.warp(CUT_OFF - STRETCH);
        assertTrue(manager.canIssue(block.number - 1), "open stretch");
        issue();
    }

    function test_LotteryTakesAShareOfBlocks() external {
        IChallengeManager.Parameters memory p = parameters();
        p.lotteryOdds = 4;
        manager = deployManager(p);
        uint256 wins;
        for (uint256 i; i < 400; i++) {
            vm.setBlockhash(block.number - 1, keccak256(abi.encode("draw", i)));
            if (manager.canIssue(block.number - 1)) wins++;
        }
        assertGe(wins, 60, "not too few");
        assertLe(wins, 140, "not too many");
    }

    function test_ActiveValidatorEarnsAPoint() external {
        setActive(address(0xACE));
        vm.expectEmit(address(manager));
        emit IChallengeManager.ChallengeIssued(
            FIRST_EPOCH,
            address(0xACE),
            block.number - 1,
            block.timestamp + WINDOW,
            true
        );
        vm.prank(address(0xACE));
        issue();
        assertEq(manager.pointsOf(FIRST_EPOCH / 24, address(0xACE)), 1, "points");
        assertEq(manager.totalPoints(FIRST_EPOCH / 24), 1, "total");
    }

    /// @dev Over 40 periods of 24 epochs, so that points cross the border of a storage word.
    /// hardhat-config: fuzz.runs = 16
    function testFuzz_PointsAreCountedByPeriodAndValidator(uint256 noise) external {
        address[3] memory callers = [address(0xACE), address(0xBEE), address(0xDAD)];
        setActive(callers[0]);
        setActive(callers[1]);
        uint256 firstPeriod = FIRST_EPOCH / 24;
        uint256[3][40] memory expected;
        for (uint256 i; i < 60; i++) {
            uint256 step = i * 16 + (uint256(keccak256(abi.encode(noise, i))) % 16);
            uint256 who = uint256(keccak256(abi.encode(i, noise))) % 3;
            moveTo((FIRST_EPOCH + step) * EPOCH);
            vm.prank(callers[who]);
            issue();
            if (who != 2) expected[step / 24][who]++;
        }
        for (uint256 i; i < 40; i++) {
            for (uint256 j; j < 3; j++) {
                assertEq(manager.pointsOf(firstPeriod + i, callers[j]), expected[i][j], "points");
            }
            assertEq(manager.totalPoints(firstPeriod + i), expected[i][0] + expected[i][1], "total");
        }
    }

    function test_PointsOfAFullPeriodStayInTheirLane() external {
        setActive(address(this));
        for (uint256 i; i < 25; i++) {
            moveTo((FIRST_EPOCH + i) * EPOCH);
            issue();
        }
        assertEq(manager.totalPoints(FIRST_EPOCH / 24), 24, "full period");
        assertEq(manager.totalPoints(FIRST_EPOCH / 24 + 1), 1, "next period");
        assertEq(manager.pointsOf(FIRST_EPOCH / 24 - 1, address(this)), 0, "period before");
    }

    function _draw(string memory name, uint256 epoch, bytes32 blockHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            bytes(string.concat(name, "(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)"))
        );
        return keccak256(abi.encode(domain, block.chainid, address(manager), epoch, blockHash));
    }
}
