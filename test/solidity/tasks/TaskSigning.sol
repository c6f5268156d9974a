// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TaskStatus} from "../../../contracts/types/Task.sol";

// What is signed of tasks, computed apart from the contract.

bytes32 constant DOMAIN_TYPEHASH = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
);

function resultStruct(uint256 taskId, bytes32 termsHash, bytes32 resultHash) pure returns (bytes32) {
    bytes32 typehash = keccak256("Result(uint256 taskId,bytes32 termsHash,bytes32 resultHash)");
    return keccak256(abi.encode(typehash, taskId, termsHash, resultHash));
}

function abortStruct(uint256 taskId, bytes32 termsHash) pure returns (bytes32) {
    return keccak256(abi.encode(keccak256("Abort(uint256 taskId,bytes32 termsHash)"), taskId, termsHash));
}

function verdictStruct(
    uint256 taskId,
    bytes32 termsHash,
    bytes32 resultHash,
    uint256 vouchedAttestation,
    TaskStatus verdict,
    uint256 deadline
) pure returns (bytes32) {
    bytes32 typehash = keccak256(
        "Verdict(uint256 taskId,bytes32 termsHash,bytes32 resultHash,uint256 vouchedAttestation,uint8 verdict,uint256 deadline)"
    );
    return keccak256(abi.encode(typehash, taskId, termsHash, resultHash, vouchedAttestation, verdict, deadline));
}

function typedDigest(uint256 chainId, address verifyingContract, bytes32 structHash) pure returns (bytes32) {
    bytes32 domain = keccak256(
        abi.encode(DOMAIN_TYPEHASH, keccak256("ComputingPower.TaskEscrow"), keccak256("1"), chainId, verifyingContract)
    );
    return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
}
