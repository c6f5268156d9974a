// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {taskName} from "./TaskNames.sol";
import {TaskNodesStandIn} from "./TaskStandIns.sol";

/// @notice A signed transaction lands on a chain on which another task has the number that it names, and is refused there.
contract TaskEscrowReorganisationsTest is TaskFixture {
    function setUp() public {
        deployTasks();
    }

    function test_NameIsTheHashOfTermsAndRequester() external {
        uint256 taskId = publish(aRequest());
        assertEq(escrow.termsHashOf(taskId), taskName(requester, aRequest()), "spelt out");
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowUnknownTask.selector, taskId + 1));
        escrow.termsHashOf(taskId + 1);
    }

    /// @notice Each term that can differ, and who asks.
    function test_RevertGiven_AnotherTaskWasAcceptedOrCancelled() external {
        bytes32 seen = taskName(requester, aRequest());
        TaskRequest[9] memory others;
        for (uint256 i; i < others.length; ++i) others[i] = aRequest();
        --others[0].nodeFee;
        --others[1].validatorFee;
        ++others[2].stakeLock;
        ++others[3].acceptBy;
        ++others[4].resultBy;
        ++others[5].verdictBy;
        ++others[6].leastDuration;
        others[7].inputHash = "other inputs";
        ++others[8].datasets[0].price;
        for (uint256 i; i < others.length; ++i) _expectRefused(publish(others[i]), seen);

        TaskRequest memory other = aRequest();
        other.demand = other.demand == AttestationDemand.Live ? AttestationDemand.OnChain : AttestationDemand.Live;
        _expectRefused(publish(other), seen);

        token.transfer(stranger, ESCROWED);
        vm.prank(stranger);
        token.approve(address(escrow), ESCROWED);
        other = aRequest();
        vm.prank(stranger);
        _expectRefused(escrow.publish(other), seen);
    }

    /// @notice The number is another node's of the same provider, and the request names that one.
    function test_RevertGiven_AnotherNodeHasTheNumberAtTheAcceptance() external {
        uint256 taskId = publish(aRequest());
        bytes32 seen = escrow.termsHashOf(taskId);
        nodes.setNode(
            NODE,
            TaskNodesStandIn.Settable(provider, stranger, MR_ENCLAVE, VerifierKind.OnChain, 1, 1, true, false)
        );
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowWrongEnclaveKey.selector, enclave, stranger));
        vm.prank(provider);
        escrow.accept(taskId, seen, enclave);
        vm.prank(provider);
        escrow.accept(taskId, seen, stranger);
    }

    /// @notice The numbers of two datasets are swapped, of which the requester pays for one.
    function test_RevertGiven_AnotherDatasetHasTheNumber() external {
        TaskRequest memory request = aRequest();
        for (uint256 i; i < 2; ++i) {
            request.datasets[i].contentHash = contentOf(2 - i);
            vm.expectRevert(
                abi.encodeWithSelector(
                    ITaskEscrow.TaskEscrowWrongContent.selector,
                    i + 1,
                    contentOf(2 - i),
                    contentOf(i + 1)
                )
            );
            vm.prank(requester);
            escrow.publish(request);
            request.datasets[i].contentHash = contentOf(i + 1);
        }
        publish(request);
    }

    function _expectRefused(uint256 taskId, bytes32 seen) private {
        bytes32 actual = escrow.termsHashOf(taskId);
        assertTrue(actual != seen, "another task");
        bytes memory refusal = abi.encodeWithSelector(ITaskEscrow.TaskEscrowWrongTerms.selector, taskId, actual, seen);
        vm.expectRevert(refusal);
        vm.prank(provider);
        escrow.accept(taskId, seen, enclave);
        vm.expectRevert(refusal);
        vm.prank(requester);
        escrow.cancel(taskId, seen);
        assertStatus(taskId, TaskStatus.Published);
    }
}
