// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallengeManager} from "../../../contracts/interfaces/IChallengeManager.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {ChallengeFixture} from "./ChallengeFixture.sol";

/// @notice What a deployment of the challenge manager accepts.
contract ChallengeManagerParametersTest is ChallengeFixture {
    function setUp() external {
        arrange();
    }

    /// @notice With half of its power to show, one machine could answer for two nodes that each claim the whole of it.
    function test_RevertGiven_NodesShowLessThanTheirWholeClaim() external {
        _setShare(5_000);
        _expectInvalid(parameters(), 5_000, 9_000);
        _setShare(8_999);
        _expectInvalid(parameters(), 8_999, 9_000);
        _setShare(9_000);
        deployManager(parameters());
    }

    function test_RevertWhen_ResponseWindowIsTooShort() external {
        IChallengeManager.Parameters memory p = parameters();
        p.blockMilliseconds = 250;
        (p.responseWindow, p.effectiveWindow) = (4, 4);
        _expectInvalid(p, 4, 15);
        (p.responseWindow, p.effectiveWindow) = (14, 12);
        _expectInvalid(p, 14, 15);
        // Eight blocks of 12 seconds.
        p.blockMilliseconds = 12_000;
        (p.responseWindow, p.effectiveWindow) = (95, 80);
        _expectInvalid(p, 95, 96);
        (p.responseWindow, p.effectiveWindow) = (96, 80);
        deployManager(p);
    }

    function test_RevertWhen_ProvingCostsMoreThanATwentieth() external {
        IChallengeManager.Parameters memory p = parameters();
        (p.responseWindow, p.effectiveWindow) = (181, 160);
        // The whole power for 181 of 3600 seconds is 5.0278 %.
        _expectInvalid(p, 503, 500);
        (p.responseWindow, p.effectiveWindow) = (180, 160);
        deployManager(p);
    }

    function test_RevertWhen_EffectiveWindowIsFarFromTheResponseWindow() external {
        IChallengeManager.Parameters memory p = parameters();
        p.effectiveWindow = 1;
        _expectInvalid(p, 1, 96);
        p.effectiveWindow = 95;
        _expectInvalid(p, 95, 96);
        p.effectiveWindow = 115;
        _expectInvalid(p, 115, 114);
        p.effectiveWindow = 96;
        deployManager(p);
        p.effectiveWindow = 114;
        deployManager(p);
    }

    function test_RevertWhen_OpenStretchIsAMomentOrMostOfTheEpoch() external {
        IChallengeManager.Parameters memory p = parameters();
        p.openStretch = 1;
        _expectInvalid(p, 1, WINDOW);
        p.openStretch = uint40(EPOCH / 2 + 1);
        _expectInvalid(p, EPOCH / 2 + 1, EPOCH / 2);
        p.openStretch = uint40(WINDOW);
        deployManager(p);
        p.openStretch = uint40(EPOCH / 2);
        deployManager(p);
    }

    function test_RevertWhen_NoBlockWinsOnAverage() external {
        IChallengeManager.Parameters memory p = parameters();
        p.lotteryOdds = 0;
        _expectInvalid(p, 0, 1);
        // Before the open stretch there are 2880 seconds: 720 blocks of 4 seconds.
        p.lotteryOdds = 721;
        _expectInvalid(p, 721, 720);
        p.lotteryOdds = 720;
        deployManager(p);
        p.blockMilliseconds = 12_000;
        _expectInvalid(p, 720, 240);
    }

    function test_RevertWhen_BlockTimeIsNoBlockTime() external {
        IChallengeManager.Parameters memory p = parameters();
        p.blockMilliseconds = 0;
        _expectInvalid(p, 0, 50);
        p.blockMilliseconds = 49;
        _expectInvalid(p, 49, 50);
        p.blockMilliseconds = 15_001;
        _expectInvalid(p, 15_001, 15_000);
    }

    function test_WinnersCanBeCitedForTwelveSeconds() external {
        uint40[6] memory times = [uint40(50), 250, 2_000, 5_000, 12_000, 15_000];
        uint256[6] memory blocks = [uint256(240), 48, 6, 3, 3, 3];
        for (uint256 i; i < times.length; i++) {
            IChallengeManager.Parameters memory p = parameters();
            p.blockMilliseconds = times[i];
            assertEq(deployManager(p).citableBlocks(), blocks[i], "blocks back");
        }
    }

    function test_RevertGiven_ValidatorsWithAnotherVault() external {
        vm.mockCall(VALIDATORS, abi.encodeCall(IValidatorSet.vault, ()), abi.encode(address(0xBAD)));
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerMismatch.selector, VAULT, address(0xBAD))
        );
        this.deployAgain(parameters());
    }

    function test_RevertGiven_ChainWithoutBlockHashes() external {
        vm.setBlockhash(block.number - 1, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerUnknownBlock.selector, block.number - 1)
        );
        this.deployAgain(parameters());
    }

    function deployAgain(IChallengeManager.Parameters memory p) external {
        deployManager(p);
    }

    function _setShare(uint256 shareBps) private {
        vm.mockCall(REGISTRY, abi.encodeCall(INodeRegistry.powerShareBps, ()), abi.encode(shareBps));
    }

    function _expectInvalid(IChallengeManager.Parameters memory p, uint256 value, uint256 limit) private {
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.ChallengeManagerInvalidParameter.selector, value, limit)
        );
        this.deployAgain(p);
    }
}
