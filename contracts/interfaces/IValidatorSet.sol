// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IStakeVault} from "./IStakeVault.sol";
import {Validator, ValidatorSignature} from "../types/Validator.sol";

/// @title IValidatorSet
/// @notice Validators by stake, at most 32 of them active, and the check of a quorum of their signatures.
///
/// @dev The stake is locked in the vault, with this contract as the module. A validator that leaves loses its weight at
/// once. Its stake stays locked, and can be slashed, for {exitDelay}, which is longer than all dispute periods
/// together. The deployer names the contracts that may slash once, before anybody can join; nobody can add one later.
///
/// Stake counts only once it has been locked for {activationDelay}, which is longer than any time in which something can
/// be vouched for or judged: nobody can see what is to be judged and then buy the judges. Since a new set has nobody
/// whose stake counts, the deployer names founders together with the slashers: what they lock until {foundingUntil}
/// counts at once. What lasts longer than that is judged only by stake that counted when it began: see {checkQuorum}.
///
/// Validators sign by ECDSA keys alone, their account's or one that they choose ({setSigningKey}). An ERC-1271 contract could
/// sign both ways and disown it later, so one that is a validator has to choose a key.
interface IValidatorSet {
    /// @notice The contracts that may slash were named, for good.
    /// @param slashers The contracts.
    event SlashersSet(address[] slashers);
    /// @notice The founders were named, for good.
    /// @param founders The accounts.
    /// @param until Unix seconds of the last second in which what they lock counts at once.
    event FoundersSet(address[] founders, uint256 until);
    /// @notice An account locked stake to be a validator, or added to it.
    /// @param validator The account.
    /// @param stake Its whole stake now, in token base units.
    /// @param activeFrom Unix seconds from which all of it can count.
    event ValidatorJoined(address indexed validator, uint256 stake, uint256 activeFrom);
    /// @notice A validator's whole stake counts from now on.
    /// @param validator The validator.
    /// @param stake Its whole stake, in token base units.
    event ValidatorActivated(address indexed validator, uint256 stake);
    /// @notice A validator left of its own accord.
    /// @param validator The validator.
    /// @param stake Its stake, which stays locked, in token base units.
    event ValidatorLeft(address indexed validator, uint256 stake);
    /// @notice A validator lost its seat to one with more stake.
    /// @param validator The validator that lost its seat.
    /// @param by The validator that got the seat.
    /// @param stake The stake of `validator`, all of which waits to count again, in token base units.
    event ValidatorDisplaced(address indexed validator, address indexed by, uint256 stake);
    /// @notice A validator was slashed and lost its seat.
    /// @param validator The validator.
    /// @param slasher The contract that slashed it.
    /// @param amount Token base units taken.
    event ValidatorSlashed(address indexed validator, address indexed slasher, uint256 amount);
    /// @notice A former validator's stake was released.
    /// @param validator The former validator.
    /// @param stake Token base units unlocked.
    event ValidatorReleased(address indexed validator, uint256 stake);
    /// @notice An account chose the key that it signs by as a validator from now on.
    /// @param validator The account.
    /// @param key The key's address.
    event SigningKeySet(address indexed validator, address indexed key);
    /// @notice The least stake to join with changed.
    /// @param minimumStake The new minimum, in token base units.
    event MinimumStakeSet(uint256 minimumStake);

    /// @notice Only the deployer can name slashers.
    /// @param caller The caller.
    error ValidatorSetUnauthorizedDeployer(address caller);
    /// @notice The slashers were named already.
    error ValidatorSetSlashersAlreadySet();
    /// @notice Nobody can join before the slashers are named.
    error ValidatorSetSlashersNotSet();
    /// @notice The list of slashers is empty, or names an account without code.
    /// @param slasher The account without code; zero if the list is empty.
    error ValidatorSetInvalidSlasher(address slasher);
    /// @notice No stake of the account waits to count.
    /// @param account The account.
    error ValidatorSetNothingPending(address account);
    /// @notice The stake was not locked for long enough to count.
    /// @param account The account.
    /// @param activeFrom Unix seconds from which it can count.
    error ValidatorSetTooEarly(address account, uint256 activeFrom);
    /// @notice The caller may not slash.
    /// @param caller The caller.
    error ValidatorSetUnauthorizedSlasher(address caller);
    /// @notice The stake would stay below the minimum, or nothing would be added.
    /// @param stake The stake after joining, in token base units.
    /// @param minimum The least stake to join with, in token base units.
    error ValidatorSetInsufficientStake(uint256 stake, uint256 minimum);
    /// @notice Validators with at least as much stake hold all 32 seats.
    /// @param stake The newcomer's stake, in token base units.
    /// @param lowest The least stake of an active validator, in token base units.
    error ValidatorSetFull(uint256 stake, uint256 lowest);
    /// @notice The account is not an active validator, or has no stake that it could leave with.
    /// @param account The account.
    error ValidatorSetNotActive(address account);
    /// @notice The account is leaving and must release its stake first.
    /// @param account The account.
    /// @param releasableAt Unix seconds from which the stake can be released.
    error ValidatorSetExiting(address account, uint256 releasableAt);
    /// @notice The stake is still locked for late evidence.
    /// @param account The account.
    /// @param releasableAt Unix seconds from which the stake can be released; the largest uint256 for an active
    /// validator, which must leave first.
    error ValidatorSetStillLocked(address account, uint256 releasableAt);
    /// @notice The account has no stake here.
    /// @param account The account.
    error ValidatorSetNoStake(address account);
    /// @notice The key is, or was, a validator's already, or is the account's own.
    /// @param key The key's address.
    error ValidatorSetKeyTaken(address key);
    /// @notice The signature is not the key's consent to be the account's.
    /// @param key The key's address.
    error ValidatorSetInvalidKeySignature(address key);
    /// @notice The validator has no stake that counted already as of the block.
    /// @param account The validator.
    /// @param countsSince Number of the block from which all of its stake has counted.
    /// @param asOf Number of the block.
    error ValidatorSetTooYoung(address account, uint256 countsSince, uint256 asOf);
    /// @notice The signers are not in strictly ascending order.
    /// @param previous The signer before; zero at the first one.
    /// @param current The signer that is not greater.
    error ValidatorSetUnorderedSigners(address previous, address current);
    /// @notice The signature is not that of the validator's signing key over the digest.
    /// @param validator The validator.
    error ValidatorSetInvalidSignature(address validator);
    /// @notice The signers hold less than two thirds of the stake that a quorum is needed of, or there are no signers.
    /// @param signedStake The signers' stake, in token base units.
    /// @param activeStake The stake that two thirds are needed of, in token base units; see {activeStakeAsOf}.
    error ValidatorSetNoQuorum(uint256 signedStake, uint256 activeStake);
    /// @notice The slashed share is not 1,000 to 10,000 basis points, the exit delay is not 1 second to 365 days, the
    /// activation delay is not 1 second to less than the exit delay, or the minimum stake is zero.
    /// @param value The value given.
    /// @param limit The bound that it breaks.
    error ValidatorSetInvalidParameter(uint256 value, uint256 limit);
    /// @notice The treasury is the zero address or the vault, and the vault cannot credit either.
    /// @param treasury The address given.
    error ValidatorSetInvalidTreasury(address treasury);

    /// @notice Returns how many validators can be active at most.
    /// @return The number: 32.
    function MAX_VALIDATORS() external view returns (uint256);

    /// @notice Returns the vault that holds the stake. Immutable.
    /// @return The vault.
    function vault() external view returns (IStakeVault);

    /// @notice Returns the account that gets slashed stake. Immutable.
    /// @return The treasury; neither the zero address nor the vault.
    function treasury() external view returns (address);

    /// @notice Returns the time between leaving and release. Immutable.
    /// @return Seconds, 1 to 365 days.
    function exitDelay() external view returns (uint256);

    /// @notice Returns how long stake must have been locked before it counts. Immutable.
    /// @return Seconds, at least 1 and less than {exitDelay}.
    function activationDelay() external view returns (uint256);

    /// @notice Returns the last second in which stake that founders lock counts at once.
    /// @return Unix seconds: {activationDelay} after the slashers were named; 0 before.
    function foundingUntil() external view returns (uint256);

    /// @notice Returns whether an account was named a founder.
    /// @param account Any account.
    /// @return Whether it was.
    function isFounder(address account) external view returns (bool);

    /// @notice Returns the share of its stake that a validator loses for one false vouching or verdict. Immutable.
    /// @return Basis points, 1,000 to 10,000.
    function slashBps() external view returns (uint256);

    /// @notice Returns the least stake to join with. Governed.
    /// @return Token base units, at least 1.
    function minimumStake() external view returns (uint256);

    /// @notice Returns the stake of all active validators.
    /// @return Token base units.
    function activeStake() external view returns (uint256);

    /// @notice Returns a validator as it is stored.
    /// @param account Any account.
    /// @return The validator; all zero for an account that never joined or was released.
    function getValidator(address account) external view returns (Validator memory);

    /// @notice Returns the active validators.
    /// @return At most 32 addresses, in no particular order.
    function activeValidators() external view returns (address[] memory);

    /// @notice Returns whether an account is an active validator.
    /// @param account Any account.
    /// @return Whether it has a seat.
    function isActive(address account) external view returns (bool);

    /// @notice Returns whether a contract may slash.
    /// @param account Any account.
    /// @return Whether it was named a slasher.
    function isSlasher(address account) external view returns (bool);

    /// @notice Returns of how much stake two thirds are a quorum on what began in a block: of what was needed when it began, or, if
    /// that is less, of what counts now and what was displaced and waits.
    ///
    /// What is needed at a time is all that counts, and of what was displaced and waits to come back, whichever is more: what was
    /// displaced of late, or as much as makes up for what has gone of late, so that no less is needed than has counted. "Of late"
    /// is one to two times {activationDelay} ago. So who leaves makes the total less where nobody waits, and who displaces others
    /// does not, whether it stays, leaves, or hands its seat on.
    ///
    /// Of this block, that is exact. Of an earlier one it is what was needed when seats last changed until then, or {noteTotal} was
    /// called: time alone makes it no less.
    /// @param asOf Number of the block.
    /// @return Token base units.
    function activeStakeAsOf(uint256 asOf) external view returns (uint256);

    /// @notice Returns with how much stake a validator judges what began in a block: with what counted of it as of the block, and
    /// no more than it has now.
    /// @param account Any account.
    /// @param asOf Number of the block.
    /// @return Token base units; 0 without a seat.
    function stakeAsOf(address account, uint256 asOf) external view returns (uint256);

    /// @notice Returns the key that an account signs by as a validator.
    /// @param account Any account.
    /// @return The key's address: the account itself, unless it chose one.
    function signingKeyOf(address account) external view returns (address);

    /// @notice Returns the EIP-712 hash by whose signature a key agrees to be an account's: `SigningKey(address validator)`.
    /// @param account The account.
    /// @return The hash.
    function hashSigningKey(address account) external view returns (bytes32);

    /// @notice Returns whether a signature over a digest is that of a key that was an account's at a time, or came later. A
    /// key that an account has given up by then says nothing against it; what it signed before stays its word.
    /// @param account Any account.
    /// @param digest The 32 bytes that were signed.
    /// @param signature 65 bytes `r ‖ s ‖ v` (low s).
    /// @param time Unix seconds.
    /// @return Whether it is.
    function isSignedBy(
        address account,
        bytes32 digest,
        bytes calldata signature,
        uint256 time
    ) external view returns (bool);

    /// @notice Checks that active validators who hold at least two thirds of the active stake, and of what was displaced from it and
    /// is on its way back ({activeStakeAsOf}), signed a digest. What stake came after a block counts neither for nor against it, so that nobody can buy the judges
    /// of what has begun.
    /// @dev Requirements:
    /// - The signers are in strictly ascending order of their addresses ({ValidatorSetUnorderedSigners}).
    /// - Every signer is an active validator ({ValidatorSetNotActive}).
    /// - Every signer has stake that counted as of the block ({ValidatorSetTooYoung}).
    /// - Every signature is that of the signer's key over the digest ({ValidatorSetInvalidSignature}).
    /// - There are signers, and they hold two thirds of the stake of {activeStakeAsOf} ({ValidatorSetNoQuorum}).
    /// @param digest The 32 bytes that were signed.
    /// @param asOf Number of the block, not a later one than this.
    /// @param signatures The signatures, in strictly ascending order of the validators' addresses.
    /// @return stakes Each signer's stake as of the block in token base units, in the same order; see {stakeAsOf}.
    function checkQuorum(
        bytes32 digest,
        uint256 asOf,
        ValidatorSignature[] calldata signatures
    ) external view returns (uint256[] memory stakes);

    /// @notice Names the contracts that may slash and the founders, once and for good. Only the deployer can, before
    /// anyone joins.
    /// @dev Emits {SlashersSet} and {FoundersSet}.
    ///
    /// Requirements:
    /// - The caller is the deployer ({ValidatorSetUnauthorizedDeployer}).
    /// - The slashers were not named before ({ValidatorSetSlashersAlreadySet}).
    /// - The list is not empty, and every slasher has code ({ValidatorSetInvalidSlasher}).
    /// @param slashers The contracts, at least one.
    /// @param founders The accounts whose stake counts at once until {foundingUntil}. Without any, nothing can be vouched
    /// for or judged before {activationDelay} is over.
    function setSlashers(address[] calldata slashers, address[] calldata founders) external;

    /// @notice Locks `amount` of the caller's free stake in the vault, to become a validator or to add to its stake. It
    /// counts once {activate} is called after {activationDelay}, together with all that is pending then; that of a founder
    /// counts at once until {foundingUntil}. What counts already goes on counting.
    /// @dev Emits {ValidatorJoined}; for a founder, what {activate} emits too.
    ///
    /// Requirements:
    /// - The slashers are named ({ValidatorSetSlashersNotSet}).
    /// - `amount` is greater than zero, and the whole stake reaches the minimum ({ValidatorSetInsufficientStake}).
    /// - The caller is not a former validator whose stake is still locked ({ValidatorSetExiting}).
    /// - For a founder, until {foundingUntil}: those of {activate}.
    /// - The caller's cap for this contract leaves room for the lock ({IStakeVault-StakeVaultCapExceeded}).
    /// - The caller has that much free stake ({IStakeVault-StakeVaultInsufficientFreeStake}).
    /// @param amount Token base units to add.
    function join(uint256 amount) external;

    /// @notice Chooses the key that the caller signs by as a validator, at once and in place of the one before. Nobody takes an
    /// account's key from it, and a key is never another's again: what was signed by a former one, on what there was before
    /// it was given up, is still held against the account.
    /// @dev Emits {SigningKeySet}.
    ///
    /// Requirements:
    /// - The key is not the caller's own, and was nobody's before ({ValidatorSetKeyTaken}).
    /// - The key signed {hashSigningKey} of the caller ({ValidatorSetInvalidKeySignature}).
    /// @param key The key's address.
    /// @param signature The key's consent: 65 bytes `r ‖ s ‖ v` (low s).
    function setSigningKey(address key, bytes calldata signature) external;

    /// @notice Makes an account's pending stake count, and gives it a seat. If all seats are taken, it displaces the
    /// validator with the least stake, provided that its own is greater. Who is displaced has all of its stake pending: it can be
    /// activated again as soon as there is a seat for it, or leave. Anyone may call.
    /// @dev Emits {ValidatorActivated}, and {ValidatorDisplaced} if a validator lost its seat.
    ///
    /// Requirements:
    /// - The account has pending stake ({ValidatorSetNothingPending}).
    /// - It was locked for {activationDelay} ({ValidatorSetTooEarly}).
    /// - A seat is free, or a validator has less stake ({ValidatorSetFull}).
    /// @param account The account.
    function activate(address account) external;

    /// @notice Leaves: the caller has no weight from now on, and its stake, pending or not, stays locked for {exitDelay}.
    /// @dev Emits {ValidatorLeft}.
    ///
    /// Requirements:
    /// - The caller is an active validator, or about to be one ({ValidatorSetNotActive}).
    function exit() external;

    /// @notice Releases a former validator's stake once {exitDelay} is over. Anyone may call.
    /// @dev Emits {ValidatorReleased}.
    ///
    /// Requirements:
    /// - The account has stake here ({ValidatorSetNoStake}).
    /// - The account left at least {exitDelay} ago ({ValidatorSetStillLocked}).
    /// @param account The former validator.
    function release(address account) external;

    /// @notice Takes {slashBps} of a validator's stake, pending or not, rounded up, for the treasury, and takes away its seat. It works
    /// on validators that are leaving, until their stake is released, and does nothing to an account without stake.
    /// Only a slasher can.
    /// @dev Emits {ValidatorSlashed} if the account has stake.
    ///
    /// Requirements:
    /// - The caller is a slasher ({ValidatorSetUnauthorizedSlasher}).
    /// @param account The validator.
    /// @return amount Token base units taken; 0 if the account has no stake.
    function slash(address account) external returns (uint256 amount);

    /// @notice Notes how much two thirds are needed of now, for what begins from this block on, where that has become less since
    /// seats last changed. Anybody can; otherwise it changes nothing.
    function noteTotal() external;

    /// @notice Sets the least stake to join with. Validators that are active already stay. Governed.
    /// @dev Emits {MinimumStakeSet}.
    ///
    /// Requirements:
    /// - The access manager allows the call (`AccessManagedUnauthorized`, or the manager's errors for delayed calls).
    /// - `minimumStake_` is greater than zero ({ValidatorSetInvalidParameter}).
    /// @param minimumStake_ Token base units.
    function setMinimumStake(uint128 minimumStake_) external;
}
