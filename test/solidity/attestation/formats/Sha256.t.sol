// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sha256} from "../../../../contracts/attestation/formats/Sha256.sol";
import {Test} from "../../utils/Test.sol";
import {PrecompilesHarness} from "./PrecompilesHarness.sol";

/// @notice Sha256 against the compiler's own.
contract Sha256Test is Test {
    PrecompilesHarness private _precompiles;

    function setUp() public {
        _precompiles = PrecompilesHarness(deploy("PrecompilesHarness.sol:PrecompilesHarness", ""));
    }

    function test_KnownAnswer() external view {
        // FIPS 180-4's example "abc".
        bytes32 expected = 0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad;
        assertEq(_precompiles.hash("abc"), expected, "abc");
    }

    function testFuzz_AsTheCompilers(bytes calldata data) external view {
        assertEq(_precompiles.hash(data), sha256(data), "hash");
    }

    function test_RevertWhen_GasDoesNotDo() external {
        // So many that the 64th of the gas that is left of a failed call does for a reason.
        bytes memory data = new bytes(65_536);
        bytes memory call = abi.encodeCall(_precompiles.hash, (data));
        bytes32 expected = sha256(data);
        uint256 failures;
        for (uint256 limit = 20_000; limit < 60_000; limit += 200) {
            (bool success, bytes memory answer) = address(_precompiles).staticcall{gas: limit}(call);
            if (success) assertEq(abi.decode(answer, (bytes32)), expected, "hash");
            else if (bytes4(answer) == Sha256.Sha256CallFailed.selector) failures++;
            else assertEq(answer.length, 0, "another error");
        }
        assertTrue(failures != 0, "never refused by name");
        vm.mockCallRevert(address(2), "", "");
        vm.expectRevert(abi.encodeWithSelector(Sha256.Sha256CallFailed.selector));
        _precompiles.hash(data);
    }
}
