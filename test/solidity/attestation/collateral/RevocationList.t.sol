// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Crl} from "../../../../contracts/attestation/collateral/RevocationList.sol";
import {SignedDer} from "../../../../contracts/attestation/formats/SignedDer.sol";
import {UtcTime} from "../../../../contracts/attestation/formats/UtcTime.sol";
import {X509Extensions} from "../../../../contracts/attestation/formats/X509Extensions.sol";
import {NAME, changed, document, extension, replaced, sequence, slice, tlv, typedCall} from "../formats/DerWriting.sol";
import {RevocationListFixture} from "./RevocationListFixture.sol";

/// @notice The reader of revocation lists on lists that are written here, usual entries and unusual ones.
contract RevocationListTest is RevocationListFixture {
    // What is read

    function test_ReadsEveryField() external view {
        bytes memory signed = signedPart(sequence(entryOf(SERIAL)));
        Crl memory crl = read(document(signed));
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
        assertEq(read(document(signedPart(""))).revoked.length, 0, "entries");
    }

    // The frame

    function test_RevertWhen_TooLong() external {
        bytes memory der = new bytes(2 ** 18 + 1);
        vm.expectRevert(abi.encodeWithSelector(SignedDer.X509TooLong.selector, 2 ** 18 + 1, 2 ** 18));
        read(der);
        der = bytes.concat(listOf(entryOf(SERIAL)), hex"00");
        malformed(der);
    }

    function test_RevertWhen_CutOff() external {
        bytes memory der = listOf(bytes.concat(entryOf(SERIAL), entryOf(PADDED)));
        for (uint256 size; size < der.length; size += 5) malformed(slice(der, 0, size));
    }

    function test_RevertWhen_VersionOrAlgorithmIsAnother() external {
        bytes memory signed = signedPart("");
        malformed(document(replaced(signed, hex"020101", hex"020100")));
        malformed(document(replaced(signed, hex"020101", "")));
        malformed(document(replaced(signed, hex"040302", hex"040303")));
    }

    function test_RevertWhen_ADateIsMissingOrWrong() external {
        bytes memory signed = signedPart("");
        refused(document(replaced(signed, DATE, "")), UtcTime.UtcTimeInvalid.selector);
        refused(document(replaced(signed, NEXT, "")), UtcTime.UtcTimeInvalid.selector);
        refused(document(replaced(signed, "260815", "260832")), UtcTime.UtcTimeInvalid.selector);
        malformed(document(slice(signed, 0, 3 + 12 + NAME.length + 20)));
    }

    function test_RevertWhen_TheListOfEntriesIsEmptyButThere() external {
        malformed(listOf(""));
    }

    function test_RevertWhen_ExtensionsAreMissingTwiceOrCritical() external {
        bytes memory number = crlNumber();
        bytes memory keyId = keyIdentifier();
        bytes4 missing = X509Extensions.X509MissingExtension.selector;
        bytes4 wrong = X509Extensions.X509WrongExtension.selector;
        refused(document(bytes.concat(head(), tlv(0xa0, sequence(number)))), missing);
        refused(document(bytes.concat(head(), tlv(0xa0, sequence(keyId)))), missing);
        refused(document(bytes.concat(head(), tlv(0xa0, sequence(bytes.concat(number, keyId, number))))), wrong);
        bytes memory delta = extension(hex"551d1b", true, hex"020101");
        refused(document(bytes.concat(head(), tlv(0xa0, sequence(bytes.concat(number, keyId, delta))))), wrong);
        bytes memory critical = extension(hex"551d14", true, hex"020101");
        refused(document(bytes.concat(head(), tlv(0xa0, sequence(bytes.concat(critical, keyId))))), wrong);
        malformed(document(bytes.concat(head(), tlv(0xa0, sequence("")))));
        malformed(document(head()));
        malformed(document(bytes.concat(signedPart(""), hex"0500")));
        malformed(document(bytes.concat(head(), tlv(0xa0, bytes.concat(sequence(extensions()), hex"0500")))));
    }

    // Anything

    function testFuzz_ChangedBytesGiveTypedErrors(uint256 place, uint8 by, uint256 second, uint8 bySecond) external {
        bytes memory der = listOf(bytes.concat(entryOf(SERIAL), entryOf(PADDED), datedEntry(SERIAL, "500101000000Z")));
        der = changed(changed(der, place, by), second, bySecond);
        typedCall(address(reader), abi.encodeCall(reader.readCrl, (der)));
    }

    function testFuzz_AnyBytesGiveTypedErrors(bytes calldata noise) external {
        typedCall(address(reader), abi.encodeCall(reader.readCrl, (noise)));
        typedCall(address(reader), abi.encodeCall(reader.readCrl, (document(noise))));
        typedCall(address(reader), abi.encodeCall(reader.readCrl, (listOf(noise))));
        typedCall(
            address(reader),
            abi.encodeCall(reader.readCrl, (listOf(bytes.concat(entryOf(SERIAL), sequence(noise)))))
        );
        typedCall(address(reader), abi.encodeCall(reader.readCrl, (listOf(bytes.concat(hex"30330214", noise)))));
    }
}
