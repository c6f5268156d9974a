// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EnclaveTerms, EndReason, VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    GOVERNOR,
    MAXIMUM_AGE,
    MR_ENCLAVE,
    OTHER_PLATFORM,
    PLATFORM,
    RegistryFixture,
    keyOf
} from "./RegistryFixture.sol";

/// @notice What grants and tasks ask of a node: its owner, what its first attestation fixed, what its enclave can answer for now.
contract NodeRegistryTermsTest is RegistryFixture {
    function setUp() public {
        _build();
    }

    /// @notice What rests on the age of a node's first quote must not be made young again, nor old by waiting unattested.
    function test_TheFirstAttestationsTimeStays() external {
        uint256 nodeId = _declare(ALICE);
        _assertAttestedAt(nodeId, 0, "declared");
        _pass(1 days);
        _assertAttestedAt(nodeId, 0, "still declared");
        _attest(ALICE, nodeId, PLATFORM);
        uint256 first = _time;
        _assertAttestedAt(nodeId, first, "attested");
        assertEq(_registry.getNode(nodeId).attestedAt, first, "stored");

        // Renewed, on another subject, by another verifier, after it lapsed, and by a node about to end.
        _pass(1 days);
        _attest(ALICE, nodeId, PLATFORM);
        _freshen();
        _attestOn(ALICE, nodeId, _quote(PLATFORM), keccak256("another subject"));
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.OnChain);
        _attest(ALICE, nodeId, PLATFORM);
        _pass(MAXIMUM_AGE);
        _attest(ALICE, nodeId, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(nodeId, keyOf(nodeId));
        _attest(ALICE, nodeId, PLATFORM);
        assertEq(_registry.getNode(nodeId).attestations, 6, "attestations");
        _assertAttestedAt(nodeId, first, "attested again");
        _passTo(_registry.endOf(nodeId));
        _assertAttestedAt(nodeId, first, "ended");
    }

    /// @notice None of a node's quotes may be forgotten while it can be disputed, whoever vouched for it.
    function test_TheLongestTimeOfDisputesCounts() external {
        uint256 nodeId = _declare(ALICE);
        _assertDisputeTime(nodeId, 0, "declared");
        uint24[4] memory times = [1 days, 2 days, 1 hours, 2 days + 1];
        uint24[4] memory longest = [1 days, 2 days, 2 days, 2 days + 1];
        for (uint256 i; i < times.length; ++i) {
            _verifier = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
            _verifier.setDisputeTime(times[i]);
            vm.prank(GOVERNOR);
            _registry.setVerifier(address(_verifier), VerifierKind.Quorum);
            _attest(ALICE, nodeId, PLATFORM);
            _assertDisputeTime(nodeId, longest[i], "one verifier more");
        }
    }

    /// @notice Who grants data compares it once, so it must never move, whatever becomes of the node.
    function test_TheFirstAttestationFixesTheIdentity() external {
        uint256 nodeId = _declare(ALICE);
        uint256 other = _declare(BOB);
        _assertIdentity(nodeId, 0, address(0), "declared");
        _attest(ALICE, nodeId, PLATFORM);
        _assertIdentity(nodeId, MR_ENCLAVE, keyOf(nodeId), "attested");
        _assertIdentity(other, 0, address(0), "another declared");
        _attest(BOB, other, OTHER_PLATFORM);
        _assertIdentity(other, MR_ENCLAVE, keyOf(other), "another attested");

        _freshen();
        _attestOn(ALICE, nodeId, _quote(PLATFORM), keccak256("another subject"));
        _assertIdentity(nodeId, MR_ENCLAVE, keyOf(nodeId), "attested again");
        _passTo(_registry.getNode(nodeId).validUntil);
        _assertIdentity(nodeId, MR_ENCLAVE, keyOf(nodeId), "lapsed");
        vm.prank(ALICE);
        _registry.exit(nodeId, keyOf(nodeId));
        _passTo(_registry.endOf(nodeId));
        _assertIdentity(nodeId, MR_ENCLAVE, keyOf(nodeId), "ended");
    }

    function test_TheProviderIsTheDeclarersForGood() external {
        uint256 nodeId = _declare(ALICE);
        uint256 other = _declare(BOB);
        assertEq(_registry.providerOf(nodeId), ALICE, "declared");
        assertEq(_registry.providerOf(other), BOB, "another");
        _attest(ALICE, nodeId, PLATFORM);
        assertEq(_registry.providerOf(nodeId), ALICE, "attested");
        vm.prank(ALICE);
        _registry.exit(nodeId, keyOf(nodeId));
        _passTo(_registry.endOf(nodeId));
        assertEq(_registry.providerOf(nodeId), ALICE, "ended");
    }

    /// @notice The key is there while the node is live, to the second; the rest is the newest attestation's and stays.
    function test_EnclaveTermsFollowTheAttestations() external {
        uint256 nodeId = _declare(ALICE);
        _assertEnclaveTerms(nodeId, address(0), VerifierKind.None, 0, "declared");
        _attest(ALICE, nodeId, PLATFORM);
        _assertEnclaveTerms(nodeId, keyOf(nodeId), VerifierKind.Quorum, 1, "attested");
        _attest(ALICE, nodeId, PLATFORM);
        _assertEnclaveTerms(nodeId, keyOf(nodeId), VerifierKind.Quorum, 2, "attested again");
        _passTo(_registry.getNode(nodeId).validUntil - 1);
        _assertEnclaveTerms(nodeId, keyOf(nodeId), VerifierKind.Quorum, 2, "to the second");
        _pass(1);
        _assertEnclaveTerms(nodeId, address(0), VerifierKind.Quorum, 2, "lapsed");

        // How the verifier is listed by now says nothing of a quote that it accepted before.
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.OnChain);
        _assertEnclaveTerms(nodeId, address(0), VerifierKind.Quorum, 2, "listed again");
        _attest(ALICE, nodeId, PLATFORM);
        _assertEnclaveTerms(nodeId, keyOf(nodeId), VerifierKind.OnChain, 3, "back, on chain");
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.None);
        _assertEnclaveTerms(nodeId, keyOf(nodeId), VerifierKind.OnChain, 3, "delisted");

        vm.prank(ALICE);
        _registry.exit(nodeId, keyOf(nodeId));
        _passTo(_registry.endOf(nodeId) - 1);
        _assertEnclaveTerms(nodeId, keyOf(nodeId), VerifierKind.OnChain, 3, "to its last second");
        _pass(1);
        _assertEnclaveTerms(nodeId, address(0), VerifierKind.OnChain, 3, "ended");
    }

    function test_ARevokedNodeHasNoKeyAtOnce() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 other = _node(BOB, OTHER_PLATFORM);
        _recheck(nodeId, PLATFORM, Standing.Revoked, TcbStatus.None);
        EnclaveTerms memory terms = _registry.enclaveTermsOf(nodeId);
        assertEq(terms.enclaveKey, address(0), "enclave key");
        assertEq(terms.provider, ALICE, "provider");
        assertEq(_registry.enclaveTermsOf(other).enclaveKey, keyOf(other), "another node's");
        assertEq(_registry.enclaveTermsOf(other).provider, BOB, "another node's provider");
    }

    function test_AChallengersKeyCountsFromTheTakeoverOn() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _pass(10 minutes);
        uint256 challenger = _node(BOB, PLATFORM);
        _passTo(_registry.getPlatform(PLATFORM).takeoverAt - 1);
        assertEq(_registry.enclaveTermsOf(nodeId).enclaveKey, keyOf(nodeId), "incumbent's before");
        assertEq(_registry.enclaveTermsOf(challenger).enclaveKey, address(0), "challenger's before");
        _pass(1);
        assertEq(_registry.enclaveTermsOf(nodeId).enclaveKey, address(0), "incumbent's after");
        assertEq(_registry.enclaveTermsOf(challenger).enclaveKey, keyOf(challenger), "challenger's after");
    }

    function test_ARefusedAttestationHasNoTime() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.tcbStatus = TcbStatus.Revoked;
        vm.expectPartialRevert(INodeRegistry.NodeRegistryStatusNotAccepted.selector);
        _attestWith(ALICE, nodeId, attestation);
        _assertAttestedAt(nodeId, 0, "attested at");
    }

    function test_RevertWhen_AnUnknownNodesFirstTimeIsAsked() external {
        _node(ALICE, PLATFORM);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 2));
        _registry.disputeTermsOf(2);
    }

    function test_RevertWhen_AnUnknownNodesOwnerIdentityOrTermsAreAsked() external {
        _node(ALICE, PLATFORM);
        uint256[2] memory unknown = [uint256(0), 2];
        for (uint256 i; i < unknown.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, unknown[i]);
            vm.expectRevert(reason);
            _registry.providerOf(unknown[i]);
            vm.expectRevert(reason);
            _registry.identityOf(unknown[i]);
            vm.expectRevert(reason);
            _registry.enclaveTermsOf(unknown[i]);
            vm.expectRevert(reason);
            _registry.standingOf(unknown[i]);
        }
    }

    /// @notice In as few reads as will do, all that decides whether a node's word counts.
    function test_StandingIsWhoseItIsWhyItEndsAndSinceWhenItIsSuspended() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _assertStanding(nodeId, EndReason.None, 0);
        _recheck(nodeId, PLATFORM, Standing.Revoked, TcbStatus.None);
        uint256 since = _time;
        _assertStanding(nodeId, EndReason.None, since);
        _pass(REVOCATION_DELAY);
        _recheck(nodeId, PLATFORM, Standing.Revoked, TcbStatus.None);
        _assertStanding(nodeId, EndReason.Revoked, since);
        _recheck(nodeId, PLATFORM, Standing.Holds, TcbStatus.UpToDate);
        _assertStanding(nodeId, EndReason.Revoked, 0);
    }

    function _assertStanding(uint256 nodeId, EndReason reason, uint256 since) private view {
        (address provider, EndReason actual, uint256 suspendedSince) = _registry.standingOf(nodeId);
        assertEq(provider, ALICE, "provider");
        assertEq(uint256(actual), uint256(reason), "reason");
        assertEq(suspendedSince, since, "since");
    }

    function _assertAttestedAt(uint256 nodeId, uint256 expected, string memory what) private view {
        (uint256 attestedAt, ) = _registry.disputeTermsOf(nodeId);
        assertEq(attestedAt, expected, what);
    }

    function _assertDisputeTime(uint256 nodeId, uint256 expected, string memory what) private view {
        (, uint256 disputeTime) = _registry.disputeTermsOf(nodeId);
        assertEq(disputeTime, expected, what);
    }

    function _assertIdentity(uint256 nodeId, bytes32 mrEnclave, address enclaveKey, string memory what) private view {
        (bytes32 actualMrEnclave, address actualKey) = _registry.identityOf(nodeId);
        assertEq(actualMrEnclave, mrEnclave, string.concat("measurement, ", what));
        assertEq(actualKey, enclaveKey, string.concat("enclave key, ", what));
    }

    /// @dev Of a node of Alice's.
    function _assertEnclaveTerms(
        uint256 nodeId,
        address enclaveKey,
        VerifierKind kind,
        uint256 attestations,
        string memory what
    ) private view {
        EnclaveTerms memory terms = _registry.enclaveTermsOf(nodeId);
        assertEq(terms.provider, ALICE, string.concat("provider, ", what));
        assertEq(terms.enclaveKey, enclaveKey, string.concat("enclave key, ", what));
        assertTrue(terms.verifierKind == kind, string.concat("verifier kind, ", what));
        assertEq(terms.attestations, attestations, string.concat("attestations, ", what));
    }
}
