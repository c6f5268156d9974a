// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice Intel's verdict on a platform's trusted computing base, converged over the platform and its quoting enclave.
/// @dev The order is that of the bits in the registry's policy. `None` means that nothing was judged.
enum TcbStatus {
    None,
    UpToDate,
    SWHardeningNeeded,
    ConfigurationNeeded,
    ConfigurationAndSWHardeningNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,
    Revoked
}

/// @notice How an attestation stands when it is judged again.
/// - `Undecided`: the evidence decides nothing (collateral is missing, has lapsed, or is newer than the quote's);
///   nothing changes.
/// - `Holds`: it is still true; the TCB status returned with it may be worse than before.
/// - `Revoked`: Intel has since revoked the platform, its CA, its TCB level or its quoting enclave, or no longer lists
///   a level as low as theirs.
/// - `Disproven`: it was never true, whatever the time.
/// - `Withheld`: nobody showed the quote within the time that the protocol allows.
enum Standing {
    Undecided,
    Holds,
    Revoked,
    Disproven,
    Withheld
}

/// @notice What a verified SGX quote says. Field names are Intel's (SGX ECDSA QuoteLib Reference, appendix A).
/// @param quoteHash keccak256 of what the verifier saw of the quote: where a quorum vouched for it, of exactly its
/// 436+S bytes (S is the length of its signature data), with nothing after them; where the chain verified it, of the
/// first 432 bytes, which its signature covers.
/// @param mrEnclave The enclave's measurement.
/// @param mrSigner Hash of the key that signed the enclave.
/// @param isvProdId Product id of the enclave.
/// @param isvSvn Security version of the enclave.
/// @param platformId keccak256 of the platform's 16-byte PPID: one per processor package, the same in each of its
/// quotes.
/// @param fmspc The platform's family, model, stepping, platform type and custom SKU, 6 bytes.
/// @param tcbStatus The converged TCB status at verification.
/// @param validUntil Unix seconds: the soonest end of the collateral and certificates that the verdict rests on.
/// @param launch How the enclave was launched, which its measurement does not cover: MISCSELECT (4 bytes) and ATTRIBUTES
/// (8 bytes of flags, 8 of XFRM), each in the report's byte order.
struct Attestation {
    bytes32 quoteHash;
    bytes32 mrEnclave;
    bytes32 mrSigner;
    uint16 isvProdId;
    uint16 isvSvn;
    bytes32 platformId;
    bytes6 fmspc;
    TcbStatus tcbStatus;
    uint64 validUntil;
    bytes20 launch;
}
