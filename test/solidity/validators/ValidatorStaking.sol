// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {CHEATCODES} from "../utils/Test.sol";

// Who stakes in a validator set and who slashes. The caller pays, and has approved the vault.

/// @dev Gives an account free stake and lets a module lock all of it.
function fundStake(IStakeVault vault, address account, address module, uint256 amount) {
    vault.depositFor(account, amount);
    CHEATCODES.prank(account);
    vault.allow(module, type(uint128).max);
}

/// @dev Gives an account a stake that counts in the set, or adds to what it has there.
function joinSet(IValidatorSet set, address account, uint256 amount) {
    fundStake(set.vault(), account, address(set), amount);
    CHEATCODES.prank(account);
    set.join(amount);
    makeCount(set, account);
}

/// @dev Has an account sign by a key of that name from now on.
function chooseKey(IValidatorSet set, address account, string memory name) returns (uint256 key) {
    key = uint256(keccak256(bytes(name)));
    (uint8 v, bytes32 r, bytes32 s) = CHEATCODES.sign(key, set.hashSigningKey(account));
    CHEATCODES.prank(account);
    set.setSigningKey(CHEATCODES.addr(key), abi.encodePacked(r, s, v));
}

/// @dev Makes pending stake count as if it had been locked for long enough, without time passing for anybody else.
function makeCount(IValidatorSet set, address account) {
    uint256 time = block.timestamp;
    CHEATCODES.warp(time + set.activationDelay());
    set.activate(account);
    CHEATCODES.warp(time);
}

/// @dev Names the set's only slasher, and no founders. The caller has deployed the set.
function nameSlasher(IValidatorSet set, address slasher) {
    address[] memory slashers = new address[](1);
    slashers[0] = slasher;
    set.setSlashers(slashers, new address[](0));
}
