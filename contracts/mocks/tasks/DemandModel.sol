// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IResultDemands} from "../../interfaces/IResultDemands.sol";
import {MoneyModel} from "./MoneyModel.sol";

/// @title DemandModel
/// @notice Which chunks of which results are demanded, by whom and until when, and the bonds for them, in plain books.
abstract contract DemandModel is MoneyModel {
    /// @dev A demand for a chunk. Nobody has one that is not open.
    struct ModelDemand {
        address demander;
        uint256 answerBy;
        bool ofRequester;
        bool shown;
    }

    uint256 private constant MAX_OPEN = 16;

    uint256 private immutable bond;

    /// @dev Until when verdicts count because of demands; 0 without any.
    mapping(uint256 taskId => uint256) internal verdictsBy;
    mapping(uint256 taskId => uint256) private _ofRequester;
    mapping(uint256 taskId => uint256) private _ofOthers;
    mapping(uint256 taskId => mapping(uint256 chunk => ModelDemand)) private _demands;

    /// @notice Fixes what the contract of demands fixes.
    /// @param bond_ What a demand locks.
    constructor(uint256 bond_) {
        bond = bond_;
    }

    /// @notice Returns how many demands on a task are open.
    /// @param taskId The task.
    /// @return The number.
    function openOf(uint256 taskId) public view returns (uint256) {
        return _ofRequester[taskId] + _ofOthers[taskId];
    }

    /// @dev Names what there is against a demand, of a task on which there can be one.
    function _checkDemand(address caller, uint256 taskId, uint256 chunk, bool ofRequester) internal {
        ModelDemand memory wanted = _demands[taskId][chunk];
        uint256 open = ofRequester ? _ofRequester[taskId] : _ofOthers[taskId];
        _refuseIf(wanted.shown, IResultDemands.ResultDemandsAlreadyShown.selector);
        _refuseIf(wanted.demander != address(0), IResultDemands.ResultDemandsOpen.selector);
        _refuseIf(open == MAX_OPEN, IResultDemands.ResultDemandsTooMany.selector);
        _checkFree(caller, bond);
    }

    function _demand(address caller, uint256 taskId, uint256 chunk, bool ofRequester) internal {
        uint256 answerBy = block.timestamp + 1 days;
        _demands[taskId][chunk] = ModelDemand(caller, answerBy, ofRequester, false);
        if (ofRequester) ++_ofRequester[taskId];
        else ++_ofOthers[taskId];
        verdictsBy[taskId] = answerBy + 1 hours;
        books[caller].locked += bond;
    }

    /// @dev Returns whether a demand is open, and refuses if none is; and until when it can be answered.
    function _isOpen(uint256 taskId, uint256 chunk) internal returns (bool, uint256 answerBy) {
        ModelDemand memory wanted = _demands[taskId][chunk];
        _refuseIf(wanted.demander == address(0), IResultDemands.ResultDemandsNone.selector);
        return (wanted.demander != address(0), wanted.answerBy);
    }

    /// @dev Ends a demand, whose bond goes to the node's provider, or with the zero address back.
    function _endDemand(uint256 taskId, uint256 chunk, address beneficiary) internal {
        ModelDemand storage wanted = _demands[taskId][chunk];
        if (wanted.ofRequester) --_ofRequester[taskId];
        else --_ofOthers[taskId];
        books[wanted.demander].locked -= bond;
        if (beneficiary != address(0)) {
            books[wanted.demander].stake -= bond;
            books[beneficiary].stake += bond;
        }
        wanted.shown = beneficiary != address(0);
        wanted.demander = address(0);
    }
}
