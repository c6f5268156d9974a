// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title RevocationTree
/// @notice Commits to the serial numbers on a CRL, so that one of them can be looked up with a sixteenth of the list.
/// @dev A serial is in the bucket that its lowest four bits name. A bucket's hash is keccak256 of its serials, 20 bytes
/// each, in the list's order. The 16 hashes are the leaves of a binary tree of `keccak256(left ‖ right)`, in the
/// buckets' order. The depth is fixed, and a bucket never has the 64 bytes of an inner node, so neither can be mistaken
/// for the other.
library RevocationTree {
    /// @notice Bytes of a serial number in a bucket: RFC 5280, 4.1.2.2, allows no more.
    uint256 internal constant SERIAL_BYTES = 20;

    /// @notice Bytes of the four hashes beside the path from a bucket to the root.
    uint256 internal constant SIBLINGS_BYTES = 128;

    /// @notice The bucket is not a whole number of serials of 20 bytes.
    /// @param length Its length in bytes.
    error RevocationTreeBucketLength(uint256 length);
    /// @notice The path does not have four siblings, 128 bytes.
    /// @param length The siblings' length in bytes.
    error RevocationTreeSiblingsLength(uint256 length);

    /// @notice Returns the commitment to a list.
    /// @param serials The serial numbers, each below 2^160.
    /// @return root The first 16 bytes of the tree's root.
    function rootOf(uint256[] memory serials) internal pure returns (bytes16 root) {
        uint256[16] memory table;
        _hashBuckets(table, _fillBuckets(table, serials));
        assembly ("memory-safe") {
            // Each level overwrites the one below it, with half its size.
            for {
                let size := 0x100
            } gt(size, 0x10) {
                size := shr(1, size)
            } {
                for {
                    let offset := 0
                } lt(offset, size) {
                    offset := add(offset, 0x20)
                } {
                    mstore(add(table, offset), keccak256(add(table, shl(1, offset)), 0x40))
                }
            }
            root := shl(128, shr(128, mload(table)))
        }
    }

    /// @notice Looks up a serial number in its bucket.
    /// @dev The answer holds for the list whose commitment is `root`; the caller compares it. Errors:
    /// {RevocationTreeBucketLength}, {RevocationTreeSiblingsLength}.
    /// @param serial The serial number; its lowest four bits name the bucket.
    /// @param bucket That bucket's serials, 20 bytes each, in the list's order.
    /// @param siblings The hashes beside the path from the bucket up, 4 times 32 bytes.
    /// @return root The commitment that follows from them.
    /// @return isListed Whether the bucket has the serial.
    function lookUp(
        uint256 serial,
        bytes calldata bucket,
        bytes calldata siblings
    ) internal pure returns (bytes16 root, bool isListed) {
        if (bucket.length % SERIAL_BYTES != 0) revert RevocationTreeBucketLength(bucket.length);
        if (siblings.length != SIBLINGS_BYTES) revert RevocationTreeSiblingsLength(siblings.length);
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, bucket.offset, bucket.length)
            let node := keccak256(free, bucket.length)
            for {
                let level := 0
            } lt(level, 4) {
                level := add(level, 1)
            } {
                // A bit that is set puts this node on the right and its sibling on the left, in scratch space.
                let side := and(shl(5, shr(level, serial)), 0x20)
                mstore(side, node)
                mstore(xor(side, 0x20), calldataload(add(siblings.offset, shl(5, level))))
                node := keccak256(0x00, 0x40)
            }
            root := shl(128, shr(128, node))

            let entry := bucket.offset
            for {
                let end := add(entry, bucket.length)
            } lt(entry, end) {
                entry := add(entry, SERIAL_BYTES)
            } {
                isListed := or(isListed, eq(shr(96, calldataload(entry)), serial))
            }
        }
    }

    /// @dev Lays out the serials by bucket. Returns where the first bucket begins. `table` gets where each bucket ends;
    /// the next one begins 12 bytes further, because writing 20 bytes touches 32.
    function _fillBuckets(uint256[16] memory table, uint256[] memory serials) private pure returns (uint256 start) {
        assembly ("memory-safe") {
            let first := add(serials, 0x20)
            let last := add(first, shl(5, mload(serials)))

            // Each bucket's length in bytes.
            for {
                let source := first
            } lt(source, last) {
                source := add(source, 0x20)
            } {
                let entry := add(table, shl(5, and(mload(source), 15)))
                mstore(entry, add(mload(entry), SERIAL_BYTES))
            }

            // Lengths become positions.
            start := mload(0x40)
            let position := start
            for {
                let entry := table
            } lt(entry, add(table, 0x200)) {
                entry := add(entry, 0x20)
            } {
                let length := mload(entry)
                mstore(entry, position)
                position := add(position, add(length, 12))
            }
            mstore(0x40, and(add(position, 31), not(31)))

            // Each serial goes to the end of its bucket.
            for {
                let source := first
            } lt(source, last) {
                source := add(source, 0x20)
            } {
                let serial := mload(source)
                let entry := add(table, shl(5, and(serial, 15)))
                let target := mload(entry)
                mstore(target, shl(96, serial))
                mstore(entry, add(target, SERIAL_BYTES))
            }
        }
    }

    /// @dev Replaces each bucket's end by its hash.
    function _hashBuckets(uint256[16] memory table, uint256 start) private pure {
        assembly ("memory-safe") {
            for {
                let entry := table
            } lt(entry, add(table, 0x200)) {
                entry := add(entry, 0x20)
            } {
                let bucketEnd := mload(entry)
                mstore(entry, keccak256(start, sub(bucketEnd, start)))
                start := add(bucketEnd, 12)
            }
        }
    }
}
