import { causesOf, type Thrown } from "./causes.ts";

/**
 * Finds revert data in what a provider, ethers or Hardhat threw. Only what proves that the chain has run a call and a contract has refused it counts:
 * an endpoint that fails to run one answers by an error too, and ethers gives both the same name.
 *
 * @returns The data in hex, `0x` for a revert without data, or nothing when the failure is not proven to be a revert.
 */
export function revertDataOf(error: unknown): string | undefined {
  const answers = causesOf(error).flatMap((thrown) => answersIn(thrown));
  const reason = answers.map(dataIn).find((data) => data !== undefined && data !== "0x");
  return reason ?? (answers.some(isSilentRevert) ? "0x" : undefined);
}

/** Whether the chain itself refused: what was asked for is not so, whoever is asked. */
export function isRevert(error: unknown): boolean {
  return revertDataOf(error) !== undefined;
}

/** The code of geth for a revert, which all others have taken over; without one where an error of another kind has to be made of revert data. */
export const REVERTED = 3;
/** The code of OpenEthereum, and of Nethermind in its time, for whatever ends a call. */
const ENDED = -32015;

/**
 * How nodes begin to tell of a revert for which they have neither code nor data: geth before 1.15.6, Erigon before 3.1, Nethermind before 1.35 and Besu;
 * Hardhat 2 and Ganache. They have one code for it and for failures of their own. What a contract says itself comes after.
 */
const REVERTS =
  /^(?:Error: )?(?:execution reverted|VM Exception while processing transaction: revert|Transaction reverted)/i;
/** How geth and Reth tell that a contract has ended itself, as compilers had it before there were reverts. */
const ABORTS = /^invalid (?:opcode: INVALID|jump destination)$|^EVM error: Invalid(?:FEOpcode|Jump)$/;
/** How nodes of the Parity family say in an error's data that it is a revert. */
const REVERT_DATA = /^revert(?:ed)?\b/i;
const OUT_OF_GAS = /out ?of ?gas/i;

/** So deep do wallets and Hardhat put a node's error into the data of another one. */
const DEPTH = 3;

/** An error, and those that it has in place of data. */
function answersIn(thrown: Thrown, depth = 0): readonly Thrown[] {
  const inner = ["data", "originalError"]
    .map((key) => thrown[key])
    .filter((value): value is Thrown => typeof value === "object" && value !== null);
  return [thrown, ...(depth < DEPTH ? inner.flatMap((each) => answersIn(each, depth + 1)) : [])];
}

/** The data that an error carries itself, in hex; nodes of the Parity family put a word before it. */
function dataIn({ data }: Thrown): string | undefined {
  return typeof data === "string" ? /^(?:Reverted )?(0x(?:[0-9a-f]{2})*)$/i.exec(data)?.[1] : undefined;
}

/** Whether an error proves a revert without showing its data. That they are empty does not: they are where a call ran out of gas, too. */
function isSilentRevert(thrown: Thrown): boolean {
  return typeof thrown["code"] === "number" ? isToldByNode(thrown) : isToldByEthers(thrown);
}

function isToldByNode({ code, data, message: words }: Thrown): boolean {
  if (code === REVERTED) return true;
  const told = String(words);
  if (REVERTS.test(told) || ABORTS.test(told) || REVERT_DATA.test(String(data))) return true;
  return code === ENDED && !OUT_OF_GAS.test(`${told} ${String(data)}`);
}

/** Ethers has empty data only for what the node has called a revert; and of a transaction that was mined it has the receipt. */
function isToldByEthers({ code, data, receipt }: Thrown): boolean {
  if (code !== "CALL_EXCEPTION") return false;
  return data === "0x" || (typeof receipt === "object" && (receipt as { status?: unknown } | null)?.status === 0);
}
