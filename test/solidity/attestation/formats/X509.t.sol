// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedDer} from "../../../../contracts/attestation/formats/SignedDer.sol";
import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";
import {Certificate} from "../../../../contracts/attestation/formats/X509.sol";
import {CertificateFixture} from "./CertificateFixture.sol";
import {
    ALGORITHM,
    NAME,
    SIGNATURE,
    changed,
    document,
    extension,
    replaced,
    sequence,
    slice,
    tlv,
    typedCall
} from "./DerWriting.sol";

/// @notice The certificate reader on certificates that are written here, one fault at a time.
contract X509Test is CertificateFixture {
    // What is read

    function test_ReadsEveryField() external view {
        bytes memory signed = signedPart(extensions());
        Certificate memory certificate = read(document(signed));
        assertEq(certificate.issuer, keccak256(NAME), "issuer");
        assertEq(certificate.subject, keccak256(SUBJECT), "subject");
        assertEq(certificate.serial, 0x123, "serial");
        assertEq(certificate.notBefore, 1_526_899_510, "notBefore");
        assertEq(certificate.notAfter, 2_524_607_999, "notAfter");
        assertEq(certificate.x, bytes32(uint256(0xaa)), "x");
        assertEq(certificate.y, bytes32(uint256(0xbb)), "y");
        assertEq(certificate.digest, sha256(sequence(signed)), "digest");
        assertEq(certificate.r, bytes32(uint256(5)), "r");
        assertEq(certificate.s, bytes32(uint256(255)), "s");
        assertTrue(certificate.isCa, "CA");
        assertEq(certificate.sgxOffset, 0, "no SGX extension");
    }

    function test_ReadsWhereTheSgxExtensionLies() external view {
        bytes memory der = certificateOf(bytes.concat(extensions(), extension(SGX_ID, false, "value of it")));
        Certificate memory certificate = read(der);
        assertEq(certificate.sgxLength, 11, "length");
        assertEq(keccak256(slice(der, certificate.sgxOffset, 11)), keccak256("value of it"), "value");
    }

    function test_ReadsUsageOfASigner() external view {
        bytes memory list = replaced(extensions(), usage(CA_USAGE), usage(hex"030206c0"));
        list = replaced(list, constraints(CA_CONSTRAINTS), constraints(hex"3000"));
        assertTrue(!read(certificateOf(list)).isCa, "no CA");
    }

    function test_IgnoresOtherExtensionsThatAreNotCritical() external view {
        bytes memory list = bytes.concat(extension(hex"551d11", false, hex"ff"), extensions());
        list = bytes.concat(list, extension(hex"5504", false, ""), extension(hex"5505", false, new bytes(200)));
        read(certificateOf(list));
    }

    // The frame

    function test_RevertWhen_TooLong() external {
        bytes memory list = bytes.concat(extensions(), extension(hex"5504", false, new bytes(3300)));
        bytes memory der = certificateOf(list);
        uint256 spare = 4096 - der.length;
        der = certificateOf(bytes.concat(extensions(), extension(hex"5504", false, new bytes(3300 + spare))));
        assertEq(der.length, 4096, "as long as can be");
        read(der);
        der = certificateOf(bytes.concat(extensions(), extension(hex"5504", false, new bytes(3301 + spare))));
        _refused(der, abi.encodeWithSelector(SignedDer.X509TooLong.selector, 4097, 4096));
    }

    function test_RevertWhen_CutOffOrFollowed() external {
        bytes memory der = certificateOf(extensions());
        for (uint256 size; size < der.length; size += 7) malformed(slice(der, 0, size));
        malformed(bytes.concat(der, hex"00"));
    }

    function test_RevertWhen_AlgorithmIsAnother() external {
        bytes memory signed = signedPart(extensions());
        bytes memory other = replaced(ALGORITHM, hex"0302", hex"0303");
        malformed(document(replaced(signed, ALGORITHM, other)));
        malformed(sequence(bytes.concat(sequence(signed), other, SIGNATURE)));
        bytes memory withNull = hex"300c06082a8648ce3d0403020500";
        malformed(sequence(bytes.concat(sequence(signed), withNull, SIGNATURE)));
    }

    function test_RevertWhen_SignatureIsNotExact() external {
        bytes[8] memory signatures = [
            bytes(hex"030a013007020105020200ff"),
            hex"030a003007020185020200ff",
            hex"030b003008020105020300000f",
            hex"030c003007020105020200ff0000",
            hex"030700300402010502",
            hex"0306003003020105",
            hex"030d00300a020105020101020200ff",
            hex"0300"
        ];
        bytes memory signed = sequence(signedPart(extensions()));
        for (uint256 i; i < 8; i++) malformed(sequence(bytes.concat(signed, ALGORITHM, signatures[i])));
        bytes memory long = sequence(bytes.concat(hex"0221", new bytes(33), hex"020105"));
        malformed(sequence(bytes.concat(signed, ALGORITHM, tlv(3, bytes.concat(hex"00", long)))));
    }

    function test_RevertGiven_HashCannotBeComputed() external {
        bytes memory der = certificateOf(extensions());
        vm.mockCallRevert(address(2), "", "");
        _refused(der, abi.encodeWithSelector(SignedDer.X509HashFailed.selector));
        vm.clearMockedCalls();
        read(der);
    }

    // The fields

    function test_RevertWhen_VersionIsNot3() external {
        bytes memory signed = signedPart(extensions());
        malformed(document(replaced(signed, hex"a003020102", hex"a003020101")));
        malformed(document(replaced(signed, hex"a003020102", "")));
        malformed(document(replaced(signed, hex"a003020102", hex"a00402020002")));
    }

    function test_RevertWhen_SerialIsZeroNegativePaddedOrTooLong() external {
        bytes[5] memory serials = [
            bytes(hex"020100"),
            hex"0200",
            hex"020181",
            hex"02020001",
            bytes.concat(hex"021501", new bytes(20))
        ];
        for (uint256 i; i < 5; i++) malformed(document(replaced(signedPart(extensions()), SERIAL, serials[i])));
        bytes memory most = bytes.concat(hex"021500", bytes20(type(uint160).max));
        bytes memory der = document(replaced(signedPart(extensions()), SERIAL, most));
        assertEq(read(der).serial, type(uint160).max, "20 bytes");
    }

    function test_RevertWhen_NameIsNoSequence() external {
        malformed(document(replaced(signedPart(extensions()), NAME, hex"3100")));
        malformed(document(replaced(signedPart(extensions()), SUBJECT, hex"3100")));
    }

    function test_RevertWhen_ValidityIsNotTwoTimes() external {
        bytes memory signed = signedPart(extensions());
        bytes memory der = document(replaced(signed, "491231235959Z", "490231235959Z"));
        (bool isRead, bytes memory result) = typedCall(address(reader), abi.encodeCall(reader.readCertificate, (der)));
        assertTrue(!isRead && bytes4(result) == UtcTime.UtcTimeInvalid.selector, "30 February");
        malformed(document(replaced(signed, VALIDITY, bytes.concat(hex"300f170d", "180521104510Z"))));
        malformed(document(replaced(signed, VALIDITY, bytes.concat(VALIDITY, VALIDITY))));
        malformed(document(replaced(signed, VALIDITY, bytes.concat(hex"3020", slice(VALIDITY, 2, 30), hex"0500"))));
    }

    function test_RevertWhen_KeyIsNoUncompressedPointOnP256() external {
        bytes memory signed = signedPart(extensions());
        malformed(document(replaced(signed, SPKI, replaced(SPKI, hex"0004", hex"0002"))));
        malformed(document(replaced(signed, SPKI, replaced(SPKI, hex"030107", hex"030108"))));
    }

    function test_RevertWhen_SignedPartEndsWithinTheKey() external {
        bytes memory signed = signedPart(extensions());
        malformed(document(slice(signed, 0, signed.length - sequence(extensions()).length - 3 - 10)));
    }

    // Anything

    function testFuzz_ChangedBytesGiveTypedErrors(uint256 place, uint8 by, uint256 second, uint8 bySecond) external {
        bytes memory der = changed(changed(certificateOf(extensions()), place, by), second, bySecond);
        typedCall(address(reader), abi.encodeCall(reader.readCertificate, (der)));
    }

    function testFuzz_AnyBytesGiveTypedErrors(bytes calldata noise) external {
        typedCall(address(reader), abi.encodeCall(reader.readCertificate, (noise)));
        typedCall(address(reader), abi.encodeCall(reader.readCertificate, (document(noise))));
        typedCall(address(reader), abi.encodeCall(reader.readCertificate, (certificateOf(noise))));
        typedCall(
            address(reader),
            abi.encodeCall(reader.readCertificate, (certificateOf(bytes.concat(extensions(), noise))))
        );
    }

    function _refused(bytes memory der, bytes memory expected) private {
        vm.expectRevert(expected);
        read(der);
    }
}
