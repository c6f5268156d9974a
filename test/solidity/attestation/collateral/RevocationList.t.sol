// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {Crl} from "../../../../contracts/attestation/collateral/RevocationList.sol";
import {SignedDer} from "../../../../contracts/attestation/formats/SignedDer.sol";
import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";
import {X509Extensions} from "../../../../contracts/attestation/formats/X509Extensions.sol";
import {X509Harness} from "../../../../contracts/mocks/X509Harness.sol";
import {X509Fixture} from "../formats/X509Fixture.sol";

/// @notice The reader of revocation lists on lists that are written here, usual entries and unusual ones.
contract RevocationListTest is X509Fixture {
    bytes private constant DATE = bytes.concat(hex"170d", "260716081709Z");
    bytes private constant NEXT = bytes.concat(hex"170d", "260815081709Z");
    bytes private constant REASON = hex"300c300a0603551d1504030a0101";
    bytes private constant SERIAL = hex"02142f062e3665960176ec25dd15afabeca6da9411d4";
    uint256 private constant SERIAL_VALUE = 0x00_2f062e3665960176ec25dd15afabeca6da9411d4;
    bytes private constant PADDED = hex"021500fd608648629cba73078b4d492f4b3ea741ad08cd";
    uint256 private constant PADDED_VALUE = 0x00_fd608648629cba73078b4d492f4b3ea741ad08cd;

    X509Harness private _x509;

    function setUp() public {
        _x509 = X509Harness(deploy("X509Harness.sol:X509Harness", ""));
    }

    // What is read

    function test_ReadsEveryField() external view {
        bytes memory signed = _signed(sequence(_entry(SERIAL)));
        Crl memory crl = _read(document(signed));
        assertEq(crl.issuer, keccak256(NAME), "issuer");
        assertEq(crl.thisUpdate, 1_784_189_829, "thisUpdate");
        assertEq(crl.nextUpdate, 1_784_189_829 + 30 days, "nextUpdate");
        assertEq(crl.revoked.length, 1, "entries");
        assertEq(crl.revoked[0], SERIAL_VALUE, "serial");
        assertEq(crl.digest, sha256(sequence(signed)), "digest");
        assertEq(crl.r, bytes32(uint256(5)), "r");
        assertEq(crl.s, bytes32(uint256(255)), "s");
    }

    function test_ReadsAListWithoutEntries() external view {
        assertEq(_read(document(_signed(""))).revoked.length, 0, "entries");
    }

    function test_ReadsEntriesOfEveryForm() external view {
        bytes memory invalidity = extension(hex"551d18", false, hex"05");
        bytes memory reason = slice(REASON, 2, 12);
        bytes memory entries = bytes.concat(
            _entry(SERIAL),
            _entry(PADDED),
            _entry(hex"020101"),
            _entry(hex"02020080"),
            sequence(bytes.concat(SERIAL, DATE)),
            _dated(SERIAL, "500101000000Z"),
            _dated(PADDED, "240229000000Z"),
            sequence(bytes.concat(SERIAL, DATE, sequence(bytes.concat(reason, invalidity)))),
            sequence(bytes.concat(SERIAL, DATE, sequence(extension(hex"551d15", true, hex"0a0101")))),
            sequence(bytes.concat(SERIAL, DATE, sequence(extension(hex"5504", false, new bytes(200))))),
            sequence(bytes.concat(SERIAL, DATE, hex"300c300a0603551d1504030a0106")),
            _entry(SERIAL)
        );
        uint256[] memory revoked = _read(_list(entries)).revoked;
        assertEq(revoked.length, 12, "entries");
        assertEq(revoked[1], PADDED_VALUE, "padded");
        assertEq(revoked[2], 1, "one byte");
        assertEq(revoked[3], 128, "two bytes");
        assertEq(revoked[6], PADDED_VALUE, "another date");
        uint256[8] memory same = [uint256(0), 4, 5, 7, 8, 9, 10, 11];
        for (uint256 i; i < 8; i++) assertEq(revoked[same[i]], SERIAL_VALUE, "serial");
    }

    /// @dev Of any size and value, in Intel's order of bytes: what goes in comes out, in order.
    function testFuzz_ReadsSerials(uint160[8] calldata serials, uint8 shift) external view {
        bytes memory entries;
        for (uint256 i; i < 8; i++) entries = bytes.concat(entries, _entry(_serial(_positive(serials[i], shift))));
        uint256[] memory revoked = _read(_list(entries)).revoked;
        assertEq(revoked.length, 8, "entries");
        for (uint256 i; i < 8; i++) assertEq(revoked[i], _positive(serials[i], shift), "serial");
    }

    // The frame

    function test_RevertWhen_TooLong() external {
        bytes memory der = new bytes(2 ** 18 + 1);
        vm.expectRevert(abi.encodeWithSelector(SignedDer.X509TooLong.selector, 2 ** 18 + 1, 2 ** 18));
        _read(der);
        der = bytes.concat(_list(_entry(SERIAL)), hex"00");
        _malformed(der);
    }

    function test_RevertWhen_CutOff() external {
        bytes memory der = _list(bytes.concat(_entry(SERIAL), _entry(PADDED)));
        for (uint256 size; size < der.length; size += 5) _malformed(slice(der, 0, size));
    }

    function test_RevertWhen_VersionOrAlgorithmIsAnother() external {
        bytes memory signed = _signed("");
        _malformed(document(replaced(signed, hex"020101", hex"020100")));
        _malformed(document(replaced(signed, hex"020101", "")));
        _malformed(document(replaced(signed, hex"040302", hex"040303")));
    }

    function test_RevertWhen_ADateIsMissingOrWrong() external {
        bytes memory signed = _signed("");
        _refused(document(replaced(signed, DATE, "")), UtcTime.UtcTimeInvalid.selector);
        _refused(document(replaced(signed, NEXT, "")), UtcTime.UtcTimeInvalid.selector);
        _refused(document(replaced(signed, "260815", "260832")), UtcTime.UtcTimeInvalid.selector);
        _malformed(document(slice(signed, 0, 3 + 12 + NAME.length + 20)));
    }

    function test_RevertWhen_TheListOfEntriesIsEmptyButThere() external {
        _malformed(_list(""));
    }

    function test_RevertWhen_ExtensionsAreMissingTwiceOrCritical() external {
        bytes memory number = _number();
        bytes memory keyId = _keyId();
        bytes4 missing = X509Extensions.X509MissingExtension.selector;
        bytes4 wrong = X509Extensions.X509WrongExtension.selector;
        _refused(document(bytes.concat(_head(), tlv(0xa0, sequence(number)))), missing);
        _refused(document(bytes.concat(_head(), tlv(0xa0, sequence(keyId)))), missing);
        _refused(document(bytes.concat(_head(), tlv(0xa0, sequence(bytes.concat(number, keyId, number))))), wrong);
        bytes memory delta = extension(hex"551d1b", true, hex"020101");
        _refused(document(bytes.concat(_head(), tlv(0xa0, sequence(bytes.concat(number, keyId, delta))))), wrong);
        bytes memory critical = extension(hex"551d14", true, hex"020101");
        _refused(document(bytes.concat(_head(), tlv(0xa0, sequence(bytes.concat(critical, keyId))))), wrong);
        _malformed(document(bytes.concat(_head(), tlv(0xa0, sequence("")))));
        _malformed(document(_head()));
        _malformed(document(bytes.concat(_signed(""), hex"0500")));
        _malformed(document(bytes.concat(_head(), tlv(0xa0, bytes.concat(sequence(_extensions()), hex"0500")))));
    }

    // Entries

    function test_RevertWhen_ASerialIsZeroNegativePaddedOrTooLong() external {
        bytes[9] memory serials = [
            bytes(hex"020100"),
            hex"0200",
            hex"020181",
            hex"02020001",
            hex"0214afaf2e3665960176ec25dd15afabeca6da9411d4",
            hex"0214007f2e3665960176ec25dd15afabeca6da9411d4",
            hex"0214000000000000000000000000000000000000000000",
            hex"02150060608648629cba73078b4d492f4b3ea741ad08cd",
            hex"021501fd608648629cba73078b4d492f4b3ea741ad08cd"
        ];
        for (uint256 i; i < 9; i++) {
            _malformed(_list(_entry(serials[i])));
            _malformed(_list(bytes.concat(_entry(SERIAL), _entry(serials[i]), _entry(SERIAL))));
        }
        _malformed(_list(_entry(bytes.concat(hex"021600fd", new bytes(20)))));
    }

    function test_RevertWhen_ADateDoesNotExist() external {
        bytes4 expected = UtcTime.UtcTimeInvalid.selector;
        _refused(_list(_dated(SERIAL, "260230000000Z")), expected);
        _refused(_list(bytes.concat(_entry(SERIAL), _dated(SERIAL, "260230000000Z"))), expected);
        _refused(_list(bytes.concat(_entry(SERIAL), _dated(hex"020105", "260230000000Z"))), expected);
        // Bytes that no date has been checked to be, nor could be taken for none.
        _refused(_list(sequence(bytes.concat(SERIAL, new bytes(15), REASON))), expected);
        bytes memory ones = bytes.concat(bytes15(type(uint120).max));
        _refused(_list(sequence(bytes.concat(SERIAL, ones, REASON))), expected);
    }

    function test_RevertWhen_AnEntryHasAnotherForm() external {
        bytes[8] memory broken = [
            bytes.concat(SERIAL),
            bytes.concat(SERIAL, hex"0500"),
            bytes.concat(SERIAL, DATE, hex"3000"),
            bytes.concat(SERIAL, DATE, REASON, hex"0500"),
            bytes.concat(SERIAL, DATE, hex"0500"),
            bytes.concat(SERIAL, DATE, hex"310c300a0603551d1504030a0101"),
            bytes.concat(SERIAL, DATE, hex"300c300a0603551d1504020a0101"),
            bytes.concat(DATE, SERIAL, REASON)
        ];
        for (uint256 i; i < 8; i++) {
            bytes memory entry = sequence(broken[i]);
            (bool isRead, ) = typedCall(
                address(_x509),
                abi.encodeCall(_x509.readCrl, (_list(bytes.concat(_entry(SERIAL), entry))))
            );
            assertTrue(!isRead, "read");
        }
        bytes memory issuer = extension(hex"551d1d", true, hex"05");
        bytes memory twice = sequence(bytes.concat(slice(REASON, 2, 12), slice(REASON, 2, 12)));
        bytes4 expected = X509Extensions.X509WrongExtension.selector;
        _refused(_list(sequence(bytes.concat(SERIAL, DATE, sequence(issuer)))), expected);
        _refused(_list(sequence(bytes.concat(SERIAL, DATE, twice))), expected);
    }

    function test_RevertWhen_TheLastEntryReachesBeyondTheList() external {
        for (uint256 less = 1; less < 54; less++) {
            bytes memory entries = bytes.concat(_entry(SERIAL), _entry(PADDED));
            bytes memory list = sequence(slice(entries, 0, entries.length - less));
            // What was cut off follows behind the list, so the entry is whole where it stands.
            list = bytes.concat(list, slice(entries, entries.length - less, less));
            (bool isRead, ) = typedCall(address(_x509), abi.encodeCall(_x509.readCrl, (document(_signed(list)))));
            assertTrue(!isRead, "read");
        }
    }

    // Gas

    /// @dev Calldata, storage and events of the transaction are not counted.
    function test_A129EntriesCostLittle() external view {
        bytes memory entries;
        bytes memory dated;
        for (uint256 i; i < 129; i++) {
            entries = bytes.concat(entries, _entry(i % 2 == 0 ? SERIAL : PADDED));
            bytes memory second = abi.encodePacked(uint8(48 + (i % 60) / 10), uint8(48 + (i % 10)));
            dated = bytes.concat(dated, _dated(SERIAL, string(bytes.concat("2607160817", second, "Z"))));
        }
        (, uint256 used) = _x509.readCrl(_list(entries));
        assertLe(used, 50_000, "one date");
        (, used) = _x509.readCrl(_list(dated));
        assertLe(used, 200_000, "a date each");
    }

    // Anything

    function testFuzz_ChangedBytesGiveTypedErrors(uint256 place, uint8 by, uint256 second, uint8 bySecond) external {
        bytes memory der = _list(bytes.concat(_entry(SERIAL), _entry(PADDED), _dated(SERIAL, "500101000000Z")));
        der = changed(changed(der, place, by), second, bySecond);
        typedCall(address(_x509), abi.encodeCall(_x509.readCrl, (der)));
    }

    function testFuzz_AnyBytesGiveTypedErrors(bytes calldata noise) external {
        typedCall(address(_x509), abi.encodeCall(_x509.readCrl, (noise)));
        typedCall(address(_x509), abi.encodeCall(_x509.readCrl, (document(noise))));
        typedCall(address(_x509), abi.encodeCall(_x509.readCrl, (_list(noise))));
        typedCall(
            address(_x509),
            abi.encodeCall(_x509.readCrl, (_list(bytes.concat(_entry(SERIAL), sequence(noise)))))
        );
        typedCall(address(_x509), abi.encodeCall(_x509.readCrl, (_list(bytes.concat(hex"30330214", noise)))));
    }

    function _read(bytes memory der) private view returns (Crl memory crl) {
        (crl, ) = _x509.readCrl(der);
    }

    function _positive(uint160 serial, uint8 shift) private pure returns (uint256) {
        uint256 value = uint256(serial) >> (shift % 160);
        return value == 0 ? 1 : value;
    }

    function _serial(uint256 value) private pure returns (bytes memory) {
        uint256 size = 1;
        while (value >> (8 * size) != 0) size++;
        bytes memory magnitude = slice(bytes.concat(bytes32(value)), 32 - size, size);
        return tlv(Der.INTEGER, uint8(magnitude[0]) < 0x80 ? magnitude : bytes.concat(hex"00", magnitude));
    }

    function _entry(bytes memory serial) private pure returns (bytes memory) {
        return sequence(bytes.concat(serial, DATE, REASON));
    }

    function _dated(bytes memory serial, string memory date) private pure returns (bytes memory) {
        return sequence(bytes.concat(serial, hex"170d", bytes(date), REASON));
    }

    function _number() private pure returns (bytes memory) {
        return extension(hex"551d14", false, hex"020101");
    }

    function _keyId() private pure returns (bytes memory) {
        return extension(hex"551d23", false, new bytes(24));
    }

    function _extensions() private pure returns (bytes memory) {
        return bytes.concat(_number(), _keyId());
    }

    function _head() private pure returns (bytes memory) {
        return bytes.concat(hex"020101", ALGORITHM, NAME, DATE, NEXT);
    }

    function _signed(bytes memory revoked) private pure returns (bytes memory) {
        return bytes.concat(_head(), revoked, tlv(0xa0, sequence(_extensions())));
    }

    function _list(bytes memory entries) private pure returns (bytes memory) {
        return document(_signed(sequence(entries)));
    }

    function _refused(bytes memory der, bytes4 expected) private {
        (bool isRead, bytes memory result) = typedCall(address(_x509), abi.encodeCall(_x509.readCrl, (der)));
        assertTrue(!isRead, "read");
        assertEq(bytes32(bytes4(result)), bytes32(expected), "error");
    }

    function _malformed(bytes memory der) private {
        _refused(der, Der.DerMalformed.selector);
    }
}
