// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {GOVERNOR, RegistryFixture} from "./RegistryFixture.sol";

/// @notice The fixture's registry as a contract of its own, for tests of contracts above the registry, which have a fixture of their own.
contract RegistryStage is RegistryFixture {
    /// @notice Deploys everything. Not in the constructor: the authority is this contract, which has no code until then.
    function build() external returns (INodeRegistry) {
        _build();
        return _registry;
    }

    function fund(address account) external {
        _fund(account);
    }

    function pass(uint256 duration) external {
        _pass(duration);
    }

    function passTo(uint256 time_) external {
        _passTo(time_);
    }

    function declare(address provider) external returns (uint256) {
        return _declare(provider);
    }

    function attest(address provider, uint256 nodeId, bytes32 platformId) external {
        _attest(provider, nodeId, platformId);
    }

    function attestBound(
        address provider,
        uint256 nodeId,
        bytes32 platformId
    ) external returns (bytes32 quoteHash, QuoteBinding memory binding) {
        return _attestBound(provider, nodeId, platformId);
    }

    function node(address provider, bytes32 platformId) external returns (uint256) {
        return _node(provider, platformId);
    }

    function recheck(uint256 nodeId, bytes32 platformId, Standing standing, TcbStatus tcbStatus) external {
        _recheck(nodeId, platformId, standing, tcbStatus);
    }

    function dispute(uint256 nodeId, bytes32 quoteHash, QuoteBinding calldata binding, Standing standing) external {
        _dispute(nodeId, quoteHash, binding, standing);
    }

    /// @notice From now on the verifier's word is the chain's.
    function verifyOnChain() external {
        vm.prank(GOVERNOR);
        _registry.setVerifier(address(_verifier), VerifierKind.OnChain);
    }

    function time() external view returns (uint256) {
        return _time;
    }
}
