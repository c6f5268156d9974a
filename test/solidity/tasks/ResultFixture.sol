// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";
import {CHUNK, chunkAt, proofOf, resultHashOf, someBytes} from "./ChunkedResult.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {resultStruct, verdictStruct} from "./TaskSigning.sol";

/// @notice Tasks whose results have chunks, and accounts that demand and show them.
abstract contract ResultFixture is TaskFixture {
    uint256 internal constant ANSWER_TIME = 1 days;
    uint256 internal constant VERDICT_TIME = 1 hours;
    uint256 internal constant CHUNKS = 5;

    address internal immutable demander = address(0xDE3A);

    IResultDemands internal demands;
    bytes internal result;
    bytes32 internal resultHash;
    bytes[] private _chunks;
    bytes32[][] private _proofs;

    function deployWithResults() internal {
        deployTasks();
        demands = escrow.resultDemands();
        result = someBytes((CHUNKS - 1) * CHUNK + 321, 1);
        resultHash = resultHashOf(result);
        for (uint256 i; i < CHUNKS; ++i) {
            _chunks.push(chunkAt(result, i));
            _proofs.push(proofOf(result, i));
        }
        address[3] memory all = [requester, demander, provider];
        for (uint256 i; i < all.length; ++i) fundDemander(all[i]);
    }

    /// @notice Gives an account free stake for many bonds.
    function fundDemander(address account) internal {
        vault.depositFor(account, 100 * uint256(RESULT_BOND));
        vm.prank(account);
        vault.allow(address(demands), type(uint128).max);
    }

    /// @notice A task with the result, which was submitted as early as can be.
    function submitted() internal returns (uint256 taskId) {
        taskId = reach(TaskStatus.Accepted);
        vm.warp(START + LEAST_DURATION);
        submitResult(taskId, resultHash);
    }

    function submitResult(uint256 taskId, bytes32 hash) internal {
        bytes memory signed = signature(enclaveKey, digestOf(resultStruct(taskId, fixedNameOf(taskId), hash)));
        vm.prank(provider);
        escrow.submit(taskId, hash, RESULT_URI, signed);
    }

    function demandAs(address account, uint256 taskId, uint256 chunk) internal {
        bytes32 terms = fixedNameOf(taskId);
        vm.prank(account);
        demands.demand(taskId, terms, resultHash, chunk);
    }

    function answerAs(address account, uint256 taskId, uint256 chunk) internal {
        uint256 place = chunk % CHUNKS;
        bytes32[] memory proof = _proofs[place];
        bytes memory data = _chunks[place];
        uint64 length = uint64(result.length);
        vm.prank(account);
        demands.answer(taskId, chunk, length, data, proof);
    }

    function judgedOf(uint256 taskId, TaskStatus verdict) internal view returns (ValidatorSignature[] memory) {
        bytes32 name = fixedNameOf(taskId);
        return signaturesOf(keys, 1, 4, digestOf(verdictStruct(taskId, name, resultHash, 0, verdict, VERDICT_BY)));
    }

    function judgeAs(uint256 taskId, TaskStatus verdict) internal {
        escrow.finalize(taskId, verdict, judgedOf(taskId, verdict));
    }

    function openOf(uint256 taskId) internal view returns (uint256 open) {
        (open, ) = demands.standingOf(taskId);
    }

    function bondsOf(address account) internal view returns (uint256 locked) {
        (, locked) = vault.allowanceOf(account, address(demands));
    }
}
