// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {ICollateralStore} from "../interfaces/ICollateralStore.sol";
import {IDcapVerifier} from "../interfaces/IDcapVerifier.sol";
import {IQuoteJudge} from "../interfaces/IQuoteJudge.sol";
import {P256} from "../libraries/P256.sol";
import {Attestation, Standing, TcbStatus} from "../types/Attestation.sol";
import {DcapJudge} from "./DcapJudge.sol";

/// @title JudgeCalls
/// @notice Hands on to {DcapJudge} what changes nothing, and names the store that both work on.
abstract contract JudgeCalls is IDcapVerifier {
    /// @inheritdoc IDcapVerifier
    ICollateralStore public immutable override store;

    DcapJudge private immutable _judge;

    /// @param store_ Deployed by the contract itself, so that no other root can be behind its name.
    constructor(ICollateralStore store_) {
        if (!P256.isAvailable()) revert DcapVerifierNoPrecompile();
        store = store_;
        _judge = new DcapJudge(store_);
    }

    /// @inheritdoc IAttestationVerifier
    function recheck(bytes calldata) external view override returns (bytes32, bytes32, Standing, TcbStatus) {
        _handOn();
    }

    /// @inheritdoc IQuoteJudge
    function judge(
        bytes calldata,
        bytes calldata,
        bytes32,
        Attestation calldata,
        bytes32
    ) external view override returns (Standing) {
        _handOn();
    }

    /// @inheritdoc IQuoteJudge
    function review(bytes calldata, bytes calldata) external view override returns (bytes32, Standing, TcbStatus) {
        _handOn();
    }

    /// @inheritdoc IAttestationVerifier
    function dispute(bytes32, bytes32, bytes calldata) external pure override returns (Standing) {
        revert DcapVerifierNothingToDispute();
    }

    /// @dev Asks the judge the very question that was asked here, and answers as it does.
    function _handOn() private view {
        (bool isAnswered, bytes memory answer) = address(_judge).staticcall(msg.data);
        // Without a reason it ran out of gas, or could not even decode the question.
        if (answer.length == 0) revert DcapVerifierJudgeFailed(answer);
        assembly ("memory-safe") {
            let start := add(answer, 0x20)
            if isAnswered {
                return(start, mload(answer))
            }
            revert(start, mload(answer))
        }
    }
}
