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
    "Schedule it with the access manager, then execute it after the delay.",
  ],
  AccessManagerUnauthorizedAccount: ["{msgsender} lacks the role {roleId}.", "Use an account that has the role."],
  AccessManagerNotReady: ["The operation {operationId} is not ready.", "Wait for its delay to pass."],
  AccessManagerNotScheduled: ["The operation {operationId} is not scheduled.", "Schedule it first."],
  AccessManagerExpired: ["The operation {operationId} has expired.", "Schedule it again."],
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
  "error AccessManagerNotReady(bytes32 operationId)",
  "error AccessManagerNotScheduled(bytes32 operationId)",
  "error AccessManagerExpired(bytes32 operationId)",
  "error CalldataAbiMalformed(uint256 position)",
];
