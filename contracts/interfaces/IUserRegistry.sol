// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {EncryptionKey, KeyScheme} from "../types/EncryptionKey.sol";

/// @title IUserRegistry
/// @notice Users' public encryption keys, so that data and results can be sealed to them.
/// @dev A key is what its account says it is: nothing here proves that the account knows the private key.
interface IUserRegistry {
    /// @notice An account registered or replaced its key.
    event KeySet(address indexed account, KeyScheme scheme, bytes key);
    /// @notice An account withdrew its key.
    event KeyRemoved(address indexed account);

    /// @notice The key does not fit its scheme (length, or the prefix of a compressed point, or all zero).
    error UserRegistryInvalidKey(KeyScheme scheme, bytes key);
    /// @notice The account has no key.
    error UserRegistryNoKey(address account);
    /// @notice The signature is not the account's for its next nonce.
    error UserRegistryInvalidSignature(address account);
    /// @notice The signature's deadline has passed.
    error UserRegistryExpiredSignature(uint256 deadline);

    /// @notice An account's key.
    /// @dev Errors: {UserRegistryNoKey}.
    function getKey(address account) external view returns (EncryptionKey memory);

    /// @notice Whether an account has a key.
    function hasKey(address account) external view returns (bool);

    /// @notice The nonce that an account's next signature must carry. Every change of the account's key uses one, whoever makes it,
    /// so that no older signature can bring an older key back.
    function nonces(address account) external view returns (uint256);

    /// @notice Registers or replaces the caller's key.
    /// @dev Emits {KeySet}. Errors: {UserRegistryInvalidKey}.
    function setKey(KeyScheme scheme, bytes calldata key) external;

    /// @notice Registers or replaces an account's key by its EIP-712 signature over
    /// `SetKey(address account,uint8 scheme,bytes key,uint256 nonce,uint256 deadline)`; anyone may carry it. ERC-1271 too.
    /// @dev Emits {KeySet}. Errors: {UserRegistryInvalidKey}, {UserRegistryExpiredSignature}, {UserRegistryInvalidSignature}.
    function setKeyFor(
        address account,
        KeyScheme scheme,
        bytes calldata key,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Withdraws the caller's key.
    /// @dev Emits {KeyRemoved}. Errors: {UserRegistryNoKey}.
    function removeKey() external;
}
