// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IValidatorSet} from "../interfaces/IValidatorSet.sol";

/// @title QuorumCall
/// @notice Asks a validator set about signatures as they lie in calldata, offsets included, instead of encoding them again: that
/// would cost more than all else but the signatures' own check.
library QuorumCall {
    /// @notice Has the set check a quorum's signatures. Its answer is in the return data, as {IValidatorSet-checkQuorum}
    /// encodes it; an error with data is passed on.
    /// @param validators The validator set.
    /// @param digest What was signed.
    /// @param asOf Number of the block as of which stake counts.
    /// @param start Where the array of signatures begins in calldata: with its count, its elements behind it.
    /// @param end Where what its elements point at ends in calldata, not before `start`.
    /// @return success Whether there was a quorum; otherwise the set reverted without data, as it does when it cannot decode the
    /// signatures.
    function check(
        IValidatorSet validators,
        bytes32 digest,
        uint256 asOf,
        uint256 start,
        uint256 end
    ) internal view returns (bool success) {
        bytes4 selector = IValidatorSet.checkQuorum.selector;
        assembly ("memory-safe") {
            let question := mload(0x40)
            let size := sub(end, start)
            mstore(question, selector)
            mstore(add(question, 0x04), digest)
            mstore(add(question, 0x24), asOf)
            mstore(add(question, 0x44), 0x60)
            calldatacopy(add(question, 0x64), start, size)
            success := staticcall(gas(), validators, question, add(size, 0x64), 0, 0)
            if and(iszero(success), gt(returndatasize(), 0)) {
                returndatacopy(question, 0, returndatasize())
                revert(question, returndatasize())
            }
        }
    }
}
