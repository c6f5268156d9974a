import type { ErrorTable } from "./table.ts";

/** Errors of OpenZeppelin's contracts that our users meet, and their signatures. */
export const foreignErrors: ErrorTable = {
  ERC20InsufficientBalance: [
    "{sender} has {balance:tokens} tokens and needs {needed:tokens}.",
    "Get more tokens, or give a smaller amount.",
  ],
  ERC20InsufficientAllowance: [
    "{spender} may take {allowance:tokens} tokens and needs {needed:tokens}.",
    "Approve more, or use a permit.",
  ],
  ERC20InvalidReceiver: ["{receiver} cannot receive tokens.", "Give another receiver."],
  ERC2612ExpiredSignature: ["The permit expired on {deadline:time}.", "Sign a new permit."],
  ERC2612InvalidSigner: ["The permit is signed by {signer}, not by {owner}.", "Sign with the owner's key."],
  SafeERC20FailedOperation: [
    "The token {token} refused a transfer.",
    "Check balance and allowance, and whether the token is paused.",
  ],
  AccessManagedUnauthorized: [
    "{caller} may not call this function.",
    "Governance changes it: use the governor's or guardian's account.",
  ],
  AccessManagedRequiredDelay: [
    "{caller} must schedule this and wait {delay:duration}.",
    "Schedule it (`govern --help`), then execute it after the delay.",
  ],
  AccessManagerUnauthorizedCall: [
    "{caller} may not make this call of {target}.",
    "Use an account whose role may, and wait for its delay: `govern show`.",
  ],
  AccessManagerUnauthorizedCancel: [
    "{msgsender} may not cancel what {caller} has scheduled.",
    "Cancel with the account that has scheduled it, an admin, or the guardian of its role.",
  ],
  AccessManagerUnauthorizedAccount: ["{msgsender} lacks the role {roleId}.", "Use an account that has the role."],
  AccessManagerAlreadyScheduled: [
    "The operation {operationId} is scheduled already.",
    "See `govern list`: execute it when it is due, or cancel it first.",
  ],
  AccessManagerLockedRole: ["The role {roleId} cannot be changed like this.", "Name another role."],
  AccessManagerLockedFunction: [
    "The function {selector} always belongs to the admin.",
    "Move a contract to another access manager with `updateAuthority`.",
  ],
  AccessManagerNotReady: ["The operation {operationId} is not ready.", "Wait for its delay to pass: `govern list`."],
  AccessManagerNotScheduled: ["The operation {operationId} is not scheduled.", "Schedule it first: `govern --help`."],
  AccessManagerExpired: ["The operation {operationId} has expired.", "Schedule it again: `govern --help`."],
};

export const foreignErrorSignatures: readonly string[] = [
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidReceiver(address receiver)",
  "error ERC2612ExpiredSignature(uint256 deadline)",
  "error ERC2612InvalidSigner(address signer, address owner)",
  "error SafeERC20FailedOperation(address token)",
  "error AccessManagedUnauthorized(address caller)",
  "error AccessManagedRequiredDelay(address caller, uint32 delay)",
  "error AccessManagerUnauthorizedAccount(address msgsender, uint64 roleId)",
  "error AccessManagerUnauthorizedCall(address caller, address target, bytes4 selector)",
  "error AccessManagerUnauthorizedCancel(address msgsender, address caller, address target, bytes4 selector)",
  "error AccessManagerAlreadyScheduled(bytes32 operationId)",
  "error AccessManagerLockedRole(uint64 roleId)",
  "error AccessManagerLockedFunction(bytes4 selector)",
  "error AccessManagerNotReady(bytes32 operationId)",
  "error AccessManagerNotScheduled(bytes32 operationId)",
  "error AccessManagerExpired(bytes32 operationId)",
  "error CalldataAbiMalformed(uint256 position)",
];
