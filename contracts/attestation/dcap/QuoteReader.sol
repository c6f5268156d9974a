// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../interfaces/ICollateralStore.sol";
import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {IQuoteJudge} from "../../interfaces/IQuoteJudge.sol";
import {CalldataBytes} from "./CalldataBytes.sol";
import {CertificateNames} from "./CertificateNames.sol";
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

    /// @inheritdoc IQuoteJudge
    ICollateralStore public immutable override store;

    /// @notice Ties the contract to its store, for good.
    /// @dev Errors: {DcapVerifierNoPrecompile}.
    /// @param store_ The store, which the contract itself deploys, so that its name stands for its root.
    constructor(ICollateralStore store_) {
        if (!P256.isAvailable()) revert DcapVerifierNoPrecompile();
        store = store_;
    }

    /// @notice Chooses among certificates the PCK certificate that signed a QE's report and the certificate of its CA, by
    /// names and keys, and verifies both up to the store's root. No other certificate matters, nor the order.
    /// @dev A certificate with one of the names in question must be readable; if none signed, the first is at fault.
    ///
    /// Meant for this contract's own calls: its readers take calldata, and a call turns into calldata what was decoded
    /// from PEM. Readers over memory would cost more; see "A judge calls itself twice" in docs/architecture.md.
    /// Errors: the certificate readers', {DcapVerifierMissingCertificate}, {DcapVerifierWrongChain},
    /// {DcapVerifierWrongName}, {DcapVerifierWrongExtension}, {DcapVerifierWrongPckSignature}.
    /// @param certificates DER of each certificate.
    /// @param digest SHA-256 of the QE's report.
    /// @param r The first half of the report's signature.
    /// @param s The second half of the report's signature.
    /// @return leaf What the PCK certificate says.
    /// @return caX The first half of the CA's public key.
    /// @return caY The second half of the CA's public key.
    function readChain(
        bytes[] calldata certificates,
        bytes32 digest,
        bytes32 r,
        bytes32 s
    ) external view returns (Leaf memory leaf, bytes32 caX, bytes32 caY) {
        (uint256 chosen, Certificate memory certificate, uint256 usage) = _chooseLeaf(certificates, digest, r, s);
        PckLeaf.caNamed(certificate.issuer);
        (caX, caY) = _chooseCa(certificates, certificate);
        // Whatever nobody at Intel signed is refused for that, and not for its form.
        if (usage != 0) revert X509.X509WrongUsage(usage);
        leaf = PckLeaf.read(certificates[chosen], certificate);
    }

    /// @dev Returns the place of the PCK certificate whose key signed the digest, or of the first; what it says; and where
    /// its usage is wrong, as {X509-readAny} says it.
    function _chooseLeaf(
        bytes[] calldata certificates,
        bytes32 digest,
        bytes32 r,
        bytes32 s
    ) private view returns (uint256 chosen, Certificate memory leaf, uint256 usage) {
        for (uint256 i; i < certificates.length; ++i) {
            (, bytes32 subject) = CertificateNames.namesIn(certificates[i]);
            if (subject != IntelNames.PCK) continue;
            (Certificate memory certificate, uint256 wrongUsage) = X509.readAny(certificates[i]);
            bool isSigner = P256.verify(digest, r, s, certificate.x, certificate.y);
            if (isSigner || leaf.subject == 0) (chosen, leaf, usage) = (i, certificate, wrongUsage);
            if (isSigner) break;
        }
        if (leaf.subject == 0) revert DcapVerifierMissingCertificate(IntelNames.PCK);
    }

    /// @dev Returns the key of the CA that the root issued and that issued the leaf.
    function _chooseCa(
        bytes[] calldata certificates,
        Certificate memory leaf
    ) private view returns (bytes32 caX, bytes32 caY) {
        (bytes32 x, bytes32 y) = store.rootKey();
        bool isNamed;
        bool isIssued;
        for (uint256 i; i < certificates.length; ++i) {
            (, bytes32 subject) = CertificateNames.namesIn(certificates[i]);
            if (subject != leaf.issuer) continue;
            isNamed = true;
            (Certificate memory ca, uint256 wrongUsage) = X509.readAny(certificates[i]);
            if (ca.issuer != IntelNames.ROOT || !ca.isCa || wrongUsage != 0) continue;
            if (!PckLeaf.isSignedBy(ca, x, y)) continue;
            isIssued = true;
            if (PckLeaf.isSignedBy(leaf, ca.x, ca.y)) return (ca.x, ca.y);
        }
        if (!isNamed) revert DcapVerifierMissingCertificate(leaf.issuer);
        if (!isIssued) revert DcapVerifierWrongChain();
        revert DcapVerifierWrongPckSignature();
    }

    /// @dev Verifies a quote without collateral. Errors: those of {QuoteJudge-tryToJudge} about quotes.
    function _readQuote(bytes calldata quote) internal view returns (Facts memory facts) {
        (bytes calldata auth, bytes calldata chain) = SgxQuote.read(quote);
        bytes32 digest = Sha256.hash(quote[SgxQuote.QE_REPORT:SgxQuote.QE_SIGNATURE]);
        (facts.leaf, facts.caX, facts.caY) = this.readChain(
            Pem.certificatesIn(chain),
            digest,
            bytes32(quote[SgxQuote.QE_SIGNATURE:]),
            bytes32(quote[SgxQuote.QE_SIGNATURE + 32:])
        );
        _checkSignatures(quote, auth, digest, facts.leaf);

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
    function _checkSignatures(
        bytes calldata quote,
        bytes calldata auth,
        bytes32 qeDigest,
        Leaf memory leaf
    ) private view {
        uint256 start = CalldataBytes.startOf(quote);
        uint256 key = start + SgxQuote.ATTESTATION_KEY;
        bytes32 vouched = CalldataBytes.wordAt(start + SgxQuote.QE_REPORT + SgxQuote.REPORT_DATA);
        bytes32 padding = CalldataBytes.wordAt(start + SgxQuote.QE_REPORT + SgxQuote.REPORT_DATA + 32);
        if (
            !_isSigned(qeDigest, start + SgxQuote.QE_SIGNATURE, leaf.x, leaf.y) ||
            vouched != QuoteBytes.hashKey(key, CalldataBytes.startOf(auth), auth.length) ||
            padding != 0
        ) revert DcapVerifierWrongQeSignature();

        bytes32 digest = Sha256.hash(quote[:SgxQuote.SIGNED_SIZE]);
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
