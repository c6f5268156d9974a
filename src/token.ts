import { decodeBytes32String, Interface, isHexString, type ContractRunner } from "ethers";

import { isRevert } from "./revertData.ts";
import { InputError } from "./inputError.ts";

/** What people need to know to read and write amounts of a token. */
export interface TokenFacts {
  readonly symbol: string;
  readonly decimals: number;
}

const metadata = new Interface(["function symbol() view returns (string)", "function decimals() view returns (uint8)"]);

/** What a getter returns; nothing where the contract has no such function. */
async function answerOf(token: string, getter: string, runner: ContractRunner): Promise<string | undefined> {
  try {
    return await runner.call?.({ to: token, data: metadata.encodeFunctionData(getter) });
  } catch (error) {
    if (!isRevert(error)) throw error;
    return undefined;
  }
}

/** Reads a text: a `string` as ERC-20 has it, or the `bytes32` of tokens that are older than it. */
function parseText(answer: string): string {
  try {
    if (isHexString(answer, 32)) return decodeBytes32String(answer);
    return metadata.decodeFunctionResult("symbol", answer)[0] as string;
  } catch {
    return "";
  }
}

/**
 * Reads what a token calls itself and how many decimals it has.
 *
 * @param token The token's address.
 * @returns Its symbol, or its address shortened where it has none.
 * @throws {InputError} For a contract that does not say its decimals.
 */
export async function readToken(token: string, runner: ContractRunner): Promise<TokenFacts> {
  const [symbol, decimals] = await Promise.all([
    answerOf(token, "symbol", runner),
    answerOf(token, "decimals", runner),
  ]);
  if (!isHexString(decimals, 32) || BigInt(decimals) > 255n) {
    const problem = `The contract ${token} does not say how many decimals its token has`;
    throw new InputError(problem, "Give the address of an ERC-20 token that has decimals().");
  }
  const text = symbol === undefined ? "" : parseText(symbol);
  return { symbol: text === "" ? `${token.slice(0, 6)}…${token.slice(-4)}` : text, decimals: Number(decimals) };
}
