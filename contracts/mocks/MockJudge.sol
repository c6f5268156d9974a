// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";

/// @title MockJudge
/// @notice A judge that says what it was told to, for local networks; it cannot be deployed anywhere else.
contract MockJudge is IAttestationVerifier {
    uint256 private constant LOCAL_CHAIN_ID = 31_337;

    /// @notice What {judge} answers for a quote, by `keccak256(quote)`; `Undecided` unless set.
    mapping(bytes32 quoteHash => Standing) public standingOf;

    /// @notice The answer for a quote was set.
    event StandingSet(bytes32 indexed quoteHash, Standing standing);

    /// @notice The chain is no local one.
    error MockJudgeNotLocal(uint256 chainId);
    /// @notice It verifies no evidence; it only judges.
    error MockJudgeCannotVerify();

    /// @notice Refuses every chain but the local one.
    /// @dev Errors: {MockJudgeNotLocal}.
    constructor() {
        if (block.chainid != LOCAL_CHAIN_ID) revert MockJudgeNotLocal(block.chainid);
    }

    /// @notice Sets what {judge} answers for a quote. Anyone may call.
    /// @dev Emits {StandingSet}.
    function setStanding(bytes32 quoteHash, Standing standing) external {
        standingOf[quoteHash] = standing;
        emit StandingSet(quoteHash, standing);
    }

    /// @inheritdoc IAttestationVerifier
    function judge(
        bytes calldata quote,
        bytes calldata,
        bytes32,
        Attestation calldata,
        bytes32
    ) external view returns (Standing) {
        return standingOf[keccak256(quote)];
    }

    /// @inheritdoc IAttestationVerifier
    function verify(bytes calldata, bytes32) external pure returns (Attestation memory) {
        revert MockJudgeCannotVerify();
    }

    /// @inheritdoc IAttestationVerifier
    function recheck(bytes32, bytes32, bytes calldata) external pure returns (Standing, TcbStatus) {
        revert MockJudgeCannotVerify();
    }
}
