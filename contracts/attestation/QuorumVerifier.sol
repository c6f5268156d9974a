// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {ICollateralStore} from "../interfaces/ICollateralStore.sol";
import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";
import {IQuoteJudge} from "../interfaces/IQuoteJudge.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {IValidatorSet} from "../interfaces/IValidatorSet.sol";
import {QuorumCall} from "../libraries/QuorumCall.sol";
import {CalldataAbi} from "./quorum/CalldataAbi.sol";
import {QuorumEvidence} from "./quorum/QuorumEvidence.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";
import {CollateralBasis} from "../types/Collateral.sol";

/// @title QuorumVerifier
/// @notice See {IQuorumVerifier}.
contract QuorumVerifier is IQuorumVerifier, EIP712 {
    bytes32 private constant VOUCH_TYPEHASH = keccak256(
        "Vouch(address consumer,bytes32 reportData,bytes32 attestationHash,bytes32 collateralHash,uint16 evaluationNumber,uint8 ca,uint40 rootCrlIssuedAt,uint40 pckCrlIssuedAt)"
    );
    uint256 private constant ANSWER_PERIOD = 1 days;
    uint256 private constant LIST_TOLERANCE = 1 days;

    /// @inheritdoc IQuorumVerifier
    IValidatorSet public immutable validators;
    /// @inheritdoc IQuorumVerifier
    IStakeVault public immutable vault;
    /// @inheritdoc IQuorumVerifier
    IQuoteJudge public immutable judge;
    /// @inheritdoc IQuorumVerifier
    ICollateralStore public immutable store;
    /// @inheritdoc IQuorumVerifier
    address public immutable treasury;
    /// @inheritdoc IQuorumVerifier
    uint256 public immutable disputePeriod;
    /// @inheritdoc IQuorumVerifier
    uint256 public immutable demandBond;

    mapping(bytes32 key => Record) private _records;
    mapping(bytes32 key => Demand) private _demands;

    /// @notice Ties a set of validators to a judge, for good. The set's deployer must then name this contract a
    /// slasher.
    /// @dev Errors: {QuorumVerifierInvalidJudge}, {QuorumVerifierInvalidParameter}.
    /// @param validators_ The validators; their vault holds the bonds.
    /// @param judge_ Who judges disputed quotes.
    /// @param disputePeriod_ Seconds after a vouching in which its signers can be slashed; more than a day, and with a
    /// day more still less than the validators' exit delay.
    /// @param demandBond_ Token base units that a demand locks, 1 to 2^128-1.
    constructor(
        IValidatorSet validators_,
        IQuoteJudge judge_,
        uint40 disputePeriod_,
        uint128 demandBond_
    ) EIP712("ComputingPower.QuorumVerifier", "1") {
        if (address(judge_).code.length == 0) revert QuorumVerifierInvalidJudge(address(judge_));
        // A quote that is demanded right after the vouching must be shown early enough to be disputed.
        if (disputePeriod_ <= ANSWER_PERIOD) revert QuorumVerifierInvalidParameter(disputePeriod_, ANSWER_PERIOD);
        uint256 exitDelay = validators_.exitDelay();
        if (disputePeriod_ + ANSWER_PERIOD >= exitDelay) {
            revert QuorumVerifierInvalidParameter(disputePeriod_ + ANSWER_PERIOD, exitDelay);
        }
        // Whoever sees a quote and then stakes cannot vouch for it while it is fresh.
        uint256 activationDelay = validators_.activationDelay();
        if (activationDelay <= ANSWER_PERIOD) revert QuorumVerifierInvalidParameter(activationDelay, ANSWER_PERIOD);
        if (demandBond_ == 0) revert QuorumVerifierInvalidParameter(0, 1);
        validators = validators_;
        vault = validators_.vault();
        judge = judge_;
        store = judge_.store();
        treasury = validators_.treasury();
        disputePeriod = disputePeriod_;
        demandBond = demandBond_;
    }

    /// @inheritdoc IQuorumVerifier
    function answerPeriod() external pure returns (uint256) {
        return ANSWER_PERIOD;
    }

    /// @inheritdoc IQuorumVerifier
    function getRecord(address consumer, bytes32 quoteHash, bytes32 reportData) external view returns (Record memory) {
        return _records[_keyOf(consumer, quoteHash, reportData)];
    }

    /// @inheritdoc IQuorumVerifier
    function getDemand(address consumer, bytes32 quoteHash, bytes32 reportData) external view returns (Demand memory) {
        return _demands[_keyOf(consumer, quoteHash, reportData)];
    }

    /// @inheritdoc IQuorumVerifier
    function vouchDigest(
        address consumer,
        bytes32 reportData,
        Attestation calldata attestation,
        CollateralBasis calldata basis
    ) external view returns (bytes32) {
        return _vouchDigest(consumer, reportData, attestation, basis);
    }

    /// @inheritdoc IAttestationVerifier
    function disputeTime() external view returns (uint256) {
        // The last demand's answer is due as the dispute period ends, so only after it can the quote turn out withheld.
        return disputePeriod + ANSWER_PERIOD;
    }

    /// @inheritdoc IAttestationVerifier
    function recheck(
        bytes calldata evidence
    ) external view returns (bytes32 platformId, bytes32 subject, Standing standing, TcbStatus tcbStatus) {
        (bytes calldata quote, bytes calldata review) = QuorumEvidence.reviewIn(evidence);
        subject = keccak256(quote);
        bytes memory answer = _ask(abi.encodeCall(IQuoteJudge.review, (quote, review)), 0x60);
        uint256 said;
        uint256 status;
        (platformId, said, status) = abi.decode(answer, (bytes32, uint256, uint256));
        // Newer collateral cannot say whether a quote was ever true, and a status says nothing unless the rest holds.
        if (said > uint256(Standing.Revoked) || status > uint256(TcbStatus.Revoked)) {
            revert QuorumVerifierJudgeFailed(answer);
        }
        standing = Standing(said);
        tcbStatus = TcbStatus(status);
    }

    /// @inheritdoc IAttestationVerifier
    function verify(
        bytes calldata evidence,
        bytes32 reportData
    ) external returns (Attestation memory attestation, bytes32 subject) {
        (uint256 position, uint256 first, uint256 count) = QuorumEvidence.vouchingAt(evidence);
        CollateralBasis calldata basis;
        assembly ("memory-safe") {
            calldatacopy(attestation, position, 0x140)
            basis := add(position, 0x140)
        }
        _checkAttestation(attestation);
        _checkBasis(basis);
        bytes32 quoteHash = attestation.quoteHash;
        bytes32 key = _keyOf(msg.sender, quoteHash, reportData);
        if (_records[key].vouchedAt != 0) revert QuorumVerifierQuoteUsed(msg.sender, quoteHash);

        _checkQuorum(_vouchDigest(msg.sender, reportData, attestation, basis), first, evidence);

        bytes memory facts = QuorumEvidence.factsOf(reportData, position, first, count);
        _records[key] = Record({
            commitment: bytes24(keccak256(facts)),
            vouchedAt: uint40(block.timestamp),
            standing: Standing.Holds,
            answered: false,
            disproven: false
        });
        // The commitment is to the data of the event, so they are encoded once.
        bytes32 topic = QuoteVouched.selector;
        assembly ("memory-safe") {
            log3(add(facts, 0x20), mload(facts), topic, caller(), quoteHash)
        }
        subject = quoteHash;
    }

    /// @inheritdoc IAttestationVerifier
    function dispute(
        bytes32 quoteHash,
        bytes32 reportData,
        bytes calldata evidence
    ) external returns (Standing standing) {
        bytes32 key = _keyOf(msg.sender, quoteHash, reportData);
        Record storage record = _existing(key, msg.sender, quoteHash, reportData);
        uint256 answerBy = _answerBy(key);
        if (answerBy != 0 && block.timestamp > answerBy) _withhold(key, msg.sender, quoteHash, reportData);
        if (evidence.length != 0) {
            standing = _dispute(record, quoteHash, reportData, _toDispute(evidence));
            if (standing == Standing.Disproven) _returnBond(key);
            // It was shown too late to count as shown.
            if (record.standing == Standing.Withheld) standing = Standing.Withheld;
        } else {
            standing = record.standing;
        }
    }

    /// @inheritdoc IQuorumVerifier
    function demandQuote(address consumer, bytes32 quoteHash, bytes32 reportData) external {
        bytes32 key = _keyOf(consumer, quoteHash, reportData);
        Record memory record = _existing(key, consumer, quoteHash, reportData);
        if (record.standing != Standing.Holds) revert QuorumVerifierSettled(record.standing);
        if (record.answered) revert QuorumVerifierAlreadyShown(quoteHash);
        uint256 until = record.vouchedAt + disputePeriod - ANSWER_PERIOD;
        if (block.timestamp > until) revert QuorumVerifierDemandTooLate(until);
        uint256 answerBy = _answerBy(key);
        if (answerBy != 0) revert QuorumVerifierDemandOpen(answerBy);
        _demands[key] = Demand({demander: msg.sender, demandedAt: uint40(block.timestamp)});
        emit QuoteDemanded(consumer, quoteHash, reportData, msg.sender, block.timestamp + ANSWER_PERIOD);
        vault.lock(msg.sender, demandBond);
    }

    /// @inheritdoc IQuorumVerifier
    function showQuote(address consumer, bytes32 quoteHash, bytes32 reportData, bytes calldata quote) external {
        bytes32 key = _keyOf(consumer, quoteHash, reportData);
        uint256 answerBy = _demandedUntil(key, quoteHash);
        if (block.timestamp > answerBy) revert QuorumVerifierAnswerTooLate(answerBy);
        _checkQuote(quote, quoteHash);
        _checkReadable(quote, quoteHash);
        address demander = _demands[key].demander;
        delete _demands[key];
        _records[key].answered = true;
        emit QuoteShown(consumer, quoteHash, reportData, msg.sender);
        vault.slash(demander, demandBond, treasury);
    }

    /// @inheritdoc IQuorumVerifier
    function reportWithheld(address consumer, bytes32 quoteHash, bytes32 reportData) external {
        bytes32 key = _keyOf(consumer, quoteHash, reportData);
        uint256 answerBy = _demandedUntil(key, quoteHash);
        if (block.timestamp <= answerBy) revert QuorumVerifierDemandOpen(answerBy);
        _withhold(key, consumer, quoteHash, reportData);
    }

    /// @dev Has the quote of a dispute judged, and slashes those who signed for it if it was never true.
    function _dispute(
        Record storage record,
        bytes32 quoteHash,
        bytes32 reportData,
        Dispute calldata facts
    ) private returns (Standing standing) {
        bytes24 commitment = bytes24(keccak256(abi.encode(reportData, facts.attestation, facts.basis, facts.signers)));
        if (commitment != record.commitment) revert QuorumVerifierWrongCommitment(record.commitment, commitment);
        _checkQuote(facts.quote, quoteHash);
        // This is final, and the signers have paid: nobody pays twice.
        if (record.disproven) return Standing.Disproven;

        standing = _verdictOf(reportData, facts);
        uint256 slashed;
        if (standing == Standing.Disproven) {
            record.disproven = true;
            // Showing it too late does not undo that it was withheld: the provider answers for that, besides the
            // signers.
            if (record.standing != Standing.Withheld) record.standing = standing;
            if (block.timestamp <= record.vouchedAt + disputePeriod) {
                for (uint256 i = 0; i < facts.signers.length; ++i) slashed += validators.slash(facts.signers[i]);
            }
        }
        emit QuoteJudged(msg.sender, quoteHash, reportData, standing, slashed);
    }

    /// @dev Refuses bytes of which the judge can make nothing: they show nobody what was vouched for. The judge disproves of
    /// every quote that it says nothing, unless it cannot read it.
    function _checkReadable(bytes calldata quote, bytes32 quoteHash) private view {
        Attestation memory nothing;
        nothing.quoteHash = quoteHash;
        CollateralBasis memory none;
        Standing standing = _judgement(abi.encodeCall(IQuoteJudge.judge, (quote, "", 0, nothing, none)));
        if (standing != Standing.Disproven) revert QuorumVerifierUnreadableQuote(quoteHash);
    }

    /// @dev Returns what the judge says of a dispute.
    function _verdictOf(bytes32 reportData, Dispute calldata facts) private view returns (Standing) {
        return
            _judgement(
                abi.encodeCall(
                    IQuoteJudge.judge,
                    (facts.quote, facts.evidence, reportData, facts.attestation, facts.basis)
                )
            );
    }

    /// @dev Returns the judge's answer to a question of {IQuoteJudge-judge}.
    function _judgement(bytes memory question) private view returns (Standing) {
        bytes memory answer = _ask(question, 0x20);
        uint256 verdict = abi.decode(answer, (uint256));
        if (verdict == uint256(Standing.Undecided)) return Standing.Undecided;
        if (verdict == uint256(Standing.Holds)) return Standing.Holds;
        if (verdict == uint256(Standing.Disproven)) return Standing.Disproven;
        revert QuorumVerifierJudgeFailed(answer);
    }

    /// @dev Asks the judge, by a low-level call, because `try` does not catch an answer that cannot be decoded.
    function _ask(bytes memory question, uint256 size) private view returns (bytes memory answer) {
        bool success;
        (success, answer) = address(judge).staticcall(question);
        if (!success || answer.length != size) revert QuorumVerifierJudgeFailed(answer);
    }

    function _withhold(bytes32 key, address consumer, bytes32 quoteHash, bytes32 reportData) private {
        _records[key].standing = Standing.Withheld;
        emit QuoteWithheld(consumer, quoteHash, reportData);
        _returnBond(key);
    }

    /// @dev Ends the demand, if one is open, and releases its bond.
    function _returnBond(bytes32 key) private {
        address demander = _demands[key].demander;
        if (demander == address(0)) return;
        delete _demands[key];
        vault.unlock(demander, demandBond);
    }

    function _existing(
        bytes32 key,
        address consumer,
        bytes32 quoteHash,
        bytes32 reportData
    ) private view returns (Record storage record) {
        record = _records[key];
        if (record.vouchedAt == 0) revert QuorumVerifierUnknownQuote(consumer, quoteHash, reportData);
    }

    /// @dev Unix seconds of the last second in which the open demand can be answered; 0 if none is open.
    function _answerBy(bytes32 key) private view returns (uint256) {
        uint256 demandedAt = _demands[key].demandedAt;
        return demandedAt == 0 ? 0 : demandedAt + ANSWER_PERIOD;
    }

    function _demandedUntil(bytes32 key, bytes32 quoteHash) private view returns (uint256 answerBy) {
        answerBy = _answerBy(key);
        if (answerBy == 0) revert QuorumVerifierNoDemand(quoteHash);
    }

    /// @dev Passes on the signatures exactly as they are in the evidence, including the offsets, instead of encoding
    /// them again. If the validator set cannot decode them, it reverts without data.
    function _checkQuorum(bytes32 digest, uint256 first, bytes calldata evidence) private view {
        uint256 start = first - 0x20;
        uint256 end;
        assembly ("memory-safe") {
            end := add(evidence.offset, evidence.length)
        }
        // The array's count precedes its elements, and the evidence ends with what they point at.
        if (!QuorumCall.check(validators, digest, block.number, start, end))
            revert CalldataAbi.CalldataAbiMalformed(start);
    }

    function _vouchDigest(
        address consumer,
        bytes32 reportData,
        Attestation memory attestation,
        CollateralBasis calldata basis
    ) private view returns (bytes32) {
        bytes32 attestationHash;
        // In memory the ten fields are laid out as by `abi.encode`: one word each, and none is dynamic.
        assembly ("memory-safe") {
            attestationHash := keccak256(attestation, 0x140)
        }
        return _hashTypedDataV4(keccak256(abi.encode(VOUCH_TYPEHASH, consumer, reportData, attestationHash, basis)));
    }

    /// @dev Refuses an attestation that nobody can vouch for.
    function _checkAttestation(Attestation memory attestation) private view {
        if (attestation.quoteHash == 0 || attestation.mrEnclave == 0 || attestation.platformId == 0) {
            revert QuorumVerifierEmptyAttestation(attestation.quoteHash);
        }
        TcbStatus status = attestation.tcbStatus;
        if (status == TcbStatus.None || status == TcbStatus.Revoked) {
            revert QuorumVerifierInvalidStatus(uint8(status));
        }
        if (attestation.validUntil <= block.timestamp) revert QuorumVerifierLapsed(attestation.validUntil);
    }

    /// @dev Refuses collateral that the store knows to be out of date. Whoever signs it fetched it; but whoever is to be
    /// judged by it may have had a hand in which it is.
    function _checkBasis(CollateralBasis calldata basis) private view {
        (uint16 floor, uint40 rootCrlIssuedAt, uint40 pckCrlIssuedAt) = store.listsOf(basis.ca);
        if (basis.evaluationNumber < floor) revert QuorumVerifierBelowFloor(basis.evaluationNumber, floor);
        _checkIssued(basis.rootCrlIssuedAt, rootCrlIssuedAt);
        _checkIssued(basis.pckCrlIssuedAt, pckCrlIssuedAt);
    }

    /// @dev A newer list may have reached the store since the validators signed.
    function _checkIssued(uint256 issuedAt, uint256 stored) private pure {
        // Both are Unix seconds in 40 bits.
        unchecked {
            if (issuedAt + LIST_TOLERANCE < stored) revert QuorumVerifierOldList(issuedAt, stored);
        }
    }

    function _checkQuote(bytes calldata quote, bytes32 quoteHash) private pure {
        bytes32 actual = keccak256(quote);
        if (actual != quoteHash) revert QuorumVerifierWrongQuote(quoteHash, actual);
    }

    function _keyOf(address consumer, bytes32 quoteHash, bytes32 reportData) private pure returns (bytes32) {
        return keccak256(abi.encode(consumer, quoteHash, reportData));
    }

    /// @dev Reads the evidence of a dispute in place.
    function _toDispute(bytes calldata evidence) private pure returns (Dispute calldata facts) {
        uint256 position = QuorumEvidence.disputeAt(evidence);
        assembly ("memory-safe") {
            facts := position
        }
    }
}
