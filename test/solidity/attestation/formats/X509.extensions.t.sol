// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {X509} from "../../../../contracts/attestation/formats/X509.sol";
import {X509Extensions} from "../../../../contracts/attestation/formats/X509Extensions.sol";
import {CertificateFixture} from "./CertificateFixture.sol";
import {document, extension, replaced, sequence, tlv} from "./DerWriting.sol";

/// @notice Which lists of extensions the certificate reader takes.
contract X509ExtensionsTest is CertificateFixture {
    function test_RevertWhen_ListIsEmptyOrFollowed() external {
        refusedBy(certificateOf(""), X509Extensions.X509MissingExtension.selector);
        bytes memory list = sequence(extensions());
        malformed(document(bytes.concat(fields(), tlv(0xa3, bytes.concat(list, hex"0500")))));
        malformed(document(bytes.concat(fields(), tlv(0xa3, list), hex"0500")));
        malformed(document(bytes.concat(fields(), tlv(0xa0, list))));
        malformed(document(fields()));
    }

    function test_RevertWhen_ARequiredExtensionIsMissing() external {
        bytes[5] memory ids = [bytes(hex"551d23"), hex"551d1f", hex"551d0e", hex"551d0f", hex"551d13"];
        for (uint256 i; i < 5; i++) {
            // Another id in its place: the rest stays as it is.
            bytes memory list = replaced(extensions(), ids[i], hex"551d41");
            bool isCritical = i > 2;
            bytes4 expected =
                isCritical ? X509Extensions.X509WrongExtension.selector : X509Extensions.X509MissingExtension.selector;
            refusedBy(certificateOf(list), expected);
        }
        bytes memory without = replaced(extensions(), usage(CA_USAGE), "");
        refusedBy(certificateOf(without), X509Extensions.X509MissingExtension.selector);
    }

    function test_RevertWhen_AnExtensionIsThereTwice() external {
        bytes[4] memory ids = [bytes(hex"551d23"), SGX_ID, hex"5504", hex"551d41"];
        for (uint256 i; i < 4; i++) {
            bytes memory one = extension(ids[i], false, hex"01");
            bytes memory other = extension(ids[i], false, new bytes(130));
            refusedBy(
                certificateOf(bytes.concat(one, extensions(), other)),
                X509Extensions.X509WrongExtension.selector
            );
        }
        // The same bytes with one more before or behind them are another OID.
        bytes memory list = bytes.concat(extension(hex"5504", false, ""), extensions());
        read(certificateOf(bytes.concat(list, extension(hex"550400", false, ""))));
    }

    function test_RevertWhen_AnUnknownExtensionIsCritical() external {
        bytes4 expected = X509Extensions.X509WrongExtension.selector;
        refusedBy(certificateOf(bytes.concat(extensions(), extension(hex"5504", true, ""))), expected);
        refusedBy(certificateOf(bytes.concat(extensions(), extension(hex"551d1e", true, ""))), expected);
        read(certificateOf(bytes.concat(extensions(), extension(SGX_ID, true, ""))));
    }

    function test_RevertWhen_CriticalIsSpelledOutAsFalseOrIsNoBoolean() external {
        bytes memory id = hex"0603551d11";
        bytes[4] memory flags = [bytes(hex"010100"), hex"010101", hex"0102ffff", hex"0100"];
        for (uint256 i; i < 4; i++) {
            malformed(certificateOf(bytes.concat(extensions(), sequence(bytes.concat(id, flags[i], hex"0400")))));
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
        for (uint256 i; i < 6; i++) malformed(certificateOf(bytes.concat(extensions(), broken[i])));
    }

    function test_RevertWhen_ThereAreMoreThan16Extensions() external {
        bytes memory list = extensions();
        for (uint8 i; i < 11; i++) list = bytes.concat(list, extension(abi.encodePacked(hex"55", i), false, ""));
        read(certificateOf(list));
        bytes memory more = bytes.concat(list, extension(hex"5540", false, ""));
        refusedBy(certificateOf(more), X509Extensions.X509WrongExtension.selector);
        more = bytes.concat(list, extension(hex"551d11", false, ""));
        refusedBy(certificateOf(more), X509Extensions.X509WrongExtension.selector);
    }

    function test_RevertWhen_UsageIsNeitherACAsNorASigners() external {
        bytes[5] memory usages = [bytes(hex"03020186"), hex"030206c0", hex"0003020106", hex"", new bytes(40)];
        for (uint256 i; i < 5; i++) _wrongUsage(replaced(extensions(), usage(CA_USAGE), usage(usages[i])));
        bytes[4] memory limits = [bytes(hex"30060101ff020101"), hex"3000", hex"30030101ff", hex"0030060101ff020100"];
        for (uint256 i; i < 4; i++) {
            _wrongUsage(replaced(extensions(), constraints(CA_CONSTRAINTS), constraints(limits[i])));
        }
        _wrongUsage(replaced(extensions(), usage(CA_USAGE), extension(hex"551d0f", false, CA_USAGE)));
        bytes memory notCritical = extension(hex"551d13", false, CA_CONSTRAINTS);
        _wrongUsage(replaced(extensions(), constraints(CA_CONSTRAINTS), notCritical));
    }

    function _wrongUsage(bytes memory list) private {
        refusedBy(certificateOf(list), X509.X509WrongUsage.selector);
    }
}
