// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IDataGrants} from "./interfaces/IDataGrants.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";
import {IResultDemands} from "./interfaces/IResultDemands.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ITaskEscrow} from "./interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {FeeShares} from "./tasks/FeeShares.sol";
import {QuorumCall} from "./libraries/QuorumCall.sol";
import {SafePermit} from "./libraries/SafePermit.sol";
import {TaskState} from "./tasks/TaskState.sol";
import {TaskLedger} from "./tasks/TaskLedger.sol";
import {TaskSettlement} from "./tasks/TaskSettlement.sol";
import {VerdictSlashing} from "./tasks/VerdictSlashing.sol";
import {ResultDemands} from "./ResultDemands.sol";
import {Dataset} from "./types/Dataset.sol";
import {EnclaveTerms, EndReason, OrderTerms, VerifierKind} from "./types/Node.sol";
import {Permit} from "./types/Permit.sol";
import {DatasetRequest, DatasetUse, Task, TaskRequest, TaskStatus} from "./types/Task.sol";
import {ValidatorSignature} from "./types/Validator.sol";

/// @title TaskEscrow
/// @notice See {ITaskEscrow}.
/// @dev A task only moves forward and reaches its end once. Tokens move only in {publish} and {withdraw}; an end
/// changes what the ledger owes, and locks in the vault, which calls nobody.
contract TaskEscrow is TaskSettlement, VerdictSlashing, AccessManaged {
    using SafePermit for IERC20;

    /// @dev What every publication reads and writes, in one slot.
    struct Config {
        uint64 taskCount;
        bool paused;
    }

    /// @inheritdoc ITaskEscrow
    uint256 public constant MAX_DATASETS = 16;
    /// @inheritdoc ITaskEscrow
    uint256 public constant MAX_ACCEPT_TIME = 30 days;
    /// @inheritdoc ITaskEscrow
    uint256 public constant MAX_RESULT_TIME = 90 days;
    /// @inheritdoc ITaskEscrow
    uint256 public constant MIN_RESULT_TIME = 1 hours;
    /// @inheritdoc ITaskEscrow
    uint256 public constant MIN_VERDICT_TIME = 1 hours;
    /// @inheritdoc ITaskEscrow
    uint256 public constant MAX_VERDICT_TIME = 7 days;

    uint256 private constant MAX_URI_LENGTH = 256;

    /// @inheritdoc ITaskEscrow
    IResultDemands public immutable resultDemands;

    uint256 private immutable _revocationDelay;
    /// @dev For how long after `verdictBy` a verdict can count at most.
    uint256 private immutable _latestVerdict;

    Config private _config;

    /// @notice Wires the escrow for good, and deploys what demands results. The validator set's deployer must then name the
    /// escrow a slasher.
    /// @dev Errors: {TaskEscrowInvalidReceiver}, {TaskEscrowInvalidParameter}, {TaskEscrowMismatch},
    /// {IResultDemands-ResultDemandsInvalidBond}.
    /// @param vault_ The vault that holds the providers' stake; its token is the token of all fees.
    /// @param grants_ The datasets and grants; its registry has the nodes.
    /// @param validators_ The validators, who give verdicts.
    /// @param quorumVerifier_ The verifier that keeps the vouchings for quotes.
    /// @param authority The access manager.
    /// @param treasury_ The account that gets what owners and validators leave of a lock.
    /// @param resultBond Token base units that a demand to see a chunk of a result locks, 1 to 2^128-1.
    constructor(
        IStakeVault vault_,
        IDataGrants grants_,
        IValidatorSet validators_,
        IQuorumVerifier quorumVerifier_,
        address authority,
        address treasury_,
        uint128 resultBond
    )
        TaskLedger(vault_.token())
        TaskState(grants_)
        VerdictSlashing(validators_, quorumVerifier_)
        TaskSettlement(vault_, treasury_)
        EIP712("ComputingPower.TaskEscrow", "1")
        AccessManaged(authority)
    {
        if (address(validators_.vault()) != address(vault_)) {
            revert TaskEscrowMismatch(address(vault_), address(validators_.vault()));
        }
        INodeRegistry nodes = grants_.registry();
        if (address(nodes.vault()) != address(vault_)) {
            revert TaskEscrowMismatch(address(vault_), address(nodes.vault()));
        }
        resultDemands = new ResultDemands(vault_, nodes, resultBond);
        // The stake of a validator that leaves after its verdict is still locked when the last verdict can come: as late as a
        // demand in the last second puts it off.
        uint256 revocationDelay = nodes.revocationDelay();
        uint256 verdictTime = MAX_VERDICT_TIME + revocationDelay;
        uint256 longest = verdictTime + resultDemands.answerTime() + resultDemands.verdictTime();
        uint256 exitDelay = validators_.exitDelay();
        if (exitDelay <= longest) revert TaskEscrowInvalidParameter(exitDelay, longest);
        // Whoever sees a result and then stakes cannot judge it.
        uint256 activationDelay = validators_.activationDelay();
        if (activationDelay <= verdictTime) revert TaskEscrowInvalidParameter(activationDelay, verdictTime);
        // `Final` means that nobody who vouched can be slashed for it any longer, and that no demand is open.
        uint256 finality = grants_.finalityPeriod();
        uint256 disputeTime = quorumVerifier_.disputeTime();
        if (finality < disputeTime) revert TaskEscrowInvalidParameter(finality, disputeTime);
        // A node whose quote is demanded at the end of its dispute time still has the stake that it loses by silence.
        uint256 releaseDelay = nodes.releaseDelay();
        if (releaseDelay < disputeTime) revert TaskEscrowInvalidParameter(releaseDelay, disputeTime);
        _revocationDelay = revocationDelay;
        _latestVerdict = longest - MAX_VERDICT_TIME;
    }

    /// @inheritdoc ITaskEscrow
    function paused() external view returns (bool) {
        return _config.paused;
    }

    /// @inheritdoc ITaskEscrow
    function taskCount() external view returns (uint256) {
        return _config.taskCount;
    }

    /// @inheritdoc ITaskEscrow
    function publish(TaskRequest calldata request) external nonReentrant returns (uint256 taskId) {
        uint256 escrowed;
        (taskId, escrowed) = _publish(request);
        _pull(escrowed);
    }

    /// @inheritdoc ITaskEscrow
    function publishWithPermit(
        TaskRequest calldata request,
        Permit calldata permit
    ) external nonReentrant returns (uint256 taskId) {
        uint256 escrowed;
        (taskId, escrowed) = _publish(request);
        token.tryPermit(msg.sender, escrowed, permit);
        _pull(escrowed);
    }

    /// @inheritdoc ITaskEscrow
    function accept(uint256 taskId, bytes32 termsHash, address enclaveKey) external {
        Task storage task = _inStatus(taskId, TaskStatus.Published);
        uint256 nodeId = task.nodeId;
        DatasetUse[] memory uses = _usesOf(taskId, task);
        _checkTerms(taskId, task, uses, termsHash);

        // Check: the node is as the requester demands, and every dataset granted to it.
        Dataset[] memory datasets = grants.datasetsFor(nodeId, task.demand, _idsOf(uses));

        // Check: the node's provider accepts in time.
        OrderTerms memory node = registry.orderTermsOf(nodeId);
        if (_config.paused) revert TaskEscrowPaused();
        if (msg.sender != node.provider) revert TaskEscrowUnauthorized(taskId, msg.sender);
        _checkKey(enclaveKey, node.enclaveKey);
        if (block.timestamp >= task.acceptBy) revert TaskEscrowTooLate(taskId, task.acceptBy);
        if (!node.open) revert TaskEscrowNodeNotOpen(nodeId);

        // Effects: the datasets' prices are fixed now.
        task.status = TaskStatus.Accepted;
        task.acceptedAt = uint40(block.timestamp);
        (uint256 ownersFee, uint256 refunded) = _fixPrices(taskId, uses, datasets);
        _refund(task.requester, refunded);
        emit TaskAccepted(taskId, msg.sender, ownersFee, refunded);

        // Interaction: the vault, which calls nobody.
        vault.lock(msg.sender, task.stakeLock);
    }

    /// @inheritdoc ITaskEscrow
    function submit(uint256 taskId, bytes32 resultHash, string calldata resultUri, bytes calldata signature) external {
        Task storage task = _inStatus(taskId, TaskStatus.Accepted);
        uint256 nodeId = task.nodeId;
        uint256 earliest = task.acceptedAt + task.leastDuration;
        if (block.timestamp < earliest) revert TaskEscrowTooEarly(taskId, earliest);
        _checkInTime(taskId, task, task.resultBy);
        if (resultHash == 0) revert TaskEscrowInvalidCommitment();
        _checkUri(resultUri);
        EnclaveTerms memory node = registry.enclaveTermsOf(nodeId);
        if (msg.sender != node.provider) revert TaskEscrowUnauthorized(taskId, msg.sender);
        if (node.enclaveKey == address(0)) revert TaskEscrowNodeNotLive(nodeId);
        _checkEnclave(taskId, node.enclaveKey, _resultDigest(taskId, task, resultHash), signature);

        task.status = TaskStatus.Submitted;
        // A result that its node's suspensions put off leaves as much time for verdicts. No result leaves time to stake,
        // wait and then judge it.
        uint256 verdictBy = task.verdictBy;
        if (block.timestamp > task.resultBy) verdictBy += registry.suspendedSeconds(nodeId, task.acceptedAt);
        task.verdictBy = uint40(Math.min(verdictBy, block.timestamp + MAX_VERDICT_TIME));
        task.acceptedAt = uint40(block.timestamp);
        if (node.verifierKind != VerifierKind.OnChain) task.vouchedAttestation = node.attestations;
        task.resultHash = resultHash;
        emit ResultSubmitted(taskId, resultHash, resultUri);
    }

    /// @inheritdoc ITaskEscrow
    function abort(uint256 taskId, bytes calldata signature) external {
        Task storage task = _inStatus(taskId, TaskStatus.Accepted);
        _checkInTime(taskId, task, task.resultBy);
        (address provider, EndReason reason, uint256 suspendedSince) = registry.standingOf(task.nodeId);
        _checkCredit(task.nodeId, reason);
        _checkStanding(task.nodeId, reason, suspendedSince);
        (, address enclaveKey) = registry.identityOf(task.nodeId);
        _checkEnclave(taskId, enclaveKey, _abortDigest(taskId, task), signature);

        _end(taskId, task, TaskStatus.Aborted, uint256(task.nodeFee) + task.validatorFee);
        _payOwners(taskId, task);
        vault.unlock(provider, task.stakeLock);
    }

    /// @inheritdoc ITaskEscrow
    function finalize(uint256 taskId, TaskStatus verdict, ValidatorSignature[] calldata signatures) external {
        Task storage task = _inStatus(taskId, TaskStatus.Submitted);
        _checkVerdict(verdict);
        (uint256 open, uint256 verdictsBy) = _demandsOn(taskId, task);
        // A first demand may come at any time, and those who left must still have the stake that they would lose.
        if (block.timestamp > Math.min(verdictsBy, task.verdictBy + _latestVerdict)) {
            _checkInTime(taskId, task, task.verdictBy);
        }
        if (open != 0 && verdict == TaskStatus.Valid) revert TaskEscrowResultDemanded(taskId, open);
        uint256[] memory stakes = _stakesOf(_verdictDigest(taskId, task, verdict), task.publishedIn, signatures);
        uint256[] memory shares = FeeShares.split(task.validatorFee, stakes);
        address[] memory signers = new address[](shares.length);
        for (uint256 i; i < signers.length; ++i) signers[i] = signatures[i].validator;
        emit VerdictGiven(taskId, verdict, signers, shares);

        (address provider, EndReason reason, uint256 suspendedSince) = registry.standingOf(task.nodeId);
        if (verdict == TaskStatus.Valid) {
            _checkStanding(task.nodeId, reason, suspendedSince);
            if (task.vouchedAttestation != 0) {
                _checkCredit(task.nodeId, reason);
                _recordSigners(taskId, signers);
            }
            _end(taskId, task, verdict, 0);
            _payOwners(taskId, task);
            for (uint256 i; i < signers.length; ++i) _credit(signers[i], shares[i]);
            _payNode(taskId, task, provider);
        } else {
            _endInFault(taskId, task, verdict, provider, signers, shares);
        }
    }

    /// @inheritdoc ITaskEscrow
    function expire(uint256 taskId) external {
        Task storage task = _existing(taskId);
        TaskStatus status = task.status;
        bool hasResult = status == TaskStatus.Submitted;
        if (!hasResult && status != TaskStatus.Accepted) revert TaskEscrowInvalidStatus(taskId, status);
        uint256 deadline = hasResult ? task.verdictBy : task.resultBy;
        _checkOverdue(taskId, task, deadline);
        (uint256 open, uint256 verdictsBy) = _demandsOn(taskId, task);
        if (block.timestamp <= verdictsBy) revert TaskEscrowNotOverdue(taskId, verdictsBy);

        (address provider, EndReason reason, uint256 suspendedSince) = registry.standingOf(task.nodeId);
        // What is still demanded after that time was not shown in time.
        if (open != 0 || (hasResult && task.vouchedAttestation != 0 && _discredits(reason))) {
            _endAlone(taskId, task, TaskStatus.Invalid, provider);
        } else if (_isInDoubt(task, deadline, reason, suspendedSince)) {
            _endInDoubt(taskId, task, provider);
        } else if (hasResult) {
            // No demand is open here, so what was demanded was shown. Silence alone does not pay the node.
            if (!task.demanded) revert TaskEscrowResultNotShown(taskId);
            _end(taskId, task, TaskStatus.Unjudged, task.validatorFee);
            _payOwners(taskId, task);
            _payNode(taskId, task, provider);
        } else {
            _endAlone(taskId, task, TaskStatus.Late, provider);
        }
    }

    /// @inheritdoc ITaskEscrow
    function noteDemand(uint256 taskId, bytes32 termsHash, bytes32 resultHash) external returns (address requester) {
        _checkDemanding(taskId);
        Task storage task = _inStatus(taskId, TaskStatus.Submitted);
        bytes32 actual = task.fixedTermsHash;
        if (termsHash != actual) revert TaskEscrowWrongTerms(taskId, actual, termsHash);
        actual = task.resultHash;
        if (resultHash != actual) revert TaskEscrowWrongResult(taskId, actual, resultHash);
        // The first demand may come late, since without one no silence ends the task.
        if (task.demanded) _checkInTime(taskId, task, task.verdictBy);
        task.demanded = true;
        return task.requester;
    }

    /// @inheritdoc ITaskEscrow
    function endWithheld(uint256 taskId) external {
        _checkDemanding(taskId);
        Task storage task = _inStatus(taskId, TaskStatus.Submitted);
        _endAlone(taskId, task, TaskStatus.Invalid, registry.providerOf(task.nodeId));
    }

    /// @inheritdoc ITaskEscrow
    function cancel(uint256 taskId, bytes32 termsHash) external {
        Task storage task = _inStatus(taskId, TaskStatus.Published);
        _checkTerms(taskId, task, _usesOf(taskId, task), termsHash);
        if (msg.sender != task.requester && block.timestamp < task.acceptBy) {
            revert TaskEscrowUnauthorized(taskId, msg.sender);
        }
        _end(taskId, task, TaskStatus.Cancelled, _escrowed(taskId, task));
    }

    /// @inheritdoc ITaskEscrow
    function setPaused(bool paused_) external restricted {
        _config.paused = paused_;
        emit PausedSet(paused_);
    }

    /// @dev Checks and stores a task of the caller. Its caller takes the fees last.
    function _publish(TaskRequest calldata request) private returns (uint256 taskId, uint256 escrowed) {
        if (_config.paused) revert TaskEscrowPaused();
        (bytes32 mrEnclave, address enclaveKey) = registry.identityOf(request.nodeId);
        if (mrEnclave != request.mrEnclave || mrEnclave == 0) {
            revert TaskEscrowWrongMeasurement(request.mrEnclave, mrEnclave);
        }
        _checkKey(request.enclaveKey, enclaveKey);
        if (request.inputHash == 0) revert TaskEscrowInvalidCommitment();
        _checkUri(request.inputUri);
        _checkDeadlines(request);

        taskId = ++_config.taskCount;
        uint256 ownersFee = _storeDatasets(taskId, request.datasets);
        uint256 minimum = ownersFee + request.validatorFee;
        if (request.stakeLock < minimum) revert TaskEscrowLockTooSmall(request.stakeLock, minimum);
        escrowed = minimum + request.nodeFee;
        Task storage task = _tasks[taskId];
        (task.requester, task.nodeId, task.publishedIn) = (msg.sender, uint48(request.nodeId), uint40(block.number));
        (task.nodeFee, task.validatorFee) = (request.nodeFee, request.validatorFee);
        (task.acceptBy, task.leastDuration) = (request.acceptBy, request.leastDuration);
        (task.stakeLock, task.resultBy, task.verdictBy) = (request.stakeLock, request.resultBy, request.verdictBy);
        (task.status, task.demand) = (TaskStatus.Published, request.demand);
        task.datasetCount = uint8(request.datasets.length);
        task.fixedTermsHash = _fixedTermsHash(task, request.inputHash, request.datasets);
        emit TaskPublished(taskId, msg.sender, request.nodeId, escrowed, request.inputHash, request.inputUri);
    }

    /// @dev Stores datasets in strictly ascending order, so that none is paid twice, if they are those that are meant.
    function _storeDatasets(uint256 taskId, DatasetRequest[] calldata datasets) private returns (uint256 ownersFee) {
        uint256 count = datasets.length;
        if (count == 0) return 0;
        if (count > MAX_DATASETS) revert TaskEscrowTooManyDatasets(count);
        uint256 previous;
        for (uint256 i; i < count; ++i) {
            DatasetRequest calldata wanted = datasets[i];
            (uint64 datasetId, uint96 price) = (wanted.datasetId, wanted.price);
            if (datasetId <= previous) revert TaskEscrowUnorderedDatasets(previous, datasetId);
            previous = datasetId;
            _checkDataset(wanted, datasetId);
            // At most sixteen prices of 96 bits.
            unchecked {
                ownersFee += price;
            }
            _uses[taskId][i] = DatasetUse({datasetId: datasetId, price: price});
        }
    }

    /// @dev Checks that a dataset is the one that is meant: after a reorganisation another may have its number, and whoever
    /// copies the content to get another's fee is not its owner.
    function _checkDataset(DatasetRequest calldata wanted, uint256 datasetId) private view {
        Dataset memory dataset = grants.getDataset(datasetId);
        (address owner, bytes32 contentHash) = (wanted.owner, wanted.contentHash);
        if (owner != dataset.owner) revert TaskEscrowWrongOwner(datasetId, owner, dataset.owner);
        if (contentHash != dataset.contentHash) {
            revert TaskEscrowWrongContent(datasetId, contentHash, dataset.contentHash);
        }
    }

    function _checkDeadlines(TaskRequest calldata request) private view {
        _checkDeadline(request.acceptBy, block.timestamp + 1, block.timestamp + MAX_ACCEPT_TIME);
        // So that even a node that accepts in the last second has time left after the least duration.
        uint256 earliest = request.acceptBy + request.leastDuration + MIN_RESULT_TIME;
        _checkDeadline(request.resultBy, earliest, request.acceptBy + MAX_RESULT_TIME);
        _checkDeadline(request.verdictBy, request.resultBy + MIN_VERDICT_TIME, request.resultBy + MAX_VERDICT_TIME);
    }

    function _checkDeadline(uint256 deadline, uint256 earliest, uint256 latest) private pure {
        if (deadline < earliest || deadline > latest) revert TaskEscrowInvalidDeadline(deadline, earliest, latest);
    }

    /// @dev Replaces what the requester offered for each dataset by what its use costs now, which may be less.
    function _fixPrices(
        uint256 taskId,
        DatasetUse[] memory uses,
        Dataset[] memory datasets
    ) private returns (uint256 ownersFee, uint256 refunded) {
        for (uint256 i; i < uses.length; ++i) {
            (uint96 price, uint96 offered) = (datasets[i].price, uses[i].price);
            if (price > offered) revert TaskEscrowPriceTooHigh(uses[i].datasetId, price, offered);
            // At most sixteen prices of 96 bits.
            unchecked {
                ownersFee += price;
                refunded += offered - price;
            }
            if (price != offered) _uses[taskId][i].price = price;
        }
    }

    /// @dev The numbers of the datasets that are used.
    function _idsOf(DatasetUse[] memory uses) private pure returns (uint256[] memory datasetIds) {
        datasetIds = new uint256[](uses.length);
        for (uint256 i; i < uses.length; ++i) datasetIds[i] = uses[i].datasetId;
    }

    /// @dev Checks that a quorum signed, of those whose stake counted as of a block, and returns how much of it did.
    function _stakesOf(
        bytes32 digest,
        uint256 asOf,
        ValidatorSignature[] calldata signatures
    ) private view returns (uint256[] memory stakes) {
        uint256 start;
        uint256 end;
        assembly ("memory-safe") {
            start := sub(signatures.offset, 0x20)
            end := calldatasize()
        }
        if (!QuorumCall.check(validators, digest, asOf, start, end)) revert TaskEscrowMalformedSignatures();
        stakes = new uint256[](signatures.length);
        // The answer is one array of as many words, which begins after its offset and its count.
        assembly ("memory-safe") {
            returndatacopy(add(stakes, 0x20), 0x40, shl(5, mload(stakes)))
        }
    }

    /// @dev How many demands to see the result are open, and until when verdicts count because of demands. Only of a task of
    /// which something was ever demanded anybody is asked.
    function _demandsOn(uint256 taskId, Task storage task) private view returns (uint256 open, uint256 verdictsBy) {
        if (task.demanded) (open, verdictsBy) = resultDemands.standingOf(taskId);
    }

    function _checkDemanding(uint256 taskId) private view {
        if (msg.sender != address(resultDemands)) revert TaskEscrowUnauthorized(taskId, msg.sender);
    }

    /// @dev Whether it is no longer known whose key the node's enclave key is. Only a quorum's word can prove false, so
    /// this is never so for a node that the chain verified.
    function _discredits(EndReason reason) private pure returns (bool) {
        return reason == EndReason.Disproven || reason == EndReason.Withheld;
    }

    function _checkCredit(uint256 nodeId, EndReason reason) private pure {
        if (_discredits(reason)) revert TaskEscrowNodeDiscredited(nodeId);
    }

    /// @dev Whether it is in doubt whose words the node's enclave signs, though nobody is at fault: Intel has revoked
    /// what the node rests on, and may take that back. A node that ended so stays in doubt. What began only after the
    /// time had run out changes nothing. As the deadline waits, the suspension has lasted for the revocation delay.
    function _isInDoubt(
        Task storage task,
        uint256 deadline,
        EndReason reason,
        uint256 suspendedSince
    ) private view returns (bool) {
        if (_discredits(reason)) return false;
        if (suspendedSince != 0 && _beganInTime(task, deadline, suspendedSince)) return true;
        if (reason != EndReason.Revoked) return false;
        // The suspension that ended the node began then at the latest.
        return _beganInTime(task, deadline, registry.endOf(task.nodeId) - _revocationDelay);
    }

    /// @dev Whether a suspension began before the deadline, put off by earlier ones only, had passed. The node was live
    /// at the newest step of the task, so that no suspension began before that.
    function _beganInTime(Task storage task, uint256 deadline, uint256 since) private view returns (bool) {
        uint256 nodeId = task.nodeId;
        uint256 earlier = registry.suspendedSeconds(nodeId, task.acceptedAt) - registry.suspendedSeconds(nodeId, since);
        return since <= deadline + _countable(task, earlier);
    }

    /// @dev For how much of a time of suspension a deadline waits: after a result for one revocation delay at most, or
    /// stake that came after it could count.
    function _countable(Task storage task, uint256 suspended) private view returns (uint256) {
        return task.status == TaskStatus.Submitted ? Math.min(suspended, _revocationDelay) : suspended;
    }

    /// @dev A node that ended as revoked stays in doubt, though its suspension was lifted afterwards.
    function _checkStanding(uint256 nodeId, EndReason reason, uint256 suspendedSince) private pure {
        if (suspendedSince != 0 || reason == EndReason.Revoked) revert TaskEscrowNodeSuspended(nodeId);
    }

    /// @dev A deadline waits while the node is suspended. That is looked up only where it matters.
    function _checkInTime(uint256 taskId, Task storage task, uint256 deadline) private view {
        if (block.timestamp <= deadline) return;
        deadline += _countable(task, registry.suspendedSeconds(task.nodeId, task.acceptedAt));
        if (block.timestamp > deadline) revert TaskEscrowTooLate(taskId, deadline);
    }

    /// @dev Waits for all of the time, so that whoever can have a suspension lifted has the whole revocation delay.
    function _checkOverdue(uint256 taskId, Task storage task, uint256 deadline) private view {
        if (block.timestamp > deadline) deadline += registry.suspendedSeconds(task.nodeId, task.acceptedAt);
        if (block.timestamp <= deadline) revert TaskEscrowNotOverdue(taskId, deadline);
    }

    function _checkEnclave(uint256 taskId, address enclaveKey, bytes32 digest, bytes calldata signature) private pure {
        (address signer, ECDSA.RecoverError err, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (err != ECDSA.RecoverError.NoError || signer != enclaveKey) {
            revert TaskEscrowInvalidEnclaveSignature(taskId, enclaveKey);
        }
    }

    /// @dev Checks that the node is the one that is meant: after a reorganisation another may have its number.
    function _checkKey(address expected, address actual) private pure {
        if (expected != actual) revert TaskEscrowWrongEnclaveKey(expected, actual);
    }

    function _checkUri(string calldata uri) private pure {
        uint256 length = bytes(uri).length;
        if (length > MAX_URI_LENGTH) revert TaskEscrowInvalidUri(length);
    }
}
