// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {CHEATCODES} from "../utils/Test.sol";

/// @dev Keys of `count` validators, by ascending address.
function ascendingKeys(uint256 count) pure returns (uint256[] memory keys) {
    keys = new uint256[](count);
    for (uint256 i = 0; i < count; ++i) {
        uint256 key = uint256(keccak256(abi.encode("validator", i)));
        uint256 j = i;
        for (; j > 0 && CHEATCODES.addr(keys[j - 1]) > CHEATCODES.addr(key); --j) keys[j] = keys[j - 1];
        keys[j] = key;
    }
}

/// @dev Signatures of the keys from `first` on, `count` of them.
function signaturesOf(
    uint256[] memory keys,
    uint256 first,
    uint256 count,
    bytes32 digest
) pure returns (ValidatorSignature[] memory signed) {
    signed = new ValidatorSignature[](count);
    for (uint256 i = 0; i < count; ++i) {
        uint256 key = keys[first + i];
        (uint8 v, bytes32 r, bytes32 s) = CHEATCODES.sign(key, digest);
        signed[i] = ValidatorSignature({validator: CHEATCODES.addr(key), signature: abi.encodePacked(r, s, v)});
    }
}
