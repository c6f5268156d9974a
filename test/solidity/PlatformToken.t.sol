// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {PlatformToken} from "../../contracts/PlatformToken.sol";
import {Test} from "./utils/Test.sol";

/// @notice The token of local and test networks.
contract PlatformTokenTest is Test {
    PlatformToken private _token;

    uint256 private constant SUPPLY = 1e27;
    address private constant BOB = address(0xB0B);

    address private _alice;
    uint256 private _aliceKey;

    function setUp() public {
        (_alice, _aliceKey) = makeAccount("alice");
        _token = PlatformToken(deploy("PlatformToken.sol:PlatformToken", abi.encode(_alice, SUPPLY)));
    }

    function test_HolderHasTheWholeSupply() external view {
        assertEq(_token.totalSupply(), SUPPLY, "supply");
        assertEq(_token.balanceOf(_alice), SUPPLY, "holder's balance");
        assertEq(_token.decimals(), 18, "decimals");
        assertEq(keccak256(bytes(_token.symbol())), keccak256("CPP"), "symbol");
    }

    function test_RevertWhen_HolderIsNobody() external {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        this.deployFor(address(0));
    }

    function test_RevertGiven_TransferBeyondTheBalance() external {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, BOB, 0, 1));
        vm.prank(BOB);
        _token.transfer(_alice, 1);
    }

    function test_PermitIsGoodOnce() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(5, 1000);
        _token.permit(_alice, BOB, 5, 1000, v, r, s);
        assertEq(_token.allowance(_alice, BOB), 5, "allowance");
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        _token.permit(_alice, BOB, 5, 1000, v, r, s);
    }

    function test_RevertWhen_PermitHasExpired() external {
        (uint8 v, bytes32 r, bytes32 s) = _sign(5, 1000);
        vm.warp(1001);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, 1000));
        _token.permit(_alice, BOB, 5, 1000, v, r, s);
    }

    /// @notice Transfers move what they say, and the supply never changes.
    function testFuzz_TransferKeepsTheSupply(uint256 amount) external {
        amount = bound(amount, 0, SUPPLY);
        vm.prank(_alice);
        _token.transfer(BOB, amount);
        assertEq(_token.balanceOf(_alice), SUPPLY - amount, "sender's balance");
        assertEq(_token.balanceOf(BOB), amount, "receiver's balance");
        assertEq(_token.totalSupply(), SUPPLY, "supply");
    }

    function deployFor(address holder) external {
        deploy("PlatformToken.sol:PlatformToken", abi.encode(holder, SUPPLY));
    }

    function _sign(uint256 value, uint256 deadline) private view returns (uint8, bytes32, bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                _alice,
                BOB,
                value,
                0,
                deadline
            )
        );
        return vm.sign(_aliceKey, keccak256(abi.encodePacked(hex"1901", _token.DOMAIN_SEPARATOR(), structHash)));
    }
}
