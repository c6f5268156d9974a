import type { NetworkConnection } from "hardhat/types/network";

import { replaceImmutable } from "./immutables.ts";
import type { ArtifactName } from "../../modules/artifacts.ts";
import type { AddressBook, ContractName } from "../../src/deployments.ts";
import { InputError } from "../../src/inputError.ts";
import { connectProtocol } from "../../src/protocol.ts";

/** How long unbonding and release take with short delays, in seconds. */
export const SHORT_DELAY = 180n;

/** Reads how long the delays shall be; whether they are short. */
export function parseDelays(text: string): boolean {
  if (text === "short" || text === "real") return text === "short";
  throw new InputError(`"${text}" is not how long delays can be`, "Give short or real.");
}

/**
 * Makes the exit delay of validators and the release delay of nodes a matter of minutes, in the code of the contracts on a local
 * chain. Their constructors take days only, because evidence may come late: no parameter can do this, and no other chain.
 */
export async function shorten(connection: NetworkConnection, book: AddressBook): Promise<void> {
  const { validatorSet, nodeRegistry } = connectProtocol(book, connection.ethers.provider);
  const patch = async (name: ContractName, artifact: ArtifactName, value: bigint): Promise<void> =>
    replaceImmutable(connection, { address: book.contracts[name], artifact, value }, SHORT_DELAY);
  await patch("validatorSet", "ValidatorSet", await validatorSet.exitDelay());
  await patch("nodeRegistry", "NodeRegistry", await nodeRegistry.releaseDelay());
}
