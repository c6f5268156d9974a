// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IQuoteJudge} from "./IQuoteJudge.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {IValidatorSet} from "./IValidatorSet.sol";
import {Attestation, Standing} from "../types/Attestation.sol";
import {ValidatorSignature} from "../types/Validator.sol";

/// @title IQuorumVerifier
/// @notice An attestation by quote hash: the provider commits to `keccak256(quote)`, validators verify the quote off chain
/// and sign; two thirds of the active stake make it an attestation. For chains where calldata is dear.
/// @dev What is signed is EIP-712 `Vouch(address consumer,bytes32 reportData,bytes32 attestationHash,bytes32 collateralHash)` in
/// this contract's domain, with `attestationHash = keccak256(abi.encode(attestation))`.
///
/// Evidence of {IAttestationVerifier-verify}: `abi.encode(Vouching)`. A vouching is known by consumer, quote hash and report
/// data together, so that nobody can hold one against another registration than its own. Each serves once; and since a quote
/// has only one report data, a true vouching cannot be had for the same quote hash twice.
///
/// The subject is the quote's hash. Evidence of {IAttestationVerifier-recheck}: `abi.encode(quote, review)`, two `bytes`; the
/// immutable {judge} says how the quote's platform stands by now, and its refusal is {QuorumVerifierJudgeFailed}. Nothing is
/// kept of it, and nobody need have vouched for the quote.
///
/// Evidence of {IAttestationVerifier-dispute}: empty, to ask how things stand, or `abi.encode(Dispute)` to have the judge look at
/// the quote. Within {disputePeriod} a disproven vouching slashes everyone who signed it, and a disproven quote counts at any
/// time. Only what is false whatever the time slashes; lapsed or newer collateral is `Undecided`. `Disproven` is final; a withheld
/// quote that turns up after all can still be disproven, which slashes its signers, and stays withheld.
///
/// Evidence that is not the encoding expected reverts with {CalldataAbi-CalldataAbiMalformed}.
///
/// If nobody can see the quote, {demandQuote} with a bond: no answer within {answerPeriod} makes the quote `Withheld`.
interface IQuorumVerifier is IAttestationVerifier {
    /// @notice What a quorum signed.
    /// @param attestation What the quote says.
    /// @param collateralHash Hash of the collateral that the validators used, the signatures of its two JSON documents included; see {IQuoteJudge-judge}.
    /// @param signatures The quorum's signatures, by strictly ascending validator address.
    struct Vouching {
        Attestation attestation;
        bytes32 collateralHash;
        ValidatorSignature[] signatures;
    }

    /// @notice A quote handed in against a vouching, with what the vouching was, as its event told.
    /// @param attestation What the quorum vouched for.
    /// @param collateralHash Hash of the collateral that the validators used, signatures included.
    /// @param signers Who signed, in the order of the vouching.
    /// @param quote The quote's 436+S bytes.
    /// @param evidence What the judge needs beside the quote.
    struct Dispute {
        Attestation attestation;
        bytes32 collateralHash;
        address[] signers;
        bytes quote;
        bytes evidence;
    }

    /// @notice What is kept of a vouching.
    /// @param commitment The first 24 bytes of `keccak256(abi.encode(reportData, attestation, collateralHash, signers))`, which are
    /// the data of the vouching's event.
    /// @param vouchedAt Unix seconds of the verification.
    /// @param standing `Holds` until something else is proven.
    /// @param answered Whether a demand was answered; the quote cannot be demanded again.
    /// @param disproven Whether the judge found the vouching false, and its signers have answered for it.
    struct Record {
        bytes24 commitment;
        uint40 vouchedAt;
        Standing standing;
        bool answered;
        bool disproven;
    }

    /// @notice A demand to see a quote.
    /// @param demander Who posted the bond.
    /// @param demandedAt Unix seconds of the demand; 0 while none is open.
    struct Demand {
        address demander;
        uint40 demandedAt;
    }

    /// @notice A quorum vouched for a quote.
    event QuoteVouched(
        address indexed consumer,
        bytes32 indexed quoteHash,
        bytes32 reportData,
        Attestation attestation,
        bytes32 collateralHash,
        address[] signers
    );
    /// @notice A vouching was judged. `slashed` is what its signers lost together.
    event QuoteJudged(
        address indexed consumer,
        bytes32 indexed quoteHash,
        bytes32 reportData,
        Standing standing,
        uint256 slashed
    );
    /// @notice Somebody demands to see a quote.
    event QuoteDemanded(
        address indexed consumer,
        bytes32 indexed quoteHash,
        bytes32 reportData,
        address indexed demander,
        uint256 answerBy
    );
    /// @notice The quote was shown, in the calldata of this transaction.
    event QuoteShown(address indexed consumer, bytes32 indexed quoteHash, bytes32 reportData, address indexed by);
    /// @notice Nobody showed the quote in time.
    event QuoteWithheld(address indexed consumer, bytes32 indexed quoteHash, bytes32 reportData);

    /// @notice The quote hash served this consumer for this report data before.
    error QuorumVerifierQuoteUsed(address consumer, bytes32 quoteHash);
    /// @notice No vouching for this consumer, quote hash and report data.
    error QuorumVerifierUnknownQuote(address consumer, bytes32 quoteHash, bytes32 reportData);
    /// @notice The attestation is empty: a zero quote hash, measurement or platform.
    error QuorumVerifierEmptyAttestation(bytes32 quoteHash);
    /// @notice The attestation's status is `None` or `Revoked`, which nobody can vouch for.
    error QuorumVerifierInvalidStatus(uint8 tcbStatus);
    /// @notice The attestation has lapsed.
    error QuorumVerifierLapsed(uint64 validUntil);
    /// @notice The dispute's facts are not those of the vouching.
    error QuorumVerifierWrongCommitment(bytes24 expected, bytes24 actual);
    /// @notice The bytes are not the quote that was vouched for.
    error QuorumVerifierWrongQuote(bytes32 expected, bytes32 actual);
    /// @notice The judge did not answer, or with what is no answer to the question; the reason is what it said.
    error QuorumVerifierJudgeFailed(bytes reason);
    /// @notice The quote has been demanded already, and not yet answered or withheld.
    error QuorumVerifierDemandOpen(uint256 answerBy);
    /// @notice The quote was shown before; everybody can see it.
    error QuorumVerifierAlreadyShown(bytes32 quoteHash);
    /// @notice No demand is open.
    error QuorumVerifierNoDemand(bytes32 quoteHash);
    /// @notice The answer comes too late.
    error QuorumVerifierAnswerTooLate(uint256 answerBy);
    /// @notice The record is settled: the quote is disproven or withheld.
    error QuorumVerifierSettled(Standing standing);
    /// @notice A dispute period of at most {answerPeriod}, or with it not shorter than the exit delay; or a bond of zero or beyond
    /// 2^128-1.
    error QuorumVerifierInvalidParameter(uint256 value, uint256 limit);
    /// @notice The judge is no contract.
    error QuorumVerifierInvalidJudge(address judge);

    /// @notice The validators. Immutable.
    function validators() external view returns (IValidatorSet);

    /// @notice The vault that locks bonds. Immutable.
    function vault() external view returns (IStakeVault);

    /// @notice Who reads the quotes: judges disputed ones, and reviews any. Immutable.
    function judge() external view returns (IQuoteJudge);

    /// @notice Seconds after a vouching in which its signers can be slashed, the last included. Immutable; longer than
    /// {answerPeriod}, and together with it shorter than the validators' exit delay.
    function disputePeriod() external view returns (uint256);

    /// @notice Seconds in which a demanded quote must be shown: one day. The last of them still counts.
    function answerPeriod() external view returns (uint256);

    /// @notice Token base units of the demander's free stake that a demand locks; they pay whoever shows the quote. Immutable.
    function demandBond() external view returns (uint256);

    /// @notice What is kept of a vouching; all zero when there is none.
    function getRecord(address consumer, bytes32 quoteHash, bytes32 reportData) external view returns (Record memory);

    /// @notice The open demand for a quote; all zero when there is none.
    function getDemand(address consumer, bytes32 quoteHash, bytes32 reportData) external view returns (Demand memory);

    /// @notice The digest that validators sign.
    function vouchDigest(
        address consumer,
        bytes32 reportData,
        Attestation calldata attestation,
        bytes32 collateralHash
    ) external view returns (bytes32);

    /// @notice Demands to see a quote. Locks {demandBond} of the caller's free stake.
    /// @dev Emits {QuoteDemanded}. Errors: {QuorumVerifierUnknownQuote}, {QuorumVerifierSettled}, {QuorumVerifierAlreadyShown},
    /// {QuorumVerifierDemandOpen}, and the vault's.
    function demandQuote(address consumer, bytes32 quoteHash, bytes32 reportData) external;

    /// @notice Shows a demanded quote; the bond becomes the caller's free stake.
    /// @dev Emits {QuoteShown}. Errors: {QuorumVerifierNoDemand}, {QuorumVerifierAnswerTooLate}, {QuorumVerifierWrongQuote}.
    function showQuote(address consumer, bytes32 quoteHash, bytes32 reportData, bytes calldata quote) external;

    /// @notice Records that a demanded quote was not shown in time and gives the bond back. Anyone may call.
    /// @dev Emits {QuoteWithheld}. Errors: {QuorumVerifierNoDemand}, {QuorumVerifierDemandOpen}.
    function reportWithheld(address consumer, bytes32 quoteHash, bytes32 reportData) external;
}
