// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {Offer, Order, OrderRequest, OrderStatus} from "../../../contracts/types/Order.sol";
import {Test} from "../utils/Test.sol";
import {NODES, USERS, EscrowStage, providerAt, providerKeyAt, userAt} from "./EscrowStage.sol";
import {enclaveKeyOf, NodesStandIn, ProofsStandIn} from "./EscrowStandIns.sol";

/// @notice Plays users, providers, nodes, time and strangers against an escrow, and keeps its own books beside it.
/// @dev An action looks for an order that it can be done to, so that most go through; what is refused reverts nothing else.
abstract contract EscrowHandler is Test {
    uint256 private constant MAX_ORDERS = 40;
    address private constant STRANGER = address(0x5A5A);

    EscrowStage private immutable stage;
    IOrderEscrow private immutable escrow;
    NodesStandIn private immutable nodes;
    ProofsStandIn private immutable proofs;
    uint256 private immutable epochLength;

    /// @notice Token base units put into an order, ever.
    mapping(uint256 orderId => uint256) public paidIn;
    /// @notice How often an action went through.
    mapping(string action => uint256) public done;
    /// @notice Actions that went through, and all.
    uint256 public succeeded;
    uint256 public tried;

    /// @dev Who alone may end everything; the fuzzer may not.
    address private immutable test = msg.sender;

    constructor(EscrowStage stage_) {
        stage = stage_;
        (escrow, , ) = stage_.parts();
        (nodes, proofs) = stage_.standIns();
        epochLength = proofs.epochLength();
    }

    function open(uint256 seed, uint256 secs) external {
        if (escrow.orderCount() == MAX_ORDERS) return;
        Offer memory offer = stage.offer();
        offer.nodeId = (seed % NODES) + 1;
        offer.provider = providerAt(seed % NODES);
        offer.enclaveKey = enclaveKeyOf(offer.nodeId);
        offer.expiry = uint40(block.timestamp + 6 hours + ((seed >> 4) % 4) * 3 days);
        offer.units = uint16(1 + ((seed >> 8) % 3));
        offer.stakeLock = uint96((seed >> 16) % 1e20);
        offer.ratePerSecond = uint128(1 + ((seed >> 32) % 1e27));
        offer.minDeposit = uint104(_deposit(offer.ratePerSecond, 3 * epochLength));
        offer.salt = seed;
        offer.maxFeeBps = 1_000;
        bytes memory signature_ = signature(providerKeyAt(seed % NODES), escrow.hashOffer(offer));
        uint256 deposit = _deposit(offer.ratePerSecond, bound(secs, 2 * epochLength, 12 * epochLength));
        vm.prank(userAt(seed >> 160));
        try escrow.open(offer, signature_, deposit, false) returns (uint256 orderId) {
            paidIn[orderId] += deposit;
            _did("open");
        } catch {
            ++tried;
        }
    }

    function request(uint256 seed, uint256 secs) external {
        if (escrow.orderCount() == MAX_ORDERS) return;
        OrderRequest memory wanted = stage.request();
        wanted.nodeId = (seed % NODES) + 1;
        wanted.enclaveKey = enclaveKeyOf(wanted.nodeId);
        // Terms that outlast the longest wait, so that restarts and closes after a depletion have their time.
        wanted.acceptBy = uint40(block.timestamp + 6 hours + (seed % 4) * 3 days);
        wanted.units = 1;
        wanted.ratePerSecond = uint128(1 + ((seed >> 32) % 1e27));
        uint256 deposit = _deposit(wanted.ratePerSecond, bound(secs, 2 * epochLength, 12 * epochLength));
        vm.prank(userAt(seed >> 160));
        try escrow.request(wanted, deposit) returns (uint256 orderId) {
            paidIn[orderId] += deposit;
            _did("request");
        } catch {
            ++tried;
        }
    }

    function accept(uint256 seed) external {
        uint256 orderId = _pick(seed, OrderStatus.Requested, OrderStatus.Requested);
        if (orderId == 0) return;
        uint256 nodeId = escrow.getOrder(orderId).terms.nodeId;
        address nodesProvider = nodes.providerOf(nodeId);
        bytes32 termsHash = escrow.termsHashOf(orderId);
        vm.prank(nodesProvider);
        try escrow.accept(orderId, termsHash, enclaveKeyOf(nodeId), 0) {
            _did("accept");
        } catch {
            ++tried;
        }
    }

    function cancelRequest(uint256 seed) external {
        uint256 orderId = _pick(seed, OrderStatus.Requested, OrderStatus.Requested);
        if (orderId == 0 || seed % 3 != 0) return;
        (address user, bytes32 termsHash) = (escrow.getOrder(orderId).user, escrow.termsHashOf(orderId));
        vm.prank(user);
        escrow.cancelRequest(orderId, termsHash);
        _did("cancelRequest");
    }

    function topUp(uint256 seed, uint256 secs) external {
        uint256 orderId = _pick(seed, OrderStatus.Active, OrderStatus.Stopped);
        if (orderId == 0) return;
        Order memory order = escrow.getOrder(orderId);
        uint256 amount = _deposit(order.terms.ratePerSecond, bound(secs, epochLength, 4 * epochLength));
        bytes32 termsHash = escrow.termsHashOf(orderId);
        vm.prank(seed % 5 == 0 ? userAt(seed) : order.user);
        try escrow.topUp(orderId, termsHash, amount) {
            paidIn[orderId] += amount;
            _did(order.progress.status == OrderStatus.Stopped ? "restart" : "topUp");
        } catch {
            ++tried;
        }
    }

    function settle(uint256 seed, uint256 back) external {
        uint256 orderId = _pick(seed, OrderStatus.Active, OrderStatus.Closed);
        if (orderId == 0) return;
        vm.prank(STRANGER);
        escrow.settle(orderId, seed % 2 == 0 ? 0 : block.timestamp / epochLength - (back % 8));
        _did("settle");
    }

    function settleMany(uint256[4] calldata seeds) external {
        uint256[] memory orderIds = new uint256[](5);
        for (uint256 i; i < 5; ++i) orderIds[i] = seeds[i % 4] % (MAX_ORDERS + 2);
        escrow.settleMany(orderIds, 0);
        _did("settleMany");
    }

    /// @notice The user, the provider or anyone closes.
    function close(uint256 seed) external {
        uint256 orderId = _pick(seed >> 8, OrderStatus.Active, OrderStatus.Stopped);
        if (orderId == 0) return;
        Order memory order = escrow.getOrder(orderId);
        address nodesProvider = nodes.providerOf(order.terms.nodeId);
        address[3] memory closers = [order.user, nodesProvider, STRANGER];
        string[3] memory names = ["closeByUser", "closeByProvider", "closeByAnyone"];
        bytes32 termsHash = escrow.termsHashOf(orderId);
        vm.prank(closers[seed % 3]);
        try escrow.close(orderId, termsHash) {
            _did(names[seed % 3]);
        } catch {
            ++tried;
        }
    }

    /// @notice Time passes, and epochs are challenged; each node proves most of them, or none for a while.
    function warp(uint256 seed, uint256 secs) external {
        uint256 first = block.timestamp / epochLength;
        uint256 time = block.timestamp + (seed % 16 == 0 ? 3 days : bound(secs, 1, 3 * epochLength));
        for (uint256 epoch = first; epoch <= time / epochLength; ++epoch) {
            uint256 luck = uint256(keccak256(abi.encode(seed, epoch)));
            if (luck % 8 == 0) continue;
            proofs.challenge(epoch);
            for (uint256 i; i < NODES; ++i) {
                if ((luck >> (8 * i + 8)) % 4 != 0) proofs.prove(i + 1, epoch);
            }
        }
        vm.warp(time);
        _did("warp");
    }

    /// @notice A node's end is set, ahead or at once. The first node lives on.
    function endNode(uint256 seed, uint256 secs) external {
        if (seed % 16 != 0 || (seed >> 8) % NODES == 0) return;
        try nodes.setEnd(((seed >> 8) % NODES) + 1, block.timestamp + bound(secs, 0, 2 * epochLength)) {
            _did("endNode");
        } catch {
            ++tried;
        }
    }

    function withdraw(uint256 seed) external {
        if (_withdraw(userAt(seed))) _did("withdraw");
    }

    function withdrawEarnings(uint256 seed) external {
        if (_withdrawEarnings((seed % NODES) + 1)) _did("withdrawEarnings");
    }

    /// @notice A provider takes out what its node holds idle.
    function releaseIdle(uint256 seed) external {
        if (_releaseIdle((seed % NODES) + 1)) _did("releaseIdle");
    }

    function collectFees() external {
        if (fees() == 0) return;
        escrow.collectFees(_nodeIds());
        _did("collectFees");
    }

    function setFee(uint16 feeBps) external {
        stage.setFee(uint16(bound(feeBps, 0, 1_000)));
    }

    /// @notice Ends everything in bounded steps, and pays everybody out. What is left then belongs to nobody.
    function emptyEverything() external {
        if (msg.sender != test) return;
        for (uint256 round; round < 2; ++round) {
            for (uint256 id = 1; id <= escrow.orderCount(); ++id) _end(id);
            vm.warp(block.timestamp + epochLength);
        }
        for (uint256 i; i < USERS; ++i) _withdraw(userAt(i));
        for (uint256 i = 1; i <= NODES; ++i) {
            _withdrawEarnings(i);
            _releaseIdle(i);
        }
        if (fees() != 0) escrow.collectFees(_nodeIds());
    }

    function fees() public view returns (uint256 sum) {
        for (uint256 i = 1; i <= NODES; ++i) {
            (, uint256 held) = escrow.earningsOf(i);
            sum += held;
        }
    }

    function _end(uint256 orderId) private {
        Order memory order = escrow.getOrder(orderId);
        OrderStatus status = order.progress.status;
        bytes32 termsHash = escrow.termsHashOf(orderId);
        vm.prank(order.user);
        if (status == OrderStatus.Requested) escrow.cancelRequest(orderId, termsHash);
        else if (status == OrderStatus.Active || status == OrderStatus.Stopped) escrow.close(orderId, termsHash);
        else if (status == OrderStatus.Closing) escrow.settle(orderId, 0);
    }

    function _withdraw(address account) private returns (bool) {
        if (escrow.balanceOf(account) == 0) return false;
        vm.prank(account);
        escrow.withdraw(account);
        return true;
    }

    function _withdrawEarnings(uint256 nodeId) private returns (bool) {
        (uint256 balance, ) = escrow.earningsOf(nodeId);
        if (balance == 0) return false;
        uint256[] memory nodeIds = new uint256[](1);
        nodeIds[0] = nodeId;
        address nodesProvider = providerAt(nodeId - 1);
        vm.prank(nodesProvider);
        escrow.withdrawEarnings(nodeIds, nodesProvider);
        return true;
    }

    function _releaseIdle(uint256 nodeId) private returns (bool) {
        if (escrow.idleLockOf(nodeId) == 0) return false;
        uint256[] memory nodeIds = new uint256[](1);
        nodeIds[0] = nodeId;
        vm.prank(providerAt(nodeId - 1));
        escrow.releaseIdle(nodeIds);
        return true;
    }

    /// @dev An order in one of the statuses from `first` to `last`; 0 when there is none.
    function _pick(uint256 seed, OrderStatus first, OrderStatus last) private view returns (uint256) {
        uint256 count = escrow.orderCount();
        for (uint256 i; i < count; ++i) {
            uint256 orderId = (((seed % count) + i) % count) + 1;
            OrderStatus status = escrow.getOrder(orderId).progress.status;
            if (status >= first && status <= last) return orderId;
        }
        return 0;
    }

    function _deposit(uint256 rate, uint256 secs) private pure returns (uint256) {
        return (rate * secs + 1e12 - 1) / 1e12;
    }

    function _nodeIds() private pure returns (uint256[] memory nodeIds) {
        nodeIds = new uint256[](NODES);
        for (uint256 i; i < NODES; ++i) nodeIds[i] = i + 1;
    }

    function _did(string memory action) private {
        ++done[action];
        ++succeeded;
        ++tried;
    }
}
