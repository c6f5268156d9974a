// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title PlatformTypedData
/// @notice The EIP-712 domain of a platform contract: name `ComputingPowerPlatform.<Contract>`, version `1`, chain and address.
/// @dev OpenZeppelin's base takes names of at most 31 bytes, and these are longer; here only the contract's part must be short.
/// The separator is built again after a fork changed the chain id.
abstract contract PlatformTypedData is IERC5267 {
    using ShortStrings for string;
    using ShortStrings for ShortString;

    string private constant PROJECT = "ComputingPowerPlatform.";
    string private constant VERSION = "1";
    bytes32 private constant DOMAIN_TYPE_HASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    /// @dev ERC-5267: name, version, chain id and contract are given; no salt.
    bytes1 private constant FIELDS = hex"0f";

    ShortString private immutable contractName;
    uint256 private immutable deploymentChainId;
    bytes32 private immutable deploymentSeparator;

    /// @notice Builds the separator for this chain and address.
    /// @param contractName_ The contract's own name, at most 31 bytes.
    constructor(string memory contractName_) {
        contractName = contractName_.toShortString();
        deploymentChainId = block.chainid;
        deploymentSeparator = _separatorOf(string.concat(PROJECT, contractName_));
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (FIELDS, _name(), VERSION, block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    /// @dev What a signer of the struct signs: `keccak256(0x1901 ‖ separator ‖ structHash)`.
    function _hashTypedData(bytes32 structHash) internal view returns (bytes32) {
        bytes32 separator = block.chainid == deploymentChainId ? deploymentSeparator : _separatorOf(_name());
        return MessageHashUtils.toTypedDataHash(separator, structHash);
    }

    function _name() private view returns (string memory) {
        return string.concat(PROJECT, contractName.toString());
    }

    function _separatorOf(string memory name) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    DOMAIN_TYPE_HASH,
                    keccak256(bytes(name)),
                    keccak256(bytes(VERSION)),
                    block.chainid,
                    address(this)
                )
            );
    }
}
