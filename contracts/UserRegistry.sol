// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IUserRegistry} from "./interfaces/IUserRegistry.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {EncryptionKey, KeyScheme} from "./types/EncryptionKey.sol";

/// @title UserRegistry
/// @notice See {IUserRegistry}.
/// @dev Every change uses up the account's nonce, so that no older signature can bring an older key back.
contract UserRegistry is IUserRegistry, EIP712, Nonces {
    using Signatures for address;

    bytes32 private constant SET_KEY_TYPEHASH = keccak256(
        "SetKey(address account,uint8 scheme,bytes key,uint256 nonce,uint256 deadline)"
    );

    mapping(address account => EncryptionKey) private _keys;

    /// @notice Starts empty.
    constructor() EIP712("ComputingPower.UserRegistry", "1") {}

    /// @inheritdoc IUserRegistry
    function getKey(address account) external view override returns (EncryptionKey memory) {
        _checkHasKey(account);
        return _keys[account];
    }

    /// @inheritdoc IUserRegistry
    function hasKey(address account) external view override returns (bool) {
        return _hasKey(account);
    }

    /// @inheritdoc IUserRegistry
    function nonces(address account) public view override(IUserRegistry, Nonces) returns (uint256) {
        return super.nonces(account);
    }

    /// @inheritdoc IUserRegistry
    function setKey(KeyScheme scheme, bytes calldata key) external override {
        _useNonce(msg.sender);
        _setKey(msg.sender, scheme, key);
    }

    /// @inheritdoc IUserRegistry
    function setKeyFor(
        address account,
        KeyScheme scheme,
        bytes calldata key,
        uint256 deadline,
        bytes calldata signature
    ) external override {
        if (block.timestamp > deadline) revert UserRegistryExpiredSignature(deadline);
        bytes32 structHash = keccak256(
            abi.encode(SET_KEY_TYPEHASH, account, scheme, keccak256(key), _useNonce(account), deadline)
        );
        if (!account.isValid(_hashTypedDataV4(structHash), signature)) revert UserRegistryInvalidSignature(account);
        _setKey(account, scheme, key);
    }

    /// @inheritdoc IUserRegistry
    function removeKey() external override {
        _checkHasKey(msg.sender);
        _useNonce(msg.sender);
        delete _keys[msg.sender];
        emit KeyRemoved(msg.sender);
    }

    function _setKey(address account, KeyScheme scheme, bytes calldata key) private {
        if (!_fits(scheme, key)) revert UserRegistryInvalidKey(scheme, key);
        _keys[account] = EncryptionKey({scheme: scheme, updatedAt: uint40(block.timestamp), key: key});
        emit KeySet(account, scheme, key);
    }

    function _hasKey(address account) private view returns (bool) {
        return _keys[account].scheme != KeyScheme.None;
    }

    function _checkHasKey(address account) private view {
        if (!_hasKey(account)) revert UserRegistryNoKey(account);
    }

    /// @dev Checks length and prefix, and that the coordinate is not zero. RFC 7748 section 5 takes all other 32 bytes
    /// as a u-coordinate; a compressed point of SEC 1 section 2.3.3 starts with 2 or 3.
    function _fits(KeyScheme scheme, bytes calldata key) private pure returns (bool) {
        if (scheme == KeyScheme.X25519) return key.length == 32 && bytes32(key) != 0;
        if (scheme != KeyScheme.Secp256k1 || key.length != 33) return false;
        return (key[0] == 0x02 || key[0] == 0x03) && bytes32(key[1:]) != 0;
    }
}
