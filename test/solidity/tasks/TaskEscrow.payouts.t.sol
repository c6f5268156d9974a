// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {playedResult, resultHashOf} from "./ChunkedResult.sol";
import {TaskDealFixture} from "./TaskDealFixture.sol";
import {ENCLAVE_SECRET, FREE_STAKE, RESULT_BOND, STRANGER, TREASURY} from "./TaskStage.sol";

/// @notice Who gets what at each end of a task, to the unit, whatever it costs and whoever signs.
/// @dev Everybody has one part only, so that what somebody has is what the end brought.
/// hardhat-config: fuzz.runs = 150
contract TaskEscrowPayoutsTest is TaskDealFixture {
    function testFuzz_ValidPaysTheEscrowToTheUnit(uint256 seed) external {
        _accept(seed);
        _submit();
        _finalize(TaskStatus.Valid);
        uint256 left = escrowed;
        left -= _take(requester, saved);
        left -= _take(provider, terms.nodeFee);
        for (uint256 i; i < prices.length; ++i) left -= _take(ownerAt(i), prices[i]);
        left -= _checkShares(true);
        _assertOver(TaskStatus.Valid, left, 0);
    }

    function testFuzz_InvalidPaysTheLockToTheUnit(uint256 seed) external {
        _accept(seed);
        _submit();
        _finalize(TaskStatus.Invalid);
        uint256 lock = terms.stakeLock;
        for (uint256 i; i < prices.length; ++i) lock -= _takeStake(ownerAt(i), prices[i]);
        lock -= _checkShares(false);
        assertEq(lock, play.vault.freeStakeOf(TREASURY), "the treasury has the rest");
        _assertOver(TaskStatus.Invalid, escrowed - _take(requester, escrowed), terms.stakeLock);
    }

    function testFuzz_UnjudgedPaysOwnersAndNodeToTheUnit(uint256 seed) external {
        _accept(seed);
        _submit();
        showResult();
        uint256 end = block.timestamp + 25 hours;
        vm.warp((end < terms.verdictBy ? terms.verdictBy : end) + 1);
        play.escrow.expire(task);
        uint256 left = escrowed;
        left -= _take(requester, saved + terms.validatorFee);
        left -= _take(provider, terms.nodeFee);
        for (uint256 i; i < prices.length; ++i) left -= _take(ownerAt(i), prices[i]);
        _assertOver(TaskStatus.Unjudged, left, 0);
    }

    function testFuzz_LatePaysTheLockToTheUnit(uint256 seed) external {
        _accept(seed);
        vm.warp(uint256(terms.resultBy) + 1);
        play.escrow.expire(task);
        uint256 lock = terms.stakeLock;
        for (uint256 i; i < prices.length; ++i) lock -= _takeStake(ownerAt(i), prices[i]);
        assertEq(lock, play.vault.freeStakeOf(TREASURY), "the treasury has the rest");
        _assertOver(TaskStatus.Late, escrowed - _take(requester, escrowed), terms.stakeLock);
    }

    function testFuzz_AbortedPaysOwnersToTheUnit(uint256 seed) external {
        _accept(seed);
        play.escrow.abort(task, signature(ENCLAVE_SECRET, play.escrow.hashAbort(task)));
        uint256 left = escrowed;
        left -= _take(requester, saved + terms.nodeFee + terms.validatorFee);
        for (uint256 i; i < prices.length; ++i) left -= _take(ownerAt(i), prices[i]);
        _assertOver(TaskStatus.Aborted, left, 0);
    }

    function testFuzz_CancelledGivesAllBack(uint256 seed, bool byRequester) external {
        publish(seed);
        bytes32 name = play.escrow.termsHashOf(task);
        if (byRequester) vm.prank(requester);
        else vm.warp(terms.acceptBy);
        play.escrow.cancel(task, name);
        _assertOver(TaskStatus.Cancelled, escrowed - _take(requester, escrowed), 0);
    }

    function _accept(uint256 seed) private {
        publish(seed);
        bytes32 name = play.escrow.termsHashOf(task);
        vm.prank(provider);
        play.escrow.accept(task, name, vm.addr(ENCLAVE_SECRET));
    }

    function _submit() private {
        bytes32 resultHash = resultHashOf(playedResult(task));
        bytes memory word = signature(ENCLAVE_SECRET, play.escrow.hashResult(task, resultHash));
        vm.prank(provider);
        play.escrow.submit(task, resultHash, "", word);
    }

    function _finalize(TaskStatus verdict) private {
        ValidatorSignature[] memory signatures = joinAndSign(verdict);
        vm.prank(STRANGER);
        play.escrow.finalize(task, verdict, signatures);
    }

    /// @dev Each signer has its share, rounded down, and the last one the rest: of the ledger, or of stake that is free.
    function _checkShares(bool onLedger) private view returns (uint256 sum) {
        uint256 total;
        for (uint256 i; i < stakes.length; ++i) total += stakes[i];
        uint256 fee = terms.validatorFee;
        for (uint256 i; i < stakes.length; ++i) {
            address account = vm.addr(keys[i]);
            uint256 stake = stakes[i];
            uint256 share =
                onLedger ? play.escrow.balanceOf(account) : play.vault.freeStakeOf(account) + stake - FREE_STAKE;
            sum += share;
            if (i + 1 == stakes.length) break;
            assertLe(share * total, fee * stake, "not more than its part");
            assertGe((share + 1) * total, fee * stake + 1, "less than a unit short of it");
        }
        assertEq(sum, fee, "the shares sum to the fee");
    }

    function _take(address account, uint256 expected) private view returns (uint256) {
        assertEq(play.escrow.balanceOf(account), expected, "on the ledger");
        return expected;
    }

    function _takeStake(address account, uint256 expected) private view returns (uint256) {
        assertEq(play.vault.freeStakeOf(account), expected, "free stake");
        assertEq(play.escrow.balanceOf(account), 0, "on the ledger");
        return expected;
    }

    /// @dev Nothing is left of the escrow, and the provider has lost what it should, and nothing is locked.
    function _assertOver(TaskStatus status, uint256 left, uint256 slashed) private view {
        assertEq(left, 0, "left");
        assertEq(uint256(play.escrow.getTask(task).status), uint256(status), "status");
        assertEq(play.escrow.escrowOf(task), 0, "held");
        (uint256 stake, uint256 locked) = play.vault.stakeOf(provider);
        // What was demanded and shown has moved its bond to the node.
        uint256 shown = play.escrow.getTask(task).demanded ? RESULT_BOND : 0;
        assertEq(stake, PROVIDER_STAKE - slashed + shown, "provider's stake");
        assertEq(locked, 0, "locked");
        assertEq(play.vault.totalSlashed(), slashed + shown, "slashed");
        assertEq(play.token.balanceOf(address(play.escrow)), escrowed, "nothing goes out before it is withdrawn");
    }
}
