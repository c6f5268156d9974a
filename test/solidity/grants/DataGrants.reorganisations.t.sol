// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {BOB, OTHER_PLATFORM, keyOf} from "../nodes/RegistryFixture.sol";
import {GrantsFixture} from "./GrantsFixture.sol";

/// @notice A signed transaction lands on a chain on which another dataset of the same owner, or another node, has the number that it
/// names. Whatever an owner says of its data is refused there.
contract DataGrantsReorganisationsTest is GrantsFixture {
    bytes32 private constant OTHER_CONTENT = keccak256("other content");

    function test_RevertGiven_AnotherDatasetHasTheNumber() external {
        uint256 other = _registerContent(_owner, 1, OTHER_CONTENT);
        GrantTerms memory terms = _terms();
        _grant(terms);
        (uint256[2] memory ids, bytes32[2] memory meant) = ([_datasetId, other], [OTHER_CONTENT, CONTENT]);
        for (uint256 i; i < 2; ++i) {
            bytes memory refusal = _wrongContent(ids[i], meant[i], meant[1 - i]);
            terms.datasetId = ids[i];
            vm.startPrank(_owner);
            vm.expectRevert(refusal);
            _grants.setPrice(ids[i], meant[i], 7);
            vm.expectRevert(refusal);
            _grants.setUri(ids[i], meant[i], "https://data.example");
            vm.expectRevert(refusal);
            _grants.grant(terms, meant[i]);
            vm.expectRevert(refusal);
            _grants.revoke(ids[i], meant[i], _nodeId, keyOf(_nodeId));
            vm.stopPrank();
        }
        assertEq(_grants.getDataset(_datasetId).price, PRICE, "price");
        assertEq(_grants.getDataset(other).price, 1, "price of the other");
        assertEq(keccak256(bytes(_grants.uriOf(other))), keccak256(bytes(URI)), "uri");
        _assertGranted(_nodeId, true, "still granted");
        assertTrue(!_grants.isGranted(other, _nodeId), "never granted");
    }

    /// @notice Or the node that is meant would keep its grant, and another lose it.
    function test_RevertGiven_AnotherNodeHasTheNumberAtARevocation() external {
        uint256 other = _stage.node(BOB, OTHER_PLATFORM);
        _grant(_terms());
        _grant(_termsFor(other, AttestationDemand.Live));
        (uint256[2] memory numbers, address[2] memory keys) = ([_nodeId, other], [keyOf(_nodeId), keyOf(other)]);
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(_wrongEnclaveKey(numbers[i], keys[1 - i], keys[i]));
            vm.prank(_owner);
            _grants.revoke(_datasetId, CONTENT, numbers[i], keys[1 - i]);
        }
        vm.expectRevert(_wrongEnclaveKey(_nodeId, address(0), keyOf(_nodeId)));
        vm.prank(_owner);
        _grants.revoke(_datasetId, CONTENT, _nodeId, address(0));
        vm.expectRevert(_unknownNode(0));
        vm.prank(_owner);
        _grants.revoke(_datasetId, CONTENT, 0, address(0));
        _assertGranted(_nodeId, true, "still granted");
        _assertGranted(other, true, "the other still granted");
    }

    /// @notice Or a provider could dodge a revocation of what was signed ahead, by attesting just before it.
    function test_ANodeWithoutAKeyIsRevokedByTheKeyThatItWillHave() external {
        uint256[2] memory numbers = [_stage.declare(BOB), 1_000];
        for (uint256 i; i < 2; ++i) {
            uint64 before = _grants.getGrant(_datasetId, numbers[i]).nonce;
            // Who names none cannot mean what was signed, and the provider could dodge it.
            vm.prank(_owner);
            vm.expectRevert(_wrongEnclaveKey(numbers[i], address(0), address(0)));
            _grants.revoke(_datasetId, CONTENT, numbers[i], address(0));
            vm.prank(_owner);
            _grants.revoke(_datasetId, CONTENT, numbers[i], keyOf(_nodeId));
            assertTrue(_grants.getGrant(_datasetId, numbers[i]).nonce > before, "the nonce moved on");
        }
    }
}
