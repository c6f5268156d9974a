// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {FixedTerms, Offer, Order, OrderRequest, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {enclaveKeyOf, MODEL, NodesStandIn, ProofsStandIn, RewardsStandIn} from "./EscrowStandIns.sol";
import {Test} from "../utils/Test.sol";

/// @notice An escrow over the real vault and token, one provider with one node, one user, and a clock at an epoch's start.
/// @dev The rate divides nothing evenly: a second costs 1/3 of a base unit more than 1e15.
abstract contract EscrowFixture is Test {
    uint256 internal constant EPOCH = 1 hours;
    uint256 internal constant START = 2_000_001_600;
    uint128 internal constant RATE = 1e27 + 333_333_333_333;
    uint96 internal constant STAKE_LOCK = 1e20 + 3;
    uint16 internal constant FEE_BPS = 250;
    uint16 internal constant UNITS = 4;
    uint16 internal constant NODE_UNITS = 10;
    uint256 internal constant NODE = 7;
    bytes32 internal constant MR_ENCLAVE = keccak256("enclave");
    uint256 internal constant NEVER = type(uint256).max;

    address internal immutable user;
    uint256 internal immutable userKey;
    address internal immutable provider;
    uint256 internal immutable providerKey;
    address internal immutable treasury = address(0x7EA5);
    address internal immutable stranger = address(0x5A5A);

    IERC20 internal token;
    IStakeVault internal vault;
    NodesStandIn internal nodes;
    ProofsStandIn internal proofs;
    RewardsStandIn internal rewards;
    IOrderEscrow internal escrow;

    mapping(uint256 orderId => bytes32) private _terms;

    constructor() {
        (user, userKey) = makeAccount("user");
        (provider, providerKey) = makeAccount("provider");
    }

    /// @notice Deploys everything over the platform token.
    function deployEscrow() internal {
        deployEscrow(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36)), EPOCH);
    }

    /// @notice Deploys everything over a token of which this test holds plenty.
    function deployEscrow(address token_, uint256 epochLength) internal {
        vm.warp(START);
        token = IERC20(token_);
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        nodes = new NodesStandIn(vault);
        proofs = new ProofsStandIn(nodes, epochLength);
        rewards = new RewardsStandIn(token, proofs);
        address governance = deploy("Governance.sol:Governance", abi.encode(address(this)));
        escrow = IOrderEscrow(deploy("OrderEscrow.sol:OrderEscrow", constructorArguments(governance, FEE_BPS)));

        nodes.addNode(NODE, provider, NODE_UNITS, MR_ENCLAVE);
        fundUser(user);
        fundProvider(provider);
    }

    function constructorArguments(address authority, uint16 feeBps) internal view returns (bytes memory) {
        return abi.encode(vault, proofs, rewards, authority, treasury, feeBps);
    }

    /// @notice Deploys in a call of its own, so that a constructor's revert can be expected.
    function deployArtifact(string calldata artifact, bytes calldata arguments) external returns (address) {
        return deploy(artifact, arguments);
    }

    /// @notice Gives an account tokens that the escrow may take.
    function fundUser(address account) internal {
        token.transfer(account, 1e30);
        vm.prank(account);
        token.approve(address(escrow), type(uint256).max);
    }

    /// @notice Gives an account free stake that the escrow may lock.
    function fundProvider(address account) internal {
        token.approve(address(vault), 1e24);
        vault.depositFor(account, 1e24);
        vm.prank(account);
        vault.allow(address(escrow), type(uint128).max);
    }

    /// @notice An offer that anyone may take twice.
    function anOffer() internal view returns (Offer memory) {
        return
            Offer({
                provider: provider,
                nodeId: NODE,
                token: address(token),
                units: UNITS,
                ratePerSecond: RATE,
                stakeLock: STAKE_LOCK,
                minDeposit: 0,
                maxFeeBps: FEE_BPS,
                mrEnclave: MR_ENCLAVE,
                enclaveKey: enclaveKeyOf(NODE),
                modelId: MODEL,
                expiry: uint40(block.timestamp + 1 days),
                volume: 2,
                taker: address(0),
                salt: 1
            });
    }

    function aRequest() internal view returns (OrderRequest memory) {
        return
            OrderRequest({
                nodeId: NODE,
                units: UNITS,
                ratePerSecond: RATE,
                stakeLock: STAKE_LOCK,
                mrEnclave: MR_ENCLAVE,
                enclaveKey: enclaveKeyOf(NODE),
                modelId: MODEL,
                onChainOnly: false,
                acceptBy: uint40(block.timestamp + 1 days)
            });
    }

    function sign(Offer memory offer) internal view returns (bytes memory) {
        return signature(providerKey, escrow.hashOffer(offer));
    }

    /// @notice What a number of seconds costs, rounded down.
    function cost(uint256 secs) internal pure returns (uint256) {
        return (uint256(RATE) * secs) / 1e12;
    }

    /// @notice The least deposit that covers a number of seconds.
    function costUp(uint256 secs) internal pure returns (uint256) {
        return (uint256(RATE) * secs + 1e12 - 1) / 1e12;
    }

    /// @notice What a provider earns of an amount paid.
    function net(uint256 paid) internal pure returns (uint256) {
        return paid - (paid * FEE_BPS) / 10_000;
    }

    /// @notice The user opens an order that covers so many seconds.
    function openFor(uint256 secs) internal returns (uint256 orderId) {
        Offer memory offer = anOffer();
        offer.salt = uint256(keccak256(abi.encode(escrow.orderCount(), block.timestamp)));
        bytes memory signature_ = sign(offer);
        vm.prank(user);
        orderId = escrow.open(offer, signature_, costUp(secs), false);
        termsOf(orderId);
    }

    function requestFor(uint256 secs) internal returns (uint256 orderId) {
        OrderRequest memory request = aRequest();
        vm.prank(user);
        orderId = escrow.request(request, costUp(secs));
        termsOf(orderId);
    }

    function topUpAs(address account, uint256 orderId, uint256 amount) internal {
        bytes32 terms = termsOf(orderId);
        vm.prank(account);
        escrow.topUp(orderId, terms, amount);
    }

    function acceptAs(address account, uint256 orderId) internal {
        bytes32 terms = termsOf(orderId);
        vm.prank(account);
        escrow.accept(orderId, terms, enclaveKeyOf(NODE), 0);
    }

    function cancelAs(address account, uint256 orderId) internal {
        bytes32 terms = termsOf(orderId);
        vm.prank(account);
        escrow.cancelRequest(orderId, terms);
    }

    function closeAs(address account, uint256 orderId) internal {
        bytes32 terms = termsOf(orderId);
        vm.prank(account);
        escrow.close(orderId, terms);
    }

    /// @notice What names an order, by its fields. It is read once: where a revert is expected, no call may come between.
    function termsOf(uint256 orderId) internal returns (bytes32) {
        if (_terms[orderId] == 0) _terms[orderId] = _hashTerms(escrow.getOrder(orderId));
        return _terms[orderId];
    }

    /// @dev Spelt out after the interface.
    function _hashTerms(Order memory order) private pure returns (bytes32) {
        FixedTerms memory terms = order.terms;
        return
            keccak256(
                abi.encodePacked(
                    terms.termsUntil,
                    terms.onChainOnly,
                    terms.units,
                    terms.feeBps,
                    terms.ratePerSecond,
                    terms.nodeId,
                    order.stakeLock,
                    order.user
                )
            );
    }

    /// @notice The provider takes out what its node holds idle.
    function releaseIdle() internal returns (uint256) {
        vm.prank(provider);
        return escrow.releaseIdle(theNode());
    }

    /// @notice Plans proofs of `count` epochs, from `first` epochs after the start on.
    function proveEpochs(uint256 first, uint256 count) internal {
        for (uint256 i; i < count; ++i) proofs.prove(NODE, START / EPOCH + first + i);
    }

    /// @notice Plans challenges without proof.
    function missEpochs(uint256 first, uint256 count) internal {
        for (uint256 i; i < count; ++i) proofs.challenge(START / EPOCH + first + i);
    }

    /// @notice Sets the clock to so many seconds after the start.
    function warpTo(uint256 secs) internal {
        vm.warp(START + secs);
    }

    function deposited(uint256 orderId) internal view returns (uint256) {
        return escrow.getOrder(orderId).progress.deposited;
    }

    /// @notice What a node's provider can withdraw.
    function earned(uint256 nodeId) internal view returns (uint256 balance) {
        (balance, ) = escrow.earningsOf(nodeId);
    }

    /// @notice The fees held back beside a node's earnings.
    function feesHeld(uint256 nodeId) internal view returns (uint256 fees) {
        (, fees) = escrow.earningsOf(nodeId);
    }

    /// @notice A list of the one node.
    function theNode() internal pure returns (uint256[] memory nodeIds) {
        nodeIds = new uint256[](1);
        nodeIds[0] = NODE;
    }

    function lockedOf(address account) internal view returns (uint256 locked) {
        (, locked) = vault.allowanceOf(account, address(escrow));
    }

    function assertStatus(uint256 orderId, OrderStatus status, StopReason reason) internal view {
        Order memory order = escrow.getOrder(orderId);
        assertEq(uint256(order.progress.status), uint256(status), "status");
        assertEq(uint256(order.progress.reason), uint256(reason), "reason");
    }

    function assertClosed(uint256 orderId, StopReason reason, uint256 stoppedAt, uint256 payableSeconds) internal view {
        assertStatus(orderId, OrderStatus.Closed, reason);
        assertEq(escrow.stopTimeOf(orderId), stoppedAt, "stop time");
        assertEq(escrow.getOrder(orderId).progress.payableSeconds, payableSeconds, "payable seconds");
    }

    function invalidStatus(uint256 orderId, OrderStatus status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IOrderEscrow.OrderEscrowInvalidStatus.selector, orderId, status);
    }
}
