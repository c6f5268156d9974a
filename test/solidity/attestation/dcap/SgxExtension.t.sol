// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {Platform} from "../../../../contracts/attestation/dcap/SgxExtension.sol";
import {X509Harness} from "../../../../contracts/mocks/X509Harness.sol";
import {Test} from "../../utils/Test.sol";
import {changed, replaced, sequence, slice, tlv, typedCall} from "../formats/DerWriting.sol";

/// @notice The reader of Intel's SGX extension on extensions that are written here.
contract SgxExtensionTest is Test {
    bytes private constant OID = hex"2a864886f84d010d01";
    bytes16 private constant PPID = 0x000102030405060708090a0b0c0d0e0f;
    bytes16 private constant COMPONENTS = 0x007f80ff0102030405060708090a0b0c;

    X509Harness private _x509;

    function setUp() public {
        _x509 = X509Harness(deploy("X509Harness.sol:X509Harness", ""));
    }

    function test_ReadsBothForms() external view {
        Platform memory platform = _read(sequence(_five()));
        _isUsual(platform);
        assertTrue(!platform.isMultiPackage, "five entries");
        platform = _read(sequence(_seven()));
        _isUsual(platform);
        assertTrue(platform.isMultiPackage, "seven entries");
    }

    function testFuzz_ReadsSvns(bytes16 components, uint16 pceSvn) external view {
        bytes memory entries = bytes.concat(_ppid(), _tcb(components, _number(pceSvn)), _rest());
        Platform memory platform = _read(sequence(entries));
        assertEq(bytes32(platform.components), bytes32(components), "components");
        assertEq(platform.pceSvn, pceSvn, "PCESVN");
    }

    function test_RevertWhen_EntriesAreMissingOrTooMany() external {
        _malformed("");
        _malformed(sequence(""));
        _malformed(bytes.concat(sequence(_five()), hex"00"));
        _malformed(sequence(bytes.concat(_five(), hex"0500")));
        _malformed(sequence(bytes.concat(_seven(), hex"0500")));
        _malformed(sequence(bytes.concat(_five(), _entry(hex"06", tlv(4, new bytes(16))))));
        _malformed(sequence(slice(_seven(), 0, _seven().length - 1)));
    }

    function test_RevertWhen_EntriesAreOutOfOrder() external {
        _malformed(sequence(bytes.concat(_tcb(COMPONENTS, hex"02010d"), _ppid(), _rest())));
        bytes memory first = _part(2, 1, hex"020100");
        bytes memory second = _part(2, 2, hex"02017f");
        _malformed(sequence(replaced(_five(), bytes.concat(first, second), bytes.concat(second, first))));
    }

    function test_RevertWhen_AnOidIsAnother() external {
        for (uint8 arc = 1; arc <= 7; arc++) {
            bytes memory id = tlv(6, bytes.concat(OID, bytes1(arc)));
            _malformed(sequence(replaced(_seven(), id, tlv(6, bytes.concat(OID, bytes1(arc + 8))))));
        }
        for (uint8 arc = 1; arc <= 18; arc++) {
            bytes memory id = tlv(6, bytes.concat(OID, hex"02", bytes1(arc)));
            _malformed(sequence(replaced(_seven(), id, tlv(6, bytes.concat(OID, hex"02", bytes1(arc + 32))))));
        }
        for (uint8 arc = 1; arc <= 3; arc++) {
            bytes memory id = tlv(6, bytes.concat(OID, hex"07", bytes1(arc)));
            _malformed(sequence(replaced(_seven(), id, tlv(6, bytes.concat(OID, hex"07", bytes1(arc + 4))))));
        }
    }

    function test_RevertWhen_AValueHasAnotherSize() external {
        _malformed(sequence(replaced(_seven(), _ppid(), _entry(hex"01", tlv(4, new bytes(15))))));
        _malformed(sequence(replaced(_seven(), _ppid(), _entry(hex"01", tlv(4, new bytes(17))))));
        _malformed(sequence(replaced(_five(), hex"0402abcd", hex"0402ab")));
        _malformed(sequence(bytes.concat(_ppid(), _tcb(COMPONENTS, hex"02010d"), _entry(hex"03", hex"0403abcdef"))));
    }

    function test_RevertWhen_AComponentIsNoByte() external {
        bytes[6] memory numbers = [
            bytes(hex"02020100"),
            hex"0202007e",
            hex"0200",
            hex"020180",
            hex"040101",
            hex"0203000080"
        ];
        for (uint256 i; i < 6; i++) {
            _malformed(sequence(replaced(_five(), _part(2, 2, hex"02017f"), _part(2, 2, numbers[i]))));
        }
    }

    function test_RevertWhen_PceSvnIsOutOfRange() external {
        bytes[5] memory numbers = [bytes(hex"0203010000"), hex"0202000d", hex"0200", hex"020180", hex"02010d00"];
        for (uint256 i; i < 5; i++) {
            _malformed(sequence(bytes.concat(_ppid(), _tcb(COMPONENTS, numbers[i]), _rest())));
        }
    }

    function test_RevertWhen_TheTypeIsUnknown() external {
        for (uint8 kind; kind < 3; kind++) {
            _read(sequence(replaced(_five(), hex"0a0101", bytes.concat(hex"0a01", bytes1(kind)))));
        }
        _malformed(sequence(replaced(_five(), hex"0a0101", hex"0a0103")));
        _malformed(sequence(replaced(_five(), hex"0a0101", hex"0a01ff")));
        _malformed(sequence(replaced(_five(), hex"0a0101", hex"020101")));
    }

    function test_RevertWhen_AFlagIsNoBoolean() external {
        for (uint8 arc = 1; arc <= 3; arc++) {
            bytes memory flag = _part(7, arc, arc == 2 ? bytes(hex"010100") : bytes(hex"0101ff"));
            _malformed(sequence(replaced(_seven(), flag, _part(7, arc, hex"010101"))));
            _malformed(sequence(replaced(_seven(), flag, _part(7, arc, hex"0a0101"))));
            _read(
                sequence(replaced(_seven(), flag, _part(7, arc, arc == 2 ? bytes(hex"0101ff") : bytes(hex"010100"))))
            );
        }
    }

    function testFuzz_ChangedBytesGiveTypedErrors(uint256 place, uint8 by) external {
        bytes memory value = sequence(_seven());
        (bool isRead, ) = typedCall(
            address(_x509),
            abi.encodeCall(_x509.readSgxExtension, (changed(value, place, by)))
        );
        assertTrue(by != 0 || isRead, "unchanged");
    }

    function testFuzz_AnyBytesGiveTypedErrors(bytes calldata noise, uint256 cut) external {
        typedCall(address(_x509), abi.encodeCall(_x509.readSgxExtension, (noise)));
        bytes memory entries = _seven();
        bytes memory part = slice(entries, 0, cut % entries.length);
        (bool isRead, ) = typedCall(address(_x509), abi.encodeCall(_x509.readSgxExtension, (sequence(part))));
        assertTrue(isRead == (part.length == _five().length), "cut off");
        typedCall(address(_x509), abi.encodeCall(_x509.readSgxExtension, (sequence(bytes.concat(part, noise)))));
    }

    function _read(bytes memory value) private view returns (Platform memory platform) {
        (platform, ) = _x509.readSgxExtension(value);
    }

    function _isUsual(Platform memory platform) private pure {
        assertEq(bytes32(platform.ppid), bytes32(PPID), "PPID");
        assertEq(bytes32(platform.components), bytes32(COMPONENTS), "components");
        assertEq(platform.pceSvn, 13, "PCESVN");
        assertEq(bytes32(platform.pceId), bytes32(bytes2(0xabcd)), "PCEID");
        assertEq(bytes32(platform.fmspc), bytes32(bytes6(0x00606a000001)), "FMSPC");
    }

    function _entry(bytes memory arcs, bytes memory value) private pure returns (bytes memory) {
        return sequence(bytes.concat(tlv(6, bytes.concat(OID, arcs)), value));
    }

    function _part(uint8 arc, uint8 second, bytes memory value) private pure returns (bytes memory) {
        return _entry(abi.encodePacked(arc, second), value);
    }

    function _number(uint256 value) private pure returns (bytes memory) {
        if (value < 0x80) return abi.encodePacked(hex"0201", uint8(value));
        if (value < 0x100) return abi.encodePacked(hex"020200", uint8(value));
        return
            value < 0x8000 ? abi.encodePacked(hex"0202", uint16(value)) : abi.encodePacked(hex"020300", uint16(value));
    }

    function _ppid() private pure returns (bytes memory) {
        return _entry(hex"01", tlv(4, bytes.concat(PPID)));
    }

    function _tcb(bytes16 components, bytes memory pceSvn) private pure returns (bytes memory) {
        bytes memory parts;
        for (uint8 i; i < 16; i++) parts = bytes.concat(parts, _part(2, i + 1, _number(uint8(components[i]))));
        parts = bytes.concat(parts, _part(2, 17, pceSvn), _part(2, 18, tlv(4, new bytes(16))));
        return _entry(hex"02", sequence(parts));
    }

    function _rest() private pure returns (bytes memory) {
        bytes memory family = tlv(4, hex"00606a000001");
        return bytes.concat(_entry(hex"03", hex"0402abcd"), _entry(hex"04", family), _entry(hex"05", hex"0a0101"));
    }

    function _five() private pure returns (bytes memory) {
        return bytes.concat(_ppid(), _tcb(COMPONENTS, hex"02010d"), _rest());
    }

    function _seven() private pure returns (bytes memory) {
        bytes memory flags = bytes.concat(_part(7, 1, hex"0101ff"), _part(7, 2, hex"010100"), _part(7, 3, hex"0101ff"));
        return bytes.concat(_five(), _entry(hex"06", tlv(4, new bytes(16))), _entry(hex"07", sequence(flags)));
    }

    function _malformed(bytes memory value) private {
        (bool isRead, bytes memory result) = typedCall(address(_x509), abi.encodeCall(_x509.readSgxExtension, (value)));
        assertTrue(!isRead, "read");
        assertEq(bytes32(bytes4(result)), bytes32(Der.DerMalformed.selector), "error");
    }
}
