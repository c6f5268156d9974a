// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHardwareCatalog} from "../../../contracts/interfaces/IHardwareCatalog.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {MockJudge} from "../../../contracts/mocks/MockJudge.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {CollateralBasis, PckCa} from "../../../contracts/types/Collateral.sol";
import {HardwareKind} from "../../../contracts/types/Hardware.sol";
import {QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {TaskRequest} from "../../../contracts/types/Task.sol";
import {Test} from "../utils/Test.sol";
import {signaturesOf} from "../validators/ValidatorKeys.sol";

/// @notice A node of the real registry, which this contract governs: validators vouch for its quotes, and a mock judge decides disputes.
contract VouchedNode is Test {
    bytes32 private constant MR_ENCLAVE = keccak256("enclave");
    bytes20 private constant LAUNCH = hex"00000000_0500000000000000_e700000000000000";

    /// @dev Half of what the catalog says of its one unit.
    uint40 private constant REQUIRED_RATE = 500_000;

    INodeRegistry public immutable registry;
    uint256 public id;

    IStakeVault private immutable vault;
    address private immutable provider;
    address private immutable enclave;
    uint64 private immutable validUntil = uint64(block.timestamp + 30 days);
    IQuorumVerifier private verifier;
    MockJudge private judge;
    uint256[] private keys;
    uint256 private height = 20_000_000;

    constructor(IStakeVault vault_, address treasury, address provider_, address enclave_) {
        (vault, provider, enclave) = (vault_, provider_, enclave_);
        address governance = deploy("Governance.sol:Governance", abi.encode(address(this)));
        IHardwareCatalog catalog = IHardwareCatalog(
            deploy("HardwareCatalog.sol:HardwareCatalog", abi.encode(governance))
        );
        catalog.addModel(HardwareKind.Gpu, 1_000_000, "Model");
        INodeRegistry.Parameters memory parameters = INodeRegistry.Parameters(1 hours, 5_000, 14 days, 2 days);
        uint8 accepted = uint8(1 << uint256(TcbStatus.UpToDate));
        INodeRegistry.Policy memory policy = INodeRegistry.Policy(1_000, 7 days, accepted, 0, 0, false);
        bytes memory arguments = abi.encode(vault_, catalog, governance, treasury, parameters, policy);
        registry = INodeRegistry(deploy("NodeRegistry.sol:NodeRegistry", arguments));
        registry.allowEnclave(MR_ENCLAVE, LAUNCH, ~bytes20(0));
    }

    /// @notice Declares the node, whose provider has free stake. The keys are those of all validators.
    function declare(IQuorumVerifier verifier_, MockJudge judge_, uint256[] calldata keys_) external {
        (verifier, judge, keys) = (verifier_, judge_, keys_);
        listAs(VerifierKind.Quorum);
        vm.startPrank(provider);
        vault.allow(address(registry), 1e18);
        id = registry.declare(1, 1, 1e12, REQUIRED_RATE, type(uint96).max, "https://node.example");
        vm.stopPrank();
        _nextBlock();
        registry.checkpoint();
    }

    /// @notice Attests the node by a new quote, which the four validators with the most stake vouch for.
    /// @return binding What bound the quote to the node.
    function attest(bytes calldata quote) external returns (QuoteBinding memory binding) {
        _nextBlock();
        binding = QuoteBinding(registry.nonceOf(id), height - 1, _hashOf(height - 1));
        bytes32 reportData = registry.reportDataOf(provider, enclave, binding);
        Attestation memory attestation = _attestationOf(quote);
        bytes32 digest = verifier.vouchDigest(address(registry), reportData, attestation, _basis());
        IQuorumVerifier.Vouching memory vouching = IQuorumVerifier.Vouching(
            attestation,
            _basis(),
            signaturesOf(keys, 1, 4, digest)
        );
        vm.prank(provider);
        registry.attest(id, address(verifier), enclave, height - 1, abi.encode(vouching));
    }

    /// @notice Disputes a quote, and has it judged so.
    function dispute(bytes calldata quote, QuoteBinding calldata binding, Standing standing) external {
        judge.setStanding(keccak256(quote), standing);
        address[] memory signers = new address[](4);
        for (uint256 i; i < 4; ++i) signers[i] = vm.addr(keys[i + 1]);
        IQuorumVerifier.Dispute memory facts = IQuorumVerifier.Dispute(
            _attestationOf(quote),
            _basis(),
            signers,
            quote,
            ""
        );
        registry.dispute(id, address(verifier), keccak256(quote), binding, abi.encode(facts));
    }

    function exit() external {
        vm.prank(provider);
        registry.exit(id, enclave);
    }

    /// @notice The same request, made to this node and without datasets.
    function readdress(TaskRequest memory request) external view returns (TaskRequest memory) {
        request.nodeId = id;
        delete request.datasets;
        return request;
    }

    /// @notice Says whose word the verifier's is from now on.
    function listAs(VerifierKind kind) public {
        registry.setVerifier(address(verifier), kind);
    }

    function _basis() private pure returns (CollateralBasis memory) {
        return CollateralBasis(keccak256("collateral"), 17, PckCa.Platform, 1, 1);
    }

    function _nextBlock() private {
        vm.roll(++height);
        vm.setBlockhash(height - 1, _hashOf(height - 1));
    }

    function _attestationOf(bytes calldata quote) private view returns (Attestation memory) {
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
                validUntil: validUntil,
                launch: LAUNCH
            });
    }

    function _hashOf(uint256 height_) private pure returns (bytes32) {
        return keccak256(abi.encode(height_));
    }
}
