// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {Attestation, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    GOVERNOR,
    MAXIMUM_AGE,
    OTHER_PLATFORM,
    PLATFORM,
    RegistryFixture,
    STRANGER
} from "./RegistryFixture.sol";

/// @notice What is fixed at deployment, what governance may change, and within which bounds.
contract NodeRegistryGovernanceTest is RegistryFixture {
    uint8 private constant ACCEPTABLE = 0x7E;

    function setUp() public {
        _build();
    }

    function test_TheRegistryIsAsItWasDeployed() external view {
        assertEq(address(_registry.vault()), address(_vault), "vault");
        assertEq(address(_registry.catalog()), address(_catalog), "catalog");
        assertEq(_registry.treasury(), TREASURY, "treasury");
        assertEq(_registry.epochLength(), EPOCH, "epoch length");
        assertEq(_registry.powerShareBps(), SHARE, "power share");
        assertEq(_registry.releaseDelay(), RELEASE_DELAY, "release delay");
        assertEq(_registry.revocationDelay(), REVOCATION_DELAY, "revocation delay");
        assertEq(keccak256(abi.encode(_registry.policy())), keccak256(abi.encode(_policy())), "policy");
        assertEq(_registry.nodeCount(), 0, "nodes");
        assertEq(IAccessManaged(address(_registry)).authority(), address(this), "authority");
    }

    function test_SetPolicyKeepsThePause() external {
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.PolicySet(INodeRegistry.Policy(STAKE, MAXIMUM_AGE, ACCEPTED, 0, 0, true));
        _registry.setPaused(true);
        uint40 graceUntil = uint40(_time + 180 days);
        INodeRegistry.Policy memory expected = INodeRegistry.Policy(5, 90 days, 2, ACCEPTABLE, graceUntil, true);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.PolicySet(expected);
        _registry.setPolicy(5, 90 days, 2, ACCEPTABLE, graceUntil);
        assertEq(keccak256(abi.encode(_registry.policy())), keccak256(abi.encode(expected)), "policy");
        _registry.setPaused(false);
        expected.paused = false;
        assertEq(keccak256(abi.encode(_registry.policy())), keccak256(abi.encode(expected)), "unpaused");
    }

    function test_APolicyReachesNoAttestationGiven() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 validUntil = _registry.getNode(nodeId).validUntil;
        vm.prank(GOVERNOR);
        _registry.setPolicy(STAKE, 3 hours, ACCEPTED, 0, 0);
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
        _registry.setPolicy(STAKE, MAXIMUM_AGE, uint8(1 << uint256(TcbStatus.UpToDate)), 0, 0);
        assertTrue(!_registry.orderTermsOf(nodeId).open, "open under the stricter policy");
        assertTrue(_registry.isLive(nodeId), "live");
    }

    function test_SetVerifierListsAndDelists() external {
        address verifier = deploy("MockVerifier.sol:MockVerifier", "");
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.VerifierSet(verifier, VerifierKind.OnChain);
        _registry.setVerifier(verifier, VerifierKind.OnChain);
        assertTrue(_registry.verifierKindOf(verifier) == VerifierKind.OnChain, "listed");
        _registry.setVerifier(verifier, VerifierKind.None);
        assertTrue(_registry.verifierKindOf(verifier) == VerifierKind.None, "delisted");
    }

    /// @notice Or a node could have its stake back before its last quote turns out false or withheld.
    function test_RevertWhen_AVerifiersQuotesCanBeDisputedForLongerThanStakeStays() external {
        MockVerifier verifier = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
        uint256[3] memory tooLong = [uint256(RELEASE_DELAY) + 1, 2 ** 40, type(uint256).max];
        VerifierKind[2] memory kinds = [VerifierKind.Quorum, VerifierKind.OnChain];
        for (uint256 i; i < tooLong.length; ++i) {
            verifier.setDisputeTime(tooLong[i]);
            for (uint256 j; j < kinds.length; ++j) {
                vm.prank(GOVERNOR);
                vm.expectRevert(
                    abi.encodeWithSelector(
                        INodeRegistry.NodeRegistryInvalidParameter.selector,
                        tooLong[i],
                        RELEASE_DELAY
                    )
                );
                _registry.setVerifier(address(verifier), kinds[j]);
            }
        }
        assertTrue(_registry.verifierKindOf(address(verifier)) == VerifierKind.None, "not listed");
        verifier.setDisputeTime(RELEASE_DELAY);
        vm.startPrank(GOVERNOR);
        _registry.setVerifier(address(verifier), VerifierKind.Quorum);
        // One that changes its word is not asked again while it is listed, and always taken off the list.
        verifier.setDisputeTime(type(uint256).max);
        _registry.setVerifier(address(verifier), VerifierKind.Quorum);
        _registry.setVerifier(address(verifier), VerifierKind.None);
    }

    function test_RevertWhen_VerifierHasNoCode() external {
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownVerifier.selector, STRANGER));
        _registry.setVerifier(STRANGER, VerifierKind.OnChain);
    }

    function test_RevertWhen_CallerDoesNotGovern() external {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this));
        vm.expectRevert(refused);
        _registry.setPolicy(STAKE, MAXIMUM_AGE, ACCEPTED, 0, 0);
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
        // `None`, `Revoked`, and all but the best.
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, ACCEPTED | 1, ACCEPTED | 1, ACCEPTABLE);
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, ACCEPTED | 0x80, ACCEPTED | 0x80, ACCEPTABLE);
        _expectInvalidPolicy(STAKE, MAXIMUM_AGE, 0x7C, 0x7C, ACCEPTABLE);
    }

    function test_RevertWhen_GraceBreaksABound() external {
        // `None` and `Revoked`, and a grace that would hardly end.
        _expectInvalidGrace(1, 0, 1, ACCEPTABLE);
        _expectInvalidGrace(0x80, 0, 0x80, ACCEPTABLE);
        uint256 latest = _time + 180 days;
        _expectInvalidGrace(ACCEPTABLE, uint40(latest + 1), latest + 1, latest);
    }

    function test_GraceLetsAttestedNodesRenewWithoutNewOrders() external {
        uint256 nodeId = _attestedOutOfDate();
        uint256 graceUntil = _time + 3 days;
        _demote(graceUntil);
        assertTrue(!_registry.orderTermsOf(nodeId).open, "open once demoted");
        _passTo(graceUntil - 2);
        _renewOutOfDate(nodeId);
        assertEq(_registry.getNode(nodeId).validUntil, graceUntil, "valid until the grace ends");
        assertTrue(_registry.isLive(nodeId), "live");
        assertTrue(!_registry.orderTermsOf(nodeId).open, "open under grace");

        // An accepted status needs no grace.
        _attest(ALICE, nodeId, PLATFORM);
        assertEq(_registry.getNode(nodeId).validUntil, _time + MAXIMUM_AGE, "valid as any");
        assertTrue(_registry.orderTermsOf(nodeId).open, "open when up to date");
    }

    function test_GraceDoesNotOutlastTheMaximumAge() external {
        uint256 nodeId = _attestedOutOfDate();
        _demote(_time + 30 days);
        _renewOutOfDate(nodeId);
        assertEq(_registry.getNode(nodeId).validUntil, _time + MAXIMUM_AGE, "valid until");
    }

    function test_RevertGiven_GraceIsOver() external {
        uint256 nodeId = _attestedOutOfDate();
        uint256 graceUntil = _time + 3 days;
        _demote(graceUntil);
        _passTo(graceUntil - 1);
        _freshen();
        _passTo(graceUntil);
        _expectOutOfDateRefused(ALICE, nodeId, PLATFORM);
    }

    function test_RevertWhen_ANewNodeWantsGrace() external {
        _demote(_time + 3 days);
        uint256 nodeId = _declare(BOB);
        _freshen();
        _expectOutOfDateRefused(BOB, nodeId, OTHER_PLATFORM);
    }

    function test_RevertWhen_AStatusHasNoGrace() external {
        uint256 nodeId = _attestedOutOfDate();
        vm.prank(GOVERNOR);
        _registry.setPolicy(
            STAKE,
            MAXIMUM_AGE,
            2,
            ACCEPTABLE ^ uint8(1 << uint256(TcbStatus.OutOfDate)),
            uint40(_time + 1)
        );
        _expectOutOfDateRefused(ALICE, nodeId, PLATFORM);
    }

    function test_ShortEpochsLeaveAnHourAsTheLeastAge() external {
        INodeRegistry.Parameters memory parameters = _parameters();
        parameters.epochLength = 60;
        INodeRegistry registry = _deployRegistry(TREASURY, parameters, _policy());
        vm.startPrank(GOVERNOR);
        registry.setPolicy(1, 1 hours, ACCEPTED, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, 1 hours - 1, 1 hours)
        );
        registry.setPolicy(1, 1 hours - 1, ACCEPTED, 0, 0);
    }

    function test_RevertWhen_ParameterBreaksABound() external {
        _expectInvalidParameters(INodeRegistry.Parameters(59, SHARE, RELEASE_DELAY, REVOCATION_DELAY), 59, 60);
        _expectInvalidParameters(
            INodeRegistry.Parameters(86_401, SHARE, RELEASE_DELAY, REVOCATION_DELAY),
            86_401,
            86_400
        );
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, 0, RELEASE_DELAY, REVOCATION_DELAY), 0, 1);
        _expectInvalidParameters(
            INodeRegistry.Parameters(EPOCH, 10_001, RELEASE_DELAY, REVOCATION_DELAY),
            10_001,
            10_000
        );
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, SHARE, 2 days, 2 days), 2 days, 2 days + 1);
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, SHARE, 365 days + 1, 2 days), 365 days + 1, 365 days);
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, SHARE, 7 days, 1 days - 1), 1 days - 1, 1 days);
        _expectInvalidParameters(INodeRegistry.Parameters(EPOCH, SHARE, 14 days, 7 days + 1), 7 days + 1, 7 days);
        _deployRegistry(TREASURY, INodeRegistry.Parameters(60, 1, 1 days + 1, 1 days), _policy());
        _deployRegistry(TREASURY, INodeRegistry.Parameters(86_400, 10_000, 365 days, 7 days), _policy());
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

    function _attestedOutOfDate() private returns (uint256 nodeId) {
        nodeId = _declare(ALICE);
        _renewOutOfDate(nodeId);
    }

    function _renewOutOfDate(uint256 nodeId) private {
        _freshen();
        _attestWith(ALICE, nodeId, _outOfDate(PLATFORM));
    }

    function _outOfDate(bytes32 platformId) private returns (Attestation memory attestation) {
        attestation = _quote(platformId);
        attestation.tcbStatus = TcbStatus.OutOfDate;
    }

    /// @dev Accepts `UpToDate` alone, with a grace for `OutOfDate`.
    function _demote(uint256 graceUntil) private {
        vm.prank(GOVERNOR);
        _registry.setPolicy(STAKE, MAXIMUM_AGE, 2, uint8(1 << uint256(TcbStatus.OutOfDate)), uint40(graceUntil));
    }

    function _expectOutOfDateRefused(address provider, uint256 nodeId, bytes32 platformId) private {
        Attestation memory attestation = _outOfDate(platformId);
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryStatusNotAccepted.selector, TcbStatus.OutOfDate)
        );
        _attestWith(provider, nodeId, attestation);
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
        uint96 minimumStake,
        uint40 maximumAge,
        uint8 acceptedStatuses,
        uint256 value,
        uint256 limit
    ) private {
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, value, limit));
        _registry.setPolicy(minimumStake, maximumAge, acceptedStatuses, 0, 0);
    }

    function _expectInvalidGrace(uint8 graceStatuses, uint40 graceUntil, uint256 value, uint256 limit) private {
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidParameter.selector, value, limit));
        _registry.setPolicy(STAKE, MAXIMUM_AGE, ACCEPTED, graceStatuses, graceUntil);
    }
}
