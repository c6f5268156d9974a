// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IUserRegistry} from "../../contracts/interfaces/IUserRegistry.sol";
import {EncryptionKey, KeyScheme} from "../../contracts/types/EncryptionKey.sol";
import {Test} from "./utils/Test.sol";

/// @notice Users' keys, set directly and by signature.
contract UserRegistryTest is Test {
    IUserRegistry private _registry;

    address private constant CARRIER = address(0xCA221E2);
    bytes private constant X25519_KEY = hex"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
    bytes private constant SECP256K1_KEY = hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    address private _alice;
    uint256 private _aliceKey;

    function setUp() public {
        (_alice, _aliceKey) = makeAccount("alice");
        _registry = IUserRegistry(deploy("UserRegistry.sol:UserRegistry", ""));
    }

    function test_SetKeyOfEitherScheme() external {
        vm.warp(1234);
        vm.expectEmit(address(_registry));
        emit IUserRegistry.KeySet(_alice, KeyScheme.X25519, X25519_KEY);
        vm.prank(_alice);
        _registry.setKey(KeyScheme.X25519, X25519_KEY);
        _checkKey(KeyScheme.X25519, X25519_KEY, 1234);

        vm.warp(5678);
        vm.prank(_alice);
        _registry.setKey(KeyScheme.Secp256k1, SECP256K1_KEY);
        _checkKey(KeyScheme.Secp256k1, SECP256K1_KEY, 5678);
    }

    function test_RevertWhen_KeyDoesNotFitItsScheme() external {
        bytes memory zeroPoint = abi.encodePacked(bytes1(0x02), bytes32(0));
        bytes memory uncompressed = abi.encodePacked(bytes1(0x04), bytes32(uint256(1)));
        _expectInvalidKey(KeyScheme.None, "");
        _expectInvalidKey(KeyScheme.None, X25519_KEY);
        _expectInvalidKey(KeyScheme.X25519, "");
        _expectInvalidKey(KeyScheme.X25519, SECP256K1_KEY);
        _expectInvalidKey(KeyScheme.X25519, new bytes(31));
        _expectInvalidKey(KeyScheme.X25519, new bytes(32));
        _expectInvalidKey(KeyScheme.Secp256k1, "");
        _expectInvalidKey(KeyScheme.Secp256k1, X25519_KEY);
        _expectInvalidKey(KeyScheme.Secp256k1, abi.encodePacked(SECP256K1_KEY, bytes1(0)));
        _expectInvalidKey(KeyScheme.Secp256k1, uncompressed);
        _expectInvalidKey(KeyScheme.Secp256k1, zeroPoint);
        assertTrue(!_registry.hasKey(_alice), "no key");
    }

    function test_RemoveKey() external {
        vm.startPrank(_alice);
        _registry.setKey(KeyScheme.X25519, X25519_KEY);
        vm.expectEmit(address(_registry));
        emit IUserRegistry.KeyRemoved(_alice);
        _registry.removeKey();
        assertTrue(!_registry.hasKey(_alice), "no key");
    }

    function test_RevertGiven_AccountHasNoKey() external {
        bytes memory revertData = abi.encodeWithSelector(IUserRegistry.UserRegistryNoKey.selector, _alice);
        vm.expectRevert(revertData);
        _registry.getKey(_alice);
        vm.expectRevert(revertData);
        vm.prank(_alice);
        _registry.removeKey();
    }

    function test_SetKeyForBySignature() external {
        vm.warp(1000);
        bytes memory signed = _sign(_aliceKey, _alice, X25519_KEY, 0, 1000);
        vm.expectEmit(address(_registry));
        emit IUserRegistry.KeySet(_alice, KeyScheme.X25519, X25519_KEY);
        vm.prank(CARRIER);
        _registry.setKeyFor(_alice, KeyScheme.X25519, X25519_KEY, 1000, signed);
        _checkKey(KeyScheme.X25519, X25519_KEY, 1000);
        assertEq(_registry.nonces(_alice), 1, "nonce");
        assertTrue(!_registry.hasKey(CARRIER), "carrier has no key");
    }

    function test_SetKeyForAContractAccount() external {
        address wallet = deploy("MockWallet1271.sol:MockWallet1271", abi.encode(_alice));
        bytes memory signed = _sign(_aliceKey, wallet, X25519_KEY, 0, 1000);
        _registry.setKeyFor(wallet, KeyScheme.X25519, X25519_KEY, 1000, signed);
        assertTrue(_registry.hasKey(wallet), "wallet has a key");
        (, uint256 otherKey) = makeAccount("mallory");
        signed = _sign(otherKey, wallet, X25519_KEY, 1, 1000);
        vm.expectRevert(abi.encodeWithSelector(IUserRegistry.UserRegistryInvalidSignature.selector, wallet));
        _registry.setKeyFor(wallet, KeyScheme.X25519, X25519_KEY, 1000, signed);
    }

    /// @notice An account that carries code (EIP-7702) which knows nothing of ERC-1271 still signs with its key.
    function test_SetKeyForAnAccountWithCode() external {
        vm.etch(_alice, hex"5f5ffd");
        bytes memory signed = _sign(_aliceKey, _alice, X25519_KEY, 0, 1000);
        _registry.setKeyFor(_alice, KeyScheme.X25519, X25519_KEY, 1000, signed);
        assertTrue(_registry.hasKey(_alice), "has a key");
    }

    function test_RevertWhen_SignatureHasExpired() external {
        vm.warp(1001);
        bytes memory signed = _sign(_aliceKey, _alice, X25519_KEY, 0, 1000);
        vm.expectRevert(abi.encodeWithSelector(IUserRegistry.UserRegistryExpiredSignature.selector, 1000));
        _registry.setKeyFor(_alice, KeyScheme.X25519, X25519_KEY, 1000, signed);
    }

    function test_RevertWhen_SignedKeyDoesNotFit() external {
        bytes memory key = new bytes(32);
        bytes memory signed = _sign(_aliceKey, _alice, key, 0, 1000);
        vm.expectRevert(abi.encodeWithSelector(IUserRegistry.UserRegistryInvalidKey.selector, KeyScheme.X25519, key));
        _registry.setKeyFor(_alice, KeyScheme.X25519, key, 1000, signed);
    }

    function test_RevertWhen_SignatureIsForSomethingElse() external {
        bytes memory signed = _sign(_aliceKey, _alice, X25519_KEY, 0, 1000);
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 999, signed);
        _expectInvalidSignature(KeyScheme.Secp256k1, SECP256K1_KEY, 1000, signed);
        _expectInvalidSignature(KeyScheme.Secp256k1, X25519_KEY, 1000, signed);
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, abi.encodePacked(signed, bytes1(0)));
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, "");
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, _sign(_aliceKey, _alice, X25519_KEY, 1, 1000));
        (, uint256 otherKey) = makeAccount("mallory");
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, _sign(otherKey, _alice, X25519_KEY, 0, 1000));
        vm.chainId(block.chainid + 1);
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, signed);
        assertEq(_registry.nonces(_alice), 0, "nonce");
    }

    function test_RevertWhen_SignatureIsForAnotherRegistry() external {
        bytes memory signed = _sign(_aliceKey, _alice, X25519_KEY, 0, 1000);
        _registry = IUserRegistry(deploy("UserRegistry.sol:UserRegistry", ""));
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, signed);
    }

    function test_RevertGiven_SignatureWasUsed() external {
        bytes memory signed = _sign(_aliceKey, _alice, X25519_KEY, 0, 1000);
        _registry.setKeyFor(_alice, KeyScheme.X25519, X25519_KEY, 1000, signed);
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, signed);
    }

    /// @notice A signature held back cannot bring an old key back after the account changed or removed its key by itself.
    function test_RevertGiven_KeyChangedAfterTheSignature() external {
        bytes memory signed = _sign(_aliceKey, _alice, X25519_KEY, 0, 1000);
        vm.prank(_alice);
        _registry.setKey(KeyScheme.Secp256k1, SECP256K1_KEY);
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, signed);

        signed = _sign(_aliceKey, _alice, X25519_KEY, 1, 1000);
        vm.prank(_alice);
        _registry.removeKey();
        _expectInvalidSignature(KeyScheme.X25519, X25519_KEY, 1000, signed);
        assertTrue(!_registry.hasKey(_alice), "no key");
    }

    /// @notice Exactly the keys that fit are taken, and kept as given.
    function testFuzz_SetKey(uint8 schemeSeed, bytes calldata key) external {
        KeyScheme scheme = KeyScheme(schemeSeed % 3);
        vm.prank(_alice);
        try _registry.setKey(scheme, key) {
            assertEq(key.length, scheme == KeyScheme.X25519 ? 32 : 33, "length");
            _checkKey(scheme, key, block.timestamp);
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(IUserRegistry.UserRegistryInvalidKey.selector, scheme, key);
            assertEq(keccak256(reason), keccak256(expected), "reason");
            assertTrue(!_registry.hasKey(_alice), "no key");
        }
    }

    function testFuzz_SetAnyPointOrCoordinate(bool odd, bytes32 coordinate) external {
        vm.assume(coordinate != 0);
        vm.startPrank(_alice);
        _registry.setKey(KeyScheme.X25519, abi.encodePacked(coordinate));
        _checkKey(KeyScheme.X25519, abi.encodePacked(coordinate), block.timestamp);
        bytes memory point = abi.encodePacked(odd ? bytes1(0x03) : bytes1(0x02), coordinate);
        _registry.setKey(KeyScheme.Secp256k1, point);
        _checkKey(KeyScheme.Secp256k1, point, block.timestamp);
    }

    /// @dev A signature over an X25519 key.
    function _sign(
        uint256 signingKey,
        address account,
        bytes memory key,
        uint256 nonce,
        uint256 deadline
    ) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputingPower.UserRegistry"),
                keccak256("1"),
                block.chainid,
                address(_registry)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("SetKey(address account,uint8 scheme,bytes key,uint256 nonce,uint256 deadline)"),
                account,
                uint8(1),
                keccak256(key),
                nonce,
                deadline
            )
        );
        return signature(signingKey, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
    }

    function _expectInvalidKey(KeyScheme scheme, bytes memory key) private {
        vm.expectRevert(abi.encodeWithSelector(IUserRegistry.UserRegistryInvalidKey.selector, scheme, key));
        vm.prank(_alice);
        _registry.setKey(scheme, key);
    }

    function _expectInvalidSignature(
        KeyScheme scheme,
        bytes memory key,
        uint256 deadline,
        bytes memory signed
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IUserRegistry.UserRegistryInvalidSignature.selector, _alice));
        _registry.setKeyFor(_alice, scheme, key, deadline, signed);
    }

    function _checkKey(KeyScheme scheme, bytes memory key, uint256 updatedAt) private view {
        assertTrue(_registry.hasKey(_alice), "has a key");
        EncryptionKey memory stored = _registry.getKey(_alice);
        assertEq(uint256(stored.scheme), uint256(scheme), "scheme");
        assertEq(keccak256(stored.key), keccak256(key), "key");
        assertEq(stored.updatedAt, updatedAt, "time of update");
    }
}
