// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    GOVERNOR,
    LAUNCH,
    LAUNCH_MASK,
    OTHER_PLATFORM,
    PLATFORM,
    RegistryFixture,
    STRANGER,
    keyOf
} from "./RegistryFixture.sol";

/// @notice Judging nodes again by newer collateral: what that ends, what it leaves alone, and which subject it must be about.
contract NodeRegistryRecheckTest is RegistryFixture {
    bytes32 private constant OTHER_SUBJECT = keccak256("other subject");

    uint256 private _nodeId;

    function setUp() public {
        _build();
    }

    function _attested() private {
        _nodeId = _node(ALICE, PLATFORM);
        _pass(1 hours);
    }

    function _judge(Standing standing, TcbStatus tcbStatus) private returns (Standing) {
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeRechecked(_nodeId, standing, tcbStatus);
        vm.prank(STRANGER);
        return _recheck(_nodeId, PLATFORM, standing, tcbStatus);
    }

    function _nodeHash() private view returns (bytes32) {
        return keccak256(abi.encode(_registry.getNode(_nodeId)));
    }

    function test_AWorseStatusStopsNewOrdersOnly() external {
        _attested();
        assertTrue(_judge(Standing.Holds, TcbStatus.ConfigurationNeeded) == Standing.Holds, "standing");
        assertTrue(_registry.getNode(_nodeId).tcbStatus == TcbStatus.ConfigurationNeeded, "status");
        assertTrue(!_registry.orderTermsOf(_nodeId).open, "open");
        assertTrue(_registry.isLive(_nodeId), "live");
        assertEq(_registry.endOf(_nodeId), FOREVER, "end");

        _judge(Standing.Holds, TcbStatus.OutOfDate);
        assertTrue(_registry.orderTermsOf(_nodeId).open, "open under an accepted status");
    }

    function test_HoldsWithoutAStatusKeepsTheStatus() external {
        _attested();
        bytes32 before = _nodeHash();
        _judge(Standing.Holds, TcbStatus.None);
        assertEq(_nodeHash(), before, "node");
    }

    function test_RevokedSuspendsAndOnlyLaterEnds() external {
        _attested();
        uint256 endableAt = _time + REVOCATION_DELAY;
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeRechecked(_nodeId, Standing.Revoked, TcbStatus.None);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeSuspended(_nodeId, endableAt);
        assertTrue(_recheck(_nodeId, PLATFORM, Standing.Revoked, TcbStatus.None) == Standing.Revoked, "standing");
        _passTo(endableAt - 1);
        _judge(Standing.Revoked, TcbStatus.None);
        assertEq(_registry.endOf(_nodeId), FOREVER, "end within the delay");

        _pass(1);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeEnded(_nodeId, EndReason.Revoked, _time);
        _recheck(_nodeId, PLATFORM, Standing.Revoked, TcbStatus.None);
        assertEq(_registry.endOf(_nodeId), _time, "end");
        assertTrue(_registry.getNode(_nodeId).endReason == EndReason.Revoked, "reason");
        assertEq(_lockedOf(ALICE), STAKE, "locked");

        // It ends once.
        uint256 endedAt = _time;
        _pass(1 days);
        _judge(Standing.Revoked, TcbStatus.None);
        assertEq(_registry.endOf(_nodeId), endedAt, "end later");
    }

    function test_AllElseChangesNothing() external {
        _attested();
        bytes32 before = _nodeHash();
        Standing[3] memory standings = [Standing.Undecided, Standing.Disproven, Standing.Withheld];
        for (uint256 i = 0; i < standings.length; ++i) {
            _judge(standings[i], TcbStatus.OutOfDate);
            assertEq(_nodeHash(), before, "node");
        }
        assertEq(_lockedOf(ALICE), STAKE, "locked");
    }

    function test_ARevokedChallengerTakesNothing() external {
        _attested();
        uint256 challenger = _node(BOB, PLATFORM);
        _recheck(challenger, PLATFORM, Standing.Revoked, TcbStatus.None);
        assertEq(_registry.endOf(challenger), FOREVER, "challenger's end");
        assertEq(_registry.endOf(_nodeId), FOREVER, "incumbent's end");
        assertEq(_registry.getPlatform(PLATFORM).challengerId, 0, "challenger");
        // Not even once the suspension is lifted.
        _recheck(challenger, PLATFORM, Standing.Holds, TcbStatus.UpToDate);
        _pass(2 * EPOCH);
        _checkNotLive(challenger);
        _checkLive(_nodeId);
    }

    function test_OnlyTheNewestAttestationCounts() external {
        _attested();
        _freshen();
        _attestOn(ALICE, _nodeId, _quote(PLATFORM), OTHER_SUBJECT);
        _expectWrongSubject(PLATFORM, SUBJECT);
        _recheck(_nodeId, PLATFORM, Standing.Revoked, TcbStatus.None);
        _registry.recheck(_nodeId, LAUNCH, abi.encode(PLATFORM, OTHER_SUBJECT, Standing.Holds, TcbStatus.OutOfDate));
        assertTrue(_registry.getNode(_nodeId).tcbStatus == TcbStatus.OutOfDate, "status");
    }

    function test_TheVerifierOfTheNewestAttestationIsAsked() external {
        _attested();
        MockVerifier other = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
        vm.startPrank(GOVERNOR);
        _registry.setVerifier(address(other), VerifierKind.OnChain);
        _registry.setVerifier(address(_verifier), VerifierKind.None);
        vm.stopPrank();
        vm.mockCallRevert(address(other), abi.encodePacked(MockVerifier.recheck.selector), "not asked");
        // A delisted verifier still judges what it accepted.
        _judge(Standing.Holds, TcbStatus.OutOfDate);

        vm.clearMockedCalls();
        _freshen();
        bytes memory evidence = abi.encode(_quote(PLATFORM), SUBJECT);
        vm.prank(ALICE);
        _registry.attest(_nodeId, address(other), keyOf(_nodeId), _height - 1, evidence);
        vm.mockCallRevert(address(_verifier), abi.encodePacked(MockVerifier.recheck.selector), "not asked");
        _judge(Standing.Holds, TcbStatus.OutOfDate);
    }

    function testFuzz_RevertWhen_TheSubjectIsNotTheNodes(bytes32 platformId, bytes32 subject) external {
        vm.assume(platformId != PLATFORM || subject != SUBJECT);
        _attested();
        _expectWrongSubject(platformId, subject);
        _registry.recheck(_nodeId, LAUNCH, abi.encode(platformId, subject, Standing.Revoked, TcbStatus.None));
    }

    function test_RevertWhen_TheSubjectIsAnotherEnclaves() external {
        vm.prank(GOVERNOR);
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, LAUNCH, LAUNCH_MASK);
        _attested();
        uint256 other = _declare(BOB);
        _freshen();
        Attestation memory attestation = _quote(OTHER_PLATFORM);
        attestation.mrEnclave = keccak256("other enclave");
        _attestWith(BOB, other, attestation);
        assertTrue(_registry.getNode(other).tag != _registry.getNode(_nodeId).tag, "tags");
        _expectWrongSubject(OTHER_PLATFORM, SUBJECT);
        _recheck(_nodeId, OTHER_PLATFORM, Standing.Revoked, TcbStatus.None);
    }

    function test_RevertWhen_NodeIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 1));
        _registry.recheck(1, LAUNCH, "");
    }

    function test_RevertGiven_NeverAttested() external {
        _nodeId = _declare(ALICE);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryNotAttested.selector, _nodeId));
        _registry.recheck(_nodeId, LAUNCH, "");
    }

    function test_RevertWhen_TheVerifierReverts() external {
        _attested();
        vm.mockCallRevert(address(_verifier), abi.encodePacked(MockVerifier.recheck.selector), "no");
        vm.expectRevert("no");
        _registry.recheck(_nodeId, LAUNCH, "");
    }

    function _expectWrongSubject(bytes32 platformId, bytes32 subject) private {
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryWrongSubject.selector, _nodeId, platformId, subject)
        );
    }
}
