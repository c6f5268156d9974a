import { causesOf, type Thrown } from "./causes.ts";

/**
 * Finds revert data in what a provider, ethers or Hardhat threw.
 *
 * @returns The data in hex, `0x` for a revert without data, or nothing when the failure is not a revert.
 */
export function revertDataOf(error: unknown): string | undefined {
  const thrown = causesOf(error);
  const data = thrown.map(ownDataOf).find((found) => found !== undefined);
  return data ?? (thrown.some(isRevert) ? "0x" : undefined);
}

/** What an error carries as data: itself, or as some nodes answer, in an object there. */
function dataOf({ data }: Thrown): unknown {
  return typeof data === "object" && data !== null && "data" in data ? data.data : data;
}

/** The revert data that an error carries itself, where there is some; nodes of the Parity family put a word before it. */
function ownDataOf(thrown: Thrown): string | undefined {
  const data = dataOf(thrown);
  return typeof data === "string" ? /^(?:Reverted )?(0x[0-9a-f]+)$/i.exec(data)?.[1] : undefined;
}

/** How ethers, geth, and nodes of the Parity family number a revert. */
const REVERT_CODES: readonly unknown[] = ["CALL_EXCEPTION", 3, -32015];

/** Whether an error is a revert without data. What a node says in words decides nothing. */
function isRevert(thrown: Thrown): boolean {
  return REVERT_CODES.includes(thrown["code"]) || dataOf(thrown) === "0x";
}
