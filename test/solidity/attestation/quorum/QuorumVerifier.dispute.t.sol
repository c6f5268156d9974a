// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../../contracts/interfaces/IQuorumVerifier.sol";
import {IQuoteJudge} from "../../../../contracts/interfaces/IQuoteJudge.sol";
import {CalldataAbi} from "../../../../contracts/attestation/quorum/CalldataAbi.sol";
import {Standing} from "../../../../contracts/types/Attestation.sol";
import {QuorumFixture} from "./QuorumFixture.sol";

/// @notice Disputing what a quorum vouched for.
contract QuorumVerifierDisputeTest is QuorumFixture {
    address private immutable stranger = address(0x57A6);

    function setUp() public {
        deployQuorumVerifier();
        vouch();
    }

    function test_DisprovenSlashesEverySigner() external {
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        vm.warp(START + DISPUTE_PERIOD);
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteJudged(address(this), QUOTE_HASH, REPORT_DATA, Standing.Disproven, 120 ether);
        assertStanding(dispute(), Standing.Disproven);

        assertStanding(theRecord().standing, Standing.Disproven);
        for (uint256 i = 0; i < 5; ++i) {
            assertEq(set.getValidator(vm.addr(keys[i])).stake, i < 4 ? 70 ether : 100 ether, "stake");
        }
        assertEq(vault.freeStakeOf(treasury), 120 ether, "treasury");
    }

    function test_DisprovenSlashesOnce() external {
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        dispute();
        assertStanding(dispute(), Standing.Disproven);
        assertStanding(ask(), Standing.Disproven);
        assertEq(vault.freeStakeOf(treasury), 120 ether, "treasury");
    }

    function test_DisprovenReachesSignersThatLeft() external {
        vm.prank(vm.addr(keys[0]));
        set.exit();
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        vm.warp(START + DISPUTE_PERIOD);
        dispute();
        assertEq(set.getValidator(vm.addr(keys[0])).stake, 70 ether, "stake");
    }

    function test_DisprovenLateCountsAndSlashesNobody() external {
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        vm.warp(START + DISPUTE_PERIOD + 1);
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteJudged(address(this), QUOTE_HASH, REPORT_DATA, Standing.Disproven, 0);
        assertStanding(dispute(), Standing.Disproven);
        assertStanding(ask(), Standing.Disproven);
        assertEq(set.activeStake(), 5 * STAKE, "active stake");
    }

    function test_UndecidedAndHoldsChangeNothing() external {
        assertStanding(dispute(), Standing.Undecided);
        judge.setStanding(QUOTE_HASH, Standing.Holds);
        assertStanding(dispute(), Standing.Holds);
        assertStanding(theRecord().standing, Standing.Holds);
        assertEq(set.activeStake(), 5 * STAKE, "active stake");
    }

    function test_JudgeReceivesWhatWasVouched() external {
        bytes memory question = abi.encodeCall(
            IQuoteJudge.judge,
            (QUOTE, CERTIFICATES, REPORT_DATA, anAttestation(), aBasis())
        );
        vm.mockCall(address(judge), question, abi.encode(Standing.Disproven));
        assertStanding(dispute(), Standing.Disproven);
    }

    function test_RevertWhen_JudgeFails() external {
        bytes memory question = abi.encodeWithSelector(IQuoteJudge.judge.selector);
        vm.mockCallRevert(address(judge), question, "broken");
        _expectJudgeFailed("broken");
        vm.clearMockedCalls();
        vm.mockCall(address(judge), question, "");
        _expectJudgeFailed("");
        vm.mockCall(address(judge), question, abi.encode(uint256(5)));
        _expectJudgeFailed(abi.encode(uint256(5)));
        vm.clearMockedCalls();
        judge.setStanding(QUOTE_HASH, Standing.Revoked);
        _expectJudgeFailed(abi.encode(Standing.Revoked));
        judge.setStanding(QUOTE_HASH, Standing.Withheld);
        _expectJudgeFailed(abi.encode(Standing.Withheld));
        assertEq(set.activeStake(), 5 * STAKE, "active stake");
    }

    function test_RevertWhen_FactsAreNotTheVouchings() external {
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        IQuorumVerifier.Dispute memory changed = aDispute();
        changed.attestation.isvSvn += 1;
        _expectWrongCommitment(changed);
        changed = aDispute();
        changed.basis.collateralHash = "other";
        _expectWrongCommitment(changed);
        changed = aDispute();
        changed.basis.pckCrlIssuedAt += 1;
        _expectWrongCommitment(changed);
        changed = aDispute();
        changed.signers = firstSigners(5);
        _expectWrongCommitment(changed);
        changed.signers = firstSigners(3);
        _expectWrongCommitment(changed);
        changed = aDispute();
        changed.signers[3] = vm.addr(keys[4]);
        _expectWrongCommitment(changed);
    }

    function test_RevertWhen_QuoteIsNotTheOneVouchedFor() external {
        IQuorumVerifier.Dispute memory changed = aDispute();
        changed.quote = bytes.concat(QUOTE, hex"00");
        vm.expectRevert(wrongQuote(changed.quote));
        verifier.dispute(QUOTE_HASH, REPORT_DATA, abi.encode(changed));
    }

    function test_RevertWhen_VouchingIsUnknown() external {
        _expectUnknown(address(this), "other", REPORT_DATA);
        _expectUnknown(address(this), QUOTE_HASH, "other");
        _expectUnknown(stranger, QUOTE_HASH, REPORT_DATA);
    }

    function test_RevertWhen_DisputeIsGarbled() external {
        bytes memory evidence = abi.encode(aDispute());
        _expectMalformed(hex"00");
        // Offsets, lengths, the signers and the smaller fields of attestation and basis.
        uint8[20] memory words = [0, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24];
        for (uint256 i = 0; i < words.length; ++i) {
            bytes memory garbled = bytes.concat(evidence);
            uint256 position = 0x20 + uint256(words[i]) * 0x20;
            assembly ("memory-safe") {
                mstore(add(garbled, position), not(0))
            }
            _expectMalformed(garbled);
        }
        assertStanding(theRecord().standing, Standing.Holds);
    }

    function _expectJudgeFailed(bytes memory reason) private {
        bytes memory evidence = abi.encode(aDispute());
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierJudgeFailed.selector, reason));
        verifier.dispute(QUOTE_HASH, REPORT_DATA, evidence);
        assertStanding(theRecord().standing, Standing.Holds);
    }

    function _expectWrongCommitment(IQuorumVerifier.Dispute memory changed) private {
        bytes24 actual = bytes24(
            keccak256(abi.encode(REPORT_DATA, changed.attestation, changed.basis, changed.signers))
        );
        vm.expectRevert(
            abi.encodeWithSelector(
                IQuorumVerifier.QuorumVerifierWrongCommitment.selector,
                theRecord().commitment,
                actual
            )
        );
        verifier.dispute(QUOTE_HASH, REPORT_DATA, abi.encode(changed));
    }

    function _expectMalformed(bytes memory evidence) private {
        vm.expectPartialRevert(CalldataAbi.CalldataAbiMalformed.selector);
        verifier.dispute(QUOTE_HASH, REPORT_DATA, evidence);
    }

    function _expectUnknown(address consumer, bytes32 quoteHash, bytes32 reportData) private {
        vm.expectRevert(unknownQuote(consumer, quoteHash, reportData));
        vm.prank(consumer);
        verifier.dispute(quoteHash, reportData, "");
    }
}
