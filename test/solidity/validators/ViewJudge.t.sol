// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {IViewJudge} from "../../../contracts/interfaces/IViewJudge.sol";
import {ChainView} from "../../../contracts/types/ChainView.sol";
import {ValidatorFixture} from "./ValidatorFixture.sol";
import {chooseKey, joinSet, nameSlasher} from "./ValidatorStaking.sol";

/// @notice Two blocks of one number, signed by one validator.
contract ViewJudgeTest is ValidatorFixture {
    uint256 private constant STAKE = 1_000 ether;
    IViewJudge private _judge;
    address private _validator;
    uint256 private _key;
    ChainView private _one = ChainView(77, "one");
    ChainView private _two = ChainView(77, "two");

    function setUp() public {
        deployValidatorSet();
        _judge = IViewJudge(deploy("ViewJudge.sol:ViewJudge", abi.encode(set)));
        nameSlasher(set, address(_judge));
        (_validator, _key) = makeAccount("validator");
        joinSet(set, _validator, STAKE);
        vm.roll(100);
    }

    function test_HashIsThatOfTheTypedData() external view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ViewJudge"),
                keccak256("1"),
                block.chainid,
                address(_judge)
            )
        );
        bytes32 typehash = keccak256("ChainView(uint64 number,bytes32 blockHash)");
        bytes32 structHash = keccak256(abi.encode(typehash, _one.number, _one.blockHash));
        assertEq(_judge.hashView(_one), keccak256(abi.encodePacked("\x19\x01", domain, structHash)), "hash");
        assertEq(address(_judge.validators()), address(set), "validators");
    }

    function test_TwoBlocksOfOneNumberAreSlashed_Once() external {
        bytes memory one = signature(_key, _judge.hashView(_one));
        bytes memory two = signature(_key, _judge.hashView(_two));
        vm.expectEmit(address(_judge));
        emit IViewJudge.ViewsSlashed(_validator, 77, alice, 300 ether);
        vm.prank(alice);
        assertEq(_judge.reportConflict(_validator, _one, one, _two, two), 300 ether, "amount");
        assertTrue(!set.isActive(_validator), "seat");
        assertEq(vault.freeStakeOf(treasury), 300 ether, "treasury");
        vm.expectRevert(abi.encodeWithSelector(IViewJudge.ViewJudgeAlreadySlashed.selector, _validator, 77));
        this.report(_two, ChainView(77, "three"));
        assertEq(_report(ChainView(78, "one"), ChainView(78, "two")), 210 ether, "another number");
    }

    function test_RevertWhen_ViewsDoNotContradictEachOther() external {
        ChainView[2] memory others = [_one, ChainView(78, "two")];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IViewJudge.ViewJudgeNoConflict.selector, _one, others[i]));
            this.report(_one, others[i]);
        }
    }

    function test_RevertWhen_TheValidatorDidNotSignBoth() external {
        bytes memory one = signature(_key, _judge.hashView(_one));
        bytes memory two = signature(_key, _judge.hashView(_two));
        (, uint256 stranger) = makeAccount("stranger");
        bytes memory others = signature(stranger, _judge.hashView(_two));
        bytes memory refusal = abi.encodeWithSelector(IViewJudge.ViewJudgeInvalidSignature.selector, _validator, _one);
        vm.expectRevert(refusal);
        _judge.reportConflict(_validator, _one, two, _two, two);
        vm.expectRevert(refusal);
        _judge.reportConflict(_validator, _one, "", _two, two);
        refusal = abi.encodeWithSelector(IViewJudge.ViewJudgeInvalidSignature.selector, _validator, _two);
        vm.expectRevert(refusal);
        _judge.reportConflict(_validator, _one, one, _two, others);
        assertEq(vault.totalSlashed(), 0, "slashed");
    }

    function test_RevertWhen_SignedForAnotherJudge() external {
        IViewJudge other = IViewJudge(deploy("ViewJudge.sol:ViewJudge", abi.encode(set)));
        bytes memory one = signature(_key, _judge.hashView(_one));
        bytes memory two = signature(_key, other.hashView(_two));
        vm.expectRevert(abi.encodeWithSelector(IViewJudge.ViewJudgeInvalidSignature.selector, _validator, _two));
        _judge.reportConflict(_validator, _one, one, _two, two);
    }

    /// @notice A contract is slashed by the key that it chose, and a key that was given up says no more after the exit delay.
    function test_TheKeyThatWasChosenSigns() external {
        bytes memory one = signature(_key, _judge.hashView(_one));
        uint256 chosen = chooseKey(set, _validator, "chosen");
        bytes memory two = signature(chosen, _judge.hashView(_two));
        uint256 before = vm.snapshotState();
        vm.warp(block.timestamp + EXIT_DELAY);
        assertEq(_judge.reportConflict(_validator, _one, one, _two, two), 300 ether, "amount");
        vm.revertToState(before);
        vm.warp(block.timestamp + EXIT_DELAY + 1);
        vm.expectRevert(abi.encodeWithSelector(IViewJudge.ViewJudgeInvalidSignature.selector, _validator, _one));
        _judge.reportConflict(_validator, _one, one, _two, two);
    }

    /// @notice Reported before it had any stake, a validator is not safe for when it has.
    function test_AReportThatCostNothingProtectsNobody() external {
        (_validator, _key) = makeAccount("newcomer");
        assertEq(_report(_one, _two), 0, "amount");
        joinSet(set, _validator, STAKE);
        assertEq(_report(_one, _two), 300 ether, "amount with stake");
    }

    /// @notice Blocks that are still to come are nobody's to be free of: whoever is reported for one is reported again.
    function test_AReportOfABlockToComeProtectsNobody() external {
        (ChainView memory one, ChainView memory two) = (ChainView(101, "one"), ChainView(101, "two"));
        assertEq(_report(one, two), 300 ether, "amount");
        vm.roll(101);
        assertEq(_report(one, two), 210 ether, "amount when it is there");
        vm.expectRevert(abi.encodeWithSelector(IViewJudge.ViewJudgeAlreadySlashed.selector, _validator, 101));
        this.report(one, two);
    }

    function test_RevertGiven_JudgeIsNoSlasher() external {
        _judge = IViewJudge(deploy("ViewJudge.sol:ViewJudge", abi.encode(set)));
        vm.expectRevert(abi.encodeWithSelector(IValidatorSet.ValidatorSetUnauthorizedSlasher.selector, _judge));
        this.report(_one, _two);
    }

    /// @notice Reports in a call of its own, so that a revert can be expected.
    function report(ChainView calldata first, ChainView calldata second) external returns (uint256) {
        bytes memory one = signature(_key, _judge.hashView(first));
        bytes memory two = signature(_key, _judge.hashView(second));
        return _judge.reportConflict(_validator, first, one, second, two);
    }

    function _report(ChainView memory first, ChainView memory second) private returns (uint256) {
        bytes memory one = signature(_key, _judge.hashView(first));
        return _judge.reportConflict(_validator, first, one, second, signature(_key, _judge.hashView(second)));
    }
}
