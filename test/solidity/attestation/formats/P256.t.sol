// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {P256} from "../../../../contracts/attestation/formats/P256.sol";
import {Test} from "../../utils/Test.sol";
import {PrecompilesHarness} from "./PrecompilesHarness.sol";

/// @notice P256 by the vectors of RFC 6979, A.2.5 (curve P-256 with SHA-256), and by what must not pass.
contract P256Test is Test {
    bytes32 private constant X = 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6;
    bytes32 private constant Y = 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299;
    /// @dev "sample": high s.
    bytes32 private constant R = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716;
    bytes32 private constant S = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8;
    /// @dev "test": low s.
    bytes32 private constant R_TEST = 0xf1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367;
    bytes32 private constant S_TEST = 0x019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083;

    uint256 private constant ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
    uint256 private constant FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff;

    PrecompilesHarness private _precompiles;

    function setUp() public {
        _precompiles = PrecompilesHarness(deploy("PrecompilesHarness.sol:PrecompilesHarness", ""));
    }

    function test_KnownSignatures() external view {
        assertTrue(_precompiles.verify(sha256("sample"), R, S, X, Y), "high s");
        assertTrue(_precompiles.verify(sha256("sample"), R, bytes32(ORDER - uint256(S)), X, Y), "its low twin");
        assertTrue(_precompiles.verify(sha256("test"), R_TEST, S_TEST, X, Y), "low s");
        assertTrue(
            _precompiles.verify(sha256("test"), R_TEST, bytes32(ORDER - uint256(S_TEST)), X, Y),
            "its high twin"
        );
    }

    function test_WrongOnesAreFalse() external view {
        bytes32 digest = sha256("sample");
        assertTrue(!_precompiles.verify(sha256("Sample"), R, S, X, Y), "digest");
        assertTrue(!_precompiles.verify(digest, R_TEST, S, X, Y), "r");
        assertTrue(!_precompiles.verify(digest, R, S_TEST, X, Y), "s");
        assertTrue(!_precompiles.verify(digest, 0, S, X, Y), "r of zero");
        assertTrue(!_precompiles.verify(digest, R, 0, X, Y), "s of zero");
        assertTrue(!_precompiles.verify(digest, bytes32(ORDER), S, X, Y), "r of the order");
        assertTrue(!_precompiles.verify(digest, R, bytes32(ORDER), X, Y), "s of the order");
        assertTrue(!_precompiles.verify(digest, R, S, X, bytes32(uint256(Y) + 1)), "a point off the curve");
        assertTrue(!_precompiles.verify(digest, R, S, X, bytes32(FIELD - uint256(Y))), "the point's twin");
        assertTrue(!_precompiles.verify(digest, R, S, 0, 0), "the point at infinity");
        assertTrue(!_precompiles.verify(digest, R, S, bytes32(FIELD), Y), "a coordinate of the field's size");
    }

    function testFuzz_OneBitOffIsFalse(uint256 bit) external view {
        bytes32[5] memory words = [sha256("sample"), R, S, X, Y];
        bit = bound(bit, 0, 5 * 256 - 1);
        words[bit / 256] ^= bytes32(1 << (bit % 256));
        assertTrue(!_precompiles.verify(words[0], words[1], words[2], words[3], words[4]), "valid with a bit flipped");
    }

    /// @dev Scratch space holds a 1 when no answer comes: it must not pass for one.
    function test_AnEmptyAnswerIsFalseWhateverLiesInScratchSpace() external view {
        assertTrue(!_precompiles.verifyOverOne(0, R, S, X, Y), "valid");
    }

    function test_AvailableByAKnownAnswer() external {
        assertTrue(_precompiles.isAvailable(), "osaka");
        vm.mockCall(address(0x100), "", "");
        assertTrue(!_precompiles.isAvailable(), "no precompile");
        vm.mockCall(address(0x100), "", abi.encode(true));
        assertTrue(!_precompiles.isAvailable(), "one that says yes to all");
        vm.mockCall(address(0x100), "", abi.encode(2));
        assertTrue(!_precompiles.isAvailable(), "one that answers something else");
    }

    function test_RevertWhen_GasDoesNotDo() external {
        bytes32 digest = sha256("sample");
        uint256 failures;
        // From far too little for the precompile's 6,900 to enough: never "false".
        for (uint256 limit = 1_000; limit < 12_000; limit += 100) {
            (bool success, bytes memory answer) = address(_precompiles).staticcall{gas: limit}(
                abi.encodeCall(_precompiles.verify, (digest, R, S, X, Y))
            );
            if (success) assertTrue(abi.decode(answer, (bool)), "a valid signature called invalid");
            else if (bytes4(answer) == P256.P256CallFailed.selector) failures++;
            else assertEq(answer.length, 0, "another error");
        }
        assertTrue(failures != 0, "never refused by name");
        vm.mockCallRevert(address(0x100), "", "");
        vm.expectRevert(abi.encodeWithSelector(P256.P256CallFailed.selector));
        _precompiles.verify(digest, R, S, X, Y);
    }
}
