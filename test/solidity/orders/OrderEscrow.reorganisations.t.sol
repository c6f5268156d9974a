// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {Offer, OrderRequest, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {enclaveKeyOf, MODEL} from "./EscrowStandIns.sol";

/// @notice A signed transaction lands on a chain on which another order has the number that it names. Whatever commits money or
/// stake, or ends an order, is refused there.
contract OrderEscrowReorganisationsTest is EscrowFixture {
    /// @dev What somebody saw, and signs a transaction for.
    bytes32 private _seen;

    function setUp() public {
        deployEscrow();
        fundUser(stranger);
    }

    function test_NameIsTheHashOfTermsAndUser() external {
        requestFor(3 * EPOCH);
        openFor(3 * EPOCH);
        for (uint256 i = 1; i < 3; ++i) assertEq(escrow.termsHashOf(i), termsOf(i), "spelt out");
        bytes32 before = termsOf(2);
        topUpAs(user, 2, 7);
        closeAs(user, 2);
        assertEq(escrow.termsHashOf(2), before, "never changes");
    }

    /// @notice Each term of a request, and who asks.
    function test_RevertGiven_AnotherRequestWasAccepted() external {
        _seen = _seenOnTheOtherFork(aRequest(), user);
        OrderRequest[5] memory others;
        for (uint256 i; i < others.length; ++i) others[i] = aRequest();
        --others[0].ratePerSecond;
        ++others[1].stakeLock;
        ++others[2].units;
        --others[3].acceptBy;
        others[4].onChainOnly = true;
        for (uint256 i; i < others.length; ++i) _expectAcceptRefused(others[i], user);
        _expectAcceptRefused(aRequest(), stranger);
        escrow.setFee(FEE_BPS + 1);
        _expectAcceptRefused(aRequest(), user);
    }

    /// @notice The number is another node's of the same provider, and a user asks for that one on the same terms.
    function test_RevertGiven_AnotherNodeHasTheNumberAtTheAcceptance() external {
        uint256 orderId = _request(aRequest(), user);
        bytes32 seen = escrow.termsHashOf(orderId);
        nodes.setEnclaveKey(NODE, address(0xE1));
        vm.expectRevert(
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongEnclaveKey.selector, enclaveKeyOf(NODE), address(0xE1))
        );
        vm.prank(provider);
        escrow.accept(orderId, seen, enclaveKeyOf(NODE), 0);
        vm.prank(provider);
        escrow.accept(orderId, seen, address(0xE1), 0);
    }

    /// @notice The node was declared anew under its number, with hardware that has to prove less.
    function test_RevertGiven_TheNodeHasOtherHardware() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        nodes.setModel(NODE, MODEL + 1);
        bytes memory refusal = abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongModel.selector, MODEL, MODEL + 1);
        vm.startPrank(user);
        vm.expectRevert(refusal);
        escrow.open(offer, signature_, costUp(3 * EPOCH), false);
        vm.expectRevert(refusal);
        escrow.request(aRequest(), costUp(3 * EPOCH));
        nodes.setModel(NODE, MODEL);
        escrow.open(offer, signature_, costUp(3 * EPOCH), false);
        escrow.request(aRequest(), costUp(3 * EPOCH));
        vm.stopPrank();
    }

    function test_RevertGiven_AnotherRequestWasCancelled() external {
        _seen = _seenOnTheOtherFork(aRequest(), user);
        OrderRequest memory other = aRequest();
        ++other.units;
        uint256 orderId = _request(other, user);
        bytes memory refusal = _wrongTerms(orderId);
        vm.expectRevert(refusal);
        vm.prank(user);
        escrow.cancelRequest(orderId, _seen);
    }

    /// @notice Money goes into no order of another user, nor at another price; nor does a close end another order.
    function test_RevertGiven_AnotherOrderWasToppedUpOrClosed() external {
        uint256 snapshot = vm.snapshotState();
        openFor(3 * EPOCH);
        bytes32 seen = escrow.termsHashOf(1);
        vm.revertToState(snapshot);
        _seen = seen;

        Offer memory offer = anOffer();
        offer.ratePerSecond = 2 * RATE;
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, costUp(6 * EPOCH), false);
        offer.ratePerSecond = RATE;
        signature_ = sign(offer);
        vm.prank(stranger);
        escrow.open(offer, signature_, costUp(6 * EPOCH), false);

        for (uint256 orderId = 1; orderId < 3; ++orderId) {
            bytes memory refusal = _wrongTerms(orderId);
            vm.expectRevert(refusal);
            vm.prank(user);
            escrow.topUp(orderId, _seen, 1_000);
            vm.expectRevert(refusal);
            vm.prank(provider);
            escrow.close(orderId, _seen);
            assertStatus(orderId, OrderStatus.Active, StopReason.None);
        }
    }

    function _expectAcceptRefused(OrderRequest memory other, address requester) private {
        uint256 orderId = _request(other, requester);
        bytes memory refusal = _wrongTerms(orderId);
        vm.expectRevert(refusal);
        vm.prank(provider);
        escrow.accept(orderId, _seen, enclaveKeyOf(NODE), 0);
    }

    function _request(OrderRequest memory wanted, address requester) private returns (uint256) {
        vm.prank(requester);
        return escrow.request(wanted, costUp(3 * EPOCH));
    }

    function _seenOnTheOtherFork(OrderRequest memory wanted, address requester) private returns (bytes32 seen) {
        uint256 snapshot = vm.snapshotState();
        seen = escrow.termsHashOf(_request(wanted, requester));
        vm.revertToState(snapshot);
    }

    function _wrongTerms(uint256 orderId) private view returns (bytes memory) {
        bytes32 actual = escrow.termsHashOf(orderId);
        return abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongTerms.selector, orderId, actual, _seen);
    }
}
