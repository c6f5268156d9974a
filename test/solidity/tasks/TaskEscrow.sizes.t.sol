// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DatasetRequest, TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {ascendingKeys} from "../validators/ValidatorKeys.sol";
import {joinSet} from "../validators/ValidatorStaking.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";

/// @notice The largest tasks there can be: sixteen datasets and thirty-two signers, none of whom ever had a balance.
contract TaskEscrowSizesTest is TaskFixture {
    uint256 private constant MOST_GAS = 5_000_000;
    uint256 private constant DATASETS = 16;
    uint256 private constant SIGNERS = 32;

    uint256 private _published;
    uint256 private _accepted;
    uint256 private _submitted;

    /// @dev All up to the ends stands here: a test is a transaction of its own, whose slots are cold.
    function setUp() public {
        deployTasks();
        keys = ascendingKeys(SIGNERS);
        for (uint256 i; i < SIGNERS; ++i) {
            if (!validators.isActive(validatorAt(i))) joinSet(validators, validatorAt(i), stakeAt(i));
        }
        for (uint256 i = 2; i < DATASETS; ++i) {
            registerDataset(_ownerOf(i), PRICE + uint96(i));
            grantTo(NODE, i + 1);
        }
        _published = publish(_largestRequest());
        _accepted = publish(_largestRequest());
        acceptAs(provider, _accepted);
        _submitted = publish(_largestRequest());
        acceptAs(provider, _submitted);
        vm.warp(START + LEAST_DURATION);
        submit(_submitted);
        showResult(_submitted);
    }

    function test_ValidFits() external {
        _assertFits(
            address(escrow),
            abi.encodeCall(escrow.finalize, (_submitted, TaskStatus.Valid, _all(TaskStatus.Valid)))
        );
        for (uint256 i; i < DATASETS; ++i) assertEq(escrow.balanceOf(_ownerOf(i)), _priceAt(i), "owner");
        _assertShares(true);
        assertEq(escrow.balanceOf(provider), NODE_FEE, "provider");
    }

    function test_InvalidFits() external {
        _assertFits(
            address(escrow),
            abi.encodeCall(escrow.finalize, (_submitted, TaskStatus.Invalid, _all(TaskStatus.Invalid)))
        );
        for (uint256 i; i < DATASETS; ++i) assertEq(vault.freeStakeOf(_ownerOf(i)), _priceAt(i), "owner");
        _assertShares(false);
        assertEq(vault.freeStakeOf(treasury), REST, "treasury");
        assertEq(escrow.balanceOf(requester), _ownersFee() + NODE_FEE + VALIDATOR_FEE, "requester");
    }

    function test_LateFits() external {
        vm.warp(RESULT_BY + 1);
        _assertFits(address(escrow), abi.encodeCall(escrow.expire, (_accepted)));
        for (uint256 i; i < DATASETS; ++i) assertEq(vault.freeStakeOf(_ownerOf(i)), _priceAt(i), "owner");
        assertEq(vault.freeStakeOf(treasury), uint256(REST) + VALIDATOR_FEE, "treasury");
    }

    function test_UnjudgedFits() external {
        vm.warp(VERDICT_BY + 1);
        _assertFits(address(escrow), abi.encodeCall(escrow.expire, (_submitted)));
        for (uint256 i; i < DATASETS; ++i) assertEq(escrow.balanceOf(_ownerOf(i)), _priceAt(i), "owner");
    }

    function test_AbortFits() external {
        bytes memory signed = signature(enclaveKey, abortDigest(_accepted));
        _assertFits(address(escrow), abi.encodeCall(escrow.abort, (_accepted, signed)));
        for (uint256 i; i < DATASETS; ++i) assertEq(escrow.balanceOf(_ownerOf(i)), _priceAt(i), "owner");
    }

    function test_PublishAcceptAndCancelFit() external {
        bytes memory publication = abi.encodeCall(escrow.publish, (_largestRequest()));
        vm.prank(requester);
        _assertFits(address(escrow), publication);
        bytes memory call = abi.encodeCall(escrow.cancel, (_published + 3, nameOf(_published + 3)));
        vm.prank(requester);
        _assertFits(address(escrow), call);
        call = abi.encodeCall(escrow.accept, (_published, nameOf(_published), enclave));
        vm.prank(provider);
        _assertFits(address(escrow), call);
        assertStatus(_published, TaskStatus.Accepted);
        assertStatus(_published + 3, TaskStatus.Cancelled);
    }

    function test_SharesOfThirtyTwoSumToTheFee() external {
        escrow.finalize(_submitted, TaskStatus.Valid, _all(TaskStatus.Valid));
        uint256 total;
        for (uint256 i; i < SIGNERS; ++i) total += escrow.balanceOf(validatorAt(i));
        assertEq(total, VALIDATOR_FEE, "fee");
    }

    /// @dev The gas of a call, with what its data costs in a transaction of its own.
    function _assertFits(address target, bytes memory data) private {
        uint256 gas = 21_000;
        for (uint256 i; i < data.length; ++i) gas += data[i] == 0 ? 4 : 16;
        uint256 left = gasleft();
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = target.call(data);
        gas += left - gasleft();
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        assertLe(gas, MOST_GAS, "gas");
    }

    function _assertShares(bool onLedger) private view {
        uint256 signedStake;
        for (uint256 i; i < SIGNERS; ++i) signedStake += validators.getValidator(validatorAt(i)).stake;
        uint256 rest = VALIDATOR_FEE;
        for (uint256 i; i < SIGNERS; ++i) {
            address account = validatorAt(i);
            uint256 share = (uint256(VALIDATOR_FEE) * validators.getValidator(account).stake) / signedStake;
            if (i + 1 == SIGNERS) share = rest;
            rest -= share;
            assertEq(onLedger ? escrow.balanceOf(account) : vault.freeStakeOf(account), share, "share");
        }
    }

    function _all(TaskStatus verdict) private view returns (ValidatorSignature[] memory) {
        return signaturesOf(keys, 0, SIGNERS, verdictDigest(_submitted, 0, verdict));
    }

    function _largestRequest() private view returns (TaskRequest memory request) {
        request = aRequest();
        request.datasets = new DatasetRequest[](DATASETS);
        for (uint256 i; i < DATASETS; ++i) request.datasets[i] = useOf(i + 1, _priceAt(i));
        request.stakeLock = uint96(_ownersFee() + VALIDATOR_FEE + REST);
        request.inputUri = string(new bytes(256));
    }

    function _ownerOf(uint256 index) private view returns (address) {
        if (index < 2) return index == 0 ? owner : otherOwner;
        return address(uint160(0xDA7A00 + index));
    }

    function _priceAt(uint256 index) private pure returns (uint96) {
        if (index < 2) return index == 0 ? PRICE : OTHER_PRICE;
        return PRICE + uint96(index);
    }

    function _ownersFee() private pure returns (uint256 total) {
        for (uint256 i; i < DATASETS; ++i) total += _priceAt(i);
    }
}
