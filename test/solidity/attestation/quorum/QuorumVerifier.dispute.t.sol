// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../../contracts/interfaces/IQuorumVerifier.sol";
import {IQuoteJudge} from "../../../../contracts/interfaces/IQuoteJudge.sol";
import {IStakeVault} from "../../../../contracts/interfaces/IStakeVault.sol";
import {CalldataAbi} from "../../../../contracts/attestation/quorum/CalldataAbi.sol";
import {Attestation, Standing} from "../../../../contracts/types/Attestation.sol";
import {QuorumFixture} from "./QuorumFixture.sol";

/// @notice What becomes of a vouching: disputes and demands.
contract QuorumVerifierDisputeTest is QuorumFixture {
    bytes32 private constant QUOTE_HASH = keccak256(QUOTE);
    address private immutable demander = address(0xDE3A);
    address private immutable shower = address(0x5404);

    function setUp() public {
        deployQuorumVerifier();
        fund(demander, address(verifier), 2 * DEMAND_BOND);
        vouch();
    }

    // Disputes

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

    function test_JudgeIsToldWhatWasVouched() external {
        bytes memory question = abi.encodeCall(
            IQuoteJudge.judge,
            (QUOTE, CERTIFICATES, REPORT_DATA, anAttestation(), COLLATERAL_HASH)
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
        changed.collateralHash = "other";
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
        vm.expectRevert(_wrongQuote(changed.quote));
        verifier.dispute(QUOTE_HASH, REPORT_DATA, abi.encode(changed));
    }

    function test_RevertWhen_VouchingIsUnknown() external {
        _expectUnknown(address(this), "other", REPORT_DATA);
        _expectUnknown(address(this), QUOTE_HASH, "other");
        _expectUnknown(demander, QUOTE_HASH, REPORT_DATA);
    }

    function test_RevertWhen_DisputeIsGarbled() external {
        bytes memory evidence = abi.encode(aDispute());
        _expectMalformed(hex"00");
        // Offsets, lengths, the signers and the attestation's smaller fields.
        uint8[15] memory words = [0, 4, 5, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19];
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

    // Demands

    function test_DemandLocksTheBond() external {
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteDemanded(address(this), QUOTE_HASH, REPORT_DATA, demander, START + 1 days);
        _demand();
        IQuorumVerifier.Demand memory demand = verifier.getDemand(address(this), QUOTE_HASH, REPORT_DATA);
        assertEq(demand.demander, demander, "demander");
        assertEq(demand.demandedAt, START, "demanded at");
        assertEq(_bondOf(demander), DEMAND_BOND, "bond");
        assertStanding(ask(), Standing.Holds);
    }

    function test_ShowingPaysTheBond() external {
        _demand();
        vm.warp(START + 1 days);
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteShown(address(this), QUOTE_HASH, REPORT_DATA, shower);
        vm.prank(shower);
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
        assertEq(vault.freeStakeOf(shower), DEMAND_BOND, "shower");
        assertEq(_bondOf(demander), 0, "bond");
        assertTrue(theRecord().answered, "answered");
        vm.warp(START + 2 days);
        assertStanding(ask(), Standing.Holds);
    }

    function test_UnansweredIsWithheld() external {
        _demand();
        vm.warp(START + 1 days + 1);
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteWithheld(address(this), QUOTE_HASH, REPORT_DATA);
        verifier.reportWithheld(address(this), QUOTE_HASH, REPORT_DATA);
        assertStanding(theRecord().standing, Standing.Withheld);
        assertStanding(ask(), Standing.Withheld);
        assertEq(_bondOf(demander), 0, "bond");
        assertEq(vault.freeStakeOf(demander), 2 * DEMAND_BOND, "free stake");
        assertEq(set.activeStake(), 5 * STAKE, "signers keep their stake");
    }

    function test_AskingRecordsWhatIsOverdue() external {
        _demand();
        vm.warp(START + 1 days);
        assertStanding(ask(), Standing.Holds);
        vm.warp(START + 1 days + 1);
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteWithheld(address(this), QUOTE_HASH, REPORT_DATA);
        assertStanding(ask(), Standing.Withheld);
        assertStanding(theRecord().standing, Standing.Withheld);
        assertEq(_bondOf(demander), 0, "bond");
        _expectNoDemand();
        verifier.reportWithheld(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function test_WithheldStaysWhateverIsShownLater() external {
        _demand();
        vm.warp(START + 1 days + 1);
        judge.setStanding(QUOTE_HASH, Standing.Holds);
        assertStanding(dispute(), Standing.Withheld);
        assertStanding(ask(), Standing.Withheld);
    }

    /// @notice The signers pay for what is false, and the quote stays withheld, for which the registry slashes the provider.
    function test_WithheldStaysSoWhenDisproven() external {
        _demand();
        vm.warp(START + 1 days + 1);
        verifier.reportWithheld(address(this), QUOTE_HASH, REPORT_DATA);
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        assertStanding(dispute(), Standing.Withheld);
        assertEq(vault.freeStakeOf(treasury), 120 ether, "treasury");
        assertStanding(dispute(), Standing.Withheld);
        assertStanding(ask(), Standing.Withheld);
        assertEq(vault.freeStakeOf(treasury), 120 ether, "signers pay once");
    }

    function test_DisprovenGivesTheBondBack() external {
        _demand();
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        dispute();
        assertEq(_bondOf(demander), 0, "bond");
        assertEq(verifier.getDemand(address(this), QUOTE_HASH, REPORT_DATA).demandedAt, 0, "demand");
        vm.warp(START + 2 days);
        assertStanding(ask(), Standing.Disproven);
    }

    function test_RevertWhen_DemandedVouchingIsUnknown() external {
        vm.expectRevert(_unknown(address(this), QUOTE_HASH, "other"));
        verifier.demandQuote(address(this), QUOTE_HASH, "other");
    }

    function test_RevertGiven_DemandIsOpen() external {
        _demand();
        bytes memory expected = abi.encodeWithSelector(
            IQuorumVerifier.QuorumVerifierDemandOpen.selector,
            START + 1 days
        );
        vm.expectRevert(expected);
        verifier.demandQuote(address(this), QUOTE_HASH, REPORT_DATA);
        vm.warp(START + 1 days);
        vm.expectRevert(expected);
        verifier.reportWithheld(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function test_RevertGiven_QuoteWasShown() external {
        _demand();
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierAlreadyShown.selector, QUOTE_HASH));
        verifier.demandQuote(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function test_RevertGiven_RecordIsSettled() external {
        _demand();
        vm.warp(START + 1 days + 1);
        verifier.reportWithheld(address(this), QUOTE_HASH, REPORT_DATA);
        _expectSettled(Standing.Withheld);
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        dispute();
        _expectSettled(Standing.Withheld);
    }

    function test_RevertGiven_DemanderHasNoStake() external {
        vm.expectPartialRevert(IStakeVault.StakeVaultCapExceeded.selector);
        vm.prank(shower);
        verifier.demandQuote(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function test_RevertGiven_NothingIsDemanded() external {
        _expectNoDemand();
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
        _expectNoDemand();
        verifier.reportWithheld(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function test_RevertWhen_WrongQuoteIsShown() external {
        _demand();
        vm.expectRevert(_wrongQuote("another quote"));
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, "another quote");
    }

    function test_RevertGiven_AnswerIsLate() external {
        _demand();
        vm.warp(START + 1 days + 1);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierAnswerTooLate.selector, START + 1 days));
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
    }

    /// @dev Under other report data the same quote hash is another vouching, with demands and disputes of its own.
    function test_NobodyEndsARegistrationWithAnothersWithheldQuote() external {
        verifier.verify(abi.encode(aVouching(anAttestation(), "other", 4)), "other");
        _demand();
        vm.warp(START + 1 days + 1);
        Standing standing = verifier.dispute(QUOTE_HASH, "other", "");
        assertStanding(standing, Standing.Holds);
        assertStanding(ask(), Standing.Withheld);
        standing = verifier.dispute(QUOTE_HASH, "other", "");
        assertStanding(standing, Standing.Holds);
    }

    // Helpers

    function _demand() private {
        vm.prank(demander);
        verifier.demandQuote(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function _bondOf(address account) private view returns (uint256 locked) {
        (, locked) = vault.allowanceOf(account, address(verifier));
    }

    function _expectJudgeFailed(bytes memory reason) private {
        bytes memory evidence = abi.encode(aDispute());
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierJudgeFailed.selector, reason));
        verifier.dispute(QUOTE_HASH, REPORT_DATA, evidence);
        assertStanding(theRecord().standing, Standing.Holds);
    }

    function _expectWrongCommitment(IQuorumVerifier.Dispute memory changed) private {
        bytes24 actual = bytes24(
            keccak256(abi.encode(REPORT_DATA, changed.attestation, changed.collateralHash, changed.signers))
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
        vm.expectRevert(_unknown(consumer, quoteHash, reportData));
        vm.prank(consumer);
        verifier.dispute(quoteHash, reportData, "");
    }

    function _expectSettled(Standing standing) private {
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierSettled.selector, standing));
        verifier.demandQuote(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function _expectNoDemand() private {
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierNoDemand.selector, QUOTE_HASH));
    }

    function _unknown(address consumer, bytes32 quoteHash, bytes32 reportData) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IQuorumVerifier.QuorumVerifierUnknownQuote.selector,
                consumer,
                quoteHash,
                reportData
            );
    }

    function _wrongQuote(bytes memory quote) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierWrongQuote.selector, QUOTE_HASH, keccak256(quote));
    }
}
