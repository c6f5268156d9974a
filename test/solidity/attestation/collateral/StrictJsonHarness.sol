// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cursor, StrictJson} from "../../../../contracts/attestation/collateral/StrictJson.sol";

/// @notice {StrictJson}'s pieces as they are shipped, each reading at a text's beginning.
contract StrictJsonHarness {
    using StrictJson for Cursor;

    /// @notice {StrictJson-expect}.
    /// @return How many characters were passed.
    function literal(bytes calldata text, bytes32 expected, uint256 length) external pure returns (uint256) {
        return _passed(text, StrictJson.open(text).expect(expected, length));
    }

    /// @notice {StrictJson-number}.
    /// @return How many characters were passed.
    /// @return The number.
    function number(bytes calldata text, uint256 maximum) external pure returns (uint256, uint256) {
        (Cursor next, uint256 value) = StrictJson.open(text).number(maximum);
        return (_passed(text, next), value);
    }

    /// @notice {StrictJson-passText}.
    /// @return How many characters were passed.
    function quoted(bytes calldata text) external pure returns (uint256) {
        return _passed(text, StrictJson.open(text).passText());
    }

    /// @notice {StrictJson-hexadecimal}, with nothing behind it.
    function hexadecimal(bytes calldata text, uint256 size) external pure returns (uint256 value) {
        Cursor next;
        (next, value) = StrictJson.open(text).hexadecimal(size);
        next.close();
    }

    /// @notice {StrictJson-date}, with nothing behind it.
    function date(bytes calldata text) external pure returns (uint64 time) {
        Cursor next;
        (next, time) = StrictJson.open(text).date();
        next.close();
    }

    /// @notice {StrictJson-close} after some characters.
    function closedAfter(bytes calldata text, uint256 count) external pure {
        StrictJson.open(text).skip(count).close();
    }

    function _passed(bytes calldata text, Cursor next) private pure returns (uint256) {
        return next.position() - StrictJson.open(text).position();
    }
}
