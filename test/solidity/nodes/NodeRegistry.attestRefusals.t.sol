// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    GOVERNOR,
    LAUNCH,
    LAUNCH_MASK,
    MR_ENCLAVE,
    OTHER_PLATFORM,
    PLATFORM,
    RegistryFixture,
    keyOf
} from "./RegistryFixture.sol";

/// @notice Which attestations the registry refuses.
contract NodeRegistryAttestRefusalsTest is RegistryFixture {
    function setUp() public {
        _build();
    }

    function test_RevertWhen_AttestationHasLapsed() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.validUntil = uint64(_time);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryLapsed.selector, _time));
        _attestWith(ALICE, nodeId, attestation);
    }

    function test_RevertWhen_NodeIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 1));
        _attestWith(ALICE, 1, _quote(PLATFORM));
    }

    function test_RevertWhen_CallerIsNotTheProvider() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnauthorized.selector, nodeId, BOB));
        _attestWith(BOB, nodeId, _quote(PLATFORM));
    }

    function test_PausingStopsFirstAttestationsOnly() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 newId = _declare(BOB);
        vm.prank(GOVERNOR);
        _registry.setPaused(true);
        _attest(ALICE, nodeId, PLATFORM);

        _freshen();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryPaused.selector));
        _attestWith(BOB, newId, _quote(OTHER_PLATFORM));
        vm.prank(GOVERNOR);
        _registry.setPaused(false);
        _attest(BOB, newId, OTHER_PLATFORM);
    }

    function test_RevertGiven_NodeHasEnded() external {
        uint256 nodeId = _declare(ALICE);
        vm.prank(ALICE);
        _registry.exit(nodeId, address(0));
        uint256 ended = _time;
        _freshen();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryEnded.selector, nodeId, ended));
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
    }

    function test_RevertWhen_VerifierIsNotListed() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        bytes memory evidence = abi.encode(_quote(PLATFORM), SUBJECT);
        bytes memory unknown = abi.encodeWithSelector(
            INodeRegistry.NodeRegistryUnknownVerifier.selector,
            address(this)
        );
        vm.expectRevert(unknown);
        vm.prank(ALICE);
        _registry.attest(nodeId, address(this), keyOf(nodeId), _height - 1, evidence);

        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.None);
        vm.expectPartialRevert(INodeRegistry.NodeRegistryUnknownVerifier.selector);
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
    }

    function test_RevertWhen_EnclaveKeyIsZero() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        _expectWrongKey(nodeId, address(0), address(0));
    }

    function test_RevertWhen_EnclaveKeyIsAnother() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _freshen();
        _expectWrongKey(nodeId, keyOf(nodeId), address(0));
        _expectWrongKey(nodeId, keyOf(nodeId), BOB);
    }

    function test_RevertWhen_MeasurementIsAnother() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.prank(GOVERNOR);
        _registry.allowEnclave(keccak256("other enclave"), LAUNCH, LAUNCH_MASK);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.mrEnclave = keccak256("other enclave");
        vm.expectRevert(
            abi.encodeWithSelector(
                INodeRegistry.NodeRegistryWrongMeasurement.selector,
                nodeId,
                MR_ENCLAVE,
                attestation.mrEnclave
            )
        );
        _attestWith(ALICE, nodeId, attestation);
    }

    function test_RevertWhen_TheMeasurementIsAnotherOnAnotherSubject() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.prank(GOVERNOR);
        _registry.allowEnclave(keccak256("other enclave"), LAUNCH, LAUNCH_MASK);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.mrEnclave = keccak256("other enclave");
        vm.expectPartialRevert(INodeRegistry.NodeRegistryWrongMeasurement.selector);
        _attestOn(ALICE, nodeId, attestation, keccak256("another subject"));
    }

    function test_RevertWhen_PlatformIsAnother() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryWrongPlatform.selector, nodeId, OTHER_PLATFORM)
        );
        _attestWith(ALICE, nodeId, _quote(OTHER_PLATFORM));
        // Nor one that another node holds.
        _node(BOB, OTHER_PLATFORM);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryWrongPlatform.selector, nodeId, OTHER_PLATFORM)
        );
        _attestWith(ALICE, nodeId, _quote(OTHER_PLATFORM));
    }

    function test_RevertWhen_StatusIsNotAccepted() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        for (uint256 i = 0; i <= uint256(TcbStatus.Revoked); ++i) {
            Attestation memory attestation = _quote(PLATFORM);
            attestation.tcbStatus = TcbStatus(i);
            if ((ACCEPTED >> i) & 1 == 0) {
                vm.expectRevert(
                    abi.encodeWithSelector(INodeRegistry.NodeRegistryStatusNotAccepted.selector, attestation.tcbStatus)
                );
            }
            _attestWith(ALICE, nodeId, attestation);
        }
        assertEq(_registry.getNode(nodeId).attestations, 2, "accepted");
    }

    function test_RevertWhen_TheVerifierReverts() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        uint256 nonce = _registry.nonceOf(nodeId);
        vm.mockCallRevert(address(_verifier), abi.encodeWithSelector(_verifier.verify.selector), "no");
        vm.expectRevert("no");
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
        vm.clearMockedCalls();
        assertEq(_registry.nonceOf(nodeId), nonce, "nonce");
    }

    function test_AUsedReportDataIsGone() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        bytes32 first = _registry.reportDataOf(ALICE, keyOf(nodeId), _nextBinding(nodeId));
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
        Attestation memory attestation = _quote(PLATFORM);
        _attestWith(ALICE, nodeId, attestation);
        bytes32 second = _verifier.reportDataOf(address(_registry), attestation.quoteHash);
        assertTrue(first != second, "report data in the same block");
    }

    /// @notice Orders that demand verification on chain look at it when they open, so it must not be taken back behind them.
    function test_RevertGiven_TheNodeWasVerifiedOnChain() external {
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.OnChain);
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.Quorum);
        _freshen();
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryWeakerVerifier.selector, nodeId, address(_verifier))
        );
        _attestWith(ALICE, nodeId, _quote(PLATFORM));

        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.OnChain);
        _attest(ALICE, nodeId, PLATFORM);
        assertEq(_registry.getNode(nodeId).attestations, 2, "on chain again");
    }

    function _expectWrongKey(uint256 nodeId, address expected, address actual) private {
        bytes memory evidence = abi.encode(_quote(PLATFORM), SUBJECT);
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryWrongEnclaveKey.selector, nodeId, expected, actual)
        );
        vm.prank(ALICE);
        _registry.attest(nodeId, address(_verifier), actual, _height - 1, evidence);
    }
}
