// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../../contracts/interfaces/IQuorumVerifier.sol";
import {IQuoteJudge} from "../../../../contracts/interfaces/IQuoteJudge.sol";
import {CalldataAbi} from "../../../../contracts/attestation/quorum/CalldataAbi.sol";
import {MockJudge} from "../../../../contracts/mocks/MockJudge.sol";
import {Standing, TcbStatus} from "../../../../contracts/types/Attestation.sol";
import {QuorumFixture} from "./QuorumFixture.sol";

/// @notice Quotes that a quorum vouched for, reviewed by the judge under newer collateral.
contract QuorumVerifierRecheckTest is QuorumFixture {
    bytes32 private constant PLATFORM = keccak256("platform");
    bytes private constant REVIEW = "what the review needs";

    function setUp() public {
        deployQuorumVerifier();
    }

    function test_RecheckReturnsTheJudgesReview() external {
        for (uint256 i = 0; i <= uint256(Standing.Revoked); ++i) {
            judge.setReview(QUOTE_HASH, PLATFORM, Standing(i), TcbStatus.OutOfDate);
            (bytes32 platformId, bytes32 subject, Standing standing, TcbStatus status) = _recheck();
            assertEq(platformId, PLATFORM, "platform");
            assertEq(subject, QUOTE_HASH, "subject");
            assertStanding(standing, Standing(i));
            assertTrue(status == TcbStatus.OutOfDate, "status");
        }
    }

    function testFuzz_TheJudgeReceivesQuoteAndReview(bytes memory quote, bytes memory review) external {
        bytes memory question = abi.encodeCall(IQuoteJudge.review, (quote, review));
        vm.mockCall(address(judge), question, abi.encode(PLATFORM, Standing.Revoked, TcbStatus.None));
        (, bytes32 subject, Standing standing, ) = verifier.recheck(abi.encode(quote, review));
        assertEq(subject, keccak256(quote), "subject");
        assertStanding(standing, Standing.Revoked);
    }

    /// @notice Nothing is kept of it, so nobody need have vouched before.
    function test_RecheckChangesNothing() external {
        vouch();
        bytes32 before = keccak256(abi.encode(theRecord()));
        judge.setReview(QUOTE_HASH, PLATFORM, Standing.Revoked, TcbStatus.None);
        _recheck();
        assertEq(keccak256(abi.encode(theRecord())), before, "record");
        assertEq(set.activeStake(), 5 * STAKE, "active stake");
    }

    function test_RevertWhen_TheJudgeReverts() external {
        _expectJudgeFailed(abi.encodeWithSelector(MockJudge.MockJudgeNoReview.selector, QUOTE_HASH));
    }

    function test_RevertWhen_TheJudgesAnswerIsInvalid() external {
        bytes memory question = abi.encodeWithSelector(IQuoteJudge.review.selector);
        bytes[4] memory answers = [
            bytes(""),
            abi.encode(PLATFORM, Standing.Holds),
            abi.encode(PLATFORM, Standing.Holds, uint256(type(TcbStatus).max) + 1),
            abi.encode(PLATFORM, Standing.Disproven, TcbStatus.UpToDate)
        ];
        for (uint256 i = 0; i < answers.length; ++i) {
            vm.mockCall(address(judge), question, answers[i]);
            _expectJudgeFailed(answers[i]);
        }
    }

    function test_RevertWhen_EvidenceIsGarbled() external {
        judge.setReview(QUOTE_HASH, PLATFORM, Standing.Holds, TcbStatus.UpToDate);
        _expectMalformed("");
        _expectMalformed(new bytes(63));
        // The offsets, and both lengths.
        bytes memory evidence = abi.encode(QUOTE, REVIEW);
        for (uint256 word = 0; word < 6; ++word) {
            if (word == 3 || word == 5) continue;
            bytes memory garbled = bytes.concat(evidence);
            uint256 position = 0x20 + word * 0x20;
            assembly ("memory-safe") {
                mstore(add(garbled, position), not(0))
            }
            _expectMalformed(garbled);
        }
    }

    function _recheck() private returns (bytes32, bytes32, Standing, TcbStatus) {
        return verifier.recheck(abi.encode(QUOTE, REVIEW));
    }

    function _expectJudgeFailed(bytes memory reason) private {
        bytes memory evidence = abi.encode(QUOTE, REVIEW);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierJudgeFailed.selector, reason));
        verifier.recheck(evidence);
    }

    function _expectMalformed(bytes memory evidence) private {
        vm.expectPartialRevert(CalldataAbi.CalldataAbiMalformed.selector);
        verifier.recheck(evidence);
    }
}
