// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title ProofOfWork
/// @notice The message, the target and the check of a proof of computational power.
/// @dev An answer is 128 nonces of 8 bytes, big-endian, packed. Hash `i` is `keccak256(prefix ‖ nonce_i)` over 40
/// bytes. The hashes are strictly increasing, which makes the nonces distinct and leaves the largest hash as the last.
library ProofOfWork {
    /// @notice Nonces in an answer, k.
    uint256 internal constant NONCES = 128;

    /// @notice Bytes of an answer's nonces: 8 each.
    uint256 internal constant ANSWER_BYTES = 1024;

    /// @notice Hashes below the target that a node of exactly the required rate finds on average in the window, in
    /// thousandths.
    /// @dev Half the 0.9999 quantile of the chi-square distribution with 2k = 256 degrees of freedom, 174.409267,
    /// rounded up: with that mean, at least k are found in 99.99 % of windows.
    uint256 internal constant MU_THOUSANDTHS = 174_410;

    /// @notice Separates prefixes from anything else that hashes the same words.
    bytes32 internal constant PROOF_DOMAIN = keccak256(
        "ComputingPowerProof(uint256 chainId,address challengeManager,bytes32 seed,uint256 nodeId,address enclaveKey)"
    );

    /// @notice Returns the prefix that every attempt of a node begins with. It binds the attempts to this chain and
    /// contract.
    /// @param seed The challenge's seed.
    /// @param nodeId The node.
    /// @param enclaveKey Address of the node's enclave key.
    /// @return The 32 bytes.
    function prefixOf(bytes32 seed, uint256 nodeId, address enclaveKey) internal view returns (bytes32) {
        return keccak256(abi.encode(PROOF_DOMAIN, block.chainid, address(this), seed, nodeId, enclaveKey));
    }

    /// @notice Returns the largest hash that an answer may end with: `floor(floor((2^256-1) / (rate * T)) * mu)`, at
    /// most 2^256-1.
    /// @param requiredRate Hashes per second to prove. Zero gives 2^256-1; a rate for which `rate * T` exceeds 256 bits
    /// gives zero.
    /// @param window Seconds over which the rate must be kept up, T; not zero.
    /// @return The target.
    function targetOf(uint256 requiredRate, uint256 window) internal pure returns (uint256) {
        if (requiredRate > type(uint256).max / window) return 0;
        unchecked {
            uint256 hashes = requiredRate * window;
            // With no more hashes than mu, the mean does not exceed mu even if every hash counts.
            if (hashes <= MU_THOUSANDTHS / 1000) return type(uint256).max;
            uint256 share = type(uint256).max / hashes;
            // share * mu in two parts, because share * MU_THOUSANDTHS may exceed 256 bits even if the result does not.
            return (share / 1000) * MU_THOUSANDTHS + ((share % 1000) * MU_THOUSANDTHS) / 1000;
        }
    }

    /// @notice Returns a lower-bound estimate of the rate behind an answer: `floor((k-1) * floor((2^256-1) / U) / T)`,
    /// at most 2^64-1.
    /// @param largestHash The answer's largest hash, U.
    /// @param window Seconds over which the rate is counted, T; not zero and below 2^64.
    /// @return Hashes per second.
    function provenRateOf(uint256 largestHash, uint256 window) internal pure returns (uint64) {
        if (largestHash == 0) return type(uint64).max;
        unchecked {
            uint256 hashes = type(uint256).max / largestHash;
            // Up to here the product fits; above it the rate exceeds the cap for any window below 2^64.
            if (hashes > type(uint256).max / NONCES) return type(uint64).max;
            uint256 rate = ((NONCES - 1) * hashes) / window;
            return rate > type(uint64).max ? type(uint64).max : uint64(rate);
        }
    }

    /// @notice Hashes an answer's nonces.
    /// @param prefix The 32 bytes that every attempt begins with.
    /// @param nonces Exactly {ANSWER_BYTES} bytes, which the caller makes sure of.
    /// @return increasing Whether each hash is greater than the one before it.
    /// @return largest The last hash, which is the largest if they increase.
    function check(bytes32 prefix, bytes calldata nonces) internal pure returns (bool increasing, uint256 largest) {
        assembly ("memory-safe") {
            function hashAt(offset) -> hash {
                mstore(0x20, calldataload(offset))
                hash := keccak256(0x00, 40)
            }
            // The 40 bytes to hash are in scratch space: the prefix, then the nonce in the high bytes of the second
            // word.
            mstore(0x00, prefix)
            increasing := 1
            let position := nonces.offset
            for {
                let end := add(position, ANSWER_BYTES)
            } lt(position, end) {
                position := add(position, 64)
            } {
                // Eight nonces per iteration, because checking the end costs half as much as hashing a nonce.
                let other := hashAt(position)
                increasing := and(gt(other, largest), increasing)
                largest := hashAt(add(position, 8))
                increasing := and(gt(largest, other), increasing)
                other := hashAt(add(position, 16))
                increasing := and(gt(other, largest), increasing)
                largest := hashAt(add(position, 24))
                increasing := and(gt(largest, other), increasing)
                other := hashAt(add(position, 32))
                increasing := and(gt(other, largest), increasing)
                largest := hashAt(add(position, 40))
                increasing := and(gt(largest, other), increasing)
                other := hashAt(add(position, 48))
                increasing := and(gt(other, largest), increasing)
                largest := hashAt(add(position, 56))
                increasing := and(gt(largest, other), increasing)
            }
        }
    }

    /// @notice Returns keccak256 of an answer's nonces, which the enclave signs.
    /// @dev Like `keccak256(nonces)`, but without keeping the copy in memory.
    /// @param nonces The nonces.
    /// @return hash Their hash.
    function hashOf(bytes calldata nonces) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, nonces.offset, nonces.length)
            hash := keccak256(free, nonces.length)
        }
    }
}
