// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {ALICE, MR_ENCLAVE, OTHER_PLATFORM, PLATFORM, STRANGER, keyOf} from "../nodes/RegistryFixture.sol";
import {RegistryStage} from "../nodes/RegistryStage.sol";
import {Test} from "../utils/Test.sol";

/// @notice Data grants over the real registry: a dataset of the owner's, and Alice's node, attested by a quorum.
abstract contract GrantsFixture is Test {
    uint40 internal constant FINALITY = 3 days;
    uint40 internal constant UNTIL = 1_800_000_000 + 90 days;
    uint256 internal constant DEADLINE = 1_800_000_000 + 1 days;
    uint96 internal constant PRICE = 7e18;
    bytes32 internal constant CONTENT = keccak256("content");
    string internal constant URI = "ipfs://encrypted";
    /// @dev How far a revocation moves the nonce: to the next multiple.
    uint64 internal constant NONCE_STEP = 1 << 32;

    RegistryStage internal _stage;
    INodeRegistry internal _registry;
    IDataGrants internal _grants;
    address internal _owner;
    uint256 internal _ownerKey;
    uint256 internal _datasetId;
    uint256 internal _nodeId;

    function setUp() public {
        _stage = new RegistryStage();
        _registry = _stage.build();
        _grants = _deployGrants(FINALITY);
        (_owner, _ownerKey) = makeAccount("data owner");
        _datasetId = _registerAs(_owner, PRICE);
        _nodeId = _stage.node(ALICE, PLATFORM);
    }

    /// @dev For a verifier whose quotes can be disputed for so long.
    function _deployGrants(uint256 finalityPeriod) internal returns (IDataGrants) {
        MockVerifier verifier = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
        verifier.setDisputeTime(finalityPeriod);
        return IDataGrants(deploy("DataGrants.sol:DataGrants", abi.encode(_registry, verifier)));
    }

    function _registerAs(address owner, uint96 price) internal returns (uint256) {
        return _registerContent(owner, price, CONTENT);
    }

    function _registerContent(address owner, uint96 price, bytes32 contentHash) internal returns (uint256) {
        vm.prank(owner);
        return _grants.register(contentHash, price, URI);
    }

    /// @dev What the owner would grant Alice's node: for long, to a live node, at the dataset's price.
    function _terms() internal view returns (GrantTerms memory) {
        return _termsFor(_nodeId, AttestationDemand.Live);
    }

    function _termsFor(uint256 nodeId, AttestationDemand demand) internal view returns (GrantTerms memory) {
        return
            GrantTerms({
                datasetId: _datasetId,
                nodeId: nodeId,
                mrEnclave: MR_ENCLAVE,
                enclaveKey: keyOf(nodeId),
                until: UNTIL,
                demand: demand,
                free: false
            });
    }

    /// @dev One call, so that it may follow an expectation.
    function _grant(GrantTerms memory terms) internal {
        vm.prank(_owner);
        _grants.grant(terms, CONTENT);
    }

    function _revoke() internal {
        vm.prank(_owner);
        _grants.revoke(_datasetId, CONTENT, _nodeId, keyOf(_nodeId));
    }

    /// @dev A node of the owner's own, for free grants.
    function _ownNode() internal returns (uint256) {
        _stage.fund(_owner);
        return _stage.node(_owner, OTHER_PLATFORM);
    }

    function _nonce() internal view returns (uint256) {
        return _grants.getGrant(_datasetId, _nodeId).nonce;
    }

    function _assertGranted(uint256 nodeId, bool expected, string memory what) internal view {
        assertTrue(_grants.isGranted(_datasetId, nodeId) == expected, what);
    }

    function _ids(uint256 first) internal pure returns (uint256[] memory ids) {
        ids = new uint256[](1);
        ids[0] = first;
    }

    function _ids(uint256 first, uint256 second) internal pure returns (uint256[] memory ids) {
        ids = new uint256[](2);
        (ids[0], ids[1]) = (first, second);
    }

    function _unknownDataset(uint256 datasetId) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsUnknownDataset.selector, datasetId);
    }

    function _unauthorized(uint256 datasetId, address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsUnauthorized.selector, datasetId, caller);
    }

    function _wrongMeasurement(uint256 nodeId, bytes32 expected, bytes32 actual) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsWrongMeasurement.selector, nodeId, expected, actual);
    }

    function _wrongEnclaveKey(uint256 nodeId, address expected, address actual) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsWrongEnclaveKey.selector, nodeId, expected, actual);
    }

    function _wrongContent(uint256 datasetId, bytes32 expected, bytes32 actual) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsWrongContent.selector, datasetId, expected, actual);
    }

    function _invalidExpiry(uint256 until) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsInvalidExpiry.selector, until);
    }

    function _notOwnNode(uint256 datasetId, uint256 nodeId) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsNotOwnNode.selector, datasetId, nodeId);
    }

    function _notGranted(uint256 datasetId, uint256 nodeId) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsNotGranted.selector, datasetId, nodeId);
    }

    function _unknownNode(uint256 nodeId) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownNode.selector, nodeId);
    }

    /// @dev Has a stranger carry what the owner signs.
    function _carry(GrantTerms memory terms, uint256 nonce, uint256 deadline) internal {
        bytes memory signed = _sign(terms, nonce, deadline);
        vm.prank(STRANGER);
        _grants.grantFor(terms, deadline, signed);
    }

    function _sign(GrantTerms memory terms, uint256 nonce, uint256 deadline) internal view returns (bytes memory) {
        return signature(_ownerKey, _digest(terms, nonce, deadline));
    }

    function _digest(GrantTerms memory terms, uint256 nonce, uint256 deadline) internal view returns (bytes32) {
        return _digestOf(terms, _grants.getDataset(terms.datasetId).contentHash, nonce, deadline);
    }

    function _digestOf(
        GrantTerms memory terms,
        bytes32 contentHash,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputingPower.DataGrants"),
                keccak256("1"),
                block.chainid,
                address(_grants)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Grant(uint256 datasetId,uint256 nodeId,bytes32 mrEnclave,address enclaveKey,uint40 until,uint8 demand,bool free,bytes32 contentHash,uint256 nonce,uint256 deadline)"
                ),
                terms.datasetId,
                terms.nodeId,
                terms.mrEnclave,
                terms.enclaveKey,
                uint256(terms.until),
                uint256(terms.demand),
                terms.free ? 1 : 0,
                contentHash,
                nonce,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _expectInvalidSignature(
        GrantTerms memory terms,
        uint256 deadline,
        bytes memory signed,
        address owner,
        uint256 nonce
    ) internal {
        vm.expectRevert(_invalidSignature(owner, nonce));
        _grants.grantFor(terms, deadline, signed);
    }

    function _invalidSignature(address owner, uint256 nonce) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsInvalidSignature.selector, owner, nonce);
    }
}
