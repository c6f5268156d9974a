// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {DatasetRequest, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {Test} from "../utils/Test.sol";
import {makeCount} from "../validators/ValidatorStaking.sol";
import {playedResult, resultHashOf} from "./ChunkedResult.sol";
import {Play} from "./TaskPlay.sol";
import {ENCLAVE_SECRET, FREE_STAKE, MINIMUM_STAKE, MR_ENCLAVE, START, STRANGER, TaskStage} from "./TaskStage.sol";

/// @notice A task with random datasets, prices and fees, between a requester, a provider, owners and validators who have one part each.
abstract contract TaskDealFixture is Test {
    /// @dev What the tests need of a request.
    struct Terms {
        uint96 nodeFee;
        uint96 validatorFee;
        uint96 stakeLock;
        uint40 acceptBy;
        uint40 resultBy;
        uint40 verdictBy;
    }

    uint256 internal constant NODE = 3;
    uint256 internal constant MAX_DATASETS = 16;
    uint256 internal constant MAX_SIGNERS = 32;
    /// @dev Sixteen of them and a validators' fee leave room in a lock of 96 bits.
    uint256 internal constant MAX_PRICE = 2 ** 91;
    uint256 internal constant MAX_VALIDATOR_FEE = 2 ** 94;
    uint256 internal constant PROVIDER_STAKE = 2 ** 96;

    Play internal play;

    address internal immutable requester = address(0xA0);
    address internal immutable provider = address(0xB0);

    /// @dev By ascending address, and what each has staked.
    uint256[] internal keys;
    uint256[] internal stakes;
    /// @dev What the task's uses cost once it is accepted.
    uint256[] internal prices;
    Terms internal terms;
    uint256 internal task;
    uint256 internal escrowed;
    /// @dev What datasets had become cheaper.
    uint256 internal saved;

    function setUp() public {
        TaskStage stage = new TaskStage();
        play.begin(stage);
        stage.fund(requester, FREE_STAKE);
        stage.fund(provider, PROVIDER_STAKE);
        play.nodes.addNode(NODE, provider, vm.addr(ENCLAVE_SECRET));
        play.nodes.attest(NODE, MR_ENCLAVE, VerifierKind.OnChain, START + 300 days);
        for (uint256 i; i < MAX_SIGNERS; ++i) addKey(uint256(keccak256(abi.encode("signer", i))));
        for (uint256 i; i < MAX_SIGNERS; ++i) stage.fund(vm.addr(keys[i]), FREE_STAKE);
        for (uint256 i; i < MAX_DATASETS; ++i) {
            vm.prank(ownerAt(i));
            play.grants.register(keccak256("data"), 0, "");
        }
    }

    function publish(uint256 seed) internal {
        play.luck.seed(seed);
        TaskRequest memory request = plainRequest();
        uint256 count = play.roll(MAX_DATASETS + 1);
        request.datasets = new DatasetRequest[](count);
        uint256 least;
        for (uint256 i; i < count; ++i) {
            uint256 price = amount(MAX_PRICE);
            prices.push(price);
            // What the requester offers, which may be more than what it will cost.
            uint256 offered = price + (play.roll(3) == 0 ? amount(MAX_PRICE - price) : 0);
            saved += offered - price;
            least += offered;
            request.datasets[i] = DatasetRequest(uint64(i + 1), uint96(offered), ownerAt(i), keccak256("data"));
            setPrice(i, price);
            grant(i, uint40(block.timestamp + 2 days));
        }
        request.nodeFee = uint96(amount(2 ** 96));
        request.validatorFee = uint96(amount(MAX_VALIDATOR_FEE));
        least += request.validatorFee;
        request.stakeLock = uint96(least + (play.roll(2) == 0 ? 0 : amount(2 ** 96 - least)));
        terms = Terms({
            nodeFee: request.nodeFee,
            validatorFee: request.validatorFee,
            stakeLock: request.stakeLock,
            acceptBy: request.acceptBy,
            resultBy: request.resultBy,
            verdictBy: request.verdictBy
        });
        vm.prank(requester);
        task = play.escrow.publish(request);
        escrowed = least + request.nodeFee;
        assertEq(play.token.balanceOf(address(play.escrow)), escrowed, "came in");
    }

    /// @dev One validator to 32 join, of whatever stakes, and all of them sign.
    function joinAndSign(TaskStatus verdict) internal returns (ValidatorSignature[] memory signatures) {
        uint256 count = 1 + play.roll(MAX_SIGNERS);
        signatures = new ValidatorSignature[](count);
        bytes32 digest = play.escrow.hashVerdict(task, verdict);
        for (uint256 i; i < count; ++i) {
            address account = vm.addr(keys[i]);
            uint256 stake = MINIMUM_STAKE + amount(FREE_STAKE - MINIMUM_STAKE);
            stakes.push(stake);
            vm.prank(account);
            play.validators.join(stake);
            makeCount(play.validators, account);
            signatures[i] = ValidatorSignature(account, signature(keys[i], digest));
        }
    }

    /// @dev Somebody demands the result and shows it; the bond is the node's.
    function showResult() internal {
        IResultDemands demands = play.escrow.resultDemands();
        bytes memory result = playedResult(task);
        bytes32 name = play.escrow.fixedTermsHashOf(task);
        vm.startPrank(STRANGER);
        demands.demand(task, name, resultHashOf(result), 0);
        demands.answer(task, 0, uint64(result.length), result, new bytes32[](0));
        vm.stopPrank();
    }

    function plainRequest() internal view returns (TaskRequest memory request) {
        request.nodeId = NODE;
        request.mrEnclave = MR_ENCLAVE;
        request.enclaveKey = vm.addr(ENCLAVE_SECRET);
        request.demand = AttestationDemand.OnChain;
        request.inputHash = keccak256("inputs");
        request.acceptBy = uint40(block.timestamp + 1 days);
        request.resultBy = uint40(block.timestamp + 2 days);
        request.verdictBy = uint40(block.timestamp + 3 days);
    }

    function setPrice(uint256 index, uint256 price) internal {
        vm.prank(ownerAt(index));
        play.grants.setPrice(index + 1, keccak256("data"), uint96(price));
    }

    function grant(uint256 index, uint40 until) internal {
        vm.prank(ownerAt(index));
        play.grants.grant(
            GrantTerms(index + 1, NODE, MR_ENCLAVE, vm.addr(ENCLAVE_SECRET), until, AttestationDemand.OnChain, false),
            keccak256("data")
        );
    }

    /// @dev Keeps the keys in the order of their addresses.
    function addKey(uint256 key) internal {
        keys.push(key);
        for (uint256 i = keys.length - 1; i > 0 && vm.addr(keys[i - 1]) > vm.addr(key); --i) {
            (keys[i], keys[i - 1]) = (keys[i - 1], key);
        }
    }

    function ownerAt(uint256 index) internal pure returns (address) {
        return address(uint160(0xD00 + index));
    }

    /// @dev Any amount below a limit: nothing, a few units, or of any magnitude.
    function amount(uint256 limit) internal returns (uint256) {
        if (limit == 0) return 0;
        uint256 size = 2 ** play.roll(97);
        return play.roll(size < limit ? size : limit);
    }
}
