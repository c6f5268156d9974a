// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ValidatorSignature} from "../../../contracts/types/Validator.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {chooseKey, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice The keys that validators sign by.
contract ValidatorSetKeysTest is ValidatorFixture {
    bytes32 private constant DIGEST = keccak256("digest");
    address private _account;
    uint256 private _own;

    function setUp() public {
        deployValidatorSet();
        nameSlasher(set, address(this));
        (_account, _own) = makeAccount("account");
        joinSet(set, _account, MINIMUM_STAKE);
    }

    function test_HashIsThatOfTheTypedData() external view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputingPower.ValidatorSet"),
                keccak256("1"),
                block.chainid,
                address(set)
            )
        );
        bytes32 structHash = keccak256(abi.encode(keccak256("SigningKey(address validator)"), _account));
        bytes32 expected = keccak256(abi.encodePacked("\x19\x01", domain, structHash));
        assertEq(set.hashSigningKey(_account), expected, "hash");
    }

    function test_TheChosenKeySignsAlone() external {
        assertEq(set.signingKeyOf(_account), _account, "own");
        _check(_own);
        (address expected, uint256 key) = makeAccount("key");
        bytes memory consent = signature(key, set.hashSigningKey(_account));
        vm.expectEmit(address(set));
        emit IValidatorSet.SigningKeySet(_account, expected);
        vm.prank(_account);
        set.setSigningKey(expected, consent);
        assertEq(set.signingKeyOf(_account), expected, "chosen");
        _check(key);
        _expectRefused(_own);
        uint256 next = chooseKey(set, _account, "next key");
        _check(next);
        _expectRefused(key);
    }

    /// @notice Otherwise whoever stole the key that was given up would speak for the account again.
    function test_TheChoiceOutlivesTheStake() external {
        uint256 key = chooseKey(set, _account, "key");
        vm.prank(_account);
        set.exit();
        vm.warp(block.timestamp + EXIT_DELAY);
        set.release(_account);
        joinSet(set, _account, MINIMUM_STAKE);
        _check(key);
        _expectRefused(_own);
    }

    function test_RevertWhen_TheKeyIsTaken() external {
        (address key, uint256 secret) = makeAccount("key");
        chooseKey(set, _account, "key");
        chooseKey(set, _account, "next key");
        address[2] memory accounts = [_account, alice];
        for (uint256 i; i < accounts.length; ++i) {
            bytes memory consent = signature(secret, set.hashSigningKey(accounts[i]));
            _expectRefusedKey(accounts[i], key, consent, IValidatorSet.ValidatorSetKeyTaken.selector);
        }
        bytes memory own = signature(_own, set.hashSigningKey(_account));
        _expectRefusedKey(_account, _account, own, IValidatorSet.ValidatorSetKeyTaken.selector);
    }

    /// @notice Nobody takes another's key before it has it.
    function test_RevertWhen_TheKeyDidNotAgree() external {
        (address key, uint256 secret) = makeAccount("key");
        bytes4 selector = IValidatorSet.ValidatorSetInvalidKeySignature.selector;
        _expectRefusedKey(alice, key, signature(secret, set.hashSigningKey(_account)), selector);
        _expectRefusedKey(alice, key, signature(_own, set.hashSigningKey(alice)), selector);
        _expectRefusedKey(alice, key, "", selector);
        _expectRefusedKey(alice, address(0), "", selector);
    }

    /// @notice What a key signed counts up to the second in which it was given up, and that of the key in force always.
    function test_AKeyCountsUntilItIsGivenUp() external {
        uint256 first = chooseKey(set, _account, "first");
        uint256 second = START + 10;
        vm.warp(second);
        uint256 last = chooseKey(set, _account, "last");
        assertTrue(_isSigned(_own, START), "own key");
        assertTrue(!_isSigned(_own, START + 1), "own key, given up");
        assertTrue(_isSigned(first, second), "first key");
        assertTrue(!_isSigned(first, second + 1), "first key, given up");
        assertTrue(_isSigned(last, START), "last key, of what was before");
        assertTrue(_isSigned(last, second + 365 days), "last key");
        (, uint256 stranger) = makeAccount("stranger");
        assertTrue(!_isSigned(stranger, second), "a stranger's");
        assertTrue(!set.isSignedBy(alice, DIGEST, signature(last, DIGEST), second), "of another account");
        assertTrue(!set.isSignedBy(_account, DIGEST, "", second), "no signature");
        assertTrue(!set.isSignedBy(address(0), DIGEST, "", second), "nobody's");
    }

    function _isSigned(uint256 key, uint256 time) private view returns (bool) {
        return set.isSignedBy(_account, DIGEST, signature(key, DIGEST), time);
    }

    function _check(uint256 key) private view {
        ValidatorSignature[] memory signed = new ValidatorSignature[](1);
        signed[0] = ValidatorSignature(_account, signature(key, DIGEST));
        assertEq(set.checkQuorum(DIGEST, block.number, signed)[0], MINIMUM_STAKE, "stake");
    }

    function _expectRefused(uint256 key) private {
        ValidatorSignature[] memory signed = new ValidatorSignature[](1);
        signed[0] = ValidatorSignature(_account, signature(key, DIGEST));
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSignature.selector, _account));
        set.checkQuorum(DIGEST, block.number, signed);
    }

    function _expectRefusedKey(address account, address key, bytes memory consent, bytes4 selector) private {
        vm.expectRevert(abi.encodeWithSelector(selector, key));
        vm.prank(account);
        set.setSigningKey(key, consent);
    }
}
