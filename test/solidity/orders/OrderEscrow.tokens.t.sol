// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {HostileToken} from "../../../contracts/mocks/HostileToken.sol";
import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {Offer, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @notice The escrow over tokens that keep to no standard, or attack.
contract OrderEscrowTokensTest is EscrowFixture {
    HostileToken private _hostile;
    uint256 private _deposit;

    function setUp() public {
        _hostile = HostileToken(deploy("HostileToken.sol:HostileToken", ""));
        _hostile.mint(address(this), 1e36);
        deployEscrow(address(_hostile), EPOCH);
        _deposit = costUp(2 * EPOCH);
    }

    function test_RevertGiven_TokenTakesAFee() external {
        openFor(2 * EPOCH);
        _hostile.setDialect(HostileToken.Dialect.FeeOnTransfer);
        bytes memory signature_ = sign(anOffer());
        bytes32 terms = termsOf(1);
        vm.startPrank(user);
        vm.expectRevert(_unexpectedAmount(_deposit));
        escrow.open(anOffer(), signature_, _deposit, false);
        vm.expectRevert(_unexpectedAmount(_deposit));
        escrow.request(aRequest(), _deposit);
        vm.expectRevert(_unexpectedAmount(1_000));
        escrow.topUp(1, terms, 1_000);
        vm.stopPrank();
        assertEq(escrow.orderCount(), 1, "orders");
        assertEq(escrow.unitsInUse(NODE), UNITS, "units in use");
    }

    /// @notice A token that burns more of the escrow than it brings is refused, not taken for one that brought a lot.
    function test_RevertGiven_TokenTakesInsteadOfGiving() external {
        openFor(2 * EPOCH);
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        _hostile.setReentry(address(_hostile), abi.encodeCall(_hostile.burn, (address(escrow), 1_001)));
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnexpectedAmount.selector, 1_000, 0));
        topUpAs(user, 1, 1_000);
        assertEq(_hostile.balanceOf(address(escrow)), _deposit, "escrow's balance");
    }

    /// @notice What the sender loses besides is no business of the escrow's.
    function test_ATokenMayChargeTheSender() external {
        openFor(2 * EPOCH);
        _hostile.setDialect(HostileToken.Dialect.FeeOnSender);
        topUpAs(user, 1, 1_000);
        assertEq(_hostile.balanceOf(address(escrow)), _deposit + 1_000, "escrow's balance");
    }

    function test_RevertGiven_TokenReturnsFalse() external {
        openFor(2 * EPOCH);
        closeAs(user, 1);
        _hostile.setDialect(HostileToken.Dialect.ReturnsFalse);
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, _hostile);
        bytes memory signature_ = sign(anOffer());
        vm.startPrank(user);
        vm.expectRevert(failed);
        escrow.open(anOffer(), signature_, _deposit, false);
        vm.expectRevert(failed);
        escrow.withdraw(user);
        vm.stopPrank();
        assertEq(escrow.balanceOf(user), _deposit, "ledger");
    }

    function test_TokenThatReturnsNothingWorks() external {
        _hostile.setDialect(HostileToken.Dialect.ReturnsNothing);
        openFor(2 * EPOCH);
        closeAs(user, 1);
        vm.prank(user);
        escrow.withdraw(stranger);
        assertEq(_hostile.balanceOf(stranger), _deposit, "receiver's balance");
    }

    /// @notice A provider that the token refuses keeps nobody from settling and closing, and names another receiver itself.
    function test_BlacklistedProviderBlocksOnlyItself() external {
        openFor(2 * EPOCH);
        _hostile.setDialect(HostileToken.Dialect.Reverts);
        _hostile.setBlocked(provider, true);
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        closeAs(user, 1);
        assertClosed(1, StopReason.UserClosed, START + EPOCH, EPOCH);
        vm.prank(user);
        escrow.withdraw(user);

        vm.startPrank(provider);
        vm.expectRevert(abi.encodeWithSelector(HostileToken.HostileTokenBlocked.selector, provider));
        escrow.withdrawEarnings(theNode(), provider);
        escrow.withdrawEarnings(theNode(), stranger);
        vm.stopPrank();
        assertEq(_hostile.balanceOf(stranger), net(cost(EPOCH)), "receiver's balance");
    }

    function test_BlacklistedUserIsRefundedAfterAFault() external {
        openFor(9 * EPOCH);
        proveEpochs(0, 1);
        missEpochs(1, 3);
        _hostile.setDialect(HostileToken.Dialect.Reverts);
        _hostile.setBlocked(user, true);
        warpTo(4 * EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.Faults, START + 4 * EPOCH, EPOCH);
        assertEq(escrow.balanceOf(user), costUp(9 * EPOCH) - cost(EPOCH), "refunded");
        vm.prank(user);
        escrow.withdraw(stranger);
    }

    /// @notice While tokens come in or go out, every function that moves tokens is shut.
    function test_ReentryIsRefused() external {
        openFor(2 * EPOCH);
        Offer memory offer = anOffer();
        bytes[6] memory calls = [
            abi.encodeCall(escrow.open, (offer, sign(offer), _deposit, false)),
            abi.encodeCall(escrow.request, (aRequest(), _deposit)),
            abi.encodeCall(escrow.topUp, (1, termsOf(1), 1)),
            abi.encodeCall(escrow.withdraw, (stranger)),
            abi.encodeCall(escrow.withdrawEarnings, (theNode(), stranger)),
            abi.encodeCall(escrow.collectFees, (theNode()))
        ];
        bytes memory refused = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        for (uint256 i; i < calls.length; ++i) {
            _hostile.setReentry(address(escrow), calls[i]);
            topUpAs(user, 1, 1);
            assertEq(keccak256(_hostile.reentryResult()), keccak256(refused), "refused");
        }
        assertEq(_hostile.reentries(), calls.length, "tried");
    }

    /// @notice Settling and closing stay open; what a hook does with them before its money has come changes nothing in the end.
    function test_ClosingFromInsideTheDepositGivesBackTheDeposit() external {
        nodes.setOpen(NODE, true);
        Offer memory offer = anOffer();
        offer.taker = address(_hostile);
        bytes memory openCall = abi.encodeCall(escrow.open, (offer, sign(offer), _deposit, false));
        _hostile.transfer(address(_hostile), _deposit);
        _hostile.execute(address(_hostile), abi.encodeCall(_hostile.approve, (address(escrow), _deposit)));
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        _hostile.setReentry(address(escrow), abi.encodeCall(escrow.close, (1, _foretold(offer))));
        _hostile.execute(address(escrow), openCall);

        assertTrue(_hostile.reentrySucceeded(), "closed from inside");
        assertStatus(1, OrderStatus.Closed, StopReason.UserClosed);
        assertEq(escrow.balanceOf(address(_hostile)), _deposit, "ledger");
        assertEq(_hostile.balanceOf(address(escrow)), _deposit, "escrow's balance");
        assertEq(lockedOf(provider) - escrow.idleLockOf(NODE) + escrow.unitsInUse(NODE), 0, "locks and units");
    }

    /// @notice Withdrawing twice through a hook pays once.
    function test_WithdrawingFromInsideAWithdrawalPaysOnce() external {
        openFor(2 * EPOCH);
        closeAs(user, 1);
        openFor(2 * EPOCH);
        _hostile.setDialect(HostileToken.Dialect.Reenters);
        _hostile.setReentry(address(escrow), abi.encodeCall(escrow.close, (2, termsOf(2))));
        vm.prank(user);
        escrow.withdraw(user);
        assertTrue(!_hostile.reentrySucceeded(), "not the hook's order");
        assertEq(_hostile.balanceOf(address(escrow)), _deposit, "escrow's balance");
    }

    /// @dev What will name the order that an offer opens: all of it is known before.
    function _foretold(Offer memory offer) private pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    offer.expiry,
                    false,
                    offer.units,
                    FEE_BPS,
                    offer.ratePerSecond,
                    uint48(offer.nodeId),
                    offer.stakeLock,
                    offer.taker
                )
            );
    }

    function _unexpectedAmount(uint256 amount) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IOrderEscrow.OrderEscrowUnexpectedAmount.selector,
                amount,
                amount - (amount + 99) / 100
            );
    }
}
