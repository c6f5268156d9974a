// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QeIdentityJson} from "../../../../contracts/attestation/collateral/QeIdentityJson.sol";
import {StrictJson} from "../../../../contracts/attestation/collateral/StrictJson.sol";
import {JsonHarness} from "../../../../contracts/mocks/JsonHarness.sol";
import {TcbStatus} from "../../../../contracts/types/Attestation.sol";
import {QeIdentity} from "../../../../contracts/types/Collateral.sol";
import {JsonTest} from "./JsonTest.sol";

/// @notice A QE identity of three levels, and everything that may be wrong with it.
contract QeIdentityJsonTest is JsonTest {
    bytes private constant HEAD =
        '{"id":"QE","version":2,"issueDate":"2025-08-15T04:36:46Z","nextUpdate":"2025-09-14T04:36:46Z",'
        '"tcbEvaluationDataNumber":65535,"miscselect":"00000001","miscselectMask":"FFFFFFFe",'
        '"attributes":"1100000000000000000000000000000a","attributesMask":"FBFFFFFFFFFFFFFF0000000000000000",'
        '"mrsigner":"8c4F5775D796503E96137F77C68A829A0056AC8DED70140B081B094490C57BFF","isvprodid":258,"tcbLevels":[';
    bytes private constant FIRST = '{"tcb":{"isvsvn":65535},"tcbDate":"2024-03-13T00:00:00Z","tcbStatus":"UpToDate"}';
    bytes private constant SECOND =
        '{"tcb":{"isvsvn":6},"tcbDate":"2021-11-10T00:00:00Z","tcbStatus":"OutOfDate","advisoryIDs":["INTEL-SA-00615"]}';
    bytes private constant THIRD =
        '{"tcb":{"isvsvn":0},"tcbDate":"2018-08-15T00:00:00Z","tcbStatus":"Revoked","advisoryIDs":[]}';

    bytes private good = bytes.concat(HEAD, FIRST, ",", SECOND, ",", THIRD, "]}");

    JsonHarness private reader;

    function setUp() public {
        reader = JsonHarness(deploy("JsonHarness.sol:JsonHarness", ""));
    }

    function test_ReadsEveryField() external view {
        QeIdentity memory identity = reader.readQeIdentity(good);
        assertEq(identity.issueDate, 1_755_232_606, "issueDate");
        assertEq(identity.nextUpdate, 1_757_824_606, "nextUpdate");
        assertEq(identity.evaluationNumber, 65_535, "evaluationNumber");
        bytes memory contents = bytes.concat(
            hex"00000001fffffffe1100000000000000000000000000000afbffffffffffffff0000000000000000",
            hex"8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff0102",
            hex"ffff01000605000007"
        );
        assertEq(keccak256(identity.contents), keccak256(contents), "contents");
    }

    function test_LeavesMemoryInOrder() external view {
        assertEq(
            keccak256(reader.contentsAfterWriting(good)),
            keccak256(reader.readQeIdentity(good).contents),
            "contents"
        );
    }

    function test_RevertWhen_TheVersionIsAnother() external {
        refuseVersion(replace(good, '"version":2', '"version":1'), 1);
        refuseVersion(replace(good, '"id":"QE","version":2', '"version":1'), 1);
        // TCB info is of another version first.
        refuseVersion(replace(good, '"id":"QE","version":2', '"id":"SGX","version":3'), 3);
    }

    function test_RevertWhen_TheIdIsAnother() external {
        refuseId(replace(good, '"QE"', '"TD_QE"'), "TD_QE");
        refuseId(replace(good, '"QE"', '"QVE"'), "QVE");
        refuseId(replace(good, '"id":"QE",', ""), "");
    }

    function test_RevertWhen_LevelsDoNotDescend() external {
        refuseOrder(bytes.concat(HEAD, SECOND, ",", FIRST, "]}"), 1);
        refuseOrder(bytes.concat(HEAD, FIRST, ",", SECOND, ",", SECOND, "]}"), 2);
    }

    function test_RevertWhen_AStatusIsAPlatforms() external {
        string[4] memory names = [
            "SWHardeningNeeded",
            "ConfigurationNeeded",
            "ConfigurationAndSWHardeningNeeded",
            "OutOfDateConfigurationNeeded"
        ];
        TcbStatus[4] memory statuses = [
            TcbStatus.SWHardeningNeeded,
            TcbStatus.ConfigurationNeeded,
            TcbStatus.ConfigurationAndSWHardeningNeeded,
            TcbStatus.OutOfDateConfigurationNeeded
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(QeIdentityJson.QeIdentityJsonWrongStatus.selector, 1, statuses[i]));
            reader.readQeIdentity(replace(good, '"OutOfDate"', bytes.concat('"', bytes(names[i]), '"')));
        }
    }

    function test_RevertWhen_SomethingStandsDifferently() external {
        bytes[2][14] memory edits = [
            [bytes('"issueDate"'), '"issuedate"'],
            [bytes(":65535,"), ":0,"],
            [bytes(":65535,"), ":65536,"],
            [bytes('"miscselect":"00000001"'), '"miscselect":"000000001"'],
            [bytes("FFFFFFFe"), 'FFFFFF"e'],
            [bytes("000a"), "000g"],
            [bytes('"attributesMask"'), '"attributesmask"'],
            [bytes("7BFF"), "7BF "],
            [bytes('"isvprodid":258'), '"isvprodid":65536'],
            [bytes('"isvprodid":258'), '"isvprodid":258.0'],
            [bytes('"isvsvn":6}'), '"isvsvn":06}'],
            [bytes('"isvsvn":6}'), '"isvsvn":6,"pcesvn":0}'],
            [bytes('"OutOfDate"'), '"Outdated"'],
            [bytes('["INTEL-SA-00615"]'), '["INTEL-SA-00615"],"extra":0']
        ];
        for (uint256 i = 0; i < edits.length; ++i) {
            vm.expectPartialRevert(StrictJson.StrictJsonUnexpected.selector);
            reader.readQeIdentity(replace(good, edits[i][0], edits[i][1]));
        }
    }

    function test_RevertWhen_ThereAreNoLevels() external {
        vm.expectRevert(unexpected(HEAD.length));
        reader.readQeIdentity(bytes.concat(HEAD, "]}"));
    }

    function test_RevertWhen_ADateDoesNotExist() external {
        vm.expectRevert(invalidDate("2021-11-31T00:00:00Z"));
        reader.readQeIdentity(replace(good, "2021-11-10", "2021-11-31"));
    }

    function test_RevertWhen_TheTextEndsTooEarlyOrTooLate() external {
        vm.expectRevert(unexpected(good.length));
        reader.readQeIdentity(bytes.concat(good, "}"));
        for (uint256 length = 0; length < good.length; ++length) {
            (bool success, bytes memory reason) = tryRead(slice(good, 0, length));
            assertTrue(!success && isKnown(bytes4(reason)), "refused by name");
        }
    }

    function testFuzz_RandomBytesAreRefusedByName(bytes calldata text) external view {
        (bool success, bytes memory reason) = tryRead(text);
        assertTrue(!success && isKnown(bytes4(reason)), "refused by name");
    }

    function testFuzz_MutatedTextsAreReadOrRefusedByName(uint256 place, uint256 remove, bytes4 insert) external view {
        bytes memory text = mutated(good, place, remove, slice(bytes.concat(insert), 0, uint8(insert[3]) % 4));
        (bool success, bytes memory reason) = tryRead(text);
        assertTrue(success || isKnown(bytes4(reason)), "refused by name");
    }

    function tryRead(bytes memory text) private view returns (bool, bytes memory) {
        return address(reader).staticcall(abi.encodeCall(reader.readQeIdentity, (text)));
    }

    function isKnown(bytes4 selector) private pure returns (bool) {
        return
            isCommon(selector) ||
            selector == QeIdentityJson.QeIdentityJsonWrongVersion.selector ||
            selector == QeIdentityJson.QeIdentityJsonWrongId.selector ||
            selector == QeIdentityJson.QeIdentityJsonOrder.selector ||
            selector == QeIdentityJson.QeIdentityJsonWrongStatus.selector;
    }

    function refuseVersion(bytes memory text, uint256 version) private {
        vm.expectRevert(abi.encodeWithSelector(QeIdentityJson.QeIdentityJsonWrongVersion.selector, version));
        reader.readQeIdentity(text);
    }

    function refuseId(bytes memory text, string memory id) private {
        vm.expectRevert(abi.encodeWithSelector(QeIdentityJson.QeIdentityJsonWrongId.selector, id));
        reader.readQeIdentity(text);
    }

    function refuseOrder(bytes memory text, uint256 level) private {
        vm.expectRevert(abi.encodeWithSelector(QeIdentityJson.QeIdentityJsonOrder.selector, level));
        reader.readQeIdentity(text);
    }
}
