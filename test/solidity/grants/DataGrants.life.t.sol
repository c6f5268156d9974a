// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {QuoteBinding} from "../../../contracts/types/Node.sol";
import {GrantsFixture} from "./GrantsFixture.sol";
import {ALICE, BOB, GOVERNOR, keyOf, MAXIMUM_AGE, OTHER_PLATFORM, PLATFORM} from "../nodes/RegistryFixture.sol";

/// @notice Whether a grant holds, second by second, through all that can become of its node.
contract DataGrantsLifeTest is GrantsFixture {
    function test_AGrantHoldsBeforeItsEnd() external {
        GrantTerms memory terms = _terms();
        terms.until = uint40(_stage.time() + 1 hours);
        _grant(terms);
        _assertGranted(_nodeId, true, "at once");
        _stage.passTo(terms.until - 1);
        _assertGranted(_nodeId, true, "to the second");
        _stage.pass(1);
        _assertGranted(_nodeId, false, "over");
        assertTrue(_registry.isLive(_nodeId), "the node lives on");
        terms.until += 1;
        _grant(terms);
        _assertGranted(_nodeId, true, "granted again");
    }

    function test_NothingIsGrantedByItself() external view {
        _assertGranted(_nodeId, false, "a live node");
        assertTrue(!_grants.isGranted(0, _nodeId), "no dataset");
        assertTrue(!_grants.isGranted(99, _nodeId), "a dataset to come");
    }

    function test_UnknownNodesAreGrantedNothing() external view {
        assertTrue(!_grants.isGranted(_datasetId, 0), "node 0");
        assertTrue(!_grants.isGranted(_datasetId, 99), "a node to come");
    }

    /// @notice A lapse suspends the grant, and the next attestation brings it back without the owner.
    function test_AGrantSleepsWhileTheAttestationHasLapsed() external {
        _grant(_terms());
        uint256 validUntil = _registry.getNode(_nodeId).validUntil;
        _stage.passTo(validUntil - 1);
        _assertGranted(_nodeId, true, "to the second");
        _stage.pass(1);
        _assertGranted(_nodeId, false, "lapsed");
        _stage.pass(1 days);
        _assertGranted(_nodeId, false, "still lapsed");
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _assertGranted(_nodeId, true, "attested again");
        assertEq(_nonce(), 1, "nonce");
    }

    function test_AGrantRevokedWhileTheNodeSleptStaysRevoked() external {
        _grant(_terms());
        _stage.passTo(_registry.getNode(_nodeId).validUntil);
        _revoke();
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _assertGranted(_nodeId, false, "granted");
    }

    /// @notice The measurement is fixed by then, so the grant needs no live node; holding does.
    function test_ALapsedNodeMayBeGrantedTo() external {
        _stage.passTo(_registry.getNode(_nodeId).validUntil);
        _grant(_terms());
        _assertGranted(_nodeId, false, "lapsed");
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _assertGranted(_nodeId, true, "attested again");
    }

    function test_AGrantEndsWithTheNodesExit() external {
        _grant(_terms());
        vm.prank(ALICE);
        _registry.exit(_nodeId, keyOf(_nodeId));
        uint256 end = _registry.endOf(_nodeId);
        _stage.passTo(end - 1);
        _assertGranted(_nodeId, true, "to the second");
        _stage.pass(1);
        _assertGranted(_nodeId, false, "ended");
        _grant(_terms());
        _assertGranted(_nodeId, false, "granted to an ended node");
    }

    function test_AGrantEndsWhenTheNodeIsRevoked() external {
        _grant(_terms());
        _stage.recheck(_nodeId, PLATFORM, Standing.Holds, TcbStatus.ConfigurationNeeded);
        _assertGranted(_nodeId, true, "a worse status alone");
        _stage.recheck(_nodeId, PLATFORM, Standing.Revoked, TcbStatus.None);
        _assertGranted(_nodeId, false, "revoked");
    }

    function test_AGrantEndsWhenTheQuoteIsDisprovenOrWithheld() external {
        Standing[2] memory standings = [Standing.Disproven, Standing.Withheld];
        bytes32[2] memory platforms = [keccak256("first"), keccak256("second")];
        for (uint256 i; i < standings.length; ++i) {
            uint256 nodeId = _stage.declare(BOB);
            (bytes32 quoteHash, QuoteBinding memory binding) = _stage.attestBound(BOB, nodeId, platforms[i]);
            _grant(_termsFor(nodeId, AttestationDemand.Live));
            _assertGranted(nodeId, true, "before");
            _stage.dispute(nodeId, quoteHash, binding, standings[i]);
            _assertGranted(nodeId, false, "after");
        }
        assertTrue(_registry.isLive(_nodeId), "another node");
    }

    /// @notice A removed enclave's nodes live until their attestation lapses; so does what was granted to them.
    function test_AGrantOutlivesTheRemovalOfTheEnclave() external {
        _grant(_terms());
        uint256 validUntil = _registry.getNode(_nodeId).validUntil;
        vm.prank(GOVERNOR);
        _registry.removeEnclave(1);
        _stage.passTo(validUntil - 1);
        _assertGranted(_nodeId, true, "to the second");
        _stage.pass(1);
        _assertGranted(_nodeId, false, "ended");
    }

    /// @notice What was granted to the node taken over does not pass on to the one that took over, nor is it lost before.
    function test_AGrantStaysWithItsNodeInATakeover() external {
        _grant(_terms());
        (uint256 challenger, uint256 takeoverAt) = _challenge();
        _grant(_termsFor(challenger, AttestationDemand.Live));
        _assertGranted(_nodeId, true, "incumbent");
        _assertGranted(challenger, false, "challenger");
        _stage.passTo(takeoverAt - 1);
        _assertGranted(_nodeId, true, "incumbent to the second");
        _assertGranted(challenger, false, "challenger before");
        _stage.pass(1);
        _assertGranted(_nodeId, false, "taken over");
        _assertGranted(challenger, true, "took over");

        vm.prank(_owner);
        _grants.revoke(_datasetId, CONTENT, challenger, keyOf(challenger));
        _assertGranted(challenger, false, "no grant of its own");
    }

    function test_ARepelledChallengerHasNothing() external {
        _grant(_terms());
        (uint256 challenger, uint256 takeoverAt) = _challenge();
        _grant(_termsFor(challenger, AttestationDemand.Live));
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _stage.passTo(takeoverAt);
        _assertGranted(_nodeId, true, "incumbent");
        _assertGranted(challenger, false, "challenger");
    }

    // Demands

    function test_AQuorumsWordIsFinalInTime() external {
        uint256 attestedAt = _stage.time();
        _grant(_termsFor(_nodeId, AttestationDemand.Final));
        _assertGranted(_nodeId, false, "at once");
        // In its last second the signers can still be slashed.
        _stage.passTo(attestedAt + FINALITY);
        _assertGranted(_nodeId, false, "to the second");
        _stage.pass(1);
        _assertGranted(_nodeId, true, "final");
    }

    /// @notice The first attestation made the enclave key, and is the one that counts.
    function test_AttestingAgainDoesNotPutFinalityOff() external {
        uint256 attestedAt = _stage.time();
        _grant(_termsFor(_nodeId, AttestationDemand.Final));
        _stage.passTo(attestedAt + FINALITY - 1);
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _stage.pass(2);
        _assertGranted(_nodeId, true, "final");
        _stage.passTo(_registry.getNode(_nodeId).validUntil);
        _assertGranted(_nodeId, false, "lapsed");
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _assertGranted(_nodeId, true, "final at once");
    }

    function test_ADeclaredNodesAgeDoesNotCount() external {
        uint256 nodeId = _stage.declare(BOB);
        _stage.pass(FINALITY + 1);
        _stage.attest(BOB, nodeId, OTHER_PLATFORM);
        _grant(_termsFor(nodeId, AttestationDemand.Final));
        _assertGranted(nodeId, false, "first attested just now");
    }

    function test_AQuorumsWordIsNeverTheChains() external {
        _grant(_termsFor(_nodeId, AttestationDemand.OnChain));
        _assertGranted(_nodeId, false, "at once");
        _stage.pass(FINALITY + 1);
        _assertGranted(_nodeId, false, "final");
    }

    function test_TheChainsWordMeetsEveryDemand() external {
        _stage.verifyOnChain();
        uint256 nodeId = _stage.node(BOB, OTHER_PLATFORM);
        for (uint256 i; i < 3; ++i) {
            _grant(_termsFor(nodeId, AttestationDemand(i)));
            _assertGranted(nodeId, true, "granted");
        }
    }

    function test_MovingToTheChainMeetsTheDemandAtOnce() external {
        uint256 other = _stage.node(BOB, OTHER_PLATFORM);
        _grant(_termsFor(_nodeId, AttestationDemand.Final));
        _grant(_termsFor(other, AttestationDemand.OnChain));
        // How the verifier is listed by now says nothing of quotes that it accepted before.
        _stage.verifyOnChain();
        _assertGranted(_nodeId, false, "final before");
        _assertGranted(other, false, "on chain before");
        _stage.attest(ALICE, _nodeId, PLATFORM);
        _stage.attest(BOB, other, OTHER_PLATFORM);
        _assertGranted(_nodeId, true, "final");
        _assertGranted(other, true, "on chain");
        _stage.passTo(_registry.getNode(_nodeId).validUntil);
        _assertGranted(_nodeId, false, "final but lapsed");
        _assertGranted(other, false, "on chain but lapsed");
    }

    /// @notice Every demand, every kind, before, at and after the end of the period in which a quorum answers for its word.
    function testFuzz_ADemandIsMetOrNot(uint8 demand_, bool isOnChain, uint256 age, uint40 finalityPeriod) external {
        AttestationDemand demand = AttestationDemand(demand_ % 3);
        finalityPeriod = uint40(bound(finalityPeriod, 1, MAXIMUM_AGE - 2));
        age = age % 2 == 0 ? finalityPeriod + ((age >> 1) % 3) - 1 : bound(age, 0, MAXIMUM_AGE - 1);
        _grants = _deployGrants(finalityPeriod);
        _registerAs(_owner, PRICE);
        if (isOnChain) _stage.verifyOnChain();
        uint256 nodeId = _stage.node(BOB, OTHER_PLATFORM);
        _grant(_termsFor(nodeId, demand));
        _stage.pass(age);
        bool expected =
            isOnChain ||
                demand == AttestationDemand.Live ||
                (demand == AttestationDemand.Final && age > finalityPeriod);
        _assertGranted(nodeId, expected, "granted");
    }

    function _challenge() private returns (uint256 challenger, uint256 takeoverAt) {
        _stage.pass(10 minutes);
        challenger = _stage.node(BOB, PLATFORM);
        takeoverAt = _registry.getPlatform(PLATFORM).takeoverAt;
    }
}
