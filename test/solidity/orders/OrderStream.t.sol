// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Offer, Order, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {StreamModel} from "./StreamModel.sol";

/// @notice Orders over random proofs, deposits, ends and closes against a model that walks second by second.
/// @dev Epochs of ten seconds keep the walk short; 600 of them cross three or four words of the bitmap.
contract OrderStreamTest is EscrowFixture {
    using StreamModel for StreamModel.World;

    uint256 private constant LENGTH = 10;
    uint256 private constant EPOCHS = 600;

    uint256 private _random;
    StreamModel.World private _world;
    /// @dev Whether the node of every world ends; otherwise of one in three.
    bool private _endsNode;

    function setUp() public {
        deployEscrow(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36)), LENGTH);
    }

    function testFuzz_StreamIsAsTheModelSays(uint256 seed) external {
        _random = seed;
        _setScene(EPOCHS);
        _runUntil(_world.start + _next(EPOCHS * LENGTH));
        _compare();
        _wrapUp();
    }

    /// @notice Few epochs, tight deposits: starts, stops and ties at every second of an epoch.
    function testFuzz_ShortStreams(uint256 seed) external {
        _random = seed;
        _setScene(6);
        _runUntil(_world.start + _next(8 * LENGTH));
        _compare();
        _wrapUp();
    }

    /// @notice A user that closes in the epoch after its node's end pays what the end says, whether somebody noticed it or not.
    function testFuzz_AnUnnoticedEndCostsNothing(uint256 seed) external {
        _random = seed;
        _endsNode = true;
        _setScene(6);
        StreamModel.World memory w = _world;
        vm.warp(w.limit + _next(LENGTH));
        StreamModel.Outcome memory o = w.walk(block.timestamp);
        assertEq(escrow.stopTimeOf(1), o.stop, "stop time");
        if (_next(2) == 0) _poke();
        (OrderStatus status, ) = escrow.statusOf(1);
        if (status == OrderStatus.Active || status == OrderStatus.Stopped) closeAs(user, 1);

        vm.warp(w.limit + 2 * LENGTH);
        escrow.settle(1, 0);
        uint256 paid = (w.rate * o.payableSeconds) / 1e12;
        assertStatus(1, OrderStatus.Closed, escrow.getOrder(1).progress.reason);
        assertEq(escrow.getOrder(1).progress.payableSeconds, o.payableSeconds, "payable seconds");
        assertEq(earned(NODE) + feesHeld(NODE), paid, "paid");
        assertEq(escrow.balanceOf(user), w.deposit - paid, "refunded");
        assertEq(vault.totalSlashed(), o.slashed, "slashed");
        assertEq(lockedOf(provider) - escrow.idleLockOf(NODE) + escrow.unitsInUse(NODE), 0, "locks and units");
    }

    /// @notice The worlds that seeds make end in every way and slash both ways, so that the properties above say something.
    function test_WorldsAreDiverse() external {
        uint256[6] memory reasons;
        uint256 slashed;
        uint256 unstopped;
        for (uint256 seed; seed < 60; ++seed) {
            uint256 snapshot = vm.snapshotState();
            _random = seed;
            _setScene(40);
            _runUntil(_world.start + _next(60 * LENGTH));
            StreamModel.World memory w = _world;
            StreamModel.Outcome memory o = w.walk(block.timestamp);
            vm.revertToState(snapshot);
            ++reasons[uint256(o.reason)];
            if (o.slashed != 0 && o.slashed != w.stakeLock) ++slashed;
            if (!o.stopped) ++unstopped;
        }
        assertGe(reasons[uint256(StopReason.Depleted)], 3, "depleted");
        assertGe(reasons[uint256(StopReason.ProviderClosed)], 1, "closed by the provider");
        assertGe(reasons[uint256(StopReason.Faults)], 2, "ended by faults");
        assertGe(reasons[uint256(StopReason.NodeEnded)], 3, "ended with the node");
        assertGe(slashed, 1, "slashed in part");
        assertGe(unstopped, 3, "still running");
    }

    /// @notice Opens an order in a random world. What the world will be is planned; it shows as time goes on.
    function _setScene(uint256 epochs) private {
        vm.warp(START + _next(192 * LENGTH));
        StreamModel.World memory w;
        (w.start, w.epochLength, w.limit) = (block.timestamp, LENGTH, NEVER);
        w.rate = 1 + (_next(2) == 0 ? _next(10 ** _next(28)) : 1e12 * _next(1e15));
        w.deposit = (w.rate * (2 * LENGTH + _next(epochs * LENGTH)) + 1e12 - 1) / 1e12 + _next(3);
        w.stakeLock = _next(2) == 0 ? _next(1e20) : _next((w.deposit % 1e24) + 1);
        _planProofs(w);

        Offer memory offer = anOffer();
        (offer.ratePerSecond, offer.stakeLock) = (uint128(w.rate), uint96(w.stakeLock));
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, w.deposit, false);

        if (_next(3) == 0 || _endsNode) {
            uint256 end = w.start + _next(epochs * LENGTH);
            if (_next(2) == 0) end = (end / LENGTH + 1) * LENGTH;
            nodes.setEnd(NODE, end);
            // What the node had proven before it ended counts to the epoch's end.
            bool counts = end % LENGTH != 0 && w.has(w.proven, end);
            (w.limit, w.limitReason) = (counts ? (end / LENGTH + 1) * LENGTH : end, StopReason.NodeEnded);
        }
        _world = w;
    }

    /// @dev Three quarters of the epochs are challenged or more, and of those most are proven; or all, or none.
    function _planProofs(StreamModel.World memory w) private {
        uint256 kind = _next(8);
        for (uint256 i; i < 3; ++i) {
            w.proven[i] = _word() | _word() | (kind > 3 ? _word() | _word() : 0);
            w.challenged[i] = w.proven[i] | _word() | _word();
            w.suspended[i] = kind < 3 ? _word() & _word() : 0;
            if (kind == 0) (w.proven[i], w.challenged[i]) = (type(uint256).max, type(uint256).max);
            if (kind == 1) w.challenged[i] = w.proven[i];
        }
        if (kind == 2) (w.proven[0], w.challenged[0]) = (0, 0);
        uint256 first = w.start / LENGTH;
        for (uint256 i; i < 768; ++i) {
            if ((w.suspended[i / 256] >> (i % 256)) & 1 == 1) nodes.suspend(NODE, first + i);
            if ((w.challenged[i / 256] >> (i % 256)) & 1 == 0) continue;
            if ((w.proven[i / 256] >> (i % 256)) & 1 == 1) proofs.prove(NODE, first + i);
            else proofs.challenge(first + i);
        }
    }

    /// @dev Time passes up to `end`; strangers settle as they please, and once maybe the provider closes.
    function _runUntil(uint256 end) private {
        uint256 steps = _next(7);
        uint256 closeAt = _next(10);
        for (uint256 i; i < steps; ++i) {
            vm.warp(block.timestamp + _next((end - block.timestamp) / 2 + 1));
            if (i == closeAt) _closeByProvider();
            else if (_next(2) == 0) _poke();
        }
        vm.warp(end);
        uint256 chunks = _next(3);
        for (uint256 i; i < chunks; ++i) _poke();
    }

    /// @dev Settles all, or up to some epoch around the present, once or twice.
    function _poke() private {
        uint256 epoch = block.timestamp / LENGTH;
        uint256 first = _world.start / LENGTH;
        uint256 until = _next(3) == 0 ? 0 : first + _next(epoch - first + 2);
        uint256[] memory orderIds = new uint256[](2);
        (orderIds[0], orderIds[1]) = (1, 1);
        if (_next(2) == 0) escrow.settle(1, until);
        else escrow.settleMany(orderIds, until);
    }

    function _closeByProvider() private {
        StreamModel.World memory w = _world;
        if (w.walk(block.timestamp).stopped) return;
        closeAs(provider, 1);
        uint256 stopAt = (block.timestamp / LENGTH + 2) * LENGTH;
        if (stopAt <= w.limit) (w.limit, w.limitReason) = (stopAt, StopReason.ProviderClosed);
        _world = w;
    }

    /// @dev Where the order stopped or is set to. Of an end that lies ahead nobody knows yet whether its epoch will be proven.
    function _expectedStop(StreamModel.World memory w, StreamModel.Outcome memory o) private view returns (uint256) {
        if (o.stopped) return o.stop;
        uint256 end = nodes.endOf(NODE);
        bool open = end < w.limit && block.timestamp / LENGTH < end / LENGTH;
        return open ? end : w.limit;
    }

    /// @dev The views before the last settlement, the record and the slashes after it.
    function _compare() private {
        StreamModel.World memory w = _world;
        StreamModel.Outcome memory o = w.walk(block.timestamp);
        assertEq(escrow.stopTimeOf(1), _expectedStop(w, o), "stop time");
        (, StopReason reason) = escrow.statusOf(1);
        if (o.stopped) assertEq(uint256(reason), uint256(o.reason), "reason");
        uint256 paid = (w.rate * o.payableSeconds) / 1e12;
        uint256 undecided = (w.rate * (o.payableSeconds + o.undecided)) / 1e12 - paid;
        assertEq(escrow.undecidedOf(1), undecided, "undecided");

        (OrderStatus foretold, ) = escrow.statusOf(1);
        escrow.settle(1, 0);
        Order memory order = escrow.getOrder(1);
        assertEq(uint256(order.progress.status), uint256(foretold), "status");
        assertEq(order.progress.payableSeconds, o.payableSeconds, "payable seconds");
        assertEq(order.progress.faults, o.faults, "faults");
        assertEq(order.progress.missRun, o.missRun, "misses in a row");
        assertEq(vault.freeStakeOf(treasury), o.slashed, "treasury's stake");
        (uint256 left, uint256 idle) = (w.stakeLock - o.slashed, escrow.idleLockOf(NODE));
        bool streams = foretold == OrderStatus.Active;
        assertEq(lockedOf(provider) - idle, streams ? left : 0, "free as soon as it stops");
        assertTrue(idle == 0 || (idle == left && o.payableSeconds >= LENGTH), "stays only where an epoch was paid");
        assertEq(earned(NODE) + feesHeld(NODE), paid, "paid");
        assertEq(feesHeld(NODE), (paid * FEE_BPS) / 10_000, "fees");
    }

    /// @dev The user closes; once the last epoch is final, nothing is left and everybody has what the model says.
    function _wrapUp() private {
        StreamModel.World memory w = _world;
        (OrderStatus status, ) = escrow.statusOf(1);
        if (status == OrderStatus.Active || status == OrderStatus.Stopped) {
            if (status == OrderStatus.Active && block.timestamp < w.limit) {
                (w.limit, w.limitReason) = (block.timestamp, StopReason.UserClosed);
            }
            closeAs(user, 1);
        }
        vm.warp(block.timestamp + LENGTH);
        escrow.settle(1, 0);
        StreamModel.Outcome memory o = w.walk(block.timestamp);
        uint256 paid = (w.rate * o.payableSeconds) / 1e12;
        assertClosed(1, o.reason, o.stop, o.payableSeconds);
        assertEq(earned(NODE) + feesHeld(NODE), paid, "paid in the end");
        assertEq(escrow.balanceOf(user), w.deposit - paid, "refunded in the end");
        assertEq(token.balanceOf(address(escrow)), w.deposit, "escrow's balance");
        assertEq(lockedOf(provider) - escrow.idleLockOf(NODE) + escrow.unitsInUse(NODE), 0, "locks and units");
    }

    function _word() private returns (uint256) {
        _random = uint256(keccak256(abi.encode(_random)));
        return _random;
    }

    /// @dev Below `limit`.
    function _next(uint256 limit) private returns (uint256) {
        return limit == 0 ? 0 : _word() % limit;
    }
}
