// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IHardwareCatalog} from "./IHardwareCatalog.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {Standing, TcbStatus} from "../types/Attestation.sol";
import {
    Enclave,
    EnclaveTerms,
    EndReason,
    Node,
    OrderTerms,
    Platform,
    QuoteBinding,
    VerifierKind
} from "../types/Node.sol";

/// @title INodeRegistry
/// @notice Providers' nodes: hardware, price, gateway URL, attestation and how long it holds.
///
/// @dev A node is declared first (hardware, units, price, URL, stake locked), then attested by a quote whose report data begins
/// with {reportDataOf} and ends with 32 zero bytes. The quote is fresh, because it names a recent block, and serves once, because
/// the node's nonce moves on. Platform, measurement and enclave key never change on re-attestation; a change is a new node.
///
/// A block is recent when it is not older than the checkpoint: a block recorded by this contract at most an hour ago. Declaring
/// and attesting record one; {checkpoint} does where the network is quiet. The block's hash comes from `BLOCKHASH`, or beyond 256 blocks
/// from the history contract of EIP-2935.
///
/// A node is live from its attestation until the attestation lapses or the node ends. An attestation covers the enclave; it
/// says nothing of a container beside it nor of a GPU's memory.
interface INodeRegistry {
    /// @notice The registry's bounds and periods, fixed at deployment.
    /// @param epochLength Seconds of an epoch, 60 to 86,400; a takeover takes one, an exit ends with the next.
    /// @param powerShareBps Share of the catalog's rate that a node must show, in basis points, 1 to 10,000.
    /// @param releaseDelay Seconds between a node's end and the release of its stake, 1 to 365 days; longer than late evidence can
    /// take.
    struct Parameters {
        uint40 epochLength;
        uint16 powerShareBps;
        uint40 releaseDelay;
    }

    /// @notice What governance sets.
    /// @param minimumStake Token base units locked when a node is declared, at least 1.
    /// @param maximumAge Seconds after which an attestation lapses at the latest, 1 hour to 90 days, and more than two epochs, so
    /// that it can outlast a takeover.
    /// @param acceptedStatuses Bit `i` set: TCB status `i` is accepted for attesting and for new orders. `UpToDate` always is,
    /// `None` and `Revoked` never are.
    /// @param graceStatuses Statuses with which a node that was attested before may still re-attest until `graceUntil`, while it takes
    /// no new orders: a demotion that is announced ahead. `None` and `Revoked` never are.
    /// @param graceUntil Unix seconds at which the grace ends, at most 180 days after the policy was set; attestations under it lapse
    /// then at the latest.
    /// @param paused Whether declaring and first attestations are paused. Re-attesting never is.
    struct Policy {
        uint96 minimumStake;
        uint40 maximumAge;
        uint8 acceptedStatuses;
        uint8 graceStatuses;
        uint40 graceUntil;
        bool paused;
    }

    /// @notice A node was declared.
    event NodeDeclared(
        uint256 indexed nodeId,
        address indexed provider,
        uint256 indexed modelId,
        uint16 units,
        uint128 ratePerUnit,
        uint40 requiredRate,
        uint128 stake,
        string url
    );
    /// @notice A node was attested, first or again. The `i`th time, from 0, its nonce was `nodeId << 32 | i`, and `blockNumber` is the
    /// block of the quote's binding. Enclave key, measurement and, for a challenger, when it goes live stand in {getNode}.
    event NodeAttested(
        uint256 indexed nodeId,
        bytes32 indexed quoteHash,
        bytes32 indexed platformId,
        address verifier,
        uint256 blockNumber,
        TcbStatus tcbStatus,
        uint256 validUntil
    );
    /// @notice A node's newest attestation was judged anew, by what is known now.
    event NodeRechecked(uint256 indexed nodeId, Standing standing, TcbStatus tcbStatus);
    /// @notice One of a node's quotes was disputed.
    event NodeDisputed(uint256 indexed nodeId, bytes32 indexed quoteHash, Standing standing);
    /// @notice A node ends at `endsAt`.
    event NodeEnded(uint256 indexed nodeId, EndReason reason, uint256 endsAt);
    /// @notice A fresher quote of the same platform: the incumbent re-attests before `takeoverAt` or ends.
    event TakeoverOpened(
        bytes32 indexed platformId,
        uint256 indexed incumbentId,
        uint256 indexed challengerId,
        uint256 takeoverAt
    );
    /// @notice The takeover failed, because the incumbent re-attested or the challenger ended. The challenger's attestation is void,
    /// and the end that the takeover set for the incumbent is cleared.
    event TakeoverRepelled(bytes32 indexed platformId, uint256 indexed incumbentId, uint256 indexed challengerId);
    /// @notice A node's provider was slashed of its node stake.
    event NodeStakeSlashed(uint256 indexed nodeId, uint256 amount);
    /// @notice A node's stake was released.
    event NodeStakeReleased(uint256 indexed nodeId, uint256 amount);
    /// @notice A node's listed price changed, for new orders.
    event RateSet(uint256 indexed nodeId, uint128 ratePerUnit);
    /// @notice A node's gateway URL changed.
    event UrlSet(uint256 indexed nodeId, string url);
    /// @notice A block was recorded for the freshness of quotes.
    event Checkpointed(uint256 blockNumber, uint256 timestamp);
    /// @notice Governance listed or delisted a verifier.
    event VerifierSet(address indexed verifier, VerifierKind kind);
    /// @notice Governance allowed an enclave.
    event EnclaveAllowed(
        uint256 indexed enclaveId,
        bytes32 measurement,
        bool bySigner,
        uint16 isvProdId,
        uint16 minIsvSvn
    );
    /// @notice Governance removed an enclave; its nodes end at their own `validUntil`.
    event EnclaveRemoved(uint256 indexed enclaveId);
    /// @notice Governance changed the policy.
    event PolicySet(Policy policy);

    /// @notice The id names no node.
    error NodeRegistryUnknownNode(uint256 nodeId);
    /// @notice The caller is not the node's provider.
    error NodeRegistryUnauthorized(uint256 nodeId, address caller);
    /// @notice Declaring and first attestations are paused.
    error NodeRegistryPaused();
    /// @notice Units of zero.
    error NodeRegistryInvalidUnits(uint16 units);
    /// @notice A listed rate of zero.
    error NodeRegistryInvalidRate(uint128 ratePerUnit);
    /// @notice A URL that is empty or longer than 256 bytes.
    error NodeRegistryInvalidUrl(uint256 length);
    /// @notice The power to show would be zero or beyond 2^40-1 hashes per second.
    error NodeRegistryInvalidRequiredRate(uint256 requiredRate);
    /// @notice The node has ended, or its end is set and cannot be moved by this call.
    error NodeRegistryEnded(uint256 nodeId, uint256 endedAt);
    /// @notice The verifier is not listed.
    error NodeRegistryUnknownVerifier(address verifier);
    /// @notice The node's newest attestation was verified on chain, which orders may rest on; a quorum's word would be less.
    error NodeRegistryWeakerVerifier(uint256 nodeId, address verifier);
    /// @notice The enclave key is zero, or not the one of the first attestation.
    error NodeRegistryWrongEnclaveKey(uint256 nodeId, address expected, address actual);
    /// @notice The measurement is not the one of the first attestation.
    error NodeRegistryWrongMeasurement(uint256 nodeId, bytes32 expected, bytes32 actual);
    /// @notice The platform is held by another node of the same provider, which cannot take over from itself: exit that one first.
    error NodeRegistryPlatformHeld(bytes32 platformId, uint256 holderId);
    /// @notice The node was attested on another platform before.
    error NodeRegistryWrongPlatform(uint256 nodeId, bytes32 platformId);
    /// @notice The platform was taken over less than a day ago, or a takeover runs.
    error NodeRegistryTakeoverTooSoon(bytes32 platformId, uint256 possibleAt);
    /// @notice The enclave is not on the allow-list.
    error NodeRegistryEnclaveNotAllowed(bytes32 mrEnclave, bytes32 mrSigner, uint16 isvProdId, uint16 isvSvn);
    /// @notice The TCB status is not accepted.
    error NodeRegistryStatusNotAccepted(TcbStatus tcbStatus);
    /// @notice The attestation has lapsed already, or lapses before the takeover that it would open.
    error NodeRegistryLapsed(uint256 validUntil);
    /// @notice The quote's block is older than the oldest recent checkpoint; 0 when there is none: record one and quote again.
    error NodeRegistryStaleBlock(uint256 blockNumber, uint256 oldest);
    /// @notice The chain does not give the block's hash (any more).
    error NodeRegistryUnknownBlock(uint256 blockNumber);
    /// @notice The node was never attested, or not with this binding's nonce.
    error NodeRegistryNotAttested(uint256 nodeId);
    /// @notice What was judged is not what the node's newest attestation rests on.
    error NodeRegistryWrongSubject(uint256 nodeId, bytes32 platformId, bytes32 subject);
    /// @notice The stake is still locked for late evidence; 0 when the node has not ended.
    error NodeRegistryStillLocked(uint256 nodeId, uint256 releasableAt);
    /// @notice The node holds no stake any more.
    error NodeRegistryNoStake(uint256 nodeId);
    /// @notice The enclave entry is unknown or removed.
    error NodeRegistryUnknownEnclave(uint256 enclaveId);
    /// @notice The measurement is zero, or listed already under `enclaveId`.
    error NodeRegistryInvalidEnclave(bytes32 measurement, uint256 enclaveId);
    /// @notice A parameter breaks its bound, or the treasury is an account that the vault cannot credit.
    error NodeRegistryInvalidParameter(uint256 value, uint256 limit);

    /// @notice The vault that holds nodes' stake. Immutable.
    function vault() external view returns (IStakeVault);

    /// @notice The hardware models. Immutable.
    function catalog() external view returns (IHardwareCatalog);

    /// @notice Where slashed node stake goes. Immutable.
    function treasury() external view returns (address);

    /// @notice Seconds of an epoch. Immutable.
    function epochLength() external view returns (uint256);

    /// @notice Share of the catalog's rate that a node must show, in basis points. Immutable.
    function powerShareBps() external view returns (uint256);

    /// @notice Seconds between a node's end and the release of its stake. Immutable.
    function releaseDelay() external view returns (uint256);

    /// @notice What governance has set.
    function policy() external view returns (Policy memory);

    /// @notice How many nodes were declared; ids run from 1 to this.
    function nodeCount() external view returns (uint256);

    /// @notice How many enclave entries there are; ids run from 1 to this.
    function enclaveCount() external view returns (uint256);

    /// @notice A node as stored.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function getNode(uint256 nodeId) external view returns (Node memory);

    /// @notice A node's gateway URL.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function urlOf(uint256 nodeId) external view returns (string memory);

    /// @notice An enclave entry.
    /// @dev Errors: {NodeRegistryUnknownEnclave}.
    function getEnclave(uint256 enclaveId) external view returns (Enclave memory);

    /// @notice Who holds a platform now; a takeover whose time has come is through, whether or not anybody has touched it since.
    function getPlatform(bytes32 platformId) external view returns (Platform memory);

    /// @notice What kind of verifier an address is listed as.
    function verifierKindOf(address verifier) external view returns (VerifierKind);

    /// @notice The verifier that accepted a node's newest quote, and what it was listed as then; zero before the first.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function verifierOf(uint256 nodeId) external view returns (address verifier, VerifierKind kind);

    /// @notice The oldest block that a quote may name now; 0 when a checkpoint must be recorded first.
    function oldestBlock() external view returns (uint256);

    /// @notice The nonce that the node's next quote must carry: `nodeId << 32 | attestations`.
    function nonceOf(uint256 nodeId) external view returns (uint256);

    /// @notice The first 32 bytes of the report data that bind a quote to this registration: `keccak256(abi.encode(domain, chainId,
    /// registry, provider, enclaveKey, nonce, blockNumber, blockHash))`; the other 32 are zero.
    function reportDataOf(
        address provider,
        address enclaveKey,
        QuoteBinding calldata binding
    ) external view returns (bytes32);

    /// @notice Whether the node's attestation holds and the node has not ended. Only a live node proves anything.
    function isLive(uint256 nodeId) external view returns (bool);

    /// @notice Unix seconds at which the node ends or ended; the largest uint256 while no end is set. A node whose allow-list
    /// entry was removed ends at its own `validUntil`, or at the removal if it had lapsed before.
    /// @dev Once in the past it never changes.
    function endOf(uint256 nodeId) external view returns (uint256);

    /// @notice What a challenge needs: the enclave key, zero when the node is not live, and the hash rate to show.
    function proofTermsOf(uint256 nodeId) external view returns (address enclaveKey, uint256 requiredRate);

    /// @notice The measurement that a node was first attested with; zero before. Never changes.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function measurementOf(uint256 nodeId) external view returns (bytes32 mrEnclave);

    /// @notice A node's owner. Never changes.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function providerOf(uint256 nodeId) external view returns (address);

    /// @notice Why a node ends, as recorded; `None` while no end is set. A delisting shows once the node's stake is released.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function endReasonOf(uint256 nodeId) external view returns (EndReason);

    /// @notice What use of data and a result need.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function enclaveTermsOf(uint256 nodeId) external view returns (EnclaveTerms memory);

    /// @notice What a node's first attestation fixed for good: its measurement and its enclave key; zero before.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function identityOf(uint256 nodeId) external view returns (bytes32 mrEnclave, address enclaveKey);

    /// @notice Unix seconds of a node's first attestation; 0 before. Its measurement and enclave key are as old as that.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function attestedAtOf(uint256 nodeId) external view returns (uint256);

    /// @notice What an order needs.
    /// @dev Errors: {NodeRegistryUnknownNode}.
    function orderTermsOf(uint256 nodeId) external view returns (OrderTerms memory);

    /// @notice Declares a node; locks the policy's minimum stake of the caller's free stake, and records a checkpoint.
    /// @dev Emits {NodeDeclared}. Errors: {NodeRegistryPaused}, {NodeRegistryInvalidUnits}, {NodeRegistryInvalidRate},
    /// {NodeRegistryInvalidUrl}, {NodeRegistryInvalidRequiredRate}, the catalog's and the vault's.
    /// @param modelId The hardware model, listed in the catalog.
    /// @param units How many units of it.
    /// @param ratePerUnit Listed price: token base units per unit and second with 12 extra decimals.
    /// @param url Where the node's gateway answers, 1 to 256 bytes.
    /// @return nodeId The new node's id, from 1.
    function declare(
        uint32 modelId,
        uint16 units,
        uint128 ratePerUnit,
        string calldata url
    ) external returns (uint256 nodeId);

    /// @notice Attests a node, first or again. Only its provider.
    ///
    /// A platform without a holder, or whose holder has ended, is the node's at once. One held by another provider's node, live or
    /// lapsed, is taken over in an epoch, or with the incumbent's exit if that is set and later: the incumbent ends then, unless
    /// it re-attests before or the challenger ends. A challenger may renew while it waits.
    ///
    /// A node that was attested on chain stays so: no quorum can attest it any more. Its allow-list entry stays its own for as long as
    /// that allows its enclave.
    /// @dev Emits {NodeAttested}, and {TakeoverOpened} or {TakeoverRepelled}. Errors: {NodeRegistryUnknownNode},
    /// {NodeRegistryUnauthorized}, {NodeRegistryPaused} (first time), {NodeRegistryEnded}, {NodeRegistryUnknownVerifier},
    /// {NodeRegistryWeakerVerifier},
    /// {NodeRegistryStaleBlock}, {NodeRegistryUnknownBlock}, {NodeRegistryEnclaveNotAllowed}, {NodeRegistryStatusNotAccepted},
    /// {NodeRegistryLapsed}, {NodeRegistryWrongEnclaveKey}, {NodeRegistryWrongMeasurement}, {NodeRegistryWrongPlatform},
    /// {NodeRegistryPlatformHeld}, {NodeRegistryTakeoverTooSoon}, {VerifierCall-VerifierCallMalformed}, and the verifier's.
    /// @param nodeId The node.
    /// @param verifier A listed verifier.
    /// @param enclaveKey Address of the key born in the enclave.
    /// @param blockNumber The recent block whose hash is in the report data.
    /// @param evidence What the verifier understands.
    function attest(
        uint256 nodeId,
        address verifier,
        address enclaveKey,
        uint256 blockNumber,
        bytes calldata evidence
    ) external;

    /// @notice Has what a node's newest attestation rests on judged anew, by newer collateral, by the verifier that accepted it. Anyone
    /// may call. `Revoked` ends the node at once and slashes nobody. `Holds` sets the node's TCB status; a worse one stops new
    /// orders and nothing else.
    /// @dev Emits {NodeRechecked}, and {NodeEnded}. Errors: {NodeRegistryUnknownNode}, {NodeRegistryNotAttested},
    /// {NodeRegistryWrongSubject}, and the verifier's.
    /// @param nodeId The node.
    /// @param evidence What the verifier understands.
    function recheck(uint256 nodeId, bytes calldata evidence) external returns (Standing standing);

    /// @notice Disputes a node's quote, newest or older, before the verifier that accepted it. Anyone may call. `Disproven` and
    /// `Withheld` end the node at once, or replace the reason for which it had ended before; only a withheld quote slashes the node's stake. All else changes nothing. A verifier
    /// other than the one that accepted the newest quote may still judge its own record, but moves nothing here: so nobody can
    /// end or slash a node by listing a verifier that says so.
    /// @dev Emits {NodeDisputed}, and {NodeEnded}, {NodeStakeSlashed}. Errors: {NodeRegistryUnknownNode},
    /// {NodeRegistryNotAttested}, {NodeRegistryUnknownVerifier}, and the verifier's.
    /// @param nodeId The node.
    /// @param verifier The verifier that accepted the quote; one delisted since will do.
    /// @param quoteHash The quote.
    /// @param binding What bound the quote to the node; see {NodeAttested}.
    /// @param evidence What the verifier understands.
    function dispute(
        uint256 nodeId,
        address verifier,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        bytes calldata evidence
    ) external returns (Standing standing);

    /// @notice Ends a node with the next epoch, or at once if it was never attested. Only its provider. Takes no orders from now on.
    /// During a takeover the node's end stays the takeover's, and is final.
    /// @dev Emits {NodeEnded}. Errors: {NodeRegistryUnknownNode}, {NodeRegistryUnauthorized}, {NodeRegistryEnded}.
    function exit(uint256 nodeId) external;

    /// @notice Releases the stake of an ended node once late evidence can no longer arrive. Anyone may call.
    /// @dev Emits {NodeStakeReleased}. Errors: {NodeRegistryUnknownNode}, {NodeRegistryStillLocked}, {NodeRegistryNoStake}.
    function release(uint256 nodeId) external;

    /// @notice Changes the listed price, for new orders. Only the provider.
    /// @dev Emits {RateSet}. Errors: {NodeRegistryUnknownNode}, {NodeRegistryUnauthorized}, {NodeRegistryInvalidRate}.
    function setRate(uint256 nodeId, uint128 ratePerUnit) external;

    /// @notice Changes the gateway URL. Only the provider.
    /// @dev Emits {UrlSet}. Errors: {NodeRegistryUnknownNode}, {NodeRegistryUnauthorized}, {NodeRegistryInvalidUrl}.
    function setUrl(uint256 nodeId, string calldata url) external;

    /// @notice Records the current block for the freshness of quotes, unless one was recorded in the last half hour. Anyone may
    /// call; declaring and attesting do so too.
    /// @dev Emits {Checkpointed}.
    function checkpoint() external;

    /// @notice Lists a verifier, or delists it with `None`. Governed. Attestations it gave stay.
    /// @dev Emits {VerifierSet}. Errors: {NodeRegistryUnknownVerifier} for an account without code.
    function setVerifier(address verifier, VerifierKind kind) external;

    /// @notice Allows an enclave by MRENCLAVE. Governed. Only code that makes its key inside belongs here.
    /// @dev Emits {EnclaveAllowed}. Errors: {NodeRegistryInvalidEnclave}.
    function allowEnclave(bytes32 mrEnclave) external returns (uint256 enclaveId);

    /// @notice Allows a signer's product from a security version on. Governed.
    /// @dev Emits {EnclaveAllowed}. Errors: {NodeRegistryInvalidEnclave}.
    function allowSigner(bytes32 mrSigner, uint16 isvProdId, uint16 minIsvSvn) external returns (uint256 enclaveId);

    /// @notice Removes an enclave entry: its nodes take no new orders and end at their own `validUntil`. Governed. Final: allowing
    /// the measurement again makes a new entry.
    /// @dev Emits {EnclaveRemoved}. Errors: {NodeRegistryUnknownEnclave}.
    function removeEnclave(uint256 enclaveId) external;

    /// @notice Sets the policy but for pausing. Governed. Reaches new declarations, attestations and orders only.
    /// @dev Emits {PolicySet}. Errors: {NodeRegistryInvalidParameter}.
    function setPolicy(
        uint96 minimumStake,
        uint40 maximumAge,
        uint8 acceptedStatuses,
        uint8 graceStatuses,
        uint40 graceUntil
    ) external;

    /// @notice Pauses or resumes declarations and first attestations. Guarded, without delay.
    /// @dev Emits {PolicySet}.
    function setPaused(bool paused) external;
}
