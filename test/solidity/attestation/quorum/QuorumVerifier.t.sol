// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IQuorumVerifier} from "../../../../contracts/interfaces/IQuorumVerifier.sol";
import {IValidatorSet} from "../../../../contracts/interfaces/IValidatorSet.sol";
import {CalldataAbi} from "../../../../contracts/attestation/quorum/CalldataAbi.sol";
import {Attestation, Standing, TcbStatus} from "../../../../contracts/types/Attestation.sol";
import {CollateralBasis, PckCa} from "../../../../contracts/types/Collateral.sol";
import {ValidatorSignature} from "../../../../contracts/types/Validator.sol";
import {QuorumFixture} from "./QuorumFixture.sol";
import {signaturesOf} from "../../validators/ValidatorKeys.sol";
import {chooseKey, joinSet} from "../../validators/ValidatorStaking.sol";

/// @notice Construction, and what a quorum's signatures are good for.
contract QuorumVerifierTest is QuorumFixture {
    address private immutable other = address(0x07E4);

    function setUp() public {
        deployQuorumVerifier();
    }

    /// @notice Deploys in a call of its own, so that a constructor's revert can be expected.
    function deployVerifier(bytes calldata arguments) external {
        deploy("QuorumVerifier.sol:QuorumVerifier", arguments);
    }

    // Construction

    function test_ConstructorFixesTheTerms() external view {
        assertEq(address(verifier.validators()), address(set), "validators");
        assertEq(address(verifier.vault()), address(vault), "vault");
        assertEq(address(verifier.judge()), address(judge), "judge");
        assertEq(verifier.disputePeriod(), DISPUTE_PERIOD, "dispute period");
        assertEq(verifier.answerPeriod(), 1 days, "answer period");
        assertEq(verifier.demandBond(), DEMAND_BOND, "bond");
        assertEq(verifier.treasury(), treasury, "treasury");
        assertEq(address(verifier.store()), address(judge.store()), "store");
    }

    function test_RevertWhen_JudgeIsNoContract() external {
        bytes memory expected = abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierInvalidJudge.selector, other);
        _expectConstructorError(other, DISPUTE_PERIOD, DEMAND_BOND, expected);
    }

    function test_RevertWhen_ParametersAreOutOfBounds() external {
        _expectConstructorError(address(judge), 1 days, DEMAND_BOND, _invalidParameter(1 days, 1 days));
        _expectConstructorError(address(judge), 13 days, DEMAND_BOND, _invalidParameter(14 days, EXIT_DELAY));
        _expectConstructorError(address(judge), DISPUTE_PERIOD, 0, _invalidParameter(0, 1));
        deploy("QuorumVerifier.sol:QuorumVerifier", abi.encode(set, judge, 13 days - 1, 1));
        deploy("QuorumVerifier.sol:QuorumVerifier", abi.encode(set, judge, 1 days + 1, 1));
    }

    function test_RevertWhen_NewStakeCountsWhileAQuoteIsFresh() external {
        bytes memory terms = abi.encode(vault, address(this), treasury, EXIT_DELAY, uint40(1 days), SLASH_BPS, STAKE);
        address early = deploy("ValidatorSet.sol:ValidatorSet", terms);
        vm.expectRevert(_invalidParameter(1 days, 1 days));
        this.deployVerifier(abi.encode(early, judge, DISPUTE_PERIOD, DEMAND_BOND));
    }

    // Verifying

    function test_VerifyTakesAQuorumsWord() external {
        Attestation memory expected = anAttestation();
        bytes memory evidence = abi.encode(aVouching(expected, REPORT_DATA, 4));
        address[] memory signers = firstSigners(4);
        vm.expectEmit(address(verifier));
        emit IQuorumVerifier.QuoteVouched(address(this), expected.quoteHash, REPORT_DATA, expected, aBasis(), signers);
        (Attestation memory attestation, bytes32 subject) = verifier.verify(evidence, REPORT_DATA);
        assertEq(keccak256(abi.encode(attestation)), keccak256(abi.encode(expected)), "attestation");
        assertEq(subject, keccak256(QUOTE), "subject");

        IQuorumVerifier.Record memory record = theRecord();
        bytes32 commitment = keccak256(abi.encode(REPORT_DATA, expected, aBasis(), signers));
        assertTrue(record.commitment == bytes24(commitment), "commitment");
        assertEq(record.vouchedAt, START, "vouched at");
        assertStanding(record.standing, Standing.Holds);
        assertTrue(!record.answered, "answered");
        assertStanding(ask(), Standing.Holds);
    }

    function test_VouchDigestIsEip712() external view {
        bytes32 expected = digestOf(block.chainid, address(verifier), other, REPORT_DATA, anAttestation(), aBasis());
        bytes32 digest = verifier.vouchDigest(other, REPORT_DATA, anAttestation(), aBasis());
        assertEq(digest, expected, "digest");
    }

    function test_ContractsVouchByTheKeyThatTheyChose() external {
        joinSet(set, other, 1_000 ether);
        uint256 key = chooseKey(set, other, "contract's key");
        bytes32 digest = verifier.vouchDigest(address(this), REPORT_DATA, anAttestation(), aBasis());
        IQuorumVerifier.Vouching memory vouching = aVouching(anAttestation(), REPORT_DATA, 1);
        vouching.signatures[0] = ValidatorSignature({validator: other, signature: signature(key, digest)});
        verifier.verify(abi.encode(vouching), REPORT_DATA);
        assertStanding(theRecord().standing, Standing.Holds);
    }

    function test_RevertWhen_SignaturesAreForSomethingElse() external {
        Attestation memory attestation = anAttestation();
        address self = address(this);
        _expectRefused(digestOf(1, address(verifier), self, REPORT_DATA, attestation, aBasis()));
        _expectRefused(digestOf(block.chainid, other, self, REPORT_DATA, attestation, aBasis()));
        _expectRefused(digestOf(block.chainid, address(verifier), other, REPORT_DATA, attestation, aBasis()));
        _expectRefused(digestOf(block.chainid, address(verifier), self, "other", attestation, aBasis()));
        CollateralBasis memory basis = aBasis();
        basis.collateralHash = "other";
        _expectRefused(digestOf(block.chainid, address(verifier), self, REPORT_DATA, attestation, basis));
        (basis.collateralHash, basis.evaluationNumber) = (aBasis().collateralHash, 18);
        _expectRefused(digestOf(block.chainid, address(verifier), self, REPORT_DATA, attestation, basis));
        attestation.tcbStatus = TcbStatus.UpToDate;
        _expectRefused(digestOf(block.chainid, address(verifier), self, REPORT_DATA, attestation, aBasis()));
    }

    function test_RevertGiven_ChainHasForked() external {
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 4));
        vm.chainId(31_338);
        vm.expectPartialRevert(IValidatorSet.ValidatorSetInvalidSignature.selector);
        verifier.verify(evidence, REPORT_DATA);
    }

    function test_RevertWhen_SomebodyElseUsesTheSignatures() external {
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 4));
        vm.expectPartialRevert(IValidatorSet.ValidatorSetInvalidSignature.selector);
        vm.prank(other);
        verifier.verify(evidence, REPORT_DATA);
    }

    function test_RevertWhen_QuorumIsMissed() external {
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 3));
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorSet.ValidatorSetNoQuorum.selector, 3 * STAKE, keys.length * STAKE)
        );
        verifier.verify(evidence, REPORT_DATA);
    }

    function test_RevertGiven_QuoteIsUsed() external {
        vouch();
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 5));
        vm.expectRevert(
            abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierQuoteUsed.selector, address(this), keccak256(QUOTE))
        );
        verifier.verify(evidence, REPORT_DATA);
    }

    function test_RevertWhen_AttestationIsEmpty() external {
        Attestation memory attestation = anAttestation();
        attestation.mrEnclave = 0;
        _expectEmpty(attestation);
        attestation = anAttestation();
        attestation.platformId = 0;
        _expectEmpty(attestation);
        attestation = anAttestation();
        attestation.quoteHash = 0;
        _expectEmpty(attestation);
    }

    function test_RevertWhen_StatusCannotBeVouchedFor() external {
        Attestation memory attestation = anAttestation();
        attestation.tcbStatus = TcbStatus.None;
        _expectVerifyError(
            attestation,
            abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierInvalidStatus.selector, 0)
        );
        attestation.tcbStatus = TcbStatus.Revoked;
        _expectVerifyError(
            attestation,
            abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierInvalidStatus.selector, 7)
        );
    }

    function test_RevertWhen_AttestationHasLapsed() external {
        Attestation memory attestation = anAttestation();
        attestation.validUntil = uint64(START);
        _expectVerifyError(attestation, abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierLapsed.selector, START));
        attestation.validUntil = uint64(START + 1);
        verifier.verify(abi.encode(aVouching(attestation, REPORT_DATA, 4)), REPORT_DATA);
    }

    /// @notice Otherwise the provider could have validators judge it by a set that Intel has long replaced.
    function test_RevertWhen_CollateralIsBelowTheFloor() external {
        judge.setLists(18, 0, 0);
        _expectBasisError(aBasis(), abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierBelowFloor.selector, 17, 18));
        judge.setLists(17, 0, 0);
        vouch();
    }

    /// @notice A list may say what an older one does not: for instance that the platform is revoked.
    function test_RevertWhen_AListIsOlderThanTheStores() external {
        CollateralBasis memory basis = aBasis();
        bytes4 selector = IQuorumVerifier.QuorumVerifierOldList.selector;
        uint40 stored = basis.pckCrlIssuedAt + 1 days + 1;
        judge.setLists(1, 0, stored);
        _expectBasisError(basis, abi.encodeWithSelector(selector, basis.pckCrlIssuedAt, stored));
        stored = basis.rootCrlIssuedAt + 1 days + 1;
        judge.setLists(1, stored, 0);
        _expectBasisError(basis, abi.encodeWithSelector(selector, basis.rootCrlIssuedAt, stored));
    }

    /// @dev The store may get a newer list between the signatures and the attestation.
    function test_ListsMayBeADayBehindTheStore() external {
        CollateralBasis memory basis = aBasis();
        judge.setLists(17, basis.rootCrlIssuedAt + 1 days, basis.pckCrlIssuedAt + 1 days);
        vouch();
        assertStanding(theRecord().standing, Standing.Holds);
    }

    // Garbled evidence

    function test_RevertWhen_VouchingIsCutShort() external {
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 4));
        // The last 31 bytes are padding, which the encoding could do without.
        for (uint256 length = 0; length < evidence.length - 31; length += 13) _expectMalformed(_cut(evidence, length));
        _expectMalformed(_cut(evidence, evidence.length - 32));
    }

    function test_RevertWhen_AWordOfTheVouchingIsAbsurd() external {
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 2));
        // Every word that is no hash: offsets, lengths, addresses and the smaller fields of attestation and basis.
        uint8[20] memory words = [0, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 26, 28];
        for (uint256 i = 0; i < words.length; ++i) {
            bytes memory garbled = bytes.concat(evidence);
            uint256 position = 0x20 + uint256(words[i]) * 0x20;
            assembly ("memory-safe") {
                mstore(add(garbled, position), not(0))
            }
            _expectMalformed(garbled);
        }
    }

    function test_RevertWhen_SmallFieldsOverflow() external {
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 2));
        _expectMalformed(_withWord(evidence, 4, 1 << 16));
        _expectMalformed(_withWord(evidence, 5, 1 << 16));
        _expectMalformed(_withWord(evidence, 7, 1 << 207));
        _expectMalformed(_withWord(evidence, 8, uint256(type(TcbStatus).max) + 1));
        _expectMalformed(_withWord(evidence, 9, 1 << 64));
        _expectMalformed(_withWord(evidence, 10, 1 << 95));
        _expectMalformed(_withWord(evidence, 12, 1 << 16));
        _expectMalformed(_withWord(evidence, 13, uint256(type(PckCa).max) + 1));
        _expectMalformed(_withWord(evidence, 14, 1 << 40));
        _expectMalformed(_withWord(evidence, 15, 1 << 40));
        _expectMalformed(_withWord(evidence, 20, 1 << 160));
    }

    /// @dev Whatever the bytes: nothing but a typed error, and no record.
    function testFuzz_GarbledVouchingIsRefusedByName(uint256 word, uint256 value, uint256 length) external {
        bytes memory evidence = abi.encode(aVouching(anAttestation(), REPORT_DATA, 4));
        word = bound(word, 0, evidence.length / 0x20 - 1);
        // Offsets and lengths that are nearly right are the dangerous ones.
        if (value % 3 == 0) value = bound(value, 0, evidence.length + 0x40);
        evidence = _cut(_withWord(evidence, word, value), bound(length, evidence.length / 2, evidence.length));
        try verifier.verify(evidence, REPORT_DATA) {
            // Only what means the same may pass: bytes of padding.
            assertStanding(theRecord().standing, Standing.Holds);
        } catch (bytes memory reason) {
            assertGe(reason.length, 4, "an error with a name");
            assertTrue(bytes4(reason) != bytes4(keccak256("Panic(uint256)")), "no panic");
            assertEq(theRecord().vouchedAt, 0, "no record");
        }
    }

    // Helpers

    function _cut(bytes memory data, uint256 length) private pure returns (bytes memory shorter) {
        shorter = bytes.concat(data);
        assembly ("memory-safe") {
            mstore(shorter, length)
        }
    }

    function _withWord(bytes memory data, uint256 word, uint256 value) private pure returns (bytes memory garbled) {
        garbled = bytes.concat(data);
        assembly ("memory-safe") {
            mstore(add(garbled, mul(add(word, 1), 0x20)), value)
        }
    }

    function _expectMalformed(bytes memory evidence) private {
        vm.expectPartialRevert(CalldataAbi.CalldataAbiMalformed.selector);
        verifier.verify(evidence, REPORT_DATA);
    }

    function _expectRefused(bytes32 digest) private {
        IQuorumVerifier.Vouching memory vouching = aVouching(anAttestation(), REPORT_DATA, 4);
        vouching.signatures = signaturesOf(keys, 0, 4, digest);
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetInvalidSignature.selector, vm.addr(keys[0])));
        verifier.verify(abi.encode(vouching), REPORT_DATA);
    }

    function _expectEmpty(Attestation memory attestation) private {
        _expectVerifyError(
            attestation,
            abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierEmptyAttestation.selector, attestation.quoteHash)
        );
    }

    function _expectBasisError(CollateralBasis memory basis, bytes memory expected) private {
        bytes memory evidence = abi.encode(aVouchingBy(anAttestation(), basis, REPORT_DATA, 4));
        vm.expectRevert(expected);
        verifier.verify(evidence, REPORT_DATA);
    }

    function _expectVerifyError(Attestation memory attestation, bytes memory expected) private {
        bytes memory evidence = abi.encode(aVouching(attestation, REPORT_DATA, 4));
        vm.expectRevert(expected);
        verifier.verify(evidence, REPORT_DATA);
    }

    function _expectConstructorError(
        address judge_,
        uint40 disputePeriod,
        uint128 bond,
        bytes memory expected
    ) private {
        vm.expectRevert(expected);
        this.deployVerifier(abi.encode(set, judge_, disputePeriod, bond));
    }

    function _invalidParameter(uint256 value, uint256 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierInvalidParameter.selector, value, limit);
    }
}
