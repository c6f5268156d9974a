// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {IResultDemands} from "../../../contracts/interfaces/IResultDemands.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {MockJudge} from "../../../contracts/mocks/MockJudge.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {DatasetRequest, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {Test} from "../utils/Test.sol";
import {ascendingKeys, signaturesOf} from "../validators/ValidatorKeys.sol";
import {joinSet} from "../validators/ValidatorStaking.sol";
import {fixedName} from "./TaskNames.sol";
import {abortStruct, resultStruct, typedDigest, verdictStruct} from "./TaskSigning.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";
import {VouchedNode} from "./VouchedNode.sol";

/// @notice Tasks over the real vault, grants, validators and quorum verifier: one node, two datasets of two owners, five validators of
/// unequal stake. No amount divides another evenly.
abstract contract TaskFixture is Test {
    uint256 internal constant START = 2_000_001_600;
    uint256 internal constant ACCEPT_BY = START + 1 days;
    uint256 internal constant RESULT_BY = ACCEPT_BY + 2 days;
    uint256 internal constant VERDICT_BY = RESULT_BY + 3 days;
    uint24 internal constant LEAST_DURATION = 10 minutes;
    uint40 internal constant DISPUTE_PERIOD = 7 days;
    /// @dev With the day in which a demanded quote can be shown.
    uint40 internal constant FINALITY_PERIOD = 8 days;
    uint40 internal constant EXIT_DELAY = 14 days;
    uint256 internal constant REVOCATION_DELAY = 2 days;
    uint40 internal constant ACTIVATION_DELAY = 10 days;
    uint16 internal constant SLASH_BPS = 3_000;
    uint256 internal constant NODE = 7;
    bytes32 internal constant MR_ENCLAVE = keccak256("enclave");
    bytes32 internal constant INPUT_HASH = keccak256("inputs");
    /// @dev Of one chunk.
    bytes internal constant RESULT = "result";
    bytes32 internal constant RESULT_HASH = keccak256(
        abi.encodePacked(bytes1(0x02), uint64(6), keccak256(abi.encodePacked(bytes1(0x00), RESULT)))
    );
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
    uint128 internal constant RESULT_BOND = 5e17 + 9;

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
    mapping(uint256 taskId => bytes32) private _names;
    mapping(uint256 taskId => bytes32) private _fixedNames;
    mapping(uint256 datasetId => address) private _owners;
    address internal governance;
    uint256[] internal keys;

    constructor() {
        (requester, requesterKey) = makeAccount("requester");
        (provider, ) = makeAccount("provider");
        (enclave, enclaveKey) = makeAccount("enclave");
    }

    /// @notice Deploys all over the platform token and a stand-in for the registry, and sets the scene.
    function deployTasks() internal {
        deployTasks(platformToken());
    }

    /// @notice The same over a token of which this test holds plenty.
    function deployTasks(address token_) internal {
        deployVault(token_);
        nodes = new TaskNodesStandIn(vault);
        deployOver(address(nodes));
        nodes.addNode(NODE, provider, enclave, MR_ENCLAVE);
        registerDataset(owner, PRICE);
        registerDataset(otherOwner, OTHER_PRICE);
        grantTo(NODE, 1);
        grantTo(NODE, 2);
    }

    /// @notice Deploys all over the platform token and the real registry, in which the provider has a node.
    function deployTasksOverRegistry() internal returns (VouchedNode node) {
        deployVault(platformToken());
        node = new VouchedNode(vault, treasury, provider, enclave);
        deployOver(address(node.registry()));
        node.declare(quorumVerifier, judge, keys);
    }

    function platformToken() internal returns (address) {
        return deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36));
    }

    function deployVault(address token_) internal {
        vm.warp(START);
        token = IERC20(token_);
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
    }

    /// @notice Deploys what stands above the vault and a registry, with five validators, and funds the requester and the provider.
    function deployOver(address registry) internal {
        governance = deploy("Governance.sol:Governance", abi.encode(address(this)));
        judge = MockJudge(deploy("MockJudge.sol:MockJudge", ""));
        validators = deployValidators(EXIT_DELAY, ACTIVATION_DELAY);
        quorumVerifier = deployQuorumVerifier(DISPUTE_PERIOD);
        grants = IDataGrants(deploy("DataGrants.sol:DataGrants", abi.encode(registry, quorumVerifier)));
        escrow = ITaskEscrow(deploy("TaskEscrow.sol:TaskEscrow", constructorArguments(treasury)));
        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(quorumVerifier), address(escrow));
        validators.setSlashers(slashers, new address[](0));
        token.approve(address(vault), type(uint256).max);
        keys = ascendingKeys(5);
        for (uint256 i; i < keys.length; ++i) joinSet(validators, vm.addr(keys[i]), stakeAt(i));
        fundRequester(requester);
        fundProvider(provider);
    }

    function deployValidators(uint40 exitDelay, uint40 activationDelay) internal returns (IValidatorSet) {
        bytes memory arguments = abi.encode(
            vault,
            governance,
            treasury,
            exitDelay,
            activationDelay,
            SLASH_BPS,
            uint128(1)
        );
        return IValidatorSet(deploy("ValidatorSet.sol:ValidatorSet", arguments));
    }

    /// @notice Over the validators as they are.
    function deployQuorumVerifier(uint40 disputePeriod) internal returns (IQuorumVerifier) {
        bytes memory arguments = abi.encode(validators, judge, disputePeriod, uint128(1));
        return IQuorumVerifier(deploy("QuorumVerifier.sol:QuorumVerifier", arguments));
    }

    function constructorArguments(address treasury_) internal view returns (bytes memory) {
        return abi.encode(vault, grants, validators, quorumVerifier, governance, treasury_, RESULT_BOND);
    }

    /// @notice Gives an account tokens that the escrow may take.
    function fundRequester(address account) internal {
        token.transfer(account, 1e24);
        vm.prank(account);
        token.approve(address(escrow), type(uint256).max);
    }

    /// @notice Gives an account free stake that the escrow may lock.
    function fundProvider(address account) internal {
        vault.depositFor(account, PROVIDER_STAKE);
        vm.prank(account);
        vault.allow(address(escrow), type(uint128).max);
    }

    function registerDataset(address account, uint96 price) internal returns (uint256 datasetId) {
        bytes32 contentHash = contentOf(grants.datasetCount() + 1);
        vm.prank(account);
        datasetId = grants.register(contentHash, price, "");
        _owners[datasetId] = account;
    }

    /// @notice The content of the dataset with that number.
    function contentOf(uint256 datasetId) internal pure returns (bytes32) {
        return keccak256(abi.encode(datasetId));
    }

    /// @notice A dataset as a requester asks for it. Where a revert is expected, no call may come between, so its owner is known here.
    function useOf(uint256 datasetId, uint96 price) internal view returns (DatasetRequest memory) {
        return DatasetRequest(uint64(datasetId), price, _owners[datasetId], contentOf(datasetId));
    }

    /// @notice Has a dataset's owner grant it to a node for long, asking nothing more of its attestation.
    function grantTo(uint256 nodeId, uint256 datasetId) internal {
        grantOn(termsOf(datasetId, nodeId, START + 365 days, AttestationDemand.Live));
    }

    /// @notice To a node of the scene's enclave, at the dataset's price.
    function termsOf(
        uint256 datasetId,
        uint256 nodeId,
        uint256 until,
        AttestationDemand demand
    ) internal view returns (GrantTerms memory) {
        return GrantTerms(datasetId, nodeId, MR_ENCLAVE, enclave, uint40(until), demand, false);
    }

    function grantOn(GrantTerms memory terms) internal {
        address account = grants.getDataset(terms.datasetId).owner;
        vm.prank(account);
        grants.grant(terms, contentOf(terms.datasetId));
    }

    function publish(TaskRequest memory request) internal returns (uint256 taskId) {
        return publishAs(requester, request);
    }

    function publishAs(address account, TaskRequest memory request) internal returns (uint256 taskId) {
        vm.prank(account);
        taskId = escrow.publish(request);
        nameOf(taskId);
        _fixedNames[taskId] = fixedName(account, request);
    }

    /// @notice What names a task. It is read once: where a revert is expected, no call may come between.
    function nameOf(uint256 taskId) internal returns (bytes32) {
        if (_names[taskId] == 0) _names[taskId] = escrow.termsHashOf(taskId);
        return _names[taskId];
    }

    /// @notice What names a task in what is signed about it: of a task that this fixture did not publish, what its usual request gives.
    function fixedNameOf(uint256 taskId) internal view returns (bytes32) {
        bytes32 name = _fixedNames[taskId];
        return name == 0 ? fixedName(requester, aRequest()) : name;
    }

    function acceptAs(address account, uint256 taskId) internal {
        bytes32 name = nameOf(taskId);
        vm.prank(account);
        escrow.accept(taskId, name, enclave);
    }

    function cancelAs(address account, uint256 taskId) internal {
        bytes32 name = nameOf(taskId);
        vm.prank(account);
        escrow.cancel(taskId, name);
    }

    function submit(uint256 taskId) internal {
        submitAs(provider, taskId, resultSignature(taskId));
    }

    function submitAs(address account, uint256 taskId, bytes memory signed) internal {
        vm.prank(account);
        escrow.submit(taskId, RESULT_HASH, RESULT_URI, signed);
    }

    /// @notice Ends a submitted task by the four validators with the most stake.
    function finalize(uint256 taskId, TaskStatus verdict) internal {
        escrow.finalize(taskId, verdict, verdictOf(taskId, verdict));
    }

    /// @notice Brings a new task to a status by the shortest way.
    function reach(TaskStatus status) internal returns (uint256) {
        return reach(aRequest(), status);
    }

    function reach(TaskRequest memory request, TaskStatus status) internal returns (uint256 taskId) {
        taskId = publish(request);
        if (status == TaskStatus.Published) return taskId;
        if (status == TaskStatus.Cancelled) {
            cancelAs(requester, taskId);
            return taskId;
        }
        acceptAs(provider, taskId);
        if (status == TaskStatus.Accepted) return taskId;
        if (status == TaskStatus.Aborted) escrow.abort(taskId, signature(enclaveKey, abortDigest(taskId)));
        else if (status == TaskStatus.Late) expireAt(taskId, RESULT_BY + 1);
        else if (status == TaskStatus.Suspended) expireSuspended(taskId);
        else reachResult(taskId, status);
    }

    function reachResult(uint256 taskId, TaskStatus status) internal {
        vm.warp(START + LEAST_DURATION);
        submit(taskId);
        if (status == TaskStatus.Unjudged) expireShown(taskId, VERDICT_BY + 1);
        else if (status != TaskStatus.Submitted) finalize(taskId, status);
    }

    /// @notice Ends a task that has no result, and whose node has been suspended for too long to excuse anything.
    function expireSuspended(uint256 taskId) internal {
        nodes.setSuspension(NODE, START, 0);
        expireAt(taskId, RESULT_BY + REVOCATION_DELAY + 1);
        nodes.setSuspension(NODE, 0, 0);
    }

    /// @notice Has the result shown, long before the end, and ends the task at a time.
    function expireShown(uint256 taskId, uint256 time) internal {
        showResult(taskId);
        expireAt(taskId, time);
    }

    /// @notice The node demands its own result and shows it, for its own bond.
    function showResult(uint256 taskId) internal {
        IResultDemands demands = escrow.resultDemands();
        bytes32 name = fixedNameOf(taskId);
        vm.startPrank(escrow.registry().providerOf(escrow.getTask(taskId).nodeId));
        vault.allow(address(demands), RESULT_BOND);
        demands.demand(taskId, name, RESULT_HASH, 0);
        demands.answer(taskId, 0, uint64(RESULT.length), RESULT, new bytes32[](0));
        vm.stopPrank();
    }

    function expireAt(uint256 taskId, uint256 time) internal {
        vm.warp(time);
        escrow.expire(taskId);
    }

    /// @notice All that an account has: tokens, what the ledger owes it, and stake.
    function wealthOf(address account) internal view returns (uint256) {
        (uint256 stake, ) = vault.stakeOf(account);
        return token.balanceOf(account) + escrow.balanceOf(account) + stake;
    }

    function lockedOf(address account) internal view returns (uint256 locked) {
        (, locked) = vault.allowanceOf(account, address(escrow));
    }

    function assertStatus(uint256 taskId, TaskStatus status) internal view {
        assertEq(uint256(escrow.getTask(taskId).status), uint256(status), "status");
    }

    function aRequest() internal view returns (TaskRequest memory request) {
        request.nodeId = NODE;
        (request.mrEnclave, request.enclaveKey) = (MR_ENCLAVE, enclave);
        request.demand = AttestationDemand.Live;
        request.datasets = new DatasetRequest[](2);
        request.datasets[0] = useOf(1, PRICE);
        request.datasets[1] = useOf(2, OTHER_PRICE);
        (request.inputHash, request.inputUri) = (INPUT_HASH, INPUT_URI);
        (request.nodeFee, request.validatorFee, request.stakeLock) = (NODE_FEE, VALIDATOR_FEE, STAKE_LOCK);
        (request.acceptBy, request.resultBy) = (uint40(ACCEPT_BY), uint40(RESULT_BY));
        (request.verdictBy, request.leastDuration) = (uint40(VERDICT_BY), LEAST_DURATION);
    }

    /// @notice The first four together lack two base units of two thirds.
    function stakeAt(uint256 index) internal pure returns (uint256) {
        return (index + 1) * 100 ether + index;
    }

    function validatorAt(uint256 index) internal view returns (address) {
        return vm.addr(keys[index]);
    }

    function resultSignature(uint256 taskId) internal view returns (bytes memory) {
        return signature(enclaveKey, digestOf(resultStruct(taskId, fixedNameOf(taskId), RESULT_HASH)));
    }

    function verdictOf(uint256 taskId, TaskStatus verdict) internal view returns (ValidatorSignature[] memory) {
        return signaturesOf(keys, 1, 4, verdictDigest(taskId, 0, verdict));
    }

    function abortDigest(uint256 taskId) internal view returns (bytes32) {
        return digestOf(abortStruct(taskId, fixedNameOf(taskId)));
    }

    /// @notice What validators sign on a result that rests on that attestation of a node, counted from 1, or 0 if the chain verified it.
    function verdictDigest(uint256 taskId, uint256 attestation, TaskStatus verdict) internal view returns (bytes32) {
        return digestOf(verdictStruct(taskId, fixedNameOf(taskId), RESULT_HASH, attestation, verdict, VERDICT_BY));
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        return typedDigest(block.chainid, address(escrow), structHash);
    }
}
