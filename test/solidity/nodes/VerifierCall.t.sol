// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {VerifierCall} from "../../../contracts/nodes/VerifierCall.sol";
import {Attestation, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {Test} from "../utils/Test.sol";
import {VerifierCallHarness} from "./VerifierCallHarness.sol";

/// @notice A call that takes the answer as it lies takes the same as one that decodes it, and refuses what that would refuse.
contract VerifierCallTest is Test {
    address private constant VERIFIER = address(0xFE51F1);
    bytes32 private constant REPORT_DATA = keccak256("report data");
    uint256 private constant WORDS = 11;

    VerifierCallHarness private _caller;

    function setUp() public {
        _caller = VerifierCallHarness(deploy("VerifierCallHarness.sol:VerifierCallHarness", ""));
        vm.etch(VERIFIER, hex"00");
    }

    function testFuzz_TheAnswerIsTaken(uint256 salt, bytes32 subject, bytes memory evidence) external {
        Attestation memory expected = Attestation({
            quoteHash: bytes32(salt),
            mrEnclave: keccak256(abi.encode(salt, 1)),
            mrSigner: keccak256(abi.encode(salt, 2)),
            isvProdId: uint16(salt),
            isvSvn: uint16(salt >> 16),
            platformId: keccak256(abi.encode(salt, 3)),
            fmspc: bytes6(uint48(salt >> 32)),
            tcbStatus: TcbStatus((salt >> 80) % 8),
            validUntil: uint64(salt >> 192),
            launch: bytes20(keccak256(abi.encode(salt, 4)))
        });
        bytes memory question = abi.encodeCall(IAttestationVerifier.verify, (evidence, REPORT_DATA));
        // An exact match of the whole encoding, padding included.
        vm.mockCall(VERIFIER, question, abi.encode(expected, subject));
        (Attestation memory attestation, bytes32 given) = _caller.verify(VERIFIER, evidence, REPORT_DATA);
        assertEq(keccak256(abi.encode(attestation)), keccak256(abi.encode(expected)), "attestation");
        assertEq(given, subject, "subject");
    }

    function test_RevertWhen_TheVerifierReverts() external {
        vm.mockCallRevert(VERIFIER, abi.encodePacked(IAttestationVerifier.verify.selector), "why");
        vm.expectRevert("why");
        _caller.verify(VERIFIER, "evidence", REPORT_DATA);
    }

    function test_RevertWhen_TheAnswerIsShort() external {
        bytes memory answer = _answer();
        for (uint256 length = 0; length < WORDS * 0x20; length += 0x15f) {
            bytes memory short = new bytes(length);
            for (uint256 i = 0; i < length; ++i) short[i] = answer[i];
            _expectMalformed(short);
        }
    }

    function test_RevertWhen_AFieldOverflows() external {
        // Product id, security version, FMSPC, status, end and launch, one beyond the greatest each.
        _expectMalformed(_answerWith(3, 1 << 16));
        _expectMalformed(_answerWith(4, 1 << 16));
        _expectMalformed(_answerWith(6, 1 << 207));
        _expectMalformed(_answerWith(7, uint256(type(TcbStatus).max) + 1));
        _expectMalformed(_answerWith(8, 1 << 64));
        _expectMalformed(_answerWith(9, 1 << 95));
    }

    function _answer() private pure returns (bytes memory) {
        Attestation memory attestation;
        return abi.encode(attestation, bytes32("subject"));
    }

    function _answerWith(uint256 word, uint256 value) private pure returns (bytes memory answer) {
        answer = _answer();
        assembly ("memory-safe") {
            mstore(add(answer, mul(add(word, 1), 0x20)), value)
        }
    }

    function _expectMalformed(bytes memory answer) private {
        vm.mockCall(VERIFIER, abi.encodePacked(IAttestationVerifier.verify.selector), answer);
        vm.expectRevert(abi.encodeWithSelector(VerifierCall.VerifierCallMalformed.selector, VERIFIER));
        _caller.verify(VERIFIER, "evidence", REPORT_DATA);
    }
}
