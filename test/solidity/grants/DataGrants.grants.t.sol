// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {AttestationDemand, Grant, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {GrantsFixture} from "./GrantsFixture.sol";
import {BOB, MR_ENCLAVE, OTHER_PLATFORM, keyOf} from "../nodes/RegistryFixture.sol";

/// @notice Granting and revoking by the owner itself: what is stored, what is refused, and that nobody else does either.
contract DataGrantsGrantsTest is GrantsFixture {
    function test_AGrantIsStoredAndTold() external {
        GrantTerms memory terms = _termsFor(_nodeId, AttestationDemand.OnChain);
        vm.expectEmit(address(_grants));
        emit IDataGrants.Granted(_datasetId, _nodeId, terms, 1);
        _grant(terms);
        _assertGrant(_nodeId, Grant({until: UNTIL, demand: AttestationDemand.OnChain, free: false, nonce: 1}));
    }

    function test_AGrantIsOneNodesAndOneDatasets() external {
        uint256 otherNode = _stage.node(BOB, OTHER_PLATFORM);
        uint256 otherDataset = _registerAs(_owner, PRICE);
        _grant(_terms());
        _assertGranted(_nodeId, true, "granted");
        _assertGranted(otherNode, false, "another node");
        assertTrue(!_grants.isGranted(otherDataset, _nodeId), "another dataset");
        _assertGrant(otherNode, Grant({until: 0, demand: AttestationDemand.Final, free: false, nonce: 0}));
    }

    function test_AGrantIsReplaced() external {
        uint256 nodeId = _ownNode();
        GrantTerms memory terms = _termsFor(nodeId, AttestationDemand.Live);
        terms.free = true;
        _grant(terms);
        _assertGrant(nodeId, Grant({until: UNTIL, demand: AttestationDemand.Live, free: true, nonce: 1}));

        // By a stricter, a shorter, and one that costs.
        terms.demand = AttestationDemand.Final;
        terms.until = uint40(_stage.time() + 1);
        terms.free = false;
        vm.expectEmit(address(_grants));
        emit IDataGrants.Granted(_datasetId, nodeId, terms, 2);
        _grant(terms);
        _assertGrant(nodeId, Grant({until: terms.until, demand: AttestationDemand.Final, free: false, nonce: 2}));
        _assertGranted(nodeId, false, "not final");
    }

    function testFuzz_AGrantKeepsWhatItSays(uint40 until, uint8 demand) external {
        GrantTerms memory terms = _termsFor(_nodeId, AttestationDemand(demand % 3));
        terms.until = until;
        if (until <= _stage.time()) vm.expectRevert(_invalidExpiry(until));
        _grant(terms);
        if (until <= _stage.time()) terms = GrantTerms(0, 0, 0, address(0), 0, AttestationDemand.Final, false);
        uint64 nonce = until <= _stage.time() ? 0 : 1;
        _assertGrant(_nodeId, Grant({until: terms.until, demand: terms.demand, free: false, nonce: nonce}));
    }

    function test_TheStrictestDemandIsTheDefault() external pure {
        GrantTerms memory unset;
        assertTrue(unset.demand == AttestationDemand.Final, "demand");
        assertTrue(!unset.free, "free");
    }

    function test_RevertWhen_TheDatasetIsUnknown() external {
        GrantTerms memory terms = _terms();
        terms.datasetId = 2;
        vm.expectRevert(_unknownDataset(2));
        _grant(terms);
        vm.expectRevert(_unknownDataset(2));
        _grants.grantFor(terms, UNTIL, "");
        vm.expectRevert(_unknownDataset(2));
        _grants.revoke(2, CONTENT, _nodeId, keyOf(_nodeId));
    }

    function test_RevertWhen_TheNodeIsUnknown() external {
        vm.expectRevert(_unknownNode(2));
        _grant(_termsFor(2, AttestationDemand.Live));
    }

    function test_RevertGiven_TheNodeWasNeverAttested() external {
        uint256 nodeId = _stage.declare(BOB);
        GrantTerms memory terms = _termsFor(nodeId, AttestationDemand.Live);
        vm.expectRevert(_wrongMeasurement(nodeId, MR_ENCLAVE, 0));
        _grant(terms);
        // A measurement of zero is no way to grant to whatever it will run, nor is a key of zero with it.
        terms.mrEnclave = 0;
        vm.expectRevert(_wrongMeasurement(nodeId, 0, 0));
        _grant(terms);
        terms.enclaveKey = address(0);
        vm.expectRevert(_wrongMeasurement(nodeId, 0, 0));
        _grant(terms);
    }

    function testFuzz_RevertWhen_TheMeasurementIsAnother(bytes32 mrEnclave) external {
        vm.assume(mrEnclave != MR_ENCLAVE);
        GrantTerms memory terms = _terms();
        terms.mrEnclave = mrEnclave;
        vm.expectRevert(_wrongMeasurement(_nodeId, mrEnclave, MR_ENCLAVE));
        _grant(terms);
    }

    function testFuzz_RevertWhen_TheEnclaveKeyIsAnother(address enclaveKey) external {
        vm.assume(enclaveKey != keyOf(_nodeId));
        _expectWrongEnclaveKey(enclaveKey);
    }

    /// @notice Nor is no key any key, nor another node's of the same measurement this one's.
    function test_RevertWhen_TheEnclaveKeyIsNoneOrAnotherNodes() external {
        uint256 other = _stage.node(BOB, OTHER_PLATFORM);
        _expectWrongEnclaveKey(address(0));
        _expectWrongEnclaveKey(keyOf(other));
        _grant(_termsFor(other, AttestationDemand.Live));
        _assertGranted(other, true, "the other node");
    }

    function test_RevertWhen_TheGrantIsOverAlready() external {
        GrantTerms memory terms = _terms();
        uint40[3] memory over = [uint40(_stage.time()), uint40(_stage.time() - 1), 0];
        for (uint256 i; i < over.length; ++i) {
            terms.until = over[i];
            vm.expectRevert(_invalidExpiry(over[i]));
            _grant(terms);
        }
        terms.until = uint40(_stage.time() + 1);
        _grant(terms);
        _assertGranted(_nodeId, true, "for a second");
    }

    function test_RevertWhen_AForeignNodeShouldHaveItForNothing() external {
        GrantTerms memory terms = _terms();
        terms.free = true;
        vm.expectRevert(_notOwnNode(_datasetId, _nodeId));
        _grant(terms);
    }

    /// @dev The decoder's own refusal carries no data.
    function test_RevertWhen_ADemandIsNone() external {
        bytes memory question = abi.encodeCall(_grants.grant, (_terms(), CONTENT));
        vm.prank(_owner);
        (bool success, ) = address(_grants).call(question);
        assertTrue(success, "as it is");
        assembly ("memory-safe") {
            // The sixth field, after the length and the selector.
            mstore(add(question, add(0x24, 0xa0)), 3)
        }
        vm.prank(_owner);
        (success, ) = address(_grants).call(question);
        assertTrue(!success, "with a fourth demand");
        assertEq(_nonce(), 1, "nonce");
    }

    function test_RevokingEndsAGrantAtOnce() external {
        _grant(_terms());
        vm.expectEmit(address(_grants));
        emit IDataGrants.Revoked(_datasetId, _nodeId, NONCE_STEP);
        _revoke();
        _assertGranted(_nodeId, false, "granted");
        _assertGrant(_nodeId, Grant({until: 0, demand: AttestationDemand.Final, free: false, nonce: NONCE_STEP}));
        _grant(_terms());
        _assertGranted(_nodeId, true, "granted again");
        assertEq(_nonce(), NONCE_STEP + 1, "nonce");
        _revoke();
        assertEq(_nonce(), 2 * NONCE_STEP, "nonce of the next");
    }

    /// @notice Also without a grant, because signatures may exist; even for a node that does not exist yet.
    function test_RevokingNothingMovesTheNonce() external {
        vm.expectEmit(address(_grants));
        emit IDataGrants.Revoked(_datasetId, _nodeId, NONCE_STEP);
        _revoke();
        vm.startPrank(_owner);
        _grants.revoke(_datasetId, CONTENT, _nodeId, keyOf(_nodeId));
        _grants.revoke(_datasetId, CONTENT, 1_000, keyOf(1_000));
        vm.stopPrank();
        assertEq(_nonce(), 2 * NONCE_STEP, "nonce");
        assertEq(_grants.getGrant(_datasetId, 1_000).nonce, NONCE_STEP, "nonce of the node to come");
    }

    /// @notice Programs compare it with when tasks were published, however often was revoked since.
    function test_EachRevocationEndsAnEraForGood() external {
        assertEq(_grants.eraEndedIn(_datasetId, _nodeId, 0), 0, "before");
        _grant(_terms());
        uint256 first = block.number;
        _revoke();
        vm.roll(first + 7);
        _grant(_terms());
        _grant(_terms());
        assertEq(_grants.eraEndedIn(_datasetId, _nodeId, 0), first, "granting again changes nothing");
        assertEq(_grants.eraEndedIn(_datasetId, _nodeId, 1), 0, "the era that lasts");
        _revoke();
        vm.roll(first + 9);
        _revoke();
        uint256[4] memory ends = [first, first + 7, first + 9, 0];
        for (uint256 era; era < 4; ++era) {
            assertEq(_grants.eraEndedIn(_datasetId, _nodeId, era), ends[era], "end");
        }
        assertEq(_nonce(), 3 * NONCE_STEP, "nonce");
        assertEq(_grants.eraEndedIn(_datasetId, _nodeId + 1, 0), 0, "another node");
        assertEq(_grants.eraEndedIn(_datasetId + 1, _nodeId, 0), 0, "another dataset");
    }

    function test_RevokingLeavesOtherGrantsAlone() external {
        uint256 otherNode = _stage.node(BOB, OTHER_PLATFORM);
        uint256 otherDataset = _registerAs(_owner, PRICE);
        GrantTerms memory terms = _terms();
        _grant(terms);
        terms.datasetId = otherDataset;
        _grant(terms);
        _grant(_termsFor(otherNode, AttestationDemand.Live));
        _revoke();
        _assertGranted(_nodeId, false, "revoked");
        _assertGranted(otherNode, true, "another node");
        assertTrue(_grants.isGranted(otherDataset, _nodeId), "another dataset");
    }

    function testFuzz_RevertWhen_TheCallerIsNotTheOwner(address caller) external {
        vm.assume(caller != _owner);
        _grant(_terms());
        bytes32 before = _stateHash();
        vm.startPrank(caller);
        vm.expectRevert(_unauthorized(_datasetId, caller));
        _grants.grant(_terms(), CONTENT);
        vm.expectRevert(_unauthorized(_datasetId, caller));
        _grants.revoke(_datasetId, CONTENT, _nodeId, keyOf(_nodeId));
        vm.expectRevert(_unauthorized(_datasetId, caller));
        _grants.setPrice(_datasetId, CONTENT, 0);
        vm.expectRevert(_unauthorized(_datasetId, caller));
        _grants.setUri(_datasetId, CONTENT, "");
        vm.expectRevert(abi.encodeWithSelector(IDataGrants.DataGrantsInvalidSignature.selector, _owner, 1));
        _grants.grantFor(_terms(), UNTIL, "");
        vm.stopPrank();
        assertEq(_stateHash(), before, "state");
    }

    /// @notice Whatever anybody else calls, with whatever it makes up, the owner's dataset and grant stay as they are.
    function testFuzz_NobodyButTheOwnerChangesAnything(address caller, uint256 choice, bytes calldata rest) external {
        vm.assume(caller != _owner);
        _grant(_terms());
        bytes32 before = _stateHash();
        bytes4[7] memory selectors = [
            IDataGrants.register.selector,
            IDataGrants.setPrice.selector,
            IDataGrants.setUri.selector,
            IDataGrants.grant.selector,
            IDataGrants.grantFor.selector,
            IDataGrants.revoke.selector,
            bytes4(keccak256(abi.encode(choice)))
        ];
        bytes memory ids = abi.encode(_datasetId, _nodeId);
        vm.prank(caller);
        (bool success, ) = address(_grants).call(bytes.concat(selectors[choice % 7], ids, rest));
        // What does not concern this dataset may succeed.
        assertTrue(!success || choice % 7 == 0 || choice % 7 == 6, "the owner's");
        assertEq(_stateHash(), before, "state");
    }

    function _expectWrongEnclaveKey(address enclaveKey) private {
        GrantTerms memory terms = _terms();
        terms.enclaveKey = enclaveKey;
        vm.expectRevert(_wrongEnclaveKey(_nodeId, enclaveKey, keyOf(_nodeId)));
        _grant(terms);
    }

    function _stateHash() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _grants.getDataset(_datasetId),
                    _grants.uriOf(_datasetId),
                    _grants.getGrant(_datasetId, _nodeId),
                    _grants.eraEndedIn(_datasetId, _nodeId, 0),
                    _grants.isGranted(_datasetId, _nodeId)
                )
            );
    }

    function _assertGrant(uint256 nodeId, Grant memory expected) private view {
        Grant memory actual = _grants.getGrant(_datasetId, nodeId);
        assertEq(actual.until, expected.until, "until");
        assertTrue(actual.demand == expected.demand, "demand");
        assertTrue(actual.free == expected.free, "free");
        assertEq(actual.nonce, expected.nonce, "nonce");
    }
}
