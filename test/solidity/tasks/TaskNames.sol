// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DatasetRequest, DatasetUse, TaskRequest} from "../../../contracts/types/Task.sol";

// What names the task that a request publishes, spelt out after the interface. All of it is known before.

/// @notice Until it is accepted.
function taskName(address requester, TaskRequest memory request) pure returns (bytes32) {
    DatasetUse[] memory uses = new DatasetUse[](request.datasets.length);
    for (uint256 i; i < uses.length; ++i) {
        uses[i] = DatasetUse(request.datasets[i].datasetId, request.datasets[i].price);
    }
    return keccak256(abi.encode(fixedName(requester, request), request.verdictBy, uses));
}

/// @notice In all that is signed about it.
function fixedName(address requester, TaskRequest memory request) pure returns (bytes32) {
    bytes memory deal = abi.encodePacked(
        uint32(0),
        uint64(request.nodeId),
        requester,
        abi.encodePacked(request.leastDuration, request.acceptBy, request.validatorFee, request.nodeFee),
        abi.encodePacked(uint8(request.datasets.length), request.demand, uint104(0)),
        abi.encodePacked(request.resultBy, request.stakeLock)
    );
    bytes memory name = abi.encodePacked(keccak256(deal), request.inputHash);
    for (uint256 i; i < request.datasets.length; ++i) {
        DatasetRequest memory use = request.datasets[i];
        name = abi.encodePacked(name, abi.encode(use.datasetId, use.owner, use.contentHash));
    }
    return keccak256(name);
}
