// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EndReason, Platform} from "../../../contracts/types/Node.sol";
import {ALICE, BOB, CAROL, keyOf, PLATFORM, RegistryFixture} from "./RegistryFixture.sol";

/// @notice Renewals around takeovers. Under an unchanged tag a node's platform is not looked up, so whatever moves must show in the
/// node itself.
contract NodeRegistryTakeoverTagsTest is RegistryFixture {
    function setUp() public {
        _build();
    }

    function test_TheNewHolderRepelsUnderItsOldTag() external {
        _openTakeover();
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
        _openTakeover();
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
        _openTakeover();
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
        _openTakeover();
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
        _registry.exit(_incumbent, keyOf(_incumbent));
        // Before anybody challenges, and after.
        _attest(ALICE, _incumbent, PLATFORM);
        _challengeIncumbent();
        assertEq(_registry.getPlatform(PLATFORM).challengerId, _challenger, "challenger");
        _attest(ALICE, _incumbent, PLATFORM);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "repelled");
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.Exited, "reason");
    }
}
