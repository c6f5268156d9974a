// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {AttestationDemand, GrantTerms} from "../../../contracts/types/Dataset.sol";
import {GrantsFixture} from "./GrantsFixture.sol";

/// @notice What a signature over a grant covers, and whose counts.
contract DataGrantsSignaturesTest is GrantsFixture {
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

    function _notZero(uint256 value, uint256 most) private pure returns (uint256) {
        return bound(value, 1, most);
    }
}
