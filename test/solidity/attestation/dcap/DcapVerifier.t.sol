// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollateralStore} from "../../../../contracts/interfaces/ICollateralStore.sol";
import {IDcapVerifier} from "../../../../contracts/interfaces/IDcapVerifier.sol";
import {Der} from "../../../../contracts/attestation/formats/Der.sol";
import {SignedDer} from "../../../../contracts/attestation/formats/SignedDer.sol";
import {Attestation, Standing} from "../../../../contracts/types/Attestation.sol";
import {Collateral, CollateralBasis} from "../../../../contracts/types/Collateral.sol";
import {Test} from "../../utils/Test.sol";

/// @notice What nobody wrote on purpose: the verifier refuses it by a typed error, and the judge holds it to be no quote.
contract DcapVerifierTest is Test {
    /// @dev Bytes of evidence that all kinds have.
    uint256 private constant COMMON = 259;

    bytes32 private constant INTEL_X = 0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5;
    bytes32 private constant INTEL_Y = 0x67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394;

    /// @dev A local chain, Sepolia, Hoodi, and the test networks of Base, OP and Polygon.
    uint256[] private withoutPrices = [31_337, 11_155_111, 560_048, 84_532, 11_155_420, 80_002];

    IDcapVerifier private verifier;

    function setUp() public {
        verifier = IDcapVerifier(
            deploy("DcapVerifier.sol:DcapVerifier", abi.encode(address(this), bytes32(uint256(1)), bytes32(uint256(2))))
        );
    }

    function test_RevertGiven_NoPrecompile() public {
        vm.mockCall(address(0x100), "", "");
        (address deployed, bytes memory reason) = _tryToDeploy(INTEL_X, INTEL_Y);
        vm.clearMockedCalls();
        assertEq(deployed, address(0), "deployed");
        bytes memory expected = abi.encodeWithSelector(IDcapVerifier.DcapVerifierNoPrecompile.selector);
        assertEq(keccak256(reason), keccak256(expected), "reason");
    }

    function testFuzz_TrustsIntelsRootAlone_WhereThingsHaveAPrice(uint64 chainId, bytes32 x, bytes32 y) public {
        for (uint256 i = 0; i < withoutPrices.length; ++i) vm.assume(chainId != withoutPrices[i]);
        vm.assume(x != INTEL_X || y != INTEL_Y);
        vm.chainId(chainId);
        _expectForeign(x, y);
        _expectForeign(INTEL_X, y == INTEL_Y ? bytes32(0) : y);
        _expectForeign(x == INTEL_X ? bytes32(0) : x, INTEL_Y);

        (address deployed, ) = _tryToDeploy(INTEL_X, INTEL_Y);
        (bytes32 rootX, bytes32 rootY) = IDcapVerifier(deployed).store().rootKey();
        assertEq(rootX, INTEL_X, "x");
        assertEq(rootY, INTEL_Y, "y");
    }

    function test_TakesASimulatorsRoot_OnLocalChainsAndTestNetworks() public {
        for (uint256 i = 0; i < withoutPrices.length; ++i) {
            vm.chainId(withoutPrices[i]);
            (address deployed, ) = _tryToDeploy(bytes32(uint256(1)), bytes32(uint256(2)));
            (bytes32 rootX, bytes32 rootY) = IDcapVerifier(deployed).store().rootKey();
            assertEq(uint256(rootX), 1, "x");
            assertEq(uint256(rootY), 2, "y");
        }
    }

    function testFuzz_RefusesAnyBytes(bytes memory evidence, bytes32 reportData) public {
        _refuses(abi.encodeCall(verifier.verify, (evidence, reportData)));
        _refuses(abi.encodeCall(verifier.recheck, (evidence)));
        _refuses(abi.encodeCall(verifier.review, (evidence, evidence)));
    }

    /// @dev The right form around whatever is inside, and a store that holds what is needed: every reader is reached.
    function testFuzz_RefusesAnyFields(
        uint256 seed,
        uint8 kind,
        uint8 auth,
        uint16 bucket,
        uint8 levels,
        uint16 size
    ) public {
        _holdEverything();
        kind = uint8(bound(kind, 0, 2));
        bytes memory evidence = bytes.concat(bytes1(kind), _random(seed, COMMON - 1));
        if (kind == 0) {
            evidence = bytes.concat(evidence, _random(~seed, 94));
        } else {
            // More than one byte can count.
            evidence = bytes.concat(evidence, _quoteParts(seed, auth, uint16(bound(bucket, 0, 400))));
            evidence = bytes.concat(evidence, bytes1(levels), _random(seed ^ 4, uint256(levels) * 32));
            evidence = bytes.concat(evidence, _lastParts(seed, kind, uint16(bound(size, 0, 2000))));
        }
        _refuses(abi.encodeCall(verifier.verify, (evidence, bytes32(seed))));
    }

    function testFuzz_JudgesAnyBytesToBeNoQuote(bytes memory quote) public view {
        assertEq(uint256(_judge(quote)), uint256(Standing.Disproven), "verdict");
    }

    /// @dev A quote's frame around whatever is inside: nobody signed a chain that cannot be read.
    function testFuzz_LeavesAnyUnreadableChainUndecided(uint256 seed, uint8 auth, uint16 size) public view {
        size = uint16(bound(size, 0, 4000));
        uint256 rest = 584 + uint256(auth) + size;
        bytes memory report = bytes.concat(_random(seed, 20), new bytes(28), _random(seed ^ 1, 16));
        report = bytes.concat(report, _random(seed ^ 2, 32), new bytes(32), _random(seed ^ 3, 32), new bytes(96));
        report = bytes.concat(report, _random(seed ^ 4, 4), new bytes(60), _random(seed ^ 5, 64));
        bytes memory quote = bytes.concat(
            hex"030002000000000000000000939a7233f79c4ca9940a0db3957f0607",
            _random(seed ^ 6, 20),
            report,
            bytes4(uint32((rest & 0xff) << 24) | uint32((rest >> 8) << 16)),
            _random(seed ^ 7, 128),
            report,
            _random(seed ^ 8, 64)
        );
        quote = bytes.concat(
            quote,
            bytes2(uint16(auth) << 8),
            _random(seed ^ 9, auth),
            hex"0500",
            bytes4(uint32((uint32(size) & 0xff) << 24) | uint32((uint32(size) >> 8) << 16)),
            "-----BEGIN CERTIFICATE-----",
            _random(seed ^ 10, size < 27 ? 0 : size - 27)
        );
        assertEq(uint256(_judge(quote)), uint256(Standing.Undecided), "verdict");
    }

    /// @dev What the judge says of a claim that says nothing but which bytes it is about.
    function _judge(bytes memory quote) private view returns (Standing) {
        Attestation memory claim;
        claim.quoteHash = keccak256(quote);
        CollateralBasis memory basis;
        return verifier.judge(quote, "", 0, claim, basis);
    }

    function _expectForeign(bytes32 x, bytes32 y) private {
        (address deployed, bytes memory reason) = _tryToDeploy(x, y);
        assertEq(deployed, address(0), "deployed");
        bytes4 selector = ICollateralStore.CollateralStoreForeignRoot.selector;
        assertEq(keccak256(reason), keccak256(abi.encodeWithSelector(selector, block.chainid, x, y)), "reason");
    }

    function _tryToDeploy(bytes32 x, bytes32 y) private returns (address deployed, bytes memory reason) {
        bytes memory code = bytes.concat(vm.getCode("DcapVerifier.sol:DcapVerifier"), abi.encode(address(this), x, y));
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            reason := mload(0x40)
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 0x20), 0, returndatasize())
            mstore(0x40, add(reason, add(returndatasize(), 0x20)))
        }
    }

    /// @dev Makes the store say that all contents hold for ever.
    function _holdEverything() private {
        vm.mockCall(
            address(verifier.store()),
            abi.encodePacked(ICollateralStore.collateralOf.selector),
            abi.encode(Collateral(bytes16(uint128(1)), bytes16(uint128(2)), bytes16(uint128(3)), type(uint64).max))
        );
    }

    /// @dev Of evidence: the quote's body, its signature data and the bucket of revoked serials.
    function _quoteParts(uint256 seed, uint8 auth, uint16 bucket) private pure returns (bytes memory) {
        return
            bytes.concat(
                _random(seed ^ 1, 104),
                bytes2(uint16(auth)),
                _random(seed ^ 2, uint256(auth) + 64),
                bytes2(bucket),
                _random(seed ^ 3, uint256(bucket) * 20 + 128)
            );
    }

    /// @dev Of evidence: what stands behind the levels.
    function _lastParts(uint256 seed, uint8 kind, uint16 size) private pure returns (bytes memory) {
        return
            bytes.concat(
                bytes2(size),
                _random(seed ^ 5, size),
                kind == 1 ? _random(seed ^ 6, 148) : bytes.concat(bytes2(size + 1), hex"30", _random(seed ^ 7, size))
            );
    }

    /// @dev Random bytes, so many.
    function _random(uint256 seed, uint256 size) private pure returns (bytes memory data) {
        data = new bytes(size);
        for (uint256 i; i < size; i += 32) {
            bytes32 word = keccak256(abi.encode(seed, i));
            // Whole words: memory is allocated in them.
            assembly ("memory-safe") {
                mstore(add(add(data, 0x20), i), word)
            }
        }
    }

    /// @dev The call must fail with one of our own errors.
    function _refuses(bytes memory question) private {
        (bool isDone, bytes memory reason) = address(verifier).call(question);
        assertTrue(!isDone, "refused");
        bytes4 selector = bytes4(reason);
        bool isOurs =
            selector == IDcapVerifier.DcapVerifierMalformed.selector ||
                selector == IDcapVerifier.DcapVerifierCollateralLapsed.selector ||
                selector == IDcapVerifier.DcapVerifierPckNotValidNow.selector ||
                selector == IDcapVerifier.DcapVerifierUnknownLeaf.selector ||
                selector == SignedDer.X509TooLong.selector ||
                selector == Der.DerMalformed.selector;
        assertTrue(isOurs, "an error of ours");
    }
}
