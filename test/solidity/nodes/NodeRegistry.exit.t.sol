// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {EndReason} from "../../../contracts/types/Node.sol";
import {ALICE, BOB, GOVERNOR, keyOf, MAXIMUM_AGE, PLATFORM, RegistryFixture, STRANGER} from "./RegistryFixture.sol";

/// @notice Providers end their nodes, and get the stake back once late evidence can no longer come.
contract NodeRegistryExitTest is RegistryFixture {
    function setUp() public {
        _build();
    }

    function _exit(address provider, uint256 nodeId) private {
        vm.prank(provider);
        _registry.exit(nodeId, keyOf(nodeId));
    }

    function test_AnExitEndsWithTheNextEpoch() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 end = (_time / EPOCH + 2) * EPOCH;
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeEnded(nodeId, EndReason.Exited, end);
        _exit(ALICE, nodeId);
        assertEq(_registry.endOf(nodeId), end, "end");
        assertTrue(_registry.isLive(nodeId), "live until then");
        assertTrue(!_registry.orderTermsOf(nodeId).open, "open");
        _passTo(end);
        assertTrue(!_registry.isLive(nodeId), "live after its end");
    }

    function testFuzz_AnExitLeavesAWholeEpoch(uint256 delay) external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _pass(bound(delay, 0, 3 days));
        _exit(ALICE, nodeId);
        uint256 end = _registry.endOf(nodeId);
        assertEq(end % EPOCH, 0, "an epoch's end");
        assertTrue(end > _time + EPOCH && end <= _time + 2 * EPOCH, "the next epoch's");
    }

    function test_ANodeNeverAttestedEndsAtOnce() external {
        uint256 nodeId = _declare(ALICE);
        vm.prank(ALICE);
        _registry.exit(nodeId, address(0));
        assertEq(_registry.endOf(nodeId), _time, "end");
    }

    /// @notice After a reorganisation of the chain another of the provider's nodes may have the number.
    function test_RevertGiven_AnotherNodeHasTheNumber() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 declared = _declare(ALICE);
        (uint256[2] memory numbers, address[2] memory keys) = ([nodeId, declared], [keyOf(nodeId), address(0)]);
        address[3] memory meant = [address(0), keyOf(99), keyOf(nodeId)];
        for (uint256 i; i < 6; ++i) {
            (uint256 number, address key) = (numbers[i / 3], keys[i / 3]);
            if (meant[i % 3] == key) continue;
            bytes4 selector = INodeRegistry.NodeRegistryWrongEnclaveKey.selector;
            bytes memory refusal = abi.encodeWithSelector(selector, number, key, meant[i % 3]);
            vm.startPrank(ALICE);
            vm.expectRevert(refusal);
            _registry.exit(number, meant[i % 3]);
            vm.expectRevert(refusal);
            _registry.setRate(number, meant[i % 3], RATE + 1);
            vm.expectRevert(refusal);
            _registry.setUrl(number, meant[i % 3], "https://b.example");
            vm.stopPrank();
        }
        assertEq(_registry.endOf(nodeId), type(uint256).max, "end");
        assertEq(_registry.getNode(nodeId).ratePerUnit, RATE, "rate");
        assertEq(bytes32(bytes(_registry.urlOf(nodeId))), bytes32(bytes(URL)), "url");
    }

    function test_RevertWhen_ExitingAnUnknownNode() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 1));
        _exit(ALICE, 1);
    }

    function test_RevertWhen_ExitingAnothersNode() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnauthorized.selector, nodeId, BOB));
        _exit(BOB, nodeId);
    }

    function test_RevertGiven_AnExitIsSet() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _exit(ALICE, nodeId);
        uint256 end = _registry.endOf(nodeId);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryEnded.selector, nodeId, end));
        _exit(ALICE, nodeId);
    }

    function test_RevertGiven_TheNodeHasEnded() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _passTo(_registry.getNode(nodeId).validUntil);
        vm.prank(GOVERNOR);
        _registry.removeEnclave(1);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryEnded.selector, nodeId, _time));
        _exit(ALICE, nodeId);
    }

    function test_ReleaseUnlocksTheStake() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 other = _declare(ALICE);
        _exit(ALICE, nodeId);
        uint256 end = _registry.endOf(nodeId);
        _passTo(end + RELEASE_DELAY);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeStakeReleased(nodeId, STAKE);
        vm.expectEmit(address(_vault));
        emit IStakeVault.Unlocked(ALICE, address(_registry), STAKE);
        vm.prank(STRANGER);
        _registry.release(nodeId);
        assertEq(_registry.getNode(nodeId).stake, 0, "stake");
        assertEq(_lockedOf(ALICE), STAKE, "the other node's lock");
        assertEq(_registry.getNode(other).stake, STAKE, "the other node's stake");
        assertTrue(_registry.getNode(nodeId).endReason == EndReason.Exited, "reason");
        assertEq(_registry.endOf(nodeId), end, "end");
    }

    function test_TheStakeIsTheOneOfTheDeclaration() external {
        uint256 nodeId = _declare(ALICE);
        vm.prank(GOVERNOR);
        _registry.setPolicy(10 * STAKE, MAXIMUM_AGE, ACCEPTED, 0, 0);
        vm.prank(ALICE);
        _registry.exit(nodeId, address(0));
        _pass(RELEASE_DELAY);
        _registry.release(nodeId);
        assertEq(_lockedOf(ALICE), 0, "locked");
        vm.prank(ALICE);
        _registry.declare(1, 4, RATE, REQUIRED_RATE, 10 * STAKE, URL);
        assertEq(_lockedOf(ALICE), 10 * STAKE, "locked for the next");
    }

    function test_RevertWhen_ReleasingAnUnknownNode() external {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, 1));
        _registry.release(1);
    }

    function test_RevertGiven_NoEndIsSet() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _passTo(_registry.getNode(nodeId).validUntil + 365 days);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryStillLocked.selector, nodeId, 0));
        _registry.release(nodeId);
    }

    function test_RevertGiven_TheDelayRuns() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _exit(ALICE, nodeId);
        uint256 releasableAt = _registry.endOf(nodeId) + RELEASE_DELAY;
        bytes memory locked = abi.encodeWithSelector(
            INodeRegistry.NodeRegistryStillLocked.selector,
            nodeId,
            releasableAt
        );
        vm.expectRevert(locked);
        _registry.release(nodeId);
        _passTo(releasableAt - 1);
        vm.expectRevert(locked);
        _registry.release(nodeId);
    }

    function test_RevertGiven_NoStakeIsLeft() external {
        uint256 nodeId = _declare(ALICE);
        vm.prank(ALICE);
        _registry.exit(nodeId, address(0));
        _pass(RELEASE_DELAY);
        _registry.release(nodeId);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryNoStake.selector, nodeId));
        _registry.release(nodeId);
    }
}
