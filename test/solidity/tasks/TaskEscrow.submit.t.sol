// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {Task, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";
import {abortStruct, resultStruct, typedDigest} from "./TaskSigning.sol";

/// @notice The enclave's word: its result, or that it gives up.
contract TaskEscrowSubmitTest is TaskFixture {
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    uint256 private _taskId;

    function setUp() public {
        deployTasks();
        _taskId = reach(TaskStatus.Accepted);
        vm.warp(START + LEAST_DURATION);
    }

    function test_ProviderBringsTheResult() external {
        Task memory expected = escrow.getTask(_taskId);
        (expected.status, expected.resultHash) = (TaskStatus.Submitted, RESULT_HASH);
        expected.acceptedAt = uint40(block.timestamp);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.ResultSubmitted(_taskId, RESULT_HASH, RESULT_URI);
        submit(_taskId);
        assertEq(keccak256(abi.encode(escrow.getTask(_taskId))), keccak256(abi.encode(expected)), "task");
        assertEq(escrow.escrowOf(_taskId), ESCROWED, "escrow");
        assertEq(lockedOf(provider), STAKE_LOCK, "lock");
    }

    function test_DigestsAreAsEip712Says() external {
        bytes32 digest = escrow.hashResult(_taskId, RESULT_HASH);
        assertEq(digest, digestOf(resultStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH)), "result");
        assertEq(escrow.hashAbort(_taskId), abortDigest(_taskId), "abort");
        submit(_taskId);
        TaskStatus[2] memory verdicts = [TaskStatus.Valid, TaskStatus.Invalid];
        for (uint256 i; i < verdicts.length; ++i) {
            digest = verdictDigest(_taskId, 0, verdicts[i]);
            assertEq(escrow.hashVerdict(_taskId, verdicts[i]), digest, "verdict");
        }
    }

    /// @notice Nobody else answers for the place that the URI names, whatever the enclave signed; and nobody hears more of the node.
    function test_RevertWhen_CallerIsNotTheProvider() external {
        (address other, ) = makeAccount("other provider");
        nodes.setNode(
            NODE + 1,
            TaskNodesStandIn.Settable(other, enclave, MR_ENCLAVE, VerifierKind.OnChain, 1, 0, 1, true, false)
        );
        address[5] memory callers = [requester, owner, enclave, other, stranger];
        bytes memory signed = resultSignature(_taskId);
        for (uint256 i; i < 2 * callers.length; ++i) {
            address caller = callers[i % callers.length];
            nodes.setLive(NODE, i < callers.length);
            vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnauthorized.selector, _taskId, caller));
            vm.prank(caller);
            escrow.submit(_taskId, RESULT_HASH, "https://files.example/nothing", signed);
        }
        nodes.setLive(NODE, true);
        submit(_taskId);
    }

    function test_KeepsOnWhichQuoteTheResultRestsIfAQuorumVouchedForIt() external {
        VerifierKind[2] memory kinds = [VerifierKind.Quorum, VerifierKind.OnChain];
        for (uint256 i; i < kinds.length; ++i) {
            uint256 before = vm.snapshotState();
            nodes.setAttested(NODE, kinds[i], START, type(uint16).max);
            submit(_taskId);
            uint16 vouched = kinds[i] == VerifierKind.OnChain ? 0 : type(uint16).max;
            assertEq(escrow.getTask(_taskId).vouchedAttestation, vouched, "attestation");
            bytes32 digest = verdictDigest(_taskId, vouched, TaskStatus.Valid);
            assertEq(escrow.hashVerdict(_taskId, TaskStatus.Valid), digest, "verdict");
            vm.revertToState(before);
        }
    }

    // Who signed what

    function testFuzz_RevertWhen_AnotherKeySigned(uint256 seed) external {
        uint256 key = bound(seed, 1, CURVE_ORDER - 1);
        vm.assume(key != enclaveKey);
        _expectNoResult(signature(key, digestOf(resultStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH))));
        _expectNoAbort(signature(key, abortDigest(_taskId)));
    }

    function test_RevertWhen_SomethingElseWasSigned() external {
        bytes32[7] memory digests = [
            _result(block.chainid + 1, address(escrow), _taskId, fixedNameOf(_taskId), RESULT_HASH),
            _result(block.chainid, address(grants), _taskId, fixedNameOf(_taskId), RESULT_HASH),
            _result(block.chainid, address(escrow), _taskId + 1, fixedNameOf(_taskId), RESULT_HASH),
            _result(block.chainid, address(escrow), _taskId, keccak256("other"), RESULT_HASH),
            _result(block.chainid, address(escrow), _taskId, fixedNameOf(_taskId), keccak256("other")),
            abortDigest(_taskId),
            RESULT_HASH
        ];
        for (uint256 i; i < digests.length; ++i) _expectNoResult(signature(enclaveKey, digests[i]));

        digests[0] = _abort(block.chainid + 1, address(escrow), _taskId, fixedNameOf(_taskId));
        digests[1] = _abort(block.chainid, address(grants), _taskId, fixedNameOf(_taskId));
        digests[2] = _abort(block.chainid, address(escrow), _taskId + 1, fixedNameOf(_taskId));
        digests[3] = _abort(block.chainid, address(escrow), _taskId, keccak256("other"));
        digests[4] = digestOf(resultStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH));
        digests[5] = digestOf(resultStruct(_taskId, fixedNameOf(_taskId), 0));
        for (uint256 i; i < digests.length; ++i) _expectNoAbort(signature(enclaveKey, digests[i]));
    }

    /// @notice What was signed before a chain split counts on one side only.
    function test_RevertGiven_ChainHasAnotherId() external {
        bytes memory result = resultSignature(_taskId);
        bytes memory abort = signature(enclaveKey, abortDigest(_taskId));
        uint256 chainId = block.chainid + 1;
        vm.chainId(chainId);
        _expectNoResult(result);
        _expectNoAbort(abort);
        bytes32 digest = _result(chainId, address(escrow), _taskId, fixedNameOf(_taskId), RESULT_HASH);
        submitAs(provider, _taskId, signature(enclaveKey, digest));
    }

    function test_RevertWhen_SignatureIsMalformed() external {
        bytes[6] memory results = _malformed(digestOf(resultStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH)));
        bytes[6] memory aborts = _malformed(abortDigest(_taskId));
        for (uint256 i; i < results.length; ++i) {
            _expectNoResult(results[i]);
            _expectNoAbort(aborts[i]);
        }
    }

    /// @notice One result for one task: the same signature brings nothing for the next, nor again.
    function test_SignatureIsGoodOnce() external {
        bytes memory signed = resultSignature(_taskId);
        submit(_taskId);
        vm.expectRevert(_invalidStatus(TaskStatus.Submitted));
        submitAs(provider, _taskId, signed);
        vm.warp(START);
        _taskId = publish(aRequest());
        acceptAs(provider, _taskId);
        vm.warp(START + LEAST_DURATION);
        _expectNoResult(signed);
    }

    // What is submitted, and when

    function test_RevertWhen_ResultIsNotCommittedTo() external {
        bytes memory signed = signature(enclaveKey, digestOf(resultStruct(_taskId, fixedNameOf(_taskId), 0)));
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidCommitment.selector));
        vm.prank(provider);
        escrow.submit(_taskId, 0, RESULT_URI, signed);
    }

    function test_RevertWhen_UriIsTooLong() external {
        bytes memory signed = resultSignature(_taskId);
        vm.startPrank(provider);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidUri.selector, 257));
        escrow.submit(_taskId, RESULT_HASH, string(new bytes(257)), signed);
        escrow.submit(_taskId, RESULT_HASH, string(new bytes(256)), signed);
        vm.stopPrank();
    }

    function test_LeastDurationCountsFromAcceptance() external {
        vm.warp(START);
        _taskId = publish(aRequest());
        vm.warp(START + 5 hours);
        acceptAs(provider, _taskId);
        bytes memory signed = resultSignature(_taskId);
        uint256 earliest = START + 5 hours + LEAST_DURATION;
        vm.warp(earliest - 1);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooEarly.selector, _taskId, earliest));
        submitAs(provider, _taskId, signed);
        vm.warp(earliest);
        submit(_taskId);
    }

    function test_ResultCountsToTheSecond() external {
        bytes memory signed = resultSignature(_taskId);
        vm.warp(RESULT_BY + 1);
        vm.expectRevert(_tooLate());
        submitAs(provider, _taskId, signed);
        vm.warp(RESULT_BY);
        submit(_taskId);
    }

    function test_AbortCountsToTheSecond() external {
        bytes memory signed = signature(enclaveKey, abortDigest(_taskId));
        vm.warp(RESULT_BY + 1);
        vm.expectRevert(_tooLate());
        escrow.abort(_taskId, signed);
        vm.warp(RESULT_BY);
        vm.prank(stranger);
        escrow.abort(_taskId, signed);
        assertStatus(_taskId, TaskStatus.Aborted);
    }

    // The node

    function test_RevertGiven_NodeLapsedSinceAcceptance() external {
        nodes.setLive(NODE, false);
        bytes memory signed = resultSignature(_taskId);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNodeNotLive.selector, NODE));
        submitAs(provider, _taskId, signed);
        nodes.setLive(NODE, true);
        submit(_taskId);
    }

    function test_NodeThatTakesNothingNewFinishesWhatItTook() external {
        nodes.setClosed(NODE, true);
        submit(_taskId);
        assertStatus(_taskId, TaskStatus.Submitted);
    }

    function test_AbortsThoughNoLongerLive() external {
        nodes.setLive(NODE, false);
        escrow.abort(_taskId, signature(enclaveKey, abortDigest(_taskId)));
        assertStatus(_taskId, TaskStatus.Aborted);
    }

    function test_AbortsBeforeTheLeastDuration() external {
        vm.warp(START);
        escrow.abort(_taskId, signature(enclaveKey, abortDigest(_taskId)));
        assertStatus(_taskId, TaskStatus.Aborted);
    }

    /// @notice The enclave of another node, though of the same provider and measurement, has no say.
    function test_RevertWhen_AnotherNodesEnclaveSigned() external {
        (address other, uint256 otherKey) = makeAccount("other enclave");
        nodes.setNode(
            NODE + 1,
            TaskNodesStandIn.Settable(provider, other, MR_ENCLAVE, VerifierKind.OnChain, 1, 0, 1, true, false)
        );
        _expectNoResult(signature(otherKey, digestOf(resultStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH))));
        _expectNoAbort(signature(otherKey, abortDigest(_taskId)));
    }

    function _expectNoResult(bytes memory signed) private {
        vm.expectRevert(_invalidSignature());
        submitAs(provider, _taskId, signed);
    }

    function _expectNoAbort(bytes memory signed) private {
        vm.expectRevert(_invalidSignature());
        escrow.abort(_taskId, signed);
    }

    function _invalidSignature() private view returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidEnclaveSignature.selector, _taskId, enclave);
    }

    function _invalidStatus(TaskStatus status) private view returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidStatus.selector, _taskId, status);
    }

    function _tooLate() private view returns (bytes memory) {
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, _taskId, RESULT_BY);
    }

    function _result(
        uint256 chainId,
        address verifyingContract,
        uint256 taskId,
        bytes32 termsHash,
        bytes32 resultHash
    ) private pure returns (bytes32) {
        return typedDigest(chainId, verifyingContract, resultStruct(taskId, termsHash, resultHash));
    }

    function _abort(
        uint256 chainId,
        address verifyingContract,
        uint256 taskId,
        bytes32 termsHash
    ) private pure returns (bytes32) {
        return typedDigest(chainId, verifyingContract, abortStruct(taskId, termsHash));
    }

    /// @dev The enclave key's signatures, each spoilt another way.
    function _malformed(bytes32 digest) private view returns (bytes[6] memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(enclaveKey, digest);
        return
            [
                abi.encodePacked(r, CURVE_ORDER - uint256(s), v ^ 7),
                abi.encodePacked(r, s),
                abi.encodePacked(r, s, v, uint8(0)),
                abi.encodePacked(r, s, v - 27),
                abi.encodePacked(new bytes(65)),
                bytes("")
            ];
    }
}
