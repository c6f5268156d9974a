// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What a unit of a hardware model is. No model has `None`.
enum HardwareKind {
    None,
    CpuCore,
    Gpu
}

/// @notice A CPU or GPU model of the catalog.
/// @param kind Whether a unit is a CPU core or a GPU.
/// @param hashRate Sustained Keccak-256 hashes per second of one unit, measured with the platform's own kernel; 1 to
/// 2^48-1.
/// @param listed Whether new nodes may claim the model.
/// @param name The model's name as its maker writes it, 1 to 64 bytes.
struct HardwareModel {
    HardwareKind kind;
    uint64 hashRate;
    bool listed;
    string name;
}
