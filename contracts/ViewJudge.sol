// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IValidatorSet} from "./interfaces/IValidatorSet.sol";
import {IViewJudge} from "./interfaces/IViewJudge.sol";
import {ChainView} from "./types/ChainView.sol";

/// @title ViewJudge
/// @notice See {IViewJudge}.
contract ViewJudge is IViewJudge, EIP712 {
    bytes32 private constant VIEW_TYPEHASH = keccak256("ChainView(uint64 number,bytes32 blockHash)");

    /// @inheritdoc IViewJudge
    IValidatorSet public immutable validators;

    mapping(address validator => mapping(uint64 number => bool)) private _isSlashed;

    /// @notice Binds the judge to a validator set, whose deployer must then name it a slasher.
    /// @param validators_ The validators.
    constructor(IValidatorSet validators_) EIP712("ViewJudge", "1") {
        validators = validators_;
    }

    /// @inheritdoc IViewJudge
    function reportConflict(
        address validator,
        ChainView calldata first,
        bytes calldata firstSignature,
        ChainView calldata second,
        bytes calldata secondSignature
    ) external returns (uint256 amount) {
        uint64 number = first.number;
        bool isConflict = number == second.number && first.blockHash != second.blockHash;
        if (!isConflict) revert ViewJudgeNoConflict(first, second);
        if (_isSlashed[validator][number]) revert ViewJudgeAlreadySlashed(validator, number);
        _checkSigned(validator, first, firstSignature);
        _checkSigned(validator, second, secondSignature);
        amount = validators.slash(validator);
        // Otherwise a validator could be reported before it joins, and then sign whatever it likes.
        if (amount == 0) return 0;
        // Nobody honest signs a block that is still to come, and being reported for one must not free anybody to sign it.
        if (number <= block.number) _isSlashed[validator][number] = true;
        emit ViewsSlashed(validator, number, msg.sender, amount);
    }

    /// @inheritdoc IViewJudge
    function hashView(ChainView calldata chainView) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VIEW_TYPEHASH, chainView.number, chainView.blockHash)));
    }

    function _checkSigned(address validator, ChainView calldata chainView, bytes calldata signature) private view {
        uint256 time = block.timestamp - validators.exitDelay();
        if (!validators.isSignedBy(validator, hashView(chainView), signature, time)) {
            revert ViewJudgeInvalidSignature(validator, chainView);
        }
    }
}
