// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {DatasetUse, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskWorld} from "./TaskWorld.sol";

/// @notice Who gets what at each end of a task, to the unit, whatever it costs and whoever signs; and which deadlines a task may have.
/// @dev Everybody has one part only, so that what somebody has is what the end brought.
/// hardhat-config: fuzz.runs = 150
contract TaskEscrowFuzzTest is TaskWorld {
    /// @dev What the tests need of a request.
    struct Terms {
        uint96 nodeFee;
        uint96 validatorFee;
        uint96 stakeLock;
        uint40 acceptBy;
        uint40 resultBy;
        uint40 verdictBy;
    }

    uint256 private constant NODE = 3;
    uint256 private constant MAX_DATASETS = 16;
    uint256 private constant MAX_SIGNERS = 32;
    /// @dev Sixteen of them and a validators' fee leave room in a lock of 96 bits.
    uint256 private constant MAX_PRICE = 2 ** 91;
    uint256 private constant MAX_VALIDATOR_FEE = 2 ** 94;
    uint256 private constant PROVIDER_STAKE = 2 ** 96;

    address private immutable requester = address(0xA0);
    address private immutable provider = address(0xB0);

    /// @dev By ascending address, and what each has staked.
    uint256[] private _keys;
    uint256[] private _stakes;
    /// @dev What the task's uses cost once it is accepted.
    uint256[] private _prices;
    Terms private _terms;
    uint256 private _task;
    uint256 private _escrowed;
    /// @dev What datasets had become cheaper.
    uint256 private _saved;

    function setUp() public {
        deployTasks();
        fund(requester);
        fund(provider);
        token.approve(address(vault), PROVIDER_STAKE);
        vault.depositFor(provider, PROVIDER_STAKE);
        nodes.addNode(NODE, provider, vm.addr(enclaveSecret));
        nodes.attest(NODE, MR_ENCLAVE, VerifierKind.OnChain, START + 300 days);
        for (uint256 i; i < MAX_SIGNERS; ++i) _addKey(uint256(keccak256(abi.encode("signer", i))));
        for (uint256 i; i < MAX_SIGNERS; ++i) fund(vm.addr(_keys[i]));
        for (uint256 i; i < MAX_DATASETS; ++i) {
            vm.prank(_ownerAt(i));
            grants.register(keccak256("data"), 0, "");
        }
    }

    function testFuzz_ValidPaysTheEscrowToTheUnit(uint256 seed) external {
        _accept(seed);
        _submit();
        _finalize(TaskStatus.Valid);
        uint256 left = _escrowed;
        left -= _take(requester, _saved);
        left -= _take(provider, _terms.nodeFee);
        for (uint256 i; i < _prices.length; ++i) left -= _take(_ownerAt(i), _prices[i]);
        left -= _checkShares(true);
        _assertOver(TaskStatus.Valid, left, 0);
    }

    function testFuzz_InvalidPaysTheLockToTheUnit(uint256 seed) external {
        _accept(seed);
        _submit();
        _finalize(TaskStatus.Invalid);
        uint256 lock = _terms.stakeLock;
        for (uint256 i; i < _prices.length; ++i) lock -= _takeStake(_ownerAt(i), _prices[i]);
        lock -= _checkShares(false);
        assertEq(lock, vault.freeStakeOf(treasury), "the treasury has the rest");
        _assertOver(TaskStatus.Invalid, _escrowed - _take(requester, _escrowed), _terms.stakeLock);
    }

    function testFuzz_UnjudgedPaysOwnersAndNodeToTheUnit(uint256 seed) external {
        _accept(seed);
        _submit();
        vm.warp(uint256(_terms.verdictBy) + 1);
        escrow.expire(_task);
        uint256 left = _escrowed;
        left -= _take(requester, _saved + _terms.validatorFee);
        left -= _take(provider, _terms.nodeFee);
        for (uint256 i; i < _prices.length; ++i) left -= _take(_ownerAt(i), _prices[i]);
        _assertOver(TaskStatus.Unjudged, left, 0);
    }

    function testFuzz_LatePaysTheLockToTheUnit(uint256 seed) external {
        _accept(seed);
        vm.warp(uint256(_terms.resultBy) + 1);
        escrow.expire(_task);
        uint256 lock = _terms.stakeLock;
        for (uint256 i; i < _prices.length; ++i) lock -= _takeStake(_ownerAt(i), _prices[i]);
        assertEq(lock, vault.freeStakeOf(treasury), "the treasury has the rest");
        _assertOver(TaskStatus.Late, _escrowed - _take(requester, _escrowed), _terms.stakeLock);
    }

    function testFuzz_AbortedPaysOwnersToTheUnit(uint256 seed) external {
        _accept(seed);
        escrow.abort(_task, enclaveSignature(escrow.hashAbort(_task)));
        uint256 left = _escrowed;
        left -= _take(requester, _saved + _terms.nodeFee + _terms.validatorFee);
        for (uint256 i; i < _prices.length; ++i) left -= _take(_ownerAt(i), _prices[i]);
        _assertOver(TaskStatus.Aborted, left, 0);
    }

    function testFuzz_CancelledGivesAllBack(uint256 seed, bool byRequester) external {
        _publish(seed);
        if (byRequester) vm.prank(requester);
        else vm.warp(_terms.acceptBy);
        escrow.cancel(_task);
        _assertOver(TaskStatus.Cancelled, _escrowed - _take(requester, _escrowed), 0);
    }

    /// @notice A second before each deadline, in it, and a second after it.
    /// hardhat-config: fuzz.runs = 500
    function testFuzz_EachStepCountsUpToItsDeadline(uint256 seed) external {
        _publish(seed);
        bool isInTime = _comeTo(_terms.acceptBy) < _terms.acceptBy;
        _expectInTime(isInTime, _terms.acceptBy);
        vm.prank(provider);
        escrow.accept(_task);
        if (!isInTime) return;

        isInTime = _comeTo(_terms.resultBy) <= _terms.resultBy;
        uint256 kind = _roll(3);
        if (kind == 2) return _expire(!isInTime, _terms.resultBy);
        bytes32 resultHash = keccak256("result");
        bytes32 digest = kind == 0 ? escrow.hashResult(_task, resultHash) : escrow.hashAbort(_task);
        bytes memory word = enclaveSignature(digest);
        _expectInTime(isInTime, _terms.resultBy);
        vm.prank(provider);
        if (kind == 0) escrow.submit(_task, resultHash, "", word);
        else escrow.abort(_task, word);
        if (!isInTime || kind == 1) return;

        isInTime = _comeTo(_terms.verdictBy) <= _terms.verdictBy;
        if (_roll(2) == 0) return _expire(!isInTime, _terms.verdictBy);
        ValidatorSignature[] memory signatures = _joinAndSign(TaskStatus.Valid);
        _expectInTime(isInTime, _terms.verdictBy);
        escrow.finalize(_task, TaskStatus.Valid, signatures);
    }

    /// @notice A second before any of the grants is over, as it is over, and a second later.
    function testFuzz_ANodeAcceptsWhileEveryGrantHolds(uint256 seed) external {
        _publish(seed);
        uint256 count = _prices.length;
        if (count == 0) return;
        uint256 index = _roll(count);
        uint40 until = uint40(block.timestamp + 1 + _roll(23 hours));
        _grant(index, until);
        bool holds = _comeTo(until) < until;
        if (!holds) {
            vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsNotGranted.selector, index + 1, NODE));
        }
        vm.prank(provider);
        escrow.accept(_task);
        TaskStatus expected = holds ? TaskStatus.Accepted : TaskStatus.Published;
        assertEq(uint256(escrow.getTask(_task).status), uint256(expected), "status");
    }

    /// @notice Just outside, at and just inside of every bound, and anywhere between.
    /// hardhat-config: fuzz.runs = 1500
    function testFuzz_PublishTakesExactlyTheDeadlinesAllowed(uint256 seed) external {
        luck = seed;
        TaskRequest memory request = _plainRequest();
        uint256 least = _roll(3) == 0 ? _roll(2 ** 24) : _roll(2 days);
        uint256 time = block.timestamp;
        uint256 acceptBy = _near(time + 1, time + 30 days);
        uint256 resultBy = _near(acceptBy + least + 1 hours, acceptBy + 90 days);
        uint256 verdictBy = _near(resultBy + 1 hours, resultBy + 7 days);
        request.leastDuration = uint24(least);
        (request.acceptBy, request.resultBy, request.verdictBy) = (
            uint40(acceptBy),
            uint40(resultBy),
            uint40(verdictBy)
        );
        bytes memory refusal = _refusalOf(acceptBy, time + 1, time + 30 days);
        if (refusal.length == 0) refusal = _refusalOf(resultBy, acceptBy + least + 1 hours, acceptBy + 90 days);
        if (refusal.length == 0) refusal = _refusalOf(verdictBy, resultBy + 1 hours, resultBy + 7 days);
        if (refusal.length != 0) vm.expectRevert(refusal);
        vm.prank(requester);
        escrow.publish(request);
        assertEq(escrow.taskCount(), refusal.length == 0 ? 1 : 0, "published");
    }

    /* STEPS */

    function _publish(uint256 seed) private {
        luck = seed;
        TaskRequest memory request = _plainRequest();
        uint256 count = _roll(MAX_DATASETS + 1);
        request.datasets = new DatasetUse[](count);
        uint256 least;
        for (uint256 i; i < count; ++i) {
            uint256 price = _amount(MAX_PRICE);
            _prices.push(price);
            // What the requester offers, which may be more than what it will cost.
            uint256 offered = price + (_roll(3) == 0 ? _amount(MAX_PRICE - price) : 0);
            _saved += offered - price;
            least += offered;
            request.datasets[i] = DatasetUse(uint64(i + 1), uint96(offered));
            _price(i, price);
            _grant(i, uint40(block.timestamp + 2 days));
        }
        request.nodeFee = uint96(_amount(2 ** 96));
        request.validatorFee = uint96(_amount(MAX_VALIDATOR_FEE));
        least += request.validatorFee;
        request.stakeLock = uint96(least + (_roll(2) == 0 ? 0 : _amount(2 ** 96 - least)));
        _terms = Terms({
            nodeFee: request.nodeFee,
            validatorFee: request.validatorFee,
            stakeLock: request.stakeLock,
            acceptBy: request.acceptBy,
            resultBy: request.resultBy,
            verdictBy: request.verdictBy
        });
        vm.prank(requester);
        _task = escrow.publish(request);
        _escrowed = least + request.nodeFee;
        assertEq(token.balanceOf(address(escrow)), _escrowed, "came in");
    }

    function _accept(uint256 seed) private {
        _publish(seed);
        vm.prank(provider);
        escrow.accept(_task);
    }

    function _submit() private {
        bytes32 resultHash = keccak256("result");
        bytes memory word = enclaveSignature(escrow.hashResult(_task, resultHash));
        vm.prank(provider);
        escrow.submit(_task, resultHash, "", word);
    }

    function _finalize(TaskStatus verdict) private {
        ValidatorSignature[] memory signatures = _joinAndSign(verdict);
        vm.prank(stranger);
        escrow.finalize(_task, verdict, signatures);
    }

    function _expire(bool isOverdue, uint256 deadline) private {
        if (!isOverdue) {
            vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowNotOverdue.selector, _task, deadline));
        }
        escrow.expire(_task);
        assertTrue((escrow.escrowOf(_task) == 0) == (isOverdue || _escrowed == _saved), "over");
    }

    function _expectInTime(bool isInTime, uint256 deadline) private {
        if (isInTime) return;
        vm.expectRevert(abi.encodeWithSelector(ITaskEscrow.TaskEscrowTooLate.selector, _task, deadline));
    }

    function _comeTo(uint256 deadline) private returns (uint256 time) {
        time = deadline - 1 + _roll(3);
        vm.warp(time);
    }

    /// @dev One validator to 32 join, of whatever stakes, and all of them sign.
    function _joinAndSign(TaskStatus verdict) private returns (ValidatorSignature[] memory signatures) {
        uint256 count = 1 + _roll(MAX_SIGNERS);
        signatures = new ValidatorSignature[](count);
        bytes32 digest = escrow.hashVerdict(_task, verdict);
        for (uint256 i; i < count; ++i) {
            address account = vm.addr(_keys[i]);
            uint256 stake = MINIMUM_STAKE + _amount(FREE_STAKE - MINIMUM_STAKE);
            _stakes.push(stake);
            vm.prank(account);
            validators.join(stake);
            signatures[i] = ValidatorSignature(account, signature(_keys[i], digest));
        }
    }

    /* WHO HAS WHAT */

    /// @dev Each signer has its share, rounded down, and the last one the rest: of the ledger, or of stake that is free.
    function _checkShares(bool onLedger) private view returns (uint256 sum) {
        uint256 total;
        for (uint256 i; i < _stakes.length; ++i) total += _stakes[i];
        uint256 fee = _terms.validatorFee;
        for (uint256 i; i < _stakes.length; ++i) {
            address account = vm.addr(_keys[i]);
            uint256 stake = _stakes[i];
            uint256 share = onLedger ? escrow.balanceOf(account) : vault.freeStakeOf(account) + stake - FREE_STAKE;
            sum += share;
            if (i + 1 == _stakes.length) break;
            assertLe(share * total, fee * stake, "not more than its part");
            assertGe((share + 1) * total, fee * stake + 1, "less than a unit short of it");
        }
        assertEq(sum, fee, "the shares sum to the fee");
    }

    function _take(address account, uint256 expected) private view returns (uint256) {
        assertEq(escrow.balanceOf(account), expected, "on the ledger");
        return expected;
    }

    function _takeStake(address account, uint256 expected) private view returns (uint256) {
        assertEq(vault.freeStakeOf(account), expected, "free stake");
        assertEq(escrow.balanceOf(account), 0, "on the ledger");
        return expected;
    }

    /// @dev Nothing is left of the escrow, and the provider has lost what it should, and nothing is locked.
    function _assertOver(TaskStatus status, uint256 left, uint256 slashed) private view {
        assertEq(left, 0, "left");
        assertEq(uint256(escrow.getTask(_task).status), uint256(status), "status");
        assertEq(escrow.escrowOf(_task), 0, "held");
        (uint256 stake, uint256 locked) = vault.stakeOf(provider);
        assertEq(stake, PROVIDER_STAKE + FREE_STAKE - slashed, "provider's stake");
        assertEq(locked, 0, "locked");
        assertEq(vault.totalSlashed(), slashed, "slashed");
        assertEq(token.balanceOf(address(escrow)), _escrowed, "nothing goes out before it is withdrawn");
    }

    /* PARTS */

    function _plainRequest() private view returns (TaskRequest memory request) {
        request.nodeId = NODE;
        request.mrEnclave = MR_ENCLAVE;
        request.enclaveKey = vm.addr(enclaveSecret);
        request.demand = AttestationDemand.OnChain;
        request.inputHash = keccak256("inputs");
        request.acceptBy = uint40(block.timestamp + 1 days);
        request.resultBy = uint40(block.timestamp + 2 days);
        request.verdictBy = uint40(block.timestamp + 3 days);
    }

    function _price(uint256 index, uint256 price) private {
        vm.prank(_ownerAt(index));
        grants.setPrice(index + 1, uint96(price));
    }

    function _grant(uint256 index, uint40 until) private {
        vm.prank(_ownerAt(index));
        grants.grant(
            GrantTerms(index + 1, NODE, MR_ENCLAVE, vm.addr(enclaveSecret), until, AttestationDemand.OnChain, false)
        );
    }

    /// @dev Keeps the keys in the order of their addresses.
    function _addKey(uint256 key) private {
        _keys.push(key);
        for (uint256 i = _keys.length - 1; i > 0 && vm.addr(_keys[i - 1]) > vm.addr(key); --i) {
            (_keys[i], _keys[i - 1]) = (_keys[i - 1], key);
        }
    }

    function _ownerAt(uint256 index) private pure returns (address) {
        return address(uint160(0xD00 + index));
    }

    /// @dev Any amount below a limit: nothing, a few units, or of any magnitude.
    function _amount(uint256 limit) private returns (uint256) {
        if (limit == 0) return 0;
        uint256 size = 2 ** _roll(97);
        return _roll(size < limit ? size : limit);
    }

    function _near(uint256 earliest, uint256 latest) private returns (uint256) {
        uint256 kind = _roll(8);
        if (kind < 3) return earliest + kind - 1;
        if (kind < 6) return latest + kind - 4;
        return latest < earliest ? _roll(2 ** 32) : earliest + _roll(latest - earliest + 1);
    }

    function _refusalOf(uint256 deadline, uint256 earliest, uint256 latest) private pure returns (bytes memory) {
        if (deadline >= earliest && deadline <= latest) return "";
        return abi.encodeWithSelector(ITaskEscrow.TaskEscrowInvalidDeadline.selector, deadline, earliest, latest);
    }
}
