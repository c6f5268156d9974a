// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallengeManager} from "../../../contracts/interfaces/IChallengeManager.sol";
import {Answer, Challenge} from "../../../contracts/types/Challenge.sol";
import {ChallengeFixture} from "./ChallengeFixture.sol";

/// @notice Issues and proves at random moments, for three nodes that come and go.
contract ChallengeHandler is ChallengeFixture {
    uint256 public constant NODES = 3;

    /// @notice What would break an invariant, as it was seen.
    uint256 public overlaps;
    uint256 public provenWhileDead;
    /// @notice How often the handler got through, so that the invariants speak of something.
    uint256 public issued;
    uint256 public proven;

    uint256 private _windowEnd;
    mapping(uint256 nodeId => bool) private _live;

    constructor() {
        arrange();
        for (uint256 nodeId = 1; nodeId <= NODES; nodeId++) toggle(nodeId);
    }

    function challenges() external view returns (IChallengeManager) {
        return manager;
    }

    function wait(uint256 time) external {
        moveTo(block.timestamp + bound(time, 1, WINDOW / 2));
    }

    function leap(uint256 time) external {
        moveTo(block.timestamp + bound(time, 1, 2 * EPOCH));
    }

    /// @notice Moves to around the cut-off, where windows come closest to each other.
    function moveToCutOff(uint256 offset) external {
        uint256 cutOff = (manager.currentEpoch() + 1) * EPOCH - WINDOW;
        uint256 time = cutOff + bound(offset, 0, 4) - 2;
        if (time > block.timestamp) moveTo(time);
    }

    function issueNow() external {
        try manager.issue(block.number - 1) {
            nextBlock();
            issued++;
            Challenge memory challenge = manager.getChallenge();
            if (challenge.issuedAt < _windowEnd) overlaps++;
            _windowEnd = challenge.issuedAt + WINDOW;
            if (_windowEnd > (challenge.epoch + 1) * EPOCH) overlaps++;
        } catch {}
    }

    function proveOne(uint256 nodeId) external {
        nodeId = bound(nodeId, 1, NODES);
        Answer memory answer = _bestAnswerOf(nodeId);
        try manager.prove(answer.nodeId, answer.nonces, answer.signature) {
            proven++;
            if (!_live[nodeId]) provenWhileDead++;
        } catch {}
    }

    function proveAll() external {
        Answer[] memory answers = new Answer[](NODES);
        for (uint256 i; i < NODES; i++) answers[i] = _bestAnswerOf(i + 1);
        uint256 before;
        for (uint256 i; i < NODES; i++) {
            if (!_live[i + 1] && manager.isProven(i + 1, manager.currentEpoch())) before++;
        }
        proven += manager.proveMany(answers);
        uint256 dead;
        for (uint256 i; i < NODES; i++) {
            if (!_live[i + 1] && manager.isProven(i + 1, manager.currentEpoch())) dead++;
        }
        provenWhileDead += dead - before;
    }

    function toggle(uint256 nodeId) public {
        nodeId = bound(nodeId, 1, NODES);
        _live[nodeId] = !_live[nodeId];
        setNode(nodeId, _live[nodeId] ? enclave : address(0), 1);
    }

    /// @dev For a node that is not live, what would pass if its key of zero were taken for a key: a recovery that fails gives zero.
    function _bestAnswerOf(uint256 nodeId) private view returns (Answer memory) {
        if (_live[nodeId]) return answerOf(nodeId);
        return Answer(nodeId, pack(sortedNonces(prefixOf(nodeId, address(0)), 0)), "");
    }
}

/// @notice What holds whatever is issued and proven when.
contract ChallengeManagerInvariantTest is ChallengeFixture {
    ChallengeHandler private handler;

    function setUp() external {
        handler = new ChallengeHandler();
        manager = handler.challenges();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev The handler's way through, so that a run that reaches nothing is not taken for proof.
    function test_HandlerGetsThrough() external {
        handler.issueNow();
        handler.wait(5);
        handler.toggle(2);
        handler.proveOne(1);
        handler.proveAll();
        assertEq(handler.issued(), 1, "issued");
        assertEq(handler.proven(), 2, "proven");
        handler.moveToCutOff(2);
        handler.issueNow();
        assertEq(handler.issued(), 1, "issued twice");
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 50
    function invariant_ProvenEpochsAreChallengedEpochs() external view {
        uint256 last = manager.currentEpoch() / 192;
        for (uint256 word = FIRST_EPOCH / 192; word <= last; word++) {
            uint256 challenged = manager.challengedWord(word);
            for (uint256 nodeId = 1; nodeId <= handler.NODES(); nodeId++) {
                assertEq(manager.provenWord(nodeId, word) & ~challenged, 0, "proven but not challenged");
            }
        }
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 50
    function invariant_AnsweredEpochsAreThoseThatSomebodyProved() external view {
        uint256 last = manager.currentEpoch() / 192;
        for (uint256 word = FIRST_EPOCH / 192; word <= last; word++) {
            uint256 proven;
            for (uint256 nodeId = 1; nodeId <= handler.NODES(); nodeId++) proven |= manager.provenWord(nodeId, word);
            assertEq(manager.answeredWord(word), proven, "answered");
        }
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 50
    function invariant_ANodeThatIsNotLiveProvesNothing() external view {
        assertEq(handler.provenWhileDead(), 0, "proven while not live");
    }

    /// hardhat-config: invariant.runs = 8
    /// hardhat-config: invariant.depth = 50
    function invariant_WindowsNeverOverlapAndEndInTheirEpoch() external view {
        assertEq(handler.overlaps(), 0, "overlapping windows");
    }
}
