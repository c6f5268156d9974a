// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MockJudge} from "../../../../contracts/mocks/MockJudge.sol";
import {Attestation, Standing, TcbStatus} from "../../../../contracts/types/Attestation.sol";
import {CollateralBasis, PckCa} from "../../../../contracts/types/Collateral.sol";
import {Test} from "../../utils/Test.sol";

contract MockJudgeTest is Test {
    bytes32 private constant PLATFORM = keccak256("platform");

    MockJudge private _judge;
    CollateralBasis private _basis;

    function setUp() public {
        _judge = MockJudge(deploy("MockJudge.sol:MockJudge", ""));
    }

    function deployJudge() external {
        deploy("MockJudge.sol:MockJudge", "");
    }

    function test_JudgeReturnsWhatWasSet() external {
        Attestation memory claim;
        claim.mrEnclave = keccak256("enclave");
        assertEq(uint256(_judge.judge("quote", "", 0, claim, _basis)), uint256(Standing.Undecided), "unless set");
        vm.expectEmit(address(_judge));
        emit MockJudge.StandingSet(keccak256("quote"), Standing.Disproven);
        _judge.setStanding(keccak256("quote"), Standing.Disproven);
        assertEq(uint256(_judge.judge("quote", "", 0, claim, _basis)), uint256(Standing.Disproven), "set");
        assertEq(uint256(_judge.judge("other", "", 0, claim, _basis)), uint256(Standing.Undecided), "another quote");
    }

    function test_JudgeDisprovesThatAQuoteSaysNothingUnlessItCannotReadIt() external {
        Attestation memory claim;
        assertEq(uint256(_judge.judge("quote", "", 0, claim, _basis)), uint256(Standing.Disproven), "readable");
        vm.expectEmit(address(_judge));
        emit MockJudge.UnreadableSet(keccak256("quote"), true);
        _judge.setUnreadable(keccak256("quote"), true);
        assertEq(uint256(_judge.judge("quote", "", 0, claim, _basis)), uint256(Standing.Undecided), "unreadable");
    }

    function test_ListsAreWhatWasSet() external {
        vm.expectEmit(address(_judge));
        emit MockJudge.ListsSet(17, 2, 3);
        _judge.setLists(17, 2, 3);
        (uint16 floor, uint40 rootCrlIssuedAt, uint40 pckCrlIssuedAt) = _judge.store().listsOf(PckCa.Processor);
        assertEq(floor, 17, "floor");
        assertEq(rootCrlIssuedAt, 2, "Root CRL");
        assertEq(pckCrlIssuedAt, 3, "PCK CRL");
    }

    function test_ReviewReturnsWhatWasSet() external {
        vm.expectEmit(address(_judge));
        emit MockJudge.ReviewSet(keccak256("quote"), PLATFORM, Standing.Holds, TcbStatus.OutOfDate);
        _judge.setReview(keccak256("quote"), PLATFORM, Standing.Holds, TcbStatus.OutOfDate);
        (bytes32 platformId, Standing standing, TcbStatus tcbStatus) = _judge.review("quote", "");
        assertEq(platformId, PLATFORM, "platform");
        assertTrue(standing == Standing.Holds, "standing");
        assertTrue(tcbStatus == TcbStatus.OutOfDate, "status");
    }

    function test_RevertGiven_NoReviewIsSet() external {
        vm.expectRevert(abi.encodeWithSelector(MockJudge.MockJudgeNoReview.selector, keccak256("quote")));
        _judge.review("quote", "");
    }

    function test_RevertWhen_ChainIsNotLocal() external {
        vm.chainId(1);
        vm.expectRevert(abi.encodeWithSelector(MockJudge.MockJudgeNotLocal.selector, 1));
        this.deployJudge();
    }
}
