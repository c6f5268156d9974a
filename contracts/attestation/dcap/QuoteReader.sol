// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {CalldataBytes} from "./CalldataBytes.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {P256} from "../formats/P256.sol";
import {Pem} from "./Pem.sol";
import {Leaf, PckLeaf} from "./PckLeaf.sol";
import {QuoteBytes} from "./QuoteBytes.sol";
import {SgxQuote} from "./SgxQuote.sol";
import {Sha256} from "../formats/Sha256.sol";
import {Certificate, X509} from "../formats/X509.sol";

/// @title QuoteReader
/// @notice Verifies whole quotes, including their certificates, whatever the time: the part of `verifyQuote` in
/// src/sgx/verifyQuote.ts that needs no collateral.
abstract contract QuoteReader is IDcapVerifier {
    /// @notice What a quote says whose signatures hold, from the root to its report.
    /// @param leaf Its platform's PCK certificate.
    /// @param caX The first half of the public key of the CA that issued the leaf.
    /// @param caY The second half of that key.
    /// @param qeFacts MISCSELECT, ATTRIBUTES, MRSIGNER, ISVPRODID, ISVSVN of its QE, 56 bytes.
    /// @param mrEnclave The enclave's measurement.
    /// @param mrSigner Hash of the key that signed the enclave.
    /// @param isvProdId Product id of the enclave.
    /// @param isvSvn Security version of the enclave.
    /// @param launch How the enclave was launched, as `Attestation.launch`.
    /// @param reportData The first half of its report data.
    /// @param padding The second half of its report data.
    struct Facts {
        Leaf leaf;
        bytes32 caX;
        bytes32 caY;
        bytes qeFacts;
        bytes32 mrEnclave;
        bytes32 mrSigner;
        uint16 isvProdId;
        uint16 isvSvn;
        bytes20 launch;
        bytes32 reportData;
        bytes32 padding;
    }

    /// @inheritdoc IDcapVerifier
    ICollateralStore public immutable override store;

    /// @notice Ties the contract to its store, for good.
    /// @dev Errors: {DcapVerifierNoPrecompile}.
    /// @param store_ The store, which the contract itself deploys, so that its name stands for its root.
    constructor(ICollateralStore store_) {
        if (!P256.isAvailable()) revert DcapVerifierNoPrecompile();
        store = store_;
    }

    /// @notice Verifies a quote's certificates up to the store's root.
    /// @dev The root's certificate must be readable and have the root's name, also as its issuer, and the root's key.
    /// The root is trusted, not what else it says about itself.
    ///
    /// Meant for this contract's own calls: its readers take calldata, and a call turns into calldata what was decoded
    /// from PEM. Readers over memory would cost more; see "A judge calls itself twice" in docs/architecture.md.
    /// Errors: the certificate readers', {DcapVerifierWrongChain}, {DcapVerifierWrongName},
    /// {DcapVerifierWrongExtension}, {DcapVerifierWrongPckSignature}.
    /// @param leafDer DER of the PCK certificate.
    /// @param caDer DER of the certificate of the Platform or Processor CA.
    /// @param rootDer DER of the root's certificate.
    /// @return leaf What the PCK certificate says.
    /// @return caX The first half of the CA's public key.
    /// @return caY The second half of the CA's public key.
    function readChain(
        bytes calldata leafDer,
        bytes calldata caDer,
        bytes calldata rootDer
    ) external view returns (Leaf memory leaf, bytes32 caX, bytes32 caY) {
        (bytes32 x, bytes32 y) = store.rootKey();
        (Certificate memory root, ) = X509.readAny(rootDer);
        if (root.subject != IntelNames.ROOT || root.issuer != IntelNames.ROOT || root.x != x || root.y != y) {
            revert DcapVerifierWrongChain();
        }

        Certificate memory ca = X509.readCertificate(caDer);
        if (ca.issuer != IntelNames.ROOT || !ca.isCa || !PckLeaf.isSignedBy(ca, x, y)) {
            revert DcapVerifierWrongChain();
        }
        Certificate memory certificate;
        (leaf, certificate) = PckLeaf.readCertificate(leafDer);
        if (certificate.issuer != ca.subject) revert DcapVerifierWrongChain();
        if (!PckLeaf.isSignedBy(certificate, ca.x, ca.y)) revert DcapVerifierWrongPckSignature();
        return (leaf, ca.x, ca.y);
    }

    /// @dev Verifies a quote without collateral. Errors: those of {QuoteJudge-tryToJudge} about quotes.
    function _readQuote(bytes calldata quote) internal view returns (Facts memory facts) {
        (bytes calldata auth, bytes calldata chain) = SgxQuote.read(quote);
        (bytes memory leaf, bytes memory ca, bytes memory root) = Pem.readChain(chain);
        (facts.leaf, facts.caX, facts.caY) = this.readChain(leaf, ca, root);
        _checkSignatures(quote, auth, facts.leaf);

        uint256 report = CalldataBytes.startOf(quote) + SgxQuote.REPORT;
        facts.launch = QuoteBytes.launchOf(
            CalldataBytes.wordAt(report + SgxQuote.MISCSELECT),
            CalldataBytes.wordAt(report + SgxQuote.ATTRIBUTES)
        );
        if (QuoteBytes.isForbidden(facts.launch)) revert DcapVerifierForbiddenLaunch(facts.launch);
        facts.qeFacts = _qeFacts(quote[SgxQuote.QE_REPORT:]);
        facts.mrEnclave = CalldataBytes.wordAt(report + SgxQuote.MRENCLAVE);
        facts.mrSigner = CalldataBytes.wordAt(report + SgxQuote.MRSIGNER);
        (facts.isvProdId, facts.isvSvn) = QuoteBytes.isvNumbers(report + SgxQuote.ISVPRODID);
        facts.reportData = CalldataBytes.wordAt(report + SgxQuote.REPORT_DATA);
        facts.padding = CalldataBytes.wordAt(report + SgxQuote.REPORT_DATA + 32);
    }

    /// @dev Checks that the leaf signed the QE's report, which vouches for the attestation key, which signed the quote.
    function _checkSignatures(bytes calldata quote, bytes calldata auth, Leaf memory leaf) private view {
        uint256 start = CalldataBytes.startOf(quote);
        uint256 key = start + SgxQuote.ATTESTATION_KEY;
        bytes32 digest = Sha256.hash(quote[SgxQuote.QE_REPORT:SgxQuote.QE_SIGNATURE]);
        bytes32 vouched = CalldataBytes.wordAt(start + SgxQuote.QE_REPORT + SgxQuote.REPORT_DATA);
        bytes32 padding = CalldataBytes.wordAt(start + SgxQuote.QE_REPORT + SgxQuote.REPORT_DATA + 32);
        if (
            !_isSigned(digest, start + SgxQuote.QE_SIGNATURE, leaf.x, leaf.y) ||
            vouched != QuoteBytes.hashKey(key, CalldataBytes.startOf(auth), auth.length) ||
            padding != 0
        ) revert DcapVerifierWrongQeSignature();

        digest = Sha256.hash(quote[:SgxQuote.SIGNED_SIZE]);
        bytes32 x = CalldataBytes.wordAt(key);
        bytes32 y = CalldataBytes.wordAt(key + 32);
        if (!_isSigned(digest, start + SgxQuote.SIGNATURE, x, y)) {
            revert DcapVerifierWrongQuoteSignature();
        }
    }

    function _isSigned(bytes32 digest, uint256 signature, bytes32 x, bytes32 y) private view returns (bool) {
        return P256.verify(digest, CalldataBytes.wordAt(signature), CalldataBytes.wordAt(signature + 32), x, y);
    }

    function _qeFacts(bytes calldata report) private pure returns (bytes memory) {
        return
            bytes.concat(
                report[SgxQuote.MISCSELECT:SgxQuote.MISCSELECT + 4],
                report[SgxQuote.ATTRIBUTES:SgxQuote.ATTRIBUTES + 16],
                report[SgxQuote.MRSIGNER:SgxQuote.MRSIGNER + 32],
                report[SgxQuote.ISVPRODID:SgxQuote.ISVPRODID + 4]
            );
    }
}
