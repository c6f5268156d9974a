// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NodeSlots} from "../../../contracts/nodes/NodeSlots.sol";
import {TcbStatus} from "../../../contracts/types/Attestation.sol";
import {Node} from "../../../contracts/types/Node.sol";

/// @notice {NodeSlots} as it is shipped, on a node in storage.
contract NodeSlotsHarness {
    using NodeSlots for Node;
    using NodeSlots for uint256;

    Node private _node;

    /// @notice Stores a node field by field.
    function set(Node calldata node) external {
        _node = node;
    }

    /// @notice {NodeSlots-countAttestation}.
    function countAttestation(uint8 verifier, uint256 quoteBlock) external {
        _node.countAttestation(_node.slot0(), verifier, quoteBlock);
    }

    /// @notice {NodeSlots-setSlot1}.
    function setSlot1(address key, uint32 until, TcbStatus status) external {
        _node.setSlot1(_node.slot1(), key, until, status);
    }

    /// @notice The node read field by field.
    function get() external view returns (Node memory) {
        return _node;
    }

    /// @notice What slot 0 says.
    function head()
        external
        view
        returns (address provider, uint32 endedAt, uint16 enclaveId, uint16 attestations, uint8 verifierId)
    {
        uint256 word = _node.slot0();
        return (word.provider(), word.endedAt(), word.enclaveId(), word.attestations(), word.verifierId());
    }

    /// @notice {NodeSlots-hasEndOrTakeover}.
    function hasEndOrTakeover() external view returns (bool) {
        return _node.slot0().hasEndOrTakeover();
    }

    /// @notice {NodeSlots-enclaveKey} and {NodeSlots-isSuspended}.
    function state() external view returns (address enclaveKey, bool isSuspended) {
        uint256 word = _node.slot1();
        return (word.enclaveKey(), word.isSuspended());
    }

    /// @notice {NodeSlots-hasOtherTag}.
    function hasOtherTag(bytes16 tag) external view returns (bool) {
        return _node.slot4().hasOtherTag(tag);
    }
}
