// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {MockJudge} from "../../../contracts/mocks/MockJudge.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {DatasetUse, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";
import {Test} from "../utils/Test.sol";

/// @notice Who and what the tasks' tests are about, and what is signed in them. No amount divides another evenly. All digests are
/// computed here, apart from the contract.
abstract contract TaskScene is Test {
    uint256 internal constant START = 2_000_001_600;
    uint256 internal constant ACCEPT_BY = START + 1 days;
    uint256 internal constant RESULT_BY = ACCEPT_BY + 2 days;
    uint256 internal constant VERDICT_BY = RESULT_BY + 3 days;
    uint24 internal constant LEAST_DURATION = 10 minutes;
    uint40 internal constant FINALITY_PERIOD = 7 days;
    uint40 internal constant EXIT_DELAY = 14 days;
    uint16 internal constant SLASH_BPS = 3_000;
    uint256 internal constant NODE = 7;
    bytes32 internal constant MR_ENCLAVE = keccak256("enclave");
    bytes32 internal constant INPUT_HASH = keccak256("inputs");
    bytes32 internal constant RESULT_HASH = keccak256("result");
    string internal constant INPUT_URI = "https://files.example/inputs";
    string internal constant RESULT_URI = "https://files.example/result";

    uint96 internal constant PRICE = 4e18 + 3;
    uint96 internal constant OTHER_PRICE = 7e17 + 1;
    uint96 internal constant OWNERS_FEE = PRICE + OTHER_PRICE;
    uint96 internal constant NODE_FEE = 9e18 + 5;
    uint96 internal constant VALIDATOR_FEE = 2e18 + 7;
    uint96 internal constant ESCROWED = OWNERS_FEE + NODE_FEE + VALIDATOR_FEE;
    /// @notice What the lock is beyond what owners and validators get of it.
    uint96 internal constant REST = 3e18 + 11;
    uint96 internal constant STAKE_LOCK = OWNERS_FEE + VALIDATOR_FEE + REST;
    uint256 internal constant PROVIDER_STAKE = 1e24;

    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    address internal immutable requester;
    uint256 internal immutable requesterKey;
    address internal immutable provider;
    address internal immutable enclave;
    uint256 internal immutable enclaveKey;
    address internal immutable owner = address(0xDA7A);
    address internal immutable otherOwner = address(0xDA7B);
    address internal immutable stranger = address(0x5A5A);
    address internal immutable treasury = address(0x7EA5);

    IERC20 internal token;
    IStakeVault internal vault;
    TaskNodesStandIn internal nodes;
    IDataGrants internal grants;
    IValidatorSet internal validators;
    MockJudge internal judge;
    IQuorumVerifier internal quorumVerifier;
    ITaskEscrow internal escrow;
    address internal governance;
    uint256[] internal keys;

    constructor() {
        (requester, requesterKey) = makeAccount("requester");
        (provider, ) = makeAccount("provider");
        (enclave, enclaveKey) = makeAccount("enclave");
    }

    function aRequest() internal view returns (TaskRequest memory request) {
        request.nodeId = NODE;
        (request.mrEnclave, request.enclaveKey) = (MR_ENCLAVE, enclave);
        request.demand = AttestationDemand.Live;
        request.datasets = new DatasetUse[](2);
        request.datasets[0] = DatasetUse(1, PRICE);
        request.datasets[1] = DatasetUse(2, OTHER_PRICE);
        (request.inputHash, request.inputUri) = (INPUT_HASH, INPUT_URI);
        (request.nodeFee, request.validatorFee, request.stakeLock) = (NODE_FEE, VALIDATOR_FEE, STAKE_LOCK);
        (request.acceptBy, request.resultBy) = (uint40(ACCEPT_BY), uint40(RESULT_BY));
        (request.verdictBy, request.leastDuration) = (uint40(VERDICT_BY), LEAST_DURATION);
    }

    /// @notice Keys of `count` validators, by ascending address.
    function ascendingKeys(uint256 count) internal pure returns (uint256[] memory sorted) {
        sorted = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode("validator", i)));
            uint256 j = i;
            for (; j > 0 && vm.addr(sorted[j - 1]) > vm.addr(key); --j) sorted[j] = sorted[j - 1];
            sorted[j] = key;
        }
    }

    /// @notice The first four together lack two base units of two thirds.
    function stakeAt(uint256 index) internal pure returns (uint256) {
        return (index + 1) * 100 ether + index;
    }

    function validatorAt(uint256 index) internal view returns (address) {
        return vm.addr(keys[index]);
    }

    function resultSignature(uint256 taskId) internal view returns (bytes memory) {
        return signature(enclaveKey, resultDigest(taskId, INPUT_HASH, RESULT_HASH));
    }

    function verdictOf(uint256 taskId, TaskStatus verdict) internal view returns (ValidatorSignature[] memory) {
        return signVerdict(verdictDigest(taskId, RESULT_HASH, verdict, VERDICT_BY), 1, 4);
    }

    /// @notice Signatures of the validators from `first` on, `count` of them.
    function signVerdict(
        bytes32 digest,
        uint256 first,
        uint256 count
    ) internal view returns (ValidatorSignature[] memory signed) {
        signed = new ValidatorSignature[](count);
        for (uint256 i; i < count; ++i) {
            signed[i] = ValidatorSignature(validatorAt(first + i), signature(keys[first + i], digest));
        }
    }

    function resultDigest(uint256 taskId, bytes32 inputHash, bytes32 resultHash) internal view returns (bytes32) {
        bytes32 typehash = keccak256("Result(uint256 taskId,bytes32 inputHash,bytes32 resultHash)");
        return
            typedDigest(block.chainid, address(escrow), keccak256(abi.encode(typehash, taskId, inputHash, resultHash)));
    }

    function abortDigest(uint256 taskId) internal view returns (bytes32) {
        bytes32 typehash = keccak256("Abort(uint256 taskId,bytes32 inputHash)");
        return typedDigest(block.chainid, address(escrow), keccak256(abi.encode(typehash, taskId, INPUT_HASH)));
    }

    /// @notice For a node that the chain verified.
    function verdictDigest(
        uint256 taskId,
        bytes32 resultHash,
        TaskStatus verdict,
        uint256 deadline
    ) internal view returns (bytes32) {
        bytes32 structHash = verdictStruct(taskId, INPUT_HASH, resultHash, 0, verdict, deadline);
        return typedDigest(block.chainid, address(escrow), structHash);
    }

    function verdictStruct(
        uint256 taskId,
        bytes32 inputHash,
        bytes32 resultHash,
        uint256 vouchedAttestation,
        TaskStatus verdict,
        uint256 deadline
    ) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Verdict(uint256 taskId,bytes32 inputHash,bytes32 resultHash,uint256 vouchedAttestation,uint8 verdict,uint256 deadline)"
        );
        return keccak256(abi.encode(typehash, taskId, inputHash, resultHash, vouchedAttestation, verdict, deadline));
    }

    function typedDigest(
        uint256 chainId,
        address verifyingContract,
        bytes32 structHash
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256("ComputingPower.TaskEscrow"),
                keccak256("1"),
                chainId,
                verifyingContract
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }
}
