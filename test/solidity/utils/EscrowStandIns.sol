// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {OrderTerms, VerifierKind} from "../../../contracts/types/Node.sol";

/// @notice What the escrow asks of the registry, settable. As in the registry, an end that has come never changes.
contract NodesStandIn {
    uint256 public constant NO_END = type(uint256).max;

    mapping(uint256 nodeId => OrderTerms) private _terms;
    mapping(uint256 nodeId => uint256) private _end;

    error UnknownNode(uint256 nodeId);
    error EndIsPast(uint256 end);

    function addNode(uint256 nodeId, address provider, uint16 units, bytes32 mrEnclave) external {
        _terms[nodeId] = OrderTerms({
            provider: provider,
            units: units,
            ratePerUnit: 1,
            mrEnclave: mrEnclave,
            verifierKind: VerifierKind.OnChain,
            open: true
        });
        _end[nodeId] = NO_END;
    }

    function setOpen(uint256 nodeId, bool isOpen) external {
        _terms[nodeId].open = isOpen;
    }

    function setVerifierKind(uint256 nodeId, VerifierKind kind) external {
        _terms[nodeId].verifierKind = kind;
    }

    /// @notice A node with an end takes no orders.
    function setEnd(uint256 nodeId, uint256 end) external {
        if (_end[nodeId] <= block.timestamp) revert EndIsPast(_end[nodeId]);
        if (end < block.timestamp) revert EndIsPast(end);
        _end[nodeId] = end;
        _terms[nodeId].open = end == NO_END;
    }

    function orderTermsOf(uint256 nodeId) external view returns (OrderTerms memory) {
        if (_terms[nodeId].provider == address(0)) revert UnknownNode(nodeId);
        return _terms[nodeId];
    }

    function settlementTermsOf(uint256 nodeId) external view returns (address provider, uint256 end) {
        if (_terms[nodeId].provider == address(0)) revert UnknownNode(nodeId);
        return (_terms[nodeId].provider, _end[nodeId]);
    }
}

/// @notice What the escrow asks of the challenge manager. Its bits are written ahead as a plan, and show once their epoch runs.
contract ProofsStandIn {
    NodesStandIn public immutable registry;
    uint256 public immutable epochLength;

    mapping(uint256 word => uint256) private _challenged;
    mapping(uint256 nodeId => mapping(uint256 word => uint256)) private _proven;

    constructor(NodesStandIn registry_, uint256 epochLength_) {
        registry = registry_;
        epochLength = epochLength_;
    }

    /// @notice Challenges an epoch, for all nodes.
    function challenge(uint256 epoch) public {
        _challenged[epoch >> 8] |= 1 << (epoch & 0xff);
    }

    /// @notice Proves an epoch for a node; what is proven was challenged.
    function prove(uint256 nodeId, uint256 epoch) external {
        challenge(epoch);
        _proven[nodeId][epoch >> 8] |= 1 << (epoch & 0xff);
    }

    /// @notice Sets 256 epochs at once; a bit that is proven without a challenge is dropped.
    function setWord(uint256 nodeId, uint256 word, uint256 challenged, uint256 proven) external {
        _challenged[word] = challenged;
        _proven[nodeId][word] = proven & challenged;
    }

    function challengedWord(uint256 word) external view returns (uint256) {
        return _challenged[word] & _begun(word);
    }

    function provenWord(uint256 nodeId, uint256 word) external view returns (uint256) {
        return _proven[nodeId][word] & _begun(word);
    }

    /// @dev The epochs of a word that have begun.
    function _begun(uint256 word) private view returns (uint256) {
        uint256 epoch = block.timestamp / epochLength;
        if (word != epoch >> 8) return word < epoch >> 8 ? type(uint256).max : 0;
        return type(uint256).max >> (255 - (epoch & 0xff));
    }
}

/// @notice Takes the fees.
contract RewardsStandIn {
    IERC20 public immutable token;
    uint256 public funded;

    constructor(IERC20 token_) {
        token = token_;
    }

    function fund(uint256 amount) external {
        funded += amount;
        token.transferFrom(msg.sender, address(this), amount);
    }
}
