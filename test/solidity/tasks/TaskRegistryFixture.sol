// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IHardwareCatalog} from "../../../contracts/interfaces/IHardwareCatalog.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {HardwareKind} from "../../../contracts/types/Hardware.sol";
import {QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {TaskRequest, TaskStatus} from "../../../contracts/types/Task.sol";
import {TaskFixture} from "./TaskFixture.sol";
import {typedDigest, verdictStruct} from "./TaskSigning.sol";

/// @notice Tasks over the real registry: a node that the quorum vouches for, and disputes that a mock judge decides.
abstract contract TaskRegistryFixture is TaskFixture {
    uint256 internal constant MAXIMUM_AGE = 7 days;
    bytes32 internal constant COLLATERAL_HASH = keccak256("collateral");

    INodeRegistry internal registry;
    uint256 internal nodeId;
    uint256 private _height;

    function deployOverRegistry() internal {
        vm.warp(START);
        token = IERC20(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e36)));
        vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(token)));
        // This contract is the authority.
        IHardwareCatalog catalog = IHardwareCatalog(
            deploy("HardwareCatalog.sol:HardwareCatalog", abi.encode(address(this)))
        );
        INodeRegistry.Parameters memory parameters = INodeRegistry.Parameters(1 hours, 5_000, 7 days);
        INodeRegistry.Policy memory policy = INodeRegistry.Policy(
            1_000,
            uint40(MAXIMUM_AGE),
            uint8(1 << uint256(TcbStatus.UpToDate)),
            0,
            0,
            false
        );
        bytes memory arguments = abi.encode(vault, catalog, address(this), treasury, parameters, policy);
        registry = INodeRegistry(deploy("NodeRegistry.sol:NodeRegistry", arguments));
        deployOver(address(registry));
        catalog.addModel(HardwareKind.Gpu, 1_000_000, "Model");
        registry.setVerifier(address(quorumVerifier), VerifierKind.Quorum);
        registry.allowEnclave(MR_ENCLAVE);

        fundRequester(requester);
        fundProvider(provider);
        vm.startPrank(provider);
        vault.allow(address(registry), 1e18);
        nodeId = registry.declare(1, 1, 1e12, "https://node.example");
        vm.stopPrank();
        _height = 20_000_000;
        nextBlock();
        registry.checkpoint();
    }

    /// @notice The authority's answer: this test may change what is governed, at once.
    function canCall(address caller, address, bytes4) external view returns (bool immediate, uint32 delay) {
        return (caller == address(this), 0);
    }

    function nextBlock() internal {
        vm.roll(++_height);
        vm.setBlockhash(_height - 1, keccak256(abi.encode(_height - 1)));
    }

    /// @notice Attests the node by a new quote, which the four validators with the most stake vouch for.
    /// @return binding What bound the quote to the node.
    function attest(bytes memory quote) internal returns (QuoteBinding memory binding) {
        nextBlock();
        binding = QuoteBinding(registry.nonceOf(nodeId), _height - 1, keccak256(abi.encode(_height - 1)));
        bytes32 reportData = registry.reportDataOf(provider, enclave, binding);
        Attestation memory attestation = attestationOf(quote);
        bytes32 digest = quorumVerifier.vouchDigest(address(registry), reportData, attestation, COLLATERAL_HASH);
        IQuorumVerifier.Vouching memory vouching = IQuorumVerifier.Vouching(
            attestation,
            COLLATERAL_HASH,
            signVerdict(digest, 1, 4)
        );
        vm.prank(provider);
        registry.attest(nodeId, address(quorumVerifier), enclave, _height - 1, abi.encode(vouching));
    }

    function attestationOf(bytes memory quote) internal pure returns (Attestation memory) {
        return
            Attestation({
                quoteHash: keccak256(quote),
                mrEnclave: MR_ENCLAVE,
                mrSigner: keccak256("signer"),
                isvProdId: 1,
                isvSvn: 1,
                platformId: keccak256("platform"),
                fmspc: 0x00906ed50000,
                tcbStatus: TcbStatus.UpToDate,
                validUntil: uint64(START + 30 days)
            });
    }

    /// @notice Disputes a quote, and has it judged so.
    function dispute(bytes memory quote, QuoteBinding memory binding, Standing standing) internal {
        judge.setStanding(keccak256(quote), standing);
        address[] memory signers = new address[](4);
        for (uint256 i; i < 4; ++i) signers[i] = validatorAt(i + 1);
        IQuorumVerifier.Dispute memory facts = IQuorumVerifier.Dispute(
            attestationOf(quote),
            COLLATERAL_HASH,
            signers,
            quote,
            ""
        );
        registry.dispute(nodeId, address(quorumVerifier), keccak256(quote), binding, abi.encode(facts));
    }

    /// @notice What validators sign on a result that rests on that attestation of the node, counted from 1.
    function vouchedDigest(uint256 taskId, uint256 attestation, TaskStatus verdict) internal view returns (bytes32) {
        bytes32 structHash = verdictStruct(taskId, INPUT_HASH, RESULT_HASH, attestation, verdict, VERDICT_BY);
        return typedDigest(block.chainid, address(escrow), structHash);
    }

    /// @notice A new task of the node, without datasets.
    function publishTask() internal returns (uint256) {
        TaskRequest memory request = aRequest();
        request.nodeId = nodeId;
        delete request.datasets;
        return publish(request);
    }

    /// @notice The same, brought to its result.
    function submitTask() internal returns (uint256 taskId) {
        taskId = publishTask();
        acceptAs(provider, taskId);
        reachResult(taskId, TaskStatus.Submitted);
    }
}
