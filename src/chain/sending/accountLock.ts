import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { InputError } from "../../inputError.ts";
import { STATE_VARIABLE, stateFolder } from "../../journal/place.ts";
import { asOwnerOf } from "../../service/store/asOwner.ts";
import { holdFile } from "../../service/store/lock.ts";

/** The folder of what keeps an account to one program of this user on this machine. */
export const accountsFolder = (): string => join(stateFolder("the locks of accounts"), "accounts");

/** Names an account on a chain in files. */
export const accountName = (chainId: bigint, address: string): string =>
  `${chainId.toString()}-${address.toLowerCase()}`;

/**
 * Holds an account on a chain for this process, until it lets go or ends, however it ends. Programs of root share the folder with those of its owner.
 *
 * @returns What lets go.
 * @throws {InputError} When another process sends with it, or the folder is of no use.
 */
export function holdAccount(folder: string, chainId: bigint, address: string): () => void {
  const refusal = (holder: string, cause: unknown): InputError => {
    const problem = `The account ${address} is in use on chain ${chainId.toString()} by another program, ${holder}`;
    const remedy =
      "Stop that one, give this one a key of its own, or have it hand its transactions over by `sender.socket`.";
    return new InputError(problem, remedy, { cause });
  };
  try {
    return asOwnerOf(folder, () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return holdFile(join(folder, `${accountName(chainId, address)}.lock`), refusal);
    });
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const problem = `The folder ${folder}, which keeps an account to one program, cannot be used`;
    const remedy = `Have it and what is in it belong to this program's user, or name another with ${STATE_VARIABLE}.`;
    throw new InputError(problem, remedy, { cause });
  }
}
