// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {Validator, ValidatorSignature} from "./types/Validator.sol";
import {SigningKeys} from "./validators/SigningKeys.sol";

/// @title ValidatorSet
/// @notice See {IValidatorSet}.
contract ValidatorSet is SigningKeys, AccessManaged {
    using Checkpoints for Checkpoints.Trace208;

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

    /// @dev What displaced stake was on its way back in a span of `activationDelay` seconds.
    /// @param most The most that counted before stake lost its seat in it while some was displaced.
    /// @param displaced What was displaced in it, and has not come back.
    struct Span {
        uint128 most;
        uint128 displaced;
    }

    /// @dev What was displaced of a validator.
    /// @param stake What had counted.
    /// @param span In which span of time.
    struct Displacement {
        uint128 stake;
        uint48 span;
    }

    /// @dev The stake of all seats; the block since which it has been all that a quorum is needed of, as what begins is counted, or the
    /// largest number if it was not so when last noted; and the span of time in which seats were last contested.
    uint128 private _activeStake;
    uint48 private _calmSince;
    uint48 private _contestedIn;
    uint128 private _minimumStake;
    bool private _slashersSet;
    address[] private _seats;
    mapping(address account => Validator) private _validators;
    mapping(address account => bool) private _isSlasher;
    /// @inheritdoc IValidatorSet
    uint256 public foundingUntil;
    /// @inheritdoc IValidatorSet
    mapping(address account => bool) public isFounder;
    /// @dev Of what stake a quorum was needed when it last changed, by the number of the block. This and what follows is looked up only
    /// where stake came or went later than what it is to judge, or is contested.
    Checkpoints.Trace208 private _history;
    /// @dev What counted of a validator's stake, by the number of the block.
    mapping(address account => Checkpoints.Trace208) private _weights;
    /// @dev What had counted of all who were displaced and wait to come back, and of each.
    uint128 private _displacedStake;
    mapping(address account => Displacement) private _displacements;
    mapping(uint256 span => Span) private _spans;

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
    ) EIP712("ComputingPower.ValidatorSet", "1") AccessManaged(authority) {
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
    function activeStake() external view returns (uint256) {
        return _activeStake;
    }

    /// @inheritdoc IValidatorSet
    function activeStakeAsOf(uint256 asOf) external view returns (uint256) {
        return _totalAsOf(asOf);
    }

    /// @inheritdoc IValidatorSet
    function stakeAsOf(address account, uint256 asOf) external view returns (uint256) {
        (uint256 seat, , uint256 stake) = _weightOf(account, asOf);
        return seat == 0 ? 0 : stake;
    }

    /// @inheritdoc IValidatorSet
    function checkQuorum(
        bytes32 digest,
        uint256 asOf,
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
            (uint256 seat, bool hasKey, uint256 stake) = _weightOf(signer, asOf);
            if (seat == 0) revert ValidatorSetNotActive(signer);
            if (stake == 0) revert ValidatorSetTooYoung(signer, _validators[signer].countsSince, asOf);
            if (_recovered(digest, entry.signature) != (hasKey ? _keyOf(signer) : signer)) {
                revert ValidatorSetInvalidSignature(signer);
            }
            stakes[i] = stake;
            previous = signer;
            // Signers are distinct, so together they have the active stake at most, which the vault bounds by 2^128.
            unchecked {
                signedStake += stake;
            }
        }
        uint256 total = _totalAsOf(asOf);
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
    function setSigningKey(address key, bytes calldata signature) external {
        _setKey(msg.sender, key, signature);
        _validators[msg.sender].hasKey = true;
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
        // Otherwise its account's key would be in force again, which it has given up.
        if (validator.hasKey) _validators[account].hasKey = true;
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
    function noteTotal() external {
        if (_history.latest() != _totalNow()) _noteTotal();
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
            if (validator.displaced) _forgetDisplacement(account);
            _seats.push(account);
            validator.seat = uint8(_seats.length);
        }
        _activeStake += validator.pending;
        _noteTotal();
        validator.countsSince = uint48(block.number);
        _weights[account].push(uint48(block.number), uint208(stake));
        (validator.stake, validator.pending, validator.activeFrom) = (uint128(stake), 0, 0);
        validator.displaced = false;
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
        uint256 span = block.timestamp / activationDelay;
        _displacedStake += uint128(least);
        _spans[span].displaced += uint128(least);
        _displacements[lowest] = Displacement({stake: uint128(least), span: uint48(span)});
        _unseat(lowest);
        Validator storage validator = _validators[lowest];
        // What was added last makes all of it wait, as ever.
        if (validator.activeFrom == 0) validator.activeFrom = uint40(block.timestamp);
        validator.displaced = true;
        emit ValidatorDisplaced({validator: lowest, by: by, stake: validator.pending});
    }

    /// @dev Takes away a validator's seat, if it has one, and starts its exit, with what is pending too.
    function _leave(address account) private returns (uint256 stake) {
        Validator storage validator = _validators[account];
        if (validator.displaced) _forgetDisplacement(account);
        if (validator.seat != 0) _unseat(account);
        _noteTotal();
        stake = validator.pending;
        (validator.stake, validator.pending, validator.displaced) = (uint128(stake), 0, false);
        (validator.activeFrom, validator.exitedAt) = (0, uint40(block.timestamp));
    }

    /// @dev Takes away a validator's seat and weight: all of its stake is pending then. The last validator of the list moves to
    /// the free seat. If anybody waits to come back, what counted until now is remembered for as long as that may take.
    function _unseat(address account) private {
        if (_displacedStake != 0) {
            uint256 span = block.timestamp / activationDelay;
            _contestedIn = uint48(span);
            if (_spans[span].most < _activeStake) _spans[span].most = _activeStake;
        }
        Validator storage validator = _validators[account];
        (uint8 seat, uint128 stake) = (validator.seat, validator.stake);
        address last = _seats[_seats.length - 1];
        _seats[seat - 1] = last;
        _validators[last].seat = seat;
        _seats.pop();
        (validator.seat, validator.countsSince, validator.stake) = (0, 0, 0);
        validator.pending += stake;
        _weights[account].push(uint48(block.number), 0);
        _activeStake -= stake;
    }

    /// @dev Waits no longer for who was displaced, who comes back or leaves.
    function _forgetDisplacement(address account) private {
        Displacement memory displacement = _displacements[account];
        delete _displacements[account];
        _displacedStake -= displacement.stake;
        _spans[displacement.span].displaced -= displacement.stake;
    }

    /// @dev Notes of what stake a quorum is needed on what begins from this block on.
    function _noteTotal() private {
        uint256 total = _totalNow();
        _calmSince = total == _activeStake ? uint48(block.number) : type(uint48).max;
        _history.push(uint48(block.number), uint208(total));
    }

    /// @dev A validator's seat, whether it chose a key, and what of its stake counted already as of a block. Who had lost the seat
    /// since has no more weight than it has now.
    function _weightOf(address account, uint256 asOf) private view returns (uint256 seat, bool hasKey, uint256 stake) {
        Validator storage validator = _validators[account];
        uint256 countsSince;
        // Four fields of the first slot, which is read once: this is done for every signer.
        assembly ("memory-safe") {
            let word := sload(validator.slot)
            stake := and(word, 0xffffffffffffffffffffffffffffffff)
            seat := and(shr(168, word), 0xff)
            countsSince := and(shr(176, word), 0xffffffffffff)
            hasKey := and(shr(224, word), 1)
        }
        if (countsSince <= asOf) return (seat, hasKey, stake);
        stake = Math.min(stake, _weights[account].upperLookupRecent(uint48(asOf)));
    }

    /// @dev Of what stake a quorum is needed on what began in a block: of what was needed then, or of what counts now and was
    /// displaced, if that is less. So displacing others lessens it neither while their places are taken nor after.
    function _totalAsOf(uint256 asOf) private view returns (uint256) {
        if (asOf >= block.number) return _totalNow();
        if (_calmSince <= asOf) return _activeStake;
        return Math.min(uint256(_activeStake) + _displacedStake, _history.upperLookupRecent(uint48(asOf)));
    }

    /// @dev Of what stake a quorum is needed now: of all that counts and was displaced of late; and of what has counted at the most of
    /// late, as far as displaced stake waits to make up for what has gone. Of late is one to two activation delays ago: so long
    /// may displaced stake have to wait by itself, and as long as none of it has a place, no less counts than it had.
    function _totalNow() private view returns (uint256) {
        uint256 span = block.timestamp / activationDelay;
        uint256 active = _activeStake;
        if (span > uint256(_contestedIn) + 1) return active;
        Span memory current = _spans[span];
        Span memory previous = _spans[span - 1];
        uint256 most = Math.min(active + _displacedStake, Math.max(current.most, previous.most));
        return Math.max(active + current.displaced + previous.displaced, most);
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
