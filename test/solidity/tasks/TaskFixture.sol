// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {MockJudge} from "../../../contracts/mocks/MockJudge.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskScene} from "./TaskScene.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";

/// @notice Tasks over the real vault, grants, validators and quorum verifier: one node, two datasets of two owners, five validators of
/// unequal stake.
abstract contract TaskFixture is TaskScene {
    /// @notice Deploys all over the platform token and a stand-in for the registry, and sets the scene.
    function deployTasks() internal {
        deployTasks(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36)));
    }

    /// @notice The same over a token of which this test holds plenty.
    function deployTasks(address token_) internal {
        vm.warp(START);
        token = IERC20(token_);
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        nodes = new TaskNodesStandIn();
        deployOver(address(nodes));
        nodes.setNode(
            NODE,
            TaskNodesStandIn.Settable(
                provider,
                enclave,
                MR_ENCLAVE,
                VerifierKind.OnChain,
                uint40(START),
                3,
                true,
                false
            )
        );
        fundRequester(requester);
        fundProvider(provider);
        registerDataset(owner, PRICE);
        registerDataset(otherOwner, OTHER_PRICE);
        grantTo(NODE, 1);
        grantTo(NODE, 2);
    }

    /// @notice Deploys what stands above the vault and a registry, with five validators.
    function deployOver(address registry) internal {
        governance = deploy("Governance.sol:Governance", abi.encode(address(this)));
        grants = IDataGrants(deploy("DataGrants.sol:DataGrants", abi.encode(registry, FINALITY_PERIOD)));
        judge = MockJudge(deploy("MockJudge.sol:MockJudge", ""));
        validators = deployValidators(EXIT_DELAY);
        quorumVerifier = deployQuorumVerifier(FINALITY_PERIOD);
        escrow = ITaskEscrow(deploy("TaskEscrow.sol:TaskEscrow", constructorArguments(treasury)));
        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(quorumVerifier), address(escrow));
        validators.setSlashers(slashers);
        token.approve(address(vault), type(uint256).max);
        keys = ascendingKeys(5);
        for (uint256 i; i < keys.length; ++i) joinValidators(vm.addr(keys[i]), stakeAt(i));
    }

    function deployValidators(uint40 exitDelay) internal returns (IValidatorSet) {
        bytes memory arguments = abi.encode(vault, governance, treasury, exitDelay, SLASH_BPS, uint128(1));
        return IValidatorSet(deploy("ValidatorSet.sol:ValidatorSet", arguments));
    }

    /// @notice Over the validators as they are.
    function deployQuorumVerifier(uint40 disputePeriod) internal returns (IQuorumVerifier) {
        bytes memory arguments = abi.encode(validators, judge, disputePeriod, uint128(1));
        return IQuorumVerifier(deploy("QuorumVerifier.sol:QuorumVerifier", arguments));
    }

    function constructorArguments(address treasury_) internal view returns (bytes memory) {
        return abi.encode(vault, grants, validators, quorumVerifier, governance, treasury_);
    }

    /// @notice Deploys in a call of its own, so that a constructor's revert can be expected.
    function deployArtifact(string calldata artifact, bytes calldata arguments) external returns (address) {
        return deploy(artifact, arguments);
    }

    function joinValidators(address account, uint256 stake) internal {
        vault.depositFor(account, stake);
        vm.startPrank(account);
        vault.allow(address(validators), type(uint128).max);
        validators.join(stake);
        vm.stopPrank();
    }

    /// @notice The time as it is now: within one function the compiler takes `block.timestamp` for constant.
    function timeNow() external view returns (uint256) {
        return block.timestamp;
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
        bytes32 contentHash = keccak256(abi.encode(grants.datasetCount()));
        vm.prank(account);
        return grants.register(contentHash, price, "");
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
        grants.grant(terms);
    }

    function publish(TaskRequest memory request) internal returns (uint256) {
        vm.prank(requester);
        return escrow.publish(request);
    }

    function acceptAs(address account, uint256 taskId) internal {
        vm.prank(account);
        escrow.accept(taskId);
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
    function reach(TaskStatus status) internal returns (uint256 taskId) {
        taskId = publish(aRequest());
        if (status == TaskStatus.Published) return taskId;
        if (status == TaskStatus.Cancelled) {
            vm.prank(requester);
            escrow.cancel(taskId);
            return taskId;
        }
        acceptAs(provider, taskId);
        if (status == TaskStatus.Accepted) return taskId;
        if (status == TaskStatus.Aborted) escrow.abort(taskId, signature(enclaveKey, abortDigest(taskId)));
        else if (status == TaskStatus.Late) expireAt(taskId, RESULT_BY + 1);
        else reachResult(taskId, status);
    }

    function reachResult(uint256 taskId, TaskStatus status) internal {
        vm.warp(START + LEAST_DURATION);
        submit(taskId);
        if (status == TaskStatus.Unjudged) expireAt(taskId, VERDICT_BY + 1);
        else if (status != TaskStatus.Submitted) finalize(taskId, status);
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
}
