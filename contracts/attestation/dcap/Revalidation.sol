// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {IQuoteJudge} from "../../interfaces/IQuoteJudge.sol";
import {DcapEvidence} from "./DcapEvidence.sol";
import {DcapNames} from "./DcapNames.sol";
import {IntelNames} from "../formats/IntelNames.sol";
import {Leaf, PckLeaf} from "./PckLeaf.sol";
import {ShownContents} from "./ShownContents.sol";
import {TcbLevels} from "./TcbLevels.sol";
import {Standing, TcbStatus} from "../../types/Attestation.sol";
import {Collateral, PckCa} from "../../types/Collateral.sol";
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
        Leaf memory leaf = facts.leaf;
        bytes32 name = leaf.ca == PckCa.Platform ? IntelNames.PLATFORM_CA : IntelNames.PROCESSOR_CA;
        leaf.caGeneration = store.issuerOf(name, facts.caX, facts.caY).generation;
        Collateral memory collateral = _collateralOf(leaf, store.evaluationFloor());
        bool isCaRevoked = store.isCaRevoked(leaf.ca, leaf.caGeneration);
        (standing, tcbStatus) = _standing(leaf, facts.qeFacts, contents, collateral, isCaRevoked);
        platformId = leaf.platformId;
    }

    /// @inheritdoc IAttestationVerifier
    function dispute(bytes32, bytes32, bytes calldata) external pure override returns (Standing) {
        revert DcapVerifierNothingToDispute();
    }

    /// @inheritdoc IAttestationVerifier
    function disputeTime() external pure override returns (uint256) {
        return 0;
    }

    function _collateralOf(Leaf memory leaf, uint16 number) private view returns (Collateral memory) {
        return store.collateralOf(leaf.ca, leaf.caGeneration, leaf.fmspc, leaf.pceId, number);
    }

    /// @dev What a document in the store says is revoked is, however old that document; any other answer needs
    /// collateral that holds now, and so does that a platform or QE is below every level, where Intel no longer vouches
    /// for it. Contents that the store does not hold are not looked at.
    function _standing(
        Leaf memory leaf,
        bytes memory qeFacts,
        DcapEvidence.Contents memory contents,
        Collateral memory collateral,
        bool isRevoked
    ) private view returns (Standing, TcbStatus) {
        // The end is 0 if a document is missing, the number is below the floor, or the CA's key is not in force.
        bool isInForce = block.timestamp <= collateral.validUntil;
        if (collateral.revocations != 0 && ShownContents.isListed(contents, leaf.serial, collateral.revocations)) {
            isRevoked = true;
        }
        TcbStatus platformStatus;
        if (collateral.tcbLevels != 0) {
            bytes memory levels = ShownContents.levels(contents, collateral.tcbLevels);
            platformStatus = TcbLevels.statusOfPlatform(levels, leaf.components, leaf.pceSvn);
            if (_isOut(platformStatus, isInForce)) isRevoked = true;
        }
        TcbStatus qeStatus;
        if (collateral.qeIdentity != 0) {
            bytes memory qeIdentity = ShownContents.qeIdentity(contents, collateral.qeIdentity);
            if (TcbLevels.isQe(qeIdentity, qeFacts)) qeStatus = TcbLevels.statusOfQe(qeIdentity, qeFacts);
            if (_isOut(qeStatus, isInForce)) isRevoked = true;
        }
        if (isRevoked) return (Standing.Revoked, TcbStatus.None);
        if (!isInForce) return (Standing.Undecided, TcbStatus.None);
        return (Standing.Holds, TcbLevels.converge(platformStatus, qeStatus));
    }

    /// @dev Whether a status is as good as a revocation: an explicit one always, none only under an edition in force.
    function _isOut(TcbStatus status, bool isInForce) private pure returns (bool) {
        return status == TcbStatus.Revoked || (isInForce && status == TcbStatus.None);
    }
}
