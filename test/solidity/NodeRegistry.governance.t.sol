// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {Attestation, TcbStatus} from "../../contracts/types/Attestation.sol";
import {VerifierKind} from "../../contracts/types/Node.sol";
import {RegistryTest} from "./utils/RegistryTest.sol";

/// @notice What is fixed at deployment, what governance may change, and within which bounds.
contract NodeRegistryGovernanceTest is RegistryTest {
    uint16 private constant ACCEPTABLE = 0x7E;

    function test_TheRegistryIsAsItWasDeployed() external view {
        assertEq(address(_registry.vault()), address(_vault), "vault");
        assertEq(address(_registry.catalog()), address(_catalog), "catalog");
        assertEq(_registry.treasury(), TREASURY, "treasury");
        assertEq(_registry.epochLength(), EPOCH, "epoch length");
        assertEq(_registry.powerShareBps(), SHARE, "power share");
        assertEq(_registry.releaseDelay(), RELEASE_DELAY, "release delay");
        assertEq(keccak256(abi.encode(_registry.policy())), keccak256(abi.encode(_policy())), "policy");
        assertEq(_registry.nodeCount(), 0, "nodes");
        assertEq(IAccessManaged(address(_registry)).authority(), address(this), "authority");
    }

    function test_SetPolicyKeepsThePause() external {
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.PolicySet(INodeRegistry.Policy(STAKE, MAXIMUM_AGE, ACCEPTED, true));
        _registry.setPaused(true);
        INodeRegistry.Policy memory expected = INodeRegistry.Policy(5, 90 days, ACCEPTABLE, true);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.PolicySet(expected);
        _registry.setPolicy(5, 90 days, ACCEPTABLE);
        assertEq(keccak256(abi.encode(_registry.policy())), keccak256(abi.encode(expected)), "policy");
        _registry.setPaused(false);
        expected.paused = false;
        assertEq(keccak256(abi.encode(_registry.policy())), keccak256(abi.encode(expected)), "unpaused");
    }

    function test_APolicyReachesNoAttestationGiven() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 validUntil = _registry.getNode(nodeId).validUntil;
        vm.prank(GOVERNOR);
        _registry.setPolicy(STAKE, 3 hours, ACCEPTED);
        assertEq(_registry.getNode(nodeId).validUntil, validUntil, "valid until");
        _attest(ALICE, nodeId, PLATFORM);
        assertEq(_registry.getNode(nodeId).validUntil, _time + 3 hours, "next valid until");
    }

    function test_AStricterPolicyStopsNewOrders() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.tcbStatus = TcbStatus.OutOfDate;
        _attestWith(ALICE, nodeId, attestation);
        assertTrue(_registry.orderTermsOf(nodeId).open, "open");
        vm.prank(GOVERNOR);
        _registry.setPolicy(STAKE, MAXIMUM_AGE, uint16(1 << uint256(TcbStatus.UpToDate)));
        assertTrue(!_registry.orderTermsOf(nodeId).open, "open under the stricter policy");
        assertTrue(_registry.isLive(nodeId), "live");
    }

    function test_SetVerifierListsAndDelists() external {
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.VerifierSet(address(_vault), VerifierKind.OnChain);
        _registry.setVerifier(address(_vault), VerifierKind.OnChain);
        assertTrue(_registry.verifierKindOf(address(_vault)) == VerifierKind.OnChain, "listed");
        _registry.setVerifier(address(_vault), VerifierKind.None);
        assertTrue(_registry.verifierKindOf(address(_vault)) == VerifierKind.None, "delisted");
    }

    function test_RevertWhen_VerifierHasNoCode() external {
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownVerifier.selector, STRANGER));
        _registry.setVerifier(STRANGER, VerifierKind.OnChain);
    }

    function test_RevertWhen_CallerDoesNotGovern() external {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this));
        vm.expectRevert(refused);
        _registry.setPolicy(STAKE, MAXIMUM_AGE, ACCEPTED);
        vm.expectRevert(refused);
        _registry.setPaused(true);
        vm.expectRevert(refused);
        _registry.setVerifier(address(_verifier), VerifierKind.None);
    }

    function test_RevertWhen_PolicyBreaksABound() external {
        _expectInvalidPolicy(0, MAXIMUM_AGE, ACCEPTED, 0, 1);
        // An attestation outlasts two epochs.
        _expectInvalidPolicy(STAKE, 2 * EPOCH, ACCEPTED, 2 * EPOCH, 2 * EPOCH + 1);
        _expectInvalidPolicy(STAKE, 90 days + 1, ACCEPTED, 90 days + 1, 90 days);
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, 0, 0, ACCEPTABLE);
        // `None`, `Revoked`, statuses that do not exist, and all but the best.
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, ACCEPTED | 1, ACCEPTED | 1, ACCEPTABLE);
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, ACCEPTED | 0x80, ACCEPTED | 0x80, ACCEPTABLE);
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, ACCEPTED | 0x100, ACCEPTED | 0x100, ACCEPTABLE);
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, 0x7C, 0x7C, ACCEPTABLE);
    }

    function test_ShortEpochsLeaveAnHourAsTheLeastAge() external {
        INodeRegistry.Parameters memory parameters = _parameters();
        parameters.epochLength = 60;
        INodeRegistry registry = _deployRegistry(TREASURY, parameters, _policy());
        vm.startPrank(GOVERNOR);
        registry.setPolicy(1, 1 hours, ACCEPTED);
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, 1 hours - 1, 1 hours)
        );
        registry.setPolicy(1, 1 hours - 1, ACCEPTED);
    }

    function test_RevertWhen_ParameterBreaksABound() external {
        _expectInvalidParameters(INodeRegistry.Parameters(59, SHARE, RELEASE_DELAY), 59, 60);
        _expectInvalidParameters(INodeRegistry.Parameters(86_401, SHARE, RELEASE_DELAY), 86_401, 86_400);
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, 0, RELEASE_DELAY), 0, 1);
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, 10_001, RELEASE_DELAY), 10_001, 10_000);
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, SHARE, 1 days - 1), 1 days - 1, 1 days);
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, SHARE, 365 days + 1), 365 days + 1, 365 days);
        _deployRegistry(TREASURY, INodeRegistry.Parameters(60, 1, 1 days), _policy());
        _deployRegistry(TREASURY, INodeRegistry.Parameters(86_400, 10_000, 365 days), _policy());
    }

    function test_RevertWhen_DeployedWithABadPolicy() external {
        INodeRegistry.Policy memory policy = _policy();
        policy.minimumStake = 0;
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, 0, 1));
        this.deployRegistry(TREASURY, _parameters(), policy);
    }

    function test_RevertWhen_TheVaultCannotCreditTheTreasury() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, 0, 0));
        this.deployRegistry(address(0), _parameters(), _policy());
        vm.expectRevert(
            abi.encodeWithSelector(
                INodeRegistry.NodeRegistryInvalidParameter.selector,
                uint256(uint160(address(_vault))),
                0
            )
        );
        this.deployRegistry(address(_vault), _parameters(), _policy());
    }

    /// @notice A call of its own, so that a revert can be expected of it.
    function deployRegistry(
        address treasury,
        INodeRegistry.Parameters memory parameters,
        INodeRegistry.Policy memory policy
    ) external returns (INodeRegistry) {
        return _deployRegistry(treasury, parameters, policy);
    }

    function _expectInvalidParameters(
        INodeRegistry.Parameters memory parameters,
        uint256 value,
        uint256 limit
    ) private {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, value, limit));
        this.deployRegistry(TREASURY, parameters, _policy());
    }

    function _expectInvalidPolicy(
        uint128 minimumStake,
        uint40 maximumAge,
        uint16 acceptedStatuses,
        uint256 value,
        uint256 limit
    ) private {
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, value, limit));
        _registry.setPolicy(minimumStake, maximumAge, acceptedStatuses);
    }
}
