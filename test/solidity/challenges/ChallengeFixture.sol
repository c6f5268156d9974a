// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallengeManager} from "../../../contracts/interfaces/IChallengeManager.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {Answer} from "../../../contracts/types/Challenge.sol";
import {Test} from "../utils/Test.sol";

/// @notice A challenge manager over a mocked registry and mocked validators, and answers for it.
abstract contract ChallengeFixture is Test {
    uint256 internal constant EPOCH = 3600;
    uint256 internal constant WINDOW = 120;
    uint256 internal constant EFFECTIVE = 108;
    uint256 internal constant STRETCH = 600;
    uint256 internal constant NODE = 7;
    /// @dev A multiple of 192 and 24: the first epoch of a word and a period.
    uint256 internal constant FIRST_EPOCH = 768 * 700;

    address internal constant REGISTRY = address(0xA11CE);
    address internal constant VALIDATORS = address(0xB0B);
    address internal constant VAULT = address(0xCAFE);

    IChallengeManager internal manager;
    address internal enclave;
    uint256 internal enclaveSecret;

    /// @notice Mocks the neighbours and deploys the manager at the start of {FIRST_EPOCH}.
    function arrange() internal {
        (enclave, enclaveSecret) = makeAccount("enclave");
        vm.etch(REGISTRY, hex"00");
        vm.etch(VALIDATORS, hex"00");
        vm.mockCall(REGISTRY, abi.encodeCall(INodeRegistry.epochLength, ()), abi.encode(EPOCH));
        vm.mockCall(REGISTRY, abi.encodeCall(INodeRegistry.powerShareBps, ()), abi.encode(uint256(10_000)));
        vm.mockCall(REGISTRY, abi.encodeCall(INodeRegistry.vault, ()), abi.encode(VAULT));
        vm.mockCall(VALIDATORS, abi.encodeCall(IValidatorSet.vault, ()), abi.encode(VAULT));
        vm.mockCall(VALIDATORS, abi.encodeWithSelector(IValidatorSet.isActive.selector), abi.encode(false));
        setNode(NODE, enclave, 1);
        moveTo(FIRST_EPOCH * EPOCH);
        manager = deployManager(parameters());
    }

    function parameters() internal pure returns (IChallengeManager.Parameters memory) {
        return
            IChallengeManager.Parameters({
                responseWindow: uint40(WINDOW),
                effectiveWindow: uint40(EFFECTIVE),
                lotteryOdds: 1,
                openStretch: uint40(STRETCH),
                blockMilliseconds: 4000
            });
    }

    function deployManager(IChallengeManager.Parameters memory p) internal returns (IChallengeManager) {
        return IChallengeManager(deploy("ChallengeManager.sol:ChallengeManager", abi.encode(REGISTRY, VALIDATORS, p)));
    }

    /// @notice What the registry says of a node; a zero key is a node that is not live.
    function setNode(uint256 nodeId, address key, uint256 requiredRate) internal {
        vm.mockCall(REGISTRY, abi.encodeCall(INodeRegistry.proofTermsOf, (nodeId)), abi.encode(key, requiredRate));
    }

    function setActive(address account) internal {
        vm.mockCall(VALIDATORS, abi.encodeCall(IValidatorSet.isActive, (account)), abi.encode(true));
    }

    /// @notice Moves time, with a block a second and hashes for the last three.
    function moveTo(uint256 time) internal {
        vm.warp(time);
        vm.roll(time);
        for (uint256 i = 1; i <= 3; i++) vm.setBlockhash(time - i, hashOfBlock(time - i));
    }

    function hashOfBlock(uint256 blockNumber) internal pure returns (bytes32) {
        return keccak256(abi.encode("block", blockNumber));
    }

    /// @notice Issues the running epoch's challenge, citing the last block, and goes on to the next block.
    function issue() internal {
        manager.issue(block.number - 1);
        nextBlock();
    }

    /// @notice Ends the running block, whose hash is known from now on.
    function nextBlock() internal {
        vm.roll(block.number + 1);
        vm.setBlockhash(block.number - 1, hashOfBlock(block.number - 1));
    }

    function prefixOf(uint256 nodeId, address key) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "ComputingPowerProof(uint256 chainId,address challengeManager,bytes32 seed,uint256 nodeId,address enclaveKey)"
                    ),
                    block.chainid,
                    address(manager),
                    manager.getChallenge().seed,
                    nodeId,
                    key
                )
            );
    }

    /// @notice The nonces `from` to `from + 127`, ordered by hash.
    function sortedNonces(bytes32 prefix, uint64 from) internal pure returns (uint64[128] memory nonces) {
        uint256[128] memory hashes;
        for (uint256 i; i < 128; i++) {
            uint64 nonce = from + uint64(i);
            uint256 hash = hashOf(prefix, nonce);
            uint256 j = i;
            for (; j != 0 && hashes[j - 1] > hash; j--) {
                hashes[j] = hashes[j - 1];
                nonces[j] = nonces[j - 1];
            }
            hashes[j] = hash;
            nonces[j] = nonce;
        }
    }

    function hashOf(bytes32 prefix, uint64 nonce) internal pure returns (uint256) {
        return uint256(keccak256(abi.encodePacked(prefix, nonce)));
    }

    function pack(uint64[128] memory nonces) internal pure returns (bytes memory packed) {
        for (uint256 i; i < 128; i++) packed = bytes.concat(packed, bytes8(nonces[i]));
    }

    function sign(
        uint256 secret,
        uint256 nodeId,
        bytes32 prefix,
        bytes memory nonces
    ) internal view returns (bytes memory) {
        return signature(secret, digestOf(nodeId, manager.getChallenge().epoch, prefix, nonces));
    }

    function digestOf(
        uint256 nodeId,
        uint256 epoch,
        bytes32 prefix,
        bytes memory nonces
    ) internal view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputingPower.ChallengeManager"),
                keccak256("1"),
                block.chainid,
                address(manager)
            )
        );
        bytes32 answer = keccak256(
            abi.encode(
                keccak256("Answer(uint256 nodeId,uint256 epoch,bytes32 prefix,bytes32 noncesHash)"),
                nodeId,
                epoch,
                prefix,
                keccak256(nonces)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, answer));
    }

    /// @notice A right answer of a node with the fixture's enclave key, where the target is easy.
    function answerOf(uint256 nodeId) internal view returns (Answer memory answer) {
        bytes32 prefix = prefixOf(nodeId, enclave);
        bytes memory nonces = pack(sortedNonces(prefix, 0));
        return Answer({nodeId: nodeId, nonces: nonces, signature: sign(enclaveSecret, nodeId, prefix, nonces)});
    }

    function prove(Answer memory answer) internal {
        manager.prove(answer.nodeId, answer.nonces, answer.signature);
    }
}
