import type { ErrorTable } from "./table.ts";

/** Of StakeVault, ValidatorRewards, HardwareCatalog and UserRegistry. */
export const moneyErrors: ErrorTable = {
  StakeVaultInvalidAmount: [
    "The amount of {amount:tokens} tokens is not possible.",
    "Give more than zero and less than 2^128.",
  ],
  StakeVaultInvalidReceiver: ["{receiver} cannot receive tokens.", "Give an account other than zero and the vault."],
  StakeVaultUnexpectedAmount: [
    "The token moved {received:tokens} instead of {expected:tokens}.",
    "The platform takes no tokens that charge a fee on transfer or rebase.",
  ],
  StakeVaultInsufficientFreeStake: [
    "{account} has {free:tokens} tokens of free stake and needs {needed:tokens}.",
    "{account} can deposit more with `stake deposit`, or wait until locks are released (`stake show`); if that is not you, ask its owner, or take another offer.",
  ],
  StakeVaultCapExceeded: [
    "{account} allows {module:module} to lock {cap:tokens} tokens; {locked:tokens} are locked and {needed:tokens} more are needed.",
    "{account} can allow more with `stake allow {module:word} CAP`; if that is not you, ask its owner, or take another offer.",
  ],
  StakeVaultInsufficientLock: [
    "{module:module} holds {locked:tokens} tokens of {account} locked, less than {needed:tokens}.",
    "A module releases and slashes only what it locked.",
  ],
  ValidatorRewardsMismatch: [
    "The rewards are paid in {actual}, the platform's stake is in {expected}.",
    "Deploy with the module, which wires one platform.",
  ],
  ValidatorRewardsInvalidAmount: [
    "The amount must be greater than zero, not {amount:tokens} tokens.",
    "Give an amount above zero.",
  ],
  ValidatorRewardsInvalidReceiver: [
    "{receiver} cannot receive tokens.",
    "Give an account other than zero and the contract.",
  ],
  ValidatorRewardsUnexpectedAmount: [
    "The token moved {received:tokens} instead of {expected:tokens}.",
    "The platform takes no tokens that charge a fee on transfer or rebase.",
  ],
  ValidatorRewardsPeriodOpen: [
    "Period {period} is not over; {current} is running.",
    "Wait until the period's 24 epochs are over: `rewards show`.",
  ],
  ValidatorRewardsNothingDue: [
    "{validator} has no points in period {period}, or has already been paid for it.",
    "See what is due with `rewards show`.",
  ],
  ValidatorRewardsNothingToRollOver: [
    "The pot of period {period} is empty, or belongs to the validators with points in it.",
    "There is nothing to pass on.",
  ],
  HardwareCatalogUnknownModel: ["There is no hardware model {modelId}.", "See the models with `platform status`."],
  HardwareCatalogModelNotListed: [
    "Model {modelId} takes no new nodes.",
    "Choose a listed model from `platform status`.",
  ],
  HardwareCatalogInvalidKind: ["A model cannot be of the kind {kind:HardwareKind}.", "Give CpuCore or Gpu."],
  HardwareCatalogInvalidHashRate: [
    "A hash rate of {hashRate} hashes a second is out of range.",
    "Give 1 to 2^48-1 hashes a second.",
  ],
  HardwareCatalogInvalidName: ['The name "{name}" is empty or too long.', "Give 1 to 64 bytes."],
  UserRegistryInvalidKey: [
    "{key} is not a public key of the scheme {scheme:KeyScheme}.",
    "Give 32 bytes for X25519, or 33 compressed bytes for Secp256k1.",
  ],
  UserRegistryNoKey: ["{account} has no encryption key.", "Register one first."],
  UserRegistryInvalidSignature: [
    "{account} did not sign this key with its next nonce.",
    "Sign again with the current nonce, on this network.",
  ],
  UserRegistryExpiredSignature: ["The signature expired on {deadline:time}.", "Sign again with a later deadline."],
};
