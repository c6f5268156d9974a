// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuoteJudge} from "../interfaces/IQuoteJudge.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title MockJudge
/// @notice A judge that gives the answers set for it, for tests. It can be deployed on local chains only.
contract MockJudge is IQuoteJudge {
    uint256 private constant LOCAL_CHAIN_ID = 31_337;

    /// @dev What {review} answers for a quote; it reverts if the platform is zero.
    struct Review {
        bytes32 platformId;
        Standing standing;
        TcbStatus tcbStatus;
    }

    /// @notice What {judge} answers for a quote, by `keccak256(quote)`; `Undecided` unless set.
    mapping(bytes32 quoteHash => Standing) public standingOf;

    /// @notice Whether {judge} cannot read a quote, by `keccak256(quote)`.
    mapping(bytes32 quoteHash => bool) public isUnreadable;

    mapping(bytes32 quoteHash => Review) private _reviews;

    /// @notice The answer for a quote was set.
    /// @param quoteHash keccak256 of the quote.
    /// @param standing The answer.
    event StandingSet(bytes32 indexed quoteHash, Standing standing);
    /// @notice Whether a quote can be read was set.
    /// @param quoteHash keccak256 of the quote.
    /// @param unreadable Whether it cannot.
    event UnreadableSet(bytes32 indexed quoteHash, bool unreadable);
    /// @notice The review of a quote was set.
    /// @param quoteHash keccak256 of the quote.
    /// @param platformId The platform that it answers.
    /// @param standing The standing that it answers.
    /// @param tcbStatus The TCB status that it answers.
    event ReviewSet(bytes32 indexed quoteHash, bytes32 platformId, Standing standing, TcbStatus tcbStatus);

    /// @notice The chain is not a local one.
    /// @param chainId The chain's id.
    error MockJudgeNotLocal(uint256 chainId);
    /// @notice Nobody set a review of this quote.
    /// @param quoteHash keccak256 of the quote.
    error MockJudgeNoReview(bytes32 quoteHash);

    /// @notice Refuses every chain but the local one.
    /// @dev Errors: {MockJudgeNotLocal}.
    constructor() {
        if (block.chainid != LOCAL_CHAIN_ID) revert MockJudgeNotLocal(block.chainid);
    }

    /// @notice Sets what {judge} answers for a quote. Anyone may call.
    /// @dev Emits {StandingSet}.
    /// @param quoteHash keccak256 of the quote.
    /// @param standing The answer.
    function setStanding(bytes32 quoteHash, Standing standing) external {
        standingOf[quoteHash] = standing;
        emit StandingSet(quoteHash, standing);
    }

    /// @notice Sets whether {judge} cannot read a quote. Anyone may call.
    /// @dev Emits {UnreadableSet}.
    /// @param quoteHash keccak256 of the quote.
    /// @param unreadable Whether it cannot.
    function setUnreadable(bytes32 quoteHash, bool unreadable) external {
        isUnreadable[quoteHash] = unreadable;
        emit UnreadableSet(quoteHash, unreadable);
    }

    /// @notice Sets what {review} answers for a quote. A platform of zero makes it revert again. Anyone may call.
    /// @dev Emits {ReviewSet}.
    /// @param quoteHash keccak256 of the quote.
    /// @param platformId The platform to answer.
    /// @param standing The standing to answer.
    /// @param tcbStatus The TCB status to answer.
    function setReview(bytes32 quoteHash, bytes32 platformId, Standing standing, TcbStatus tcbStatus) external {
        _reviews[quoteHash] = Review({platformId: platformId, standing: standing, tcbStatus: tcbStatus});
        emit ReviewSet(quoteHash, platformId, standing, tcbStatus);
    }

    /// @inheritdoc IQuoteJudge
    function judge(
        bytes calldata quote,
        bytes calldata,
        bytes32,
        Attestation calldata claim,
        bytes32
    ) external view returns (Standing) {
        bytes32 quoteHash = keccak256(quote);
        if (isUnreadable[quoteHash]) return Standing.Undecided;
        // No quote says nothing at all.
        return claim.mrEnclave == 0 ? Standing.Disproven : standingOf[quoteHash];
    }

    /// @inheritdoc IQuoteJudge
    function review(bytes calldata quote, bytes calldata) external view returns (bytes32, Standing, TcbStatus) {
        bytes32 quoteHash = keccak256(quote);
        Review memory answer = _reviews[quoteHash];
        if (answer.platformId == 0) revert MockJudgeNoReview(quoteHash);
        return (answer.platformId, answer.standing, answer.tcbStatus);
    }
}
