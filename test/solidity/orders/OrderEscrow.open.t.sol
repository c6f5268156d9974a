// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {Offer, Order, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {NodesStandIn, ProofsStandIn, RewardsStandIn} from "./EscrowStandIns.sol";
import {EscrowFixture} from "./EscrowFixture.sol";

/// @notice Opening an order by a provider's offer.
contract OrderEscrowOpenTest is EscrowFixture {
    uint256 private _minimum;

    function setUp() public {
        deployEscrow();
        _minimum = costUp(2 * EPOCH);
    }

    function test_OpensAndStreams() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        uint256 balance = token.balanceOf(user);
        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OrderOpened(1, NODE, user, escrow.hashOffer(offer), _minimum);
        vm.prank(user);
        assertEq(escrow.open(offer, signature_, _minimum, true), 1, "first id");

        Order memory order = escrow.getOrder(1);
        assertStatus(1, OrderStatus.Active, StopReason.None);
        assertEq(order.terms.nodeId, NODE, "node");
        assertEq(order.terms.ratePerSecond, RATE, "rate");
        assertEq(order.terms.feeBps, FEE_BPS, "fee");
        assertEq(order.terms.units, UNITS, "units");
        assertTrue(order.terms.onChainOnly, "on chain only");
        assertEq(order.terms.termsUntil, offer.expiry, "terms until");
        assertEq(order.progress.cursor, START, "cursor");
        assertEq(order.progress.deposited, _minimum, "deposited");
        assertEq(order.user, user, "user");
        assertEq(order.stakeLock, STAKE_LOCK, "stake lock");
        assertEq(escrow.orderCount(), 1, "orders");
        assertEq(escrow.unitsInUse(NODE), UNITS, "units in use");
        assertEq(escrow.takenOf(provider, escrow.hashOffer(offer)), 1, "taken");
        assertEq(lockedOf(provider), STAKE_LOCK, "locked");
        assertEq(balance - token.balanceOf(user), _minimum, "paid by the user");
        assertEq(escrow.stopTimeOf(1), NEVER, "stop time");
        assertEq(escrow.depletionTimeOf(1), START + 2 * EPOCH, "depletion");
        assertEq(escrow.runwayOf(1), 2 * EPOCH, "runway");
        assertEq(escrow.surplusOf(1), _minimum, "surplus");
    }

    function test_ConstructorFixesTheParts() external view {
        assertEq(address(escrow.token()), address(token), "token");
        assertEq(address(escrow.vault()), address(vault), "vault");
        assertEq(address(escrow.registry()), address(nodes), "registry");
        assertEq(address(escrow.challenges()), address(proofs), "challenges");
        assertEq(address(escrow.rewards()), address(rewards), "rewards");
        assertEq(escrow.treasury(), treasury, "treasury");
        assertEq(escrow.MAX_FEE_BPS(), 1_000, "highest fee");
        assertEq(escrow.feeBps(), FEE_BPS, "fee");
    }

    function test_RevertWhen_ConstructedWithTooHighAFee() external {
        bytes memory arguments = constructorArguments(address(this), 1_001);
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidParameter.selector, 1_001, 1_000));
        this.deployArtifact("OrderEscrow.sol:OrderEscrow", arguments);
    }

    /// @notice The vault credits no slash to these, so an order could never be settled past its fault.
    function test_RevertWhen_TreasuryCannotBeCredited() external {
        address[2] memory treasuries = [address(0), address(vault)];
        for (uint256 i; i < treasuries.length; ++i) {
            bytes memory arguments = abi.encode(vault, proofs, rewards, address(this), treasuries[i], FEE_BPS);
            vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidReceiver.selector, treasuries[i]));
            this.deployArtifact("OrderEscrow.sol:OrderEscrow", arguments);
        }
    }

    function test_RevertWhen_ContractsDoNotBelongTogether() external {
        NodesStandIn otherNodes = new NodesStandIn(IStakeVault(address(0xBAD)));
        ProofsStandIn otherProofs = new ProofsStandIn(otherNodes, EPOCH);
        _expectApart(otherProofs, new RewardsStandIn(token, otherProofs), address(vault), address(0xBAD));
        _expectApart(proofs, new RewardsStandIn(IERC20(address(0xBAD)), proofs), address(token), address(0xBAD));
        _expectApart(proofs, new RewardsStandIn(token, otherProofs), address(proofs), address(otherProofs));
    }

    function _expectApart(ProofsStandIn proofs_, RewardsStandIn rewards_, address expected, address actual) private {
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowMismatch.selector, expected, actual));
        this.deployArtifact(
            "OrderEscrow.sol:OrderEscrow",
            abi.encode(vault, proofs_, rewards_, address(this), treasury, FEE_BPS)
        );
    }

    function test_RevertGiven_Paused() external {
        escrow.setPaused(true);
        _expectRefused(anOffer(), abi.encodeWithSelector(IOrderEscrow.OrderEscrowPaused.selector));
    }

    function test_RevertGiven_OfferExpired() external {
        Offer memory offer = anOffer();
        offer.expiry = uint40(block.timestamp);
        _expectRefused(offer, abi.encodeWithSelector(IOrderEscrow.OrderEscrowOfferExpired.selector, offer.expiry));
    }

    function test_TakesAnOfferInItsLastSecond() external {
        Offer memory offer = anOffer();
        offer.expiry = uint40(block.timestamp + 1);
        _open(offer);
    }

    function test_RevertWhen_OfferIsForAnother() external {
        Offer memory offer = anOffer();
        offer.taker = stranger;
        _expectRefused(offer, abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongTaker.selector, stranger, user));
        offer.taker = user;
        _open(offer);
    }

    function test_RevertWhen_OfferIsInAnotherToken() external {
        Offer memory offer = anOffer();
        offer.token = address(0x70CE);
        _expectRefused(
            offer,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongToken.selector, token, address(0x70CE))
        );
    }

    function test_RevertGiven_FeeAboveTheOffers() external {
        Offer memory offer = anOffer();
        escrow.setFee(FEE_BPS + 1);
        _expectRefused(
            offer,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowFeeTooHigh.selector, FEE_BPS + 1, FEE_BPS)
        );
    }

    function test_RevertWhen_NodeIsNotTheOfferers() external {
        Offer memory offer = anOffer();
        offer.provider = stranger;
        _expectRefused(
            offer,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongProvider.selector, provider, stranger)
        );
    }

    function test_RevertWhen_MeasurementDiffers() external {
        Offer memory offer = anOffer();
        offer.mrEnclave = "other";
        _expectRefused(
            offer,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongMeasurement.selector, bytes32("other"), MR_ENCLAVE)
        );
    }

    /// @notice After a reorganisation another machine of the provider has the node's number, with the same enclave.
    function test_RevertGiven_AnotherMachineHasTheNodesNumber() external {
        Offer memory offer = anOffer();
        nodes.setEnclaveKey(NODE, stranger);
        _expectRefused(
            offer,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowWrongEnclaveKey.selector, offer.enclaveKey, stranger)
        );
    }

    function test_RevertWhen_DepositIsBelowTheOffersMinimum() external {
        Offer memory offer = anOffer();
        offer.minDeposit = uint104(_minimum + 1);
        _expectRefused(
            offer,
            abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeposit.selector, _minimum, _minimum + 1)
        );
        offer.minDeposit = uint104(_minimum);
        _open(offer);
    }

    function test_RevertGiven_NodeNotOpen() external {
        nodes.setOpen(NODE, false);
        _expectRefused(anOffer(), abi.encodeWithSelector(IOrderEscrow.OrderEscrowNodeNotOpen.selector, NODE));
    }

    function test_RevertGiven_NodeVouchedForByAQuorum() external {
        nodes.setVerifierKind(NODE, VerifierKind.Quorum);
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        vm.expectRevert(abi.encodeWithSelector(IOrderEscrow.OrderEscrowNotVerifiedOnChain.selector, NODE));
        vm.prank(user);
        escrow.open(offer, signature_, _minimum, true);
        _open(offer);
    }

    function test_RevertWhen_UnitsAreZeroOrNotFree() external {
        Offer memory offer = anOffer();
        offer.units = 0;
        _expectRefused(offer, _insufficientUnits(NODE_UNITS, 0));
        offer.units = NODE_UNITS + 1;
        _expectRefused(offer, _insufficientUnits(NODE_UNITS, NODE_UNITS + 1));
        _open(anOffer());
        offer.units = NODE_UNITS - UNITS + 1;
        _expectRefused(offer, _insufficientUnits(NODE_UNITS - UNITS, NODE_UNITS - UNITS + 1));
        --offer.units;
        _open(offer);
        assertEq(escrow.unitsInUse(NODE), NODE_UNITS, "units in use");
    }

    function test_RevertWhen_RateIsZero() external {
        Offer memory offer = anOffer();
        offer.ratePerSecond = 0;
        _expectRefused(offer, abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidRate.selector, 0));
    }

    function test_RevertWhen_DepositIsTooSmallOrTooLarge() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        uint256[3] memory deposits = [0, _minimum - 1, uint256(type(uint104).max) + 1];
        for (uint256 i; i < deposits.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidDeposit.selector, deposits[i], _minimum)
            );
            vm.prank(user);
            escrow.open(offer, signature_, deposits[i], false);
        }
    }

    /// @notice The largest rate and deposit together: no cast or product gives way, and every unit is accounted for.
    function test_HighestRateAndDeposit() external {
        uint256 deposit = type(uint104).max;
        token.transfer(user, deposit);
        Offer memory offer = anOffer();
        offer.ratePerSecond = type(uint128).max;
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, deposit, false);
        uint256 covered = (deposit * 1e12) / type(uint128).max;
        assertEq(escrow.runwayOf(1), covered, "runway");

        proveEpochs(0, 100);
        warpTo(100 * EPOCH);
        escrow.settle(1, 0);
        uint256 paid = (uint256(type(uint128).max) * covered) / 1e12;
        assertEq(earned(NODE) + feesHeld(NODE), paid, "paid");
        closeAs(user, 1);
        assertEq(escrow.balanceOf(user), deposit - paid, "refunded");
    }

    function test_RevertGiven_StakeMissing() external {
        Offer memory offer = anOffer();
        offer.stakeLock = 1e24 + 1;
        _expectRefused(
            offer,
            abi.encodeWithSelector(IStakeVault.StakeVaultInsufficientFreeStake.selector, provider, 1e24, 1e24 + 1)
        );
    }

    function test_RevertGiven_EscrowNotAllowedToLock() external {
        vm.prank(provider);
        vault.allow(address(escrow), 0);
        _expectRefused(
            anOffer(),
            abi.encodeWithSelector(IStakeVault.StakeVaultCapExceeded.selector, provider, escrow, 0, 0, STAKE_LOCK)
        );
    }

    function test_RevertWhen_NodeIsUnknown() external {
        Offer memory offer = anOffer();
        offer.nodeId = (1 << 64) + NODE;
        _expectRefused(offer, abi.encodeWithSelector(NodesStandIn.UnknownNode.selector, offer.nodeId));
    }

    function _open(Offer memory offer) private {
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        escrow.open(offer, signature_, _minimum, false);
    }

    function _expectRefused(Offer memory offer, bytes memory revertData) private {
        bytes memory signature_ = sign(offer);
        vm.expectRevert(revertData);
        vm.prank(user);
        escrow.open(offer, signature_, _minimum, false);
    }

    function _insufficientUnits(uint256 free, uint256 needed) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOrderEscrow.OrderEscrowInsufficientUnits.selector, NODE, free, needed);
    }
}
