// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IStakeVault} from "./IStakeVault.sol";
import {ITaskEscrow} from "./ITaskEscrow.sol";
import {TaskStatus} from "../types/Task.sol";

/// @title IResultDemands
/// @notice Makes results appear. Whoever does not get a result demands one chunk of it on chain, with a bond; if nobody shows
/// that chunk in time, the task ends as `Invalid`, as by a quorum's verdict.
///
/// @dev An enclave signs a result hash that commits to the length of the sealed bytes and to a Merkle tree over chunks of
/// them, so a chunk can be shown alone, and nothing else can be shown in its place. A leaf is keccak256 of a zero byte and a
/// chunk, a node keccak256 of a byte 1 and its two children. On each level neighbours are joined from the left, and one that
/// is left over moves up as it is. The result hash is keccak256 of a byte 2, the length in eight bytes, big-endian, and the
/// root.
///
/// Who pays what:
///
/// | what happens                            | the bond goes to    | the task                                     |
/// | --------------------------------------- | ------------------- | -------------------------------------------- |
/// | the chunk is shown in time              | the node's provider | goes on                                      |
/// | nobody shows it in time                 | the demander, back  | is `Invalid`: the lock pays, the node gets nothing |
/// | the task ends otherwise before          | the demander, back  | has ended as it did                          |
///
/// The bond is about what showing a chunk costs, so whoever makes a node show its result pays for it, and a node that shows
/// its result nowhere but here gains nothing by it. Nobody is paid for demanding: a part of the lock would go to the node's
/// own demander. Nor is anybody paid for copying an answer out of the waiting transactions: the bond is the node's, whoever
/// shows the chunk, so the node has lost a transaction that fails, and whoever copies it pays for one that does its work.
///
/// No number is shown twice. At most {MAX_OPEN} demands on a task by its requester, and as many by everybody else together, are open
/// at a time: no amount of money makes a node show more at once than it can, and nobody takes the requester's places.
///
/// A demand can be made for as long as the task is `Submitted` and verdicts count without it, so the last one puts the end
/// off by {answerTime} and {verdictTime} at most. While one is open the task can end neither as `Valid` nor as `Unjudged`.
/// Verdicts count for {verdictTime} after the last demand's answer was due, whenever it was answered.
///
/// A task of which nothing was demanded ends as `Unjudged` only after a demand, so its first one can be made however late. The
/// node's provider makes it where nobody else does, and shows the chunk for its own bond.
///
/// Always true: the stake that this contract has locked is one bond for each open demand; anybody can close a demand that was
/// not answered in time; nothing here can be paused; only the vault moves money.
interface IResultDemands {
    /// @notice A demand to see a chunk.
    /// @param demander The account whose stake is the bond; zero if no demand is open.
    /// @param answerBy Unix seconds of the last second in which the chunk can be shown; 0 if no demand is open.
    /// @param ofRequester Whether the task's requester demands it.
    /// @param shown Whether the chunk was shown; it cannot be demanded again.
    struct Demand {
        address demander;
        uint40 answerBy;
        bool ofRequester;
        bool shown;
    }

    /// @notice Somebody demands to see a chunk of a result.
    /// @param taskId The task.
    /// @param chunk The chunk's number.
    /// @param demander The account that posted the bond.
    /// @param answerBy Unix seconds of the last second in which the chunk can be shown.
    event ChunkDemanded(uint256 indexed taskId, uint256 indexed chunk, address indexed demander, uint256 answerBy);
    /// @notice A demanded chunk was shown.
    /// @param taskId The task.
    /// @param chunk The chunk's number, as it was demanded.
    /// @param by The account that showed it. The bond is the node's provider's.
    /// @param resultLength Bytes of the whole sealed result.
    /// @param data The chunk's bytes.
    event ChunkShown(
        uint256 indexed taskId,
        uint256 indexed chunk,
        address indexed by,
        uint64 resultLength,
        bytes data
    );
    /// @notice A demand was closed without an answer, and its bond released.
    /// @param taskId The task.
    /// @param chunk The chunk's number.
    /// @param demander The account that got its bond back.
    /// @param withheld Whether this ended the task. Otherwise it was over already.
    event DemandClosed(uint256 indexed taskId, uint256 indexed chunk, address indexed demander, bool withheld);

    /// @notice The chunk was shown before; the event has it.
    /// @param taskId The task.
    /// @param chunk The chunk's number.
    error ResultDemandsAlreadyShown(uint256 taskId, uint256 chunk);
    /// @notice A demand for this chunk is open: it can still be answered, or was not closed yet.
    /// @param taskId The task.
    /// @param chunk The chunk's number.
    /// @param answerBy Unix seconds of the last second in which the chunk can be shown.
    error ResultDemandsOpen(uint256 taskId, uint256 chunk, uint256 answerBy);
    /// @notice The requester, or everybody else together, has as many open demands on the task as there can be.
    /// @param taskId The task.
    /// @param limit The most.
    error ResultDemandsTooMany(uint256 taskId, uint256 limit);
    /// @notice No demand for this chunk is open.
    /// @param taskId The task.
    /// @param chunk The chunk's number.
    error ResultDemandsNone(uint256 taskId, uint256 chunk);
    /// @notice The answer comes too late.
    /// @param answerBy Unix seconds of the last second in which the chunk could be shown.
    error ResultDemandsAnswerTooLate(uint256 answerBy);
    /// @notice The task is over, so nobody need answer any more. The demand can be closed.
    /// @param taskId The task.
    /// @param status Its status.
    error ResultDemandsTaskOver(uint256 taskId, TaskStatus status);
    /// @notice What is shown is not this chunk of the result.
    /// @param expected The task's result hash.
    /// @param actual The result hash that chunk and proof give.
    error ResultDemandsWrongChunk(bytes32 expected, bytes32 actual);
    /// @notice The bond is zero.
    error ResultDemandsInvalidBond();

    /// @notice Returns the bytes of a chunk. The last one of a result has the rest.
    /// @return The number: 4,096.
    function CHUNK_SIZE() external view returns (uint256);

    /// @notice Returns how many demands on one task its requester can have open, and how many everybody else together.
    /// @return The number: 16.
    function MAX_OPEN() external view returns (uint256);

    /// @notice Returns the escrow that has the tasks. Immutable.
    /// @return The escrow.
    function escrow() external view returns (ITaskEscrow);

    /// @notice Returns the vault that locks bonds. Immutable.
    /// @return The vault.
    function vault() external view returns (IStakeVault);

    /// @notice Returns how much of the demander's free stake a demand locks. It should be about what showing a chunk costs.
    /// Immutable.
    /// @return Token base units, 1 to 2^128-1.
    function bond() external view returns (uint256);

    /// @notice Returns how long a demanded chunk can be shown, the last second included.
    /// @return Seconds: one day.
    function answerTime() external view returns (uint256);

    /// @notice Returns for how long verdicts count after an answer was due.
    /// @return Seconds: one hour.
    function verdictTime() external view returns (uint256);

    /// @notice Returns the demand for a chunk.
    /// @param taskId The task.
    /// @param chunk The chunk's number.
    /// @return The demand; all zero if there was none, or it was closed.
    function getDemand(uint256 taskId, uint256 chunk) external view returns (Demand memory);

    /// @notice Returns how demands bear on a task's end.
    /// @param taskId The task.
    /// @return open How many demands are open.
    /// @return verdictsBy Unix seconds of the last second in which verdicts count because of demands, if it is not later than
    /// they can count at all ({ITaskEscrow-finalize}); 0 if there was none.
    function standingOf(uint256 taskId) external view returns (uint256 open, uint256 verdictsBy);

    /// @notice Demands to see a chunk of a result. Locks {bond} of the caller's free stake. Anyone may call.
    /// @dev Emits {ChunkDemanded}.
    ///
    /// Requirements:
    /// - The task exists ({ITaskEscrow-TaskEscrowUnknownTask}).
    /// - The task is `Submitted` ({ITaskEscrow-TaskEscrowInvalidStatus}).
    /// - It has the fixed terms that the caller names ({ITaskEscrow-TaskEscrowWrongTerms}).
    /// - It has the result that the caller names ({ITaskEscrow-TaskEscrowWrongResult}).
    /// - It is the task's first demand, or `verdictBy`, put off by what the node was suspended since the result, one
    ///   revocation delay at most, has not passed ({ITaskEscrow-TaskEscrowTooLate}).
    /// - The chunk was not shown before ({ResultDemandsAlreadyShown}).
    /// - No demand for it is open ({ResultDemandsOpen}).
    /// - The requester, or everybody else together, has fewer than {MAX_OPEN} open demands on the task
    ///   ({ResultDemandsTooMany}).
    /// - The caller's cap for this contract leaves room for the bond ({IStakeVault-StakeVaultCapExceeded}).
    /// - The caller has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// @param taskId The task's id, from 1.
    /// @param termsHash The hash of the task's fixed terms; see {ITaskEscrow-fixedTermsHashOf}. After a reorganisation of the
    /// chain another task may have the number.
    /// @param resultHash The hash of its result.
    /// @param chunk The chunk's number, counted from 0. Only the result tells how many there are, so numbers beyond the
    /// last begin again with the first: every number is that of a chunk.
    function demand(uint256 taskId, bytes32 termsHash, bytes32 resultHash, uint256 chunk) external;

    /// @notice Shows a demanded chunk. The bond becomes free stake of the node's provider. Anyone may call.
    /// @dev Emits {ChunkShown}.
    ///
    /// Requirements:
    /// - A demand is open ({ResultDemandsNone}).
    /// - The answer is in time ({ResultDemandsAnswerTooLate}).
    /// - The task is not over ({ResultDemandsTaskOver}).
    /// - `length` is not zero ({ResultTree-ResultTreeEmpty}).
    /// - The chunk has as many bytes as one at its place ({ResultTree-ResultTreeWrongChunkSize}).
    /// - The proof has as many hashes as one for its place ({ResultTree-ResultTreeWrongProofLength}).
    /// - Both and the length give the result's hash ({ResultDemandsWrongChunk}).
    /// @param taskId The task's id, from 1.
    /// @param chunk The chunk's number, as it was demanded.
    /// @param length Bytes of the whole sealed result.
    /// @param data The chunk's bytes.
    /// @param proof The hashes beside the way to the root, from the leaf on.
    function answer(
        uint256 taskId,
        uint256 chunk,
        uint64 length,
        bytes calldata data,
        bytes32[] calldata proof
    ) external;

    /// @notice Closes a demand that was not answered in time, and ends its task as `Invalid`; or one whose task is over
    /// already. Releases the bond. Anyone may call.
    /// @dev Emits {DemandClosed}, and what {ITaskEscrow-endWithheld} emits.
    ///
    /// Requirements:
    /// - A demand is open ({ResultDemandsNone}).
    /// - The time to answer it is over, or the task is ({ResultDemandsOpen}).
    /// @param taskId The task's id, from 1.
    /// @param chunk The chunk's number, as it was demanded.
    function close(uint256 taskId, uint256 chunk) external;
}
