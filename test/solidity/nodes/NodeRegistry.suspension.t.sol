// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    GOVERNOR,
    keyOf,
    LAUNCH,
    LAUNCH_MASK,
    MR_ENCLAVE,
    PLATFORM,
    RegistryFixture
} from "./RegistryFixture.sol";

/// @notice What Intel revokes and then takes back: the node is suspended meanwhile, and what that excuses is counted.
contract NodeRegistrySuspensionTest is RegistryFixture {
    uint256 private _nodeId;

    function setUp() public {
        _build();
        _passTo((_time / EPOCH + 1) * EPOCH);
        _nodeId = _node(ALICE, PLATFORM);
    }

    function _revoke() private {
        _recheck(_nodeId, PLATFORM, Standing.Revoked, TcbStatus.None);
    }

    function _lift() private {
        _recheck(_nodeId, PLATFORM, Standing.Holds, TcbStatus.UpToDate);
    }

    // What a suspension stops, and what lifts it

    function test_ASuspendedNodeIsNotLiveAndTakesNothingOn() external {
        _revoke();
        _checkNotLive(_nodeId);
        (address enclaveKey, uint256 requiredRate) = _registry.proofTermsOf(_nodeId);
        assertEq(enclaveKey, address(0), "key for proofs");
        assertTrue(requiredRate != 0, "required rate");
        assertEq(_registry.enclaveTermsOf(_nodeId).enclaveKey, address(0), "key for results");
        assertTrue(!_registry.orderTermsOf(_nodeId).open, "open");
        assertEq(_registry.endOf(_nodeId), FOREVER, "end");
        assertEq(_lockedOf(ALICE), STAKE, "stake");
        (uint256 since, uint256 endableAt) = _registry.suspensionOf(_nodeId);
        assertEq(since, _time, "since");
        assertEq(endableAt, _time + REVOCATION_DELAY, "endable at");
    }

    function test_ALaterRecheckLiftsIt() external {
        _revoke();
        _pass(3 hours);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.SuspensionLifted(_nodeId);
        _recheck(_nodeId, PLATFORM, Standing.Holds, TcbStatus.OutOfDate);
        _checkLive(_nodeId);
        assertTrue(_registry.getNode(_nodeId).tcbStatus == TcbStatus.OutOfDate, "status");
        (uint256 since, uint256 endableAt) = _registry.suspensionOf(_nodeId);
        assertEq(since + endableAt, 0, "suspension");
    }

    function test_ARecheckWithoutAStatusBringsTheFormerBack() external {
        _recheck(_nodeId, PLATFORM, Standing.Holds, TcbStatus.OutOfDate);
        _revoke();
        _recheck(_nodeId, PLATFORM, Standing.Holds, TcbStatus.None);
        assertTrue(_registry.getNode(_nodeId).tcbStatus == TcbStatus.OutOfDate, "status");
        _checkLive(_nodeId);
    }

    function test_ANewAttestationLiftsIt() external {
        _revoke();
        _pass(3 hours);
        _freshen();
        vm.expectEmit(address(_registry));
        emit INodeRegistry.SuspensionLifted(_nodeId);
        _attestWith(ALICE, _nodeId, _quote(PLATFORM));
        _checkLive(_nodeId);
        assertTrue(_registry.orderTermsOf(_nodeId).open, "open");
        assertTrue(_registry.suspendedEpochs(_nodeId, _time / EPOCH / 192) != 0, "excused");
    }

    function test_UndecidedLiftsNothing() external {
        _revoke();
        _pass(3 hours);
        _recheck(_nodeId, PLATFORM, Standing.Undecided, TcbStatus.UpToDate);
        _checkNotLive(_nodeId);
        (uint256 since, ) = _registry.suspensionOf(_nodeId);
        assertEq(since, _time - 3 hours, "since");
    }

    function test_HoldsWithARevokedStatusIsRevoked() external {
        _recheck(_nodeId, PLATFORM, Standing.Holds, TcbStatus.Revoked);
        (uint256 since, ) = _registry.suspensionOf(_nodeId);
        assertEq(since, _time, "since");
        _passTo(_time + REVOCATION_DELAY);
        _recheck(_nodeId, PLATFORM, Standing.Holds, TcbStatus.Revoked);
        assertTrue(_registry.getNode(_nodeId).endReason == EndReason.Revoked, "reason");
    }

    /// @notice A second suspension waits its own delay.
    function test_EachSuspensionHasItsDelay() external {
        _revoke();
        _pass(REVOCATION_DELAY - 1 hours);
        _lift();
        _pass(1 hours);
        _revoke();
        _pass(REVOCATION_DELAY - 1);
        _revoke();
        assertEq(_registry.endOf(_nodeId), FOREVER, "end");
        _pass(1);
        _revoke();
        assertEq(_registry.endOf(_nodeId), _time, "end after its delay");
    }

    // Exits and stake

    function test_ANodeMayExitWhileSuspended() external {
        _revoke();
        vm.prank(ALICE);
        _registry.exit(_nodeId, keyOf(_nodeId));
        uint256 end = _registry.endOf(_nodeId);
        _passTo(end + RELEASE_DELAY);
        _registry.release(_nodeId);
        assertEq(_lockedOf(ALICE), 0, "locked");
    }

    /// @notice Its mark stays, for what it has signed counts no more than before; and goes once Intel takes it back.
    function test_AnEndedNodeIsMarkedAndUnmarked() external {
        vm.prank(ALICE);
        _registry.exit(_nodeId, keyOf(_nodeId));
        uint256 end = _registry.endOf(_nodeId);
        _passTo(end + 1 hours);
        _revoke();
        _pass(REVOCATION_DELAY);
        _revoke();
        assertEq(_registry.endOf(_nodeId), end, "end");
        assertTrue(_registry.getNode(_nodeId).endReason == EndReason.Exited, "reason");
        (uint256 since, ) = _registry.suspensionOf(_nodeId);
        assertEq(since, end + 1 hours, "since");
        _lift();
        (since, ) = _registry.suspensionOf(_nodeId);
        assertEq(since, 0, "lifted");
        _checkNotLive(_nodeId);
    }

    /// @notice The stake of whoever exits at once is there for longer than the delay takes.
    function test_StakeOutlastsTheDelay() external {
        _revoke();
        vm.prank(ALICE);
        _registry.exit(_nodeId, keyOf(_nodeId));
        (, uint256 endableAt) = _registry.suspensionOf(_nodeId);
        _passTo(endableAt + 1);
        vm.expectPartialRevert(INodeRegistry.NodeRegistryStillLocked.selector);
        _registry.release(_nodeId);
    }

    // What it excuses

    function test_EpochsOfARunningSuspensionAreExcusedUpToTheDelay() external {
        uint256 since = _time;
        _revoke();
        assertEq(_excused(since / EPOCH), 0, "not yet a second");
        _pass(1);
        assertEq(_excused(since / EPOCH), 1, "its first epoch");
        assertEq(_excused(since / EPOCH + 1), 0, "the next epoch");
        _passTo(since + REVOCATION_DELAY + 5 * EPOCH);
        uint256 last = (since + REVOCATION_DELAY - 1) / EPOCH;
        assertEq(_excused(last), 1, "the last epoch");
        assertEq(_excused(last + 1), 0, "beyond the delay");
        assertEq(_excused(since / EPOCH - 1), 0, "before");
        _lift();
        assertEq(_excused(last), 1, "the last epoch, lifted");
        assertEq(_excused(last + 1), 0, "beyond the delay, lifted");
    }

    function test_SuspensionsAddUp() external {
        uint256 start = _time;
        _revoke();
        _pass(2 hours);
        _lift();
        _pass(10 hours);
        _revoke();
        _pass(30 minutes);
        assertEq(_registry.suspendedSeconds(_nodeId, start), 2 hours + 30 minutes, "one lifted, one running");
        _lift();
        _pass(1 days);
        _revoke();
        _pass(REVOCATION_DELAY + 1 days);
        uint256 all = 2 hours + 30 minutes + REVOCATION_DELAY;
        assertEq(_registry.suspendedSeconds(_nodeId, start), all, "up to the delay");
        _lift();
        assertEq(_registry.suspendedSeconds(_nodeId, start), all, "the same when lifted");
        assertEq(_registry.suspendedSeconds(_nodeId, start + 30 minutes), all - 30 minutes, "from within the first");
        assertEq(_registry.suspendedSeconds(_nodeId, start + 2 hours), all - 2 hours, "after the first");
        assertEq(_registry.suspendedSeconds(_nodeId, _time), 0, "from now on");
        assertEq(_excused(start / EPOCH) + _excused(start / EPOCH + 1), 2, "first");
        assertEq(_excused(start / EPOCH + 2), 0, "between");
        assertEq(_excused((start + 12 hours) / EPOCH), 1, "second");
    }

    function test_AnUnknownNodeWasNeverSuspended() external {
        assertEq(_registry.suspendedEpochs(99, type(uint256).max), 0, "epochs");
        assertEq(_registry.suspendedSeconds(99, 0), 0, "seconds");
        (uint256 since, ) = _registry.suspensionOf(99);
        assertEq(since, 0, "since");
        _revoke();
        _pass(1);
        assertEq(_registry.suspendedEpochs(_nodeId, type(uint256).max), 0, "a word that never comes");
    }

    /// @notice The words of suspensions, running or lifted, against a walk over epochs, with epochs of a minute, an hour and a day.
    function testFuzz_WordsTellWhatIsExcused(uint256 seed, uint256[4] calldata spans) external {
        uint40[3] memory lengths = [uint40(60), EPOCH, 1 days];
        uint256 length = lengths[seed % 3];
        _rebuild(uint40(length));
        uint256[2][2] memory times;
        for (uint256 i = 0; i < 2; ++i) {
            _pass(bound(spans[2 * i], 0, 2 days));
            uint256 since = _time;
            _revoke();
            _pass(bound(spans[2 * i + 1], 0, REVOCATION_DELAY + 1 days));
            times[i] = [since, since + REVOCATION_DELAY < _time ? since + REVOCATION_DELAY : _time];
            // The last one may still run.
            if (i == 0 || seed % 2 == 0) _lift();
        }
        for (uint256 word = times[0][0] / length / 192; word <= _time / length / 192; ++word) {
            uint256 expected;
            for (uint256 i = 0; i < 192; ++i) {
                uint256 begin = (word * 192 + i) * length;
                if (_overlaps(times[0], begin, length) || _overlaps(times[1], begin, length)) expected |= 1 << i;
            }
            assertEq(_registry.suspendedEpochs(_nodeId, word), expected, "word");
        }
    }

    /// @notice What was said of an epoch that is over stays, whenever somebody asks.
    function testFuzz_WhatIsOverNeverChanges(uint256 first, uint256 second, bool lifts) external {
        uint256 word = _time / EPOCH / 192;
        _pass(bound(first, 0, 1 days));
        _revoke();
        _pass(bound(second, 0, 3 days));
        uint256 over = (uint256(1) << (_time / EPOCH - word * 192 < 192 ? _time / EPOCH - word * 192 : 192)) - 1;
        uint256 before = _registry.suspendedEpochs(_nodeId, word) & over;
        if (lifts) _lift();
        else _revoke();
        _pass(5 days);
        assertEq(_registry.suspendedEpochs(_nodeId, word) & over, before, "epochs that were over");
    }

    function _excused(uint256 epoch) private view returns (uint256) {
        return (_registry.suspendedEpochs(_nodeId, epoch / 192) >> (epoch % 192)) & 1;
    }

    function _overlaps(uint256[2] memory time, uint256 begin, uint256 length) private pure returns (bool) {
        return time[0] < time[1] && time[0] < begin + length && begin < time[1];
    }

    /// @dev A registry of its own with another length of epochs, and the node in it.
    function _rebuild(uint40 epochLength) private {
        INodeRegistry.Parameters memory parameters = _parameters();
        parameters.epochLength = epochLength;
        _registry = _deployRegistry(TREASURY, parameters, _policy());
        vm.startPrank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.Quorum);
        _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK);
        vm.stopPrank();
        vm.prank(ALICE);
        _vault.allow(address(_registry), 1e24);
        _nodeId = _node(ALICE, PLATFORM);
    }
}
