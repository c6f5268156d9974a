// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Validator} from "../../../contracts/types/Validator.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {chooseKey, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Where the state has what proofs of it are read for: docs/architecture.md says so, and programs off chain rely on it.
contract ValidatorSetLayoutTest is ValidatorFixture {
    uint256 private constant CHOICES = 3;
    uint256 private constant TOTAL = 5;
    uint256 private constant SEATS = 7;
    uint256 private constant VALIDATORS = 8;

    function test_SlotsTellTheSeatsTheirStakesAndTheirKeys() external {
        deployValidatorSet();
        nameSlasher(set, address(this));
        vm.roll(77);
        joinSet(set, alice, 300 ether + 7);
        joinSet(set, bob, 200 ether);
        uint256 key = chooseKey(set, bob, "key");
        assertEq(_word(TOTAL) & type(uint128).max, 500 ether + 7, "total");
        assertEq(_word(SEATS), 2, "seats");
        address[] memory seats = set.activeValidators();
        for (uint256 i; i < seats.length; ++i) {
            uint256 first = uint256(keccak256(abi.encode(SEATS)));
            assertEq(address(uint160(_word(first + i))), seats[i], "seat");
            _assertValidator(seats[i]);
        }
        assertEq(_word(_slotOf(alice, CHOICES)), 0, "own key");
        assertEq(address(uint160(_word(_slotOf(bob, CHOICES)))), vm.addr(key), "chosen key");
        vm.prank(alice);
        set.exit();
        assertEq(_word(TOTAL) & type(uint128).max, 200 ether, "total left");
        assertEq(_word(SEATS), 1, "seats left");
        _assertValidator(alice);
    }

    function _assertValidator(address account) private view {
        Validator memory validator = set.getValidator(account);
        uint256 word = _word(_slotOf(account, VALIDATORS));
        assertEq(word & type(uint128).max, validator.stake, "stake");
        assertEq((word >> 128) & type(uint40).max, validator.exitedAt, "exited at");
        assertEq((word >> 168) & 0xff, validator.seat, "seat");
        assertEq((word >> 176) & type(uint48).max, validator.countsSince, "counts since");
        assertEq(word >> 224, validator.hasKey ? 1 : 0, "has a key");
    }

    function _slotOf(address account, uint256 mapping_) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(account, mapping_)));
    }

    function _word(uint256 slot) private view returns (uint256) {
        return uint256(vm.load(address(set), bytes32(slot)));
    }
}
