// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {Standing} from "../../../contracts/types/Attestation.sol";
import {EndReason, QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {ALICE, BOB, GOVERNOR, OTHER_PLATFORM, PLATFORM, RegistryFixture, keyOf} from "./RegistryFixture.sol";

/// @notice Disputing nodes' quotes: what it ends, what it slashes, what it leaves alone.
contract NodeRegistryDisputeTest is RegistryFixture {
    uint256 private _nodeId;
    bytes32 private _quoteHash;
    QuoteBinding private _binding;

    function setUp() public {
        _build();
    }

    function _attested() private {
        _nodeId = _declare(ALICE);
        (_quoteHash, _binding) = _attestBound(ALICE, _nodeId, PLATFORM);
        _pass(1 hours);
    }

    function _judge(Standing standing) private returns (Standing) {
        return _dispute(_nodeId, _quoteHash, _binding, standing);
    }

    function _expectEnd(EndReason reason) private {
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeEnded(_nodeId, reason, _time);
    }

    function _checkEnded(EndReason reason) private view {
        assertEq(_registry.endOf(_nodeId), _time, "end");
        assertTrue(!_registry.isLive(_nodeId), "live");
        assertTrue(_registry.getNode(_nodeId).endReason == reason, "reason");
    }

    function test_AllElseChangesNothing() external {
        _attested();
        bytes32 before = keccak256(abi.encode(_registry.getNode(_nodeId)));
        Standing[3] memory standings = [Standing.Undecided, Standing.Holds, Standing.Revoked];
        for (uint256 i = 0; i < standings.length; ++i) {
            vm.expectEmit(address(_registry));
            emit INodeRegistry.NodeDisputed(_nodeId, _quoteHash, standings[i]);
            assertTrue(_judge(standings[i]) == standings[i], "standing");
            assertEq(keccak256(abi.encode(_registry.getNode(_nodeId))), before, "node");
        }
    }

    function test_AVerifierListedLaterMovesNoNode() external {
        _attested();
        MockVerifier rogue = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(rogue), VerifierKind.OnChain);
        bytes memory answer = abi.encode(Standing.Withheld);
        vm.mockCall(address(rogue), abi.encodePacked(MockVerifier.dispute.selector), answer);
        bytes32 before = keccak256(abi.encode(_registry.getNode(_nodeId)));
        Standing standing = _registry.dispute(_nodeId, address(rogue), _quoteHash, _binding, "");
        assertTrue(standing == Standing.Withheld, "what it says");
        assertEq(keccak256(abi.encode(_registry.getNode(_nodeId))), before, "node");
        assertEq(_lockedOf(ALICE), STAKE, "locked");
    }

    function test_DisprovenEndsUnslashed() external {
        _attested();
        _expectEnd(EndReason.Disproven);
        _judge(Standing.Disproven);
        _checkEnded(EndReason.Disproven);
        assertEq(_lockedOf(ALICE), STAKE, "locked");
        _passTo(_time + RELEASE_DELAY);
        _registry.release(_nodeId);
        assertEq(_lockedOf(ALICE), 0, "released");
    }

    function test_WithheldEndsAndSlashesOnce() external {
        _attested();
        _expectEnd(EndReason.Withheld);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeStakeSlashed(_nodeId, STAKE);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Slashed(ALICE, address(_registry), TREASURY, STAKE);
        _judge(Standing.Withheld);
        _checkEnded(EndReason.Withheld);
        assertEq(_registry.getNode(_nodeId).stake, 0, "stake");
        assertEq(_lockedOf(ALICE), 0, "locked");
        assertEq(_vault.freeStakeOf(TREASURY), STAKE, "treasury");

        // Another of the provider's nodes backs itself, not this one.
        _declare(ALICE);
        _judge(Standing.Withheld);
        assertEq(_lockedOf(ALICE), STAKE, "the other node's lock");
    }

    function test_AnEndedNodesEndStaysButAWithheldQuoteSlashes() external {
        _attested();
        uint256 endedAt = _time;
        _judge(Standing.Disproven);
        _pass(1 days);
        _judge(Standing.Disproven);
        _judge(Standing.Withheld);
        assertEq(_registry.endOf(_nodeId), endedAt, "end");
        assertTrue(_registry.getNode(_nodeId).endReason == EndReason.Disproven, "reason");
        assertEq(_vault.freeStakeOf(TREASURY), STAKE, "treasury");
    }

    /// @notice Tasks ask why a node ended, so an exit must not hide what its quote turns out to be.
    function test_WhatAQuoteTurnsOutToBeReplacesAnotherReason() external {
        _attested();
        vm.prank(ALICE);
        _registry.exit(_nodeId, keyOf(_nodeId));
        uint256 end = _registry.endOf(_nodeId);
        _passTo(end + 1);
        _judge(Standing.Disproven);
        _assertDisproven("reason");
        assertEq(_registry.endOf(_nodeId), end, "end");
        _passTo(end + RELEASE_DELAY);
        _registry.release(_nodeId);
        _assertDisproven("reason after the release");
    }

    function test_AnExitAheadGivesWayToAnEndNow() external {
        _attested();
        vm.prank(ALICE);
        _registry.exit(_nodeId, keyOf(_nodeId));
        _pass(1);
        _judge(Standing.Disproven);
        _checkEnded(EndReason.Disproven);
    }

    function test_AReleasedNodeHasNothingToSlash() external {
        _attested();
        vm.prank(ALICE);
        _registry.exit(_nodeId, keyOf(_nodeId));
        _passTo(_registry.endOf(_nodeId) + RELEASE_DELAY);
        _registry.release(_nodeId);
        _judge(Standing.Withheld);
        assertEq(_vault.totalSlashed(), 0, "slashed");
    }

    function test_APastQuoteDisprovesAndSlashes() external {
        _attested();
        _attest(ALICE, _nodeId, PLATFORM);
        _judge(Standing.Withheld);
        _checkEnded(EndReason.Withheld);
        assertEq(_vault.freeStakeOf(TREASURY), STAKE, "treasury");
    }

    function test_ADelistedVerifierStillJudgesWhatItAccepted() external {
        _attested();
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.None);
        _judge(Standing.Disproven);
        _checkEnded(EndReason.Disproven);
    }

    function test_RevertWhen_NodeIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 1));
        _registry.dispute(1, address(_verifier), "", _binding, "");
    }

    function test_RevertGiven_NeverAttested() external {
        _nodeId = _declare(ALICE);
        _freshen();
        _binding = _nextBinding(_nodeId);
        _expectNotAttested();
    }

    function test_RevertWhen_TheNonceIsNotOneOfTheNodes() external {
        _attested();
        uint256 nonce = _binding.nonce;
        _binding.nonce = nonce + 1;
        _expectNotAttested();
        _binding.nonce = nonce - (1 << 32);
        _expectNotAttested();
        _binding.nonce = nonce + (1 << 32);
        _expectNotAttested();
        _binding.nonce = nonce | (1 << 255);
        _expectNotAttested();
    }

    /// @notice Not even where both nodes are of one provider and have one enclave key, so that the report data are the same.
    function test_RevertWhen_TheQuoteIsThatOfAnotherNodeWithTheSameKey() external {
        _attested();
        uint256 other = _declare(ALICE);
        _freshen();
        bytes memory evidence = abi.encode(_quote(OTHER_PLATFORM), SUBJECT);
        vm.startPrank(ALICE);
        for (uint256 i = 0; i < 2; ++i) {
            _registry.attest(other, address(_verifier), keyOf(_nodeId), _height - 1, evidence);
        }
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryNotAttested.selector, other));
        _dispute(other, _quoteHash, _binding, Standing.Withheld);
        _checkLive(other);
    }

    function test_RevertWhen_VerifierWasNeverListed() external {
        _attested();
        MockVerifier other = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
        // Delisting is no listing.
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(other), VerifierKind.None);
        bytes memory evidence = abi.encode(Standing.Disproven);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownVerifier.selector, address(other)));
        _registry.dispute(_nodeId, address(other), _quoteHash, _binding, evidence);
    }

    /// @notice The verifier is asked under the report data of this node, so another node's disproven quote does not serve.
    function test_RevertWhen_TheQuoteIsAnothersOrTheBindingIsWrong() external {
        _attested();
        uint256 other = _declare(BOB);
        (bytes32 othersQuote, ) = _attestBound(BOB, other, OTHER_PLATFORM);
        vm.expectPartialRevert(MockVerifier.MockVerifierWrongReportData.selector);
        _dispute(_nodeId, othersQuote, _binding, Standing.Withheld);

        _binding.blockNumber += 1;
        vm.expectPartialRevert(MockVerifier.MockVerifierWrongReportData.selector);
        _judge(Standing.Withheld);
        assertEq(_lockedOf(ALICE), STAKE, "locked");
    }

    function test_TheMockRefusesForeignChains() external {
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(MockVerifier.MockVerifierForeignChain.selector, 1));
        this.deployMock();
    }

    /// @notice A call of its own, so that a revert can be expected of it.
    function deployMock() external returns (address) {
        return deploy("MockVerifier.sol:MockVerifier", "");
    }

    function _expectNotAttested() private {
        bytes memory evidence = abi.encode(Standing.Holds);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryNotAttested.selector, _nodeId));
        _registry.dispute(_nodeId, address(_verifier), _quoteHash, _binding, evidence);
    }

    function _assertDisproven(string memory what) private view {
        (, EndReason reason, ) = _registry.standingOf(_nodeId);
        assertTrue(reason == EndReason.Disproven, what);
    }
}
