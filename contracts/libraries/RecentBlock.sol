// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title RecentBlock
/// @notice Hashes of recent blocks, also beyond the 256 that `BLOCKHASH` reaches, if the chain keeps more.
library RecentBlock {
    /// @dev How many blocks back the `BLOCKHASH` opcode reaches.
    uint256 private constant OPCODE_WINDOW = 256;

    /// @dev The history contract of EIP-2935, which keeps the last 8191 hashes. It takes a 32-byte big-endian block
    /// number and reverts beyond its window.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    /// @notice Returns the hash of a block.
    /// @dev Never reverts: on a chain without EIP-2935, where there is nothing or something else at the address, it
    /// returns zero.
    /// @param blockNumber The block; the running block and later ones have no hash yet.
    /// @return blockHash The hash; zero if the chain does not provide it.
    function hashOf(uint256 blockNumber) internal view returns (bytes32 blockHash) {
        if (blockNumber >= block.number) return 0;
        if (block.number - blockNumber <= OPCODE_WINDOW) return blockhash(blockNumber);
        (bool success, bytes memory answer) = HISTORY.staticcall(abi.encode(blockNumber));
        if (success && answer.length == 32) blockHash = abi.decode(answer, (bytes32));
    }
}
