// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../../contracts/interfaces/IQuorumVerifier.sol";
import {IStakeVault} from "../../../../contracts/interfaces/IStakeVault.sol";
import {Standing} from "../../../../contracts/types/Attestation.sol";
import {QuorumFixture} from "./QuorumFixture.sol";
import {fundStake} from "../../validators/ValidatorStaking.sol";

/// @notice Demanding that a quote is shown, showing it, and withholding it.
contract QuorumVerifierDemandTest is QuorumFixture {
    address private immutable demander = address(0xDE3A);
    address private immutable shower = address(0x5404);

    function setUp() public {
        deployQuorumVerifier();
        fundStake(vault, demander, address(verifier), 2 * DEMAND_BOND);
        vouch();
    }

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

    /// @notice Otherwise a demander could copy the answer out of the mempool and get the bond back.
    function test_ShowingPaysTheBondToTheTreasury() external {
        _demand();
        vm.warp(START + 1 days);
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteShown(address(this), QUOTE_HASH, REPORT_DATA, shower);
        vm.prank(shower);
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
        assertEq(vault.freeStakeOf(treasury), DEMAND_BOND, "treasury");
        assertEq(vault.freeStakeOf(shower), 0, "shower");
        assertEq(_bondOf(demander), 0, "bond");
        assertEq(vault.freeStakeOf(demander), DEMAND_BOND, "demander");
        assertTrue(theRecord().answered, "answered");
        vm.warp(START + 2 days);
        assertStanding(ask(), Standing.Holds);
    }

    function test_DemanderWhoShowsTheQuoteLosesTheBond() external {
        _demand();
        vm.prank(demander);
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
        assertEq(vault.freeStakeOf(demander), DEMAND_BOND, "demander");
        assertEq(vault.freeStakeOf(treasury), DEMAND_BOND, "treasury");
    }

    function test_QuoteCanBeDemandedWhileItCanBeDisputedInTime() external {
        vm.warp(START + DISPUTE_PERIOD - 1 days);
        _demand();
        vm.warp(START + DISPUTE_PERIOD);
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
        judge.setStanding(QUOTE_HASH, Standing.Disproven);
        assertStanding(dispute(), Standing.Disproven);
        assertEq(vault.freeStakeOf(treasury), 120 ether + DEMAND_BOND, "the signers still answer for it");
    }

    /// @notice The silence after the last demand shows when the dispute period is over, but the dispute time is not.
    function test_TheLastDemandIsSettledWithinTheDisputeTime() external {
        vm.warp(START + DISPUTE_PERIOD - 1 days);
        _demand();
        vm.warp(START + DISPUTE_PERIOD);
        assertStanding(ask(), Standing.Holds);
        uint256 overAt = START + verifier.disputeTime();
        assertEq(overAt, START + DISPUTE_PERIOD + 1 days, "a day is left to report it");
        vm.warp(overAt - 1);
        assertStanding(ask(), Standing.Withheld);
    }

    function test_RevertGiven_QuoteIsTooOldToBeDemanded() external {
        uint256 until = START + DISPUTE_PERIOD - 1 days;
        vm.warp(until + 1);
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierDemandTooLate.selector, until));
        _demand();
    }

    /// @notice Bytes of which nobody can make anything do not save whoever withholds a quote.
    function test_RevertGiven_JudgeCannotReadTheQuote() external {
        _demand();
        judge.setUnreadable(QUOTE_HASH, true);
        bytes4 selector = IQuorumVerifier.QuorumVerifierUnreadableQuote.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, QUOTE_HASH));
        verifier.showQuote(address(this), QUOTE_HASH, REPORT_DATA, QUOTE);
        vm.warp(START + 1 days + 1);
        assertStanding(ask(), Standing.Withheld);
        assertEq(vault.freeStakeOf(demander), 2 * DEMAND_BOND, "demander");
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
        vm.expectRevert(unknownQuote(address(this), QUOTE_HASH, "other"));
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
        vm.expectRevert(wrongQuote("another quote"));
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

    function _demand() private {
        vm.prank(demander);
        verifier.demandQuote(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function _bondOf(address account) private view returns (uint256 locked) {
        (, locked) = vault.allowanceOf(account, address(verifier));
    }

    function _expectSettled(Standing standing) private {
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierSettled.selector, standing));
        verifier.demandQuote(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function _expectNoDemand() private {
        vm.expectRevert(abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierNoDemand.selector, QUOTE_HASH));
    }
}
