import type { ErrorTable } from "./table.ts";

/** Of StakeVault, ValidatorRewards, HardwareCatalog and UserRegistry. */
export const moneyErrors: ErrorTable = {
  StakeVaultInvalidAmount: ["{amount:tokens} tokens are no possible amount.", "Give more than zero and less than 2^128."],
  StakeVaultInvalidReceiver: ["{receiver} cannot receive.", "Give an account, neither zero nor the vault."],
  StakeVaultUnexpectedAmount: [
    "The token moved {received:tokens} instead of {expected:tokens}.",
    "The platform takes no tokens that charge a fee on transfer or rebase.",
  ],
  StakeVaultInsufficientFreeStake: [
    "{account} has {free:tokens} tokens of free stake and needs {needed:tokens}.",
    "Deposit more with `stake deposit`, or wait until locks are released (`stake show`).",
  ],
  StakeVaultCapExceeded: [
    "{account} allows {module} to lock {cap:tokens} tokens; {locked:tokens} are locked and {needed:tokens} more are needed.",
    "Allow more with `stake allow`.",
  ],
  StakeVaultInsufficientLock: [
    "{module} holds {locked:tokens} tokens of {account} locked, less than {needed:tokens}.",
    "A module releases and slashes only what it locked.",
  ],
  ValidatorRewardsInvalidAmount: ["An amount of {amount:tokens} tokens is none.", "Give more than zero."],
  ValidatorRewardsInvalidReceiver: ["{receiver} cannot receive.", "Give an account, neither zero nor the contract."],
  ValidatorRewardsUnexpectedAmount: [
    "The token moved {received:tokens} instead of {expected:tokens}.",
    "The platform takes no tokens that charge a fee on transfer or rebase.",
  ],
  ValidatorRewardsPeriodOpen: [
    "Period {period} is not over; {current} is running.",
    "Wait until its 24 epochs are over: `rewards show`.",
  ],
  ValidatorRewardsNothingDue: [
    "{validator} has no points in period {period}, or was paid.",
    "See what is due with `rewards show`.",
  ],
  ValidatorRewardsNothingToRollOver: [
    "Period {period} has an empty pot, or points whose holders own it.",
    "Nothing is left to pass on.",
  ],
  HardwareCatalogUnknownModel: ["There is no hardware model {modelId}.", "See the models with `platform status`."],
  HardwareCatalogModelNotListed: [
    "Model {modelId} takes no new nodes.",
    "Choose a listed model from `platform status`.",
  ],
  HardwareCatalogInvalidKind: ["The kind {kind:HardwareKind} is none.", "Say CpuCore or Gpu."],
  HardwareCatalogInvalidHashRate: [
    "{hashRate} hashes a second is no possible rate.",
    "Give 1 to 2^48-1 hashes a second.",
  ],
  HardwareCatalogInvalidName: ['The name "{name}" does not do.', "Give 1 to 64 bytes."],
  UserRegistryInvalidKey: [
    "{key} is no {scheme:KeyScheme} public key.",
    "Give 32 bytes for X25519, or 33 compressed bytes for Secp256k1.",
  ],
  UserRegistryNoKey: ["{account} has no encryption key.", "Register one first."],
  UserRegistryInvalidSignature: [
    "The signature is not {account}'s for its next nonce.",
    "Sign again with the current nonce, on this network.",
  ],
  UserRegistryExpiredSignature: ["The signature expired on {deadline:time}.", "Sign again with a later deadline."],
};
