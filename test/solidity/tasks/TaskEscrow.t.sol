// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";

/// @notice What the escrow is made of, its pause, and its answers about tasks that are not there.
contract TaskEscrowTest is TaskFixture {
    string private constant ARTIFACT = "TaskEscrow.sol:TaskEscrow";

    function setUp() public {
        deployTasks();
    }

    /// @notice Deploys in a call of its own, so that a constructor's revert can be expected.
    function deployArtifact(string calldata artifact, bytes calldata arguments) external returns (address) {
        return deploy(artifact, arguments);
    }

    function test_TellsWhatItIsMadeOf() external view {
        assertEq(address(escrow.token()), address(token), "token");
        assertEq(address(escrow.vault()), address(vault), "vault");
        assertEq(address(escrow.registry()), address(nodes), "registry");
        assertEq(address(escrow.grants()), address(grants), "grants");
        assertEq(address(escrow.validators()), address(validators), "validators");
        assertEq(address(escrow.quorumVerifier()), address(quorumVerifier), "quorum verifier");
        assertEq(escrow.treasury(), treasury, "treasury");
        assertEq(escrow.resultDemands().bond(), RESULT_BOND, "result demands");
        assertEq(escrow.MAX_DATASETS(), 16, "datasets");
        assertEq(escrow.MAX_ACCEPT_TIME(), 30 days, "accept time");
        assertEq(escrow.MAX_RESULT_TIME(), 90 days, "result time");
        assertEq(escrow.MIN_RESULT_TIME(), 1 hours, "least result time");
        assertEq(escrow.MIN_VERDICT_TIME(), 1 hours, "least verdict time");
        assertEq(escrow.MAX_VERDICT_TIME(), 7 days, "verdict time");
        assertEq(escrow.taskCount(), 0, "tasks");
        assertTrue(!escrow.paused(), "paused");
    }

    function test_RevertWhen_TreasuryCannotBeCredited() external {
        address[2] memory treasuries = [address(0), address(vault)];
        for (uint256 i; i < treasuries.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidReceiver.selector, treasuries[i]));
            this.deployArtifact(ARTIFACT, constructorArguments(treasuries[i]));
        }
    }

    /// @notice A demand for the result in the last second puts verdicts off by an answer and an hour.
    function test_RevertWhen_ValidatorsLeaveAsSoonAsAVerdictTakes() external {
        uint40 longest = 10 days + 1 hours;
        validators = deployValidators(longest, 9 days + 1);
        quorumVerifier = deployQuorumVerifier(2 days);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidParameter.selector, longest, longest));
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
        validators = deployValidators(longest + 1, 9 days + 1);
        quorumVerifier = deployQuorumVerifier(2 days);
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
    }

    /// @notice Whoever stakes when the result is known must come too late to judge it, even if the node is suspended meanwhile.
    function test_RevertWhen_NewStakeCountsAsSoonAsAVerdictTakes() external {
        validators = deployValidators(EXIT_DELAY, 9 days);
        quorumVerifier = deployQuorumVerifier(2 days);
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidParameter.selector, 9 days, 9 days));
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
        validators = deployValidators(EXIT_DELAY, 9 days + 1);
        quorumVerifier = deployQuorumVerifier(2 days);
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
    }

    function test_RevertWhen_VouchingsAreOtherValidators() external {
        validators = deployValidators(EXIT_DELAY, ACTIVATION_DELAY);
        _expectApart(address(validators), address(quorumVerifier.validators()));
    }

    function test_RevertWhen_ValidatorsStakeIsInAnotherVault() external {
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        _expectApart(address(vault), address(validators.vault()));
    }

    /// @notice Final must mean that nobody who vouched can be slashed any more, nor a quote be withheld.
    function test_RevertWhen_FinalComesBeforeTheEndOfDisputes() external {
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidParameter.selector;
        quorumVerifier = deployQuorumVerifier(DISPUTE_PERIOD + 1);
        vm.expectRevert(abi.encodeWithSelector(selector, FINALITY_PERIOD, FINALITY_PERIOD + 1));
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
        quorumVerifier = deployQuorumVerifier(DISPUTE_PERIOD);
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
    }

    function test_RevertWhen_NodesStakeIsInAnotherVault() external {
        IStakeVault other = IStakeVault(address(0xBAD));
        grants = IDataGrants(
            deploy("DataGrants.sol:DataGrants", abi.encode(new TaskNodesStandIn(other), quorumVerifier))
        );
        _expectApart(address(vault), address(other));
    }

    /// @notice A node's stake must not be released while it can still lose it by not showing its quote.
    function test_RevertWhen_NodesAreReleasedBeforeDisputesEnd() external {
        uint256 late = FINALITY_PERIOD;
        bytes memory releaseDelay = abi.encodeCall(INodeRegistry.releaseDelay, ());
        vm.mockCall(address(nodes), releaseDelay, abi.encode(late - 1));
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidParameter.selector, late - 1, late));
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
        vm.mockCall(address(nodes), releaseDelay, abi.encode(late));
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
    }

    function _expectApart(address expected, address actual) private {
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowMismatch.selector, expected, actual));
        this.deployArtifact(ARTIFACT, constructorArguments(treasury));
    }

    function test_PausingIsGoverned() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        escrow.setPaused(true);
        bool[2] memory values = [true, false];
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(escrow));
            emit ITaskEscrow.PausedSet(values[i]);
            escrow.setPaused(values[i]);
            assertTrue(escrow.paused() == values[i], "paused");
        }
    }

    /// @notice The pause shares its slot with the count of tasks.
    function test_PausingLosesNoTask() external {
        reach(TaskStatus.Published);
        escrow.setPaused(true);
        assertEq(escrow.taskCount(), 1, "tasks");
        escrow.setPaused(false);
        assertEq(reach(TaskStatus.Published), 2, "id");
    }

    function test_RevertWhen_TaskIsUnknown() external {
        reach(TaskStatus.Published);
        uint256[3] memory unknown = [uint256(0), 2, type(uint256).max];
        for (uint256 i; i < unknown.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnknownTask.selector, unknown[i]);
            vm.expectRevert(refusal);
            escrow.getTask(unknown[i]);
            vm.expectRevert(refusal);
            escrow.datasetsOf(unknown[i]);
            vm.expectRevert(refusal);
            escrow.escrowOf(unknown[i]);
            vm.expectRevert(refusal);
            escrow.hashResult(unknown[i], RESULT_HASH);
            vm.expectRevert(refusal);
            escrow.hashAbort(unknown[i]);
            vm.expectRevert(refusal);
            escrow.hashVerdict(unknown[i], TaskStatus.Valid);
        }
    }

    /// @notice A task holds what was paid for it until it is over, and nothing after.
    function test_EscrowOfEveryStatus() external {
        for (uint256 i = 1; i <= uint256(type(TaskStatus).max); ++i) {
            uint256 before = vm.snapshotState();
            uint256 taskId = reach(TaskStatus(i));
            assertEq(escrow.escrowOf(taskId), i < uint256(TaskStatus.Valid) ? ESCROWED : 0, "escrow");
            vm.revertToState(before);
        }
    }
}
