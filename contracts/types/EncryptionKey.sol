// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What kind of public key a user registered.
/// - `None`: no key.
/// - `X25519`: 32 bytes, RFC 7748.
/// - `Secp256k1`: 33 bytes, compressed, SEC 1 section 2.3.3.
enum KeyScheme {
    None,
    X25519,
    Secp256k1
}

/// @notice A user's encryption key.
/// @param scheme The kind of key.
/// @param updatedAt Unix seconds of the registration.
/// @param key The public key's bytes.
struct EncryptionKey {
    KeyScheme scheme;
    uint40 updatedAt;
    bytes key;
}
