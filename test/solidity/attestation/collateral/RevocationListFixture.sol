// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Crl} from "../../../../contracts/attestation/collateral/RevocationList.sol";
import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {X509Harness} from "../../../../contracts/mocks/X509Harness.sol";
import {Test} from "../../utils/Test.sol";
import {ALGORITHM, NAME, document, extension, sequence, tlv, typedCall} from "../formats/DerWriting.sol";

/// @notice A revocation list that is as it should be, from its parts, and the reader of such lists.
abstract contract RevocationListFixture is Test {
    bytes internal constant DATE = bytes.concat(hex"170d", "260716081709Z");
    bytes internal constant NEXT = bytes.concat(hex"170d", "260815081709Z");
    bytes internal constant REASON = hex"300c300a0603551d1504030a0101";
    bytes internal constant SERIAL = hex"02142f062e3665960176ec25dd15afabeca6da9411d4";
    uint256 internal constant SERIAL_VALUE = 0x00_2f062e3665960176ec25dd15afabeca6da9411d4;
    bytes internal constant PADDED = hex"021500fd608648629cba73078b4d492f4b3ea741ad08cd";
    uint256 internal constant PADDED_VALUE = 0x00_fd608648629cba73078b4d492f4b3ea741ad08cd;

    X509Harness internal reader;

    function setUp() public {
        reader = X509Harness(deploy("X509Harness.sol:X509Harness", ""));
    }

    function read(bytes memory der) internal view returns (Crl memory crl) {
        (crl, ) = reader.readCrl(der);
    }

    function entryOf(bytes memory serial) internal pure returns (bytes memory) {
        return sequence(bytes.concat(serial, DATE, REASON));
    }

    function datedEntry(bytes memory serial, string memory date) internal pure returns (bytes memory) {
        return sequence(bytes.concat(serial, hex"170d", bytes(date), REASON));
    }

    function crlNumber() internal pure returns (bytes memory) {
        return extension(hex"551d14", false, hex"020101");
    }

    function keyIdentifier() internal pure returns (bytes memory) {
        return extension(hex"551d23", false, new bytes(24));
    }

    function extensions() internal pure returns (bytes memory) {
        return bytes.concat(crlNumber(), keyIdentifier());
    }

    function head() internal pure returns (bytes memory) {
        return bytes.concat(hex"020101", ALGORITHM, NAME, DATE, NEXT);
    }

    function signedPart(bytes memory revoked) internal pure returns (bytes memory) {
        return bytes.concat(head(), revoked, tlv(0xa0, sequence(extensions())));
    }

    function listOf(bytes memory entries) internal pure returns (bytes memory) {
        return document(signedPart(sequence(entries)));
    }

    function refused(bytes memory der, bytes4 expected) internal {
        (bool isRead, bytes memory result) = typedCall(address(reader), abi.encodeCall(reader.readCrl, (der)));
        assertTrue(!isRead, "read");
        assertEq(bytes32(bytes4(result)), bytes32(expected), "error");
    }

    function malformed(bytes memory der) internal {
        refused(der, Der.DerMalformed.selector);
    }
}
