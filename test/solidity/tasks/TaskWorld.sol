// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDataGrants} from "../../../contracts/interfaces/IDataGrants.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {ITaskEscrow} from "../../../contracts/interfaces/ITaskEscrow.sol";
import {IValidatorSet} from "../../../contracts/interfaces/IValidatorSet.sol";
import {QuotesStandIn, ModelNodesStandIn} from "./TaskModelStandIns.sol";
import {Test} from "../utils/Test.sol";

/// @notice An escrow of tasks over the real vault, validator set, grants and token, which whoever deploys it governs; nodes and quotes are
/// stood in for.
abstract contract TaskWorld is Test {
    uint256 internal constant START = 2_000_000_000;
    uint40 internal constant EXIT_DELAY = 14 days;
    uint40 internal constant FINALITY_PERIOD = 7 days;
    uint16 internal constant SLASH_BPS = 3_333;
    uint128 internal constant MINIMUM_STAKE = 1_000;
    uint256 internal constant WALLET = 1e33;
    uint256 internal constant FREE_STAKE = 1e28;
    bytes32 internal constant MR_ENCLAVE = keccak256("enclave");

    address internal immutable treasury = address(0x7EA5);
    address internal immutable stranger = address(0x5A5A);
    uint256 internal immutable enclaveSecret = uint256(keccak256("enclave key"));

    IERC20 internal token;
    IStakeVault internal vault;
    IValidatorSet internal validators;
    ModelNodesStandIn internal nodes;
    QuotesStandIn internal quotes;
    IDataGrants internal grants;
    ITaskEscrow internal escrow;

    /// @dev Where random numbers come from.
    uint256 internal luck;

    function deployTasks() internal {
        vm.warp(START);
        address governance = deploy("Governance.sol:Governance", abi.encode(address(this)));
        token = IERC20(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36)));
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        validators = IValidatorSet(
            deploy(
                "ValidatorSet.sol:ValidatorSet",
                abi.encode(vault, governance, treasury, EXIT_DELAY, SLASH_BPS, MINIMUM_STAKE)
            )
        );
        nodes = new ModelNodesStandIn();
        quotes = new QuotesStandIn(validators);
        grants = IDataGrants(deploy("DataGrants.sol:DataGrants", abi.encode(nodes, FINALITY_PERIOD)));
        escrow = ITaskEscrow(
            deploy("TaskEscrow.sol:TaskEscrow", abi.encode(vault, grants, validators, quotes, governance, treasury))
        );
        address[] memory slashers = new address[](2);
        (slashers[0], slashers[1]) = (address(escrow), address(quotes));
        validators.setSlashers(slashers);
    }

    /// @notice Gives an account tokens that escrow and vault may take, and free stake that escrow and validator set may lock.
    function fund(address account) internal {
        token.transfer(account, WALLET);
        token.approve(address(vault), FREE_STAKE);
        vault.depositFor(account, FREE_STAKE);
        vm.startPrank(account);
        token.approve(address(escrow), type(uint256).max);
        token.approve(address(vault), type(uint256).max);
        vault.allow(address(escrow), type(uint128).max);
        vault.allow(address(validators), type(uint128).max);
        vm.stopPrank();
    }

    /// @notice A signature of the key that all enclaves have.
    function enclaveSignature(bytes32 digest) internal view returns (bytes memory) {
        return signature(enclaveSecret, digest);
    }

    /// @dev The next random number below `size`.
    function _roll(uint256 size) internal returns (uint256) {
        luck = uint256(keccak256(abi.encode(luck)));
        return luck % size;
    }
}
