// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Refusals
/// @notice What a model has against the latest call: every error that truly applies. A contract refuses with one of
/// them.
abstract contract Refusals {
    bytes4[] private _reasons;

    /// @dev Starts a call, against which there is nothing yet.
    modifier judged() {
        delete _reasons;
        _;
    }

    /// @notice Returns every reason to refuse the latest call.
    /// @return The selectors of the errors that apply; empty if the call was allowed.
    function reasons() external view returns (bytes4[] memory) {
        return _reasons;
    }

    /// @notice Returns whether an error is a reason to refuse the latest call.
    /// @param selector The error's selector.
    /// @return Whether it applies.
    function isReason(bytes4 selector) external view returns (bool) {
        for (uint256 i; i < _reasons.length; ++i) if (_reasons[i] == selector) return true;
        return false;
    }

    function _refuseIf(bool applies, bytes4 reason) internal {
        if (applies) _reasons.push(reason);
    }

    function _isAllowed() internal view returns (bool) {
        return _reasons.length == 0;
    }
}
