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
/// @notice Providers' nodes: their hardware, price, gateway URL and attestation, and how long the attestation holds.
///
/// @dev A provider first declares a node (hardware, units, price, URL, locked stake) and then attests it with a quote
/// whose report data begins with {reportDataOf} and ends with 32 zero bytes. The quote is fresh, because it names a
/// recent block, and it can be used only once, because the node's nonce moves on. A re-attestation never changes the
/// platform, the measurement or the enclave key; a node with another one is a new node.
///
/// A block is recent if it is not older than the checkpoint: a block that this contract recorded at most an hour ago.
/// Declaring and attesting record a checkpoint; {checkpoint} records one where the network is quiet. The block's hash
/// comes from `BLOCKHASH` or, for blocks more than 256 back, from the history contract of EIP-2935.
///
/// A node is live from its attestation until the attestation lapses or the node ends. An attestation covers the enclave
/// only: it says nothing about a container beside the enclave or about a GPU's memory.
interface INodeRegistry {
    /// @notice The registry's periods and shares, fixed at deployment.
    /// @param epochLength Length of an epoch in seconds, 60 to 86,400. An exit ends with the next one, and a takeover
    /// takes as long at the least.
    /// @param powerShareBps Share of the catalog's hash rate that a node must prove, in basis points, 1 to 10,000.
    /// @param releaseDelay Seconds between a node's end and the release of its stake, more than `revocationDelay` and
    /// at most 365 days. It must be longer than late evidence can take.
    /// @param revocationDelay Seconds for which a node that Intel has revoked is only suspended, 1 day to 7 days: long
    /// enough for Intel to take back a mistake, and for somebody to bring that to the chain.
    struct Parameters {
        uint40 epochLength;
        uint16 powerShareBps;
        uint40 releaseDelay;
        uint40 revocationDelay;
    }

    /// @notice The settings that governance can change.
    /// @param minimumStake Token base units that declaring a node locks, at least 1.
    /// @param maximumAge Seconds after which an attestation lapses at the latest: 1 hour to 90 days, and more than two
    /// epochs, so that an attestation can outlast a takeover.
    /// @param acceptedStatuses Bit `i` set means that TCB status `i` is accepted for attesting and for new orders.
    /// `UpToDate` is always accepted; `None` and `Revoked` never are.
    /// @param graceStatuses Bit `i` set means that a node that was attested before may re-attest with TCB status `i`
    /// until `graceUntil`, although it takes no new orders: a demotion that is announced in advance. Never `None` or
    /// `Revoked`.
    /// @param graceUntil Unix seconds at which the grace ends, at most 180 days after the policy was set. An
    /// attestation under the grace lapses then at the latest.
    /// @param paused Whether declarations and first attestations are paused. Re-attestations never are.
    struct Policy {
        uint96 minimumStake;
        uint40 maximumAge;
        uint8 acceptedStatuses;
        uint8 graceStatuses;
        uint40 graceUntil;
        bool paused;
    }

    /// @notice A node was declared.
    /// @param nodeId The node's id, from 1.
    /// @param provider The node's owner.
    /// @param modelId The hardware model's id in the catalog, from 1.
    /// @param units How many units of the model the node offers, at least 1.
    /// @param ratePerUnit The listed price of one unit: token base units per second with 12 extra decimals.
    /// @param requiredRate Hashes per second that the node must prove, at least 1.
    /// @param stake Token base units of the provider's stake that were locked for the node.
    /// @param url Where the node's gateway answers, 1 to 256 bytes.
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
    /// @notice A node was attested, for the first time or again. The nonce of its `i`th attestation, counted from 0,
    /// was `nodeId << 32 | i`. {getNode} returns the enclave key, the measurement and, for a challenger, when it goes
    /// live.
    /// @param nodeId The node.
    /// @param quoteHash The quote's hash, as the verifier names it (see `Attestation`).
    /// @param platformId keccak256 of the platform's PPID.
    /// @param verifier The verifier that accepted the quote.
    /// @param blockNumber The block in the quote's binding.
    /// @param tcbStatus The platform's TCB status at the attestation.
    /// @param validUntil Unix seconds at which the attestation lapses.
    /// @param launch How the enclave was launched (see `Attestation`); {recheck} takes it.
    event NodeAttested(
        uint256 indexed nodeId,
        bytes32 indexed quoteHash,
        bytes32 indexed platformId,
        address verifier,
        uint256 blockNumber,
        TcbStatus tcbStatus,
        uint256 validUntil,
        bytes20 launch
    );
    /// @notice A node's newest attestation was judged again, by what is known now.
    /// @param nodeId The node.
    /// @param standing How the attestation stands now.
    /// @param tcbStatus The platform's TCB status now; `None` if it was not judged.
    event NodeRechecked(uint256 indexed nodeId, Standing standing, TcbStatus tcbStatus);
    /// @notice A node was suspended, because its verifier calls its platform, CA, TCB level or quoting enclave revoked.
    /// @param nodeId The node.
    /// @param endableAt Unix seconds from which a recheck that still says so ends the node.
    event NodeSuspended(uint256 indexed nodeId, uint256 endableAt);
    /// @notice A node's suspension is over: a recheck said `Holds`, or the node was attested again.
    /// @param nodeId The node.
    event SuspensionLifted(uint256 indexed nodeId);
    /// @notice One of a node's quotes was disputed.
    /// @param nodeId The node.
    /// @param quoteHash The disputed quote's hash.
    /// @param standing How the verifier answered.
    event NodeDisputed(uint256 indexed nodeId, bytes32 indexed quoteHash, Standing standing);
    /// @notice A node's end, or the reason for it, was set.
    /// @param nodeId The node.
    /// @param reason Why the node ends.
    /// @param endsAt Unix seconds at which the node ends or ended.
    event NodeEnded(uint256 indexed nodeId, EndReason reason, uint256 endsAt);
    /// @notice Another node attested a platform that is held: the incumbent re-attests before `takeoverAt`, or it ends
    /// then.
    /// @param platformId keccak256 of the platform's PPID.
    /// @param incumbentId The node that holds the platform.
    /// @param challengerId The node that takes the platform over.
    /// @param takeoverAt Unix seconds at which the challenger becomes the holder.
    event TakeoverOpened(
        bytes32 indexed platformId,
        uint256 indexed incumbentId,
        uint256 indexed challengerId,
        uint256 takeoverAt
    );
    /// @notice A takeover failed, because the incumbent re-attested, the challenger ended, or one of the two was
    /// suspended. The challenger's attestation is void, and the end that the takeover had set for the incumbent is cleared.
    /// @param platformId keccak256 of the platform's PPID.
    /// @param incumbentId The node that keeps the platform.
    /// @param challengerId The node that does not get it.
    event TakeoverRepelled(bytes32 indexed platformId, uint256 indexed incumbentId, uint256 indexed challengerId);
    /// @notice A node's stake was slashed.
    /// @param nodeId The node.
    /// @param amount Token base units taken.
    event NodeStakeSlashed(uint256 indexed nodeId, uint256 amount);
    /// @notice A node's stake was released.
    /// @param nodeId The node.
    /// @param amount Token base units unlocked.
    event NodeStakeReleased(uint256 indexed nodeId, uint256 amount);
    /// @notice A node's listed price changed, for new orders.
    /// @param nodeId The node.
    /// @param ratePerUnit The new price of one unit: token base units per second with 12 extra decimals.
    event RateSet(uint256 indexed nodeId, uint128 ratePerUnit);
    /// @notice A node's gateway URL changed.
    /// @param nodeId The node.
    /// @param url The new URL, 1 to 256 bytes.
    event UrlSet(uint256 indexed nodeId, string url);
    /// @notice A block was recorded for the freshness of quotes.
    /// @param blockNumber The block's number.
    /// @param timestamp The block's time in Unix seconds.
    event Checkpointed(uint256 blockNumber, uint256 timestamp);
    /// @notice Governance listed or delisted a verifier.
    /// @param verifier The verifier.
    /// @param kind What it is listed as now; `None` if it was delisted.
    event VerifierSet(address indexed verifier, VerifierKind kind);
    /// @notice Governance allowed an enclave.
    /// @param enclaveId The new entry's id, from 1.
    /// @param measurement MRENCLAVE, or MRSIGNER if `bySigner`.
    /// @param bySigner Whether the entry allows a signer's product rather than one measurement.
    /// @param isvProdId The signer's product; 0 unless `bySigner`.
    /// @param minIsvSvn The least security version of the product; 0 unless `bySigner`.
    /// @param launch How the enclave must be launched, where the mask has a bit set.
    /// @param launchMask Which bits of the launch count.
    event EnclaveAllowed(
        uint256 indexed enclaveId,
        bytes32 measurement,
        bool bySigner,
        uint16 isvProdId,
        uint16 minIsvSvn,
        bytes20 launch,
        bytes20 launchMask
    );
    /// @notice Governance removed an enclave; each of its nodes ends at its own `validUntil`.
    /// @param enclaveId The removed entry.
    event EnclaveRemoved(uint256 indexed enclaveId);
    /// @notice Governance changed the policy.
    /// @param policy The whole policy as it is now.
    event PolicySet(Policy policy);

    /// @notice There is no node with this id.
    /// @param nodeId The unknown id.
    error NodeRegistryUnknownNode(uint256 nodeId);
    /// @notice The caller is not the node's provider.
    /// @param nodeId The node.
    /// @param caller The caller.
    error NodeRegistryUnauthorized(uint256 nodeId, address caller);
    /// @notice Declarations and first attestations are paused.
    error NodeRegistryPaused();
    /// @notice The number of units is zero.
    /// @param units The units given: 0.
    error NodeRegistryInvalidUnits(uint16 units);
    /// @notice The listed price is zero.
    /// @param ratePerUnit The price given: 0.
    error NodeRegistryInvalidRate(uint128 ratePerUnit);
    /// @notice The URL is empty or longer than 256 bytes.
    /// @param length The URL's length in bytes.
    error NodeRegistryInvalidUrl(uint256 length);
    /// @notice The hash rate that the node would have to prove is another than the caller names, or zero.
    /// @param actual The rate in hashes per second.
    /// @param expected The rate that the caller names.
    error NodeRegistryWrongRequiredRate(uint256 actual, uint256 expected);
    /// @notice The stake that would be locked for the node is more than the caller accepts.
    /// @param stake The policy's minimum stake in token base units.
    /// @param maxStake The most that the caller accepts.
    error NodeRegistryStakeTooHigh(uint256 stake, uint256 maxStake);
    /// @notice The node has ended, or its end is set and this call cannot move it.
    /// @param nodeId The node.
    /// @param endedAt Unix seconds at which the node ends or ended.
    error NodeRegistryEnded(uint256 nodeId, uint256 endedAt);
    /// @notice The verifier is not listed; or, where a former listing is enough, never was; or it has no code.
    /// @param verifier The address given.
    error NodeRegistryUnknownVerifier(address verifier);
    /// @notice The chain itself verified the node's newest attestation, and orders may rely on that. A quorum's word
    /// would be less.
    /// @param nodeId The node.
    /// @param verifier The weaker verifier.
    error NodeRegistryWeakerVerifier(uint256 nodeId, address verifier);
    /// @notice The caller means another node, which the key names; or attests with the key zero, or with another key
    /// than at first.
    /// @param nodeId The node.
    /// @param expected Address of the node's enclave key; zero before its first attestation.
    /// @param actual The address given.
    error NodeRegistryWrongEnclaveKey(uint256 nodeId, address expected, address actual);
    /// @notice The measurement differs from that of the node's first attestation.
    /// @param nodeId The node.
    /// @param expected The node's MRENCLAVE.
    /// @param actual The quote's MRENCLAVE.
    error NodeRegistryWrongMeasurement(uint256 nodeId, bytes32 expected, bytes32 actual);
    /// @notice Another node of the same provider holds the platform, and a provider cannot take over from itself. Exit
    /// that node first.
    /// @param platformId keccak256 of the platform's PPID.
    /// @param holderId The node that holds the platform.
    error NodeRegistryPlatformHeld(bytes32 platformId, uint256 holderId);
    /// @notice The node was attested on another platform before.
    /// @param nodeId The node.
    /// @param platformId The quote's platform.
    error NodeRegistryWrongPlatform(uint256 nodeId, bytes32 platformId);
    /// @notice The last takeover of the platform was opened less than a day ago, or is still running.
    /// @param platformId keccak256 of the platform's PPID.
    /// @param possibleAt Unix seconds from which the next takeover can be opened.
    error NodeRegistryTakeoverTooSoon(bytes32 platformId, uint256 possibleAt);
    /// @notice The verifier cannot open this takeover, or keep it open. While the incumbent's attestation holds, the
    /// challenger must be attested by the incumbent's verifier, or by one that is no weaker and has been listed since before
    /// the incumbent's first attestation; and while it waits, by the one by which it opened the takeover.
    /// @param platformId keccak256 of the platform's PPID.
    /// @param incumbentId The node that holds the platform.
    /// @param verifier The verifier given.
    error NodeRegistryTakeoverVerifier(bytes32 platformId, uint256 incumbentId, address verifier);
    /// @notice The incumbent's attestation holds, and its newest quote names the same block or a later one. Once in 65,536
    /// blocks an old quote is taken for a newer one; a quote that names a later block helps.
    /// @param blockNumber The block that the challenger's quote names.
    /// @param incumbentId The node that holds the platform.
    error NodeRegistryOlderQuote(uint256 blockNumber, uint256 incumbentId);
    /// @notice The enclave is not on the allow-list.
    /// @param mrEnclave The enclave's measurement.
    /// @param mrSigner Hash of the key that signed the enclave.
    /// @param isvProdId The enclave's product id.
    /// @param isvSvn The enclave's security version.
    error NodeRegistryEnclaveNotAllowed(bytes32 mrEnclave, bytes32 mrSigner, uint16 isvProdId, uint16 isvSvn);
    /// @notice The enclave's allow-list entry does not allow it to be launched like this.
    /// @param enclaveId The entry.
    /// @param launch How the enclave was launched (see `Attestation`).
    /// @param expected The entry's launch.
    /// @param mask Which bits of it count.
    error NodeRegistryLaunchNotAllowed(uint256 enclaveId, bytes20 launch, bytes20 expected, bytes20 mask);
    /// @notice The policy does not accept the TCB status.
    /// @param tcbStatus The quote's TCB status.
    error NodeRegistryStatusNotAccepted(TcbStatus tcbStatus);
    /// @notice The attestation has lapsed already, or would lapse before the takeover that it opens.
    /// @param validUntil Unix seconds at which the attestation lapses.
    error NodeRegistryLapsed(uint256 validUntil);
    /// @notice The quote's block is older than the oldest block that counts as recent.
    /// @param blockNumber The quote's block.
    /// @param oldest The oldest recent block; 0 if there is no recent checkpoint: record one with {checkpoint} and
    /// quote again.
    error NodeRegistryStaleBlock(uint256 blockNumber, uint256 oldest);
    /// @notice The chain does not provide the block's hash, or no longer does.
    /// @param blockNumber The quote's block.
    error NodeRegistryUnknownBlock(uint256 blockNumber);
    /// @notice The node was never attested, or not with this binding's nonce.
    /// @param nodeId The node.
    error NodeRegistryNotAttested(uint256 nodeId);
    /// @notice The evidence is not about the platform and the subject of the node's newest attestation, or the launch is
    /// not that attestation's.
    /// @param nodeId The node.
    /// @param platformId The platform that was judged.
    /// @param subject The subject that was judged.
    error NodeRegistryWrongSubject(uint256 nodeId, bytes32 platformId, bytes32 subject);
    /// @notice The stake is still locked for late evidence.
    /// @param nodeId The node.
    /// @param releasableAt Unix seconds from which the stake can be released; 0 if the node has no end.
    error NodeRegistryStillLocked(uint256 nodeId, uint256 releasableAt);
    /// @notice The registry no longer holds stake for the node.
    /// @param nodeId The node.
    error NodeRegistryNoStake(uint256 nodeId);
    /// @notice The enclave entry does not exist or was removed.
    /// @param enclaveId The entry's id.
    error NodeRegistryUnknownEnclave(uint256 enclaveId);
    /// @notice The measurement is zero, or listed already.
    /// @param measurement The MRENCLAVE or MRSIGNER given.
    /// @param enclaveId The entry that lists it; 0 if there is no such entry.
    error NodeRegistryInvalidEnclave(bytes32 measurement, uint256 enclaveId);
    /// @notice The launch of an entry has a bit that its mask hides, so no enclave could have it.
    /// @param launch The launch given.
    /// @param mask The mask given.
    error NodeRegistryInvalidLaunch(bytes20 launch, bytes20 mask);
    /// @notice A parameter is out of its range, or the vault cannot credit the treasury.
    /// @param value The parameter as a number.
    /// @param limit The bound that it breaks; for a set of statuses the statuses that are possible; 0 for the treasury.
    error NodeRegistryInvalidParameter(uint256 value, uint256 limit);

    /// @notice Returns the vault that holds the nodes' stake. Immutable.
    /// @return The vault.
    function vault() external view returns (IStakeVault);

    /// @notice Returns the catalog of hardware models. Immutable.
    /// @return The catalog.
    function catalog() external view returns (IHardwareCatalog);

    /// @notice Returns the account that gets slashed node stake. Immutable.
    /// @return The treasury; neither the zero address nor the vault.
    function treasury() external view returns (address);

    /// @notice Returns the length of an epoch. Immutable.
    /// @return Seconds, 60 to 86,400.
    function epochLength() external view returns (uint256);

    /// @notice Returns the share of the catalog's hash rate that a node must prove. Immutable.
    /// @return Basis points, 1 to 10,000.
    function powerShareBps() external view returns (uint256);

    /// @notice Returns the time between a node's end and the release of its stake. Immutable.
    /// @return Seconds, more than {revocationDelay} and at most 365 days.
    function releaseDelay() external view returns (uint256);

    /// @notice Returns how long a node is suspended before it can end as revoked. Immutable.
    /// @return Seconds, 1 day to 7 days.
    function revocationDelay() external view returns (uint256);

    /// @notice Returns the policy that governance has set.
    /// @return The policy.
    function policy() external view returns (Policy memory);

    /// @notice Returns how many nodes were declared.
    /// @return The number of nodes; ids run from 1 to this.
    function nodeCount() external view returns (uint256);

    /// @notice Returns how many enclave entries there are, removed ones included.
    /// @return The number of entries, at most 65,535; ids run from 1 to this.
    function enclaveCount() external view returns (uint256);

    /// @notice Returns a node as it is stored.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return The node.
    function getNode(uint256 nodeId) external view returns (Node memory);

    /// @notice Returns a node's gateway URL.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return The URL, 1 to 256 bytes.
    function urlOf(uint256 nodeId) external view returns (string memory);

    /// @notice Returns an entry of the enclave allow-list, removed or not.
    /// @dev Requirements:
    /// - The entry exists ({NodeRegistryUnknownEnclave}).
    /// @param enclaveId The entry's id, from 1.
    /// @return The entry.
    function getEnclave(uint256 enclaveId) external view returns (Enclave memory);

    /// @notice Returns who holds a platform now. A takeover whose time has come is complete, whether or not anybody has
    /// called since.
    /// @param platformId keccak256 of the platform's 16-byte PPID.
    /// @return The platform's holder and challenger; all zero if no node was attested on it.
    function getPlatform(bytes32 platformId) external view returns (Platform memory);

    /// @notice Returns what an address is listed as now.
    /// @param verifier Any address.
    /// @return The kind of verifier; `None` if it is not listed.
    function verifierKindOf(address verifier) external view returns (VerifierKind);

    /// @notice Returns the verifier that accepted a node's newest quote.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return verifier The verifier; zero before the first attestation.
    /// @return kind What the verifier was listed as at that time; `None` before the first attestation.
    function verifierOf(uint256 nodeId) external view returns (address verifier, VerifierKind kind);

    /// @notice Returns the oldest block that a quote may name now.
    /// @return The block's number; 0 if a checkpoint must be recorded first.
    function oldestBlock() external view returns (uint256);

    /// @notice Returns the nonce that a node's next quote must carry.
    /// @param nodeId The node's id; an unknown id has a nonce, too.
    /// @return `nodeId << 32 | attestations`, with the number of attestations accepted so far.
    function nonceOf(uint256 nodeId) external view returns (uint256);

    /// @notice Returns the report data that binds a quote to a registration: `keccak256(abi.encode(domain, chainId,
    /// registry, provider, enclaveKey, nonce, blockNumber, blockHash))`.
    /// @param provider The node's owner.
    /// @param enclaveKey Address of the enclave key.
    /// @param binding The nonce and the recent block that the quote names; not checked here.
    /// @return The first 32 bytes of the report data; the other 32 are zero.
    function reportDataOf(
        address provider,
        address enclaveKey,
        QuoteBinding calldata binding
    ) external view returns (bytes32);

    /// @notice Returns whether a node is live: its attestation holds, and the node is not suspended and has not ended.
    /// Only a live node can prove anything.
    /// @param nodeId The node's id; an unknown node is not live.
    /// @return Whether the node is live.
    function isLive(uint256 nodeId) external view returns (bool);

    /// @notice Returns when a node ends or ended. A node whose allow-list entry was removed ends at its own
    /// `validUntil`, or at the removal if it had lapsed before.
    /// @dev An end in the past never changes.
    /// @param nodeId The node's id; an unknown node has no end.
    /// @return Unix seconds; the largest uint256 while no end is set.
    function endOf(uint256 nodeId) external view returns (uint256);

    /// @notice Returns whether a node is suspended, and since when. A suspended node is not live and takes on nothing new;
    /// its stake stays. A recheck that says `Holds`, or a new attestation, lifts the suspension. Nothing else does: it
    /// does not end by itself.
    /// @param nodeId The node's id; an unknown node is not suspended.
    /// @return since Unix seconds of the suspension's beginning; 0 if the node is not suspended.
    /// @return endableAt Unix seconds from which a recheck that still says `Revoked` ends the node; 0 if the node is not
    /// suspended.
    function suspensionOf(uint256 nodeId) external view returns (uint256 since, uint256 endableAt);

    /// @notice Returns in which of 192 epochs a node was suspended for at least a second. Of each suspension the time up
    /// to {revocationDelay} after its beginning counts, because after that anybody could have ended it one way or the
    /// other.
    /// @dev What it says of an epoch that is over never changes.
    /// @param nodeId The node's id; an unknown node was never suspended.
    /// @param word Which epochs: `192 * word` to `192 * word + 191`.
    /// @return epochs Bit `i` is set if a suspension overlaps epoch `192 * word + i`.
    function suspendedEpochs(uint256 nodeId, uint256 word) external view returns (uint256 epochs);

    /// @notice Returns how long a node has been suspended since a moment. Of each suspension the time up to
    /// {revocationDelay} after its beginning counts. While it counts, the answer grows with the clock.
    /// @param nodeId The node's id; an unknown node was never suspended.
    /// @param from Unix seconds of the moment.
    /// @return duration Seconds.
    function suspendedSeconds(uint256 nodeId, uint256 from) external view returns (uint256 duration);

    /// @notice Returns what a challenge needs to know about a node.
    /// @param nodeId The node's id; an unknown node has neither a key nor a rate.
    /// @return enclaveKey Address of the enclave key; zero while the node is not live.
    /// @return requiredRate Hashes per second that the node must prove, 1 to 2^40-1.
    function proofTermsOf(uint256 nodeId) external view returns (address enclaveKey, uint256 requiredRate);

    /// @notice Returns what hardware a node was declared with. It never changes.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return The hardware model's id in the catalog.
    function modelOf(uint256 nodeId) external view returns (uint32);

    /// @notice Returns a node's owner, which never changes.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return The provider.
    function providerOf(uint256 nodeId) external view returns (address);

    /// @notice Returns whose a node is, and what speaks against the word of its enclave.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return provider The account that owns it.
    /// @return endReason The recorded reason for its end, `None` while no end is recorded. A delisting is recorded only
    /// when the node's stake is released.
    /// @return suspendedSince Unix seconds of the beginning of its suspension; 0 if it is not suspended (see
    /// {suspensionOf}).
    function standingOf(
        uint256 nodeId
    ) external view returns (address provider, EndReason endReason, uint256 suspendedSince);

    /// @notice Returns what the use of data and a result need to know about a node.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return The provider, the enclave key if the node is live, and the newest attestation's kind and number.
    function enclaveTermsOf(uint256 nodeId) external view returns (EnclaveTerms memory);

    /// @notice Returns what a node's first attestation fixed for good.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return mrEnclave The measurement; zero before the first attestation.
    /// @return enclaveKey Address of the enclave key; zero before the first attestation.
    function identityOf(uint256 nodeId) external view returns (bytes32 mrEnclave, address enclaveKey);

    /// @notice Returns when a node was first attested, and for how long the quotes of its verifiers can be disputed. Its
    /// measurement and its enclave key date from its first attestation.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return attestedAt Unix seconds; 0 before the first attestation.
    /// @return disputeTime Seconds, as the verifiers that it was ever attested by said when they were listed
    /// ({IAttestationVerifier-disputeTime}), the most of them; 0 if they prove what they accept, and before the first
    /// attestation.
    function disputeTermsOf(uint256 nodeId) external view returns (uint256 attestedAt, uint256 disputeTime);

    /// @notice Returns what an order needs to know about a node.
    /// @dev Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// @param nodeId The node's id, from 1.
    /// @return The provider, the units, the verifier's kind, the enclave key, and whether the node takes new orders.
    function orderTermsOf(uint256 nodeId) external view returns (OrderTerms memory);

    /// @notice Declares a node. Locks the policy's minimum stake out of the caller's free stake.
    /// @dev Emits {NodeDeclared}, and {Checkpointed} if a checkpoint is due.
    ///
    /// Requirements:
    /// - Declarations are not paused ({NodeRegistryPaused}).
    /// - `units` is greater than zero ({NodeRegistryInvalidUnits}).
    /// - `ratePerUnit` is greater than zero ({NodeRegistryInvalidRate}).
    /// - `url` has 1 to 256 bytes ({NodeRegistryInvalidUrl}).
    /// - The catalog has the model ({IHardwareCatalog-HardwareCatalogUnknownModel}).
    /// - The catalog lists the model for new nodes ({IHardwareCatalog-HardwareCatalogModelNotListed}).
    /// - The rate to prove, {powerShareBps} of the catalog's rate of all units, is the one that the caller names, and not
    ///   zero ({NodeRegistryWrongRequiredRate}).
    /// - The policy's minimum stake is no more than the caller accepts ({NodeRegistryStakeTooHigh}).
    /// - The caller's cap for the registry leaves room for the lock ({IStakeVault-StakeVaultCapExceeded}).
    /// - The caller has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// @param modelId The hardware model's id in the catalog, from 1.
    /// @param units How many units of the model the node offers, at least 1.
    /// @param ratePerUnit The listed price of one unit: token base units per second with 12 extra decimals, at least 1.
    /// @param requiredRate Hashes per second that the node is to prove, as the caller has computed it. Governance may change
    /// the model's rate between the signature and the block.
    /// @param maxStake Token base units that the caller lets the registry lock at the most; for the same reason.
    /// @param url Where the node's gateway answers, 1 to 256 bytes.
    /// @return nodeId The new node's id, from 1.
    function declare(
        uint32 modelId,
        uint16 units,
        uint128 ratePerUnit,
        uint40 requiredRate,
        uint96 maxStake,
        string calldata url
    ) external returns (uint256 nodeId);

    /// @notice Attests a node, for the first time or again. Only its provider can.
    ///
    /// A platform without a holder, or whose holder has ended, becomes the node's at once. A platform that another
    /// provider's node holds, live or lapsed, is taken over no sooner than an exit would end the incumbent, and half an
    /// hour at the least; if the incumbent is suspended, counted from when that can end it; and not before an exit that
    /// is set. The incumbent ends then, unless it re-attests before, either of the two is suspended, or the challenger
    /// ends or exits. A challenger may renew its attestation while it waits, by the same verifier. If the incumbent has
    /// ended in the meantime, the challenger holds the platform with that renewal, by whichever verifier.
    ///
    /// While the incumbent's attestation holds, suspended or not, a takeover needs evidence that is worth no less: by
    /// the incumbent's verifier, or by one no weaker that has been listed since before the incumbent's first attestation;
    /// by a quote that names a later block; and the takeover takes at least the verifier's
    /// {IAttestationVerifier-disputeTime}.
    ///
    /// A node that was attested on chain stays so: a quorum can no longer attest it. A node keeps the allow-list entry of
    /// its measurement until that is removed. A node that its signer's entry allows is matched anew each time, and comes
    /// under its measurement's entry once there is one.
    ///
    /// An attestation lifts the node's suspension.
    /// @dev Emits {NodeAttested}; {Checkpointed} if a checkpoint is due; {TakeoverOpened} if a takeover begins, with
    /// the incumbent's {NodeEnded} unless its end is set already; {TakeoverRepelled} if the incumbent repels a
    /// takeover; and {SuspensionLifted} if the node was suspended.
    ///
    /// Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// - The caller is its provider ({NodeRegistryUnauthorized}).
    /// - First attestations are not paused, if this is one ({NodeRegistryPaused}).
    /// - The node has not ended, and if this opens a takeover, no end of it is set ({NodeRegistryEnded}).
    /// - The verifier is listed ({NodeRegistryUnknownVerifier}).
    /// - The verifier verifies on chain if the verifier of the newest attestation did ({NodeRegistryWeakerVerifier}).
    /// - The enclave key is not zero, and is that of the first attestation ({NodeRegistryWrongEnclaveKey}).
    /// - The block is not older than {oldestBlock} ({NodeRegistryStaleBlock}).
    /// - The chain provides the block's hash ({NodeRegistryUnknownBlock}).
    /// - The node was attested fewer than 65,535 times (`Panic(0x11)`).
    /// - The verifier accepts the evidence (its own errors).
    /// - The verifier's answer is an attestation ({VerifierCall-VerifierCallMalformed}).
    /// - The measurement is that of the first attestation ({NodeRegistryWrongMeasurement}).
    /// - The enclave is on the allow-list ({NodeRegistryEnclaveNotAllowed}).
    /// - Its entry allows it to be launched as it was ({NodeRegistryLaunchNotAllowed}).
    /// - The platform is that of the earlier attestations ({NodeRegistryWrongPlatform}).
    /// - No other node of the caller holds the platform, unless it has ended ({NodeRegistryPlatformHeld}).
    /// - If this opens a takeover, the last one was opened a day ago or longer and is over
    ///   ({NodeRegistryTakeoverTooSoon}).
    /// - If this opens a takeover of a node whose attestation holds, or renews a challenger that waits, the verifier may
    ///   do so ({NodeRegistryTakeoverVerifier}).
    /// - If this opens a takeover of a node whose attestation holds, the quote is newer than that node's
    ///   ({NodeRegistryOlderQuote}).
    /// - The policy accepts the TCB status, or grants an attested node a grace ({NodeRegistryStatusNotAccepted}).
    /// - The attestation holds now and beyond the takeover that it opens ({NodeRegistryLapsed}).
    /// @param nodeId The node's id, from 1.
    /// @param verifier A listed verifier.
    /// @param enclaveKey Address of the key that was created inside the enclave.
    /// @param blockNumber The recent block whose hash is in the report data.
    /// @param evidence The evidence, in the form that the verifier expects.
    function attest(
        uint256 nodeId,
        address verifier,
        address enclaveKey,
        uint256 blockNumber,
        bytes calldata evidence
    ) external;

    /// @notice Has the verifier that accepted a node's newest attestation judge it again, by newer collateral. Anyone
    /// may call. `Holds` sets the node's TCB status; a worse one stops new orders and nothing else.
    ///
    /// `Revoked` suspends the node, because Intel may take back what a document says: see {suspensionOf}. A takeover in
    /// which the node takes part fails. If the node has been suspended for {revocationDelay} by then and has not ended,
    /// it ends now, unslashed. `Holds` lifts the suspension, also that of a node that has ended; the status before the
    /// suspension returns if none is judged. `Holds` with the TCB status `Revoked` counts as `Revoked`.
    /// @dev Emits {NodeRechecked}, and {NodeSuspended}, {TakeoverRepelled}, {SuspensionLifted} and {NodeEnded} for what
    /// the answer changes.
    ///
    /// Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// - The node was attested ({NodeRegistryNotAttested}).
    /// - The verifier accepts the evidence (its own errors).
    /// - The evidence is about the platform and the subject of the newest attestation, and the launch is that
    ///   attestation's ({NodeRegistryWrongSubject}).
    /// @param nodeId The node's id, from 1.
    /// @param launch How the enclave of the newest attestation was launched, as its {NodeAttested} says.
    /// @param evidence The evidence, in the form that the verifier expects.
    /// @return standing `Holds`, `Revoked` or `Undecided`.
    function recheck(uint256 nodeId, bytes20 launch, bytes calldata evidence) external returns (Standing standing);

    /// @notice Disputes a node's quote, newest or older, before the verifier that accepted it. Anyone may call.
    /// `Disproven` and `Withheld` end the node at once, or replace the reason for its earlier end. Only a withheld
    /// quote slashes the node's stake. Other answers change nothing.
    ///
    /// A verifier other than the one that accepted the newest quote may still judge its own record, but its answer has
    /// no effect here. So nobody can end or slash a node by listing a verifier that condemns it.
    /// @dev Emits {NodeDisputed}, and {NodeEnded}, {TakeoverRepelled} and {NodeStakeSlashed} for what the answer
    /// changes.
    ///
    /// Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// - The binding's nonce is that of an earlier attestation of the node ({NodeRegistryNotAttested}).
    /// - The verifier is or was listed ({NodeRegistryUnknownVerifier}).
    /// - The verifier knows the quote under this binding and accepts the evidence (its own errors).
    /// @param nodeId The node's id, from 1.
    /// @param verifier The verifier that accepted the quote; it may have been delisted since.
    /// @param quoteHash The quote's hash, as {NodeAttested} gave it.
    /// @param binding What bound the quote to the node; see {NodeAttested}.
    /// @param evidence The evidence, in the form that the verifier expects.
    /// @return standing `Holds`, `Disproven`, `Withheld` or `Undecided`.
    function dispute(
        uint256 nodeId,
        address verifier,
        bytes32 quoteHash,
        QuoteBinding calldata binding,
        bytes calldata evidence
    ) external returns (Standing standing);

    /// @notice Ends a node with the end of the next epoch, or at once if it was never attested. It takes no new orders
    /// from now on. If it is being taken over and that comes sooner, its end stays the takeover's and becomes final. A
    /// takeover that it has opened itself fails. Only its provider can.
    /// @dev Emits {NodeEnded}, and {TakeoverRepelled} if it was a challenger.
    ///
    /// Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// - The caller is its provider ({NodeRegistryUnauthorized}).
    /// - It has the enclave key that the caller names ({NodeRegistryWrongEnclaveKey}).
    /// - The node has not ended and is not exiting already ({NodeRegistryEnded}).
    /// @param nodeId The node's id, from 1.
    /// @param enclaveKey Address of its enclave key, which says what node is meant; zero if it was never attested.
    function exit(uint256 nodeId, address enclaveKey) external;

    /// @notice Releases the stake of an ended node once late evidence can no longer arrive. Anyone may call.
    /// @dev Emits {NodeStakeReleased}, and {NodeEnded} if the node ended because its allow-list entry was removed.
    ///
    /// Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// - The registry holds stake for the node ({NodeRegistryNoStake}).
    /// - The node ended at least {releaseDelay} ago ({NodeRegistryStillLocked}).
    /// @param nodeId The node's id, from 1.
    function release(uint256 nodeId) external;

    /// @notice Changes a node's listed price, for new orders. Only its provider can.
    /// @dev Emits {RateSet}.
    ///
    /// Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// - The caller is its provider ({NodeRegistryUnauthorized}).
    /// - It has the enclave key that the caller names ({NodeRegistryWrongEnclaveKey}).
    /// - `ratePerUnit` is greater than zero ({NodeRegistryInvalidRate}).
    /// @param nodeId The node's id, from 1.
    /// @param enclaveKey Address of its enclave key, which says what node is meant; zero if it was never attested.
    /// @param ratePerUnit The new price of one unit: token base units per second with 12 extra decimals, at least 1.
    function setRate(uint256 nodeId, address enclaveKey, uint128 ratePerUnit) external;

    /// @notice Changes a node's gateway URL. Only its provider can.
    /// @dev Emits {UrlSet}.
    ///
    /// Requirements:
    /// - The node exists ({NodeRegistryUnknownNode}).
    /// - The caller is its provider ({NodeRegistryUnauthorized}).
    /// - It has the enclave key that the caller names ({NodeRegistryWrongEnclaveKey}).
    /// - `url` has 1 to 256 bytes ({NodeRegistryInvalidUrl}).
    /// @param nodeId The node's id, from 1.
    /// @param enclaveKey Address of its enclave key, which says what node is meant; zero if it was never attested.
    /// @param url Where the node's gateway answers, 1 to 256 bytes.
    function setUrl(uint256 nodeId, address enclaveKey, string calldata url) external;

    /// @notice Records the current block for the freshness of quotes, unless one was recorded in the last half hour.
    /// Anyone may call; declaring and attesting do the same.
    /// @dev Emits {Checkpointed} if the block is recorded.
    function checkpoint() external;

    /// @notice Lists a verifier, or delists it with `None`. The attestations that it gave stay. Governed.
    /// @dev Emits {VerifierSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - The verifier has code ({NodeRegistryUnknownVerifier}).
    /// - Its quotes cannot be disputed for longer than {releaseDelay}, or a node's stake could be gone before its last quote
    ///   turns out false, nor for longer than 2^24-1 seconds ({NodeRegistryInvalidParameter}). It is asked when it is listed,
    ///   and not again.
    /// - With this one, at most 127 pairs of an address and a kind were ever listed (`SafeCastOverflowedUintDowncast`).
    /// @param verifier The verifier.
    /// @param kind What it is listed as; `None` delists it.
    function setVerifier(address verifier, VerifierKind kind) external;

    /// @notice Allows an enclave by MRENCLAVE. Only code that creates its key inside the enclave belongs here.
    /// Governed.
    /// @dev Emits {EnclaveAllowed}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - `mrEnclave` is not zero and not listed ({NodeRegistryInvalidEnclave}).
    /// - `launch` has no bit that `launchMask` lacks ({NodeRegistryInvalidLaunch}).
    /// - Fewer than 65,535 entries were made (`SafeCastOverflowedUintDowncast`).
    /// @param mrEnclave The enclave's measurement.
    /// @param launch How the enclave must be launched (see `Attestation`), where the mask has a bit set; 0 elsewhere.
    /// @param launchMask Which bits of the launch count; all set for exactly this launch.
    /// @return enclaveId The new entry's id, from 1.
    function allowEnclave(bytes32 mrEnclave, bytes20 launch, bytes20 launchMask) external returns (uint256 enclaveId);

    /// @notice Allows a signer's product from a security version on. Governed.
    /// @dev Emits {EnclaveAllowed}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - `mrSigner` is not zero and not listed for this product ({NodeRegistryInvalidEnclave}).
    /// - `launch` has no bit that `launchMask` lacks ({NodeRegistryInvalidLaunch}).
    /// - Fewer than 65,535 entries were made (`SafeCastOverflowedUintDowncast`).
    /// @param mrSigner Hash of the key that signs the enclaves.
    /// @param isvProdId The signer's product.
    /// @param minIsvSvn The least security version that is allowed.
    /// @param launch How the enclaves must be launched (see `Attestation`), where the mask has a bit set; 0 elsewhere.
    /// @param launchMask Which bits of the launch count; all set for exactly this launch.
    /// @return enclaveId The new entry's id, from 1.
    function allowSigner(
        bytes32 mrSigner,
        uint16 isvProdId,
        uint16 minIsvSvn,
        bytes20 launch,
        bytes20 launchMask
    ) external returns (uint256 enclaveId);

    /// @notice Removes an enclave entry: its nodes take no new orders, and each ends at its own `validUntil`. The
    /// removal is final; allowing the measurement again makes a new entry. Governed.
    /// @dev Emits {EnclaveRemoved}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - The entry exists and was not removed ({NodeRegistryUnknownEnclave}).
    /// @param enclaveId The entry's id, from 1.
    function removeEnclave(uint256 enclaveId) external;

    /// @notice Sets the policy, except for pausing. It affects new declarations, attestations and orders only.
    /// Governed.
    /// @dev Emits {PolicySet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - `minimumStake` is greater than zero ({NodeRegistryInvalidParameter}).
    /// - `maximumAge` is 1 hour to 90 days, and more than two epochs ({NodeRegistryInvalidParameter}).
    /// - `acceptedStatuses` has `UpToDate`, and neither `None` nor `Revoked` ({NodeRegistryInvalidParameter}).
    /// - `graceStatuses` has neither `None` nor `Revoked` ({NodeRegistryInvalidParameter}).
    /// - `graceUntil` is at most 180 days ahead ({NodeRegistryInvalidParameter}).
    /// @param minimumStake Token base units that declaring a node locks.
    /// @param maximumAge Seconds after which an attestation lapses at the latest.
    /// @param acceptedStatuses The accepted TCB statuses, one bit each; see `Policy`.
    /// @param graceStatuses The TCB statuses that have a grace, one bit each; see `Policy`.
    /// @param graceUntil Unix seconds at which the grace ends; 0 for no grace.
    function setPolicy(
        uint96 minimumStake,
        uint40 maximumAge,
        uint8 acceptedStatuses,
        uint8 graceStatuses,
        uint40 graceUntil
    ) external;

    /// @notice Pauses or resumes declarations and first attestations. Guarded, without delay.
    /// @dev Emits {PolicySet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`).
    /// @param paused Whether they are paused from now on.
    function setPaused(bool paused) external;
}
