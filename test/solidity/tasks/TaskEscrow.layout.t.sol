// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AttestationDemand, Grant, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {DatasetRequest, Task, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {fixedName} from "./TaskNames.sol";

/// @notice Where the state has what proofs of it are read for: docs/architecture.md says so, and programs off chain rely on it.
contract TaskEscrowLayoutTest is TaskFixture {
    uint256 private constant TASKS = 2;
    uint256 private constant GRANTS = 5;

    function setUp() public {
        deployTasks();
    }

    function test_TwoSlotsTellATask() external {
        TaskStatus[10] memory all = [
            TaskStatus.Published,
            TaskStatus.Accepted,
            TaskStatus.Submitted,
            TaskStatus.Valid,
            TaskStatus.Unjudged,
            TaskStatus.Invalid,
            TaskStatus.Late,
            TaskStatus.Aborted,
            TaskStatus.Cancelled,
            TaskStatus.Suspended
        ];
        uint256 before = vm.snapshotState();
        for (uint256 i; i < all.length; ++i) {
            TaskRequest memory request = aRequest();
            request.demand = AttestationDemand.OnChain;
            uint256 taskId = reach(request, all[i]);
            assertStatus(taskId, all[i]);
            _assertLayout(taskId);
            assertEq(_slotOf(taskId, 3), fixedName(requester, request), "fixed terms");
            vm.revertToState(before);
        }
    }

    /// @notice With no dataset, with one, and with as many as there can be.
    function test_TheFixedTermsHaveEveryDataset() external {
        for (uint256 i = 3; i <= 16; ++i) registerDataset(owner, 1);
        uint256[3] memory counts = [uint256(0), 1, 16];
        for (uint256 i; i < counts.length; ++i) {
            TaskRequest memory request = aRequest();
            request.datasets = new DatasetRequest[](counts[i]);
            for (uint256 j; j < counts[i]; ++j) request.datasets[j] = useOf(j + 1, 1);
            uint256 taskId = publish(request);
            assertEq(_slotOf(taskId, 3), fixedName(requester, request), "fixed terms");
        }
        assertEq(_slotOf(counts.length + 1, 3), bytes32(0), "no such task");
    }

    function test_OneSlotTellsAGrant() external {
        GrantTerms memory terms = termsOf(1, NODE, START + 5 days, AttestationDemand.OnChain);
        grantOn(terms);
        Grant memory grant = grants.getGrant(1, NODE);
        bytes32 slot = keccak256(abi.encode(NODE, keccak256(abi.encode(1, GRANTS))));
        uint256 word = uint256(vm.load(address(grants), slot));
        assertEq(word & 0xffffffffff, grant.until, "until");
        assertEq((word >> 40) & 0xff, uint256(grant.demand), "demand");
        assertEq((word >> 48) & 0xff, 0, "free");
        assertEq((word >> 56) & 0xffffffffffffffff, grant.nonce, "nonce");
        assertEq(word >> 120, 0, "nothing else");
        assertTrue(grant.until != 0 && grant.nonce != 0 && uint256(grant.demand) != 0, "told apart");
    }

    function _slotOf(uint256 taskId, uint256 index) private view returns (bytes32) {
        uint256 first = uint256(keccak256(abi.encode(taskId, TASKS)));
        return vm.load(address(escrow), bytes32(first + index));
    }

    function _assertLayout(uint256 taskId) private view {
        Task memory task = escrow.getTask(taskId);
        uint256 word = uint256(_slotOf(taskId, 0));
        assertEq(word & type(uint160).max, uint160(task.requester), "requester");
        assertEq((word >> 160) & type(uint48).max, task.nodeId, "node");
        assertEq((word >> 208) & type(uint40).max, task.publishedIn, "block");
        assertEq(word >> 248, task.demanded ? 1 : 0, "demanded");
        word = uint256(_slotOf(taskId, 2));
        assertEq(word & type(uint96).max, task.stakeLock, "lock");
        assertEq((word >> 96) & type(uint40).max, task.resultBy, "result by");
        assertEq((word >> 136) & type(uint40).max, task.verdictBy, "verdict by");
        assertEq((word >> 176) & type(uint40).max, task.acceptedAt, "accepted at");
        assertEq((word >> 216) & type(uint16).max, task.vouchedAttestation, "attestation");
        assertEq((word >> 232) & 0xff, uint256(task.status), "status");
        assertEq((word >> 240) & 0xff, uint256(task.demand), "demand");
        assertEq(word >> 248, task.datasetCount, "datasets");
        assertEq(_slotOf(taskId, 4), task.resultHash, "result");
    }
}
