// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {Test} from "../../utils/Test.sol";
import {DerHarness} from "./DerHarness.sol";
import {BYTES_POSITION, slice, tlv, typedCall} from "./DerWriting.sol";

/// @notice The DER reader, element by element.
contract DerTest is Test {
    DerHarness private _der;

    function setUp() public {
        _der = DerHarness(deploy("DerHarness.sol:DerHarness", ""));
    }

    // Elements

    function test_EntersElementsOfEachLengthForm() external view {
        uint24[8] memory lengths = [uint24(0), 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000];
        uint8[8] memory heads = [2, 2, 2, 3, 3, 4, 4, 5];
        for (uint256 i; i < 8; i++) {
            bytes memory element = tlv(Der.OCTET_STRING, new bytes(lengths[i]));
            (uint256 start, uint256 stop) = _der.enter(bytes.concat(element, hex"00"));
            assertEq(start, heads[i], "start");
            assertEq(stop, element.length, "stop");
        }
    }

    function test_RevertWhen_NothingIsThere() external {
        _refused(_der.enter.selector, "");
        _refused(_der.enter.selector, hex"04");
    }

    function test_RevertWhen_TagIsAnother() external {
        _refused(_der.enter.selector, hex"050100");
        _refused(_der.enter.selector, hex"1f0100");
        _refused(_der.enter.selector, hex"240100");
    }

    function test_RevertWhen_LengthIsIndefiniteOrHasFourOctets() external {
        _refused(_der.enter.selector, hex"04800000");
        _refused(_der.enter.selector, hex"04840000000100");
        _refused(_der.enter.selector, bytes.concat(hex"04ff", new bytes(300)));
    }

    function test_RevertWhen_LengthIsNotMinimal() external {
        _refused(_der.enter.selector, hex"04810100");
        _refused(_der.enter.selector, bytes.concat(hex"04817f", new bytes(0x7f)));
        _refused(_der.enter.selector, bytes.concat(hex"04820080", new bytes(0x80)));
        _refused(_der.enter.selector, bytes.concat(hex"048200ff", new bytes(0xff)));
        _refused(_der.enter.selector, bytes.concat(hex"0483000100", new bytes(0x100)));
    }

    function test_RevertWhen_ElementReachesBeyondTheEnd() external {
        _refused(_der.enter.selector, hex"040200");
        _refused(_der.enter.selector, hex"0481");
        _refused(_der.enter.selector, bytes.concat(hex"048180", new bytes(0x7f)));
        _refused(_der.enter.selector, hex"0483ffffff");
    }

    function test_OnlyAndFinishWantTheEnd() external {
        assertEq(_der.only(hex"3000"), 2, "only");
        _der.finish("");
        _refusedAt(_der.only.selector, hex"300000", 2);
        _refusedAt(_der.only.selector, hex"30010200", 3);
        _refused(_der.finish.selector, hex"00");
    }

    function test_ExpectWantsExactlyTheseBytes() external {
        assertEq(_der.expect(hex"02010100"), 3, "behind");
        _refused(_der.expect.selector, hex"020100");
        _refused(_der.expect.selector, hex"0201");
    }

    // INTEGER

    function test_ReadsNumbersOfUpTo32Bytes() external view {
        _readsNumber(hex"020100", 0);
        _readsNumber(hex"02017f", 127);
        _readsNumber(hex"02020080", 128);
        _readsNumber(hex"02020100", 256);
        _readsNumber(bytes.concat(hex"022100", bytes32(type(uint256).max)), type(uint256).max);
        _readsNumber(bytes.concat(hex"0220", bytes32(type(uint256).max / 2)), type(uint256).max / 2);
    }

    function test_RevertWhen_NumberIsEmptyNegativeOrPadded() external {
        bytes4 unsigned_ = _der.unsigned.selector;
        _refused(unsigned_, hex"0200");
        _refused(unsigned_, hex"020080");
        _refused(unsigned_, hex"020180");
        _refused(unsigned_, hex"0220ff");
        _refused(unsigned_, hex"0202007f");
        _refused(unsigned_, hex"02020000");
        _refused(unsigned_, hex"0203000080");
        _refused(unsigned_, hex"040101");
    }

    function test_RevertWhen_NumberIsTooLarge() external {
        _refused(_der.unsigned.selector, bytes.concat(hex"022101", new bytes(32)));
        _refused(_der.unsigned.selector, bytes.concat(hex"02220080", new bytes(32)));
        _refused(_der.small.selector, hex"0203010000");
        assertEq(_der.small(hex"020300ffff"), 0xffff, "two bytes");
    }

    function testFuzz_Numbers(uint256 value, uint8 shift) external view {
        value >>= shift;
        _readsNumber(_integer(value), value);
    }

    // OBJECT IDENTIFIER

    function test_ReadsOids() external view {
        (uint256 id, uint256 size) = _der.oid(hex"0603551d0f00");
        assertEq(id, (0x551d0f << 232) | 3, "id");
        assertEq(size, 5, "size");
        (id, ) = _der.oid(hex"06092a864886f84d010d01");
        assertEq(id, (0x2a864886f84d010d01 << 184) | 9, "Intel's");
        bytes memory long = new bytes(31);
        (id, ) = _der.oid(tlv(6, long));
        assertEq(id, 31, "31 zeros");
    }

    function test_RevertWhen_OidIsEmptyTooLongOrNotMinimal() external {
        bytes4 oid_ = _der.oid.selector;
        _refused(oid_, hex"0600");
        _refused(oid_, tlv(6, new bytes(32)));
        _refused(oid_, hex"06028001");
        _refused(oid_, hex"06032a8001");
        _refused(oid_, hex"06042a818081");
        _refused(oid_, hex"060181");
        _refused(oid_, hex"06022a80");
    }

    function testFuzz_Oids(bytes32 content, uint8 size) external {
        _judgesOid(content, bound(size, 1, 31));
    }

    /// @dev Bytes of 0x80 or 0x81 and a few low ones, of which a good part is minimal.
    function testFuzz_OidsOfHighBytes(bytes32 noise, uint8 size) external {
        bytes32 each = bytes32(type(uint256).max / 0xff);
        bytes32 high = (each << 7) & (keccak256(abi.encode(noise)) | (noise << 3));
        _judgesOid((noise & each) | high, bound(size, 1, 31));
    }

    function testFuzz_AnyBytesGiveTypedErrors(bytes calldata der) external {
        typedCall(address(_der), abi.encodeCall(_der.enter, (der)));
        typedCall(address(_der), abi.encodeCall(_der.only, (der)));
        typedCall(address(_der), abi.encodeCall(_der.unsigned, (bytes.concat(hex"02", der))));
        typedCall(address(_der), abi.encodeCall(_der.oid, (bytes.concat(hex"06", der))));
    }

    /// @dev Compares with the rule byte by byte, as one reads it in X.690.
    function _judgesOid(bytes32 content, uint256 size) private {
        bytes memory octets = slice(bytes.concat(content), 0, size);
        bool isMinimal = true;
        bool isStart = true;
        for (uint256 i; i < size; i++) {
            if (isStart && octets[i] == 0x80) isMinimal = false;
            isStart = uint8(octets[i]) < 0x80;
        }
        (bool isRead, ) = typedCall(address(_der), abi.encodeCall(_der.oid, (tlv(6, octets))));
        assertTrue(isRead == (isMinimal && isStart), "verdict");
    }

    function _integer(uint256 value) private pure returns (bytes memory) {
        uint256 size = 1;
        while (size < 32 && value >> (8 * size) != 0) size++;
        bytes memory magnitude = slice(bytes.concat(bytes32(value)), 32 - size, size);
        return tlv(2, uint8(magnitude[0]) < 0x80 ? magnitude : bytes.concat(hex"00", magnitude));
    }

    function _readsNumber(bytes memory element, uint256 expected) private view {
        (uint256 value, uint256 size) = _der.unsigned(bytes.concat(element, hex"ff"));
        assertEq(value, expected, "value");
        assertEq(size, element.length, "size");
    }

    function _refused(bytes4 read, bytes memory der) private {
        _refusedAt(read, der, 0);
    }

    function _refusedAt(bytes4 read, bytes memory der, uint256 offset) private {
        (bool isRead, bytes memory result) = address(_der).call(abi.encodeWithSelector(read, der));
        assertTrue(!isRead, "read");
        bytes memory expected = abi.encodeWithSelector(Der.DerMalformed.selector, BYTES_POSITION + offset);
        assertEq(keccak256(result), keccak256(expected), "error");
    }
}
