// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {VerifierKind} from "../../../contracts/types/Node.sol";
import {ALICE, PLATFORM, RegistryFixture} from "../nodes/RegistryFixture.sol";
import {AttestationDemandsHarness} from "./AttestationDemandsHarness.sol";

/// @notice What no grant shows, because none is made to a node that was never attested; and verifiers that ask for more time than the
/// grants' own.
contract AttestationDemandsTest is RegistryFixture {
    uint256 private constant LONG = 100;

    AttestationDemandsHarness private _demands;

    function setUp() public {
        _build();
        _demands = AttestationDemandsHarness(deploy("AttestationDemandsHarness.sol:AttestationDemandsHarness", ""));
    }

    /// @dev Its first attestation's time is 0, which is long ago.
    function test_ANodeThatWasNeverAttestedIsNotFinal() external {
        uint256 nodeId = _declare(ALICE);
        _assertStrongest(nodeId, AttestationDemand.Live, "declared");
        _attest(ALICE, nodeId, PLATFORM);
        _assertStrongest(nodeId, AttestationDemand.Live, "attested just now");
        _pass(1);
        _assertStrongest(nodeId, AttestationDemand.Live, "to the second");
        _pass(1);
        _assertStrongest(nodeId, AttestationDemand.Final, "attested before");
    }

    function test_ANodeIsFinalWhenItsOwnVerifierCannotDisputeItAnyLonger() external {
        _listLong();
        uint256 nodeId = _declare(ALICE);
        _attest(ALICE, nodeId, PLATFORM);
        _pass(LONG);
        _assertStrongest(nodeId, AttestationDemand.Live, "to the second");
        _pass(1);
        _assertStrongest(nodeId, AttestationDemand.Final, "beyond dispute");
    }

    /// @notice Neither of the verifiers that judged its first quote and its newest is forgotten by the other's.
    function test_TheLongerOfTheFirstAndTheNewestVerifierCounts() external {
        MockVerifier short = _verifier;
        uint256[2] memory nodes = [_declare(ALICE), _declare(ALICE)];
        _attest(ALICE, nodes[0], PLATFORM);
        _listLong();
        _attest(ALICE, nodes[0], PLATFORM);
        _attest(ALICE, nodes[1], keccak256("another platform"));
        _verifier = short;
        _attest(ALICE, nodes[1], keccak256("another platform"));
        _pass(LONG);
        _assertStrongest(nodes[0], AttestationDemand.Live, "the newest");
        _assertStrongest(nodes[1], AttestationDemand.Live, "the first");
        _pass(1);
        _assertStrongest(nodes[0], AttestationDemand.Final, "the newest's time is over");
        _assertStrongest(nodes[1], AttestationDemand.Final, "the first's time is over");
    }

    function test_EachDemandIsMetByItselfAndByWhatIsStronger() external view {
        AttestationDemand[3] memory ascending = [
            AttestationDemand.Live,
            AttestationDemand.Final,
            AttestationDemand.OnChain
        ];
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 3; ++j) {
                assertTrue(_demands.isMetBy(ascending[i], ascending[j]) == (i <= j), "met");
            }
        }
    }

    /// @dev From now on nodes are attested by a verifier whose quotes can be disputed for long.
    function _listLong() private {
        _verifier = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));
        _listVerifier(_verifier, VerifierKind.Quorum, LONG);
        // What it says afterwards changes nothing.
        _verifier.setDisputeTime(0);
    }

    function _assertStrongest(uint256 nodeId, AttestationDemand expected, string memory what) private view {
        VerifierKind kind = _registry.enclaveTermsOf(nodeId).verifierKind;
        assertEq(uint256(_demands.strongest(_registry, nodeId, kind, 1)), uint256(expected), what);
    }
}
