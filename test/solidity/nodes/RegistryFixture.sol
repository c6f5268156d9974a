// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlatformToken} from "../../../contracts/PlatformToken.sol";
import {IHardwareCatalog} from "../../../contracts/interfaces/IHardwareCatalog.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IStakeVault} from "../../../contracts/interfaces/IStakeVault.sol";
import {MockVerifier} from "../../../contracts/mocks/MockVerifier.sol";
import {Attestation, Standing, TcbStatus} from "../../../contracts/types/Attestation.sol";
import {HardwareKind} from "../../../contracts/types/Hardware.sol";
import {QuoteBinding, VerifierKind} from "../../../contracts/types/Node.sol";
import {Test} from "../utils/Test.sol";

uint40 constant MAXIMUM_AGE = 7 days;
address constant GOVERNOR = address(0x6000);
address constant ALICE = address(0xA11CE);
address constant BOB = address(0xB0B);
address constant CAROL = address(0xCA201);
address constant STRANGER = address(0x57A);
bytes32 constant PLATFORM = keccak256("platform");
bytes32 constant OTHER_PLATFORM = keccak256("other platform");
bytes32 constant MR_ENCLAVE = keccak256("enclave");
/// @dev A production launch, of which XFRM beyond x87 and SSE is left open.
bytes20 constant LAUNCH = hex"00000000_0500000000000000_0300000000000000";
bytes20 constant LAUNCH_MASK = hex"ffffffff_ffffffffffffffff_0300000000000000";

/// @dev The key of a node's enclave.
function keyOf(uint256 nodeId) pure returns (address) {
    return address(uint160(0xE00000 + nodeId));
}

/// @notice A registry over the real vault and catalog, with a verifier that believes its evidence. This contract is the authority.
/// @dev Time and height are kept in storage, because the compiler takes `block.timestamp` for constant within a function.
abstract contract RegistryFixture is Test {
    uint40 internal constant EPOCH = 1 hours;
    uint16 internal constant SHARE = 5000;
    uint40 internal constant RELEASE_DELAY = 7 days;
    uint40 internal constant REVOCATION_DELAY = 2 days;
    uint96 internal constant STAKE = 1000;
    uint8 internal constant ACCEPTED = uint8((1 << uint256(TcbStatus.UpToDate)) | (1 << uint256(TcbStatus.OutOfDate)));
    uint64 internal constant HASH_RATE = 1_000_000;
    /// @dev The share of four units' rate.
    uint40 internal constant REQUIRED_RATE = 2_000_000;
    uint128 internal constant RATE = 5e12;
    string internal constant URL = "https://node.example";
    uint256 internal constant FOREVER = type(uint256).max;

    address internal constant TREASURY = address(0x7000);

    bytes32 internal constant SUBJECT = keccak256("subject");
    bytes32 internal constant MR_SIGNER = keccak256("signer");
    uint16 internal constant PRODUCT = 3;
    uint16 internal constant SVN = 9;

    PlatformToken internal _token;
    IStakeVault internal _vault;
    IHardwareCatalog internal _catalog;
    INodeRegistry internal _registry;
    MockVerifier internal _verifier;
    uint256 internal _time;
    uint256 internal _height;

    /// @dev The length of an epoch; it counts when the registry is deployed.
    uint40 internal _epoch = EPOCH;

    /// @dev A takeover of the platform, once {_challengeIncumbent} opened it.
    uint256 internal _incumbent;
    uint256 internal _challenger;
    uint256 internal _openedAt;
    uint256 internal _takeoverAt;
    bytes32 internal _challengerQuote;
    QuoteBinding internal _challengerBinding;

    uint256 private _quotes;

    /// @notice The authority's answer: the governor may call what is governed, at once.
    function canCall(address caller, address, bytes4) external pure returns (bool immediate, uint32 delay) {
        return (caller == GOVERNOR, 0);
    }

    /// @dev Deploys and funds everything.
    function _build() internal {
        (_time, _height) = (1_800_000_000, 20_000_000);
        _pass(0);
        _token = PlatformToken(deploy("PlatformToken.sol:PlatformToken", abi.encode(address(this), 1e30)));
        _vault = IStakeVault(deploy("StakeVault.sol:StakeVault", abi.encode(_token)));
        _catalog = IHardwareCatalog(deploy("HardwareCatalog.sol:HardwareCatalog", abi.encode(address(this))));
        _registry = _deployRegistry(TREASURY, _parameters(), _policy());
        _verifier = MockVerifier(deploy("MockVerifier.sol:MockVerifier", ""));

        vm.startPrank(GOVERNOR);
        _catalog.addModel(HardwareKind.Gpu, HASH_RATE, "Model 1");
        _registry.setVerifier(address(_verifier), VerifierKind.Quorum);
        _registry.allowEnclave(MR_ENCLAVE, LAUNCH, LAUNCH_MASK);
        vm.stopPrank();
        _fund(ALICE);
        _fund(BOB);
        _fund(CAROL);
    }

    function _parameters() internal view returns (INodeRegistry.Parameters memory) {
        return INodeRegistry.Parameters(_epoch, SHARE, RELEASE_DELAY, REVOCATION_DELAY);
    }

    function _policy() internal pure returns (INodeRegistry.Policy memory) {
        return INodeRegistry.Policy(STAKE, MAXIMUM_AGE, ACCEPTED, 0, 0, false);
    }

    function _deployRegistry(
        address treasury,
        INodeRegistry.Parameters memory parameters,
        INodeRegistry.Policy memory policy
    ) internal returns (INodeRegistry) {
        bytes memory arguments = abi.encode(_vault, _catalog, address(this), treasury, parameters, policy);
        return INodeRegistry(deploy("NodeRegistry.sol:NodeRegistry", arguments));
    }

    /// @dev Lists a verifier with a time of disputes, which the registry asks for only then.
    function _listVerifier(MockVerifier verifier, VerifierKind kind, uint256 disputeTime) internal {
        verifier.setDisputeTime(disputeTime);
        vm.startPrank(GOVERNOR);
        _registry.setVerifier(address(verifier), VerifierKind.None);
        _registry.setVerifier(address(verifier), kind);
        vm.stopPrank();
    }

    /// @dev Gives an account plenty of stake that the registry may lock.
    function _fund(address account) internal {
        _token.approve(address(_vault), 1e24);
        _vault.depositFor(account, 1e24);
        vm.prank(account);
        _vault.allow(address(_registry), 1e24);
    }

    /// @dev Lets time pass, and one block with a hash of its own.
    function _pass(uint256 duration) internal {
        _time += duration;
        vm.warp(_time);
        vm.roll(++_height);
        vm.setBlockhash(_height - 1, _hashOf(_height - 1));
    }

    function _passTo(uint256 time) internal {
        _pass(time - _time);
    }

    /// @dev The next block, with a checkpoint behind it, so that its parent is recent.
    function _freshen() internal {
        if (_registry.oldestBlock() == 0) _registry.checkpoint();
        _pass(0);
    }

    function _hashOf(uint256 height) internal pure returns (bytes32) {
        return keccak256(abi.encode("block", height));
    }

    function _declare(address provider) internal returns (uint256) {
        vm.prank(provider);
        return _registry.declare(1, 4, RATE, REQUIRED_RATE, STAKE, URL);
    }

    /// @dev A new good quote from a platform.
    function _quote(bytes32 platformId) internal returns (Attestation memory attestation) {
        attestation.quoteHash = keccak256(abi.encode("quote", ++_quotes));
        attestation.mrEnclave = MR_ENCLAVE;
        attestation.mrSigner = MR_SIGNER;
        attestation.isvProdId = PRODUCT;
        attestation.isvSvn = SVN;
        attestation.platformId = platformId;
        attestation.tcbStatus = TcbStatus.UpToDate;
        attestation.validUntil = uint64(_time + 30 days);
        attestation.launch = LAUNCH;
    }

    /// @dev Attests with the parent block. One call, so that it may follow an expectation.
    function _attestWith(address provider, uint256 nodeId, Attestation memory attestation) internal {
        _attestOn(provider, nodeId, attestation, SUBJECT);
    }

    /// @dev The same, resting on a subject of its own.
    function _attestOn(address provider, uint256 nodeId, Attestation memory attestation, bytes32 subject) internal {
        bytes memory evidence = abi.encode(attestation, subject);
        vm.prank(provider);
        _registry.attest(nodeId, address(_verifier), keyOf(nodeId), _height - 1, evidence);
    }

    function _attest(address provider, uint256 nodeId, bytes32 platformId) internal returns (bytes32 quoteHash) {
        _freshen();
        Attestation memory attestation = _quote(platformId);
        _attestWith(provider, nodeId, attestation);
        return attestation.quoteHash;
    }

    /// @dev A declared node attested on a platform.
    function _node(address provider, bytes32 platformId) internal returns (uint256 nodeId) {
        nodeId = _declare(provider);
        _attest(provider, nodeId, platformId);
    }

    function _bindingAt(uint256 nonce, uint256 height) internal pure returns (QuoteBinding memory) {
        return QuoteBinding(nonce, height, _hashOf(height));
    }

    /// @dev The binding of the node's next quote, with the parent block.
    function _nextBinding(uint256 nodeId) internal view returns (QuoteBinding memory) {
        return _bindingAt(_registry.nonceOf(nodeId), _height - 1);
    }

    /// @dev Attests again, and gives what {_dispute} needs.
    function _attestBound(
        address provider,
        uint256 nodeId,
        bytes32 platformId
    ) internal returns (bytes32 quoteHash, QuoteBinding memory binding) {
        _freshen();
        binding = _nextBinding(nodeId);
        Attestation memory attestation = _quote(platformId);
        quoteHash = attestation.quoteHash;
        _attestWith(provider, nodeId, attestation);
    }

    function _recheck(
        uint256 nodeId,
        bytes32 platformId,
        Standing standing,
        TcbStatus tcbStatus
    ) internal returns (Standing) {
        return _registry.recheck(nodeId, LAUNCH, abi.encode(platformId, SUBJECT, standing, tcbStatus));
    }

    function _dispute(
        uint256 nodeId,
        bytes32 quoteHash,
        QuoteBinding memory binding,
        Standing standing
    ) internal returns (Standing) {
        return _registry.dispute(nodeId, address(_verifier), quoteHash, binding, abi.encode(standing));
    }

    function _lockedOf(address provider) internal view returns (uint256 locked) {
        (, locked) = _vault.allowanceOf(provider, address(_registry));
    }

    /// @dev When a node ends that exits now; no takeover ends one sooner.
    function _exitAt() internal view returns (uint256) {
        return (_time / _epoch + 2) * _epoch;
    }

    /// @dev Bob challenges Alice's node, which has been attested for ten minutes.
    function _openTakeover() internal {
        _incumbent = _node(ALICE, PLATFORM);
        _pass(10 minutes);
        _challengeIncumbent();
    }

    /// @dev Bob's node is attested on the platform that is taken.
    function _challengeIncumbent() internal {
        _challenger = _declare(BOB);
        (_challengerQuote, _challengerBinding) = _attestBound(BOB, _challenger, PLATFORM);
        _openedAt = _time;
        _takeoverAt = _registry.getPlatform(PLATFORM).takeoverAt;
    }

    function _checkLive(uint256 nodeId) internal view {
        assertTrue(_registry.isLive(nodeId), "should be live");
    }

    function _checkNotLive(uint256 nodeId) internal view {
        assertTrue(!_registry.isLive(nodeId), "should not be live");
    }

    function _allowSigner(uint16 minIsvSvn) internal returns (uint256) {
        vm.prank(GOVERNOR);
        return _registry.allowSigner(MR_SIGNER, PRODUCT, minIsvSvn, LAUNCH, LAUNCH_MASK);
    }

    function _expectNotAllowed(uint256 nodeId, Attestation memory attestation) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                INodeRegistry.NodeRegistryEnclaveNotAllowed.selector,
                attestation.mrEnclave,
                attestation.mrSigner,
                attestation.isvProdId,
                attestation.isvSvn
            )
        );
        _attestWith(ALICE, nodeId, attestation);
    }
}
