// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {Certificate} from "../../../../contracts/attestation/formats/X509.sol";
import {X509Harness} from "../../../../contracts/mocks/X509Harness.sol";
import {Test} from "../../utils/Test.sol";
import {ALGORITHM, NAME, document, extension, sequence, tlv, typedCall} from "./DerWriting.sol";

/// @notice A certificate that is as it should be, from its parts, and the reader of certificates.
abstract contract CertificateFixture is Test {
    bytes internal constant SUBJECT = hex"300c310a300806035504030c0142";
    bytes internal constant VALIDITY = bytes.concat(hex"301e170d", "180521104510Z", hex"170d", "491231235959Z");
    bytes internal constant SPKI = hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    bytes internal constant CA_USAGE = hex"03020106";
    bytes internal constant CA_CONSTRAINTS = hex"30060101ff020100";
    bytes internal constant SGX_ID = hex"2a864886f84d010d01";
    bytes internal constant SERIAL = hex"02020123";

    X509Harness internal reader;

    function setUp() public {
        reader = X509Harness(deploy("X509Harness.sol:X509Harness", ""));
    }

    function read(bytes memory der) internal view returns (Certificate memory certificate) {
        (certificate, ) = reader.readCertificate(der);
    }

    function fields() internal pure returns (bytes memory) {
        bytes memory key = bytes.concat(SPKI, bytes32(uint256(0xaa)), bytes32(uint256(0xbb)));
        return bytes.concat(hex"a003020102", SERIAL, ALGORITHM, NAME, VALIDITY, SUBJECT, key);
    }

    function signedPart(bytes memory list) internal pure returns (bytes memory) {
        return bytes.concat(fields(), tlv(0xa3, sequence(list)));
    }

    function certificateOf(bytes memory list) internal pure returns (bytes memory) {
        return document(signedPart(list));
    }

    function usage(bytes memory value) internal pure returns (bytes memory) {
        return extension(hex"551d0f", true, value);
    }

    function constraints(bytes memory value) internal pure returns (bytes memory) {
        return extension(hex"551d13", true, value);
    }

    function extensions() internal pure returns (bytes memory) {
        return
            bytes.concat(
                extension(hex"551d23", false, new bytes(24)),
                extension(hex"551d1f", false, new bytes(130)),
                extension(hex"551d0e", false, new bytes(22)),
                usage(CA_USAGE),
                constraints(CA_CONSTRAINTS)
            );
    }

    function refusedBy(bytes memory der, bytes4 expected) internal {
        (bool isRead, bytes memory result) = typedCall(address(reader), abi.encodeCall(reader.readCertificate, (der)));
        assertTrue(!isRead, "read");
        assertEq(bytes32(bytes4(result)), bytes32(expected), "error");
    }

    function malformed(bytes memory der) internal {
        refusedBy(der, Der.DerMalformed.selector);
    }
}
