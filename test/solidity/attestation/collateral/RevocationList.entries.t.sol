// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";
import {X509Extensions} from "../../../../contracts/attestation/formats/X509Extensions.sol";
import {document, extension, sequence, slice, tlv, typedCall} from "../formats/DerWriting.sol";
import {RevocationListFixture} from "./RevocationListFixture.sol";

/// @notice Which entries of revocation lists are read, and what reading them costs.
contract RevocationListEntriesTest is RevocationListFixture {
    function test_ReadsEntriesOfEveryForm() external view {
        bytes memory invalidity = extension(hex"551d18", false, hex"05");
        bytes memory reason = slice(REASON, 2, 12);
        bytes memory entries = bytes.concat(
            entryOf(SERIAL),
            entryOf(PADDED),
            entryOf(hex"020101"),
            entryOf(hex"02020080"),
            sequence(bytes.concat(SERIAL, DATE)),
            datedEntry(SERIAL, "500101000000Z"),
            datedEntry(PADDED, "240229000000Z"),
            sequence(bytes.concat(SERIAL, DATE, sequence(bytes.concat(reason, invalidity)))),
            sequence(bytes.concat(SERIAL, DATE, sequence(extension(hex"551d15", true, hex"0a0101")))),
            sequence(bytes.concat(SERIAL, DATE, sequence(extension(hex"5504", false, new bytes(200))))),
            sequence(bytes.concat(SERIAL, DATE, hex"300c300a0603551d1504030a0106")),
            entryOf(SERIAL)
        );
        uint256[] memory revoked = read(listOf(entries)).revoked;
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
        for (uint256 i; i < 8; i++) entries = bytes.concat(entries, entryOf(_serial(_positive(serials[i], shift))));
        uint256[] memory revoked = read(listOf(entries)).revoked;
        assertEq(revoked.length, 8, "entries");
        for (uint256 i; i < 8; i++) assertEq(revoked[i], _positive(serials[i], shift), "serial");
    }

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
            malformed(listOf(entryOf(serials[i])));
            malformed(listOf(bytes.concat(entryOf(SERIAL), entryOf(serials[i]), entryOf(SERIAL))));
        }
        malformed(listOf(entryOf(bytes.concat(hex"021600fd", new bytes(20)))));
    }

    function test_RevertWhen_ADateDoesNotExist() external {
        bytes4 expected = UtcTime.UtcTimeInvalid.selector;
        refused(listOf(datedEntry(SERIAL, "260230000000Z")), expected);
        refused(listOf(bytes.concat(entryOf(SERIAL), datedEntry(SERIAL, "260230000000Z"))), expected);
        refused(listOf(bytes.concat(entryOf(SERIAL), datedEntry(hex"020105", "260230000000Z"))), expected);
        // Bytes that no date has been checked to be, nor could be taken for none.
        refused(listOf(sequence(bytes.concat(SERIAL, new bytes(15), REASON))), expected);
        bytes memory ones = bytes.concat(bytes15(type(uint120).max));
        refused(listOf(sequence(bytes.concat(SERIAL, ones, REASON))), expected);
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
                address(reader),
                abi.encodeCall(reader.readCrl, (listOf(bytes.concat(entryOf(SERIAL), entry))))
            );
            assertTrue(!isRead, "read");
        }
        bytes memory issuer = extension(hex"551d1d", true, hex"05");
        bytes memory twice = sequence(bytes.concat(slice(REASON, 2, 12), slice(REASON, 2, 12)));
        bytes4 expected = X509Extensions.X509WrongExtension.selector;
        refused(listOf(sequence(bytes.concat(SERIAL, DATE, sequence(issuer)))), expected);
        refused(listOf(sequence(bytes.concat(SERIAL, DATE, twice))), expected);
    }

    function test_RevertWhen_TheLastEntryReachesBeyondTheList() external {
        for (uint256 less = 1; less < 54; less++) {
            bytes memory entries = bytes.concat(entryOf(SERIAL), entryOf(PADDED));
            bytes memory list = sequence(slice(entries, 0, entries.length - less));
            // What was cut off follows behind the list, so the entry is whole where it stands.
            list = bytes.concat(list, slice(entries, entries.length - less, less));
            (bool isRead, ) = typedCall(address(reader), abi.encodeCall(reader.readCrl, (document(signedPart(list)))));
            assertTrue(!isRead, "read");
        }
    }

    /// @dev Calldata, storage and events of the transaction are not counted.
    function test_A129EntriesCostLittle() external view {
        bytes memory entries;
        bytes memory dated;
        for (uint256 i; i < 129; i++) {
            entries = bytes.concat(entries, entryOf(i % 2 == 0 ? SERIAL : PADDED));
            bytes memory second = abi.encodePacked(uint8(48 + (i % 60) / 10), uint8(48 + (i % 10)));
            dated = bytes.concat(dated, datedEntry(SERIAL, string(bytes.concat("2607160817", second, "Z"))));
        }
        (, uint256 used) = reader.readCrl(listOf(entries));
        assertLe(used, 50_000, "one date");
        (, used) = reader.readCrl(listOf(dated));
        assertLe(used, 200_000, "a date each");
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
}
