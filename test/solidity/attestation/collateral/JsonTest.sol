// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IsoTime} from "../../../../contracts/attestation/collateral/IsoTime.sol";
import {StrictJson} from "../../../../contracts/attestation/collateral/StrictJson.sol";
import {Test} from "../../utils/Test.sol";

/// @notice Editing JSON texts, and the refusals that any reader of them may give.
abstract contract JsonTest is Test {
    error NotFound(string part);

    function unexpected(uint256 offset) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(StrictJson.StrictJsonUnexpected.selector, offset);
    }

    function invalidDate(bytes20 text) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IsoTime.IsoTimeInvalid.selector, text);
    }

    /// @notice Whether the reason is one that every reader may give.
    function isCommon(bytes4 selector) internal pure returns (bool) {
        return
            selector == StrictJson.StrictJsonUnexpected.selector ||
            selector == StrictJson.StrictJsonTooLong.selector ||
            selector == IsoTime.IsoTimeInvalid.selector;
    }

    /// @notice Where a part stands first.
    function indexOf(bytes memory text, bytes memory part) internal pure returns (uint256) {
        for (uint256 i = 0; i + part.length <= text.length; ++i) {
            uint256 k = 0;
            while (k < part.length && text[i + k] == part[k]) ++k;
            if (k == part.length) return i;
        }
        revert NotFound(string(part));
    }

    /// @notice The text with the first occurrence of a part replaced.
    function replace(bytes memory text, bytes memory part, bytes memory by) internal pure returns (bytes memory) {
        uint256 start = indexOf(text, part);
        return bytes.concat(slice(text, 0, start), by, slice(text, start + part.length, text.length));
    }

    function slice(bytes memory text, uint256 from, uint256 to) internal pure returns (bytes memory part) {
        part = new bytes(to - from);
        for (uint256 i = 0; i < part.length; ++i) part[i] = text[from + i];
    }

    /// @notice The text with some characters cut out at a place, and others put in there.
    function mutated(
        bytes memory text,
        uint256 place,
        uint256 remove,
        bytes memory insert
    ) internal pure returns (bytes memory) {
        place = bound(place, 0, text.length);
        remove = bound(remove, 0, text.length - place < 40 ? text.length - place : 40);
        return bytes.concat(slice(text, 0, place), insert, slice(text, place + remove, text.length));
    }
}
