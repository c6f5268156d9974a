// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AttestationDemand} from "../../../contracts/types/Dataset.sol";
import {ALICE, PLATFORM, RegistryFixture} from "../nodes/RegistryFixture.sol";
import {AttestationDemandsHarness} from "./AttestationDemandsHarness.sol";

/// @notice What no grant shows, because none is made to a node that was never attested.
contract AttestationDemandsTest is RegistryFixture {
    AttestationDemandsHarness private _demands;

    function setUp() public {
        _build();
        _demands = AttestationDemandsHarness(deploy("AttestationDemandsHarness.sol:AttestationDemandsHarness", ""));
    }

    /// @dev Its first attestation's time is 0, which is long ago.
    function test_ANodeThatWasNeverAttestedIsNotFinal() external {
        uint256 nodeId = _declare(ALICE);
        assertTrue(!_isMet(nodeId, AttestationDemand.Final), "final");
        assertTrue(!_isMet(nodeId, AttestationDemand.OnChain), "on chain");
        assertTrue(_isMet(nodeId, AttestationDemand.Live), "live");
        _attest(ALICE, nodeId, PLATFORM);
        assertTrue(!_isMet(nodeId, AttestationDemand.Final), "attested just now");
        _pass(1);
        assertTrue(!_isMet(nodeId, AttestationDemand.Final), "to the second");
        _pass(1);
        assertTrue(_isMet(nodeId, AttestationDemand.Final), "attested before");
    }

    function _isMet(uint256 nodeId, AttestationDemand demand) private view returns (bool) {
        return _demands.isMet(demand, _registry, nodeId, _registry.enclaveTermsOf(nodeId).verifierKind, 1);
    }
}
