// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {SignedDer} from "../../../../contracts/attestation/formats/SignedDer.sol";
import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";
import {X509} from "../../../../contracts/attestation/formats/X509.sol";
import {X509Extensions} from "../../../../contracts/attestation/formats/X509Extensions.sol";

// Functions that write DER, and that make tests of its readers short.

/// @dev Where the bytes begin in the calldata of a function of one argument, `bytes`.
uint256 constant BYTES_POSITION = 0x44;

bytes constant ALGORITHM = hex"300a06082a8648ce3d040302";
bytes constant SIGNATURE = hex"030a003007020105020200ff";
bytes constant NAME = hex"300c310a300806035504030c0141";

error NothingToReplace(bytes what);
error Untyped(bytes reason);

/// @dev An element with its length as DER wants it.
function tlv(uint256 tag, bytes memory content) pure returns (bytes memory) {
    uint256 length = content.length;
    if (length < 0x80) return abi.encodePacked(uint8(tag), uint8(length), content);
    if (length < 0x100) return abi.encodePacked(uint8(tag), hex"81", uint8(length), content);
    if (length < 0x10000) return abi.encodePacked(uint8(tag), hex"82", uint16(length), content);
    return abi.encodePacked(uint8(tag), hex"83", uint24(length), content);
}

function sequence(bytes memory content) pure returns (bytes memory) {
    return tlv(Der.SEQUENCE, content);
}

/// @dev An extension from its OID's content.
function extension(bytes memory id, bool isCritical, bytes memory value) pure returns (bytes memory) {
    bytes memory flag = isCritical ? bytes(hex"0101ff") : bytes("");
    return sequence(bytes.concat(tlv(Der.OBJECT_IDENTIFIER, id), flag, tlv(Der.OCTET_STRING, value)));
}

/// @dev A document of these contents of its signed part.
function document(bytes memory signed) pure returns (bytes memory) {
    return sequence(bytes.concat(sequence(signed), ALGORITHM, SIGNATURE));
}

/// @dev Calls a reader, and fails unless it succeeds or reverts with one of the readers' errors.
function typedCall(address reader, bytes memory data) returns (bool isRead, bytes memory result) {
    (isRead, result) = reader.call(data);
    if (isRead) return (true, result);
    bytes4 selector = bytes4(result);
    bool isTyped =
        result.length == 36 &&
            (selector == Der.DerMalformed.selector ||
                selector == UtcTime.UtcTimeInvalid.selector ||
                selector == X509Extensions.X509WrongExtension.selector ||
                selector == X509Extensions.X509MissingExtension.selector ||
                selector == X509.X509WrongUsage.selector);
    if (selector == SignedDer.X509TooLong.selector && result.length == 68) isTyped = true;
    if (!isTyped) revert Untyped(result);
}

/// @dev The bytes with one of them changed by `by`, where they are not empty.
function changed(bytes memory data, uint256 place, uint8 by) pure returns (bytes memory) {
    bytes memory copy = bytes.concat(data);
    if (copy.length > 0) copy[place % copy.length] ^= bytes1(by);
    return copy;
}

/// @dev Replaces the first occurrence of `what`; fails where there is none.
function replaced(bytes memory data, bytes memory what, bytes memory by) pure returns (bytes memory) {
    for (uint256 from; from + what.length <= data.length; from++) {
        if (keccak256(slice(data, from, what.length)) == keccak256(what)) {
            uint256 rest = from + what.length;
            return bytes.concat(slice(data, 0, from), by, slice(data, rest, data.length - rest));
        }
    }
    revert NothingToReplace(what);
}

function slice(bytes memory data, uint256 from, uint256 size) pure returns (bytes memory part) {
    part = new bytes(size);
    for (uint256 i; i < size; i++) part[i] = data[from + i];
}
