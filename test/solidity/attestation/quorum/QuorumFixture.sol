// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IQuorumVerifier} from "../../../../contracts/interfaces/IQuorumVerifier.sol";
import {IStakeVault} from "../../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../../contracts/interfaces/IValidatorSet.sol";
import {MockJudge} from "../../../../contracts/mocks/MockJudge.sol";
import {Attestation, Standing, TcbStatus} from "../../../../contracts/types/Attestation.sol";
import {CollateralBasis, PckCa} from "../../../../contracts/types/Collateral.sol";
import {Test} from "../../utils/Test.sol";
import {ascendingKeys, signaturesOf} from "../../validators/ValidatorKeys.sol";
import {joinSet, nameSlasher} from "../../validators/ValidatorStaking.sol";

/// @notice Five validators of equal stake, a quorum verifier, and a quote that four of them vouch for. The test is the consumer.
abstract contract QuorumFixture is Test {
    uint256 internal constant START = 1_900_000_000;
    uint40 internal constant EXIT_DELAY = 14 days;
    uint40 internal constant ACTIVATION_DELAY = 8 days;
    uint16 internal constant SLASH_BPS = 3_000;
    uint40 internal constant DISPUTE_PERIOD = 7 days;
    uint128 internal constant DEMAND_BOND = 10 ether;
    uint128 internal constant STAKE = 100 ether;
    bytes32 internal constant REPORT_DATA = keccak256("report data");
    bytes32 internal constant VOUCH_TYPEHASH = keccak256(
        "Vouch(address consumer,bytes32 reportData,bytes32 attestationHash,bytes32 collateralHash,uint16 evaluationNumber,uint8 ca,uint40 rootCrlIssuedAt,uint40 pckCrlIssuedAt)"
    );
    bytes internal constant QUOTE = "the quote's bytes";
    bytes32 internal constant QUOTE_HASH = keccak256(QUOTE);
    bytes internal constant CERTIFICATES = "what the judge needs";

    address internal immutable treasury = address(0x7EA5);

    IStakeVault internal vault;
    IValidatorSet internal set;
    MockJudge internal judge;
    IQuorumVerifier internal verifier;
    uint256[] internal keys;

    function deployQuorumVerifier() internal {
        vm.warp(START);
        IERC20 token = IERC20(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e30)));
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        token.approve(address(vault), type(uint256).max);
        bytes memory terms = abi.encode(vault, address(this), treasury, EXIT_DELAY, ACTIVATION_DELAY, SLASH_BPS, STAKE);
        set = IValidatorSet(deploy("ValidatorSet.sol:ValidatorSet", terms));
        judge = MockJudge(deploy("MockJudge.sol:MockJudge", ""));
        verifier = IQuorumVerifier(
            deploy("QuorumVerifier.sol:QuorumVerifier", abi.encode(set, judge, DISPUTE_PERIOD, DEMAND_BOND))
        );
        nameSlasher(set, address(verifier));
        keys = ascendingKeys(5);
        for (uint256 i = 0; i < keys.length; ++i) joinSet(set, vm.addr(keys[i]), STAKE);
    }

    function anAttestation() internal pure returns (Attestation memory) {
        return
            Attestation({
                quoteHash: QUOTE_HASH,
                mrEnclave: keccak256("enclave"),
                mrSigner: keccak256("signer"),
                isvProdId: 7,
                isvSvn: 3,
                platformId: keccak256("platform"),
                fmspc: 0x00906ed50000,
                tcbStatus: TcbStatus.SWHardeningNeeded,
                validUntil: uint64(START + 30 days),
                launch: hex"00000000_0500000000000000_e700000000000000"
            });
    }

    function aBasis() internal pure returns (CollateralBasis memory) {
        return
            CollateralBasis({
                collateralHash: keccak256("collateral"),
                evaluationNumber: 17,
                ca: PckCa.Processor,
                rootCrlIssuedAt: uint40(START - 90 days),
                pckCrlIssuedAt: uint40(START - 3 days)
            });
    }

    /// @notice The digest as EIP-712 says, computed apart from the contract.
    function digestOf(
        uint256 chainId,
        address verifyingContract,
        address consumer,
        bytes32 reportData,
        Attestation memory attestation,
        CollateralBasis memory basis
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputingPower.QuorumVerifier"),
                keccak256("1"),
                chainId,
                verifyingContract
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                VOUCH_TYPEHASH,
                consumer,
                reportData,
                keccak256(abi.encode(attestation)),
                basis.collateralHash,
                basis.evaluationNumber,
                uint256(basis.ca),
                basis.rootCrlIssuedAt,
                basis.pckCrlIssuedAt
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    /// @notice A vouching by the first `count` validators for this consumer.
    function aVouching(
        Attestation memory attestation,
        bytes32 reportData,
        uint256 count
    ) internal view returns (IQuorumVerifier.Vouching memory) {
        return aVouchingBy(attestation, aBasis(), reportData, count);
    }

    /// @notice The same by other collateral.
    function aVouchingBy(
        Attestation memory attestation,
        CollateralBasis memory basis,
        bytes32 reportData,
        uint256 count
    ) internal view returns (IQuorumVerifier.Vouching memory) {
        bytes32 digest = digestOf(block.chainid, address(verifier), address(this), reportData, attestation, basis);
        return
            IQuorumVerifier.Vouching({
                attestation: attestation,
                basis: basis,
                signatures: signaturesOf(keys, 0, count, digest)
            });
    }

    function vouch() internal {
        verifier.verify(abi.encode(aVouching(anAttestation(), REPORT_DATA, 4)), REPORT_DATA);
    }

    /// @notice The dispute of what {vouch} vouches for.
    function aDispute() internal view returns (IQuorumVerifier.Dispute memory) {
        return
            IQuorumVerifier.Dispute({
                attestation: anAttestation(),
                basis: aBasis(),
                signers: firstSigners(4),
                quote: QUOTE,
                evidence: CERTIFICATES
            });
    }

    function dispute() internal returns (Standing standing) {
        return verifier.dispute(QUOTE_HASH, REPORT_DATA, abi.encode(aDispute()));
    }

    /// @notice How the vouching stands, disputing nothing.
    function ask() internal returns (Standing standing) {
        return verifier.dispute(QUOTE_HASH, REPORT_DATA, "");
    }

    function firstSigners(uint256 count) internal view returns (address[] memory signers) {
        signers = new address[](count);
        for (uint256 i = 0; i < count; ++i) signers[i] = vm.addr(keys[i]);
    }

    function theRecord() internal view returns (IQuorumVerifier.Record memory) {
        return verifier.getRecord(address(this), QUOTE_HASH, REPORT_DATA);
    }

    function assertStanding(Standing actual, Standing expected) internal pure {
        assertEq(uint256(actual), uint256(expected), "standing");
    }

    function unknownQuote(
        address consumer,
        bytes32 quoteHash,
        bytes32 reportData
    ) internal pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IQuorumVerifier.QuorumVerifierUnknownQuote.selector,
                consumer,
                quoteHash,
                reportData
            );
    }

    function wrongQuote(bytes memory quote) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IQuorumVerifier.QuorumVerifierWrongQuote.selector, QUOTE_HASH, keccak256(quote));
    }
}
