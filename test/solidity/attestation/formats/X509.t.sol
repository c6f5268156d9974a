// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {SignedDer} from "../../../../contracts/attestation/formats/SignedDer.sol";
import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";
import {Certificate, X509} from "../../../../contracts/attestation/formats/X509.sol";
import {X509Extensions} from "../../../../contracts/attestation/formats/X509Extensions.sol";
import {X509Harness} from "../../../../contracts/mocks/X509Harness.sol";
import {X509Fixture} from "./X509Fixture.sol";

/// @notice The certificate reader on certificates that are written here, one fault at a time.
contract X509Test is X509Fixture {
    bytes private constant SUBJECT = hex"300c310a300806035504030c0142";
    bytes private constant VALIDITY = bytes.concat(hex"301e170d", "180521104510Z", hex"170d", "491231235959Z");
    bytes private constant SPKI = hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    bytes private constant CA_USAGE = hex"03020106";
    bytes private constant CA_CONSTRAINTS = hex"30060101ff020100";
    bytes private constant SGX_ID = hex"2a864886f84d010d01";
    bytes private constant SERIAL = hex"02020123";

    X509Harness private _x509;

    function setUp() public {
        _x509 = X509Harness(deploy("X509Harness.sol:X509Harness", ""));
    }

    // What is read

    function test_ReadsEveryField() external view {
        bytes memory signed = _signed(_extensions());
        Certificate memory certificate = _read(document(signed));
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
        bytes memory der = _certificate(bytes.concat(_extensions(), extension(SGX_ID, false, "value of it")));
        Certificate memory certificate = _read(der);
        assertEq(certificate.sgxLength, 11, "length");
        assertEq(keccak256(slice(der, certificate.sgxOffset, 11)), keccak256("value of it"), "value");
    }

    function test_ReadsUsageOfASigner() external view {
        bytes memory list = replaced(_extensions(), _usage(CA_USAGE), _usage(hex"030206c0"));
        list = replaced(list, _constraints(CA_CONSTRAINTS), _constraints(hex"3000"));
        assertTrue(!_read(_certificate(list)).isCa, "no CA");
    }

    function test_IgnoresOtherExtensionsThatAreNotCritical() external view {
        bytes memory list = bytes.concat(extension(hex"551d11", false, hex"ff"), _extensions());
        list = bytes.concat(list, extension(hex"5504", false, ""), extension(hex"5505", false, new bytes(200)));
        _read(_certificate(list));
    }

    // The frame

    function test_RevertWhen_TooLong() external {
        bytes memory list = bytes.concat(_extensions(), extension(hex"5504", false, new bytes(3300)));
        bytes memory der = _certificate(list);
        uint256 spare = 4096 - der.length;
        der = _certificate(bytes.concat(_extensions(), extension(hex"5504", false, new bytes(3300 + spare))));
        assertEq(der.length, 4096, "as long as can be");
        _read(der);
        der = _certificate(bytes.concat(_extensions(), extension(hex"5504", false, new bytes(3301 + spare))));
        _refused(der, abi.encodeWithSelector(SignedDer.X509TooLong.selector, 4097, 4096));
    }

    function test_RevertWhen_CutOffOrFollowed() external {
        bytes memory der = _certificate(_extensions());
        for (uint256 size; size < der.length; size += 7) _malformed(slice(der, 0, size));
        _malformed(bytes.concat(der, hex"00"));
    }

    function test_RevertWhen_AlgorithmIsAnother() external {
        bytes memory signed = _signed(_extensions());
        bytes memory other = replaced(ALGORITHM, hex"0302", hex"0303");
        _malformed(document(replaced(signed, ALGORITHM, other)));
        _malformed(sequence(bytes.concat(sequence(signed), other, SIGNATURE)));
        bytes memory withNull = hex"300c06082a8648ce3d0403020500";
        _malformed(sequence(bytes.concat(sequence(signed), withNull, SIGNATURE)));
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
        bytes memory signed = sequence(_signed(_extensions()));
        for (uint256 i; i < 8; i++) _malformed(sequence(bytes.concat(signed, ALGORITHM, signatures[i])));
        bytes memory long = sequence(bytes.concat(hex"0221", new bytes(33), hex"020105"));
        _malformed(sequence(bytes.concat(signed, ALGORITHM, tlv(3, bytes.concat(hex"00", long)))));
    }

    function test_RevertGiven_HashCannotBeComputed() external {
        bytes memory der = _certificate(_extensions());
        vm.mockCallRevert(address(2), "", "");
        _refused(der, abi.encodeWithSelector(SignedDer.X509HashFailed.selector));
        vm.clearMockedCalls();
        _read(der);
    }

    // The fields

    function test_RevertWhen_VersionIsNot3() external {
        bytes memory signed = _signed(_extensions());
        _malformed(document(replaced(signed, hex"a003020102", hex"a003020101")));
        _malformed(document(replaced(signed, hex"a003020102", "")));
        _malformed(document(replaced(signed, hex"a003020102", hex"a00402020002")));
    }

    function test_RevertWhen_SerialIsZeroNegativePaddedOrTooLong() external {
        bytes[5] memory serials = [
            bytes(hex"020100"),
            hex"0200",
            hex"020181",
            hex"02020001",
            bytes.concat(hex"021501", new bytes(20))
        ];
        for (uint256 i; i < 5; i++) _malformed(document(replaced(_signed(_extensions()), SERIAL, serials[i])));
        bytes memory most = bytes.concat(hex"021500", bytes20(type(uint160).max));
        bytes memory der = document(replaced(_signed(_extensions()), SERIAL, most));
        assertEq(_read(der).serial, type(uint160).max, "20 bytes");
    }

    function test_RevertWhen_NameIsNoSequence() external {
        _malformed(document(replaced(_signed(_extensions()), NAME, hex"3100")));
        _malformed(document(replaced(_signed(_extensions()), SUBJECT, hex"3100")));
    }

    function test_RevertWhen_ValidityIsNotTwoTimes() external {
        bytes memory signed = _signed(_extensions());
        bytes memory der = document(replaced(signed, "491231235959Z", "490231235959Z"));
        (bool isRead, bytes memory result) = typedCall(address(_x509), abi.encodeCall(_x509.readCertificate, (der)));
        assertTrue(!isRead && bytes4(result) == UtcTime.UtcTimeInvalid.selector, "30 February");
        _malformed(document(replaced(signed, VALIDITY, bytes.concat(hex"300f170d", "180521104510Z"))));
        _malformed(document(replaced(signed, VALIDITY, bytes.concat(VALIDITY, VALIDITY))));
        _malformed(document(replaced(signed, VALIDITY, bytes.concat(hex"3020", slice(VALIDITY, 2, 30), hex"0500"))));
    }

    function test_RevertWhen_KeyIsNoUncompressedPointOnP256() external {
        bytes memory signed = _signed(_extensions());
        _malformed(document(replaced(signed, SPKI, replaced(SPKI, hex"0004", hex"0002"))));
        _malformed(document(replaced(signed, SPKI, replaced(SPKI, hex"030107", hex"030108"))));
    }

    function test_RevertWhen_SignedPartEndsWithinTheKey() external {
        bytes memory signed = _signed(_extensions());
        _malformed(document(slice(signed, 0, signed.length - sequence(_extensions()).length - 3 - 10)));
    }

    // Extensions

    function test_RevertWhen_ListIsEmptyOrFollowed() external {
        _refusedBy(_certificate(""), X509Extensions.X509MissingExtension.selector);
        bytes memory list = sequence(_extensions());
        _malformed(document(bytes.concat(_fields(), tlv(0xa3, bytes.concat(list, hex"0500")))));
        _malformed(document(bytes.concat(_fields(), tlv(0xa3, list), hex"0500")));
        _malformed(document(bytes.concat(_fields(), tlv(0xa0, list))));
        _malformed(document(_fields()));
    }

    function test_RevertWhen_ARequiredExtensionIsMissing() external {
        bytes[5] memory ids = [bytes(hex"551d23"), hex"551d1f", hex"551d0e", hex"551d0f", hex"551d13"];
        for (uint256 i; i < 5; i++) {
            // Another id in its place: the rest stays as it is.
            bytes memory list = replaced(_extensions(), ids[i], hex"551d41");
            bool isCritical = i > 2;
            bytes4 expected =
                isCritical ? X509Extensions.X509WrongExtension.selector : X509Extensions.X509MissingExtension.selector;
            _refusedBy(_certificate(list), expected);
        }
        bytes memory without = replaced(_extensions(), _usage(CA_USAGE), "");
        _refusedBy(_certificate(without), X509Extensions.X509MissingExtension.selector);
    }

    function test_RevertWhen_AnExtensionIsThereTwice() external {
        bytes[4] memory ids = [bytes(hex"551d23"), SGX_ID, hex"5504", hex"551d41"];
        for (uint256 i; i < 4; i++) {
            bytes memory one = extension(ids[i], false, hex"01");
            bytes memory other = extension(ids[i], false, new bytes(130));
            _refusedBy(
                _certificate(bytes.concat(one, _extensions(), other)),
                X509Extensions.X509WrongExtension.selector
            );
        }
        // The same bytes with one more before or behind them are another OID.
        bytes memory list = bytes.concat(extension(hex"5504", false, ""), _extensions());
        _read(_certificate(bytes.concat(list, extension(hex"550400", false, ""))));
    }

    function test_RevertWhen_AnUnknownExtensionIsCritical() external {
        bytes4 expected = X509Extensions.X509WrongExtension.selector;
        _refusedBy(_certificate(bytes.concat(_extensions(), extension(hex"5504", true, ""))), expected);
        _refusedBy(_certificate(bytes.concat(_extensions(), extension(hex"551d1e", true, ""))), expected);
        _read(_certificate(bytes.concat(_extensions(), extension(SGX_ID, true, ""))));
    }

    function test_RevertWhen_CriticalIsSpelledOutAsFalseOrIsNoBoolean() external {
        bytes memory id = hex"0603551d11";
        bytes[4] memory flags = [bytes(hex"010100"), hex"010101", hex"0102ffff", hex"0100"];
        for (uint256 i; i < 4; i++) {
            _malformed(_certificate(bytes.concat(_extensions(), sequence(bytes.concat(id, flags[i], hex"0400")))));
        }
    }

    function test_RevertWhen_AnExtensionIsMalformed() external {
        bytes[6] memory broken = [
            bytes(hex"30050603551d11"),
            hex"30090603551d1104000400",
            hex"30030603551d",
            hex"3007060355801104",
            hex"30080603551d1105000400",
            hex"0400"
        ];
        for (uint256 i; i < 6; i++) _malformed(_certificate(bytes.concat(_extensions(), broken[i])));
    }

    function test_RevertWhen_ThereAreMoreThan16Extensions() external {
        bytes memory list = _extensions();
        for (uint8 i; i < 11; i++) list = bytes.concat(list, extension(abi.encodePacked(hex"55", i), false, ""));
        _read(_certificate(list));
        bytes memory more = bytes.concat(list, extension(hex"5540", false, ""));
        _refusedBy(_certificate(more), X509Extensions.X509WrongExtension.selector);
        more = bytes.concat(list, extension(hex"551d11", false, ""));
        _refusedBy(_certificate(more), X509Extensions.X509WrongExtension.selector);
    }

    function test_RevertWhen_UsageIsNeitherACAsNorASigners() external {
        bytes[5] memory usages = [bytes(hex"03020186"), hex"030206c0", hex"0003020106", hex"", new bytes(40)];
        for (uint256 i; i < 5; i++) _wrongUsage(replaced(_extensions(), _usage(CA_USAGE), _usage(usages[i])));
        bytes[4] memory limits = [bytes(hex"30060101ff020101"), hex"3000", hex"30030101ff", hex"0030060101ff020100"];
        for (uint256 i; i < 4; i++) {
            _wrongUsage(replaced(_extensions(), _constraints(CA_CONSTRAINTS), _constraints(limits[i])));
        }
        _wrongUsage(replaced(_extensions(), _usage(CA_USAGE), extension(hex"551d0f", false, CA_USAGE)));
        bytes memory notCritical = extension(hex"551d13", false, CA_CONSTRAINTS);
        _wrongUsage(replaced(_extensions(), _constraints(CA_CONSTRAINTS), notCritical));
    }

    // Anything

    function testFuzz_ChangedBytesGiveTypedErrors(uint256 place, uint8 by, uint256 second, uint8 bySecond) external {
        bytes memory der = changed(changed(_certificate(_extensions()), place, by), second, bySecond);
        typedCall(address(_x509), abi.encodeCall(_x509.readCertificate, (der)));
    }

    function testFuzz_AnyBytesGiveTypedErrors(bytes calldata noise) external {
        typedCall(address(_x509), abi.encodeCall(_x509.readCertificate, (noise)));
        typedCall(address(_x509), abi.encodeCall(_x509.readCertificate, (document(noise))));
        typedCall(address(_x509), abi.encodeCall(_x509.readCertificate, (_certificate(noise))));
        typedCall(
            address(_x509),
            abi.encodeCall(_x509.readCertificate, (_certificate(bytes.concat(_extensions(), noise))))
        );
    }

    function _read(bytes memory der) private view returns (Certificate memory certificate) {
        (certificate, ) = _x509.readCertificate(der);
    }

    function _fields() private pure returns (bytes memory) {
        bytes memory key = bytes.concat(SPKI, bytes32(uint256(0xaa)), bytes32(uint256(0xbb)));
        return bytes.concat(hex"a003020102", SERIAL, ALGORITHM, NAME, VALIDITY, SUBJECT, key);
    }

    function _signed(bytes memory list) private pure returns (bytes memory) {
        return bytes.concat(_fields(), tlv(0xa3, sequence(list)));
    }

    function _certificate(bytes memory list) private pure returns (bytes memory) {
        return document(_signed(list));
    }

    function _usage(bytes memory value) private pure returns (bytes memory) {
        return extension(hex"551d0f", true, value);
    }

    function _constraints(bytes memory value) private pure returns (bytes memory) {
        return extension(hex"551d13", true, value);
    }

    function _extensions() private pure returns (bytes memory) {
        return
            bytes.concat(
                extension(hex"551d23", false, new bytes(24)),
                extension(hex"551d1f", false, new bytes(130)),
                extension(hex"551d0e", false, new bytes(22)),
                _usage(CA_USAGE),
                _constraints(CA_CONSTRAINTS)
            );
    }

    function _refused(bytes memory der, bytes memory expected) private {
        vm.expectRevert(expected);
        _read(der);
    }

    function _refusedBy(bytes memory der, bytes4 expected) private {
        (bool isRead, bytes memory result) = typedCall(address(_x509), abi.encodeCall(_x509.readCertificate, (der)));
        assertTrue(!isRead, "read");
        assertEq(bytes32(bytes4(result)), bytes32(expected), "error");
    }

    function _malformed(bytes memory der) private {
        _refusedBy(der, Der.DerMalformed.selector);
    }

    function _wrongUsage(bytes memory list) private {
        _refusedBy(_certificate(list), X509.X509WrongUsage.selector);
    }
}
