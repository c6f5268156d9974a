// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice What a unit of a model is.
enum HardwareKind {
    None,
    CpuCore,
    Gpu
}

/// @notice A CPU or GPU model of the catalog.
/// @param kind Whether a unit is a CPU core or a GPU.
/// @param hashRate Sustained keccak256 hashes per second of one unit, measured with the platform's own kernel.
/// @param listed Whether new nodes may claim the model.
/// @param name The model's name as its maker writes it, 1 to 64 bytes.
struct HardwareModel {
    HardwareKind kind;
    uint64 hashRate;
    bool listed;
    string name;
}
