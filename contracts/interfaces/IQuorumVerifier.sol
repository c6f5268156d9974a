// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {ICollateralStore} from "./ICollateralStore.sol";
import {IQuoteJudge} from "./IQuoteJudge.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {IValidatorSet} from "./IValidatorSet.sol";
import {Attestation, Standing} from "../types/Attestation.sol";
import {CollateralBasis} from "../types/Collateral.sol";
import {ValidatorSignature} from "../types/Validator.sol";

/// @title IQuorumVerifier
/// @notice An attestation by quote hash: the provider commits to `keccak256(quote)`, and the validators verify the
/// quote off chain and sign what it says. The signatures of two thirds of the stake make it an attestation, as
/// {IValidatorSet-activeStakeAsOf} counts it in the block: with what was displaced and is on its way back. For chains where calldata
/// is expensive.
///
/// @dev Validators sign EIP-712 `Vouch(address consumer,bytes32 reportData,bytes32 attestationHash,bytes32
/// collateralHash,uint16 evaluationNumber,uint8 ca,uint40 rootCrlIssuedAt,uint40 pckCrlIssuedAt)` in this contract's
/// domain, with `attestationHash = keccak256(abi.encode(attestation))` and the fields of the `CollateralBasis`. They fetch
/// the collateral themselves, and it must not fall behind what the judge's store holds: otherwise whoever is to be judged
/// could choose an old set.
///
/// The evidence of {IAttestationVerifier-verify} is `abi.encode(Vouching)`. A vouching is identified by consumer, quote
/// hash and report data together, so that nobody can use one for a registration other than its own. Each serves once;
/// and since a quote has only one report data, there cannot be two true vouchings for the same quote hash. It emits
/// {QuoteVouched}. Requirements:
/// - The evidence has the expected encoding ({CalldataAbi-CalldataAbiMalformed}).
/// - Quote hash, measurement and platform are not zero ({QuorumVerifierEmptyAttestation}).
/// - The TCB status is neither `None` nor `Revoked` ({QuorumVerifierInvalidStatus}).
/// - The attestation has not lapsed ({QuorumVerifierLapsed}).
/// - The collateral's tcbEvaluationDataNumber is at least the store's floor ({QuorumVerifierBelowFloor}).
/// - Neither of its revocation lists was issued more than a day before the store's ({QuorumVerifierOldList}).
/// - The quote hash did not serve this consumer for this report data before ({QuorumVerifierQuoteUsed}).
/// - The signatures are those of a quorum (the errors of {IValidatorSet-checkQuorum}).
///
/// The subject is the quote's hash. The evidence of {IAttestationVerifier-recheck} is `abi.encode(quote, review)`, two
/// `bytes`; the immutable {judge} says how the quote's platform stands by now. Nothing is kept of it, and nobody need
/// have vouched for the quote. Requirements:
/// - The evidence has the expected encoding ({CalldataAbi-CalldataAbiMalformed}).
/// - The judge answers the question ({QuorumVerifierJudgeFailed}).
///
/// The evidence of {IAttestationVerifier-dispute} is empty, to ask for the standing, or `abi.encode(Dispute)`, to have
/// the judge look at the quote. Within {disputePeriod} a disproven vouching slashes everyone who signed it; a quote can
/// be disproven at any time. Only what is false whatever the time slashes; lapsed or newer collateral is `Undecided`.
/// `Disproven` is final. A withheld quote that turns up later can still be disproven, which slashes its signers, and
/// stays withheld. It emits {QuoteJudged}, and {QuoteWithheld} if an open demand was not answered in time.
/// Requirements:
/// - A quorum vouched for the quote to the caller under this report data ({QuorumVerifierUnknownQuote}).
/// - The evidence is empty or has the expected encoding ({CalldataAbi-CalldataAbiMalformed}).
/// - The facts of the dispute are those of the vouching ({QuorumVerifierWrongCommitment}).
/// - The quote is the one that was vouched for ({QuorumVerifierWrongQuote}).
/// - The judge answers the question ({QuorumVerifierJudgeFailed}).
///
/// Whoever cannot see the quote can demand it with a bond ({demandQuote}), as long as those who signed for it can still
/// be slashed. If there is no answer within {answerPeriod}, the quote is `Withheld`. Bytes that the judge cannot read are
/// no answer: they prove nothing against those who signed, but nobody can see in them what was vouched for either.
///
/// The answer to the last demand is due when {disputePeriod} is over, and only then can the quote turn out withheld; so
/// {IAttestationVerifier-disputeTime} is {disputePeriod} and {answerPeriod} together, which leaves as long as an answer
/// to report it.
interface IQuorumVerifier is IAttestationVerifier {
    /// @notice What a quorum signed.
    /// @param attestation What the quote says.
    /// @param basis The collateral that the validators used.
    /// @param signatures The quorum's signatures, in strictly ascending order of the validators' addresses.
    struct Vouching {
        Attestation attestation;
        CollateralBasis basis;
        ValidatorSignature[] signatures;
    }

    /// @notice A quote submitted against a vouching, with the vouching's facts as its event gave them.
    /// @param attestation What the quorum vouched for.
    /// @param basis The collateral that the validators used.
    /// @param signers The validators that signed, in the order of the vouching.
    /// @param quote The quote's 436+S bytes.
    /// @param evidence What the judge needs beside the quote.
    struct Dispute {
        Attestation attestation;
        CollateralBasis basis;
        address[] signers;
        bytes quote;
        bytes evidence;
    }

    /// @notice What is kept of a vouching.
    /// @param commitment The first 24 bytes of `keccak256(abi.encode(reportData, attestation, basis, signers))`; these values are the data of the vouching's event.
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
    /// @param demander The account that posted the bond.
    /// @param demandedAt Unix seconds of the demand; 0 if no demand is open.
    struct Demand {
        address demander;
        uint40 demandedAt;
    }

    /// @notice A quorum vouched for a quote.
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @param attestation What the quorum says that the quote says.
    /// @param basis The collateral that the validators used.
    /// @param signers The validators that signed, in ascending order.
    event QuoteVouched(
        address indexed consumer,
        bytes32 indexed quoteHash,
        bytes32 reportData,
        Attestation attestation,
        CollateralBasis basis,
        address[] signers
    );
    /// @notice A vouching was judged.
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @param standing `Holds`, `Disproven` or `Undecided`.
    /// @param slashed Token base units that the signers lost together.
    event QuoteJudged(
        address indexed consumer,
        bytes32 indexed quoteHash,
        bytes32 reportData,
        Standing standing,
        uint256 slashed
    );
    /// @notice Somebody demands to see a quote.
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @param demander The account that posted the bond.
    /// @param answerBy Unix seconds of the last second in which the quote can be shown.
    event QuoteDemanded(
        address indexed consumer,
        bytes32 indexed quoteHash,
        bytes32 reportData,
        address indexed demander,
        uint256 answerBy
    );
    /// @notice The quote was shown, in the calldata of this transaction.
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @param by The account that showed it.
    event QuoteShown(address indexed consumer, bytes32 indexed quoteHash, bytes32 reportData, address indexed by);
    /// @notice Nobody showed the quote in time.
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    event QuoteWithheld(address indexed consumer, bytes32 indexed quoteHash, bytes32 reportData);

    /// @notice The quote hash served this consumer for this report data before.
    /// @param consumer The caller.
    /// @param quoteHash keccak256 of the quote.
    error QuorumVerifierQuoteUsed(address consumer, bytes32 quoteHash);
    /// @notice Nobody vouched for this quote to this consumer under this report data.
    /// @param consumer The consumer.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The report data.
    error QuorumVerifierUnknownQuote(address consumer, bytes32 quoteHash, bytes32 reportData);
    /// @notice The attestation has a zero quote hash, measurement or platform.
    /// @param quoteHash The attestation's quote hash.
    error QuorumVerifierEmptyAttestation(bytes32 quoteHash);
    /// @notice The attestation's TCB status is `None` or `Revoked`, and nobody can vouch for that.
    /// @param tcbStatus The `TcbStatus` as a number.
    error QuorumVerifierInvalidStatus(uint8 tcbStatus);
    /// @notice The attestation has lapsed.
    /// @param validUntil Unix seconds at which it lapsed.
    error QuorumVerifierLapsed(uint64 validUntil);
    /// @notice The collateral is of a set that no longer counts.
    /// @param evaluationNumber Its tcbEvaluationDataNumber.
    /// @param floor The least that counts.
    error QuorumVerifierBelowFloor(uint16 evaluationNumber, uint16 floor);
    /// @notice The store has had a newer revocation list for more than a day.
    /// @param issuedAt Unix seconds at which the list that the validators used was issued.
    /// @param stored Unix seconds at which the stored one was issued.
    error QuorumVerifierOldList(uint256 issuedAt, uint256 stored);
    /// @notice The dispute's facts are not those of the vouching.
    /// @param expected The vouching's commitment.
    /// @param actual The commitment to the dispute's facts.
    error QuorumVerifierWrongCommitment(bytes24 expected, bytes24 actual);
    /// @notice The bytes are not the quote that was vouched for.
    /// @param expected The vouching's quote hash.
    /// @param actual keccak256 of the bytes.
    error QuorumVerifierWrongQuote(bytes32 expected, bytes32 actual);
    /// @notice The judge failed, or its answer is not one that the question allows.
    /// @param reason What the judge returned, or its revert data.
    error QuorumVerifierJudgeFailed(bytes reason);
    /// @notice The demand comes too late: a quote that were shown now could not be disputed in time.
    /// @param until Unix seconds of the last second in which the quote could be demanded.
    error QuorumVerifierDemandTooLate(uint256 until);
    /// @notice The judge can make nothing of the bytes, so they show nobody what was vouched for.
    /// @param quoteHash keccak256 of the bytes.
    error QuorumVerifierUnreadableQuote(bytes32 quoteHash);
    /// @notice A demand for the quote is open: it can still be answered, or was not reported as withheld yet.
    /// @param answerBy Unix seconds of the last second in which the quote can be shown.
    error QuorumVerifierDemandOpen(uint256 answerBy);
    /// @notice The quote was shown before; everybody can see it.
    /// @param quoteHash keccak256 of the quote.
    error QuorumVerifierAlreadyShown(bytes32 quoteHash);
    /// @notice No demand is open.
    /// @param quoteHash keccak256 of the quote.
    error QuorumVerifierNoDemand(bytes32 quoteHash);
    /// @notice The answer comes too late.
    /// @param answerBy Unix seconds of the last second in which the quote could be shown.
    error QuorumVerifierAnswerTooLate(uint256 answerBy);
    /// @notice The quote's standing is final: it is disproven or withheld.
    /// @param standing Its standing.
    error QuorumVerifierSettled(Standing standing);
    /// @notice The dispute period is not longer than {answerPeriod}, or together with it not shorter than the
    /// validators' exit delay; their activation delay is not longer than {answerPeriod}; or the bond is zero.
    /// @param value The value given: seconds, or token base units.
    /// @param limit The bound that it breaks.
    error QuorumVerifierInvalidParameter(uint256 value, uint256 limit);
    /// @notice The judge has no code.
    /// @param judge The address given.
    error QuorumVerifierInvalidJudge(address judge);

    /// @notice Returns the set of validators. Immutable.
    /// @return The validator set.
    function validators() external view returns (IValidatorSet);

    /// @notice Returns the vault that locks bonds. Immutable.
    /// @return The vault.
    function vault() external view returns (IStakeVault);

    /// @notice Returns the contract that reads the quotes: it judges disputed ones, and reviews any. Immutable.
    /// @return The judge.
    function judge() external view returns (IQuoteJudge);

    /// @notice Returns how long after a vouching its signers can be slashed, the last second included. Immutable.
    /// @return Seconds; more than {answerPeriod}, and together with it less than the validators' exit delay.
    function disputePeriod() external view returns (uint256);

    /// @notice Returns how long a demanded quote can be shown, the last second included.
    /// @return Seconds: one day.
    function answerPeriod() external view returns (uint256);

    /// @notice Returns the judge's store, behind which no vouching may fall. Immutable.
    /// @return The store.
    function store() external view returns (ICollateralStore);

    /// @notice Returns the account that gets the bond when a quote is shown: the validators' treasury. Immutable.
    /// @return The treasury.
    function treasury() external view returns (address);

    /// @notice Returns how much of the demander's free stake a demand locks. It goes to the {treasury} when the quote is
    /// shown, whoever shows it, and back when the quote is withheld or disproven. Immutable.
    /// @return Token base units, 1 to 2^128-1.
    function demandBond() external view returns (uint256);

    /// @notice Returns what is kept of a vouching.
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @return The record; all zero if there is no such vouching.
    function getRecord(address consumer, bytes32 quoteHash, bytes32 reportData) external view returns (Record memory);

    /// @notice Returns the open demand for a quote.
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @return The demand; all zero if none is open.
    function getDemand(address consumer, bytes32 quoteHash, bytes32 reportData) external view returns (Demand memory);

    /// @notice Returns the EIP-712 hash that validators sign to vouch for a quote.
    /// @param consumer The contract that is to have the quote verified.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @param attestation What the quote says; not checked here.
    /// @param basis The collateral that the validators used.
    /// @return The hash.
    function vouchDigest(
        address consumer,
        bytes32 reportData,
        Attestation calldata attestation,
        CollateralBasis calldata basis
    ) external view returns (bytes32);

    /// @notice Demands to see a quote. Locks {demandBond} of the caller's free stake.
    /// @dev Emits {QuoteDemanded}.
    ///
    /// Requirements:
    /// - A quorum vouched for the quote to this consumer under this report data ({QuorumVerifierUnknownQuote}).
    /// - The quote is neither disproven nor withheld ({QuorumVerifierSettled}).
    /// - The quote was not shown on demand before ({QuorumVerifierAlreadyShown}).
    /// - The quote can still be shown and disputed within the dispute period: at most {disputePeriod} less
    /// {answerPeriod} have passed since the vouching ({QuorumVerifierDemandTooLate}).
    /// - No demand is open ({QuorumVerifierDemandOpen}).
    /// - The caller's cap for this contract leaves room for the bond ({IStakeVault-StakeVaultCapExceeded}).
    /// - The caller has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    function demandQuote(address consumer, bytes32 quoteHash, bytes32 reportData) external;

    /// @notice Shows a demanded quote. The demander's bond becomes the {treasury}'s free stake: who has to fear a demand
    /// gets nothing of it, and a demander who shows the quote himself, copied from the answer, gets nothing back. Anyone
    /// may call.
    /// @dev Emits {QuoteShown}.
    ///
    /// Requirements:
    /// - A demand is open ({QuorumVerifierNoDemand}).
    /// - The answer is in time ({QuorumVerifierAnswerTooLate}).
    /// - The bytes hash to `quoteHash` ({QuorumVerifierWrongQuote}).
    /// - The judge can read them ({QuorumVerifierUnreadableQuote}), and answers ({QuorumVerifierJudgeFailed}).
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    /// @param quote The quote's 436+S bytes.
    function showQuote(address consumer, bytes32 quoteHash, bytes32 reportData, bytes calldata quote) external;

    /// @notice Records that a demanded quote was not shown in time, and releases the bond. Anyone may call.
    /// @dev Emits {QuoteWithheld}.
    ///
    /// Requirements:
    /// - A demand is open ({QuorumVerifierNoDemand}).
    /// - The time to answer it is over ({QuorumVerifierDemandOpen}).
    /// @param consumer The contract that had the quote verified.
    /// @param quoteHash keccak256 of the quote.
    /// @param reportData The first 32 bytes of the quote's report data.
    function reportWithheld(address consumer, bytes32 quoteHash, bytes32 reportData) external;
}
