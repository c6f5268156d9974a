// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {CalldataBytes} from "./CalldataBytes.sol";
import {Der} from "../formats/Der.sol";

/// @title CertificateNames
/// @notice Finds the names in a certificate that may be anybody's, to choose those that are worth reading: `namesOf` in
/// src/sgx/chain.ts finds the same. It judges nothing and refuses nothing.
library CertificateNames {
    /// @notice Returns whom a certificate names.
    /// @param der The certificate, or other bytes.
    /// @return issuer keccak256 of the issuer's name; zero where there are no such names.
    /// @return subject keccak256 of the subject's name; zero where there are no such names.
    function namesIn(bytes calldata der) internal pure returns (bytes32 issuer, bytes32 subject) {
        (uint256 position, uint256 end) = Der.bounds(der);
        (position, ) = _enter(position, end, Der.SEQUENCE);
        (position, ) = _enter(position, end, Der.SEQUENCE);
        // Version, serial number, algorithm.
        (, position) = _enter(position, end, Der.CONTEXT_0);
        (, position) = _enter(position, end, Der.INTEGER);
        (, position) = _enter(position, end, Der.SEQUENCE);
        (, uint256 afterIssuer) = _enter(position, end, Der.SEQUENCE);
        (, uint256 afterValidity) = _enter(afterIssuer, end, Der.SEQUENCE);
        (, uint256 afterSubject) = _enter(afterValidity, end, Der.SEQUENCE);
        if (afterSubject == 0) return (0, 0);
        issuer = CalldataBytes.hashAt(position, afterIssuer - position);
        subject = CalldataBytes.hashAt(afterValidity, afterSubject - afterValidity);
    }

    /// @dev Returns where an element's content begins and where it ends; zeros where there is no such element, and for
    /// the position 0.
    function _enter(uint256 position, uint256 end, uint256 tag) private pure returns (uint256 content, uint256 next) {
        // Positions lie in calldata and sizes are below 2^16, so nothing overflows.
        unchecked {
            if (position == 0 || position + 4 > end) return (0, 0);
            uint256 word = Der.load(position);
            if (word >> 248 != tag) return (0, 0);
            uint256 size = (word >> 240) & 0xff;
            content = position + 2;
            if (size == 0x81) (size, content) = ((word >> 232) & 0xff, position + 3);
            else if (size == 0x82) (size, content) = ((word >> 224) & 0xffff, position + 4);
            else if (size > 0x7f) return (0, 0);
            next = content + size;
            if (next > end) return (0, 0);
        }
    }
}
