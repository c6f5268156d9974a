// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Der} from "../formats/Der.sol";

/// @notice What Intel's SGX extension says about the platform of a PCK certificate.
/// @param ppid Platform provisioning id; the same in every PCK certificate of a platform.
/// @param components The 16 component SVNs of its TCB, one byte each. Levels are matched by these, never by the raw
/// CPUSVN.
/// @param pceSvn SVN of the provisioning certification enclave.
/// @param pceId Id of that enclave.
/// @param fmspc The platform family.
/// @param isMultiPackage Whether the extension has the seven entries of the Platform CA's certificates, rather than
/// five.
struct Platform {
    bytes16 ppid;
    bytes16 components;
    uint16 pceSvn;
    bytes2 pceId;
    bytes6 fmspc;
    bool isMultiPackage;
}

/// @title SgxExtension
/// @notice Reads the value of Intel's SGX extension, 1.2.840.113741.1.13.1: each entry once and in Intel's order, five
/// from the Processor CA or seven from the Platform CA ("PCK Certificate and CRL Profile" 1.5).
/// @dev An entry is a sequence of an OID (the extension's, and one or two arcs more) and a value. If the value has a
/// fixed size, every byte in front of it is fixed, too: the heads below are those of a certificate, in hexadecimal. The
/// OID's nine bytes are 2a864886f84d010d01.
library SgxExtension {
    // Entries with one arc more, 16 bytes of header: sequence, OID with the arc, tag and size of the value.
    uint256 private constant PPID = 0x301e_060a_2a864886f84d010d01_01_0410;
    uint256 private constant PCE_ID = 0x3010_060a_2a864886f84d010d01_03_0402;
    uint256 private constant FMSPC = 0x3014_060a_2a864886f84d010d01_04_0406;
    uint256 private constant SGX_TYPE = 0x300f_060a_2a864886f84d010d01_05_0a01;
    uint256 private constant INSTANCE_ID = 0x301e_060a_2a864886f84d010d01_06_0410;
    uint256 private constant CONFIGURATION = 0x3044_060a_2a864886f84d010d01_07_3036;

    // Entries with two arcs more, 17 bytes of header.
    uint256 private constant COMPONENT_BELOW_128 = 0x3010_060b_2a864886f84d010d01_0200_0201;
    uint256 private constant CPU_SVN = 0x301f_060b_2a864886f84d010d01_0212_0410;
    uint256 private constant DYNAMIC_PLATFORM = 0x3010_060b_2a864886f84d010d01_0701_0101;
    uint256 private constant CACHED_KEYS = 0x3010_060b_2a864886f84d010d01_0702_0101;
    uint256 private constant SMT_ENABLED = 0x3010_060b_2a864886f84d010d01_0703_0101;
    /// @dev Ends with the zero byte in front of a number whose first bit is set.
    uint256 private constant COMPONENT_FROM_128 = 0x3011_060b_2a864886f84d010d01_0200_0202_00;

    // Only the OIDs, where the size of the sequence varies.
    uint256 private constant TCB_OID = 0x060a_2a864886f84d010d01_02;
    uint256 private constant PCE_SVN_OID = 0x060b_2a864886f84d010d01_0211;

    /// @notice Reads the extension's value.
    /// @dev Errors: {Der-DerMalformed}.
    /// @param value The value, DER.
    /// @return platform What it says.
    function read(bytes calldata value) internal pure returns (Platform memory platform) {
        (uint256 position, uint256 end) = Der.bounds(value);
        position = Der.only(position, end, Der.SEQUENCE);
        uint256 word;
        (word, position) = _field(position, end, 16, PPID);
        platform.ppid = bytes16(uint128(word));
        position = _readTcb(platform, position, end);
        (word, position) = _field(position, end, 16, PCE_ID);
        platform.pceId = bytes2(uint16(word));
        (word, position) = _field(position, end, 16, FMSPC);
        platform.fmspc = bytes6(uint48(word));
        (word, position) = _field(position, end, 16, SGX_TYPE);
        // 0 is standard, 1 scalable, 2 scalable with integrity.
        if (word > 2) revert Der.DerMalformed(position);
        if (position < end) {
            platform.isMultiPackage = true;
            (, position) = _field(position, end, 16, INSTANCE_ID);
            position = Der.expect(position, end, 16, CONFIGURATION);
            position = _readFlag(position, end, DYNAMIC_PLATFORM);
            position = _readFlag(position, end, CACHED_KEYS);
            position = _readFlag(position, end, SMT_ENABLED);
            Der.finish(position, end);
        }
    }

    /// @dev Reads entry 2: 16 component SVNs, PCESVN and the raw CPUSVN.
    function _readTcb(Platform memory platform, uint256 position, uint256 end) private pure returns (uint256 stop) {
        (position, stop) = Der.enter(position, end, Der.SEQUENCE);
        position = Der.only(Der.expect(position, stop, 12, TCB_OID), stop, Der.SEQUENCE);
        (platform.components, position) = _readComponents(position, stop);

        uint256 pceSvn;
        (uint256 start, uint256 next) = Der.enter(position, stop, Der.SEQUENCE);
        (pceSvn, start) = Der.unsigned(Der.expect(start, next, 13, PCE_SVN_OID), next, 2);
        Der.finish(start, next);
        platform.pceSvn = uint16(pceSvn);

        (, position) = _field(next, stop, 17, CPU_SVN);
        Der.finish(position, stop);
    }

    /// @dev Reads the component SVNs. Each is an INTEGER, in one byte if it is below 128, else in two with a zero in
    /// front.
    function _readComponents(uint256 position, uint256 end) private pure returns (bytes16, uint256) {
        uint256 components;
        bool isOther;
        assembly ("memory-safe") {
            for {
                let arc := 1
            } lt(arc, 17) {
                arc := add(arc, 1)
            } {
                // Without the second arc, the heads of all components are the same.
                let word := xor(calldataload(position), shl(136, arc))
                let svn := byte(17, word)
                let isShort := and(eq(shr(120, word), COMPONENT_BELOW_128), lt(svn, 0x80))
                if iszero(isShort) {
                    svn := byte(18, word)
                    isOther := iszero(and(eq(shr(112, word), COMPONENT_FROM_128), gt(svn, 0x7f)))
                    if isOther {
                        break
                    }
                }
                components := or(shl(8, components), svn)
                position := add(position, sub(19, isShort))
            }
        }
        // If the last component lies before the end, all of them do.
        if (isOther || position > end) revert Der.DerMalformed(position);
        return (bytes16(uint128(components)), position);
    }

    /// @dev Reads a part of entry 7 and checks that it is a BOOLEAN of DER, 00 or FF (X.690, 11.1).
    function _readFlag(uint256 position, uint256 end, uint256 header) private pure returns (uint256) {
        uint256 flag;
        (flag, position) = _field(position, end, 17, header);
        if (flag != 0 && flag != 0xff) revert Der.DerMalformed(position);
        return position;
    }

    /// @dev Reads a value of fixed size behind the header that it must have; the header's last byte is that size, 1 to
    /// 16.
    function _field(
        uint256 position,
        uint256 end,
        uint256 headSize,
        uint256 header
    ) private pure returns (uint256 value, uint256 next) {
        bool isBad;
        assembly ("memory-safe") {
            let start := add(position, headSize)
            let size := and(header, 0xff)
            next := add(start, size)
            value := shr(sub(256, shl(3, size)), calldataload(start))
            let found := shr(sub(256, shl(3, headSize)), calldataload(position))
            isBad := iszero(and(eq(found, header), iszero(gt(next, end))))
        }
        if (isBad) revert Der.DerMalformed(position);
    }
}
