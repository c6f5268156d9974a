// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DatasetRequest, TaskRequest} from "../../../contracts/types/Task.sol";

/// @notice What names the task that a request publishes, spelt out after the interface. All of it is known before.
function taskName(address requester, TaskRequest memory request) pure returns (bytes32) {
    bytes memory name = abi.encodePacked(
        uint32(0),
        uint64(request.nodeId),
        requester,
        abi.encodePacked(request.leastDuration, request.acceptBy, request.validatorFee, request.nodeFee),
        abi.encodePacked(uint8(request.datasets.length), request.demand, uint64(0)),
        abi.encodePacked(request.verdictBy, request.resultBy, request.stakeLock, request.inputHash)
    );
    for (uint256 i; i < request.datasets.length; ++i) {
        DatasetRequest memory use = request.datasets[i];
        name = abi.encodePacked(name, uint96(0), use.price, use.datasetId, uint96(0), use.owner, use.contentHash);
    }
    return keccak256(name);
}
