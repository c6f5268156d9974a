// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {EpochBitmap} from "../../../contracts/libraries/EpochBitmap.sol";
import {OrderTerms, VerifierKind} from "../../../contracts/types/Node.sol";

/// @dev The hardware model that a node begins with.
uint32 constant MODEL = 3;

/// @notice The enclave key that a node begins with.
function enclaveKeyOf(uint256 nodeId) pure returns (address) {
    return address(uint160(0xE0000 + nodeId));
}

/// @notice What the escrow asks of the registry, settable. As in the registry, an end that has come never changes.
contract NodesStandIn {
    uint256 public constant NO_END = type(uint256).max;

    IStakeVault public immutable vault;

    mapping(uint256 nodeId => OrderTerms) private _terms;
    mapping(uint256 nodeId => bytes32) private _measurements;
    mapping(uint256 nodeId => uint256) private _end;
    mapping(uint256 nodeId => uint32) private _models;
    mapping(uint256 nodeId => mapping(uint256 word => uint256)) private _suspended;

    /// @notice Whether {endOf} and {suspendedEpochs} refuse to answer, so that a test sees who asks.
    bool public mute;

    error Mute();
    error UnknownNode(uint256 nodeId);
    error EndIsPast(uint256 end);

    constructor(IStakeVault vault_) {
        vault = vault_;
    }

    function addNode(uint256 nodeId, address provider, uint16 units, bytes32 mrEnclave) external {
        _terms[nodeId] = OrderTerms({
            provider: provider,
            units: units,
            verifierKind: VerifierKind.OnChain,
            enclaveKey: enclaveKeyOf(nodeId),
            open: true
        });
        _measurements[nodeId] = mrEnclave;
        _models[nodeId] = MODEL;
        _end[nodeId] = NO_END;
    }

    /// @notice Another machine gets the node's number, as after a reorganisation.
    function setEnclaveKey(uint256 nodeId, address enclaveKey) external {
        _terms[nodeId].enclaveKey = enclaveKey;
    }

    /// @notice The node's number is declared anew, with other hardware.
    function setModel(uint256 nodeId, uint32 modelId) external {
        _models[nodeId] = modelId;
    }

    function modelOf(uint256 nodeId) external view returns (uint32) {
        if (_terms[nodeId].provider == address(0)) revert UnknownNode(nodeId);
        return _models[nodeId];
    }

    function identityOf(uint256 nodeId) external view returns (bytes32 mrEnclave, address enclaveKey) {
        if (_terms[nodeId].provider == address(0)) revert UnknownNode(nodeId);
        return (_measurements[nodeId], _terms[nodeId].enclaveKey);
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

    /// @notice Suspends a node in an epoch.
    function suspend(uint256 nodeId, uint256 epoch) external {
        _suspended[nodeId][epoch / EpochBitmap.EPOCHS_PER_WORD] |= 1 << (epoch % EpochBitmap.EPOCHS_PER_WORD);
    }

    function suspendedEpochs(uint256 nodeId, uint256 word) external view returns (uint256) {
        if (mute) revert Mute();
        return _suspended[nodeId][word];
    }

    function setMute(bool mute_) external {
        mute = mute_;
    }

    function endOf(uint256 nodeId) external view returns (uint256) {
        if (mute) revert Mute();
        return _end[nodeId];
    }

    /// @notice How many epochs there are in which the node can prove: those that begin before its end.
    function epochsOf(uint256 nodeId, uint256 epochLength) external view returns (uint256) {
        uint256 end = _end[nodeId];
        return end / epochLength + (end % epochLength == 0 ? 0 : 1);
    }

    function orderTermsOf(uint256 nodeId) external view returns (OrderTerms memory) {
        if (_terms[nodeId].provider == address(0)) revert UnknownNode(nodeId);
        return _terms[nodeId];
    }

    function providerOf(uint256 nodeId) external view returns (address) {
        if (_terms[nodeId].provider == address(0)) revert UnknownNode(nodeId);
        return _terms[nodeId].provider;
    }
}

/// @notice What the escrow asks of the challenge manager. Its bits are written ahead as a plan, and show once their epoch runs; proofs
/// of epochs that begin at or after the node's end never show.
contract ProofsStandIn {
    NodesStandIn public immutable registry;
    uint256 public immutable epochLength;

    mapping(uint256 word => uint256) private _challenged;
    mapping(uint256 nodeId => mapping(uint256 word => uint256)) private _proven;

    constructor(NodesStandIn registry_, uint256 epochLength_) {
        registry = registry_;
        epochLength = epochLength_;
    }

    /// @notice Challenges an epoch, for all nodes; somebody answers.
    function challenge(uint256 epoch) public {
        _challenged[epoch / EpochBitmap.EPOCHS_PER_WORD] |= 1 << (epoch % EpochBitmap.EPOCHS_PER_WORD);
    }

    /// @notice Proves an epoch for a node; what is proven was challenged.
    function prove(uint256 nodeId, uint256 epoch) external {
        challenge(epoch);
        _proven[nodeId][epoch / EpochBitmap.EPOCHS_PER_WORD] |= 1 << (epoch % EpochBitmap.EPOCHS_PER_WORD);
    }

    /// @notice Sets 192 epochs at once; a bit that is proven without a challenge is dropped.
    function setWord(uint256 nodeId, uint256 word, uint256 challenged, uint256 proven) external {
        _challenged[word] = challenged;
        _proven[nodeId][word] = proven & challenged;
    }

    function answeredWord(uint256 word) external view returns (uint256) {
        return _challenged[word] & _below(_begun(), word);
    }

    function provenWord(uint256 nodeId, uint256 word) external view returns (uint256) {
        uint256 epochs = registry.epochsOf(nodeId, epochLength);
        return _proven[nodeId][word] & _below(epochs < _begun() ? epochs : _begun(), word);
    }

    /// @dev How many epochs have begun.
    function _begun() private view returns (uint256) {
        return block.timestamp / epochLength + 1;
    }

    /// @dev The bits of a word that belong to epochs below `epochs`.
    function _below(uint256 epochs, uint256 word) private pure returns (uint256) {
        uint256 first = word * EpochBitmap.EPOCHS_PER_WORD;
        if (epochs <= first) return 0;
        uint256 count = epochs - first;
        return EpochBitmap.mask(0, count < EpochBitmap.EPOCHS_PER_WORD ? count : EpochBitmap.EPOCHS_PER_WORD);
    }
}

/// @notice Takes the fees.
contract RewardsStandIn {
    IERC20 public immutable token;
    ProofsStandIn public immutable challenges;
    uint256 public funded;

    constructor(IERC20 token_, ProofsStandIn challenges_) {
        (token, challenges) = (token_, challenges_);
    }

    function fund(uint256 amount) external {
        funded += amount;
        token.transferFrom(msg.sender, address(this), amount);
    }
}
