// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "./IDataGrants.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {IValidatorSet} from "./IValidatorSet.sol";
import {QuoteBinding} from "../types/Node.sol";
import {Permit} from "../types/Permit.sol";
import {DatasetUse, Task, TaskRequest, TaskStatus} from "../types/Task.sol";
import {ValidatorSignature} from "../types/Validator.sol";

/// @title ITaskEscrow
/// @notice One-shot tasks over people's encrypted data: fees, result, verdict, split.
///
/// @dev A requester escrows the fees for the data owners, the node and the validators. The node accepts while every dataset is granted to
/// it, and locks stake; the owners' fees are due from then on. The enclave signs the hash of the sealed result, or that it gave up; a
/// quorum of validators signs whether the result is good.
///
/// | end         | when                                      | owners      | node | validators        | requester                  | lock           |
/// | ----------- | ----------------------------------------- | ----------- | ---- | ----------------- | -------------------------- | -------------- |
/// | `Valid`     | a quorum says so by `verdictBy`           | escrow      | fee  | signers, escrow   |                            | released       |
/// | `Unjudged`  | no verdict by `verdictBy`                 | escrow      | fee  |                   | the validators' fee        | released       |
/// | `Invalid`   | a quorum says so by `verdictBy`           | lock        |      | signers, lock     | all                        | rest: treasury |
/// | `Invalid`   | no verdict by `verdictBy`, a discredited node      | lock        |      |                   | all                        | rest: treasury |
/// | `Late`      | no result by `resultBy`                   | lock        |      |                   | all                        | rest: treasury |
/// | `Aborted`   | the enclave says so by `resultBy`         | escrow      |      |                   | all but the owners' fees   | released       |
/// | `Cancelled` | the requester before acceptance; anyone from `acceptBy` on |  |  |             | all                        |                |
///
/// What comes out of the escrow is credited here and pulled with {withdraw}; what comes out of the lock is free stake in the vault.
/// The validators' fee is shared among the signers by stake, rounded down, the last one taking the rest. A price that fell between
/// publication and acceptance is the requester's gain, at acceptance.
///
/// Validators: `Valid` says that the sealed result is there and hashes to what the enclave signed; and where a quorum vouched for the
/// node's quote, that the judge answers `Holds` for that vouching (see {IQuoteJudge-judge}), which anybody can ask it. Who signs both
/// verdicts on a result, or `Valid` for a result whose quote is later disproven, loses stake (see
/// {IValidatorSet-slashBps}), once a task.
///
/// Always true: the token balance covers the ledger and the escrows of all tasks that are not over; every task can be ended by anybody
/// once its deadlines have passed; no end needs anybody's consent; pausing stops {publish} and {accept} only.
interface ITaskEscrow {
    /// @notice A task was published. Its terms are in {getTask}.
    event TaskPublished(
        uint256 indexed taskId,
        address indexed requester,
        uint256 indexed nodeId,
        uint256 escrowed,
        string inputUri
    );
    /// @notice The node accepted; `ownersFee` is what its datasets cost together, `refunded` what they had become cheaper.
    event TaskAccepted(uint256 indexed taskId, address indexed provider, uint256 ownersFee, uint256 refunded);
    /// @notice The enclave's result is on chain.
    event ResultSubmitted(uint256 indexed taskId, bytes32 indexed resultHash, string resultUri);
    /// @notice A task is over; `refunded` is what the requester was credited with by this.
    event TaskEnded(uint256 indexed taskId, TaskStatus status, uint256 refunded);
    /// @notice The ledger owes an owner or the provider more, out of a task's escrow.
    event FeeCredited(uint256 indexed taskId, address indexed account, uint256 amount);
    /// @notice An owner was paid out of the node's lock, as free stake in the vault.
    event OwnerCompensated(uint256 indexed taskId, address indexed owner, uint256 amount);
    /// @notice The ledger paid out.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A quorum's verdict was brought. The signers' shares of the validators' fee are on the ledger if it is `Valid`, and free stake in
    /// the vault if it is `Invalid`.
    event VerdictGiven(uint256 indexed taskId, TaskStatus verdict, address[] signers, uint256[] shares);
    /// @notice A validator was slashed for what it signed on a task.
    event VerdictSlashed(uint256 indexed taskId, address indexed validator, address indexed reporter, uint256 amount);
    /// @notice New commitments were paused or resumed.
    event PausedSet(bool paused);

    /// @notice The id names no task.
    error TaskEscrowUnknownTask(uint256 taskId);
    /// @notice The task's status does not allow it.
    error TaskEscrowInvalidStatus(uint256 taskId, TaskStatus status);
    /// @notice The caller is neither who may do this nor late enough to do it for everybody.
    error TaskEscrowUnauthorized(uint256 taskId, address caller);
    /// @notice New commitments are paused.
    error TaskEscrowPaused();
    /// @notice The node runs another measurement, or was never attested.
    error TaskEscrowWrongMeasurement(bytes32 expected, bytes32 actual);
    /// @notice The node's enclave key is another.
    error TaskEscrowWrongEnclaveKey(address expected, address actual);
    /// @notice A deadline that has passed, is too near to the one before it, or too far from it.
    error TaskEscrowInvalidDeadline(uint256 deadline, uint256 earliest, uint256 latest);
    /// @notice More than 16 datasets.
    error TaskEscrowTooManyDatasets(uint256 count);
    /// @notice Datasets are not by strictly ascending id.
    error TaskEscrowUnorderedDatasets(uint256 previous, uint256 current);
    /// @notice The id names no dataset.
    error TaskEscrowUnknownDataset(uint256 datasetId);
    /// @notice A dataset costs more than the requester pays for it.
    error TaskEscrowPriceTooHigh(uint256 datasetId, uint256 price, uint256 offered);
    /// @notice The commitment to the inputs, or the result's hash, is zero.
    error TaskEscrowInvalidCommitment();
    /// @notice A URI longer than 256 bytes.
    error TaskEscrowInvalidUri(uint256 length);
    /// @notice The lock asked for is less than the owners' and the validators' fees together.
    error TaskEscrowLockTooSmall(uint256 stakeLock, uint256 minimum);
    /// @notice The node takes nothing new: not live, about to end, delisted, of a status that is not accepted; or its attestation
    /// is not as the requester demands.
    error TaskEscrowNodeNotOpen(uint256 nodeId);
    /// @notice The node is not live, so its enclave's word counts for nothing.
    error TaskEscrowNodeNotLive(uint256 nodeId);
    /// @notice The node's quote was disproven, or withheld: its enclave's word counts for nothing any more.
    error TaskEscrowNodeDiscredited(uint256 nodeId);
    /// @notice The result comes before the least duration is over.
    error TaskEscrowTooEarly(uint256 taskId, uint256 earliest);
    /// @notice The deadline has passed.
    error TaskEscrowTooLate(uint256 taskId, uint256 deadline);
    /// @notice The deadline that must have passed has not.
    error TaskEscrowNotOverdue(uint256 taskId, uint256 deadline);
    /// @notice The signature is not the node's enclave key's.
    error TaskEscrowInvalidEnclaveSignature(uint256 taskId, address enclaveKey);
    /// @notice Only `Valid` and `Invalid` are verdicts.
    error TaskEscrowInvalidVerdict(TaskStatus verdict);
    /// @notice The signature is not the validator's over that verdict.
    error TaskEscrowInvalidVerdictSignature(address validator, TaskStatus verdict);
    /// @notice The validator was slashed for this task already.
    error TaskEscrowAlreadySlashed(uint256 taskId, address validator);
    /// @notice These are not the validators whose signatures ended the task.
    error TaskEscrowWrongSigners(uint256 taskId);
    /// @notice The quote is not the one that the result rests on, or was not disproven.
    error TaskEscrowNotDisproven(uint256 taskId, bytes32 quoteHash);
    /// @notice A receiver that is the zero address or the escrow itself; a treasury that is the zero address or the vault.
    error TaskEscrowInvalidReceiver(address receiver);
    /// @notice The token moved another amount than asked (it takes a fee on transfer, or rebases).
    error TaskEscrowUnexpectedAmount(uint256 expected, uint256 received);
    /// @notice Nothing on the ledger for the account.
    error TaskEscrowNothingToWithdraw(address account);
    /// @notice Contracts that do not belong together: one names another than was given beside it.
    error TaskEscrowMismatch(address expected, address actual);
    /// @notice An exit delay of validators of no more than {MAX_VERDICT_TIME}, or a finality period shorter than the dispute period.
    error TaskEscrowInvalidParameter(uint256 value, uint256 limit);

    /// @notice The token of all fees. Immutable.
    function token() external view returns (IERC20);

    /// @notice The vault that locks providers' stake. Immutable.
    function vault() external view returns (IStakeVault);

    /// @notice The nodes. Immutable.
    function registry() external view returns (INodeRegistry);

    /// @notice The datasets and grants. Immutable.
    function grants() external view returns (IDataGrants);

    /// @notice The validators. Immutable.
    function validators() external view returns (IValidatorSet);

    /// @notice Where vouchings for quotes are kept, and whether they were disproven. Immutable: faults of validators are known for this one only, so
    /// it should be the only one that the registry lists as `Quorum`.
    function quorumVerifier() external view returns (IQuorumVerifier);

    /// @notice Where locks go beyond what owners and validators get. Immutable.
    function treasury() external view returns (address);

    /// @notice The most datasets of a task: 16.
    function MAX_DATASETS() external view returns (uint256);

    /// @notice The most seconds from publication to `acceptBy`: 30 days.
    function MAX_ACCEPT_TIME() external view returns (uint256);

    /// @notice The most seconds from `acceptBy` to `resultBy`: 90 days.
    function MAX_RESULT_TIME() external view returns (uint256);

    /// @notice The least seconds for a result to come in, from the end of the least duration of whoever accepts last to `resultBy`: 1 hour.
    function MIN_RESULT_TIME() external view returns (uint256);

    /// @notice The least seconds from `resultBy` to `verdictBy`: 1 hour.
    function MIN_VERDICT_TIME() external view returns (uint256);

    /// @notice The most seconds from `resultBy` to `verdictBy`: 7 days.
    function MAX_VERDICT_TIME() external view returns (uint256);

    /// @notice Whether new commitments are paused.
    function paused() external view returns (bool);

    /// @notice How many tasks were published; ids run from 1 to this.
    function taskCount() external view returns (uint256);

    /// @notice A task as stored.
    /// @dev Errors: {TaskEscrowUnknownTask}.
    function getTask(uint256 taskId) external view returns (Task memory);

    /// @notice The datasets that a task uses.
    /// @dev Errors: {TaskEscrowUnknownTask}.
    function datasetsOf(uint256 taskId) external view returns (DatasetUse[] memory);

    /// @notice What a task that is not over holds in escrow; 0 once it is over.
    /// @dev Errors: {TaskEscrowUnknownTask}.
    function escrowOf(uint256 taskId) external view returns (uint256);

    /// @notice What an account can {withdraw}.
    function balanceOf(address account) external view returns (uint256);

    /// @notice The EIP-712 hash by which the enclave publishes a result: `Result(uint256 taskId,bytes32 inputHash,bytes32 resultHash)`.
    /// @dev Errors: {TaskEscrowUnknownTask}.
    function hashResult(uint256 taskId, bytes32 resultHash) external view returns (bytes32);

    /// @notice The EIP-712 hash by which the enclave gives up: `Abort(uint256 taskId,bytes32 inputHash)`.
    /// @dev Errors: {TaskEscrowUnknownTask}.
    function hashAbort(uint256 taskId) external view returns (bytes32);

    /// @notice The EIP-712 hash that validators sign on a submitted result: `Verdict(uint256 taskId,bytes32 inputHash,bytes32
    /// resultHash,uint256 vouchedAttestation,uint8 verdict,uint256 deadline)` with what {getTask} says, `verdictBy` as deadline.
    /// @dev Errors: {TaskEscrowUnknownTask}, {TaskEscrowInvalidVerdict}, {TaskEscrowInvalidStatus} without a result.
    /// @param verdict `Valid` or `Invalid`.
    function hashVerdict(uint256 taskId, TaskStatus verdict) external view returns (bytes32);

    /// @notice Publishes a task and escrows its fees: those of the datasets, the node and the validators. The node must have been attested
    /// once; whether it may and will is seen when it accepts. Until then the requester may take everything back.
    /// @dev Emits {TaskPublished}. Errors: {TaskEscrowPaused}, {TaskEscrowWrongMeasurement}, {TaskEscrowWrongEnclaveKey}, {TaskEscrowInvalidDeadline},
    /// {TaskEscrowTooManyDatasets}, {TaskEscrowUnorderedDatasets}, {TaskEscrowUnknownDataset}, {TaskEscrowInvalidCommitment},
    /// {TaskEscrowInvalidUri}, {TaskEscrowLockTooSmall}, {TaskEscrowUnexpectedAmount}, the registry's for an unknown node, and the
    /// token's.
    /// @return taskId The new task's id, from 1.
    function publish(TaskRequest calldata request) external returns (uint256 taskId);

    /// @notice As {publish}, with an ERC-2612 permit for the fees in the same transaction.
    /// @dev A permit that somebody else has carried to the token before is no failure if the allowance is there.
    function publishWithPermit(TaskRequest calldata request, Permit calldata permit) external returns (uint256 taskId);

    /// @notice Accepts a task, saying that inputs and keys are in hand. Only the node's provider, while every dataset is granted. Locks its
    /// stake and fixes the datasets' prices.
    /// @dev Emits {TaskAccepted}. Errors: {TaskEscrowUnknownTask}, {TaskEscrowPaused}, {TaskEscrowInvalidStatus},
    /// {TaskEscrowUnauthorized}, {TaskEscrowTooLate}, {TaskEscrowNodeNotOpen}, {TaskEscrowPriceTooHigh}, the grants' {IDataGrants-DataGrantsNotGranted}, and
    /// the vault's.
    function accept(uint256 taskId) external;

    /// @notice Brings the enclave's result, and says where it is: only the node's provider, since nobody else answers for the place. The node
    /// must be live; that it runs the measurement that the requester named was compared at publication, and a node's never
    /// changes.
    /// @dev Emits {ResultSubmitted}. Errors: {TaskEscrowUnknownTask}, {TaskEscrowInvalidStatus}, {TaskEscrowUnauthorized}, {TaskEscrowTooEarly},
    /// {TaskEscrowTooLate}, {TaskEscrowInvalidCommitment}, {TaskEscrowInvalidUri}, {TaskEscrowNodeNotLive},
    /// {TaskEscrowInvalidEnclaveSignature}.
    /// @param resultHash keccak256 of the sealed result.
    /// @param resultUri Where the sealed result is, at most 256 bytes; told in the event only.
    /// @param signature The enclave key's over {hashResult}: 65 bytes `r ‖ s ‖ v`, low s.
    function submit(uint256 taskId, bytes32 resultHash, string calldata resultUri, bytes calldata signature) external;

    /// @notice Gives up, by the enclave's word: the owners are paid, the requester gets the rest back, the lock is released. Anyone may
    /// carry it. The node need not be live: an enclave may give up because its node ends. Once its quote was disproven or withheld it
    /// cannot: whose key that is nobody knows.
    /// @dev Emits {FeeCredited}, {TaskEnded}. Errors: {TaskEscrowUnknownTask}, {TaskEscrowInvalidStatus}, {TaskEscrowTooLate},
    /// {TaskEscrowNodeDiscredited}, {TaskEscrowInvalidEnclaveSignature}.
    /// @param signature The enclave key's over {hashAbort}.
    function abort(uint256 taskId, bytes calldata signature) external;

    /// @notice Ends a task by the verdict of a quorum. Anyone may carry it. A node that a quorum vouched for and whose quote was
    /// disproven or withheld since gets no `Valid` any more.
    /// @dev Emits {VerdictGiven}, {FeeCredited} or {OwnerCompensated}, {TaskEnded}. Errors: {TaskEscrowUnknownTask}, {TaskEscrowInvalidStatus},
    /// {TaskEscrowInvalidVerdict}, {TaskEscrowTooLate}, {TaskEscrowNodeDiscredited}, and the validator set's.
    /// @param verdict `Valid` or `Invalid`.
    /// @param signatures Over {hashVerdict}, by strictly ascending validator address.
    function finalize(uint256 taskId, TaskStatus verdict, ValidatorSignature[] calldata signatures) external;

    /// @notice Ends a task whose time is over: without a result by `resultBy` it is `Late`, without a verdict by `verdictBy` `Unjudged`, or
    /// `Invalid` if the node's quote, vouched for by a quorum, was disproven or withheld. Anyone may call.
    /// @dev Emits {FeeCredited} or {OwnerCompensated}, {TaskEnded}. Errors: {TaskEscrowUnknownTask}, {TaskEscrowInvalidStatus},
    /// {TaskEscrowNotOverdue}.
    function expire(uint256 taskId) external;

    /// @notice Takes a task back that was not accepted: the requester at any time, anyone from `acceptBy` on.
    /// @dev Emits {TaskEnded}. Errors: {TaskEscrowUnknownTask}, {TaskEscrowInvalidStatus}, {TaskEscrowUnauthorized}.
    function cancel(uint256 taskId) external;

    /// @notice Pays what the ledger owes the caller out to `to`.
    /// @dev Emits {Withdrawn}. Errors: {TaskEscrowInvalidReceiver}, {TaskEscrowNothingToWithdraw}.
    /// @return amount Token base units paid.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Has a validator slashed that signed both verdicts on a task's result. Anyone may call, as long as its stake is locked.
    /// @dev Emits {VerdictSlashed}, unless no stake is left. Errors: {TaskEscrowUnknownTask}, {TaskEscrowInvalidStatus} without a result,
    /// {TaskEscrowInvalidVerdictSignature}, {TaskEscrowAlreadySlashed}.
    /// @param validSignature Its signature over {hashVerdict} of `Valid`.
    /// @param invalidSignature Its signature over {hashVerdict} of `Invalid`.
    /// @return amount Token base units slashed; 0 where no stake is left.
    function reportContradiction(
        uint256 taskId,
        address validator,
        bytes calldata validSignature,
        bytes calldata invalidSignature
    ) external returns (uint256 amount);

    /// @notice Has validators slashed that signed `Valid` on a result whose quote, vouched for by a quorum, was disproven. Anyone may call, as
    /// long as their stake is locked. Who asked the judge before signing is never hit: what it calls true stays true.
    /// @dev Emits {VerdictSlashed} for each that had stake left and was not slashed for the task before. Errors: {TaskEscrowUnknownTask},
    /// {TaskEscrowInvalidStatus} without a result, {TaskEscrowNotDisproven}, {TaskEscrowInvalidVerdictSignature}.
    /// @param quoteHash The quote that was the node's newest when the result was submitted.
    /// @param binding What bound it to the node (see {INodeRegistry-NodeAttested}).
    /// @param signatures The validators' over {hashVerdict} of `Valid`.
    /// @return amount Token base units slashed in all.
    function reportFalseVerdict(
        uint256 taskId,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        ValidatorSignature[] calldata signatures
    ) external returns (uint256 amount);

    /// @notice As {reportFalseVerdict}, for those whose `Valid` ended the task: they need not be shown to have signed again, so that a contract
    /// which disowns its signature afterwards answers for it all the same.
    /// @dev Errors also: {TaskEscrowWrongSigners}.
    /// @param signers All of them, as {VerdictGiven} told.
    /// @return amount Token base units slashed in all.
    function reportFalseSigners(
        uint256 taskId,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        address[] calldata signers
    ) external returns (uint256 amount);

    /// @notice Pauses or resumes {publish} and {accept}. Nothing else. Guarded, without delay.
    /// @dev Emits {PausedSet}.
    function setPaused(bool paused_) external;
}
