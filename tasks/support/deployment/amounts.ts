import { DeploymentError } from "./errors.ts";
import { formatAmount, parseAmount } from "../../../src/amounts.ts";
import { InputError } from "../../../src/inputError.ts";
import type { TokenFacts } from "../../../src/token.ts";

/** The token of a deployment, as far as amounts need it. */
export interface Money extends TokenFacts {
  /** Base units that exist. */
  readonly supply: bigint;
}

const UINT96 = 2n ** 96n - 1n;
const UINT128 = 2n ** 128n - 1n;

/** The parameters that are amounts: what they are by default, in tokens, and the most base units that contracts take. */
const amounts = {
  validatorMinimumStake: { usual: "10000", most: UINT128 },
  demandBond: { usual: "100", most: UINT128 },
  resultBond: { usual: "10", most: UINT128 },
  nodeMinimumStake: { usual: "1000", most: UINT96 },
} as const;

/** The name of a parameter that is an amount. */
export type AmountName = keyof typeof amounts;

/** The parameters that are amounts. */
export const amountNames = Object.keys(amounts) as AmountName[];

/**
 * The amounts of a deployment in the token's base units, those that are not given by their defaults.
 *
 * @throws {DeploymentError} For an amount that the token cannot express, that does not exist, or that contracts cannot hold.
 */
export function resolveAmounts(
  given: Readonly<Partial<Record<string, string | number | bigint>>>,
  money: Money,
): Record<AmountName, bigint> {
  const resolved = amountNames.map((name) => [name, resolve(name, given[name] ?? amounts[name].usual, money)]);
  return Object.fromEntries(resolved) as Record<AmountName, bigint>;
}

function resolve(name: AmountName, given: string | number | bigint, money: Money): bigint {
  const { symbol, decimals, supply } = money;
  const amount = typeof given === "string" ? inUnits(name, given, money) : BigInt(given);
  if (amount > supply) {
    const problem = `${name} is ${formatAmount(amount, decimals)} ${symbol}, and only ${formatAmount(supply, decimals)} exist`;
    throw new DeploymentError("INVALID_AMOUNT", problem, `Give less in the parameter file: "${name}", in tokens.`);
  }
  if (amount > amounts[name].most) {
    const problem = `${name} is ${amount.toString()} base units of ${symbol}, more than the ${amounts[name].most.toString()} that the contracts can hold`;
    throw new DeploymentError("INVALID_AMOUNT", problem, `Give less in the parameter file: "${name}", in tokens.`);
  }
  return amount;
}

function inUnits(name: AmountName, text: string, { symbol, decimals }: Money): bigint {
  try {
    return parseAmount(text, decimals);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const problem = `${name} is no amount of ${symbol}: ${error.problem}`;
    throw new DeploymentError("INVALID_AMOUNT", problem, `${error.remedy} Set "${name}" in the parameter file.`);
  }
}
