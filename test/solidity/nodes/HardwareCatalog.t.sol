// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IHardwareCatalog} from "../../../contracts/interfaces/IHardwareCatalog.sol";
import {HardwareKind, HardwareModel} from "../../../contracts/types/Hardware.sol";
import {Test} from "../utils/Test.sol";

/// @notice Models, their rates and listing, and who may change them.
contract HardwareCatalogTest is Test {
    IHardwareCatalog private _catalog;

    uint64 private constant MAX_RATE = type(uint48).max;
    address private constant STRANGER = address(0x57A6);

    function setUp() public {
        address governance = deploy("Governance.sol:Governance", abi.encode(address(this)));
        _catalog = IHardwareCatalog(deploy("HardwareCatalog.sol:HardwareCatalog", abi.encode(governance)));
    }

    function test_AddModelListsIt() external {
        vm.expectEmit(address(_catalog));
        emit IHardwareCatalog.ModelAdded(1, HardwareKind.Gpu, 900e6, "H100 SXM");
        assertEq(_catalog.addModel(HardwareKind.Gpu, 900e6, "H100 SXM"), 1, "id");
        assertEq(_catalog.addModel(HardwareKind.CpuCore, 1, "x"), 2, "next id");
        assertEq(_catalog.modelCount(), 2, "models");
        HardwareModel memory model = _catalog.getModel(1);
        assertEq(uint256(model.kind), uint256(HardwareKind.Gpu), "kind");
        assertEq(model.hashRate, 900e6, "rate");
        assertTrue(model.listed, "listed");
        assertEq(keccak256(bytes(model.name)), keccak256("H100 SXM"), "name");
        assertEq(_catalog.hashRateOf(1), 900e6, "rate of a unit");
    }

    function test_RevertWhen_KindIsNone() external {
        vm.expectRevert(
            abi.encodeWithSelector(IHardwareCatalog.HardwareCatalogInvalidKind.selector, HardwareKind.None)
        );
        _catalog.addModel(HardwareKind.None, 1, "x");
    }

    function test_RevertWhen_HashRateIsOutOfRange() external {
        _catalog.addModel(HardwareKind.Gpu, MAX_RATE, "fastest");
        uint64[3] memory rates = [uint64(0), MAX_RATE + 1, type(uint64).max];
        for (uint256 i = 0; i < rates.length; ++i) {
            bytes memory revertData = abi.encodeWithSelector(
                IHardwareCatalog.HardwareCatalogInvalidHashRate.selector,
                rates[i]
            );
            vm.expectRevert(revertData);
            _catalog.addModel(HardwareKind.Gpu, rates[i], "x");
            vm.expectRevert(revertData);
            _catalog.setHashRate(1, rates[i]);
        }
        assertEq(_catalog.modelCount(), 1, "models");
        assertEq(_catalog.hashRateOf(1), MAX_RATE, "rate");
    }

    function test_RevertWhen_NameIsEmptyOrTooLong() external {
        string memory longest = string(new bytes(64));
        string memory tooLong = string(new bytes(65));
        vm.expectRevert(abi.encodeWithSelector(IHardwareCatalog.HardwareCatalogInvalidName.selector, ""));
        _catalog.addModel(HardwareKind.Gpu, 1, "");
        vm.expectRevert(abi.encodeWithSelector(IHardwareCatalog.HardwareCatalogInvalidName.selector, tooLong));
        _catalog.addModel(HardwareKind.Gpu, 1, tooLong);
        _catalog.addModel(HardwareKind.Gpu, 1, longest);
        assertEq(bytes(_catalog.getModel(1).name).length, 64, "name's length");
    }

    function test_SetHashRate() external {
        _catalog.addModel(HardwareKind.Gpu, 5, "x");
        vm.expectEmit(address(_catalog));
        emit IHardwareCatalog.HashRateSet(1, 6);
        _catalog.setHashRate(1, 6);
        assertEq(_catalog.hashRateOf(1), 6, "rate");
    }

    function test_DelistedModelStaysReadable() external {
        _catalog.addModel(HardwareKind.Gpu, 5, "x");
        vm.expectEmit(address(_catalog));
        emit IHardwareCatalog.ListedSet(1, false);
        _catalog.setListed(1, false);
        assertTrue(!_catalog.getModel(1).listed, "delisted");
        vm.expectRevert(abi.encodeWithSelector(IHardwareCatalog.HardwareCatalogModelNotListed.selector, 1));
        _catalog.hashRateOf(1);
        _catalog.setListed(1, true);
        assertEq(_catalog.hashRateOf(1), 5, "rate");
    }

    function test_RevertWhen_ModelIsUnknown() external {
        _catalog.addModel(HardwareKind.Gpu, 5, "x");
        uint256[3] memory ids = [uint256(0), 2, type(uint256).max];
        for (uint256 i = 0; i < ids.length; ++i) {
            bytes memory revertData = abi.encodeWithSelector(
                IHardwareCatalog.HardwareCatalogUnknownModel.selector,
                ids[i]
            );
            vm.expectRevert(revertData);
            _catalog.getModel(ids[i]);
            vm.expectRevert(revertData);
            _catalog.hashRateOf(ids[i]);
            vm.expectRevert(revertData);
            _catalog.setHashRate(ids[i], 1);
            vm.expectRevert(revertData);
            _catalog.setListed(ids[i], false);
        }
    }

    function test_RevertGiven_CallerDoesNotGovern() external {
        _catalog.addModel(HardwareKind.Gpu, 5, "x");
        bytes memory revertData = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
        vm.startPrank(STRANGER);
        vm.expectRevert(revertData);
        _catalog.addModel(HardwareKind.Gpu, 1, "y");
        vm.expectRevert(revertData);
        _catalog.setHashRate(1, 6);
        vm.expectRevert(revertData);
        _catalog.setListed(1, false);
    }

    /// @notice Any model in range is stored as given.
    function testFuzz_AddModel(bool gpu, uint256 rate, bytes32 name, uint256 length) external {
        rate = bound(rate, 1, MAX_RATE);
        bytes memory bytesOfName = abi.encodePacked(name, name);
        length = bound(length, 1, 64);
        assembly ("memory-safe") {
            mstore(bytesOfName, length)
        }
        HardwareKind kind = gpu ? HardwareKind.Gpu : HardwareKind.CpuCore;
        uint256 modelId = _catalog.addModel(kind, uint64(rate), string(bytesOfName));
        HardwareModel memory model = _catalog.getModel(modelId);
        assertEq(uint256(model.kind), uint256(kind), "kind");
        assertEq(model.hashRate, rate, "rate");
        assertEq(keccak256(bytes(model.name)), keccak256(bytesOfName), "name");
    }
}
