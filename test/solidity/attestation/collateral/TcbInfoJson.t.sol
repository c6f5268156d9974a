// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StrictJson} from "../../../../contracts/attestation/collateral/StrictJson.sol";
import {TcbInfoJson} from "../../../../contracts/attestation/collateral/TcbInfoJson.sol";
import {JsonHarness} from "../../../../contracts/mocks/JsonHarness.sol";
import {TcbStatus} from "../../../../contracts/types/Attestation.sol";
import {TcbInfo} from "../../../../contracts/types/Collateral.sol";
import {JsonTest} from "./JsonTest.sol";

/// @notice TCB info of two levels, and everything that may be wrong with it.
contract TcbInfoJsonTest is JsonTest {
    bytes private constant HEAD =
        '{"id":"SGX","version":3,"issueDate":"2025-08-15T05:08:18Z","nextUpdate":"2025-09-14T05:08:18Z",'
        '"fmspc":"00606A0000fb","pceId":"00Ab","tcbType":0,"tcbEvaluationDataNumber":17,"tcbLevels":[';
    bytes private constant FIRST =
        '{"tcb":{"sgxtcbcomponents":[{"svn":14,"category":"BIOS","type":"Early Microcode Update"},'
        '{"svn":14,"category":"OS/VMM","type":"SGX Late Microcode Update"},{"svn":3,"category":"OS/VMM","type":"TXT SINIT"},'
        '{"svn":3,"category":"BIOS"},{"svn":255,"type":""},{"svn":100,"category":"Something else"},{"svn":1},{"svn":0},'
        '{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":9}],"pcesvn":65535},'
        '"tcbDate":"2024-03-13T00:00:00Z","tcbStatus":"UpToDate"}';
    bytes private constant SECOND =
        '{"tcb":{"sgxtcbcomponents":[{"svn":14},{"svn":14},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},'
        '{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0},{"svn":0}],"pcesvn":0},'
        '"tcbDate":"1969-12-31T23:59:59Z","tcbStatus":"OutOfDate","advisoryIDs":["INTEL-SA-00615","another, [one]",""]}';

    bytes private good = bytes.concat(HEAD, FIRST, ",", SECOND, "]}");

    JsonHarness private reader;

    function setUp() public {
        reader = JsonHarness(deploy("JsonHarness.sol:JsonHarness", ""));
    }

    function test_ReadsEveryField() external view {
        TcbInfo memory info = reader.readTcbInfo(good);
        assertEq(info.issueDate, 1_755_234_498, "issueDate");
        assertEq(info.nextUpdate, 1_757_826_498, "nextUpdate");
        assertEq(bytes32(info.fmspc), bytes32(bytes6(0x00606a0000fb)), "fmspc");
        assertEq(bytes32(info.pceId), bytes32(bytes2(0x00ab)), "pceId");
        assertEq(info.evaluationNumber, 17, "evaluationNumber");
        bytes13 advisories = bytes13(keccak256('"INTEL-SA-00615","another, [one]",""'));
        // 16 components, PCESVN, the status and the advisories' hash.
        bytes memory levels = abi.encodePacked(
            bytes32(hex"0e0e0303ff6401000000000000000009ffff01"),
            hex"0e0e0000000000000000000000000000000005",
            advisories
        );
        assertEq(keccak256(info.levels), keccak256(levels), "levels");
    }

    function test_ReadsEveryStatus() external view {
        string[7] memory names = [
            "UpToDate",
            "SWHardeningNeeded",
            "ConfigurationNeeded",
            "ConfigurationAndSWHardeningNeeded",
            "OutOfDate",
            "OutOfDateConfigurationNeeded",
            "Revoked"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            TcbInfo memory info = reader.readTcbInfo(
                replace(good, '"UpToDate"', bytes.concat('"', bytes(names[i]), '"'))
            );
            assertEq(uint8(info.levels[18]), i + 1, names[i]);
        }
    }

    function test_NoAdvisoriesAreAsAnEmptyListOfThem() external view {
        TcbInfo memory info = reader.readTcbInfo(replace(good, '"UpToDate"', '"UpToDate","advisoryIDs":[]'));
        assertEq(keccak256(info.levels), keccak256(reader.readTcbInfo(good).levels), "levels");
    }

    function test_ReadsALevelOnly() external view {
        assertEq(reader.readTcbInfo(bytes.concat(HEAD, FIRST, "]}")).levels.length, 32, "one level");
    }

    function test_LeavesMemoryInOrder() external view {
        assertEq(keccak256(reader.levelsAfterWriting(good)), keccak256(reader.readTcbInfo(good).levels), "levels");
    }

    function test_RevertWhen_TheVersionIsAnother() external {
        refuseVersion(replace(good, '"version":3', '"version":2'), 2);
        refuseVersion(replace(good, '"version":3', '"version":31'), 31);
        refuseVersion(replace(good, '"id":"SGX","version":3', '"version":2'), 2);
        // TDX of another version is of another version first.
        refuseVersion(replace(good, '"id":"SGX","version":3', '"id":"TDX","version":4'), 4);
    }

    function test_RevertWhen_TheIdIsAnother() external {
        refuseId(replace(good, '"SGX"', '"TDX"'), "TDX");
        refuseId(replace(good, '"SGX"', '"sgx"'), "sgx");
        refuseId(replace(good, '"SGX"', '""'), "");
        refuseId(replace(good, '"id":"SGX",', ""), "");
    }

    function test_RevertWhen_LevelsDoNotDescend() external {
        refuseOrder(bytes.concat(HEAD, SECOND, ",", FIRST, "]}"), 1);
        refuseOrder(bytes.concat(HEAD, FIRST, ",", FIRST, "]}"), 1);
        refuseOrder(bytes.concat(HEAD, FIRST, ",", SECOND, ",", SECOND, "]}"), 2);
        bytes memory higher = replace(SECOND, '"pcesvn":0', '"pcesvn":1');
        refuseOrder(bytes.concat(HEAD, SECOND, ",", higher, "]}"), 1);
        reader.readTcbInfo(bytes.concat(HEAD, higher, ",", SECOND, "]}"));
        // The first component that differs decides.
        bytes memory mixed = replace(SECOND, '{"svn":14},{"svn":14}', '{"svn":13},{"svn":255}');
        reader.readTcbInfo(bytes.concat(HEAD, SECOND, ",", mixed, "]}"));
        refuseOrder(bytes.concat(HEAD, mixed, ",", SECOND, "]}"), 1);
    }

    function test_RevertWhen_SomethingStandsDifferently() external {
        bytes[2][28] memory edits = [
            [bytes('"issueDate"'), '"issuedate"'],
            [bytes(',"nextUpdate"'), ', "nextUpdate"'],
            [bytes('"fmspc":"00606A0000fb"'), '"fmspc":"00606A0000f"'],
            [bytes('"fmspc":"00606A0000fb"'), '"fmspc":"00606A0000fbf"'],
            [bytes("00606A0000fb"), "00606A0000fg"],
            [bytes('"pceId":"00Ab"'), '"pceId":"0x00"'],
            [bytes('"tcbType":0'), '"tcbType":1'],
            [bytes(":17,"), ":0,"],
            [bytes(":17,"), ":65536,"],
            [bytes(":17,"), ":017,"],
            [bytes(":17,"), ":1.7e1,"],
            [bytes(":17,"), ':17,"extra":0,'],
            [bytes('{"svn":14,'), '{"svn":256,'],
            [bytes('{"svn":14,'), '{"svn":-1,'],
            [bytes('{"svn":14,'), '{"svn":014,'],
            [bytes('{"svn":1}'), '{"svn":01}'],
            [bytes('{"svn":1}'), '{"svn":00}'],
            [bytes('{"svn":1}'), '{"svn":1000}'],
            [bytes('{"svn":1}'), '{"svn":}'],
            [bytes('"category":"BIOS","type":"Early Microcode Update"'), '"type":"x","category":"BIOS"'],
            [bytes('"category":"BIOS"'), '"category":"BI\\u004fS"'],
            [bytes('"category":"BIOS"'), '"category":null'],
            [bytes('"UpToDate"'), '"Uptodate"'],
            [bytes('"UpToDate"'), '"OutOfDateConfiguration"'],
            [bytes('"UpToDate"'), '"UpToDate","advisoryIDs":null'],
            [bytes('["INTEL-SA-00615"'), '["INTEL-SA-0061\t"'],
            [bytes('"another, [one]",""'), '"another, [one]","",'],
            [bytes('"pcesvn":65535'), '"pcesvn":65536']
        ];
        for (uint256 i = 0; i < edits.length; ++i) refuseAnywhere(replace(good, edits[i][0], edits[i][1]));
    }

    /// @notice Every character that could stand for an SVN's first digit, alone and before a digit.
    function test_RevertWhen_AnSvnBeginsWithNoDigit() external {
        for (uint256 i = 0; i < 256; ++i) {
            bytes1 first = bytes1(uint8(i));
            if (first >= "0" && first <= "9") continue;
            refuseAnywhere(replace(good, '{"svn":1}', bytes.concat('{"svn":', first, "}")));
            refuseAnywhere(replace(good, '{"svn":1}', bytes.concat('{"svn":', first, "0}")));
        }
    }

    function test_RevertWhen_ThereAreNot16Components() external {
        refuseAnywhere(replace(good, '{"svn":9}]', '{"svn":9},{"svn":0}]'));
        refuseAnywhere(replace(good, ',{"svn":9}]', "]"));
        refuseAnywhere(replace(good, '{"svn":14},{"svn":14},', '{"svn":0},{"svn":0},{"svn":0},'));
        refuseAnywhere(replace(good, '{"svn":14},{"svn":14},', '{"svn":0},'));
        // Three zeros at the end, wherever a run of them begins: the bracket stands after the last.
        bytes memory text = replace(good, '{"svn":0}],"pcesvn"', '{"svn":0},,"pcesvn"');
        string[3] memory runs = ['{"svn":14},{"svn":0},', '{"svn":14},{"svn":1},', '{"svn":14},{"svn":1},{"svn":1},'];
        refuseAnywhere(replace(text, '{"svn":14},{"svn":0},', bytes(runs[0])));
        refuseAnywhere(replace(text, '{"svn":14},{"svn":0},', bytes(runs[1])));
        refuseAnywhere(replace(text, '{"svn":14},{"svn":0},{"svn":0},', bytes(runs[2])));
    }

    function test_RevertWhen_ThereAreNoLevels() external {
        vm.expectRevert(unexpected(HEAD.length));
        reader.readTcbInfo(bytes.concat(HEAD, "]}"));
    }

    function test_RevertWhen_ADateDoesNotExist() external {
        vm.expectRevert(invalidDate("2024-02-30T00:00:00Z"));
        reader.readTcbInfo(replace(good, "2024-03-13T00:00:00Z", "2024-02-30T00:00:00Z"));
        vm.expectRevert(invalidDate("2025-08-15T24:00:00Z"));
        reader.readTcbInfo(replace(good, "2025-08-15T05:08:18Z", "2025-08-15T24:00:00Z"));
    }

    function test_RevertWhen_TheTextEndsTooEarlyOrTooLate() external {
        vm.expectRevert(unexpected(good.length));
        reader.readTcbInfo(bytes.concat(good, " "));
        for (uint256 length = 0; length < good.length; ++length) {
            (bool success, bytes memory reason) = tryRead(slice(good, 0, length));
            assertTrue(!success && isKnown(bytes4(reason)), "refused by name");
        }
    }

    /// @notice The text's own end counts, not that of the calldata: what follows it makes it whole.
    function test_RevertWhen_TheRestStandsBehindTheText() external view {
        bytes memory data = abi.encodeCall(reader.readTcbInfo, (good));
        uint256 length = good.length - 1;
        assembly ("memory-safe") {
            mstore(add(data, 0x44), length)
        }
        (bool success, bytes memory reason) = address(reader).staticcall(data);
        assertTrue(!success, "refused");
        assertEq(keccak256(reason), keccak256(unexpected(length)), "error");
    }

    function test_RevertWhen_TheTextIsTooLong() external {
        vm.expectRevert(abi.encodeWithSelector(StrictJson.StrictJsonTooLong.selector, 65_537, 65_536));
        reader.readTcbInfo(new bytes(65_537));
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

    function testFuzz_Numbers(bytes16 components, uint16 pceSvn, uint16 evaluationNumber) external view {
        bytes memory list;
        for (uint256 i = 0; i < 16; ++i) {
            list = bytes.concat(list, '{"svn":', decimal(uint8(components[i])), i < 15 ? bytes("},") : bytes("}"));
        }
        uint256 number = bound(evaluationNumber, 1, 65_535);
        bytes memory text = bytes.concat(
            replace(HEAD, ":17,", bytes.concat(":", decimal(number), ",")),
            '{"tcb":{"sgxtcbcomponents":[',
            list,
            '],"pcesvn":',
            decimal(pceSvn),
            '},"tcbDate":"2024-03-13T00:00:00Z","tcbStatus":"Revoked"}]}'
        );
        TcbInfo memory info = reader.readTcbInfo(text);
        assertEq(info.evaluationNumber, number, "evaluationNumber");
        bytes32 level = bytes32(abi.encodePacked(components, pceSvn, TcbStatus.Revoked, new bytes(13)));
        assertEq(bytes32(info.levels), level, "level");
    }

    function tryRead(bytes memory text) private view returns (bool, bytes memory) {
        return address(reader).staticcall(abi.encodeCall(reader.readTcbInfo, (text)));
    }

    function isKnown(bytes4 selector) private pure returns (bool) {
        return
            isCommon(selector) ||
            selector == TcbInfoJson.TcbInfoJsonWrongVersion.selector ||
            selector == TcbInfoJson.TcbInfoJsonWrongId.selector ||
            selector == TcbInfoJson.TcbInfoJsonOrder.selector;
    }

    function refuseVersion(bytes memory text, uint256 version) private {
        vm.expectRevert(abi.encodeWithSelector(TcbInfoJson.TcbInfoJsonWrongVersion.selector, version));
        reader.readTcbInfo(text);
    }

    function refuseId(bytes memory text, string memory id) private {
        vm.expectRevert(abi.encodeWithSelector(TcbInfoJson.TcbInfoJsonWrongId.selector, id));
        reader.readTcbInfo(text);
    }

    function refuseOrder(bytes memory text, uint256 level) private {
        vm.expectRevert(abi.encodeWithSelector(TcbInfoJson.TcbInfoJsonOrder.selector, level));
        reader.readTcbInfo(text);
    }

    function refuseAnywhere(bytes memory text) private {
        vm.expectPartialRevert(StrictJson.StrictJsonUnexpected.selector);
        reader.readTcbInfo(text);
    }

    function decimal(uint256 value) private pure returns (bytes memory text) {
        do {
            text = bytes.concat(bytes1(uint8(0x30 + (value % 10))), text);
            value /= 10;
        } while (value != 0);
    }
}
