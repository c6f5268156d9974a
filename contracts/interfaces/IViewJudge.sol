// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IValidatorSet} from "./IValidatorSet.sol";
import {ChainView} from "../types/ChainView.sol";

/// @title IViewJudge
/// @notice Slashes validators that said of two blocks that they have the same number.
///
/// @dev Who sees no chain, such as an enclave, believes a block that two thirds of the validators' stake signed. A validator
/// signs a block once it is final, so one that signed two of a number has lied about one of them. The contract sees neither:
/// both signatures together are the proof, whichever block was true.
interface IViewJudge {
    /// @notice A validator was slashed for what it signed of a number.
    /// @param validator The validator.
    /// @param number The blocks' number.
    /// @param reporter The caller that reported it.
    /// @param amount Token base units taken.
    event ViewsSlashed(address indexed validator, uint64 indexed number, address indexed reporter, uint256 amount);

    /// @notice The two views do not contradict each other: they are of two numbers, or the same.
    /// @param first The first view.
    /// @param second The second view.
    error ViewJudgeNoConflict(ChainView first, ChainView second);
    /// @notice The signature is not the validator's over this view.
    /// @param validator The validator.
    /// @param chainView The view.
    error ViewJudgeInvalidSignature(address validator, ChainView chainView);
    /// @notice The validator was slashed for this number already.
    /// @param validator The validator.
    /// @param number The blocks' number.
    error ViewJudgeAlreadySlashed(address validator, uint64 number);

    /// @notice Returns the set of validators. Immutable.
    /// @return The validator set.
    function validators() external view returns (IValidatorSet);

    /// @notice Returns the EIP-712 hash that a validator signs of a block: `ChainView(uint64 number,bytes32 blockHash)`.
    /// @param chainView The view.
    /// @return The hash.
    function hashView(ChainView calldata chainView) external view returns (bytes32);

    /// @notice Has a validator slashed that signed two blocks of one number, once for each number that the chain has reached. Two
    /// blocks that are still to come cost it again each time they are reported, as long as stake is left. Anyone may call, as
    /// long as the validator's stake is locked. A key that it gave up counts for {IValidatorSet-exitDelay} longer.
    /// @dev Emits {ViewsSlashed}, unless no stake is left.
    ///
    /// Requirements:
    /// - The views are of the same number, and of two blocks ({ViewJudgeNoConflict}).
    /// - The validator was not slashed for this number before, since the chain has reached it ({ViewJudgeAlreadySlashed}).
    /// - Both signatures are the validator's ({ViewJudgeInvalidSignature}).
    /// @param validator The validator.
    /// @param first A view.
    /// @param firstSignature The validator's signature over its {hashView}.
    /// @param second Another view of the same number.
    /// @param secondSignature The validator's signature over its {hashView}.
    /// @return amount Token base units slashed; 0 if no stake is left.
    function reportConflict(
        address validator,
        ChainView calldata first,
        bytes calldata firstSignature,
        ChainView calldata second,
        bytes calldata secondSignature
    ) external returns (uint256 amount);
}
