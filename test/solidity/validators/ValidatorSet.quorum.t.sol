// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {ContractSigner} from "./ContractSigner.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {ascendingKeys, signaturesOf} from "./ValidatorKeys.sol";
import {joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Whose signatures make a quorum.
contract ValidatorSetQuorumTest is ValidatorFixture {
    bytes32 private constant DIGEST = keccak256("digest");
    uint256[] private _keys;

    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
        _keys = ascendingKeys(5);
    }

    function test_QuorumOfTwoThirdsPasses() external {
        _joinKeys(3, 100 ether);
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 2, DIGEST));
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 1, 2, DIGEST));
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 3, DIGEST));
    }

    function test_RevertWhen_SignersHoldTooLittle() external {
        _joinKeys(5, 100 ether);
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 4, DIGEST));
        vm.expectRevert(_noQuorum(300 ether, 500 ether));
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 3, DIGEST));
        vm.expectRevert(_noQuorum(0, 500 ether));
        set.checkQuorum(DIGEST, block.number, new ValidatorSignature[](0));
    }

    function test_QuorumIsExactToTheUnit() external {
        joinSet(set, vm.addr(_keys[0]), 200 ether + 1);
        joinSet(set, vm.addr(_keys[1]), 100 ether + 1);
        vm.expectRevert(_noQuorum(200 ether + 1, 300 ether + 2));
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 1, DIGEST));
        joinSet(set, vm.addr(_keys[0]), 1);
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 1, DIGEST));
    }

    /// @notice In the signers' order, which is not that of their joining, and as much as each has now.
    function test_QuorumSaysWhatEachSignerHasAtStake() external {
        joinSet(set, vm.addr(_keys[2]), 500 ether);
        joinSet(set, vm.addr(_keys[0]), 300 ether);
        joinSet(set, vm.addr(_keys[1]), 100 ether);
        uint256[] memory stakes = set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 3, DIGEST));
        _assertStakes(stakes, [uint256(300 ether), 100 ether, 500 ether]);

        joinSet(set, vm.addr(_keys[1]), 7);
        stakes = set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 3, DIGEST));
        _assertStakes(stakes, [uint256(300 ether), 100 ether + 7, 500 ether]);

        // Who does not sign is not among them.
        stakes = set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 1, 2, DIGEST));
        assertEq(stakes.length, 2, "signers");
        assertEq(stakes[0], 100 ether + 7, "first");
        assertEq(stakes[1], 500 ether, "second");
    }

    function test_RevertGiven_SetIsEmpty() external {
        vm.expectRevert(_noQuorum(0, 0));
        set.checkQuorum(DIGEST, block.number, new ValidatorSignature[](0));
    }

    function test_RevertGiven_SignerIsExiting() external {
        _joinKeys(3, 100 ether);
        vm.prank(vm.addr(_keys[0]));
        set.exit();
        vm.expectRevert(notActive(vm.addr(_keys[0])));
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 3, DIGEST));
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 1, 2, DIGEST));
    }

    function test_RevertWhen_SignersAreNotAscending() external {
        _joinKeys(3, 100 ether);
        ValidatorSignature[] memory signed = signaturesOf(_keys, 0, 3, DIGEST);
        (signed[1], signed[2]) = (signed[2], signed[1]);
        vm.expectRevert(_unordered(signed[1].validator, signed[2].validator));
        set.checkQuorum(DIGEST, block.number, signed);

        signed[2] = signed[1];
        vm.expectRevert(_unordered(signed[1].validator, signed[1].validator));
        set.checkQuorum(DIGEST, block.number, signed);

        signed[0].validator = address(0);
        vm.expectRevert(_unordered(address(0), address(0)));
        set.checkQuorum(DIGEST, block.number, signed);
    }

    function test_RevertWhen_SignatureIsNotTheValidators() external {
        _joinKeys(3, 100 ether);
        ValidatorSignature[] memory signed = signaturesOf(_keys, 0, 3, DIGEST);
        signed[1].signature = signature(_keys[1], keccak256("another digest"));
        _expectInvalidSignature(signed, 1);
        signed[1].signature = signature(_keys[2], DIGEST);
        _expectInvalidSignature(signed, 1);
        signed[1].signature = "";
        _expectInvalidSignature(signed, 1);
        signed[1].signature = abi.encodePacked(signed[0].signature, uint8(0));
        _expectInvalidSignature(signed, 1);
    }

    /// @notice A contract could sign for itself both ways, and disown it later.
    function test_RevertWhen_AContractSignsForItself() external {
        ContractSigner signer = new ContractSigner(vm.addr(_keys[0]));
        joinSet(set, address(signer), 100 ether);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[0], DIGEST);
        ValidatorSignature[] memory signed = new ValidatorSignature[](1);
        bytes[2] memory forms = [abi.encode(r, s, v), abi.encodePacked(r, s, v)];
        for (uint256 i; i < forms.length; ++i) {
            signed[0] = ValidatorSignature({validator: address(signer), signature: forms[i]});
            _expectInvalidSignature(signed, 0);
        }
    }

    /// @dev By EIP-7702 an account keeps its key while it carries code.
    function test_AccountsWithCodeStillSignByKey() external {
        _joinKeys(3, 100 ether);
        vm.etch(vm.addr(_keys[0]), hex"00");
        set.checkQuorum(DIGEST, block.number, signaturesOf(_keys, 0, 2, DIGEST));
    }

    function testFuzz_QuorumIsTwoThirdsOfTheActiveStake(uint256[5] memory stakes, uint8 who) external {
        uint256 total;
        uint256 signedStake;
        uint256 count;
        ValidatorSignature[] memory signed = new ValidatorSignature[](5);
        for (uint256 i = 0; i < 5; ++i) {
            stakes[i] = bound(stakes[i], MINIMUM_STAKE, 1e27);
            joinSet(set, vm.addr(_keys[i]), stakes[i]);
            total += stakes[i];
            if ((who >> i) & 1 == 0) continue;
            signed[count++] = signaturesOf(_keys, i, 1, DIGEST)[0];
            signedStake += stakes[i];
        }
        assembly ("memory-safe") {
            mstore(signed, count)
        }
        if (signedStake < (total * 2 + 2) / 3) {
            vm.expectRevert(_noQuorum(signedStake, total));
            set.checkQuorum(DIGEST, block.number, signed);
            return;
        }
        uint256[] memory signerStakes = set.checkQuorum(DIGEST, block.number, signed);
        assertEq(signerStakes.length, count, "signers");
        for (uint256 i = 5; i > 0; --i) {
            if ((who >> (i - 1)) & 1 == 1) assertEq(signerStakes[--count], stakes[i - 1], "stake");
        }
    }

    function _joinKeys(uint256 count, uint256 stake) private {
        for (uint256 i = 0; i < count; ++i) joinSet(set, vm.addr(_keys[i]), stake);
    }

    function _assertStakes(uint256[] memory actual, uint256[3] memory expected) private pure {
        assertEq(actual.length, 3, "signers");
        for (uint256 i = 0; i < 3; ++i) assertEq(actual[i], expected[i], "stake");
    }

    function _expectInvalidSignature(ValidatorSignature[] memory signed, uint256 index) private {
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSignature.selector, signed[index].validator)
        );
        set.checkQuorum(DIGEST, block.number, signed);
    }

    function _noQuorum(uint256 signedStake, uint256 active) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, signedStake, active);
    }

    function _unordered(address previous, address current) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorSet.ValidatorSetUnorderedSigners.selector, previous, current);
    }
}
