// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, Platform, VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    CAROL,
    GOVERNOR,
    keyOf,
    LAUNCH,
    LAUNCH_MASK,
    PLATFORM,
    RegistryFixture
} from "./RegistryFixture.sol";

/// @notice Exits, disputes and delistings while a takeover runs.
contract NodeRegistryTakeoverEndsTest is RegistryFixture {
    function setUp() public {
        _build();
    }

    function _disproveChallenger() private {
        _dispute(_challenger, _challengerQuote, _challengerBinding, Standing.Disproven);
    }

    // Exits

    function test_ATakeoverWaitsForTheIncumbentsExit() external {
        _passTo((_time / EPOCH + 1) * EPOCH);
        _incumbent = _node(ALICE, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(_incumbent, keyOf(_incumbent));
        uint256 exitAt = _registry.endOf(_incumbent);
        assertTrue(exitAt > _time + EPOCH, "the exit is later than a takeover would be");
        _challengeIncumbent();
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
        _registry.exit(_incumbent, keyOf(_incumbent));
        uint256 exitAt = _registry.endOf(_incumbent);
        _passTo(exitAt - 1 minutes);
        _challengeIncumbent();
        assertEq(_takeoverAt, (_openedAt / EPOCH + 2) * EPOCH, "takeover at");
        assertEq(_registry.endOf(_incumbent), exitAt, "incumbent's end");
        _passTo(exitAt);
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);
        _passTo(_takeoverAt);
        _checkLive(_challenger);
    }

    function test_ExitingDuringATakeoverMakesItsEndFinal() external {
        _openTakeover();
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeEnded(_incumbent, EndReason.Exited, _takeoverAt);
        vm.prank(ALICE);
        _registry.exit(_incumbent, keyOf(_incumbent));
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end");
        _passTo(_takeoverAt);
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);
    }

    function test_AChallengerThatExitsTakesNothing() external {
        _openTakeover();
        vm.expectEmit(address(_registry));
        emit INodeRegistry.TakeoverRepelled(PLATFORM, _incumbent, _challenger);
        vm.prank(BOB);
        _registry.exit(_challenger, keyOf(_challenger));
        _passTo(_takeoverAt);
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
    }

    /// @notice It would end before it counts, and nothing would undo what it has opened.
    function test_RevertGiven_TheChallengersOwnEndIsSet() external {
        _openTakeover();
        _attest(ALICE, _incumbent, PLATFORM);
        _passTo(_openedAt + 1 days);
        vm.prank(BOB);
        _registry.exit(_challenger, keyOf(_challenger));
        uint256 exitAt = _exitAt();
        _freshen();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryEnded.selector, _challenger, exitAt));
        _attestWith(BOB, _challenger, _quote(PLATFORM));
        _passTo(exitAt);
        _checkLive(_incumbent);
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "challenger");
    }

    /// @notice Nobody is left for whom a long takeover would have to wait, so the challenger's verifier does not matter either.
    function test_AChallengerHoldsThePlatformOfAnEndedIncumbentAtOnce() external {
        _listVerifier(_verifier, VerifierKind.Quorum, 3 days);
        _openTakeover();
        vm.prank(ALICE);
        _registry.exit(_incumbent, keyOf(_incumbent));
        uint256 exitAt = _exitAt();
        _passTo(exitAt - 1);
        _attest(BOB, _challenger, PLATFORM);
        _checkNotLive(_challenger);
        assertEq(_registry.getPlatform(PLATFORM).takeoverAt, _takeoverAt, "takeover at");

        _passTo(exitAt);
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.OnChain);
        _attest(BOB, _challenger, PLATFORM);
        _checkLive(_challenger);
        assertTrue(!_registry.getNode(_challenger).isChallenger, "an ordinary holder");
        assertEq(_registry.endOf(_incumbent), exitAt, "incumbent's end");
        Platform memory platform = _registry.getPlatform(PLATFORM);
        assertEq(platform.nodeId, _challenger, "holder");
        assertEq(platform.challengerId, 0, "challenger");
        assertEq(platform.takeoverAt, 0, "no takeover");
        assertEq(platform.verifierId, 0, "no takeover's verifier");
        _passTo(_takeoverAt);
        _checkLive(_challenger);
    }

    /// @notice A holder that took over long ago exits like any other.
    function test_AHolderThatTookOverExits() external {
        _openTakeover();
        _passTo(_takeoverAt);
        vm.prank(BOB);
        _registry.exit(_challenger, keyOf(_challenger));
        assertEq(_registry.endOf(_challenger), _exitAt(), "its end");
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "the end before");
    }

    // Disputes

    function test_AChallengerThatIsDisprovenTakesNothing() external {
        _openTakeover();
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
        _openTakeover();
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
        _openTakeover();
        vm.prank(ALICE);
        _registry.exit(_incumbent, keyOf(_incumbent));
        _disproveChallenger();
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "incumbent's end");
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.Exited, "reason");
    }

    function test_AnIncumbentSuspendedDuringATakeoverLosesNothing() external {
        _openTakeover();
        vm.expectEmit(address(_registry));
        emit INodeRegistry.TakeoverRepelled(PLATFORM, _incumbent, _challenger);
        _recheck(_incumbent, PLATFORM, Standing.Revoked, TcbStatus.None);
        _passTo(_takeoverAt);
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
        _recheck(_incumbent, PLATFORM, Standing.Holds, TcbStatus.UpToDate);
        _checkLive(_incumbent);
    }

    function test_AnIncumbentRevokedDuringATakeoverStaysEnded() external {
        _incumbent = _node(ALICE, PLATFORM);
        _recheck(_incumbent, PLATFORM, Standing.Revoked, TcbStatus.None);
        _pass(REVOCATION_DELAY - 5 minutes);
        _challengeIncumbent();
        _pass(5 minutes);
        _recheck(_incumbent, PLATFORM, Standing.Revoked, TcbStatus.None);
        uint256 revokedAt = _time;
        assertEq(_registry.endOf(_incumbent), revokedAt, "incumbent's end");
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);

        // The platform is spoken for, until the challenger fails, attests again or takes over.
        uint256 third = _declare(CAROL);
        _freshen();
        vm.expectPartialRevert(INodeRegistry.NodeRegistryTakeoverTooSoon.selector);
        _attestWith(CAROL, third, _quote(PLATFORM));

        uint256 snapshot = vm.snapshotState();
        _attestWith(BOB, _challenger, _quote(PLATFORM));
        _checkLive(_challenger);
        assertTrue(vm.revertToState(snapshot), "snapshot");

        snapshot = vm.snapshotState();
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
        _openTakeover();
        _attest(ALICE, _incumbent, PLATFORM);
        _dispute(_challenger, _challengerQuote, _challengerBinding, Standing.Withheld);
        assertEq(_lockedOf(BOB), 0, "challenger's stake");
        assertEq(_vault.freeStakeOf(TREASURY), STAKE, "treasury");
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
    }

    // Delisting

    function test_RemovingTheEntryDoesNotEndAChallengerBeforeItsTime() external {
        _openTakeover();
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
        _challengeIncumbent();
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
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, LAUNCH, LAUNCH_MASK);
        _openTakeover();
        vm.prank(GOVERNOR);
        _registry.removeEnclave(1);
        _pass(5 minutes);
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.endOf(_challenger), _time, "challenger's end");
        assertEq(_registry.endOf(_incumbent), FOREVER, "incumbent's end");
    }

    function test_ATakeoverNeedsNoParticularVerifier() external {
        _openTakeover();
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.None);
        _passTo(_takeoverAt);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
    }
}
