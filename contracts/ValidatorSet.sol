// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Validator, ValidatorSignature} from "./types/Validator.sol";

/// @title ValidatorSet
/// @notice See {IValidatorSet}.
contract ValidatorSet is IValidatorSet, AccessManaged {
    using Signatures for address;

    /// @inheritdoc IValidatorSet
    uint256 public constant MAX_VALIDATORS = 32;
    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_EXIT_DELAY = 365 days;
    /// @dev A validator that loses less by a lie than its stake earns elsewhere can be bought.
    uint256 private constant MIN_SLASH_BPS = 1_000;

    /// @inheritdoc IValidatorSet
    IStakeVault public immutable vault;
    /// @inheritdoc IValidatorSet
    address public immutable treasury;
    /// @inheritdoc IValidatorSet
    uint256 public immutable exitDelay;
    /// @inheritdoc IValidatorSet
    uint256 public immutable activationDelay;
    /// @inheritdoc IValidatorSet
    uint256 public immutable slashBps;
    address private immutable deployer;

    /// @inheritdoc IValidatorSet
    uint256 public activeStake;
    uint128 private _minimumStake;
    bool private _slashersSet;
    address[] private _seats;
    mapping(address account => Validator) private _validators;
    mapping(address account => bool) private _isSlasher;
    /// @inheritdoc IValidatorSet
    uint256 public foundingUntil;
    /// @inheritdoc IValidatorSet
    mapping(address account => bool) public isFounder;

    /// @notice Creates an empty set. The deployer must then name the slashers.
    /// @dev Errors: {ValidatorSetInvalidTreasury}, {ValidatorSetInvalidParameter}.
    /// @param vault_ The vault that holds the stake.
    /// @param authority The AccessManager that governs the minimum stake.
    /// @param treasury_ The account that gets slashed stake; neither the zero address nor the vault.
    /// @param exitDelay_ Seconds between leaving and release, 1 second to 365 days.
    /// @param activationDelay_ Seconds for which stake must have been locked before it counts, at least 1 and less than
    /// `exitDelay_`.
    /// @param slashBps_ The share of its stake that a validator loses at a time, in basis points, 1,000 to 10,000.
    /// @param minimumStake_ The least stake to join with, in token base units, at least 1.
    constructor(
        IStakeVault vault_,
        address authority,
        address treasury_,
        uint40 exitDelay_,
        uint40 activationDelay_,
        uint16 slashBps_,
        uint128 minimumStake_
    ) AccessManaged(authority) {
        // The vault refuses to credit these two, so no slash would ever succeed.
        if (treasury_ == address(0) || treasury_ == address(vault_)) revert ValidatorSetInvalidTreasury(treasury_);
        _checkRange(exitDelay_, 1, MAX_EXIT_DELAY);
        // Stake that has come to count stays locked for longer than it took.
        _checkRange(activationDelay_, 1, exitDelay_ - 1);
        _checkRange(slashBps_, MIN_SLASH_BPS, BPS);
        vault = vault_;
        treasury = treasury_;
        exitDelay = exitDelay_;
        activationDelay = activationDelay_;
        slashBps = slashBps_;
        deployer = msg.sender;
        _setMinimumStake(minimumStake_);
    }

    /// @inheritdoc IValidatorSet
    function minimumStake() external view returns (uint256) {
        return _minimumStake;
    }

    /// @inheritdoc IValidatorSet
    function getValidator(address account) external view returns (Validator memory) {
        return _validators[account];
    }

    /// @inheritdoc IValidatorSet
    function activeValidators() external view returns (address[] memory) {
        return _seats;
    }

    /// @inheritdoc IValidatorSet
    function isActive(address account) external view returns (bool) {
        return _validators[account].seat != 0;
    }

    /// @inheritdoc IValidatorSet
    function isSlasher(address account) external view returns (bool) {
        return _isSlasher[account];
    }

    /// @inheritdoc IValidatorSet
    function checkQuorum(
        bytes32 digest,
        ValidatorSignature[] calldata signatures
    ) external view returns (uint256[] memory stakes) {
        stakes = new uint256[](signatures.length);
        uint256 signedStake;
        address previous;
        uint256 count = signatures.length;
        for (uint256 i = 0; i < count; ++i) {
            ValidatorSignature calldata entry = signatures[i];
            address signer = entry.validator;
            if (signer <= previous) revert ValidatorSetUnorderedSigners(previous, signer);
            Validator storage validator = _validators[signer];
            // Both before the signature is checked, so that their slot is read once.
            (uint256 seat, uint256 stake) = (validator.seat, validator.stake);
            if (seat == 0) revert ValidatorSetNotActive(signer);
            if (!signer.isValid(digest, entry.signature)) revert ValidatorSetInvalidSignature(signer);
            stakes[i] = stake;
            previous = signer;
            // Signers are distinct, so together they have the active stake at most, which the vault bounds by 2^128.
            unchecked {
                signedStake += stake;
            }
        }
        uint256 total = activeStake;
        unchecked {
            // So no product overflows, either. Without signatures there is no quorum.
            if (signedStake != 0 && signedStake * 3 >= total * 2) return stakes;
        }
        revert ValidatorSetNoQuorum(signedStake, total);
    }

    /// @inheritdoc IValidatorSet
    function setSlashers(address[] calldata slashers, address[] calldata founders) external {
        if (msg.sender != deployer) revert ValidatorSetUnauthorizedDeployer(msg.sender);
        if (_slashersSet) revert ValidatorSetSlashersAlreadySet();
        if (slashers.length == 0) revert ValidatorSetInvalidSlasher(address(0));
        _slashersSet = true;
        for (uint256 i = 0; i < slashers.length; ++i) {
            if (slashers[i].code.length == 0) revert ValidatorSetInvalidSlasher(slashers[i]);
            _isSlasher[slashers[i]] = true;
        }
        foundingUntil = block.timestamp + activationDelay;
        for (uint256 i = 0; i < founders.length; ++i) isFounder[founders[i]] = true;
        emit SlashersSet(slashers);
        emit FoundersSet(founders, foundingUntil);
    }

    /// @inheritdoc IValidatorSet
    function join(uint256 amount) external {
        if (!_slashersSet) revert ValidatorSetSlashersNotSet();
        Validator memory validator = _validators[msg.sender];
        uint256 pending;
        uint256 stake;
        // If a sum wraps, the vault refuses the amount below.
        unchecked {
            pending = validator.pending + amount;
            stake = validator.stake + pending;
        }
        if (amount == 0 || stake < _minimumStake) revert ValidatorSetInsufficientStake(stake, _minimumStake);
        if (validator.exitedAt != 0) {
            // Without stake there is nothing to wait for: all of it was slashed.
            if (validator.stake != 0) revert ValidatorSetExiting(msg.sender, validator.exitedAt + exitDelay);
            validator.exitedAt = 0;
        }
        bool isFounding = isFounder[msg.sender] && block.timestamp <= foundingUntil;
        validator.activeFrom = uint40(isFounding ? block.timestamp : block.timestamp + activationDelay);
        // The vault locks at most 2^128-1 of an account's stake for one module, so what it accepts fits.
        validator.pending = uint128(pending);
        _validators[msg.sender] = validator;
        emit ValidatorJoined({validator: msg.sender, stake: stake, activeFrom: validator.activeFrom});
        if (isFounding) _activate(msg.sender);
        vault.lock(msg.sender, amount);
    }

    /// @inheritdoc IValidatorSet
    function activate(address account) external {
        Validator storage validator = _validators[account];
        if (validator.pending == 0) revert ValidatorSetNothingPending(account);
        if (block.timestamp < validator.activeFrom) revert ValidatorSetTooEarly(account, validator.activeFrom);
        _activate(account);
    }

    /// @inheritdoc IValidatorSet
    function exit() external {
        Validator storage validator = _validators[msg.sender];
        if (validator.seat == 0 && validator.pending == 0) revert ValidatorSetNotActive(msg.sender);
        uint256 stake = _leave(msg.sender);
        emit ValidatorLeft({validator: msg.sender, stake: stake});
    }

    /// @inheritdoc IValidatorSet
    function release(address account) external {
        Validator memory validator = _validators[account];
        if (validator.stake == 0 && validator.pending == 0) revert ValidatorSetNoStake(account);
        if (validator.exitedAt == 0) revert ValidatorSetStillLocked(account, type(uint256).max);
        uint256 releasableAt = validator.exitedAt + exitDelay;
        if (block.timestamp < releasableAt) revert ValidatorSetStillLocked(account, releasableAt);
        delete _validators[account];
        emit ValidatorReleased({validator: account, stake: validator.stake});
        vault.unlock(account, validator.stake);
    }

    /// @inheritdoc IValidatorSet
    function slash(address account) external returns (uint256 amount) {
        if (!_isSlasher[msg.sender]) revert ValidatorSetUnauthorizedSlasher(msg.sender);
        Validator storage validator = _validators[account];
        if (validator.stake == 0 && validator.pending == 0) return 0;
        uint256 stake = validator.exitedAt == 0 ? _leave(account) : validator.stake;
        amount = Math.ceilDiv(stake * slashBps, BPS);
        // The amount is at most the stake, because the share is at most the whole.
        validator.stake = uint128(stake - amount);
        emit ValidatorSlashed({validator: account, slasher: msg.sender, amount: amount});
        vault.slash(account, amount, treasury);
    }

    /// @inheritdoc IValidatorSet
    function setMinimumStake(uint128 minimumStake_) external restricted {
        _setMinimumStake(minimumStake_);
    }

    /// @dev Makes pending stake count, and gives its owner a seat.
    function _activate(address account) private {
        Validator memory validator = _validators[account];
        uint256 stake = uint256(validator.stake) + validator.pending;
        if (validator.seat == 0) {
            if (_seats.length == MAX_VALIDATORS) _displaceLowest(account, stake);
            _seats.push(account);
            validator.seat = uint8(_seats.length);
        }
        unchecked {
            activeStake += validator.pending;
        }
        (validator.stake, validator.pending, validator.activeFrom) = (uint128(stake), 0, 0);
        _validators[account] = validator;
        emit ValidatorActivated({validator: account, stake: stake});
    }

    /// @dev Takes away the seat of the validator with the least stake, if `stake` is more.
    function _displaceLowest(address by, uint256 stake) private {
        address lowest = _seats[0];
        uint256 least = _validators[lowest].stake;
        for (uint256 i = 1; i < MAX_VALIDATORS; ++i) {
            address candidate = _seats[i];
            uint256 candidateStake = _validators[candidate].stake;
            if (candidateStake < least) (lowest, least) = (candidate, candidateStake);
        }
        if (stake <= least) revert ValidatorSetFull(stake, least);
        uint256 left = _leave(lowest);
        emit ValidatorDisplaced({validator: lowest, by: by, stake: left});
    }

    /// @dev Takes away a validator's seat and weight, if it has any, and starts its exit, with what is pending too. The last
    /// validator of the list moves to the free seat.
    function _leave(address account) private returns (uint256 stake) {
        Validator storage validator = _validators[account];
        uint8 seat = validator.seat;
        if (seat != 0) {
            address last = _seats[_seats.length - 1];
            _seats[seat - 1] = last;
            _validators[last].seat = seat;
            _seats.pop();
            validator.seat = 0;
            activeStake -= validator.stake;
        }
        stake = uint256(validator.stake) + validator.pending;
        (validator.stake, validator.pending) = (uint128(stake), 0);
        (validator.activeFrom, validator.exitedAt) = (0, uint40(block.timestamp));
    }

    function _setMinimumStake(uint128 minimumStake_) private {
        if (minimumStake_ == 0) revert ValidatorSetInvalidParameter(0, 1);
        _minimumStake = minimumStake_;
        emit MinimumStakeSet(minimumStake_);
    }

    function _checkRange(uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum) revert ValidatorSetInvalidParameter(value, minimum);
        if (value > maximum) revert ValidatorSetInvalidParameter(value, maximum);
    }
}
