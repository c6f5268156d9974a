// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {CivilDate} from "../formats/CivilDate.sol";
import {Der} from "../formats/Der.sol";
import {IsoTime} from "../formats/IsoTime.sol";
import {Pem} from "./Pem.sol";
import {QeIdentityJson} from "../formats/QeIdentityJson.sol";
import {SgxQuote} from "./SgxQuote.sol";
import {SignedDer} from "../formats/SignedDer.sol";
import {StrictJson} from "../formats/StrictJson.sol";
import {TcbInfoJson} from "../formats/TcbInfoJson.sol";
import {UtcTime} from "../formats/UtcTime.sol";
import {X509} from "../formats/X509.sol";
import {X509Extensions} from "../formats/X509Extensions.sol";

/// @title JudgeableErrors
/// @notice Separates errors that say something about a quote or about documents from those that only say that a call
/// could not finish.
/// @dev A verdict slashes, and whoever asks for it chooses the gas. So the errors that are about the bytes are listed,
/// and every other one, above all an empty revert, says nothing about them.
library JudgeableErrors {
    /// @notice Returns whether an error is about a quote (its form, chain or signatures) or about a set of documents.
    /// @param reason The revert data.
    /// @return Whether it is.
    function isAboutBytes(bytes memory reason) internal pure returns (bool) {
        bytes4 selector = bytes4(reason);
        return
            _isAboutQuote(selector) ||
            _isAboutCertificate(selector) ||
            _isAboutDocuments(selector) ||
            _isAboutText(selector);
    }

    function _isAboutQuote(bytes4 selector) private pure returns (bool) {
        return
            selector == SgxQuote.SgxQuoteMalformed.selector ||
            selector == Pem.PemMalformed.selector ||
            selector == IDcapVerifier.DcapVerifierWrongChain.selector ||
            selector == IDcapVerifier.DcapVerifierWrongName.selector ||
            selector == IDcapVerifier.DcapVerifierWrongExtension.selector ||
            selector == IDcapVerifier.DcapVerifierWrongPckSignature.selector ||
            selector == IDcapVerifier.DcapVerifierWrongQeSignature.selector ||
            selector == IDcapVerifier.DcapVerifierWrongQuoteSignature.selector ||
            selector == IDcapVerifier.DcapVerifierForbiddenLaunch.selector;
    }

    function _isAboutDocuments(bytes4 selector) private pure returns (bool) {
        return
            selector == ICollateralStore.CollateralStoreUnknownName.selector ||
            selector == ICollateralStore.CollateralStoreWrongIssuer.selector ||
            selector == ICollateralStore.CollateralStoreWrongUsage.selector ||
            selector == ICollateralStore.CollateralStoreWrongSignature.selector ||
            selector == ICollateralStore.CollateralStoreRevoked.selector ||
            selector == ICollateralStore.CollateralStoreNotValidNow.selector ||
            selector == ICollateralStore.CollateralStoreNumbersDiffer.selector ||
            selector == ICollateralStore.CollateralStoreSignatureLength.selector;
    }

    function _isAboutCertificate(bytes4 selector) private pure returns (bool) {
        return
            selector == Der.DerMalformed.selector ||
            selector == SignedDer.X509TooLong.selector ||
            selector == UtcTime.UtcTimeInvalid.selector ||
            selector == X509.X509WrongUsage.selector ||
            selector == X509Extensions.X509WrongExtension.selector ||
            selector == X509Extensions.X509MissingExtension.selector;
    }

    function _isAboutText(bytes4 selector) private pure returns (bool) {
        return
            selector == StrictJson.StrictJsonUnexpected.selector ||
            selector == StrictJson.StrictJsonTooLong.selector ||
            selector == TcbInfoJson.TcbInfoJsonWrongVersion.selector ||
            selector == TcbInfoJson.TcbInfoJsonWrongId.selector ||
            selector == TcbInfoJson.TcbInfoJsonOrder.selector ||
            selector == QeIdentityJson.QeIdentityJsonWrongVersion.selector ||
            selector == QeIdentityJson.QeIdentityJsonWrongId.selector ||
            selector == QeIdentityJson.QeIdentityJsonOrder.selector ||
            selector == QeIdentityJson.QeIdentityJsonWrongStatus.selector ||
            selector == IsoTime.IsoTimeInvalid.selector ||
            selector == CivilDate.CivilDateNonexistent.selector;
    }
}
