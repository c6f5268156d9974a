// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallengeManager} from "../../../contracts/interfaces/IChallengeManager.sol";
import {Answer} from "../../../contracts/types/Challenge.sol";
import {ChallengeFixture} from "./ChallengeFixture.sol";

/// @notice When a seed comes into the world, and which epochs count as answered.
contract ChallengeManagerSeedTest is ChallengeFixture {
    uint256 private constant OTHER_NODE = 8;

    /// @dev The history contract of EIP-2935.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    function setUp() external {
        arrange();
        setNode(OTHER_NODE, enclave, 1);
    }

    function test_RevertGiven_TheBlockOfTheChallengeIsNotOver() external {
        manager.issue(block.number - 1);
        assertEq(manager.getChallenge().seed, 0, "seed");
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerSeedUnknown.selector, block.number, block.number)
        );
        manager.prove(NODE, "", "");
        nextBlock();
        assertEq(manager.getChallenge().seed, _seedOf(FIRST_EPOCH, hashOfBlock(block.number - 1)), "seed of the block");
        prove(answerOf(NODE));
    }

    /// @notice Nothing that was public before the window begins tells the seed: neither the cited block, however long ago
    /// the chain made it, nor the open stretch, in which any block may be cited.
    function test_NobodyKnowsTheSeedBeforeTheWindowBegins() external {
        uint256[3] memory moments = [uint256(0), EPOCH / 2, EPOCH - WINDOW];
        for (uint256 i; i < moments.length; i++) {
            for (uint256 back = 1; back <= 3; back++) {
                uint256 snapshot = vm.snapshotState();
                // The chain stood still: its last block is old, and everybody knows it.
                vm.warp(FIRST_EPOCH * EPOCH + moments[i]);
                manager.issue(block.number - back);
                vm.roll(block.number + 1);
                vm.setBlockhash(block.number - 1, keccak256("one end"));
                bytes32 one = manager.getChallenge().seed;
                vm.setBlockhash(block.number - 1, keccak256("another end"));
                assertEq(one, _seedOf(FIRST_EPOCH, keccak256("one end")), "one seed");
                assertEq(manager.getChallenge().seed, _seedOf(FIRST_EPOCH, keccak256("another end")), "another seed");
                vm.revertToState(snapshot);
            }
        }
    }

    function test_TheFirstProofKeepsTheSeed() external {
        issue();
        Answer memory answer = answerOf(OTHER_NODE);
        prove(answerOf(NODE));
        bytes32 seed = manager.getChallenge().seed;
        // On a chain of fast blocks the hash is out of reach before the window is over.
        vm.roll(block.number + 400);
        assertEq(manager.getChallenge().seed, seed, "seed");
        prove(answer);
        assertTrue(manager.isProven(OTHER_NODE, FIRST_EPOCH), "proven");
    }

    function test_RevertGiven_TheChainForgotTheHashBeforeAnybodyAnswered() external {
        issue();
        uint256 issued = block.number - 1;
        Answer memory answer = answerOf(NODE);
        vm.roll(issued + 257);
        assertEq(manager.getChallenge().seed, 0, "seed");
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerSeedUnknown.selector, issued, block.number)
        );
        prove(answer);
    }

    function test_ProvesBeyondTheOpcodesReachWhereTheChainKeepsHashes() external {
        issue();
        uint256 issued = block.number - 1;
        Answer memory answer = answerOf(NODE);
        vm.roll(issued + 480);
        vm.mockCall(HISTORY, abi.encode(issued), abi.encode(hashOfBlock(issued)));
        prove(answer);
        assertTrue(manager.isProven(NODE, FIRST_EPOCH), "proven");
    }

    function test_ASeedIsOneEpochsOnly() external {
        issue();
        prove(answerOf(NODE));
        moveTo((FIRST_EPOCH + 1) * EPOCH);
        manager.issue(block.number - 1);
        assertEq(manager.getChallenge().seed, 0, "the seed before is gone");
    }

    function test_AnEpochIsAnsweredOnceAnybodyHasProvenIt() external {
        issue();
        assertTrue(manager.isChallenged(FIRST_EPOCH), "challenged");
        assertTrue(!manager.isAnswered(FIRST_EPOCH), "not answered");
        prove(answerOf(NODE));
        assertTrue(manager.isAnswered(FIRST_EPOCH), "answered");
        assertTrue(!manager.isAnswered(FIRST_EPOCH + 1), "the next one");
        prove(answerOf(OTHER_NODE));
        assertEq(manager.answeredWord(FIRST_EPOCH / 192), 1, "word");
    }

    /// @notice Calls that wait while a chain stands still run at old block times: the window is over before anybody can answer.
    function test_ARefusedAnswerIsNoAnswer() external {
        issue();
        Answer memory answer = answerOf(NODE);
        vm.warp(FIRST_EPOCH * EPOCH + WINDOW);
        Answer[] memory answers = new Answer[](1);
        answers[0] = answer;
        assertEq(manager.proveMany(answers), 0, "proven");
        assertTrue(!manager.isAnswered(FIRST_EPOCH), "answered");
        assertEq(manager.answeredWord(FIRST_EPOCH / 192), 0, "word");
    }

    /// @dev Over the borders of words of 192 epochs.
    function test_AnsweredWordKeepsEveryEpoch() external {
        uint256[2] memory expected;
        for (uint256 i; i < 384; i += 31) {
            moveTo((FIRST_EPOCH + i) * EPOCH);
            issue();
            if (i % 2 == 1) continue;
            prove(answerOf(i % 4 == 0 ? NODE : OTHER_NODE));
            expected[i / 192] |= 1 << (i % 192);
        }
        assertEq(manager.answeredWord(FIRST_EPOCH / 192), expected[0], "word");
        assertEq(manager.answeredWord(FIRST_EPOCH / 192 + 1), expected[1], "next word");
    }

    function _seedOf(uint256 epoch, bytes32 blockHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            "ChallengeSeed(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)"
        );
        return bytes32(bytes20(keccak256(abi.encode(domain, block.chainid, address(manager), epoch, blockHash))));
    }
}
