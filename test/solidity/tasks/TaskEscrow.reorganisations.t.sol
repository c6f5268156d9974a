// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {DatasetRequest, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
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
            TaskNodesStandIn.Settable(provider, stranger, MR_ENCLAVE, VerifierKind.OnChain, 1, 0, 1, true, false)
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

    /// @notice Somebody has copied a dataset, and would have its owner's fee.
    function test_RevertGiven_ACopyHasTheNumber() external {
        vm.prank(stranger);
        uint256 copied = grants.register(contentOf(1), PRICE, "");
        TaskRequest memory request = aRequest();
        request.datasets[1] = DatasetRequest(uint64(copied), PRICE, owner, contentOf(1));
        request.stakeLock += PRICE;
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowWrongOwner.selector, copied, owner, stranger));
        vm.prank(requester);
        escrow.publish(request);
        // Only who asks for the copy gets it.
        request.datasets[1].owner = stranger;
        publish(request);
    }

    /// @notice The requester is in it: on the other branch it publishes the same terms, but the number of a dataset there is that of a
    /// copy, or of other content, for which the node has no key. The provider's acceptance from the first branch is refused.
    function test_RevertGiven_AnotherDatasetWasAccepted() external {
        (address[3] memory owners, bytes32[3] memory contents) = (
            [owner, stranger, owner],
            [bytes32("content"), "content", "other content"]
        );
        bytes32[3] memory seen;
        for (uint256 i; i < 3; ++i) {
            uint256 before = vm.snapshotState();
            vm.prank(owners[i]);
            uint256 datasetId = grants.register(contents[i], PRICE, "");
            vm.prank(owners[i]);
            grants.grant(termsOf(datasetId, NODE, START + 1 days, AttestationDemand.Live), contents[i]);
            TaskRequest memory request = aRequest();
            request.datasets[0] = request.datasets[1];
            request.datasets[1] = DatasetRequest(uint64(datasetId), PRICE, owners[i], contents[i]);
            vm.prank(requester);
            uint256 taskId = escrow.publish(request);
            seen[i] = escrow.termsHashOf(taskId);
            assertEq(seen[i], taskName(requester, request), "spelt out");
            if (i != 0) _expectRefused(taskId, seen[0]);
            vm.prank(provider);
            escrow.accept(taskId, seen[i], enclave);
            // What a test remembers is outside of the chain: memory stays.
            assertTrue(vm.revertToState(before), "back to the branching");
        }
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
