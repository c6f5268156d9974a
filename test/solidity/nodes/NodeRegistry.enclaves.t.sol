// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation} from "../../../contracts/types/Attestation.sol";
import {Enclave} from "../../../contracts/types/Node.sol";
import {ALICE, GOVERNOR, LAUNCH, LAUNCH_MASK, MR_ENCLAVE, PLATFORM, RegistryFixture} from "./RegistryFixture.sol";

/// @notice The allow-list: its entries, and which measurements they match.
contract NodeRegistryEnclavesTest is RegistryFixture {
    bytes32 private constant OTHER = keccak256("other enclave");

    function setUp() public {
        _build();
    }

    function test_AllowEnclaveAddsAnEntry() external {
        vm.expectEmit(address(_registry));
        emit INodeRegistry.EnclaveAllowed(2, OTHER, false, 0, 0, LAUNCH, LAUNCH_MASK);
        vm.prank(GOVERNOR);
        assertEq(_registry.allowEnclave(OTHER, LAUNCH, LAUNCH_MASK), 2, "id");
        assertEq(_registry.enclaveCount(), 2, "count");
        Enclave memory enclave = _registry.getEnclave(2);
        assertEq(enclave.measurement, OTHER, "measurement");
        assertTrue(!enclave.bySigner, "by signer");
        assertEq(enclave.removedAt, 0, "removed");
    }

    function test_AllowSignerAddsAnEntry() external {
        vm.expectEmit(address(_registry));
        emit INodeRegistry.EnclaveAllowed(2, MR_SIGNER, true, PRODUCT, SVN, LAUNCH, LAUNCH_MASK);
        uint256 enclaveId = _allowSigner(SVN);
        Enclave memory enclave = _registry.getEnclave(enclaveId);
        assertEq(enclave.measurement, MR_SIGNER, "measurement");
        assertTrue(enclave.bySigner, "by signer");
        assertEq(enclave.isvProdId, PRODUCT, "product");
        assertEq(enclave.minIsvSvn, SVN, "least security version");
    }

    function test_TheMeasurementsOwnEntryComesFirst() external {
        _allowSigner(SVN);
        uint256 nodeId = _node(ALICE, PLATFORM);
        assertEq(_registry.getNode(nodeId).enclaveId, 1, "entry");
    }

    function test_ASignersProductIsAllowedFromAVersionOn() external {
        uint256 enclaveId = _allowSigner(SVN);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 nodeId = _declare(ALICE);
            _freshen();
            Attestation memory attestation = _quote(keccak256(abi.encode(i)));
            attestation.mrEnclave = OTHER;
            attestation.isvSvn = uint16(SVN + i);
            _attestWith(ALICE, nodeId, attestation);
            assertEq(_registry.getNode(nodeId).enclaveId, enclaveId, "entry");
        }
    }

    function test_RevertWhen_EnclaveIsNotAllowed() external {
        _allowSigner(SVN);
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.mrEnclave = OTHER;
        attestation.isvSvn = SVN - 1;
        _expectNotAllowed(nodeId, attestation);
        attestation.isvSvn = SVN;
        attestation.isvProdId = PRODUCT + 1;
        _expectNotAllowed(nodeId, attestation);
        attestation.isvProdId = PRODUCT;
        attestation.mrSigner = OTHER;
        _expectNotAllowed(nodeId, attestation);
        // A signer's hash is no measurement, nor the other way round.
        attestation.mrEnclave = MR_SIGNER;
        _expectNotAllowed(nodeId, attestation);
        attestation.mrEnclave = OTHER;
        attestation.mrSigner = MR_ENCLAVE;
        attestation.isvProdId = 0;
        _expectNotAllowed(nodeId, attestation);
    }

    function test_RevertWhen_EntryIsInvalid() external {
        vm.startPrank(GOVERNOR);
        bytes memory zero = abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidEnclave.selector, bytes32(0), 0);
        vm.expectRevert(zero);
        _registry.allowEnclave(0, LAUNCH, LAUNCH_MASK);
        vm.expectRevert(zero);
        _registry.allowSigner(0, PRODUCT, SVN, LAUNCH, LAUNCH_MASK);

        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidEnclave.selector, MR_ENCLAVE, 1));
        _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK);
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, LAUNCH, LAUNCH_MASK);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryInvalidEnclave.selector, MR_SIGNER, 2));
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN + 1, LAUNCH, LAUNCH_MASK);
        _registry.allowSigner(MR_SIGNER, PRODUCT + 1, SVN, LAUNCH, LAUNCH_MASK);
    }

    function test_RevertWhen_EntryIsUnknown() external {
        vm.startPrank(GOVERNOR);
        bytes memory unknown = abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownEnclave.selector, 2);
        vm.expectRevert(unknown);
        _registry.getEnclave(2);
        vm.expectRevert(unknown);
        _registry.removeEnclave(2);
        _registry.removeEnclave(1);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryUnknownEnclave.selector, 1));
        _registry.removeEnclave(1);
    }

    function test_RevertWhen_CallerDoesNotGovern() external {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this));
        vm.expectRevert(refused);
        _registry.allowEnclave(OTHER, LAUNCH, LAUNCH_MASK);
        vm.expectRevert(refused);
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, LAUNCH, LAUNCH_MASK);
        vm.expectRevert(refused);
        _registry.removeEnclave(1);
    }

    function test_RemovedEntriesMatchNothing() external {
        uint256 enclaveId = _allowSigner(SVN);
        vm.startPrank(GOVERNOR);
        vm.expectEmit(address(_registry));
        emit INodeRegistry.EnclaveRemoved(1);
        _registry.removeEnclave(1);
        _registry.removeEnclave(enclaveId);
        vm.stopPrank();
        assertEq(_registry.getEnclave(1).removedAt, _time, "removed at");
        uint256 nodeId = _declare(ALICE);
        _freshen();
        _expectNotAllowed(nodeId, _quote(PLATFORM));
    }

    function test_AllowingAgainMakesANewEntry() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 validUntil = _registry.getNode(nodeId).validUntil;
        vm.startPrank(GOVERNOR);
        _registry.removeEnclave(1);
        assertEq(_registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK), 2, "id");
        vm.stopPrank();
        assertEq(_registry.endOf(nodeId), validUntil, "the old entry's nodes still end");
    }
}
