// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {Offer, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @notice How the money of other marketplaces went astray, tried here.
contract OrderEscrowAttacksTest is EscrowFixture {
    function setUp() public {
        deployEscrow();
    }

    /// @notice The clock of an order that ran dry stands still, however late somebody settles or tops up.
    function test_DryEscrowIsNotBilledRetroactively() external {
        openFor(2 * EPOCH);
        proveEpochs(0, 1000);
        warpTo(20 * EPOCH);
        topUpAs(user, 1, costUp(100 * EPOCH));
        assertEq(earned(NODE), net(cost(2 * EPOCH)), "paid at the restart");
        closeAs(user, 1);
        assertEq(escrow.balanceOf(user), costUp(2 * EPOCH) + costUp(100 * EPOCH) - cost(2 * EPOCH), "refunded");
    }

    /// @notice Settled every second of three epochs, an order pays to the unit what one settlement pays.
    function test_PokingEverySecondPaysTheSame() external {
        vm.warp(START + 7);
        openFor(5 * EPOCH);
        proveEpochs(0, 3);
        for (uint256 i = 8; i <= 3 * EPOCH; i += i % EPOCH < EPOCH - 20 && i % EPOCH > 20 ? 97 : 1) {
            warpTo(i);
            escrow.settle(1, 0);
        }
        warpTo(3 * EPOCH);
        escrow.settle(1, 0);
        assertEq(earned(NODE), net(cost(3 * EPOCH - 7)), "paid");
    }

    /// @notice Ten thousand payments of a third of a unit each add up.
    function test_DustIsNeverLost() external {
        Offer memory offer = anOffer();
        offer.ratePerSecond = 1e12 / (3 * uint128(EPOCH));
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, 100, false);
        proveEpochs(0, 30);
        for (uint256 i = 1; i <= 30; ++i) {
            warpTo(i * EPOCH);
            escrow.settle(1, 0);
        }
        uint256 exact = (uint256(offer.ratePerSecond) * 30 * EPOCH) / 1e12;
        assertEq(earned(NODE) + feesHeld(NODE), exact, "paid");
        assertEq(exact, 9, "a unit in three epochs, rounded down");
    }

    /// @notice User, provider, one account: what is slashed is lost.
    function test_SelfDealingSlashNeverPays() external {
        fundUser(provider);
        uint256 before = _wealth(provider);
        Offer memory offer = anOffer();
        offer.stakeLock = 1e23;
        bytes memory signature_ = sign(offer);
        vm.prank(provider);
        escrow.open(offer, signature_, costUp(20 * EPOCH), false);
        proveEpochs(0, 10);
        missEpochs(10, 3);
        warpTo(13 * EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.Faults, START + 13 * EPOCH, 10 * EPOCH);
        vm.prank(provider);
        escrow.withdraw(provider);
        vm.prank(provider);
        escrow.withdrawEarnings(theNode(), provider);
        assertEq(_wealth(provider), before - 5e22 - feesHeld(NODE), "wealth");
        assertEq(vault.freeStakeOf(treasury), 5e22, "treasury");
    }

    /// @notice A user has used a node for 125 days and can stop it. It does so for three hours, in every way there is, and
    /// ends up with what it would have had by closing instead.
    function testFuzz_StoppingANodeEarnsItsUserNothing(uint256 history, uint256 pattern) external {
        history = bound(history, 0, 3_000);
        openFor(4_000 * EPOCH);
        proveEpochs(0, history);
        warpTo(history * EPOCH);
        uint256 snapshot = vm.snapshotState();
        closeAs(user, 1);
        uint256 byClosing = _wealth(user);
        vm.revertToState(snapshot);

        uint256 proven;
        for (uint256 i; i < 12; ++i) {
            bool stopped = (pattern >> i) & 1 == 1;
            if (stopped) missEpochs(history + i, 1);
            else proveEpochs(history + i, 1);
        }
        warpTo((history + 12) * EPOCH);
        escrow.settle(1, 0);
        (OrderStatus status, ) = escrow.statusOf(1);
        if (status == OrderStatus.Active) closeAs(user, 1);
        proven = escrow.getOrder(1).progress.payableSeconds - history * EPOCH;
        assertEq(_wealth(user), byClosing + cost(history * EPOCH) - cost(history * EPOCH + proven), "wealth");
        assertEq(vault.freeStakeOf(treasury), vault.totalSlashed(), "treasury");
    }

    /// @notice A missed epoch costs the user nothing and brings it nothing.
    function test_FreeSlashPaysTheUserNothing() external {
        openFor(20 * EPOCH);
        missEpochs(0, 3);
        warpTo(3 * EPOCH);
        escrow.settle(1, 0);
        assertEq(vault.freeStakeOf(user), 0, "user's stake");
        assertEq(vault.freeStakeOf(treasury), 2 * ((uint256(STAKE_LOCK) + 3) / 4), "treasury");
        assertEq(escrow.balanceOf(user), costUp(20 * EPOCH), "refunded");
    }

    /// @notice One deposit of two epochs, used over and over, never holds more of a provider's stake than one order's lock.
    function test_ARecycledDepositHoldsOneLock() external {
        proveEpochs(0, 24);
        for (uint256 i; i < 6; ++i) {
            openFor(2 * EPOCH);
            assertEq(lockedOf(provider), STAKE_LOCK, "locked");
            warpTo(2 * (i + 1) * EPOCH);
            escrow.settle(i + 1, 0);
            assertStatus(i + 1, OrderStatus.Stopped, StopReason.Depleted);
        }
        assertEq(releaseIdle(), STAKE_LOCK, "released");
        assertEq(vault.freeStakeOf(provider), 1e24, "free stake");
    }

    /// @notice More misses never take less, nor more than the lock; and each is slashed once, whatever was settled before.
    function test_SlashedTotalNeverShrinks() external {
        openFor(1000 * EPOCH);
        uint256 total;
        for (uint256 i; i < 6; ++i) {
            missEpochs(3 * i, 2);
            proveEpochs(3 * i + 2, 1);
            warpTo((3 * i + 3) * EPOCH);
            escrow.settle(1, START / EPOCH + 3 * i + 1);
            escrow.settle(1, 0);
            escrow.settle(1, 0);
            assertGe(vault.totalSlashed(), total, "slashed");
            total = vault.totalSlashed();
            uint256 expected = (i + 1) * ((uint256(STAKE_LOCK) + 3) / 4);
            assertEq(total, expected < STAKE_LOCK ? expected : STAKE_LOCK, "slashed");
            assertEq(lockedOf(provider), STAKE_LOCK - total, "locked");
        }
        closeAs(user, 1);
        assertEq(lockedOf(provider), 0, "locked");
        assertEq(vault.freeStakeOf(provider), 1e24 - STAKE_LOCK, "provider's stake");
    }

    function test_FeeChangeLeavesOpenOrders() external {
        openFor(20 * EPOCH);
        escrow.setFee(1_000);
        proveEpochs(0, 5);
        warpTo(5 * EPOCH);
        escrow.setFee(0);
        escrow.settle(1, 0);
        assertEq(earned(NODE), net(cost(5 * EPOCH)), "paid");
        assertEq(escrow.getOrder(1).terms.feeBps, FEE_BPS, "fee");
    }

    function test_NoPayWithoutProof() external {
        openFor(20 * EPOCH);
        warpTo(1000 * EPOCH);
        escrow.settle(1, 0);
        assertStatus(1, OrderStatus.Active, StopReason.None);
        assertEq(earned(NODE) + feesHeld(NODE), 0, "paid");
        closeAs(user, 1);
        assertEq(escrow.balanceOf(user), costUp(20 * EPOCH), "refunded");
        assertEq(vault.totalSlashed(), 0, "no challenge, no fault");
    }

    function test_DuplicatesPayOnce() external {
        openFor(20 * EPOCH);
        proveEpochs(0, 5);
        warpTo(5 * EPOCH);
        uint256[] memory orderIds = new uint256[](40);
        for (uint256 i; i < orderIds.length; ++i) orderIds[i] = 1;
        escrow.settleMany(orderIds, 0);
        assertEq(earned(NODE), net(cost(5 * EPOCH)), "paid");
    }

    /// @notice Nobody sends tokens into anybody's order or ledger, and nobody gets them out.
    function test_DonationMovesNothing() external {
        openFor(20 * EPOCH);
        proveEpochs(0, 5);
        warpTo(5 * EPOCH + 9);
        uint256 surplus = escrow.surplusOf(1);
        token.transfer(address(escrow), 1e30);
        assertEq(escrow.surplusOf(1), surplus, "surplus");
        closeAs(user, 1);
        warpTo(6 * EPOCH);
        escrow.settle(1, 0);
        _withdrawAll();
        assertEq(token.balanceOf(address(escrow)), 1e30, "escrow's balance");
    }

    function test_ZeroDepositOpensNothing() external {
        Offer memory offer = anOffer();
        offer.ratePerSecond = 1;
        bytes memory signature_ = sign(offer);
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeposit.selector, 0, 1));
        vm.prank(user);
        escrow.open(offer, signature_, 0, false);
    }

    /// @notice Ten years with an order that nobody settled: a word of 192 epochs costs what it costs, and anyone may split the work.
    function test_TenYearIdleGapIsBoundedGas() external {
        openFor(200_000 * EPOCH);
        uint256 epochs = 10 * 365 * 24;
        uint256 word = START / EPOCH / 192;
        for (uint256 i = 1; i <= epochs / 192 + 1; ++i) {
            proofs.setWord(NODE, word + i, type(uint256).max, 0x6db6db6db6db6db6db6db6db6db6db6db6db6db6db6db6db);
        }
        proofs.setWord(NODE, word, type(uint256).max, type(uint256).max);
        warpTo(epochs * EPOCH);
        uint256 gas = gasleft();
        escrow.settle(1, START / EPOCH + 192);
        assertLe(gas - gasleft(), 200_000, "gas of a word");
        gas = gasleft();
        escrow.settle(1, 0);
        assertLe(gas - gasleft(), 15_000_000, "gas of ten years");
        assertStatus(1, OrderStatus.Active, StopReason.None);
        assertEq(escrow.getOrder(1).progress.cursor, START + epochs * EPOCH, "cursor");
    }

    function _wealth(address account) private view returns (uint256) {
        (uint256 stake, ) = vault.stakeOf(account);
        return token.balanceOf(account) + stake + escrow.balanceOf(account);
    }

    function _withdrawAll() private {
        vm.prank(user);
        escrow.withdraw(user);
        vm.prank(provider);
        escrow.withdrawEarnings(theNode(), provider);
        escrow.collectFees(theNode());
    }
}
