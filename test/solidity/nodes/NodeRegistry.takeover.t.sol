// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, Node, Platform, QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {RegistryTest} from "./RegistryTest.sol";

/// @notice How a fresher quote takes a platform over, and everything that can happen meanwhile.
contract NodeRegistryTakeoverTest is RegistryTest {
    uint256 private _incumbent;
    uint256 private _challenger;
    uint256 private _openedAt;
    uint256 private _takeoverAt;
    bytes32 private _challengerQuote;
    QuoteBinding private _challengerBinding;

    function _open() private {
        _incumbent = _node(ALICE, PLATFORM);
        _pass(10 minutes);
        _challenge();
    }

    function _challenge() private {
        _challenger = _declare(BOB);
        (_challengerQuote, _challengerBinding) = _attestBound(BOB, _challenger, PLATFORM);
        _openedAt = _time;
        _takeoverAt = _registry.getPlatform(PLATFORM).takeoverAt;
    }

    function _checkLive(uint256 nodeId) private view {
        assertTrue(_registry.isLive(nodeId), "should be live");
    }

    function _checkNotLive(uint256 nodeId) private view {
        assertTrue(!_registry.isLive(nodeId), "should not be live");
    }

    function _disproveChallenger() private {
        _dispute(_challenger, _challengerQuote, _challengerBinding, Standing.Disproven);
    }

    function test_OpeningSetsBothNodesToTheSameSecond() external {
        _incumbent = _node(ALICE, PLATFORM);
        _challenger = _declare(BOB);
        _freshen();
        uint256 takeoverAt = _time + EPOCH;
        Attestation memory attestation = _quote(PLATFORM);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeEnded(_incumbent, EndReason.TakenOver, takeoverAt);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.TakeoverOpened(PLATFORM, _incumbent, _challenger, takeoverAt);
        _attestWith(BOB, _challenger, attestation);

        assertEq(_registry.endOf(_incumbent), takeoverAt, "incumbent's end");
        assertEq(_registry.getNode(_challenger).liveFrom, takeoverAt, "challenger's start");
        Platform memory platform = _registry.getPlatform(PLATFORM);
        assertEq(platform.nodeId, _incumbent, "holder");
        assertEq(platform.challengerId, _challenger, "challenger");
        assertEq(platform.takeoverAt, takeoverAt, "takeover at");
        assertEq(platform.lastTakeoverAt, _time, "last takeover");
        assertTrue(!_registry.orderTermsOf(_incumbent).open, "incumbent open");
        assertTrue(!_registry.orderTermsOf(_challenger).open, "challenger open");
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
    }

    function test_TimeAloneCompletesATakeover() external {
        _open();
        _passTo(_takeoverAt - 1);
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
        _pass(1);
        _checkNotLive(_incumbent);
        _checkLive(_challenger);
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end");
        assertEq(_registry.endOf(_challenger), FOREVER, "challenger's end");
        assertTrue(_registry.orderTermsOf(_challenger).open, "challenger open");
        Platform memory platform = _registry.getPlatform(PLATFORM);
        assertEq(platform.nodeId, _challenger, "holder");
        assertEq(platform.challengerId, 0, "challenger");
        assertEq(platform.takeoverAt, 0, "takeover at");
        assertEq(platform.lastTakeoverAt, _openedAt, "last takeover");
    }

    function test_TheTakenOverNodeIsGoneForGood() external {
        _open();
        _passTo(_takeoverAt);
        _freshen();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryEnded.selector, _incumbent, _takeoverAt));
        _attestWith(ALICE, _incumbent, _quote(PLATFORM));
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.TakenOver, "reason");
        _passTo(_takeoverAt + RELEASE_DELAY);
        _registry.release(_incumbent);
        assertEq(_lockedOf(ALICE), 0, "unslashed");
    }

    function test_TheIncumbentRepelsByAttesting() external {
        _open();
        _passTo(_takeoverAt - 1);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.TakeoverRepelled(PLATFORM, _incumbent, _challenger);
        _attestWith(ALICE, _incumbent, attestation);
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.None, "reason");
        assertTrue(_registry.orderTermsOf(_incumbent).open, "incumbent open");
        _pass(1);
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
        assertEq(_registry.endOf(_challenger), FOREVER, "the challenger has not ended");
        Platform memory platform = _registry.getPlatform(PLATFORM);
        assertEq(platform.nodeId, _incumbent, "holder");
        assertEq(platform.challengerId, 0, "challenger");
    }

    function test_ALapsedIncumbentHasItsEpochToo() external {
        _incumbent = _node(ALICE, PLATFORM);
        _passTo(_registry.getNode(_incumbent).validUntil);
        _challenge();
        _checkNotLive(_challenger);
        _checkNotLive(_incumbent);
        _attest(ALICE, _incumbent, PLATFORM);
        _checkLive(_incumbent);
        _passTo(_takeoverAt);
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
    }

    function test_ARepelledChallengerMayTryAgainTheNextDay() external {
        _open();
        _attest(ALICE, _incumbent, PLATFORM);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryTakeoverTooSoon.selector, PLATFORM, _openedAt + 1 days)
        );
        _attestWith(BOB, _challenger, _quote(PLATFORM));

        _passTo(_openedAt + 1 days);
        _attest(BOB, _challenger, PLATFORM);
        uint256 takeoverAt = _registry.getPlatform(PLATFORM).takeoverAt;
        assertEq(takeoverAt, _time + EPOCH, "takeover at");
        _passTo(takeoverAt);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
    }

    function test_ARepelledChallengerIsLiveAtOnceOnThePlatformWhenFree() external {
        _open();
        _attest(ALICE, _incumbent, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(_incumbent);
        _passTo(_registry.endOf(_incumbent));
        _attest(BOB, _challenger, PLATFORM);
        _checkLive(_challenger);
        assertEq(_registry.getPlatform(PLATFORM).nodeId, _challenger, "holder");
    }

    function test_RevertWhen_ARepelledChallengerGoesElsewhere() external {
        _open();
        _attest(ALICE, _incumbent, PLATFORM);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryWrongPlatform.selector, _challenger, OTHER_PLATFORM)
        );
        _attestWith(BOB, _challenger, _quote(OTHER_PLATFORM));
    }

    function test_RevertGiven_TheIncumbentIsTheProvidersOwn() external {
        _incumbent = _node(ALICE, PLATFORM);
        uint256 nodeId = _declare(ALICE);
        _freshen();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryPlatformHeld.selector, PLATFORM, _incumbent));
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
    }

    function test_RevertGiven_ATakeoverRuns() external {
        _open();
        uint256 third = _declare(CAROL);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryTakeoverTooSoon.selector, PLATFORM, _openedAt + 1 days)
        );
        _attestWith(CAROL, third, _quote(PLATFORM));
    }

    function test_RevertGiven_TakenOverLessThanADayAgo() external {
        _open();
        _passTo(_openedAt + 1 days - 1);
        uint256 third = _declare(CAROL);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryTakeoverTooSoon.selector, PLATFORM, _openedAt + 1 days)
        );
        _attestWith(CAROL, third, _quote(PLATFORM));
        _passTo(_openedAt + 1 days);
        _attest(CAROL, third, PLATFORM);
        Platform memory platform = _registry.getPlatform(PLATFORM);
        assertEq(platform.nodeId, _challenger, "the challenger became the incumbent");
        assertEq(platform.challengerId, third, "challenger");
        assertEq(_registry.endOf(_challenger), platform.takeoverAt, "its end");
        _passTo(platform.takeoverAt);
        _checkLive(third);
        _checkNotLive(_challenger);
        _checkNotLive(_incumbent);
    }

    function test_RevertWhen_TheChallengersAttestationLapsesBeforeTheTakeover() external {
        _incumbent = _node(ALICE, PLATFORM);
        _challenger = _declare(BOB);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.validUntil = uint64(_time + EPOCH);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryLapsed.selector, attestation.validUntil));
        _attestWith(BOB, _challenger, attestation);
        attestation.validUntil += 1;
        _attestWith(BOB, _challenger, attestation);
        _passTo(_time + EPOCH);
        _checkLive(_challenger);
    }

    function test_AWaitingChallengerRenews() external {
        _open();
        _pass(20 minutes);
        _attest(BOB, _challenger, PLATFORM);
        Node memory node = _registry.getNode(_challenger);
        assertEq(node.liveFrom, _takeoverAt, "live from stays");
        assertEq(node.validUntil, _time + MAXIMUM_AGE, "valid until");
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end stays");
        _passTo(_takeoverAt);
        _checkLive(_challenger);
    }

    function test_TheNewHolderRenewsAfterwards() external {
        _open();
        _passTo(_takeoverAt + 1 days);
        _attest(BOB, _challenger, PLATFORM);
        _checkLive(_challenger);
        assertTrue(!_registry.getNode(_challenger).isChallenger, "an ordinary holder");
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "the end in the past stays");
    }

    // Under an unchanged tag a node's platform is not looked up. Whatever moves must show in the node itself.

    function test_TheNewHolderRepelsUnderItsOldTag() external {
        _open();
        bytes16 tag = _registry.getNode(_challenger).tag;
        _passTo(_takeoverAt + 1 days);
        _attest(BOB, _challenger, PLATFORM);
        _attest(BOB, _challenger, PLATFORM);
        uint256 third = _declare(CAROL);
        _attest(CAROL, third, PLATFORM);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, third, "challenger");
        _attest(BOB, _challenger, PLATFORM);
        Platform memory platform = _registry.getPlatform(PLATFORM);
        assertEq(platform.nodeId, _challenger, "holder");
        assertEq(platform.challengerId, 0, "repelled");
        assertEq(_registry.endOf(_challenger), FOREVER, "end");
        assertTrue(_registry.getNode(_challenger).tag == tag, "tag");
        _passTo(_time + 2 * EPOCH);
        _checkNotLive(third);
    }

    function test_AHolderThatIsChallengedBeforeItRenewsRepels() external {
        _open();
        // It never attested as holder: it still has the mark of a challenger.
        _passTo(_openedAt + 1 days);
        uint256 third = _declare(CAROL);
        _attest(CAROL, third, PLATFORM);
        _attest(BOB, _challenger, PLATFORM);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "challenger");
        assertTrue(!_registry.getNode(_challenger).isChallenger, "an ordinary holder");
        _passTo(_time + 2 * EPOCH);
        _checkLive(_challenger);
        _checkNotLive(third);
    }

    function test_ARepelledChallengersNextQuoteIsNoRenewal() external {
        _open();
        _attest(ALICE, _incumbent, PLATFORM);
        assertTrue(_registry.getNode(_challenger).isChallenger, "the mark stays");
        _passTo(_openedAt + 1 days);
        _attest(BOB, _challenger, PLATFORM);
        _checkNotLive(_challenger);
        _checkLive(_incumbent);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, _challenger, "challenger again");
        assertEq(_registry.getNode(_incumbent).endedAt, _registry.getPlatform(PLATFORM).takeoverAt, "incumbent's end");
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "repelled again");
    }

    function test_ANewSubjectChangesNothingOfATakeover() external {
        _open();
        _freshen();
        _attestOn(BOB, _challenger, _quote(PLATFORM), keccak256("another subject"));
        assertEq(_registry.getPlatform(PLATFORM).challengerId, _challenger, "challenger");
        _freshen();
        _attestOn(ALICE, _incumbent, _quote(PLATFORM), keccak256("another subject"));
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "repelled");
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
    }

    function test_AnIncumbentWithAnExitAheadRepelsUnderItsOldTag() external {
        _incumbent = _node(ALICE, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(_incumbent);
        // Before anybody challenges, and after.
        _attest(ALICE, _incumbent, PLATFORM);
        _challenge();
        assertEq(_registry.getPlatform(PLATFORM).challengerId, _challenger, "challenger");
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "repelled");
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.Exited, "reason");
    }

    // Exits

    function test_ATakeoverWaitsForTheIncumbentsExit() external {
        _passTo((_time / EPOCH + 1) * EPOCH);
        _incumbent = _node(ALICE, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(_incumbent);
        uint256 exitAt = _registry.endOf(_incumbent);
        assertTrue(exitAt > _time + EPOCH, "the exit is later than a takeover would be");
        _challenge();
        assertEq(_takeoverAt, exitAt, "takeover at");
        assertEq(_registry.endOf(_incumbent), exitAt, "incumbent's end");
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.Exited, "reason");

        // Repelling changes nothing of the exit.
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.endOf(_incumbent), exitAt, "incumbent's end after repelling");
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "challenger");
    }

    function test_AnExitSoonerThanATakeoverStays() external {
        _incumbent = _node(ALICE, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(_incumbent);
        uint256 exitAt = _registry.endOf(_incumbent);
        _passTo(exitAt - 1 minutes);
        _challenge();
        assertEq(_takeoverAt, _openedAt + EPOCH, "takeover at");
        assertEq(_registry.endOf(_incumbent), exitAt, "incumbent's end");
        _passTo(exitAt);
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);
        _passTo(_takeoverAt);
        _checkLive(_challenger);
    }

    function test_ExitingDuringATakeoverMakesItsEndFinal() external {
        _open();
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeEnded(_incumbent, EndReason.Exited, _takeoverAt);
        vm.prank(ALICE);
        _registry.exit(_incumbent);
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end");
        _passTo(_takeoverAt);
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);
    }

    function test_AChallengerThatExitsTakesOverFirst() external {
        _open();
        vm.prank(BOB);
        _registry.exit(_challenger);
        uint256 end = _registry.endOf(_challenger);
        assertTrue(end > _takeoverAt, "its end");
        _passTo(_takeoverAt);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
        _passTo(end);
        _checkNotLive(_challenger);
        uint256 third = _node(CAROL, PLATFORM);
        _checkLive(third);
    }

    // QuoteJudge

    function test_AChallengerThatIsDisprovenTakesNothing() external {
        _open();
        vm.expectEmit(address(_registry));
        emit INodeRegistry.TakeoverRepelled(PLATFORM, _incumbent, _challenger);
        _disproveChallenger();
        uint256 disprovenAt = _time;
        assertEq(_registry.endOf(_challenger), disprovenAt, "challenger's end");
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
        assertTrue(_registry.orderTermsOf(_incumbent).open, "incumbent open");
        _passTo(_takeoverAt);
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
        assertEq(_registry.getPlatform(PLATFORM).nodeId, _incumbent, "holder");
        assertEq(_registry.endOf(_challenger), disprovenAt, "challenger's end later");
    }

    function test_AChallengerDisprovenAfterTheTakeoverHasTakenOver() external {
        _open();
        _passTo(_takeoverAt);
        _disproveChallenger();
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end");
        assertEq(_registry.endOf(_challenger), _time, "challenger's end");
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);
        uint256 third = _node(CAROL, PLATFORM);
        _checkLive(third);
    }

    function test_ADisprovenChallengerLeavesAnExitedIncumbentItsEnd() external {
        _open();
        vm.prank(ALICE);
        _registry.exit(_incumbent);
        _disproveChallenger();
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end");
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.Exited, "reason");
    }

    function test_AnIncumbentRevokedDuringATakeoverStaysEnded() external {
        _incumbent = _node(ALICE, PLATFORM);
        _challenge();
        _pass(5 minutes);
        _recheck(_incumbent, PLATFORM, Standing.Revoked, TcbStatus.Revoked);
        uint256 revokedAt = _time;
        assertEq(_registry.endOf(_incumbent), revokedAt, "incumbent's end");
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);

        // The platform is spoken for, until the challenger fails or takes over.
        uint256 third = _declare(CAROL);
        _freshen();
        vm.expectPartialRevert(INodeRegistry.NodeRegistryTakeoverTooSoon.selector);
        _attestWith(CAROL, third, _quote(PLATFORM));

        uint256 snapshot = vm.snapshotState();
        _passTo(_takeoverAt);
        _checkLive(_challenger);
        assertEq(_registry.endOf(_incumbent), revokedAt, "incumbent's end after the takeover");
        assertTrue(vm.revertToState(snapshot), "snapshot");

        vm.warp(revokedAt + 1);
        _disproveChallenger();
        assertEq(_registry.endOf(_incumbent), revokedAt, "incumbent's end after the challenger's");
        _attest(CAROL, third, PLATFORM);
        _checkLive(third);
    }

    function test_AVoidedQuoteCanStillSlashTheChallenger() external {
        _open();
        _attest(ALICE, _incumbent, PLATFORM);
        _dispute(_challenger, _challengerQuote, _challengerBinding, Standing.Withheld);
        assertEq(_lockedOf(BOB), 0, "challenger's stake");
        assertEq(_vault.freeStakeOf(TREASURY), STAKE, "treasury");
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
    }

    // Delisting

    function test_RemovingTheEntryDoesNotEndAChallengerBeforeItsTime() external {
        _open();
        vm.prank(GOVERNOR);
        _registry.removeEnclave(1);
        uint256 end = _registry.getNode(_challenger).validUntil;
        assertEq(_registry.endOf(_challenger), end, "challenger's end");
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end");
        _passTo(_takeoverAt);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
    }

    function test_ADelistedIncumbentThatEndsFirstStaysEnded() external {
        _incumbent = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.validUntil = uint64(_time + 30 minutes);
        _attestWith(ALICE, _incumbent, attestation);
        _challenge();
        vm.prank(GOVERNOR);
        _registry.removeEnclave(1);
        uint256 end = attestation.validUntil;
        assertEq(_registry.endOf(_incumbent), end, "incumbent's end");
        _passTo(end + 1);
        _disproveChallenger();
        assertEq(_registry.endOf(_incumbent), end, "incumbent's end when the takeover fails");
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "challenger");
    }

    function test_VoidingDoesNotEndAChallengerInThePast() external {
        vm.prank(GOVERNOR);
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN);
        _open();
        vm.prank(GOVERNOR);
        _registry.removeEnclave(1);
        _pass(5 minutes);
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.endOf(_challenger), _time, "challenger's end");
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
    }

    function test_ATakeoverNeedsNoParticularVerifier() external {
        _open();
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.None);
        _passTo(_takeoverAt);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
    }
}
