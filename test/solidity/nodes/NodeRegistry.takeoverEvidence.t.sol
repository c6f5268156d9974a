// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    CAROL,
    GOVERNOR,
    LAUNCH,
    LAUNCH_MASK,
    MR_ENCLAVE,
    PLATFORM,
    RegistryFixture,
    keyOf
} from "./RegistryFixture.sol";

/// @notice What a takeover must show while the incumbent's attestation holds: evidence that is worth no less, and newer.
contract NodeRegistryTakeoverEvidenceTest is RegistryFixture {
    uint256 private constant DISPUTE_TIME = 3 days;

    MockVerifier private _chain;
    MockVerifier private _otherQuorum;

    function setUp() public {
        _build();
        _listVerifier(_verifier, VerifierKind.Quorum, DISPUTE_TIME);
        _chain = _list(VerifierKind.OnChain);
        _otherQuorum = _list(VerifierKind.Quorum);
        _listVerifier(_otherQuorum, VerifierKind.Quorum, DISPUTE_TIME + 1 days);
        _pass(1 days);
    }

    function _list(VerifierKind kind) private returns (MockVerifier verifier) {
        verifier = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(verifier), kind);
    }

    /// @dev Attests by a verifier, with the quote that names a block. One call to the registry, so that it may follow an expectation.
    function _attestAt(MockVerifier verifier, address provider, uint256 nodeId, uint256 height) private {
        bytes memory evidence = abi.encode(_quote(PLATFORM), SUBJECT);
        vm.prank(provider);
        _registry.attest(nodeId, address(verifier), keyOf(nodeId), height, evidence);
    }

    function _incumbentBy(MockVerifier verifier) private {
        _incumbent = _declare(ALICE);
        _challenger = _declare(BOB);
        _freshen();
        _attestAt(verifier, ALICE, _incumbent, _height - 1);
        _pass(10 minutes);
        _freshen();
    }

    function _expectRefusal(MockVerifier verifier) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                INodeRegistry.NodeRegistryTakeoverVerifier.selector,
                PLATFORM,
                _incumbent,
                address(verifier)
            )
        );
        _attestAt(verifier, BOB, _challenger, _height - 1);
    }

    function _openBy(MockVerifier verifier) private returns (uint256 takeoverAt) {
        _attestAt(verifier, BOB, _challenger, _height - 1);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, _challenger, "challenger");
        return _registry.getPlatform(PLATFORM).takeoverAt;
    }

    // By which verifier

    function test_RevertWhen_AQuorumTakesFromTheChain() external {
        _incumbentBy(_chain);
        _expectRefusal(_verifier);
        _openBy(_chain);
    }

    function test_RevertWhen_TheVerifierWasListedLater() external {
        _incumbentBy(_verifier);
        VerifierKind[2] memory kinds = [VerifierKind.OnChain, VerifierKind.Quorum];
        for (uint256 i = 0; i < 2; ++i) {
            MockVerifier late = _list(kinds[i]);
            _pass(1 hours);
            // Renewing does not make it an older one.
            _freshen();
            _attestAt(_verifier, ALICE, _incumbent, _height - 1);
            _freshen();
            _expectRefusal(late);
        }
    }

    /// @notice Not even in the second in which it was listed.
    function test_RevertWhen_TheVerifierWasListedWithTheAttestation() external {
        _incumbent = _declare(ALICE);
        _challenger = _declare(BOB);
        _freshen();
        MockVerifier late = _list(VerifierKind.OnChain);
        _attestAt(_verifier, ALICE, _incumbent, _height - 1);
        _pass(1 days);
        _freshen();
        _expectRefusal(late);
    }

    function test_AStrongerVerifierThatTheIncumbentCouldKnowTakesOver() external {
        _incumbentBy(_verifier);
        assertEq(_openBy(_chain), _exitAt(), "takeover at");
    }

    function test_SoDoesAnotherOfTheSameKind() external {
        _incumbentBy(_verifier);
        assertEq(_openBy(_otherQuorum), _time + DISPUTE_TIME + 1 days, "takeover at");
    }

    /// @notice A verifier that is listed as something stronger than before is as late as that listing.
    function test_RevertWhen_TheVerifierWasAQuorumBefore() external {
        _incumbentBy(_verifier);
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_otherQuorum), VerifierKind.OnChain);
        _pass(1);
        _freshen();
        _expectRefusal(_otherQuorum);
    }

    /// @notice Nor does it help that it was listed long before, if it was gone in between.
    function test_RevertWhen_TheVerifierWasListedAgainLater() external {
        _incumbentBy(_verifier);
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_chain), VerifierKind.OnChain);
        uint256 before = vm.snapshotState();
        _openBy(_chain);
        assertTrue(vm.revertToState(before), "listing it while it is listed changes nothing");

        vm.startPrank(GOVERNOR);
        _registry.setVerifier(address(_chain), VerifierKind.None);
        _registry.setVerifier(address(_chain), VerifierKind.OnChain);
        vm.stopPrank();
        _expectRefusal(_chain);
    }

    // How long it takes

    function test_AQuorumsTakeoverWaitsUntilItIsBeyondDispute() external {
        _incumbentBy(_verifier);
        uint256 takeoverAt = _openBy(_verifier);
        assertEq(takeoverAt, _time + DISPUTE_TIME, "takeover at");
        _passTo(takeoverAt - 1);
        _checkLive(_incumbent);
        _checkNotLive(_challenger);
        _pass(1);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
    }

    /// @notice Meanwhile the quote can be demanded, and a challenger whose quote is false or withheld takes nothing.
    function test_AMadeUpQuoteTakesNothing() external {
        Standing[2] memory standings = [Standing.Disproven, Standing.Withheld];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            _incumbentBy(_verifier);
            (_challengerQuote, _challengerBinding) = _attestBound(BOB, _challenger, PLATFORM);
            uint256 takeoverAt = _registry.getPlatform(PLATFORM).takeoverAt;
            _pass(1 days + 1);
            _dispute(_challenger, _challengerQuote, _challengerBinding, standings[i]);
            _passTo(takeoverAt);
            _checkLive(_incumbent);
            _checkNotLive(_challenger);
            vm.revertToState(before);
        }
    }

    /// @notice Or it could open the takeover by a quote that nobody can dispute any more.
    function test_RevertWhen_AWaitingChallengerChangesItsVerifier() external {
        _incumbentBy(_verifier);
        uint256 takeoverAt = _openBy(_verifier);
        _freshen();
        _expectRefusal(_otherQuorum);
        _expectRefusal(_chain);
        _attestAt(_verifier, BOB, _challenger, _height - 1);
        assertEq(_registry.getPlatform(PLATFORM).takeoverAt, takeoverAt, "takeover at");
        // Once it holds the platform it may.
        _passTo(takeoverAt);
        _freshen();
        _attestAt(_chain, BOB, _challenger, _height - 1);
        _checkLive(_challenger);
    }

    function test_AnExitDuringALongTakeoverComesFirst() external {
        _incumbentBy(_verifier);
        uint256 takeoverAt = _openBy(_verifier);
        vm.prank(ALICE);
        _registry.exit(_incumbent, keyOf(_incumbent));
        uint256 end = _exitAt();
        assertEq(_registry.endOf(_incumbent), end, "incumbent's end");
        _passTo(end);
        _checkNotLive(_incumbent);
        _checkNotLive(_challenger);
        _passTo(takeoverAt);
        _checkLive(_challenger);
    }

    function test_RevertGiven_ATakeoverRunsForLongerThanADay() external {
        _incumbentBy(_verifier);
        uint256 takeoverAt = _openBy(_verifier);
        uint256 third = _declare(CAROL);
        uint256[2] memory times = [_time + 1 days + 1, takeoverAt - 1];
        for (uint256 i = 0; i < 2; ++i) {
            _passTo(times[i]);
            _freshen();
            vm.expectRevert(
                abi.encodeWithSelector(INodeRegistry.NodeRegistryTakeoverTooSoon.selector, PLATFORM, takeoverAt)
            );
            _attestAt(_verifier, CAROL, third, _height - 1);
        }
        _passTo(takeoverAt);
        _checkLive(_challenger);
        _checkNotLive(_incumbent);
    }

    /// @notice With any length of epochs a takeover ends the incumbent no sooner than an exit would, and never within half an hour.
    function testFuzz_NoTakeoverEndsANodeSoonerThanAnExit(uint256 epoch, uint256 offset) external {
        uint256 length = bound(epoch, 60, 1 days);
        _epoch = uint40(length);
        _registry = _deployRegistry(TREASURY, _parameters(), _policy());
        vm.startPrank(GOVERNOR);
        _registry.setVerifier(address(_chain), VerifierKind.OnChain);
        _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK);
        vm.stopPrank();
        address[2] memory accounts = [ALICE, BOB];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(accounts[i]);
            _vault.allow(address(_registry), 1e24);
        }
        _pass(bound(offset, 1, 2 days));
        _incumbentBy(_chain);
        uint256 takeoverAt = _openBy(_chain);
        uint256 exitAt = _exitAt();
        assertEq(takeoverAt, exitAt < _time + 30 minutes ? _time + 30 minutes : exitAt, "takeover at");
        assertEq(_registry.endOf(_incumbent), takeoverAt, "incumbent's end");
    }

    // How new the quote is

    function test_RevertWhen_TheQuoteIsNoNewer() external {
        _incumbent = _declare(ALICE);
        _challenger = _declare(BOB);
        _freshen();
        uint256 first = _height - 1;
        _pass(1 minutes);
        _pass(1 minutes);
        uint256 newest = _height - 1;
        _attestAt(_chain, ALICE, _incumbent, newest);
        _pass(0);
        for (uint256 height = first; height <= newest; ++height) {
            vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryOlderQuote.selector, height, _incumbent));
            _attestAt(_chain, BOB, _challenger, height);
        }
        _attestAt(_chain, BOB, _challenger, newest + 1);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, _challenger, "challenger");
    }

    /// @notice Of the incumbent's block 16 bits are known. Where these come round again, a quote of a later block helps.
    function test_TheBlockAfterHelpsWhereBlockNumbersComeRound() external {
        _incumbentBy(_chain);
        uint256 quoted = _height - 3;
        assertEq(_registry.getNode(_incumbent).quoteBlock, quoted % 65_536, "quoted");
        _height = quoted + 65_536;
        _pass(0);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryOlderQuote.selector, _height - 1, _incumbent));
        _attestAt(_chain, BOB, _challenger, _height - 1);
        _pass(0);
        _openBy(_chain);
    }

    // Incumbents that are not live

    function test_ALapsedIncumbentIsWorthNothing() external {
        _incumbentBy(_chain);
        _passTo(_registry.getNode(_incumbent).validUntil);
        _freshen();
        assertEq(_openBy(_verifier), _exitAt(), "takeover at");
    }

    /// @notice A suspension may be lifted, so it weakens nobody's claim, and leaves the time that it takes.
    function test_ASuspendedIncumbentIsTreatedLikeALiveOne() external {
        _incumbentBy(_chain);
        _recheck(_incumbent, PLATFORM, Standing.Revoked, TcbStatus.None);
        (, uint256 endableAt) = _registry.suspensionOf(_incumbent);
        _pass(1 hours);
        _freshen();
        _expectRefusal(_verifier);
        uint256 takeoverAt = _openBy(_chain);
        assertEq(takeoverAt, (endableAt / EPOCH + 2) * EPOCH, "takeover at");
        _freshen();
        _attestAt(_chain, ALICE, _incumbent, _height - 1);
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "repelled");
        _checkLive(_incumbent);
        assertTrue(_registry.getNode(_incumbent).endReason == EndReason.None, "reason");
    }
}
