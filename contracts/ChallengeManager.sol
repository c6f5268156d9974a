// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {EpochBitmap} from "./libraries/EpochBitmap.sol";
import {RecentBlock} from "./libraries/RecentBlock.sol";
import {ProofOfWork} from "./challenges/ProofOfWork.sol";
import {ProvenEpochs} from "./challenges/ProvenEpochs.sol";
import {Answer, Challenge, ProvenRate} from "./types/Challenge.sol";

/// @title ChallengeManager
/// @notice See {IChallengeManager}.
/// @dev Issuing and proving write to slots that are in use already, except for a new word of a bitmap or of points now
/// and then. A challenge fits one slot, because 20 bytes of seed are enough against guessing, and the epoch follows
/// from the time of issue. An epoch's first proof stores the seed, so the seed's presence also tells that the epoch was
/// answered, and every later proof only reads it. The points of 32 periods share one slot.
contract ChallengeManager is IChallengeManager, EIP712 {
    using ProvenEpochs for ProvenEpochs.Record;
    using ProvenEpochs for ProvenEpochs.Slot;

    /// @dev The latest challenge. Its seed is these 20 bytes, followed by 12 zero bytes; they are zero until the epoch's
    /// first proof stores them, because the hash of the block that issues the challenge exists only after that block.
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
    /// @dev A block's hash may make a seed and a lottery draw, neither of which may reveal the other.
    bytes32 private constant SEED_DOMAIN = keccak256(
        "ChallengeSeed(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)"
    );
    /// @dev See {SEED_DOMAIN}.
    bytes32 private constant LOTTERY_DOMAIN = keccak256(
        "ChallengeLottery(uint256 chainId,address challengeManager,uint256 epoch,bytes32 blockHash)"
    );

    /// @dev The highest share of its claimed power that a node spends on proving, in basis points.
    uint256 private constant MAXIMUM_COST_BPS = 500;
    uint256 private constant BPS = 10_000;
    /// @dev The least share of its claimed power that a node shows, in basis points. With less, one machine could
    /// answer for two nodes that each claim the whole of it.
    uint256 private constant MINIMUM_SHARE_BPS = 9_000;
    /// @dev Seconds, and blocks, in which a challenge can be heard of, searched and answered.
    uint256 private constant MINIMUM_WINDOW = 15;
    uint256 private constant MINIMUM_WINDOW_BLOCKS = 8;
    /// @dev The effective window is this share of the response window, in basis points: what is left is the way to and
    /// from the chain. With less, whoever is close to the chain passes with less power; with more, nobody else passes.
    uint256 private constant MINIMUM_EFFECTIVE_BPS = 8_000;
    uint256 private constant MAXIMUM_EFFECTIVE_BPS = 9_500;
    uint256 private constant MINIMUM_BLOCK_TIME = 50;
    uint256 private constant MAXIMUM_BLOCK_TIME = 15_000;
    /// @dev Milliseconds, and blocks, for which a winning block can be cited.
    uint256 private constant CITABLE_TIME = 12_000;
    uint256 private constant CITABLE_BLOCKS = 3;
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
    /// @inheritdoc IChallengeManager
    uint256 public immutable blockMilliseconds;
    /// @inheritdoc IChallengeManager
    uint256 public immutable citableBlocks;

    Issued private _latest;
    mapping(uint256 word => uint256 bits) private _challenged;
    mapping(uint256 word => uint256 bits) private _answered;
    mapping(uint256 nodeId => ProvenEpochs.Record) private _proven;
    mapping(address validator => mapping(uint256 word => uint256 lanes)) private _points;
    mapping(uint256 word => uint256 lanes) private _totalPoints;

    /// @notice Checks the parameters against their bounds, and that the chain provides block hashes.
    /// @dev Errors: {ChallengeManagerInvalidParameter}, {ChallengeManagerMismatch}, {ChallengeManagerUnknownBlock}.
    /// @param registry_ The nodes, and the length of an epoch.
    /// @param validators_ The validators, who earn points.
    /// @param parameters What is fixed for good.
    constructor(
        INodeRegistry registry_,
        IValidatorSet validators_,
        Parameters memory parameters
    ) EIP712("ComputingPower.ChallengeManager", "1") {
        uint256 length = registry_.epochLength();
        _checkParameters(parameters, length, registry_.powerShareBps());
        (address vault, address otherVault) = (address(registry_.vault()), address(validators_.vault()));
        if (vault != otherVault) revert ChallengeManagerMismatch(vault, otherVault);
        if (blockhash(block.number - 1) == 0) revert ChallengeManagerUnknownBlock(block.number - 1);

        registry = registry_;
        validators = validators_;
        epochLength = length;
        responseWindow = parameters.responseWindow;
        effectiveWindow = parameters.effectiveWindow;
        lotteryOdds = parameters.lotteryOdds;
        openStretch = parameters.openStretch;
        blockMilliseconds = parameters.blockMilliseconds;
        citableBlocks = Math.max(CITABLE_BLOCKS, CITABLE_TIME / parameters.blockMilliseconds);
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

        _latest = Issued(0, uint48(block.timestamp), uint48(block.number));
        _challenged[word] = challenged | bit;
        bool rewarded = validators.isActive(msg.sender);
        if (rewarded) _addPoint(epoch / EPOCHS_PER_PERIOD, msg.sender);
        emit ChallengeIssued(epoch, msg.sender, blockNumber, block.timestamp + responseWindow, rewarded);
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
        if (seed == 0) seed = _keepSeed(epoch);
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
        uint256 epoch = latest.issuedAt / epochLength;
        bytes32 seed = latest.seed;
        return
            Challenge({
                seed: seed == 0 ? _seedFrom(epoch, latest.blockNumber) : seed,
                epoch: uint64(epoch),
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
    function searchTermsOf(
        uint256 nodeId,
        bytes32 seed
    ) external view returns (bytes32 prefix, uint256 target, uint256 answerBy) {
        (, , answerBy) = _currentChallenge();
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
    function answeredWord(uint256 word) external view returns (uint256) {
        return _answered[word];
    }

    /// @inheritdoc IChallengeManager
    function isAnswered(uint256 epoch) external view returns (bool) {
        (uint256 word, uint256 bit) = _placeOf(epoch);
        return _answered[word] & bit != 0;
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

    /// @dev Returns the running epoch's challenge, with one read of its slot. The seed is zero until the epoch's first
    /// proof.
    function _currentChallenge() private view returns (uint256 epoch, bytes32 seed, uint256 answerBy) {
        uint256 latest;
        assembly ("memory-safe") {
            latest := sload(_latest.slot)
        }
        uint256 issuedAt = uint48(latest >> 160);
        epoch = currentEpoch();
        // Times have 48 bits.
        unchecked {
            if (issuedAt == 0 || issuedAt < epoch * epochLength) revert ChallengeManagerNoChallenge(epoch);
            return (epoch, bytes32(latest << 96), issuedAt + responseWindow);
        }
    }

    /// @dev Keeps the seed of the running epoch's challenge, for longer than the chain keeps hashes, and records that the
    /// epoch was answered: if the answer proves wrong, all of it is undone.
    function _keepSeed(uint256 epoch) private returns (bytes32 seed) {
        uint256 blockNumber = _latest.blockNumber;
        seed = _seedFrom(epoch, blockNumber);
        if (seed == 0) revert ChallengeManagerSeedUnknown(blockNumber, block.number);
        _latest.seed = bytes20(seed);
        (uint256 word, uint256 bit) = _placeOf(epoch);
        _answered[word] |= bit;
    }

    /// @dev The seed that comes from a block; zero if the chain does not provide the block's hash.
    function _seedFrom(uint256 epoch, uint256 blockNumber) private view returns (bytes32) {
        bytes32 blockHash = RecentBlock.hashOf(blockNumber);
        return blockHash == 0 ? bytes32(0) : bytes32(bytes20(_draw(SEED_DOMAIN, epoch, blockHash)));
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
        return blockNumber < block.number && block.number - blockNumber <= citableBlocks;
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

    /// @dev Checks the parameters against each other; see {IChallengeManager-Parameters}.
    function _checkParameters(Parameters memory parameters, uint256 length, uint256 shareBps) private pure {
        uint256 window = parameters.responseWindow;
        uint256 blockTime = parameters.blockMilliseconds;
        _requireAtLeast(blockTime, MINIMUM_BLOCK_TIME);
        _requireAtMost(blockTime, MAXIMUM_BLOCK_TIME);
        _requireAtLeast(shareBps, MINIMUM_SHARE_BPS);
        _requireAtLeast(window, Math.max(MINIMUM_WINDOW, Math.ceilDiv(MINIMUM_WINDOW_BLOCKS * blockTime, 1000)));
        _requireAtMost(Math.ceilDiv(shareBps * window, length), MAXIMUM_COST_BPS);
        _requireAtLeast(parameters.effectiveWindow, Math.ceilDiv(window * MINIMUM_EFFECTIVE_BPS, BPS));
        _requireAtMost(parameters.effectiveWindow, (window * MAXIMUM_EFFECTIVE_BPS) / BPS);
        _requireAtLeast(parameters.openStretch, window);
        _requireAtMost(parameters.openStretch, length / 2);
        _requireAtLeast(parameters.lotteryOdds, 1);
        _requireAtMost(parameters.lotteryOdds, ((length - window - parameters.openStretch) * 1000) / blockTime);
    }

    function _requireAtLeast(uint256 value, uint256 limit) private pure {
        if (value < limit) revert ChallengeManagerInvalidParameter(value, limit);
    }

    function _requireAtMost(uint256 value, uint256 limit) private pure {
        if (value > limit) revert ChallengeManagerInvalidParameter(value, limit);
    }
}
