// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../interfaces/ICollateralStore.sol";
import {IQuoteJudge} from "../interfaces/IQuoteJudge.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";
import {CollateralBasis, PckCa} from "../types/Collateral.sol";

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

    /// @dev What {listsOf} answers.
    struct Lists {
        uint16 floor;
        uint40 rootCrlIssuedAt;
        uint40 pckCrlIssuedAt;
    }

    /// @notice What {judge} answers for a quote, by `keccak256(quote)`; `Undecided` unless set.
    mapping(bytes32 quoteHash => Standing) public standingOf;

    /// @notice Whether {judge} cannot read a quote, by `keccak256(quote)`.
    mapping(bytes32 quoteHash => bool) public isUnreadable;

    mapping(bytes32 quoteHash => Review) private _reviews;
    Lists private _lists;

    /// @notice The answer for a quote was set.
    /// @param quoteHash keccak256 of the quote.
    /// @param standing The answer.
    event StandingSet(bytes32 indexed quoteHash, Standing standing);
    /// @notice Whether a quote can be read was set.
    /// @param quoteHash keccak256 of the quote.
    /// @param unreadable Whether it cannot.
    event UnreadableSet(bytes32 indexed quoteHash, bool unreadable);
    /// @notice The answer about lists was set.
    /// @param floor The floor that it answers.
    /// @param rootCrlIssuedAt What it answers of the Root CRL.
    /// @param pckCrlIssuedAt What it answers of a CA's CRL.
    event ListsSet(uint16 floor, uint40 rootCrlIssuedAt, uint40 pckCrlIssuedAt);
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

    /// @notice Sets what {listsOf} answers for both CAs. Anyone may call.
    /// @dev Emits {ListsSet}.
    /// @param floor The floor to answer.
    /// @param rootCrlIssuedAt Unix seconds to answer of the Root CRL.
    /// @param pckCrlIssuedAt Unix seconds to answer of a CA's CRL.
    function setLists(uint16 floor, uint40 rootCrlIssuedAt, uint40 pckCrlIssuedAt) external {
        _lists = Lists({floor: floor, rootCrlIssuedAt: rootCrlIssuedAt, pckCrlIssuedAt: pckCrlIssuedAt});
        emit ListsSet(floor, rootCrlIssuedAt, pckCrlIssuedAt);
    }

    /// @inheritdoc IQuoteJudge
    function store() external view returns (ICollateralStore) {
        return ICollateralStore(address(this));
    }

    /// @notice Answers as {ICollateralStore-listsOf}, which is all that this store can.
    /// @return floor The floor that was set.
    /// @return rootCrlIssuedAt What was set of the Root CRL.
    /// @return pckCrlIssuedAt What was set of a CA's CRL.
    function listsOf(PckCa) external view returns (uint16 floor, uint40 rootCrlIssuedAt, uint40 pckCrlIssuedAt) {
        Lists memory lists = _lists;
        return (lists.floor, lists.rootCrlIssuedAt, lists.pckCrlIssuedAt);
    }

    /// @inheritdoc IQuoteJudge
    function judge(
        bytes calldata quote,
        bytes calldata,
        bytes32,
        Attestation calldata claim,
        CollateralBasis calldata
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
