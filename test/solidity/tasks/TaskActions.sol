// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The names under which a {TaskStage} counts what went through.
function taskActions() pure returns (string[30] memory) {
    return
        [
            "publish",
            "accept",
            "submit",
            "abort",
            "finalizeValid",
            "finalizeInvalid",
            "expireUnjudged",
            "expireLate",
            "expireSuspended",
            "cancelByRequester",
            "cancelByAnyone",
            "reportContradiction",
            "reportFalseVerdict",
            "demand",
            "answer",
            "close",
            "withdraw",
            "setPrice",
            "grant",
            "grantFree",
            "revoke",
            "endNode",
            "suspend",
            "takeStake",
            "join",
            "exit",
            "release",
            "pause",
            "donate",
            "reorganise"
        ];
}
