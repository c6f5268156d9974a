// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {EncryptionKey, KeyScheme} from "../types/EncryptionKey.sol";

/// @title IUserRegistry
/// @notice Users' public encryption keys, so that data and results can be sealed to them.
/// @dev A key is what its account says it is: nothing here proves that the account knows the private key.
interface IUserRegistry {
    /// @notice An account registered or replaced its key.
    /// @param account The account.
    /// @param scheme The kind of key.
    /// @param key The public key: 32 bytes for `X25519`, 33 for `Secp256k1`.
    event KeySet(address indexed account, KeyScheme scheme, bytes key);
    /// @notice An account removed its key.
    /// @param account The account.
    event KeyRemoved(address indexed account);

    /// @notice The key does not fit its scheme: its length is wrong, or the prefix of a compressed point, or it is all
    /// zero.
    /// @param scheme The scheme given.
    /// @param key The key given.
    error UserRegistryInvalidKey(KeyScheme scheme, bytes key);
    /// @notice The account has no key.
    /// @param account The account.
    error UserRegistryNoKey(address account);
    /// @notice The signature is not the account's signature with its next nonce.
    /// @param account The account.
    error UserRegistryInvalidSignature(address account);
    /// @notice The signature's deadline has passed.
    /// @param deadline The deadline in Unix seconds.
    error UserRegistryExpiredSignature(uint256 deadline);

    /// @notice Returns an account's key.
    /// @dev Requirements:
    /// - The account has a key ({UserRegistryNoKey}).
    /// @param account Any account.
    /// @return The key.
    function getKey(address account) external view returns (EncryptionKey memory);

    /// @notice Returns whether an account has a key.
    /// @param account Any account.
    /// @return Whether it has one.
    function hasKey(address account) external view returns (bool);

    /// @notice Returns the nonce that an account's next signature must carry. Every change of the account's key uses up
    /// a nonce, whoever makes it, so that no older signature can bring an older key back.
    /// @param account Any account.
    /// @return The nonce, from 0.
    function nonces(address account) external view returns (uint256);

    /// @notice Registers or replaces the caller's key.
    /// @dev Emits {KeySet}.
    ///
    /// Requirements:
    /// - The key fits its scheme ({UserRegistryInvalidKey}).
    /// @param scheme The kind of key, not `None`.
    /// @param key The public key: 32 bytes for `X25519`; 33 for `Secp256k1`, compressed, of which the first is 2 or 3.
    function setKey(KeyScheme scheme, bytes calldata key) external;

    /// @notice Registers or replaces an account's key by its EIP-712 signature over `SetKey(address account,uint8
    /// scheme,bytes key,uint256 nonce,uint256 deadline)`. Anyone may submit it.
    /// @dev Emits {KeySet}.
    ///
    /// Requirements:
    /// - The deadline has not passed ({UserRegistryExpiredSignature}).
    /// - The signature is the account's, with its next nonce ({UserRegistryInvalidSignature}).
    /// - The key fits its scheme ({UserRegistryInvalidKey}).
    /// @param account The account.
    /// @param scheme The kind of key, not `None`.
    /// @param key The public key: 32 bytes for `X25519`; 33 for `Secp256k1`, compressed, of which the first is 2 or 3.
    /// @param deadline Unix seconds of the last second in which the signature counts.
    /// @param signature 65 bytes `r ‖ s ‖ v` with a low s, or the bytes that the account's ERC-1271 contract expects.
    function setKeyFor(
        address account,
        KeyScheme scheme,
        bytes calldata key,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Removes the caller's key.
    /// @dev Emits {KeyRemoved}.
    ///
    /// Requirements:
    /// - The caller has a key ({UserRegistryNoKey}).
    function removeKey() external;
}
