// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IStakeVault} from "./IStakeVault.sol";
import {Validator, ValidatorSignature} from "../types/Validator.sol";

/// @title IValidatorSet
/// @notice Validators by stake, at most 32 active, and the check of a quorum of their signatures.
/// @dev The stake is locked in the vault with this contract as module. A validator that leaves weighs nothing at once and
/// stays locked, and can be slashed, for {exitDelay}, which is longer than every dispute period together. The contracts that
/// may slash are named once, by the deployer, before anybody can join; nobody can add one later.
interface IValidatorSet {
    /// @notice The contracts that may slash were named, for good.
    event SlashersSet(address[] slashers);
    /// @notice A validator joined, or added to its stake.
    event ValidatorJoined(address indexed validator, uint256 stake);
    /// @notice A validator left by itself.
    event ValidatorLeft(address indexed validator, uint256 stake);
    /// @notice A validator lost its seat to one with more stake.
    event ValidatorDisplaced(address indexed validator, address indexed by, uint256 stake);
    /// @notice A validator was slashed and lost its seat.
    event ValidatorSlashed(address indexed validator, address indexed slasher, uint256 amount);
    /// @notice A former validator's stake was released.
    event ValidatorReleased(address indexed validator, uint256 stake);
    /// @notice The least stake to join with changed.
    event MinimumStakeSet(uint256 minimumStake);

    /// @notice Only the deployer names slashers.
    error ValidatorSetUnauthorizedDeployer(address caller);
    /// @notice The slashers are named already.
    error ValidatorSetSlashersAlreadySet();
    /// @notice Nobody can join before the slashers are named.
    error ValidatorSetSlashersNotSet();
    /// @notice The list of slashers is empty, or names an account without code.
    error ValidatorSetInvalidSlasher(address slasher);
    /// @notice The caller may not slash.
    error ValidatorSetUnauthorizedSlasher(address caller);
    /// @notice The stake would stay below the minimum, or nothing was added.
    error ValidatorSetInsufficientStake(uint256 stake, uint256 minimum);
    /// @notice All 32 seats are taken by validators with at least as much stake; `lowest` is the least of them.
    error ValidatorSetFull(uint256 stake, uint256 lowest);
    /// @notice The account is not an active validator.
    error ValidatorSetNotActive(address account);
    /// @notice The account is on its way out and must release its stake first.
    error ValidatorSetExiting(address account, uint256 releasableAt);
    /// @notice The stake is still locked for late evidence.
    error ValidatorSetStillLocked(address account, uint256 releasableAt);
    /// @notice The account has no stake here.
    error ValidatorSetNoStake(address account);
    /// @notice Signers are not strictly ascending.
    error ValidatorSetUnorderedSigners(address previous, address current);
    /// @notice The signature is not the validator's.
    error ValidatorSetInvalidSignature(address validator);
    /// @notice The signers' stake is under two thirds of the active stake.
    error ValidatorSetNoQuorum(uint256 signedStake, uint256 activeStake);
    /// @notice A share of zero or above 10,000 basis points, a delay of zero or above 365 days, or a minimum stake of zero.
    error ValidatorSetInvalidParameter(uint256 value, uint256 limit);
    /// @notice A treasury that is the zero address or the vault, which the vault cannot credit.
    error ValidatorSetInvalidTreasury(address treasury);

    /// @notice The most validators that can be active: 32.
    function MAX_VALIDATORS() external view returns (uint256);

    /// @notice The vault that holds the stake. Immutable.
    function vault() external view returns (IStakeVault);

    /// @notice Where slashed stake goes. Immutable.
    function treasury() external view returns (address);

    /// @notice Seconds between leaving and release. Immutable.
    function exitDelay() external view returns (uint256);

    /// @notice Share of its stake that a validator loses for one false vouching or verdict, in basis points. Immutable.
    function slashBps() external view returns (uint256);

    /// @notice The least stake to join with, in token base units. Governed.
    function minimumStake() external view returns (uint256);

    /// @notice Stake of all active validators.
    function activeStake() external view returns (uint256);

    /// @notice A validator as stored; all zero for an account that never joined.
    function getValidator(address account) external view returns (Validator memory);

    /// @notice The active validators, at most 32, in no particular order.
    function activeValidators() external view returns (address[] memory);

    /// @notice Whether an account is an active validator.
    function isActive(address account) external view returns (bool);

    /// @notice Whether a contract may slash.
    function isSlasher(address account) external view returns (bool);

    /// @notice Checks that active validators holding at least two thirds of the active stake signed a digest.
    /// @dev Errors: {ValidatorSetUnorderedSigners}, {ValidatorSetNotActive}, {ValidatorSetInvalidSignature},
    /// {ValidatorSetNoQuorum} (an empty set has no quorum).
    /// @param digest What was signed.
    /// @param signatures The signatures, by strictly ascending validator address.
    /// @return stakes Each signer's stake, in the same order.
    function checkQuorum(
        bytes32 digest,
        ValidatorSignature[] calldata signatures
    ) external view returns (uint256[] memory stakes);

    /// @notice Names the contracts that may slash, once and for good. Only the deployer, before anyone joins.
    /// @dev Emits {SlashersSet}. Errors: {ValidatorSetUnauthorizedDeployer}, {ValidatorSetSlashersAlreadySet},
    /// {ValidatorSetInvalidSlasher}.
    function setSlashers(address[] calldata slashers) external;

    /// @notice Joins with `amount` of the caller's free stake in the vault, or adds to the stake of a validator already active.
    /// When all seats are taken, displaces the validator with the least stake if the caller's is greater.
    /// @dev Emits {ValidatorJoined}, and {ValidatorDisplaced}. Errors: {ValidatorSetSlashersNotSet},
    /// {ValidatorSetInsufficientStake}, {ValidatorSetFull}, {ValidatorSetExiting}, and the vault's.
    function join(uint256 amount) external;

    /// @notice Leaves: no weight from now on, locked for {exitDelay}.
    /// @dev Emits {ValidatorLeft}. Errors: {ValidatorSetNotActive}.
    function exit() external;

    /// @notice Releases a former validator's stake once its time is over. Anyone may call.
    /// @dev Emits {ValidatorReleased}. Errors: {ValidatorSetNoStake}, {ValidatorSetStillLocked} (for an active validator with the
    /// largest time: it must leave first).
    function release(address account) external;

    /// @notice Takes {slashBps} of a validator's stake, rounded up, to the treasury, and its seat. Only a slasher. Works on
    /// validators that are leaving, until they are released; does nothing to an account without stake.
    /// @dev Emits {ValidatorSlashed}. Errors: {ValidatorSetUnauthorizedSlasher}.
    /// @return amount Token base units taken.
    function slash(address account) external returns (uint256 amount);

    /// @notice Sets the least stake to join with; validators already active stay. Governed.
    /// @dev Emits {MinimumStakeSet}. Errors: {ValidatorSetInvalidParameter} for zero.
    function setMinimumStake(uint128 minimumStake_) external;
}
