import { Interface, type ErrorFragment, type JsonFragment, type Result } from "ethers";

import * as abis from "./abi/index.ts";
import { formatAmount, formatDuration, formatRate, formatTime } from "./amounts.ts";
import { enumName, enums, type EnumName } from "./enums.ts";
import { attestationErrors } from "./errors/attestation.ts";
import { challengeManagerErrors } from "./errors/challengeManager.ts";
import { collateralErrors } from "./errors/collateral.ts";
import { collateralStoreErrors } from "./errors/collateralStore.ts";
import { dataGrantsErrors } from "./errors/dataGrants.ts";
import { dcapErrors } from "./errors/dcap.ts";
import { dcapVerifierErrors } from "./errors/dcapVerifier.ts";
import { foreignErrors, foreignErrorSignatures } from "./errors/foreign.ts";
import { moneyErrors } from "./errors/money.ts";
import { nodeRegistryErrors } from "./errors/nodeRegistry.ts";
import { orderEscrowErrors } from "./errors/orderEscrow.ts";
import { resultDemandsErrors } from "./errors/resultDemands.ts";
import { taskEscrowErrors } from "./errors/taskEscrow.ts";
import type { ErrorTable } from "./errors/table.ts";
import { isRevert, revertDataOf } from "./revertData.ts";

export { isRevert, revertDataOf };

/** A contract's refusal in words. */
export interface DecodedError {
  /** The error's name in Solidity. */
  readonly name: string;
  /** Its arguments by name; numbers in decimal. */
  readonly args: Readonly<Record<string, string>>;
  /** What is the matter. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The revert data. */
  readonly data: string;
}

/** Cause and remedy of every error that our contracts can give, by name. */
export const errorTexts: ErrorTable = {
  ...attestationErrors,
  ...challengeManagerErrors,
  ...collateralErrors,
  ...collateralStoreErrors,
  ...dataGrantsErrors,
  ...dcapErrors,
  ...dcapVerifierErrors,
  ...foreignErrors,
  ...moneyErrors,
  ...nodeRegistryErrors,
  ...orderEscrowErrors,
  ...resultDemandsErrors,
  ...taskEscrowErrors,
};

const PANICS: Readonly<Record<string, string>> = {
  "1": "an assertion failed",
  "17": "arithmetic overflowed",
  "18": "a division by zero",
  "33": "a value outside its enum",
  "50": "an index outside its array",
  "65": "too much memory was asked for",
};

let known: Interface | undefined;

/** Every error that our contracts and the foreign ones beside them can give. It is made when a contract first refuses. */
function knownErrors(): Interface {
  const own = Object.values(abis).flatMap((abi: readonly JsonFragment[]) => abi.filter(({ type }) => type === "error"));
  return (known ??= new Interface([...foreignErrorSignatures, ...own]));
}

/**
 * Decodes the refusal in what a provider, ethers or Hardhat threw.
 *
 * @param decimals The decimals of the platform's token, in which amounts are written.
 * @param words What to call the platform's modules, by their addresses.
 * @returns Nothing when the failure is not a revert.
 */
export function decodeRevert(error: unknown, decimals = 18, words: Words = new Map()): DecodedError | undefined {
  const data = revertDataOf(error);
  return data === undefined ? undefined : decodeError(data, decimals, words);
}

type Words = ReadonlyMap<string, string>;

/**
 * Says what revert data means.
 *
 * @param data What a call returned when it reverted, in hex.
 * @param decimals The decimals of the platform's token, in which amounts are written.
 * @param words What to call the platform's modules, by their addresses.
 * @returns A decoded error, also for the errors that Solidity itself gives and for data that nobody knows.
 */
export function decodeError(data: string, decimals = 18, words: Words = new Map()): DecodedError {
  if (data === "0x") {
    return plain("EmptyRevert", "The contract refused without a reason.", "Check the addresses and the network.", data);
  }
  const selector = data.slice(0, 10).toLowerCase();
  const builtin = decodeBuiltin(selector, data);
  if (builtin !== undefined) return builtin;
  const fragment = knownErrors().getError(selector);
  const decoded = fragment === null ? undefined : tryDecode(knownErrors(), fragment, data);
  if (fragment === null || decoded === undefined) {
    const remedy = "Check that the addresses are those of this platform, on this network.";
    return plain("UnknownError", `The contract refused with the unknown data ${shorten(data)}.`, remedy, data);
  }
  return describe(fragment, decoded, { decimals, words }, data);
}

function describe(fragment: ErrorFragment, decoded: Result, terms: Terms, data: string): DecodedError {
  const { name, inputs } = fragment;
  const args = Object.fromEntries(inputs.map((input, i) => [input.name, String(decoded[i])]));
  const [cause, remedy] = errorTexts[name] ?? [`The contract refused: ${name}.`, "See its documentation."];
  return { name, args, cause: fill(cause, args, terms), remedy: fill(remedy, args, terms), data };
}

function plain(name: string, cause: string, remedy: string, data: string): DecodedError {
  return { name, args: {}, cause, remedy, data };
}

function tryDecode(coder: Interface, fragment: ErrorFragment, data: string): Result | undefined {
  try {
    const result = coder.decodeErrorResult(fragment, data);
    return result.toArray().length === fragment.inputs.length ? result : undefined;
  } catch {
    return undefined;
  }
}

const builtins = new Interface(["error Error(string message)", "error Panic(uint256 code)"]);

function decodeBuiltin(selector: string, data: string): DecodedError | undefined {
  const fragment = builtins.getError(selector);
  if (fragment === null) return undefined;
  const decoded = tryDecode(builtins, fragment, data);
  if (decoded === undefined) return undefined;
  const value = String(decoded[0]);
  const args = { [fragment.inputs[0]?.name ?? "value"]: value };
  const cause = fragment.name === "Error" ? value : `A contract failed: ${PANICS[value] ?? `panic ${value}`}.`;
  return { name: fragment.name, args, cause, remedy: "This comes from a contract other than the platform's.", data };
}

function shorten(data: string): string {
  return data.length <= 74 ? data : `${data.slice(0, 74)}... (${(data.length / 2 - 1).toString()} bytes)`;
}

/** In what the values of errors are written. */
interface Terms {
  readonly decimals: number;
  readonly words: Words;
}

function fill(template: string, args: Readonly<Record<string, string>>, terms: Terms): string {
  return template.replace(/\{(\w+)(?::(\w+))?\}/g, (whole, name: string, form: string | undefined) => {
    const value = args[name];
    return value === undefined ? whole : inForm(value, form, terms);
  });
}

const FORMS: Readonly<Record<string, (value: string, terms: Terms) => string>> = {
  tokens: (value, { decimals }) => formatAmount(BigInt(value), decimals),
  rate: (value, { decimals }) => formatRate(BigInt(value), decimals),
  time: (value) => formatTime(BigInt(value)),
  duration: (value) => formatDuration(BigInt(value)),
  word: (value, { words }) => words.get(value) ?? value,
  module: (value, { words }) => (words.has(value) ? `the module "${words.get(value) ?? ""}" (${value})` : value),
};

function inForm(value: string, form: string | undefined, terms: Terms): string {
  if (form === undefined) return value;
  const write = Object.hasOwn(FORMS, form) ? FORMS[form] : undefined;
  if (write !== undefined) return write(value, terms);
  return form in enums ? enumName(form as EnumName, BigInt(value)) : value;
}
