import { parseUnits, toQuantity, type FeeData } from "ethers";

import type { Context } from "../context.ts";
import { InputError } from "../../../src/inputError.ts";

/** What a unit of gas costs, in wei. */
export interface Fees {
  /** What to send with a transaction; nothing where the network's settings and Hardhat decide. */
  readonly fields: Readonly<Record<string, string>>;
  /** What a unit is expected to cost. */
  readonly price: bigint;
  /** What it may cost at most. */
  readonly most: bigint;
}

function parseGwei(text: string, option: string): bigint {
  if (/^\d+(\.\d{1,9})?$/.test(text)) return parseUnits(text, "gwei");
  const remedy = "Give gwei, such as 30 or 0.5.";
  throw new InputError(`"${text}" is not a fee for --${option}`, remedy);
}

function feesIn({ gasPrice, maxFeePerGas, maxPriorityFeePerGas }: FeeData): NetworkFees {
  const expected = gasPrice ?? maxFeePerGas ?? 0n;
  return { expected, most: maxFeePerGas ?? undefined, tip: maxPriorityFeePerGas ?? undefined };
}

/** What the options and the network say about fees. */
export async function feesOf({ provider, options }: Context): Promise<Fees> {
  const network = feesIn(await provider.getFeeData());
  const { maxFee, priorityFee } = options;
  if (maxFee === undefined && priorityFee === undefined) {
    return { fields: {}, price: network.expected, most: network.most ?? network.expected };
  }
  const most = maxFee === undefined ? undefined : parseGwei(maxFee, "max-fee");
  return chosenFees(most, priorityFee === undefined ? undefined : parseGwei(priorityFee, "priority-fee"), network);
}

/** The network's own figures; the latter two are missing where it does not know EIP-1559. */
interface NetworkFees {
  readonly expected: bigint;
  readonly most: bigint | undefined;
  readonly tip: bigint | undefined;
}

function chosenFees(most: bigint | undefined, tip: bigint | undefined, network: NetworkFees): Fees {
  if (network.most === undefined) return legacyFees(most, tip, network.expected);
  const suggested = network.tip ?? 0n;
  const base = network.most - suggested;
  const priority = tip ?? (most !== undefined && most < suggested ? most : suggested);
  const limit = most ?? base + priority;
  if (priority > limit) {
    const problem = `A priority fee of ${inGwei(priority)} is more than the whole fee of ${inGwei(limit)} that --max-fee allows`;
    throw new InputError(problem, "Give a higher --max-fee, or a lower --priority-fee.");
  }
  const fields = { maxFeePerGas: toQuantity(limit), maxPriorityFeePerGas: toQuantity(priority) };
  const price = base / 2n + priority;
  return { fields, price: price < limit ? price : limit, most: limit };
}

function legacyFees(most: bigint | undefined, tip: bigint | undefined, expected: bigint): Fees {
  if (tip !== undefined) {
    throw new InputError(
      "This network knows no priority fees",
      "Leave out --priority-fee; --max-fee is the gas price.",
    );
  }
  const price = most ?? expected;
  return { fields: { gasPrice: toQuantity(price) }, price, most: price };
}

const inGwei = (wei: bigint): string => `${String(Number(wei) / 1e9)} gwei`;
