// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IOrderEscrow} from "../../../contracts/interfaces/IOrderEscrow.sol";
import {Offer, OrderStatus, StopReason} from "../../../contracts/types/Order.sol";
import {Permit} from "../../../contracts/types/Permit.sol";
import {EscrowFixture} from "./EscrowFixture.sol";
import {enclaveKeyOf} from "./EscrowStandIns.sol";

/// @notice Who may sign an offer, where it counts, and how often.
contract OrderEscrowOffersTest is EscrowFixture {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    uint256 private _deposit;

    function setUp() public {
        deployEscrow();
        _deposit = costUp(2 * EPOCH);
    }

    /// @notice The hash, spelt out after EIP-712.
    function test_HashIsEip712() external view {
        Offer memory offer = anOffer();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputingPower.OrderEscrow"),
                keccak256("1"),
                block.chainid,
                escrow
            )
        );
        bytes memory head = abi.encode(
            keccak256(
                "Offer(address provider,uint256 nodeId,address token,uint16 units,uint128 ratePerSecond,uint96 stakeLock,uint104 minDeposit,uint16 maxFeeBps,bytes32 mrEnclave,address enclaveKey,uint32 modelId,uint40 expiry,uint32 volume,address taker,uint256 salt)"
            ),
            offer.provider,
            offer.nodeId,
            offer.token,
            offer.units,
            offer.ratePerSecond,
            offer.stakeLock
        );
        bytes memory tail = abi.encode(
            offer.minDeposit,
            offer.maxFeeBps,
            offer.mrEnclave,
            offer.enclaveKey,
            offer.modelId,
            offer.expiry,
            offer.volume,
            offer.taker,
            offer.salt
        );
        bytes32 expected = keccak256(abi.encodePacked(hex"1901", domain, keccak256(bytes.concat(head, tail))));
        assertEq(escrow.hashOffer(offer), expected, "hash");
    }

    function test_ContractSignsByErc1271() external {
        address wallet = deploy("MockWallet1271.sol:MockWallet1271", abi.encode(provider));
        nodes.addNode(8, wallet, NODE_UNITS, MR_ENCLAVE);
        fundProvider(wallet);
        Offer memory offer = anOffer();
        (offer.provider, offer.nodeId, offer.enclaveKey) = (wallet, 8, enclaveKeyOf(8));
        _open(offer, sign(offer));
        assertEq(lockedOf(wallet), STAKE_LOCK, "locked");

        (, uint256 key) = makeAccount("somebody");
        _expectInvalidSignature(offer, signature(key, escrow.hashOffer(offer)));
    }

    /// @notice An account that carries code, as EIP-7702 lets it, signs with its key although the code knows no ERC-1271.
    function test_AccountWithCodeSignsWithItsKey() external {
        vm.etch(provider, abi.encodePacked(hex"ef0100", address(vault)));
        Offer memory offer = anOffer();
        _open(offer, sign(offer));
        vm.etch(provider, hex"00");
        _open(offer, sign(offer));
    }

    function test_RevertWhen_SignedByAnother() external {
        Offer memory offer = anOffer();
        _expectInvalidSignature(offer, signature(userKey, escrow.hashOffer(offer)));
        _expectInvalidSignature(offer, "");
        _expectInvalidSignature(offer, abi.encodePacked(sign(offer), hex"00"));
    }

    /// @notice The same signature with the high s is no other way to take an offer.
    function test_RevertWhen_SignatureIsMalleated() external {
        Offer memory offer = anOffer();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(providerKey, escrow.hashOffer(offer));
        uint256 n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        _expectInvalidSignature(offer, abi.encodePacked(r, bytes32(n - uint256(s)), v == 27 ? 28 : 27));
    }

    /// @notice Every field is signed.
    function test_RevertWhen_AnyTermIsChanged() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        Offer[9] memory changed;
        for (uint256 i; i < changed.length; ++i) changed[i] = anOffer();
        --changed[0].ratePerSecond;
        ++changed[1].stakeLock;
        ++changed[2].units;
        ++changed[3].expiry;
        ++changed[4].volume;
        changed[5].taker = user;
        ++changed[6].salt;
        ++changed[7].minDeposit;
        changed[8].enclaveKey = stranger;
        for (uint256 i; i < changed.length; ++i) _expectInvalidSignature(changed[i], signature_);
        _open(offer, signature_);
    }

    function test_RevertWhen_ReplayedOnAnotherChain() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        vm.chainId(block.chainid + 1);
        _expectInvalidSignature(offer, signature_);
    }

    function test_RevertWhen_ReplayedInAnotherEscrow() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        escrow = IOrderEscrow(deploy("OrderEscrow.sol:OrderEscrow", constructorArguments(address(this), FEE_BPS)));
        fundUser(user);
        _expectInvalidSignature(offer, signature_);
    }

    function test_RevertGiven_OfferTakenAsOftenAsItAllows() external {
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        _open(offer, signature_);
        _open(offer, signature_);
        offer.units = 1;
        offer.volume = 1;
        signature_ = sign(offer);
        _open(offer, signature_);
        _expectExhausted(offer, signature_);
        assertEq(escrow.takenOf(provider, escrow.hashOffer(offer)), 1, "taken");
    }

    function test_RevertGiven_OfferCancelled() external {
        Offer memory offer = anOffer();
        bytes32 offerHash = escrow.hashOffer(offer);
        vm.prank(stranger);
        escrow.cancelOffer(offerHash);
        _open(offer, sign(offer));

        vm.expectEmit(address(escrow));
        emit IOrderEscrow.OfferCancelled(provider, offerHash);
        vm.prank(provider);
        escrow.cancelOffer(offerHash);
        assertEq(escrow.takenOf(provider, offerHash), type(uint256).max, "taken");
        _expectExhausted(offer, sign(offer));
    }

    function test_PermitOpensRequestsAndTopsUp() external {
        vm.prank(user);
        token.approve(address(escrow), 0);
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        Permit memory permit = _permit(_deposit);
        vm.prank(user);
        uint256 orderId = escrow.openWithPermit(offer, signature_, _deposit, false, permit);
        assertStatus(orderId, OrderStatus.Active, StopReason.None);

        permit = _permit(5);
        bytes32 terms = termsOf(orderId);
        vm.prank(user);
        escrow.topUpWithPermit(orderId, terms, 5, permit);
        assertEq(deposited(orderId), _deposit + 5, "deposited");

        permit = _permit(_deposit);
        vm.prank(user);
        orderId = escrow.requestWithPermit(aRequest(), _deposit, permit);
        assertStatus(orderId, OrderStatus.Requested, StopReason.None);
    }

    function test_PermitCarriedByAnotherBeforeIsNoFailure() external {
        vm.prank(user);
        token.approve(address(escrow), 0);
        Offer memory offer = anOffer();
        bytes memory signature_ = sign(offer);
        Permit memory permit = _permit(_deposit);
        vm.prank(stranger);
        IERC20Permit(address(token)).permit(
            user,
            address(escrow),
            _deposit,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s
        );
        vm.prank(user);
        escrow.openWithPermit(offer, signature_, _deposit, false, permit);
        assertEq(deposited(1), _deposit, "deposited");
    }

    function _permit(uint256 value) private view returns (Permit memory permit) {
        permit.deadline = block.timestamp;
        IERC20Permit permitted = IERC20Permit(address(token));
        bytes32 structHash = keccak256(
            abi.encode(PERMIT_TYPEHASH, user, escrow, value, permitted.nonces(user), permit.deadline)
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", permitted.DOMAIN_SEPARATOR(), structHash));
        (permit.v, permit.r, permit.s) = vm.sign(userKey, digest);
    }

    function _open(Offer memory offer, bytes memory signature_) private {
        vm.prank(user);
        escrow.open(offer, signature_, _deposit, false);
    }

    function _expectInvalidSignature(Offer memory offer, bytes memory signature_) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IOrderEscrow.OrderEscrowInvalidSignature.selector,
                offer.provider,
                escrow.hashOffer(offer)
            )
        );
        _open(offer, signature_);
    }

    function _expectExhausted(Offer memory offer, bytes memory signature_) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IOrderEscrow.OrderEscrowOfferExhausted.selector,
                escrow.hashOffer(offer),
                offer.volume
            )
        );
        _open(offer, signature_);
    }
}
