// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {EndReason, Node, Platform, QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {Test} from "../utils/Test.sol";
import {
    ALICE,
    BOB,
    CAROL,
    GOVERNOR,
    LAUNCH,
    LAUNCH_MASK,
    MR_ENCLAVE,
    RegistryFixture,
    keyOf
} from "./RegistryFixture.sol";

/// @notice Plays three providers who contest two platforms, governance and judges in any order, and keeps its own books.
/// Quotes are judged by two quorums and two verifiers on chain; one of each is listed late, and each may leave.
/// @dev After each action it compares every node's end with what it saw before, so that a wrong answer at any moment counts.
contract NodeRegistryHandler is RegistryFixture {
    uint256 public constant MAXIMUM_NODES = 10;
    uint256 public constant PLATFORMS = 2;

    /// @dev What a node was attested with last.
    struct Seen {
        bytes32 platformId;
        bytes32 quoteHash;
        bytes32 subject;
        QuoteBinding binding;
        MockVerifier verifier;
    }

    mapping(uint256 nodeId => Seen) private _seen;
    mapping(uint256 nodeId => uint256) private _lastEnd;
    uint256 private _lastLook;
    MockVerifier[] private _judges;
    /// @dev Since when a judge is listed; 0 while it is not.
    mapping(MockVerifier judge => uint256) private _listedAt;

    /// @notice An end that lay in the past changed, or one that did not moved into a time that had passed.
    bool public rewritten;
    /// @notice A node was live after its end.
    bool public resurrected;
    /// @notice A weaker or later word than a node's took its platform, or sooner than it may.
    bool public overridden;
    /// @notice Takeovers that were opened, that failed, and that went through.
    uint256 public opened;
    uint256 public failed;
    uint256 public completed;
    /// @notice What was slashed by our own account.
    uint256 public slashed;

    /// @notice Builds the world, once: the authority that it asks is this contract, which has no code in its constructor.
    function build(uint40 epoch) external {
        if (address(_registry) != address(0)) return;
        _epoch = epoch;
        _build();
        _judges.push(_verifier);
        for (uint256 i = 1; i < 4; ++i) {
            _judges.push(MockVerifier(deploy("MockVerifier.sol:MockVerifier", "")));
        }
        _listVerifier(_judges[0], VerifierKind.Quorum, 30 hours);
        _judges[1].setDisputeTime(50 hours);
        _listedAt[_judges[0]] = _time;
        // The other two come later.
        _list(2);
        _lastLook = _time;
    }

    /// @notice Lists a verifier, or delists it. The first two are quorums.
    function relistVerifier(uint256 judge, bool isGone) external acts {
        if (isGone && judge % 3 == 0) {
            vm.prank(GOVERNOR);
            _registry.setVerifier(address(_judges[judge % 4]), VerifierKind.None);
            delete _listedAt[_judges[judge % 4]];
        } else {
            _list(judge % 4);
        }
    }

    function _list(uint256 judge) private {
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_judges[judge]), judge < 2 ? VerifierKind.Quorum : VerifierKind.OnChain);
        if (_listedAt[_judges[judge]] == 0) _listedAt[_judges[judge]] = _time;
    }

    modifier acts() {
        _pass(0);
        Platform[PLATFORMS] memory before;
        for (uint256 i = 0; i < PLATFORMS; ++i) before[i] = _registry.getPlatform(platformAt(i));
        _;
        for (uint256 i = 0; i < PLATFORMS; ++i) _count(before[i], _registry.getPlatform(platformAt(i)));
        _look();
    }

    function declare(uint256 provider) external acts {
        if (_registry.nodeCount() < MAXIMUM_NODES) _declare(providerAt(provider));
    }

    function attest(uint256 node, uint256 platform, uint256 duration, uint256 judge) external acts {
        uint256 nodeId = _nodeAt(node);
        if (nodeId == 0) return;
        if (_registry.oldestBlock() == 0) _registry.checkpoint();
        _pass(0);
        Attestation memory attestation = _quote(platformAt(platform));
        // Mostly the node's own platform, or nothing would come of it.
        bytes32 own = _seen[nodeId].platformId;
        if (own != 0 && platform % 8 != 0) attestation.platformId = own;
        attestation.validUntil = uint64(_time + bound(duration, 0, 6 days));
        QuoteBinding memory binding = _bindingAt(_registry.nonceOf(nodeId), _quotedHeight(judge));
        // Mostly by what it rested on before, and by the same verifier.
        MockVerifier verifier = _seen[nodeId].verifier;
        if (judge % 16 > 11 || address(verifier) == address(0)) verifier = _judges[judge % 4];
        bytes32 subject = duration % 4 == 0 ? keccak256("another subject") : SUBJECT;
        bytes memory evidence = abi.encode(attestation, subject);
        vm.prank(_registry.getNode(nodeId).provider);
        try _registry.attest(nodeId, address(verifier), keyOf(nodeId), binding.blockNumber, evidence) {
            _seen[nodeId] = Seen(attestation.platformId, attestation.quoteHash, subject, binding, verifier);
        } catch {}
    }

    /// @dev The block of a quote: mostly the newest, sometimes one that has been recent for a while.
    function _quotedHeight(uint256 luck) private view returns (uint256) {
        uint256 oldest = _registry.oldestBlock();
        return luck % 5 == 0 && oldest < _height && oldest + 200 > _height ? oldest : _height - 1;
    }

    function recheck(uint256 node, uint256 standing) external acts {
        uint256 nodeId = _nodeAt(node);
        if (nodeId == 0 || _seen[nodeId].quoteHash == 0) return;
        Seen memory seen = _seen[nodeId];
        Standing judged = standing % 3 == 0 ? Standing.Revoked : Standing.Holds;
        _registry.recheck(nodeId, LAUNCH, abi.encode(seen.platformId, seen.subject, judged, TcbStatus.OutOfDate));
    }

    function dispute(uint256 node, uint256 standing) external acts {
        uint256 nodeId = _nodeAt(node);
        if (nodeId == 0 || _seen[nodeId].quoteHash == 0) return;
        // Most judgements find nothing.
        Standing judged = standing % 3 == 0 ? Standing((standing / 3) % 5) : Standing.Holds;
        uint256 stake = _registry.getNode(nodeId).stake;
        Seen memory seen = _seen[nodeId];
        bytes memory evidence = abi.encode(judged);
        _registry.dispute(nodeId, address(seen.verifier), seen.quoteHash, seen.binding, evidence);
        if (judged == Standing.Withheld) slashed += stake;
    }

    function exit(uint256 node) external acts {
        uint256 nodeId = _nodeAt(node);
        if (nodeId == 0 || node % 3 != 0) return;
        (, address enclaveKey) = _registry.identityOf(nodeId);
        vm.prank(_registry.getNode(nodeId).provider);
        try _registry.exit(nodeId, enclaveKey) {} catch {}
    }

    function release(uint256 node) external acts {
        uint256 nodeId = _nodeAt(node);
        if (nodeId == 0) return;
        try _registry.release(nodeId) {} catch {}
    }

    function relist(uint256 enclave) external acts {
        uint256 enclaveId = bound(enclave, 1, _registry.enclaveCount());
        bool bySigner = enclave % 2 == 0;
        vm.startPrank(GOVERNOR);
        try _registry.removeEnclave(enclaveId) {} catch {}
        if (bySigner) try _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, LAUNCH, LAUNCH_MASK) {} catch {}
        else try _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK) {} catch {}
        vm.stopPrank();
    }

    function pass(uint256 duration) external acts {
        _pass(bound(duration, 0, 2 * EPOCH));
    }

    function passDays(uint256 duration) external acts {
        _pass(bound(duration, 0, 2 days));
    }

    /// @notice Sets the time for the views of an invariant.
    function arrive() external {
        _pass(0);
    }

    function registry() external view returns (INodeRegistry) {
        return _registry;
    }

    function lockedOf(address provider) external view returns (uint256) {
        return _lockedOf(provider);
    }

    function slashedByVault() external view returns (uint256) {
        return _vault.totalSlashed();
    }

    /// @notice The platform on which a node was attested; zero when it never was.
    function platformOf(uint256 nodeId) external view returns (bytes32) {
        return _seen[nodeId].platformId;
    }

    function providerAt(uint256 index) public pure returns (address) {
        index %= 3;
        return
            index == 0
                ? ALICE
                : index == 1
                    ? BOB
                    : CAROL;
    }

    function platformAt(uint256 index) public pure returns (bytes32) {
        return keccak256(abi.encode("platform", index % PLATFORMS));
    }

    function _nodeAt(uint256 index) private view returns (uint256) {
        uint256 count = _registry.nodeCount();
        return count == 0 ? 0 : (index % count) + 1;
    }

    function _count(Platform memory before, Platform memory current) private {
        if (before.challengerId != 0 && current.challengerId != before.challengerId) {
            if (current.nodeId == before.challengerId) ++completed;
            else ++failed;
        }
        if (current.challengerId == 0 || current.challengerId == before.challengerId) return;
        ++opened;
        if (!_isFair(_registry.getNode(current.nodeId), current)) overridden = true;
    }

    /// @dev Whether a takeover that was opened now leaves its incumbent what it must.
    function _isFair(Node memory incumbent, Platform memory platform) private view returns (bool) {
        if (platform.takeoverAt < _exitAt()) return false;
        if (incumbent.validUntil <= _time) return true;
        Seen memory seen = _seen[platform.challengerId];
        MockVerifier former = _seen[platform.nodeId].verifier;
        if (platform.takeoverAt < _time + seen.verifier.disputeTime()) return false;
        if (seen.binding.blockNumber <= _seen[platform.nodeId].binding.blockNumber) return false;
        if (seen.verifier == former) return true;
        return (_isOnChain(seen.verifier) || !_isOnChain(former)) && _listedAt[seen.verifier] < incumbent.attestedAt;
    }

    function _isOnChain(MockVerifier verifier) private view returns (bool) {
        return verifier == _judges[2] || verifier == _judges[3];
    }

    function _look() private {
        uint256 count = _registry.nodeCount();
        for (uint256 nodeId = 1; nodeId <= count; ++nodeId) {
            uint256 end = _registry.endOf(nodeId);
            uint256 lastEnd = _lastEnd[nodeId];
            if (lastEnd != 0 && lastEnd <= _lastLook ? end != lastEnd : end < _lastLook) rewritten = true;
            if (end <= _time && _registry.isLive(nodeId)) resurrected = true;
            _lastEnd[nodeId] = end;
        }
        _lastLook = _time;
    }
}

/// @notice What is always true of nodes and platforms, whatever providers, judges and governance do.
abstract contract NodeRegistryInvariants is Test {
    NodeRegistryHandler private _handler;
    INodeRegistry private _registry;

    function _begin(uint40 epoch) internal {
        _handler = new NodeRegistryHandler();
        _handler.build(epoch);
        _registry = _handler.registry();
    }

    /// @notice The fuzzer plays the handler alone.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice What contracts above ask for, in as few reads as will do, is what is stored.
    function invariant_TheViewsAreWhatIsStored() external view {
        for (uint256 nodeId = 1; nodeId <= _registry.nodeCount(); ++nodeId) {
            Node memory node = _registry.getNode(nodeId);
            (address provider, EndReason reason, uint256 suspendedSince) = _registry.standingOf(nodeId);
            assertTrue(provider == node.provider && reason == node.endReason, "whose it is and why it ends");
            assertTrue((suspendedSince != 0) == (node.tcbStatus == TcbStatus.Revoked), "whether it is suspended");
            (bytes32 mrEnclave, address enclaveKey) = _registry.identityOf(nodeId);
            assertTrue(mrEnclave == node.mrEnclave && enclaveKey == node.enclaveKey, "what it is");
            assertEq(_registry.orderTermsOf(nodeId).enclaveKey, node.enclaveKey, "its key");
        }
    }

    /// @notice The handler's actions do go through, so the invariants below are not held by refusals alone.
    function test_HandlerActs() external {
        for (uint256 i = 0; i < 3; ++i) _handler.declare(i);
        _handler.attest(0, 1, 6 days, 2);
        _handler.attest(1, 1, 6 days, 2);
        assertEq(_handler.opened(), 1, "opened");
        _handler.attest(0, 1, 6 days, 2);
        assertEq(_handler.failed(), 1, "failed");
        _handler.passDays(1 days);
        _handler.attest(1, 1, 6 days, 2);
        _handler.passDays(2 days);
        assertEq(_handler.completed(), 1, "completed");
        assertTrue(_registry.isLive(2), "the new holder");
        _handler.dispute(1, 12);
        assertEq(_handler.slashed(), 1000, "slashed");
        _handler.attest(2, 1, 6 days, 2);
        assertTrue(_registry.isLive(3), "the next holder");
        _handler.exit(0);
        _handler.relist(1);
        assertTrue(_registry.getEnclave(1).removedAt != 0, "delisted");
        assertTrue(!_handler.rewritten() && !_handler.resurrected() && !_handler.overridden(), "ends");
    }

    function invariant_OneLiveNodePerPlatform() external {
        _handler.arrive();
        for (uint256 i = 0; i < _handler.PLATFORMS(); ++i) {
            bytes32 platformId = _handler.platformAt(i);
            uint256 live;
            for (uint256 nodeId = 1; nodeId <= _registry.nodeCount(); ++nodeId) {
                if (_handler.platformOf(nodeId) != platformId || !_registry.isLive(nodeId)) continue;
                ++live;
                assertEq(_registry.getPlatform(platformId).nodeId, nodeId, "a live node holds its platform");
            }
            assertLe(live, 1, "live nodes of a platform");
        }
    }

    /// @notice A node whose own end is set would end before it counts, and leave the incumbent's end behind.
    function invariant_NobodyWhoseEndIsSetTakesOver() external {
        _handler.arrive();
        for (uint256 i = 0; i < _handler.PLATFORMS(); ++i) {
            uint256 challengerId = _registry.getPlatform(_handler.platformAt(i)).challengerId;
            if (challengerId != 0) assertEq(_registry.getNode(challengerId).endedAt, 0, "the challenger's own end");
        }
    }

    function invariant_NoTakeoverOverridesBetterEvidence() external view {
        assertTrue(!_handler.overridden(), "a takeover was worth less than what it replaces");
    }

    function invariant_AnEndedNodeIsNeverLiveAgain() external view {
        assertTrue(!_handler.resurrected(), "a node was live after its end");
    }

    function invariant_AnEndInThePastNeverChanges() external view {
        assertTrue(!_handler.rewritten(), "an end was rewritten");
    }

    function invariant_LocksAreTheStakesOfNodes() external view {
        for (uint256 i = 0; i < 3; ++i) {
            address provider = _handler.providerAt(i);
            uint256 stakes;
            for (uint256 nodeId = 1; nodeId <= _registry.nodeCount(); ++nodeId) {
                Node memory node = _registry.getNode(nodeId);
                if (node.provider == provider) stakes += node.stake;
            }
            assertEq(_handler.lockedOf(provider), stakes, "locked");
        }
        assertEq(_handler.slashedByVault(), _handler.slashed(), "slashed");
    }

    function invariant_ViewsAgree() external {
        _handler.arrive();
        for (uint256 nodeId = 1; nodeId <= _registry.nodeCount(); ++nodeId) {
            bool live = _registry.isLive(nodeId);
            uint256 end = _registry.endOf(nodeId);
            (address enclaveKey, ) = _registry.proofTermsOf(nodeId);
            assertTrue((enclaveKey != address(0)) == live, "proof terms");
            if (_registry.orderTermsOf(nodeId).open) assertTrue(live && end == type(uint256).max, "open");
            Node memory node = _registry.getNode(nodeId);
            assertTrue((node.endedAt == 0) == (node.endReason == EndReason.None), "an end has its reason");
        }
    }
}

/// @notice With epochs of an hour.
contract NodeRegistryInvariantTest is NodeRegistryInvariants {
    function setUp() public {
        _begin(1 hours);
    }
}

/// @notice With the shortest epochs.
contract NodeRegistryMinuteInvariantTest is NodeRegistryInvariants {
    function setUp() public {
        _begin(1 minutes);
    }
}

/// @notice With the longest epochs, in which a takeover runs for longer than a day.
contract NodeRegistryDayInvariantTest is NodeRegistryInvariants {
    function setUp() public {
        _begin(1 days);
    }
}
