// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {INodeRegistry} from "./INodeRegistry.sol";
import {IValidatorSet} from "./IValidatorSet.sol";
import {Answer, Challenge, ProvenRate} from "../types/Challenge.sol";

/// @title IChallengeManager
/// @notice One seed per epoch challenges every node. This contract checks the proofs, and keeps which epochs a node has
/// proven.
///
/// @dev Epoch `e` is the time from `e * epochLength` to `(e+1) * epochLength`, in Unix seconds. It is final when it is
/// over.
///
/// Anyone may issue an epoch's challenge, once, by citing a recent block whose hash wins a lottery, so that the issuer
/// does not choose the moment. In the last stretch before the cut-off every block wins, so nobody can prevent the
/// challenge by staying away. A challenge can be issued until one response window before the epoch's end, so windows
/// never overlap and always end inside their epoch.
///
/// The seed comes from the hash of the block that issues the challenge, which exists only once that block does: the
/// response window begins with the seed, whatever the chain's block time, and however long it stood still before. Only
/// whoever makes that very block can know its hash before, and not before it knows the parent's. Everybody else reads
/// the hash from the block and computes `seed = bytes20(keccak256(abi.encode(SEED_DOMAIN, chainId, this, epoch,
/// blockHash)))`, followed by 12 zero bytes.
///
/// A challenge that nobody answered may be one that nobody could answer, because the chain stood still or let no calls
/// in. So an epoch counts as answered, and against a node that did not prove it, once any node has.
///
/// A node answers with 128 nonces of 8 bytes, each with the hash `keccak256(prefix ‖ nonce)`. The hashes increase
/// strictly, and the largest is at most the node's target. `prefix = keccak256(abi.encode(PROOF_DOMAIN, chainId, this,
/// seed, nodeId, enclaveKey))`. The enclave key signs EIP-712 `Answer(uint256 nodeId,uint256 epoch,bytes32
/// prefix,bytes32 noncesHash)` once; anyone may submit it.
///
/// What a proof claims is exactly this: every claimant could reach at least so many hashes of this class per second,
/// all of them at once, at a moment that nobody chose.
interface IChallengeManager {
    /// @notice Fixed at deployment.
    /// @param responseWindow Seconds in which an answer is taken: at least 15, at least 8 blocks, and such that the power
    /// spent on proving, power share x window / epoch, is at most 5 %. The registry's power share must be at least 90 %.
    /// @param effectiveWindow Seconds over which the required rate must be kept up, T: 80 % to 95 % of the response
    /// window.
    /// @param lotteryOdds On average one block in so many wins the lottery: at least 1, with which every block wins, and
    /// such that on average at least one block wins before the open stretch.
    /// @param openStretch Seconds before the cut-off in which every block wins: the response window to half an epoch.
    /// @param blockMilliseconds The chain's block time, 50 to 15,000. The contract cannot measure it and takes the
    /// deployer's word; only the parameters are held against it.
    struct Parameters {
        uint40 responseWindow;
        uint40 effectiveWindow;
        uint64 lotteryOdds;
        uint40 openStretch;
        uint40 blockMilliseconds;
    }

    /// @notice An epoch's challenge was issued. Its seed comes from the hash of the block that has this event.
    /// @param epoch The epoch.
    /// @param issuer The caller.
    /// @param blockNumber The cited block.
    /// @param answerBy Unix seconds before which an answer is taken.
    /// @param rewarded Whether the issuer, as an active validator, earned a point.
    event ChallengeIssued(
        uint256 indexed epoch,
        address indexed issuer,
        uint256 blockNumber,
        uint256 answerBy,
        bool rewarded
    );
    /// @notice A node proved an epoch.
    /// @param nodeId The node.
    /// @param epoch The epoch.
    /// @param hashRate The lower-bound estimate of its rate, in hashes per second.
    event EpochProven(uint256 indexed nodeId, uint256 indexed epoch, uint256 hashRate);
    /// @notice An answer in a batch was refused.
    /// @param nodeId The node.
    /// @param reason The error of {prove}, ABI-encoded, cut to 256 bytes.
    event AnswerRefused(uint256 indexed nodeId, bytes reason);

    /// @notice The epoch's challenge was issued already.
    /// @param epoch The epoch.
    error ChallengeManagerAlreadyIssued(uint256 epoch);
    /// @notice It is too late in the epoch to issue its challenge.
    /// @param epoch The epoch.
    /// @param cutOff Unix seconds of the last second in which it could be issued.
    error ChallengeManagerTooLate(uint256 epoch, uint256 cutOff);
    /// @notice The block is not one of the last {citableBlocks}.
    /// @param blockNumber The cited block.
    /// @param current The current block.
    error ChallengeManagerInvalidBlock(uint256 blockNumber, uint256 current);
    /// @notice The chain does not provide the cited block's hash.
    /// @param blockNumber The block.
    error ChallengeManagerUnknownBlock(uint256 blockNumber);
    /// @notice The block's hash does not win the lottery.
    /// @param blockNumber The cited block.
    error ChallengeManagerLostLottery(uint256 blockNumber);
    /// @notice The running epoch has no challenge yet.
    /// @param epoch The running epoch.
    error ChallengeManagerNoChallenge(uint256 epoch);
    /// @notice The response window is over.
    /// @param epoch The running epoch.
    /// @param answerBy Unix seconds before which an answer was taken.
    error ChallengeManagerWindowOver(uint256 epoch, uint256 answerBy);
    /// @notice The chain does not provide the hash of the block that issued the challenge: it is the running block, or
    /// too old for the chain, and nobody has answered before.
    /// @param blockNumber The block.
    /// @param current The current block.
    error ChallengeManagerSeedUnknown(uint256 blockNumber, uint256 current);
    /// @notice The node is not live.
    /// @param nodeId The node.
    error ChallengeManagerNodeNotLive(uint256 nodeId);
    /// @notice The node has proven this epoch already.
    /// @param nodeId The node.
    /// @param epoch The epoch.
    error ChallengeManagerAlreadyProven(uint256 nodeId, uint256 epoch);
    /// @notice The answer does not have 128 nonces of 8 bytes.
    /// @param length The nonces' length in bytes.
    /// @param expected The length that they must have: 1,024 bytes.
    error ChallengeManagerInvalidLength(uint256 length, uint256 expected);
    /// @notice A hash is not greater than the one before it.
    error ChallengeManagerNotIncreasing();
    /// @notice The largest hash is above the node's target.
    /// @param largestHash The answer's largest hash.
    /// @param target The largest hash that is allowed.
    error ChallengeManagerAboveTarget(uint256 largestHash, uint256 target);
    /// @notice The signature is not the enclave key's signature over the answer.
    /// @param enclaveKey Address of the node's enclave key.
    error ChallengeManagerInvalidSignature(address enclaveKey);
    /// @notice A parameter is out of its range.
    /// @param value The value given.
    /// @param limit The bound that it breaks.
    error ChallengeManagerInvalidParameter(uint256 value, uint256 limit);
    /// @notice Validators and registry lock stake in different vaults.
    /// @param expected The registry's vault.
    /// @param actual The validators' vault.
    error ChallengeManagerMismatch(address expected, address actual);

    /// @notice Returns the registry of nodes. Immutable.
    /// @return The registry.
    function registry() external view returns (INodeRegistry);

    /// @notice Returns the set of validators. Immutable.
    /// @return The validator set.
    function validators() external view returns (IValidatorSet);

    /// @notice Returns the length of an epoch, as the registry has it. Immutable.
    /// @return Seconds, 60 to 86,400.
    function epochLength() external view returns (uint256);

    /// @notice Returns the time in which an answer is taken. Immutable.
    /// @return Seconds, 15 to a twentieth of an epoch at full power share.
    function responseWindow() external view returns (uint256);

    /// @notice Returns the time over which the required rate must be kept up. Immutable.
    /// @return Seconds, 80 % to 95 % of {responseWindow}.
    function effectiveWindow() external view returns (uint256);

    /// @notice Returns how rare winning blocks are. Immutable.
    /// @return On average one block in so many wins the lottery, at least 1.
    function lotteryOdds() external view returns (uint256);

    /// @notice Returns the time before the cut-off in which every block wins. Immutable.
    /// @return Seconds, {responseWindow} to half an epoch.
    function openStretch() external view returns (uint256);

    /// @notice Returns the block time that the deployer stated. Immutable.
    /// @return Milliseconds, 50 to 15,000.
    function blockMilliseconds() external view returns (uint256);

    /// @notice Returns how many blocks back the cited block may be: those of 12 seconds, in which a winning block can be
    /// seen and a call be brought to the chain, but at least 3. Immutable.
    /// @return Blocks, 3 to 240.
    function citableBlocks() external view returns (uint256);

    /// @notice Returns how many nonces an answer has.
    /// @return The number: 128.
    function NONCES() external view returns (uint256);

    /// @notice Returns how many epochs a reward period has.
    /// @return The number: 24.
    function EPOCHS_PER_PERIOD() external view returns (uint256);

    /// @notice Returns the running epoch.
    /// @return Unix seconds divided by {epochLength}.
    function currentEpoch() external view returns (uint256);

    /// @notice Returns the running reward period.
    /// @return The running epoch divided by 24.
    function currentPeriod() external view returns (uint256);

    /// @notice Returns the latest challenge that was issued, in whatever epoch.
    /// @return The challenge; all zero before the first one. Its seed is zero while the chain does not provide the hash of
    /// the block that issued it, as in that block itself; whoever reads the block can compute it.
    function getChallenge() external view returns (Challenge memory);

    /// @notice Returns whether {issue} would succeed now.
    /// @param blockNumber The block to cite.
    /// @return Whether the block is one of the last {citableBlocks} and wins, the epoch has no challenge, and it is not too
    /// late.
    function canIssue(uint256 blockNumber) external view returns (bool);

    /// @notice Returns what a node must search for in the running epoch's challenge.
    /// @dev Requirements:
    /// - The running epoch has a challenge ({ChallengeManagerNoChallenge}).
    /// - The node is live ({ChallengeManagerNodeNotLive}).
    /// @param nodeId The node's id, from 1.
    /// @param seed The challenge's seed, which the caller has from {getChallenge} or from the block's hash.
    /// @return prefix The 32 bytes that each attempt begins with.
    /// @return target The largest hash that an answer may end with.
    /// @return answerBy Unix seconds before which an answer is taken.
    function searchTermsOf(
        uint256 nodeId,
        bytes32 seed
    ) external view returns (bytes32 prefix, uint256 target, uint256 answerBy);

    /// @notice Returns the largest hash that an answer may end with at a required rate.
    /// @param requiredRate Hashes per second.
    /// @return The target; the largest uint256 for a rate of zero.
    function targetOf(uint256 requiredRate) external view returns (uint256);

    /// @notice Returns the rate that a node proved last. A proof of the last 192 epochs is always found, one that is
    /// 384 epochs old or older never is.
    /// @param nodeId Any node id.
    /// @return The rate and its epoch; all zero if no proof is found.
    function provenRateOf(uint256 nodeId) external view returns (ProvenRate memory);

    /// @notice Returns whether an epoch has a challenge.
    /// @param epoch Any epoch.
    /// @return Whether its challenge was issued.
    function isChallenged(uint256 epoch) external view returns (bool);

    /// @notice Returns whether an epoch's challenge was answered. A node that has not proven an epoch misses it only if
    /// it was: then somebody could answer.
    /// @param epoch Any epoch.
    /// @return Whether an answer of any node was accepted in it.
    function isAnswered(uint256 epoch) external view returns (bool);

    /// @notice Returns whether a node has proven an epoch.
    /// @param nodeId Any node id.
    /// @param epoch Any epoch.
    /// @return Whether an answer of the node was accepted in it.
    function isProven(uint256 nodeId, uint256 epoch) external view returns (bool);

    /// @notice Returns which of 192 epochs have a challenge.
    /// @param word Which 192 epochs: those from `192 * word` on.
    /// @return Bit `i`, for `i` below 192, is set if epoch `192 * word + i` has a challenge.
    function challengedWord(uint256 word) external view returns (uint256);

    /// @notice Returns which of 192 epochs were answered: the union of all nodes' {provenWord}.
    /// @param word Which 192 epochs: those from `192 * word` on.
    /// @return Bit `i`, for `i` below 192, is set if any node has proven epoch `192 * word + i`.
    function answeredWord(uint256 word) external view returns (uint256);

    /// @notice Returns which of 192 epochs a node has proven.
    /// @param nodeId Any node id.
    /// @param word Which 192 epochs: those from `192 * word` on.
    /// @return Bit `i`, for `i` below 192, is set if the node has proven epoch `192 * word + i`.
    function provenWord(uint256 nodeId, uint256 word) external view returns (uint256);

    /// @notice Returns a validator's points in a reward period: one for each challenge that it issued while it was
    /// active.
    /// @param period Any reward period.
    /// @param validator Any account.
    /// @return Points, 0 to 24.
    function pointsOf(uint256 period, address validator) external view returns (uint256);

    /// @notice Returns all validators' points in a reward period.
    /// @param period Any reward period.
    /// @return Points, 0 to 24.
    function totalPoints(uint256 period) external view returns (uint256);

    /// @notice Issues the running epoch's challenge for every node. Anyone may call; an active validator earns a point.
    /// @dev Emits {ChallengeIssued}.
    ///
    /// Requirements:
    /// - The running epoch has no challenge yet ({ChallengeManagerAlreadyIssued}).
    /// - The epoch's cut-off has not passed ({ChallengeManagerTooLate}).
    /// - The block is one of the last {citableBlocks} ({ChallengeManagerInvalidBlock}).
    /// - The chain provides the block's hash ({ChallengeManagerUnknownBlock}).
    /// - The block's hash wins the lottery, or the open stretch has begun ({ChallengeManagerLostLottery}).
    /// @param blockNumber The block to cite, 1 to {citableBlocks} back.
    function issue(uint256 blockNumber) external;

    /// @notice Proves the running epoch for a node. Anyone may submit the answer.
    /// @dev Emits {EpochProven}.
    ///
    /// Requirements:
    /// - The running epoch has a challenge ({ChallengeManagerNoChallenge}).
    /// - Its response window is not over ({ChallengeManagerWindowOver}).
    /// - The chain provides the hash of the block that issued the challenge, or somebody has answered before
    /// ({ChallengeManagerSeedUnknown}).
    /// - The node is live ({ChallengeManagerNodeNotLive}).
    /// - The node has not proven the epoch yet ({ChallengeManagerAlreadyProven}).
    /// - `nonces` has 1,024 bytes ({ChallengeManagerInvalidLength}).
    /// - Each hash is greater than the one before it ({ChallengeManagerNotIncreasing}).
    /// - The largest hash is at most the node's target ({ChallengeManagerAboveTarget}).
    /// - The signature is the enclave key's over the answer ({ChallengeManagerInvalidSignature}).
    /// @param nodeId The node's id, from 1.
    /// @param nonces 128 nonces of 8 bytes, big-endian, in the order of their hashes.
    /// @param signature The enclave key's signature over the EIP-712 `Answer`: 65 bytes `r ‖ s ‖ v`, low s.
    function prove(uint256 nodeId, bytes calldata nonces, bytes calldata signature) external;

    /// @notice Proves the running epoch for many nodes. An answer that is refused does not stop the others.
    /// @dev Emits {EpochProven} or {AnswerRefused} for each answer.
    /// @param answers The answers, in any order.
    /// @return proven How many were accepted.
    function proveMany(Answer[] calldata answers) external returns (uint256 proven);
}
