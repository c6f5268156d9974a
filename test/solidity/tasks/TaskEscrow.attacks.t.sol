// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {makeCount} from "../validators/ValidatorStaking.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";

/// @notice Parties that play several roles against the others, or against the contract.
contract TaskEscrowAttacksTest is TaskFixture {
    /// @dev All accounts that may be one party's; the treasury never is.
    address[] private _party;

    function setUp() public {
        deployTasks();
        _party = [requester, provider, owner, otherOwner, stranger];
        for (uint256 i; i < 5; ++i) _party.push(validatorAt(i));
    }

    // Everybody is one party

    /// @notice Who plays all roles has afterwards what it had before, less what went to the treasury; whatever the fees, the lock and
    /// the end, and whatever prices did in between.
    function testFuzz_PartyOfAllRolesGainsNothing(
        uint96[4] calldata fees,
        uint96 rest,
        uint96[2] calldata newPrices,
        uint8 end
    ) external {
        TaskRequest memory request = _request(fees, rest);
        _setPrices(
            bound(newPrices[0], 0, request.datasets[0].price),
            bound(newPrices[1], 0, request.datasets[1].price)
        );
        uint256 before = _wealth();
        TaskStatus status = TaskStatus(bound(end, uint256(TaskStatus.Valid), uint256(type(TaskStatus).max)));
        uint256 taskId = _play(request, status);
        assertStatus(taskId, status);

        uint256 lost;
        uint256 lock = request.stakeLock;
        uint256 ownersFee = uint256(escrow.datasetsOf(taskId)[0].price) + escrow.datasetsOf(taskId)[1].price;
        if (status == TaskStatus.Invalid) lost = lock - ownersFee - request.validatorFee;
        if (status == TaskStatus.Late) lost = lock - ownersFee;
        assertEq(_wealth(), before - lost, "wealth");
        assertEq(vault.freeStakeOf(treasury), lost, "treasury");
        assertEq(lockedOf(provider), 0, "lock");
        _withdrawAll();
        assertEq(token.balanceOf(address(escrow)), 0, "balance");
    }

    /// @notice The same where all roles are one account's, which is a quorum alone.
    function testFuzz_AccountInAllRolesGainsNothing(uint96[4] calldata fees, uint96 rest, uint8 end) external {
        nodes.setNode(
            NODE,
            TaskNodesStandIn.Settable(requester, enclave, MR_ENCLAVE, VerifierKind.OnChain, 1, 0, 1, true, false)
        );
        fundProvider(requester);
        vault.depositFor(requester, 1e24);
        vm.startPrank(requester);
        vault.allow(address(validators), 5_000 ether);
        validators.join(5_000 ether);
        vm.stopPrank();
        makeCount(validators, requester);
        TaskRequest memory request = _request(fees, rest);
        for (uint64 i; i < 2; ++i) {
            uint96 price = request.datasets[i].price;
            request.datasets[i] = useOf(registerDataset(requester, price), price);
            grantTo(NODE, request.datasets[i].datasetId);
        }
        uint256 before = wealthOf(requester);
        TaskStatus status = TaskStatus(bound(end, uint256(TaskStatus.Valid), uint256(TaskStatus.Aborted)));
        uint256 taskId = publish(request);
        acceptAs(requester, taskId);
        if (status == TaskStatus.Late) expireAt(taskId, RESULT_BY + 1);
        else if (status == TaskStatus.Aborted) escrow.abort(taskId, signature(enclaveKey, abortDigest(taskId)));
        else _submitAndEndAlone(taskId, status);

        uint256 lost;
        uint256 ownersFee = uint256(request.datasets[0].price) + request.datasets[1].price;
        if (status == TaskStatus.Invalid) lost = request.stakeLock - ownersFee - request.validatorFee;
        if (status == TaskStatus.Late) lost = request.stakeLock - ownersFee;
        assertEq(wealthOf(requester), before - lost, "wealth");
        assertEq(vault.freeStakeOf(treasury), lost, "treasury");
    }

    /// @notice Reporting one's own validator costs, and pays nobody of the party.
    function test_PartyGainsNothingByReportingItself() external {
        uint256 before = _wealth();
        uint256 taskId = reach(TaskStatus.Submitted);
        finalize(taskId, TaskStatus.Valid);
        bytes32 valid = verdictDigest(taskId, 0, TaskStatus.Valid);
        bytes32 invalid = verdictDigest(taskId, 0, TaskStatus.Invalid);
        uint256 slashed;
        for (uint256 i; i < 5; ++i) {
            slashed += escrow.reportContradiction(
                taskId,
                validatorAt(i),
                signature(keys[i], valid),
                signature(keys[i], invalid)
            );
        }
        assertEq(slashed, 450 ether + 5, "slashed");
        assertEq(_wealth(), before - slashed, "wealth");
    }

    // Requester and owners against the node

    /// @notice They raise prices, revoke, try to cancel, and no validator speaks: the node that did its work is paid and gets its lock.
    function test_RequesterAndOwnersCannotKeepTheNodeFromItsFee() external {
        uint256 taskId = reach(TaskStatus.Accepted);
        vm.startPrank(owner);
        grants.setPrice(1, contentOf(1), type(uint96).max);
        grants.revoke(1, contentOf(1), NODE, enclave);
        vm.stopPrank();
        vm.startPrank(requester);
        bytes4 selector = ITaskEscrow.TaskEscrowInvalidStatus.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, taskId, TaskStatus.Accepted));
        escrow.cancel(taskId, 0);
        vm.stopPrank();
        reachResult(taskId, TaskStatus.Unjudged);
        assertEq(wealthOf(provider), PROVIDER_STAKE + NODE_FEE, "provider");
        assertEq(vault.freeStakeOf(provider), PROVIDER_STAKE, "free stake");
    }

    /// @notice All that they win by the node's fault is what the requester had offered the owners, and the requester its own money back.
    function test_RequesterAndOwnersWinNoMoreThanTheOwnersFees() external {
        address[3] memory accounts = [requester, owner, otherOwner];
        TaskStatus[2] memory faults = [TaskStatus.Late, TaskStatus.Invalid];
        for (uint256 i; i < faults.length; ++i) {
            vm.warp(START);
            uint256 before;
            for (uint256 j; j < 3; ++j) before += wealthOf(accounts[j]);
            reach(faults[i]);
            uint256 afterwards;
            for (uint256 j; j < 3; ++j) afterwards += wealthOf(accounts[j]);
            assertEq(afterwards, before + OWNERS_FEE, "won");
        }
    }

    // Node and owners against the requester

    /// @notice The most that they take without a result is what the requester had offered for the data, and that only by the word of
    /// the enclave, whose measurement the requester named.
    function test_NodeAndOwnersTakeNoMoreThanTheOwnersFees() external {
        uint256 before = wealthOf(requester);
        reach(TaskStatus.Aborted);
        assertEq(wealthOf(requester), before - OWNERS_FEE, "requester after the abort");
        assertEq(wealthOf(provider), PROVIDER_STAKE, "provider after the abort");
        before = wealthOf(requester);
        reach(TaskStatus.Late);
        assertEq(wealthOf(requester), before, "requester after no result");
        assertEq(wealthOf(provider), PROVIDER_STAKE - STAKE_LOCK, "provider after no result");
    }

    function test_OwnersCannotRaiseWhatTheRequesterPays() external {
        uint256 taskId = publish(aRequest());
        _setPrices(PRICE - 1, OTHER_PRICE);
        acceptAs(provider, taskId);
        _setPrices(type(uint96).max, type(uint96).max);
        uint256 before = wealthOf(requester);
        reachResult(taskId, TaskStatus.Unjudged);
        assertEq(wealthOf(owner), PRICE - 1, "owner");
        assertEq(wealthOf(otherOwner), OTHER_PRICE, "other owner");
        assertEq(wealthOf(requester), before + VALIDATOR_FEE, "requester");
    }

    function _request(uint96[4] calldata fees, uint96 rest) private view returns (TaskRequest memory request) {
        request = aRequest();
        request.datasets[0].price = uint96(bound(fees[0], 0, 1e22));
        request.datasets[1].price = uint96(bound(fees[1], 0, 1e22));
        request.nodeFee = uint96(bound(fees[2], 0, 1e22));
        request.validatorFee = uint96(bound(fees[3], 0, 1e22));
        request.stakeLock = request.datasets[0].price + request.datasets[1].price + request.validatorFee;
        request.stakeLock += uint96(bound(rest, 0, 1e22));
    }

    function _play(TaskRequest memory request, TaskStatus status) private returns (uint256 taskId) {
        taskId = publish(request);
        if (status == TaskStatus.Cancelled) {
            vm.warp(ACCEPT_BY);
            cancelAs(stranger, taskId);
            return taskId;
        }
        acceptAs(provider, taskId);
        if (status == TaskStatus.Late) expireAt(taskId, RESULT_BY + 1);
        else if (status == TaskStatus.Suspended) expireSuspended(taskId);
        else if (status == TaskStatus.Aborted) escrow.abort(taskId, signature(enclaveKey, abortDigest(taskId)));
        else reachResult(taskId, status);
    }

    function _submitAndEndAlone(uint256 taskId, TaskStatus status) private {
        vm.warp(START + LEAST_DURATION);
        submitAs(requester, taskId, resultSignature(taskId));
        if (status == TaskStatus.Unjudged) return expireShown(taskId, VERDICT_BY + 1);
        ValidatorSignature[] memory signed = new ValidatorSignature[](1);
        bytes32 digest = verdictDigest(taskId, 0, status);
        signed[0] = ValidatorSignature(requester, signature(requesterKey, digest));
        escrow.finalize(taskId, status, signed);
    }

    function _setPrices(uint256 price, uint256 otherPrice) private {
        vm.prank(owner);
        grants.setPrice(1, contentOf(1), uint96(price));
        vm.prank(otherOwner);
        grants.setPrice(2, contentOf(2), uint96(otherPrice));
    }

    function _wealth() private view returns (uint256 total) {
        for (uint256 i; i < _party.length; ++i) total += wealthOf(_party[i]);
    }

    function _withdrawAll() private {
        for (uint256 i; i < _party.length; ++i) {
            if (escrow.balanceOf(_party[i]) == 0) continue;
            vm.prank(_party[i]);
            escrow.withdraw(_party[i]);
        }
    }
}
