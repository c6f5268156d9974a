// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @notice What is paid, slashed and given back does not depend on who settles when: the same life of an order is lived twice,
/// once left alone and once with strangers settling all the time.
contract OrderEscrowHistoryTest is EscrowFixture {
    uint256 private constant LENGTH = 60;
    uint256 private constant STEPS = 16;

    /// @dev How often the lives so far were restarted.
    uint256 private _restarts;

    function setUp() public {
        deployEscrow(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36)), LENGTH);
    }

    function testFuzz_PokesChangeNothing(uint256 seed) external {
        _liveTwice(seed);
    }

    /// @notice Among fixed lives there are restarts and slashes, so the property above is not about idle orders.
    function test_LivesAreEventful() external {
        uint256 slashed;
        for (uint256 seed; seed < 32; ++seed) slashed += _liveTwice(seed);
        assertGe(_restarts, 6, "restarts");
        assertGe(slashed, 1, "slashed");
    }

    function _liveTwice(uint256 seed) private returns (uint256 slashed) {
        uint256 snapshot = vm.snapshotState();
        (bytes32 alone, uint256 restarts, ) = _live(seed, false);
        vm.revertToState(snapshot);
        snapshot = vm.snapshotState();
        bytes32 watched;
        (watched, , slashed) = _live(seed, true);
        vm.revertToState(snapshot);
        assertEq(watched, alone, "outcome");
        _restarts += restarts;
    }

    /// @dev From the opening to the last payment.
    function _live(uint256 seed, bool watched) private returns (bytes32 outcome, uint256 restarts, uint256 slashed) {
        vm.warp(START + (seed % LENGTH));
        openFor(2 * LENGTH + _draw(seed, 0, 3 * LENGTH));
        _plan(seed);
        for (uint256 step = 1; step < STEPS; ++step) {
            uint256 wait = _draw(seed, step, 2 * LENGTH);
            if (watched) _watch(seed, step, wait);
            else vm.warp(block.timestamp + wait);
            restarts += _act(seed, step);
        }
        (bool closed, ) = _try(user, abi.encodeCall(escrow.close, (1, termsOf(1))));
        vm.warp(block.timestamp + LENGTH);
        escrow.settle(1, 0);
        assertTrue(closed || escrow.runwayOf(1) == 0, "over");
        return (_outcome(), restarts, vault.totalSlashed());
    }

    /// @dev Epochs are proven for the most part, and missed in stretches.
    function _plan(uint256 seed) private {
        uint256 first = block.timestamp / LENGTH;
        for (uint256 i; i < 2 * STEPS; ++i) {
            uint256 luck = _draw(seed, 1000 + i / (1 + (seed % 3)), 8);
            if (luck == 0) continue;
            if (luck < 3) proofs.challenge(first + i);
            else proofs.prove(NODE, first + i);
        }
    }

    /// @dev Time passes in three stretches, and after each a stranger settles up to somewhere.
    function _watch(uint256 seed, uint256 step, uint256 wait) private {
        for (uint256 i; i < 3; ++i) {
            vm.warp(block.timestamp + (i < 2 ? wait / 3 : wait - 2 * (wait / 3)));
            uint256 back = _draw(seed, 2000 + 3 * step + i, 3);
            _try(stranger, abi.encodeCall(escrow.settle, (1, back == 0 ? 0 : block.timestamp / LENGTH - back + 1)));
        }
    }

    /// @dev What the parties do, whether it is possible or not. Returns 1 for a restart.
    function _act(uint256 seed, uint256 step) private returns (uint256) {
        uint256 kind = _draw(seed, 3000 + step, 24);
        if (kind < 10) {
            bool dry = escrow.runwayOf(1) == 0;
            (bool success, ) = _try(user, abi.encodeCall(escrow.topUp, (1, termsOf(1), costUp(LENGTH + 7 * kind))));
            return dry && success ? 1 : 0;
        }
        if (kind == 10) _try(provider, abi.encodeCall(escrow.close, (1, termsOf(1))));
        if (kind == 11) _try(user, abi.encodeCall(escrow.close, (1, termsOf(1))));
        uint256 end = nodes.endOf(NODE);
        if (kind == 12 && end == NEVER && step > STEPS / 2) nodes.setEnd(NODE, block.timestamp);
        return 0;
    }

    function _try(address account, bytes memory data) private returns (bool success, bytes memory result) {
        vm.prank(account);
        (success, result) = address(escrow).call(data);
    }

    function _outcome() private view returns (bytes32) {
        Order memory order = escrow.getOrder(1);
        return
            keccak256(
                abi.encode(
                    order,
                    escrow.balanceOf(user),
                    earned(NODE),
                    feesHeld(NODE),
                    vault.freeStakeOf(user),
                    // Whether it stays at the node depends on what was paid when the stop was recorded.
                    vault.freeStakeOf(provider) + escrow.idleLockOf(NODE),
                    vault.freeStakeOf(treasury),
                    escrow.unitsInUse(NODE)
                )
            );
    }

    /// @dev A random number below `limit`, the same for the same seed and key.
    function _draw(uint256 seed, uint256 key, uint256 limit) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, key))) % limit;
    }
}
