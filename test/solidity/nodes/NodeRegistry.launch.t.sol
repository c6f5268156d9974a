// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {Enclave} from "../../../contracts/types/Node.sol";
import {ALICE, BOB, GOVERNOR, LAUNCH, LAUNCH_MASK, MR_ENCLAVE, PLATFORM, RegistryFixture} from "./RegistryFixture.sol";

/// @notice How an enclave was launched, which its measurement does not cover, must be as its allow-list entry says.
contract NodeRegistryLaunchTest is RegistryFixture {
    /// @dev With the bits of AVX in XFRM, which the fixture's entry leaves open.
    bytes20 private constant WITH_AVX = LAUNCH | bytes20(uint160(0xe4 << 56));
    /// @dev With AEX-Notify.
    bytes20 private constant WITH_AEX_NOTIFY = LAUNCH | bytes20(uint160(4) << 112);
    /// @dev With EXINFO in MISCSELECT.
    bytes20 private constant WITH_EXINFO = LAUNCH | bytes20(uint160(1) << 152);

    function setUp() public {
        _build();
    }

    function test_AnEntrySaysHowItsEnclavesAreLaunched() external {
        Enclave memory enclave = _registry.getEnclave(1);
        assertTrue(enclave.launch == LAUNCH && enclave.launchMask == LAUNCH_MASK, "entry");
        enclave = _registry.getEnclave(_allowSigner(SVN));
        assertTrue(enclave.launch == LAUNCH && enclave.launchMask == LAUNCH_MASK, "signer's entry");
    }

    function testFuzz_OnlyAMaskedLaunchIsAttested(bytes20 launch, uint256 seed) external {
        // Half of them as the entry asks.
        if (seed % 2 == 0) launch = (launch & ~LAUNCH_MASK) | LAUNCH;
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _launched(launch);
        if (launch & LAUNCH_MASK != LAUNCH) _expectLaunchNotAllowed(1, launch);
        _attestWith(ALICE, nodeId, attestation);
    }

    function test_RevertWhen_TheLaunchIsNotTheEntrys() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        bytes20[3] memory launches = [bytes20(0), WITH_AEX_NOTIFY, WITH_EXINFO];
        for (uint256 i = 0; i < launches.length; ++i) {
            Attestation memory attestation = _launched(launches[i]);
            _expectLaunchNotAllowed(1, launches[i]);
            _attestWith(ALICE, nodeId, attestation);
        }
    }

    function test_RevertWhen_ALaterLaunchIsNotTheEntrys() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        _freshen();
        Attestation memory attestation = _launched(WITH_AEX_NOTIFY);
        _expectLaunchNotAllowed(1, WITH_AEX_NOTIFY);
        _attestWith(ALICE, nodeId, attestation);
    }

    function test_AnotherLaunchOfTheSameEntryIsAnotherTag() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        bytes16 tag = _registry.getNode(nodeId).tag;
        _freshen();
        _attestWith(ALICE, nodeId, _launched(WITH_AVX));
        assertTrue(_registry.getNode(nodeId).tag != tag, "tag");
        _freshen();
        _attestWith(ALICE, nodeId, _launched(WITH_AVX));
        assertEq(_registry.getNode(nodeId).attestations, 3, "attestations");
    }

    function test_RevertWhen_ASignersEnclaveIsLaunchedOtherwise() external {
        uint256 enclaveId = _allowSigner(SVN);
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _launched(WITH_EXINFO);
        attestation.mrEnclave = keccak256("a signer's enclave");
        _expectLaunchNotAllowed(enclaveId, WITH_EXINFO);
        _attestWith(ALICE, nodeId, attestation);
        attestation.launch = WITH_AVX;
        _attestWith(ALICE, nodeId, attestation);
        attestation.launch = WITH_AEX_NOTIFY;
        _expectLaunchNotAllowed(enclaveId, WITH_AEX_NOTIFY);
        _attestWith(ALICE, nodeId, attestation);
    }

    /// @dev Or a signer's lenient entry would undo what the measurement's own says.
    function test_RevertWhen_OnlyTheSignersEntryAllowsTheLaunch() external {
        vm.prank(GOVERNOR);
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, 0, 0);
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _launched(WITH_EXINFO);
        _expectLaunchNotAllowed(1, WITH_EXINFO);
        _attestWith(ALICE, nodeId, attestation);
    }

    function test_RevertGiven_TheEntryWasReplacedByAStricterOne() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        _attestWith(ALICE, nodeId, _launched(WITH_AVX));
        vm.startPrank(GOVERNOR);
        _registry.removeEnclave(1);
        _registry.allowEnclave(MR_ENCLAVE, LAUNCH, ~bytes20(0));
        vm.stopPrank();
        _freshen();
        Attestation memory attestation = _launched(WITH_AVX);
        vm.expectRevert(
            abi.encodeWithSelector(
                INodeRegistry.NodeRegistryLaunchNotAllowed.selector,
                2,
                WITH_AVX,
                LAUNCH,
                ~bytes20(0)
            )
        );
        _attestWith(ALICE, nodeId, attestation);
        _attestWith(ALICE, nodeId, _launched(LAUNCH));
        assertEq(_registry.getNode(nodeId).enclaveId, 2, "entry");
    }

    /// @dev Or a signer's lenient entry would undo what governance has just said of the measurement.
    function test_RevertGiven_TheMeasurementGotAStricterEntryThanItsSigners() external {
        vm.startPrank(GOVERNOR);
        _registry.removeEnclave(1);
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, 0, 0);
        vm.stopPrank();
        uint256 nodeId = _declare(ALICE);
        _freshen();
        _attestWith(ALICE, nodeId, _launched(WITH_AVX));
        assertTrue(_registry.getNode(nodeId).bySigner, "by signer");
        vm.prank(GOVERNOR);
        uint256 ownId = _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK);

        _freshen();
        Attestation memory attestation = _launched(WITH_EXINFO);
        _expectLaunchNotAllowed(ownId, WITH_EXINFO);
        _attestWith(ALICE, nodeId, attestation);
        _attestWith(ALICE, nodeId, _launched(WITH_AVX));
        assertEq(_registry.getNode(nodeId).enclaveId, ownId, "entry");
        assertTrue(!_registry.getNode(nodeId).bySigner, "by measurement");
    }

    function test_RevertWhen_AnEntrysMaskHidesItsLaunch() external {
        vm.startPrank(GOVERNOR);
        bytes memory hidden = abi.encodeWithSelector(
            INodeRegistry.NodeRegistryInvalidLaunch.selector,
            LAUNCH,
            bytes20(uint160(1))
        );
        vm.expectRevert(hidden);
        _registry.allowEnclave(keccak256("other"), LAUNCH, bytes20(uint160(1)));
        vm.expectRevert(hidden);
        _registry.allowSigner(MR_SIGNER, PRODUCT, SVN, LAUNCH, bytes20(uint160(1)));
    }

    function test_RevertWhen_ARecheckNamesAnotherLaunch() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.expectRevert(
            abi.encodeWithSelector(INodeRegistry.NodeRegistryWrongSubject.selector, nodeId, PLATFORM, SUBJECT)
        );
        vm.prank(BOB);
        _registry.recheck(nodeId, WITH_AVX, abi.encode(PLATFORM, SUBJECT, Standing.Revoked, TcbStatus.None));
    }

    function _launched(bytes20 launch) private returns (Attestation memory attestation) {
        attestation = _quote(PLATFORM);
        attestation.launch = launch;
    }

    function _expectLaunchNotAllowed(uint256 enclaveId, bytes20 launch) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                INodeRegistry.NodeRegistryLaunchNotAllowed.selector,
                enclaveId,
                launch,
                LAUNCH,
                LAUNCH_MASK
            )
        );
    }
}
