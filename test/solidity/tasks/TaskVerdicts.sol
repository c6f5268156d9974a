// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QuoteBinding} from "../../../contracts/types/Node.sol";
import {Task, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {Test} from "../utils/Test.sol";
import {FIRST_VALIDATOR, VALIDATORS, Play} from "./TaskPlay.sol";
import {STRANGER, TaskStage} from "./TaskStage.sol";

/// @notice Plays validators: they end tasks, contradict themselves, and sign for what turns out to be false. Sometimes wrong on purpose.
abstract contract TaskVerdicts is Test {
    Play private play;

    modifier acts(uint256 seed) {
        play.start(seed);
        _;
        play.finish();
    }

    constructor(TaskStage stage) {
        play.begin(stage);
    }

    function finalize(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Submitted, TaskStatus.Submitted);
        if (taskId == 0) return;
        play.approach(play.escrow.getTask(taskId).verdictBy);
        TaskStatus verdict = play.roll(2) == 0 ? TaskStatus.Valid : TaskStatus.Invalid;
        (address[] memory signers, uint256[] memory secrets) = _signers();
        bool areSigned = !play.rarely();
        bytes32 digest = areSigned ? play.escrow.hashVerdict(taskId, verdict) : keccak256("another digest");
        ValidatorSignature[] memory signed = _signed(signers, secrets, digest);
        // What was signed to be good or bad may be carried as if it were anything else.
        TaskStatus other = TaskStatus(play.roll(10));
        if (other != verdict && play.rarely()) (verdict, areSigned) = (other, false);
        bool allowed = play.model.finalize(taskId, verdict, signers, areSigned);
        TaskStage.Sums memory before = play.stage.sums();
        vm.prank(STRANGER);
        try play.escrow.finalize(taskId, verdict, signed) {
            play.went(verdict == TaskStatus.Valid ? "finalizeValid" : "finalizeInvalid", allowed);
            play.stage.count(taskId, before);
        } catch (bytes memory reason) {
            play.was("finalize", allowed, reason);
        }
    }

    /// @notice Somebody shows that a validator signed both verdicts on a result.
    function reportContradiction(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Submitted, TaskStatus.Invalid);
        if (taskId == 0 || play.escrow.getTask(taskId).resultHash == 0 || play.roll(4) != 0) return;
        uint256 index = FIRST_VALIDATOR + play.roll(VALIDATORS);
        bool isSigned = !play.rarely();
        bytes32 good = play.escrow.hashVerdict(taskId, TaskStatus.Valid);
        bytes memory valid = signature(play.keys[index], good);
        bytes memory invalid = signature(
            play.keys[index],
            isSigned ? play.escrow.hashVerdict(taskId, TaskStatus.Invalid) : good
        );
        (bool allowed, uint256 expected) = play.model.contradict(taskId, play.players[index], isSigned);
        vm.prank(STRANGER);
        try play.escrow.reportContradiction(taskId, play.players[index], valid, invalid) returns (uint256 amount) {
            play.went("reportContradiction", allowed);
            assertEq(amount, expected, "slashed");
        } catch (bytes memory reason) {
            play.was("reportContradiction", allowed, reason);
        }
    }

    /// @notice Somebody shows that validators signed for a result whose quote was disproven, or one that was not.
    function reportFalseVerdict(uint256 seed) external acts(seed) {
        uint256 taskId = play.pick(TaskStatus.Submitted, TaskStatus.Invalid);
        if (taskId == 0 || play.escrow.getTask(taskId).resultHash == 0) return;
        Task memory task = play.escrow.getTask(taskId);
        uint256 vouched = task.vouchedAttestation;
        uint256 attestation = (vouched == 0 ? 0 : vouched - 1) + (play.rarely() ? 1 : 0);
        bool isDisproven = play.roll(2) == 0;
        if (isDisproven) play.quotes.disprove(task.nodeId, attestation);
        else isDisproven = play.quotes.isDisproven(task.nodeId, attestation);
        QuoteBinding memory binding = QuoteBinding((uint256(task.nodeId) << 32) | attestation, 1, bytes32(0));
        (address[] memory signers, uint256[] memory secrets) = _someValidators();
        bool areSigned = !play.rarely();
        bytes32 digest = play.escrow.hashVerdict(taskId, areSigned ? TaskStatus.Valid : TaskStatus.Invalid);
        ValidatorSignature[] memory signed = _signed(signers, secrets, digest);
        (bool allowed, uint256 expected) = play.model.falsify(taskId, attestation, isDisproven, signers, areSigned);
        bytes32 quoteHash = play.quotes.quoteHashOf(task.nodeId, attestation);
        vm.prank(STRANGER);
        try play.escrow.reportFalseVerdict(taskId, quoteHash, binding, signed) returns (uint256 amount) {
            play.went("reportFalseVerdict", allowed);
            assertEq(amount, expected, "slashed");
        } catch (bytes memory reason) {
            play.was("reportFalseVerdict", allowed, reason);
        }
    }

    /// @dev Some validators, mostly all that are active, and by ascending address.
    function _signers() internal returns (address[] memory signers, uint256[] memory secrets) {
        (uint256 odds, uint256 length) = (play.roll(4), 0);
        (signers, secrets) = (new address[](VALIDATORS), new uint256[](VALIDATORS));
        for (uint256 i; i < VALIDATORS; ++i) {
            address account = play.players[FIRST_VALIDATOR + i];
            bool signs = odds == 0 ? play.roll(2) == 0 : play.validators.isActive(account) || play.rarely();
            if (!signs || (odds == 1 && play.roll(5) == 0)) continue;
            uint256 j = length++;
            for (; j != 0 && signers[j - 1] > account; --j) {
                (signers[j], secrets[j]) = (signers[j - 1], secrets[j - 1]);
            }
            (signers[j], secrets[j]) = (account, play.keys[FIRST_VALIDATOR + i]);
        }
        // Twice the same, now and then.
        if (length > 1 && play.rarely()) (signers[1], secrets[1]) = (signers[0], secrets[0]);
        assembly ("memory-safe") {
            mstore(signers, length)
            mstore(secrets, length)
        }
    }

    /// @dev One validator or two, maybe the same, in any order.
    function _someValidators() internal returns (address[] memory picked, uint256[] memory secrets) {
        uint256 length = 1 + play.roll(2);
        (picked, secrets) = (new address[](length), new uint256[](length));
        for (uint256 i; i < length; ++i) {
            uint256 index = FIRST_VALIDATOR + play.roll(VALIDATORS);
            (picked[i], secrets[i]) = (play.players[index], play.keys[index]);
        }
    }

    function _signed(
        address[] memory signers,
        uint256[] memory secrets,
        bytes32 digest
    ) internal pure returns (ValidatorSignature[] memory signed) {
        signed = new ValidatorSignature[](signers.length);
        for (uint256 i; i < signers.length; ++i) {
            signed[i] = ValidatorSignature({validator: signers[i], signature: signature(secrets[i], digest)});
        }
    }
}
