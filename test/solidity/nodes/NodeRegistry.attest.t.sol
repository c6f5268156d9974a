// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Attestation, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {Node, OrderTerms, Platform, QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {
    ALICE,
    BOB,
    GOVERNOR,
    LAUNCH,
    MAXIMUM_AGE,
    MR_ENCLAVE,
    PLATFORM,
    RegistryFixture,
    keyOf
} from "./RegistryFixture.sol";

/// @notice Attesting nodes, first and again, on platforms that nobody contests.
contract NodeRegistryAttestTest is RegistryFixture {
    bytes32 private constant DOMAIN = keccak256(
        "ComputingPowerNode(uint256 chainId,address registry,address provider,address enclaveKey,uint256 nonce,uint256 blockNumber,bytes32 blockHash)"
    );

    function setUp() public {
        _build();
    }

    function test_FirstAttestationMakesTheNodeLive() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        uint256 validUntil = _time + MAXIMUM_AGE;
        vm.expectEmit(address(_registry));
        emit INodeRegistry.NodeAttested(
            nodeId,
            attestation.quoteHash,
            PLATFORM,
            address(_verifier),
            _height - 1,
            TcbStatus.UpToDate,
            validUntil,
            LAUNCH
        );
        _attestWith(ALICE, nodeId, attestation);

        Node memory node = _registry.getNode(nodeId);
        assertEq(node.enclaveKey, keyOf(nodeId), "enclave key");
        assertEq(node.mrEnclave, MR_ENCLAVE, "measurement");
        assertEq(node.enclaveId, 1, "allow-list entry");
        assertTrue(!node.bySigner, "by signer");
        assertTrue(node.tag == bytes16(keccak256(abi.encode(MR_ENCLAVE, PLATFORM, SUBJECT, LAUNCH))), "tag");
        assertEq(node.stake, STAKE, "stake");
        assertEq(node.validUntil, validUntil, "valid until");
        assertTrue(!node.isChallenger, "no challenger");
        assertEq(node.attestations, 1, "attestations");
        assertTrue(node.tcbStatus == TcbStatus.UpToDate, "status");
        (address verifier, VerifierKind kind) = _registry.verifierOf(nodeId);
        assertEq(verifier, address(_verifier), "verifier");
        assertTrue(kind == VerifierKind.Quorum, "verifier kind");
        assertEq(_registry.getPlatform(PLATFORM).nodeId, nodeId, "platform's holder");
        assertTrue(_registry.isLive(nodeId), "live");
        assertEq(_registry.endOf(nodeId), FOREVER, "end");
        (address enclaveKey, uint256 requiredRate) = _registry.proofTermsOf(nodeId);
        assertEq(enclaveKey, keyOf(nodeId), "proof terms' key");
        assertEq(requiredRate, 2_000_000, "proof terms' rate");
    }

    function test_AttestedNodeTakesOrders() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        OrderTerms memory terms = _registry.orderTermsOf(nodeId);
        assertTrue(terms.open, "open");
        assertEq(terms.provider, ALICE, "provider");
        assertEq(terms.units, 4, "units");
        assertEq(_registry.getNode(nodeId).mrEnclave, MR_ENCLAVE, "measurement");
        assertTrue(terms.verifierKind == VerifierKind.Quorum, "verifier kind");
    }

    function test_ReportDataBindsTheQuoteToTheRegistration() external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        bytes32 expected = keccak256(
            abi.encode(
                DOMAIN,
                block.chainid,
                address(_registry),
                ALICE,
                keyOf(nodeId),
                nodeId << 32,
                _height - 1,
                _hashOf(_height - 1)
            )
        );
        assertEq(_registry.reportDataOf(ALICE, keyOf(nodeId), _nextBinding(nodeId)), expected, "view");
        _attestWith(ALICE, nodeId, attestation);
        assertEq(_verifier.reportDataOf(address(_registry), attestation.quoteHash), expected, "verified");
    }

    function testFuzz_ReportDataDiffersInEveryField(address provider, address enclaveKey, uint256 salt) external {
        QuoteBinding memory binding = _bindingAt(salt, salt);
        bytes32 reportData = _registry.reportDataOf(provider, enclaveKey, binding);
        address other = address(uint160(provider) ^ 1);
        assertTrue(_registry.reportDataOf(other, enclaveKey, binding) != reportData, "provider");
        other = address(uint160(enclaveKey) ^ 1);
        assertTrue(_registry.reportDataOf(provider, other, binding) != reportData, "enclave key");
        binding.nonce ^= 1;
        assertTrue(_registry.reportDataOf(provider, enclaveKey, binding) != reportData, "nonce");
        binding.nonce ^= 1;
        binding.blockNumber ^= 1;
        assertTrue(_registry.reportDataOf(provider, enclaveKey, binding) != reportData, "block number");
        binding.blockNumber ^= 1;
        binding.blockHash ^= bytes32(uint256(1));
        assertTrue(_registry.reportDataOf(provider, enclaveKey, binding) != reportData, "block hash");
        binding.blockHash ^= bytes32(uint256(1));
        vm.chainId(1);
        assertTrue(_registry.reportDataOf(provider, enclaveKey, binding) != reportData, "chain");
        vm.chainId(31_337);
        INodeRegistry registry = _deployRegistry(TREASURY, _parameters(), _policy());
        assertTrue(registry.reportDataOf(provider, enclaveKey, binding) != reportData, "registry");
    }

    function test_ReattestingExtendsAndMovesTheNonce() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        assertEq(_registry.nonceOf(nodeId), (nodeId << 32) | 1, "nonce");
        _pass(1 days);
        _attest(ALICE, nodeId, PLATFORM);
        assertEq(_registry.nonceOf(nodeId), (nodeId << 32) | 2, "next nonce");
        assertEq(_registry.getNode(nodeId).validUntil, _time + MAXIMUM_AGE, "valid until");
        assertTrue(_registry.isLive(nodeId), "live");
    }

    function test_ALapsedNodeComesBack() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        uint256 validUntil = _registry.getNode(nodeId).validUntil;
        _passTo(validUntil - 1);
        assertTrue(_registry.isLive(nodeId), "to the second");
        _pass(1);
        assertTrue(!_registry.isLive(nodeId), "lapsed");
        assertTrue(!_registry.orderTermsOf(nodeId).open, "lapsed and open");
        (address enclaveKey, ) = _registry.proofTermsOf(nodeId);
        assertEq(enclaveKey, address(0), "lapsed and proving");
        assertEq(_registry.endOf(nodeId), FOREVER, "lapsed is not ended");
        _attest(ALICE, nodeId, PLATFORM);
        assertTrue(_registry.isLive(nodeId), "back");
    }

    function testFuzz_ValidUntilIsTheSoonerOfCollateralAndMaximumAge(uint64 collateralUntil) external {
        uint256 nodeId = _declare(ALICE);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.validUntil = collateralUntil;
        uint256 longest = _time + MAXIMUM_AGE;
        if (collateralUntil <= _time) {
            vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryLapsed.selector, collateralUntil));
            _attestWith(ALICE, nodeId, attestation);
        } else {
            _attestWith(ALICE, nodeId, attestation);
            uint256 expected = collateralUntil < longest ? collateralUntil : longest;
            assertEq(_registry.getNode(nodeId).validUntil, expected, "valid until");
        }
    }

    function test_TheTagIsTheNewestAttestations() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        bytes32 subject = keccak256("another subject");
        _freshen();
        _attestOn(ALICE, nodeId, _quote(PLATFORM), subject);
        Node memory node = _registry.getNode(nodeId);
        assertTrue(node.tag == bytes16(keccak256(abi.encode(MR_ENCLAVE, PLATFORM, subject, LAUNCH))), "tag");
        assertEq(node.stake, STAKE, "stake beside it");
        assertEq(node.mrEnclave, MR_ENCLAVE, "measurement");
    }

    function test_RenewingChangesWhatItSaysAlone() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        Node memory node = _registry.getNode(nodeId);
        _pass(1 days);
        _freshen();
        Attestation memory attestation = _quote(PLATFORM);
        attestation.tcbStatus = TcbStatus.OutOfDate;
        _attestWith(ALICE, nodeId, attestation);
        node.attestations = 2;
        node.quoteBlock = uint16(_height - 1);
        node.tcbStatus = TcbStatus.OutOfDate;
        node.validUntil = uint32(_time + MAXIMUM_AGE);
        assertEq(keccak256(abi.encode(_registry.getNode(nodeId))), keccak256(abi.encode(node)), "node");
    }

    function test_TheVerifiersKindIsTheLastOnes() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.OnChain);
        assertTrue(_registry.orderTermsOf(nodeId).verifierKind == VerifierKind.Quorum, "before");
        _attest(ALICE, nodeId, PLATFORM);
        assertTrue(_registry.orderTermsOf(nodeId).verifierKind == VerifierKind.OnChain, "after");
    }

    function test_ANodeWhoseEndIsSetAttestsUntilThen() external {
        uint256 nodeId = _node(ALICE, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(nodeId, keyOf(nodeId));
        _attest(ALICE, nodeId, PLATFORM);
        assertTrue(_registry.isLive(nodeId), "live");
        uint256 end = _registry.endOf(nodeId);
        _passTo(end - 1);
        assertTrue(_registry.isLive(nodeId), "to the second");
        _pass(1);
        assertTrue(!_registry.isLive(nodeId), "ended");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeRegistryEnded.selector, nodeId, end));
        _attestWith(ALICE, nodeId, _quote(PLATFORM));
    }

    function test_AFreePlatformIsTakenAtOnce() external {
        uint256 first = _node(ALICE, PLATFORM);
        vm.prank(ALICE);
        _registry.exit(first, keyOf(first));
        _passTo(_registry.endOf(first));
        uint256 second = _node(BOB, PLATFORM);
        assertTrue(_registry.isLive(second), "live");
        Platform memory platform = _registry.getPlatform(PLATFORM);
        assertEq(platform.nodeId, second, "holder");
        assertEq(platform.challengerId, 0, "challenger");
        assertEq(platform.lastTakeoverAt, 0, "no takeover");
    }
}
