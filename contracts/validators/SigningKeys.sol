// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IValidatorSet} from "../interfaces/IValidatorSet.sol";

/// @title SigningKeys
/// @notice The keys that validators sign by. A key is an ECDSA key, so that nobody can disown later what it has signed, and it
/// stays its validator's for good, whatever key comes after it.
abstract contract SigningKeys is IValidatorSet, EIP712 {
    /// @dev Whose a key is, and until when it was in force, in Unix seconds; 0 while it is.
    struct Key {
        address validator;
        uint48 until;
    }

    /// @dev The key in force of an account that has chosen one, and until when its own was, in Unix seconds.
    struct Choice {
        address key;
        uint48 ownUntil;
    }

    bytes32 private constant KEY_TYPEHASH = keccak256("SigningKey(address validator)");

    mapping(address key => Key) private _keys;
    mapping(address account => Choice) private _choices;

    /// @inheritdoc IValidatorSet
    function signingKeyOf(address account) external view returns (address) {
        address key = _choices[account].key;
        return key == address(0) ? account : key;
    }

    /// @inheritdoc IValidatorSet
    function hashSigningKey(address account) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(KEY_TYPEHASH, account)));
    }

    /// @inheritdoc IValidatorSet
    function isSignedBy(
        address account,
        bytes32 digest,
        bytes calldata signature,
        uint256 time
    ) external view returns (bool) {
        address signer = _recovered(digest, signature);
        if (signer == address(0)) return false;
        if (signer == account) {
            uint256 ownUntil = _choices[account].ownUntil;
            return ownUntil == 0 || time <= ownUntil;
        }
        Key memory key = _keys[signer];
        return key.validator == account && (key.until == 0 || time <= key.until);
    }

    /// @dev Replaces an account's key by one that has agreed to be its.
    function _setKey(address account, address key, bytes calldata signature) internal {
        if (key == account || _keys[key].validator != address(0)) revert ValidatorSetKeyTaken(key);
        if (key == address(0) || _recovered(hashSigningKey(account), signature) != key) {
            revert ValidatorSetInvalidKeySignature(key);
        }
        Choice storage choice = _choices[account];
        address former = choice.key;
        if (former == address(0)) choice.ownUntil = uint48(block.timestamp);
        else _keys[former].until = uint48(block.timestamp);
        choice.key = key;
        _keys[key].validator = account;
        emit SigningKeySet(account, key);
    }

    /// @dev The key that an account has chosen.
    function _keyOf(address account) internal view returns (address) {
        return _choices[account].key;
    }

    /// @dev Who signed, or the zero address where nobody did.
    function _recovered(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
    }
}
