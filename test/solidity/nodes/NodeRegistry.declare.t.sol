// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHardwareCatalog} from "../../../contracts/interfaces/IHardwareCatalog.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {TcbStatus} from "../../../contracts/types/Attestation.sol";
import {HardwareKind} from "../../../contracts/types/Hardware.sol";
import {EndReason, Node, OrderTerms, VerifierKind} from "../../../contracts/types/Node.sol";
import {ALICE, BOB, GOVERNOR, MAXIMUM_AGE, PLATFORM, RegistryFixture, STRANGER, keyOf} from "./RegistryFixture.sol";

/// @notice Declaring nodes, and what their providers may change later.
contract NodeRegistryDeclareTest is RegistryFixture {
    function setUp() public {
        _build();
    }

    function test_DeclareStoresTheNode() external {
        uint256 nodeId = _declare(ALICE);
        Node memory node = _registry.getNode(nodeId);
        assertEq(nodeId, 1, "id");
        assertEq(_registry.nodeCount(), 1, "count");
        assertEq(node.provider, ALICE, "provider");
        assertEq(node.units, 4, "units");
        assertEq(node.ratePerUnit, RATE, "rate");
        assertEq(node.requiredRate, 2_000_000, "half of four units' rate");
        assertEq(node.modelId, 1, "model");
        assertEq(node.stake, STAKE, "stake");
        assertEq(node.endedAt, 0, "end");
        assertTrue(node.endReason == EndReason.None, "reason");
        assertEq(node.enclaveKey, address(0), "enclave key");
        assertEq(node.attestations, 0, "attestations");
        assertEq(bytes32(bytes(_registry.urlOf(nodeId))), bytes32(bytes(URL)), "url");
    }

    function test_DeclareEmitsAndLocksStake() external {
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeDeclared(1, ALICE, 1, 4, RATE, 2_000_000, STAKE, URL);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.Checkpointed(_height, _time);
        _declare(ALICE);
        assertEq(_lockedOf(ALICE), STAKE, "locked");
        _declare(ALICE);
        assertEq(_lockedOf(ALICE), 2 * STAKE, "locked for two");
    }

    function test_DeclaredNodeIsNotLiveAndOpensNothing() external {
        uint256 nodeId = _declare(ALICE);
        assertTrue(!_registry.isLive(nodeId), "live");
        assertEq(_registry.endOf(nodeId), FOREVER, "end");
        (address enclaveKey, uint256 requiredRate) = _registry.proofTermsOf(nodeId);
        assertEq(enclaveKey, address(0), "proof terms");
        assertEq(requiredRate, 2_000_000, "required rate");
        assertEq(_registry.providerOf(nodeId), ALICE, "provider");
        assertEq(_registry.modelOf(nodeId), 1, "model");
        OrderTerms memory terms = _registry.orderTermsOf(nodeId);
        assertTrue(!terms.open, "open");
        assertEq(terms.provider, ALICE, "terms' provider");
        assertEq(terms.units, 4, "terms' units");
        assertTrue(terms.verifierKind == VerifierKind.None, "terms' verifier kind");
        assertEq(_registry.nonceOf(nodeId), nodeId << 32, "nonce");
    }

    function test_DeclareFixesTheRequiredRate() external {
        uint256 nodeId = _declare(ALICE);
        vm.prank(GOVERNOR);
        _catalog.setHashRate(1, 10 * HASH_RATE);
        assertEq(_registry.getNode(nodeId).requiredRate, 2_000_000, "required rate");
    }

    function test_UnknownNodeIsNotLive() external view {
        assertTrue(!_registry.isLive(9), "live");
        assertEq(_registry.endOf(9), FOREVER, "end");
        (address enclaveKey, ) = _registry.proofTermsOf(9);
        assertEq(enclaveKey, address(0), "enclave key");
    }

    function testFuzz_RequiredRateIsTheShareOfAllUnits(uint64 hashRate, uint16 units, uint16 share) external {
        hashRate = uint64(bound(hashRate, 1, 2 ** 48 - 1));
        units = uint16(bound(units, 1, type(uint16).max));
        share = uint16(bound(share, 1, 10_000));
        INodeRegistry.Parameters memory parameters = _parameters();
        parameters.powerShareBps = share;
        INodeRegistry registry = _deployRegistry(TREASURY, parameters, _policy());
        vm.prank(GOVERNOR);
        uint256 modelId = _catalog.addModel(HardwareKind.CpuCore, hashRate, "Model 2");
        vm.startPrank(ALICE);
        _vault.allow(address(registry), STAKE);

        uint256 expected = (uint256(hashRate) * units * share) / 10_000;
        bool refused = expected == 0 || expected > type(uint40).max;
        if (refused) vm.expectRevert(_wrongRequiredRate(expected, uint40(expected)));
        uint256 nodeId = registry.declare(uint32(modelId), units, RATE, uint40(expected), STAKE, URL);
        if (!refused) assertEq(registry.getNode(nodeId).requiredRate, expected, "required rate");
    }

    function test_RevertGiven_Paused() external {
        vm.prank(GOVERNOR);
        _registry.setPaused(true);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryPaused.selector));
        _declare(ALICE);
    }

    function test_RevertWhen_UnitsAreZero() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidUnits.selector, 0));
        _registry.declare(1, 0, RATE, 0, STAKE, URL);
    }

    function test_RevertWhen_RateIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidRate.selector, 0));
        _registry.declare(1, 4, 0, REQUIRED_RATE, STAKE, URL);
    }

    function test_RevertWhen_UrlIsEmpty() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidUrl.selector, 0));
        _registry.declare(1, 4, RATE, REQUIRED_RATE, STAKE, "");
    }

    function test_RevertWhen_UrlIsTooLong() external {
        vm.prank(ALICE);
        _registry.declare(1, 4, RATE, REQUIRED_RATE, STAKE, string(new bytes(256)));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidUrl.selector, 257));
        _registry.declare(1, 4, RATE, REQUIRED_RATE, STAKE, string(new bytes(257)));
    }

    function test_RevertWhen_RequiredRateIsZero() external {
        vm.prank(GOVERNOR);
        _catalog.setHashRate(1, 1);
        vm.expectRevert(_wrongRequiredRate(0, 0));
        _registry.declare(1, 1, RATE, 0, STAKE, URL);
    }

    function test_RevertWhen_RequiredRateIsBeyond40Bits() external {
        // No rate that the catalog takes comes so far; another catalog might.
        uint256 hashRate = 2 ** 40;
        vm.mockCall(address(_catalog), abi.encodeCall(IHardwareCatalog.hashRateOf, (1)), abi.encode(hashRate));
        vm.expectRevert(_wrongRequiredRate(2 * hashRate, 0));
        _registry.declare(1, 4, RATE, uint40(2 * hashRate), STAKE, URL);
    }

    /// @notice Governance changes the model's rate after the provider has signed.
    function test_RevertGiven_TheModelsRateHasChanged() external {
        uint64[2] memory rates = [HASH_RATE - 1, HASH_RATE + 1];
        for (uint256 i; i < 2; ++i) {
            vm.prank(GOVERNOR);
            _catalog.setHashRate(1, rates[i]);
            vm.expectRevert(_wrongRequiredRate(2 * rates[i], REQUIRED_RATE));
            _declare(ALICE);
        }
        assertEq(_lockedOf(ALICE), 0, "locked");
    }

    /// @notice Or the stake that a node needs.
    function test_RevertGiven_TheMinimumStakeHasRisen() external {
        vm.prank(GOVERNOR);
        _registry.setPolicy(STAKE + 1, MAXIMUM_AGE, ACCEPTED, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryStakeTooHigh.selector, STAKE + 1, STAKE));
        _declare(ALICE);
        assertEq(_lockedOf(ALICE), 0, "locked");
        vm.prank(GOVERNOR);
        _registry.setPolicy(STAKE - 1, MAXIMUM_AGE, ACCEPTED, 0, 0);
        _declare(ALICE);
        assertEq(_lockedOf(ALICE), STAKE - 1, "as much as is needed");
    }

    function test_RevertWhen_ModelIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IHardwareCatalog.HardwareCatalogUnknownModel.selector, 2));
        _registry.declare(2, 4, RATE, REQUIRED_RATE, STAKE, URL);
    }

    function test_RevertGiven_ModelNotListed() external {
        vm.prank(GOVERNOR);
        _catalog.setListed(1, false);
        vm.expectRevert(abi.encodeWithSelector(IHardwareCatalog.HardwareCatalogModelNotListed.selector, 1));
        _registry.declare(1, 4, RATE, REQUIRED_RATE, STAKE, URL);
    }

    function test_RevertGiven_NoAllowance() external {
        vm.expectPartialRevert(IStakeVault.StakeVaultCapExceeded.selector);
        _declare(STRANGER);
        assertEq(_registry.nodeCount(), 0, "count");
    }

    function test_RevertGiven_TooLittleStake() external {
        vm.prank(STRANGER);
        _vault.allow(address(_registry), STAKE);
        vm.expectPartialRevert(IStakeVault.StakeVaultInsufficientFreeStake.selector);
        _declare(STRANGER);
    }

    function test_RevertWhen_ViewsAskForAnUnknownNode() external {
        bytes memory unknown = abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 1);
        vm.expectRevert(unknown);
        _registry.getNode(1);
        vm.expectRevert(unknown);
        _registry.urlOf(1);
        vm.expectRevert(unknown);
        _registry.providerOf(1);
        vm.expectRevert(unknown);
        _registry.orderTermsOf(1);
    }

    function test_SetRateChangesTheListedPrice() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.RateSet(nodeId, 7);
        vm.prank(ALICE);
        _registry.setRate(nodeId, keyOf(nodeId), 7);
        assertEq(_registry.getNode(nodeId).ratePerUnit, 7, "rate");
        assertEq(_registry.getNode(nodeId).requiredRate, 2_000_000, "required rate beside it");
        assertEq(_registry.nonceOf(nodeId), (nodeId << 32) | 1, "attestations beside it");
        assertTrue(_registry.getNode(nodeId).tcbStatus == TcbStatus.UpToDate, "status");
    }

    function test_RevertWhen_SetRateIsWrong() external {
        uint256 nodeId = _declare(ALICE);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 2));
        _registry.setRate(2, address(0), 7);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnauthorized.selector, nodeId, BOB));
        vm.prank(BOB);
        _registry.setRate(nodeId, address(0), 7);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidRate.selector, 0));
        vm.prank(ALICE);
        _registry.setRate(nodeId, address(0), 0);
    }

    function test_SetUrlChangesTheUrl() external {
        uint256 nodeId = _declare(ALICE);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.UrlSet(nodeId, "https://b.example");
        vm.prank(ALICE);
        _registry.setUrl(nodeId, address(0), "https://b.example");
        assertEq(bytes32(bytes(_registry.urlOf(nodeId))), bytes32("https://b.example"), "url");
    }

    function test_RevertWhen_SetUrlIsWrong() external {
        uint256 nodeId = _declare(ALICE);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 2));
        _registry.setUrl(2, address(0), URL);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnauthorized.selector, nodeId, BOB));
        vm.prank(BOB);
        _registry.setUrl(nodeId, address(0), URL);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidUrl.selector, 0));
        vm.prank(ALICE);
        _registry.setUrl(nodeId, address(0), "");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidUrl.selector, 257));
        vm.prank(ALICE);
        _registry.setUrl(nodeId, address(0), string(new bytes(257)));
    }

    function _wrongRequiredRate(uint256 actual, uint256 expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(INodeRegistry.NodeRegistryWrongRequiredRate.selector, actual, expected);
    }
}
