// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Order, OrderStatus} from "../../../contracts/types/Order.sol";
import {EscrowHandler} from "./EscrowHandler.sol";
import {NODES, PROVIDERS, UNITS_OF_A_NODE, USERS, EscrowStage, providerAt, userAt} from "./EscrowStage.sol";
import {Test} from "../utils/Test.sol";

/// @notice The handler as the fuzzer finds it: in the file of its test.
contract EscrowPlayers is EscrowHandler {
    constructor(EscrowStage stage) EscrowHandler(stage) {}
}

/// @notice What is always true of the escrow, whatever its users, providers and nodes do.
/// hardhat-config: invariant.runs = 10
/// hardhat-config: invariant.depth = 120
contract OrderEscrowInvariantTest is Test {
    EscrowHandler private _handler;
    IOrderEscrow private _escrow;
    IStakeVault private _vault;
    IERC20 private _token;

    function setUp() public {
        EscrowStage stage = new EscrowStage();
        (_escrow, _vault, _token) = stage.parts();
        _handler = new EscrowPlayers(stage);
    }

    /// @notice The fuzzer plays the handler alone.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice After every campaign: bounded steps empty the escrow to the last unit, free all units and release all locks.
    function afterInvariant() external {
        _handler.emptyEverything();
        assertEq(_token.balanceOf(address(_escrow)), 0, "left in the escrow");
        for (uint256 i; i < PROVIDERS; ++i) {
            (, uint256 locked) = _vault.allowanceOf(providerAt(i), address(_escrow));
            assertEq(locked, 0, "left locked");
        }
        for (uint256 i = 1; i <= NODES; ++i) assertEq(_escrow.unitsInUse(i), 0, "units left in use");
    }

    /// @notice The handler's actions do go through, each of them, so the invariants are not held by refusals alone.
    function test_HandlerActs() external {
        for (uint256 i; i < 600; ++i) _act(uint256(keccak256(abi.encode(i))));
        string[16] memory actions = [
            "open",
            "request",
            "accept",
            "cancelRequest",
            "topUp",
            "restart",
            "settle",
            "closeByUser",
            "closeByProvider",
            "closeByAnyone",
            "warp",
            "endNode",
            "withdraw",
            "withdrawEarnings",
            "collectFees",
            "releaseIdle"
        ];
        for (uint256 i; i < actions.length; ++i) assertGe(_handler.done(actions[i]), 1, actions[i]);
        assertGe(_handler.succeeded() * 10, _handler.tried() * 7, "seven of ten go through");
        assertGe(_vault.totalSlashed(), 1, "slashed");
    }

    /// @notice To the unit: the ledger, the nodes' earnings, the fees, and what orders hold.
    function invariant_EscrowBalanceCoversWhatItOwes() external view {
        uint256 owed = _handler.fees();
        for (uint256 i; i < USERS; ++i) owed += _escrow.balanceOf(userAt(i));
        for (uint256 i; i < PROVIDERS; ++i) owed += _escrow.balanceOf(providerAt(i));
        for (uint256 i = 1; i <= NODES; ++i) {
            (uint256 balance, ) = _escrow.earningsOf(i);
            owed += balance;
        }
        for (uint256 id = 1; id <= _escrow.orderCount(); ++id) {
            Order memory order = _escrow.getOrder(id);
            owed += order.progress.deposited - _paid(order);
        }
        assertEq(_token.balanceOf(address(_escrow)), owed, "escrow's balance");
    }

    function invariant_PaidNeverExceedsDeposited() external view {
        for (uint256 id = 1; id <= _escrow.orderCount(); ++id) {
            Order memory order = _escrow.getOrder(id);
            uint256 soon = _escrow.accruedOf(id) + _escrow.undecidedOf(id) + _escrow.surplusOf(id);
            assertEq(_paid(order) + soon, order.progress.deposited, "paid and to come");
            assertLe(order.progress.deposited, _handler.paidIn(id), "deposited");
        }
    }

    function invariant_UnitsInUseNeverExceedUnits() external view {
        uint256[5] memory used;
        for (uint256 id = 1; id <= _escrow.orderCount(); ++id) {
            Order memory order = _escrow.getOrder(id);
            if (order.progress.status == OrderStatus.Active) used[order.terms.nodeId] += order.terms.units;
        }
        for (uint256 i = 1; i <= NODES; ++i) {
            assertEq(_escrow.unitsInUse(i), used[i], "units in use");
            assertLe(used[i], UNITS_OF_A_NODE, "units");
        }
    }

    /// @notice What an order holds locked it holds while it streams, and no longer: the rest is idle.
    function invariant_LocksMatchOrdersThatStream() external view {
        uint256[2] memory locks;
        uint256 slashed;
        for (uint256 id = 1; id <= _escrow.orderCount(); ++id) {
            Order memory order = _escrow.getOrder(id);
            uint256 gone = _slashed(order.stakeLock, order.progress.faults);
            slashed += gone;
            OrderStatus status = order.progress.status;
            if (status == OrderStatus.Active) locks[(order.terms.nodeId - 1) % 2] += order.stakeLock - gone;
        }
        for (uint256 i; i < NODES; ++i) locks[i % 2] += _escrow.idleLockOf(i + 1);
        for (uint256 i; i < 2; ++i) {
            (, uint256 locked) = _vault.allowanceOf(providerAt(i), address(_escrow));
            assertEq(locked, locks[i], "locked");
        }
        assertEq(_vault.totalSlashed(), slashed, "slashed");
    }

    function invariant_ClosedOrdersHoldNothing() external view {
        for (uint256 id = 1; id <= _escrow.orderCount(); ++id) {
            Order memory order = _escrow.getOrder(id);
            if (order.progress.status < OrderStatus.Closed) continue;
            assertEq(order.progress.deposited, _paid(order), "held");
            uint256 more = _escrow.accruedOf(id) + _escrow.undecidedOf(id) + _escrow.surplusOf(id);
            assertEq(more + _escrow.runwayOf(id), 0, "to come");
        }
    }

    /// @notice A slash pays nobody who could cause the fault: no user, whatever it does to nodes, and no provider.
    function invariant_NobodyEarnsByAFault() external view {
        for (uint256 i; i < USERS; ++i) {
            (uint256 stake, ) = _vault.stakeOf(userAt(i));
            assertEq(stake, 0, "user's stake");
        }
        uint256 stakes;
        for (uint256 i; i < PROVIDERS; ++i) {
            (uint256 stake, ) = _vault.stakeOf(providerAt(i));
            stakes += stake;
        }
        assertEq(_vault.freeStakeOf(_escrow.treasury()), _vault.totalSlashed(), "the treasury's");
        assertEq(stakes + _vault.totalSlashed(), PROVIDERS * 1e24, "providers' loss");
    }

    /// @dev One action of the handler; those that move time or money on come more often.
    function _act(uint256 seed) private {
        uint256 kind = seed % 16;
        (uint256 a, uint256 b) = (seed >> 4, uint256(keccak256(abi.encode(seed))));
        if (kind < 2) _handler.open(a, b);
        else if (kind == 2) _handler.request(a, b);
        else if (kind == 3) _handler.accept(a);
        else if (kind == 4) _handler.cancelRequest(a);
        else if (kind < 7) _handler.topUp(a, b);
        else if (kind < 9) _handler.settle(a, b);
        else if (kind == 9) _handler.close(a);
        else if (kind < 14) _handler.warp(a, b);
        else if (kind == 14) _handler.endNode(a, b);
        else if (a % 2 == 0) _handler.withdraw(a >> 1);
        else _handler.withdrawEarnings(a >> 1);
        if (seed % 61 == 0) _handler.collectFees();
        if (seed % 13 == 0) _handler.releaseIdle(a);
    }

    function _paid(Order memory order) private pure returns (uint256) {
        return (uint256(order.terms.ratePerSecond) * order.progress.payableSeconds) / 1e12;
    }

    /// @dev A quarter of the lock a fault, rounded up, until it is gone.
    function _slashed(uint256 stakeLock, uint256 faults) private pure returns (uint256) {
        uint256 slashed = ((stakeLock + 3) / 4) * faults;
        return slashed < stakeLock ? slashed : stakeLock;
    }
}
