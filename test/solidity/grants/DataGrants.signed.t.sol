// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {AttestationDemand, Grant, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {GrantsFixture} from "./GrantsFixture.sol";
import {ALICE, BOB, MR_ENCLAVE, STRANGER, keyOf} from "../nodes/RegistryFixture.sol";

/// @notice Grants that an owner signs and anybody carries: by whom, where, how often, how long.
contract DataGrantsSignedTest is GrantsFixture {
    function test_AnybodyCarriesASignedGrant() external {
        GrantTerms memory terms = _termsFor(_nodeId, AttestationDemand.Final);
        bytes memory signed = _sign(terms, 0, DEADLINE);
        vm.expectEmit(address(_grants));
        emit IDataGrants.Granted(_datasetId, _nodeId, terms, 1);
        vm.prank(STRANGER);
        _grants.grantFor(terms, DEADLINE, signed);

        Grant memory stored = _grants.getGrant(_datasetId, _nodeId);
        assertEq(stored.until, UNTIL, "until");
        assertTrue(stored.demand == AttestationDemand.Final, "demand");
        assertTrue(!stored.free, "free");
        assertEq(stored.nonce, 1, "nonce");
    }

    /// @notice A free grant is for the owner's node, not for the carrier's.
    function test_ASignedGrantIsTheOwnersNotTheCarriers() external {
        uint256 nodeId = _ownNode();
        GrantTerms memory terms = _termsFor(nodeId, AttestationDemand.Live);
        terms.free = true;
        bytes memory signed = _sign(terms, 0, DEADLINE);
        vm.prank(STRANGER);
        _grants.grantFor(terms, DEADLINE, signed);
        _assertGranted(nodeId, true, "granted");
        assertTrue(_grants.getGrant(_datasetId, nodeId).free, "free");

        terms = _terms();
        terms.free = true;
        signed = _sign(terms, 0, DEADLINE);
        vm.expectRevert(_notOwnNode(_datasetId, _nodeId));
        vm.prank(ALICE);
        _grants.grantFor(terms, DEADLINE, signed);
    }

    function test_ASignedGrantReplacesAGrant() external {
        _grant(_termsFor(_nodeId, AttestationDemand.OnChain));
        _assertGranted(_nodeId, false, "not on chain");
        _carry(_terms(), 1, DEADLINE);
        _assertGranted(_nodeId, true, "granted");
        _carry(_terms(), 2, DEADLINE);
        assertEq(_nonce(), 3, "nonce");
    }

    function test_TheTermsOfASignedGrantAreCheckedToo() external {
        GrantTerms memory terms = _terms();
        terms.mrEnclave = 0;
        bytes memory signed = _sign(terms, 0, DEADLINE);
        vm.expectRevert(_wrongMeasurement(_nodeId, 0, MR_ENCLAVE));
        _grants.grantFor(terms, DEADLINE, signed);

        terms = _terms();
        terms.enclaveKey = BOB;
        signed = _sign(terms, 0, DEADLINE);
        vm.expectRevert(_wrongEnclaveKey(_nodeId, BOB, keyOf(_nodeId)));
        _grants.grantFor(terms, DEADLINE, signed);

        terms = _terms();
        terms.until = uint40(_stage.time());
        signed = _sign(terms, 0, DEADLINE);
        vm.expectRevert(_invalidExpiry(_stage.time()));
        _grants.grantFor(terms, DEADLINE, signed);

        terms = _termsFor(9, AttestationDemand.Live);
        signed = _sign(terms, 0, DEADLINE);
        vm.expectRevert(_unknownNode(9));
        _grants.grantFor(terms, DEADLINE, signed);
        assertEq(_nonce(), 0, "nonce");
    }

    function test_TheDeadlineIsTheLastSecond() external {
        _stage.passTo(DEADLINE);
        uint256 snapshot = vm.snapshotState();
        _carry(_terms(), 0, DEADLINE);
        _assertGranted(_nodeId, true, "in time");
        assertTrue(vm.revertToState(snapshot), "snapshot");

        _stage.passTo(DEADLINE + 1);
        bytes memory signed = _sign(_terms(), 0, DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsExpiredSignature.selector, DEADLINE));
        _grants.grantFor(_terms(), DEADLINE, signed);
        // Nor by the owner's own hand.
        vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsExpiredSignature.selector, DEADLINE));
        vm.prank(_owner);
        _grants.grantFor(_terms(), DEADLINE, signed);
    }

    function test_RevertGiven_TheSignatureWasCarried() external {
        bytes memory signed = _sign(_terms(), 0, DEADLINE);
        _grants.grantFor(_terms(), DEADLINE, signed);
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, 1);
    }

    /// @notice A second one of the same nonce, still in somebody's hands, would undo what the owner chose last.
    function test_RevertGiven_AnotherOfTheSameNonceWasCarried() external {
        GrantTerms memory loose = _terms();
        bytes memory held = _sign(loose, 0, DEADLINE);
        _carry(_termsFor(_nodeId, AttestationDemand.OnChain), 0, DEADLINE);
        _expectInvalidSignature(loose, DEADLINE, held, _owner, 1);
    }

    function test_RevertGiven_TheOwnerGrantedSince() external {
        bytes memory signed = _sign(_terms(), 0, DEADLINE);
        _grant(_termsFor(_nodeId, AttestationDemand.OnChain));
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, 1);
    }

    function test_RevertGiven_TheOwnerRevokedSince() external {
        bytes memory signed = _sign(_terms(), 0, DEADLINE);
        _revoke();
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, NONCE_STEP);
        _assertGranted(_nodeId, false, "never granted");

        _carry(_terms(), NONCE_STEP, DEADLINE);
        signed = _sign(_terms(), NONCE_STEP + 1, DEADLINE);
        _revoke();
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, 2 * NONCE_STEP);
        _assertGranted(_nodeId, false, "revoked");
    }

    /// @notice An owner may sign renewals ahead. A revocation that moved the nonce by one would bring the next of them to life.
    function test_ARevocationBringsNoRenewalSignedAheadToLife() external {
        bytes memory first = _sign(_terms(), 0, DEADLINE);
        bytes memory renewal = _sign(_terms(), 1, DEADLINE);
        bytes memory next = _sign(_terms(), 2, DEADLINE);
        uint256 snapshot = vm.snapshotState();

        // None of them carried.
        _revoke();
        _expectInvalidSignature(_terms(), DEADLINE, first, _owner, NONCE_STEP);
        _expectInvalidSignature(_terms(), DEADLINE, renewal, _owner, NONCE_STEP);
        _expectInvalidSignature(_terms(), DEADLINE, next, _owner, NONCE_STEP);
        _assertGranted(_nodeId, false, "none carried");
        assertTrue(vm.revertToState(snapshot), "snapshot");

        // The first carried.
        _grants.grantFor(_terms(), DEADLINE, first);
        _assertGranted(_nodeId, true, "first carried");
        _revoke();
        _expectInvalidSignature(_terms(), DEADLINE, renewal, _owner, NONCE_STEP);
        _expectInvalidSignature(_terms(), DEADLINE, next, _owner, NONCE_STEP);
        // Nor by revoking once more.
        _revoke();
        _expectInvalidSignature(_terms(), DEADLINE, renewal, _owner, 2 * NONCE_STEP);
        _expectInvalidSignature(_terms(), DEADLINE, next, _owner, 2 * NONCE_STEP);
        _assertGranted(_nodeId, false, "first carried and revoked");
    }

    /// @notice However many were carried before, and however far ahead of them another was signed.
    function testFuzz_ARevocationPassesWhatWasSignedAhead(uint8 carried, uint32 ahead, bool isRevokedBefore) external {
        uint256 base;
        if (isRevokedBefore) {
            _revoke();
            base = NONCE_STEP;
        }
        carried = carried % 4;
        for (uint256 i; i < carried; ++i) _carry(_terms(), base + i, DEADLINE);
        bytes memory signed = _sign(_terms(), base + bound(ahead, carried, type(uint32).max), DEADLINE);
        _revoke();
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, base + NONCE_STEP);
        _assertGranted(_nodeId, false, "revoked");
        // What the owner signs by now counts.
        _carry(_terms(), base + NONCE_STEP, DEADLINE);
        _assertGranted(_nodeId, true, "granted again");
    }

    function testFuzz_RevertWhen_TheNonceIsAnother(uint256 nonce) external {
        vm.assume(nonce != 0);
        _expectInvalidSignature(_terms(), DEADLINE, _sign(_terms(), nonce, DEADLINE), _owner, 0);
    }
}
