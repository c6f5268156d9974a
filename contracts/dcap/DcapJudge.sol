// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../interfaces/ICollateralStore.sol";
import {IDcapVerifier} from "../interfaces/IDcapVerifier.sol";
import {IQuoteJudge} from "../interfaces/IQuoteJudge.sol";
import {JudgeableErrors} from "../libraries/JudgeableErrors.sol";
import {TcbLevels} from "../libraries/TcbLevels.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";
import {CollateralContents, CollateralDocuments} from "../types/Collateral.sol";
import {Standings} from "./Standings.sol";
import {WholeQuotes} from "./WholeQuotes.sol";

/// @title DcapJudge
/// @notice The part of {IDcapVerifier} that keeps nothing, in a contract of its own for its size: judges, reviews and rechecks.
/// @dev Its verifier deploys it and hands calls on. The rooms below it: {WholeQuotes} verifies without collateral, {Standings} judges anew.
contract DcapJudge is Standings {
    /// @notice Ties the judge to its verifier's store.
    constructor(ICollateralStore store_) WholeQuotes(store_) {}

    /// @notice See {IQuoteJudge-judge}.
    /// @dev What can be false is asked for by calls, so that an error of which it is known to be about the bytes makes the claim false,
    /// and any other, as for want of gas, none. Errors: {IDcapVerifier-DcapVerifierJudgeFailed}.
    function judge(
        bytes calldata quote,
        bytes calldata evidence,
        bytes32 reportData,
        Attestation calldata claim,
        bytes32 collateralHash
    ) external view returns (Standing) {
        if (keccak256(quote) != claim.quoteHash) return Standing.Disproven;
        (bool isDone, bytes memory answer) = address(this).staticcall(abi.encodeCall(this.readQuote, (quote)));
        if (!isDone) return _disproven(answer, JudgeableErrors.isAboutQuote(answer));
        Facts memory facts = abi.decode(answer, (Facts));
        if (!_isSaid(facts, reportData, claim)) return Standing.Disproven;

        if (evidence.length == 0) return Standing.Undecided;
        CollateralDocuments memory documents = abi.decode(evidence, (CollateralDocuments));
        if (_hashOf(documents) != collateralHash) return Standing.Undecided;
        (isDone, answer) = address(_store).staticcall(abi.encodeCall(_store.examine, (documents)));
        if (!isDone) return _disproven(answer, JudgeableErrors.isAboutDocuments(answer));
        CollateralContents memory contents = abi.decode(answer, (CollateralContents));
        return _isTrueUnder(contents, facts, claim) ? Standing.Holds : Standing.Disproven;
    }

    /// @dev `Disproven` by an error about the bytes; any other says nothing.
    function _disproven(bytes memory reason, bool isAboutBytes) private pure returns (Standing) {
        if (!isAboutBytes) revert IDcapVerifier.DcapVerifierJudgeFailed(reason);
        return Standing.Disproven;
    }

    /// @dev Whether the quote says what was claimed, as far as collateral does not matter.
    function _isSaid(Facts memory facts, bytes32 reportData, Attestation calldata claim) private pure returns (bool) {
        return
            facts.reportData == reportData &&
            facts.padding == 0 &&
            facts.mrEnclave == claim.mrEnclave &&
            facts.mrSigner == claim.mrSigner &&
            facts.isvProdId == claim.isvProdId &&
            facts.isvSvn == claim.isvSvn &&
            facts.leaf.platformId == claim.platformId &&
            facts.leaf.fmspc == claim.fmspc;
    }

    /// @dev Whether collateral gives the quote the status and the end that were claimed.
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

    /// @dev The converged status; `None` where the platform or its QE has none.
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

    /// @dev One hash for a set of collateral; see {IQuoteJudge-judge}.
    function _hashOf(CollateralDocuments memory documents) private pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    keccak256(documents.pckCa),
                    keccak256(documents.tcbSigning),
                    keccak256(documents.rootCrl),
                    keccak256(documents.pckCrl),
                    keccak256(documents.tcbInfo),
                    keccak256(documents.qeIdentity)
                )
            );
    }
}
