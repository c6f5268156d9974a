// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {AttestationDemand, Grant, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {GrantsFixture} from "./GrantsFixture.sol";

/// @notice Grants that an owner signs and anybody carries: by whom, where, how often, how long.
contract DataGrantsSignedTest is GrantsFixture {
    uint256 private constant DEADLINE = 1_800_000_000 + 1 days;
    uint256 private constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    /// @notice The hash, spelt out after EIP-712.
    function testFuzz_HashIsEip712(
        bytes32 contentHash,
        uint256 nodeId,
        bytes32 mrEnclave,
        address enclaveKey,
        uint40 until,
        uint8 demand,
        bool free,
        uint256 nonce,
        uint256 deadline
    ) external {
        vm.assume(contentHash != 0);
        GrantTerms memory terms = GrantTerms({
            datasetId: _registerContent(_owner, PRICE, contentHash),
            nodeId: nodeId,
            mrEnclave: mrEnclave,
            enclaveKey: enclaveKey,
            until: until,
            demand: AttestationDemand(demand % 3),
            free: free
        });
        assertEq(_grants.hashGrant(terms, nonce, deadline), _digestOf(terms, contentHash, nonce, deadline), "hash");
    }

    function test_RevertWhen_HashingForAnUnknownDataset() external {
        GrantTerms memory terms = _terms();
        terms.datasetId = 2;
        vm.expectRevert(_unknownDataset(2));
        _grants.hashGrant(terms, 0, DEADLINE);
    }

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
        vm.expectRevert(_wrongEnclaveKey(_nodeId, BOB, _keyOf(_nodeId)));
        _grants.grantFor(terms, DEADLINE, signed);

        terms = _terms();
        terms.until = uint40(_time);
        signed = _sign(terms, 0, DEADLINE);
        vm.expectRevert(_invalidExpiry(_time));
        _grants.grantFor(terms, DEADLINE, signed);

        terms = _termsFor(9, AttestationDemand.Live);
        signed = _sign(terms, 0, DEADLINE);
        vm.expectRevert(_unknownNode(9));
        _grants.grantFor(terms, DEADLINE, signed);
        assertEq(_nonce(), 0, "nonce");
    }

    function test_TheDeadlineIsTheLastSecond() external {
        _passTo(DEADLINE);
        uint256 snapshot = vm.snapshotState();
        _carry(_terms(), 0, DEADLINE);
        _assertGranted(_nodeId, true, "in time");
        assertTrue(vm.revertToState(snapshot), "snapshot");

        _passTo(DEADLINE + 1);
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

    /// @notice Every field is signed. The node and the datasets exist, so that nothing but the signature is in the way.
    function testFuzz_RevertWhen_AnyTermIsChanged(uint8 field, uint256 salt) external {
        uint256 others = _registerAs(_owner, PRICE);
        _ownNode();
        GrantTerms memory terms = _terms();
        bytes memory signed = _sign(terms, 0, DEADLINE);
        uint256 deadline = DEADLINE;
        field = field % 8;
        if (field == 0) terms.datasetId = others;
        if (field == 1) terms.nodeId = salt == _nodeId ? 0 : salt;
        if (field == 2) terms.mrEnclave ^= bytes32(_notZero(salt, type(uint256).max));
        if (field == 3) terms.until ^= uint40(_notZero(salt, type(uint40).max));
        if (field == 4) terms.demand = salt % 2 == 0 ? AttestationDemand.Final : AttestationDemand.OnChain;
        if (field == 5) terms.free = true;
        if (field == 6) deadline = bound(salt, DEADLINE + 1, type(uint256).max);
        if (field == 7)
            terms.enclaveKey = address(uint160(terms.enclaveKey) ^ uint160(_notZero(salt, type(uint160).max)));
        _expectInvalidSignature(terms, deadline, signed, _owner, 0);
    }

    function testFuzz_RevertWhen_SignedByAnother(uint256 key) external {
        key = bound(key, 1, CURVE_ORDER - 1);
        vm.assume(key != _ownerKey);
        bytes memory signed = signature(key, _digest(_terms(), 0, DEADLINE));
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, 0);
        vm.prank(vm.addr(key));
        vm.expectRevert(_invalidSignature(_owner, 0));
        _grants.grantFor(_terms(), DEADLINE, signed);
    }

    function testFuzz_RevertWhen_ABitOfTheSignatureIsChanged(uint256 bit) external {
        bit = bound(bit, 0, 65 * 8 - 1);
        bytes memory signed = _sign(_terms(), 0, DEADLINE);
        signed[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, 0);
    }

    function test_RevertWhen_TheSignatureIsOfAnotherForm() external {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_ownerKey, _digest(_terms(), 0, DEADLINE));
        bytes32 compact = bytes32(uint256(s) | (uint256(v - 27) << 255));
        bytes[5] memory forms = [
            bytes(""),
            abi.encodePacked(r, s),
            abi.encodePacked(r, compact),
            abi.encodePacked(r, s, v, uint8(0)),
            // The same point with the high s.
            abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? 28 : 27)
        ];
        for (uint256 i; i < forms.length; ++i) _expectInvalidSignature(_terms(), DEADLINE, forms[i], _owner, 0);
    }

    function test_RevertWhen_SignedForAnotherChain() external {
        bytes memory signed = _sign(_terms(), 0, DEADLINE);
        vm.chainId(block.chainid + 1);
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, 0);
    }

    function test_RevertWhen_SignedForAnotherContract() external {
        bytes memory signed = _sign(_terms(), 0, DEADLINE);
        IDataGrants first = _grants;
        _grants = _deployGrants(FINALITY);
        _registerAs(_owner, PRICE);
        _expectInvalidSignature(_terms(), DEADLINE, signed, _owner, 0);
        first.grantFor(_terms(), DEADLINE, signed);
    }

    /// @notice Ids are given in the order of registration, so the chain's forgetting a few blocks can make one another file's.
    function test_RevertWhen_SignedForOtherContentUnderTheSameId() external {
        uint256 snapshot = vm.snapshotState();
        GrantTerms memory terms = _terms();
        terms.datasetId = _registerContent(_owner, PRICE, keccak256("harmless"));
        // Over the contract's own hash, so that nothing but the content is another.
        bytes memory signed = signature(_ownerKey, _grants.hashGrant(terms, 0, DEADLINE));
        assertTrue(vm.revertToState(snapshot), "snapshot");
        assertEq(_registerContent(_owner, PRICE, keccak256("private")), terms.datasetId, "id");
        _expectInvalidSignature(terms, DEADLINE, signed, _owner, 0);
    }

    /// @notice A dataset's owner that is a contract signs as it likes; whose key it trusts signs nothing else.
    function test_AContractSignsByErc1271() external {
        (address wallet, GrantTerms memory terms) = _walletsDataset();
        bytes memory signed = _sign(terms, 0, DEADLINE);
        _grants.grantFor(terms, DEADLINE, signed);
        assertTrue(_grants.isGranted(terms.datasetId, _nodeId), "granted");
        _expectInvalidSignature(terms, DEADLINE, signed, wallet, 1);

        // The key stands for the wallet, the wallet not for the key.
        terms = _terms();
        (, uint256 otherKey) = makeAccount("somebody");
        _expectInvalidSignature(terms, DEADLINE, signature(otherKey, _digest(terms, 0, DEADLINE)), _owner, 0);
    }

    function test_RevertWhen_TheContractKnowsNotTheSigner() external {
        (address wallet, GrantTerms memory terms) = _walletsDataset();
        (, uint256 otherKey) = makeAccount("somebody");
        bytes memory signed = signature(otherKey, _digest(terms, 0, DEADLINE));
        _expectInvalidSignature(terms, DEADLINE, signed, wallet, 0);
        _expectInvalidSignature(terms, DEADLINE, "", wallet, 0);
    }

    /// @notice An account that carries code, as EIP-7702 lets it, signs with its key although the code knows no ERC-1271.
    function test_AnAccountWithCodeSignsWithItsKey() external {
        vm.etch(_owner, hex"00");
        _carry(_terms(), 0, DEADLINE);
        _assertGranted(_nodeId, true, "granted");
    }

    /// @dev A dataset of a wallet's that believes the owner's key, and what it would grant.
    function _walletsDataset() private returns (address wallet, GrantTerms memory terms) {
        wallet = deploy("MockWallet1271.sol:MockWallet1271", abi.encode(_owner));
        terms = _terms();
        terms.datasetId = _registerAs(wallet, PRICE);
    }

    /// @dev Has a stranger carry what the owner signs.
    function _carry(GrantTerms memory terms, uint256 nonce, uint256 deadline) private {
        bytes memory signed = _sign(terms, nonce, deadline);
        vm.prank(STRANGER);
        _grants.grantFor(terms, deadline, signed);
    }

    function _sign(GrantTerms memory terms, uint256 nonce, uint256 deadline) private view returns (bytes memory) {
        return signature(_ownerKey, _digest(terms, nonce, deadline));
    }

    function _digest(GrantTerms memory terms, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        return _digestOf(terms, _grants.getDataset(terms.datasetId).contentHash, nonce, deadline);
    }

    function _digestOf(
        GrantTerms memory terms,
        bytes32 contentHash,
        uint256 nonce,
        uint256 deadline
    ) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputingPower.DataGrants"),
                keccak256("1"),
                block.chainid,
                address(_grants)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Grant(uint256 datasetId,uint256 nodeId,bytes32 mrEnclave,address enclaveKey,uint40 until,uint8 demand,bool free,bytes32 contentHash,uint256 nonce,uint256 deadline)"
                ),
                terms.datasetId,
                terms.nodeId,
                terms.mrEnclave,
                terms.enclaveKey,
                uint256(terms.until),
                uint256(terms.demand),
                terms.free ? 1 : 0,
                contentHash,
                nonce,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _notZero(uint256 value, uint256 most) private pure returns (uint256) {
        return bound(value, 1, most);
    }

    function _expectInvalidSignature(
        GrantTerms memory terms,
        uint256 deadline,
        bytes memory signed,
        address owner,
        uint256 nonce
    ) private {
        vm.expectRevert(_invalidSignature(owner, nonce));
        _grants.grantFor(terms, deadline, signed);
    }

    function _invalidSignature(address owner, uint256 nonce) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDataGrants.DataGrantsInvalidSignature.selector, owner, nonce);
    }
}
