// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {DatasetRequest, Task, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";

/// @notice When a node may accept, and what it locks and fixes by it.
contract TaskEscrowAcceptTest is TaskFixture {
    uint256 private _taskId;

    function setUp() public {
        deployTasks();
        _taskId = publish(aRequest());
    }

    function test_LocksTheProvidersStakeAndNothingElseMoves() external {
        Task memory expected = escrow.getTask(_taskId);
        (expected.status, expected.acceptedAt) = (TaskStatus.Accepted, uint40(START + 77));
        vm.warp(START + 77);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskAccepted(_taskId, provider, OWNERS_FEE, 0);
        acceptAs(provider, _taskId);
        assertEq(keccak256(abi.encode(escrow.getTask(_taskId))), keccak256(abi.encode(expected)), "task");
        assertEq(lockedOf(provider), STAKE_LOCK, "lock");
        assertEq(escrow.escrowOf(_taskId), ESCROWED, "escrow");
        assertEq(escrow.balanceOf(requester), 0, "ledger");

        uint256 free = PROVIDER_STAKE - STAKE_LOCK;
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.StakeVaultInsufficientFreeStake.selector, provider, free, free + 1)
        );
        vm.prank(provider);
        vault.withdraw(free + 1, provider);
    }

    // Prices

    function test_FallenPricesAreRefundedAtOnceAndFixed() external {
        _setPrice(1, PRICE - 5);
        _setPrice(2, 0);
        vm.expectEmit(address(escrow));
        emit ITaskEscrow.TaskAccepted(_taskId, provider, PRICE - 5, 5 + OTHER_PRICE);
        acceptAs(provider, _taskId);
        assertEq(escrow.balanceOf(requester), 5 + OTHER_PRICE, "refunded");
        assertEq(escrow.escrowOf(_taskId), ESCROWED - 5 - OTHER_PRICE, "escrow");
        assertEq(escrow.datasetsOf(_taskId)[0].price, PRICE - 5, "price");
        assertEq(escrow.datasetsOf(_taskId)[1].price, 0, "other price");

        _setPrice(1, type(uint96).max);
        reachResult(_taskId, TaskStatus.Valid);
        assertEq(escrow.balanceOf(owner), PRICE - 5, "paid to the owner");
        assertEq(escrow.balanceOf(otherOwner), 0, "paid to the other");
        _withdrawAll();
    }

    function test_RevertGiven_PriceHasRisen() external {
        uint96[2] memory prices = [PRICE, OTHER_PRICE];
        for (uint256 i; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            _setPrice(i + 1, prices[i] + 1);
            bytes4 selector = ITaskEscrow.TaskEscrowPriceTooHigh.selector;
            _expectRefused(abi.encodeWithSelector(selector, i + 1, prices[i] + 1, prices[i]));
            vm.revertToState(before);
        }
        acceptAs(provider, _taskId);
    }

    /// @notice The node as its owner's personal proxy: its own dataset costs nothing by a grant for nothing.
    function test_GrantForNothingIsRefunded() external {
        uint256 own = registerDataset(provider, PRICE);
        TaskRequest memory request = aRequest();
        request.datasets = new DatasetRequest[](1);
        request.datasets[0] = useOf(own, PRICE);
        uint256 taskId = publish(request);
        GrantTerms memory terms = termsOf(own, NODE, START + 1 days, AttestationDemand.Final);
        terms.free = true;
        grantOn(terms);
        acceptAs(provider, taskId);
        assertEq(escrow.balanceOf(requester), PRICE, "refunded");
        reachResult(taskId, TaskStatus.Valid);
        assertEq(escrow.balanceOf(provider), NODE_FEE, "paid to owner and provider");
    }

    // Grants

    function test_RevertGiven_AnyGrantIsMissing() external {
        for (uint256 datasetId = 1; datasetId <= 2; ++datasetId) {
            uint256 before = vm.snapshotState();
            vm.prank(datasetId == 1 ? owner : otherOwner);
            grants.revoke(datasetId, contentOf(datasetId), NODE, enclave);
            _expectNotGranted(datasetId);
            // A grant to another node of the same enclave does not count.
            nodes.setNode(
                NODE + 1,
                TaskNodesStandIn.Settable(provider, enclave, MR_ENCLAVE, VerifierKind.OnChain, 1, 0, 1, true, false)
            );
            grantTo(NODE + 1, datasetId);
            _expectNotGranted(datasetId);
            grantTo(NODE, datasetId);
            acceptAs(provider, _taskId);
            vm.revertToState(before);
        }
    }

    function test_GrantHoldsToTheSecond() external {
        grantOn(termsOf(2, NODE, START + 100, AttestationDemand.Live));
        vm.warp(START + 100);
        _expectNotGranted(2);
        vm.warp(START + 99);
        acceptAs(provider, _taskId);
    }

    function test_RevertGiven_GrantDemandsMoreOfTheAttestation() external {
        AttestationDemand[2] memory demands = [AttestationDemand.OnChain, AttestationDemand.Final];
        for (uint256 i; i < demands.length; ++i) {
            nodes.setAttested(NODE, VerifierKind.Quorum, START - FINALITY_PERIOD, 1);
            grantOn(termsOf(1, NODE, START + 1 days, demands[i]));
            _expectNotGranted(1);
        }
        vm.warp(START + 1);
        acceptAs(provider, _taskId);
    }

    /// @notice What was granted at acceptance is paid for, whatever the owner does later.
    function test_RevokedLaterIsPaidAllTheSame() external {
        acceptAs(provider, _taskId);
        vm.prank(owner);
        grants.revoke(1, contentOf(1), NODE, enclave);
        reachResult(_taskId, TaskStatus.Valid);
        assertEq(escrow.balanceOf(owner), PRICE, "paid");
    }

    function test_TaskWithoutDatasetsNeedsNoGrant() external {
        TaskRequest memory request = aRequest();
        request.datasets = new DatasetRequest[](0);
        uint256 taskId = publish(request);
        acceptAs(provider, taskId);
        reachResult(taskId, TaskStatus.Invalid);
        assertEq(escrow.balanceOf(requester), uint256(NODE_FEE) + VALIDATOR_FEE, "refunded");
        assertEq(vault.freeStakeOf(treasury), STAKE_LOCK - VALIDATOR_FEE, "treasury");
    }

    // The node

    function test_RevertGiven_NodeTakesNothingNew() external {
        nodes.setClosed(NODE, true);
        _expectNotOpen();
        nodes.setClosed(NODE, false);
        nodes.setLive(NODE, false);
        _expectUnmet(AttestationDemand.Live);
        nodes.setLive(NODE, true);
        acceptAs(provider, _taskId);
    }

    function test_DemandForOnChainVerification() external {
        _taskId = _publishWith(AttestationDemand.OnChain);
        nodes.setAttested(NODE, VerifierKind.Quorum, START - 365 days, 1);
        _expectUnmet(AttestationDemand.OnChain);
        nodes.setAttested(NODE, VerifierKind.None, START - 365 days, 1);
        _expectUnmet(AttestationDemand.OnChain);
        nodes.setAttested(NODE, VerifierKind.OnChain, START, 1);
        acceptAs(provider, _taskId);
    }

    function test_DemandForFinality_ToTheSecond() external {
        nodes.setAttested(NODE, VerifierKind.Quorum, START, 1);
        TaskRequest memory request = aRequest();
        request.demand = AttestationDemand.Final;
        request.acceptBy = uint40(START + FINALITY_PERIOD + 2);
        (request.resultBy, request.verdictBy) = (request.acceptBy + 1 days, request.acceptBy + 2 days);
        _taskId = publish(request);
        vm.warp(START + FINALITY_PERIOD);
        _expectUnmet(AttestationDemand.Final);
        vm.warp(START + FINALITY_PERIOD + 1);
        // Nor while the node's own verifier can still have it disputed.
        nodes.setDisputeTime(NODE, FINALITY_PERIOD + 1);
        _expectUnmet(AttestationDemand.Final);
        nodes.setDisputeTime(NODE, FINALITY_PERIOD);
        acceptAs(provider, _taskId);
    }

    function test_OnChainVerificationIsFinalAtOnce() external {
        _taskId = _publishWith(AttestationDemand.Final);
        nodes.setAttested(NODE, VerifierKind.OnChain, START, 1);
        acceptAs(provider, _taskId);
    }

    function test_LiveAsksNothingMore() external {
        nodes.setAttested(NODE, VerifierKind.Quorum, START, 1);
        acceptAs(provider, _taskId);
    }

    // Who and when

    function test_RevertWhen_CallerIsNotTheProvider() external {
        address[4] memory callers = [requester, owner, enclave, stranger];
        for (uint256 i; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnauthorized.selector, _taskId, callers[i]));
            acceptAs(callers[i], _taskId);
        }
    }

    function test_RevertGiven_Paused() external {
        escrow.setPaused(true);
        _expectRefused(abi.encodeWithSelector(ITaskEscrow.TaskEscrowPaused.selector));
        escrow.setPaused(false);
        acceptAs(provider, _taskId);
    }

    function test_LastSecondLeavesTheLeastDurationAndAnHour() external {
        TaskRequest memory request = aRequest();
        request.resultBy = uint40(ACCEPT_BY + LEAST_DURATION + 1 hours);
        request.verdictBy = request.resultBy + 1 hours;
        _taskId = publish(request);
        vm.warp(ACCEPT_BY);
        _expectRefused(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, _taskId, ACCEPT_BY));
        vm.warp(ACCEPT_BY - 1);
        acceptAs(provider, _taskId);
        uint256 earliest = ACCEPT_BY - 1 + LEAST_DURATION;
        uint256[2] memory times = [earliest, earliest + 1 hours];
        for (uint256 i; i < times.length; ++i) {
            uint256 before = vm.snapshotState();
            vm.warp(times[i]);
            submit(_taskId);
            assertStatus(_taskId, TaskStatus.Submitted);
            vm.revertToState(before);
        }
    }

    // Stake

    function test_RevertGiven_CapIsTooLow() external {
        vm.prank(provider);
        vault.allow(address(escrow), STAKE_LOCK - 1);
        _expectCapExceeded(STAKE_LOCK - 1, 0);
        vm.prank(provider);
        vault.allow(address(escrow), STAKE_LOCK);
        acceptAs(provider, _taskId);
        _taskId = publish(aRequest());
        _expectCapExceeded(STAKE_LOCK, STAKE_LOCK);
    }

    function test_RevertGiven_StakeIsTooLittle() external {
        vm.prank(provider);
        vault.withdraw(PROVIDER_STAKE - STAKE_LOCK + 1, provider);
        bytes4 selector = IStakeVault.StakeVaultInsufficientFreeStake.selector;
        _expectRefused(abi.encodeWithSelector(selector, provider, STAKE_LOCK - 1, STAKE_LOCK));
        assertStatus(_taskId, TaskStatus.Published);
    }

    function _expectRefused(bytes memory refusal) private {
        vm.expectRevert(refusal);
        acceptAs(provider, _taskId);
    }

    function _expectNotGranted(uint256 datasetId) private {
        _expectRefused(abi.encodeWithSelector(IDataGrants.DataGrantsNotGranted.selector, datasetId, NODE));
    }

    function _expectUnmet(AttestationDemand demand) private {
        _expectRefused(abi.encodeWithSelector(IDataGrants.DataGrantsUnmetDemand.selector, NODE, demand));
    }

    function _expectNotOpen() private {
        _expectRefused(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNodeNotOpen.selector, NODE));
    }

    function _expectCapExceeded(uint256 cap, uint256 locked) private {
        bytes4 selector = IStakeVault.StakeVaultCapExceeded.selector;
        _expectRefused(abi.encodeWithSelector(selector, provider, escrow, cap, locked, STAKE_LOCK));
    }

    function _publishWith(AttestationDemand demand) private returns (uint256) {
        TaskRequest memory request = aRequest();
        request.demand = demand;
        return publish(request);
    }

    function _setPrice(uint256 datasetId, uint96 price) private {
        vm.prank(datasetId == 1 ? owner : otherOwner);
        grants.setPrice(datasetId, contentOf(datasetId), price);
    }

    /// @dev All that is on the ledger is covered, to the unit.
    function _withdrawAll() private {
        address[3] memory accounts = [requester, owner, provider];
        for (uint256 i; i < accounts.length; ++i) {
            vm.prank(accounts[i]);
            escrow.withdraw(stranger);
        }
        for (uint256 i = 1; i < 5; ++i) {
            vm.prank(validatorAt(i));
            escrow.withdraw(stranger);
        }
        assertEq(token.balanceOf(address(escrow)), 0, "balance");
    }
}
