// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {EpochBitmap} from "./libraries/EpochBitmap.sol";
import {ProofOfWork} from "./challenges/ProofOfWork.sol";
import {ProvenEpochs} from "./challenges/ProvenEpochs.sol";
import {Answer, Challenge, ProvenRate} from "./types/Challenge.sol";

/// @title ChallengeManager
/// @notice See {IChallengeManager}.
/// @dev Issuing and proving write to slots that are in use already, except for a new word of a bitmap or of points now
/// and then. A challenge fits one slot, because 20 bytes of seed are enough against guessing, and the epoch follows
/// from the time of issue. The points of 32 periods share one slot.
contract ChallengeManager is IChallengeManager, EIP712 {
    using ProvenEpochs for ProvenEpochs.Record;
    using ProvenEpochs for ProvenEpochs.Slot;

    /// @dev The latest challenge. Its seed is these 20 bytes, followed by 12 zero bytes.
    struct Issued {
        bytes20 seed;
        uint48 issuedAt;
        uint48 blockNumber;
    }

    /// @inheritdoc IChallengeManager
    uint256 public constant NONCES = ProofOfWork.NONCES;
    /// @inheritdoc IChallengeManager
    uint256 public constant EPOCHS_PER_PERIOD = 24;

    /// @dev EIP-712 type of an answer.
    bytes32 private constant ANSWER_TYPE_HASH = keccak256(
        "Answer(uint256 nodeId,uint256 epoch,bytes32 prefix,bytes32 noncesHash)"
    );
    /// @dev A block hash makes a seed and a lottery draw, neither of which may reveal the other.
    bytes32 private constant SEED_DOMAIN = keccak256(
        "ChallengeSeed(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)"
    );
    /// @dev See {SEED_DOMAIN}.
    bytes32 private constant LOTTERY_DOMAIN = keccak256(
        "ChallengeLottery(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)"
    );

    /// @dev How many blocks back the cited block may be.
    uint256 private constant BLOCKS_BACK = 3;
    /// @dev The highest share of its claimed power that a node spends on proving, in basis points.
    uint256 private constant MAXIMUM_COST_BPS = 500;
    /// @dev An epoch holds at least four response windows.
    uint256 private constant WINDOWS_PER_EPOCH = 4;
    uint256 private constant MINIMUM_WINDOW = 4;
    uint256 private constant MAXIMUM_ODDS = 2 ** 32;
    /// @dev The bytes of a refused answer's revert data that are kept in the event.
    uint256 private constant REASON_BYTES = 256;
    /// @dev Points are kept in lanes of 8 bits, one for each period: a period has 24 challenges.
    uint256 private constant PERIODS_PER_WORD = 32;

    /// @inheritdoc IChallengeManager
    INodeRegistry public immutable registry;
    /// @inheritdoc IChallengeManager
    IValidatorSet public immutable validators;
    /// @inheritdoc IChallengeManager
    uint256 public immutable epochLength;
    /// @inheritdoc IChallengeManager
    uint256 public immutable responseWindow;
    /// @inheritdoc IChallengeManager
    uint256 public immutable effectiveWindow;
    /// @inheritdoc IChallengeManager
    uint256 public immutable lotteryOdds;
    /// @inheritdoc IChallengeManager
    uint256 public immutable openStretch;

    Issued private _latest;
    mapping(uint256 word => uint256 bits) private _challenged;
    mapping(uint256 nodeId => ProvenEpochs.Record) private _proven;
    mapping(address validator => mapping(uint256 word => uint256 lanes)) private _points;
    mapping(uint256 word => uint256 lanes) private _totalPoints;

    /// @notice Checks the parameters against their bounds, and that the chain provides block hashes.
    /// @dev Errors: {ChallengeManagerInvalidParameter}, {ChallengeManagerUnknownBlock}.
    /// @param registry_ The nodes, and the length of an epoch.
    /// @param validators_ The validators, who earn points.
    /// @param parameters What is fixed for good.
    constructor(
        INodeRegistry registry_,
        IValidatorSet validators_,
        Parameters memory parameters
    ) EIP712("ComputingPower.ChallengeManager", "1") {
        uint256 length = registry_.epochLength();
        uint256 window = parameters.responseWindow;
        _requireAtLeast(window, MINIMUM_WINDOW);
        _requireAtMost(window, length / WINDOWS_PER_EPOCH);
        _requireAtMost(Math.ceilDiv(registry_.powerShareBps() * window, length), MAXIMUM_COST_BPS);
        _requireAtLeast(parameters.effectiveWindow, 1);
        _requireAtMost(parameters.effectiveWindow, window);
        _requireAtLeast(parameters.lotteryOdds, 1);
        _requireAtMost(parameters.lotteryOdds, MAXIMUM_ODDS);
        _requireAtLeast(parameters.openStretch, 1);
        _requireAtMost(parameters.openStretch, length - window - 1);
        if (blockhash(block.number - 1) == 0) revert ChallengeManagerUnknownBlock(block.number - 1);

        registry = registry_;
        validators = validators_;
        epochLength = length;
        responseWindow = window;
        effectiveWindow = parameters.effectiveWindow;
        lotteryOdds = parameters.lotteryOdds;
        openStretch = parameters.openStretch;
    }

    /// @inheritdoc IChallengeManager
    function issue(uint256 blockNumber) external {
        uint256 epoch = currentEpoch();
        (uint256 word, uint256 bit) = _placeOf(epoch);
        uint256 challenged = _challenged[word];
        if (challenged & bit != 0) revert ChallengeManagerAlreadyIssued(epoch);
        uint256 cutOff = _cutOffOf(epoch);
        if (block.timestamp > cutOff) revert ChallengeManagerTooLate(epoch, cutOff);
        if (!_isCitable(blockNumber)) revert ChallengeManagerInvalidBlock(blockNumber, block.number);
        bytes32 blockHash = blockhash(blockNumber);
        if (blockHash == 0) revert ChallengeManagerUnknownBlock(blockNumber);
        if (!_wins(epoch, cutOff, blockHash)) revert ChallengeManagerLostLottery(blockNumber);

        bytes20 seed = bytes20(_draw(SEED_DOMAIN, epoch, blockHash));
        _latest = Issued(seed, uint48(block.timestamp), uint48(blockNumber));
        _challenged[word] = challenged | bit;
        bool rewarded = validators.isActive(msg.sender);
        if (rewarded) _addPoint(epoch / EPOCHS_PER_PERIOD, msg.sender);
        emit ChallengeIssued(epoch, bytes32(seed), msg.sender, blockNumber, block.timestamp + responseWindow, rewarded);
    }

    /// @inheritdoc IChallengeManager
    function proveMany(Answer[] calldata answers) external returns (uint256 proven) {
        for (uint256 i = 0; i < answers.length; ++i) {
            Answer calldata answer = answers[i];
            try this.prove(answer.nodeId, answer.nonces, answer.signature) {
                ++proven;
            } catch {
                emit AnswerRefused(answer.nodeId, _returnData());
            }
        }
    }

    /// @inheritdoc IChallengeManager
    function prove(uint256 nodeId, bytes calldata nonces, bytes calldata signature) external {
        (uint256 epoch, bytes32 seed, uint256 answerBy) = _currentChallenge();
        if (block.timestamp >= answerBy) revert ChallengeManagerWindowOver(epoch, answerBy);
        (address enclaveKey, uint256 requiredRate) = _liveTermsOf(nodeId);
        ProvenEpochs.Slot storage slot = _proven[nodeId].slotOf(epoch);
        uint192 proven = slot.epochs;
        if (ProvenEpochs.has(proven, epoch)) revert ChallengeManagerAlreadyProven(nodeId, epoch);

        bytes32 prefix = ProofOfWork.prefixOf(seed, nodeId, enclaveKey);
        uint256 largestHash = _checkedLargestHash(prefix, nonces, requiredRate);
        _checkSignature(enclaveKey, nodeId, epoch, prefix, nonces, signature);

        uint64 hashRate = ProofOfWork.provenRateOf(largestHash, effectiveWindow);
        slot.add(proven, epoch, hashRate);
        emit EpochProven(nodeId, epoch, hashRate);
    }

    /// @inheritdoc IChallengeManager
    function getChallenge() external view returns (Challenge memory) {
        Issued memory latest = _latest;
        return
            Challenge({
                seed: bytes32(latest.seed),
                epoch: uint64(latest.issuedAt / epochLength),
                issuedAt: latest.issuedAt,
                blockNumber: latest.blockNumber
            });
    }

    /// @inheritdoc IChallengeManager
    function canIssue(uint256 blockNumber) external view returns (bool) {
        uint256 epoch = currentEpoch();
        uint256 cutOff = _cutOffOf(epoch);
        if (isChallenged(epoch) || block.timestamp > cutOff || !_isCitable(blockNumber)) return false;
        bytes32 blockHash = blockhash(blockNumber);
        return blockHash != 0 && _wins(epoch, cutOff, blockHash);
    }

    /// @inheritdoc IChallengeManager
    function searchTermsOf(uint256 nodeId) external view returns (bytes32 prefix, uint256 target, uint256 answerBy) {
        bytes32 seed;
        (, seed, answerBy) = _currentChallenge();
        (address enclaveKey, uint256 requiredRate) = _liveTermsOf(nodeId);
        prefix = ProofOfWork.prefixOf(seed, nodeId, enclaveKey);
        target = targetOf(requiredRate);
    }

    /// @inheritdoc IChallengeManager
    function provenRateOf(uint256 nodeId) external view returns (ProvenRate memory) {
        return _proven[nodeId].lastRate(currentEpoch());
    }

    /// @inheritdoc IChallengeManager
    function isProven(uint256 nodeId, uint256 epoch) external view returns (bool) {
        return ProvenEpochs.has(_proven[nodeId].slotOf(epoch).epochs, epoch);
    }

    /// @inheritdoc IChallengeManager
    function challengedWord(uint256 word) external view returns (uint256) {
        return _challenged[word];
    }

    /// @inheritdoc IChallengeManager
    function provenWord(uint256 nodeId, uint256 word) external view returns (uint256) {
        return _proven[nodeId].slots[word].epochs;
    }

    /// @inheritdoc IChallengeManager
    function pointsOf(uint256 period, address validator) external view returns (uint256) {
        (uint256 word, uint256 shift) = _laneOf(period);
        return uint8(_points[validator][word] >> shift);
    }

    /// @inheritdoc IChallengeManager
    function totalPoints(uint256 period) external view returns (uint256) {
        (uint256 word, uint256 shift) = _laneOf(period);
        return uint8(_totalPoints[word] >> shift);
    }

    /// @inheritdoc IChallengeManager
    function currentPeriod() external view returns (uint256) {
        return currentEpoch() / EPOCHS_PER_PERIOD;
    }

    /// @inheritdoc IChallengeManager
    function currentEpoch() public view returns (uint256) {
        return block.timestamp / epochLength;
    }

    /// @inheritdoc IChallengeManager
    function targetOf(uint256 requiredRate) public view returns (uint256) {
        return ProofOfWork.targetOf(requiredRate, effectiveWindow);
    }

    /// @inheritdoc IChallengeManager
    function isChallenged(uint256 epoch) public view returns (bool) {
        (uint256 word, uint256 bit) = _placeOf(epoch);
        return _challenged[word] & bit != 0;
    }

    function _addPoint(uint256 period, address validator) private {
        (uint256 word, uint256 shift) = _laneOf(period);
        // A lane never overflows: a period has 24 challenges, and each earns one point at most.
        _points[validator][word] += 1 << shift;
        _totalPoints[word] += 1 << shift;
    }

    /// @dev Returns the running epoch's challenge.
    function _currentChallenge() private view returns (uint256 epoch, bytes32 seed, uint256 answerBy) {
        epoch = currentEpoch();
        Issued storage latest = _latest;
        uint256 issuedAt = latest.issuedAt;
        if (issuedAt == 0 || issuedAt < epoch * epochLength) revert ChallengeManagerNoChallenge(epoch);
        return (epoch, bytes32(latest.seed), issuedAt + responseWindow);
    }

    function _liveTermsOf(uint256 nodeId) private view returns (address enclaveKey, uint256 requiredRate) {
        (enclaveKey, requiredRate) = registry.proofTermsOf(nodeId);
        if (enclaveKey == address(0)) revert ChallengeManagerNodeNotLive(nodeId);
    }

    function _checkedLargestHash(
        bytes32 prefix,
        bytes calldata nonces,
        uint256 requiredRate
    ) private view returns (uint256 largestHash) {
        if (nonces.length != ProofOfWork.ANSWER_BYTES) {
            revert ChallengeManagerInvalidLength(nonces.length, ProofOfWork.ANSWER_BYTES);
        }
        bool increasing;
        (increasing, largestHash) = ProofOfWork.check(prefix, nonces);
        if (!increasing) revert ChallengeManagerNotIncreasing();
        uint256 target = targetOf(requiredRate);
        if (largestHash > target) revert ChallengeManagerAboveTarget(largestHash, target);
    }

    function _checkSignature(
        address enclaveKey,
        uint256 nodeId,
        uint256 epoch,
        bytes32 prefix,
        bytes calldata nonces,
        bytes calldata signature
    ) private view {
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(ANSWER_TYPE_HASH, nodeId, epoch, prefix, ProofOfWork.hashOf(nonces)))
        );
        // A failed recovery returns the zero address, which is no live node's key.
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer != enclaveKey) revert ChallengeManagerInvalidSignature(enclaveKey);
    }

    /// @dev The last second in which an epoch's challenge can be issued.
    function _cutOffOf(uint256 epoch) private view returns (uint256) {
        return (epoch + 1) * epochLength - responseWindow;
    }

    function _isCitable(uint256 blockNumber) private view returns (bool) {
        return blockNumber < block.number && block.number - blockNumber <= BLOCKS_BACK;
    }

    function _wins(uint256 epoch, uint256 cutOff, bytes32 blockHash) private view returns (bool) {
        if (block.timestamp + openStretch >= cutOff) return true;
        return uint256(_draw(LOTTERY_DOMAIN, epoch, blockHash)) % lotteryOdds == 0;
    }

    function _draw(bytes32 domain, uint256 epoch, bytes32 blockHash) private view returns (bytes32) {
        return keccak256(abi.encode(domain, block.chainid, address(this), epoch, blockHash));
    }

    /// @dev The word and the bit of an epoch in a bitmap.
    function _placeOf(uint256 epoch) private pure returns (uint256 word, uint256 bit) {
        return (epoch / EpochBitmap.EPOCHS_PER_WORD, 1 << (epoch % EpochBitmap.EPOCHS_PER_WORD));
    }

    /// @dev The word of a period's points, and the bit at which its 8 bits begin.
    function _laneOf(uint256 period) private pure returns (uint256 word, uint256 shift) {
        return (period / PERIODS_PER_WORD, (period % PERIODS_PER_WORD) * 8);
    }

    /// @dev The first bytes of the last call's return data.
    function _returnData() private pure returns (bytes memory data) {
        uint256 length;
        assembly ("memory-safe") {
            length := returndatasize()
        }
        data = new bytes(Math.min(length, REASON_BYTES));
        assembly ("memory-safe") {
            returndatacopy(add(data, 0x20), 0, mload(data))
        }
    }

    function _requireAtLeast(uint256 value, uint256 limit) private pure {
        if (value < limit) revert ChallengeManagerInvalidParameter(value, limit);
    }

    function _requireAtMost(uint256 value, uint256 limit) private pure {
        if (value > limit) revert ChallengeManagerInvalidParameter(value, limit);
    }
}
