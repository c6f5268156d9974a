// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {resultStruct, typedDigest, verdictStruct} from "./TaskSigning.sol";
import {joinSet} from "../validators/ValidatorStaking.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";

/// @notice Whose signatures end a task, and over what.
contract TaskEscrowVerdictTest is TaskFixture {
    uint256 private _taskId;

    function setUp() public {
        deployTasks();
        _taskId = reach(TaskStatus.Submitted);
    }

    function test_RevertWhen_VerdictIsNone() external {
        for (uint256 i; i <= uint256(type(TaskStatus).max); ++i) {
            TaskStatus verdict = TaskStatus(i);
            if (verdict == TaskStatus.Valid || verdict == TaskStatus.Invalid) continue;
            bytes memory refusal = abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidVerdict.selector, verdict);
            ValidatorSignature[] memory signed = verdictOf(_taskId, verdict);
            vm.expectRevert(refusal);
            escrow.finalize(_taskId, verdict, signed);
            vm.expectRevert(refusal);
            escrow.hashVerdict(_taskId, verdict);
        }
    }

    function test_VerdictCountsToTheSecond() external {
        ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Valid);
        vm.warp(VERDICT_BY + 1);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, _taskId, VERDICT_BY));
        escrow.finalize(_taskId, TaskStatus.Valid, signed);
        vm.warp(VERDICT_BY);
        escrow.finalize(_taskId, TaskStatus.Valid, signed);
        assertStatus(_taskId, TaskStatus.Valid);
    }

    /// @notice The signatures are passed on as they lie in the calldata, so whatever lies there must be decoded as strictly as ever.
    function test_RevertWhen_SignaturesCannotBeDecoded() external {
        bytes memory data = abi.encodeCall(
            ITaskEscrow.finalize,
            (_taskId, TaskStatus.Valid, verdictOf(_taskId, TaskStatus.Valid))
        );
        // After selector, three arguments and the count: where the first signature is.
        uint256[2] memory places = [uint256(1) << 255, data.length];
        for (uint256 i; i < places.length; ++i) {
            bytes memory bad = bytes.concat(data);
            uint256 place = places[i];
            assembly ("memory-safe") {
                mstore(add(bad, add(0x20, 132)), place)
            }
            (bool success, bytes memory answer) = address(escrow).call(bad);
            assertTrue(!success, "refused");
            // What wraps around to before the call's beginning reads as nobody's signature.
            bytes4 why = bytes4(answer);
            bool isKnown =
                why == ITaskEscrow.TaskEscrowMalformedSignatures.selector ||
                    why == IValidatorSet.ValidatorSetUnorderedSigners.selector;
            assertTrue(isKnown, "why");
        }
        assertStatus(_taskId, TaskStatus.Submitted);
    }

    /// @notice What follows the arguments means nothing, and the order in which signatures lie in the calldata neither.
    function test_SignaturesCountHoweverTheyAreLaidOut() external {
        ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Valid);
        bytes memory data = abi.encodeCall(ITaskEscrow.finalize, (_taskId, TaskStatus.Valid, signed));
        // A gap of a word before the first signature, which moves all of them.
        bytes memory moved = new bytes(data.length + 0x40);
        uint256 head = 132 + 0x20 * signed.length;
        for (uint256 i; i < data.length; ++i) moved[i < head ? i : i + 0x20] = data[i];
        for (uint256 i; i < signed.length; ++i) {
            assembly ("memory-safe") {
                let at := add(moved, add(add(0x20, 132), mul(0x20, i)))
                mstore(at, add(mload(at), 0x20))
            }
        }
        (bool success, ) = address(escrow).call(moved);
        assertTrue(success, "taken");
        assertStatus(_taskId, TaskStatus.Valid);
    }

    // Who signs

    function test_RevertWhen_NobodySigned() external {
        _expectRefused(
            TaskStatus.Valid,
            new ValidatorSignature[](0),
            abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, 0, validators.activeStake())
        );
    }

    /// @notice Four of five, and two base units short of two thirds; with a unit more of stake they are a quorum.
    function test_TwoThirdsToTheUnit() external {
        ValidatorSignature[] memory signed = signaturesOf(keys, 0, 4, _digest(TaskStatus.Valid));
        uint256 total = validators.activeStake();
        uint256 stake = total - stakeAt(4);
        assertEq(total * 2 - stake * 3, 2, "short");
        _expectRefused(
            TaskStatus.Valid,
            signed,
            abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, stake, total)
        );
        joinSet(validators, validatorAt(0), 2);
        escrow.finalize(_taskId, TaskStatus.Valid, signed);
    }

    function test_RevertWhen_SignersAreNotAscending() external {
        ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Invalid);
        (signed[1], signed[2]) = (signed[2], signed[1]);
        bytes4 selector = IValidatorSet.ValidatorSetUnorderedSigners.selector;
        _expectRefused(TaskStatus.Invalid, signed, abi.encodeWithSelector(selector, validatorAt(3), validatorAt(2)));
        signed[2] = signed[1];
        _expectRefused(TaskStatus.Invalid, signed, abi.encodeWithSelector(selector, validatorAt(3), validatorAt(3)));
    }

    function test_RevertGiven_SignerHasLeft() external {
        vm.prank(validatorAt(2));
        validators.exit();
        _expectRefused(
            TaskStatus.Valid,
            verdictOf(_taskId, TaskStatus.Valid),
            abi.encodeWithSelector(IValidatorSet.ValidatorSetNotActive.selector, validatorAt(2))
        );
    }

    function test_RevertWhen_SignerIsNoValidator() external {
        ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Valid);
        signed[0].validator = address(1);
        _expectRefused(
            TaskStatus.Valid,
            signed,
            abi.encodeWithSelector(IValidatorSet.ValidatorSetNotActive.selector, address(1))
        );
    }

    // What is signed

    function test_RevertWhen_AnyOneSignedSomethingElse() external {
        bytes32[9] memory digests = [
            _digest(TaskStatus.Invalid),
            verdictDigest(_taskId + 1, 0, TaskStatus.Valid),
            digestOf(verdictStruct(_taskId, fixedNameOf(_taskId), keccak256("other"), 0, TaskStatus.Valid, VERDICT_BY)),
            digestOf(verdictStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH, 0, TaskStatus.Valid, VERDICT_BY + 1)),
            verdictDigest(_taskId, 0, TaskStatus.Unjudged),
            digestOf(resultStruct(_taskId, fixedNameOf(_taskId), RESULT_HASH)),
            _digestOf(block.chainid + 1, fixedNameOf(_taskId), 0),
            _digestOf(block.chainid, keccak256("other"), 0),
            _digestOf(block.chainid, fixedNameOf(_taskId), 3)
        ];
        for (uint256 i; i < digests.length; ++i) {
            ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Valid);
            uint256 index = i % signed.length;
            signed[index].signature = signature(keys[index + 1], digests[i]);
            _expectInvalidSignature(TaskStatus.Valid, signed, index);
        }
    }

    function test_RevertWhen_OneSignsForAnother() external {
        ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Valid);
        signed[3].signature = signed[2].signature;
        _expectInvalidSignature(TaskStatus.Valid, signed, 3);
    }

    /// @notice Two tasks alike in all but the id, the same result: what was signed on one says nothing of the other.
    function test_SignaturesOfOneTaskAreUselessForAnother() external {
        ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Valid);
        escrow.finalize(_taskId, TaskStatus.Valid, signed);
        vm.warp(START);
        _taskId = reach(TaskStatus.Submitted);
        _expectInvalidSignature(TaskStatus.Valid, signed, 0);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidStatus.selector, 1, TaskStatus.Valid));
        escrow.finalize(1, TaskStatus.Valid, signed);
    }

    function test_RevertWhen_VerdictIsNotTheOneSigned() external {
        ValidatorSignature[] memory signed = verdictOf(_taskId, TaskStatus.Valid);
        _expectInvalidSignature(TaskStatus.Invalid, signed, 0);
        signed = verdictOf(_taskId, TaskStatus.Invalid);
        _expectInvalidSignature(TaskStatus.Valid, signed, 0);
    }

    /// @notice Shares go by the stake at the verdict, to those who signed.
    function test_OneValidatorThatIsAQuorumAloneTakesTheWholeFee() external {
        joinSet(validators, validatorAt(0), 5_000 ether);
        escrow.finalize(_taskId, TaskStatus.Valid, signaturesOf(keys, 0, 1, _digest(TaskStatus.Valid)));
        assertEq(escrow.balanceOf(validatorAt(0)), VALIDATOR_FEE, "fee");
    }

    function test_RevertGiven_TaskHasNoResult() external {
        vm.warp(START);
        uint256 taskId = reach(TaskStatus.Accepted);
        bytes memory refusal = abi.encodeWithSelector(
            ITaskEscrow.TaskEscrowInvalidStatus.selector,
            taskId,
            TaskStatus.Accepted
        );
        vm.expectRevert(refusal);
        escrow.hashVerdict(taskId, TaskStatus.Valid);
        ValidatorSignature[] memory signed = signaturesOf(
            keys,
            1,
            4,
            digestOf(verdictStruct(taskId, fixedNameOf(taskId), 0, 0, TaskStatus.Valid, VERDICT_BY))
        );
        vm.expectRevert(refusal);
        escrow.finalize(taskId, TaskStatus.Valid, signed);
    }

    function _digest(TaskStatus verdict) private view returns (bytes32) {
        return verdictDigest(_taskId, 0, verdict);
    }

    /// @dev `Valid` on another chain, over other terms, or for a result that rests on a quote vouched for.
    function _digestOf(uint256 chainId, bytes32 termsHash, uint256 vouched) private view returns (bytes32) {
        bytes32 structHash = verdictStruct(_taskId, termsHash, RESULT_HASH, vouched, TaskStatus.Valid, VERDICT_BY);
        return typedDigest(chainId, address(escrow), structHash);
    }

    function _expectRefused(TaskStatus verdict, ValidatorSignature[] memory signed, bytes memory refusal) private {
        vm.expectRevert(refusal);
        escrow.finalize(_taskId, verdict, signed);
    }

    function _expectInvalidSignature(TaskStatus verdict, ValidatorSignature[] memory signed, uint256 index) private {
        bytes4 selector = IValidatorSet.ValidatorSetInvalidSignature.selector;
        _expectRefused(verdict, signed, abi.encodeWithSelector(selector, signed[index].validator));
    }
}
