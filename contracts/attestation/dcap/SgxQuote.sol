// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title SgxQuote
/// @notice Reads whole SGX quotes of version 3, strictly: every length must be correct, nothing may follow, and
/// reserved bytes are zero (Intel, "SGX ECDSA Quote Library Reference", appendix A). It accepts what `parseQuote` in
/// src/sgx/quote.ts accepts, if it is of Intel's QE and has no fields of key separation and sharing (KSS). What is wrong
/// with the parts that are signed, and what is wrong with the form around them, are two errors: only the first says that
/// no quote of Intel's is inside.
library SgxQuote {
    /// @notice Where the fields are, counted from the quote's beginning.
    uint256 internal constant REPORT = 48;
    uint256 internal constant SIGNATURE = 436;
    uint256 internal constant ATTESTATION_KEY = 500;
    uint256 internal constant QE_REPORT = 564;
    uint256 internal constant QE_SIGNATURE = 948;
    uint256 internal constant AUTH = 1014;

    /// @notice Where the fields of a report are, counted from its beginning.
    uint256 internal constant MISCSELECT = 16;
    uint256 internal constant ATTRIBUTES = 48;
    uint256 internal constant MRENCLAVE = 64;
    uint256 internal constant MRSIGNER = 128;
    uint256 internal constant ISVPRODID = 256;
    uint256 internal constant REPORT_DATA = 320;

    /// @notice Bytes of what the attestation key signs.
    uint256 internal constant SIGNED_SIZE = 432;

    /// @notice The longest quote that is read, in bytes. No SGX quote with a certificate chain comes near this size.
    uint256 internal constant MAX_SIZE = 16_384;

    uint256 private constant SIGNATURE_DATA_SIZE = 432;
    uint256 private constant AUTH_SIZE = 1012;
    uint256 private constant CERTIFICATION_HEAD_SIZE = 6;

    /// @dev Version 3, key type 2 (ECDSA P-256), TEE type 0 (SGX).
    uint256 private constant HEADER = 0x0300020000000000;
    /// @dev Intel's QE vendor id.
    uint256 private constant VENDOR = 0x939a7233f79c4ca9940a0db3957f0607;
    /// @dev Certification data type 5, the PCK certificate chain in PEM, little-endian.
    uint256 private constant PCK_CHAIN = 0x0500;

    /// @notice The signed parts are missing, or are not those of an SGX quote of version 3.
    /// @param offset Where in the quote they are wrong.
    error SgxQuoteMalformed(uint256 offset);
    /// @notice What nobody signed, lengths and types, is not as in an SGX quote of version 3.
    /// @param offset Where in the quote it is wrong.
    error SgxQuoteUnreadable(uint256 offset);

    /// @notice Reads a quote.
    /// @dev Errors: {SgxQuoteMalformed}, {SgxQuoteUnreadable}.
    /// @param quote The quote's bytes.
    /// @return auth The QE's authentication data.
    /// @return chain The certificate chain, PEM.
    function read(bytes calldata quote) internal pure returns (bytes calldata auth, bytes calldata chain) {
        uint256 size = quote.length;
        if (size < AUTH + CERTIFICATION_HEAD_SIZE) revert SgxQuoteMalformed(size);
        if (_wordAt(quote, 0) >> 192 != HEADER) revert SgxQuoteMalformed(0);
        if (_wordAt(quote, 12) >> 128 != VENDOR) revert SgxQuoteMalformed(12);
        _checkReport(quote, REPORT);
        _checkReport(quote, QE_REPORT);

        if (size > MAX_SIZE) revert SgxQuoteUnreadable(size);
        if (_littleEndian(quote, SIGNATURE_DATA_SIZE, 4) != size - SIGNATURE) {
            revert SgxQuoteUnreadable(SIGNATURE_DATA_SIZE);
        }
        uint256 head = AUTH + _littleEndian(quote, AUTH_SIZE, 2);
        uint256 first = head + CERTIFICATION_HEAD_SIZE;
        if (first > size) revert SgxQuoteUnreadable(AUTH_SIZE);
        if (_wordAt(quote, head) >> 240 != PCK_CHAIN) revert SgxQuoteUnreadable(head);
        if (_littleEndian(quote, head + 2, 4) != size - first) revert SgxQuoteUnreadable(head + 2);
        return (quote[AUTH:head], quote[first:]);
    }

    /// @dev Checks that reserved bytes and KSS fields are zero: bytes 20 to 47, 96 to 127, 160 to 255 and 260 to 319.
    function _checkReport(bytes calldata quote, uint256 report) private pure {
        uint256 found =
            (_wordAt(quote, report + 20) >> 32) |
                _wordAt(quote, report + 96) |
                _wordAt(quote, report + 160) |
                _wordAt(quote, report + 192) |
                _wordAt(quote, report + 224) |
                _wordAt(quote, report + 260) |
                _wordAt(quote, report + 288);
        if (found != 0) revert SgxQuoteMalformed(report);
    }

    /// @dev Reads a number of 2 or 4 bytes.
    function _littleEndian(bytes calldata quote, uint256 offset, uint256 size) private pure returns (uint256 value) {
        uint256 word = _wordAt(quote, offset) >> (256 - 8 * size);
        for (uint256 i; i < size; ++i) {
            value = (value << 8) | (word & 0xff);
            word >>= 8;
        }
    }

    /// @dev The 32 bytes at an offset; the caller knows that they begin inside the quote.
    function _wordAt(bytes calldata quote, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(quote.offset, offset))
        }
    }
}
