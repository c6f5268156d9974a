// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {OrderRequest, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {enclaveKeyOf} from "./EscrowStandIns.sol";

/// @notice Requesting an order, and the provider's answer.
contract OrderEscrowRequestTest is EscrowFixture {
    uint256 private _deposit;

    function setUp() public {
        deployEscrow();
        _deposit = costUp(3 * EPOCH);
    }

    function test_RequestWaitsForTheProvider() external {
        OrderRequest memory request = aRequest();
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderRequested(1, NODE, user, request.acceptBy, _deposit);
        vm.prank(user);
        assertEq(escrow.request(request, _deposit), 1, "first id");

        assertStatus(1, OrderStatus.Requested, StopReason.None);
        assertEq(escrow.getOrder(1).terms.termsUntil, request.acceptBy, "deadline");
        assertEq(escrow.getOrder(1).progress.stopAt, 0, "open-ended");
        assertEq(escrow.unitsInUse(NODE), 0, "units in use");
        assertEq(lockedOf(provider), 0, "locked");
        assertEq(escrow.surplusOf(1), _deposit, "surplus");
        assertEq(escrow.accruedOf(1) + escrow.undecidedOf(1) + escrow.runwayOf(1), 0, "nothing streams");
        assertEq(escrow.stopTimeOf(1), NEVER, "stop time");
    }

    function test_AcceptStreamsFromThen() external {
        requestFor(3 * EPOCH);
        escrow.setFee(0);
        warpTo(1 days - 1);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderAccepted(1, provider);
        acceptAs(provider, 1);

        assertStatus(1, OrderStatus.Active, StopReason.None);
        assertEq(escrow.getOrder(1).progress.cursor, START + 1 days - 1, "cursor");
        assertEq(escrow.getOrder(1).terms.feeBps, FEE_BPS, "fee of the request's time");
        assertEq(escrow.unitsInUse(NODE), UNITS, "units in use");
        assertEq(lockedOf(provider), STAKE_LOCK, "locked");
        assertEq(escrow.depletionTimeOf(1), START + 1 days - 1 + 3 * EPOCH, "depletion");
    }

    function test_UserCancelsAtAnyTime() external {
        requestFor(3 * EPOCH);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderCancelled(1, user, _deposit);
        cancelAs(user, 1);
        assertStatus(1, OrderStatus.Cancelled, StopReason.None);
        assertEq(escrow.balanceOf(user), _deposit, "ledger");
        assertEq(deposited(1) + escrow.surplusOf(1), 0, "left in the order");
    }

    function test_AnyoneCancelsAfterTheDeadline() external {
        requestFor(3 * EPOCH);
        warpTo(1 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnauthorized.selector, 1, stranger));
        cancelAs(stranger, 1);
        warpTo(1 days);
        cancelAs(stranger, 1);
        assertEq(escrow.balanceOf(user), _deposit, "user's ledger");
        assertEq(escrow.balanceOf(stranger), 0, "stranger's ledger");
    }

    function test_RevertGiven_PausedRequest() external {
        escrow.setPaused(true);
        _expectRequestRefused(aRequest(), abi.encodeWithSelector(IOrderEscrow.OrderEscrowPaused.selector));
    }

    function test_RevertWhen_DeadlineIsNowOrTooFar() external {
        OrderRequest memory request = aRequest();
        uint256[2] memory deadlines = [START, START + 30 days + 1];
        for (uint256 i; i < deadlines.length; ++i) {
            request.acceptBy = uint40(deadlines[i]);
            _expectRequestRefused(
                request,
                abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeadline.selector, deadlines[i])
            );
        }
        request.acceptBy = uint40(START + 30 days);
        vm.prank(user);
        escrow.request(request, _deposit);
    }

    function test_RevertWhen_RequestedMeasurementDiffers() external {
        OrderRequest memory request = aRequest();
        request.mrEnclave = "other";
        _expectRequestRefused(
            request,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongMeasurement.selector, bytes32("other"), MR_ENCLAVE)
        );
    }

    /// @notice A node that nobody has attested has no measurement to pin.
    function test_RevertWhen_RequestedMeasurementIsZero() external {
        nodes.addNode(NODE + 1, provider, UNITS, bytes32(0));
        OrderRequest memory request = aRequest();
        (request.nodeId, request.mrEnclave) = (NODE + 1, bytes32(0));
        _expectRequestRefused(
            request,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongMeasurement.selector, bytes32(0), bytes32(0))
        );
    }

    /// @notice After a reorganisation another machine has the node's number, with the same enclave.
    function test_RevertGiven_AnotherMachineHasTheRequestedNumber() external {
        nodes.setEnclaveKey(NODE, stranger);
        OrderRequest memory request = aRequest();
        _expectRequestRefused(
            request,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongEnclaveKey.selector, request.enclaveKey, stranger)
        );
    }

    function test_RevertWhen_AcceptedDepositIsBelowWhatTheProviderTakes() external {
        requestFor(3 * EPOCH);
        bytes32 terms = termsOf(1);
        vm.expectRevert(
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeposit.selector, _deposit, _deposit + 1)
        );
        vm.prank(provider);
        escrow.accept(1, terms, enclaveKeyOf(NODE), _deposit + 1);
        vm.prank(provider);
        escrow.accept(1, terms, enclaveKeyOf(NODE), _deposit);
    }

    function test_RevertWhen_NoUnitsRequested() external {
        OrderRequest memory request = aRequest();
        request.units = 0;
        _expectRequestRefused(
            request,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowInsufficientUnits.selector, NODE, 0, 0)
        );
    }

    /// @notice More than the node has is for the provider to refuse: it cannot accept, and the user takes the deposit back.
    function test_RevertWhen_MoreUnitsAcceptedThanTheNodeHas() external {
        OrderRequest memory request = aRequest();
        request.units = type(uint16).max;
        vm.prank(user);
        escrow.request(request, _deposit);
        termsOf(1);
        vm.expectPartialRevert(IOrderEscrow.OrderEscrowInsufficientUnits.selector);
        acceptAs(provider, 1);
        cancelAs(user, 1);
        assertEq(escrow.balanceOf(user), _deposit, "ledger");
    }

    function test_RevertWhen_RequestedRateIsZero() external {
        OrderRequest memory request = aRequest();
        request.ratePerSecond = 0;
        _expectRequestRefused(request, abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidRate.selector, 0));
    }

    function test_RevertWhen_RequestedDepositIsTooSmall() external {
        uint256 minimum = costUp(2 * EPOCH);
        _deposit = minimum - 1;
        _expectRequestRefused(
            aRequest(),
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeposit.selector, minimum - 1, minimum)
        );
    }

    function test_RevertWhen_AcceptedByAnother() external {
        requestFor(3 * EPOCH);
        _expectAcceptRefused(
            stranger,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowUnauthorized.selector, 1, stranger)
        );
    }

    function test_RevertGiven_PausedAccept() external {
        requestFor(3 * EPOCH);
        escrow.setPaused(true);
        _expectAcceptRefused(provider, abi.encodeWithSelector(IOrderEscrow.OrderEscrowPaused.selector));
    }

    function test_RevertGiven_AcceptedOrCancelledBefore() external {
        requestFor(3 * EPOCH);
        acceptAs(provider, 1);
        bytes memory active = invalidStatus(1, OrderStatus.Active);
        _expectAcceptRefused(provider, active);
        vm.expectRevert(active);
        cancelAs(user, 1);

        requestFor(3 * EPOCH);
        cancelAs(user, 2);
        vm.expectRevert(invalidStatus(2, OrderStatus.Cancelled));
        cancelAs(user, 2);
        vm.expectRevert(invalidStatus(2, OrderStatus.Cancelled));
        acceptAs(provider, 2);
    }

    function test_RevertGiven_AcceptDeadlinePassed() external {
        requestFor(3 * EPOCH);
        warpTo(1 days);
        _expectAcceptRefused(
            provider,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowTermsExpired.selector, 1, START + 1 days)
        );
    }

    function test_RevertGiven_NodeClosedToOrdersBeforeAccept() external {
        requestFor(3 * EPOCH);
        nodes.setOpen(NODE, false);
        _expectAcceptRefused(provider, abi.encodeWithSelector(IOrderEscrow.OrderEscrowNodeNotOpen.selector, NODE));
    }

    function test_RevertGiven_NodeDemotedToAQuorumBeforeAccept() external {
        OrderRequest memory request = aRequest();
        request.onChainOnly = true;
        vm.prank(user);
        escrow.request(request, _deposit);
        termsOf(1);
        nodes.setVerifierKind(NODE, VerifierKind.Quorum);
        _expectAcceptRefused(
            provider,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotVerifiedOnChain.selector, NODE)
        );
    }

    function test_RevertGiven_UnitsTakenBeforeAccept() external {
        requestFor(3 * EPOCH);
        openFor(3 * EPOCH);
        openFor(3 * EPOCH);
        _expectAcceptRefused(
            provider,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowInsufficientUnits.selector, NODE, 2, UNITS)
        );
    }

    function test_RevertGiven_NoStakeToAcceptWith() external {
        requestFor(3 * EPOCH);
        vm.prank(provider);
        vault.withdraw(1e24, provider);
        _expectAcceptRefused(
            provider,
            abi.encodeWithSelector(IStakeVault.StakeVaultInsufficientFreeStake.selector, provider, 0, STAKE_LOCK)
        );
    }

    function _expectRequestRefused(OrderRequest memory request, bytes memory revertData) private {
        vm.expectRevert(revertData);
        vm.prank(user);
        escrow.request(request, _deposit);
    }

    function _expectAcceptRefused(address account, bytes memory revertData) private {
        vm.expectRevert(revertData);
        acceptAs(account, 1);
    }
}
