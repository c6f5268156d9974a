// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {INodeRegistry} from "./INodeRegistry.sol";
import {IValidatorSet} from "./IValidatorSet.sol";
import {Answer, Challenge, ProvenRate} from "../types/Challenge.sol";

/// @title IChallengeManager
/// @notice One seed per epoch challenges every node; proofs are checked here, and which epochs a node has proven is kept here.
///
/// @dev Epoch `e` is the time from `e * epochLength` to `(e+1) * epochLength`, in Unix seconds. It is final when it is over.
///
/// Anyone may issue an epoch's challenge, once, by citing a block at most 3 back whose hash wins a lottery, so that the moment
/// is nobody's choice and nobody's secret. In the last stretch before the cut-off every block wins, so no absence stops it. A
/// challenge can be issued until one response window before the epoch's end, so windows never overlap and end inside their epoch.
///
/// A node answers with 128 nonces of 8 bytes, each hash `keccak256(prefix ‖ nonce)`, the hashes strictly increasing and the largest
/// at most the node's target. `prefix = keccak256(abi.encode(PROOF_DOMAIN, chainId, this, seed, nodeId, enclaveKey))`. The enclave
/// key signs EIP-712 `Answer(uint256 nodeId,uint256 epoch,bytes32 prefix,bytes32 noncesHash)` once; anyone may carry it to the chain.
///
/// What a proof claims is exactly this: at least so many hashes a second of this class were reachable, at a moment nobody chose, by
/// every claimant at once.
interface IChallengeManager {
    /// @notice Fixed at deployment.
    /// @param responseWindow Seconds in which an answer is taken, at least 4; at most a quarter of an epoch, and such that the power
    /// shown, share x window / epoch, is at most 5 %.
    /// @param effectiveWindow Seconds over which the required rate must be kept up, T; at most the response window.
    /// @param lotteryOdds One block in so many wins the lottery, 1 to 2^32.
    /// @param openStretch Seconds before the cut-off in which every block wins; at least 1, less than epoch less response window.
    struct Parameters {
        uint40 responseWindow;
        uint40 effectiveWindow;
        uint64 lotteryOdds;
        uint40 openStretch;
    }

    /// @notice An epoch's challenge was issued. `rewarded` says whether the issuer, an active validator, earned a point.
    event ChallengeIssued(
        uint256 indexed epoch,
        bytes32 indexed seed,
        address indexed issuer,
        uint256 blockNumber,
        uint256 answerBy,
        bool rewarded
    );
    /// @notice A node proved an epoch. `hashRate` is the lower-bound estimate in hashes per second.
    event EpochProven(uint256 indexed nodeId, uint256 indexed epoch, uint256 hashRate);
    /// @notice An answer in a batch was refused with `reason`, the error that {prove} gives.
    event AnswerRefused(uint256 indexed nodeId, bytes reason);

    /// @notice The epoch has its challenge.
    error ChallengeManagerAlreadyIssued(uint256 epoch);
    /// @notice Too late in the epoch to issue; the cut-off was `cutOff`.
    error ChallengeManagerTooLate(uint256 epoch, uint256 cutOff);
    /// @notice The block is not one of the last three.
    error ChallengeManagerInvalidBlock(uint256 blockNumber, uint256 current);
    /// @notice The chain does not give the block's hash.
    error ChallengeManagerUnknownBlock(uint256 blockNumber);
    /// @notice The block's hash does not win the lottery.
    error ChallengeManagerLostLottery(uint256 blockNumber);
    /// @notice No challenge in the current epoch (yet).
    error ChallengeManagerNoChallenge(uint256 epoch);
    /// @notice The response window is over.
    error ChallengeManagerWindowOver(uint256 epoch, uint256 answerBy);
    /// @notice The node is not live.
    error ChallengeManagerNodeNotLive(uint256 nodeId);
    /// @notice The node has proven this epoch.
    error ChallengeManagerAlreadyProven(uint256 nodeId, uint256 epoch);
    /// @notice The answer's nonces are not 128 x 8 bytes.
    error ChallengeManagerInvalidLength(uint256 length, uint256 expected);
    /// @notice A hash is not greater than the one before it.
    error ChallengeManagerNotIncreasing();
    /// @notice The largest hash is above the node's target.
    error ChallengeManagerAboveTarget(uint256 largestHash, uint256 target);
    /// @notice The signature is not the enclave key's.
    error ChallengeManagerInvalidSignature(address enclaveKey);
    /// @notice A parameter breaks its bound.
    error ChallengeManagerInvalidParameter(uint256 value, uint256 limit);

    /// @notice The nodes. Immutable.
    function registry() external view returns (INodeRegistry);

    /// @notice The validators. Immutable.
    function validators() external view returns (IValidatorSet);

    /// @notice Seconds of an epoch, as the registry has it. Immutable.
    function epochLength() external view returns (uint256);

    /// @notice Seconds in which an answer is taken. Immutable.
    function responseWindow() external view returns (uint256);

    /// @notice Seconds over which the required rate must be kept up. Immutable.
    function effectiveWindow() external view returns (uint256);

    /// @notice One block in so many wins the lottery. Immutable.
    function lotteryOdds() external view returns (uint256);

    /// @notice Seconds before the cut-off in which every block wins. Immutable.
    function openStretch() external view returns (uint256);

    /// @notice Nonces in an answer: 128.
    function NONCES() external view returns (uint256);

    /// @notice Epochs in a reward period: 24.
    function EPOCHS_PER_PERIOD() external view returns (uint256);

    /// @notice The running epoch.
    function currentEpoch() external view returns (uint256);

    /// @notice The running reward period: the current epoch divided by 24.
    function currentPeriod() external view returns (uint256);

    /// @notice The latest challenge issued, whatever its epoch.
    function getChallenge() external view returns (Challenge memory);

    /// @notice Whether a block of the last three would win now. False when the epoch has its challenge, or it is too late.
    function canIssue(uint256 blockNumber) external view returns (bool);

    /// @notice The prefix that a node must search on in the current challenge, and its target.
    /// @dev Errors: {ChallengeManagerNoChallenge}, {ChallengeManagerNodeNotLive}.
    function searchTermsOf(uint256 nodeId) external view returns (bytes32 prefix, uint256 target, uint256 answerBy);

    /// @notice The largest hash that an answer may end with at a required rate in hashes per second.
    function targetOf(uint256 requiredRate) external view returns (uint256);

    /// @notice The rate that a node proved last, if in the last 192 epochs; zero when its last proof is 384 epochs or more ago.
    function provenRateOf(uint256 nodeId) external view returns (ProvenRate memory);

    /// @notice Whether an epoch had a challenge.
    function isChallenged(uint256 epoch) external view returns (bool);

    /// @notice Whether a node has proven an epoch.
    function isProven(uint256 nodeId, uint256 epoch) external view returns (bool);

    /// @notice Bit `i` of word `w`, for `i` below 192: epoch `192 w + i` had a challenge.
    function challengedWord(uint256 word) external view returns (uint256);

    /// @notice Bit `i` of word `w`, for `i` below 192: the node has proven epoch `192 w + i`.
    function provenWord(uint256 nodeId, uint256 word) external view returns (uint256);

    /// @notice Points of a validator in a reward period: one for each challenge issued while active.
    function pointsOf(uint256 period, address validator) external view returns (uint256);

    /// @notice Points of all validators in a reward period.
    function totalPoints(uint256 period) external view returns (uint256);

    /// @notice Issues the current epoch's challenge for every node. Anyone may call; an active validator earns a point.
    /// @dev Emits {ChallengeIssued}. Errors: {ChallengeManagerAlreadyIssued}, {ChallengeManagerTooLate},
    /// {ChallengeManagerInvalidBlock}, {ChallengeManagerUnknownBlock}, {ChallengeManagerLostLottery}.
    /// @param blockNumber A block at most 3 back whose hash wins.
    function issue(uint256 blockNumber) external;

    /// @notice Proves the current epoch for a node. Anyone may carry the answer.
    /// @dev Emits {EpochProven}. Errors: {ChallengeManagerNoChallenge}, {ChallengeManagerWindowOver},
    /// {ChallengeManagerNodeNotLive}, {ChallengeManagerAlreadyProven}, {ChallengeManagerInvalidLength},
    /// {ChallengeManagerNotIncreasing}, {ChallengeManagerAboveTarget}, {ChallengeManagerInvalidSignature}.
    function prove(uint256 nodeId, bytes calldata nonces, bytes calldata signature) external;

    /// @notice Proves for many nodes. An answer that is refused does not stop the others.
    /// @dev Emits {EpochProven} or {AnswerRefused} for each.
    /// @return proven How many were accepted.
    function proveMany(Answer[] calldata answers) external returns (uint256 proven);
}
