// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title P256
/// @notice ECDSA signatures on the curve P-256 (secp256r1), by the precompile of EIP-7951.
/// @dev Both signs of `s` are valid, as in EIP-7951 and at Intel: about half of Intel's signatures have a high one. So
/// a signature does not identify a document.
library P256 {
    /// @dev Where EIP-7951 puts the precompile.
    uint256 private constant PRECOMPILE = 0x100;

    /// @dev RFC 6979, A.2.5: the signature over SHA-256 of "sample". Its `s` is high.
    bytes32 private constant KNOWN_DIGEST = 0xaf2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf;
    bytes32 private constant KNOWN_R = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716;
    bytes32 private constant KNOWN_S = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8;
    bytes32 private constant KNOWN_X = 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6;
    bytes32 private constant KNOWN_Y = 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299;

    /// @notice The precompile did not get enough gas to answer.
    error P256CallFailed();

    /// @notice Returns whether a signature is the key's over the digest.
    /// @dev The precompile answers an invalid signature, key or point with no bytes at all, and so does a chain without
    /// it: see {isAvailable}. A call that fails is not taken for an answer, because whoever sends the transaction
    /// chooses its gas, and "invalid" may slash. Errors: {P256CallFailed}.
    /// @param digest The hash that was signed.
    /// @param r The first half of the signature.
    /// @param s The second half of the signature; both signs are valid.
    /// @param x The first half of the public key.
    /// @param y The second half of the public key.
    /// @return isValid Whether the signature is valid.
    function verify(bytes32 digest, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool isValid) {
        bool isAnswered;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, digest)
            mstore(add(input, 0x20), r)
            mstore(add(input, 0x40), s)
            mstore(add(input, 0x60), x)
            mstore(add(input, 0x80), y)
            // The answer goes to scratch space, which stays as it was if there is no answer; so its size is checked,
            // too.
            isAnswered := staticcall(gas(), PRECOMPILE, input, 0xa0, 0x00, 0x20)
            isValid := and(eq(returndatasize(), 0x20), eq(mload(0x00), 1))
        }
        if (!isAnswered) revert P256CallFailed();
    }

    /// @notice Returns whether the chain has the precompile, by two known answers: one signature that is valid and one
    /// that is not.
    /// @dev Errors: {P256CallFailed}.
    /// @return Whether it answers both correctly.
    function isAvailable() internal view returns (bool) {
        return
            verify(KNOWN_DIGEST, KNOWN_R, KNOWN_S, KNOWN_X, KNOWN_Y) &&
            !verify(~KNOWN_DIGEST, KNOWN_R, KNOWN_S, KNOWN_X, KNOWN_Y);
    }
}
