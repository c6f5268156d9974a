// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {DatasetRequest, DatasetUse, Task, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {fixedName} from "./TaskNames.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";

/// @notice What a requester can ask for.
contract TaskEscrowPublishTest is TaskFixture {
    function setUp() public {
        deployTasks();
    }

    function test_StoresAllThatWasAskedFor() external {
        TaskRequest memory request = aRequest();
        request.demand = AttestationDemand.OnChain;
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskPublished(1, requester, NODE, ESCROWED, INPUT_HASH, INPUT_URI);
        assertEq(publish(request), 1, "id");

        Task memory task = escrow.getTask(1);
        Task memory expected = Task({
            requester: requester,
            nodeId: uint48(NODE),
            publishedIn: uint40(block.number),
            demanded: false,
            nodeFee: NODE_FEE,
            validatorFee: VALIDATOR_FEE,
            acceptBy: uint40(ACCEPT_BY),
            leastDuration: LEAST_DURATION,
            stakeLock: STAKE_LOCK,
            resultBy: uint40(RESULT_BY),
            verdictBy: uint40(VERDICT_BY),
            acceptedAt: 0,
            vouchedAttestation: 0,
            status: TaskStatus.Published,
            demand: AttestationDemand.OnChain,
            datasetCount: 2,
            fixedTermsHash: fixedName(requester, request),
            resultHash: 0
        });
        assertEq(keccak256(abi.encode(task)), keccak256(abi.encode(expected)), "task");
        _assertUses(request);
        assertEq(escrow.escrowOf(1), ESCROWED, "escrow");
        assertEq(token.balanceOf(address(escrow)), ESCROWED, "balance");
        assertEq(token.balanceOf(requester), 1e24 - ESCROWED, "requester's balance");
        assertEq(publish(request), 2, "next id");
        assertEq(escrow.taskCount(), 2, "count");
    }

    function test_FreeTaskMovesNoTokens() external {
        TaskRequest memory request = _withDatasets(0);
        (request.nodeFee, request.validatorFee, request.stakeLock) = (0, 0, 0);
        assertEq(publishAs(stranger, request), 1, "id");
        assertEq(escrow.escrowOf(1), 0, "escrow");
        acceptAs(provider, 1);
        reachResult(1, TaskStatus.Valid);
        assertEq(token.balanceOf(address(escrow)), 0, "balance");
    }

    function test_TheMostOfEverythingIsTaken() external {
        token.transfer(requester, 1e35);
        TaskRequest memory request = aRequest();
        request.datasets[0].price = type(uint96).max;
        request.datasets[1].price = 0;
        (request.nodeFee, request.validatorFee) = (type(uint96).max, 0);
        request.stakeLock = type(uint96).max;
        publish(request);
        assertEq(escrow.escrowOf(1), 2 * uint256(type(uint96).max), "escrow");
    }

    function test_RevertGiven_Paused() external {
        escrow.setPaused(true);
        _expectRefused(aRequest(), abi.encodeWithSelector(ITaskEscrow.TaskEscrowPaused.selector));
        escrow.setPaused(false);
        publish(aRequest());
    }

    function test_RevertWhen_NodeIsUnknown() external {
        TaskRequest memory request = aRequest();
        request.nodeId = NODE + 1;
        _expectRefused(request, abi.encodeWithSelector(TaskNodesStandIn.UnknownNode.selector, NODE + 1));
        request.nodeId = NODE + 2 ** 64;
        _expectRefused(request, abi.encodeWithSelector(TaskNodesStandIn.UnknownNode.selector, NODE + 2 ** 64));
    }

    function test_RevertWhen_MeasurementIsAnother() external {
        TaskRequest memory request = aRequest();
        request.mrEnclave = keccak256("another enclave");
        _expectWrongMeasurement(request, MR_ENCLAVE);
        request.mrEnclave = 0;
        _expectWrongMeasurement(request, MR_ENCLAVE);
    }

    function test_RevertGiven_NodeWasNeverAttested() external {
        nodes.setMeasurement(NODE, 0);
        TaskRequest memory request = aRequest();
        _expectWrongMeasurement(request, 0);
        request.mrEnclave = 0;
        _expectWrongMeasurement(request, 0);
    }

    /// @notice The inputs are sealed to the key that the requester named.
    function test_RevertWhen_EnclaveKeyIsAnother() external {
        address[3] memory others = [address(0), provider, address(uint160(enclave) ^ 1)];
        TaskRequest memory request = aRequest();
        for (uint256 i; i < others.length; ++i) {
            request.enclaveKey = others[i];
            bytes4 selector = ITaskEscrow.TaskEscrowWrongEnclaveKey.selector;
            _expectRefused(request, abi.encodeWithSelector(selector, others[i], enclave));
        }
    }

    /// @notice A node's identity outlasts its attestation; whether it is live is seen when it accepts.
    function test_NodeNeedNotBeLive() external {
        nodes.setLive(NODE, false);
        publish(aRequest());
    }

    function test_RevertWhen_InputsAreNotCommittedTo() external {
        TaskRequest memory request = aRequest();
        request.inputHash = 0;
        _expectRefused(request, abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidCommitment.selector));
    }

    function test_RevertWhen_UriIsTooLong() external {
        TaskRequest memory request = aRequest();
        request.inputUri = string(new bytes(257));
        _expectRefused(request, abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidUri.selector, 257));
        request.inputUri = string(new bytes(256));
        publish(request);
        request.inputUri = "";
        publish(request);
    }

    function test_AcceptBy_ToTheSecond() external {
        TaskRequest memory request = aRequest();
        request.leastDuration = 0;
        for (uint256 i; i < 2; ++i) {
            request.acceptBy = uint40(i == 0 ? START : START + 30 days + 1);
            request.resultBy = request.acceptBy + 1 hours;
            request.verdictBy = request.resultBy + 1 hours;
            _expectInvalidDeadline(request, request.acceptBy, START + 1, START + 30 days);
            request.acceptBy = uint40(i == 0 ? START + 1 : START + 30 days);
            request.resultBy = request.acceptBy + 1 hours;
            request.verdictBy = request.resultBy + 1 hours;
            publish(request);
        }
    }

    function test_ResultBy_ToTheSecond() external {
        TaskRequest memory request = aRequest();
        (uint256 earliest, uint256 latest) = (ACCEPT_BY + LEAST_DURATION + 1 hours, ACCEPT_BY + 90 days);
        for (uint256 i; i < 2; ++i) {
            request.resultBy = uint40(i == 0 ? earliest - 1 : latest + 1);
            request.verdictBy = request.resultBy + 1 hours;
            _expectInvalidDeadline(request, request.resultBy, earliest, latest);
            request.resultBy = uint40(i == 0 ? earliest : latest);
            request.verdictBy = request.resultBy + 1 hours;
            publish(request);
        }
        // No result could ever come so late.
        request.leastDuration = 90 days - 1 hours + 1;
        _expectInvalidDeadline(request, request.resultBy, latest + 1, latest);
        request.leastDuration = 90 days - 1 hours;
        publish(request);
    }

    function test_VerdictBy_ToTheSecond() external {
        TaskRequest memory request = aRequest();
        (uint256 earliest, uint256 latest) = (RESULT_BY + 1 hours, RESULT_BY + 7 days);
        for (uint256 i; i < 2; ++i) {
            request.verdictBy = uint40(i == 0 ? earliest - 1 : latest + 1);
            _expectInvalidDeadline(request, request.verdictBy, earliest, latest);
            request.verdictBy = uint40(i == 0 ? earliest : latest);
            publish(request);
        }
    }

    function test_SixteenDatasetsAndNoMore() external {
        for (uint256 i; i < 15; ++i) registerDataset(owner, PRICE);
        _expectRefused(_withDatasets(17), abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooManyDatasets.selector, 17));
        publish(_withDatasets(16));
        assertEq(escrow.getTask(1).datasetCount, 16, "count");
        assertEq(escrow.escrowOf(1), 16 + uint256(NODE_FEE) + VALIDATOR_FEE, "escrow");
        _assertUses(_withDatasets(16));
    }

    function test_RevertWhen_DatasetsAreNotAscending() external {
        registerDataset(owner, PRICE);
        uint64[3][4] memory lists = [[uint64(1), 3, 2], [uint64(1), 2, 2], [uint64(2), 1, 3], [uint64(0), 1, 2]];
        uint64[2][4] memory unordered = [[uint64(3), 2], [uint64(2), 2], [uint64(2), 1], [uint64(0), 0]];
        for (uint256 i; i < lists.length; ++i) {
            TaskRequest memory request = _withDatasets(3);
            for (uint256 j; j < 3; ++j) request.datasets[j] = useOf(lists[i][j], 1);
            _expectRefused(
                request,
                abi.encodeWithSelector(
                    ITaskEscrow.TaskEscrowUnorderedDatasets.selector,
                    unordered[i][0],
                    unordered[i][1]
                )
            );
        }
        publish(_withDatasets(3));
    }

    function test_RevertWhen_DatasetIsUnknown() external {
        TaskRequest memory request = aRequest();
        request.datasets[1].datasetId = 3;
        _expectRefused(request, abi.encodeWithSelector(IDataGrants.DataGrantsUnknownDataset.selector, 3));
        request.datasets[1].datasetId = type(uint64).max;
        _expectRefused(
            request,
            abi.encodeWithSelector(IDataGrants.DataGrantsUnknownDataset.selector, type(uint64).max)
        );
        registerDataset(owner, PRICE);
        request.datasets[1] = useOf(3, OTHER_PRICE);
        publish(request);
    }

    function test_RevertWhen_LockDoesNotCoverOwnersAndValidators() external {
        TaskRequest memory request = aRequest();
        uint256 minimum = uint256(OWNERS_FEE) + VALIDATOR_FEE;
        request.stakeLock = uint96(minimum - 1);
        _expectLockTooSmall(request, minimum);
        request.stakeLock = uint96(minimum);
        publish(request);
        // Their sum may be more than any lock can be.
        request.validatorFee = type(uint96).max;
        request.stakeLock = type(uint96).max;
        _expectLockTooSmall(request, uint256(OWNERS_FEE) + type(uint96).max);
    }

    function test_RevertGiven_TokensOrAllowanceAreMissing() external {
        vm.startPrank(requester);
        token.approve(address(escrow), ESCROWED - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(escrow),
                ESCROWED - 1,
                ESCROWED
            )
        );
        escrow.publish(aRequest());
        token.approve(address(escrow), type(uint256).max);
        token.transfer(stranger, 1e24 - ESCROWED + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, requester, ESCROWED - 1, ESCROWED)
        );
        escrow.publish(aRequest());
        vm.stopPrank();
    }

    function _assertUses(TaskRequest memory request) private view {
        DatasetUse[] memory uses = escrow.datasetsOf(1);
        assertEq(uses.length, request.datasets.length, "datasets");
        for (uint256 i; i < uses.length; ++i) {
            assertEq(uses[i].datasetId, request.datasets[i].datasetId, "dataset");
            assertEq(uses[i].price, request.datasets[i].price, "price");
        }
    }

    /// @dev The first `count` datasets for a base unit each.
    function _withDatasets(uint256 count) private view returns (TaskRequest memory request) {
        request = aRequest();
        request.datasets = new DatasetRequest[](count);
        for (uint256 i; i < count; ++i) request.datasets[i] = useOf(i + 1, 1);
    }

    function _expectRefused(TaskRequest memory request, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(requester);
        escrow.publish(request);
    }

    function _expectWrongMeasurement(TaskRequest memory request, bytes32 actual) private {
        bytes4 selector = ITaskEscrow.TaskEscrowWrongMeasurement.selector;
        _expectRefused(request, abi.encodeWithSelector(selector, request.mrEnclave, actual));
    }

    function _expectInvalidDeadline(
        TaskRequest memory request,
        uint256 deadline,
        uint256 earliest,
        uint256 latest
    ) private {
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidDeadline.selector;
        _expectRefused(request, abi.encodeWithSelector(selector, deadline, earliest, latest));
    }

    function _expectLockTooSmall(TaskRequest memory request, uint256 minimum) private {
        bytes4 selector = ITaskEscrow.TaskEscrowLockTooSmall.selector;
        _expectRefused(request, abi.encodeWithSelector(selector, request.stakeLock, minimum));
    }
}
