// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {Dataset} from "../../../contracts/types/Dataset.sol";
import {GrantsFixture} from "./GrantsFixture.sol";
import {BOB, CAROL} from "../nodes/RegistryFixture.sol";

/// @notice Registering datasets, and changing what of them may change.
contract DataGrantsDatasetsTest is GrantsFixture {
    bytes32 private constant OTHER_CONTENT = keccak256("other content");

    function test_ConstructorFixesTheTerms() external view {
        assertEq(address(_grants.registry()), address(_registry), "registry");
        assertEq(_grants.finalityPeriod(), FINALITY, "finality period");
    }

    function test_FinalityPeriodReachesItsBounds() external {
        assertEq(_deployGrants(1).finalityPeriod(), 1, "least");
        assertEq(_deployGrants(365 days).finalityPeriod(), 365 days, "most");
    }

    function test_RevertWhen_TheFinalityPeriodIsOutOfBounds() external {
        _expectInvalidParameter(0, 1);
        _expectInvalidParameter(365 days + 1, 365 days);
        _expectInvalidParameter(type(uint40).max, 365 days);
    }

    function test_RegisteringStoresAndTells() external {
        assertEq(_grants.datasetCount(), 1, "count before");
        vm.expectEmit(address(_grants));
        emit IDataGrants.DatasetRegistered(2, BOB, OTHER_CONTENT, 3, "https://data.example/2");
        vm.prank(BOB);
        uint256 datasetId = _grants.register(OTHER_CONTENT, 3, "https://data.example/2");

        assertEq(datasetId, 2, "id");
        assertEq(_grants.datasetCount(), 2, "count");
        _assertDataset(2, Dataset({owner: BOB, price: 3, contentHash: OTHER_CONTENT}), "https://data.example/2");
        _assertDataset(1, Dataset({owner: _owner, price: PRICE, contentHash: CONTENT}), URI);
    }

    /// @notice Nobody can keep a commitment for himself: the same content may be registered by anyone, and again.
    function test_TheSameContentIsAnotherDataset() external {
        vm.prank(BOB);
        uint256 datasetId = _grants.register(CONTENT, 0, "");
        _assertDataset(datasetId, Dataset({owner: BOB, price: 0, contentHash: CONTENT}), "");
        assertEq(_grants.getDataset(_datasetId).owner, _owner, "the first one's owner");
    }

    function testFuzz_RegisterKeepsWhatItIsGiven(
        address owner,
        bytes32 contentHash,
        uint96 price,
        string calldata uri
    ) external {
        vm.assume(contentHash != 0 && owner != address(0) && bytes(uri).length <= 256);
        vm.prank(owner);
        uint256 datasetId = _grants.register(contentHash, price, uri);
        _assertDataset(datasetId, Dataset({owner: owner, price: price, contentHash: contentHash}), uri);
    }

    function test_RevertWhen_TheContentIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsInvalidContent.selector));
        _grants.register(0, PRICE, URI);
        assertEq(_grants.datasetCount(), 1, "count");
    }

    function test_AUriHas256Bytes() external {
        string memory longest = string(new bytes(256));
        uint256 datasetId = _grants.register(CONTENT, PRICE, longest);
        assertEq(bytes(_grants.uriOf(datasetId)).length, 256, "registered");
        vm.prank(_owner);
        _grants.setUri(_datasetId, CONTENT, longest);
        assertEq(bytes(_grants.uriOf(_datasetId)).length, 256, "set");
    }

    function test_RevertWhen_TheUriIsLonger() external {
        bytes memory tooLong = abi.encodeWithSelector(IDataGrants.DataGrantsInvalidUri.selector, 257);
        vm.expectRevert(tooLong);
        _grants.register(CONTENT, PRICE, string(new bytes(257)));
        vm.expectRevert(tooLong);
        vm.prank(_owner);
        _grants.setUri(_datasetId, CONTENT, string(new bytes(257)));
        assertEq(_grants.datasetCount(), 1, "count");
        assertEq(keccak256(bytes(_grants.uriOf(_datasetId))), keccak256(bytes(URI)), "uri");
    }

    function testFuzz_ThePriceChangesAlone(uint96 price) external {
        vm.expectEmit(address(_grants));
        emit IDataGrants.PriceSet(_datasetId, price);
        vm.prank(_owner);
        _grants.setPrice(_datasetId, CONTENT, price);
        _assertDataset(_datasetId, Dataset({owner: _owner, price: price, contentHash: CONTENT}), URI);
    }

    function test_TheUriChangesAlone() external {
        string[3] memory uris = ["ipfs://a place that is far longer than the thirty-one bytes of a slot", "short", ""];
        for (uint256 i; i < uris.length; ++i) {
            vm.expectEmit(address(_grants));
            emit IDataGrants.UriSet(_datasetId, uris[i]);
            vm.prank(_owner);
            _grants.setUri(_datasetId, CONTENT, uris[i]);
            _assertDataset(_datasetId, Dataset({owner: _owner, price: PRICE, contentHash: CONTENT}), uris[i]);
        }
    }

    function test_RevertWhen_SomebodyElseChangesADataset() external {
        uint256 others = _registerAs(BOB, PRICE);
        vm.startPrank(BOB);
        vm.expectRevert(_unauthorized(_datasetId, BOB));
        _grants.setPrice(_datasetId, CONTENT, 0);
        vm.expectRevert(_unauthorized(_datasetId, BOB));
        _grants.setUri(_datasetId, CONTENT, "");
        _grants.setPrice(others, CONTENT, 0);
        vm.stopPrank();
        _assertDataset(_datasetId, Dataset({owner: _owner, price: PRICE, contentHash: CONTENT}), URI);
    }

    function testFuzz_RevertWhen_TheDatasetIsUnknown(uint256 datasetId) external {
        vm.assume(datasetId != _datasetId);
        bytes memory unknown = _unknownDataset(datasetId);
        vm.expectRevert(unknown);
        _grants.getDataset(datasetId);
        vm.expectRevert(unknown);
        _grants.uriOf(datasetId);
        vm.expectRevert(unknown);
        _grants.setPrice(datasetId, CONTENT, 0);
        vm.expectRevert(unknown);
        _grants.setUri(datasetId, CONTENT, "");
        // The zero address owns nothing, for all that an unknown dataset has no other owner.
        vm.prank(address(0));
        vm.expectRevert(unknown);
        _grants.setPrice(datasetId, CONTENT, 0);
    }

    function test_OwnersAreThoseWhoRegistered() external {
        assertEq(_grants.ownerOf(_registerAs(BOB, 1)), BOB, "second");
        assertEq(_grants.ownerOf(_datasetId), _owner, "first");
        vm.expectRevert(_unknownDataset(3));
        _grants.ownerOf(3);
        vm.expectRevert(_unknownDataset(0));
        _grants.ownerOf(0);
    }

    /// @notice A call of its own, so that a constructor's revert can be expected.
    function deployGrants(uint256 finalityPeriod) external {
        _deployGrants(finalityPeriod);
    }

    function _expectInvalidParameter(uint256 value, uint256 limit) private {
        vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsInvalidParameter.selector, value, limit));
        this.deployGrants(value);
    }

    function _assertDataset(uint256 datasetId, Dataset memory expected, string memory uri) private view {
        Dataset memory dataset = _grants.getDataset(datasetId);
        assertEq(dataset.owner, expected.owner, "owner");
        assertEq(dataset.price, expected.price, "price");
        assertEq(dataset.contentHash, expected.contentHash, "content");
        assertEq(keccak256(bytes(_grants.uriOf(datasetId))), keccak256(bytes(uri)), "uri");
    }
}
