// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation} from "../../../contracts/types/Attestation.sol";
import {EndReason, Node, Platform} from "../../../contracts/types/Node.sol";
import {ALICE, BOB, CAROL, keyOf, MAXIMUM_AGE, OTHER_PLATFORM, PLATFORM, RegistryFixture} from "./RegistryFixture.sol";

/// @notice How a fresher quote takes a platform over, and how the incumbent repels it.
contract NodeRegistryTakeoverTest is RegistryFixture {
    function setUp() public {
        _build();
    }

    function test_OpeningSetsBothNodesToTheSameSecond() external {
        _incumbent = _node(ALICE, PLATFORM);
        _challenger = _declare(BOB);
        _freshen();
        uint256 takeoverAt = _exitAt();
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
        _openTakeover();
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
        _openTakeover();
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
        _openTakeover();
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
        _challengeIncumbent();
        _checkNotLive(_challenger);
        _checkNotLive(_incumbent);
        _attest(ALICE, _incumbent, PLATFORM);
        _checkLive(_incumbent);
        _passTo(_takeoverAt);
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
    }

    function test_ARepelledChallengerMayTryAgainTheNextDay() external {
        _openTakeover();
        _attest(ALICE, _incumbent, PLATFORM);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryTakeoverTooSoon.selector, PLATFORM, _openedAt + 1 days)
        );
        _attestWith(BOB, _challenger, _quote(PLATFORM));

        _passTo(_openedAt + 1 days);
        _attest(BOB, _challenger, PLATFORM);
        uint256 takeoverAt = _registry.getPlatform(PLATFORM).takeoverAt;
        assertEq(takeoverAt, _exitAt(), "takeover at");
        _passTo(takeoverAt);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
    }

    function test_ARepelledChallengerIsLiveAtOnceOnThePlatformWhenFree() external {
        _openTakeover();
        _attest(ALICE, _incumbent, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(_incumbent, keyOf(_incumbent));
        _passTo(_registry.endOf(_incumbent));
        _attest(BOB, _challenger, PLATFORM);
        _checkLive(_challenger);
        assertEq(_registry.getPlatform(PLATFORM).nodeId, _challenger, "holder");
    }

    function test_RevertWhen_ARepelledChallengerGoesElsewhere() external {
        _openTakeover();
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
        _openTakeover();
        uint256 third = _declare(CAROL);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryTakeoverTooSoon.selector, PLATFORM, _openedAt + 1 days)
        );
        _attestWith(CAROL, third, _quote(PLATFORM));
    }

    function test_RevertGiven_TakenOverLessThanADayAgo() external {
        _openTakeover();
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
        attestation.validUntil = uint64(_exitAt());
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryLapsed.selector, attestation.validUntil));
        _attestWith(BOB, _challenger, attestation);
        attestation.validUntil += 1;
        _attestWith(BOB, _challenger, attestation);
        _passTo(attestation.validUntil - 1);
        _checkLive(_challenger);
    }

    function test_AWaitingChallengerRenews() external {
        _openTakeover();
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
        _openTakeover();
        _passTo(_takeoverAt + 1 days);
        _attest(BOB, _challenger, PLATFORM);
        _checkLive(_challenger);
        assertTrue(!_registry.getNode(_challenger).isChallenger, "an ordinary holder");
        assertEq(_registry.endOf(_incumbent), _takeoverAt, "the end in the past stays");
    }
}
