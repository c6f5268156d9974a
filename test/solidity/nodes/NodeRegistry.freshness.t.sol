// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation} from "../../../contracts/types/Attestation.sol";
import {ALICE, PLATFORM, RegistryFixture, keyOf} from "./RegistryFixture.sol";

/// @notice Which blocks a quote may name: no older than a checkpoint of the last hour, and with a hash that the chain gives.
contract NodeRegistryFreshnessTest is RegistryFixture {
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    /// @dev The history contract's code as EIP-2935 states it.
    bytes private constant HISTORY_CODE =
        hex"3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

    function setUp() public {
        _build();
    }

    function test_NothingIsRecentWithoutACheckpoint() external view {
        assertEq(_registry.oldestBlock(), 0, "oldest");
    }

    function test_CheckpointRecordsTheRunningBlock() external {
        vm.expectEmit(address(_registry));
        emit INodeRegistry.Checkpointed(_height, _time);
        _registry.checkpoint();
        assertEq(_registry.oldestBlock(), _height, "oldest");
    }

    function test_CheckpointsAreHalfAnHourApart() external {
        _registry.checkpoint();
        uint256 first = _height;
        uint256 start = _time;
        _passTo(start + 30 minutes - 1);
        _registry.checkpoint();
        _passTo(start + 1 hours + 1);
        assertEq(_registry.oldestBlock(), 0, "a checkpoint that came too soon was not recorded");

        _registry.checkpoint();
        uint256 second = _height;
        assertTrue(first != second, "heights");
        assertEq(_registry.oldestBlock(), second, "the newer one");
        _pass(30 minutes);
        _registry.checkpoint();
        assertEq(_registry.oldestBlock(), second, "the older one still holds");
        _pass(30 minutes);
        assertEq(_registry.oldestBlock(), second, "to the second");
        _pass(1);
        assertEq(_registry.oldestBlock(), _height - 2, "then the newer one");
    }

    function test_DeclaringAndAttestingRecord() external {
        uint256 nodeId = _declare(ALICE);
        uint256 declared = _height;
        assertEq(_registry.oldestBlock(), declared, "at declaration");
        _pass(40 minutes);
        uint256 attested = _height;
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
        _pass(20 minutes + 1);
        assertEq(_registry.oldestBlock(), attested, "at attestation");
    }

    /// @notice Whenever somebody records, a block counts for half an hour at least and an hour at most.
    function testFuzz_OldestBlockIsAtMostAnHourOld(uint16[24] calldata gaps, uint256 recorded) external {
        uint256[] memory timeOf = new uint256[](64);
        uint256 base = _height;
        timeOf[0] = _time;
        uint256 lastRecorded;
        for (uint256 i = 0; i < gaps.length; ++i) {
            _pass(bound(gaps[i], 0, 50 minutes));
            timeOf[_height - base] = _time;
            if ((recorded >> i) & 1 == 1) {
                _registry.checkpoint();
                lastRecorded = _time;
            }
            uint256 oldest = _registry.oldestBlock();
            if (oldest != 0) assertGe(timeOf[oldest - base] + 1 hours, _time, "age of the oldest block");
            // A call records, unless a checkpoint of the half hour before it stands already.
            if (lastRecorded != 0 && lastRecorded + 30 minutes > _time) assertTrue(oldest != 0, "recent blocks exist");
        }
    }

    function test_TheCheckpointsBlockCounts() external {
        uint256 nodeId = _declare(ALICE);
        uint256 declared = _height;
        _pass(1);
        _pass(1);
        vm.prank(ALICE);
        _registry.attest(nodeId, address(_verifier), keyOf(nodeId), declared, abi.encode(_quote(PLATFORM), SUBJECT));
        assertTrue(_registry.isLive(nodeId), "live");
    }

    function test_RevertWhen_BlockIsOlderThanTheCheckpoint() external {
        uint256 nodeId = _declare(ALICE);
        uint256 declared = _height;
        _pass(1);
        _expectStale(nodeId, declared - 1, declared);
    }

    function test_RevertGiven_NoRecentCheckpoint() external {
        uint256 nodeId = _declare(ALICE);
        _pass(1 hours + 1);
        _expectStale(nodeId, _height - 1, 0);
        _registry.checkpoint();
        _pass(0);
        _attest(ALICE, nodeId, PLATFORM);
    }

    function test_RevertWhen_BlockIsTheRunningOneOrLater() external {
        uint256 nodeId = _declare(ALICE);
        _pass(1);
        _expectUnknown(nodeId, _height);
        _expectUnknown(nodeId, _height + 1);
    }

    function test_RevertWhen_BlockIsFarAndTheChainKeepsNoHistory() external {
        uint256 nodeId = _declare(ALICE);
        uint256 declared = _height;
        _skipBlocks(257);
        vm.etch(HISTORY, "");
        _expectUnknown(nodeId, declared);
    }

    function test_RevertWhen_TheHistoryAnswersOtherwise() external {
        uint256 nodeId = _declare(ALICE);
        uint256 declared = _height;
        _skipBlocks(300);
        vm.etch(HISTORY, hex"5f5ffd");
        _expectUnknown(nodeId, declared);
        vm.etch(HISTORY, hex"00");
        _expectUnknown(nodeId, declared);
        vm.etch(HISTORY, hex"60405ff3");
        _expectUnknown(nodeId, declared);
        vm.etch(HISTORY, hex"60205ff3");
        _expectUnknown(nodeId, declared);
    }

    function test_TheOpcodeReaches256Blocks() external {
        uint256 nodeId = _declare(ALICE);
        uint256 declared = _height;
        _skipBlocks(256);
        vm.setBlockhash(declared, _hashOf(declared));
        vm.etch(HISTORY, "");
        vm.prank(ALICE);
        _registry.attest(nodeId, address(_verifier), keyOf(nodeId), declared, abi.encode(_quote(PLATFORM), SUBJECT));
    }

    function test_TheHistoryReaches8191Blocks() external {
        uint256 nodeId = _declare(ALICE);
        uint256 declared = _height;
        vm.etch(HISTORY, HISTORY_CODE);
        vm.store(HISTORY, bytes32(declared % 8191), _hashOf(declared));
        _skipBlocks(8192);
        _expectUnknown(nodeId, declared);

        vm.roll(declared + 8191);
        Attestation memory attestation = _quote(PLATFORM);
        bytes32 reportData = _registry.reportDataOf(
            ALICE,
            keyOf(nodeId),
            _bindingAt(_registry.nonceOf(nodeId), declared)
        );
        vm.prank(ALICE);
        _registry.attest(nodeId, address(_verifier), keyOf(nodeId), declared, abi.encode(attestation, SUBJECT));
        bytes32 verified = _verifier.reportDataOf(address(_registry), attestation.quoteHash);
        assertEq(verified, reportData, "report data with the history's hash");
    }

    function _skipBlocks(uint256 count) private {
        _height += count;
        vm.roll(_height);
    }

    function _expectStale(uint256 nodeId, uint256 blockNumber, uint256 oldest) private {
        bytes memory evidence = abi.encode(_quote(PLATFORM), SUBJECT);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryStaleBlock.selector, blockNumber, oldest));
        vm.prank(ALICE);
        _registry.attest(nodeId, address(_verifier), keyOf(nodeId), blockNumber, evidence);
    }

    function _expectUnknown(uint256 nodeId, uint256 blockNumber) private {
        bytes memory evidence = abi.encode(_quote(PLATFORM), SUBJECT);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownBlock.selector, blockNumber));
        vm.prank(ALICE);
        _registry.attest(nodeId, address(_verifier), keyOf(nodeId), blockNumber, evidence);
    }
}
