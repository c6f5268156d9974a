// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuoteJudge} from "../../interfaces/IQuoteJudge.sol";
import {JudgeableErrors} from "./JudgeableErrors.sol";
import {TcbLevels} from "./TcbLevels.sol";
import {Attestation, Standing, TcbStatus} from "../../types/Attestation.sol";
import {CollateralBasis, CollateralContents, CollateralDocuments} from "../../types/Collateral.sol";
import {QuoteReader} from "./QuoteReader.sol";

/// @title QuoteJudge
/// @notice Says whether claims about quotes are true.
/// @dev A verdict slashes, and whoever asks for it chooses the gas. So the work is done in a call. An error that proves
/// the quote or the documents to be something else makes the claim false; with one that only says that the call could not
/// finish the judge fails; any other is about form and decides nothing.
abstract contract QuoteJudge is QuoteReader {
    /// @inheritdoc IQuoteJudge
    function judge(
        bytes calldata,
        bytes calldata,
        bytes32,
        Attestation calldata,
        CollateralBasis calldata
    ) external view override returns (Standing) {
        // The arguments are passed on as they came.
        (bool isDone, bytes memory answer) = address(this).staticcall(
            bytes.concat(this.tryToJudge.selector, msg.data[4:])
        );
        if (isDone) return abi.decode(answer, (Standing));
        if (JudgeableErrors.isProof(answer)) return Standing.Disproven;
        if (JudgeableErrors.isUnfinished(answer)) revert DcapVerifierJudgeFailed(answer);
        return Standing.Undecided;
    }

    /// @notice Does the same as {judge}, but reverts with an error that says what is wrong with the quote or the
    /// documents. For this contract's own calls: only the error of a call can be caught.
    /// @dev Errors: those of {readChain}, {SgxQuote-SgxQuoteMalformed}, {SgxQuote-SgxQuoteUnreadable},
    /// {DcapVerifierWrongQeSignature}, {DcapVerifierWrongQuoteSignature}, {DcapVerifierForbiddenLaunch}, those of
    /// {ICollateralStore-validate}.
    /// @param quote The quote's 436+S bytes.
    /// @param evidence The claim's collateral, `abi.encode(CollateralDocuments)`; it may be empty.
    /// @param reportData The first 32 bytes of the report data that was claimed.
    /// @param claim The attestation that was claimed.
    /// @param basis The collateral that the claim rests on.
    /// @return `Holds`, `Disproven` or `Undecided`.
    function tryToJudge(
        bytes calldata quote,
        bytes calldata evidence,
        bytes32 reportData,
        Attestation calldata claim,
        CollateralBasis calldata basis
    ) external view returns (Standing) {
        if (keccak256(quote) != claim.quoteHash) return Standing.Disproven;
        Facts memory facts = _readQuote(quote);
        if (facts.leaf.ca != basis.ca || !_isSaid(facts, reportData, claim)) return Standing.Disproven;
        if (evidence.length == 0) return Standing.Undecided;
        CollateralDocuments memory documents = abi.decode(evidence, (CollateralDocuments));
        if (_hashOf(documents) != basis.collateralHash) return Standing.Undecided;
        CollateralContents memory contents = store.validate(documents);
        return _isBasis(contents, basis) && _isTrueUnder(contents, facts, claim) ? Standing.Holds : Standing.Disproven;
    }

    /// @dev One hash for a whole set of collateral, as {judge} takes it. The signatures count, so that whoever disputes
    /// cannot replace what the claim names.
    function _hashOf(CollateralDocuments memory documents) private pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    keccak256(documents.pckCa),
                    keccak256(documents.tcbSigning),
                    keccak256(documents.rootCrl),
                    keccak256(documents.pckCrl),
                    keccak256(documents.tcbInfo),
                    keccak256(documents.tcbInfoSignature),
                    keccak256(documents.qeIdentity),
                    keccak256(documents.qeIdentitySignature)
                )
            );
    }

    /// @dev Whether the quote says what was claimed, apart from what depends on collateral.
    function _isSaid(Facts memory facts, bytes32 reportData, Attestation calldata claim) private pure returns (bool) {
        return
            facts.reportData == reportData &&
            facts.padding == 0 &&
            facts.mrEnclave == claim.mrEnclave &&
            facts.mrSigner == claim.mrSigner &&
            facts.isvProdId == claim.isvProdId &&
            facts.isvSvn == claim.isvSvn &&
            facts.launch == claim.launch &&
            facts.leaf.platformId == claim.platformId &&
            facts.leaf.fmspc == claim.fmspc;
    }

    /// @dev Whether the collateral is as new as was claimed.
    function _isBasis(CollateralContents memory contents, CollateralBasis calldata basis) private pure returns (bool) {
        return
            contents.tcbInfo.evaluationNumber == basis.evaluationNumber &&
            contents.rootCrlIssuedAt == basis.rootCrlIssuedAt &&
            contents.pckCrlIssuedAt == basis.pckCrlIssuedAt;
    }

    /// @dev Whether the collateral gives the quote the claimed status and end.
    function _isTrueUnder(
        CollateralContents memory contents,
        Facts memory facts,
        Attestation calldata claim
    ) private pure returns (bool) {
        if (
            contents.ca != facts.leaf.ca ||
            contents.caKeyX != facts.caX ||
            contents.caKeyY != facts.caY ||
            contents.tcbInfo.fmspc != facts.leaf.fmspc ||
            contents.tcbInfo.pceId != facts.leaf.pceId
        ) return false;
        for (uint256 i; i < contents.revoked.length; ++i) {
            if (contents.revoked[i] == facts.leaf.serial) return false;
        }
        TcbStatus status = _statusUnder(contents, facts);
        uint256 end = facts.leaf.notAfter < contents.validUntil ? facts.leaf.notAfter : contents.validUntil;
        return
            claim.validUntil == end &&
            claim.tcbStatus == status &&
            status != TcbStatus.None &&
            status != TcbStatus.Revoked;
    }

    /// @dev The converged status; `None` if the platform or its QE has no status.
    function _statusUnder(CollateralContents memory contents, Facts memory facts) private pure returns (TcbStatus) {
        bytes memory qeIdentity = contents.qeIdentity.contents;
        if (!TcbLevels.isQe(qeIdentity, facts.qeFacts)) return TcbStatus.None;
        TcbStatus qe = TcbLevels.statusOfQe(qeIdentity, facts.qeFacts);
        TcbStatus platform = TcbLevels.statusOfPlatform(
            contents.tcbInfo.levels,
            facts.leaf.components,
            facts.leaf.pceSvn
        );
        if (qe == TcbStatus.None || platform == TcbStatus.None) return TcbStatus.None;
        return TcbLevels.converge(platform, qe);
    }
}
