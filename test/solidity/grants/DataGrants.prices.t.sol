// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {AttestationDemand, Dataset, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {GrantsFixture} from "./GrantsFixture.sol";
import {ALICE, BOB, keyOf, OTHER_PLATFORM, PLATFORM} from "../nodes/RegistryFixture.sol";

/// @notice What a node's use of several datasets costs, and that it is said only while it may use them all.
contract DataGrantsPricesTest is GrantsFixture {
    function test_PricesComeInTheOrderAsked() external {
        uint256 second = _registerAs(_owner, 11);
        uint256 third = _registerAs(_owner, type(uint96).max);
        _grantAt(_datasetId, _nodeId, false);
        _grantAt(second, _nodeId, false);
        _grantAt(third, _nodeId, false);
        uint256[] memory ids = new uint256[](4);
        (ids[0], ids[1], ids[2], ids[3]) = (third, _datasetId, second, third);
        uint96[] memory prices = _pricesOf(_nodeId, ids);
        assertEq(prices.length, 4, "count");
        assertEq(prices[0], type(uint96).max, "first");
        assertEq(prices[1], PRICE, "second");
        assertEq(prices[2], 11, "third");
        assertEq(prices[3], type(uint96).max, "again");
    }

    function test_APriceIsTodays() external {
        _grantAt(_datasetId, _nodeId, false);
        vm.prank(_owner);
        _grants.setPrice(_datasetId, CONTENT, 3);
        assertEq(_pricesOf(_nodeId, _ids(_datasetId))[0], 3, "price");
    }

    /// @notice Free for the owner's own node alone, whatever the dataset costs others.
    function test_AFreeGrantCostsNothing() external {
        uint256 ownNode = _ownNode();
        uint256 second = _registerAs(_owner, 11);
        _grantAt(_datasetId, ownNode, true);
        _grantAt(second, ownNode, false);
        _grantAt(_datasetId, _nodeId, false);
        uint96[] memory prices = _pricesOf(ownNode, _ids(_datasetId, second));
        assertEq(prices[0], 0, "free");
        assertEq(prices[1], 11, "beside it");
        assertEq(_pricesOf(_nodeId, _ids(_datasetId))[0], PRICE, "another's node");

        // A grant that costs, in its place.
        _grantAt(_datasetId, ownNode, false);
        assertEq(_pricesOf(ownNode, _ids(_datasetId))[0], PRICE, "replaced");
    }

    /// @notice That a use costs nothing does not make the node's attestation any better.
    function test_AFreeGrantHasItsDemandToo() external {
        uint256 ownNode = _ownNode();
        AttestationDemand[2] memory demands = [AttestationDemand.OnChain, AttestationDemand.Final];
        for (uint256 i; i < demands.length; ++i) {
            GrantTerms memory terms = _termsFor(ownNode, demands[i]);
            terms.free = true;
            _grant(terms);
            _assertGranted(ownNode, false, "not as demanded");
            _expectNotGranted(ownNode);
        }
        _stage.verifyOnChain();
        _stage.attest(_owner, ownNode, OTHER_PLATFORM);
        _assertGranted(ownNode, true, "as demanded");
        assertEq(_pricesOf(ownNode, _ids(_datasetId))[0], 0, "price");
    }

    function test_NothingCostsNothing() external view {
        assertEq(_pricesOf(_nodeId, new uint256[](0)).length, 0, "prices");
    }

    function test_RevertWhen_OneOfTheDatasetsIsUnknown() external {
        _grantAt(_datasetId, _nodeId, false);
        vm.expectRevert(_unknownDataset(2));
        _grants.datasetsFor(_nodeId, AttestationDemand.Live, _ids(_datasetId, 2));
        vm.expectRevert(_unknownDataset(0));
        _grants.datasetsFor(_nodeId, AttestationDemand.Live, _ids(0, _datasetId));
    }

    function testFuzz_RevertWhen_OneAmongManyIsNotGranted(uint256 count, uint256 which) external {
        count = bound(count, 1, 16);
        which = bound(which, 0, count - 1);
        uint256[] memory ids = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            ids[i] = _registerAs(_owner, uint96(i));
            _grantAt(ids[i], _nodeId, false);
        }
        uint96[] memory prices = _pricesOf(_nodeId, ids);
        for (uint256 i; i < count; ++i) assertEq(prices[i], i, "price");

        vm.prank(_owner);
        _grants.revoke(ids[which], CONTENT, _nodeId, keyOf(_nodeId));
        vm.expectRevert(_notGranted(ids[which], _nodeId));
        _grants.datasetsFor(_nodeId, AttestationDemand.Live, ids);
    }

    function test_RevertGiven_AGrantIsOver() external {
        GrantTerms memory terms = _terms();
        terms.until = uint40(_stage.time() + 10);
        _grant(terms);
        _stage.passTo(terms.until - 1);
        assertEq(_pricesOf(_nodeId, _ids(_datasetId))[0], PRICE, "to the second");
        _stage.pass(1);
        _expectNotGranted(_nodeId);
    }

    function test_RevertGiven_TheDemandIsNotMet() external {
        _grant(_termsFor(_nodeId, AttestationDemand.OnChain));
        _expectNotGranted(_nodeId);
        _grant(_termsFor(_nodeId, AttestationDemand.Final));
        _expectNotGranted(_nodeId);
        _stage.pass(FINALITY + 1);
        assertEq(_pricesOf(_nodeId, _ids(_datasetId))[0], PRICE, "final");
    }

    /// @notice Whatever the grants demand.
    function test_RevertGiven_TheCallersDemandIsNotMet() external {
        _grantAt(_datasetId, _nodeId, false);
        _expectUnmet(_nodeId, AttestationDemand.OnChain);
        _expectUnmet(_nodeId, AttestationDemand.Final);
        _stage.pass(FINALITY);
        _expectUnmet(_nodeId, AttestationDemand.Final);
        _stage.pass(1);
        _grants.datasetsFor(_nodeId, AttestationDemand.Final, _ids(_datasetId));
        _expectUnmet(_nodeId, AttestationDemand.OnChain);
        _stage.verifyOnChain();
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _grants.datasetsFor(_nodeId, AttestationDemand.OnChain, _ids(_datasetId));
    }

    /// @notice What names each beside its number comes with it.
    function test_DatasetsComeWithTheirOwnersAndContents() external {
        uint256 ownNode = _ownNode();
        _grantAt(_datasetId, ownNode, true);
        Dataset memory dataset = _grants.datasetsFor(ownNode, AttestationDemand.Live, _ids(_datasetId))[0];
        assertEq(dataset.owner, _owner, "owner");
        assertTrue(dataset.contentHash == CONTENT, "content");
        assertEq(dataset.price, 0, "price");
        assertEq(_grants.getDataset(_datasetId).price, PRICE, "the dataset's own price");
    }

    function test_RevertGiven_TheNodeIsNotLive() external {
        _grantAt(_datasetId, _nodeId, false);
        _stage.passTo(_registry.getNode(_nodeId).validUntil);
        _expectUnmet(_nodeId, AttestationDemand.Live);
        _stage.attest(ALICE, _nodeId, PLATFORM);
        assertEq(_pricesOf(_nodeId, _ids(_datasetId))[0], PRICE, "attested again");
        // An owner's own node must be live too.
        uint256 ownNode = _ownNode();
        _grantAt(_datasetId, ownNode, true);
        _stage.passTo(_registry.getNode(ownNode).validUntil);
        _expectUnmet(ownNode, AttestationDemand.Live);
    }

    function test_RevertWhen_TheNodeIsUnknown() external {
        vm.expectRevert(_unknownNode(99));
        _grants.datasetsFor(99, AttestationDemand.Live, _ids(_datasetId));
    }

    function test_RevertGiven_TheNodeWasNeverAttested() external {
        _expectUnmet(_stage.declare(BOB), AttestationDemand.Live);
    }

    function _grantAt(uint256 datasetId, uint256 nodeId, bool free) private {
        GrantTerms memory terms = _termsFor(nodeId, AttestationDemand.Live);
        terms.datasetId = datasetId;
        terms.free = free;
        _grant(terms);
    }

    function _expectNotGranted(uint256 nodeId) private {
        vm.expectRevert(_notGranted(_datasetId, nodeId));
        _grants.datasetsFor(nodeId, AttestationDemand.Live, _ids(_datasetId));
    }

    /// @dev Asking for no dataset at all is refused as well.
    function _expectUnmet(uint256 nodeId, AttestationDemand demand) private {
        bytes memory refusal = abi.encodeWithSelector(IDataGrants.DataGrantsUnmetDemand.selector, nodeId, demand);
        vm.expectRevert(refusal);
        _grants.datasetsFor(nodeId, demand, _ids(_datasetId));
        vm.expectRevert(refusal);
        _grants.datasetsFor(nodeId, demand, new uint256[](0));
    }

    function _pricesOf(uint256 nodeId, uint256[] memory ids) private view returns (uint96[] memory prices) {
        Dataset[] memory datasets = _grants.datasetsFor(nodeId, AttestationDemand.Live, ids);
        prices = new uint96[](datasets.length);
        for (uint256 i; i < prices.length; ++i) prices[i] = datasets[i].price;
    }
}
