// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IOrderEscrow} from "../interfaces/IOrderEscrow.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Offer} from "../types/Order.sol";

/// @title SignedOffers
/// @notice Providers' signed offers: whether one may be taken, and how often it was.
abstract contract SignedOffers is IOrderEscrow, EIP712 {
    bytes32 private constant OFFER_TYPEHASH = keccak256(
        "Offer(address provider,uint256 nodeId,address token,uint16 units,uint128 ratePerSecond,uint96 stakeLock,uint104 minDeposit,uint16 maxFeeBps,bytes32 mrEnclave,address enclaveKey,uint32 modelId,uint40 expiry,uint32 volume,address taker,uint256 salt)"
    );

    /// @dev An offer has fifteen fields of one word each.
    uint256 private constant OFFER_BYTES = 15 * 32;

    mapping(address provider => mapping(bytes32 offerHash => uint256)) private _taken;

    /// @inheritdoc IOrderEscrow
    function takenOf(address provider, bytes32 offerHash) external view returns (uint256) {
        return _taken[provider][offerHash];
    }

    /// @inheritdoc IOrderEscrow
    function cancelOffer(bytes32 offerHash) external {
        _taken[msg.sender][offerHash] = type(uint256).max;
        emit OfferCancelled(msg.sender, offerHash);
    }

    /// @inheritdoc IOrderEscrow
    function hashOffer(Offer calldata offer) public view returns (bytes32) {
        bytes32 typeHash = OFFER_TYPEHASH;
        uint256 size = OFFER_BYTES;
        bytes32 structHash;
        // The layout of `abi.encode`: every field is one word. Fields are checked where they are read.
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, typeHash)
            calldatacopy(add(start, 0x20), offer, size)
            structHash := keccak256(start, add(0x20, size))
        }
        return _hashTypedDataV4(structHash);
    }

    /// @dev Takes an offer once for the caller. Checks everything that the offer itself says, and nothing about the
    /// node.
    function _take(
        Offer calldata offer,
        bytes calldata signature,
        address token_,
        uint256 feeBps_
    ) internal returns (bytes32 offerHash, uint256 taken) {
        // Check: the offer is for this caller, now, in this token, at this fee.
        if (block.timestamp >= offer.expiry) revert OrderEscrowOfferExpired(offer.expiry);
        if (offer.taker != address(0) && offer.taker != msg.sender)
            revert OrderEscrowWrongTaker(offer.taker, msg.sender);
        if (offer.token != token_) revert OrderEscrowWrongToken(token_, offer.token);
        if (feeBps_ > offer.maxFeeBps) revert OrderEscrowFeeTooHigh(feeBps_, offer.maxFeeBps);

        // Check: it is the provider's, and not used up.
        offerHash = hashOffer(offer);
        taken = _taken[offer.provider][offerHash];
        if (taken >= offer.volume) revert OrderEscrowOfferExhausted(offerHash, offer.volume);
        if (!Signatures.isValid(offer.provider, offerHash, signature)) {
            revert OrderEscrowInvalidSignature(offer.provider, offerHash);
        }

        // Effect.
        _taken[offer.provider][offerHash] = taken + 1;
    }
}
