import { toBeHex } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import { artifactOf, type ArtifactName } from "../../modules/artifacts.ts";
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
    replaceImmutable(connection, { address: book.contracts[name], artifact, value });
  await patch("validatorSet", "ValidatorSet", await validatorSet.exitDelay());
  await patch("nodeRegistry", "NodeRegistry", await nodeRegistry.releaseDelay());
}

interface Immutable {
  readonly address: string;
  readonly artifact: ArtifactName;
  /** What it is: no other immutable of the contract may be the same. */
  readonly value: bigint;
}

/** Gives the one immutable of a value the short delay instead. */
async function replaceImmutable(connection: NetworkConnection, { address, artifact, value }: Immutable): Promise<void> {
  const { immutableReferences = {} } = artifactOf(artifact);
  const code = Buffer.from((await connection.ethers.provider.getCode(address)).slice(2), "hex");
  const word = Buffer.from(toBeHex(value, 32).slice(2), "hex");
  const found = Object.values(immutableReferences).filter(([place]) =>
    word.equals(code.subarray(place?.start ?? 0, (place?.start ?? 0) + 32)),
  );
  const [places = []] = found;
  if (found.length !== 1) throw new Error(`${artifact} has ${String(found.length)} immutables of ${String(value)}`);
  for (const { start } of places) code.write(toBeHex(SHORT_DELAY, 32).slice(2), start, "hex");
  await connection.provider.request({ method: "hardhat_setCode", params: [address, `0x${code.toString("hex")}`] });
}
