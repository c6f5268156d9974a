// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Der} from "./Der.sol";

/// @notice What Intel's SGX extension says about the platform that a PCK certificate is made out to.
/// @param ppid Platform provisioning id; the same in every PCK certificate of a platform.
/// @param components The 16 component SVNs of its TCB, a byte each. Levels are matched by these, never by the raw CPUSVN.
/// @param pceSvn SVN of the provisioning certification enclave.
/// @param pceId Id of that enclave.
/// @param fmspc The platform family.
/// @param isMultiPackage Whether the extension has the seven entries of the Platform CA's certificates, rather than five.
struct Platform {
    bytes16 ppid;
    bytes16 components;
    uint16 pceSvn;
    bytes2 pceId;
    bytes6 fmspc;
    bool isMultiPackage;
}

/// @title SgxExtension
/// @notice Reads the value of Intel's SGX extension, 1.2.840.113741.1.13.1: each entry once and in Intel's order, five from the Processor CA or
/// seven from the Platform CA ("PCK Certificate and CRL Profile" 1.5).
/// @dev An entry is a sequence of an OID (the extension's, and one or two more arcs) and a value. Where the value's size is fixed, so is
/// every byte in front of it, and they are compared as one number.
library SgxExtension {
    /// @dev OBJECT IDENTIFIER of the extension and one arc more, which is zero here.
    uint256 private constant ENTRY_OID = 0x060a_2a864886f84d010d01_00;
    /// @dev The same and two arcs more.
    uint256 private constant PART_OID = 0x060b_2a864886f84d010d01_0000;

    /// @notice Reads the extension's value.
    /// @dev Errors: {Der-DerMalformed}.
    function read(bytes calldata value) internal pure returns (Platform memory platform) {
        (uint256 position, uint256 end) = Der.bounds(value);
        position = Der.only(position, end, Der.SEQUENCE);
        uint256 word;
        (word, position) = _entry(position, end, 1, 0x0410);
        platform.ppid = bytes16(uint128(word));
        position = _readTcb(platform, position, end);
        (word, position) = _entry(position, end, 3, 0x0402);
        platform.pceId = bytes2(uint16(word));
        (word, position) = _entry(position, end, 4, 0x0406);
        platform.fmspc = bytes6(uint48(word));
        // The SGX type: standard, scalable, scalable with integrity.
        (word, position) = _entry(position, end, 5, 0x0a01);
        if (word > 2) revert Der.DerMalformed(position);
        if (position < end) {
            platform.isMultiPackage = true;
            (, position) = _entry(position, end, 6, 0x0410);
            position = _readConfiguration(position, end);
            Der.finish(position, end);
        }
    }

    /// @dev Entry 2: 16 component SVNs, PCESVN and the raw CPUSVN.
    function _readTcb(Platform memory platform, uint256 position, uint256 end) private pure returns (uint256 stop) {
        (position, stop) = Der.enter(position, end, Der.SEQUENCE);
        position = Der.only(Der.expect(position, stop, 12, ENTRY_OID | 2), stop, Der.SEQUENCE);
        (platform.components, position) = _readComponents(position, stop);

        uint256 pceSvn;
        (uint256 start, uint256 next) = Der.enter(position, stop, Der.SEQUENCE);
        start = Der.expect(start, next, 13, PART_OID | 0x0211);
        (pceSvn, start) = Der.unsigned(start, next, 2);
        Der.finish(start, next);
        platform.pceSvn = uint16(pceSvn);

        (, position) = _part(next, stop, 0x0212, 0x0410);
        Der.finish(position, stop);
    }

    /// @dev Each is an INTEGER, in one byte if it is below 128, else in two with a zero in front.
    function _readComponents(uint256 position, uint256 end) private pure returns (bytes16, uint256) {
        // What stands before the number in either form, with zero for the second arc.
        uint256 short = (((0x3010 << 104) | PART_OID | 0x0200) << 16) | 0x0201;
        uint256 long = (((0x3011 << 104) | PART_OID | 0x0200) << 24) | 0x020200;
        uint256 components;
        bool isOther;
        assembly ("memory-safe") {
            for {
                let arc := 1
            } lt(arc, 17) {
                arc := add(arc, 1)
            } {
                let word := xor(calldataload(position), shl(136, arc))
                let svn := byte(17, word)
                let isShort := and(eq(shr(120, word), short), lt(svn, 0x80))
                if iszero(isShort) {
                    svn := byte(18, word)
                    isOther := iszero(and(eq(shr(112, word), long), gt(svn, 0x7f)))
                    if isOther {
                        break
                    }
                }
                components := or(shl(8, components), svn)
                position := add(position, sub(19, isShort))
            }
        }
        // Nothing that was read stands behind the end if the last of it does not.
        if (isOther || position > end) revert Der.DerMalformed(position);
        return (bytes16(uint128(components)), position);
    }

    /// @dev Entry 7: whether platforms can be added, keys are cached, and SMT is on.
    function _readConfiguration(uint256 position, uint256 end) private pure returns (uint256) {
        position = Der.expect(position, end, 16, (((0x3044 << 96) | ENTRY_OID | 7) << 16) | 0x3036);
        for (uint256 arcs = 0x0701; arcs <= 0x0703;) {
            uint256 flag;
            (flag, position) = _part(position, end, arcs, 0x0101);
            if (flag != 0 && flag != 0xff) revert Der.DerMalformed(position);
            unchecked {
                arcs++;
            }
        }
        return position;
    }

    /// @dev Reads an entry of one more arc, whose value has the tag and size of `head`.
    function _entry(
        uint256 position,
        uint256 end,
        uint256 arc,
        uint256 head
    ) private pure returns (uint256 value, uint256 stop) {
        unchecked {
            // The sequence holds twelve bytes of OID, two of head, and the value.
            uint256 sequence = 0x300e + (head & 0xff);
            position = Der.expect(position, end, 16, (((sequence << 96) | ENTRY_OID | arc) << 16) | head);
        }
        return _value(position, end, head & 0xff);
    }

    /// @dev Reads a part of an entry, of two more arcs, in the same way.
    function _part(
        uint256 position,
        uint256 end,
        uint256 arcs,
        uint256 head
    ) private pure returns (uint256 value, uint256 stop) {
        unchecked {
            uint256 sequence = 0x300f + (head & 0xff);
            position = Der.expect(position, end, 17, (((sequence << 104) | PART_OID | arcs) << 16) | head);
        }
        return _value(position, end, head & 0xff);
    }

    function _value(uint256 position, uint256 end, uint256 size) private pure returns (uint256 value, uint256 stop) {
        unchecked {
            stop = position + size;
            if (stop > end) revert Der.DerMalformed(position);
            value = Der.load(position) >> (256 - 8 * size);
        }
    }
}
