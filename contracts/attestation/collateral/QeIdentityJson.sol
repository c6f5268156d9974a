// SPDX-License-Identifier: MIT
pragma solidity ^0.8.31;

import {PackedBytes} from "./PackedBytes.sol";
import {SignedJson} from "./SignedJson.sol";
import {Cursor, StrictJson} from "./StrictJson.sol";
import {TcbStatus} from "../../types/Attestation.sol";
import {QeIdentity} from "../../types/Collateral.sol";

/// @title QeIdentityJson
/// @notice Reads Intel's QE identity, version 2, from exactly the text that Intel signed, in one pass. It accepts what
/// src/sgx/qeIdentity.ts accepts: every key in Intel's order and no other; only a level's `advisoryIDs` may be missing.
library QeIdentityJson {
    using StrictJson for Cursor;

    /// @notice The text is an identity of another version than 2.
    /// @param version Its version.
    error QeIdentityJsonWrongVersion(uint256 version);
    /// @notice The text is not an identity of the quoting enclave of SGX. That of TDX has the id "TD_QE".
    /// @param id Its id.
    error QeIdentityJsonWrongId(string id);
    /// @notice A level's ISVSVN is not below that of the level before it.
    /// @param level The level, counted from 0.
    error QeIdentityJsonOrder(uint256 level);
    /// @notice A level has a status that only platforms have.
    /// @param level The level, counted from 0.
    /// @param status Its status.
    error QeIdentityJsonWrongStatus(uint256 level, TcbStatus status);

    /// @notice Reads a QE identity. Neither its signature nor its dates are checked.
    /// @dev Errors: {QeIdentityJsonWrongVersion}, {QeIdentityJsonWrongId}, {QeIdentityJsonOrder},
    /// {QeIdentityJsonWrongStatus}, {StrictJson-StrictJsonUnexpected}, {StrictJson-StrictJsonTooLong},
    /// {IsoTime-IsoTimeInvalid}.
    /// @param text The text.
    /// @return identity What it says.
    function read(bytes calldata text) internal pure returns (QeIdentity memory identity) {
        Cursor here = _head(StrictJson.open(text));
        (here, identity.issueDate, identity.nextUpdate) = SignedJson.dates(here);
        (here, identity.evaluationNumber) = SignedJson.evaluation(here);
        bytes memory contents = PackedBytes.start();
        here = _levels(_values(here).expect(',"tcbLevels":[', 14));
        PackedBytes.finish(contents);
        identity.contents = contents;
        here.expect("]}", 2).close();
    }

    function _head(Cursor here) private pure returns (Cursor) {
        if (!StrictJson.begins(here.word(), '{"id":"QE","version":2,', 23)) {
            (string memory id, uint256 version) = SignedJson.identify(here);
            if (version != 2) revert QeIdentityJsonWrongVersion(version);
            if (keccak256(bytes(id)) != keccak256("QE")) revert QeIdentityJsonWrongId(id);
        }
        return here.expect('{"id":"QE","version":2,', 23);
    }

    /// @dev Reads the values that a quoting enclave's report must have.
    function _values(Cursor here) private pure returns (Cursor) {
        here = _bytes(here.expect('"miscselect":"', 14), 4);
        here = _bytes(here.expect('","miscselectMask":"', 20), 4);
        here = _bytes(here.expect('","attributes":"', 16), 16);
        here = _bytes(here.expect('","attributesMask":"', 20), 16);
        here = _bytes(_bytes(here.expect('","mrsigner":"', 14), 16), 16);
        uint256 isvProdId;
        (here, isvProdId) = here.expect('","isvprodid":', 14).number(type(uint16).max);
        PackedBytes.append(isvProdId << 240, 2);
        return here;
    }

    /// @dev Reads `size` bytes in hexadecimal, at most 16, and appends them.
    function _bytes(Cursor here, uint256 size) private pure returns (Cursor next) {
        uint256 value;
        (next, value) = here.hexadecimal(size);
        unchecked {
            PackedBytes.append(value << (256 - 8 * size), size);
        }
    }

    /// @dev Reads the levels, at least one, up to the bracket that closes their list, and appends them.
    function _levels(Cursor here) private pure returns (Cursor) {
        // Above every ISVSVN.
        uint256 above = type(uint256).max;
        uint256 count = 0;
        while (true) {
            uint256 isvSvn;
            TcbStatus status;
            (here, isvSvn) = here.expect('{"tcb":{"isvsvn":', 17).number(type(uint16).max);
            if (isvSvn >= above) revert QeIdentityJsonOrder(count);
            above = isvSvn;
            (here, status, , ) = SignedJson.levelEnd(here);
            if (!_isQeStatus(status)) revert QeIdentityJsonWrongStatus(count, status);
            PackedBytes.append((isvSvn << 240) | (uint256(status) << 232), 3);
            if (!StrictJson.begins(here.word(), ",", 1)) return here;
            here = here.skip(1);
            // A text holds few levels.
            unchecked {
                ++count;
            }
        }
        return here;
    }

    function _isQeStatus(TcbStatus status) private pure returns (bool) {
        return status == TcbStatus.UpToDate || status == TcbStatus.OutOfDate || status == TcbStatus.Revoked;
    }
}
