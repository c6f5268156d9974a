// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {Offer, StopReason} from "../../../contracts/types/Order.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {enclaveKeyOf, NodesStandIn} from "./EscrowStandIns.sol";

/// @notice Taking out what the ledger and the nodes' earnings hold.
contract OrderEscrowWithdrawTest is EscrowFixture {
    uint256 private _deposit;

    function setUp() public {
        deployEscrow();
        openFor(10 * EPOCH);
        _deposit = costUp(10 * EPOCH);
    }

    function test_WithdrawPaysOut() external {
        closeAs(user, 1);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.Withdrawn(user, stranger, _deposit);
        vm.prank(user);
        assertEq(escrow.withdraw(stranger), _deposit, "amount");
        assertEq(token.balanceOf(stranger), _deposit, "receiver");
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowNothingToWithdraw.selector, user));
        vm.prank(user);
        escrow.withdraw(user);
    }

    function test_RevertWhen_ReceiverIsNobody() external {
        closeAs(user, 1);
        address[2] memory receivers = [address(0), address(escrow)];
        for (uint256 i; i < receivers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidReceiver.selector, receivers[i]));
            vm.prank(user);
            escrow.withdraw(receivers[i]);
        }
    }

    function test_WithdrawEarnings() external {
        nodes.addNode(8, provider, NODE_UNITS, MR_ENCLAVE);
        nodes.addNode(9, provider, NODE_UNITS, MR_ENCLAVE);
        Offer memory offer = anOffer();
        (offer.nodeId, offer.enclaveKey) = (8, enclaveKeyOf(8));
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, _deposit, false);
        proveEpochs(0, 2);
        proofs.prove(8, START / EPOCH);
        warpTo(2 * EPOCH);
        escrow.settle(1, 0);
        escrow.settle(2, 0);
        (uint256 first, uint256 second) = (net(cost(2 * EPOCH)), net(cost(EPOCH)));

        vm.expectEmit(address(escrow));
        emit IOrderEscrow.EarningsWithdrawn(NODE, stranger, first);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.EarningsWithdrawn(8, stranger, second);
        vm.prank(provider);
        assertEq(escrow.withdrawEarnings(_nodeIds(NODE, 9, 8, NODE), stranger), first + second, "amount");
        assertEq(token.balanceOf(stranger), first + second, "receiver");
        assertEq(earned(NODE) + earned(8) + earned(9), 0, "earned");
        assertEq(feesHeld(NODE), cost(2 * EPOCH) - first, "fees stay");
        assertEq(feesHeld(8), cost(EPOCH) - second, "fees stay, of the other node");
    }

    function test_WithdrawEarningsOfAnEndedNode() external {
        proveEpochs(0, 2);
        nodes.setEnd(NODE, START + 2 * EPOCH);
        warpTo(3 * EPOCH);
        escrow.settle(1, 0);
        assertClosed(1, StopReason.NodeEnded, START + 2 * EPOCH, 2 * EPOCH);
        vm.prank(provider);
        assertEq(escrow.withdrawEarnings(theNode(), provider), net(cost(2 * EPOCH)), "amount");
    }

    function test_RevertWhen_EarningsAreAnothers() external {
        address other = address(0x07E4);
        nodes.addNode(8, other, NODE_UNITS, MR_ENCLAVE);
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        address[3] memory callers = [stranger, user, other];
        for (uint256 i; i < callers.length; ++i) {
            _expectEarningsRefused(callers[i], theNode(), callers[i], _notProvider(NODE, callers[i]));
        }
        _expectEarningsRefused(provider, _nodeIds(NODE, NODE, 8, NODE), provider, _notProvider(8, provider));
        vm.expectRevert(abi.encodeWithSelector(NodesStandIn.UnknownNode.selector, 99));
        vm.prank(provider);
        escrow.withdrawEarnings(_nodeIds(NODE, NODE, NODE, 99), provider);
        assertEq(earned(NODE), net(cost(EPOCH)), "earned");
    }

    function test_RevertWhen_EarningsWouldGoToNobody() external {
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        address[2] memory receivers = [address(0), address(escrow)];
        for (uint256 i; i < receivers.length; ++i) {
            _expectEarningsRefused(
                provider,
                theNode(),
                receivers[i],
                abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidReceiver.selector, receivers[i])
            );
        }
    }

    function test_RevertGiven_NothingEarned() external {
        bytes memory nothing = abi.encodeWithSelector(IOrderEscrow.OrderEscrowNothingToWithdraw.selector, provider);
        _expectEarningsRefused(provider, theNode(), provider, nothing);
        _expectEarningsRefused(provider, new uint256[](0), provider, nothing);
        proveEpochs(0, 1);
        warpTo(EPOCH);
        escrow.settle(1, 0);
        vm.prank(provider);
        escrow.withdrawEarnings(theNode(), provider);
        _expectEarningsRefused(provider, theNode(), provider, nothing);
    }

    function _expectEarningsRefused(address caller, uint256[] memory nodeIds, address to, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        escrow.withdrawEarnings(nodeIds, to);
    }

    function _nodeIds(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (uint256[] memory nodeIds) {
        nodeIds = new uint256[](4);
        (nodeIds[0], nodeIds[1], nodeIds[2], nodeIds[3]) = (a, b, c, d);
    }

    function _notProvider(uint256 nodeId, address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotProvider.selector, nodeId, caller);
    }
}
