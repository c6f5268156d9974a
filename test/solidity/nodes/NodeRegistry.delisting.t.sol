// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation} from "../../../contracts/types/Attestation.sol";
import {EndReason, Node} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    GOVERNOR,
    keyOf,
    LAUNCH,
    LAUNCH_MASK,
    MR_ENCLAVE,
    PLATFORM,
    RegistryFixture
} from "./RegistryFixture.sol";

/// @notice What becomes of nodes whose entry on the allow-list is removed.
contract NodeRegistryDelistingTest is RegistryFixture {
    bytes32 private constant OTHER = keccak256("other enclave");

    function setUp() public {
        _build();
    }

    function test_ADelistedNodeEndsAtItsValidUntil() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 validUntil = _registry.getNode(nodeId).validUntil;
        _remove(1);
        assertEq(_registry.endOf(nodeId), validUntil, "end");
        assertTrue(_registry.isLive(nodeId), "live");
        assertTrue(!_registry.orderTermsOf(nodeId).open, "open");
        _passTo(validUntil);
        assertTrue(!_registry.isLive(nodeId), "live after its end");

        vm.prank(GOVERNOR);
        _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK);
        _freshen();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryEnded.selector, nodeId, validUntil));
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
    }

    function test_ALapsedNodeEndsWithTheRemoval() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _passTo(_registry.getNode(nodeId).validUntil + 5);
        assertEq(_registry.endOf(nodeId), FOREVER, "before");
        _remove(1);
        uint256 removedAt = _time;
        assertEq(_registry.endOf(nodeId), removedAt, "end");
        _pass(3 days);
        assertEq(_registry.endOf(nodeId), removedAt, "end later");
    }

    function test_ADelistedNodeMovesUnderAnotherEntryBeforeItsEnd() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 enclaveId = _allowSigner(SVN);
        _remove(1);
        _attest(ALICE, nodeId, PLATFORM);
        assertEq(_registry.getNode(nodeId).enclaveId, enclaveId, "entry");
        assertEq(_registry.endOf(nodeId), FOREVER, "end");
        assertTrue(_registry.orderTermsOf(nodeId).open, "open");
    }

    function test_ASignersNodeIsAskedForItsSignerEachTime() external {
        uint256 nodeId = _declare(ALICE);
        uint256 enclaveId = _allowSigner(SVN);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.mrEnclave = OTHER;
        _attestWith(ALICE, nodeId, attestation);
        assertEq(_registry.getNode(nodeId).enclaveId, enclaveId, "entry");
        assertTrue(_registry.getNode(nodeId).bySigner, "by signer");

        // The same measurement on the same platform, signed again: only the allow-list makes a difference.
        attestation.isvSvn = SVN + 1;
        _attestWith(ALICE, nodeId, attestation);
        attestation.isvSvn = SVN - 1;
        _expectNotAllowed(nodeId, attestation);
        attestation.isvSvn = SVN;
        attestation.isvProdId = PRODUCT + 1;
        _expectNotAllowed(nodeId, attestation);
        attestation.isvProdId = PRODUCT;
        attestation.mrSigner = OTHER;
        _expectNotAllowed(nodeId, attestation);

        // Once the measurement has an entry of its own, that one counts, whoever signed.
        vm.prank(GOVERNOR);
        uint256 ownId = _registry.allowEnclave(OTHER, LAUNCH, LAUNCH_MASK);
        attestation.mrSigner = MR_SIGNER;
        _attestWith(ALICE, nodeId, attestation);
        assertEq(_registry.getNode(nodeId).enclaveId, ownId, "its own entry");
        assertTrue(!_registry.getNode(nodeId).bySigner, "by measurement");
        attestation.mrSigner = OTHER;
        _attestWith(ALICE, nodeId, attestation);
    }

    function test_RevertGiven_TheOnlyEntryWasRemoved() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _remove(1);
        _freshen();
        _expectNotAllowed(nodeId, _quote(PLATFORM));
    }

    /// @notice The first entries have a bit in the rules' slot, the later ones have not; both are removed alike.
    function test_LateEntriesAreRemovedLikeTheFirst() external {
        vm.startPrank(GOVERNOR);
        for (uint256 i = 2; i <= 57; ++i) _registry.allowEnclave(keccak256(abi.encode(i)), LAUNCH, LAUNCH_MASK);
        vm.stopPrank();
        for (uint256 enclaveId = 54; enclaveId <= 57; ++enclaveId) {
            uint256 nodeId = _declare(ALICE);
            Attestation memory attestation = _quote(keccak256(abi.encode("platform", enclaveId)));
            attestation.mrEnclave = keccak256(abi.encode(enclaveId));
            _freshen();
            _attestWith(ALICE, nodeId, attestation);
            assertEq(_registry.getNode(nodeId).enclaveId, enclaveId, "entry");
            assertEq(_registry.endOf(nodeId), FOREVER, "end");
            _attestWith(ALICE, nodeId, attestation);

            _remove(enclaveId);
            assertEq(_registry.endOf(nodeId), _registry.getNode(nodeId).validUntil, "end when removed");
            assertTrue(!_registry.orderTermsOf(nodeId).open, "open when removed");
            _expectNotAllowed(nodeId, attestation);
        }
    }

    function test_AnExitBeforeTheDelistedEndCounts() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _remove(1);
        vm.prank(ALICE);
        _registry.exit(nodeId, keyOf(nodeId));
        assertEq(_registry.endOf(nodeId), _registry.getNode(nodeId).endedAt, "exit is sooner");
    }

    function test_AnExitAfterTheDelistedEndDoesNotMoveIt() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 validUntil = _registry.getNode(nodeId).validUntil;
        _remove(1);
        _passTo(validUntil - 1);
        vm.prank(ALICE);
        _registry.exit(nodeId, keyOf(nodeId));
        assertEq(_registry.endOf(nodeId), validUntil, "end");
    }

    function test_ReleaseRecordsTheDelisting() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 validUntil = _registry.getNode(nodeId).validUntil;
        _remove(1);
        _passTo(validUntil + RELEASE_DELAY);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeEnded(nodeId, EndReason.Delisted, validUntil);
        _registry.release(nodeId);
        Node memory node = _registry.getNode(nodeId);
        assertEq(node.endedAt, validUntil, "stored end");
        assertTrue(node.endReason == EndReason.Delisted, "reason");
        assertEq(_registry.endOf(nodeId), validUntil, "end");
    }

    function test_ADelistedNodesPlatformIsFreeAtItsEnd() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.prank(GOVERNOR);
        _registry.removeEnclave(1);
        vm.prank(GOVERNOR);
        _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK);
        _passTo(_registry.endOf(nodeId));
        uint256 next = _node(BOB, PLATFORM);
        assertTrue(_registry.isLive(next), "live");
        assertEq(_registry.getPlatform(PLATFORM).nodeId, next, "holder");
    }

    function _remove(uint256 enclaveId) private {
        vm.prank(GOVERNOR);
        _registry.removeEnclave(enclaveId);
    }
}
