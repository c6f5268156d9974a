// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title AllowedPermitToken
/// @notice A token whose permits are Dai's: they allow everything or nothing. It has the domain and the nonces of
/// ERC-2612, and not its permits.
contract AllowedPermitToken is ERC20, EIP712, Nonces {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)"
    );

    /// @notice The permit has expired.
    /// @param expiry Until when it was good, in Unix seconds.
    error AllowedPermitTokenExpired(uint256 expiry);
    /// @notice The permit is not signed by its holder.
    /// @param signer Who signed it.
    /// @param holder Who had to.
    error AllowedPermitTokenWrongSigner(address signer, address holder);

    /// @notice Creates the whole supply at once.
    /// @param holder The account that receives the supply.
    /// @param supply How many token base units exist, ever.
    constructor(address holder, uint256 supply) ERC20("Allowed Permit Token", "ALLOWED") EIP712(name(), "1") {
        _mint(holder, supply);
    }

    /// @notice Allows everything or nothing by the holder's signature.
    /// @dev Errors: {AllowedPermitTokenExpired}, {AllowedPermitTokenWrongSigner}.
    /// @param holder The account that pays.
    /// @param spender The account that may take.
    /// @param nonce The holder's next nonce.
    /// @param expiry Until when the permit is good, in Unix seconds; 0 for ever.
    /// @param allowed Whether the spender may take.
    /// @param v Of the signature.
    /// @param r Of the signature.
    /// @param s Of the signature.
    function permit(
        address holder,
        address spender,
        uint256 nonce,
        uint256 expiry,
        bool allowed,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        // solhint-disable-next-line not-rely-on-time
        if (expiry != 0 && block.timestamp > expiry) revert AllowedPermitTokenExpired(expiry);
        _useCheckedNonce(holder, nonce);
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(PERMIT_TYPEHASH, holder, spender, nonce, expiry, allowed))
        );
        address signer = ECDSA.recover(digest, v, r, s);
        if (signer != holder) revert AllowedPermitTokenWrongSigner(signer, holder);
        _approve(holder, spender, allowed ? type(uint256).max : 0);
    }

    // solhint-disable func-name-mixedcase
    /// @notice Returns the domain under which permits are signed.
    /// @return The hash of the EIP-712 domain.
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }
    // solhint-enable func-name-mixedcase
}
