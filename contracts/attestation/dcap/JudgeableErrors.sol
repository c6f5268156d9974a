// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {P256} from "../formats/P256.sol";
import {SgxQuote} from "./SgxQuote.sol";
import {Sha256} from "../formats/Sha256.sol";
import {SignedDer} from "../formats/SignedDer.sol";

/// @title JudgeableErrors
/// @notice Tells apart errors that prove a claim false, errors that say nothing but that a call could not finish, and all
/// others, which only say that something could not be read.
/// @dev A verdict slashes, and whoever asks for it chooses the gas. So what proves falsehood is listed: signed bytes that
/// say something else, a signature that is not there, Intel's own revocation. The form of bytes is no proof, since nobody
/// signed it, or since Intel did and only our readers are stricter; a validator with another reader may have been honest.
library JudgeableErrors {
    /// @dev `Panic(uint256)`, which only a fault of the judge itself would throw.
    bytes4 private constant PANIC = 0x4e487b71;

    /// @notice Returns whether an error proves that a quote or a set of documents is not what was claimed.
    /// @param reason The revert data.
    /// @return Whether it does.
    function isProof(bytes memory reason) internal pure returns (bool) {
        bytes4 selector = bytes4(reason);
        return _isOfQuote(selector) || _isOfDocuments(selector);
    }

    /// @notice Returns whether an error only says that a call could not finish.
    /// @param reason The revert data.
    /// @return Whether it does.
    function isUnfinished(bytes memory reason) internal pure returns (bool) {
        bytes4 selector = bytes4(reason);
        return
            reason.length < 4 ||
            selector == Sha256.Sha256CallFailed.selector ||
            selector == SignedDer.X509HashFailed.selector ||
            selector == P256.P256CallFailed.selector ||
            selector == PANIC;
    }

    function _isOfQuote(bytes4 selector) private pure returns (bool) {
        return
            selector == SgxQuote.SgxQuoteMalformed.selector ||
            selector == IDcapVerifier.DcapVerifierWrongChain.selector ||
            selector == IDcapVerifier.DcapVerifierWrongName.selector ||
            selector == IDcapVerifier.DcapVerifierWrongPckSignature.selector ||
            selector == IDcapVerifier.DcapVerifierWrongQeSignature.selector ||
            selector == IDcapVerifier.DcapVerifierWrongQuoteSignature.selector ||
            selector == IDcapVerifier.DcapVerifierForbiddenLaunch.selector;
    }

    function _isOfDocuments(bytes4 selector) private pure returns (bool) {
        return
            selector == ICollateralStore.CollateralStoreUnknownName.selector ||
            selector == ICollateralStore.CollateralStoreWrongIssuer.selector ||
            selector == ICollateralStore.CollateralStoreWrongUsage.selector ||
            selector == ICollateralStore.CollateralStoreWrongSignature.selector ||
            selector == ICollateralStore.CollateralStoreRevoked.selector ||
            selector == ICollateralStore.CollateralStoreNotValidNow.selector ||
            selector == ICollateralStore.CollateralStoreNumbersDiffer.selector;
    }
}
