// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "./IDataGrants.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";
import {IResultDemands} from "./IResultDemands.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {IValidatorSet} from "./IValidatorSet.sol";
import {QuoteBinding} from "../types/Node.sol";
import {Permit} from "../types/Permit.sol";
import {DatasetUse, Task, TaskRequest, TaskStatus} from "../types/Task.sol";
import {ValidatorSignature} from "../types/Validator.sol";

/// @title ITaskEscrow
/// @notice One-shot tasks over people's encrypted data: fees, result, verdict, and who gets what.
///
/// @dev A requester escrows the fees for the data owners, the node and the validators. The node accepts while every
/// dataset is granted to it, and its provider's stake is locked; from then on the owners' fees are due. The enclave
/// signs the hash of the sealed result, or that it gives up; a quorum of validators signs whether the result is good.
/// Whoever does not get the result demands a chunk of it from {resultDemands}.
///
/// | end         | when                                      | owners      | node | validators        | requester                  | lock           |
/// | ----------- | ----------------------------------------- | ----------- | ---- | ----------------- | -------------------------- | -------------- |
/// | `Valid`     | a quorum says so by `verdictBy`           | escrow      | fee  | signers, escrow   |                            | released       |
/// | `Unjudged`  | no verdict by `verdictBy`, the result was demanded and shown | escrow      | fee  |                   | the validators' fee        | released       |
/// | `Invalid`   | a quorum says so by `verdictBy`           | lock        |      | signers, lock     | all                        | rest: treasury |
/// | `Invalid`   | no verdict by `verdictBy`, a discredited node | lock    |      |                   | all                        | rest: treasury |
/// | `Invalid`   | a chunk of the result is demanded and not shown in time | lock | |             | all                        | rest: treasury |
/// | `Late`      | no result by `resultBy`                   | lock        |      |                   | all                        | rest: treasury |
/// | `Aborted`   | the enclave says so by `resultBy`         | escrow      |      |                   | all but the owners' fees   | released       |
/// | `Cancelled` | the requester before acceptance; anyone from `acceptBy` on | | |                   | all                        |                |
/// | `Suspended` | no result, or no verdict, by then; the node was suspended or revoked in time | lock | | | all                | rest: released |
///
/// What comes out of the escrow is credited here and pulled with {withdraw}; what comes out of the lock becomes free
/// stake in the vault. The signers share the validators' fee by stake, rounded down, and the last one takes the rest.
///
/// Only stake that counted already when the task was published judges it, and two thirds of that are a quorum
/// ({IValidatorSet-checkQuorum}): nobody buys the judges of a task that goes on.
///
/// While a node is suspended ({INodeRegistry-suspensionOf}), or once it has ended as revoked, its enclave's word counts in neither direction: it can
/// neither abort a task nor have one called `Valid`, and a task is not late meanwhile. `resultBy` is put off by
/// {INodeRegistry-suspendedSeconds} since the acceptance. A result after `resultBy` puts `verdictBy` off by
/// as much, up to {MAX_VERDICT_TIME} after it; what comes after the result puts it off by one
/// {INodeRegistry-revocationDelay} at most.
/// A suspension that begins after a deadline, put off by earlier suspensions, changes nothing about the task's end.
/// If a price fell between publication and acceptance, the requester gets the difference back at acceptance.
///
/// A result hash commits to the length of the sealed bytes and to a Merkle tree over chunks of them; see {IResultDemands}.
/// While a chunk is demanded, and neither shown nor too late, a task can end neither as `Valid` nor as `Unjudged`; verdicts
/// then count for longer, and {expire} waits for them. Without a verdict a node is paid only for a result of which a chunk
/// was demanded and shown. So silence pays for no result that is missing, and a node that has its result demands a chunk
/// itself where nobody else does, and shows it.
///
/// What validators sign: `Valid` says that the sealed result is available and hashes to what the enclave signed; and,
/// where a quorum vouched for the node's quote, that the judge answers `Holds` for that vouching (see
/// {IQuoteJudge-judge}), which anybody can ask it. A validator that signs both verdicts on a result, or `Valid` for a
/// result whose quote is later disproven, loses stake (see {IValidatorSet-slashBps}), once per task.
///
/// Always true: the token balance covers the ledger and the escrows of all tasks that are not over; anybody can end a
/// task once its deadlines have passed, where nobody gave a verdict or demanded anything by a demand first; no end needs anybody's consent; pausing stops {publish} and {accept} only.
///
/// Functions that move tokens cannot be re-entered (`ReentrancyGuardReentrantCall`).
interface ITaskEscrow {
    /// @notice A task was published. {getTask} returns its terms.
    /// @param taskId The new task's id, from 1.
    /// @param requester The account that pays and gets refunds.
    /// @param nodeId The node that is to do the task.
    /// @param escrowed Token base units put in for all fees.
    /// @param inputHash keccak256 of the sealed inputs. {fixedTermsHashOf} has it in it.
    /// @param inputUri Where the sealed inputs are, at most 256 bytes.
    event TaskPublished(
        uint256 indexed taskId,
        address indexed requester,
        uint256 indexed nodeId,
        uint256 escrowed,
        bytes32 inputHash,
        string inputUri
    );
    /// @notice The node's provider accepted a task.
    /// @param taskId The task.
    /// @param provider The node's provider.
    /// @param ownersFee Token base units that the datasets cost together.
    /// @param refunded Token base units by which they had become cheaper, credited to the requester.
    event TaskAccepted(uint256 indexed taskId, address indexed provider, uint256 ownersFee, uint256 refunded);
    /// @notice The enclave's result is on chain.
    /// @param taskId The task.
    /// @param resultHash The hash of the sealed result.
    /// @param resultUri Where the sealed result is, at most 256 bytes.
    event ResultSubmitted(uint256 indexed taskId, bytes32 indexed resultHash, string resultUri);
    /// @notice A task is over.
    /// @param taskId The task.
    /// @param status How it ended.
    /// @param refunded Token base units credited to the requester at the end.
    event TaskEnded(uint256 indexed taskId, TaskStatus status, uint256 refunded);
    /// @notice The ledger owes a data owner or the provider a fee out of a task's escrow.
    /// @param taskId The task.
    /// @param account The account that was credited.
    /// @param amount Token base units credited.
    event FeeCredited(uint256 indexed taskId, address indexed account, uint256 amount);
    /// @notice A data owner was paid out of the provider's lock, as free stake in the vault.
    /// @param taskId The task.
    /// @param owner The data owner.
    /// @param amount Token base units of stake.
    event OwnerCompensated(uint256 indexed taskId, address indexed owner, uint256 amount);
    /// @notice The ledger paid out.
    /// @param account The account whose balance was paid.
    /// @param to The receiver.
    /// @param amount Token base units paid.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A quorum's verdict ended a task. The signers' shares of the validators' fee are on the ledger if it is
    /// `Valid`, and free stake in the vault if it is `Invalid`.
    /// @param taskId The task.
    /// @param verdict `Valid` or `Invalid`.
    /// @param signers The validators that signed it, in ascending order.
    /// @param shares Token base units for each signer, in the same order.
    event VerdictGiven(uint256 indexed taskId, TaskStatus verdict, address[] signers, uint256[] shares);
    /// @notice A validator was slashed for what it signed on a task.
    /// @param taskId The task.
    /// @param validator The validator.
    /// @param reporter The caller that reported it.
    /// @param amount Token base units taken.
    event VerdictSlashed(uint256 indexed taskId, address indexed validator, address indexed reporter, uint256 amount);
    /// @notice New commitments were paused or resumed.
    /// @param paused Whether they are paused now.
    event PausedSet(bool paused);

    /// @notice There is no task with this id.
    /// @param taskId The unknown id.
    error TaskEscrowUnknownTask(uint256 taskId);
    /// @notice The task's status does not allow the call.
    /// @param taskId The task.
    /// @param status Its status.
    error TaskEscrowInvalidStatus(uint256 taskId, TaskStatus status);
    /// @notice The task has other terms, or another requester, than the caller names.
    /// @param taskId The task.
    /// @param expected The hash of its terms; see {termsHashOf}.
    /// @param actual The hash that the caller names.
    error TaskEscrowWrongTerms(uint256 taskId, bytes32 expected, bytes32 actual);
    /// @notice The task has another result than the caller names.
    /// @param taskId The task.
    /// @param expected The hash of its result.
    /// @param actual The hash that the caller names.
    error TaskEscrowWrongResult(uint256 taskId, bytes32 expected, bytes32 actual);
    /// @notice Chunks of the result are demanded, so that it does not count as good before they are shown.
    /// @param taskId The task.
    /// @param open How many demands are open.
    error TaskEscrowResultDemanded(uint256 taskId, uint256 open);
    /// @notice There is no verdict, and no chunk of the result was ever demanded: without a verdict the node is paid only for
    /// a result that is shown. Demand one; who demands it may be the node's provider.
    /// @param taskId The task.
    error TaskEscrowResultNotShown(uint256 taskId);
    /// @notice The caller may not do this, or not yet.
    /// @param taskId The task.
    /// @param caller The caller.
    error TaskEscrowUnauthorized(uint256 taskId, address caller);
    /// @notice New commitments are paused.
    error TaskEscrowPaused();
    /// @notice The node runs another measurement, or was never attested.
    /// @param expected The measurement in the request.
    /// @param actual The node's measurement; zero before its first attestation.
    error TaskEscrowWrongMeasurement(bytes32 expected, bytes32 actual);
    /// @notice The node is another one than is meant: its enclave has another key.
    /// @param expected The enclave key that the caller names.
    /// @param actual The node's enclave key.
    error TaskEscrowWrongEnclaveKey(address expected, address actual);
    /// @notice A deadline has passed, is too near to the one before it, or too far from it.
    /// @param deadline The deadline in Unix seconds.
    /// @param earliest The earliest possible deadline in Unix seconds.
    /// @param latest The latest possible deadline in Unix seconds.
    error TaskEscrowInvalidDeadline(uint256 deadline, uint256 earliest, uint256 latest);
    /// @notice The task uses more than 16 datasets.
    /// @param count How many it names.
    error TaskEscrowTooManyDatasets(uint256 count);
    /// @notice The datasets are not in strictly ascending order of their ids.
    /// @param previous The id before; 0 at the first dataset.
    /// @param current The id that is not greater.
    error TaskEscrowUnorderedDatasets(uint256 previous, uint256 current);
    /// @notice The dataset is another one than is meant: it has another owner.
    /// @param datasetId The dataset.
    /// @param expected The owner in the request.
    /// @param actual The dataset's owner.
    error TaskEscrowWrongOwner(uint256 datasetId, address expected, address actual);
    /// @notice The dataset is another one than is meant: it has another content.
    /// @param datasetId The dataset.
    /// @param expected The content hash in the request.
    /// @param actual The dataset's content hash.
    error TaskEscrowWrongContent(uint256 datasetId, bytes32 expected, bytes32 actual);
    /// @notice A dataset costs more than the requester pays for it.
    /// @param datasetId The dataset.
    /// @param price Token base units that its use costs now.
    /// @param offered Token base units that the requester pays at most.
    error TaskEscrowPriceTooHigh(uint256 datasetId, uint256 price, uint256 offered);
    /// @notice The hash of the inputs, or of the result, is zero.
    error TaskEscrowInvalidCommitment();
    /// @notice The URI is longer than 256 bytes.
    /// @param length The URI's length in bytes.
    error TaskEscrowInvalidUri(uint256 length);
    /// @notice The requested lock is less than the owners' and the validators' fees together.
    /// @param stakeLock The lock in token base units.
    /// @param minimum The fees in token base units.
    error TaskEscrowLockTooSmall(uint256 stakeLock, uint256 minimum);
    /// @notice The node takes nothing new: it is not live, its end is set, its enclave was delisted, or its TCB status is
    /// not accepted.
    /// @param nodeId The node.
    error TaskEscrowNodeNotOpen(uint256 nodeId);
    /// @notice The node is not live, so its enclave's signature does not count.
    /// @param nodeId The node.
    error TaskEscrowNodeNotLive(uint256 nodeId);
    /// @notice The node is suspended, so nobody knows for now whether its enclave's word can be believed; or it has ended as
    /// revoked, so nobody ever will.
    /// @param nodeId The node.
    error TaskEscrowNodeSuspended(uint256 nodeId);
    /// @notice The node's quote was disproven or withheld, so its enclave's signature no longer counts.
    /// @param nodeId The node.
    error TaskEscrowNodeDiscredited(uint256 nodeId);
    /// @notice The result comes before the task's least duration is over.
    /// @param taskId The task.
    /// @param earliest Unix seconds from which a result is taken.
    error TaskEscrowTooEarly(uint256 taskId, uint256 earliest);
    /// @notice The deadline has passed.
    /// @param taskId The task.
    /// @param deadline The deadline in Unix seconds, put off by what the node was suspended.
    error TaskEscrowTooLate(uint256 taskId, uint256 deadline);
    /// @notice The deadline has not passed yet.
    /// @param taskId The task.
    /// @param deadline The deadline in Unix seconds, put off by what the node was suspended.
    error TaskEscrowNotOverdue(uint256 taskId, uint256 deadline);
    /// @notice The signature is not that of the node's enclave key.
    /// @param taskId The task.
    /// @param enclaveKey Address of the node's enclave key.
    error TaskEscrowInvalidEnclaveSignature(uint256 taskId, address enclaveKey);
    /// @notice Only `Valid` and `Invalid` are verdicts.
    /// @param verdict The status given.
    error TaskEscrowInvalidVerdict(TaskStatus verdict);
    /// @notice The signatures are not encoded as an array of them is.
    error TaskEscrowMalformedSignatures();
    /// @notice The signature is not the validator's signature over this verdict.
    /// @param validator The validator.
    /// @param verdict The verdict.
    error TaskEscrowInvalidVerdictSignature(address validator, TaskStatus verdict);
    /// @notice The validator was slashed for this task already.
    /// @param taskId The task.
    /// @param validator The validator.
    error TaskEscrowAlreadySlashed(uint256 taskId, address validator);
    /// @notice These are not the validators whose signatures ended the task.
    /// @param taskId The task.
    error TaskEscrowWrongSigners(uint256 taskId);
    /// @notice The quote is not the one that the result rests on, or was not disproven.
    /// @param taskId The task.
    /// @param quoteHash The quote's hash.
    error TaskEscrowNotDisproven(uint256 taskId, bytes32 quoteHash);
    /// @notice The receiver is the zero address or the escrow itself; or the treasury is the zero address or the vault.
    /// @param receiver The address given.
    error TaskEscrowInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked for: it takes a fee on transfer, or rebases.
    /// @param expected Token base units asked for.
    /// @param received Token base units that arrived.
    error TaskEscrowUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice The ledger owes nothing to the account.
    /// @param account The account.
    error TaskEscrowNothingToWithdraw(address account);
    /// @notice The contracts given at deployment do not belong together: one names another than was given beside it.
    /// @param expected The contract that was given.
    /// @param actual The contract that the other one names.
    error TaskEscrowMismatch(address expected, address actual);
    /// @notice The validators' activation delay is not longer than {MAX_VERDICT_TIME} and the nodes' revocation delay together,
    /// or their exit delay not longer than these and the times that a demand puts verdicts off, the finality period is shorter than the dispute period, or the nodes' release delay is shorter than
    /// the dispute and answer periods together.
    /// @param value The period in seconds.
    /// @param limit The period that it is compared with, in seconds.
    error TaskEscrowInvalidParameter(uint256 value, uint256 limit);

    /// @notice Returns the token of all fees. Immutable.
    /// @return The token.
    function token() external view returns (IERC20);

    /// @notice Returns the vault that locks providers' stake. Immutable.
    /// @return The vault.
    function vault() external view returns (IStakeVault);

    /// @notice Returns the registry of nodes. Immutable.
    /// @return The registry.
    function registry() external view returns (INodeRegistry);

    /// @notice Returns the contract that keeps datasets and grants. Immutable.
    /// @return The grants.
    function grants() external view returns (IDataGrants);

    /// @notice Returns the set of validators. Immutable.
    /// @return The validator set.
    function validators() external view returns (IValidatorSet);

    /// @notice Returns the verifier that keeps the vouchings for quotes, and whether they were disproven. Immutable.
    /// Validators' faults are known for this verifier only, so it should be the only one that the registry lists as
    /// `Quorum`.
    /// @return The quorum verifier.
    function quorumVerifier() external view returns (IQuorumVerifier);

    /// @notice Returns the account that gets what owners and validators leave of a lock. Immutable.
    /// @return The treasury; neither the zero address nor the vault.
    function treasury() external view returns (address);

    /// @notice Returns the contract by which chunks of results are demanded, which this one deployed. Immutable.
    /// @return The contract.
    function resultDemands() external view returns (IResultDemands);

    /// @notice Returns the most datasets that a task can use.
    /// @return The number: 16.
    function MAX_DATASETS() external view returns (uint256);

    /// @notice Returns the longest time from publication to `acceptBy`.
    /// @return Seconds: 30 days.
    function MAX_ACCEPT_TIME() external view returns (uint256);

    /// @notice Returns the longest time from `acceptBy` to `resultBy`.
    /// @return Seconds: 90 days.
    function MAX_RESULT_TIME() external view returns (uint256);

    /// @notice Returns the shortest time to submit a result: from the end of the least duration, if the node accepts in
    /// the last second, to `resultBy`.
    /// @return Seconds: 1 hour.
    function MIN_RESULT_TIME() external view returns (uint256);

    /// @notice Returns the shortest time from `resultBy` to `verdictBy`.
    /// @return Seconds: 1 hour.
    function MIN_VERDICT_TIME() external view returns (uint256);

    /// @notice Returns the longest time from `resultBy` to `verdictBy`, and from the submission of a result to the last
    /// verdict on it if the node is not suspended meanwhile; else the revocation delay at most comes on top. New stake of a
    /// validator counts only later.
    /// @return Seconds: 7 days.
    function MAX_VERDICT_TIME() external view returns (uint256);

    /// @notice Returns whether new commitments are paused.
    /// @return Whether they are paused.
    function paused() external view returns (bool);

    /// @notice Returns how many tasks were published.
    /// @return The number of tasks; ids run from 1 to this.
    function taskCount() external view returns (uint256);

    /// @notice Returns a task as it is stored.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// @param taskId The task's id, from 1.
    /// @return The task.
    function getTask(uint256 taskId) external view returns (Task memory);

    /// @notice Returns the datasets that a task uses.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// @param taskId The task's id, from 1.
    /// @return The datasets in ascending order of their ids, at most 16, each with its price.
    function datasetsOf(uint256 taskId) external view returns (DatasetUse[] memory);

    /// @notice Returns what a task holds in escrow.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// @param taskId The task's id, from 1.
    /// @return Token base units; 0 once the task is over.
    function escrowOf(uint256 taskId) external view returns (uint256);

    /// @notice Returns what an account can {withdraw}.
    /// @param account Any account.
    /// @return Token base units.
    function balanceOf(address account) external view returns (uint256);

    /// @notice Returns the EIP-712 hash with whose signature the enclave publishes a result: `Result(uint256
    /// taskId,bytes32 termsHash,bytes32 resultHash)`, with the hash of the fixed terms; see {fixedTermsHashOf}.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// @param taskId The task's id, from 1.
    /// @param resultHash The hash of the sealed result; not checked here.
    /// @return The hash.
    function hashResult(uint256 taskId, bytes32 resultHash) external view returns (bytes32);

    /// @notice Returns the EIP-712 hash with whose signature the enclave gives up:
    /// `Abort(uint256 taskId,bytes32 termsHash)`, with the hash of the fixed terms; see {fixedTermsHashOf}.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// @param taskId The task's id, from 1.
    /// @return The hash.
    function hashAbort(uint256 taskId) external view returns (bytes32);

    /// @notice Returns what names a task's terms, requester and datasets before it is accepted: keccak256 of
    /// `abi.encode(fixedTermsHash, verdictBy, uses)` of what {fixedTermsHashOf}, {getTask} and {datasetsOf} return. Prices
    /// are fixed at the acceptance, and a result may move `verdictBy`, so it may change there.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// @param taskId The task's id, from 1.
    /// @return The hash.
    function termsHashOf(uint256 taskId) external view returns (bytes32);

    /// @notice Returns what names a task in all that is signed about it: the terms that never change, its requester, its
    /// inputs and its datasets. keccak256 of `abi.encodePacked(dealHash, inputHash)`, with the inputs' hash of
    /// {TaskPublished}, followed for each dataset by `abi.encode(datasetId, owner, contentHash)` of what {datasetsOf} and
    /// {IDataGrants-getDataset} return. `dealHash` is keccak256 of `abi.encodePacked(uint32(0), nodeId, requester, leastDuration, acceptBy, validatorFee, nodeFee,
    /// datasetCount, demand, uint104(0), resultBy, stakeLock)` of what {getTask} returns.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// @param taskId The task's id, from 1.
    /// @return The hash.
    function fixedTermsHashOf(uint256 taskId) external view returns (bytes32);

    /// @notice Returns the EIP-712 hash that validators sign on a submitted result: `Verdict(uint256 taskId,bytes32
    /// termsHash,bytes32 resultHash,uint256 vouchedAttestation,uint8 verdict,uint256 deadline)` with the hash of the fixed
    /// terms ({fixedTermsHashOf}), the values of {getTask}, and `verdictBy` as the deadline.
    /// @dev Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task has a result ({TaskEscrowInvalidStatus}).
    /// - `verdict` is `Valid` or `Invalid` ({TaskEscrowInvalidVerdict}).
    /// @param taskId The task's id, from 1.
    /// @param verdict `Valid` or `Invalid`.
    /// @return The hash.
    function hashVerdict(uint256 taskId, TaskStatus verdict) external view returns (bytes32);

    /// @notice Publishes a task and escrows its fees: those of the data owners, the node and the validators. The node
    /// must have been attested; whether it can and will do the task shows when it accepts. Until then the requester can
    /// take everything back.
    /// @dev Emits {TaskPublished}.
    ///
    /// Requirements:
    /// - New commitments are not paused ({TaskEscrowPaused}).
    /// - The node exists ({INodeRegistry-NodeRegistryUnknownNode}).
    /// - The node runs the requested measurement, which is not zero ({TaskEscrowWrongMeasurement}).
    /// - The node has the requested enclave key ({TaskEscrowWrongEnclaveKey}).
    /// - `inputHash` is not zero ({TaskEscrowInvalidCommitment}).
    /// - `inputUri` has at most 256 bytes ({TaskEscrowInvalidUri}).
    /// - `acceptBy` lies ahead, by at most {MAX_ACCEPT_TIME} ({TaskEscrowInvalidDeadline}).
    /// - `resultBy` is at least `leastDuration` and {MIN_RESULT_TIME} after `acceptBy` ({TaskEscrowInvalidDeadline}).
    /// - `resultBy` is at most {MAX_RESULT_TIME} after `acceptBy` ({TaskEscrowInvalidDeadline}).
    /// - `verdictBy` is {MIN_VERDICT_TIME} to {MAX_VERDICT_TIME} after `resultBy` ({TaskEscrowInvalidDeadline}).
    /// - There are at most {MAX_DATASETS} datasets ({TaskEscrowTooManyDatasets}).
    /// - The datasets are in strictly ascending order of their ids, from 1 ({TaskEscrowUnorderedDatasets}).
    /// - Every dataset exists ({IDataGrants-DataGrantsUnknownDataset}).
    /// - Every dataset has the owner that the request names ({TaskEscrowWrongOwner}).
    /// - Every dataset has the content that the request names ({TaskEscrowWrongContent}).
    /// - `stakeLock` covers the owners' and the validators' fees ({TaskEscrowLockTooSmall}).
    /// - The caller has the fees and approved the escrow for them (the token's errors).
    /// - The token moves exactly the fees ({TaskEscrowUnexpectedAmount}).
    /// @param request What the requester asks for.
    /// @return taskId The new task's id, from 1.
    function publish(TaskRequest calldata request) external returns (uint256 taskId);

    /// @notice Does the same as {publish}, with an ERC-2612 permit for the fees in the same transaction.
    /// @dev Emits {TaskPublished}.
    ///
    /// Requirements:
    /// - Those of {publish}.
    /// - The permit holds, or the caller approved the escrow before (the token's errors). A permit that somebody has
    ///   submitted already does no harm.
    /// @param request What the requester asks for.
    /// @param permit The caller's permit for exactly the fees.
    /// @return taskId The new task's id, from 1.
    function publishWithPermit(TaskRequest calldata request, Permit calldata permit) external returns (uint256 taskId);

    /// @notice Accepts a task, which says that the inputs and the data keys have arrived. Locks the provider's stake
    /// and fixes the datasets' prices. Only the node's provider can, while every dataset is granted to the node.
    /// @dev Emits {TaskAccepted}.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Published` ({TaskEscrowInvalidStatus}).
    /// - It has the terms that the caller names ({TaskEscrowWrongTerms}).
    /// - New commitments are not paused ({TaskEscrowPaused}).
    /// - The caller is the node's provider ({TaskEscrowUnauthorized}).
    /// - The node has the enclave key that the caller names ({TaskEscrowWrongEnclaveKey}).
    /// - `acceptBy` has not come ({TaskEscrowTooLate}).
    /// - The node takes new orders ({TaskEscrowNodeNotOpen}).
    /// - The node is live, and its attestation meets the requester's demand ({IDataGrants-DataGrantsUnmetDemand}).
    /// - Every dataset is granted to the node ({IDataGrants-DataGrantsNotGranted}).
    /// - No dataset costs more than the requester pays for it ({TaskEscrowPriceTooHigh}).
    /// - The provider's cap for the escrow leaves room for the lock ({IStakeVault-StakeVaultCapExceeded}).
    /// - The provider has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// @param taskId The task's id, from 1.
    /// @param termsHash The hash of its terms; see {termsHashOf}.
    /// @param enclaveKey Address of the node's enclave key, which says what node is meant.
    function accept(uint256 taskId, bytes32 termsHash, address enclaveKey) external;

    /// @notice Submits the enclave's result, and says where it is. Only the node's provider can, since nobody else
    /// answers for the place. The node must be live. Its measurement was compared at publication, and a node's
    /// measurement never changes.
    /// @dev Emits {ResultSubmitted}.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Accepted` ({TaskEscrowInvalidStatus}).
    /// - The least duration since the acceptance is over ({TaskEscrowTooEarly}).
    /// - `resultBy`, put off by what the node was suspended, has not passed ({TaskEscrowTooLate}).
    /// - `resultHash` is not zero ({TaskEscrowInvalidCommitment}).
    /// - `resultUri` has at most 256 bytes ({TaskEscrowInvalidUri}).
    /// - The caller is the node's provider ({TaskEscrowUnauthorized}).
    /// - The node is live ({TaskEscrowNodeNotLive}).
    /// - The signature is the enclave key's over {hashResult} ({TaskEscrowInvalidEnclaveSignature}).
    /// @param taskId The task's id, from 1.
    /// @param resultHash The hash of the sealed result, not zero.
    /// @param resultUri Where the sealed result is, at most 256 bytes; it is kept in the event only.
    /// @param signature The enclave key's signature over {hashResult}: 65 bytes `r ‖ s ‖ v`, low s.
    function submit(uint256 taskId, bytes32 resultHash, string calldata resultUri, bytes calldata signature) external;

    /// @notice Ends a task because its enclave gave up: the owners are paid, the requester gets the rest back, and the
    /// lock is released. Anyone may submit the enclave's signature. The node need not be live, because an enclave may
    /// give up when its node ends. A node whose quote was disproven or withheld cannot abort: nobody knows whose key
    /// its enclave key is.
    /// @dev Emits {TaskEnded}, and {FeeCredited} for each owner with a fee.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Accepted` ({TaskEscrowInvalidStatus}).
    /// - `resultBy`, put off by what the node was suspended, has not passed ({TaskEscrowTooLate}).
    /// - The node's quote was neither disproven nor withheld ({TaskEscrowNodeDiscredited}).
    /// - The node is not suspended, and has not ended as revoked ({TaskEscrowNodeSuspended}).
    /// - The signature is the enclave key's over {hashAbort} ({TaskEscrowInvalidEnclaveSignature}).
    /// @param taskId The task's id, from 1.
    /// @param signature The enclave key's signature over {hashAbort}: 65 bytes `r ‖ s ‖ v`, low s.
    function abort(uint256 taskId, bytes calldata signature) external;

    /// @notice Ends a task by the verdict of a quorum. Anyone may submit it. A task of a node that a quorum vouched for
    /// can no longer end as `Valid` once the node's quote was disproven or withheld.
    /// @dev Emits {VerdictGiven} and {TaskEnded}; {FeeCredited} for owners and provider if `Valid`; {OwnerCompensated}
    /// if `Invalid`.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Submitted` ({TaskEscrowInvalidStatus}).
    /// - `verdict` is `Valid` or `Invalid` ({TaskEscrowInvalidVerdict}).
    /// - `verdictBy`, put off by what the node was suspended since the result, one revocation delay at most, has not
    ///   passed, or else what demands put it off to: at most to a revocation delay, {IResultDemands-answerTime} and
    ///   {IResultDemands-verdictTime} after `verdictBy` ({TaskEscrowTooLate}).
    /// - If `Valid`, no demand to see a chunk of the result is open ({TaskEscrowResultDemanded}).
    /// - The signatures can be decoded ({TaskEscrowMalformedSignatures}).
    /// - They are those of a quorum over {hashVerdict}, of stake that counted already when the task was published (the errors
    ///   of {IValidatorSet-checkQuorum}).
    /// - If `Valid`, the node is not suspended, and has not ended as revoked ({TaskEscrowNodeSuspended}).
    /// - If `Valid` and a quorum vouched for the quote, that was neither disproven nor withheld
    ///   ({TaskEscrowNodeDiscredited}).
    /// @param taskId The task's id, from 1.
    /// @param verdict `Valid` or `Invalid`.
    /// @param signatures Signatures over {hashVerdict}, in strictly ascending order of the validators' addresses.
    function finalize(uint256 taskId, TaskStatus verdict, ValidatorSignature[] calldata signatures) external;

    /// @notice Ends a task whose time is over: as `Late` without a result by `resultBy`; without a verdict by
    /// `verdictBy` as `Unjudged` if a chunk of the result was demanded and shown, or as `Invalid` if a chunk of the result was demanded and not shown in time, or a quorum
    /// vouched for the node's quote and it was disproven or withheld; and as `Suspended`, with or without a result, if the node is suspended or ended as revoked, its quote
    /// was neither disproven nor withheld, and that suspension began by the deadline, put off by earlier suspensions only.
    /// (For one that was lifted after it had ended the node, a revocation delay before that end counts as its beginning.)
    /// Anyone may call.
    /// @dev Emits {TaskEnded}; {FeeCredited} for owners and provider if `Unjudged`, {OwnerCompensated} if `Late`, `Invalid`
    /// or `Suspended`.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Accepted` or `Submitted` ({TaskEscrowInvalidStatus}).
    /// - `resultBy`, or after a result `verdictBy`, has passed, put off by all that the node was suspended since the
    ///   acceptance or the result ({TaskEscrowNotOverdue}).
    /// - What demands for the result put verdicts off to has passed ({TaskEscrowNotOverdue}).
    /// - If the end is `Unjudged`, a chunk of the result was demanded, and so shown ({TaskEscrowResultNotShown}).
    /// @param taskId The task's id, from 1.
    function expire(uint256 taskId) external;

    /// @notice Notes that a chunk of a task's result is demanded. Only {resultDemands} can call it.
    /// @dev Requirements:
    /// - The caller is {resultDemands} ({TaskEscrowUnauthorized}).
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Submitted` ({TaskEscrowInvalidStatus}).
    /// - It has these fixed terms ({TaskEscrowWrongTerms}).
    /// - It has this result ({TaskEscrowWrongResult}).
    /// - It is the first demand for the task's result, or `verdictBy`, put off as for {finalize}, but not by demands, has not
    ///   passed ({TaskEscrowTooLate}).
    /// @param taskId The task's id, from 1.
    /// @param termsHash The hash of its fixed terms; see {fixedTermsHashOf}.
    /// @param resultHash The hash of its result.
    /// @return requester The account that pays for the task.
    function noteDemand(uint256 taskId, bytes32 termsHash, bytes32 resultHash) external returns (address requester);

    /// @notice Ends a task as `Invalid` because nobody showed a chunk of its result that was demanded. Only {resultDemands}
    /// can call it.
    /// @dev Emits {TaskEnded} and {OwnerCompensated}.
    ///
    /// Requirements:
    /// - The caller is {resultDemands} ({TaskEscrowUnauthorized}).
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Submitted` ({TaskEscrowInvalidStatus}).
    /// @param taskId The task's id, from 1.
    function endWithheld(uint256 taskId) external;

    /// @notice Cancels a task that was not accepted: its requester at any time, anyone from `acceptBy` on.
    /// @dev Emits {TaskEnded}.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task is `Published` ({TaskEscrowInvalidStatus}).
    /// - It has the terms that the caller names ({TaskEscrowWrongTerms}).
    /// - The caller is the requester, or `acceptBy` has come ({TaskEscrowUnauthorized}).
    /// @param taskId The task's id, from 1.
    /// @param termsHash The hash of its terms; see {termsHashOf}.
    function cancel(uint256 taskId, bytes32 termsHash) external;

    /// @notice Pays out what the ledger owes the caller.
    /// @dev Emits {Withdrawn}.
    ///
    /// Requirements:
    /// - `to` is neither the zero address nor the escrow ({TaskEscrowInvalidReceiver}).
    /// - The ledger owes the caller something ({TaskEscrowNothingToWithdraw}).
    /// @param to The receiver.
    /// @return amount Token base units paid.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Has a validator slashed that signed both verdicts on a task's result. Anyone may call, as long as the
    /// validator's stake is locked.
    /// @dev Emits {VerdictSlashed}, unless no stake is left.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task has a result ({TaskEscrowInvalidStatus}).
    /// - The validator was not slashed for this task before ({TaskEscrowAlreadySlashed}).
    /// - Both signatures are the validator's ({TaskEscrowInvalidVerdictSignature}).
    /// @param taskId The task's id, from 1.
    /// @param validator The validator.
    /// @param validSignature Its signature over {hashVerdict} of `Valid`.
    /// @param invalidSignature Its signature over {hashVerdict} of `Invalid`.
    /// @return amount Token base units slashed; 0 if no stake is left.
    function reportContradiction(
        uint256 taskId,
        address validator,
        bytes calldata validSignature,
        bytes calldata invalidSignature
    ) external returns (uint256 amount);

    /// @notice Has the validators slashed that signed `Valid` on a result whose quote a quorum vouched for and that was
    /// disproven since. Anyone may call, as long as their stake is locked. A validator that asked the judge before it
    /// signed is never hit: what the judge calls true stays true.
    /// @dev Emits {VerdictSlashed} for each validator that had stake left and was not slashed for the task before.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task has a result ({TaskEscrowInvalidStatus}).
    /// - The result rests on this quote, and the quote was disproven ({TaskEscrowNotDisproven}).
    /// - Each signature is its validator's over {hashVerdict} of `Valid` ({TaskEscrowInvalidVerdictSignature}).
    /// @param taskId The task's id, from 1.
    /// @param quoteHash The node's newest quote when the result was submitted.
    /// @param binding What bound that quote to the node (see {INodeRegistry-NodeAttested}).
    /// @param signatures The validators' signatures over {hashVerdict} of `Valid`, in any order.
    /// @return amount Token base units slashed in all.
    function reportFalseVerdict(
        uint256 taskId,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        ValidatorSignature[] calldata signatures
    ) external returns (uint256 amount);

    /// @notice Does the same as {reportFalseVerdict} to the validators whose `Valid` ended the task. Their signatures
    /// are not needed again: a hash of who they are was kept.
    /// @dev Emits {VerdictSlashed} for each validator that had stake left and was not slashed for the task before.
    ///
    /// Requirements:
    /// - The task exists ({TaskEscrowUnknownTask}).
    /// - The task has a result ({TaskEscrowInvalidStatus}).
    /// - The result rests on this quote, and the quote was disproven ({TaskEscrowNotDisproven}).
    /// - The signers are those of {VerdictGiven} for a verdict of `Valid` ({TaskEscrowWrongSigners}).
    /// @param taskId The task's id, from 1.
    /// @param quoteHash The node's newest quote when the result was submitted.
    /// @param binding What bound that quote to the node (see {INodeRegistry-NodeAttested}).
    /// @param signers All signers, in the order of {VerdictGiven}.
    /// @return amount Token base units slashed in all.
    function reportFalseSigners(
        uint256 taskId,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        address[] calldata signers
    ) external returns (uint256 amount);

    /// @notice Pauses or resumes {publish} and {accept}. Nothing else is ever paused. Guarded, without delay.
    /// @dev Emits {PausedSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`).
    /// @param paused_ Whether they are paused from now on.
    function setPaused(bool paused_) external;
}
