// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallengeManager} from "../../../contracts/interfaces/IChallengeManager.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Answer, ProvenRate} from "../../../contracts/types/Challenge.sol";
import {ChallengeFixture} from "./ChallengeFixture.sol";

/// @notice Proving epochs.
contract ChallengeManagerProofTest is ChallengeFixture {
    uint256 private constant OTHER_NODE = 8;

    function setUp() external {
        arrange();
    }

    function test_ProvesTheEpoch() external {
        issue();
        Answer memory answer = answerOf(NODE);
        bytes32 prefix = prefixOf(NODE, enclave);
        uint64[128] memory nonces = sortedNonces(prefix, 0);
        uint256 rate = (127 * (type(uint256).max / hashOf(prefix, nonces[127]))) / EFFECTIVE;
        vm.expectEmit(address(manager));
        emit IChallengeManager.EpochProven(NODE, FIRST_EPOCH, rate);
        prove(answer);

        assertTrue(manager.isProven(NODE, FIRST_EPOCH), "proven");
        assertTrue(!manager.isProven(NODE, FIRST_EPOCH + 1), "next epoch");
        assertTrue(!manager.isProven(OTHER_NODE, FIRST_EPOCH), "other node");
        assertEq(manager.provenWord(NODE, FIRST_EPOCH / 192), 1, "word");
        ProvenRate memory proven = manager.provenRateOf(NODE);
        assertEq(proven.hashRate, rate, "rate");
        assertEq(proven.epoch, FIRST_EPOCH, "epoch of the rate");
    }

    function test_SearchTerms() external {
        setNode(NODE, enclave, 5e6);
        issue();
        (bytes32 prefix, uint256 target, uint256 answerBy) = manager.searchTermsOf(NODE, manager.getChallenge().seed);
        assertEq(prefix, prefixOf(NODE, enclave), "prefix");
        assertEq(target, ((type(uint256).max / (5e6 * EFFECTIVE)) * 174_410) / 1000, "target");
        assertEq(target, manager.targetOf(5e6), "target of the rate");
        assertEq(answerBy, block.timestamp + WINDOW, "answer by");
    }

    function test_RevertGiven_NoChallengeInTheEpoch() external {
        bytes memory none = abi.encodeWithSelector(IChallengeManager.ChallengeManagerNoChallenge.selector, FIRST_EPOCH);
        vm.expectRevert(none);
        manager.prove(NODE, "", "");
        vm.expectRevert(none);
        manager.searchTermsOf(NODE, 0);

        issue();
        Answer memory answer = answerOf(NODE);
        moveTo((FIRST_EPOCH + 1) * EPOCH);
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerNoChallenge.selector, FIRST_EPOCH + 1)
        );
        prove(answer);
    }

    function test_ProvesUntilTheWindowIsOver() external {
        issue();
        Answer memory answer = answerOf(NODE);
        vm.warp(FIRST_EPOCH * EPOCH + WINDOW - 1);
        prove(answer);
    }

    function test_RevertGiven_WindowOver() external {
        issue();
        Answer memory answer = answerOf(NODE);
        vm.warp(FIRST_EPOCH * EPOCH + WINDOW);
        vm.expectRevert(
            abi.encodeWithSelector(
                IChallengeManager.ChallengeManagerWindowOver.selector,
                FIRST_EPOCH,
                FIRST_EPOCH * EPOCH + WINDOW
            )
        );
        prove(answer);
    }

    function test_RevertGiven_NodeNotLive() external {
        issue();
        Answer memory answer = answerOf(NODE);
        setNode(NODE, address(0), 1);
        bytes memory notLive = abi.encodeWithSelector(IChallengeManager.ChallengeManagerNodeNotLive.selector, NODE);
        vm.expectRevert(notLive);
        prove(answer);
        vm.expectRevert(notLive);
        manager.searchTermsOf(NODE, 0);
        // A signature that recovers to nobody is no way around it.
        vm.expectRevert(notLive);
        manager.prove(NODE, answer.nonces, "");
    }

    function test_RevertGiven_AlreadyProven() external {
        issue();
        Answer memory answer = answerOf(NODE);
        prove(answer);
        bytes32 prefix = prefixOf(NODE, enclave);
        bytes memory others = pack(sortedNonces(prefix, 500));
        bytes memory second = sign(enclaveSecret, NODE, prefix, others);
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerAlreadyProven.selector, NODE, FIRST_EPOCH)
        );
        manager.prove(NODE, others, second);
    }

    function test_RevertWhen_NoncesHaveAnotherLength() external {
        issue();
        Answer memory answer = answerOf(NODE);
        bytes[4] memory wrong = [
            bytes(""),
            new bytes(1016),
            bytes.concat(answer.nonces, hex"00"),
            bytes.concat(answer.nonces, bytes8(0))
        ];
        for (uint256 i; i < wrong.length; i++) {
            vm.expectRevert(
                abi.encodeWithSelector(IChallengeManager.ChallengeManagerInvalidLength.selector, wrong[i].length, 1024)
            );
            manager.prove(NODE, wrong[i], answer.signature);
        }
    }

    /// hardhat-config: fuzz.runs = 64
    function testFuzz_RevertWhen_HashesDoNotIncrease(uint256 from, uint256 to) external {
        issue();
        bytes32 prefix = prefixOf(NODE, enclave);
        uint64[128] memory nonces = sortedNonces(prefix, 0);
        from = bound(from, 0, 127);
        to = bound(to, 0, 127);
        vm.assume(from != to);
        nonces[to] = nonces[from];
        bytes memory packed = pack(nonces);
        bytes memory signed = sign(enclaveSecret, NODE, prefix, packed);
        vm.expectPartialRevert(IChallengeManager.ChallengeManagerNotIncreasing.selector);
        manager.prove(NODE, packed, signed);
    }

    function test_RevertGiven_LargestHashAboveTarget() external {
        issue();
        Answer memory answer = answerOf(NODE);
        bytes32 prefix = prefixOf(NODE, enclave);
        uint256 largest = hashOf(prefix, sortedNonces(prefix, 0)[127]);
        // The lowest rate whose target is under the largest hash, and the one before it, which passes.
        uint256 rate = 1;
        while (manager.targetOf(rate) >= largest) rate++;
        setNode(NODE, enclave, rate);
        vm.expectRevert(
            abi.encodeWithSelector(
                IChallengeManager.ChallengeManagerAboveTarget.selector,
                largest,
                manager.targetOf(rate)
            )
        );
        prove(answer);
        setNode(NODE, enclave, rate - 1);
        prove(answer);
    }

    function test_RevertWhen_SignatureIsNotTheEnclaveKeys() external {
        issue();
        Answer memory answer = answerOf(NODE);
        bytes32 prefix = prefixOf(NODE, enclave);
        (, uint256 stranger) = makeAccount("stranger");
        bytes32 digest = digestOf(NODE, FIRST_EPOCH, prefix, answer.nonces);
        _refuse(answer, signature(stranger, digest));
        _refuse(answer, signature(enclaveSecret, digestOf(NODE, FIRST_EPOCH + 1, prefix, answer.nonces)));
        _refuse(answer, signature(enclaveSecret, digestOf(OTHER_NODE, FIRST_EPOCH, prefix, answer.nonces)));
        _refuse(answer, signature(enclaveSecret, digestOf(NODE, FIRST_EPOCH, prefix, "")));
        prove(answer);
    }

    /// @notice The same point with a high s, a shortened signature, and one of zeros, which recovers to nobody.
    function test_RevertWhen_SignatureHasAnotherForm() external {
        issue();
        Answer memory answer = answerOf(NODE);
        bytes32 digest = digestOf(NODE, FIRST_EPOCH, prefixOf(NODE, enclave), answer.nonces);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(enclaveSecret, digest);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        _refuse(answer, abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
        _refuse(answer, abi.encodePacked(r, s));
        _refuse(answer, new bytes(65));
        prove(answer);
    }

    function test_AnotherNodeCannotUseTheAnswer() external {
        setNode(OTHER_NODE, enclave, 1);
        issue();
        Answer memory answer = answerOf(NODE);
        answer.nodeId = OTHER_NODE;
        // Under the other node's prefix the hashes are others, in no order.
        vm.expectPartialRevert(IChallengeManager.ChallengeManagerNotIncreasing.selector);
        prove(answer);
    }

    function test_AnAnswerIsGoodOnOneChainOnly() external {
        issue();
        Answer memory answer = answerOf(NODE);
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(IChallengeManager.ChallengeManagerNotIncreasing.selector);
        prove(answer);
    }

    /// @dev Over the borders of words of 192 epochs, whose last and first epochs are among those proven.
    /// hardhat-config: fuzz.runs = 8
    function testFuzz_WordsTellWhatWasProven(uint256 noise) external {
        uint256[4] memory expected;
        uint256 last;
        for (uint256 i; i < 12; i++) {
            uint256 step = i * 64 + (uint256(keccak256(abi.encode(noise, i))) % 64);
            if (i % 3 == 2) step = i * 64 + 63;
            if (i % 3 == 0) step = i * 64;
            moveTo((FIRST_EPOCH + step) * EPOCH + 1);
            issue();
            prove(answerOf(NODE));
            expected[step / 192] |= 1 << (step % 192);
            last = FIRST_EPOCH + step;

            uint256 word = FIRST_EPOCH / 192;
            for (uint256 j; j < 4; j++) assertEq(manager.provenWord(NODE, word + j), expected[j], "word");
            assertEq(manager.provenWord(NODE, word - 1), 0, "word before");
            assertEq(manager.provenWord(NODE, type(uint256).max), 0, "the last word");
            assertEq(manager.provenRateOf(NODE).epoch, last, "epoch of the rate");
            assertTrue(manager.provenRateOf(NODE).hashRate != 0, "rate");
        }
        for (uint256 i; i < 768; i++) {
            bool proven = (expected[i / 192] >> (i % 192)) & 1 != 0;
            assertTrue(manager.isProven(NODE, FIRST_EPOCH + i) == proven, "is proven");
        }
    }

    function test_RateIsForgottenAfterTwoSlots() external {
        issue();
        prove(answerOf(NODE));
        moveTo((FIRST_EPOCH + 383) * EPOCH);
        assertEq(manager.provenRateOf(NODE).epoch, FIRST_EPOCH, "slot before");
        moveTo((FIRST_EPOCH + 384) * EPOCH);
        assertEq(manager.provenRateOf(NODE).epoch, 0, "two slots before");
        assertEq(manager.provenRateOf(NODE).hashRate, 0, "no rate");
    }

    function test_ManyAnswersInTheirOrder() external {
        setNode(OTHER_NODE, enclave, 1);
        setNode(9, address(0), 1);
        issue();
        Answer[] memory answers = new Answer[](4);
        answers[0] = answerOf(NODE);
        answers[1] = answers[0];
        answers[2] = answerOf(9);
        answers[3] = answerOf(OTHER_NODE);
        vm.expectEmit(address(manager));
        emit IChallengeManager.EpochProven(NODE, FIRST_EPOCH, _rateOf(NODE));
        vm.expectEmit(address(manager));
        emit IChallengeManager.AnswerRefused(
            NODE,
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerAlreadyProven.selector, NODE, FIRST_EPOCH)
        );
        vm.expectEmit(address(manager));
        emit IChallengeManager.AnswerRefused(
            9,
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerNodeNotLive.selector, uint256(9))
        );
        vm.expectEmit(address(manager));
        emit IChallengeManager.EpochProven(OTHER_NODE, FIRST_EPOCH, _rateOf(OTHER_NODE));
        assertEq(manager.proveMany(answers), 2, "proven");
        assertTrue(manager.isProven(OTHER_NODE, FIRST_EPOCH), "the last one");
    }

    function test_LongReasonsAreCut() external {
        issue();
        Answer[] memory answers = new Answer[](1);
        answers[0] = answerOf(NODE);
        bytes memory reason = new bytes(1000);
        for (uint256 i; i < 1000; i++) reason[i] = bytes1(uint8(i % 251));
        bytes memory kept = new bytes(256);
        for (uint256 i; i < 256; i++) kept[i] = reason[i];
        vm.mockCallRevert(REGISTRY, abi.encodeCall(INodeRegistry.proofTermsOf, (NODE)), reason);
        vm.expectEmit(address(manager));
        emit IChallengeManager.AnswerRefused(NODE, kept);
        assertEq(manager.proveMany(answers), 0, "proven");
    }

    function _refuse(Answer memory answer, bytes memory signed) private {
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.ChallengeManagerInvalidSignature.selector, enclave));
        manager.prove(answer.nodeId, answer.nonces, signed);
    }

    function _rateOf(uint256 nodeId) private view returns (uint256) {
        bytes32 prefix = prefixOf(nodeId, enclave);
        return (127 * (type(uint256).max / hashOf(prefix, sortedNonces(prefix, 0)[127]))) / EFFECTIVE;
    }
}
