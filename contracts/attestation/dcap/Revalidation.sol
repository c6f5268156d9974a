// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {IQuoteJudge} from "../../interfaces/IQuoteJudge.sol";
import {DcapEvidence} from "./DcapEvidence.sol";
import {DcapNames} from "./DcapNames.sol";
import {Leaf, PckLeaf} from "./PckLeaf.sol";
import {ShownContents} from "./ShownContents.sol";
import {TcbLevels} from "./TcbLevels.sol";
import {Standing, TcbStatus} from "../../types/Attestation.sol";
import {Collateral} from "../../types/Collateral.sol";
import {QuoteReader} from "./QuoteReader.sol";

/// @title Revalidation
/// @notice Says how an attestation that was verified before stands under what the store holds now.
abstract contract Revalidation is QuoteReader {
    /// @inheritdoc IAttestationVerifier
    function recheck(
        bytes calldata evidence
    ) external view override returns (bytes32 platformId, bytes32 subject, Standing standing, TcbStatus tcbStatus) {
        DcapEvidence.Recheck memory shown = DcapEvidence.readRecheck(evidence);
        Leaf memory leaf = PckLeaf.readFacts(shown.leaf, evidence.length);
        uint16 floor = store.evaluationFloor();
        uint16 number = shown.evaluationNumber < floor ? floor : shown.evaluationNumber;
        Collateral memory collateral = _collateralOf(leaf, number);
        if (leaf.caGeneration != collateral.caGeneration) collateral.validUntil = 0;
        bool isCaRevoked = store.isCaRevoked(leaf.ca, leaf.caGeneration);
        (standing, tcbStatus) = _standing(leaf, shown.qeFacts, shown.contents, collateral, isCaRevoked);
        bytes32 keyTag = DcapNames.keyTag(shown.attestationKey, shown.qeFacts);
        subject = DcapNames.subject(PckLeaf.keyOf(PckLeaf.pack(leaf)), keyTag, shown.evaluationNumber);
        platformId = leaf.platformId;
    }

    /// @inheritdoc IQuoteJudge
    function review(
        bytes calldata quote,
        bytes calldata evidence
    ) external view override returns (bytes32 platformId, Standing standing, TcbStatus tcbStatus) {
        DcapEvidence.Contents memory contents = DcapEvidence.readReview(evidence);
        Facts memory facts = _readQuote(quote);
        Collateral memory collateral = _collateralOf(facts.leaf, store.evaluationFloor());
        (bytes32 x, bytes32 y) = store.caKeyOf(facts.leaf.ca);
        if (facts.caX != x || facts.caY != y) collateral.validUntil = 0;
        bool isCaRevoked = store.isCaKeyRevoked(facts.caX, facts.caY);
        (standing, tcbStatus) = _standing(facts.leaf, facts.qeFacts, contents, collateral, isCaRevoked);
        platformId = facts.leaf.platformId;
    }

    /// @inheritdoc IAttestationVerifier
    function dispute(bytes32, bytes32, bytes calldata) external pure override returns (Standing) {
        revert DcapVerifierNothingToDispute();
    }

    function _collateralOf(Leaf memory leaf, uint16 number) private view returns (Collateral memory) {
        return store.collateralOf(leaf.ca, leaf.fmspc, leaf.pceId, number);
    }

    /// @dev What Intel has revoked stays revoked, however old the document that says so; any other answer needs
    /// collateral that holds now. Contents that the store does not hold are not looked at.
    function _standing(
        Leaf memory leaf,
        bytes memory qeFacts,
        DcapEvidence.Contents memory contents,
        Collateral memory collateral,
        bool isRevoked
    ) private view returns (Standing, TcbStatus) {
        if (collateral.revocations != 0 && ShownContents.isListed(contents, leaf.serial, collateral.revocations)) {
            isRevoked = true;
        }
        TcbStatus platformStatus;
        if (collateral.tcbLevels != 0) {
            bytes memory levels = ShownContents.levels(contents, collateral.tcbLevels);
            platformStatus = TcbLevels.statusOfPlatform(levels, leaf.components, leaf.pceSvn);
            if (_isOut(platformStatus)) isRevoked = true;
        }
        TcbStatus qeStatus;
        if (collateral.qeIdentity != 0) {
            bytes memory qeIdentity = ShownContents.qeIdentity(contents, collateral.qeIdentity);
            if (TcbLevels.isQe(qeIdentity, qeFacts)) qeStatus = TcbLevels.statusOfQe(qeIdentity, qeFacts);
            if (_isOut(qeStatus)) isRevoked = true;
        }
        if (isRevoked) return (Standing.Revoked, TcbStatus.None);
        // The end is 0 if a document is missing, the number is below the floor, or the CA has another key.
        if (block.timestamp > collateral.validUntil) return (Standing.Undecided, TcbStatus.None);
        return (Standing.Holds, TcbLevels.converge(platformStatus, qeStatus));
    }

    /// @dev A platform or QE below every level counts as revoked: Intel no longer vouches for it.
    function _isOut(TcbStatus status) private pure returns (bool) {
        return status == TcbStatus.None || status == TcbStatus.Revoked;
    }
}
